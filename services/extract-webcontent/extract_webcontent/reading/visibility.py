"""What a reader of the page would not see must not become a fact, a quote or text.

Inline styles, the `hidden` attributes, and the page's own `<style>` rules with one simple selector. What only a
browser can tell (external style sheets, scripts) is left to the rendering path.
"""

import re
from functools import lru_cache

from lxml.html import HtmlElement

NEVER_SHOWN = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "meta",
        "link",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "select",
        "datalist",
        "textarea",
        "map",
        "param",
        "source",
        "track",
        "frameset",
        "noframes",
    ]
)

HIDING_DECLARATION = re.compile(
    r"(?<![\w-])display\s*:\s*none|(?<![\w-])visibility\s*:\s*(?:hidden|collapse)"
    r"|(?<![\w-])opacity\s*:\s*0*(?:\.0+)?\s*(?:[;!}]|$)"
    r"|font-size\s*:\s*0*(?:\.0+)?(?:px|r?em|pt|%)?\s*(?:[;!}]|$)|content-visibility\s*:\s*hidden"
    r"|(?<![\w-])(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}(?:\.\d+)?(?:px"
    r"|r?em|vw|vh|%|pt)"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)"
    r"|clip-path\s*:\s*inset\(\s*(?:50|100)%"
    r"|transform\s*:\s*(?:scale\(\s*0*(?:\.0+)?\s*\)|translate[XY]?\(\s*-\d{4,})",
    re.IGNORECASE,
)
ZERO_SIZE = re.compile(
    r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[01](?:\.0+)?(?:px|r?em|%)?\s*(?:[;!}]|$)", re.IGNORECASE
)
OVERFLOW_HIDDEN = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)
COLOR = re.compile(r"(?<![\w-])color\s*:\s*([^;!}]+)", re.IGNORECASE)
BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!}]+)", re.IGNORECASE)
RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
NAMED_COLORS = {"white": "ffffff", "black": "000000", "transparent": "transparent"}

STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
HIDING_WORDS = re.compile(
    r":\s*(?:none|hidden|collapse|-|transparent|rgba|0|\.0|rect|inset|scale|translate)|background", re.IGNORECASE
)
SIMPLE_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]*)?([.#])([\w-]+)$", re.IGNORECASE)
MAX_STYLE_CHARACTERS = 500_000


def normal_color(value: str) -> str | None:
    value = value.strip().lower()
    if value in NAMED_COLORS:
        return NAMED_COLORS[value]
    if match := RGB.match(value):
        red, green, blue, alpha = match.groups()
        if alpha is not None and float(alpha.rstrip("%")) == 0:
            return "transparent"
        return "".join(f"{min(255, int(part)):02x}" for part in (red, green, blue))
    if value.startswith("#"):
        digits = re.sub(r"[^0-9a-f]", "", value.split()[0])
        if len(digits) == 3:
            return "".join(digit * 2 for digit in digits)
        return digits[:6] if len(digits) >= 6 else None
    return None


def hides(style: str) -> bool:
    if HIDING_DECLARATION.search(style):
        return True
    if OVERFLOW_HIDDEN.search(style) and ZERO_SIZE.search(style):
        return True
    if color := COLOR.search(style):
        text = normal_color(color.group(1))
        if text == "transparent":
            return True
        if text is not None and (background := BACKGROUND.search(style)):
            return text == normal_color(background.group(1))
    return False


@lru_cache(maxsize=8_192)
def is_hiding(style: str) -> bool:
    """Whether these CSS declarations hide the element's text."""
    return may_hide(style) and hides(style)


def may_hide(declarations: str) -> bool:
    """Far cheaper than the expressions that decide, and right about most rules of a style sheet."""
    return HIDING_WORDS.search(declarations) is not None


class Visibility:
    """Decides for each element of one page."""

    def __init__(self, root: HtmlElement) -> None:
        self.hidden_classes: set[str] = set()
        self.hidden_ids: set[str] = set()
        self.page_color = self._page_background(root)
        total = 0
        for element in root.iter("style"):
            text = element.text or ""
            total += len(text)
            if total > MAX_STYLE_CHARACTERS:
                break
            self._read_style(text, (element.get("media") or "").lower())

    def _read_style(self, text: str, media: str) -> None:
        if media and not re.fullmatch(r"\s*(all|screen)\s*", media):
            return
        depth = 0
        for rule in (STYLE_COMMENT.sub("", text) if "/*" in text else text).split("}"):
            opened = rule.count("{")
            outer, depth = depth, max(0, depth + opened - 1)
            # Within `@media`, `@supports` and the like, where nobody knows whether they hold.
            if outer or opened != 1:
                continue
            selectors, _, declarations = rule.partition("{")
            if len(declarations) > 5_000 or ("." not in selectors and "#" not in selectors):
                continue
            # Statements such as `@import` stand before the selectors.
            selectors = selectors.rpartition(";")[2]
            if len(selectors) > 5_000 or not may_hide(declarations):
                continue
            simple = [match for part in selectors.split(",") if (match := SIMPLE_SELECTOR.fullmatch(part.strip()))]
            if simple and is_hiding(declarations):
                self.hidden_classes.update(match.group(2) for match in simple if match.group(1) == ".")
                self.hidden_ids.update(match.group(2) for match in simple if match.group(1) == "#")

    @staticmethod
    def _page_background(root: HtmlElement) -> str:
        body = root.find("body")
        if body is not None and (match := BACKGROUND.search(body.get("style") or "")):
            return normal_color(match.group(1)) or "ffffff"
        return normal_color((body.get("bgcolor") or "") if body is not None else "") or "ffffff"

    def is_hidden(
        self, element: HtmlElement, tag: str, attributes: dict[str, str], background: str | None = None
    ) -> bool:
        if tag in ("html", "body"):
            # Scripts that fade a page in hide it as a whole at first; that says nothing about any part of it.
            return False
        if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
            return True
        if (
            "aria-hidden" in attributes
            and attributes["aria-hidden"].lower() == "true"
            and element.find(".//h1") is None
        ):
            # While a dialog is open the whole rest of a page, its heading included, is marked so.
            return True
        style = attributes.get("style")
        if style and tag == "img":
            # The colour is that of the text in its place; frameworks make it transparent while a picture loads.
            style = COLOR.sub("", style)
        if style and (is_hiding(style) or self._is_page_colored(style, background)):
            return True
        if (
            self.hidden_classes
            and (names := attributes.get("class"))
            and not self.hidden_classes.isdisjoint(names.split())
        ):
            return True
        if self.hidden_ids and attributes.get("id") in self.hidden_ids:
            return True
        if tag == "dialog" and "open" not in attributes:
            return True
        if tag == "font" and "color" in attributes:
            return normal_color(attributes["color"]) == (background or self.page_color)
        return False

    def _is_page_colored(self, style: str, background: str | None) -> bool:
        color = COLOR.search(style)
        if color is None or BACKGROUND.search(style):
            return False
        return normal_color(color.group(1)) == (background or self.page_color)
