"""What changed between two versions of a document: which places, and in longer texts which words."""

from typing import Any

from app.listings.diff import text_diff
from app.settings_store.schemas import SettingsChange

# Shorter ones are read at a glance.
LONG_TEXT = 60
# What tells the entries of a list apart, by the list's name.
IDENTITY = {"categories": "path", "terms": "term"}


def differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> list[SettingsChange]:
    """The deepest places that differ."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = list(dict.fromkeys([*before, *after]))
        return [
            change for name in names for change in differences(before.get(name), after.get(name), (*path, str(name)))
        ]
    if isinstance(before, list) and isinstance(after, list):
        identity = IDENTITY.get(path[-1]) if path else None
        old, new = by_identity(before, identity), by_identity(after, identity)
        if old is not None and new is not None:
            return entry_differences(old, new, path)
    words = None
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > LONG_TEXT:
        words = text_diff(before, after)
    return [SettingsChange(path=list(path), before=before, after=after, words=words)]


def by_identity(entries: list[Any], identity: str | None) -> dict[str, Any] | None:
    if identity is None or not all(isinstance(entry, dict) and identity in entry for entry in entries):
        return None
    return {entry[identity]: entry for entry in entries}


def entry_differences(old: dict[str, Any], new: dict[str, Any], path: tuple[str, ...]) -> list[SettingsChange]:
    names = list(dict.fromkeys([*old, *new]))
    changes = [change for name in names for change in differences(old.get(name), new.get(name), (*path, name))]
    stayed_before, stayed_after = [name for name in old if name in new], [name for name in new if name in old]
    if stayed_before != stayed_after:
        changes.append(SettingsChange(path=list(path), before=stayed_before, after=stayed_after))
    return changes
