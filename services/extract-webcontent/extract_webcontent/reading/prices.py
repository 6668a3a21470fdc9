"""Amounts and currencies as shops write them: `1.299,- €`, `CHF 1'299.–`, `12,90 €`, `$1,299.00`, `Rs 23 450`."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from price_parser import Price

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
GROUP_MARKS = "'\u2019\u02bc\u00b4`"
NUMBER = (
    rf"\d{{1,3}}(?:[{GROUP_MARKS}]\d{{3}})+(?:[.,]\d{{1,2}}(?!\d))?"
    r"|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"
    r"|\d{1,3}(?:,\d{2,3})+(?:\.\d{1,4})?(?!\d)|\d{1,3}(?:\.\d{3})+(?:,\d{1,4})?(?!\d)"
    r"|\d+(?:[.,]\d{1,4})?(?!\d)"
)

CURRENCY_WORDS = {
    "US$": "USD",
    "US $": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "CA $": "CAD",
    "CDN$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "AU $": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "NT$": "TWD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "руб": "RUB",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "₴": "UAH",
    "грн": "UAH",
    "₺": "TRY",
    "TL": "TRY",
    "lei": "RON",
    "₩": "KRW",
    "원": "KRW",
    "₪": "ILS",
    "円": "JPY",
    "¥": "JPY",
    "￥": "JPY",
    "元": "CNY",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "RM": "MYR",
    "Rs.": "INR",
    "Rs": "INR",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "euros": "EUR",
    "euro": "EUR",
    "Euro": "EUR",
    "kr": "SEK",
    "Kr": "SEK",
    "kr.": "DKK",
    "лв": "BGN",
    "₦": "NGN",
    "S/": "PEN",
    "$": "USD",
}
ISO_CODES = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "CAD",
        "AUD",
        "NZD",
        "JPY",
        "CNY",
        "HKD",
        "SGD",
        "SEK",
        "NOK",
        "DKK",
        "ISK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "RUB",
        "UAH",
        "TRY",
        "ILS",
        "INR",
        "PKR",
        "LKR",
        "BDT",
        "THB",
        "MYR",
        "IDR",
        "PHP",
        "VND",
        "KRW",
        "TWD",
        "BRL",
        "MXN",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "UYU",
        "ZAR",
        "NGN",
        "KES",
        "EGP",
        "MAD",
        "AED",
        "SAR",
        "QAR",
        "KWD",
        "BHD",
        "OMR",
        "JOD",
        "RSD",
        "BYN",
        "KZT",
        "GEL",
    ]
)
CURRENCY = "|".join(re.escape(word) for word in sorted(CURRENCY_WORDS, key=len, reverse=True))
CODES = "|".join(sorted(ISO_CODES))
# A word that names a currency must not be part of another word ("Ft" in "Soft", "TL" in "TLS").
MARK = rf"(?:(?<![A-Za-z])(?:{CODES})(?![A-Za-z])|(?<![A-Za-zА-я])(?:{CURRENCY})(?![A-Za-zÀ-ÿА-я]))"
TAIL = (
    rf"(?:[ \u00a0]?[.,][ \u00a0]?(?:[{DASHES}]{{1,2}})|[ \u00a0]?[{DASHES}]{{2}}|[.,]?[\u2013\u2014](?!\s?[\d$€£]))?"
)
PRICE = re.compile(
    rf"(?P<before>{MARK})[ \u00a0]{{0,2}}(?P<number1>(?:{NUMBER}))(?P<tail1>{TAIL})"
    rf"|(?<![\w.,/])(?P<number2>(?:{NUMBER}))(?P<tail2>{TAIL})[ \u00a0]{{0,2}}(?P<after>{MARK})(?!\d)"
)

DOLLAR_BY_COUNTRY = {
    "ca": "CAD", "au": "AUD", "nz": "NZD", "sg": "SGD", "hk": "HKD", "mx": "MXN", "cl": "CLP", "co": "COP", "ar": "ARS",
    "uy": "UYU", "tw": "TWD",
}  # fmt: skip
KRONA_BY_COUNTRY = {"se": "SEK", "no": "NOK", "dk": "DKK", "is": "ISK"}
RUPEE_BY_COUNTRY = {"pk": "PKR", "lk": "LKR", "in": "INR"}
THREE_DECIMALS = frozenset({"KWD", "BHD", "OMR", "JOD"})
COMMA_LANGUAGES = frozenset(
    [
        "de",
        "es",
        "fr",
        "it",
        "pt",
        "nl",
        "pl",
        "cs",
        "sk",
        "sl",
        "hr",
        "da",
        "sv",
        "nb",
        "no",
        "fi",
        "hu",
        "ro",
        "bg",
        "ru",
        "uk",
        "tr",
        "el",
        "id",
        "vi",
    ]
)


@dataclass(frozen=True, slots=True)
class Amount:
    """`amount` is a plain decimal string; the currency is an ISO code where it is known."""

    amount: str
    currency: str | None = None

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.amount)


@dataclass(frozen=True, slots=True)
class Locale:
    """What the page says about where it is: decides what "$", "kr" and "Rs" mean, and the decimal sign."""

    language: str | None = None
    country: str | None = None
    currency: str | None = None

    @property
    def decimal_comma(self) -> bool:
        return (self.language or "").split("-")[0] in COMMA_LANGUAGES and (self.country or "") not in ("mx", "pe", "us")


def country_of(url: str | None, language: str | None) -> str | None:
    if language and (match := re.search(r"-([A-Za-z]{2})$", language)):
        return match.group(1).lower()
    host = (urlsplit(url).hostname or "") if url else ""
    ending = host.rpartition(".")[2]
    return ending if len(ending) == 2 else None


def plain_decimal(number: str, *, decimal_comma: bool = False, currency: str | None = None) -> str | None:
    """`1.299,90` and `1'299.90` as `1299.90`. None when it is not a number."""
    digits = re.sub(rf"[\s{GROUP_MARKS}]", "", number)
    dot, comma = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and comma >= 0:
        decimal, group = (".", ",") if dot > comma else (",", ".")
        digits = digits.replace(group, "").replace(decimal, ".")
    elif dot >= 0 or comma >= 0:
        mark = "." if dot >= 0 else ","
        parts = digits.split(mark)
        grouped = len(parts) > 2 or (
            len(parts[1]) == 3 and parts[0] not in ("", "0") and currency not in THREE_DECIMALS
        )
        digits = "".join(parts) if grouped else f"{parts[0]}.{parts[1]}"
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return format(value, "f")


def iso_currency(text: str | None, locale: Locale) -> str | None:
    """The ISO code of a code, symbol or word; "$" by the page's country."""
    if not text:
        return None
    text = text.strip()
    upper = text.upper()
    if upper in ISO_CODES:
        return upper
    country = locale.country or ""
    if text == "$":
        if locale.currency and locale.currency in {"USD", *DOLLAR_BY_COUNTRY.values()}:
            return locale.currency
        return DOLLAR_BY_COUNTRY.get(country, "USD")
    if text.lower().rstrip(".") == "kr":
        if locale.currency in KRONA_BY_COUNTRY.values():
            return locale.currency
        language = {"da": "DKK", "nb": "NOK", "no": "NOK"}.get((locale.language or "")[:2], "SEK")
        return KRONA_BY_COUNTRY.get(country, language)
    if text.rstrip(".") == "Rs":
        return RUPEE_BY_COUNTRY.get(country, "INR")
    return CURRENCY_WORDS.get(text) or CURRENCY_WORDS.get(text.rstrip("."))


