"""Variants: a parent and its options, and what keeps them in order."""

import asyncio
from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


async def make_parent(api: httpx2.AsyncClient, sku: str = "SHIRT", names: tuple[str, ...] = ("Size", "Colour")) -> str:
    return str((await create_product(api, sku, option_names=list(names)))["id"])


def options(*values: str, names: tuple[str, ...] = ("Size", "Colour")) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]


async def add_variant(api: httpx2.AsyncClient, parent: str, sku: str, *values: str) -> dict[str, Any]:
    return await create_product(api, sku, parent_id=parent, options=options(*values))


async def post(api: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await api.post("/api/v1/products", json={"sku": "V", "name": "V", **fields})


async def change(api: httpx2.AsyncClient, product_id: str, **fields: Any) -> httpx2.Response:
    return await api.patch(f"/api/v1/products/{product_id}", json=fields, headers={"If-Match": "*"})


async def delete(api: httpx2.AsyncClient, product_id: str) -> None:
    answer = await api.delete(f"/api/v1/products/{product_id}", headers={"If-Match": "*"})
    assert answer.status_code == 204


async def restore(api: httpx2.AsyncClient, product_id: str) -> httpx2.Response:
    return await api.post(f"/api/v1/products/{product_id}/restore")


class TestPlace:
    async def test_a_parent_and_its_variants(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        first = await add_variant(api, parent, "SHIRT-M-RED", "M", "red")
        second = await create_product(
            api,
            "SHIRT-L-RED",
            parent_id=parent,
            options=[{"name": "colour", "value": "red"}, {"name": "SIZE", "value": "L"}],
        )
        assert second["options"] == options("L", "red"), "in the parent's order and spelling"
        found = await api.get(f"/api/v1/products/{parent}/variants")
        assert found.json() == [first, second]
        assert (await api.get(f"/api/v1/products/{parent}")).json()["variant_count"] == 2

    @pytest.mark.parametrize(
        "given",
        [
            [],
            options("M", "red")[:1],
            [*options("M", "red"), {"name": "Fit", "value": "slim"}],
            [{"name": "Size", "value": "M"}, {"name": "Size", "value": "L"}],
            [{"name": "Size", "value": "M"}, {"name": "Fit", "value": "slim"}],
        ],
    )
    async def test_the_options_are_exactly_the_parents(
        self, api: httpx2.AsyncClient, given: list[dict[str, str]]
    ) -> None:
        parent = await make_parent(api)
        problem = assert_problem(await post(api, parent_id=parent, options=given), 422, "variant-invalid")
        assert "Size, Colour" in problem["detail"]
        assert problem["errors"][0]["pointer"] == "#/options"

    async def test_two_variants_never_have_the_same_values(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        await add_variant(api, parent, "A", "M", "red")
        other = await add_variant(api, parent, "B", "L", "red")
        problem = assert_problem(await post(api, parent_id=parent, options=options("m", "RED")), 409, "variant-taken")
        assert "A" in problem["detail"]
        assert_problem(await change(api, other["id"], options=options("M", "red")), 409, "variant-taken")
        assert (await change(api, other["id"], options=options("XL", "red"))).status_code == 200

    async def test_of_equal_variants_at_once_one_wins(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        answers = await asyncio.gather(
            *(
                api.post(
                    "/api/v1/products",
                    json={"sku": f"V-{n}", "name": "V", "parent_id": parent, "options": options("M", "red")},
                )
                for n in range(6)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5

    async def test_parents_that_cannot_be(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        variant = await add_variant(api, parent, "A", "M", "red")
        lone = await create_product(api, "LONE")
        gone = await make_parent(api, "GONE")
        await delete(api, gone)
        for parent_id in (UNKNOWN, variant["id"], lone["id"]):
            assert_problem(await post(api, parent_id=parent_id, options=options("S", "red")), 422, "variant-invalid")
        assert_problem(await post(api, parent_id=gone, options=options("S", "red")), 409, "parent-deleted")
        assert_problem(await change(api, parent, parent_id=parent, option_names=[]), 422, "variant-invalid")
        assert_problem(await change(api, parent, parent_id=gone, options=options("S", "red")), 422, "variant-invalid")
        assert_problem(await change(api, variant["id"], option_names=["Fit"]), 422, "variant-invalid")
        assert_problem(await change(api, lone["id"], options=options("S", "red")), 422, "variant-invalid")

    async def test_what_has_variants_becomes_none(self, api: httpx2.AsyncClient) -> None:
        one, other = await make_parent(api, "ONE", ("Size",)), await make_parent(api, "OTHER", ("Size",))
        await create_product(api, "V", parent_id=one, options=[{"name": "Size", "value": "M"}])
        answer = await change(api, one, parent_id=other, option_names=[], options=[{"name": "Size", "value": "S"}])
        assert_problem(answer, 422, "variant-invalid")

    async def test_two_that_adopt_each_other_at_once(self, api: httpx2.AsyncClient) -> None:
        one, other = await make_parent(api, "ONE", ("Size",)), await make_parent(api, "OTHER", ("Size",))
        size = [{"name": "Size", "value": "M"}]
        answers = await asyncio.gather(
            change(api, one, parent_id=other, option_names=[], options=size),
            change(api, other, parent_id=one, option_names=[], options=size),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]

    async def test_a_variant_moves_out(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        variant = await add_variant(api, parent, "A", "M", "red")
        moved = (await change(api, variant["id"], parent_id=None)).json()
        assert (moved["parent_id"], moved["options"]) == (None, [])


class TestOptionNames:
    async def test_variants_follow_a_new_spelling_and_order(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        variant = await add_variant(api, parent, "A", "M", "red")
        assert (await change(api, parent, option_names=["Color", "Size"])).status_code == 200
        changed = (await api.get(f"/api/v1/products/{variant['id']}")).json()
        assert changed["options"] == options("red", "M", names=("Color", "Size"))
        assert changed["version"] == 2

    @pytest.mark.parametrize("names", [["Size"], ["Size", "Colour", "Fit"], []])
    async def test_their_number_stays(self, api: httpx2.AsyncClient, names: list[str]) -> None:
        parent = await make_parent(api)
        await add_variant(api, parent, "A", "M", "red")
        assert_problem(await change(api, parent, option_names=names), 422, "variant-invalid")

    async def test_without_variants_anything_goes(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        assert (await change(api, parent, option_names=["Fit"])).json()["option_names"] == ["Fit"]


class TestDeletion:
    async def test_variants_go_and_come_with_their_parent(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        early = await add_variant(api, parent, "EARLY", "S", "red")
        variant = await add_variant(api, parent, "A", "M", "red")
        await delete(api, early["id"])
        await delete(api, parent)
        assert_problem(await api.get(f"/api/v1/products/{variant['id']}"), 404, "product-not-found")
        assert_problem(await restore(api, variant["id"]), 409, "parent-deleted")
        assert (await restore(api, parent)).status_code == 200
        assert [each["sku"] for each in (await api.get(f"/api/v1/products/{parent}/variants")).json()] == ["A"]
        assert (await restore(api, early["id"])).status_code == 200

    async def test_all_or_none_come_back(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        await add_variant(api, parent, "A", "M", "red")
        await delete(api, parent)
        await create_product(api, "A")
        problem = assert_problem(await restore(api, parent), 409, "sku-taken")
        assert "A" in problem["detail"]
        assert_problem(await api.get(f"/api/v1/products/{parent}"), 404, "product-not-found")

    async def test_a_place_that_was_taken_meanwhile(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        variant = await add_variant(api, parent, "A", "M", "red")
        await delete(api, variant["id"])
        await add_variant(api, parent, "B", "M", "red")
        assert_problem(await restore(api, variant["id"]), 409, "variant-taken")

    async def test_a_new_spelling_reaches_deleted_variants(self, api: httpx2.AsyncClient) -> None:
        parent = await make_parent(api)
        await add_variant(api, parent, "B", "S", "red")
        variant = await add_variant(api, parent, "A", "M", "red")
        await delete(api, variant["id"])
        await change(api, parent, option_names=["Size", "Color"])
        assert (await restore(api, variant["id"])).json()["options"] == options("M", "red", names=("Size", "Color"))


class TestAssignment:
    async def test_to_a_user_and_back(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()
        product = await create_product(api, assignee_id=me["id"])
        item = (await api.get(f"/api/v1/products/{product['id']}")).json()
        assert item["assignee"] == {"id": me["id"], "name": me["name"]}
        assert (await change(api, product["id"], assignee_id=None)).json()["assignee_id"] is None

    async def test_to_nobody_who_exists(self, api: httpx2.AsyncClient) -> None:
        problem = assert_problem(await post(api, assignee_id=UNKNOWN), 422, "assignee-unknown")
        assert problem["errors"][0]["pointer"] == "#/assignee_id"
        product = await create_product(api)
        assert_problem(await change(api, product["id"], assignee_id=UNKNOWN), 422, "assignee-unknown")


class TestStatus:
    async def test_a_person_sends_it_back_or_on(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        for status in ("needs_review", "draft"):
            assert (await change(api, product["id"], status=status)).json()["status"] == status

    @pytest.mark.parametrize("status", ["enriching", "approved", "lost", 1])
    async def test_other_words_are_not_a_persons(self, api: httpx2.AsyncClient, status: Any) -> None:
        product = await create_product(api)
        assert_problem(await change(api, product["id"], status=status), 422, "invalid-request")

    async def test_while_it_is_enriched_the_run_decides(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        await backend.execute("UPDATE products SET status = 'enriching'")
        assert_problem(await change(api, product["id"], status="draft"), 409, "status-not-allowed")
        assert (await change(api, product["id"], name="Other")).status_code == 200
