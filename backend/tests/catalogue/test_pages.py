"""Pages that stay right while rows come, go and move."""

import asyncio
import base64
import json
import random
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.schemas import CatalogueFilter, ProductListItem
from app.catalogue.sorting import Position, decode_position, encode_position, order_of
from app.common.paging import InvalidCursor
from backend.tests.support.backend import Backend, assert_problem, create_product, enrich, run_with_status, upload

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"
SORTS = ["created_at", "updated_at", "name", "sku", "price"]


async def page_of(api: httpx2.AsyncClient, cursor: str | None = None, **query: Any) -> dict[str, Any]:
    answer = await api.get("/api/v1/products", params={**query, **({"cursor": cursor} if cursor else {})})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def all_pages(api: httpx2.AsyncClient, **query: Any) -> list[str]:
    seen, cursor = [], None
    while True:
        page = await page_of(api, cursor, **query)
        seen += [item["sku"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen


async def fill(backend: Backend, count: int, chance: random.Random) -> None:
    """Few different values, so that most are equal, and many prices that are not there."""
    for number in range(count):
        price = chance.choice([None, "1", "1.00", "2.5", "-1", "999999999999"])
        await backend.execute(
            "INSERT INTO products (id, sku, name, status, price_amount, price_currency, attributes, keywords,"
            " languages, version, created_at, updated_at) VALUES (gen_random_uuid(), :sku, :name, 'draft',"
            " CAST(:price AS numeric), CASE WHEN CAST(:price AS numeric) IS NULL THEN NULL ELSE 'EUR' END,"
            " '[]', '[]', '[\"en\"]', 1, CAST(:created AS timestamptz), CAST(:updated AS timestamptz))",
            sku=f"P-{number:03}",
            name=chance.choice(["Ärmel", "armel", "Zebra", "x" * 300, "x" * 300 + "y", "日本" * 100]),
            price=price,
            created=chance.choice(["2026-01-01 10:00:00.123456", "2026-01-01 10:00:00.123457", "2026-01-02"]),
            updated=chance.choice(["2026-01-01", "1999-12-31 23:59:59.999999"]),
        )


class TestOrder:
    @pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
    async def test_every_product_comes_once_in_order(
        self, api: httpx2.AsyncClient, backend: Backend, sort: str
    ) -> None:
        await fill(backend, 40, random.Random(7))
        in_one = await all_pages(api, sort=sort, limit=200)
        assert sorted(in_one) == [f"P-{number:03}" for number in range(40)]
        for limit in (1, 3, 39, 40):
            assert await all_pages(api, sort=sort, limit=limit) == in_one
        # Collected by a filter it is the same order as along the way.
        assert await all_pages(api, sort=sort, limit=7, status="draft") == in_one

    @pytest.mark.parametrize("sort", ["price", "-price"])
    async def test_what_has_no_price_comes_last(self, api: httpx2.AsyncClient, backend: Backend, sort: str) -> None:
        await fill(backend, 30, random.Random(3))
        items = (await page_of(api, sort=sort, limit=200))["items"]
        amounts = [float(item["price"]["amount"]) for item in items if item["price"]]
        assert amounts == sorted(amounts, reverse=sort.startswith("-"))
        assert all(item["price"] is None for item in items[len(amounts) :])
        assert 0 < len(amounts) < 30

    async def test_names_without_case_and_accents_skus_by_their_characters(self, api: httpx2.AsyncClient) -> None:
        for sku, name in (("b", "Zebra"), ("B", "ähre"), ("a", "Apfel"), ("_", "Éclair")):
            await create_product(api, sku, name=name)
        assert await all_pages(api, sort="name") == ["B", "a", "_", "b"]
        assert await all_pages(api, sort="sku") == ["B", "_", "a", "b"]

    async def test_newest_first_unless_asked(self, api: httpx2.AsyncClient) -> None:
        for sku in ("A", "B", "C"):
            await create_product(api, sku)
        page = await page_of(api)
        assert [item["sku"] for item in page["items"]] == ["C", "B", "A"]
        assert (page["total"], page["next_cursor"]) == (3, None)


class TestWhileRowsChange:
    @pytest.mark.parametrize("seed", range(6))
    async def test_who_stays_is_seen_once_and_nobody_twice_unmoved(
        self, api: httpx2.AsyncClient, backend: Backend, seed: int
    ) -> None:
        """Between the pages products come, go and move; the walk is compared with what each of them did."""
        chance = random.Random(seed)
        sort = chance.choice(["price", "-price", "name", "-name", "-updated_at", "sku"])
        await fill(backend, 30, chance)
        untouched = {f"P-{number:03}" for number in range(30)}
        moved: set[str] = set()
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await page_of(api, cursor, sort=sort, limit=4)
            seen += [item["sku"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            for _ in range(2):
                sku = f"P-{chance.randrange(30):03}"
                untouched.discard(sku)
                moved.add(sku)
                change = chance.choice(
                    [
                        "price_amount = NULL", "price_amount = 2, price_currency = 'EUR'", "name = 'M'",
                        "updated_at = now()", "deleted_at = now()", "deleted_at = NULL", "sku = sku",
                    ]
                )  # fmt: skip
                await backend.execute(f"UPDATE products SET {change} WHERE sku = :sku", sku=sku)
            await create_product(api, f"NEW-{len(seen)}-{chance.random()}")
        for sku in untouched:
            assert seen.count(sku) == 1, f"{sku} stayed where it was"
        for sku in set(seen):
            assert seen.count(sku) == 1 or sku in moved, f"{sku} never moved"

    async def test_the_row_of_the_cursor_may_go(self, api: httpx2.AsyncClient) -> None:
        for number in range(6):
            await create_product(api, f"P-{number}")
        page = await page_of(api, limit=3)
        for item in page["items"]:
            await api.delete(f"/api/v1/products/{item['id']}", headers={"If-Match": "*"})
        following = await page_of(api, page["next_cursor"], limit=3)
        assert [item["sku"] for item in following["items"]] == ["P-2", "P-1", "P-0"]


class TestCursor:
    @given(
        st.text(st.characters(exclude_characters="\x00"), max_size=100), st.uuids(), st.sampled_from(["name", "-sku"])
    )
    @settings(max_examples=200, deadline=None)
    def test_a_position_comes_back(self, key: str, identifier: Any, sort: Any) -> None:
        try:
            key.encode()
        except UnicodeEncodeError:
            return
        cursor = encode_position(Position(key, identifier), "mark")
        assert len(cursor) <= 2000
        assert decode_position(cursor, "mark", order_of(sort)) == Position(key, identifier)

    @given(st.text(max_size=300))
    @settings(max_examples=300, deadline=None)
    def test_anything_else_is_refused(self, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            decode_position(cursor, "mark", order_of("-created_at"))

    async def test_it_belongs_to_its_filter_and_order(self, api: httpx2.AsyncClient) -> None:
        for number in range(3):
            await create_product(api, f"P-{number}", brand="Olivar")
        cursor = (await page_of(api, limit=1, brand="Olivar", sort="name"))["next_cursor"]
        same = await page_of(api, cursor, limit=2, brand="Olivar", sort="name")
        assert len(same["items"]) == 2, "the size of a page may change"
        for other in (
            {"brand": "Olivar"}, {"sort": "name"}, {"brand": "Fjell", "sort": "name"},
            {"brand": "Olivar", "sort": "-name"}, {"brand": "Olivar", "sort": "name", "search": "mug"},
        ):  # fmt: skip
            answer = await api.get("/api/v1/products", params={**other, "cursor": cursor})
            problem = assert_problem(answer, 422, "invalid-cursor")
            assert problem["errors"][0]["parameter"] == "cursor"

    @pytest.mark.parametrize(
        "content",
        [
            b"[1]", b"[1, 2, 3]", b'{"a": 1}', b"null", b"[" * 700, b"\xff\xfe\x00",
            json.dumps(["x", "2026-01-01", UNKNOWN]).encode(), json.dumps(["x", "never", UNKNOWN]).encode(),
            json.dumps(["x", "2026-01-01", "no-id"]).encode(), json.dumps(["x", None, UNKNOWN]).encode(),
        ],
    )  # fmt: skip
    async def test_a_cursor_of_ones_own_is_a_422_problem(self, api: httpx2.AsyncClient, content: bytes) -> None:
        cursor = base64.urlsafe_b64encode(content).decode()
        assert_problem(await api.get("/api/v1/products", params={"cursor": cursor}), 422, "invalid-cursor")

    @pytest.mark.parametrize("cursor", ["x", "é", "%00", "", "a" * 2001])
    async def test_what_is_no_base64_is_a_422_problem(self, api: httpx2.AsyncClient, cursor: str) -> None:
        answer = await api.get("/api/v1/products", params={"cursor": cursor})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1.5", "9" * 30])
    async def test_limits_of_a_page(self, api: httpx2.AsyncClient, limit: str) -> None:
        problem = assert_problem(await api.get("/api/v1/products", params={"limit": limit}), 422, "invalid-request")
        assert problem["errors"][0]["parameter"] == "limit"


class TestItems:
    async def full_product(self, api: httpx2.AsyncClient, me: str) -> str:
        parent = await create_product(api, "P", option_names=["Size"])
        product = await create_product(
            api, 'Ünï"code\\', name='A "quoted" \\ name\n<b>', brand="B & C", category="Kitchen > Mugs",
            gtin="2004100330171", price={"amount": "12.345", "currency": "EUR"}, tags=["ä", '"'], keywords=["k"],
            attributes=[{"name": "Vegan", "value": True}, {"name": "Parts", "value": ["a", "b"]}],
            languages=["en"], source_urls=["https://shop.example/mug"], assignee_id=me,
            parent_id=parent["id"], options=[{"name": "Size", "value": "M"}],
        )  # fmt: skip
        await upload(api, product["id"], name="photo.png")
        run = await enrich(api, product["id"])
        await run_with_status(api, run["id"])
        await api.post(f"/api/v1/products/{product['id']}/comments", json={"text": "Look at this."})
        return str(product["id"])

    async def test_they_are_what_the_contract_says(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()["id"]
        product_id = await self.full_product(api, me)
        bare = await create_product(api, "BARE")
        for each in (product_id, bare["id"]):
            answer = await api.get(f"/api/v1/products/{each}")
            item = ProductListItem.model_validate(answer.json())
            assert item.model_dump(mode="json", by_alias=True) == answer.json()
            assert answer.headers["etag"] == f'"{item.version}"'
            assert answer.json() in (await page_of(api))["items"]
            by_sku = await api.get(f"/api/v1/products/by-sku/{quote(item.sku)}")
            assert by_sku.json() == answer.json()
            assert by_sku.headers["etag"] == answer.headers["etag"]

    async def test_what_is_known_around_a_product(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()
        product_id = await self.full_product(api, me["id"])
        item = (await api.get(f"/api/v1/products/{product_id}")).json()
        images = (await api.get(f"/api/v1/products/{product_id}/images")).json()
        assert item["image"] == {name: images[0][name] for name in item["image"]}
        assert item["run"]["status"] in {"succeeded", "partial"}
        counts = {name: item[name] for name in ("image_count", "source_count", "comment_count", "variant_count")}
        assert counts == {"image_count": 1, "source_count": 1, "comment_count": 1, "variant_count": 0}
        assert item["listing_languages"] == ["en"]
        assert item["assignee"] == {"id": me["id"], "name": me["name"]}
        assert item["price"] == {"amount": "12.345", "currency": "EUR"}
        assert (item["completeness"], item["missing"]) == (1.0, [])

    @pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns"])
    async def test_times_are_utc_whatever_the_servers_zone(
        self, api: httpx2.AsyncClient, backend: Backend, zone: str
    ) -> None:
        product = await create_product(api)
        name = backend.database_url.rpartition("/")[2].partition("?")[0]
        await backend.execute(f"ALTER DATABASE {name} SET timezone = '{zone}'")
        try:
            item = (await api.get(f"/api/v1/products/{product['id']}")).json()
            assert item["created_at"] == product["created_at"]
        finally:
            await backend.execute(f"ALTER DATABASE {name} RESET timezone")

    async def test_the_filter_is_a_contract_of_its_own(self) -> None:
        assert CatalogueFilter().model_dump(exclude_defaults=True) == {}

    async def test_many_readers_at_once(self, api: httpx2.AsyncClient) -> None:
        await create_product(api)
        answers = await asyncio.gather(*(api.get("/api/v1/products?search=mug") for _ in range(30)))
        assert {answer.status_code for answer in answers} == {200}
