from typing import Any

import httpx2
import pytest

from app.exports import preflight
from app.exports.checks import KINDS
from backend.tests.exports.support import add_listing, add_variant
from backend.tests.support.backend import Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes

PREFLIGHT = "/api/v1/exports/preflight"
GOOD = {"price": {"amount": "12.90", "currency": "EUR"}, "gtin": "4006381333931", "brand": "Brunnhof"}
SHOP = {"currency": "EUR", "product_url_template": "https://shop.example/{handle}"}


async def check(api: httpx2.AsyncClient, kind: str, **body: Any) -> dict[str, Any]:
    answer = await api.post(PREFLIGHT, json={"format": kind, "scope": "all", "options": SHOP, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def codes(api: httpx2.AsyncClient, kind: str, **body: Any) -> dict[str, set[str]]:
    """By SKU."""
    found = await check(api, kind, **body)
    return {item["sku"]: {problem["code"] for problem in item["problems"]} for item in found["items"]}


class TestPreflight:
    async def test_a_good_product_has_no_problems(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api, "A", **GOOD)
        await upload(api, product["id"], image_bytes(size=(300, 300)))
        await add_listing(backend, product)
        for kind in ("shopify", "woocommerce", "google", "google-xml", "generic", "json"):
            found = await check(api, kind)
            assert (found["items"], found["summary"]) == ([], []), kind
            assert (found["product_count"], found["checked"], found["complete"]) == (1, 1, True)

    async def test_photos_need_a_public_address(self, api: httpx2.AsyncClient) -> None:
        assert [problem["code"] for problem in (await check(api, "shopify"))["general"]] == ["no-public-media-url"]

    async def test_prices_need_a_currency(self, api: httpx2.AsyncClient) -> None:
        found = await check(api, "shopify", options={})
        assert "no-currency" in [problem["code"] for problem in found["general"]]
        await create_product(api, "A", price={"amount": "1", "currency": "USD"})
        assert "price-currency" in (await codes(api, "shopify"))["A"]
        assert "price-currency" not in (await codes(api, "google"))["A"]

    async def test_a_bare_product(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A" * 51, name="N" * 160)
        assert (await codes(api, "google", options={}))["A" * 51] == {
            "title-too-long", "texts-missing", "identifier-missing", "id-too-long", "price-missing", "link-missing",
            "image-missing",
        }  # fmt: skip
        assert (await codes(api, "shopify"))["A" * 51] == {"texts-missing", "price-missing", "image-missing"}
        assert await codes(api, "generic") == {"A" * 51: {"texts-missing"}}

    async def test_texts(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        draft = await create_product(api, "DRAFT", **GOOD)
        await add_listing(backend, draft, status="needs_review")
        await add_listing(
            backend, await create_product(api, "LONG", **GOOD), description="x" * 5001, bullets=["x" * 151]
        )
        await add_listing(backend, await create_product(api, "SCRIPT", **GOOD), description="<script>alert(1)</script>")
        await add_listing(backend, await create_product(api, "HTML", **GOOD), description="<b>bold</b>")
        await backend.execute("UPDATE listings SET open_claims = 2 WHERE product_id = :id", id=draft["id"])
        found = await codes(api, "google")
        assert "texts-not-approved" in found["DRAFT"]
        assert {"description-too-long", "highlight-too-long"} <= found["LONG"]
        assert "html-forbidden" in found["SCRIPT"]
        assert "html-in-text" in found["HTML"]
        newest = await codes(api, "google", options={**SHOP, "texts": "newest"})
        assert {"texts-draft", "claims-unsupported"} <= newest["DRAFT"]

    async def test_photos_too_small_for_google(self, api: httpx2.AsyncClient) -> None:
        mug = await create_product(api, "MUG", category="Kitchen > Mugs", **GOOD)
        shirt = await create_product(api, "SHIRT", category="Clothing > Shirts", **GOOD)
        for product in (mug, shirt):
            await upload(api, product["id"], image_bytes(size=(120, 120)))
        found = await codes(api, "google")
        assert "image-too-small" not in found["MUG"]
        assert "image-too-small" in found["SHIRT"]

    async def test_variants(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        parent = await create_product(api, "P")
        await add_variant(api, backend, parent, "P-M", "M")
        await add_variant(api, backend, parent, "P-M2", "M")
        bad = await add_variant(api, backend, parent, "P-0", "0")
        await backend.execute("UPDATE products SET options = '[]' WHERE id = :id", id=bad["id"])
        alone = await create_product(api, "ALONE")
        await backend.execute("UPDATE products SET option_names = '{Size}' WHERE id = :id", id=alone["id"])
        found = await codes(api, "shopify")
        assert "option-duplicate" in found["P-M2"]
        assert "option-missing" in found["P-0"]
        assert "options-without-variants" in found["ALONE"]
        assert "price-missing" not in found["P"]
        only = await codes(api, "shopify", filter={"search": "P-M2"})
        assert only["P-M2"] >= {"parent-missing"}

    async def test_handles_that_meet(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "abc")
        await create_product(api, "ABC")
        found = await codes(api, "shopify")
        assert "duplicate-handle" in found["ABC"]
        assert "duplicate-handle" not in found["abc"]

    async def test_gtins_that_google_refuses(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", gtin="2004100330171")
        assert "gtin-restricted" in (await codes(api, "google"))["A"]

    async def test_page_by_page(
        self, api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(preflight, "MAX_CHECKED", 4)
        for number in range(9):
            await create_product(api, f"A-{number}")
        parent = await create_product(api, "P")
        await add_variant(api, backend, parent, "P-M", "M")
        seen: list[str] = []
        cursor = None
        checked = 0
        for _ in range(20):
            answer = await api.post(
                PREFLIGHT, json={"format": "google", "scope": "all"},
                params={"limit": 3, **({"cursor": cursor} if cursor else {})},
            )  # fmt: skip
            page = answer.json()
            seen += [item["sku"] for item in page["items"]]
            assert page["product_count"] == 11
            checked = max(checked, page["checked"])
            assert sum(each["products"] for each in page["summary"] if each["code"] == "link-missing") <= 4
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [*(f"A-{number}" for number in range(9)), "P", "P-M"]
        assert checked == 4

    async def test_it_writes_nothing(self, api: httpx2.AsyncClient) -> None:
        await check(api, "shopify")
        assert (await api.get("/api/v1/exports")).json()["items"] == []

    async def test_the_limit_is_checked(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post(PREFLIGHT, json={"format": "shopify"}, params={"limit": 201})
        assert_problem(answer, 422, "invalid-request")

    def test_every_kind_of_problem_says_what_to_do(self) -> None:
        for kind in KINDS.values():
            assert kind.severity in {"error", "warning"}
            assert kind.meaning.endswith(".")