def from_match(match: re.Match[str], locale: Locale) -> Amount | None:
    number = match["number1"] or match["number2"]
    currency = iso_currency(match["before"] or match["after"], locale)
    amount = plain_decimal(number, decimal_comma=locale.decimal_comma, currency=currency)
    return None if amount is None or len(amount.partition(".")[0]) > 10 else Amount(amount, currency)


BARE = re.compile(rf"\s*({NUMBER})({TAIL})\s*")


def parse_amount(text: str, locale: Locale) -> Amount | None:
    """The amount in a short text that is known to be a price (structured data, an element named so)."""
    text = text.strip()[:100]
    if match := PRICE.search(text):
        return from_match(match, locale)
    if match := BARE.fullmatch(text):
        amount = plain_decimal(match.group(1), decimal_comma=locale.decimal_comma)
        return Amount(amount) if amount is not None else None
    price = Price.fromstring(text)
    if price.amount is None or price.amount < 0:
        return None
    return Amount(format(price.amount, "f"), iso_currency(price.currency, locale))


def machine_amount(text: str | None, currency: str | None, locale: Locale) -> Amount | None:
    """A price of structured data: `1299.000` is one thousand two hundred and ninety-nine there."""
    if not text:
        return None
    text = text.strip()
    code = iso_currency(currency, locale)
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        value = Decimal(text)
        places = -int(value.as_tuple().exponent)
        if places > 2:
            value = value.quantize(Decimal("0.001") if code in THREE_DECIMALS else Decimal("0.01"))
        return Amount(format(value, "f"), code)
    amount = parse_amount(text, locale)
    return Amount(amount.amount, code or amount.currency) if amount else None
