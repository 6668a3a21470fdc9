"""Render the pack shots of the sample catalogue into `photos/`.

The same library versions give the same bytes. Run it with `./orchestrate exec python samples/make_photos.py`.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from pack_shots import home, kitchen, wear
from pack_shots.studio import encode
from PIL import Image

SAMPLES = Path(__file__).resolve().parent

Shot = Callable[[str], Image.Image]
SHOTS: dict[str, tuple[str, Shot]] = {
    "enamel-mug-front.jpg": ("BRN-MUG-330", kitchen.enamel_mug_front),
    "enamel-mug-back.jpg": ("BRN-MUG-330", kitchen.enamel_mug_back),
    "olive-oil.jpg": ("OLV-PIC-500", kitchen.olive_oil),
    "desk-lamp.jpg": ("HAL-ARC-9", home.desk_lamp),
    "hiking-backpack.jpg": ("KES-TARN-28", wear.hiking_backpack),
    "hand-cream.jpg": ("BOT-HAND-75", wear.hand_cream),
    "coffee-beans-front.jpg": ("TOS-HUILA-250", kitchen.coffee_front),
    "coffee-beans-back.jpg": ("TOS-HUILA-250", kitchen.coffee_back),
    "cordless-drill.jpg": ("TOR-DRILL-18", home.cordless_drill),
    "wooden-puzzle.jpg": ("PEQ-WHALE-24", home.wooden_puzzle),
    "merino-t-shirt.jpg": ("LAN-TEE-M", wear.merino_t_shirt),
    "espresso-machine.jpg": ("CAL-DUO-15", kitchen.espresso_machine),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *SHOTS], help="only these; default all")
    parser.add_argument("--out", type=Path, default=SAMPLES / "photos", help="folder to write to")
    arguments = parser.parse_args()
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or SHOTS:
        sku, shot = SHOTS[name]
        data = encode(shot(expected[sku]["gtin"]))
        (arguments.out / name).write_bytes(data)
        print(f"{name}: {len(data) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
