"""`POST :8001/api/v1/describe`: what a product photo shows."""

import base64
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.models.base import Confidence, Language, RequestModel, ResponseModel, Sha256, Usage
from shared.models.facts import Fact, Fraction

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_IMAGE_PIXELS = 50_000_000

DescribeEngine = Literal["auto", "label-reader", "qwen2.5-vl"]

Box = tuple[Fraction, Fraction, Fraction, Fraction]
"""x, y, width and height as fractions of the image after EXIF rotation."""


class DescribeOptions(RequestModel):
    """What both forms of the request (JSON and multipart) have in common."""

    prompt: str | None = Field(default=None, max_length=4000)
    language: Language = "en"
    engine: DescribeEngine = "auto"
    model: str | None = Field(default=None, max_length=200)
    hint: str | None = Field(
        default=None, max_length=2000, description="What the merchant says that it is; a hint, never a fact."
    )


class DescribeRequest(DescribeOptions):
    """Exactly one of `image_url` and `image_base64`."""

    image_url: str | None = Field(default=None, max_length=4096)
    # Base64 is a third longer than the bytes; the exact limit is checked after decoding.
    image_base64: str | None = Field(default=None, max_length=MAX_IMAGE_BYTES * 4 // 3 + 1024)

    @model_validator(mode="after")
    def exactly_one_image(self) -> Self:
        if (self.image_url is None) == (self.image_base64 is None):
            raise ValueError("give exactly one of image_url and image_base64")
        return self

    def image_bytes(self) -> bytes:
        """The decoded `image_base64`. Raises ValueError when it is not base64."""
        text = self.image_base64 or ""
        if text.startswith("data:"):
            text = text.partition(",")[2]
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise ValueError("image_base64 is not valid base64") from error


class SeenAttribute(ResponseModel):
    name: str
    value: str
    confidence: Confidence


class SeenColor(ResponseModel):
    name: str
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
    share: Fraction


class VisibleText(ResponseModel):
    text: str
    confidence: Confidence
    box: Box


class Barcode(ResponseModel):
    """`valid` says whether the check digit is right."""

    format: str
    value: str
    valid: bool
    box: Box | None = None


class ImageInfo(ResponseModel):
    """Width and height in pixels, after EXIF rotation."""

    width: int
    height: int
    format: str
    sha256: Sha256
    bytes: int


class DescribeResponse(ResponseModel):
    description: str
    alt_text: str
    product_type: str | None = None
    attributes: list[SeenAttribute] = []
    colors: list[SeenColor] = []
    visible_text: list[VisibleText] = []
    barcodes: list[Barcode] = []
    facts: list[Fact] = []
    image: ImageInfo
    engine: str
    model: str | None = None
    usage: Usage = Usage()
    elapsed_ms: float
    notes: list[str] = Field(
        default=[], description="What the reader should know, e.g. that no vision model looked at the scene."
    )
