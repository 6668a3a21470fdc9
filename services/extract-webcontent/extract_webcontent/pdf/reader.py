"""`read_pdf`: from the bytes of a PDF to everything that the service answers about a page."""

import html
from contextlib import closing
from time import process_time

from extract_webcontent.pdf.layout import Block, Box, Segment, blocks_of, cell_text
from extract_webcontent.pdf.words import UnreadablePdf, read_pages
from extract_webcontent.reading.document import Document, Node
from extract_webcontent.reading.reader import PageReading, read_document

PLACE = "data-place"


class PdfDocument(Document):
    """Instead of an XPath, its elements have a page and a box."""

    def xpath(self, node: Node | None) -> str | None:
        while node is not None:
            if place := node.attributes.get(PLACE):
                return place
            node = node.parent
        return None


def read_pdf(body: bytes, *, url: str | None, ref: str, want_main_text: bool = True) -> PageReading:
    """Raises UnreadablePdf or PdfTooLarge.

    Locators have `page=2;box=0.12,0.30,0.40,0.02` for an XPath: x, y, width and height as fractions of the page,
    from its top left corner.
    """
    started = process_time()
    title, pages = read_pages(body)
    blocks = blocks_of(pages)
    if not any(block.segments for block in blocks):
        raise UnreadablePdf("holds no text; it is probably a scan")
    with closing(PdfDocument(markup(title, blocks), url)) as document:
        reading = read_document(document, ref, want_main_text=False, may_be_blocked=False)
    if title is None:
        heading = next((block for block in blocks if block.kind == "heading" and block.level == 1), None)
        reading.title = cell_text(heading.segments)[:500] if heading is not None else None
    if want_main_text:
        reading.main_text = "\n\n".join(text for block in blocks if (text := markdown(block))) or None
    reading.cpu_s = process_time() - started
    return reading


def markup(title: str | None, blocks: list[Block]) -> str:
    parts = [f"<html><head><title>{html.escape(title or '')}</title></head><body>"]
    for block in blocks:
        text = block_markup(block)
        # Running heads and feet are navigation, as those of a web page.
        parts.append(f"<footer>{text}</footer>" if block.repeated else text)
    parts.append("</body></html>")
    return "\n".join(parts)


def block_markup(block: Block) -> str:
    if block.kind != "table":
        tag = {"heading": f"h{block.level}", "paragraph": "p", "item": "li"}[block.kind]
        return element(tag, block.segments, html.escape(cell_text(block.segments)))
    rows = []
    for row in block.rows:
        cells = "".join(element("td", cell, html.escape(cell_text(cell))) for cell in row)
        rows.append(element("tr", [segment for cell in row for segment in cell], cells))
    return element("table", block.segments, "".join(rows))


def element(tag: str, segments: list[Segment], inside: str) -> str:
    return f'<{tag} {PLACE}="{place_of([segment.box for segment in segments])}">{inside}</{tag}>'


def place_of(boxes: list[Box]) -> str:
    """Of what goes over a page's end, the first part."""
    if not boxes:
        return ""
    page = boxes[0][0]
    same = [box for box in boxes if box[0] == page]
    left, top = min(box[1] for box in same), min(box[2] for box in same)
    right, bottom = max(box[3] for box in same), max(box[4] for box in same)
    return f"page={page};box={left:.4f},{top:.4f},{right - left:.4f},{bottom - top:.4f}"


def markdown(block: Block) -> str:
    if block.repeated:
        return ""
    if block.kind == "table":
        rows = [[cell_text(cell).replace("|", "\\|") for cell in row] for row in block.rows]
        width = len(rows[0])
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])
    text = cell_text(block.segments)
    return {"heading": f"{'#' * block.level} {text}", "paragraph": text, "item": f"- {text}"}[block.kind]
