"""Cells to values that the catalogue takes; what it would not take is an error with the line and the column."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from app.formats.base import ReadResult, RowError
from app.formats.cells import ATTRIBUTE_JOINT, escape, join_list, split_list, split_raw, trim, unescape
from app.formats.items import CatalogueItem
from app.products.schemas import ProductAttribute, ProductOption, Sku, Url
from shared.models.base import Language, Money
from shared.utils.gtin import is_valid_gtin

T = TypeVar("T")

SKU = TypeAdapter[str](Sku)
URL = TypeAdapter[str](Url)
LANGUAGE = TypeAdapter[str](Language)

MAX_NAME = 500
MAX_BRAND = 200
MAX_CATEGORY = 500
MAX_TAG = 100
MAX_ENTRIES = 100
MAX_ATTRIBUTES = 500
MAX_SOURCES = 20
MAX_IMAGES = 250
MAX_TEXT = 20_000
MAX_EXTRA = 100_000

STATUSES = ("draft", "enriching", "needs_review", "approved")
YES = frozenset({"true", "yes", "y", "1", "ja", "wahr", "sí", "si", "verdadero", "x"})
NO = frozenset({"false", "no", "n", "0", "nein", "falsch", "falso", ""})

NAME_MARKS = ";=:"
UNIT_MARKS = ";=:()"
TYPE_SUFFIX = re.compile(r"\s*(text|number|boolean|list)\s*(?:\((.*)\)\s*)?\Z", re.DOTALL)
PRICE = re.compile(r"(?P<sign>[-−]?)(?P<digits>\d[\d.,'’\s]*)\Z", re.ASCII)
CURRENCY_CODE = re.compile(r"[A-Z]{3}\Z")
CURRENCY_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "₺": "TRY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₴": "UAH"}


class AmbiguousNumber(ValueError):
    pass


def decimal_text(digits: str, *, decimal_point: bool) -> str:
    """`1.234,50` and `1,234.50` → `1234.50`. Raises AmbiguousNumber where it may be a thousand or a fraction.

    `decimal_point`: the format has decimal points only, so that `1.234` is no thousand.
    """
    digits = re.sub(r"[\s'’]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark = digits[last]
    other = "," if mark == "." else "."
    whole, fraction = digits[:last], digits[last + 1 :]
    if mark in whole:
        # The same mark twice groups thousands.
        if other in whole or not re.fullmatch(r"\d{1,3}(\D\d{3})+", digits):
            raise ValueError
        return digits.replace(mark, "")
    if other in whole:
        if not re.fullmatch(r"\d{1,3}(\D\d{3})+", whole):
            raise ValueError
        return f"{whole.replace(other, '')}.{fraction}" if fraction else whole.replace(other, "")
    point = decimal_point and mark == "."
    if not point and len(fraction) == 3 and 1 <= len(whole) <= 3 and whole.strip("0"):
        raise AmbiguousNumber
    return f"{whole}.{fraction}" if fraction else whole


def unambiguous(amount: str) -> str:
    """`12.345` → `12.3450`: three places look like a thousand to those who write `12.345,00`."""
    return f"{amount}0" if len(amount.partition(".")[2]) == 3 else amount


def read_money(text: str, currency: str | None, *, decimal_point: bool = False) -> Money:
    """`12.90`, `12,90 €`, `EUR 1.234,50`. Raises ValueError with what is wrong."""
    rest = text
    for sign, code in CURRENCY_SIGNS.items():
        if sign in rest:
            currency, rest = code, rest.replace(sign, " ")
    code_found = re.search(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", rest)
    if code_found:
        currency = code_found.group()
        rest = rest.replace(currency, " ", 1)
    rest = trim(rest.replace("$", " "))
    parts = PRICE.match(rest)
    if parts is None:
        raise ValueError("is no price; write it as 12.90")
    try:
        amount = decimal_text(parts["digits"], decimal_point=decimal_point)
    except AmbiguousNumber:
        raise ValueError("may be a thousand or a fraction; write it with a decimal point and two places") from None
    except ValueError:
        raise ValueError("is no price; write it as 12.90") from None
    if currency is None or not CURRENCY_CODE.match(currency):
        raise ValueError("has no currency; choose the currency of the file, or add a column with EUR, USD …")
    try:
        return Money(amount=("-" if parts["sign"] else "") + amount, currency=currency)
    except ValidationError:
        raise ValueError("has more than 12 digits before the point, or more than 6 after it") from None


def attribute_cell(attributes: Iterable[ProductAttribute]) -> str:
    return ATTRIBUTE_JOINT.join(attribute_text(attribute) for attribute in attributes)


def attribute_text(attribute: ProductAttribute) -> str:
    name = escape(attribute.name, NAME_MARKS)
    unit = "" if attribute.unit is None else f"({escape(attribute.unit, UNIT_MARKS)})"
    if isinstance(attribute.value, bool):
        value = "true" if attribute.value else "false"
    elif isinstance(attribute.value, list):
        value = join_list(attribute.value, ";|")
    else:
        value = escape(attribute.value, ";")
    kind = "" if attribute.type == "text" and not unit else f":{attribute.type}{unit}"
    return f"{name}{kind}={value}"


def read_attribute(part: str) -> ProductAttribute:
    """Raises ValueError. ValidationError is one."""
    name_raw, *value_raw = split_raw(part, "=")
    if not value_raw:
        raise ValueError("write Name=Value; and the next")
    name_parts = split_raw(name_raw, ":")
    kind, unit = "text", None
    suffix = TYPE_SUFFIX.match(name_parts[-1]) if len(name_parts) > 1 else None
    if suffix:
        kind = suffix[1]
        unit = None if suffix[2] is None else unescape(suffix[2])
        name_parts.pop()
    raw = "=".join(value_raw)
    value: object = unescape(raw)
    if kind == "boolean":
        value = read_boolean(str(value))
    elif kind == "list":
        value = split_list(raw)
    return ProductAttribute.model_validate(
        {"name": unescape(":".join(name_parts)), "type": kind, "value": value, "unit": unit}
    )


def read_boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("write true or false")


def display_value(attribute: ProductAttribute) -> str:
    """As a shopper reads it: `12.5 cm`, `Yes`, `red, blue`."""
    if isinstance(attribute.value, bool):
        return "Yes" if attribute.value else "No"
    if isinstance(attribute.value, list):
        return ", ".join(attribute.value)
    return f"{attribute.value} {attribute.unit}" if attribute.unit else attribute.value


class Checks:
    """Collects what is wrong with the rows of one item. Each method answers the value, or what stands for none."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []

    def error(self, column: str | None, code: str, message: str, line: int | None = None) -> None:
        self.errors.append(RowError(line or self.line, column, code, message))

    def warning(self, column: str | None, code: str, message: str, line: int | None = None) -> None:
        self.warnings.append(RowError(line or self.line, column, code, message))

    def result(self, item: CatalogueItem, lines: list[int]) -> ReadResult:
        return ReadResult(None if self.errors else item, lines, self.errors, self.warnings)

    def _tried(self, convert: Callable[[], T], column: str | None, code: str, text: str) -> T | None:
        try:
            return convert()
        except ValidationError as error:
            reason = error.errors(include_url=False, include_input=False, include_context=False)[0]["msg"]
            self.error(column, code, f"{shown(text)}: {reason}")
        except ValueError as error:
            self.error(column, code, f"{shown(text)} {error}.")
        return None

    def _each(self, texts: list[str], convert: Callable[[str], T], column: str | None, code: str) -> list[T]:
        found = [self._tried(partial(convert, text), column, code, text) for text in texts]
        return [value for value in found if value is not None]

    def text(self, text: str, column: str | None, longest: int) -> str:
        text = trim(text)
        if len(text) > longest:
            self.error(column, "too-long", f"{len(text):,} characters; at most {longest:,} are taken.")
            return ""
        return text

    def sku(self, text: str, column: str | None) -> str:
        text = trim(text)
        if not text:
            self.error(column, "sku-missing", "The SKU is empty; it is what products are told apart by.")
            return ""
        return self._tried(lambda: SKU.validate_python(text), column, "sku-invalid", text) or ""

    def gtin(self, text: str, column: str | None) -> str:
        """Also as spreadsheets and shops spoil it: an apostrophe in front, spaces or hyphens, a lost leading zero."""
        text = re.sub(r"[\s\-]", "", trim(text).lstrip("'"))
        if not text or is_valid_gtin(text):
            return text
        if text.isascii() and text.isdigit():
            for length in (12, 13):
                if (
                    len(text) < length
                    and length - len(text) <= 2
                    and len(text) > 9
                    and is_valid_gtin(text.zfill(length))
                ):
                    return text.zfill(length)
        if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text, re.ASCII):
            self.error(
                column, "gtin-invalid", f"{shown(text)} is a GTIN that a spreadsheet has rounded; write it as text."
            )
        else:
            self.error(column, "gtin-invalid", f"{shown(text)} is no GTIN: 8, 12, 13 or 14 digits with a check digit.")
        return ""

    def money(
        self, text: str, currency: str | None, column: str | None, *, decimal_point: bool = False
    ) -> Money | None:
        text = trim(text)
        if not text:
            return None
        return self._tried(
            lambda: read_money(text, currency, decimal_point=decimal_point), column, "price-invalid", text
        )

    def entries(self, values: list[str], column: str | None, longest: int, count: int = MAX_ENTRIES) -> list[str]:
        values = list(dict.fromkeys(filter(None, map(trim, values))))
        if len(values) > count:
            self.error(column, "too-many", f"{len(values):,} entries; at most {count} are taken.")
            return []
        return [self.text(value, column, longest) for value in values]

    def urls(self, values: list[str], column: str | None, count: int) -> list[str]:
        values = self.entries(values, column, 4096, count)
        return self._each(values, URL.validate_python, column, "url-invalid")

    def languages(self, values: list[str], column: str | None) -> list[str]:
        return self._each(self.entries(values, column, 35, 50), LANGUAGE.validate_python, column, "language-invalid")

    def attribute(self, name: str, value: object, column: str | None, kind: str = "text") -> ProductAttribute | None:
        return self._tried(
            lambda: ProductAttribute.model_validate({"name": name, "type": kind, "value": value}),
            column, "attribute-invalid", name,
        )  # fmt: skip

    def attributes(self, cell: str, column: str | None) -> list[ProductAttribute]:
        parts = [part for part in split_raw(cell, ";") if trim(part)]
        if len(parts) > MAX_ATTRIBUTES:
            self.error(column, "too-many", f"{len(parts):,} attributes; at most {MAX_ATTRIBUTES} are taken.")
            return []
        return self._each(parts, read_attribute, column, "attribute-invalid")

    def option(self, name: str, value: str, column: str | None) -> ProductOption | None:
        return self._tried(lambda: ProductOption(name=name, value=value), column, "option-invalid", f"{name}: {value}")


def shown(text: str) -> str:
    """The beginning of what was found, on one line."""
    line = " ".join(text.split())
    return f"“{line[:57]}…”" if len(line) > 60 else f"“{line}”"
