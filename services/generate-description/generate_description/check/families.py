"""Which attribute a number speaks of: 330 ml is no weight, and the height of a mug is not the length of its cable."""

from generate_description.check.tokens import Reading, Token
from generate_description.check.vocabulary import Occurrence, concepts
from generate_description.check.words import fold

_WORDS: dict[str, str] = {
    "weight": "weight weigh weighs weighing heavy peso pesar pesa pesan",
    "capacity": "capacity volume hold holds holding capacidad volumen caber cabe caben content contents contenido",
    "height": "height high tall altura alto alta",
    "width": "width wide anchura ancho ancha",
    "length": "length long largo larga longitud",
    "depth": "depth deep profundidad fondo",
    "diameter": "diameter diámetro",
    "thickness": "thickness thick grosor espesor",
    "size": "size dimension dimensions measurement measurements measure tamaño medida medidas dimensión medir mide",
    "power": "power potencia consumption consumo",
    "voltage": "voltage tensión voltaje",
    "pressure": "pressure presión",
    "speed": "speed velocidad",
    "brightness": "brightness brillo luminosidad",
    "torque": "torque par",
    "warranty": "warranty guarantee garantía",
    "age": "age aged edad",
    "runtime": "runtime autonomía",
    "charging": "charge charging carga",
    "altitude": "altitude altitud",
    "temperature": "temperature temperatura",
}
FAMILY_OF: dict[str, str] = {fold(word): family for family, words in _WORDS.items() for word in words.split()}
LENGTHS = frozenset({"height", "width", "length", "depth", "diameter", "thickness", "size"})
_COUNT_WORDS = """
piece pieces item items unit units quantity count number pack set pieza piezas unidad unidades cantidad número juego
paquete pcs pc uds ud
"""
COUNT_WORDS = frozenset(fold(word) for word in _COUNT_WORDS.split())


def families_of(token: Token) -> frozenset[str]:
    return frozenset(FAMILY_OF[form] for form in token.forms if form in FAMILY_OF)


def parts_of(occurrences: list[Occurrence]) -> frozenset[int]:
    known = concepts()
    return frozenset(found.concept for found in occurrences if known.section(found.concept) == "part")


_BESIDE = """
with without incl including includes plus for and or con sin incluido incluida incluye para y o
"""
BESIDE = frozenset(_BESIDE.split())


def subjects_of(reading: Reading) -> frozenset[int]:
    """The parts that a label speaks of. What stands behind a "with" comes along; nothing is said of it."""
    tokens = reading.tokens
    end = next((index for index, token in enumerate(tokens) if index and token.folded in BESIDE), len(tokens))
    return parts_of([found for found in concepts().find(tokens) if found.last < end])


def compatible(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two sets of families may speak of the same thing; an empty set says nothing."""
    if not first or not second or first & second:
        return True
    either = first | second
    return "size" in either and bool(first & LENGTHS) and bool(second & LENGTHS)
