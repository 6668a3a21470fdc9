"""Text on the pack: PP-OCR models in onnxruntime through rapidocr, in any direction of reading.

Text is looked for in a small copy of the image, since that is where the time goes, and read from the full one. Both
models lie in the rapidocr wheel; they are given by path, so that nothing is ever downloaded.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from describe_image.label_reader.geometry import Corners, TextLine
from describe_image.label_reader.gtin import without_guard_bars

DETECTION_MODEL = "PP-OCRv6_det_small.onnx"
RECOGNITION_MODEL = "PP-OCRv6_rec_small.onnx"
MODEL_NAME = "PP-OCRv6-small"

Pixels = npt.NDArray[np.uint8]

# Upright text reads at 0.95 and more, upside-down text at 0.55 to 0.88 (measured on rendered packs).
SURE = 0.9
CLEARLY_BETTER = 0.05
LEAST_CONFIDENCE = 0.5

# A wider strip is squeezed: memory grows with the width, and a crafted image could make it huge.
WIDEST_RATIO = 40.0
SMALL_IMAGE_SIDE = 736
# Letters below this height (in the small copy) are often missed: then it is worth looking again at a larger size.
SMALL_TEXT = 13.0
SECOND_LOOK_FACTOR = 1.6
BAND_MARGIN = 0.06


def bundled_models() -> Path:
    """The models inside the rapidocr wheel, found without importing it (that costs a second)."""
    found = find_spec("rapidocr")
    if found is None or not found.origin:
        raise FileNotFoundError("The package rapidocr is not installed.")
    return Path(found.origin).parent / "models"


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A line cut out and laid flat. `corners` begin at its left top, in the present direction of reading."""

    pixels: Pixels
    corners: Corners
    upright: bool

    def flipped(self) -> "Strip":
        return Strip(np.ascontiguousarray(self.pixels[::-1, ::-1]), np.roll(self.corners, 2, axis=0), self.upright)


