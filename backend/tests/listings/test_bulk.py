"""Many texts at once: what may be approved, why the rest may not, and taking it back."""

import uuid
from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem, create_product
from backend.tests.support.listings import (
    SUPPORTED,
    UNSUPPORTED,
    again,
    approve,
    edit,
    history,
    send,
    written_again,
    written_listing,
)
from backend.tests.support.runs import PAGE, product_status
from backend.tests.support.services import StubServices, described, extracted, image_fact, web_fact

URL = "/api/v1/listings/approve"


async def approve_all(api: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await api.post(URL, json=body or {"filter": {}})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestBulkApprove:
    async def test_what_is_fully_supported(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        good = await written_listing(api, stubs, sku="GOOD")
        bad = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}", sku="BAD")
        answer = await approve_all(api)
        assert (answer["approved"], answer["not_approved"], answer["more"]) == (1, 1, False)
        assert answer["reasons"] == {"unsupported-claims": 1}
        assert answer["blocked"] == [
            {
                "product_id": bad["product_id"],
                "listing_id": bad["id"],
                "language": "en",
                "reason": "unsupported-claims",
            }
        ]
        approved = await again(api, good)
        assert (approved["status"], bool(approved["reviewed_by"])) == ("approved", True)
        assert (await again(api, bad))["status"] == "needs_review"
        assert await product_status(api, good["product_id"]) == "approved"
        assert await product_status(api, bad["product_id"]) == "needs_review"
        assert (await approve_all(api))["approved"] == 0

    async def test_a_dry_run_changes_nothing(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        answer = await approve_all(api, filter={}, dry_run=True)
        assert (answer["approved"], answer["dry_run"], answer["bulk_id"]) == (1, True, None)
        assert await again(api, listing) == listing

    async def test_only_the_products_and_the_language_that_were_named(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        first = await written_listing(api, stubs, sku="A", languages=["en", "es"])
        await written_listing(api, stubs, sku="B")
        answer = await approve_all(api, product_ids=[first["product_id"], str(uuid.uuid4())], language="en")
        assert answer["approved"] == 1
        assert (await approve_all(api, filter={"status": "approved"}))["approved"] == 0
        assert (await approve_all(api, filter={"status": "needs_review"}, language="en"))["approved"] == 1

    async def test_not_what_was_never_checked(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        await written_listing(api, stubs)
        await backend.execute("UPDATE listings SET checked = false")
        assert (await approve_all(api))["reasons"] == {"listing-not-checked": 1}

    async def test_not_what_repeats_a_supplier_unless_allowed(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        sentence = "The mug is 8 cm high and it is made of enamelled steel."
        stubs.extract.behaviour = lambda request: extracted(
            request, [web_fact(PAGE, "Height", "8", "cm")], snapshot=sentence
        )
        await written_listing(api, stubs, sentence)
        assert (await approve_all(api))["reasons"] == {"repeats-supplier": 1}
        assert (await approve_all(api, filter={}, allow_supplier_text=True))["approved"] == 1

    async def test_not_what_cites_a_fact_in_conflict(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.describe.behaviour = lambda request: described(
            request, [image_fact("0" * 64, "Capacity", "330", "ml"), image_fact("0" * 64, "Material", "Steel")]
        )
        stubs.extract.behaviour = lambda request: extracted(request, [web_fact(PAGE, "Capacity", "350", "ml")])
        cites = await written_listing(api, stubs, "It holds 350 ml.", sku="CITES", bullets=())
        await written_listing(api, stubs, "It is made of steel.", sku="DOES-NOT", bullets=())
        answer = await approve_all(api)
        assert (answer["approved"], answer["reasons"]) == (1, {"cites-conflict": 1})
        assert answer["blocked"][0]["listing_id"] == cites["id"]

    async def test_not_an_engines_text_beside_a_persons(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        mine = await edit(api, await written_listing(api, stubs), title="Enamel mug, 8 cm")
        await written_again(api, stubs, mine, "The mug is made of enamelled steel.")
        answer = await approve_all(api)
        assert (answer["approved"], answer["reasons"]) == (1, {"proposal": 1})
        assert await history(api, mine) == [(3, "needs_review"), (2, "approved"), (1, "superseded")]

    async def test_the_former_live_one_is_superseded(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        await edit(api, live, title="Enamel mug, 8 cm")
        await approve_all(api)
        assert await history(api, live) == [(2, "approved"), (1, "superseded")]

    async def test_deleted_products_are_left_alone(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        await api.delete(f"/api/v1/products/{listing['product_id']}", headers={"If-Match": "*"})
        assert (await approve_all(api))["approved"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"product_ids": []},
            {"product_ids": [str(uuid.uuid4())], "filter": {}},
            {"product_ids": ["x"]},
            {"product_ids": [str(uuid.uuid4()) for _ in range(1001)]},
            {"filter": {"status": "lost"}},
            {"filter": {}, "language": ""},
        ],
    )
    async def test_a_selection_that_is_none(self, api: httpx2.AsyncClient, body: dict[str, Any]) -> None:
        assert_problem(await api.post(URL, json=body), 422, "invalid-request")


class TestBulkUndo:
    async def test_gives_back_what_was(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs, sku="A"))
        draft = await edit(api, live, title="Enamel mug, 8 cm")
        other = await written_listing(api, stubs, sku="B")
        answer = await approve_all(api)
        assert answer["approved"] == 2
        undone = (await api.post("/api/v1/listings/bulk-undo", json={"bulk_id": answer["bulk_id"]})).json()
        assert undone == {"undone": 2, "kept": 0}
        assert await history(api, live) == [(2, "needs_review"), (1, "approved")]
        assert {**await again(api, live), "etag": ""} == {
            **live, "etag": "", "newest_version": 2, "current": False,
        }  # fmt: skip
        assert (await again(api, draft))["reviewed_by"] is None
        assert await product_status(api, other["product_id"]) == "needs_review"
        twice = (await api.post("/api/v1/listings/bulk-undo", json={"bulk_id": answer["bulk_id"]})).json()
        assert twice == {"undone": 0, "kept": 0}

    async def test_what_somebody_decided_since_stays(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs, sku="A")
        second = await written_listing(api, stubs, sku="B")
        answer = await approve_all(api)
        await edit(api, await again(api, first), title="Enamel mug, 8 cm")
        undone = (await api.post("/api/v1/listings/bulk-undo", json={"bulk_id": answer["bulk_id"]})).json()
        assert undone == {"undone": 1, "kept": 1}
        assert (await again(api, first))["status"] == "approved"
        assert (await again(api, second))["status"] == "needs_review"

    async def test_one_of_them_alone(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs, sku="A")
        second = await written_listing(api, stubs, sku="B")
        await approve_all(api)
        await send(api, "POST", await again(api, first), "undo")
        assert (await again(api, first))["status"] == "needs_review"
        assert (await again(api, second))["status"] == "approved"

    async def test_an_unknown_bulk(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post("/api/v1/listings/bulk-undo", json={"bulk_id": str(uuid.uuid4())})
        assert_problem(answer, 404, "bulk-not-found")


class TestReviewQueue:
    async def test_newest_first_with_what_a_reviewer_needs(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await written_listing(api, stubs, sku="A")
        bad = await written_listing(api, stubs, UNSUPPORTED, sku="B", languages=["en", "es"])
        queue = (await api.get("/api/v1/listings/review-queue")).json()
        assert [item["sku"] for item in queue["items"]] == ["B", "B", "A"]
        assert queue["counts"] == {
            "needs_review": 3, "not_checked": 0, "unsupported_claims": 2, "repeats_supplier": 0,
            "by_language": {"en": 2, "es": 1},
        }  # fmt: skip
        item = next(each for each in queue["items"] if each["listing"]["id"] == bad["id"])
        assert (item["product_id"], item["product_name"], item["title"]) == (
            bad["product_id"], "Enamel mug", "Enamel mug",
        )  # fmt: skip
        image = (await api.get(f"/api/v1/products/{bad['product_id']}/images")).json()[0]
        assert item["image_sha256"] == image["sha256"]
        assert item["grounding"]["unsupported"] == 1
        assert item["listing"]["etag"] == bad["etag"]

    async def test_stays_right_while_others_review(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        for number in range(4):
            await written_listing(api, stubs, sku=f"P-{number}")
        first = (await api.get("/api/v1/listings/review-queue", params={"limit": 2})).json()
        assert [item["sku"] for item in first["items"]] == ["P-3", "P-2"]
        shown = first["items"][1]
        await approve(api, {**shown["listing"], "product_id": shown["product_id"]})
        await written_listing(api, stubs, sku="NEW")
        rest = (
            await api.get("/api/v1/listings/review-queue", params={"limit": 2, "cursor": first["next_cursor"]})
        ).json()
        assert [item["sku"] for item in rest["items"]] == ["P-1", "P-0"]
        assert rest["next_cursor"] is None

    async def test_by_language_and_assignee(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        mine = await written_listing(api, stubs, sku="MINE", languages=["en", "es"])
        await written_listing(api, stubs, sku="NOBODYS")
        me = (await browser.get("/api/v1/auth/me")).json()["id"]
        await backend.execute("UPDATE products SET assignee_id = CAST(:me AS uuid) WHERE sku = 'MINE'", me=me)

        async def skus(client: httpx2.AsyncClient, **query: Any) -> list[tuple[str, str]]:
            items = (await client.get("/api/v1/listings/review-queue", params=query)).json()["items"]
            return sorted((item["sku"], item["listing"]["language"]) for item in items)

        assert await skus(browser, assignee="me") == [("MINE", "en"), ("MINE", "es")]
        assert await skus(api, assignee=me, language="es") == [("MINE", "es")]
        assert await skus(api, assignee="none") == [("NOBODYS", "en")]
        assert await skus(api, language="de") == []
        assert mine["product_id"]

    @pytest.mark.parametrize("query", [{"assignee": "x"}, {"language": "??"}, {"cursor": "x"}, {"limit": 0}])
    async def test_a_query_that_makes_no_sense(self, api: httpx2.AsyncClient, query: dict[str, Any]) -> None:
        answer = await api.get("/api/v1/listings/review-queue", params=query)
        assert answer.status_code == 422

    async def test_empty(self, api: httpx2.AsyncClient) -> None:
        await create_product(api)
        queue = (await api.get("/api/v1/listings/review-queue")).json()
        assert (queue["items"], queue["total"], queue["next_cursor"]) == ([], 0, None)
