"""Spanish sentences. Each method gives what stands after the (silent) subject, e.g. `pesa 350 g`."""

import re
from collections.abc import Callable

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import fold
from generate_description.composer.attributes import Attribute
from generate_description.composer.english import LISTED, NEEDS_AMOUNT, Subject, join_predicates, listed
from generate_description.composer.qualities import QUALITIES, SUBSTANCES
from generate_description.composer.spanish_nouns import article_of, is_feminine, is_plural
from generate_description.composer.values import lower_first


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
        """`La taza Enamel Mug, de Brennholm,`, `El aceite de oliva Picual`; bare where the thing has no known word."""
        name = self.subject.name
        if self.noun and fold(name).startswith(fold(self.noun)):
            name = f"{self.the} {lower_first(name)}"
        elif self.noun and fold(self.noun) not in fold(name):
            name = f"{self.the} {self.noun} {name}"
        return name + (f", de {self.subject.brand}," if self.subject.brand else "")

    @property
    def the(self) -> str:
        return article_of(self.noun or "").capitalize()

    @property
    def this(self) -> str:
        if self.plural:
            return "Estas" if self.feminine else "Estos"
        return "Esta" if self.feminine else "Este"

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
        and_colour = f" y {self.colour(colour.value)}" if colour else ""
        if material and self.subject.consumable:
            return f"{self.the_name} {self.material(material.value)}{and_colour}."
        bare = self.subject.name + (f", de {self.subject.brand}," if self.subject.brand else "")
        if material and self.noun and fold(self.noun) not in fold(self.subject.name) and self.variant % 2:
            in_colour = f" en color {colour.value}" if colour else ""
            made = self.of_material(listed(material.value, "es"))
            return f"{bare} {self.is_} {self.article} {self.noun} {made}{in_colour}."
        if material:
            return f"{self.the_name} {self.material(material.value)}{and_colour}."
        return f"{self.the_name} {self.colour(colour.value)}." if colour else None

    def of_material(self, material: str) -> str:
        if not material[:1].isdigit():
            return f"de {material}"
        return f"hech{'a' if self.feminine else 'o'}{'s' if self.plural else ''} con {material}"

    def predicate(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.quality(attribute)
        if attribute.kind == "material":
            return self.material(attribute.value)
        if attribute.kind == "colour":
            return self.colour(attribute.value)
        template = self.templates.get(attribute.kind)
        if template is None or (attribute.kind in NEEDS_AMOUNT and not attribute.amount):
            return None
        value = attribute.value
        if attribute.kind in COUNTED:
            counted = attribute.label.lower() if "nivel" in attribute.label.lower() else COUNTED[attribute.kind]
            return f"{template(self)} {value} {counted}" if value.isdigit() and int(value) > 1 else None
        if attribute.kind in LISTED:
            value = listed(value, self.language)
        said = template(self)
        if "{value}" not in said:
            return f"{said} {value}"
        return said.format(value=value, label=attribute.label.lower())

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

    def material(self, value: str) -> str:
        if self.subject.consumable:
            return f"contiene{self.n} {listed(value, 'es')}"
        return f"se fabrica{self.n} {'con' if value[:1].isdigit() else 'en'} {listed(value, 'es')}"

    def colour(self, value: str) -> str:
        return f"viene{self.n} en color {value}"

    templates: dict[str, Callable[["Spanish"], str]] = {
        "variety": lambda e: f"{e.is_} de la variedad",
        "acidity": lambda e: f"tiene{e.n} una acidez de",
        "share": lambda e: f"contiene{e.n} un {{value}} de {{label}}",
        "composition": lambda e: f"se elabora{e.n} con",
        "capacity": lambda e: f"tiene{e.n} una capacidad de",
        "volume": lambda e: f"contiene{e.n}" if e.subject.consumable else f"tiene{e.n} una capacidad de",
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

    def other_subject(self, position: int) -> str | None:
        """Mostly silent, as Spanish is; for a change the thing itself."""
        if not self.noun:
            return None
        return (f"{self.this} {self.noun}", None, f"{self.the} {self.noun}", None)[position % 4]

    def seen(self, colour: str) -> str:
        return f"principalmente en {colour}"

    def without_name(self, text: str) -> str:
        """A later sentence that begins with the product's name again: the verb alone is enough."""
        name = re.escape(self.subject.name)
        noun, brand = re.escape(self.noun or "-"), re.escape(self.subject.brand or "-")
        pattern = rf"^(?:(?:El|La|Los|Las|Est[aeo]s?)\s+)?(?:{noun}\s+)?{name}(?:,?\s+de\s+{brand},?)?\s+(?=\w)"
        shorter = re.sub(pattern, "", text, flags=re.IGNORECASE)
        return shorter[:1].upper() + shorter[1:]

    def by_brand(self) -> str | None:
        if not self.subject.brand:
            return None
        return f"{self.the_name.partition(f', de {self.subject.brand},')[0]} {self.is_} de {self.subject.brand}."


COUNTED = {"levels": "niveles", "speeds": "velocidades", "pieces": "piezas"}
