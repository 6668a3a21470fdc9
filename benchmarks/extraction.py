"""What extract-webcontent reads from real pages, in the format of the scorer that lies beside the pages.

    ./orchestrate exec python benchmarks/extraction.py --dataset zyte-product --predictions OUT.json
    ./orchestrate exec python benchmarks/extraction.py            # every set, scored

The pages are real shops' and are not part of this repository; `--root` says where they lie.
"""

import argparse
import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

from extract_webcontent.decoding import decode_html
from extract_webcontent.reading.prescan import MarkupTooComplex
from extract_webcontent.reading.reader import PageReading, read_page

DEFAULT_ROOT = Path(__file__).resolve().parents[2] / "shared" / "data" / "extract"
DATASETS = ("zyte-product", "masked-product", "cscreen-specs", "article", "wcxb-dev-product")
TEXT_KINDS = ("text-shingle", "text-word")


def prediction(reading: PageReading, kind: str) -> dict[str, object]:
    if kind in TEXT_KINDS:
        return {"text": reading.main_text or "", "title": reading.title}
    product = reading.product
    if product is None:
        return {}
    answer: dict[str, object] = {
        "title": product.name,
        "price": product.price.amount if product.price else None,
        "currency": product.price.currency if product.price else None,
        "sku": product.sku,
        "gtin": product.gtin,
        "mpn": product.mpn,
        "brand": product.brand,
        "availability": product.availability,
        "image": [image.url for image in product.images],
    }
    if kind == "specs":
        answer["specs"] = [
            [attribute.name, f"{attribute.value} {attribute.unit}" if attribute.unit else attribute.value]
            for attribute in product.attributes
        ]
    return answer


def run(root: Path, dataset: str) -> tuple[dict[str, dict[str, object]], dict[str, float]]:
    """Predictions for every page of the set, and what they cost."""
    folder = root / dataset
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    kind = json.loads((folder / "meta.json").read_text("utf-8"))["kind"]
    predictions: dict[str, dict[str, object]] = {}
    cpu = 0.0
    unresolved = facts = 0
    for page, labels in truth.items():
        body = gzip.decompress((folder / "html" / f"{page}.html.gz").read_bytes())
        started = time.process_time()
        try:
            reading = read_page(
                decode_html(body, None),
                url=labels.get("url"),
                ref=labels.get("url") or page,
                want_main_text=kind in TEXT_KINDS,
            )
        except MarkupTooComplex as error:
            print(f"{page}: {error}", file=sys.stderr)
            predictions[page] = {}
            continue
        finally:
            cpu += time.process_time() - started
        predictions[page] = prediction(reading, kind)
        facts += len(reading.facts)
        for fact in reading.facts:
            locator = fact.source.locator
            unresolved += reading.snapshot[locator.start : locator.end] != fact.source.quote
    pages = len(truth)
    return predictions, {"pages": pages, "pages per CPU-second": pages / cpu, "facts": facts, "unresolved": unresolved}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="folder that holds the sets")
    parser.add_argument("--dataset", action="append", help="a set of that folder; repeat for more (default: all)")
    parser.add_argument("--predictions", type=Path, help="where to write the predictions (with one --dataset)")
    arguments = parser.parse_args()
    if not arguments.root.is_dir():
        print(f"There are no labelled pages at {arguments.root}; say where they lie with --root.", file=sys.stderr)
        return 2
    datasets = arguments.dataset or [name for name in DATASETS if (arguments.root / name).is_dir()]
    if arguments.predictions and len(datasets) != 1:
        parser.error("--predictions needs exactly one --dataset")
    for dataset in datasets:
        predictions, cost = run(arguments.root, dataset)
        print(f"== {dataset}: " + ", ".join(f"{name} {value:.1f}" for name, value in cost.items()), flush=True)
        target = arguments.predictions or Path(f"predictions-{dataset}.json")
        target.write_text(json.dumps(predictions, ensure_ascii=False, indent=1), "utf-8")
        scorer = arguments.root / "score.py"
        if scorer.is_file():
            command = [sys.executable, str(scorer), "--root", str(arguments.root), "--dataset", dataset]
            subprocess.run([*command, "--predictions", str(target), "--bootstrap", "0"], check=False)
        if arguments.predictions is None:
            target.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
