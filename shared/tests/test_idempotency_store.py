from pathlib import Path

import pytest

from shared.utils.idempotency import IdempotencyStore, StoredAnswer


def answer(size: int = 10) -> StoredAnswer:
    return StoredAnswer("hash", 200, [(b"content-type", b"text/plain; \xe9")], b"x" * size)


class TestStore:
    async def test_what_was_put_comes_back(self, tmp_path: Path) -> None:
        store = IdempotencyStore(tmp_path / "deep" / "answers.sqlite3")
        await store.put("a", answer())
        assert await store.get("a") == answer()
        assert await store.get("b") is None
        store.close()
        assert await IdempotencyStore(tmp_path / "deep" / "answers.sqlite3").get("a") == answer()

    async def test_answers_expire(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = IdempotencyStore(tmp_path / "answers.sqlite3", ttl_s=100)
        clock = 1_000_000.0
        monkeypatch.setattr("shared.utils.idempotency.time.time", lambda: clock)
        await store.put("a", answer())
        clock += 99
        assert await store.get("a") is not None
        clock += 2
        assert await store.get("a") is None
        await store.put("b", answer())
        assert store._database.execute("SELECT count(*) FROM answers").fetchone() == (1,), "and make room"

    async def test_the_oldest_go_when_it_is_full(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = IdempotencyStore(tmp_path / "answers.sqlite3", max_bytes=5_000)
        clock = 1_000_000.0
        monkeypatch.setattr("shared.utils.idempotency.time.time", lambda: clock)
        for number in range(10):
            clock += 1
            await store.put(f"key-{number}", answer(1_000))
        kept = [number for number in range(10) if await store.get(f"key-{number}")]
        assert kept == [6, 7, 8, 9]

    async def test_what_is_larger_than_all_of_it(self, tmp_path: Path) -> None:
        store = IdempotencyStore(tmp_path / "answers.sqlite3", max_bytes=1_000)
        await store.put("a", answer(2_000))
        assert await store.get("a") is None

    async def test_two_processes_share_a_file(self, tmp_path: Path) -> None:
        one, other = (IdempotencyStore(tmp_path / "answers.sqlite3") for _ in range(2))
        await one.put("a", answer())
        assert await other.get("a") == answer()
