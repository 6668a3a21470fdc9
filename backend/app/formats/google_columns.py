"""The attributes of Google's product data, and how lists and pairs are written in one cell of a text file."""

from app.formats.cells import plain_header

AI = "trained_algorithmic_media"

COLUMNS: dict[str, str] = {
    "id": "sku", "title": "title", "structured_title": "structured_title", "description": "description",
    "structured_description": "structured_description", "link": "extra", "image_link": "image",
    "additional_image_link": "images", "availability": "extra", "price": "price", "sale_price": "extra",
    "brand": "brand", "gtin": "gtin", "mpn": "extra", "identifier_exists": "extra", "condition": "extra",
    "google_product_category": "extra", "product_type": "category", "item_group_id": "parent_sku", "color": "color",
    "size": "size", "material": "material", "pattern": "pattern", "gender": "gender", "age_group": "age_group",
    "product_highlight": "bullets", "product_detail": "product_detail",
    **{f"custom_label_{n}": "extra" for n in range(5)},
}  # fmt: skip
KNOWN = {plain_header(column): field for column, field in COLUMNS.items()}
HEADER = list(COLUMNS)

ATTRIBUTE_COLUMNS = ("color", "size", "material", "pattern", "gender", "age_group")
# Beside the names that merging knows: what else shops call these.
SYNONYMS = {
    "muster": "pattern", "dessin": "pattern", "estampado": "pattern", "patron": "pattern", "geschlecht": "gender",
    "genero": "gender", "sexo": "gender", "altersgruppe": "age_group", "grupo_de_edad": "age_group",
    "target_gender": "gender", "zielgruppe": "gender",
}  # fmt: skip
REPEATED = frozenset({"additional_image_link", "product_highlight", "product_detail"})
DETAIL_PARTS = ("section_name", "attribute_name", "attribute_value")
STRUCTURED_PARTS = ("digital_source_type", "content")

MAX_ADDITIONAL_IMAGES = 10
ATTRIBUTE_SECTION = "General"
OPTION_SECTION = "Variant"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def quoted_if_needed(text: str) -> str:
    return quoted(text) if not text or text != text.strip() or any(mark in text for mark in '",:\n\r\t') else text


def split_quoted(text: str, separator: str) -> list[str]:
    """Parts, still quoted; a separator between double quotes does not count. Quotes open only where a part begins."""
    parts = []
    current: list[str] = []
    inside = False
    # What a quote may follow to open: the beginning, a comma or a colon, whichever of them separates here.
    opens = True
    for character in text:
        if character == '"' and (inside or opens):
            inside = not inside
        if character == separator and not inside:
            parts.append("".join(current))
            current = []
            opens = True
            continue
        current.append(character)
        opens = character in ',:"' or (opens and character.isspace())
    return [*parts, "".join(current)]


def unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].replace('""', '"') if len(text) >= 2 and text[0] == text[-1] == '"' else text


def split_structured(text: str) -> tuple[bool, str]:
    """`trained_algorithmic_media:"Text"` → that it was written by AI, and the text."""
    source, colon, content = text.partition(":")
    if not colon:
        return False, unquoted(text)
    if source.strip().casefold() not in {AI, "default", ""}:
        return False, unquoted(text)
    return source.strip().casefold() == AI, unquoted(content)
