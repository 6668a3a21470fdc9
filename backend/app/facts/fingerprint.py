"""Whether the facts have changed since a text was written from them."""

import hashlib
import json
from collections.abc import Iterable

from app.facts.schemas import MergedFactRead


def fingerprint_of(facts: Iterable[MergedFactRead]) -> str:
    """The same for the same names, values and units, in any order; where a fact comes from does not matter."""
    said = {(fact.name, fact.value, fact.unit or "") for fact in facts if fact.status == "used" and not fact.disputed}
    return hashlib.sha256(json.dumps(sorted(said)).encode()).hexdigest()
