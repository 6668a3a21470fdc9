"""What the bytes are, whatever their label says."""

import re

from extract_webcontent.errors import UnsupportedPage

SIGNATURES = (
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a recording"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\x1f\x8b", "an archive"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"OggS", "a recording"),
    (b"ID3", "a recording"),
    (b"\x00\x00\x01\x00", "an image"),
    (b"BM", "an image"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"wOF", "a font"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
)
HTML_START = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|title|meta|link|script|style"
    rb"|div|p|h[1-6]|table|main|section|article|header|nav|ul|ol|dl|span|a|img|form|base|noscript|center|font"
    rb"|b|br)\b",
    re.IGNORECASE | re.DOTALL,
)
ANY_TAG = re.compile(
    rb"<(?:html|head|body|div|p|h1|table|title|main|article|section|span|ul|li|dl)[\s>]", re.IGNORECASE
)
ONLY = "only HTML pages and PDF documents are read."
TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1b")


def is_pdf(body: bytes) -> bool:
    """Some servers send a blank line or a byte order mark first."""
    return body[:64].lstrip(b"\xef\xbb\xbf\r\n\t \x00").startswith(b"%PDF-")


def require_readable(body: bytes, content_type: str) -> None:
    """Raises UnsupportedPage unless it is HTML or a PDF, naming what it is instead."""
    if not body.strip():
        raise UnsupportedPage("The page is empty.")
    if is_pdf(body):
        return
    kind = content_type.partition(";")[0].strip().lower()
    start = body[:4096].lstrip(b"\xef\xbb\xbf")
    wide = body[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not wide:
        for signature, name in SIGNATURES:
            if start.startswith(signature) and (len(signature) > 2 or is_binary(start)):
                raise UnsupportedPage(f"The address leads to {name}; {ONLY}")
        if start[4:8] == b"ftyp":
            raise UnsupportedPage(f"The address leads to an image or a recording; {ONLY}")
        if is_binary(start):
            raise UnsupportedPage(f"The address leads to binary data; {ONLY}")
    if wide or HTML_START.match(start) or ANY_TAG.search(body[:65_536]):
        return
    labelled = f" (labelled {kind[:80]})" if kind else ""
    raise UnsupportedPage(f"The address leads to something that is neither HTML nor a PDF{labelled}.")


def is_binary(start: bytes) -> bool:
    """Browsers' rule: text has no control characters but the usual few."""
    return any(byte < 0x20 and byte not in TEXT_CONTROLS for byte in start[:1024])
