"""Amounts as shops write them."""

import pytest

from extract_webcontent.reading.prices import Locale, country_of, machine_amount, parse_amount, plain_decimal

GERMAN = Locale("de", "de")


class TestParseAmount:
    @pytest.mark.parametrize(
        ("text", "amount", "currency"),
        [
            ("1.299,- €", "1299", "EUR"),
            ("1.299,– €", "1299", "EUR"),
            ("CHF 1'299.–", "1299", "CHF"),
            ("CHF 1’299.50", "1299.50", "CHF"),
            ("12,90 €", "12.90", "EUR"),
            ("€12.90", "12.90", "EUR"),
            ("$1,299.00", "1299.00", "USD"),
            ("US$ 1,299", "1299", "USD"),
            ("1 299,00 €", "1299.00", "EUR"),
            ("1\u00a0299,00\u00a0€", "1299.00", "EUR"),
            ("Rs 23,450", "23450", "INR"),
            ("₹1,23,456.00", "123456.00", "INR"),
            ("1.234.567,89 €", "1234567.89", "EUR"),
            ("12.345 €", "12345", "EUR"),
            ("0,99 €", "0.99", "EUR"),
            ("£450", "450", "GBP"),
            ("99,- Kč", "99", "CZK"),
            ("15 000 Ft", "15000", "HUF"),
            ("R$ 1.299,90", "1299.90", "BRL"),
            ("EUR 7", "7", "EUR"),
            ("KWD 1.250", "1.250", "KWD"),
            ("19.9", "19.9", None),
        ],
    )
    def test_formats(self, text, amount, currency):
        found = parse_amount(text, Locale())
        assert found is not None
        assert (found.amount, found.currency) == (amount, currency)

    @pytest.mark.parametrize("text", ["", "sold out", "Soft TLS", "—"])
    def test_no_amount(self, text):
        assert parse_amount(text, GERMAN) is None

    @pytest.mark.parametrize(
        ("locale", "currency"),
        [
            (Locale("en", "ca"), "CAD"),
            (Locale("en", "au"), "AUD"),
            (Locale("en", None), "USD"),
            (Locale("es", "mx", "MXN"), "MXN"),
        ],
    )
    def test_the_dollar_depends_on_the_country(self, locale, currency):
        found = parse_amount("$10", locale)
        assert found is not None
        assert found.currency == currency


class TestMachineAmount:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [("1299.000", "1299.00"), ("12.9", "12.9"), ("1,299.00", "1299.00"), ("12,90", "12.90"), ("€ 12,90", "12.90")],
    )
    def test_structured_prices(self, text, amount):
        found = machine_amount(text, "EUR", Locale())
        assert found is not None
        assert (found.amount, found.currency) == (amount, "EUR")


class TestPlainDecimal:
    def test_what_is_no_number(self):
        assert plain_decimal("..,") is None


class TestCountryOf:
    def test_region_before_domain(self):
        assert country_of("https://shop.de/", "en-CA") == "ca"
        assert country_of("https://shop.com.au/", "en") == "au"
        assert country_of("https://shop.com/", "en") is None
