import asyncio

import httpx2
import pytest

from backend.tests.support.backend import assert_problem, create_product

PAGE = "https://shop.example/mug"


async def path_of(api: httpx2.AsyncClient, sku: str = "MUG-1") -> str:
    return f"/api/v1/products/{(await create_product(api, sku))['id']}/sources"


class TestSources:
    async def test_add_list_delete(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        answer = await api.post(path, json={"url": PAGE})
        assert answer.status_code == 201
        source = answer.json()
        assert source == {**source, "url": PAGE, "title": None, "problem": None, "fact_count": 0, "fetched_at": None}
        assert (await api.get(path)).json() == [source]
        assert (await api.delete(f"{path}/{source['id']}")).status_code == 204
        assert (await api.get(path)).json() == []
        assert_problem(await api.delete(f"{path}/{source['id']}"), 404, "source-not-found")

    async def test_order_is_kept(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        urls = [f"https://shop.example/{name}" for name in ("c", "a", "b")]
        for url in urls:
            await api.post(path, json={"url": url})
        assert [source["url"] for source in (await api.get(path)).json()] == urls

    async def test_a_page_is_named_once(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        await api.post(path, json={"url": PAGE})
        assert_problem(await api.post(path, json={"url": PAGE}), 409, "source-already-there")
        assert (await api.post(await path_of(api, "OTHER"), json={"url": PAGE})).status_code == 201

    async def test_of_many_at_once_one_wins(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        answers = await asyncio.gather(*(api.post(path, json={"url": PAGE}) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 4

    @pytest.mark.parametrize(
        "url", ["", "shop.example", "ftp://shop.example", "file:///etc/passwd", "javascript:alert(1)//http://",
                "https://a b", "https://a\nb", "https://" + "a" * 5000, "https://a\u0000b", 7, None],
    )  # fmt: skip
    async def test_what_is_no_page(self, api: httpx2.AsyncClient, url: object) -> None:
        assert_problem(await api.post(await path_of(api), json={"url": url}), 422, "invalid-request")

    async def test_the_page_of_another_product(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        source = (await api.post(path, json={"url": PAGE})).json()
        other = await path_of(api, "OTHER")
        assert_problem(await api.delete(f"{other}/{source['id']}"), 404, "source-not-found")


class TestSnapshots:
    async def test_an_unknown_one(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get(f"/api/v1/snapshots/{'0' * 64}"), 404, "snapshot-not-found")

    async def test_what_is_no_hash(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get("/api/v1/snapshots/latest"), 422, "invalid-request")
