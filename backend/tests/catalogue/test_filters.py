"""Filters of the catalogue, alone and together."""

from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product, upload

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


async def skus(api: httpx2.AsyncClient, **query: Any) -> list[str]:
    answer = await api.get("/api/v1/products", params={"sort": "sku", **query})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    return [item["sku"] for item in page["items"]]


class TestFilters:
    async def test_status(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        for sku, status in (("A", "draft"), ("B", "approved"), ("C", "needs_review")):
            await create_product(api, sku)
            await backend.execute("UPDATE products SET status = :status WHERE sku = :sku", sku=sku, status=status)
        assert await skus(api, status="approved") == ["B"]
        assert await skus(api, status=["approved", "draft"]) == ["A", "B"]
        problem = assert_problem(await api.get("/api/v1/products?status=lost"), 422, "invalid-request")
        assert problem["errors"][0]["parameter"] == "status.0"

    async def test_a_category_and_all_below(self, api: httpx2.AsyncClient) -> None:
        for sku, category in (
            ("A", "Kitchen"), ("B", "Kitchen>Mugs"), ("C", " Kitchen > Mugs > Travel"), ("D", "Kitchenware"),
            ("E", "Kitchen > Mugsy"), ("F", None),
        ):  # fmt: skip
            await create_product(api, sku, category=category)
        assert await skus(api, category="Kitchen") == ["A", "B", "C", "E"]
        assert await skus(api, category="Kitchen>Mugs") == ["B", "C"]
        assert await skus(api, category=["Kitchenware", "Kitchen > Mugsy"]) == ["D", "E"]
        assert await skus(api, category="kitchen_") == await skus(api, category="%") == []

    async def test_brand_tag_and_language(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", brand="Olivar", tags=["new", "sale"], languages=["es"])
        await create_product(api, "B", brand="Fjell", tags=["sale"], languages=["en", "es"])
        assert await skus(api, brand=["Olivar", "None"]) == ["A"]
        assert await skus(api, tag="sale") == ["A", "B"]
        assert await skus(api, tag=["sale", "new"]) == ["A"]
        assert await skus(api, language="en") == ["B"]
        assert await skus(api, tag="sale", language="en", brand="Olivar") == []

    async def test_assignee(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()["id"]
        await create_product(api, "A", assignee_id=me)
        await create_product(api, "B")
        assert await skus(browser, assignee="me") == await skus(api, assignee=me) == ["A"]
        assert await skus(api, assignee="none") == ["B"]
        assert await skus(api, assignee="me") == [], "a key of the command line is nobody"
        assert await skus(api, assignee=UNKNOWN) == []
        assert_problem(await api.get("/api/v1/products?assignee=you"), 422, "invalid-request")

    async def test_conflicts_that_are_open(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        for sku in ("A", "B", "C"):
            await create_product(api, sku)
        await backend.execute(
            "INSERT INTO conflicts (id, product_id, name, label, options, settled_at)"
            " SELECT gen_random_uuid(), id, 'volume', 'Volume', '[]', CASE sku WHEN 'B' THEN now() END"
            " FROM products WHERE sku IN ('A', 'B')"
        )
        assert await skus(api, conflicts=True) == ["A"]
        assert await skus(api, conflicts=False) == ["B", "C"]

    async def test_what_is_missing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        full = await create_product(
            api, "FULL", brand="B", category="C", gtin="2004100330171", price={"amount": "1", "currency": "EUR"},
            source_urls=["https://a.example/"], attributes=[{"name": "Capacidad", "value": "1 l"}],
        )  # fmt: skip
        await upload(api, full["id"])
        await create_product(api, "BARE", brand="", category=" > ")
        await backend.execute(
            "INSERT INTO listings (id, product_id, language, version, status, author, content, facts)"
            " SELECT gen_random_uuid(), id, 'en', 1, 'needs_review', 'ai', '{}', '[]' FROM products WHERE sku = 'FULL'"
        )
        for what in ("gtin", "brand", "category", "price", "image", "source", "listing", "attribute:Volume"):
            assert await skus(api, missing=what) == ["BARE"], what
        assert await skus(api, missing=["gtin", "price", "attribute:Weight"]) == ["BARE"]
        assert await skus(api, missing="attribute:Weight") == ["BARE", "FULL"]
        assert await skus(api, missing="required") == []
        for what in ("", "everything", "attribute:", "attribute:" + "x" * 201, "gtin,brand"):
            assert_problem(await api.get("/api/v1/products", params={"missing": what}), 422, "invalid-request")

    async def test_variants_are_shown_hidden_or_alone(self, api: httpx2.AsyncClient) -> None:
        parent = await create_product(api, "P", option_names=["Size"])
        await create_product(api, "V", parent_id=parent["id"], options=[{"name": "Size", "value": "M"}])
        assert await skus(api) == ["P", "V"]
        assert await skus(api, parent="none") == ["P"]
        assert await skus(api, parent=parent["id"]) == ["V"]

    async def test_updated_since(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api, "A")
        await create_product(api, "B")
        await backend.execute("UPDATE products SET updated_at = '2026-01-01T10:00:00Z' WHERE sku = 'A'")
        assert await skus(api, updated_since="2026-01-01T10:00:00Z") == ["A", "B"]
        assert await skus(api, updated_since="2026-01-01T11:00:01+01:00") == ["B"]
        for odd in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
            assert (await api.get("/api/v1/products", params={"updated_since": odd})).status_code in {200, 422}
        assert_problem(await api.get("/api/v1/products?updated_since=2026-01-01T10:00:00"), 422, "invalid-request")

    async def test_the_bin(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, "A", brand="Olivar")
        await create_product(api, "B", brand="Olivar")
        await api.delete(f"/api/v1/products/{product['id']}", headers={"If-Match": "*"})
        assert await skus(api, deleted=True, brand="Olivar") == ["A"]
        assert await skus(api, deleted=False) == ["B"]
        item = (await api.get("/api/v1/products?deleted=true")).json()["items"][0]
        assert item["deleted_at"] is not None

    @pytest.mark.parametrize(
        "query",
        ["colour=red", "parent=all", "deleted=perhaps", "language=English", "sort=random", "tag=",
         "missing=required%00",
         "status=", "conflicts=maybe"],
    )  # fmt: skip
    async def test_what_is_no_filter_is_a_422_problem(self, api: httpx2.AsyncClient, query: str) -> None:
        assert_problem(await api.get(f"/api/v1/products?{query}"), 422, "invalid-request")

    @pytest.mark.parametrize("query", ["brand=%00", "tag=a%00", "category=a%00b", "missing=attribute:a%00"])
    async def test_a_nul_is_a_422_problem(self, api: httpx2.AsyncClient, query: str) -> None:
        assert_problem(await api.get(f"/api/v1/products?{query}"), 422, "invalid-request")


class TestFacets:
    async def test_counts_under_the_same_filters(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", brand="Olivar", category="Kitchen", tags=["new", "sale"])
        await create_product(api, "B", brand="Olivar", category="Garden", tags=["sale"])
        await create_product(api, "C", name="Lamp")
        facets = (await api.get("/api/v1/products/facets")).json()
        assert facets == {
            "status": [{"value": "draft", "count": 3}],
            "category": [{"value": "Garden", "count": 1}, {"value": "Kitchen", "count": 1}],
            "brand": [{"value": "Olivar", "count": 2}],
            "tag": [{"value": "sale", "count": 2}, {"value": "new", "count": 1}],
        }
        narrowed = (await api.get("/api/v1/products/facets?tag=new&search=mug")).json()
        assert narrowed["category"] == [{"value": "Kitchen", "count": 1}]
        assert (await api.get("/api/v1/products/facets?search=---")).json()["status"] == []

    async def test_they_are_bounded(self, api: httpx2.AsyncClient) -> None:
        for number in range(3):
            await create_product(api, f"P-{number}", tags=[f"{number}-{tag}" for tag in range(50)])
        assert len((await api.get("/api/v1/products/facets")).json()["tag"]) == 100
