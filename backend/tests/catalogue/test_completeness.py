"""What a product lacks: basic fields, and what its category asks for."""

from typing import Any

import httpx2

from app.catalogue.completeness import requirements_of, spellings_of
from app.settings_store.schemas import CategoriesDocument
from backend.tests.support.backend import Backend, create_product

CATEGORIES = {
    "categories": [
        {"path": "Kitchen", "required_attributes": ["Material"]},
        {"path": "Kitchen > Mugs", "required_attributes": ["Capacity", "Dishwasher safe"]},
    ]
}


async def ask_for(api: httpx2.AsyncClient) -> None:
    answer = await api.put("/api/v1/settings/categories/default", json=CATEGORIES, headers={"If-None-Match": "*"})
    assert answer.status_code in {200, 201}, answer.text


async def missing(api: httpx2.AsyncClient, product: dict[str, Any]) -> list[str]:
    found: list[str] = (await api.get(f"/api/v1/products/{product['id']}")).json()["missing"]
    return [name for name in found if name.startswith("attribute:")]


class TestSpellings:
    def test_names_in_other_languages_mean_the_same(self) -> None:
        assert {"capacity", "volume", "capacidad", "fassungsvermogen"} <= set(spellings_of("Capacity"))
        assert spellings_of("Dishwasher safe")[0] == "dishwasher safe"
        assert spellings_of("Zip type") == ["zip type", "zip_type"]

    def test_what_asks_for_nothing_is_left_out(self) -> None:
        assert requirements_of({"Küche": [], "Cocina": ["Color"]}).keys() == {"cocina"}

    def test_the_document_knows_its_form(self) -> None:
        assert CategoriesDocument.model_validate(CATEGORIES).categories[1].required_attributes


class TestBasicFields:
    async def test_each_counts_the_same(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, brand="B", gtin="2004100330171")
        item = (await api.get(f"/api/v1/products/{product['id']}")).json()
        assert item["missing"] == ["category", "price", "image", "source"]
        assert item["completeness"] == 0.43


class TestRequiredAttributes:
    async def test_a_category_asks_with_those_above_it(self, api: httpx2.AsyncClient) -> None:
        await ask_for(api)
        mug = await create_product(api, "A", category="Kitchen > Mugs > Travel")
        pan = await create_product(api, "B", category="KITCHEN>Pans")
        chair = await create_product(api, "C", category="Office")
        assert await missing(api, mug) == ["attribute:Material", "attribute:Capacity", "attribute:Dishwasher safe"]
        assert await missing(api, pan) == ["attribute:Material"]
        assert await missing(api, chair) == []
        item = (await api.get(f"/api/v1/products/{mug['id']}")).json()
        assert item["missing"][:5] == ["brand", "gtin", "price", "image", "source"]
        assert item["completeness"] == 0.2, "two of ten: its name and its category"

    async def test_own_attributes_and_facts_answer_it(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await ask_for(api)
        mug = await create_product(
            api, category="Kitchen > Mugs", attributes=[
                {"name": "CAPACIDAD", "value": "330 ml"}, {"name": "dishwasher safe", "value": False},
            ],
        )  # fmt: skip
        assert await missing(api, mug) == ["attribute:Material"]
        await backend.execute(
            "INSERT INTO merged_facts (id, product_id, fact_id, position, name, label, value, confidence, disputed,"
            " status, sources) SELECT gen_random_uuid(), id, 'f', 0, 'material', 'Werkstoff', 'steel', 1, false,"
            " 'rejected', '[]' FROM products"
        )
        assert await missing(api, mug) == ["attribute:Material"]
        await backend.execute("UPDATE merged_facts SET status = 'used'")
        assert await missing(api, mug) == []

    async def test_the_filter_finds_who_lacks_any(self, api: httpx2.AsyncClient) -> None:
        await ask_for(api)
        await create_product(api, "A", category="Kitchen > Mugs", attributes=[{"name": "Material", "value": "x"}])
        await create_product(api, "B", category="Kitchen", attributes=[{"name": "Material", "value": "x"}])
        await create_product(api, "C")
        answer = (await api.get("/api/v1/products?missing=required")).json()
        assert [item["sku"] for item in answer["items"]] == ["A"]
