"""What is said about an image, in English and Spanish, and no more than was read."""

from collections.abc import Sequence
from dataclasses import dataclass

from describe_image.label_reader.background import BackgroundKind
from describe_image.label_reader.facts.readings import Reading
from shared.models.describe import SeenColor

LONGEST_ALT_TEXT = 125
LONGEST_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Wording:
    read: str
    nothing_read: str
    colors: str
    no_model: str
    alt_text: str
    alt_nothing: str
    mainly: str
    note: str
    prompt_note: str
    backgrounds: dict[BackgroundKind, str]


ENGLISH = Wording(
    read="Label reading: the pack says “{text}”.",
    nothing_read="Label reading: no legible text was found.",
    colors="Main colours: {colors}.",
    no_model="No vision model looked at the scene.",
    alt_text="Pack with the text “{text}”",
    alt_nothing="Product photo without legible text",
    mainly=", mainly {color}",
    note="The label reader reads text, barcodes and colours. It does not recognise objects or scenes.",
    prompt_note="The prompt was not used: the label reader answers no questions.",
    backgrounds={"plain white": "plain white", "plain colour": "plain colour", "scene": "scene"},
)
SPANISH = Wording(
    read="Lectura de la etiqueta: el envase dice «{text}».",
    nothing_read="Lectura de la etiqueta: no se encontró texto legible.",
    colors="Colores principales: {colors}.",
    no_model="Ningún modelo de visión ha mirado la escena.",
    alt_text="Envase con el texto «{text}»",
    alt_nothing="Foto de producto sin texto legible",
    mainly=", principalmente en color {color}",
    note="El lector de etiquetas lee textos, códigos de barras y colores. No reconoce objetos ni escenas.",
    prompt_note="La instrucción no se ha usado: el lector de etiquetas no responde a preguntas.",
    backgrounds={"plain white": "blanco liso", "plain colour": "color liso", "scene": "escena"},
)


def wording(language: str) -> Wording:
    return SPANISH if language.partition("-")[0] == "es" else ENGLISH


def shortened(text: str, limit: int) -> str:
    """Cut at a word, with an ellipsis, when it is longer than `limit`."""
    if len(text) <= limit:
        return text
    cut = text[: max(1, limit - 1)]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip(" ,;:-") + "…"


def description(readings: Sequence[Reading], colors: Sequence[SeenColor], words: Wording) -> str:
    text = shortened(" · ".join(dict.fromkeys(reading.text for reading in readings)), LONGEST_QUOTE)
    parts = [words.read.format(text=text) if text else words.nothing_read]
    if colors:
        parts.append(words.colors.format(colors=", ".join(color.name for color in colors[:3])))
    return " ".join([*parts, words.no_model])


def alt_text(readings: Sequence[Reading], colors: Sequence[SeenColor], words: Wording) -> str:
    """The largest lines in reading order, as many as fit; names rather than specifications."""
    tail = words.mainly.format(color=colors[0].name) if colors else ""
    if not readings:
        return words.alt_nothing + tail
    room = LONGEST_ALT_TEXT - len(words.alt_text.format(text="")) - len(tail)
    tallest = max(reading.height for reading in readings)
    chosen: list[Reading] = []
    for reading in sorted(readings, key=lambda one: (":" in one.text, -one.height)):
        fits = len(" ".join(one.text for one in (*chosen, reading))) <= room
        new = all(reading.text.casefold() != one.text.casefold() for one in chosen)
        if len(chosen) < 4 and fits and new and reading.height > 0.35 * tallest:
            chosen.append(reading)
    if not chosen:
        chosen = [max(readings, key=lambda one: one.height)]
    text = shortened(" ".join(one.text for one in readings if one in chosen), room)
    return words.alt_text.format(text=text) + tail
