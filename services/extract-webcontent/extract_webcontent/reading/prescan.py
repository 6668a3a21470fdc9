"""A linear look at the markup before a parser sees it.

200,000 attributes on one tag take libxml2 64 seconds, and every tree builder degrades with depth or sheer numbers;
a page like that is refused before it costs anything.
"""

import re
from dataclasses import dataclass

# Possessive repetitions keep the scan linear on any input. As in a browser, a quote opens a value only after "=".
TAG = re.compile(
    r"<(?:!--(?:(?!-->).)*+(?:-->|\Z)"
    r"|(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?+)*+)(?:>|\Z))",
    re.DOTALL,
)
RAW_NAMES = ("script", "style", "textarea", "title", "xmp")
# Comments, and tags with their inside; what script and style elements hold goes with their tag.
QUICK_TAG = re.compile(
    rf"<(?:!--(?:[^-]++|-(?!->))*+(?:-->|\Z)|(?:({'|'.join(RAW_NAMES)})(?=[\s/>])|/?[a-zA-Z][^\s/>]*+)"
    r"((?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?+)*+)(?:>|\Z)(?(1)(?:[^<]++|<(?!/\1[\s/>]))*+))",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE_GAP = re.compile(r"[\s\"'/]+[^\s\"'/=>]")
RAW_TEXT = {name: re.compile(rf"</{name}[\s/>]", re.IGNORECASE) for name in RAW_NAMES}
NOT_NESTING = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "colgroup",
        "rb",
        "rt",
        "rtc",
        "rp",
        "html",
        "head",
        "body",
        "path",
        "circle",
        "rect",
        "line",
        "polygon",
        "polyline",
        "ellipse",
        "use",
        "stop",
    ]
)


@dataclass(frozen=True, slots=True)
class MarkupLimits:
    max_tags: int = 150_000
    max_depth: int = 1_000
    max_attributes_per_tag: int = 1_000
    max_attributes: int = 600_000


class MarkupTooComplex(ValueError):
    """The page is built to exhaust a parser (or might as well be); the message says in which way."""


def check_markup(html: str, limits: MarkupLimits) -> None:
    """Raises MarkupTooComplex. Almost every page passes on a quick look that errs on the safe side only.

    Depth is no danger to the parser, which stops by itself: who walks the tree calls `count_markup` when it is deep.
    """
    if may_be_too_complex(html, limits):
        count_markup(html, limits)


def may_be_too_complex(html: str, limits: MarkupLimits) -> bool:
    insides = [inside for _, inside in QUICK_TAG.findall(html)]
    if len(insides) > limits.max_tags or sum(map(len, insides)) > 2 * limits.max_attributes:
        return True
    # An attribute takes two characters at least: only tags of that length need a closer look.
    longest = 2 * limits.max_attributes_per_tag
    return max(map(len, insides), default=0) > longest and any(
        len(inside) > longest and has_many_attributes(inside, limits) for inside in insides
    )


def count_markup(html: str, limits: MarkupLimits) -> None:
    tags = depth = attributes = position = 0
    match = TAG.search(html)
    while match is not None:
        closing, name, inside = match.groups()
        position = match.end()
        if name is not None:
            tags += 1
            if tags > limits.max_tags:
                raise MarkupTooComplex(f"more than {limits.max_tags:,} tags")
            # A tag this short cannot hold too many; counting is only worth it for the long ones.
            if len(inside) > 64:
                count = len(ATTRIBUTE_GAP.findall(inside)) if len(inside) > limits.max_attributes_per_tag else 8
                attributes += count
                if count > limits.max_attributes_per_tag and has_many_attributes(inside, limits):
                    raise MarkupTooComplex(f"more than {limits.max_attributes_per_tag:,} attributes on one tag")
                if attributes > limits.max_attributes:
                    raise MarkupTooComplex(f"more than {limits.max_attributes:,} attributes")
            lower = name.lower()
            if lower in NOT_NESTING or inside.endswith("/"):
                pass
            elif closing:
                depth = max(0, depth - 1)
            else:
                depth += 1
                if depth > limits.max_depth:
                    raise MarkupTooComplex(f"more than {limits.max_depth:,} nested tags")
                end = RAW_TEXT.get(lower)
                if end is not None:
                    found = end.search(html, position)
                    position = found.start() if found else len(html)
        match = TAG.search(html, position)


QUOTED_VALUE = re.compile(r"=\s*(?:\"[^\"]*+\"|'[^']*+')")


def has_many_attributes(inside: str, limits: MarkupLimits) -> bool:
    """An exact count: words inside quoted values are not attributes."""
    return len(ATTRIBUTE_GAP.findall(QUOTED_VALUE.sub("= ", inside))) > limits.max_attributes_per_tag
