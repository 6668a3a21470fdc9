"""English sentences. Each method gives what stands after the subject, e.g. `holds 330 ml`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import simplemma

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
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
    return str(simplemma.lemmatize(word, lang="en")) != word


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

    @property
    def the_name(self) -> str:
        name = self.subject.name
        article = "" if re.match(r"(?:the|a|an|my)\s", name, re.IGNORECASE) else "The "
        return f"{article}{name}" + (f" by {self.subject.brand}" if self.subject.brand else "")

    def opening(self, material: Attribute | None, colour: Attribute | None) -> str | None:
        in_colour = f"in {colour.value}" if colour else ""
        if material and colour:
            made = f"made of {material.value}"
            if self.variant % 3 == 0:
                return f"Made of {material.value}, {lower_article(self.the_name)} come{self.s} {in_colour}."
            if self.variant % 3 == 1:
                return f"{self.the_name} {self.is_} {made} and come{self.s} {in_colour}."
            return f"{self.the_name}, {made}, come{self.s} {in_colour}."
        if material:
            verb = "crafted from" if self.variant % 2 and not self.subject.consumable else "made of"
            return f"{self.the_name} {self.is_} {verb} {material.value}."
        return f"{self.the_name} come{self.s} {in_colour}." if colour else None

    def predicate(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.quality(attribute)
        template = self.templates.get(attribute.kind)
        if template is None or attribute.foreign:
            return None
        kind, value = attribute.kind, attribute.value
        if kind in NEEDS_AMOUNT and not attribute.amount:
            return None
        if kind in COUNTED:
            counted = attribute.label.lower() if "level" in attribute.label.lower() else COUNTED[kind]
            return f"{template(self)} {value} {counted}" if value.isdigit() and int(value) > 1 else None
        if kind in LISTED:
            value = listed(value, self.language)
        return template(self).format(value=value) if "{value}" in template(self) else f"{template(self)} {value}"

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

    templates: dict[str, Callable[["English"], str]] = {
        "capacity": lambda e: f"hold{e.s}",
        "volume": lambda e: f"{e.has} a volume of" if e.subject.consumable else f"hold{e.s}",
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
        "included": lambda e: f"include{e.s}",
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

    @property
    def other_subject(self) -> str:
        """For a change from `it`: the thing itself, where the name says what that is."""
        return f"The {self.noun}" if self.noun and not self.subject.plural else self.it

    def agree(self, label: str, value: str) -> str:
        return value

    def details(self, pairs: list[str]) -> str:
        opening = ("Further details", "More details", "Details")[self.variant % 3]
        return f"{opening}: {join_pairs(pairs)}."

    def by_brand(self) -> str | None:
        name = self.the_name.partition(" by ")[0]
        return f"{name} {self.is_} from {self.subject.brand}." if self.subject.brand else None


def lower_article(text: str) -> str:
    return "the " + text[4:] if text.startswith("The ") else text


def join_predicates(predicates: list[str], conjunction: str, contrast: str) -> str:
    """`is vegan and paraben-free`: a verb that was just said is not said again; what is denied follows a "but"."""
    spoken: list[str] = []
    verb = ""
    for predicate in predicates:
        own, _, rest = predicate.partition(" ")
        spoken.append(rest if own == verb and rest else predicate)
        verb = own
    if len(spoken) < 2:
        return "".join(spoken)
    denied = [is_denied(predicate) for predicate in predicates[-2:]]
    joined = contrast if denied == [False, True] and predicates[-2].startswith(COPULAS) else conjunction
    return f"{', '.join(spoken[:-1])}{',' if joined == contrast else ''} {joined} {spoken[-1]}"


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
    """`mug` of `Enamel Mug`, if the name ends with what the thing is."""
    tokens = tokenise(name)
    known = concepts()
    ends = [
        found
        for found in known.find(tokens)
        if known.section(found.concept) == "type" and found.last == len(tokens) - 1
    ]
    if not ends:
        return None
    longest = min(ends, key=lambda found: found.first)
    return name[tokens[longest.first].start : tokens[longest.last].end].lower()


def join_pairs(pairs: list[str]) -> str:
    return ("; " if any(re.search(r",(?!\d)", pair) for pair in pairs) else ", ").join(pairs)


LISTED = frozenset({"notes", "included", "compatibility"})
NEEDS_AMOUNT = frozenset(
    {"capacity", "volume", "net", "net_weight", "weight", "dimensions", "height", "width", "length", "depth",
     "thickness", "diameter", "power", "voltage", "torque", "pressure", "brightness", "runtime", "cable", "battery",
     "age", "warranty"}
)  # fmt: skip
COUNTED = {"levels": "levels", "speeds": "speeds", "pieces": "pieces"}
