"""What a reader of the page would not see must not become a fact, a quote or text.

Inline styles, the `hidden` attributes, and the page's own `<style>` rules with one simple selector. What only a
browser can tell (external style sheets, scripts) is left to the rendering path.
"""

import re

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
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
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


def is_hiding(style: str) -> bool:
    """Whether these CSS declarations hide the element's text."""
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
        if "@" in text:
            text = without_at_rules(text)
        for selectors, declarations in RULE.findall(STYLE_COMMENT.sub("", text)):
            if len(declarations) > 5_000 or len(selectors) > 5_000:
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

    def is_hidden(self, element: HtmlElement, background: str | None = None) -> bool:
        attributes = element.attrib
        if not attributes:
            return False
        if element.tag in ("html", "body"):
            # Scripts that fade a page in hide it as a whole at first; that says nothing about any part of it.
            return False
        if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
            return True
        if attributes.get("aria-hidden", "").lower() == "true" and element.find(".//h1") is None:
            # While a dialog is open the whole rest of a page, its heading included, is marked so.
            return True
        style = attributes.get("style")
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
        if element.tag == "dialog" and "open" not in attributes:
            return True
        if element.tag == "font" and "color" in attributes:
            return normal_color(attributes["color"]) == (background or self.page_color)
        return False

    def _is_page_colored(self, style: str, background: str | None) -> bool:
        color = COLOR.search(style)
        if color is None or BACKGROUND.search(style):
            return False
        return normal_color(color.group(1)) == (background or self.page_color)


def without_at_rules(text: str) -> str:
    """The rules outside of `@media`, `@supports` and the like, where nobody knows whether they hold."""
    kept: list[str] = []
    position = 0
    while (at := text.find("@", position)) >= 0:
        kept.append(text[position:at])
        opening, semicolon = text.find("{", at), text.find(";", at)
        if opening < 0 or 0 <= semicolon < opening:
            position = semicolon + 1 if semicolon >= 0 else len(text)
            continue
        position = end_of_block(text, opening)
    kept.append(text[position:])
    return "".join(kept)


def end_of_block(text: str, opening: int) -> int:
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(text)