def cut_strip(image: Pixels, corners: Corners) -> Strip:
    """Undo rotation and perspective of a detected line; tall ones are laid on their side."""
    width = max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))
    height = max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))
    upright = bool(height < 1.5 * width)
    if not upright:
        # Text that runs downwards begins at the top right of its box.
        corners = np.roll(corners, -1, axis=0)
        width, height = height, width
    size = max(1, round(float(min(width, height * WIDEST_RATIO)))), max(1, round(float(height)))
    flat = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
    transform = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    pixels = cv2.warpPerspective(image, transform, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Strip(np.asarray(pixels, dtype=np.uint8), corners, upright)


class TextReader:
    """Loaded with the first image. Safe to use from several threads: onnxruntime sessions are."""

    def __init__(
        self,
        *,
        threads: int = 2,
        detection_megapixels: float = 0.8,
        max_lines: int = 200,
        models: Path | None = None,
    ) -> None:
        self.threads = threads
        self.detection_pixels = detection_megapixels * 1_000_000
        self.max_lines = max_lines
        self.models = models or bundled_models()
        self._detector: Any = None
        self._recogniser: Any = None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> bool:
        return self._recogniser is not None

    def missing(self) -> list[Path]:
        """Model files that are not there; empty when the reader can work."""
        files = (self.models / DETECTION_MODEL, self.models / RECOGNITION_MODEL)
        return [file for file in files if not file.is_file()]

    def load(self) -> None:
        with self._lock:
            if self.loaded:
                return
            from rapidocr import RapidOCR

            common = {
                "Global.log_level": "error",
                "Global.use_cls": False,
                "Global.use_preprocess_img": False,
                "Det.model_path": str(self.models / DETECTION_MODEL),
                "Rec.model_path": str(self.models / RECOGNITION_MODEL),
            }
            detector: Any = RapidOCR(
                params={
                    **common,
                    "Global.use_rec": False,
                    # We scale ourselves: its own rule enlarges a narrow image without bound.
                    "Det.limit_type": "max",
                    "Det.limit_side_len": 100_000,
                }
            )
            recogniser: Any = RapidOCR(
                params={
                    **common,
                    "Global.use_det": False,
                    "Global.use_vertical_padding": False,
                }
            )
            # The first call loads the model file and lets onnxruntime plan its memory.
            blank = np.full((64, 320, 3), 255, dtype=np.uint8)
            detector(blank)
            recogniser(blank)
            detector.text_det.session.session = self._session(self.models / DETECTION_MODEL)
            recogniser.text_rec.session.session = self._session(self.models / RECOGNITION_MODEL)
            self._detector, self._recogniser = detector, recogniser

    def _session(self, model: Path) -> Any:
        """A session of our own, since rapidocr cannot be told that waiting threads should sleep.

        They spin by default, and take the cores from the other services of a small machine while they wait.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])

    def read(self, image: Pixels) -> list[TextLine]:
        """The legible lines of a BGR image, in no particular order. Takes seconds: call it in a thread."""
        self.load()
        strips = [cut_strip(image, corners) for corners in self.find_lines(image)]
        lines = []
        for upright in (True, False):
            lines += self.read_strips([strip for strip in strips if strip.upright is upright])
        return lines

    def find_lines(self, image: Pixels) -> list[Corners]:
        """Corners of text lines, largest first."""
        height, width = image.shape[:2]
        # The detector pads a flat image to a quarter of its width, and that counts too.
        scale = math.sqrt(self.detection_pixels / (max(height, width / 4) * width))
        enlarge = min(2.0, max(1.0, SMALL_IMAGE_SIDE / min(height, width)))
        scale = min(scale, enlarge)
        found = self.detect(image, scale)
        heights = [min_side(corners) * scale for corners in found]
        if scale < 1 and heights and float(np.median(heights)) < SMALL_TEXT:
            closer = self.look_closer(image, min(1.0, scale * SECOND_LOOK_FACTOR), found)
            found = closer if len(closer) >= len(found) else found
        found.sort(key=lambda corners: -cv2.contourArea(corners))
        return found[: self.max_lines]

    def look_closer(self, image: Pixels, scale: float, found: Sequence[Corners]) -> list[Corners]:
        """Look again at `scale`, in overlapping bands: the detector's memory grows with the size that it sees."""
        tall = sum(float(np.ptp(corners[:, 1])) > float(np.ptp(corners[:, 0])) for corners in found)
        # Bands lie along the lines, so that few lines are cut.
        axis = 1 if tall > len(found) / 2 else 0
        side = image.shape[axis]
        bands = max(1, math.ceil(image.shape[0] * image.shape[1] * scale**2 / self.detection_pixels))
        depth, margin = side / bands, BAND_MARGIN * side
        lines = []
        for band in range(bands):
            start, end = round(max(0.0, band * depth - margin)), round(min(float(side), (band + 1) * depth + margin))
            piece = image[start:end] if axis == 0 else image[:, start:end]
            for corners in self.detect(piece, scale):
                corners[:, 1 - axis] += start
                # Of what two bands see, each keeps what has its middle in it.
                if band * depth <= float(corners[:, 1 - axis].mean()) < (band + 1) * depth:
                    lines.append(corners)
        return lines

    def detect(self, image: Pixels, scale: float) -> list[Corners]:
        copy = image
        if abs(scale - 1) > 0.01:
            size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            copy = np.asarray(cv2.resize(image, size, interpolation=method), dtype=np.uint8)
        boxes = self._detector(copy).boxes
        if boxes is None:
            return []
        factors = np.array([image.shape[1] / copy.shape[1], image.shape[0] / copy.shape[0]], dtype=np.float32)
        return [np.asarray(box, dtype=np.float32) * factors for box in boxes]

    def read_strips(self, strips: Sequence[Strip]) -> list[TextLine]:
        """Lines of one axis: the longest ones decide which way up they are, and doubtful others are tried both ways."""
        ordered = sorted(strips, key=lambda strip: -strip.pixels.shape[1])
        sample = ordered[:3]
        as_found = [self.recognise(strip) for strip in sample]
        flip = False
        if sample and np.mean([line.confidence for line in as_found]) < SURE:
            turned = [self.recognise(strip.flipped()) for strip in sample]
            flip = weight(turned) > weight(as_found)
        lines = []
        for index, strip in enumerate(ordered):
            line = self.recognise(strip.flipped() if flip else strip) if flip or index >= 3 else as_found[index]
            if line.confidence < SURE:
                other = self.recognise(strip if flip else strip.flipped())
                if other.confidence > line.confidence + CLEARLY_BETTER and len(other.text) > 1:
                    line = other
            if line.text and line.confidence >= LEAST_CONFIDENCE:
                lines.append(line)
        return lines

    def recognise(self, strip: Strip) -> TextLine:
        result = self._recogniser(strip.pixels)
        text = tidy(str(result.txts[0])) if result.txts else ""
        confidence = float(result.scores[0]) if text else 0.0
        return TextLine(text, round(min(1.0, max(0.0, confidence)), 4), strip.corners)


def tidy(text: str) -> str:
    """Single spaces, and plain signs where the model knows a ligature or sees quotes in the bars of a barcode."""
    text = " ".join(text.replace("°℃", "°C").replace("℃", "°C").replace("°℉", "°F").replace("℉", "°F").split())
    return without_guard_bars(text)


def min_side(corners: Corners) -> float:
    return float(min(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])))


def weight(lines: Sequence[TextLine]) -> float:
    return sum(line.confidence**2 * len(line.text) for line in lines)
