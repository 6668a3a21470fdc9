"""The texts of a listing as data: what of a Listing is text, what changed, and its canonical bytes. Pure functions."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.formats.items import ItemTexts
from app.listings.schemas import ListingTexts
from shared.models.generate import CheckedText, Grounding, Listing

TEXT_FIELDS = (
    "title", "description", "bullets", "attributes", "alt_texts", "seo_title", "seo_description", "keywords",
    "category",
)  # fmt: skip
IMPORTED_FIELDS = ("title", "description", "bullets", "seo_title", "seo_description")
PERSON = "person"
NO_GROUNDING = Grounding(supported=0, unsupported=0, style=0, coverage=1.0)


def canonical_bytes(content: Any) -> bytes:
    """Equal contents have equal bytes, whatever order their keys came in."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def stored_content(listing: Listing) -> dict[str, Any]:
    """What never changes; the check has columns of its own."""
    return listing.model_dump(mode="json", exclude={"claims", "grounding"})


def with_ordered_alt_texts(listing: Listing) -> Listing:
    """JSONB orders keys its own way, and claims name alternative texts by position: so they are ordered beforehand."""
    ordered = dict(sorted(listing.alt_texts.items()))
    position = {sha256: index for index, sha256 in enumerate(ordered)}
    moved = {old: position[sha256] for old, sha256 in enumerate(listing.alt_texts)}
    claims = [
        claim.model_copy(update={"index": moved.get(claim.index, claim.index)})
        if claim.field == "alt_texts" and claim.index is not None
        else claim
        for claim in listing.claims
    ]
    return listing.model_copy(update={"alt_texts": ordered, "claims": claims})


def texts_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader sees, without who wrote it and what it cost."""
    texts: dict[str, Any] = {name: content.get(name) for name in TEXT_FIELDS}
    texts["attributes"] = [[each["name"], each["value"]] for each in content.get("attributes") or []]
    return texts


def same_texts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return canonical_bytes(texts_of(one)) == canonical_bytes(texts_of(other))


def same_claims(one: Iterable[Mapping[str, Any]], other: Iterable[Mapping[str, Any]]) -> bool:
    def essence(claims: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
        return [[claim[name] for name in ("field", "index", "text", "verdict", "fact_ids")] for claim in claims]

    return essence(one) == essence(other)


def empty_content(language: str, engine: str) -> dict[str, Any]:
    listing = Listing(
        language=language,
        title="",
        description="",
        grounding=NO_GROUNDING,
        engine=engine,
        prompt_version="",
        elapsed_ms=0,
    )
    return stored_content(listing)


def edited(content: Mapping[str, Any], changes: ListingTexts) -> dict[str, Any]:
    """The content with a person's changes. An attribute that stayed keeps its facts."""
    result = dict(content)
    sent = changes.model_dump(mode="json", exclude_unset=True, include=set(TEXT_FIELDS))
    for name, value in sent.items():
        # Only the category may be empty; null elsewhere says nothing.
        if value is not None or name == "category":
            result[name] = value
    if changes.attributes is not None:
        cited = {(each["name"], each["value"]): each["fact_ids"] for each in content["attributes"]}
        result["attributes"] = [
            {**each, "fact_ids": cited.get((each["name"], each["value"]), [])} for each in result["attributes"]
        ]
    result["alt_texts"] = dict(sorted(result["alt_texts"].items()))
    changed = [name for name in TEXT_FIELDS if result[name] != content[name]]
    if changed:
        result["field_engines"] = {**content["field_engines"], **dict.fromkeys(changed, PERSON)}
        result["usage"] = {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}
        result["elapsed_ms"] = 0.0
        result["notes"] = []
    return result


def with_imported(content: Mapping[str, Any], texts: ItemTexts) -> dict[str, Any]:
    """The content with what a file says; what it leaves empty it says nothing about."""
    said = {name: value for name in IMPORTED_FIELDS if (value := getattr(texts, name))}
    result = {**content, **said}
    if result != content:
        result["field_engines"] = {**content["field_engines"], **dict.fromkeys(said, "import")}
    return result


def says_nothing_new(content: Mapping[str, Any], texts: ItemTexts) -> bool:
    return all(content.get(name) == value for name in IMPORTED_FIELDS if (value := getattr(texts, name)))


def item_texts(content: Mapping[str, Any], *, ai_written: bool) -> ItemTexts:
    return ItemTexts(**{name: content[name] for name in IMPORTED_FIELDS}, ai_written=ai_written)


def attribute_text(attribute: Mapping[str, Any]) -> str:
    return f"{attribute['name']}: {attribute['value']}"


def checkable_texts(content: Mapping[str, Any]) -> list[CheckedText]:
    """All texts with a claim in them. Attributes that cite a fact were taken from it, and need no check."""
    texts: list[tuple[str, int | None, str]] = [
        ("title", None, content["title"]),
        ("description", None, content["description"]),
        *(("bullets", index, text) for index, text in enumerate(content["bullets"])),
        ("seo_title", None, content["seo_title"]),
        ("seo_description", None, content["seo_description"]),
        *(("keywords", index, text) for index, text in enumerate(content["keywords"])),
        *(("alt_texts", index, text) for index, text in enumerate(content["alt_texts"].values())),
        *(
            ("attributes", index, attribute_text(each))
            for index, each in enumerate(content["attributes"])
            if not each["fact_ids"]
        ),
    ]
    return [
        CheckedText.model_construct(field=field, index=index, text=text)  # type: ignore[arg-type]
        for field, index, text in texts
        if text.strip()
    ]
