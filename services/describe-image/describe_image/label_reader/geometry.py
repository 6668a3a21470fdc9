"""Lines of text and where they stand. Pixels of the working image; boxes leave as fractions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.models.describe import Box

Corners = npt.NDArray[np.float32]
"""Four points (x, y), clockwise, the first one where reading begins."""


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """One line as recognised: its text, how sure the model is, and its corners in reading direction."""

    text: str
    confidence: float
    corners: Corners

    @property
    def height(self) -> float:
        """Height of the letters' band, also when the line is rotated."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def angle(self) -> float:
        """Direction of reading in radians; 0 is to the right, positive turns clockwise."""
        delta = self.corners[1] - self.corners[0]
        return math.atan2(float(delta[1]), float(delta[0]))


def to_box(points: npt.NDArray[np.float32], width: int, height: int) -> Box:
    """The upright box around `points` as fractions of the image, rounded so that equal input gives equal ids."""
    low = np.clip(points.min(axis=0) / (width, height), 0, 1)
    high = np.clip(points.max(axis=0) / (width, height), 0, 1)
    x, y = round(float(low[0]), 4), round(float(low[1]), 4)
    return x, y, round(float(high[0]) - x, 4), round(float(high[1]) - y, 4)


def union(boxes: Sequence[Box]) -> Box:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, round(min(1.0, right) - left, 4), round(min(1.0, bottom) - top, 4)


def dominant_angle(lines: Sequence[TextLine]) -> float:
    """The direction in which most of the text reads."""
    if not lines:
        return 0.0
    best = max(
        lines,
        key=lambda one: sum(
            other.length for other in lines if math.cos(other.angle - one.angle) > math.cos(math.radians(15))
        ),
    )
    near = [line for line in lines if math.cos(line.angle - best.angle) > math.cos(math.radians(15))]
    x = sum(math.cos(line.angle) * line.length for line in near)
    y = sum(math.sin(line.angle) * line.length for line in near)
    return math.atan2(y, x)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A line in the upright coordinates of the text, whatever the rotation of the photo."""

    line: TextLine
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def place(lines: Sequence[TextLine]) -> list[Placed]:
    """Turn all lines upright by the dominant direction. A slanted line keeps its own height, not its box's."""
    angle = dominant_angle(lines)
    cosine, sine = math.cos(-angle), math.sin(-angle)
    turn = np.array([[cosine, sine], [-sine, cosine]], dtype=np.float32)
    placed = []
    for line in lines:
        points = line.corners @ turn
        left, right = float(points[:, 0].min()), float(points[:, 0].max())
        middle = float(points[:, 1].mean())
        aligned = math.cos(line.angle - angle) > math.cos(math.radians(25))
        half = (line.height if aligned else float(np.ptp(points[:, 1]))) / 2
        placed.append(Placed(line, left, middle - half, right, middle + half))
    return placed


def same_row(one: Placed, other: Placed) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap > 0.5 * min(one.height, other.height)


def belong_together(one: Placed, other: Placed) -> bool:
    """Neighbours of one text block: beside each other with a column's gap, or below with a line's gap."""
    height = max(one.height, other.height)
    gap_x = max(one.left, other.left) - min(one.right, other.right)
    gap_y = max(one.top, other.top) - min(one.bottom, other.bottom)
    if same_row(one, other):
        return gap_x < 5 * height
    return gap_x < 0 and gap_y < 1.2 * height


def blocks(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Groups of lines that stand together, from the top of the image down."""
    parent = list(range(len(placed)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first in range(len(placed)):
        for second in range(first):
            if belong_together(placed[first], placed[second]):
                parent[root(first)] = root(second)
    groups: dict[int, list[Placed]] = {}
    for index, item in enumerate(placed):
        groups.setdefault(root(index), []).append(item)
    return sorted(groups.values(), key=lambda group: (min(item.top for item in group), min(i.left for i in group)))


def rows(block: Sequence[Placed]) -> list[list[Placed]]:
    """The rows of one block from top to bottom, each from left to right."""
    found: list[list[Placed]] = []
    for item in sorted(block, key=lambda one: one.middle):
        if found and same_row(found[-1][-1], item):
            found[-1].append(item)
        else:
            found.append([item])
    return [sorted(row, key=lambda one: one.left) for row in found]


def in_reading_order(lines: Sequence[TextLine]) -> list[list[list[Placed]]]:
    """Blocks of rows of lines."""
    return [rows(block) for block in blocks(place(lines))]
