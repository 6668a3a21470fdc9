"""Descriptions between our plain text with bullets and the HTML of shops.

HTML carries words, paragraphs, line breaks and lists; not runs of spaces or blank lines, which `normalised` takes out.
A list at the end is our bullets. Scripts, styles and attributes never come through.
"""

import html
import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from app.formats.cells import trim

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
})  # fmt: skip
IGNORED = frozenset({
    "script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math", "select",
    "textarea",
})  # fmt: skip
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!?]|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z]+\d*);")
BREAKING = re.compile(r"<\s*/?\s*(?:p|br|div|ul|ol|li|h[1-6]|table|tr|td)\b", re.IGNORECASE)
ACTIVE = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|form|link|meta|base|svg|math|style)\b|[\s\"'/]on[a-z]+\s*=|javascript:",
    re.IGNORECASE,
)
MANY_NEWLINES = re.compile(r"\n{3,}")
NEWLINES = re.compile(r"\n+")
WHITESPACE = re.compile(r"\s+")
BETWEEN_TAGS = re.compile(r">\s+<")


def normalised(text: str) -> str:
    if not text.isprintable():
        text = CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        if "\n" in text:
            lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
            return MANY_NEWLINES.sub("\n\n", lines).strip("\n")
    return " ".join(text.split())


def normalised_bullets(bullets: Sequence[str]) -> list[str]:
    return [line for line in (NEWLINES.sub("\n", normalised(bullet)) for bullet in bullets) if line]


def text_to_html(description: str, bullets: Sequence[str]) -> str:
    def inline(text: str) -> str:
        return "<br>".join(html.escape(line, quote=False) for line in text.split("\n"))

    parts = [f"<p>{inline(paragraph)}</p>" for paragraph in normalised(description).split("\n\n") if paragraph]
    items = [f"<li>{inline(bullet)}</li>" for bullet in normalised_bullets(bullets)]
    return "\n".join([*parts, *([f"<ul>{''.join(items)}</ul>"] if items else [])])


class TextTarget:
    """What lxml's parser tells, as blocks of text; parsing to a target builds no tree, so depth costs nothing."""

    def __init__(self) -> None:
        self.begin(keep_newlines=False)

    def begin(self, *, keep_newlines: bool) -> None:
        self.keep_newlines = keep_newlines
        self.blocks: list[tuple[str, str]] = []
        self.current: list[str] = []
        self.in_item = 0
        self.ignored = 0

    def end_block(self) -> None:
        text = normalised("".join(self.current))
        if text:
            self.blocks.append(("li" if self.in_item else "p", text))
        self.current = []

    def start(self, tag: Any, attrib: Any) -> None:
        if tag in IGNORED:
            self.ignored += 1
        elif tag == "br":
            self.current.append("\n")
        elif tag == "li":
            self.end_block()
            self.in_item += 1
        elif tag in {"td", "th"}:
            self.current.append(" ")
        elif tag in BLOCKS:
            self.end_block()

    def end(self, tag: Any) -> None:
        if tag in IGNORED:
            self.ignored = max(0, self.ignored - 1)
        elif tag == "li":
            self.end_block()
            self.in_item = max(0, self.in_item - 1)
        elif tag in BLOCKS:
            self.end_block()

    def data(self, data: Any) -> None:
        if not self.ignored:
            self.current.append(data if self.keep_newlines else WHITESPACE.sub(" ", data))

    def comment(self, text: Any) -> None: ...

    def close(self) -> list[tuple[str, str]]:
        self.end_block()
        return self.blocks


own = threading.local()
"""A parser for each thread: to make one costs as much as to read a short text."""


@lru_cache(maxsize=8)
def html_to_text(markup: str) -> tuple[str, tuple[str, ...]]:
    """Description and bullets. Text without any tags keeps its line breaks.

    A reader asks twice in a row for the same markup: for the text, and for what the text does not carry.
    """
    markup = markup.replace("\x00", "")
    if not MARKUP.search(markup):
        return normalised(markup), ()
    if not hasattr(own, "parser"):
        own.target = TextTarget()
        own.parser = etree.HTMLParser(target=own.target, encoding="utf-8")
    target: TextTarget = own.target
    target.begin(keep_newlines=not BREAKING.search(markup))
    # In an element of its own, since the parser moves loose text into paragraphs as it sees fit.
    etree.fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser=own.parser)
    blocks = target.blocks
    end = len(blocks)
    while end and blocks[end - 1][0] == "li":
        end -= 1
    paragraphs = [f"• {text}" if kind == "li" else text for kind, text in blocks[:end]]
    bullets = tuple(NEWLINES.sub("\n", text) for _, text in blocks[end:])
    return join_blocks(blocks[:end], paragraphs), bullets


def join_blocks(blocks: list[tuple[str, str]], texts: list[str]) -> str:
    """Items of one list stand on lines of their own, all else in paragraphs."""
    joined = ""
    for index, text in enumerate(texts):
        if index:
            joined += "\n" if blocks[index][0] == blocks[index - 1][0] == "li" else "\n\n"
        joined += text
    return joined


def original_to_keep(markup: str) -> str | None:
    """HTML that says more than our text does, to be written again while nobody has changed the text."""
    markup = trim(markup)
    if not markup or ACTIVE.search(markup):
        return None
    if BETWEEN_TAGS.sub("><", markup) == BETWEEN_TAGS.sub("><", text_to_html(*html_to_text(markup))):
        return None
    return markup


def description_html(description: str, bullets: Sequence[str], original: str | None) -> str:
    ours = (normalised(description), tuple(normalised_bullets(bullets)))
    if original and html_to_text(original) == ours:
        return original
    return text_to_html(description, bullets)
