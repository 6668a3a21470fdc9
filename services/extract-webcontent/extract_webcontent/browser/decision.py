"""`auto`: does this page, as its server sends it, promise to say more in a browser? Judged by what can be measured.

A browser costs as much as ten pages without one, so a page pays for it only where something is missing that scripts
could add. The page is hostile, so every look at it is linear in its length.
"""

import re

from extract_webcontent.reading.facts import STRUCTURED_HEADER
from shared.models.extract import ExtractResponse, PageProduct

# Fewer visible characters than this are a header and a footer at most.
THIN_TEXT = 300
LOOKED_AT_BYTES = 512 * 1024
LOOKED_AT_SCRIPTS = 1_000
SCRIPT_TYPE = re.compile(rb"\btype\s*=\s*[\"']?\s*([^\s\"'>]+)")
RUNNABLE_TYPES = frozenset({b"module", b"text/javascript", b"application/javascript", b"text/ecmascript"})
# No quantifier crosses the next "<", so every part of the page is looked at once.
EMPTY_ELEMENT = re.compile(rb"<([a-z][a-z0-9-]{0,60})\b([^<>]{0,600})>\s{0,300}</")
ELEMENT_ID = re.compile(rb"\bid\s*=\s*[\"']?([^\s\"'>]+)")
# Where the usual frameworks put what they build.
MOUNT_IDS = frozenset(
    b"root app main-app react-root reactroot app-root __next __nuxt ___gatsby q-app svelte ember-app spa "
    b"application".split()
)
MOUNT_TAGS = (b"-root", b"-app")
ARTICLE = re.compile(
    rb"\bog:type[\"']\s+content\s*=\s*[\"']article\b|\"@type\"\s*:\s*\"(?:News)?(?:Article|BlogPosting)\"",
    re.IGNORECASE,
)


def why_render(page: ExtractResponse, body: bytes) -> str | None:
    """What is missing on a page that was read without a browser, in a word; None when nothing is to be gained."""
    if page.blocked is not None or body.startswith(b"%PDF-"):
        return None
    markup = body[:LOOKED_AT_BYTES].lower()
    if not has_scripts(markup):
        return None
    is_thin = visible_length(page) < THIN_TEXT
    empty = list(EMPTY_ELEMENT.finditer(markup))
    if (is_thin or page.product is None) and any(is_mount(*found.groups()) for found in empty):
        return "app-shell"
    if is_thin and not is_whole(page.product):
        return "thin-text"
    if page.product is None:
        return None if ARTICLE.search(markup) else "no-product"
    if page.product.price is None and any(b"price" in found.group(2) for found in empty):
        return "no-price"
    return None


def is_mount(tag: bytes, attributes: bytes) -> bool:
    named = ELEMENT_ID.search(attributes)
    return tag.endswith(MOUNT_TAGS) or (named is not None and named.group(1) in MOUNT_IDS)


def is_whole(product: PageProduct | None) -> bool:
    """Some shops have little to say, and say it at once."""
    return product is not None and product.price is not None and bool(product.attributes or product.description)


def has_scripts(markup: bytes) -> bool:
    position = 0
    for _ in range(LOOKED_AT_SCRIPTS):
        position = markup.find(b"<script", position)
        if position < 0:
            return False
        end = markup.find(b">", position, position + 2_000)
        kind = SCRIPT_TYPE.search(markup, position, end) if end > 0 else None
        if end > 0 and (kind is None or kind.group(1) in RUNNABLE_TYPES):
            return True
        position += 7
    return False


def visible_length(page: ExtractResponse) -> int:
    return len(page.snapshot.partition(STRUCTURED_HEADER)[0].strip())


def says_more(rendered: ExtractResponse, static: ExtractResponse) -> bool:
    """Whether the browser was worth it; else what the server sent is kept."""
    return rendered.blocked is None and richness(rendered) > richness(static)


def richness(page: ExtractResponse) -> tuple[bool, bool, int, int]:
    has_price = page.product is not None and page.product.price is not None
    return page.product is not None, has_price, len(page.facts), visible_length(page)
