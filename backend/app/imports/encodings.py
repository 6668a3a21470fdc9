"""Which encoding a text file has.

A byte order mark says it. Else UTF-8 is tried on the whole file: hardly any text of another encoding is valid UTF-8 by
chance. A file that is UTF-8 but for a few damaged bytes stays UTF-8, and only the rows with those bytes are refused:
read as Latin-1 instead, every accent in the file would come out wrong, in silence.

What is not UTF-8 is guessed. charset-normalizer tells scripts apart (Cyrillic, Greek, Japanese), but reads Spanish and
German as Polish; so for text in Latin letters the encoding wins in which the letters are those of real languages.
"""

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

BLOCK_BYTES = 1 << 20
# Of the lines with bytes outside ASCII, the part that the guess is made from.
SAMPLE_BYTES = 64 * 1024
WESTERN = "cp1252"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark it begins with.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE_MARKS = tuple(mark for mark, name in BYTE_ORDER_MARKS if name != "utf-8-sig")
OTHER_SCRIPTS = (
    "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr",
    "cp949", "cp874",
)  # fmt: skip
COMMON = "“”„‚‘’‹›«»–—…€£°²³®©™½¼¾×·•µ§±\xa0"
WESTERN_LETTERS = "áàâäãåæçéèêëíìîïñóòôöõøœúùûüÿß¿¡ºª"
CENTRAL_LETTERS = "áâăäąćčçďđéęěëíîĺľłńňóôöőŕřśšşșťţțúůüűýźžż"
TURKISH_LETTERS = "âçğıİîöşüû"
BALTIC_LETTERS = "āąčćēęėģīįķļłńņóōõöšśūųüżžźä"
# The order decides between those that read the sample equally well.
LATIN = (
    (WESTERN, WESTERN_LETTERS),
    ("iso8859-1", WESTERN_LETTERS),
    ("cp1254", TURKISH_LETTERS),
    ("cp1250", CENTRAL_LETTERS),
    ("iso8859-2", CENTRAL_LETTERS),
    ("cp1257", BALTIC_LETTERS),
    ("mac-roman", WESTERN_LETTERS),
    ("cp850", WESTERN_LETTERS),
)
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso8859-15",
    *(name for name, _ in LATIN), *OTHER_SCRIPTS,
)  # fmt: skip
"""Those that may be chosen by hand."""

OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]")
ESCAPED = re.compile(r"[\udc80-\udcff]")
RUNS = re.compile(rb"[\x80-\xff]+")


def is_utf8(path: Path) -> bool:
    """Whether all of it is, or more of it than is damaged: in another encoding next to nothing is valid."""
    valid = invalid = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            text = decoder.decode(block)
            damaged = len(ESCAPED.findall(text))
            invalid += damaged
            valid += len(OUTSIDE_ASCII.findall(text)) - damaged
        invalid += len(decoder.decode(b"", final=True))
    return valid >= invalid


def lines_outside_ascii(path: Path) -> bytes:
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < SAMPLE_BYTES and (line := file.readline(SAMPLE_BYTES)):
            if not line.isascii():
                sample += line
    return bytes(sample[:SAMPLE_BYTES])


def utf16_without_mark(head: bytes) -> str | None:
    """Text in Latin letters has a NUL as every second byte in UTF-16."""
    even, odd = head[::2], head[1::2]
    if len(odd) < 4:
        return None
    if odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def is_latin_script(sample: bytes) -> bool:
    """Accented letters stand among plain ones; in other scripts whole words are outside ASCII."""
    runs = [len(run) for run in RUNS.findall(sample)]
    return sum(length for length in runs if length > 2) < 0.3 * sum(runs)


def fitness(sample: bytes, encoding: str, letters: str) -> float:
    """The share of what is outside ASCII that the languages of this encoding really use, and where they use it."""
    text = f" {sample.decode(encoding, 'replace')} "
    known = set(letters + letters.upper())
    good = total = 0
    for match in OUTSIDE_ASCII.finditer(text):
        character, before, behind = match.group(), text[match.start() - 1], text[match.end()]
        total += 1
        if character in known:
            good += not (character.isupper() and before.islower())
        elif character in COMMON:
            # Dashes and signs do not stand inside a word, but for the apostrophe.
            good += character == "’" or not (before.isalpha() and behind.isalpha())
    return good / total


def guess(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8."""
    if not is_latin_script(sample):
        best = from_bytes(sample, cp_isolation=list(OTHER_SCRIPTS)).best()
        if best is not None and best.encoding != "ascii":
            return best.encoding
    scores = {encoding: fitness(sample, encoding, letters) for encoding, letters in LATIN}
    return max(scores, key=lambda encoding: scores[encoding])


def detect_encoding(path: Path) -> str:
    """The name of the encoding, as Python knows it."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if (utf16 := utf16_without_mark(head)) is not None:
        return utf16
    return "utf-8" if is_utf8(path) else guess(lines_outside_ascii(path))
