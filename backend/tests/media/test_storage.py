"""One class over both stores: a folder, and a bucket of a real S3 server."""

import asyncio
import hashlib
import os
import resource
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.media.errors import StorageUnavailable
from app.media.s3 import PART_BYTES
from app.media.storage import LocalStorage, Storage, read_whole
from backend.tests.support.s3 import S3Server

MISSING = "ffff-missing"


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return LocalStorage(tmp_path / "media")
    server: S3Server = request.getfixturevalue("s3")
    return server.storage(f"tests/{tmp_path.name}")


async def all_names(storage: Storage) -> dict[str, int]:
    return {each.name: each.size async for batch in storage.names() for each in batch}


class TestStorage:
    @pytest.mark.parametrize("content", [b"", b"x", os.urandom(300_000)])
    async def test_what_was_put_comes_back(self, storage: Storage, content: bytes) -> None:
        await storage.put("abcd-one", content)
        found = await storage.get("abcd-one")
        assert found.size == len(content)
        assert b"".join([chunk async for chunk in found.chunks]) == content

    async def test_a_file_comes_back(self, storage: Storage, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"from a file")
        await storage.put("abcd-file", source)
        source.unlink()
        assert await read_whole(storage, "abcd-file") == b"from a file"

    async def test_writing_again_replaces(self, storage: Storage) -> None:
        await storage.put("abcd-one", b"first, and longer")
        await storage.put("abcd-one", b"second")
        assert await read_whole(storage, "abcd-one") == b"second"

    async def test_what_is_not_there(self, storage: Storage) -> None:
        with pytest.raises(FileNotFoundError):
            await storage.get(MISSING)

    async def test_deleting(self, storage: Storage) -> None:
        for name in ("abcd-one", "abcd-two", "abef-three"):
            await storage.put(name, b"content")
        await storage.delete(["abcd-one", "abef-three", MISSING])
        assert await all_names(storage) == {"abcd-two": 7}
        with pytest.raises(FileNotFoundError):
            await storage.get("abcd-one")
        await storage.delete(["abcd-one"])

    async def test_names_with_their_size_and_time(self, storage: Storage) -> None:
        assert await all_names(storage) == {}
        await storage.put("abcd-one", b"1")
        await storage.put("ffee-two", b"22")
        assert await all_names(storage) == {"abcd-one": 1, "ffee-two": 2}
        times = [each.modified_at async for batch in storage.names() for each in batch]
        assert all(abs(datetime.now(UTC) - time) < timedelta(minutes=5) for time in times)

    async def test_many_at_once(self, storage: Storage) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(storage.put(f"{number:04}-name", str(number).encode()))
        assert len(await all_names(storage)) == 40

    async def test_the_same_name_at_once(self, storage: Storage) -> None:
        contents = [bytes((number,)) * 200_000 for number in range(6)]
        async with asyncio.TaskGroup() as group:
            for content in contents:
                group.create_task(storage.put("abcd-one", content))
        assert await read_whole(storage, "abcd-one") in contents

    async def test_it_says_that_it_works(self, storage: Storage) -> None:
        await storage.check()

    async def test_large_files_pass_through_without_filling_memory(self, storage: Storage, tmp_path: Path) -> None:
        size, piece = 96 * 1024 * 1024, os.urandom(1024 * 1024)
        assert size > 5 * PART_BYTES, "several parts"
        source = tmp_path / "large"
        expected = hashlib.sha256()
        with source.open("wb") as file:
            for _ in range(size // len(piece)):
                file.write(piece)
                expected.update(piece)
        await storage.put("abcd-large", source)
        tracemalloc.start()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            found = await storage.get("abcd-large")
            assert found.size == size
            received = hashlib.sha256()
            async for chunk in found.chunks:
                received.update(chunk)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert received.digest() == expected.digest()
        assert peak < 8 * 1024 * 1024
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kb < 48 * 1024


class TestFolder:
    async def test_a_read_only_or_full_folder_is_no_crash(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_bytes(b"")
        storage = LocalStorage(blocked / "media")
        with pytest.raises(StorageUnavailable, match="Nothing was changed"):
            await storage.put("abcd-one", b"1")
        with pytest.raises(StorageUnavailable):
            await storage.check()

    async def test_an_interrupted_write_leaves_no_file_of_that_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(self: Path, target: Path) -> Path:
            raise OSError(28, "No space left on device")

        storage = LocalStorage(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(StorageUnavailable, match="No space left on device"):
                await storage.put("abcd-one", b"1")
        assert await all_names(storage) == {}
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    async def test_what_a_kill_left_is_removed_when_it_is_old(self, tmp_path: Path) -> None:
        storage = LocalStorage(tmp_path)
        await storage.put("abcd-one", b"1")
        left = tmp_path / "ab" / "cd" / ".new-left"
        left.write_bytes(b"half")
        assert await all_names(storage) == {"abcd-one": 1}
        assert await storage.delete_unfinished(timedelta(hours=1)) == 0
        os.utime(left, (1, 1))
        assert await storage.delete_unfinished(timedelta(hours=1)) == 1
        assert await all_names(storage) == {"abcd-one": 1}
        assert not left.exists()


async def every_call(storage: Storage) -> list[BaseException]:
    async def names() -> None:
        async for _ in storage.names():
            pass

    calls = (storage.put("abcd", b"1"), storage.get("abcd"), storage.delete(["abcd"]), names(), storage.check())
    return [error for error in await asyncio.gather(*calls, return_exceptions=True) if isinstance(error, BaseException)]


class TestS3:
    async def test_a_wrong_key_is_refused_and_said(self, s3: S3Server) -> None:
        errors = await every_call(s3.storage("x", secret="another-secret"))
        assert [type(error) for error in errors] == [StorageUnavailable] * 5
        assert all("key" in str(error) for error in errors)
        assert all("another-secret" not in str(error) for error in errors)

    async def test_a_bucket_that_is_not_there(self, s3: S3Server) -> None:
        storage = s3.storage("x", bucket="no-such-bucket")
        with pytest.raises(StorageUnavailable, match="no such bucket"):
            await storage.check()

    async def test_a_store_that_is_down_and_comes_back(self, s3: S3Server, tmp_path: Path) -> None:
        storage = s3.storage(f"tests/{tmp_path.name}")
        await storage.put("abcd-before", b"kept")
        s3.stop()
        try:
            errors = await every_call(storage)
            assert [type(error) for error in errors] == [StorageUnavailable] * 5
        finally:
            s3.start()
            await s3.ready()
        await storage.put("abcd-after", b"new")
        assert await read_whole(storage, "abcd-before") == b"kept"

    async def test_prefixes_keep_files_apart(self, s3: S3Server, tmp_path: Path) -> None:
        one, other = s3.storage(f"{tmp_path.name}/one"), s3.storage(f"{tmp_path.name}/other")
        await one.put("abcd", b"1")
        assert await all_names(other) == {}
        with pytest.raises(FileNotFoundError):
            await other.get("abcd")
