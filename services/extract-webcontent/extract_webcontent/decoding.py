"""Bytes to text: byte order mark, header, `<meta>`, then a guess; the first that fits the bytes wins."""

import codecs
import re

from charset_normalizer import from_bytes

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
META_CHARSET = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
# As browsers do: these labels mean their Windows superset.
SUPERSETS = {
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "ascii": "windows-1252",
    "us-ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "tis-620": "cp874",
}
# Codecs that are no character sets (or let a page lie about more than its letters).
REFUSED = frozenset({"utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"})
SAMPLE_BYTES = 100_000


def decode_html(body: bytes, content_type: str | None) -> str:
    """The page as text. Never raises: what no character set explains becomes U+FFFD."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    declared = []
    if content_type and (match := HEADER_CHARSET.search(content_type)):
        declared.append(match.group(1))
    if found := META_CHARSET.search(body[:4096]):
        declared.append((found.group(1) or found.group(2)).decode("ascii", "replace"))
    for name in declared:
        text = decode_as(body, name)
        if text is not None:
            return text
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # One damaged letter in a page that is otherwise UTF-8 is no reason to guess.
        if declared_utf8(declared) or error.start > len(body) // 2:
            replaced = body.decode("utf-8", "replace")
            if replaced.count("\ufffd") <= 1 + len(body) // 2_000:
                return replaced
    best = from_bytes(body[:SAMPLE_BYTES]).best()
    encoding = best.encoding if best is not None else "windows-1252"
    return body.decode(encoding, "replace")


def declared_utf8(declared: list[str]) -> bool:
    return any(name.lower().replace("_", "-") in ("utf-8", "utf8") for name in declared)


def decode_as(body: bytes, name: str) -> str | None:
    """The text, or None when there is no such character set or the bytes contradict it."""
    name = SUPERSETS.get(name.lower(), name.lower())
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    if (
        codec.name.replace("-", "_") in {refused.replace("-", "_") for refused in REFUSED}
        or not codec._is_text_encoding
    ):
        return None
    # UTF-16 in a header or meta of a page that we could read the meta of is a lie.
    if codec.name.startswith(("utf-16", "utf-32")):
        return None
    single_byte = codec.name.startswith(("cp125", "iso8859", "koi8", "mac"))
    if single_byte and not body.isascii():
        # UTF-8 is hard to hit by chance: where it fits, the label was wrong.
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return body.decode(codec.name, "replace")
    try:
        return body.decode(codec.name)
    except UnicodeDecodeError:
        return None
