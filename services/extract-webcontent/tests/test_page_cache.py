"""The page cache: age, size, persistence."""

import os
import time

import pytest

from extract_webcontent.page_cache import FetchedPage, PageCache


def fetched(body: bytes, age_s: float = 0) -> FetchedPage:
    return FetchedPage("https://a.example/", 200, "text/html", body, time.time() - age_s)


@pytest.fixture
def cache(tmp_path):
    made = PageCache(tmp_path / "pages.sqlite3", 10_000)
    yield made
    made.close()


class TestPageCache:
    async def test_keeps_pages_for_as_long_as_asked(self, cache):
        await cache.put("u", fetched(b"old", age_s=100))
        assert await cache.get("u", 50) is None
        kept = await cache.get("u", 200)
        assert kept is not None
        assert kept.body == b"old"

    async def test_max_age_zero_asks_the_site(self, cache):
        await cache.put("u", fetched(b"x"))
        assert await cache.get("u", 0) is None

    async def test_the_oldest_pages_go_first(self, cache):
        for number in range(5):
            await cache.put(str(number), fetched(os.urandom(4_000), age_s=50 - number))
        assert [await cache.get(str(number), 1000) is not None for number in range(5)] == [
            False,
            False,
            False,
            True,
            True,
        ]

    async def test_survives_a_restart(self, tmp_path):
        first = PageCache(tmp_path / "p.sqlite3", 10_000)
        await first.put("u", fetched(b"x"))
        first.close()
        second = PageCache(tmp_path / "p.sqlite3", 10_000)
        assert await second.get("u", 100) is not None
        second.close()
