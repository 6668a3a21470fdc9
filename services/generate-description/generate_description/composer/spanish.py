"""Spanish sentences. Each method gives what stands after the (silent) subject, e.g. `pesa 350 g`."""

import re
from collections.abc import Callable

import simplemma

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import fold
from generate_description.composer.attributes import Attribute
from generate_description.composer.english import LISTED, NEEDS_AMOUNT, Subject, join_pairs, join_predicates, listed
from generate_description.composer.qualities import QUALITIES, SUBSTANCES

FEMININE_ENDING = re.compile(r"(?:a|ción|sión|dad|tad|tud|umbre|ie)$")
MASCULINE = frozenset(["mapa", "pijama", "sofa", "dia", "planta-pie", "sistema", "programa", "idioma", "pie"])
FEMININE = frozenset(["flor", "sarten", "luz", "red", "miel", "sal", "carne", "leche", "llave"])


def is_feminine(noun: str) -> bool:
    head = fold(noun.split()[0]) if noun.split() else ""
    if head in MASCULINE or (head.endswith("ma") and head not in {"crema", "cama", "goma", "llama", "pluma", "rama"}):
        return False
    return head in FEMININE or bool(FEMININE_ENDING.search(noun.split()[0].casefold())) if noun.split() else False


def is_plural(noun: str) -> bool:
    """`auriculares`, but not `rompecabezas` nor `paraguas`, which the dictionary has as they are."""
    word = noun.casefold()
    return word.endswith("s") and str(simplemma.lemmatize(word, lang="es")) != word


def noun_of(name: str) -> str | None:
    """The Spanish word for what the name says that it is, e.g. `taza` of `Enamel Mug`."""
    known = concepts()
    found = [item for item in known.find(tokenise(name)) if known.section(item.concept) == "type"]
    if not found:
        return None
    # English names end with the thing, and a longer phrase says more.
    best = max(found, key=lambda item: (item.last - item.first, item.last))
    covering = [item for item in found if item.first <= best.first and item.last >= best.last]
    chosen = max(covering, key=lambda item: item.last - item.first)
    return known.concepts[chosen.concept].spanish[0]


_ADJECTIVES = """
incluido temprano tardío redondo cuadrado ovalado automático eléctrico magnético liso corto largo oscuro claro medio
lavado reciclado orgánico pulido cepillado ajustado regulado
"""
ADJECTIVES = frozenset(_ADJECTIVES.split())


