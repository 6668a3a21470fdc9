"""Retail barcodes: as they are, enlarged, sharpened, and last the printed digits below the bars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from describe_image.label_reader import gtin
from describe_image.label_reader.geometry import TextLine, to_box
from shared.models.describe import Barcode

Gray = npt.NDArray[np.uint8]

RETAIL = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.EAN8,
        zxingcpp.BarcodeFormat.UPCA,
        zxingcpp.BarcodeFormat.UPCE,
    ]
)
# Eight digits are easily seen in stripes that are none; after sharpening only the long codes are believed.
LONG_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.UPCA])

# Enlarging more costs as much as reading the text does.
MAX_ENLARGED_PIXELS = 9_000_000


@dataclass(frozen=True, slots=True)
class FoundBarcode:
    """`printed` is the line of text with its digits, where one was read; `read_from_bars` false: only that line."""

    barcode: Barcode
    gtin: str
    printed: TextLine | None
    read_from_bars: bool

    @property
    def confidence(self) -> float:
        if self.read_from_bars:
            return 1.0 if self.printed else 0.98
        return 0.85 * self.printed.confidence if self.printed else 0.0

    def shows(self, line: TextLine) -> bool:
        """Whether the line is the print below these bars, perhaps with a digit missing."""
        digits = "".join(filter(str.isdigit, line.text))
        others = sum(map(str.isalpha, line.text))
        return len(digits) >= 6 and others <= 1 and digits in self.gtin


def find_barcodes(gray: Gray, lines: Sequence[TextLine]) -> list[FoundBarcode]:
    """Every retail barcode of the image, at most one of each number."""
    printed = {gtin.normalise(number): (number, line) for line in lines for number in gtin.printed_numbers(line.text)}
    found: dict[str, FoundBarcode] = {}
    for image, formats, scale, offset in attempts(gray, lines):
        for code in zxingcpp.read_barcodes(image, formats=formats):
            entry = from_bars(code, scale, offset, gray, printed)
            if entry is not None:
                found.setdefault(entry.gtin, entry)
        if found:
            return list(found.values())
    return [from_digits(number, line, gray) for number, line in printed.values()]


Attempt = tuple[Gray, zxingcpp.BarcodeFormats, float, tuple[int, int]]


def attempts(gray: Gray, lines: Sequence[TextLine]) -> Iterator[Attempt]:
    """Images to try, cheapest first, with the formats to look for, their scale and where they were cut out."""
    yield gray, RETAIL, 1.0, (0, 0)
    regions = [digit_region(gray, line) for line in lines if sum(map(str.isdigit, line.text)) >= 8]
    regions += [region for region in striped_regions(gray) if region[2] - region[0] > 20]
    if gray.size * 4 <= MAX_ENLARGED_PIXELS:
        regions.append((0, 0, gray.shape[1], gray.shape[0]))
    for left, top, right, bottom in regions:
        part = gray[top:bottom, left:right]
        if part.size == 0 or part.size * 4 > MAX_ENLARGED_PIXELS:
            continue
        enlarged = enlarge(part, 2.0)
        yield enlarged, RETAIL, 2.0, (left, top)
        yield sharpen(enlarged, 2.0), LONG_ONLY, 2.0, (left, top)
        yield sharpen(enlarged, 4.0), LONG_ONLY, 2.0, (left, top)


def enlarge(image: Gray, factor: float) -> Gray:
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def sharpen(image: Gray, radius: float) -> Gray:
    """Unsharp mask; the radius in pixels is about that of the blur to undo."""
    blurred = cv2.GaussianBlur(image, (0, 0), radius)
    return np.asarray(cv2.addWeighted(image, 3.0, blurred, -2.0, 0), dtype=np.uint8)


def digit_region(gray: Gray, line: TextLine) -> tuple[int, int, int, int]:
    """Around a line of digits: the bars stand above it, at most as high as the line is long."""
    down = line.corners[3] - line.corners[0]
    right = line.corners[1] - line.corners[0]
    length = float(np.linalg.norm(right))
    up = -down / max(1.0, float(np.linalg.norm(down))) * length
    aside = right * 0.15
    points = np.array(
        [
            line.corners[0] - aside,
            line.corners[1] + aside,
            line.corners[2] + aside,
            line.corners[3] - aside,
            line.corners[0] - aside + up,
            line.corners[1] + aside + up,
        ]
    )
    return clip_region(gray, points)


def striped_regions(gray: Gray) -> list[tuple[int, int, int, int]]:
    """Where edges run in one direction only, as bars do; the largest three, in a small copy for speed."""
    scale = min(1.0, 800 / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else gray
    across = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 1, 0, ksize=3))
    along = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 0, 1, ksize=3))
    regions = []
    for one, other in ((across, along), (along, across)):
        edges = cv2.blur(cv2.subtract(one, other), (9, 9))
        _, mask = cv2.threshold(edges, 40, 255, cv2.THRESH_BINARY)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
        mask = cv2.erode(mask, np.ones((7, 7), np.uint8), iterations=2)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        regions += [cv2.boundingRect(contour) for contour in contours]
    largest = sorted(regions, key=lambda region: -region[2] * region[3])[:3]
    margin = 30
    return [
        clip_region(
            gray,
            np.array([[x - margin, y - margin], [x + width + margin, y + height + margin]], dtype=np.float32) / scale,
        )
        for x, y, width, height in largest
        if width * height > 400
    ]


def clip_region(gray: Gray, points: npt.NDArray[np.floating]) -> tuple[int, int, int, int]:
    height, width = gray.shape
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))


def from_bars(
    code: zxingcpp.Barcode,
    scale: float,
    offset: tuple[int, int],
    gray: Gray,
    printed: dict[str, tuple[str, TextLine]],
) -> FoundBarcode | None:
    digits = code.text
    if not digits.isdecimal():
        return None
    number, line = printed.get(gtin.normalise(digits), (None, None))
    kind, value = "EAN-13", digits
    match code.format:
        case zxingcpp.BarcodeFormat.EAN8:
            kind = "EAN-8"
        case zxingcpp.BarcodeFormat.UPCE:
            # The reader hands out the long form; on the pack stands the short one.
            kind, value = "UPC-E", gtin.compress_upc_a(digits[-12:]) or digits
        case _ if digits.startswith("0") and number is not None and len(number) == 12:
            # The bars of UPC-A and of an EAN-13 with a leading zero are the same; the print says which it is.
            kind, value = "UPC-A", digits[-12:]
    position = code.position
    points = np.array(
        [
            (point.x, point.y)
            for point in (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
        ],
        dtype=np.float32,
    )
    points = points / scale + np.array(offset, dtype=np.float32)
    valid = code.valid and gtin.is_valid(digits)
    box = to_box(points, gray.shape[1], gray.shape[0])
    return FoundBarcode(
        barcode=Barcode(format=kind, value=value, valid=valid, box=box),
        gtin=gtin.normalise(digits),
        printed=line,
        read_from_bars=True,
    )


def from_digits(number: str, line: TextLine, gray: Gray) -> FoundBarcode:
    kind = {13: "EAN-13", 12: "UPC-A", 8: "EAN-8"}[len(number)]
    box = to_box(line.corners, gray.shape[1], gray.shape[0])
    return FoundBarcode(
        barcode=Barcode(format=kind, value=number, valid=True, box=box),
        gtin=gtin.normalise(number),
        printed=line,
        read_from_bars=False,
    )
