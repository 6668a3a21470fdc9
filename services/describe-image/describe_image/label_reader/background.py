"""What is behind the product: plain white, one plain colour (also unevenly lit), or a scene."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from describe_image.label_reader.palette import Array, to_oklab
from shared.models.describe import Box

BackgroundKind = Literal["plain white", "plain colour", "scene"]
Mask = npt.NDArray[np.bool_]

SIDE = 256
BORDER_SHARE = 0.04
# OKLab distance that still counts as the same surface; 0.02 is just visible side by side.
TOLERANCE = 0.045
# A product may touch one side of the photo; when more of the border differs, it is a scene.
PLAIN_SHARE = 0.75
SHADOW_DEPTH = 0.35
SHADOW_CHROMA = 0.035
SOFT_EDGE = 0.012
SMALLEST_PART = 0.004
SMALLEST_PRODUCT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """`product` marks the pixels of `small` (a copy of at most 256 pixels a side) that are not background."""

    kind: BackgroundKind
    small: npt.NDArray[np.uint8]
    product: Mask
    box: Box


def analyse(image: Image.Image) -> Scene:
    small_image = image.copy()
    small_image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    small = np.asarray(small_image, dtype=np.uint8)
    lab = to_oklab(small)
    border = border_mask(*lab.shape[:2])
    surface = fit_surface(lab, border)
    distance = np.sqrt(((lab - surface) ** 2).sum(axis=2))
    if float((distance[border] < TOLERANCE).mean()) < PLAIN_SHARE:
        product = central_region(*lab.shape[:2])
        return Scene("scene", small, product, box_of(product))
    background = connected_to(border, distance < TOLERANCE)
    background = spread_over_shadow(lab, surface, background, border)
    product = without_specks(~background)
    if product.mean() < SMALLEST_PRODUCT:
        # The whole photo is one surface: a swatch, or a close-up.
        product = np.ones_like(background)
    return Scene(kind_of(lab, background), small, product, box_of(product))


def kind_of(lab: Array, background: Mask) -> BackgroundKind:
    if not background.any():
        return "plain colour"
    lightness, red, yellow = (float(part) for part in np.median(lab[background], axis=0))
    return "plain white" if lightness > 0.93 and np.hypot(red, yellow) < 0.015 else "plain colour"


def border_mask(height: int, width: int) -> Mask:
    depth = max(1, round(min(height, width) * BORDER_SHARE))
    mask = np.ones((height, width), dtype=np.bool_)
    mask[depth : height - depth, depth : width - depth] = False
    return mask


def fit_surface(lab: Array, border: Mask) -> Array:
    """The background's colour at each pixel: a quadratic through the border, which follows uneven light."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    used = border.copy()
    surface = np.broadcast_to(np.median(lab[border], axis=0), lab.shape).astype(np.float32)
    for limit in (0.15, 0.08, TOLERANCE):
        # Each round leaves out what is far from the surface so far: the product where it touches the border.
        near = border & (np.sqrt(((lab - surface) ** 2).sum(axis=2)) < limit)
        if near.sum() < 0.3 * border.sum():
            break
        used = near
        coefficients, *_ = np.linalg.lstsq(terms[used], lab[used], rcond=None)
        surface = (terms @ coefficients).astype(np.float32)
    return surface


def connected_to(seeds: Mask, allowed: Mask) -> Mask:
    """The parts of `allowed` that touch `seeds`."""
    _, labels = cv2.connectedComponents(allowed.astype(np.uint8), connectivity=4)
    touched = np.unique(labels[seeds & allowed])
    return np.isin(labels, touched[touched > 0])


def spread_over_shadow(lab: Array, surface: Array, background: Mask, border: Mask) -> Mask:
    """A shadow is the background, only darker, and begins softly; a grey product begins with an edge."""
    difference = lab - surface
    shaded = (
        (difference[..., 0] < 0.02)
        & (difference[..., 0] > -SHADOW_DEPTH)
        & (np.hypot(difference[..., 1], difference[..., 2]) < SHADOW_CHROMA)
    )
    lightness = np.ascontiguousarray(lab[..., 0])
    slope = np.hypot(cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1)) / 8
    return background | connected_to(border, background | (shaded & (slope < SOFT_EDGE)))


def without_specks(product: Mask) -> Mask:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(product.astype(np.uint8), connectivity=8)
    smallest = SMALLEST_PART * product.size
    keep = [label for label in range(1, count) if statistics[label, cv2.CC_STAT_AREA] >= smallest]
    return np.isin(labels, keep)


def central_region(height: int, width: int) -> Mask:
    """In a scene the product usually stands in the middle."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray((x / 0.7) ** 2 + (y / 0.7) ** 2 <= 1, dtype=np.bool_)


def box_of(mask: Mask) -> Box:
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return 0.0, 0.0, 1.0, 1.0
    left, top = round(float(columns[0]) / width, 4), round(float(rows[0]) / height, 4)
    right, bottom = float(columns[-1] + 1) / width, float(rows[-1] + 1) / height
    return left, top, round(right - left, 4), round(bottom - top, 4)
