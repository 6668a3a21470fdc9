"""From words to lines, from lines to headings, paragraphs, list items and tables."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Literal

from extract_webcontent.pdf.words import PdfPage, Word

# A gap of this many type sizes sets two cells apart; a space has about a quarter.
CELL_GAP = 1.4
BULLET = re.compile(r"[•▪●■◦‣–➢➤✓✔*·-]\s*(?=\S)|\d{1,2}[.)]\s+(?=\S)")
PROSE_CELL = 45
HEADING_SIZE = 1.2
SENTENCE_END = re.compile(r"[.!?:;]$")

Box = tuple[int, float, float, float, float]


@dataclass(slots=True)
class Segment:
    """Words in one line without a wide gap: a cell, or a whole line of prose."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    # The type's size as a fraction of the page's width, to compare horizontal distances with.
    em: float

    @property
    def box(self) -> Box:
        return self.page, self.left, self.top, self.right, self.bottom


@dataclass(slots=True)
class Block:
    """`rows` holds a table's cells, each with its text and boxes; everything else is one cell."""

    kind: Literal["heading", "paragraph", "item", "table"]
    rows: list[list[list[Segment]]] = field(default_factory=list)
    level: int = 0
    repeated: bool = False

    @property
    def segments(self) -> list[Segment]:
        return [segment for row in self.rows for cell in row for segment in cell]


def cell_text(cell: list[Segment]) -> str:
    """The lines of a cell as one; a word that was divided at a line's end is whole again."""
    text = ""
    for segment in cell:
        divided = text.endswith("\u00ad")
        text = text[:-1] + segment.text if divided else f"{text} {segment.text}".lstrip()
    return text.replace("\u00ad", "-")


def blocks_of(pages: list[PdfPage]) -> list[Block]:
    """The document in reading order."""
    lines = {page.number: lines_of(page) for page in pages}
    sizes = Counter[float]()
    for rows in lines.values():
        for row in rows:
            for segment in row:
                sizes[round(segment.size, 1)] += len(segment.text)
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    largest = max(sizes, default=body)
    repeated = repeated_lines(lines)
    found: list[Block] = []
    for page in pages:
        for rows, is_repeated in parted(lines[page.number], repeated):
            for block in page_blocks(rows, body, largest):
                block.repeated = is_repeated
                found.append(block)
    return found


