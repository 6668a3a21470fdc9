"""HEIC and AVIF: boxes whose places are named by absolute offsets, so nothing is moved.

What may stay are the pictures that the file's own table of items names, and the boxes that describe them. Everything
else is overwritten with zeros in place, and items and boxes with metadata are renamed to `free`, which readers skip.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.media.metadata.parts import FileContent, MetadataInseparable, number, slices, take
from shared.utils.images import ImageUnreadable

PICTURES = frozenset(
    {
        b"hvc1",
        b"av01",
        b"avc1",
        b"vvc1",
        b"evc1",
        b"lhv1",
        b"jpeg",
        b"j2k1",
        b"unci",
        b"grid",
        b"iovl",
        b"iden",
        b"tmap",
    }
)
KEPT_IN_META = frozenset({b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"grpl", b"dinf"})
TEXT_PROPERTIES = frozenset({b"udes", b"uuid", b"altt", b"crtt", b"mdft", b"wipr", b"free", b"skip"})
# Nobody's photo has more; a file that claims so wants to keep us busy.
MAX_ENTRIES = 20_000

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    name: bytes
    start: int
    payload: int
    end: int


@dataclass(slots=True)
class Edits:
    """Renamed boxes and items by the place of their name; ranges to fill with zeros."""

    names: list[int] = field(default_factory=list)
    blanks: list[Range] = field(default_factory=list)

    def drop(self, box: Box) -> None:
        self.names.append(box.start + 4)
        self.blanks.append((box.payload, box.end))


def boxes(content: FileContent, start: int, end: int) -> Iterator[Box]:
    count = 0
    while start + 8 <= end:
        size, name, payload = number(content, start, 4), take(content, start + 4, 4), start + 8
        if size == 1:
            size, payload = number(content, start + 8, 8), start + 16
        elif size == 0:
            size = end - start
        count += 1
        if start + size > end or size < payload - start or count > MAX_ENTRIES:
            raise ImageUnreadable("The file ends too early. Send it once more, or save it anew.")
        yield Box(name, start, payload, start + size)
        start += size


def picture_items(content: FileContent, iinf: Box, edits: Edits) -> set[int]:
    """The ids of the items that are pictures; all others are renamed."""
    version = number(content, iinf.payload, 1)
    start = iinf.payload + (6 if version == 0 else 8)
    pictures = set()
    for entry in boxes(content, start, iinf.end):
        entry_version = number(content, entry.payload, 1)
        if entry.name != b"infe" or entry_version not in {2, 3}:
            raise MetadataInseparable
        id_size = 2 if entry_version == 2 else 4
        kind = entry.payload + 4 + id_size + 2
        if take(content, kind, 4) in PICTURES:
            pictures.add(number(content, entry.payload + 4, id_size))
        else:
            edits.names.append(kind)
            # The name and the content type that follow.
            edits.blanks.append((kind + 4, entry.end))
    return pictures


@dataclass(slots=True)
class Reader:
    content: FileContent
    position: int

    def next(self, size: int) -> int:
        value = number(self.content, self.position, size)
        self.position += size
        return value


def item_places(content: FileContent, iloc: Box) -> Iterator[tuple[int, int, int, int]]:
    """Item id, construction method (0: offsets in the file, 1: in `idat`), start, end."""
    reader = Reader(content, iloc.payload)
    version = reader.next(4) >> 24
    sizes = reader.next(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in {1, 2} else 0
    wide = 2 if version < 2 else 4
    total = 0
    for _ in range(reader.next(wide)):
        item = reader.next(wide)
        method = reader.next(2) & 15 if version in {1, 2} else 0
        if reader.next(2) != 0:
            raise MetadataInseparable
        base = reader.next(base_size)
        for _ in range(reader.next(2)):
            reader.next(index_size)
            start = base + reader.next(offset_size)
            length = reader.next(length_size)
            total += 1
            if length == 0 or method > 1:
                # "All of it", or built from another item.
                raise MetadataInseparable
            if total > MAX_ENTRIES or reader.position > iloc.end:
                raise ImageUnreadable("The table of the file's items is damaged.")
            yield item, method, start, start + length


def gaps(within: Range, kept: Iterable[Range]) -> Iterator[Range]:
    """What of a range no kept one covers."""
    position, end = within
    for start, stop in sorted(kept):
        if start > position:
            yield position, min(start, end)
        position = max(position, stop)
        if position >= end:
            return
    if position < end:
        yield position, end


def edits_of(content: FileContent) -> Edits:
    edits = Edits()
    top = list(boxes(content, 0, len(content)))
    metas = [box for box in top if box.name == b"meta"]
    if not top or top[0].name != b"ftyp":
        raise ImageUnreadable("The file does not begin as a HEIC or an AVIF.")
    if len(metas) != 1 or any(box.name in {b"moov", b"moof"} for box in top):
        # An image sequence: its frames are in tracks, and metadata may be as well.
        raise MetadataInseparable
    inner = {box.name: box for box in boxes(content, metas[0].payload + 4, metas[0].end)}
    if not {b"iinf", b"iloc"} <= inner.keys():
        raise MetadataInseparable
    for box in boxes(content, metas[0].payload + 4, metas[0].end):
        if box.name not in KEPT_IN_META:
            edits.drop(box)
        elif box.name == b"iprp":
            for group in boxes(content, box.payload, box.end):
                if group.name == b"ipco":
                    for each in boxes(content, group.payload, group.end):
                        if each.name in TEXT_PROPERTIES:
                            edits.drop(each)
    pictures = picture_items(content, inner[b"iinf"], edits)
    idat = inner.get(b"idat")
    in_file: list[Range] = []
    in_idat: list[Range] = []
    for item, method, start, end in item_places(content, inner[b"iloc"]):
        if item in pictures:
            if method == 0:
                in_file.append((start, end))
            elif idat is not None:
                in_idat.append((start + idat.payload, end + idat.payload))
    for box in top:
        if box.name == b"mdat":
            edits.blanks += gaps((box.payload, box.end), in_file)
        elif box.name not in {b"ftyp", b"meta"}:
            edits.drop(box)
    if idat is not None:
        edits.blanks += gaps((idat.payload, idat.end), in_idat)
    return edits


def heif_parts(content: FileContent, exif: bytes) -> Iterator[bytes]:
    """The orientation stands in a box of its own, so `exif` is not needed."""
    edits = edits_of(content)
    changes = [(start, end, b"") for start, end in edits.blanks if start < end]
    changes += [(start, start + 4, b"free") for start in edits.names]
    position = 0
    for start, end, replacement in sorted(changes):
        if start < position:
            # Two boxes claim one place.
            raise MetadataInseparable
        yield from slices(content, position, start)
        yield replacement or bytes(end - start)
        position = end
    yield from slices(content, position, len(content))
