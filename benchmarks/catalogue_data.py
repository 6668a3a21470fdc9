"""A shop's catalogue of any size, always the same one: 20 categories, 200 brands, English and Spanish names."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from shared.utils.gtin import gtin_check_digit

KINDS = {
    "Kitchen > Mugs": "mug", "Kitchen > Mugs > Travel": "travel mug", "Kitchen > Pans": "pan",
    "Kitchen > Knives": "knife", "Kitchen > Boards": "cutting board", "Garden > Pots": "flower pot",
    "Garden > Tools": "spade", "Garden > Tools > Shears": "shears", "Home > Lamps": "lamp",
    "Home > Lamps > Desk": "desk lamp", "Home > Textiles": "blanket", "Home > Textiles > Towels": "towel",
    "Office > Chairs": "chair", "Office > Desks": "desk", "Sport > Bottles": "bottle", "Sport > Bags": "bag",
    "Cocina > Tazas": "taza", "Cocina > Sartenes": "sartén", "Jardín > Macetas": "maceta",
    "Hogar > Lámparas": "lámpara",
}  # fmt: skip
ADJECTIVES = [
    "enamelled", "stackable", "compact", "classic", "modern", "rustic", "light", "sturdy", "foldable", "insulated",
    "handmade", "elegant", "natural", "recycled", "ceramic", "steel", "wooden", "bamboo", "cotton", "linen",
    "clásico", "moderno", "rústico", "ligero", "térmico",
]  # fmt: skip
COLORS = [
    "red", "blue", "green", "white", "black", "grey", "yellow", "sand", "rojo", "azul", "verde", "blanco", "negro",
    "marrón",
]  # fmt: skip
BRANDS = [
    "Brunnhof", "Nordlicht", "Casa Ñandú", "Olivar", "Steinberg", "Hygge & Co", "Alma", "Fjell", "Río Verde",
    "Kupfer", "Toledo", "Björk",
]  # fmt: skip
BRANDS += [f"Maker {number}" for number in range(188)]
TAGS = [
    "new", "sale", "summer", "winter", "gift", "bestseller", "clearance", "eco", "kids", "outdoor",
]  # fmt: skip
TAGS += [f"campaign-{number}" for number in range(60)]
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
# In name order of nothing in particular: a word that one product in ten thousand has.
RARE_WORD = "quillwort"


def row_id(number: int, kind: int = 0) -> uuid.UUID:
    """A UUIDv7 that counts up, as ids do that come in one after the other."""
    moment = int((BEGAN + timedelta(minutes=number)).timestamp() * 1000)
    return uuid.UUID(int=(moment << 80) | (0x7 << 76) | (0x2 << 62) | (kind << 40) | number)


def gtin(number: int) -> str:
    body = f"{400000000000 + number * 7919 % 99_999_999_999:012d}"
    return body + str(gtin_check_digit(body))


def products(count: int) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(20261124)
    categories = list(KINDS)
    for number in range(count):
        category = chance.choice(categories)
        words = [
            *chance.sample(ADJECTIVES, 2),
            KINDS[category],
            chance.choice(COLORS),
            f"{chance.randrange(10, 999)} ml",
        ]
        if number % 10_000 == 77:
            words.append(RARE_WORD)
        brand = chance.choice(BRANDS[:12] if chance.random() < 0.5 else BRANDS)
        created = BEGAN + timedelta(minutes=number)
        priced = chance.random() < 0.95
        attributes = [
            {"name": "Colour", "type": "text", "value": words[3]},
            {"name": "Volume", "type": "number", "value": str(chance.randrange(100, 2000)), "unit": "ml"},
            {"name": "Dishwasher safe", "type": "boolean", "value": chance.random() < 0.5},
        ]
        yield (
            row_id(number),
            f"{brand[:3].upper().strip()}-{chance.randrange(16**5):05X}-{number:06d}",
            " ".join(words).capitalize(),
            brand if chance.random() < 0.97 else None,
            category if chance.random() < 0.98 else None,
            chance.choices(("draft", "needs_review", "approved"), (40, 25, 35))[0],
            gtin(number) if chance.random() < 0.9 else None,
            Decimal(chance.randrange(100, 50_000)) / 100 if priced else None,
            "EUR" if priced else None,
            json.dumps(attributes),
            json.dumps(chance.sample(ADJECTIVES, 2)),
            json.dumps(["en", "es"]),
            chance.sample(TAGS, chance.randrange(4)),
            1,
            created,
            created + timedelta(seconds=chance.randrange(10_000_000)),
        )


COLUMNS = (
    "id, sku, name, brand, category, status, gtin, price_amount, price_currency, attributes, keywords, languages, tags,"
    " version, created_at, updated_at"
)


def load(connection: psycopg.Connection[Any], count: int) -> None:
    """Products with photos (70 %), source pages (60 %), listings (50 %), runs (30 %) and conflicts (5 %)."""
    with connection.cursor().copy(f"COPY products ({COLUMNS}) FROM STDIN") as copy:
        for row in products(count):
            copy.write_row(row)
    connection.execute(
        """
        INSERT INTO media (sha256, width, height, format, size_bytes)
        SELECT encode(sha256(id::text::bytea), 'hex'), 1600, 1200, 'JPEG', 250000 FROM products;
        INSERT INTO product_images (id, product_id, sha256, position, alt, file_name)
        SELECT gen_random_uuid(), id, encode(sha256(id::text::bytea), 'hex'), 0, name, sku || '.jpg'
        FROM products WHERE hashtext(id::text) % 10 BETWEEN -6 AND 6;
        INSERT INTO source_pages (id, product_id, url, position)
        SELECT gen_random_uuid(), id, 'https://supplier.example/p/' || sku, 0
        FROM products WHERE hashtext(sku) % 10 BETWEEN -5 AND 5;
        INSERT INTO listings (id, product_id, language, version, status, author, content, facts)
        SELECT gen_random_uuid(), id, language, 1, 'needs_review', 'ai', '{}', '[]'
        FROM products, unnest(ARRAY['en', 'es']) AS language WHERE hashtext(name) % 10 BETWEEN -4 AND 4;
        INSERT INTO runs (id, product_id, status, options, attempt, cancel_requested, missing, created_at, finished_at)
        SELECT gen_random_uuid(), id, 'succeeded', '{}', 1, false, '[]', created_at, updated_at
        FROM products WHERE hashtext(sku || name) % 10 BETWEEN -2 AND 2;
        INSERT INTO conflicts (id, product_id, name, label, options)
        SELECT gen_random_uuid(), id, 'volume', 'Volume', '[]' FROM products WHERE hashtext(sku) % 20 = 0;
        """
    )
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
