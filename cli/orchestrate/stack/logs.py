"""Each child's output: all of it in a file that is rotated by size, what matters also on the terminal."""

import json
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3
MAX_SHOWN = 500
IMPORTANT_LEVELS = {"warning", "error", "critical"}
HIDDEN_KEYS = {"event", "level", "timestamp", "service", "logger", "exception", "request_id", "trace_id"}


class RotatingLog:
    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.kept = kept
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = path.open("ab")

    def write(self, line: bytes) -> None:
        if self.file.tell() + len(line) > self.max_bytes and self.file.tell():
            self.rotate()
        self.file.write(line)
        self.file.flush()

    def rotate(self) -> None:
        self.file.close()
        for number in range(self.kept - 1, 0, -1):
            older = self.numbered(number)
            if older.exists():
                older.replace(self.numbered(number + 1))
        self.path.replace(self.numbered(1))
        self.file = self.path.open("ab")

    def numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def close(self) -> None:
        self.file.close()

    def tail(self, lines: int) -> list[str]:
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 64 * 1024))
            return file.read().decode(errors="replace").splitlines()[-lines:]


def important(line: str) -> str | None:
    """What a person at the terminal should see of a log line, or None."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or str(entry.get("level", "")).lower() not in IMPORTANT_LEVELS:
        return None
    details = " ".join(f"{key}={value}" for key, value in entry.items() if key not in HIDDEN_KEYS)
    last = str(entry.get("exception", "")).strip().splitlines()[-1:]
    text = " ".join(part for part in (str(entry["level"]).upper(), str(entry.get("event", "")), details, *last) if part)
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
