"""Seconds and memory of the label reader: `./orchestrate exec python benchmarks/label_reader.py [--rounds N]`.

Reads the sample photos through the whole engine (text, barcodes, colours, facts). The reference in the same interleaved
rounds is rapidocr as it comes, which reads the text alone.
"""

import argparse
import asyncio
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from rapidocr import RapidOCR

from describe_image.label_reader.engine import LabelReader
from describe_image.label_reader.text_reader import TextReader
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions

PHOTOS = sorted((Path(__file__).resolve().parent.parent / "samples" / "photos").glob("*.jpg"))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    files = [photo.read_bytes() for photo in PHOTOS]
    pixels = [cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) for content in files]
    megapixels = sum(image.shape[0] * image.shape[1] for image in pixels) / 1e6
    reader = LabelReader(TextReader(), WorkerPool(1, 1), max_side=3072)
    asyncio.run(reader.load())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours: list[float] = []
    codes = 0
    for content in files:
        codes += any(code.valid for code in reader.read(content, DescribeOptions()).barcodes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain = RapidOCR()
    plain(pixels[0])
    theirs: list[float] = []
    for _ in range(rounds):
        for content, image in zip(files, pixels, strict=True):
            ours.append(seconds(lambda content=content: reader.read(content, DescribeOptions())))
            theirs.append(seconds(lambda image=image: plain(image)))
    size = megapixels / len(files)
    mine, reference = statistics.median(ours) / size, statistics.median(theirs) / size
    print(f"label reader {mine:.2f} s a megapixel, rapidocr alone {reference:.2f}, ratio {mine / reference:.2f}")
    print(f"memory {memory:.0f} MB loaded, {peak:.0f} MB at most; barcodes on {codes} of {len(files)} photos")


main()
