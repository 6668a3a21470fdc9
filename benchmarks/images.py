"""A 12-megapixel JPEG to WebP: `./orchestrate exec python benchmarks/images.py [--rounds N] [--pyvips PYTHON]`.

Each round makes every contender once, each in a process of its own, so that the peak of memory is its own. Ours is what
an upload goes through: hash, header check, metadata out, decoding, three sizes. The references make one size of 1024
pixels, and ours is measured at that too. pyvips is no dependency of the project; to compare with it, name an
interpreter that has it:
`python3 -m venv /tmp/vips && /tmp/vips/bin/pip install pyvips-binary pyvips`, then `--pyvips /tmp/vips/bin/python`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

SIZE = (4000, 3000)
BACKEND = Path(__file__).resolve().parent.parent / "backend"

MEASURE = """
import json, sys, time
def peak_kb():
    # Not ru_maxrss, which a process inherits from who started it.
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
{imports}
loaded = peak_kb()
began = time.perf_counter()
{work}
seconds = time.perf_counter() - began
peak = peak_kb()
print(json.dumps({{"seconds": seconds, "loaded_mb": loaded / 1024, "peak_mb": peak / 1024}}))
"""

OURS = """
from pathlib import Path
from app.media.preparing import copy_hashed, prepare
"""
UPLOAD = """
source, upload, clean = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
with source.open("rb") as file:
    copy_hashed(file, upload)
prepare(upload, clean)
"""
ONE_SIZE_IMPORTS = """
from pathlib import Path
from app.media.renditions import encode_webp
from shared.utils.images import decode_image
"""
ONE_SIZE = "encode_webp(decode_image(Path(sys.argv[1]), max_side=1024).pixels)"
PILLOW = """
from io import BytesIO
from PIL import Image, ImageOps
"""
PLAIN = """
image = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")
image.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
image.save(BytesIO(), "WEBP", quality=82)
"""
VIPS = "pyvips.Image.thumbnail(sys.argv[1], 1024).webpsave_buffer(Q=82, effort=2, strip=True)"


def photo(path: Path) -> None:
    """Soft shapes with the noise of a sensor: as hard to compress as photos are."""
    small = Image.effect_noise((SIZE[0] // 40, SIZE[1] // 40), 90)
    soft = [small.rotate(90 * turn).resize(SIZE, Image.Resampling.BICUBIC) for turn in range(3)]
    noise = Image.effect_noise(SIZE, 12)
    image = Image.merge("RGB", [Image.blend(channel, noise, 0.25) for channel in soft])
    image.save(path, "JPEG", quality=92)


def measured(interpreter: str, imports: str, work: str, arguments: list[str]) -> dict[str, float]:
    script = MEASURE.format(imports=imports, work=work)
    answer = subprocess.run([interpreter, "-c", script, *arguments], check=True, capture_output=True, cwd=BACKEND)
    outcome: dict[str, float] = json.loads(answer.stdout)
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pyvips", help="an interpreter that has pyvips")
    options = parser.parse_args()
    contenders = {
        "ours: upload, three sizes": (sys.executable, OURS, UPLOAD),
        "ours: 1024 px": (sys.executable, ONE_SIZE_IMPORTS, ONE_SIZE),
        "plain Pillow: 1024 px": (sys.executable, PILLOW, PLAIN),
    }
    if options.pyvips:
        contenders["pyvips: 1024 px"] = (options.pyvips, "import pyvips", VIPS)
    else:
        print("pyvips is not compared: name an interpreter that has it (--pyvips).")
    results: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("photo.jpg", "upload", "clean")]
        photo(paths[0])
        print(f"{SIZE[0]} x {SIZE[1]} pixels, {paths[0].stat().st_size / 1e6:.1f} MB")
        for _ in range(options.rounds):
            for name, contender in contenders.items():
                results[name].append(measured(*contender, [str(path) for path in paths]))
    medians = {
        name: {key: statistics.median(each[key] for each in runs) for key in runs[0]} for name, runs in results.items()
    }
    reference = medians.get("pyvips: 1024 px", medians["plain Pillow: 1024 px"])["seconds"]
    for name, median in medians.items():
        print(
            f"{name:28} {median['seconds'] * 1000:5.0f} ms  ratio {median['seconds'] / reference:4.2f}  "
            f"peak {median['peak_mb']:4.0f} MB, {median['peak_mb'] - median['loaded_mb']:4.0f} MB more than loaded"
        )


if __name__ == "__main__":
    main()
