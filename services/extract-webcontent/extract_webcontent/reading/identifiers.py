"""SKU, MPN and GTIN from their labels in English, Spanish, German and some neighbours; GTINs with their check digit."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Kind = Literal["sku", "mpn", "gtin"]

LABELS: dict[Kind, str] = {
    "gtin": (
        r"(?:gtin(?:-?(?:8|12|13|14))?|ean(?:[-\s]?(?:8|13|code|nummer|nr\.?|number))?|upc(?:[-\s]?(?:code|a))?"
        r"|isbn(?:[-\s]?13)?|barcode|bar code|strichcode|código de barras|codigo de barras|kod ean|ean kód"
        r"|code-?barres?|codice ean|(?:codice a barre))"
    ),
    "mpn": (
        r"(?:mpn|manufacturer(?:'s|s)? (?:part|product|item|sku|model)? ?(?:number|no\.?|nr\.?|code|#|id)|mfr\.? "
        r"?(?:part)? ?(?:number|no\.?|#)|mfg\.? ?(?:part)? ?(?:number|no\.?|#)|part (?:number|no\.?|#)"
        r"|herst(?:eller)?\.?[-\s]?(?:artikel)?[-\s]?(?:nummer|nr\.?)|herst\.?[-\s]?art\.?[-\s]?nr\.?"
        r"|hersteller-?teilenummer|herstellernummer|produktnummer des herstellers|modellnummer|modell-?nr\.?"
        r"|(?:item )?model (?:number|no\.?|#)|número de (?:modelo|pieza)(?: del (?:producto|fabricante"
        r"|artículo))?|ref(?:erencia)?\.? (?:del )?fabricante|n\.?º de modelo|référence fabricant|codice "
        r"produttore|teilenummer|part-?nr\.?)"
    ),
    "sku": (
        r"(?:sku|item (?:number|no\.?|nr\.?|#|code|id)|article (?:number|no\.?|nr\.?|id)|product (?:number|no\.?"
        r"|code|id|sku)|(?:web ?code|web ?id|catalog(?:ue)? (?:number|no\.?)|stock (?:code|no\.?|number)|style(?: "
        r"?(?:number|no\.?|#|code))?|model code|order (?:number|no\.?|code)|listing id|post id|ad id|lot id|asin"
        r"|item|reference(?: number)?)|artikel-?\s?(?:nummer|nr\.?|no\.?|id|code)|art\.?[-\s]?nr\.?|artnr\.?"
        r"|bestell-?\s?(?:nummer|nr\.?)|produkt-?\s?(?:nummer|nr\.?|id|code)|(?:ref\.?|referencia"
        r"|cód(?:igo)?\.?(?: de)?(?: artículo| producto| del producto| art\.?)?|codigo(?: de)?(?: articulo| "
        r"producto)?|número de (?:artículo|producto|referencia))|réf(?:érence)?\.?(?: produit| article)?"
        r"|codice(?: articolo| prodotto)?|cod\.? art\.?|nr (?:ref\.?|katalogowy|artykułu)|kód(?: produktu)?"
        r"|indeks|anzeigen-?(?:nummer|nr\.?|id))"
    ),
}  # fmt: skip
CODE = r"(?P<value>[A-Za-z0-9](?:[A-Za-z0-9./_+#-]|(?<=[A-Za-z0-9]) (?=[0-9])){1,38}[A-Za-z0-9]|\d{2,14})"
PATTERNS: dict[Kind, re.Pattern[str]] = {
    kind: re.compile(
        rf"(?<![\w-]){label}\s*(?:\([^()\n]{{0,20}}\)\s*)?(?P<mark>[:#=.•\t]|\n|\s-\s|\s)\s*[#:]?\s*{CODE}(?![\w])",
        re.IGNORECASE,
    )
    for kind, label in LABELS.items()
}
LABEL_ONLY: dict[Kind, re.Pattern[str]] = {
    kind: re.compile(rf"{label}(?:\s*\([^()]{{0,20}}\))?\s*[:#.]?", re.IGNORECASE) for kind, label in LABELS.items()
}
GTIN_RUN = re.compile(r"(?<!\d)\d(?:[\d -]{6,17})\d(?!\d)")
NOT_CODES = re.compile(
    r"(?:a|an|and|the|of|for|is|und|der|die|das|de|la|el|y|et|n/?a|none|kein|details?|name|number|code|id"
    r"|description|beschreibung|no|nr|weight|size|color|colour|brand|price|about|information|info|view|share"
    r"|add|sold|condition|specifics|location|dimensions|will|ships|has|are|in|to|on|by|with|not|price|\d{1,2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    kind: Kind
    value: str
    start: int
    end: int
    value_start: int
    strong: bool


def gtin_digits(text: str) -> str | None:
    """The digits of a GTIN-8, -12, -13 or -14 with a right check digit, else None."""
    digits = re.sub(r"[\s-]", "", text)
    if not digits.isdigit() or not digits.isascii() or len(digits) not in (8, 12, 13, 14) or not digits.strip("0"):
        return None
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits[:-1])))
    return digits if (10 - total % 10) % 10 == int(digits[-1]) else None


def label_kind(label: str) -> Kind | None:
    """What a specification's label names, if it names an identifier."""
    label = label.strip()
    if len(label) > 60:
        return None
    return next((kind for kind, pattern in LABEL_ONLY.items() if pattern.fullmatch(label)), None)


