"""One logical line → what it states. Pure text, no geometry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from describe_image.label_reader.facts.quantities import Quantity, quantities
from describe_image.label_reader.facts.statements import Statement, statements, whole_material
from describe_image.label_reader.facts.vocabulary import COUNTRY_NAMES, Label, find_label, label_pattern, plain

KEY_VALUE = re.compile(r"^\W{0,3}(?P<key>[^\W\d][^:：]{1,39}?)\s?[:：]\s*(?P<value>\S.*)$")
NOT_A_KEY = re.compile(
    r"^(?:https?|www|tel|phone|fax|e-?mail|mail|web|tfno|telefono|attention|warning|atencion|aviso|nota|note)\b"
)
MOST_KEY_WORDS = 3
LONGEST_VALUE = 120
CODE = re.compile(r"(?=[A-Za-z0-9./-]*\d)[A-Za-z0-9][A-Za-z0-9./-]{1,39}")
CODE_AFTER_LABEL = re.compile(rf"\s*(?:[:#.]|n[º°o]\.?)?\s*(?P<code>{CODE.pattern})(?![\w-])")
SIZE_VALUE = re.compile(r"\s*(?P<size>X{0,4}[SL]|M|XXS|\d{1,3}(?:\s?/\s?\d{1,3})?)(?![\w.,]|\s?(?:%|in\b|cm|mm))")
SEPARATORS = re.compile(r"[|·•;,]| - |\s{2,}")

# Stand-alone quantities that are a fact without a caption, and the name of that fact.
STANDALONE = {
    "volume": "volume",
    "weight": "weight",
    "power": "power",
    "voltage": "voltage",
    "battery_capacity": "battery_capacity",
    "torque": "torque",
    "brightness": "brightness",
    "frequency": "frequency",
    "pressure": "pressure",
    "noise_level": "noise_level",
    "fabric_weight": "fabric_weight",
    "rotation_speed": "rotation_speed",
    "storage_capacity": "storage_capacity",
    "pieces": "pieces",
    "dimensions": "dimensions",
    "color_temperature": "color_temperature",
}
IMPERIAL = frozenset({"oz", "fl oz", "lb", "lbs", "gal"})
# After a length without caption: which one it is.
LENGTH_NOUNS = {
    "chuck": "chuck_size",
    "cable": "cable_length",
    "cord": "cable_length",
    "high": "height",
    "tall": "height",
    "wide": "width",
    "deep": "depth",
    "long": "length",
    "diameter": "diameter",
    "de alto": "height",
    "de ancho": "width",
    "de fondo": "depth",
    "de largo": "length",
    "de diametro": "diameter",
}
# "20 g protein", "per 100 g", "up to 5 kg" are no content of the pack.
NOT_CONTENT = re.compile(
    r"\b(?:per|por|cada|serving|porcion|racion|dose|dosis|daily|diaria|up to|hasta|max|maximum|maximo|min|minimum|load|"
    r"carga|protein|proteins|proteinas?|fats?|grasas?|saturat\w*|sugars?|azucar(?:es)?|salt|sal|sodium|sodio|fibre|fiber|"
    r"fibra|carbohydrates?|hidratos|carbohidratos|caffeine|cafeina|vitamin\w*|calcium|calcio|energy|energia|supports|"
    r"soporta|holds|shipping|envio|free|gratis|extra|more|mas)\b|/\s?$"
)


@dataclass(slots=True)
class Parsed:
    """`covered` says which part of the line the statements account for: what is left over must not be lost."""

    statements: list[Statement] = field(default_factory=list)
    covered: list[tuple[int, int]] = field(default_factory=list)

    def add(self, statement: Statement) -> None:
        self.statements.append(statement)
        self.covered.append((statement.start, statement.end))

    def left_over(self, text: str) -> str:
        kept = list(text)
        for start, end in self.covered:
            kept[start:end] = " " * (end - start)
        return "".join(kept)


def parse(text: str) -> Parsed:
    parsed = Parsed()
    match = KEY_VALUE.match(text)
    if match and is_key(match["key"]):
        for statement in key_value(match):
            parsed.add(statement)
        if parsed.statements:
            parsed.covered.append((0, len(text)))
            return parsed
    for statement in captioned(text):
        parsed.add(statement)
    for statement in statements(text):
        if not overlaps(parsed, statement.start, statement.end):
            parsed.add(statement)
    for quantity in quantities(text):
        found = standalone(text, quantity)
        if found and not overlaps(parsed, found.start, found.end):
            parsed.add(found)
    for statement in materials(parsed.left_over(text)):
        parsed.add(statement)
    drop_translated(parsed)
    return parsed


def drop_translated(parsed: Parsed) -> None:
    """Of "12 oz (340 g)" the metric value stays: the other is the same, rounded, and would look like a conflict."""
    for name in ("weight", "volume"):
        same = [one for one in parsed.statements if one.name == name]
        metric = [one for one in same if one.unit not in IMPERIAL]
        if metric and len(metric) < len(same):
            parsed.statements = [one for one in parsed.statements if one.name != name or one.unit not in IMPERIAL]


def overlaps(parsed: Parsed, start: int, end: int) -> bool:
    return any(start < right and end > left for left, right in parsed.covered)


def is_key(key: str) -> bool:
    words = plain(key).split()
    return find_label(key) is not None or (len(words) <= MOST_KEY_WORDS and not NOT_A_KEY.match(" ".join(words)))


def fact_name(key: str) -> str:
    """A name for a caption that we do not know: its own words, as in `dimming_levels`."""
    return re.sub(r"[^\w]+", "_", plain(key)).strip("_")


def key_value(match: re.Match[str]) -> Iterator[Statement]:
    key, value = match["key"], match["value"].strip(" .")
    label = find_label(key)
    start, end = match.start("value"), match.end("value")
    if not value:
        return
    if label is None:
        found = list(quantities(value))
        if len(found) == 1 and is_only(value, found[0]) and found[0].measures != "percentage":
            yield Statement(fact_name(key), found[0].value, start, end, unit=found[0].unit)
        else:
            yield Statement(fact_name(key), value, start, end)
        return
    if label.code:
        # A model may have a name behind its number; article numbers are one word.
        code = None if label.name == "model" else CODE.search(value)
        if label.name == "model":
            yield Statement(label.name, value, start, end)
        if code:
            yield Statement(label.name, code.group().rstrip("./-"), start, end)
        return
    if not label.unit_names:
        name = "country_of_origin" if label.name == "origin" and plain(value) in COUNTRY_NAMES else label.name
        if name == "care":
            known = list(statements(value))
            yield from (Statement(one.name, one.value, start, end, one.unit) for one in known)
            if known:
                return
        yield Statement(name, value, start, end)
        return
    yield from measured(label, key, value, start, end)


def measured(label: Label, key: str, value: str, start: int, end: int) -> Iterator[Statement]:
    """The quantity that fits the caption, and others behind it: "Input: 230 V~ 50 Hz"."""
    main = False
    for quantity in quantities(value):
        fits = quantity.measures in label.unit_names
        if fits and not main:
            main = True
            yield Statement(label.name, quantity.value, start, end, unit=quantity.unit)
        elif quantity.measures in STANDALONE and not fits:
            yield Statement(STANDALONE[quantity.measures], quantity.value, start, end, unit=quantity.unit)
            main = True
    if not main:
        # Without a measure the caption means something else: "Contents: 1 bottle" is no volume.
        bare_number = value.replace(".", "").replace(",", "").isdecimal()
        yield Statement(label.name if bare_number else fact_name(key), value, start, end)


def is_only(text: str, quantity: Quantity) -> bool:
    rest = text[: quantity.start] + text[quantity.end :]
    return not any(sign.isalnum() for sign in rest)


def captioned(text: str) -> Iterator[Statement]:
    """A caption and its value without a colon: "Height 80 mm", "Size M", "Item BRN-MUG-330"."""
    simple = plain(text)
    taken = 0
    for match in label_pattern().finditer(simple):
        label = find_label(match.group())
        if label is None or match.start() < taken:
            continue
        if label.unit_names:
            following = next((q for q in quantities(text) if 0 <= q.start - match.end() <= 3), None)
            between = text[match.end() : following.start] if following else ""
            if following and following.measures in label.unit_names and not any(map(str.isalnum, between)):
                taken = following.end
                yield Statement(label.name, following.value, match.start(), following.end, unit=following.unit)
        elif label.code:
            code = CODE_AFTER_LABEL.match(text, match.end())
            # An ordinary word may be a caption too ("model 3 years"): the code must close the line or its segment.
            if code and not re.match(r"\s*[^\W\d_]", text[code.end() :]) and looks_like_code(code["code"]):
                taken = code.end()
                yield Statement(label.name, code["code"].rstrip("./-"), match.start(), code.end())
        else:
            size = SIZE_VALUE.match(text, match.end())
            if size and next((q for q in quantities(text) if q.start <= size.start("size") < q.end), None) is None:
                taken = size.end()
                yield Statement(label.name, size["size"], match.start(), size.end())


def looks_like_code(code: str) -> bool:
    return len(code) >= 4 or (any(map(str.isalpha, code)) and any(map(str.isdigit, code)))


def standalone(text: str, quantity: Quantity) -> Statement | None:
    simple = plain(text)
    if quantity.measures == "length":
        if re.search(r"[øØ⌀]\s*$", text[: quantity.start]):
            return Statement("diameter", quantity.value, quantity.start - 1, quantity.end, unit=quantity.unit)
        after = simple[quantity.end :].strip()
        for noun, name in LENGTH_NOUNS.items():
            if re.match(rf"(?:in\s+)?{noun}\b", after):
                end = quantity.end + simple[quantity.end :].index(noun) + len(noun)
                return Statement(name, quantity.value, quantity.start, end, unit=quantity.unit)
        return None
    if quantity.measures not in STANDALONE:
        return None
    if quantity.measures in {"volume", "weight"}:
        if NOT_CONTENT.search(simple[: quantity.start]) or NOT_CONTENT.search(simple[quantity.end :]):
            return None
        if re.fullmatch(r"\dG", text[quantity.start : quantity.end]):
            return None  # a mobile network
    if quantity.measures == "color_temperature" and not re.search(r"\d{4}", quantity.value):
        return None  # a screen
    end = quantity.end
    if quantity.measures == "torque" and (word := re.match(r"\s*torque\b", simple[end:])):
        end += word.end()
    return Statement(STANDALONE[quantity.measures], quantity.value, quantity.start, end, unit=quantity.unit)


def materials(left_over: str) -> Iterator[Statement]:
    """Segments of what is left of a line that are a material and nothing else."""
    position = 0
    for separator in [*SEPARATORS.finditer(left_over), None]:
        end = separator.start() if separator else len(left_over)
        segment = left_over[position:end]
        stripped = segment.strip(" .")
        if len(stripped) > 2 and whole_material(stripped):
            start = position + segment.index(stripped)
            yield Statement("material", stripped, start, start + len(stripped))
        position = separator.end() if separator else end
