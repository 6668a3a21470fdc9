"""Retail barcodes: as they are, enlarged, sharpened, and last the printed digits below the bars."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from describe_image.label_reader import gtin
from describe_image.label_reader.geometry import TextLine, dominant_angle, to_box
from shared.models.describe import Barcode, Box

Gray = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float32]

SHORT = frozenset({"EAN-8", "UPC-E"})

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
    """Every retail barcode of the image, at most one of each number and of each place."""
    printed = {gtin.normalise(number): (number, line) for line in lines for number in gtin.printed_numbers(line.text)}
    found: list[FoundBarcode] = []
    seen_short: Counter[str] = Counter()
    for attempt in attempts(gray, lines):
        for code in zxingcpp.read_barcodes(attempt.image, formats=attempt.formats):
            entry = from_bars(code, attempt, gray, printed)
            if entry is None:
                continue
            if entry.barcode.format in SHORT:
                seen_short[entry.gtin] += 1
                if not is_believable(entry, lines, seen_short[entry.gtin]):
                    continue
            found.append(entry)
        chosen = one_for_each_place(found)
        if chosen:
            return chosen
    return [from_digits(number, line, gray) for number, line in printed.values()]


def is_believable(entry: FoundBarcode, lines: Sequence[TextLine], times_seen: int) -> bool:
    """Eight digits are easily seen in parts of longer codes and in stripes: the print, or a second look, must agree."""
    value = entry.barcode.value
    # The first and the last digit stand apart from the others and are sometimes missed.
    as_printed = {value, value[1:], value[:-1], value[1:-1]}
    if any("".join(filter(str.isdigit, line.text)) in as_printed for line in lines):
        return True
    return entry.barcode.format == "EAN-8" and times_seen > 1


def one_for_each_place(found: Sequence[FoundBarcode]) -> list[FoundBarcode]:
    """Of readings that overlap, those that the print confirms come first, then the longer numbers."""
    ranked = sorted(found, key=lambda one: (one.printed is None, -len(one.barcode.value)))
    chosen: list[FoundBarcode] = []
    for entry in ranked:
        if all(entry.gtin != other.gtin and not overlap(entry.barcode.box, other.barcode.box) for other in chosen):
            chosen.append(entry)
    return chosen


def overlap(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return False
    return all(
        max(one[axis], other[axis]) < min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) for axis in (0, 1)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """An image to try. `origin` and `axes` map its pixels back: place = origin + x * axes[0] + y * axes[1]."""

    image: Gray
    formats: zxingcpp.BarcodeFormats
    origin: Vector
    axes: npt.NDArray[np.float32]

    def sharpened(self, radius: float) -> "Attempt":
        """Unsharp mask; the radius in pixels is about that of the blur to undo. Short codes are no longer believed."""
        blurred = cv2.GaussianBlur(self.image, (0, 0), radius)
        image = np.asarray(cv2.addWeighted(self.image, 3.0, blurred, -2.0, 0), dtype=np.uint8)
        return Attempt(image, LONG_ONLY, self.origin, self.axes)


def attempts(gray: Gray, lines: Sequence[TextLine]) -> Iterator[Attempt]:
    """Images to try, cheapest first: the photo, the photo turned upright, then enlarged and sharpened parts."""
    height, width = gray.shape
    whole = vector(0, 0)
    yield part(gray, whole, vector(1, 0), (width, height), 1.0)
    # The reader scans along rows and columns only. What counts is how far the bars are off both.
    angle = dominant_angle(lines)
    off_axis = (angle + math.pi / 4) % (math.pi / 2) - math.pi / 4
    if abs(off_axis) > math.radians(5):
        yield turned(gray, off_axis)
    regions = [digit_region(line) for line in lines if sum(map(str.isdigit, line.text)) >= 8]
    regions += [
        (vector(left, top), vector(1, 0), (right - left, bottom - top))
        for left, top, right, bottom in striped_regions(gray)
    ]
    regions.append((whole, vector(1, 0), (width, height)))
    for origin, along, size in regions:
        if size[0] * size[1] * 4 <= MAX_ENLARGED_PIXELS and min(size) > 8:
            enlarged = part(gray, origin, along, size, 2.0)
            yield enlarged
            yield enlarged.sharpened(2.0)
            yield enlarged.sharpened(4.0)


def vector(x: float, y: float) -> Vector:
    return np.array([x, y], dtype=np.float32)


def part(gray: Gray, origin: Vector, along: Vector, size: tuple[float, float], scale: float) -> Attempt:
    """The rectangle that begins at `origin` and runs `along` (a unit vector), enlarged by `scale`."""
    axes = np.stack([along, vector(-float(along[1]), float(along[0]))]) / scale
    back = np.concatenate([axes.T, origin.reshape(2, 1)], axis=1)
    target = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    image = cv2.warpAffine(
        gray,
        back,
        target,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    return Attempt(np.asarray(image, dtype=np.uint8), RETAIL, origin, axes.astype(np.float32))


def turned(gray: Gray, angle: float) -> Attempt:
    """The whole photo, turned so that what reads at `angle` is level."""
    height, width = gray.shape
    along, down = vector(math.cos(angle), math.sin(angle)), vector(-math.sin(angle), math.cos(angle))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    x, y = corners @ along, corners @ down
    origin = along * float(x.min()) + down * float(y.min())
    return part(gray, origin, along, (float(np.ptp(x)), float(np.ptp(y))), 1.0)


def digit_region(line: TextLine) -> tuple[Vector, Vector, tuple[float, float]]:
    """Along a line of digits: the bars stand above it, at most as high as the line is long."""
    right = line.corners[1] - line.corners[0]
    along = right / max(1.0, line.length)
    down = vector(-float(along[1]), float(along[0]))
    origin = line.corners[0] - 0.2 * right - down * line.length
    return origin, along, (1.4 * line.length, line.length + line.height)


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
    code: zxingcpp.Barcode, attempt: Attempt, gray: Gray, printed: dict[str, tuple[str, TextLine]]
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
    points = attempt.origin + points @ attempt.axes
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
