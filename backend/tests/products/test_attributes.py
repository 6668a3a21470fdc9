"""Typed attributes: what is taken, what is refused, and the facts that become of them."""

from typing import Any

import httpx2
import pytest

from app.facts.merge import SourcedFact, merge_facts
from app.products.merchant_facts import merchant_facts
from app.products.models import Product
from backend.tests.support.backend import Backend, assert_problem, create_product, enrich, run_with_status
from shared.models.facts import Fact, Source


def product_with(*attributes: dict[str, Any], **fields: Any) -> Product:
    return Product(sku="A", name="A", attributes=list(attributes), options=[], **fields)


def facts_of(*attributes: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(fact.name, fact.value, fact.unit) for fact in merchant_facts(product_with(*attributes))[1:]]


class TestTypes:
    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ({"value": "Sea blue"}, {"type": "text", "value": "Sea blue", "unit": None}),
            ({"value": 12}, {"type": "number", "value": "12", "unit": None}),
            ({"value": 0.1, "unit": " kg "}, {"type": "number", "value": "0.1", "unit": "kg"}),
            ({"value": 1e21}, {"type": "number", "value": "1000000000000000000000", "unit": None}),
            ({"value": -0.5}, {"type": "number", "value": "-0.5", "unit": None}),
            ({"value": "12.50", "type": "number"}, {"type": "number", "value": "12.50", "unit": None}),
            ({"value": True}, {"type": "boolean", "value": True, "unit": None}),
            ({"value": ["S", " M "]}, {"type": "list", "value": ["S", "M"], "unit": None}),
            ({"value": "330", "unit": "ml"}, {"type": "text", "value": "330", "unit": "ml"}),
        ],
    )
    async def test_the_value_tells_its_type(
        self, api: httpx2.AsyncClient, sent: dict[str, Any], stored: dict[str, Any]
    ) -> None:
        product = await create_product(api, attributes=[{"name": "a", **sent}])
        assert product["attributes"] == [{"name": "a", **stored}]
        assert (await api.get(f"/api/v1/products/{product['id']}")).json()["attributes"] == product["attributes"]

    @pytest.mark.parametrize(
        "sent",
        [
            {"type": "number", "value": "1,5"},
            {"type": "number", "value": "١٢"},
            {"type": "number", "value": "1e5"},
            {"type": "number", "value": True},
            {"type": "number", "value": "1" * 31},
            {"type": "number", "value": 1e300},
            {"type": "boolean", "value": "true"},
            {"type": "boolean", "value": 1},
            {"type": "boolean", "value": True, "unit": "kg"},
            {"type": "list", "value": "a"},
            {"type": "list", "value": []},
            {"type": "list", "value": ["a"] * 101},
            {"type": "list", "value": [1]},
            {"type": "text", "value": ["a"]},
            {"type": "colour", "value": "a"},
            {"value": None},
            {"value": {"a": 1}},
            {"value": "  "},
        ],
    )
    async def test_what_does_not_fit_is_refused(self, api: httpx2.AsyncClient, sent: dict[str, Any]) -> None:
        body = {"sku": "A", "name": "A", "attributes": [{"name": "a", **sent}]}
        problem = assert_problem(await api.post("/api/v1/products", json=body), 422, "invalid-request")
        assert all(error["pointer"].startswith("#/attributes/0") for error in problem["errors"])

    async def test_numbers_that_json_cannot_say(self, api: httpx2.AsyncClient) -> None:
        for value in (b"NaN", b"Infinity", b"1e999", b"9" * 5000):
            body = b'{"sku": "A", "name": "A", "attributes": [{"name": "a", "value": ' + value + b"}]}"
            answer = await api.post("/api/v1/products", content=body, headers={"Content-Type": "application/json"})
            assert_problem(answer, 422, "invalid-request")

    async def test_a_name_is_used_once(self, api: httpx2.AsyncClient) -> None:
        attributes = [{"name": "Größe", "value": "M"}, {"name": "grösse", "value": "L"}]
        answer = await api.post("/api/v1/products", json={"sku": "A", "name": "A", "attributes": attributes})
        problem = assert_problem(answer, 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "#/attributes"
        assert "list" in problem["errors"][0]["detail"]
        product = await create_product(api, attributes=attributes[:1])
        answer = await api.patch(
            f"/api/v1/products/{product['id']}", json={"attributes": attributes}, headers={"If-Match": "*"}
        )
        assert_problem(answer, 422, "invalid-request")


class TestMerchantFacts:
    def test_each_type_as_the_check_reads_it(self) -> None:
        assert facts_of(
            {"name": "Height", "type": "number", "value": "8.5", "unit": "cm"},
            {"name": "Dishwasher safe", "type": "boolean", "value": True},
            {"name": "BPA", "type": "boolean", "value": False},
            {"name": "Material", "type": "list", "value": ["steel", "wood"]},
            {"name": "Colour", "value": "blue"},
        ) == [
            ("Height", "8.5", "cm"),
            ("Dishwasher safe", "yes", None),
            ("BPA", "no", None),
            ("Material", "steel, wood", None),
            ("Colour", "blue", None),
        ]

    def test_a_list_agrees_with_a_page_that_names_one_of_it(self) -> None:
        own = merchant_facts(product_with({"name": "Material", "type": "list", "value": ["steel", "wood"]}))
        page = Fact.create(
            name="material", value="wood", source=Source(kind="web", ref="https://a.example/", quote="wood")
        )
        merged = merge_facts([SourcedFact(fact) for fact in [*own, page]])
        assert merged.conflicts == []

    def test_a_very_long_list_fits_into_facts(self) -> None:
        values = [f"{number:04}" + "x" * 1900 for number in range(100)]
        found = facts_of({"name": "Notes", "type": "list", "value": values})
        assert ", ".join(value for _, value, _ in found) == ", ".join(values)
        assert all(len(value) <= 10_000 for _, value, _ in found)

    def test_the_options_of_a_variant_are_facts(self) -> None:
        product = Product(sku="A", name="A", attributes=[], options=[{"name": "Size", "value": "M"}])
        fact = merchant_facts(product)[-1]
        assert (fact.name, fact.value, fact.source.ref) == ("Size", "M", "options.Size")

    async def test_they_are_what_a_run_writes_from(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(
            api,
            attributes=[{"name": "Weight", "value": 1.5, "unit": "kg"}, {"name": "Vegan", "value": True}],
        )
        run = await enrich(api, product["id"])
        await run_with_status(api, run["id"])
        facts = (await api.get(f"/api/v1/products/{product['id']}/facts")).json()
        rows = facts["items"] if isinstance(facts, dict) else facts
        assert {("1.5", "kg"), ("yes", None)} <= {(fact["value"], fact["unit"]) for fact in rows}
