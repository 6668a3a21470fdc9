"""Approve, reject, overrule, restore, and taking each of them back."""

from typing import Any

import httpx2
import pytest

from app.listings.contents import canonical_bytes
from backend.tests.support.backend import assert_problem
from backend.tests.support.listings import (
    SUPPORTED,
    UNSUPPORTED,
    again,
    approve,
    edit,
    history,
    path,
    send,
    written_listing,
)
from backend.tests.support.runs import listings, product_status
from backend.tests.support.services import StubServices


async def everything(api: httpx2.AsyncClient, listing: dict[str, Any]) -> bytes:
    """All versions as they are, but for the tags that grow with every act."""
    found = await listings(api, listing["product_id"], all_versions=True)
    return canonical_bytes([{key: value for key, value in each.items() if key != "etag"} for each in found])


def unsupported(listing: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in listing["content"]["claims"] if each["verdict"] == "unsupported"]


class TestApprove:
    async def test_it_goes_live(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        live = await send(api, "POST", listing, "approve", note="Reads well.")
        assert (live["status"], live["live"], live["review_note"]) == ("approved", True, "Reads well.")
        assert live["reviewed_by"]
        assert live["reviewed_at"]
        assert live["content"] == listing["content"]
        assert await product_status(api, listing["product_id"]) == "approved"

    async def test_the_former_one_is_superseded(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await approve(api, await written_listing(api, stubs))
        second = await edit(api, first, title="Enamel mug, 8 cm")
        assert await product_status(api, first["product_id"]) == "needs_review"
        await approve(api, second)
        assert await history(api, first) == [(2, "approved"), (1, "superseded")]
        assert await product_status(api, first["product_id"]) == "approved"

    async def test_every_language_counts(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs, "8 cm.", bullets=(), languages=["en", "es"])
        for each in await listings(api, listing["product_id"]):
            assert await product_status(api, listing["product_id"]) == "needs_review"
            await approve(api, {**each, "product_id": listing["product_id"]})
        assert await product_status(api, listing["product_id"]) == "approved"

    async def test_not_with_unsupported_claims(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}")
        answer = await api.post(path(listing, "approve"), headers={"If-Match": listing["etag"]})
        problem = assert_problem(answer, 409, "listing-has-unsupported-claims")
        assert [claim["text"] for claim in problem["claims"]] == [UNSUPPORTED]
        assert (await again(api, listing))["status"] == "needs_review"

    async def test_not_twice_and_not_what_is_history(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Enamel mug, 8 cm")
        live = await approve(api, second)
        for listing, kind in ((live, "listing-not-reviewable"), (first, "listing-superseded")):
            answer = await api.post(path(listing, "approve"), headers={"If-Match": "*"})
            assert_problem(answer, 409, kind)

    async def test_a_product_that_is_being_enriched_keeps_its_status(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        listing = await written_listing(api, stubs)
        stubs.generate.hang()
        await api.post(f"/api/v1/products/{listing['product_id']}/enrich", json={"force": True})
        await stubs.generate.called(2)
        await approve(api, listing)
        assert await product_status(api, listing["product_id"]) == "enriching"
        stubs.generate.release()


class TestReject:
    async def test_with_a_reason(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        rejected = await send(api, "POST", listing, "reject", reason="Too dry.")
        assert (rejected["status"], rejected["review_note"], rejected["current"]) == ("rejected", "Too dry.", True)
        assert await product_status(api, listing["product_id"]) == "needs_review"

    @pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 2001}, {"reason": "\0"}])
    async def test_never_without(self, api: httpx2.AsyncClient, stubs: StubServices, body: dict[str, str]) -> None:
        listing = await written_listing(api, stubs)
        answer = await api.post(path(listing, "reject"), json=body, headers={"If-Match": listing["etag"]})
        assert_problem(answer, 422, "invalid-request")

    async def test_a_live_one_is_taken_down(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        rejected = await send(api, "POST", live, "reject", reason="The supplier was wrong.")
        assert (rejected["live"], rejected["live_id"]) == (False, None)
        assert await product_status(api, live["product_id"]) == "needs_review"
        answer = await api.post(path(live, "reject"), json={"reason": "Again."}, headers={"If-Match": "*"})
        assert_problem(answer, 409, "listing-not-reviewable")


class TestOverrule:
    async def test_a_person_answers_for_the_claim(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        listing = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}")
        (claim,) = unsupported(listing)
        me = (await browser.get("/api/v1/auth/me")).json()
        overruled = await send(browser, "POST", listing, "claims", claim["id"], "overrule", reason="We tested it.")
        assert overruled["open_claims"] == 0
        (told,) = overruled["overrulings"]
        assert (told["text"], told["reason"], told["by"], told["by_id"]) == (
            UNSUPPORTED, "We tested it.", me["name"], me["id"],
        )  # fmt: skip
        assert unsupported(overruled) == [claim], "the verdict itself is not touched"
        assert (await approve(api, overruled))["status"] == "approved"

    async def test_it_stays_with_the_sentence(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs, UNSUPPORTED)
        (claim,) = unsupported(listing)
        overruled = await send(api, "POST", listing, "claims", claim["id"], "overrule", reason="We tested it.")
        moved = await edit(api, overruled, description=f"{SUPPORTED} {UNSUPPORTED}")
        assert (moved["open_claims"], len(moved["overrulings"])) == (0, 1)
        (still,) = unsupported(moved)
        assert moved["overrulings"][0]["claim_id"] == still["id"] != claim["id"]
        other = await edit(api, moved, description="It is dishwasher-safe and lasts for ever.")
        assert (other["open_claims"], other["overrulings"]) == (1, [])

    async def test_only_what_is_unsupported_and_only_once(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}")
        (claim,) = unsupported(listing)
        supported = next(each for each in listing["content"]["claims"] if each["verdict"] == "supported")
        overruled = await send(api, "POST", listing, "claims", claim["id"], "overrule", reason="Yes.")
        for claim_id in (supported["id"], claim["id"]):
            answer = await api.post(
                path(overruled, "claims", claim_id, "overrule"), json={"reason": "Yes."}, headers={"If-Match": "*"}
            )
            assert_problem(answer, 409, "claim-not-unsupported")
        unknown = await api.post(
            path(overruled, "claims", "c_0", "overrule"), json={"reason": "Yes."}, headers={"If-Match": "*"}
        )
        assert_problem(unknown, 404, "claim-not-found")


class TestRestore:
    async def test_the_very_bytes_as_a_new_version(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Tasse émaillée “8 cm” 👩‍🍳", description="It is 9 l big.")
        restored = await send(api, "POST", await again(api, first), "restore", status=201)
        assert canonical_bytes(restored["content"]) == canonical_bytes(first["content"])
        assert canonical_bytes(restored["facts"]) == canonical_bytes(first["facts"])
        assert (restored["version"], restored["status"], restored["restored_from"]) == (3, "needs_review", first["id"])
        # An engine wrote these words, whoever brought them back.
        assert (restored["author_kind"], restored["open_claims"]) == ("ai", 0)
        assert await history(api, first) == [(3, "needs_review"), (2, "superseded"), (1, "superseded")]
        back = await send(api, "POST", await again(api, second), "restore", status=201)
        assert canonical_bytes(back["content"]) == canonical_bytes(second["content"])
        assert (back["author_kind"], back["open_claims"]) == ("human", second["open_claims"])

    async def test_what_is_live_stays_so_until_the_next_approval(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        first = await written_listing(api, stubs)
        live = await approve(api, await edit(api, first, title="Enamel mug, 8 cm"))
        restored = await send(api, "POST", await again(api, first), "restore", status=201)
        assert restored["live_id"] == live["id"]
        assert (await approve(api, restored))["live_version"] == 3

    async def test_the_current_one_needs_no_restoring(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        answer = await api.post(path(listing, "restore"), headers={"If-Match": "*"})
        assert_problem(answer, 409, "nothing-to-restore")

    async def test_what_was_rejected_comes_back_for_review(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Enamel mug, 8 cm")
        await send(api, "POST", second, "reject", reason="No.")
        restored = await send(api, "POST", await again(api, first), "restore", status=201)
        assert (restored["current"], restored["version"]) == (True, 3)


class TestUndo:
    async def test_gives_back_every_status_and_byte(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}")
        (claim,) = unsupported(first)
        states = [await everything(api, first)]
        overruled = await send(api, "POST", first, "claims", claim["id"], "overrule", reason="We tested it.")
        states.append(await everything(api, first))
        live = await approve(api, overruled)
        states.append(await everything(api, first))
        edited = await edit(api, live, title="Enamel mug, 8 cm")
        states.append(await everything(api, first))
        approved = await approve(api, edited)
        states.append(await everything(api, first))
        await send(api, "POST", approved, "reject", reason="On second thoughts.")

        for listing in (edited, edited):
            await send(api, "POST", await again(api, listing), "undo")
            assert await everything(api, first) == states.pop()
        # The edit itself: its version stays in the history, superseded by what it had followed.
        undone = await send(api, "POST", await again(api, edited), "undo")
        assert (undone["status"], undone["current"]) == ("superseded", False)
        states.pop()
        assert await history(api, first) == [(2, "superseded"), (1, "approved")]
        (current,) = await listings(api, first["product_id"])
        assert canonical_bytes(current["content"]) == canonical_bytes(live["content"])
        assert current["reviewed_at"] == live["reviewed_at"]
        await send(api, "POST", await again(api, first), "undo")
        await send(api, "POST", await again(api, first), "undo")
        untouched = await again(api, first)
        assert (untouched["status"], untouched["overrulings"], untouched["open_claims"]) == ("needs_review", [], 1)
        answer = await api.post(path(first, "undo"), headers={"If-Match": "*"})
        assert_problem(answer, 409, "nothing-to-undo")

    async def test_the_products_status_follows(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        await send(api, "POST", live, "undo")
        assert await product_status(api, live["product_id"]) == "needs_review"

    async def test_of_a_restore(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Enamel mug, 8 cm")
        restored = await send(api, "POST", await again(api, first), "restore", status=201)
        await send(api, "POST", restored, "undo")
        (current,) = await listings(api, first["product_id"])
        assert (current["id"], current["content"]) == (second["id"], second["content"])

    async def test_of_what_was_written_by_hand(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        url = f"/api/v1/products/{listing['product_id']}/listings"
        spanish = (await api.post(url, json={"language": "es", "title": "Taza"})).json()
        await send(api, "POST", {**spanish, "product_id": listing["product_id"]}, "undo")
        assert {each["language"] for each in await listings(api, listing["product_id"])} == {"en"}
        assert (await api.post(url, json={"language": "es", "title": "Otra taza"})).json()["version"] == 2

    async def test_only_the_last_act(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        await edit(api, live, title="Enamel mug, 8 cm")
        answer = await api.post(path(live, "undo"), headers={"If-Match": "*"})
        assert_problem(answer, 409, "nothing-to-undo")
        assert await history(api, live) == [(2, "needs_review"), (1, "approved")]
