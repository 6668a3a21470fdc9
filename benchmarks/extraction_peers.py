"""What named libraries read from the same pages. Run by extraction.py in an environment of its own, never by hand.

    python extraction_peers.py --root DIR --dataset NAME --out DIR

writes NAME-LIBRARY.json in the scorer's format and prints what each page cost as JSON.
"""

import argparse
import contextlib
import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXT_KINDS = ("text-shingle", "text-word")


def text_peers() -> dict[str, Callable[[str, str | None], dict[str, Any]]]:
    import lxml.html
    import trafilatura
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text

    return {
        "trafilatura": lambda html, _: {"text": trafilatura.extract(html, include_comments=False, fast=True) or ""},
        "resiliparse": lambda html, _: {"text": extract_plain_text(html, main_content=True, alt_texts=False)},
        "readability-lxml": lambda html, _: {"text": lxml.html.fromstring(Document(html).summary()).text_content()},
    }


def product_peers() -> dict[str, Callable[[str, str | None], dict[str, Any]]]:
    import extruct
    from price_parser import Price

    def extruct_and_price_parser(html: str, url: str | None) -> dict[str, Any]:
        data = extruct.extract(
            html, base_url=url, syntaxes=["json-ld", "microdata", "opengraph"], uniform=True, errors="ignore"
        )
        product = next(
            (item for syntax in ("json-ld", "microdata") for item in flat(data[syntax]) if is_product(item)), None
        )
        graph = data["opengraph"][0] if data["opengraph"] else {}
        if product is None:
            price = graph.get("product:price:amount") or graph.get("og:price:amount")
            return {"title": graph.get("og:title"), "price": amount(price, Price), "image": graph.get("og:image")}
        offer = first(product.get("offers")) or {}
        offer = offer if isinstance(offer, dict) else {}
        price = offer.get("price") or offer.get("lowPrice")
        return {
            "title": text(product.get("name")),
            "price": amount(price, Price),
            "currency": text(offer.get("priceCurrency")),
            "sku": text(product.get("sku")),
            "mpn": text(product.get("mpn")),
            "gtin": next((text(product[key]) for key in ("gtin13", "gtin", "gtin12", "gtin8") if key in product), None),
            "brand": text(product.get("brand")),
            "availability": (text(offer.get("availability")) or "").rsplit("/", 1)[-1] or None,
            "specs": [
                [text(entry.get("name")), text(entry.get("value"))]
                for entry in many(product.get("additionalProperty"))
                if isinstance(entry, dict)
            ],
        }

    return {"extruct + price-parser": extruct_and_price_parser}


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def first(value: Any) -> Any:
    return next(iter(many(value)), None)


def text(value: Any) -> str | None:
    value = first(value)
    if isinstance(value, dict):
        value = first(value.get("name"))
    return str(value) if isinstance(value, str | int | float) else None


def amount(value: Any, price_type: Any) -> str | None:
    parsed = price_type.fromstring(str(value)) if value is not None else None
    return str(parsed.amount) if parsed is not None and parsed.amount is not None else None


def flat(items: list[Any]) -> list[dict[str, Any]]:
    return [entry for item in items if isinstance(item, dict) for entry in [item, *many(item.get("@graph"))]]


def is_product(item: Any) -> bool:
    return isinstance(item, dict) and any(str(kind).endswith("Product") for kind in many(item.get("@type")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.root / arguments.dataset
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    kind = json.loads((folder / "meta.json").read_text("utf-8"))["kind"]
    pages = [
        (page, labels.get("url"), gzip.decompress((folder / "html" / f"{page}.html.gz").read_bytes()))
        for page, labels in truth.items()
    ]
    costs = {}
    for name, read in (text_peers() if kind in TEXT_KINDS else product_peers()).items():
        predictions: dict[str, Any] = {}
        cpu = 0.0
        for page, url, body in pages:
            html = body.decode("utf-8", "replace")
            started = time.process_time()
            # A page that breaks a library is one that it cannot read.
            with contextlib.suppress(Exception):
                predictions[page] = read(html, url)
            cpu += time.process_time() - started
        (arguments.out / f"{arguments.dataset}-{name}.json").write_text(json.dumps(predictions), "utf-8")
        costs[name] = len(pages) / cpu
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
