"""PDFs made by code: text at places, in Helvetica, compressed or not."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest


@dataclass(slots=True)
class Sheet:
    """One page of A4; `text` places a line by its left edge and baseline, in points from the top left corner."""

    width: float = 595
    height: float = 842
    content: list[str] = field(default_factory=list)
    extra: str = ""

    def text(self, x: float, y: float, words: str, size: float = 10, *, bold: bool = False) -> "Sheet":
        escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        font = "F2" if bold else "F1"
        self.content.append(f"BT /{font} {size} Tf {x} {self.height - y} Td ({escaped}) Tj ET")
        return self


def pdf(*sheets: Sheet, title: str | None = None, catalog: str = "", compress: bool = False) -> bytes:
    objects: list[bytes] = [b"", b""]
    fonts = []
    for name in ("Helvetica", "Helvetica-Bold"):
        objects.append(f"<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>".encode())
        fonts.append(len(objects))
    kids = []
    for sheet in sheets:
        stream = "\n".join(sheet.content).encode("cp1252")
        flags = ""
        if compress:
            stream, flags = zlib.compress(stream), "/Filter/FlateDecode"
        objects.append(f"<</Length {len(stream)}{flags}>>stream\n".encode() + stream + b"\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {sheet.width} {sheet.height}]/Contents {len(objects)} 0 R"
            f"/Resources<</Font<</F1 {fonts[0]} 0 R/F2 {fonts[1]} 0 R>>>>{sheet.extra}>>".encode()
        )
        kids.append(len(objects))
    objects[0] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode()
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode()
    if title is not None:
        objects.append(f"<</Title({title})>>".encode())
    return assembled(objects, f"/Info {len(objects)} 0 R" if title is not None else "")


def assembled(objects: list[bytes], trailer: str = "") -> bytes:
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj".encode() + content + b"endobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    return body + f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF".encode()


def filled(content: bytes, flags: str = "/Filter/FlateDecode", extra: bytes = b"null") -> bytes:
    """One page with these bytes for its content, whatever they are."""
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
            f"<</Length {len(content)}{flags}>>stream\n".encode() + content + b"\nendstream",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R"
            b"/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            extra,
        ]
    )


@pytest.fixture
def sheet() -> Callable[..., Sheet]:
    return Sheet


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    return pdf


@pytest.fixture
def kettle() -> bytes:
    """A datasheet: title, a paragraph, a table of which one value goes over two lines, a list."""
    sheet = Sheet()
    sheet.text(50, 60, "Kettle AquaBoil 1700", 22, bold=True)
    sheet.text(50, 90, "The AquaBoil 1700 boils a litre of water in under three minutes and switches itself off when")
    sheet.text(50, 103, "it boils or when it is empty.")
    sheet.text(50, 135, "Technical data", 14, bold=True)
    rows = [
        ("Capacity", "1.7 l"),
        ("Power", "2200 W"),
        ("Material", "Stainless steel 18/10, brushed on the"),
        ("", "outside"),
        ("EAN", "4006381333931"),
        ("Item no.", "AB-1700-SS"),
        ("Weight", "1.2 kg"),
    ]
    for index, (key, value) in enumerate(rows):
        if key:
            sheet.text(50, 160 + 14 * index, key)
        sheet.text(220, 160 + 14 * index, value)
    sheet.text(50, 300, "• Removable limescale filter")
    sheet.text(50, 314, "• Concealed heating element")
    return pdf(sheet, title="AquaBoil 1700 datasheet")


DEEP = b"[" * 500_000
HOSTILE: dict[str, tuple[bytes, int]] = {
    "damaged": (pdf(Sheet().text(50, 50, "Kettle"))[:300], 415),
    "nothing but a signature": (b"%PDF-1.7 ...", 415),
    "without text": (pdf(Sheet()), 415),
    "protected by a password": (
        pdf(Sheet().text(50, 50, "Kettle")).replace(
            b"trailer<<",
            b"trailer<</Encrypt<</Filter/Standard/V 1/R 2/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")/P -4>>"
            b"/ID[(0123456789abcdef)(0123456789abcdef)]",
        ),
        415,
    ),
    "too many pages": (pdf(*[Sheet().text(50, 50, "Kettle") for _ in range(201)]), 422),
    "a lie about the number of pages": (
        assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 2000000000/Kids[2 0 R 2 0 R]>>"]),
        415,
    ),
    "a bomb of operators": (filled(zlib.compress(b"BT /F1 9 Tf 50 50 Td (x) Tj ET\n" * 10_000_000)), 422),
    "a bomb in a bomb": (
        filled(zlib.compress(zlib.compress(bytes(1_000_000_000), 1), 9), "/Filter[/FlateDecode/FlateDecode]"),
        422,
    ),
    "a form that holds itself": (
        filled(
            b"/X Do",
            "",
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>stream\n/X Do\n"
            b"endstream",
        ),
        415,
    ),
    "deep nesting": (assembled([b"<</Type/Catalog/Pages 2 0 R/X " + DEEP + b">>", b"<</Type/Pages/Count 0>>"]), 415),
}


@pytest.fixture(params=list(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> tuple[bytes, int]:
    return HOSTILE[request.param]
