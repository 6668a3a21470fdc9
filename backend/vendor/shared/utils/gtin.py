"""GTINs (EAN-8, UPC-A, EAN-13, GTIN-14): the check digit, per the GS1 General Specifications."""

GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def gtin_check_digit(body: str) -> int:
    """The check digit for the digits before it; weights alternate 3, 1 from the right."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body)))
    return -total % 10


def is_valid_gtin(value: str) -> bool:
    if not (value.isascii() and value.isdigit() and len(value) in GTIN_LENGTHS):
        return False
    return int(value[-1]) == gtin_check_digit(value[:-1])
