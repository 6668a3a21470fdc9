"""What extract-webcontent reads from real pages, in the format of the scorer that lies beside the pages.

    ./orchestrate exec python benchmarks/extraction.py --dataset zyte-product --predictions OUT.json
    ./orchestrate exec python benchmarks/extraction.py            # every set, scored
    ./orchestrate exec python benchmarks/extraction.py --peers    # beside named libraries, in the same run

The pages are real shops' and are not part of this repository; `--root` says where they lie. The libraries to compare
with are installed into an environment that is thrown away afterwards: they are no dependencies of ours.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extract_webcontent.decoding import decode_html
from extract_webcontent.reading.prescan import MarkupTooComplex
from extract_webcontent.reading.reader import PageReading, read_page

DEFAULT_ROOT = Path(__file__).resolve().parents[2] / "shared" / "data" / "extract"
DATASETS = ("zyte-product", "masked-product", "cscreen-specs", "article", "wcxb-dev-product")
TEXT_KINDS = ("text-shingle", "text-word")
PEERS = ("extruct", "price-parser", "trafilatura", "resiliparse", "readability-lxml", "lxml-html-clean")
# What the table shows of the scorer's answer: our name, the scorer's, and which of its figures.
FIGURES = {
    "product": [(field, field, "f1") for field in ("title", "price", "sku", "brand", "gtin", "mpn", "availability")],
    "specs": [("pair recall, mean of shops", "pairs, mean of shops", "recall"), ("price", "price", "f1")],
    "text-shingle": [("text F1", "articleBody(4-shingle)", "f1")],
    "text-word": [
        ("text F1", "ALL(word, page mean)", "f1"),
        ("precision", "ALL(word, page mean)", "precision"),
        ("recall", "ALL(word, page mean)", "recall"),
    ],
}


@dataclass(slots=True)
class Run:
    """Pages a CPU-second with text and facts, and with facts alone."""

    predictions: dict[str, dict[str, object]]
    with_text: float
    facts_only: float
    facts: int
    unresolved: int


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


def pages_of(folder: Path) -> Iterator[tuple[str, str | None, bytes]]:
    for page, labels in json.loads((folder / "truth.json").read_text("utf-8")).items():
        yield page, labels.get("url"), gzip.decompress((folder / "html" / f"{page}.html.gz").read_bytes())


def kind_of(folder: Path) -> str:
    return str(json.loads((folder / "meta.json").read_text("utf-8"))["kind"])


def run(folder: Path) -> Run:
    """Every page is read twice, with and without its main text, so that both figures are of the same moment."""
    kind = kind_of(folder)
    predictions: dict[str, dict[str, object]] = {}
    cpu = {True: 0.0, False: 0.0}
    unresolved = facts = 0
    for page, url, body in pages_of(folder):
        predictions[page] = {}
        for with_text in (True, False):
            started = time.process_time()
            try:
                reading = read_page(decode_html(body, None), url=url, ref=url or page, want_main_text=with_text)
            except MarkupTooComplex as error:
                print(f"{page}: {error}", file=sys.stderr)
                continue
            finally:
                cpu[with_text] += time.process_time() - started
            if with_text:
                predictions[page] = prediction(reading, kind)
                facts += len(reading.facts)
                for fact in reading.facts:
                    locator = fact.source.locator
                    unresolved += reading.snapshot[locator.start : locator.end] != fact.source.quote
    pages = len(predictions)
    return Run(predictions, pages / cpu[True], pages / cpu[False], facts, unresolved)


def score(root: Path, dataset: str, predictions: Path) -> dict[str, dict[str, float]]:
    """The scorer's own figures; empty when it does not lie beside the pages."""
    scorer = root / "score.py"
    if not scorer.is_file():
        return {}
    result = predictions.with_suffix(".score.json")
    command = [sys.executable, str(scorer), "--root", str(root), "--dataset", dataset, "--bootstrap", "0"]
    subprocess.run(
        [*command, "--predictions", str(predictions), "--json", str(result)], check=True, stdout=subprocess.DEVNULL
    )
    scored: dict[str, dict[str, float]] = json.loads(result.read_text("utf-8"))
    return scored


def install_peers(folder: Path) -> Path:
    """An environment with the libraries to compare with; its Python."""
    python = folder / "bin" / "python"
    beside = str(Path(sys.executable).parent)
    uv = shutil.which("uv", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if uv is None:
        sys.exit("The libraries to compare with are installed by uv, and there is none on the PATH.")
    subprocess.run([uv, "venv", "--quiet", str(folder)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PEERS], check=True)
    return python


def run_peers(python: Path, root: Path, dataset: str, out: Path) -> dict[str, float]:
    script = Path(__file__).with_name("extraction_peers.py")
    command = [str(python), str(script), "--root", str(root), "--dataset", dataset, "--out", str(out)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    speeds: dict[str, float] = json.loads(answer.stdout)
    return speeds


def table_row(kind: str, name: str, scored: dict[str, dict[str, float]], speed: str) -> str:
    figures = [
        f"{scored[key][figure]:.3f}" if isinstance(scored.get(key), dict) else "–" for _, key, figure in FIGURES[kind]
    ]
    return f"| {' | '.join([name, *figures, speed])} |"


def table_head(kind: str) -> str:
    names = ["", *(name for name, _, _ in FIGURES[kind]), "pages a CPU-second"]
    return f"| {' | '.join(names)} |\n|{' --- |' * len(names)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="folder that holds the sets")
    parser.add_argument("--dataset", action="append", help="a set of that folder; repeat for more (default: all)")
    parser.add_argument("--predictions", type=Path, help="where to write the predictions (with one --dataset)")
    parser.add_argument("--peers", action="store_true", help="measure named libraries in the same run (needs uv)")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if not root.is_dir():
        print(f"There are no labelled pages at {root}; say where they lie with --root.", file=sys.stderr)
        return 2
    datasets = arguments.dataset or [name for name in DATASETS if (root / name).is_dir()]
    if arguments.predictions and len(datasets) != 1:
        parser.error("--predictions needs exactly one --dataset")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        peers = install_peers(scratch / "peers") if arguments.peers else None
        for dataset in datasets:
            measured = run(root / dataset)
            kind = kind_of(root / dataset)
            ours = scratch / f"{dataset}.json"
            ours.write_text(json.dumps(measured.predictions, ensure_ascii=False, indent=1), "utf-8")
            if arguments.predictions is not None:
                arguments.predictions.write_bytes(ours.read_bytes())
            print(
                f"\n== {dataset}: {len(measured.predictions)} pages, {measured.facts} facts, "
                f"{measured.unresolved} quotes that do not resolve"
            )
            print(table_head(kind))
            speed = f"{measured.with_text:.1f} (facts alone {measured.facts_only:.1f})"
            print(table_row(kind, "**extract-webcontent**", score(root, dataset, ours), speed), flush=True)
            if peers is not None:
                for peer, pace in run_peers(peers, root, dataset, scratch).items():
                    scored = score(root, dataset, scratch / f"{dataset}-{peer}.json")
                    print(table_row(kind, peer, scored, f"{pace:.1f}"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
