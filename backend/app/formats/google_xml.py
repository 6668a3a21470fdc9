"""Google Merchant Center's product data as XML: RSS 2.0 with the `g:` namespace.

Reading takes RSS and Atom, item by item, with DTDs, entities and the network off; an item becomes a row of the text
file, so that `FORMATS["google"]` reads it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO
from xml.sax.saxutils import escape

from lxml import etree

from app.formats.base import Row, WriteOptions
from app.formats.google import google_values, is_group, quoted_detail
from app.formats.google_columns import (
    DETAIL_PARTS,
    HEADER,
    REPEATED,
    STRUCTURED_PARTS,
    quoted,
    quoted_if_needed,
)
from app.formats.items import CatalogueItem

NAMESPACE = "http://base.google.com/ns/1.0"
# What XML 1.0 cannot hold, not even as a reference.
UNSUITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}\Z")
MAX_CHILDREN = 2000


class XmlInvalid(ValueError):
    """The file is no XML that can be read; the message says where."""


def xml_text(text: str) -> str:
    # A bare CR would be read as a line feed.
    return escape(UNSUITABLE.sub("", text), {"\r": "&#13;"})


def element(name: str, text: str) -> str:
    return f"<g:{name}>{xml_text(text)}</g:{name}>"


def nested(name: str, parts: Iterable[tuple[str, str]]) -> str:
    return f"<g:{name}>{''.join(element(part, text) for part, text in parts if text)}</g:{name}>"


def item_xml(item: CatalogueItem, options: WriteOptions) -> str:
    """Empty for a parent, which is no offer."""
    if is_group(item):
        return ""
    values = google_values(item, options)
    parts = []
    for name in [*HEADER, *(name for name in values if name not in HEADER and NAME.match(name))]:
        value = values.get(name) or ""
        if isinstance(value, str):
            parts += [element(name, value)] if value else []
        elif isinstance(value, tuple):
            parts.append(nested(name, zip(STRUCTURED_PARTS, value, strict=True)))
        else:
            parts += [
                element(name, entry) if isinstance(entry, str) else nested(name, zip(DETAIL_PARTS, entry, strict=True))
                for entry in value
            ]
    return "<item>" + "".join(parts) + "</item>\n"


def write_xml(items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[str]:
    yield xml_opening()
    for item in items:
        yield item_xml(item, options)
    yield XML_CLOSING


def xml_opening(title: str = "Products", link: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="{NAMESPACE}">\n<channel>\n'
        f"<title>{xml_text(title)}</title>\n<link>{xml_text(link)}</link>\n<description></description>\n"
    )


XML_CLOSING = "</channel>\n</rss>\n"


def local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def read_xml_rows(file: IO[bytes]) -> Iterator[Row]:
    """Raises XmlInvalid; the rows before have been given then."""
    events = etree.iterparse(
        file, events=("end",), tag=("{*}item", "{*}entry"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for _, node in events:
            yield node.sourceline or 1, item_cells(node)
            node.clear()
            parent = node.getparent()
            while parent is not None and node.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise XmlInvalid(str(error)) from None


def item_cells(node: etree._Element) -> dict[str, str]:
    cells: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for child in islice(node, MAX_CHILDREN):
        name = local(child)
        if not name:
            continue
        # What is no element is an entity, and none is opened.
        parts = {local(part): "".join(map(str, part.itertext())) for part in islice(child, MAX_CHILDREN) if local(part)}
        if name.startswith("structured_") and "content" in parts:
            cells[name] = f"{parts.get('digital_source_type', '').strip()}:{quoted(parts['content'])}"
        elif name == "product_detail" and parts:
            detail = (parts.get("section_name", ""), parts.get("attribute_name", ""), parts.get("attribute_value", ""))
            repeated.setdefault(name, []).append(quoted_detail(detail))
        else:
            text = "".join(map(str, child.itertext()))
            if name in REPEATED:
                repeated.setdefault(name, []).append(quoted_if_needed(text))
            elif name == "link" and not text.strip():
                # Atom has it as an attribute.
                cells[name] = str(child.get("href") or "")
            else:
                cells.setdefault(name, text)
    return cells | {name: ",".join(values) for name, values in repeated.items()}
