"""Numbers below retail barcodes: check digits, lengths, and the short form UPC-E."""

import re

LENGTHS = (13, 12, 8)

# As printed: digits in groups, between them spaces, or the guard bars that text recognition reads as quotes or bars.
PRINTED = re.compile(r"(?<![\d.,+])\d(?:[\s\"'”“|‖I!>·-]{0,3}\d){7,12}(?![\d.,]*\d)")

GUARD_BARS = "\"'”“|‖"

# How the digits stand below the bars. Other groupings are phone and lot numbers, of which one in ten has a check
# digit that happens to be right.
GROUPINGS = {
    (13,), (1, 12), (1, 6, 6), (7, 6),
    (12,), (1, 11), (11, 1), (1, 10, 1), (1, 5, 5, 1), (6, 6), (1, 5, 6), (6, 5, 1),
    (4, 4),
}  # fmt: skip


def check_digit(digits: str) -> str:
    """The GS1 check digit of `digits`, which are given without it."""
    total = sum(int(digit) * (3 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_valid(digits: str) -> bool:
    return len(digits) in LENGTHS and digits.isdecimal() and check_digit(digits[:-1]) == digits[-1]


def expand_upc_e(digits: str) -> str | None:
    """The UPC-A (12 digits) that an 8-digit UPC-E stands for; None when it isn't one."""
    if len(digits) != 8 or not digits.isdecimal() or digits[0] not in "01":
        return None
    system, body, check = digits[0], digits[1:7], digits[7]
    last = body[5]
    if last in "012":
        middle = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        middle = body[:3] + "00000" + body[3:5]
    elif last == "4":
        middle = body[:4] + "00000" + body[4]
    else:
        middle = body[:5] + "0000" + last
    expanded = system + middle + check
    return expanded if is_valid(expanded) else None


def compress_upc_a(digits: str) -> str | None:
    """The UPC-E (8 digits) of a 12-digit UPC-A, where it has one."""
    if len(digits) != 12 or digits[0] not in "01":
        return None
    middle = digits[1:11]
    candidates = (
        middle[:2] + middle[7:10] + middle[2],
        middle[:3] + middle[8:10] + "3",
        middle[:4] + middle[9] + "4",
        middle[:5] + middle[9],
    )
    for body in candidates:
        short = digits[0] + body + digits[11]
        if expand_upc_e(short) == digits:
            return short
    return None


def normalise(digits: str) -> str:
    """The GTIN of a printed number: UPC-A becomes 13 digits, as shops and feeds compare them; EAN-8 stays."""
    return digits.zfill(13) if len(digits) == 12 else digits


def printed_numbers(text: str) -> list[str]:
    """Numbers in a line of text that have the length and the check digit of a retail barcode."""
    return ["".join(groups) for _, groups in printed_groups(text)]


def printed_groups(text: str) -> list[tuple[re.Match[str], list[str]]]:
    found = []
    for match in PRINTED.finditer(text):
        groups = re.findall(r"\d+", match.group())
        if tuple(map(len, groups)) in GROUPINGS and is_valid("".join(groups)):
            found.append((match, groups))
    return found


def without_guard_bars(text: str) -> str:
    """The guard bars between printed digits are read as quotes; what is printed there is a space."""
    for match, groups in reversed(printed_groups(text)):
        before, after = text[: match.start()], text[match.end() :]
        text = before.rstrip(GUARD_BARS) + " ".join(groups) + after.lstrip(GUARD_BARS)
    return text
