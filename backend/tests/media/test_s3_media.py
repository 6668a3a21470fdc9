"""The whole way of a photo with the files in a real S3 server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest_asyncio
from pydantic import SecretStr

from app.api import create_app
from app.media.storage import LocalStorage
from app.media.wiring import open_storage
from app.settings import Settings
from backend.tests.media.test_archives import color
from backend.tests.support.backend import API_KEY, Backend, assert_problem, create_product, upload
from backend.tests.support.databases import DatabaseServer
from backend.tests.support.images import image_bytes
from backend.tests.support.s3 import BUCKET, KEY_ID, SECRET, S3Server
from backend.tests.support.servers import serving


def settings(database_url: str, folder: Path, s3: S3Server, secret: str) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        data_dir=folder,
        local_api_key=SecretStr(API_KEY),
        service_token=SecretStr("token"),
        log_level="ERROR",
        media_storage=f"s3://{BUCKET}/{folder.name}",
        media_s3_endpoint=s3.endpoint,
        media_s3_key_id=KEY_ID,
        media_s3_secret=SecretStr(secret),
    )


def client(url: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    return httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False, headers=headers)


@pytest_asyncio.fixture(loop_scope="session")
async def cloud(
    backend: Backend, database_server: DatabaseServer, s3: S3Server, tmp_path: Path
) -> AsyncIterator[httpx2.AsyncClient]:
    # After `backend`, since one process has one queue: the fixture's worker has nothing to do meanwhile.
    async with serving(create_app(settings(database_server.create(), tmp_path, s3, SECRET))) as url, client(url) as api:
        yield api


class TestPhotosInABucket:
    async def test_from_upload_to_download(self, cloud: httpx2.AsyncClient, tmp_path: Path) -> None:
        product_id = (await create_product(cloud))["id"]
        content = image_bytes("JPEG", (900, 600))
        image = (await upload(cloud, product_id, content)).json()
        assert (await cloud.get(image["urls"]["original"])).content == content
        for size in ("320", "800", "1600"):
            answer = await cloud.get(image["urls"][size])
            assert answer.headers["content-type"] == "image/webp"
            assert int(answer.headers["content-length"]) == len(answer.content)
        missing = image["urls"]["320"].replace(image["sha256"], "0" * 64)
        assert_problem(await cloud.get(missing), 404, "medium-not-found")
        assert not (tmp_path / "media").exists(), "nothing on the local disk"
        assert list((tmp_path / "temporary").iterdir()) == []

    async def test_with_the_store_down_everything_else_works(self, cloud: httpx2.AsyncClient, s3: S3Server) -> None:
        product_id = (await create_product(cloud))["id"]
        image = (await upload(cloud, product_id, color(1))).json()
        s3.stop()
        try:
            answers = await asyncio.gather(
                upload(cloud, product_id, color(2)),
                cloud.get(image["urls"]["320"]),
                cloud.get(image["urls"]["original"]),
                cloud.get(f"/api/v1/products/{product_id}/images"),
            )
        finally:
            s3.start()
            await s3.ready()
        for answer in answers[:3]:
            problem = assert_problem(answer, 503, "storage-unavailable")
            assert "Nothing was changed" in problem["detail"]
        assert [each["id"] for each in answers[3].json()] == [image["id"]]
        assert (await upload(cloud, product_id, color(2))).status_code == 201, "the upload can be repeated"
        assert (await cloud.get(image["urls"]["320"])).status_code == 200


class TestSettings:
    async def test_a_wrong_key_is_said_and_the_rest_works(
        self, backend: Backend, database_server: DatabaseServer, s3: S3Server, tmp_path: Path
    ) -> None:
        app = create_app(settings(database_server.create(), tmp_path, s3, "wrong"))
        async with serving(app) as url, client(url) as api:
            product_id = (await create_product(api))["id"]
            problem = assert_problem(await upload(api, product_id, color(3)), 503, "storage-unavailable")
            assert "key" in problem["detail"]
            health = await api.get("/health")
            assert (health.status_code, health.json()["media"]) == (200, "unusable")

    def test_without_one_the_files_lie_in_the_data_folder(self, tmp_path: Path) -> None:
        storage = open_storage(Settings(data_dir=tmp_path))
        assert isinstance(storage, LocalStorage)
        assert storage.folder == tmp_path / "media"
