import uuid
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shared.models.base import RequestModel, ResponseModel


class ImageUrls(ResponseModel):
    """Same-origin paths; the numbers are the longest side in pixels."""

    model_config = ConfigDict(populate_by_name=True)

    original: str
    small: str = Field(alias="320")
    medium: str = Field(alias="800")
    large: str = Field(alias="1600")


class ImageRead(ResponseModel):
    id: uuid.UUID
    sha256: str
    position: int
    alt: str
    file_name: str
    width: int
    height: int
    urls: ImageUrls


class ImageUpdate(RequestModel):
    alt: Annotated[str, StringConstraints(max_length=500)] | None = None
    position: int | None = None
