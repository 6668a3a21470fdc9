import uuid
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.formats.items import CatalogueItem
from app.products.importing import ImportMode
from shared.models.base import Language, RequestModel, ResponseModel, Timestamp
from shared.models.problems import Problem

ImportStatus = Literal["ready", "queued", "running", "succeeded", "partial", "failed", "cancelled"]
FormatName = Literal["shopify", "shopify-legacy", "woocommerce", "google", "generic"]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Delimiter = Annotated[str, StringConstraints(pattern=r"^[,;\t|:^~]$")]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=220)]


class ImportUpload(RequestModel):
    """What may be sent beside the file."""

    language: Language = "en"
    currency: Currency | None = None


class ImportUpdate(RequestModel):
    """Only what is sent is changed. Another format, sheet, encoding or delimiter proposes the mapping anew."""

    format: FormatName | None = None
    encoding: Annotated[str, StringConstraints(max_length=40)] | None = None
    delimiter: Delimiter | None = None
    sheet: Annotated[str, StringConstraints(max_length=200)] | None = None
    header_row: int | None = Field(default=None, ge=1, le=200, description="The row with the column names.")
    mapping: dict[ColumnName, FieldName] | None = Field(
        default=None,
        max_length=1_000,
        description="Column to field, or to `attribute:<name>`, `extra` or `ignore`. Others stay as they are.",
    )
    language: Language | None = None
    currency: Currency | None = None


class ImportStart(RequestModel):
    mode: ImportMode = "create_and_update"
    language: Language | None = Field(default=None, description="Of the texts; by default as in the preview.")
    currency: Currency | None = Field(default=None, description="Of prices without one; by default as in the preview.")
    approve_texts: bool = Field(default=False, description="Titles and descriptions count as approved.")
    fetch_images: bool = Field(default=True, description="Download the photos that the file names.")
    replace_attributes: bool = Field(default=False, description="Attributes that the file does not name are removed.")
    dry_run: bool = Field(default=False, description="Only count what would happen.")


class ImportOptions(ResponseModel):
    language: str = "en"
    currency: str | None = None
    mode: ImportMode = "create_and_update"
    approve_texts: bool = False
    fetch_images: bool = True
    replace_attributes: bool = False
    dry_run: bool = False


class RowProblem(ResponseModel):
    """`line` is the row's number in a spreadsheet, where the first is 1."""

    line: int
    column: str | None
    code: str
    message: str


class ImportRead(ResponseModel):
    """`rows_read` counts rows, the others products. `skipped` are those that the mode leaves out."""

    id: uuid.UUID
    status: ImportStatus
    file_name: str
    size: int
    format: FormatName
    encoding: str | None = Field(description="Null for workbooks.")
    delimiter: str | None = Field(description="Null for workbooks.")
    sheet: str | None
    sheets: list[str]
    header_row: int
    mapping: dict[str, str]
    options: ImportOptions
    notes: list[str] = Field(description="What should be known of how the file is read.")
    rows_estimated: int
    rows_read: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    warned: int = Field(description="Imported, but not all of it; listed with the failed ones.")
    seconds_left: int | None = Field(default=None, description="While it runs, by its pace so far.")
    problem: Problem | None = Field(default=None, description="Why it could not go on to the end.")
    created_by: str
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class ImportColumn(ResponseModel):
    name: str
    samples: list[str]
    mapped_to: str


class PreviewRow(ResponseModel):
    """One product as it would be imported; long texts are cut short. Without `item` it would be refused."""

    line: int
    lines: list[int]
    item: CatalogueItem | None
    problems: list[RowProblem]


class ImportPreview(ImportRead):
    columns: list[ImportColumn]
    fields: list[str] = Field(description="What columns may be mapped to, beside `attribute:<name>`.")
    preview: list[PreviewRow]


class FailedRow(ResponseModel):
    id: uuid.UUID
    line: int
    lines: list[int]
    kept: bool = Field(description="Imported all the same, but for what the problems say.")
    problems: list[RowProblem]
