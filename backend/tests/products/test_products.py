import asyncio
import uuid
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from backend.tests.support.backend import assert_problem, create_product

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


class TestCreate:
    async def test_what_is_sent_comes_back(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post(
            "/api/v1/products",
            json={
                "sku": "BRN-MUG-330",
                "name": "  Enamel mug ",
                "brand": "Brunnhof",
                "category": "Kitchen > Mugs",
                "gtin": "2004100330171",
                "price": {"amount": "12.9", "currency": "EUR"},
                "attributes": [{"name": "Colour", "value": "Sea blue"}, {"name": "Height", "value": "8", "unit": "cm"}],
                "keywords": ["mug"],
                "languages": ["en", "es", "en"],
                "source_urls": ["https://shop.example/mug", "https://shop.example/mug", "https://other.example/mug"],
            },
        )
        assert answer.status_code == 201
        product = answer.json()
        assert answer.headers["location"] == f"/api/v1/products/{product['id']}"
        assert answer.headers["etag"] == '"1"'
        assert uuid.UUID(product["id"]).version == 7
        assert product["name"] == "Enamel mug"
        assert product["price"] == {"amount": "12.90", "currency": "EUR"}
        assert product["languages"] == ["en", "es"]
        assert product["status"] == "draft"
        assert product["created_at"].endswith(("Z", "+00:00"))
        stored = (await api.get(answer.headers["location"])).json()
        assert {name: stored[name] for name in product} == product
        sources = (await api.get(f"/api/v1/products/{product['id']}/sources")).json()
        assert [source["url"] for source in sources] == ["https://shop.example/mug", "https://other.example/mug"]

    @pytest.mark.parametrize(
        ("amount", "shown"),
        [("12.9", "12.90"), ("12", "12.00"), ("0", "0.00"), ("1000", "1000.00"), ("0.123456", "0.123456"),
         ("999999999999", "999999999999.00"), ("12.345", "12.345"), ("007.50", "7.50")],
    )  # fmt: skip
    async def test_prices_are_decimal_text(self, api: httpx2.AsyncClient, amount: str, shown: str) -> None:
        product = await create_product(api, price={"amount": amount, "currency": "EUR"})
        assert product["price"]["amount"] == shown

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"surprise": 1}, "#/surprise"),
            ({"sku": ""}, "#/sku"),
            ({"sku": " A"}, "#/sku"),
            ({"sku": "A\nB"}, "#/sku"),
            ({"sku": "x" * 201}, "#/sku"),
            ({"name": "   "}, "#/name"),
            ({"name": None}, "#/name"),
            ({"name": ["a"]}, "#/name"),
            ({"gtin": "2004100330170"}, "#/gtin"),
            ({"gtin": "12345"}, "#/gtin"),
            ({"gtin": "٢٠٠٤١٠٠٣٣٠١٧١"}, "#/gtin"),
            ({"price": {"amount": "1e3", "currency": "EUR"}}, "#/price/amount"),
            ({"price": {"amount": 12.9, "currency": "EUR"}}, "#/price/amount"),
            ({"price": {"amount": "NaN", "currency": "EUR"}}, "#/price/amount"),
            ({"price": {"amount": "1.1234567", "currency": "EUR"}}, "#/price/amount"),
            ({"price": {"amount": "1", "currency": "euro"}}, "#/price/currency"),
            ({"price": {"amount": "1"}}, "#/price/currency"),
            ({"languages": []}, "#/languages"),
            ({"languages": ["English"]}, "#/languages/0"),
            ({"source_urls": ["ftp://shop.example/"]}, "#/source_urls/0"),
            ({"source_urls": ["https://a.example/ b"]}, "#/source_urls/0"),
            ({"source_urls": [f"https://a.example/{n}" for n in range(21)]}, "#/source_urls"),
            ({"attributes": [{"name": "a", "value": "b", "more": 1}]}, "#/attributes/0/more"),
            ({"attributes": [{"name": "a"}]}, "#/attributes/0/value"),
            ({"tags": [""]}, "#/tags/0"),
            ({"tags": ["x" * 101]}, "#/tags/0"),
            ({"tags": [f"t{n}" for n in range(101)]}, "#/tags"),
            ({"category": "a>" * 200 + "b"}, "#/category"),
            ({"option_names": ["Size", "size"]}, "#/option_names"),
            ({"option_names": ["A", "B", "C", "D"]}, "#/option_names"),
            ({"parent_id": "none"}, "#/parent_id"),
            ({"status": "approved"}, "#/status"),
        ],
    )
    async def test_invalid_fields_are_named(self, api: httpx2.AsyncClient, change: dict[str, Any], where: str) -> None:
        answer = await api.post("/api/v1/products", json={"sku": "A", "name": "A", **change})
        problem = assert_problem(answer, 422, "invalid-request")
        assert [error["pointer"] for error in problem["errors"]] == [where]
        assert (await api.get("/api/v1/products")).json()["total"] == 0

    @pytest.mark.parametrize(
        "field", [{"name": "a\u0000b"}, {"brand": "\u0000"}, {"attributes": [{"name": "a", "value": "\u0000"}]}]
    )
    async def test_nul_characters_cannot_be_stored(self, api: httpx2.AsyncClient, field: dict[str, Any]) -> None:
        answer = await api.post("/api/v1/products", json={"sku": "A", "name": "A", **field})
        assert_problem(answer, 422, "invalid-request")

    async def test_lone_surrogates_are_no_text(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post(
            "/api/v1/products", content=rb'{"sku": "A", "name": "\ud800"}', headers={"Content-Type": "application/json"}
        )
        assert_problem(answer, 422, "invalid-request")

    async def test_any_other_script_is_text(self, api: httpx2.AsyncClient) -> None:
        name = "Чашка 🫖 カップ e\u0301 <b>&amp;</b> '; DROP TABLE products; --"
        product = await create_product(api, sku="ключ/№ 1?#", name=name)
        assert product["name"] == name
        found = await api.get(f"/api/v1/products/by-sku/{quote('ключ/№ 1?#')}")
        assert found.json()["id"] == product["id"]

    async def test_a_sku_is_unique(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "ONE")
        answer = await api.post("/api/v1/products", json={"sku": "ONE", "name": "Another"})
        assert_problem(answer, 409, "sku-taken")

    async def test_of_many_creates_at_once_one_wins(self, api: httpx2.AsyncClient) -> None:
        answers = await asyncio.gather(
            *(api.post("/api/v1/products", json={"sku": "ONE", "name": f"No. {n}"}) for n in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        for answer in answers:
            if answer.status_code == 409:
                assert_problem(answer, 409, "sku-taken")


class TestGet:
    @pytest.mark.parametrize(
        "path", [f"/{UNKNOWN}", "/by-sku/NOPE", f"/{UNKNOWN}/images", f"/{UNKNOWN}/sources", f"/{UNKNOWN}/facts",
                 f"/{UNKNOWN}/conflicts", f"/{UNKNOWN}/listings", f"/{UNKNOWN}/runs"],
    )  # fmt: skip
    async def test_an_unknown_product_is_a_404_problem(self, api: httpx2.AsyncClient, path: str) -> None:
        assert_problem(await api.get(f"/api/v1/products{path}"), 404, "product-not-found")

    async def test_what_is_no_id_is_a_422_problem(self, api: httpx2.AsyncClient) -> None:
        problem = assert_problem(await api.get("/api/v1/products/none"), 422, "invalid-request")
        assert problem["errors"][0]["parameter"] == "product_id"

    async def test_a_sku_with_a_nul_is_a_422_problem(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get("/api/v1/products/by-sku/A%00B"), 422, "invalid-request")


class TestUpdate:
    async def change(
        self, api: httpx2.AsyncClient, product: dict[str, Any], tag: str | None, **body: Any
    ) -> httpx2.Response:
        headers = {} if tag is None else {"If-Match": tag}
        return await api.patch(f"/api/v1/products/{product['id']}", json=body, headers=headers)

    async def test_only_what_is_sent_changes(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, brand="Brunnhof", gtin="2004100330171")
        answer = await self.change(api, product, '"1"', name="Mug", gtin=None)
        assert answer.status_code == 200
        assert answer.headers["etag"] == '"2"'
        changed = answer.json()
        assert (changed["name"], changed["brand"], changed["gtin"]) == ("Mug", "Brunnhof", None)
        assert changed["updated_at"] > product["updated_at"]

    async def test_without_a_version_it_is_refused(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        assert_problem(await self.change(api, product, None, name="X"), 428, "precondition-required")

    @pytest.mark.parametrize("tag", ['"0"', '"2"', "1", '"1', "", '"one"'])
    async def test_another_version_is_refused(self, api: httpx2.AsyncClient, tag: str) -> None:
        product = await create_product(api)
        problem = assert_problem(await self.change(api, product, tag, name="X"), 412, "precondition-failed")
        assert problem["current_version"] == 1

    @pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "*", '"7", "1"'])
    async def test_forms_of_the_right_version(self, api: httpx2.AsyncClient, tag: str) -> None:
        product = await create_product(api)
        assert (await self.change(api, product, tag, name="X")).status_code == 200

    async def test_of_two_at_once_one_wins(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        answers = await asyncio.gather(*(self.change(api, product, '"1"', name=f"No. {n}") for n in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5

    async def test_the_sku_of_another_is_refused(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "ONE")
        product = await create_product(api, "TWO")
        assert_problem(await self.change(api, product, '"1"', sku="ONE"), 409, "sku-taken")
        assert (await self.change(api, product, '"1"', sku="TWO")).status_code == 200

    async def test_languages_stay_unique(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        assert (await self.change(api, product, "*", languages=["es", "en", "es"])).json()["languages"] == ["es", "en"]


class TestDeleteAndRestore:
    async def test_a_deleted_product_is_gone_until_it_is_restored(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        path = f"/api/v1/products/{product['id']}"
        assert_problem(await api.delete(path), 428, "precondition-required")
        assert_problem(await api.delete(path, headers={"If-Match": '"9"'}), 412, "precondition-failed")
        assert (await api.delete(path, headers={"If-Match": '"1"'})).status_code == 204
        assert_problem(await api.get(path), 404, "product-not-found")
        assert_problem(await api.delete(path, headers={"If-Match": "*"}), 404, "product-not-found")
        assert (await api.get("/api/v1/products")).json()["items"] == []
        restored = await api.post(f"{path}/restore")
        assert restored.status_code == 200
        assert restored.json()["version"] == 3
        assert (await api.get(path)).status_code == 200
        assert (await api.post(f"{path}/restore")).json()["version"] == 3

    async def test_a_deleted_product_frees_its_sku(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, "ONE")
        path = f"/api/v1/products/{product['id']}"
        await api.delete(path, headers={"If-Match": "*"})
        await create_product(api, "ONE")
        assert_problem(await api.post(f"{path}/restore"), 409, "sku-taken")

    async def test_restoring_what_never_was(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.post(f"/api/v1/products/{UNKNOWN}/restore"), 404, "product-not-found")
