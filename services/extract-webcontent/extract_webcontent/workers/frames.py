"""The language between the service and its reading processes: a length, then JSON. Never pickle: pages are hostile."""

import struct
from typing import Literal

from pydantic import BaseModel

from shared.models.extract import BlockedReason, PageProduct
from shared.models.facts import Fact

LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 128 * 1024 * 1024


class ReadJob(BaseModel):
    """What comes before the page's bytes."""

    url: str | None
    ref: str
    content_type: str | None
    want_main_text: bool
    # HTML that the caller had as text is UTF-8, whatever its <meta> says.
    is_utf8: bool = False
    kind: Literal["html", "pdf"] = "html"


class ReadResult(BaseModel):
    """`failure` is set when the page (or PDF) was refused or broke the reader; then nothing else is."""

    title: str | None = None
    language: str | None = None
    main_text: str | None = None
    snapshot: str = ""
    product: PageProduct | None = None
    facts: list[Fact] = []
    blocked: BlockedReason | None = None
    failure: Literal["unsupported", "too-complex", "out-of-memory", "broken"] | None = None
    detail: str | None = None
    cpu_s: float = 0.0
