"""The named colours of the product, without its background."""

import numpy as np
from PIL import Image

from describe_image.label_reader.background import Scene
from describe_image.label_reader.palette import color_name, localised, to_hex
from shared.models.describe import SeenColor

CLUSTERS = 24
SMALLEST_SHARE = 0.05
MOST_COLORS = 6


def named_colors(scene: Scene) -> list[SeenColor]:
    """Most frequent first, with English names. Shares are of the product's pixels."""
    pixels = scene.small[scene.product]
    if not len(pixels):
        return []
    clusters = Image.fromarray(pixels.reshape(1, -1, 3)).quantize(CLUSTERS, Image.Quantize.MEDIANCUT, kmeans=2)
    numbers = np.asarray(clusters).ravel()
    by_name: dict[str, list[np.ndarray]] = {}
    for number in np.unique(numbers):
        members = pixels[numbers == number]
        centre = np.rint(members.mean(axis=0)).astype(np.uint8)
        by_name.setdefault(color_name(centre), []).append(members)
    colors = []
    for name, groups in by_name.items():
        members = np.concatenate(groups)
        share = len(members) / len(pixels)
        if share >= SMALLEST_SHARE:
            # The median is the colour in ordinary light: highlights and shade pull a mean.
            colors.append(SeenColor(name=name, hex=to_hex(np.median(members, axis=0)), share=round(share, 4)))
    return sorted(colors, key=lambda color: (-color.share, color.name))[:MOST_COLORS]


def in_language(colors: list[SeenColor], language: str) -> list[SeenColor]:
    return [color.model_copy(update={"name": localised(color.name, language)}) for color in colors]
