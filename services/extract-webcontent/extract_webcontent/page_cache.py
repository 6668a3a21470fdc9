"""Fetched pages by URL in one SQLite file, bounded by bytes, oldest out first."""

import asyncio
import sqlite3
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as it came, decompressed. `fetched_at` in seconds since the epoch."""

    final_url: str
    status: int
    content_type: str
    body: bytes
    fetched_at: float

    @property
    def fetched(self) -> datetime:
        return datetime.fromtimestamp(self.fetched_at, UTC)


class PageCache:
    def __init__(self, path: Path, max_bytes: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.max_bytes = max_bytes
        self._lock = asyncio.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, final_url TEXT NOT NULL, status INTEGER NOT NULL,"
            " content_type TEXT NOT NULL, body BLOB NOT NULL, size INTEGER NOT NULL, fetched_at REAL NOT NULL) "
            "WITHOUT ROWID"
        )
        self._database.execute("CREATE INDEX IF NOT EXISTS pages_fetched_at ON pages (fetched_at)")

    async def get(self, url: str, max_age_s: int) -> FetchedPage | None:
        """The page as fetched at most `max_age_s` seconds ago."""
        if max_age_s <= 0:
            return None
        async with self._lock:
            return await asyncio.to_thread(self._get, url, time.time() - max_age_s)

    async def put(self, url: str, page: FetchedPage) -> None:
        if self.max_bytes:
            async with self._lock:
                await asyncio.to_thread(self._put, url, page)

    def close(self) -> None:
        self._database.close()

    def _get(self, url: str, oldest: float) -> FetchedPage | None:
        row = self._database.execute(
            "SELECT final_url, status, content_type, body, fetched_at FROM pages WHERE url = ? AND fetched_at >= ?",
            (url, oldest),
        ).fetchone()
        if row is None:
            return None
        final_url, status, content_type, body, fetched_at = row
        return FetchedPage(final_url, status, content_type, zlib.decompress(body), fetched_at)

    def _put(self, url: str, page: FetchedPage) -> None:
        body = zlib.compress(page.body, 1)
        self._database.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (url, page.final_url, page.status, page.content_type, body, len(body), page.fetched_at),
        )
        total = self._database.execute("SELECT coalesce(sum(size), 0) FROM pages").fetchone()[0]
        while total > self.max_bytes:
            oldest = self._database.execute("SELECT url, size FROM pages ORDER BY fetched_at LIMIT 1").fetchone()
            if oldest is None:
                return
            self._database.execute("DELETE FROM pages WHERE url = ?", (oldest[0],))
            total -= oldest[1]
