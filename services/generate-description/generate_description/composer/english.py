"""English sentences. Each method gives what stands after the subject, e.g. `holds 330 ml`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import lemma_of
from generate_description.composer.attributes import Attribute
from generate_description.composer.qualities import QUALITIES, SUBSTANCES
from generate_description.composer.values import join

CONSUMABLE = re.compile(
    r"\b(?:oil|coffee|tea|beans?|cream|lotion|soap|shampoo|honey|wine|chocolate|sauce|serum|balm|gel|jam|juice|aceite|"
    r"café|crema|jabón|champú|miel|vino|loción|mermelada|zumo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The product in a sentence: its name, who makes it, and whether it takes a plural verb."""

    name: str
    brand: str | None
    plural: bool
    consumable: bool

    @classmethod
    def of(cls, name: str, brand: str | None) -> "Subject":
        shown = brand if brand and brand.casefold() not in name.casefold() else None
        return cls(name, shown, is_plural(name), bool(CONSUMABLE.search(name)))


def is_plural(name: str) -> bool:
    head = re.split(r"\s+(?:with|for|in|of|by|from)\s+|[,(–]", name, maxsplit=1)[0].split()
    if not head:
        return False
    word = head[-1].casefold()
    if not word.isalpha() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return False
    return lemma_of(word, "en") != word


