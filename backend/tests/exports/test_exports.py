import asyncio
import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from app.exports import parts
from app.media.public_urls import PublicMedia
from backend.tests.exports.support import EXPORTS, add_listing, add_variant, ask, exported, file_of, skus
from backend.tests.support.backend import Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"
PUBLIC = "https://media.shop.example"


@pytest.fixture
def public_media(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with PUBLIC_MEDIA_URL set."""
    public = PublicMedia(PUBLIC, backend.app.state.public_media.key)
    monkeypatch.setattr(backend.app.state.export_sender, "media", public)


class TestScopes:
    async def test_all_products_that_are_not_deleted(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A")
        gone = await create_product(api, "B")
        await api.delete(f"/api/v1/products/{gone['id']}", headers={"If-Match": "*"})
        assert await skus(api) == ["A"]

    async def test_approved_is_the_default(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api, "A")
        await create_product(api, "B")
        await backend.execute("UPDATE products SET status = 'approved' WHERE sku = 'B'")
        export = (await api.post(EXPORTS, json={"format": "generic"})).json()
        assert (export["scope"], export["product_count"]) == ("approved", 1)
        assert await skus(api, scope="approved") == ["B"]

    async def test_named_products_and_a_filter(self, api: httpx2.AsyncClient) -> None:
        first = await create_product(api, "A", brand="Brunnhof")
        await create_product(api, "B")
        assert await skus(api, product_ids=[first["id"], UNKNOWN]) == ["A"]
        assert await skus(api, filter={"brand": ["Brunnhof"]}) == ["A"]
        assert await skus(api, filter={"search": "nothing like it"}) == []

    async def test_products_come_before_their_variants(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        parent = await create_product(api, "P")
        await create_product(api, "Q")
        await add_variant(api, backend, parent, "P-M", "M")
        await add_variant(api, backend, parent, "P-L", "L")
        assert await skus(api) == ["P", "P-M", "P-L", "Q"]


class TestChanged:
    async def test_everything_the_first_time_and_then_what_changed(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        one = await create_product(api, "A")
        two = await create_product(api, "B")
        three = await create_product(api, "C")
        await create_product(api, "D")
        assert await skus(api, scope="changed", name="shop") == ["A", "B", "C", "D"]
        assert await skus(api, scope="changed", name="shop") == []
        await api.patch(f"/api/v1/products/{one['id']}", json={"brand": "New"}, headers={"If-Match": "*"})
        await upload(api, two["id"], image_bytes(size=(40, 40)))
        await add_listing(backend, three)
        assert await skus(api, scope="changed", name="shop") == ["A", "B", "C"]
        assert await skus(api, scope="changed", name="another shop") == ["A", "B", "C", "D"]
        image = (await api.get(f"/api/v1/products/{two['id']}/images")).json()[0]
        await api.delete(f"/api/v1/products/{two['id']}/images/{image['id']}")
        assert await skus(api, scope="changed", name="shop") == ["B"]

    async def test_an_export_that_was_not_fetched_does_not_count(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A")
        assert await skus(api, scope="changed", name="shop") == ["A"]
        await create_product(api, "B")
        first = await ask(api, scope="changed", name="shop")
        second = await ask(api, scope="changed", name="shop")
        assert first["finished_at"] is second["finished_at"] is None
        assert [export["product_count"] for export in (first, second)] == [1, 1]

    async def test_a_file_may_be_fetched_again(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A")
        export = await ask(api, scope="changed", name="shop")
        assert (await file_of(api, export)).content == (await file_of(api, export)).content

    async def test_a_changed_variant_brings_its_family(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        parent = await create_product(api, "P")
        small = await add_variant(api, backend, parent, "P-S", "S")
        await add_variant(api, backend, parent, "P-M", "M")
        await create_product(api, "Q")
        await skus(api, scope="changed", name="shop")
        await api.patch(f"/api/v1/products/{small['id']}", json={"brand": "New"}, headers={"If-Match": "*"})
        assert await skus(api, scope="changed", name="shop") == ["P", "P-S", "P-M"]
        await api.delete(f"/api/v1/products/{small['id']}", headers={"If-Match": "*"})
        assert await skus(api, scope="changed", name="shop") == ["P", "P-M"]

    @pytest.mark.parametrize("savepoint", [False, True])
    async def test_what_was_under_way_during_an_export_comes_with_the_next(
        self, api: httpx2.AsyncClient, backend: Backend, savepoint: bool
    ) -> None:
        """Written before the export looked, committed after it was sent: its time alone would lose it."""
        await create_product(api, "A")
        await create_product(api, "B")
        async with backend.sessions() as session:
            update = text("UPDATE products SET brand = 'late' WHERE sku = 'A'")
            if savepoint:
                async with session.begin_nested():
                    await session.execute(update)
            else:
                await session.execute(update)
            assert await skus(api, scope="changed", name="shop") == ["A", "B"]
            assert await skus(api, scope="changed", name="shop") == []
            await session.commit()
        assert await skus(api, scope="changed", name="shop") == ["A"]

    async def test_without_a_log_of_that_time_everything_comes(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api, "A")
        await skus(api, scope="changed", name="shop")
        await backend.execute("SELECT audit_prune(now() + interval '1 day')")
        assert await skus(api, scope="changed", name="shop") == ["A"]


class TestFile:
    async def test_the_record_tells_what_was_sent(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A")
        export = await ask(api, name="Spring – Shop „ü“")
        assert export["sha256"] is None
        answer = await file_of(api, export)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith('attachment; filename="spring-shop-u-en-20')
        assert disposition.endswith('.csv"')
        assert answer.headers["x-content-type-options"] == "nosniff"
        record = (await api.get(f"{EXPORTS}/{export['id']}")).json()
        assert record["finished_at"]
        assert record["sha256"] == hashlib.sha256(answer.content).hexdigest()
        assert record["size_bytes"] == len(answer.content)
        assert (record["rows"], record["products"], record["skipped"]) == (1, 1, 0)

    async def test_a_client_that_leaves_finishes_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute(
            "INSERT INTO products (id, sku, name, status, attributes, keywords, languages, version)"
            " SELECT gen_random_uuid(), 'S-' || n, repeat('x', 400), 'draft', '[]', '[]', '[\"en\"]', 1"
            " FROM generate_series(1, 12000) AS n"
        )
        export = await ask(api)
        async with api.stream("GET", f"{EXPORTS}/{export['id']}/file") as answer:
            async for _ in answer.aiter_bytes():
                break
        sender = backend.app.state.export_sender
        async with asyncio.timeout(30):
            while sender.under_way:
                await asyncio.sleep(0.02)
        assert (await api.get(f"{EXPORTS}/{export['id']}")).json()["finished_at"] is None

    async def test_it_is_one_moment_of_the_catalogue(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute(
            "INSERT INTO products (id, sku, name, status, attributes, keywords, languages, version)"
            " SELECT gen_random_uuid(), 'S-' || n, repeat('x', 400), 'draft', '[]', '[]', '[\"en\"]', 1"
            " FROM generate_series(1, 8000) AS n"
        )
        export = await ask(api)
        content = b""
        async with api.stream("GET", f"{EXPORTS}/{export['id']}/file") as answer:
            async for chunk in answer.aiter_bytes():
                if not content:
                    # The one that comes last.
                    await backend.execute(
                        "UPDATE products SET name = 'changed meanwhile'"
                        " WHERE id = (SELECT id FROM products ORDER BY id DESC LIMIT 1)"
                    )
                content += chunk
        assert content.count(b"\n") == 8_001
        assert b"changed meanwhile" not in content

    async def test_more_than_a_few_at_once_are_refused(
        self, api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = await ask(api)
        monkeypatch.setattr(backend.app.state.export_sender, "under_way", 4)
        answer = await api.get(f"{EXPORTS}/{export['id']}/file")
        assert_problem(answer, 503, "exports-busy")
        assert answer.headers["retry-after"] == "10"

    async def test_a_file_too_large_for_shopify_is_an_archive_of_parts(
        self, api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(parts, "MAX_PART_BYTES", 6000)
        for number in range(30):
            await create_product(api, f"A-{number:02}", name="x" * 100)
        parent = await create_product(api, "P")
        for size in ("S", "M", "L"):
            await add_variant(api, backend, parent, f"P-{size}", size)
        export = await ask(api, format="shopify")
        answer = await file_of(api, export)
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].endswith('.zip"')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            files = [archive.read(name).decode() for name in archive.namelist()]
            assert len(files) > 1
            assert all(len(text.encode()) <= 6000 for text in files)
        tables = [list(csv.DictReader(io.StringIO(text, newline=""))) for text in files]
        found = [row["SKU"] for table in tables for row in table]
        assert found == [*(f"A-{number:02}" for number in range(30)), "P-S", "P-M", "P-L"]
        assert all(table[0]["Title"] for table in tables)

    @pytest.mark.parametrize(
        ("kind", "media_type", "ending"),
        [
            ("shopify", "text/csv", "csv"),
            ("woocommerce", "text/csv", "csv"),
            ("google", "text/tab-separated-values", "tsv"),
            ("google-xml", "application/xml", "xml"),
            ("generic", "text/csv", "csv"),
            ("json", "application/json", "json"),
            ("json-lines", "application/x-ndjson", "jsonl"),
        ],
    )
    async def test_each_format_also_without_any_product(
        self, api: httpx2.AsyncClient, kind: str, media_type: str, ending: str
    ) -> None:
        answer = await file_of(api, await ask(api, format=kind))
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.headers["content-disposition"].endswith(f'.{ending}"')
        if kind == "json":
            assert answer.json() == []


class TestContent:
    async def test_all_that_a_product_has(self, api: httpx2.AsyncClient, backend: Backend, public_media: None) -> None:
        product = await create_product(
            api, "A", brand="Brunnhof", category="Kitchen > Mugs", gtin="2004100330171", keywords=["mug", "a|b"],
            price={"amount": "12.9", "currency": "EUR"}, languages=["en", "es"], source_urls=["https://a.example/mug"],
            attributes=[{"name": "Colour", "value": "Sea; blue"}, {"name": "Height", "value": 8.5, "unit": "cm"}],
        )  # fmt: skip
        await upload(api, product["id"], image_bytes(size=(300, 300)))
        await add_listing(backend, product)
        (row,) = await exported(api)
        assert row["price"] == "12.90"
        assert row["attributes"] == "Colour=Sea\\; blue; Height:number(cm)=8.5"
        assert row["keywords"] == "mug | a\\|b"
        assert row["title"] == "Enamel mug, sea blue"
        assert row["bullets"] == "Holds 330 ml | Dishwasher-safe"
        assert row["ai_written"] == "yes"
        assert row["images"].startswith(f"{PUBLIC}/public-media/")
        assert row["source_urls"] == "https://a.example/mug"
        (item,) = json.loads((await file_of(api, await ask(api, format="json"))).content)
        assert item["texts"]["en"]["description"].startswith("A mug")
        assert item["attributes"][1] == {"name": "Height", "type": "number", "value": "8.5", "unit": "cm"}

    async def test_drafts_are_left_out_unless_asked_for(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_listing(backend, await create_product(api, "A"), status="needs_review")
        assert [row["title"] for row in await exported(api)] == [""]
        assert [row["title"] for row in await exported(api, options={"texts": "newest"})] == ["Enamel mug, sea blue"]

    async def test_google_gets_ai_texts_marked_and_no_plain_ones(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_listing(backend, await create_product(api, "A"), title='A "mug", blue: good')
        (row,) = await exported(api, format="google")
        assert row["structured_title"] == 'trained_algorithmic_media:"A ""mug"", blue: good"'
        assert row["structured_description"].startswith('trained_algorithmic_media:"A mug')
        assert (row["title"], row["description"]) == ("", "")
        assert row["product_highlight"] == "Holds 330 ml,Dishwasher-safe"

    @pytest.mark.parametrize(
        ("title", "marked"),
        [("Enamel mug, sea blue", True), ("A drinking vessel for hikers", False)],
    )
    async def test_a_persons_correction_of_an_ai_text_stays_marked(
        self, api: httpx2.AsyncClient, backend: Backend, title: str, marked: bool
    ) -> None:
        product = await create_product(api, "A")
        await add_listing(backend, product, status="superseded")
        await add_listing(
            backend,
            product,
            author_kind="human",
            version=2,
            title=title,
            description="Made anew by a person.",
            bullets=[],
        )
        (row,) = await exported(api, format="google")
        assert bool(row["structured_title"]) is marked
        assert bool(row["title"]) is not marked

    async def test_columns_of_the_shops_own_come_back(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api, "A")
        extra = {
            "shopify": {
                "URL handle": "old-handle",
                "Status": "Archived",
                "Material (product.metafields.custom.x)": "=1",
            }
        }
        await backend.execute(
            "UPDATE products SET extra = CAST(:extra AS jsonb) WHERE id = :id",
            extra=json.dumps(extra),
            id=product["id"],
        )
        (row,) = await exported(api, format="shopify")
        assert (row["URL handle"], row["Status"]) == ("old-handle", "Archived")
        assert row["Material (product.metafields.custom.x)"] == "=1"
        (row,) = await exported(api, format="shopify", options={"legacy_header": True})
        assert (row["Handle"], row["Status"]) == ("old-handle", "Archived")

    async def test_formulas_are_marked(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", name="=cmd|' /C calc'!A0", brand="-20 % brand")
        (row,) = await exported(api)
        assert (row["name"], row["brand"]) == ("'=cmd|' /C calc'!A0", "'-20 % brand")
        (row,) = await exported(api, options={"formula_guard": False})
        assert row["brand"] == "-20 % brand"
        (row,) = await exported(api, format="shopify")
        assert (row["Title"], row["Vendor"]) == ("'=cmd|' /C calc'!A0", "-20 % brand")


class TestRecords:
    async def test_newest_first_page_by_page_and_deleted(self, api: httpx2.AsyncClient) -> None:
        made = [(await ask(api, name=f"shop {number}"))["id"] for number in range(3)]
        page = (await api.get(EXPORTS, params={"limit": 2})).json()
        rest = (await api.get(EXPORTS, params={"limit": 2, "cursor": page["next_cursor"]})).json()
        assert [export["id"] for export in page["items"] + rest["items"]] == made[::-1]
        assert (await api.delete(f"{EXPORTS}/{made[0]}")).status_code == 204
        for path in (f"{EXPORTS}/{made[0]}", f"{EXPORTS}/{made[0]}/file"):
            assert_problem(await api.get(path), 404, "export-not-found")
        assert_problem(await api.delete(f"{EXPORTS}/{made[0]}"), 404, "export-not-found")

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "amazon"},
            {"language": "English"},
            {"scope": "some"},
            {"name": ""},
            {"name": "a\u0000"},
            {"filter": {}, "product_ids": [UNKNOWN]},
            {"filter": {"deleted": True}},
            {"product_ids": []},
            {"options": {"currency": "eur"}},
            {"options": {"product_url_template": "javascript:alert(1)"}},
            {"options": {"product_url_template": "https://shop.example/"}},
            {"more": 1},
        ],
    )
    async def test_what_is_not_valid_is_refused(self, api: httpx2.AsyncClient, change: dict[str, Any]) -> None:
        answer = await api.post(EXPORTS, json={"format": "generic", **change})
        assert_problem(answer, 422, "invalid-request")

    @pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJub25lIl0"])
    async def test_a_cursor_of_ones_own_is_refused(self, api: httpx2.AsyncClient, cursor: str) -> None:
        assert (await api.get(EXPORTS, params={"cursor": cursor})).status_code == 422
        answer = await api.post(f"{EXPORTS}/preflight", json={"format": "generic"}, params={"cursor": cursor})
        assert answer.status_code == 422

    async def test_nobody_gets_a_file_without_signing_in(
        self, anonymous: httpx2.AsyncClient, api: httpx2.AsyncClient
    ) -> None:
        export = await ask(api)
        assert_problem(await anonymous.get(f"{EXPORTS}/{export['id']}/file"), 401, "not-signed-in")
