"""Names of colours as shops use them, found by distance in OKLab. CSS names mislead (its "grey" is no shop's)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

# Several anchors for a name, since light and shade move a colour. English name → anchors in sRGB.
ANCHORS: dict[str, tuple[str, ...]] = {
    "black": ("#080808", "#1a1a1c", "#26282b"),
    "dark grey": ("#3a3c3f", "#4c4e51"),
    "grey": ("#6a6c6e", "#868889", "#a2a4a5"),
    "silver": ("#b6babd", "#c6c9cc"),
    "light grey": ("#d6d8d9",),
    "white": ("#ededed", "#fafafa"),
    "cream": ("#f4ecd8", "#f8f1df", "#efe6cf"),
    "beige": ("#d9c7a7", "#e0d0b5", "#c8b593", "#cdbba7"),
    "brown": ("#5c3a21", "#7b4b2a", "#3f281b", "#8f6440", "#a67c52"),
    "red": ("#c8102e", "#e0262b", "#a81c1c"),
    "burgundy": ("#6d1a2d", "#581427"),
    "pink": ("#f4a6bd", "#e86aa0", "#f8cdd8", "#d98c95"),
    "orange": ("#f07c1e", "#ff9a3c", "#d9601a"),
    "yellow": ("#f8d91c", "#fbe467", "#e6c500"),
    "gold": ("#c9a23c", "#b58b2a", "#d8b75a"),
    "olive": ("#6b6b2b", "#55572a", "#85853f"),
    "green": ("#2f8f3f", "#1f6b35", "#4caf50", "#2f5d3a", "#1d3b26", "#5b7d5a"),
    "light green": ("#a6d7a0", "#bfe3b4", "#8fcf7a"),
    "turquoise": ("#40d0c8", "#2fc0bd", "#7fdcd6"),
    "teal": ("#0f8077", "#12665f", "#1c918c"),
    "light blue": ("#9cc8ea", "#bcd9ef", "#7fb6e0"),
    "blue": ("#1f5fc0", "#2f7fd0", "#2d6f9f", "#3f8fc0", "#174ea0"),
    "navy": ("#14264d", "#1a335f", "#0e1b38"),
    "purple": ("#6a2c91", "#8447ad", "#4b2268"),
    "lilac": ("#c4a6dc", "#d8c4ea"),
}

SPANISH = {
    "black": "negro",
    "dark grey": "gris oscuro",
    "grey": "gris",
    "silver": "plateado",
    "light grey": "gris claro",
    "white": "blanco",
    "cream": "crema",
    "beige": "beis",
    "brown": "marrón",
    "red": "rojo",
    "burgundy": "burdeos",
    "pink": "rosa",
    "orange": "naranja",
    "yellow": "amarillo",
    "gold": "dorado",
    "olive": "verde oliva",
    "green": "verde",
    "light green": "verde claro",
    "turquoise": "turquesa",
    "teal": "verde azulado",
    "light blue": "azul claro",
    "blue": "azul",
    "navy": "azul marino",
    "purple": "morado",
    "lilac": "lila",
}

# Shading changes lightness far more than hue.
LIGHTNESS_WEIGHT = 0.7

LINEAR_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
CONE_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)


def to_oklab(rgb: npt.NDArray[np.uint8]) -> Array:
    """sRGB bytes (…, 3) → OKLab: lightness 0-1, green-red, blue-yellow."""
    encoded = rgb.astype(np.float32) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ LINEAR_TO_CONE.T)
    return np.asarray(cones @ CONE_TO_LAB.T, dtype=np.float32)


def from_hex(value: str) -> tuple[int, int, int]:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def to_hex(rgb: npt.NDArray[np.floating]) -> str:
    red, green, blue = (round(float(part)) for part in np.clip(rgb, 0, 255))
    return f"#{red:02x}{green:02x}{blue:02x}"


@dataclass(frozen=True, slots=True)
class Anchors:
    names: tuple[str, ...]
    lab: Array


def build_anchors() -> Anchors:
    pairs = [(name, from_hex(anchor)) for name, anchors in ANCHORS.items() for anchor in anchors]
    return Anchors(tuple(name for name, _ in pairs), to_oklab(np.array([rgb for _, rgb in pairs], dtype=np.uint8)))


ALL_ANCHORS = build_anchors()


def color_name(rgb: npt.NDArray[np.uint8]) -> str:
    """The English name of one colour."""
    delta = ALL_ANCHORS.lab - to_oklab(rgb)
    delta[:, 0] *= LIGHTNESS_WEIGHT
    return ALL_ANCHORS.names[int(np.argmin((delta**2).sum(axis=1)))]


def localised(name: str, language: str) -> str:
    return SPANISH[name] if language.partition("-")[0] == "es" else name
