"""Search over HTTP: words by their beginnings, SKU and GTIN by any part."""

from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product


async def found(api: httpx2.AsyncClient, search: str, **query: Any) -> set[str]:
    answer = await api.get("/api/v1/products", params={"search": search, **query})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    return {item["sku"] for item in page["items"]}


class TestSearch:
    async def shop(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "AB-12/3", name="Enamelled mug", brand="Brunnhof", tags=["winter sale"])
        await create_product(api, "LAMP_7", name="Lámpara de pie", brand="Casa Ñandú", category="Hogar > Lámparas")
        await create_product(api, "X", name="Oil", gtin="2004100330171", keywords=["cold pressed"])
        await create_product(api, "T", name="T-shirt, men's; size M")

    @pytest.mark.parametrize(
        ("search", "expected"),
        [
            ("mug", {"AB-12/3"}), ("MU", {"AB-12/3"}), ("ug", set()), ("enamelled mu", {"AB-12/3"}),
            ("mug enamelled", {"AB-12/3"}), ("mug lamp", set()), ("brunn", {"AB-12/3"}), ("sale", {"AB-12/3"}),
            ("winter-sale", {"AB-12/3"}), ("lampara", {"LAMP_7"}), ("LÁMPARA", {"LAMP_7"}), ("la\u0301mp", {"LAMP_7"}),
            ("nandu", {"LAMP_7"}), ("hogar", {"LAMP_7"}), ("pressed", {"X"}), ("cold-pressed", {"X"}),
            ("12/3", {"AB-12/3"}), ("123", {"AB-12/3"}), ("B-1", {"AB-12/3"}), ("b12", {"AB-12/3"}),
            ("ab 12", {"AB-12/3"}), ("mug 12", {"AB-12/3"}), ("p_7", {"LAMP_7"}), ("lamp7", {"LAMP_7"}),
            ("2004100330171", {"X"}), ("330", {"X"}), ("171", {"X"}), ("02004100330171", {"X"}), ("999", set()),
            ("t-shirt", {"T"}), ("shirt", {"T"}), ("men's", {"T"}), ("x", {"X"}), ("m", {"AB-12/3", "T", "LAMP_7"}),
            ("b", {"AB-12/3"}), ("", {"AB-12/3", "LAMP_7", "X", "T"}), ("   ", {"AB-12/3", "LAMP_7", "X", "T"}),
            ("-", set()), ("%", set()), ("'", set()), ("\\", set()), ("mug -", {"AB-12/3"}), ("':* | 'x':*", {"X"}),
            ("mug & !lamp", set()),
            ("日本", set()), ("🫖", set()), ("x" * 200, set()), ("a " * 100, {"AB-12/3", "LAMP_7"}),
        ],
    )  # fmt: skip
    async def test_what_is_found(self, api: httpx2.AsyncClient, search: str, expected: set[str]) -> None:
        await self.shop(api)
        assert await found(api, search) == expected

    async def test_other_scripts_are_words(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", name="Чашка эмалированная 🫖")
        assert await found(api, "ЧАШ") == {"A"}
        assert await found(api, "🫖") == {"A"}

    async def test_long_words_and_codes(self, api: httpx2.AsyncClient) -> None:
        long_word, long_sku = "w" * 300, "0123456789" * 20
        await create_product(api, long_sku, name=long_word)
        assert await found(api, "w" * 200) == {long_sku}
        assert await found(api, long_sku[100:190]) == {long_sku}

    async def test_the_largest_product_fits(self, api: httpx2.AsyncClient) -> None:
        words = [f"{number:03}" + "é" * 490 for number in range(100)]
        await create_product(api, "s" * 200, name="n" * 500, keywords=words, tags=[word[:100] for word in words])
        assert await found(api, "099é") == {"s" * 200}

    async def test_it_follows_every_change(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, "A", name="Mug")
        path, headers = f"/api/v1/products/{product['id']}", {"If-Match": "*"}
        await api.patch(path, json={"name": "Lamp", "sku": "B-9"}, headers=headers)
        assert await found(api, "mug") == set()
        assert await found(api, "lamp") == await found(api, "b9") == {"B-9"}
        await api.delete(path, headers=headers)
        assert await found(api, "lamp") == set()
        assert await found(api, "lamp", deleted=True) == {"B-9"}
        assert await found(api, "mug", deleted=True) == set()
        await api.post(f"{path}/restore")
        assert await found(api, "lamp") == {"B-9"}

    async def test_it_follows_statements_over_many_rows(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute(
            "INSERT INTO products (id, sku, name, status, attributes, keywords, languages, version)"
            " SELECT gen_random_uuid(), 'S-' || n, 'Many', 'draft', '[]', '[]', '[\"en\"]', 1"
            " FROM generate_series(1, 30) AS n"
        )
        assert len(await found(api, "many")) == 30
        await backend.execute("UPDATE products SET name = 'Few' WHERE sku LIKE 'S-1%'")
        assert len(await found(api, "few")) == 11

    async def test_a_nul_is_a_422_problem(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get("/api/v1/products?search=a%00b"), 422, "invalid-request")

    async def test_too_much_is_a_422_problem(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get("/api/v1/products", params={"search": "x" * 201}), 422, "invalid-request")

    async def test_what_is_found_everywhere_is_walked_to(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute(
            "INSERT INTO products (id, sku, name, brand, status, attributes, keywords, languages, version)"
            " SELECT gen_random_uuid(), 'S-' || n, 'Many ' || n % 7, 'B' || n % 1000, 'draft', '[]', '[]', '[\"en\"]',"
            " 1 FROM generate_series(1, 10001) AS n"
        )
        page = (await api.get("/api/v1/products?search=many&limit=3&sort=sku")).json()
        assert page["total"] is None
        assert [item["sku"] for item in page["items"]] == ["S-1", "S-10", "S-100"]
        following = (
            await api.get(f"/api/v1/products?search=many&limit=2&sort=sku&cursor={page['next_cursor']}")
        ).json()
        assert [item["sku"] for item in following["items"]] == ["S-1000", "S-10000"]
        assert (await api.get("/api/v1/products?limit=1")).json()["total"] is None
        assert (await api.get("/api/v1/products?limit=1&search=S-77")).json()["total"] == 111
        narrowed = (await api.get("/api/v1/products?search=many&brand=B7&sort=-sku")).json()
        assert narrowed["total"] == 10
        assert narrowed["items"][0]["sku"] == "S-9007"
