"""Which product a photo belongs to, by its name: `SKU.jpg`, `SKU_1.jpg`, `SKU (3).jpg`, `sku.front.webp`, `SKU/1.jpg`.

The longest SKU wins. What is written exactly goes before what differs in upper and lower case, and that before what
differs in separators. Where two products fit equally well, none is taken, and both are named.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.products.skus import ANY_SEPARATORS, squeezed

PHOTO_EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "webp", "avif", "heic", "heif", "gif"})
JUNK_FOLDERS = frozenset({"__macosx"})
FIRST_WORDS = frozenset({"main", "front", "cover", "hero"})
MAX_SKU = 200
MAX_BOUNDARIES = 30
WORDS = re.compile(r"\d{1,12}|[^\W\d_]+")
NO_PRODUCT = "No product has a SKU that its name or folder begins with."

Product = tuple[uuid.UUID, str]
Index = dict[str, list[Product]]
Normalise = Callable[[str], str]
OrderKey = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class PhotoMatch:
    product_id: uuid.UUID | None
    sku: str | None
    reason: str | None
    order: OrderKey = ()


@dataclass(frozen=True, slots=True)
class PhotoName:
    """`stem` without the extension; `folders` from the nearest outwards."""

    stem: str
    folders: tuple[str, ...]

    @classmethod
    def parse(cls, name: str) -> "PhotoName":
        # Archives made on a Mac decompose accents.
        parts = [part.strip() for part in re.split(r"[/\\]", unicodedata.normalize("NFC", name)) if part.strip()]
        stem, dot, extension = (parts[-1] if parts else "").rpartition(".")
        if not dot or extension.lower() not in PHOTO_EXTENSIONS:
            stem = parts[-1] if parts else ""
        return cls(stem, tuple(reversed(parts[:-1])))

    def with_folders(self) -> Iterator[str]:
        """SKUs may contain a slash."""
        path = self.stem
        for folder in self.folders:
            path = f"{folder}/{path}"
            yield path

    def of_stem(self) -> list[tuple[str, str]]:
        """Possible SKUs and what follows them, the longest first."""
        whole = [(path, "") for path in self.with_folders() if len(path) <= MAX_SKU]
        return [*reversed(whole), *beginnings(self.stem)]

    def of_folders(self) -> list[tuple[str, str]]:
        return [(sku, self.stem) for folder in self.folders for sku, _ in beginnings(folder)]

    def possible_skus(self) -> set[str]:
        return {sku for sku, _ in (*self.of_stem(), *self.of_folders())}


def beginnings(text: str) -> list[tuple[str, str]]:
    ends = [match.start() for match in ANY_SEPARATORS.finditer(text[: MAX_SKU + 1]) if match.start() > 0]
    found = [(text, "")] if len(text) <= MAX_SKU else []
    found += [(text[:end], text[end:]) for end in reversed(ends[:MAX_BOUNDARIES])]
    return [(sku, rest) for sku, rest in found if sku]


def order_key(rest: str) -> OrderKey:
    """Natural order, numbers before words; nothing at all, and "front", come first."""
    words = WORDS.findall(rest.lower())
    if words and words[0] in FIRST_WORDS:
        words = words[1:]
    return tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in words)


def skip_reason(name: str) -> str | None:
    """Why a file is no photo, where its name says so."""
    parts = re.split(r"[/\\]", name)
    if any(part.lower() in JUNK_FOLDERS for part in parts[:-1]) or parts[-1].startswith("."):
        return "A file of the operating system."
    extension = parts[-1].rpartition(".")[2].lower()
    if extension not in PHOTO_EXTENSIONS:
        return "Archives inside the archive are not opened." if extension in {"zip", "rar", "7z"} else "Not a photo."
    return None


FROM_EXACT_TO_LENIENT: tuple[Normalise, ...] = (str, str.lower, squeezed)


class PhotoMatcher:
    """Over the products that any of the names could mean."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._levels: list[tuple[Index, Normalise]] = []
        for normalise in FROM_EXACT_TO_LENIENT:
            index: Index = {}
            for product_id, sku in products:
                key = normalise(sku)
                if key:
                    index.setdefault(key, []).append((product_id, sku))
            self._levels.append((index, normalise))

    def match(self, name: str) -> PhotoMatch:
        photo = PhotoName.parse(name)
        for index, normalise in self._levels:
            by_stem = first(index, normalise, photo.of_stem())
            by_folder = first(index, normalise, photo.of_folders())
            if by_stem is not None or by_folder is not None:
                return decide(by_stem, by_folder)
        return PhotoMatch(None, None, NO_PRODUCT)


Found = tuple[list[Product], str]


def first(index: Index, normalise: Normalise, possible: Iterable[tuple[str, str]]) -> Found | None:
    for sku, rest in possible:
        products = index.get(normalise(sku))
        if products:
            return products, rest
    return None


def decide(by_stem: Found | None, by_folder: Found | None) -> PhotoMatch:
    chosen = by_stem or by_folder
    assert chosen is not None
    products, rest = chosen
    if by_stem and by_folder and by_stem[0] != by_folder[0]:
        inside = squeezed(by_stem[0][0][1]).startswith(squeezed(by_folder[0][0][1]))
        if not inside:
            products = [*by_stem[0], *by_folder[0]]
    if len(products) > 1:
        skus = ", ".join(sorted(sku for _, sku in products)[:5])
        return PhotoMatch(None, None, f"It could belong to several products: {skus}.")
    product_id, sku = products[0]
    return PhotoMatch(product_id, sku, None, order_key(rest))


def in_order(matches: Sequence[tuple[str, PhotoMatch]]) -> list[int]:
    """The places of the matched in the order in which their products shall show them."""
    matched = [place for place, (_, match) in enumerate(matches) if match.product_id is not None]
    return sorted(matched, key=lambda place: (matches[place][1].sku or "", matches[place][1].order, matches[place][0]))