def lines_of(page: PdfPage) -> list[list[Segment]]:
    """Rows from top to bottom; each with its segments from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(page.words, key=lambda word: ((word.top + word.bottom) / 2, word.left)):
        middle = (word.top + word.bottom) / 2
        if rows and abs(middle - middle_of(rows[-1])) < 0.45 * min(word.bottom - word.top, height_of(rows[-1])):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [list(segments_of(sorted(row, key=lambda word: word.left), page)) for row in rows]


def middle_of(row: list[Word]) -> float:
    return sum(word.top + word.bottom for word in row[-8:]) / (2 * len(row[-8:]))


def height_of(row: list[Word]) -> float:
    return max(word.bottom - word.top for word in row[-8:])


def segments_of(words: list[Word], page: PdfPage) -> Iterator[Segment]:
    current: list[Word] = []
    for word in words:
        em = word.size / page.width
        gap = word.left - current[-1].right if current else 0.0
        # A label in bold may stand close to its value.
        if current and (gap > CELL_GAP * em or (word.bold != current[-1].bold and gap > 0.6 * em)):
            yield joined(current, page)
            current = []
        current.append(word)
    if current:
        yield joined(current, page)


def joined(words: list[Word], page: PdfPage) -> Segment:
    text = words[0].text
    for before, word in pairwise(words):
        # Letters that were set one by one stand closer than words do.
        text += word.text if word.left - before.right < 0.08 * word.size / page.width else f" {word.text}"
    size = median(word.size for word in words)
    return Segment(
        text,
        page.number,
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
        size,
        sum(word.bold for word in words) * 2 > len(words),
        size / page.width,
    )


def repeated_lines(lines: dict[int, list[list[Segment]]]) -> set[tuple[str, int]]:
    """Running heads and feet: the same words (but for numbers) at the same height on most pages."""
    if len(lines) < 3:
        return set()
    seen = Counter(key for rows in lines.values() for key in {line_key(row) for row in rows})
    return {key for key, count in seen.items() if count > len(lines) / 2}


def line_key(row: list[Segment]) -> tuple[str, int]:
    text = re.sub(r"\d+", "#", " ".join(segment.text for segment in row))
    return text, round(row[0].top * 50)


def parted(rows: list[list[Segment]], repeated: set[tuple[str, int]]) -> Iterator[tuple[list[list[Segment]], bool]]:
    """Runs of rows that are, or are not, repeated on most pages."""
    run: list[list[Segment]] = []
    state = False
    for row in rows:
        is_repeated = bool(repeated) and line_key(row) in repeated
        if run and is_repeated != state:
            yield run, state
            run = []
        state = is_repeated
        run.append(row)
    if run:
        yield run, state


def page_blocks(rows: list[list[Segment]], body: float, largest: float) -> Iterator[Block]:
    index = 0
    while index < len(rows):
        table, behind = table_at(rows, index, body)
        if table is not None:
            yield table
            index = behind
            continue
        columns, behind = columns_at(rows, index)
        for column in columns:
            yield from prose(column, body, largest)
        index = behind


def is_heading(segment: Segment, body: float) -> bool:
    return segment.size >= HEADING_SIZE * body and len(segment.text) < 200


def table_at(rows: list[list[Segment]], index: int, body: float) -> tuple[Block | None, int]:
    """Two rows or more whose cells begin at the same places; what goes on in one column belongs to the cell above."""
    first = rows[index]
    if len(first) < 2 or any(is_heading(segment, body) for segment in first) or is_prose_row(first):
        return None, index
    columns = [segment.left for segment in first]
    em = max(segment.em for segment in first)
    cells: list[list[list[Segment]]] = [[[segment] for segment in first]]
    behind = index + 1
    while behind < len(rows):
        row = rows[behind]
        places = [column_of(segment, columns, em) for segment in row]
        above = rows[behind - 1]
        gap = min(segment.top for segment in row) - max(segment.bottom for segment in above)
        height = max(segment.bottom - segment.top for segment in row)
        if None in places or any(is_heading(segment, body) for segment in row) or gap > 2.5 * height:
            break
        if len(row) == 1 and places[0] == 0:
            if gap < 0.5 * height and not row[0].bold and len(cells[-1][0]) and row[0].text[:1].islower():
                cells[-1][0].append(row[0])
                behind += 1
                continue
            break
        if len(row) < len(columns) and places[0] != 0 and gap < 0.8 * height:
            for segment, place in zip(row, places, strict=True):
                cells[-1][place or 0].append(segment)
            behind += 1
            continue
        if is_prose_row(row):
            break
        made: list[list[Segment]] = [[] for _ in columns]
        for segment, place in zip(row, places, strict=True):
            made[place or 0].append(segment)
        cells.append(made)
        behind += 1
    full = [row for row in cells if sum(bool(cell) for cell in row) >= 2]
    if len(full) < 2 and not is_pair_row(first):
        return None, index
    return Block("table", cells), behind


def is_prose_row(row: list[Segment]) -> bool:
    """Columns of prose: every part is long, or nearly."""
    return len(row) >= 2 and all(len(segment.text) > PROSE_CELL for segment in row)


def is_pair_row(row: list[Segment]) -> bool:
    return len(row) == 2 and row[0].text.rstrip().endswith(":")


def column_of(segment: Segment, columns: list[float], em: float) -> int | None:
    """The column at whose edge the segment begins (or in which it stands, when centred)."""
    nearest = min(range(len(columns)), key=lambda index: abs(columns[index] - segment.left))
    if abs(columns[nearest] - segment.left) <= 0.8 * em:
        return nearest
    inside = max((index for index, left in enumerate(columns) if left <= segment.left + 0.8 * em), default=None)
    if inside is None or inside == 0:
        return None
    following = columns[inside + 1] if inside + 1 < len(columns) else 1.0
    return inside if segment.right <= following + 0.8 * em else None


def columns_at(rows: list[list[Segment]], index: int) -> tuple[list[list[Segment]], int]:
    """Lines of prose that stand beside each other are read column by column."""
    if len(rows[index]) == 1:
        behind = index + 1
        while behind < len(rows) and len(rows[behind]) == 1:
            behind += 1
        return [[row[0] for row in rows[index:behind]]], behind
    starts = [segment.left for segment in rows[index]]
    columns: list[list[Segment]] = [[] for _ in starts]
    behind = index
    while behind < len(rows) and (behind == index or len(rows[behind]) == len(starts)):
        for column, segment in zip(columns, rows[behind], strict=True):
            column.append(segment)
        behind += 1
        if not is_prose_row(rows[behind - 1]):
            break
    return columns, behind


def prose(column: list[Segment], body: float, largest: float) -> Iterator[Block]:
    current: Block | None = None
    right = max((segment.right for segment in column), default=1.0)
    for before, segment in zip([None, *column], column, strict=False):
        if is_heading(segment, body):
            level = 1 if segment.size >= 0.98 * largest else 2
            if (
                current is not None
                and current.kind == "heading"
                and current.level == level
                and is_near(before, segment)
            ):
                current.rows[0][0].append(segment)
                continue
            if current is not None:
                yield current
            current = Block("heading", [[[segment]]], level)
            continue
        bullet = BULLET.match(segment.text)
        goes_on = (
            current is not None
            and current.kind in ("paragraph", "item")
            and before is not None
            and bullet is None
            and is_near(before, segment)
            and before.bold == segment.bold
            and (before.right > 0.75 * right or segment.text[:1].islower())
            and not (SENTENCE_END.search(before.text) and before.right < 0.85 * right)
        )
        if goes_on and current is not None:
            current.rows[0][0].append(segment)
            continue
        if current is not None:
            yield current
        if bullet is not None:
            segment.text = segment.text[bullet.end() :]
        short_bold = segment.bold and len(segment.text) < 60 and not SENTENCE_END.search(segment.text)
        kind: Literal["item", "heading", "paragraph"] = (
            "item" if bullet is not None else "heading" if short_bold else "paragraph"
        )
        current = Block(kind, [[[segment]]], 3 if kind == "heading" else 0)
    if current is not None:
        yield current


def is_near(before: Segment | None, segment: Segment) -> bool:
    if before is None or before.page != segment.page:
        return False
    height = segment.bottom - segment.top
    return -0.5 * height < segment.top - before.bottom < 0.9 * height and abs(before.size - segment.size) < 0.6
