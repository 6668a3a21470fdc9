"""The page's main text as markdown: trafilatura, with resiliparse as the arbiter."""

import lxml.html
import trafilatura
from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text

# Where trafilatura found less than this share of what resiliparse did, it had lost the text; measured.
ARBITER_SHARE = 0.45


def main_text(root: HtmlElement) -> str | None:
    """`root` must already be without its hidden elements. It is used up: trafilatura prunes it."""
    markup = lxml.html.tostring(root, encoding="unicode")
    text = (
        trafilatura.extract(
            root,
            output_format="markdown",
            include_comments=False,
            include_tables=True,
            favor_precision=True,
            fast=True,
        )
        or ""
    )
    other = extract_plain_text(
        markup, main_content=True, list_bullets=True, alt_texts=False, links=False, form_fields=False, comments=False
    ).strip()
    if len(text) < ARBITER_SHARE * len(other):
        text = other
    return text.strip() or None
