"""Files into the catalogue, through the API and the real worker: what changes, what stays, what is refused."""

import csv
import io
from typing import Any

import httpx2
import pytest

from backend.tests.imports.support import (
    counts,
    ended,
    imported,
    job_of,
    problems,
    product,
    queued_by_hand,
    send,
    started,
    uploaded,
)  # fmt: skip
from backend.tests.support.backend import Backend, assert_problem, create_product

HEADER = "sku,name,brand,price,currency,gtin,tags,Colour,source_urls,description\n"
MUG = 'A1,Mug,Nordwald,12.90,EUR,4006381333931,camping | kitchen,red,https://shop.example/a1,"Of steel, enamelled."\n'
UNKNOWN = "/api/v1/imports/00000000-0000-7000-8000-000000000000"
BOWL = "A2,Bowl,Nordwald,8.00,EUR,,,blue,,A bowl for soup.\n"


def file_of(count: int) -> str:
    return "sku,name,price,currency\n" + "".join(f"S{n:05d},Mug {n},{n}.50,EUR\n" for n in range(count))


class TestCreateAndUpdate:
    async def test_products_with_their_pages_and_texts(self, api: httpx2.AsyncClient) -> None:
        state = await imported(api, HEADER + MUG + BOWL)
        assert (state["status"], counts(state), state["rows_read"]) == ("succeeded", {"created": 2}, 2)
        assert state["started_at"] <= state["finished_at"]
        mug = await product(api, "A1")
        mug = (await api.get(f"/api/v1/products/{mug['id']}")).json()
        assert (mug["name"], mug["brand"], mug["gtin"], mug["version"]) == ("Mug", "Nordwald", "4006381333931", 1)
        assert (mug["price"], mug["tags"]) == ({"amount": "12.90", "currency": "EUR"}, ["camping", "kitchen"])
        assert [(each["name"], each["value"]) for each in mug["attributes"]] == [("Colour", "red")]
        pages = (await api.get(f"/api/v1/products/{mug['id']}/sources")).json()
        assert [page["url"] for page in pages] == ["https://shop.example/a1"]
        listings = (await api.get(f"/api/v1/products/{mug['id']}/listings")).json()
        assert listings[0]["content"]["description"] == "Of steel, enamelled."
        assert listings[0]["status"] == "needs_review"

    async def test_the_same_file_again_changes_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        content = HEADER + MUG + BOWL
        await imported(api, content)
        before = await backend.execute("SELECT * FROM products ORDER BY sku")
        state = await imported(api, content)
        assert counts(state) == {"unchanged": 2}
        assert await backend.execute("SELECT * FROM products ORDER BY sku") == before
        assert await backend.execute("SELECT count(*) FROM listings") == [(2,)]

    async def test_only_what_the_file_speaks_of_changes(self, api: httpx2.AsyncClient) -> None:
        created = await create_product(
            api, "A1", brand="Nordwald", keywords=["mug"],
            attributes=[{"name": "colour", "value": "red"}, {"name": "Volume", "value": 300, "unit": "ml"}],
        )  # fmt: skip
        state = await imported(api, "sku,Colour,Material\nA1,green,steel\n")
        assert counts(state) == {"updated": 1}
        after = (await api.get(f"/api/v1/products/{created['id']}")).json()
        assert after["version"] == created["version"] + 1
        values = {each["name"]: each["value"] for each in after["attributes"]}
        assert values == {"Colour": "green", "Volume": "300", "Material": "steel"}
        assert (after["brand"], after["name"], after["keywords"]) == ("Nordwald", "Enamel mug", ["mug"])

    async def test_attributes_can_be_replaced(self, api: httpx2.AsyncClient) -> None:
        created = await create_product(api, "A1", attributes=[{"name": "Volume", "value": 300}])
        await imported(api, "sku,Colour\nA1,green\n", replace_attributes=True)
        after = (await api.get(f"/api/v1/products/{created['id']}")).json()
        assert [each["name"] for each in after["attributes"]] == ["Colour"]

    async def test_an_editor_who_has_it_open_is_told(self, api: httpx2.AsyncClient) -> None:
        created = await create_product(api, "A1")
        await imported(api, "sku,name\nA1,Other\n")
        answer = await api.patch(
            f"/api/v1/products/{created['id']}", json={"name": "Mine"}, headers={"If-Match": f'"{created["version"]}"'}
        )
        assert_problem(answer, 412, "precondition-failed")

    async def test_a_text_that_changed_alone_counts_as_an_update(self, api: httpx2.AsyncClient) -> None:
        await imported(api, "sku,name,description\nA1,Mug,Old\nA2,Bowl,Old\n")
        assert counts(await imported(api, "sku,name,description\nA1,Mug,New\nA2,Bowl,Old\n")) == {
            "updated": 1, "unchanged": 1,
        }  # fmt: skip

    async def test_a_deleted_product_is_created_anew(self, api: httpx2.AsyncClient) -> None:
        created = await create_product(api, "A1")
        await api.delete(f"/api/v1/products/{created['id']}", headers={"If-Match": f'"{created["version"]}"'})
        assert counts(await imported(api, "sku,name\nA1,Mug\n")) == {"created": 1}
        assert (await product(api, "A1"))["id"] != created["id"]

    @pytest.mark.parametrize(
        ("mode", "expected"),
        [("create_only", {"created": 1, "skipped": 1}), ("update_only", {"updated": 1, "skipped": 1})],
    )
    async def test_modes(self, api: httpx2.AsyncClient, mode: str, expected: dict[str, int]) -> None:
        await create_product(api, "A1")
        assert counts(await imported(api, "sku,name\nA1,Other\nA2,Bowl\n", mode=mode)) == expected

    async def test_a_trial_counts_and_writes_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api, "A1")
        preview = await uploaded(api, "sku,name,description\nA1,Other,x\nA2,Bowl,y\nA3,,\n")
        tried = await started(api, preview["id"], dry_run=True)
        assert (await product(api, "A1"))["name"] == "Enamel mug"
        assert await backend.execute("SELECT count(*) FROM products") == [(1,)]
        done = await started(api, preview["id"])
        assert counts(tried) == counts(done) == {"created": 1, "updated": 1, "failed": 1}

    async def test_photos_are_downloaded_unless_told_otherwise(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        content = "sku,name,images\nA1,Mug,https://127.0.0.1:1/a.jpg | https://127.0.0.1:1/b.jpg\n"
        assert counts(await imported(api, content, fetch_images=False)) == {"created": 1}
        assert await backend.execute("SELECT 1 FROM image_downloads") == []
        assert counts(await imported(api, content, fetch_images=True)) == {"updated": 1}
        assert len(await backend.execute("SELECT 1 FROM image_downloads")) == 2

    async def test_columns_without_a_field_are_kept(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        content = "Handle,Title,Body (HTML),Variant SKU,Variant Price,Template Suffix\nmug,Mug,x,M-1,1.00,gift\n"
        preview = await uploaded(api, content, currency="EUR")
        await started(api, preview["id"])
        [(extra,)] = await backend.execute("SELECT extra FROM products")
        assert "gift" in extra["shopify-legacy"].values()


class TestRowsThatFail:
    async def test_good_rows_are_kept_and_bad_ones_are_told(self, api: httpx2.AsyncClient) -> None:
        content = (
            "sku,name,price,currency,gtin\n"
            "A1,Mug,12.90,EUR,\nA2,Bowl,cheap,EUR,\n,Nameless,1,EUR,\nA4,,,,\nA5,Jar,1,EUR,4006381333932\n"
            "A1,Again,1,EUR,\nA7,Pot,1,EUR,,surplus\nA8,Pan,1,EUR,\n"
        )
        state = await imported(api, content)
        assert (state["status"], counts(state)) == ("partial", {"created": 2, "failed": 6})
        found = {each["line"]: each["problems"][0] for each in await problems(api, state["id"])}
        assert list(found) == [3, 4, 5, 6, 7, 8]
        assert [found[line]["column"] for line in (3, 4, 5, 6)] == ["price", "sku", "name", "gtin"]
        assert found[7]["code"] == "duplicate-sku"
        assert "row 2" in found[7]["message"]

    async def test_their_file_can_be_mended_and_sent_again(self, api: httpx2.AsyncClient) -> None:
        content = 'sku;name;price;currency;note\nA1;Mug;x;EUR;"a; ""b""\nc"\nA2;Bowl;1;EUR;\nA3;Größe;y;EUR;=1+1\n'
        state = await imported(api, content.encode("cp1252"), "März.csv")
        answer = await api.get(f"/api/v1/imports/{state['id']}/errors.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "M%C3%A4rz-errors.csv" in answer.headers["content-disposition"]
        assert answer.content.startswith(b"\xef\xbb\xbf")
        header, first, second = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";")
        assert header == ["import_error_line", "import_error", "sku", "name", "price", "currency", "note"]
        assert (first[0], first[2:]) == ("2", ["A1", "Mug", "x", "EUR", 'a; "b"\nc'])
        assert first[1].startswith("price: ")
        assert (second[0], second[2:]) == ("4", ["A3", "Größe", "y", "EUR", "=1+1"])
        mended = answer.content.replace(b";x;", b";2;").replace(b";y;", b";3;")
        again = await imported(api, mended, "mended.csv")
        assert (again["status"], counts(again)) == ("succeeded", {"created": 2})
        assert (await product(api, "A3"))["name"] == "Größe"

    async def test_all_rows_of_a_product_of_several_rows(self, api: httpx2.AsyncClient) -> None:
        content = (
            "Handle,Title,Body (HTML),Variant SKU,Variant Price,Image Src\n"
            "mug,Mug,x,M-1,nothing,https://x.example/1.jpg\nmug,,,,,https://x.example/2.jpg\n"
            "jar,Jar,x,J-1,1.00,https://x.example/3.jpg\n"
        )
        preview = await uploaded(api, content, currency="EUR")
        state = await started(api, preview["id"])
        assert counts(state) == {"created": 1, "failed": 1}
        lines = (await api.get(f"/api/v1/imports/{state['id']}/errors.csv")).text.splitlines()
        assert [line.partition(",")[0] for line in lines[1:]] == ["2", "3"]

    async def test_what_is_damaged_in_the_file_can_still_be_downloaded(self, api: httpx2.AsyncClient) -> None:
        content = "sku;name\nA0;Größe\nA1;".encode() + b'Caf\xe9\nA2;"open\nA3;Bowl\nA4;a;b;c\n'
        state = await imported(api, content)
        assert counts(state) == {"created": 2, "failed": 3}
        text = (await api.get(f"/api/v1/imports/{state['id']}/errors.csv")).content.decode("utf-8-sig")
        assert [line.partition(";")[0] for line in text.splitlines()[1:]] == ["3", "4", "6"]
        assert "Caf\ufffd" in text

    async def test_many_are_paged_and_streamed(self, api: httpx2.AsyncClient) -> None:
        content = "sku,name,price,currency\n" + "".join(f"A{n},Mug,{'x' if n % 2 else 1},EUR\n" for n in range(3_000))
        state = await imported(api, content)
        assert counts(state) == {"created": 1_500, "failed": 1_500}
        page = (await api.get(f"/api/v1/imports/{state['id']}/errors", params={"limit": 3})).json()
        assert ([item["line"] for item in page["items"]], page["total"]) == ([3, 5, 7], 1_500)
        following = await api.get(
            f"/api/v1/imports/{state['id']}/errors", params={"limit": 1, "cursor": page["next_cursor"]}
        )
        assert following.json()["items"][0]["line"] == 9
        lines = (await api.get(f"/api/v1/imports/{state['id']}/errors.csv")).text.splitlines()
        assert [line.partition(",")[0] for line in lines[1:]] == [str(n + 2) for n in range(3_000) if n % 2]
        bad = await api.get(f"/api/v1/imports/{state['id']}/errors", params={"cursor": "WyJ4IiwgInkiXQ"})
        assert_problem(bad, 422, "invalid-cursor")

    async def test_formulas_are_data(self, api: httpx2.AsyncClient) -> None:
        await imported(api, "sku,name\nA1,\"=cmd|' /C calc'!A0\"\nA2,@SUM(1)\n")
        assert (await product(api, "A1"))["name"] == "=cmd|' /C calc'!A0"

    async def test_more_rows_than_are_taken(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        arguments = await queued_by_hand(api, backend, file_of(30))
        await job_of(backend, max_rows=10).execute(arguments)
        state = await ended(api, arguments["import_id"])
        assert (state["status"], state["problem"]["type"]) == ("failed", "/problems/table-unreadable")


class TestVariants:
    FILE = (
        "sku,name,parent_sku,option_names,options\n"
        "T-S,Shirt S,T,,Size=S\nT,Shirt,,Size,\nT-M,Shirt M,T,,size=M\n"
        "T-X,Shirt X,nowhere,,Size=X\nT-D,Twice,T,,Size=M\n"
    )

    async def test_parents_may_come_later_and_rules_hold(self, api: httpx2.AsyncClient) -> None:
        state = await imported(api, self.FILE)
        assert counts(state) == {"created": 5, "warned": 2}
        parent = await product(api, "T")
        placed = {sku: (await self.read(api, sku)) for sku in ("T-S", "T-M", "T-X", "T-D")}
        assert {sku: each["parent_id"] for sku, each in placed.items()} == {
            "T-S": parent["id"], "T-M": parent["id"], "T-X": None, "T-D": None,
        }  # fmt: skip
        assert placed["T-M"]["options"] == [{"name": "Size", "value": "M"}]
        found = {each["line"]: each for each in await problems(api, state["id"])}
        assert [(line, each["kept"], each["problems"][0]["code"]) for line, each in found.items()] == [
            (5, True, "parent-unknown"), (6, True, "variant-invalid"),
        ]  # fmt: skip
        assert (await self.read(api, "T-S"))["version"] <= 2

    async def test_again_nothing_changes(self, api: httpx2.AsyncClient) -> None:
        await imported(api, self.FILE)
        assert counts(await imported(api, self.FILE)) == {"unchanged": 5, "warned": 2}

    async def test_a_parent_in_an_earlier_chunk_or_a_later_one(self, api: httpx2.AsyncClient) -> None:
        rows = [f"V{n},Shirt {n},P{n % 2},,Size={n}" for n in range(1_200)]
        content = "sku,name,parent_sku,option_names,options\nP0,First,,Size,\n" + "\n".join(rows) + "\nP1,Last,,Size,\n"
        state = await imported(api, content)
        assert counts(state) == {"created": 1_202}
        for sku in ("P0", "P1"):
            answer = await api.get(f"/api/v1/products/{(await product(api, sku))['id']}/variants")
            assert len(answer.json()) == 600

    async def read(self, api: httpx2.AsyncClient, sku: str) -> dict[str, Any]:
        found: dict[str, Any] = (await api.get(f"/api/v1/products/{(await product(api, sku))['id']}")).json()
        return found


class TestStates:
    async def test_two_imports_are_done_one_after_the_other(self, api: httpx2.AsyncClient) -> None:
        ids = [(await uploaded(api, file_of(1_500)))["id"] for _ in range(2)]
        for import_id in ids:
            assert (await api.post(f"/api/v1/imports/{import_id}/start")).status_code == 202
        first, second = [await ended(api, import_id) for import_id in ids]
        assert (counts(first), counts(second)) == ({"created": 1_500}, {"unchanged": 1_500})
        assert first["finished_at"] <= second["started_at"]

    async def test_cancelled_before_and_while_it_runs(self, api: httpx2.AsyncClient) -> None:
        ids = [(await uploaded(api, file_of(4_000)))["id"] for _ in range(2)]
        for import_id in ids:
            await api.post(f"/api/v1/imports/{import_id}/start")
        for import_id in reversed(ids):
            assert (await api.post(f"/api/v1/imports/{import_id}/cancel")).status_code == 202
        states = [await ended(api, import_id) for import_id in ids]
        assert [state["status"] for state in states] == ["cancelled", "cancelled"]
        assert states[0]["created"] < 4_000
        assert_problem(await api.post(f"/api/v1/imports/{ids[0]}/cancel"), 409, "import-not-under-way")
        again = await started(api, ids[0])
        assert again["created"] + again["unchanged"] == 4_000

    async def test_what_is_under_way_cannot_be_changed(self, api: httpx2.AsyncClient) -> None:
        import_id = (await uploaded(api, file_of(3_000)))["id"]
        await api.post(f"/api/v1/imports/{import_id}/start")
        for answer in (
            await api.post(f"/api/v1/imports/{import_id}/start"),
            await api.patch(f"/api/v1/imports/{import_id}", json={"language": "de"}),
            await api.delete(f"/api/v1/imports/{import_id}"),
        ):
            assert_problem(answer, 409, "import-under-way")
        await ended(api, import_id)

    async def test_progress_as_events(self, api: httpx2.AsyncClient) -> None:
        import_id = (await uploaded(api, file_of(2_000)))["id"]
        await api.post(f"/api/v1/imports/{import_id}/start")
        events = [line async for line in self.lines(api, import_id) if line.startswith("event:")]
        assert events[-1] == "event: end"
        assert set(events[:-1]) <= {"event: snapshot"}
        assert_problem(
            await api.get(f"/api/v1/imports/{'0' * 8}-0000-7000-8000-{'0' * 12}/events"), 404, "import-not-found"
        )

    async def lines(self, api: httpx2.AsyncClient, import_id: str) -> Any:
        async with api.stream("GET", f"/api/v1/imports/{import_id}/events") as answer:
            async for line in answer.aiter_lines():
                yield line

    async def test_an_unknown_import(self, api: httpx2.AsyncClient) -> None:
        for method, path in (
            ("GET", ""), ("GET", "/preview"), ("GET", "/errors"), ("GET", "/errors.csv"), ("POST", "/start"),
            ("POST", "/cancel"), ("DELETE", ""),
        ):  # fmt: skip
            assert_problem(await api.request(method, UNKNOWN + path), 404, "import-not-found")

    async def test_empty_files_with_a_header(self, api: httpx2.AsyncClient) -> None:
        state = await imported(api, "sku,name\n")
        assert (state["status"], counts(state), state["rows_read"]) == ("succeeded", {}, 0)

    async def test_the_upload_names_who_sent_it(self, browser: httpx2.AsyncClient) -> None:
        assert (await send(browser, "sku,name\nA,B\n")).json()["created_by"] == "Owner"