class English:
    language = "en"

    def __init__(self, subject: Subject, variant: int) -> None:
        self.subject = subject
        self.variant = variant
        plural = subject.plural
        self.is_ = "are" if plural else "is"
        self.has = "have" if plural else "has"
        self.it = "They" if plural else "It"
        self.s = "" if plural else "s"
        self.noun = english_noun(subject.name)
        if self.noun and is_plural(self.noun):
            self.noun = None

    @property
    def the_name(self) -> str:
        name = self.subject.name
        article = "" if re.match(r"(?:the|a|an|my)\s", name, re.IGNORECASE) else "The "
        return f"{article}{name}" + (f" by {self.subject.brand}" if self.subject.brand else "")

    def opening(self, material: Attribute | None, colour: Attribute | None) -> str | None:
        in_colour = f"in {colour.value}" if colour else ""
        made_of = listed(material.value, "en") if material else ""
        if material and colour:
            made = f"made of {made_of}"
            if self.variant % 3 == 0:
                return f"Made of {made_of}, {lower_article(self.the_name)} come{self.s} {in_colour}."
            if self.variant % 3 == 1:
                return f"{self.the_name} {self.is_} {made} and come{self.s} {in_colour}."
            return f"{self.the_name}, {made}, come{self.s} {in_colour}."
        if material:
            verb = "crafted from" if self.variant % 2 and not self.subject.consumable else "made of"
            return f"{self.the_name} {self.is_} {verb} {made_of}."
        return f"{self.the_name} come{self.s} {in_colour}." if colour else None

    def predicate(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.quality(attribute)
        if attribute.kind == "material":
            return self.material(attribute.value)
        if attribute.kind == "colour":
            return self.colour(attribute.value)
        template = self.templates.get(attribute.kind)
        if template is None:
            return None
        kind, value = attribute.kind, attribute.value
        if kind in NEEDS_AMOUNT and not attribute.amount:
            return None
        if kind in COUNTED:
            counted = attribute.label.lower() if "level" in attribute.label.lower() else COUNTED[kind]
            return f"{template(self)} {value} {counted}" if value.isdigit() and int(value) > 1 else None
        if kind in LISTED:
            value = listed(value, self.language)
        said = template(self)
        if "{value}" not in said:
            return f"{said} {value}"
        return said.format(value=value, label=attribute.label.lower())

    def quality(self, attribute: Attribute) -> str | None:
        name = attribute.quality or ""
        if name in SUBSTANCES:
            word = SUBSTANCES[name][0]
            return f"contain{self.s} {word}" if attribute.positive else f"{self.is_} {word}-free"
        return f"{self.is_} {'' if attribute.positive else 'not '}{QUALITIES[name].english}"

    def bullet_quality(self, attribute: Attribute) -> str:
        name = attribute.quality or ""
        if name in SUBSTANCES:
            word = SUBSTANCES[name][0]
            return (
                f"Contains {word}"
                if attribute.positive
                else f"{word}-free".capitalize()
                if word.islower()
                else f"{word}-free"
            )
        text = ("" if attribute.positive else "not ") + QUALITIES[name].english
        return text[0].upper() + text[1:]

    def material(self, value: str) -> str:
        return f"{self.is_} made of {listed(value, 'en')}"

    def colour(self, value: str) -> str:
        return f"come{self.s} in {value}"

    templates: dict[str, Callable[["English"], str]] = {
        "variety": lambda e: f"{e.is_} of the {{value}} variety",
        "acidity": lambda e: f"{e.has} an acidity of",
        "share": lambda e: f"contain{e.s} {{value}} {{label}}",
        "composition": lambda e: f"{e.is_} made from",
        "capacity": lambda e: f"hold{e.s}",
        "volume": lambda e: f"contain{e.s}" if e.subject.consumable else f"hold{e.s}",
        "net": lambda e: f"contain{e.s}",
        "net_weight": lambda e: f"{e.has} a net weight of",
        "weight": lambda e: f"weigh{e.s}",
        "dimensions": lambda e: f"measure{e.s}",
        "height": lambda e: f"{e.is_} {{value}} tall",
        "width": lambda e: f"{e.is_} {{value}} wide",
        "length": lambda e: f"{e.is_} {{value}} long",
        "depth": lambda e: f"{e.is_} {{value}} deep",
        "thickness": lambda e: f"{e.is_} {{value}} thick",
        "diameter": lambda e: f"{e.has} a diameter of",
        "size": lambda e: f"come{e.s} in size",
        "power": lambda e: f"{e.has} a power of",
        "voltage": lambda e: f"run{e.s} on",
        "torque": lambda e: f"deliver{e.s} a torque of",
        "pressure": lambda e: f"work{e.s} at a pressure of",
        "brightness": lambda e: f"reach{e.plural_es} a brightness of",
        "runtime": lambda e: f"run{e.s} for",
        "cable": lambda e: f"{e.has} a cable of",
        "battery": lambda e: f"{e.has} a battery of",
        "levels": lambda e: f"offer{e.s}",
        "speeds": lambda e: f"offer{e.s}",
        "pieces": lambda e: f"consist{e.s} of",
        "origin": lambda e: f"come{e.s} from" if e.subject.consumable else f"{e.is_} made in",
        "age": lambda e: f"{e.is_} recommended from an age of",
        "warranty": lambda e: f"come{e.s} with a warranty of",
        "compatibility": lambda e: f"{e.is_} compatible with",
        "skin_type": lambda e: f"{e.is_} made for",
        "notes": lambda e: f"{e.has} notes of",
        "roast": lambda e: f"{e.has} a {{value}} roast",
        "scent": lambda e: f"{e.has} a scent of",
        "flavour": lambda e: f"{e.has} a flavour of",
    }

    @property
    def plural_es(self) -> str:
        return "" if self.subject.plural else "es"

    def sentence(self, predicates: list[str], subject: str | None = None) -> str:
        return f"{subject or self.it} {join_predicates(predicates, 'and', 'but')}."

    @property
    def first_subject(self) -> str:
        return self.the_name

    def other_subject(self, position: int) -> str | None:
        """For a change from `it`: the thing itself, where its name says what that is."""
        if not self.noun or self.subject.plural:
            return self.it
        return (f"This {self.noun}", self.it, f"The {self.noun}", self.it)[position % 4]

    def seen(self, colour: str) -> str:
        return f"mainly {colour}"

    def without_name(self, text: str) -> str:
        """A later sentence that begins with the product's name again."""
        pattern = (
            rf"^(?:The|This)\s+{re.escape(self.subject.name)}(?:\s+by\s+{re.escape(self.subject.brand or '-')})?(?=\s)"
        )
        return re.sub(pattern, self.it, text, flags=re.IGNORECASE)

    def by_brand(self) -> str | None:
        name = self.the_name.partition(" by ")[0]
        return f"{name} {self.is_} from {self.subject.brand}." if self.subject.brand else None


def lower_article(text: str) -> str:
    return "the " + text[4:] if text.startswith("The ") else text


def join_predicates(predicates: list[str], conjunction: str, contrast: str) -> str:
    """`is vegan and paraben-free`: a verb that was just said is not said again; what is denied follows a "but"."""
    spoken: list[str] = []
    before = ""
    for predicate in predicates:
        spoken.append(predicate.partition(" ")[2] if shares_verb(before, predicate) else predicate)
        before = predicate
    if len(spoken) < 2:
        return "".join(spoken)
    denied = [is_denied(predicate) for predicate in predicates[-2:]]
    joined = contrast if denied == [False, True] and predicates[-2].startswith(COPULAS) else conjunction
    return f"{', '.join(spoken[:-1])}{',' if joined == contrast else ''} {joined} {spoken[-1]}"


def shares_verb(first: str, second: str) -> bool:
    """Not "is made for dry skin and vegan": a participle takes the verb for itself."""
    verb, _, rest = second.partition(" ")
    own, _, other = first.partition(" ")
    if own != verb or not rest:
        return False
    return PARTICIPLE.match(rest) is None and PARTICIPLE.match(other) is None


PARTICIPLE = re.compile(r"(?:made|crafted|recommended|compatible|pensad|hech|elaborad)\w*\s")
COPULAS = ("is ", "are ", "es ", "son ")


def is_denied(predicate: str) -> bool:
    """`is not dishwasher-safe`, `no es apta para lavavajillas`; to be free of something is no denial."""
    return predicate.startswith(("is not ", "are not ", "no es ", "no son "))


def listed(value: str, language: str) -> str:
    """`cocoa, red apple, caramel` as a sentence has it."""
    parts = [part.strip() for part in value.split(",")]
    joined = any(re.search(r"\s(?:and|y|e|or|o)\s", part) for part in parts)
    return value if joined or not all(parts) else join(parts, language)


def english_noun(name: str) -> str | None:
    """`mug` of `Enamel Mug`: what the name says that the thing is."""
    tokens = tokenise(name)
    known = concepts()
    types = [found for found in known.find(tokens) if known.section(found.concept) == "type"]
    if not types:
        return None
    # The name ends with the thing, or goes on about it: "Hand Cream Almond & Shea".
    best = max(types, key=lambda found: (found.last - found.first, found.last))
    spoken = name[tokens[best.first].start : tokens[best.last].end]
    return spoken.lower() if spoken.casefold() in known.concepts[best.concept].english else None


LISTED = frozenset({"notes", "compatibility"})
NEEDS_AMOUNT = frozenset(
    {"capacity", "volume", "net", "net_weight", "weight", "dimensions", "height", "width", "length", "depth",
     "thickness", "diameter", "power", "voltage", "torque", "pressure", "brightness", "runtime", "cable", "battery",
     "age", "warranty", "acidity", "share"}
)  # fmt: skip
COUNTED = {"levels": "levels", "speeds": "speeds", "pieces": "pieces"}
