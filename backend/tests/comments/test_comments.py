"""Comments on products: who may say, change and delete what."""

from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


async def path_of(api: httpx2.AsyncClient) -> str:
    return f"/api/v1/products/{(await create_product(api))['id']}/comments"


class TestComments:
    async def test_a_conversation_in_its_order(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        path, me = await path_of(api), (await browser.get("/api/v1/auth/me")).json()
        first = await browser.post(path, json={"text": "  Is the volume right?\n\n<b>330 ml</b>  "})
        assert first.status_code == 201
        assert first.json()["text"] == "Is the volume right?\n\n<b>330 ml</b>"
        assert first.json()["author"] == {"id": me["id"], "name": me["name"]}
        second = await api.post(path, json={"text": "Yes."})
        assert second.json()["author"] == {"id": None, "name": "Command line"}
        page = (await api.get(path)).json()
        assert page == {"items": [first.json(), second.json()], "next_cursor": None, "total": 2}

    async def test_pages(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        for number in range(5):
            await api.post(path, json={"text": str(number)})
        seen, cursor = [], None
        while True:
            page = (await api.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            seen += [item["text"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["0", "1", "2", "3", "4"]
        assert_problem(await api.get(path, params={"cursor": "WyJ4Il0"}), 422, "invalid-cursor")

    async def test_one_changes_ones_own(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, backend: Backend
    ) -> None:
        path = await path_of(api)
        own = (await browser.post(path, json={"text": "A"})).json()
        others = (await api.post(path, json={"text": "B"})).json()
        edited = (await browser.patch(f"{path}/{own['id']}", json={"text": "C"})).json()
        assert edited["text"] == "C"
        assert edited["edited_at"] is not None
        assert_problem(await browser.patch(f"{path}/{others['id']}", json={"text": "D"}), 403, "not-your-comment")
        assert_problem(await api.patch(f"{path}/{own['id']}", json={"text": "D"}), 403, "not-your-comment")
        await backend.execute("UPDATE users SET role = 'editor'")
        assert_problem(await browser.delete(f"{path}/{others['id']}"), 403, "not-your-comment")
        assert (await browser.delete(f"{path}/{own['id']}")).status_code == 204
        assert (await api.delete(f"{path}/{others['id']}")).status_code == 204, "an administrator deletes any"
        assert (await api.get(path)).json()["items"] == []

    async def test_a_viewer_only_reads(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, backend: Backend
    ) -> None:
        path = await path_of(api)
        await backend.execute("UPDATE users SET role = 'viewer'")
        assert_problem(await browser.post(path, json={"text": "A"}), 403, "role-required")
        assert (await browser.get(path)).status_code == 200

    async def test_who_leaves_keeps_the_name(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, backend: Backend
    ) -> None:
        path = await path_of(api)
        comment = (await browser.post(path, json={"text": "A"})).json()
        await backend.execute("DELETE FROM users")
        author = (await api.get(path)).json()["items"][0]["author"]
        assert author == {"id": None, "name": comment["author"]["name"]}

    @pytest.mark.parametrize("text", ["", "   ", "x" * 10_001, None, 5, "\u0000"])
    async def test_what_is_no_text_is_a_422_problem(self, api: httpx2.AsyncClient, text: Any) -> None:
        path = await path_of(api)
        assert_problem(await api.post(path, json={"text": text}), 422, "invalid-request")

    async def test_what_is_not_there(self, api: httpx2.AsyncClient) -> None:
        path = await path_of(api)
        other = (await create_product(api, "OTHER"))["id"]
        comment = (await api.post(path, json={"text": "A"})).json()
        for wrong in (f"{path}/{UNKNOWN}", f"/api/v1/products/{other}/comments/{comment['id']}"):
            assert_problem(await api.patch(wrong, json={"text": "B"}), 404, "comment-not-found")
            assert_problem(await api.delete(wrong), 404, "comment-not-found")
        gone = f"/api/v1/products/{UNKNOWN}/comments"
        assert_problem(await api.get(gone), 404, "product-not-found")
        assert_problem(await api.post(gone, json={"text": "B"}), 404, "product-not-found")
