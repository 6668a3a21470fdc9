"""What nothing refers to goes after its grace time, and nothing else, whatever happens at the same moment."""

import asyncio
import json
import os
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from app.media.errors import StorageUnavailable
from app.media.files import stored_names
from app.media.orphans.service import OrphanCollector
from backend.tests.support.backend import Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes

RED, BLUE = image_bytes(color=(200, 0, 0)), image_bytes(color=(0, 0, 200))


def stored(backend: Backend, sha256: str) -> int:
    folder = backend.app.state.storage.folder
    return sum(1 for name in stored_names([sha256]) if (folder / name[:2] / name[2:4] / name).exists())


async def age(backend: Backend) -> None:
    """Let everything be untouched for two days."""
    await backend.execute("UPDATE media SET touched_at = touched_at - interval '2 days'")
    for path in backend.app.state.storage.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime - 172_800,) * 2)


async def collect(api: httpx2.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/media/collect-orphans", params=query)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def uploaded(api: httpx2.AsyncClient, sku: str = "MUG-1", content: bytes = RED) -> tuple[str, dict[str, Any]]:
    product_id = (await create_product(api, sku))["id"]
    return product_id, (await upload(api, product_id, content)).json()


async def taken_off(api: httpx2.AsyncClient, product_id: str, image: dict[str, Any]) -> None:
    assert (await api.delete(f"/api/v1/products/{product_id}/images/{image['id']}")).status_code == 204


class TestCollect:
    async def test_a_photo_that_nobody_shows_goes_with_all_its_files(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        product_id, image = await uploaded(api)
        await taken_off(api, product_id, image)
        await age(backend)
        report = await collect(api)
        assert (report["photos"], report["dry_run"]) == (1, False)
        assert report["bytes"] > 0
        assert stored(backend, image["sha256"]) == 0
        assert await backend.execute("SELECT 1 FROM media") == []
        assert_problem(await api.get(image["urls"]["original"]), 404, "medium-not-found")
        assert (await collect(api))["photos"] == 0

    async def test_a_trial_only_tells(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product_id, image = await uploaded(api)
        await taken_off(api, product_id, image)
        await age(backend)
        report = await collect(api, dry_run=True)
        assert (report["photos"], report["dry_run"]) == (1, True)
        assert stored(backend, image["sha256"]) == 4
        assert (await collect(api))["bytes"] == report["bytes"]

    async def test_within_the_grace_time_it_stays(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product_id, image = await uploaded(api)
        await taken_off(api, product_id, image)
        assert (await collect(api))["photos"] == 0
        assert stored(backend, image["sha256"]) == 4

    async def test_what_a_product_shows_stays_also_while_it_is_deleted(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        product_id, image = await uploaded(api)
        await api.delete(f"/api/v1/products/{product_id}", headers={"If-Match": "*"})
        await age(backend)
        assert (await collect(api))["photos"] == 0
        assert stored(backend, image["sha256"]) == 4

    async def test_what_another_product_shows_stays(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product_id, image = await uploaded(api)
        await uploaded(api, "OTHER")
        await taken_off(api, product_id, image)
        await age(backend)
        assert (await collect(api))["photos"] == 0
        assert stored(backend, image["sha256"]) == 4

    async def test_what_an_old_version_of_a_listing_refers_to_stays(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        product_id, image = await uploaded(api)
        await backend.execute(
            "INSERT INTO listings (id, product_id, language, version, status, author, content, facts) VALUES"
            " (gen_random_uuid(), :product, 'en', 1, 'superseded', 'ai', CAST(:content AS jsonb), '[]')",
            product=product_id,
            content=json.dumps({"alt_texts": {image["sha256"]: "A mug"}}),
        )
        await taken_off(api, product_id, image)
        await age(backend)
        assert (await collect(api))["photos"] == 0
        assert (await api.get(image["urls"]["320"])).status_code == 200
        await backend.execute("DELETE FROM listings")
        assert (await collect(api))["photos"] == 1

    async def test_the_photo_can_come_back_at_any_time(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product_id, image = await uploaded(api)
        for _ in range(2):
            await taken_off(api, product_id, image)
            await age(backend)
            assert (await collect(api))["photos"] == 1
            image = (await upload(api, product_id, RED)).json()
            assert stored(backend, image["sha256"]) == 4
            assert (await api.get(image["urls"]["1600"])).status_code == 200

    async def test_files_without_a_row_go_as_well(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        storage = backend.app.state.storage
        await storage.delete([each.name async for batch in storage.names() for each in batch])
        for name in ("a" * 64, "a" * 64 + "-320.webp", "archive-0198c0de-0000-7000-8000-000000000000.zip"):
            await storage.put(name, b"x")
        await storage.put("somebody-elses-file", b"x")
        await age(backend)
        assert (await collect(api, dry_run=True))["unknown_files"] == 2
        report = await collect(api)
        assert (report["unknown_files"], report["archives"]) == (2, 1)
        names = [each.name async for batch in storage.names() for each in batch]
        assert "somebody-elses-file" in names
        assert not any(name.startswith(("a" * 64, "archive-")) for name in names)
        await storage.delete(["somebody-elses-file"])

    async def test_what_kills_left_behind_goes(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        folder = backend.app.state.media_keeper.temporary_folder
        folder.mkdir(exist_ok=True)
        old, new = folder / "tmpold", folder / "tmpnew"
        for path in (old, new):
            path.write_bytes(b"half")
        os.utime(old, (1, 1))
        assert (await collect(api))["unfinished_files"] == 1
        assert not old.exists()
        assert new.exists()
        new.unlink()

    async def test_only_administrators_collect(self, browser: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute("UPDATE users SET role = 'editor'")
        assert_problem(await browser.post("/api/v1/media/collect-orphans"), 403, "role-required")


class Interrupted(Exception):
    pass


class TestAtTheSameMoment:
    def collector(self, backend: Backend, storage: Any) -> OrphanCollector:
        folder = backend.app.state.media_keeper.temporary_folder
        return OrphanCollector(backend.sessions, storage, folder, timedelta(hours=24))

    async def test_an_upload_while_its_file_is_being_removed(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product_id, image = await uploaded(api)
        await taken_off(api, product_id, image)
        await age(backend)
        storage = SlowToDelete(backend.app.state.storage)
        collecting = asyncio.create_task(self.collector(backend, storage).collect())
        await storage.about_to_delete.wait()
        uploading = asyncio.create_task(upload(api, product_id, RED))
        await asyncio.sleep(0.2)
        storage.go_on.set()
        await collecting
        answer = await uploading
        assert answer.status_code == 201, answer.text
        assert stored(backend, image["sha256"]) == 4
        assert (await api.get(answer.json()["urls"]["320"])).status_code == 200

    @pytest.mark.parametrize("deleted_first", [True, False])
    async def test_a_kill_while_a_file_is_being_removed(
        self, api: httpx2.AsyncClient, backend: Backend, deleted_first: bool
    ) -> None:
        product_id, image = await uploaded(api)
        await taken_off(api, product_id, image)
        await age(backend)
        with pytest.raises(Interrupted):
            await self.collector(backend, Breaking(backend.app.state.storage, deleted_first)).collect()
        answer = await upload(api, product_id, RED)
        assert answer.status_code == 201
        assert stored(backend, image["sha256"]) == 4
        await taken_off(api, product_id, answer.json())
        await age(backend)
        assert (await collect(api))["photos"] == 1
        assert stored(backend, image["sha256"]) == 0

    async def test_many_uploads_and_collections_at_once(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        """With no grace at all, which the settings do not allow: nothing that is shown may be missing even then."""
        folder = backend.app.state.media_keeper.temporary_folder
        collector = OrphanCollector(backend.sessions, backend.app.state.storage, folder, timedelta(seconds=-5))
        products = [(await create_product(api, f"P-{number}"))["id"] for number in range(4)]

        async def show_and_hide(product_id: str) -> None:
            for _ in range(8):
                answer = await upload(api, product_id, RED)
                if answer.status_code == 201:
                    await taken_off(api, product_id, answer.json())

        async def keep_collecting() -> None:
            for _ in range(30):
                await collector.collect()

        await asyncio.gather(keep_collecting(), *(show_and_hide(each) for each in products))
        answer = await upload(api, products[0], RED)
        assert answer.status_code == 201, answer.text
        assert stored(backend, answer.json()["sha256"]) == 4


class SlowToDelete:
    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.about_to_delete, self.go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)

    async def delete(self, names: list[str]) -> None:
        self.about_to_delete.set()
        await self.go_on.wait()
        await self.storage.delete(names)


class Breaking:
    def __init__(self, storage: Any, deleted_first: bool) -> None:
        self.storage, self.deleted_first = storage, deleted_first

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)

    async def delete(self, names: list[str]) -> None:
        if self.deleted_first:
            await self.storage.delete(names)
        raise Interrupted


async def test_a_store_that_is_down_is_a_clear_answer(
    api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any) -> None:
        raise StorageUnavailable("The store does not answer.")

    monkeypatch.setattr(backend.app.state.storage, "put", down)
    product_id = (await create_product(api))["id"]
    assert_problem(await upload(api, product_id, BLUE), 503, "storage-unavailable")
    monkeypatch.undo()
    assert (await upload(api, product_id, BLUE)).status_code == 201, "the upload can be repeated"
