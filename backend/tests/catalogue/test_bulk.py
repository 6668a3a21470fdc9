"""Edits of many products at once: what they change, skip, tell, and take back."""

import asyncio
from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


async def bulk(api: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/products/bulk", json=body)
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


async def undo(api: httpx2.AsyncClient, outcome: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(f"/api/v1/products/bulk/{outcome['undo']}/undo")
    assert answer.status_code == 200, answer.text
    undone: dict[str, Any] = answer.json()
    return undone


async def read(api: httpx2.AsyncClient, product: dict[str, Any]) -> dict[str, Any]:
    answer = await api.get(f"/api/v1/products/{product['id']}")
    found: dict[str, Any] = answer.json()
    return found


def reasons(outcome: dict[str, Any]) -> dict[str, int]:
    return {skipped["reason"]: skipped["count"] for skipped in outcome["skipped"]}


EDITABLE = ("tags", "category", "brand", "assignee_id", "languages", "status")


class TestChange:
    async def test_everything_at_once_and_back(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()["id"]
        one = await create_product(api, "A", tags=["old", "keep"], brand="B", languages=["en"])
        two = await create_product(api, "B", tags=["keep", "new"])
        changes = {
            "add_tags": ["new"], "remove_tags": ["old"], "category": "Kitchen>Mugs", "brand": None,
            "assignee_id": me, "languages": ["es", "en"], "status": "needs_review",
        }  # fmt: skip
        outcome = await bulk(api, ids=[one["id"], two["id"], one["id"]], changes=changes)
        assert (outcome["matched"], outcome["changed"], outcome["unchanged"], outcome["skipped"]) == (2, 2, 0, [])
        for product, tags in ((one, ["keep", "new"]), (two, ["keep", "new"])):
            after = await read(api, product)
            assert [after[name] for name in EDITABLE] == [
                tags, "Kitchen > Mugs", None, me, ["es", "en"], "needs_review",
            ]  # fmt: skip
            assert after["version"] == 2
        undone = await undo(api, outcome)
        assert (undone["changed"], undone["undo"]) == (2, None)
        for product in (one, two):
            after = await read(api, product)
            assert [after[name] for name in EDITABLE] == [product[name] for name in EDITABLE]
            assert after["version"] == 3
        answer = await api.post(f"/api/v1/products/bulk/{outcome['undo']}/undo")
        assert_problem(answer, 404, "bulk-edit-not-found")

    async def test_only_what_differs_is_changed(self, api: httpx2.AsyncClient) -> None:
        one = await create_product(api, "A", tags=["x"])
        await create_product(api, "B")
        outcome = await bulk(api, filter={}, changes={"add_tags": ["x"]})
        assert (outcome["matched"], outcome["changed"], outcome["unchanged"]) == (2, 1, 1)
        assert (await read(api, one))["version"] == 1
        again = await bulk(api, filter={}, changes={"add_tags": ["x"]})
        assert (again["changed"], again["unchanged"], again["undo"]) == (0, 2, None)

    async def test_by_filter_and_search(self, api: httpx2.AsyncClient) -> None:
        for sku, name in (("A", "Mug"), ("B", "Mug"), ("C", "Lamp")):
            await create_product(api, sku, name=name)
        outcome = await bulk(api, filter={"search": "mug"}, changes={"brand": "Olivar"})
        assert outcome["changed"] == 2
        assert (await api.get("/api/v1/products?search=olivar")).json()["total"] == 2
        assert (await bulk(api, filter={"search": "--"}, changes={"brand": "X"}))["matched"] == 0

    async def test_a_dry_run_changes_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        outcome = await bulk(api, filter={}, changes={"brand": "X"}, dry_run=True)
        assert (outcome["dry_run"], outcome["changed"], outcome["undo"]) == (True, 1, None)
        assert (await read(api, product))["version"] == 1
        assert await backend.execute("SELECT 1 FROM bulk_edits") == []

    async def test_what_stays_as_it_was_and_why(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        full = await create_product(api, "FULL", tags=[f"t{n}" for n in range(100)])
        busy = await create_product(api, "BUSY")
        gone = await create_product(api, "GONE")
        await api.delete(f"/api/v1/products/{gone['id']}", headers={"If-Match": "*"})
        await backend.execute("UPDATE products SET status = 'enriching' WHERE sku = 'BUSY'")
        outcome = await bulk(
            api, ids=[full["id"], busy["id"], gone["id"], UNKNOWN],
            changes={"add_tags": ["one more"], "status": "needs_review"},
        )  # fmt: skip
        assert reasons(outcome) == {"too_many_tags": 1, "enriching": 1, "not_found": 2}
        assert outcome["changed"] == 0
        named = {skipped["reason"]: skipped["ids"] for skipped in outcome["skipped"]}
        assert named["enriching"] == [busy["id"]]
        assert (await bulk(api, ids=[busy["id"]], changes={"brand": "X"}))["changed"] == 1

    async def test_an_undo_leaves_newer_changes_alone(self, api: httpx2.AsyncClient) -> None:
        one, two = await create_product(api, "A"), await create_product(api, "B")
        outcome = await bulk(api, filter={}, changes={"brand": "X"})
        await api.patch(f"/api/v1/products/{one['id']}", json={"name": "New"}, headers={"If-Match": "*"})
        undone = await undo(api, outcome)
        assert undone["changed"] == 1
        assert reasons(undone) == {"changed_since": 1}
        assert (await read(api, one))["brand"] == "X"
        assert (await read(api, two))["brand"] is None

    async def test_an_undo_takes_back_only_what_was_changed(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        outcome = await bulk(api, filter={}, changes={"brand": "X"})
        await backend.execute("UPDATE products SET status = 'approved'")
        await undo(api, outcome)
        assert (await read(api, product))["status"] == "approved"

    async def test_an_assignee_who_left_is_not_brought_back(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, backend: Backend
    ) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()["id"]
        product = await create_product(api, assignee_id=me)
        outcome = await bulk(api, filter={}, changes={"assignee_id": None})
        await backend.execute("DELETE FROM users")
        assert (await undo(api, outcome))["changed"] == 1
        assert (await read(api, product))["assignee_id"] is None

    async def test_two_at_once_wait_for_each_other(self, api: httpx2.AsyncClient) -> None:
        for number in range(20):
            await create_product(api, f"P-{number}")
        outcomes = await asyncio.gather(*(bulk(api, filter={}, changes={"add_tags": [f"t{n}"]}) for n in range(4)))
        assert [outcome["changed"] for outcome in outcomes] == [20] * 4
        items = (await api.get("/api/v1/products")).json()["items"]
        assert {tuple(sorted(item["tags"])) for item in items} == {("t0", "t1", "t2", "t3")}

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"ids": [], "changes": {"brand": "X"}}, {"filter": {}}, {"ids": [UNKNOWN], "filter": {}},
            {"filter": {}, "changes": {}}, {"filter": {}, "action": "delete", "changes": {"brand": "X"}},
            {"filter": {}, "changes": {"status": "approved"}}, {"filter": {}, "changes": {"status": None}},
            {"filter": {}, "changes": {"languages": []}}, {"filter": {}, "changes": {"languages": None}},
            {"filter": {}, "changes": {"add_tags": ["a"], "remove_tags": ["a"]}},
            {"filter": {"status": "draft"}, "changes": {"brand": "X"}}, {"filter": {"x": 1}, "changes": {"brand": "X"}},
            {"filter": {}, "action": "explode"}, {"ids": [UNKNOWN] * 1001, "changes": {"brand": "X"}},
            {"filter": {}, "changes": {"brand": "\u0000"}}, {"filter": {}, "changes": {"add_tags": ["\u0000"]}},
        ],
    )  # fmt: skip
    async def test_what_makes_no_sense_is_a_422_problem(self, api: httpx2.AsyncClient, body: dict[str, Any]) -> None:
        await create_product(api)
        assert_problem(await api.post("/api/v1/products/bulk", json=body), 422, "invalid-request")

    async def test_an_unknown_assignee(self, api: httpx2.AsyncClient) -> None:
        await create_product(api)
        body = {"filter": {}, "changes": {"assignee_id": UNKNOWN}}
        assert_problem(await api.post("/api/v1/products/bulk", json=body), 422, "assignee-unknown")


class TestDeleteAndRestore:
    async def family(self, api: httpx2.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
        parent = await create_product(api, "P", option_names=["Size"])
        variant = await create_product(api, "V", parent_id=parent["id"], options=[{"name": "Size", "value": "M"}])
        return parent, variant

    async def skus(self, api: httpx2.AsyncClient, **query: Any) -> list[str]:
        page = (await api.get("/api/v1/products", params={"sort": "sku", **query})).json()
        return [item["sku"] for item in page["items"]]

    async def test_variants_go_and_come_with_their_parents(self, api: httpx2.AsyncClient) -> None:
        parent, _ = await self.family(api)
        await create_product(api, "LONE")
        deleted = await bulk(api, ids=[parent["id"]], action="delete")
        assert (deleted["matched"], deleted["changed"], deleted["variants"]) == (1, 2, 1)
        assert await self.skus(api) == ["LONE"]
        restored = await bulk(api, ids=[parent["id"]], action="restore")
        assert (restored["changed"], restored["variants"]) == (2, 1)
        assert await self.skus(api) == ["LONE", "P", "V"]
        assert (await undo(api, restored))["changed"] == 2
        assert await self.skus(api) == ["LONE"]

    async def test_a_deletion_is_undone(self, api: httpx2.AsyncClient) -> None:
        await self.family(api)
        deleted = await bulk(api, filter={}, action="delete")
        assert (deleted["matched"], deleted["variants"]) == (2, 0)
        await create_product(api, "V")
        undone = await undo(api, deleted)
        assert (undone["changed"], reasons(undone)) == (1, {"sku_taken": 1})
        assert await self.skus(api, parent="none") == ["P", "V"]

    async def test_what_cannot_come_back(self, api: httpx2.AsyncClient) -> None:
        parent, variant = await self.family(api)
        for _ in range(2):
            twin = await create_product(api, "TWIN")
            await bulk(api, ids=[twin["id"]], action="delete")
        taken = await create_product(api, "TAKEN")
        await bulk(api, ids=[taken["id"], parent["id"]], action="delete")
        await create_product(api, "TAKEN")
        outcome = await bulk(api, ids=[variant["id"]], action="restore")
        assert reasons(outcome) == {"parent_deleted": 1}
        outcome = await bulk(api, filter={}, action="restore")
        assert (outcome["matched"], outcome["changed"]) == (5, 3)
        assert reasons(outcome) == {"sku_taken": 2}
        assert await self.skus(api) == ["P", "TAKEN", "TWIN", "V"]

    async def test_the_same_options_come_back_once(self, api: httpx2.AsyncClient) -> None:
        parent, variant = await self.family(api)
        await bulk(api, ids=[variant["id"]], action="delete")
        await create_product(api, "W", parent_id=parent["id"], options=[{"name": "Size", "value": "M"}])
        assert reasons(await bulk(api, filter={}, action="restore")) == {"variant_taken": 1}

    async def test_who_is_deleted_already_is_not_found(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        await bulk(api, filter={}, action="delete")
        assert reasons(await bulk(api, ids=[product["id"]], action="delete")) == {"not_found": 1}
        assert (await bulk(api, filter={}, action="delete"))["matched"] == 0