class Spanish:
    language = "es"

    def __init__(self, subject: Subject, variant: int, type_name: str | None = None) -> None:
        self.subject = subject
        self.variant = variant
        self.noun = noun_of(subject.name) or (noun_of(type_name) if type_name else None)
        self.plural = bool(self.noun) and is_plural(str(self.noun).split()[0])
        self.feminine = is_feminine(self.noun or "")

    @property
    def the_name(self) -> str:
        return self.subject.name + (f", de {self.subject.brand}," if self.subject.brand else "")

    @property
    def article(self) -> str:
        if self.plural:
            return "unas" if self.feminine else "unos"
        return "una" if self.feminine else "un"

    @property
    def is_(self) -> str:
        return "son" if self.plural else "es"

    @property
    def n(self) -> str:
        return "n" if self.plural else ""

    def opening(self, material: Attribute | None, colour: Attribute | None) -> str | None:
        if not material and not colour:
            return None
        of = f" {self.of_material(material.value)}" if material else ""
        in_colour = f" en color {colour.value}" if colour else ""
        and_colour = f" y viene{self.n} en color {colour.value}" if colour else ""
        noun = self.noun or "artículo"
        if self.subject.consumable and material:
            return f"{self.the_name} contiene{self.n} {material.value}{and_colour}."
        if fold(noun) in fold(self.subject.name) or self.variant % 3 == 1:
            # The name says already what it is.
            if material:
                made = "con" if material.value[:1].isdigit() else "en"
                return f"{self.the_name} se fabrica{self.n} {made} {material.value}{and_colour}."
            return f"{self.the_name} se presenta{self.n}{in_colour}."
        return f"{self.the_name} {self.is_} {self.article} {noun}{of}{in_colour}."

    def of_material(self, material: str) -> str:
        if not material[:1].isdigit():
            return f"de {material}"
        return f"hech{'a' if self.feminine else 'o'}{'s' if self.plural else ''} con {material}"

    def agree(self, label: str, value: str) -> str:
        """`Funda: incluida`: an adjective agrees with what it stands beside."""
        if value in ADJECTIVES and is_feminine(label):
            return value[:-1] + "a"
        return value

    def predicate(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.quality(attribute)
        template = self.templates.get(attribute.kind)
        if template is None or attribute.foreign or (attribute.kind in NEEDS_AMOUNT and not attribute.amount):
            return None
        value = attribute.value
        if attribute.kind in COUNTED:
            counted = attribute.label.lower() if "nivel" in attribute.label.lower() else COUNTED[attribute.kind]
            return f"{template(self)} {value} {counted}" if value.isdigit() and int(value) > 1 else None
        if attribute.kind in LISTED:
            value = listed(value, self.language)
        return template(self).format(value=value) if "{value}" in template(self) else f"{template(self)} {value}"

    def quality(self, attribute: Attribute) -> str | None:
        name = attribute.quality or ""
        negation = "" if attribute.positive else "no "
        if name in SUBSTANCES:
            return f"{negation}contiene{self.n} {SUBSTANCES[name][1]}"
        return f"{negation}{self.is_} {self.agreeing(name)}"

    def agreeing(self, name: str) -> str:
        quality = QUALITIES[name]
        form = quality.feminine if self.feminine else quality.masculine
        if not self.plural:
            return form
        first, space, rest = form.partition(" ")
        return first + ("s" if first[-1] in "aeiouáéíóú" else "es") + space + rest

    def bullet_quality(self, attribute: Attribute) -> str:
        name = attribute.quality or ""
        if name in SUBSTANCES:
            word = SUBSTANCES[name][1]
            return f"Contiene {word}" if attribute.positive else f"Sin {word}"
        text = ("" if attribute.positive else "no ") + self.agreeing(name)
        return text[0].upper() + text[1:]

    templates: dict[str, Callable[["Spanish"], str]] = {
        "capacity": lambda e: f"tiene{e.n} una capacidad de",
        "volume": lambda e: f"tiene{e.n} un volumen de" if e.subject.consumable else f"tiene{e.n} una capacidad de",
        "net": lambda e: f"contiene{e.n}",
        "net_weight": lambda e: f"tiene{e.n} un peso neto de",
        "weight": lambda e: f"pesa{e.n}",
        "dimensions": lambda e: f"mide{e.n}",
        "height": lambda e: f"mide{e.n} {{value}} de alto",
        "width": lambda e: f"mide{e.n} {{value}} de ancho",
        "length": lambda e: f"mide{e.n} {{value}} de largo",
        "depth": lambda e: f"mide{e.n} {{value}} de fondo",
        "thickness": lambda e: f"tiene{e.n} un grosor de",
        "diameter": lambda e: f"tiene{e.n} un diámetro de",
        "size": lambda e: f"viene{e.n} en la talla",
        "power": lambda e: f"tiene{e.n} una potencia de",
        "voltage": lambda e: f"funciona{e.n} a",
        "torque": lambda e: f"ofrece{e.n} un par de",
        "pressure": lambda e: f"trabaja{e.n} a una presión de",
        "brightness": lambda e: f"alcanza{e.n} un brillo de",
        "runtime": lambda e: f"tiene{e.n} una autonomía de",
        "cable": lambda e: f"tiene{e.n} un cable de",
        "battery": lambda e: f"tiene{e.n} una batería de",
        "levels": lambda e: f"ofrece{e.n}",
        "speeds": lambda e: f"ofrece{e.n}",
        "pieces": lambda e: "consta" + e.n + " de",
        "origin": lambda e: f"procede{e.n} de" if e.subject.consumable else f"se fabrica{e.n} en",
        "age": lambda e: f"se recomienda{e.n} a partir de",
        "warranty": lambda e: f"tiene{e.n} una garantía de",
        "compatibility": lambda e: f"{e.is_} compatible{'s' if e.plural else ''} con",
        "included": lambda e: f"incluye{e.n}",
        "skin_type": lambda e: f"está{e.n} pensad{'a' if e.feminine else 'o'}{'s' if e.plural else ''} para",
        "notes": lambda e: f"tiene{e.n} notas de",
        "roast": lambda e: f"tiene{e.n} un tueste {{value}}",
        "scent": lambda e: f"tiene{e.n} aroma de",
        "flavour": lambda e: f"tiene{e.n} sabor de",
    }

    def sentence(self, predicates: list[str], subject: str | None = None) -> str:
        conjunction = "e" if re.match(r"h?i(?!e)", fold(predicates[-1])) else "y"
        text = join_predicates(predicates, conjunction, "pero")
        return f"{subject} {text}." if subject else f"{text[0].upper()}{text[1:]}."

    @property
    def first_subject(self) -> str:
        return self.the_name

    @property
    def other_subject(self) -> str | None:
        return None

    def details(self, pairs: list[str]) -> str:
        opening = ("Otros detalles", "Más detalles", "Detalles")[0 if self.variant % 3 == 1 else self.variant % 3]
        return f"{opening}: {join_pairs(pairs)}."

    def by_brand(self) -> str | None:
        if not self.subject.brand:
            return None
        return f"{self.subject.name} {self.is_} de {self.subject.brand}."


COUNTED = {"levels": "niveles", "speeds": "velocidades", "pieces": "piezas"}
