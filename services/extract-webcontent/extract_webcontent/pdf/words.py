"""The words of a PDF with their places, by PDFium. No script of a document is ever run: forms are not opened."""

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

MAX_PAGES = 200
MAX_CHARACTERS = 1_000_000
# Smaller type than this is not for reading.
LEAST_SIZE = 1.5
HYPHEN_MARKS = frozenset({0x00AD, 0xFFFE, 0x0002})
ERROR_PASSWORD = "Incorrect password"  # noqa: S105 (the library's message)


class UnreadablePdf(ValueError):
    """The message says why, as the end of "The PDF …"."""


class PdfTooLarge(ValueError):
    """The message says in which way."""


@dataclass(slots=True)
class Word:
    """Text and its box as fractions of the page, from the top left corner. `size` is that of the type, in points."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class PdfPage:
    """`ratio` is height by width: with it, distances along both axes can be compared."""

    number: int
    width: float
    height: float
    words: list[Word]


def read_pages(body: bytes) -> tuple[str | None, list[PdfPage]]:
    """The document's title as it states it, and the words of its pages. Raises UnreadablePdf or PdfTooLarge."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if ERROR_PASSWORD in str(error):
            raise UnreadablePdf("is protected by a password") from None
        raise UnreadablePdf("is damaged") from None
    with closing(document):
        count = len(document)
        if count > MAX_PAGES:
            raise PdfTooLarge(f"more than {MAX_PAGES} pages")
        pages: list[PdfPage] = []
        characters = 0
        for index in range(count):
            try:
                page = document[index]
            except pypdfium2.PdfiumError:
                # One broken page does not make the others unreadable.
                continue
            with closing(page), closing(page.get_textpage()) as text_page:
                characters += text_page.count_chars()
                if characters > MAX_CHARACTERS:
                    raise PdfTooLarge(f"more than {MAX_CHARACTERS:,} characters")
                width, height = page.get_size()
                if width > 0 and height > 0:
                    words = list(words_of(page, text_page, index + 1))
                    pages.append(PdfPage(index + 1, width, height, words))
        if not pages:
            raise UnreadablePdf("is damaged: it has no page that can be read")
        title = " ".join((document.get_metadata_value("Title") or "").replace("\0", " ").split())[:500]
    return title or None, pages


def words_of(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int) -> Iterator[Word]:
    """In the order of the document. A gap as wide as a space ends a word, whether a space stands there or not."""
    raw = text_page.raw
    box = pdfium.FS_RECTF()
    to_place = Placing(page)
    letters: list[str] = []
    edges = (0.0, 0.0, 0.0, 0.0)
    size = 0.0
    bold = False
    for index in range(text_page.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        visible = code > 0x20 and code not in HYPHEN_MARKS and not chr(code).isspace()
        place = None
        if visible and pdfium.FPDFText_GetLooseCharBox(raw, index, ctypes.byref(box)):
            place = to_place(box)
        elif code in HYPHEN_MARKS and letters:
            letters.append("\u00ad")
            continue
        if place is None or (letters and not continues(edges, place)):
            if letters:
                yield Word("".join(letters), number, *edges, size, bold)
                letters = []
            if place is None:
                continue
        if not letters:
            size = pdfium.FPDFText_GetFontSize(raw, index) * to_place.scale(raw, index)
            if size < LEAST_SIZE:
                continue
            bold = pdfium.FPDFText_GetFontWeight(raw, index) >= 600
            edges = place
        else:
            edges = (edges[0], min(edges[1], place[1]), place[2], max(edges[3], place[3]))
        letters.append(chr(code) if code <= 0x10FFFF else "")
    if letters:
        yield Word("".join(letters), number, *edges, size, bold)


def continues(edges: tuple[float, float, float, float], place: tuple[float, float, float, float]) -> bool:
    """Whether a letter belongs to the word before: on its line, and close to its right edge."""
    height = max(1e-6, edges[3] - edges[1])
    same_line = place[1] < edges[3] - 0.4 * height and place[3] > edges[1] + 0.4 * height
    return same_line and -0.5 * height <= place[0] - edges[2] <= 0.25 * height


class Placing:
    """From PDF space to fractions of the page as it is shown, its rotation included."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_cropbox()
        self.rotation = page.get_rotation()
        self.width = max(1e-6, self.right - self.left)
        self.height = max(1e-6, self.top - self.bottom)

    def __call__(self, box: "pdfium.FS_RECTF") -> tuple[float, float, float, float] | None:
        x0, x1 = (box.left - self.left) / self.width, (box.right - self.left) / self.width
        y0, y1 = (self.top - box.top) / self.height, (self.top - box.bottom) / self.height
        if self.rotation == 90:
            x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
        elif self.rotation == 180:
            x0, y0, x1, y1 = 1 - x1, 1 - y1, 1 - x0, 1 - y0
        elif self.rotation == 270:
            x0, y0, x1, y1 = y0, 1 - x1, y1, 1 - x0
        # What stands outside of the page is not seen.
        if not (-0.01 <= x0 <= x1 <= 1.01 and -0.01 <= y0 <= y1 <= 1.01) or y1 - y0 < 1e-6:
            return None
        return max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1)

    @staticmethod
    def scale(raw: "pdfium.FPDF_TEXTPAGE", index: int) -> float:
        """The type's size alone says nothing when the text matrix enlarges it."""
        matrix = pdfium.FS_MATRIX()
        if not pdfium.FPDFText_GetMatrix(raw, index, ctypes.byref(matrix)):
            return 1.0
        scale = float((matrix.c**2 + matrix.d**2) ** 0.5)
        return scale if 0 < scale < 1_000 else 1.0
