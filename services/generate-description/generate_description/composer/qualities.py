"""Things that a product is or is not, as sentences say them: `is dishwasher-safe`, `es apta para lavavajillas`."""

from dataclasses import dataclass
from functools import cache

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import fold
from generate_description.composer.values import find_concept


@dataclass(frozen=True, slots=True)
class Quality:
    """`english` follows "is"; the Spanish forms follow "es"."""

    english: str
    masculine: str
    feminine: str


def same(english: str, spanish: str) -> Quality:
    return Quality(english, spanish, spanish)


QUALITIES: dict[str, Quality] = {
    "dishwasher safe": Quality("dishwasher-safe", "apto para lavavajillas", "apta para lavavajillas"),
    "microwave safe": Quality("microwave-safe", "apto para microondas", "apta para microondas"),
    "oven safe": Quality("oven safe", "apto para horno", "apta para horno"),
    "freezer safe": Quality("freezer safe", "apto para congelador", "apta para congelador"),
    "induction compatible": Quality("suitable for induction", "apto para inducción", "apta para inducción"),
    "machine washable": same("machine washable", "lavable a máquina"),
    "waterproof": same("waterproof", "impermeable"),
    "water-resistant": same("water-resistant", "resistente al agua"),
    "heat resistant": same("heat resistant", "resistente al calor"),
    "scratch resistant": same("scratch resistant", "resistente a los arañazos"),
    "shatterproof": same("shatterproof", "irrompible"),
    "windproof": Quality("windproof", "cortaviento", "cortaviento"),
    "breathable": same("breathable", "transpirable"),
    "hypoallergenic": Quality("hypoallergenic", "hipoalergénico", "hipoalergénica"),
    "dermatologically tested": Quality(
        "dermatologically tested", "dermatológicamente testado", "dermatológicamente testada"
    ),
    "organic": Quality("organic", "ecológico", "ecológica"),
    "vegan": Quality("vegan", "vegano", "vegana"),
    "vegetarian": Quality("vegetarian", "vegetariano", "vegetariana"),
    "recyclable": same("recyclable", "reciclable"),
    "biodegradable": same("biodegradable", "biodegradable"),
    "compostable": same("compostable", "compostable"),
    "handmade": Quality("handmade", "hecho a mano", "hecha a mano"),
    "hand painted": Quality("hand painted", "pintado a mano", "pintada a mano"),
    "non-stick": same("non-stick", "antiadherente"),
    "non-slip": same("non-slip", "antideslizante"),
    "rechargeable": same("rechargeable", "recargable"),
    "wireless": Quality("wireless", "inalámbrico", "inalámbrica"),
    "cordless": Quality("cordless", "inalámbrico", "inalámbrica"),
    "portable": same("portable", "portátil"),
    "foldable": same("foldable", "plegable"),
    "adjustable": same("adjustable", "ajustable"),
    "dimmable": same("dimmable", "regulable"),
    "removable": same("removable", "extraíble"),
    "stackable": same("stackable", "apilable"),
    "reusable": same("reusable", "reutilizable"),
    "refillable": same("refillable", "rellenable"),
}
# What a product contains or not: "is BPA-free", "no contiene BPA".
SUBSTANCES: dict[str, tuple[str, str]] = {
    "bpa": ("BPA", "BPA"),
    "gluten": ("gluten", "gluten"),
    "lactose": ("lactose", "lactosa"),
    "sugar": ("sugar", "azúcar"),
    "phthalates": ("phthalate", "ftalatos"),
    "paraben": ("paraben", "parabenos"),
    "perfume": ("perfume", "perfume"),
    "latex": ("latex", "látex"),
}
NEGATIONS = ("not ", "non ", "no ", "sin ", "without ", "free of ", "free from ", "libre de ", "contains no ")
FREE = ("-free", " free")
CONTAINS = ("contains ", "contiene ", "with ", "con ")


@cache
def concept_names() -> dict[int, str]:
    names: dict[int, str] = {}
    for name in (*QUALITIES, *SUBSTANCES):
        for number, concept in enumerate(concepts().concepts):
            if fold(concept.english[0]) == fold(name):
                names.setdefault(number, name)
    return names


def quality_of(text: str, *, bare_substance: bool = False) -> tuple[str, bool] | None:
    """The quality or substance that the text names, and whether the text denies it.

    `bare_substance`: the text is the name of a yes-or-no fact, so that `BPA` alone means something.
    """
    words = text.strip().strip(".").strip()
    if not words or len(words) > 60:
        return None
    direct = named(words)
    if direct is not None and (bare_substance or direct not in SUBSTANCES):
        return direct, False
    lowered = words.casefold()
    for ending in FREE:
        if lowered.endswith(ending):
            found = named(words[: -len(ending)])
            return (found, True) if found else None
    for beginning in NEGATIONS:
        if lowered.startswith(beginning):
            found = named(words[len(beginning) :])
            return (found, True) if found else None
    for beginning in CONTAINS:
        if lowered.startswith(beginning):
            found = named(words[len(beginning) :])
            return (found, False) if found in SUBSTANCES else None
    return None


def named(text: str) -> str | None:
    if not tokenise(text):
        return None
    number = find_concept(text)
    return concept_names().get(number) if number is not None else None
