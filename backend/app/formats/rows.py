"""A row through its mapping: cells by our field names, whatever the file calls its columns."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.formats.cells import plain_header, trim, unguard
from app.formats.items import CatalogueItem
from app.formats.values import MAX_EXTRA, Checks

ATTRIBUTE_PREFIX = "attribute:"
EXTRA = "extra"
IGNORE = "ignore"


def known_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """Our fields by what a header's column is called when case, underscores and spaces are taken away."""
    return {plain_header(column): field for column, field in columns.items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping, sorted out once for a file. Of two columns for one field the first counts."""

    fields: dict[str, str]
    extra: tuple[str, ...]
    attributes: dict[str, str]

    @classmethod
    def of(cls, mapping: Mapping[str, str]) -> "Plan":
        fields: dict[str, str] = {}
        extra = []
        attributes = {}
        for column, field in mapping.items():
            if field == EXTRA:
                extra.append(column)
            elif field.startswith(ATTRIBUTE_PREFIX):
                attributes[column] = field.removeprefix(ATTRIBUTE_PREFIX)
            elif field and field != IGNORE:
                fields.setdefault(field, column)
        return cls(fields, tuple(extra), attributes)

    def has(self, *fields: str) -> bool:
        return any(field in self.fields for field in fields)

    def column(self, field: str) -> str | None:
        return self.fields.get(field)

    def cell(self, cells: Mapping[str, str], field: str) -> str:
        column = self.fields.get(field)
        return "" if column is None else cells.get(column) or ""

    def text(self, cells: Mapping[str, str], field: str) -> str:
        """A text cell, with the guard against formulas taken off."""
        return unguard(self.cell(cells, field))

    def extras(self, cells: Mapping[str, str]) -> dict[str, str]:
        return {column: value for column in self.extra if (value := cells.get(column) or "").strip()}

    def is_empty(self, cells: Mapping[str, str]) -> bool:
        return not any(trim(value or "") for value in cells.values() if isinstance(value, str))


def add_attribute_columns(plan: Plan, cells: Mapping[str, str], item: CatalogueItem, checks: Checks) -> None:
    """Columns that are mapped to one attribute each. An empty cell is no attribute."""
    for column, name in plan.attributes.items():
        value = trim(unguard(cells.get(column) or ""))
        if item.attributes is None:
            item.attributes = []
        if value and (attribute := checks.attribute(name, value, column)):
            item.attributes.append(attribute)


def add_extra(extra: dict[str, str], column: str, value: str, checks: Checks) -> None:
    if len(value) > MAX_EXTRA:
        checks.warning(column, "too-long", f"{len(value):,} characters, which are not kept; the rest of the row is.")
    elif value:
        extra[column] = value


def check_storable(cells: Mapping[str, str], checks: Checks) -> bool:
    """PostgreSQL stores no NUL, and no half of a surrogate pair is a character."""
    for column, value in cells.items():
        if value and ("\x00" in value or not encodable(value)):
            checks.error(column, "unstorable-character", "A NUL or a broken character stands in this cell; remove it.")
            return False
    return True


def encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
