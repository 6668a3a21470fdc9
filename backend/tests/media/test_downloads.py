"""Images by URL: through the one door out, with a reason for each that did not come."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI, Response
from sqlalchemy import event
from starlette.responses import RedirectResponse

from app.media.downloads import job as download_job
from app.media.downloads.job import FetchImageJob
from app.media.downloads.service import DownloadService
from app.media.public_urls import PublicMedia
from app.media.service import MediaService
from backend.tests.support.backend import Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes, png_of_claimed_size
from backend.tests.support.servers import eventually, serving
from shared.utils.outbound import OutboundPolicy

RED, BLUE = image_bytes(color=(200, 0, 0)), image_bytes(color=(0, 0, 200))


class Shop:
    """A supplier's server."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.url = ""

        @self.app.get("/{path:path}")
        async def image(path: str) -> Response:
            self.asked.append(path)
            answer = self.answers.get(path, 404)
            if isinstance(answer, list):
                answer = answer.pop(0)
            if isinstance(answer, int):
                return Response(status_code=answer)
            return answer if isinstance(answer, Response) else Response(answer, media_type="image/png")


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    made = Shop()
    async with serving(made.app) as url:
        made.url = url
        yield made


@pytest.fixture
def job(backend: Backend, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> FetchImageJob:
    """The job with the shop allowed; the backend's own worker, to which it is a private address, is kept from it."""

    async def leave_it(self: FetchImageJob, arguments: dict[str, Any]) -> None:
        return None

    allowed = OutboundPolicy(allow=frozenset({shop.url.removeprefix("http://")}))
    made = AllowedJob(backend.sessions, backend.app.state.media_keeper, allowed)
    monkeypatch.setattr(FetchImageJob, "execute", leave_it)
    return made


class AllowedJob(FetchImageJob):
    execute = FetchImageJob.execute


async def register(backend: Backend, product_id: str, *urls: str, alt: str = "") -> set[uuid.UUID]:
    async with backend.sessions.begin() as session:
        media = MediaService.reader(session)
        return await media.add_many_from_urls([(uuid.UUID(product_id), [(url, alt) for url in urls])])


async def perform(backend: Backend, job: FetchImageJob) -> None:
    rows = await backend.execute("SELECT id FROM image_downloads WHERE status = 'pending' ORDER BY id")
    await job.execute({"download_ids": [str(row.id) for row in rows]})


async def downloads(api: httpx2.AsyncClient, product_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/v1/products/{product_id}/image-downloads")).json()
    return found


async def images(api: httpx2.AsyncClient, product_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/v1/products/{product_id}/images")).json()
    return found


class TestFetching:
    async def test_images_come_in_their_order_with_their_texts(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        await upload(api, product_id, image_bytes(color=(9, 9, 9)))
        shop.answers = {"a.png": RED, "b.png": RedirectResponse("/c.png"), "c.png": BLUE}
        assert await register(backend, product_id, f"{shop.url}/b.png", f"{shop.url}/a.png", alt="A mug")
        await perform(backend, job)
        assert [each["status"] for each in await downloads(api, product_id)] == ["done", "done"]
        shown = await images(api, product_id)
        assert [image["alt"] for image in shown] == ["", "A mug", "A mug"]
        by_id = {each["image_id"]: each["url"] for each in await downloads(api, product_id)}
        assert [by_id[image["id"]].rpartition("/")[2] for image in shown[1:]] == ["b.png", "a.png"]

    async def test_the_same_url_again_is_not_fetched_again(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {"a.png": RED}
        assert await register(backend, product_id, f"{shop.url}/a.png", f"{shop.url}/a.png")
        await perform(backend, job)
        assert not await register(backend, product_id, f"{shop.url}/a.png")
        await perform(backend, job)
        assert shop.asked == ["a.png"]
        image = (await images(api, product_id))[0]
        await api.delete(f"/api/v1/products/{product_id}/images/{image['id']}")
        assert not await register(backend, product_id, f"{shop.url}/a.png")
        assert await images(api, product_id) == [], "what a person took away stays away"

    async def test_a_job_that_is_done_twice_adds_nothing_twice(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {f"{n}.png": image_bytes(color=(n * 20, 0, 0)) for n in range(6)}
        await register(backend, product_id, *(f"{shop.url}/{n}.png" for n in range(6)))
        rows = await backend.execute("SELECT id FROM image_downloads")
        arguments = {"download_ids": [str(row.id) for row in rows]}
        await asyncio.gather(job.execute(arguments), job.execute(arguments))
        await job.execute(arguments)
        assert len(await images(api, product_id)) == 6

    async def test_two_urls_of_one_photo(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {"a.png": RED, "b.png": RED}
        await register(backend, product_id, f"{shop.url}/a.png", f"{shop.url}/b.png")
        await perform(backend, job)
        found = await downloads(api, product_id)
        assert {each["status"] for each in found} == {"done"}
        assert len({each["image_id"] for each in found}) == 1
        assert len(await images(api, product_id)) == 1


class TestFailing:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [(404, "404"), (403, "403"), (b"<html>", "Not an image"), (b"", "Not an image"), (RED[:60], "damaged"),
         (png_of_claimed_size(10_000, 10_000), "megapixels"), (204, "204")],
    )  # fmt: skip
    async def test_what_will_not_get_better_fails_at_once(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob, answer: Any, reason: str
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {"a.png": answer}
        await register(backend, product_id, f"{shop.url}/a.png")
        await perform(backend, job)
        (found,) = await downloads(api, product_id)
        assert found["status"] == "failed"
        assert reason in found["reason"]

    @pytest.mark.parametrize("status", [500, 503, 429])
    async def test_what_may_get_better_is_tried_again_later(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob, status: int
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {"a.png": [status, RED]}
        await register(backend, product_id, f"{shop.url}/a.png")
        await perform(backend, job)
        (found,) = await downloads(api, product_id)
        assert (found["status"], found["attempts"]) == ("pending", 1)
        assert str(status) in found["reason"]
        waiting = await backend.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE scheduled_at > now()")
        assert len(waiting) == 1
        await backend.execute("DELETE FROM procrastinate_jobs WHERE scheduled_at > now()")
        await perform(backend, job)
        assert (await downloads(api, product_id))[0]["status"] == "done"

    async def test_not_for_ever(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        shop.answers = {"a.png": 500}
        await register(backend, product_id, f"{shop.url}/a.png")
        for _ in range(download_job.MAX_ATTEMPTS + 2):
            await perform(backend, job)
            await backend.execute("DELETE FROM procrastinate_jobs WHERE scheduled_at > now()")
        (found,) = await downloads(api, product_id)
        assert (found["status"], found["attempts"]) == ("failed", download_job.MAX_ATTEMPTS)
        assert len(shop.asked) == download_job.MAX_ATTEMPTS

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:1/a.png", "http://169.254.169.254/latest", "http://[::1]/a.png", "ftp://x.example/a", "x",
         "http://user:secret@x.example/a.png", "file:///etc/passwd", "http://\ud800/a", "a\x00b", "http://x.example:22/"],
    )  # fmt: skip
    async def test_forbidden_targets(self, api: httpx2.AsyncClient, backend: Backend, url: str) -> None:
        """By the backend's own worker, with nothing allowed."""
        product_id = (await create_product(api))["id"]
        await register(backend, product_id, url)

        async def failed() -> bool:
            return [each["status"] for each in await downloads(api, product_id)] == ["failed"]

        await eventually(failed)
        (found,) = await downloads(api, product_id)
        assert found["reason"]
        assert await images(api, product_id) == []

    async def test_retrying_by_hand(
        self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob
    ) -> None:
        product_id = (await create_product(api))["id"]
        path = f"/api/v1/products/{product_id}/image-downloads"
        shop.answers = {"a.png": [404, RED], "b.png": [404, BLUE]}
        await register(backend, product_id, f"{shop.url}/a.png", f"{shop.url}/b.png")
        await perform(backend, job)
        first, second = await downloads(api, product_id)
        answer = await api.post(f"{path}/{first['id']}/retry")
        assert (answer.status_code, answer.json()) == (202, {"retried": 1})
        assert (await api.post(f"{path}/retry")).json() == {"retried": 1}
        assert (await api.post(f"{path}/retry")).json() == {"retried": 0}
        await perform(backend, job)
        assert {each["status"] for each in await downloads(api, product_id)} == {"done"}
        assert_problem(await api.post(f"{path}/{uuid.uuid4()}/retry"), 404, "image-download-not-found")
        assert second["id"] != first["id"]


class TestOwnAddresses:
    async def test_our_own_public_address_is_not_fetched(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        one, other = (await create_product(api))["id"], (await create_product(api, "OTHER"))["id"]
        sha256 = (await upload(api, one, RED)).json()["sha256"]
        url = PublicMedia("https://shop.example", backend.app.state.public_media.key).url(sha256, 1600)
        assert url is not None
        assert not await register(backend, one, url), "the product has it already"
        assert await register(backend, other, url, f"/media/{sha256}/original", alt="A mug") == {uuid.UUID(other)}
        (image,) = await images(api, other)
        assert (image["sha256"], image["alt"]) == (sha256, "A mug")
        assert await downloads(api, other) == []

    async def test_an_address_of_ours_without_a_file(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        one = (await create_product(api))["id"]
        assert not await register(backend, one, f"/media/{'0' * 64}/original")
        assert await images(api, one) == []


class TestRoutes:
    async def test_adding_one(self, api: httpx2.AsyncClient, backend: Backend, shop: Shop, job: FetchImageJob) -> None:
        product_id = (await create_product(api))["id"]
        path = f"/api/v1/products/{product_id}/image-downloads"
        answer = await api.post(path, json={"url": "https://shop.example/a.png", "alt": "A mug"})
        assert answer.status_code == 202
        assert (answer.json()["status"], answer.json()["alt"]) == ("pending", "A mug")
        again = await api.post(path, json={"url": "https://shop.example/a.png"})
        assert again.json()["id"] == answer.json()["id"]

    @pytest.mark.parametrize("url", ["ftp://x.example/a", "https://user:x@shop.example/a", "https://shop.example:22/a"])
    async def test_what_is_never_fetched(self, api: httpx2.AsyncClient, url: str) -> None:
        product_id = (await create_product(api))["id"]
        answer = await api.post(f"/api/v1/products/{product_id}/image-downloads", json={"url": url})
        assert answer.status_code == 422

    async def test_of_an_unknown_product(self, api: httpx2.AsyncClient) -> None:
        path = f"/api/v1/products/{uuid.uuid4()}/image-downloads"
        assert_problem(await api.get(path), 404, "product-not-found")
        assert_problem(await api.post(path, json={"url": "https://shop.example/a.png"}), 404, "product-not-found")
        assert_problem(await api.post(f"{path}/retry"), 404, "product-not-found")


class TestMany:
    async def test_thousands_in_few_statements(
        self, api: httpx2.AsyncClient, backend: Backend, job: FetchImageJob
    ) -> None:
        product_id = uuid.UUID((await create_product(api))["id"])
        wanted = [(product_id, [(f"https://shop.example/{n}.png", "") for n in range(2500)])]
        statements = 0
        async with backend.sessions.begin() as session:
            connection = await session.connection()

            def count(*_: Any) -> None:
                nonlocal statements
                statements += 1

            event.listen(connection.sync_connection, "before_cursor_execute", count)
            await DownloadService(session).add_many(wanted)
        assert statements < 10
        assert (await backend.execute("SELECT count(*) AS n FROM image_downloads"))[0].n == 2500
        await backend.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'fetch-image' AND status = 'todo'")