def find_codes(text: str) -> list[FoundCode]:
    """Labelled codes in the order of the text. `strong`: label and value are set apart by a mark or a line."""
    found: list[FoundCode] = []
    for kind, pattern in PATTERNS.items():
        for count, match in enumerate(pattern.finditer(text)):
            if count >= 60:
                break
            value, start = match["value"].rstrip("./-"), match.start("value")
            if kind == "gtin":
                run = GTIN_RUN.match(text, start)
                digits = gtin_digits(run.group()) if run else gtin_digits(value)
                if digits is None:
                    continue
                end = run.end() if run else match.end("value")
                found.append(FoundCode(kind, digits, match.start(), end, start, True))
                continue
            strong = match["mark"] not in (" ", "\n", ".") or "#" in match.group()
            has_digit = any(char.isdigit() for char in value)
            if NOT_CODES.fullmatch(value) or (
                not has_digit and (not strong or value != value.upper() or len(value) < 3)
            ):
                continue
            label = text[match.start() : start]
            if (
                kind == "sku"
                and re.match(r"(?:item|style|reference|ref|indeks)\b", label, re.IGNORECASE)
                and match["mark"] not in ":#"
            ):
                continue
            found.append(FoundCode(kind, value, match.start(), start + len(value), start, strong))
    found.sort(key=lambda code: code.start)
    return found


URL_KEYS = re.compile(r"(?:sku|artnr|art|item|itemid|product_?id|pid|prod|productid|asin|article|id|p)$", re.IGNORECASE)


def code_of_url(url: str | None) -> str | None:
    """The identifier that a shop puts into a product's address: the last long run of digits, or a coded segment."""
    if not url:
        return None
    parts = urlsplit(url)
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    for segment in reversed(segments[-3:]):
        stem = re.sub(r"\.\w{2,5}$", "", segment)
        if re.fullmatch(r"\d{5,14}", stem) or (re.fullmatch(r"[A-Z0-9]{6,14}", stem) and re.search(r"\d", stem)):
            return stem
        if match := re.search(r"(?<!\d)(?<!\d[.x-])(\d{5,14})$", stem):
            return match.group(1)
    for key, value in parse_qsl(parts.query):
        if URL_KEYS.fullmatch(key) and re.fullmatch(r"[A-Za-z0-9-]{4,20}", value) and re.search(r"\d", value):
            return value
    return None
