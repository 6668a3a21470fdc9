"""Reading versions: which is worked on, which is live, who wrote them, and their entity tags."""

import uuid

import httpx2
import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from backend.tests.support.backend import Backend, assert_problem
from backend.tests.support.listings import again, approve, edit, history, path, send, written_again, written_listing
from backend.tests.support.runs import finished, listings
from backend.tests.support.services import StubServices


class TestReading:
    async def test_one_version(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        assert (listing["author_kind"], listing["version"], listing["status"]) == ("ai", 1, "needs_review")
        assert (listing["current"], listing["live"], listing["proposal"]) == (True, False, False)
        assert (listing["checked"], listing["open_claims"], listing["facts_changed"]) == (True, 0, False)
        one = await again(api, listing)
        assert one == listing
        assert one["content"]["claims"][0]["verdict"] == "supported"

    async def test_the_live_one_beside_the_newest(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        draft = await edit(api, live, title="Enamel mug, 8 cm")
        assert (draft["version"], draft["newest_version"]) == (2, 2)
        assert (draft["live_id"], draft["live_version"]) == (live["id"], 1)
        assert (draft["current"], draft["live"]) == (True, False)
        old = await again(api, live)
        assert (old["current"], old["live"], old["status"]) == (False, True, "approved")
        (current,) = await listings(api, live["product_id"])
        assert current["id"] == draft["id"]

    async def test_the_history_page_by_page(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        newest = listing
        for number in range(3):
            newest = await edit(api, newest, title=f"Enamel mug {number}")
        url = f"/api/v1/products/{listing['product_id']}/listings/versions"
        first = (await api.get(url, params={"limit": 3, "language": "en"})).json()
        rest = (await api.get(url, params={"limit": 3, "cursor": first["next_cursor"]})).json()
        assert [each["version"] for each in first["items"] + rest["items"]] == [4, 3, 2, 1]
        assert (first["total"], rest["next_cursor"]) == (4, None)
        assert [each["author_kind"] for each in first["items"]] == ["human"] * 3
        assert "content" not in first["items"][0]
        assert (await api.get(url, params={"language": "es"})).json()["items"] == []
        assert_problem(await api.get(url, params={"cursor": "nonsense"}), 422, "invalid-cursor")

    async def test_a_version_of_another_product(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        other = await written_listing(api, stubs, sku="MUG-2")
        foreign = path({**listing, "product_id": other["product_id"]})
        assert_problem(await api.get(foreign), 404, "listing-not-found")
        assert_problem(await api.get(path({**listing, "id": uuid.uuid4()})), 404, "listing-not-found")

    async def test_facts_that_changed_since(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        product = (await api.get(f"/api/v1/products/{listing['product_id']}")).json()
        await api.patch(
            f"/api/v1/products/{product['id']}",
            json={"attributes": [{"name": "Volume", "value": "350", "unit": "ml"}]},
            headers={"If-Match": "*"},
        )
        stubs.generate.hang()
        await api.post(f"/api/v1/products/{product['id']}/enrich", json={})
        await stubs.generate.called(2)
        assert (await again(api, listing))["facts_changed"] is True
        stubs.generate.release()


class TestPreconditions:
    @pytest.mark.parametrize(
        ("method", "parts", "body"),
        [
            ("PATCH", (), {"title": "New"}),
            ("POST", ("approve",), {}),
            ("POST", ("reject",), {"reason": "No."}),
            ("POST", ("restore",), None),
            ("POST", ("undo",), None),
            ("POST", ("recheck",), None),
            ("POST", ("claims", "c_1", "overrule"), {"reason": "Because."}),
        ],
    )
    async def test_every_write_names_what_was_read(
        self, api: httpx2.AsyncClient, stubs: StubServices, method: str, parts: tuple[str, ...], body: object
    ) -> None:
        listing = await written_listing(api, stubs)
        url = path(listing, *parts)
        assert_problem(await api.request(method, url, json=body), 428, "precondition-required")
        stale = await api.request(method, url, json=body, headers={"If-Match": '"1.7"'})
        assert_problem(stale, 412, "precondition-failed")
        assert await history(api, listing) == [(1, "needs_review")]

    async def test_of_two_editors_the_second_is_told(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        await edit(api, listing, title="Mine")
        answer = await api.patch(path(listing), json={"title": "Yours"}, headers={"If-Match": listing["etag"]})
        assert_problem(answer, 412, "precondition-failed")
        (current,) = await listings(api, listing["product_id"])
        assert current["content"]["title"] == "Mine"


class TestDatabaseGuards:
    """What the code must never do, the database refuses."""

    @pytest.mark.parametrize(
        "statement",
        [
            'UPDATE listings SET content = content || \'{"title": "x"}\'',
            "UPDATE listings SET version = version + 1",
            "UPDATE listings SET author = 'somebody else'",
            "UPDATE listings SET claims = '[]'",
            "UPDATE listings SET facts = '[]'",
            "UPDATE listings SET checked = false",
        ],
    )
    async def test_an_approved_version_is_frozen(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend, statement: str
    ) -> None:
        await approve(api, await written_listing(api, stubs))
        with pytest.raises(IntegrityError) as caught:
            await backend.execute(statement)
        assert isinstance(caught.value.orig, psycopg.errors.RestrictViolation)

    async def test_texts_are_frozen_from_the_start(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        await written_listing(api, stubs)
        with pytest.raises(IntegrityError):
            await backend.execute("UPDATE listings SET content = '{}'")

    async def test_open_claims_are_never_approved(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        await written_listing(api, stubs, "It is dishwasher-safe.")
        with pytest.raises(IntegrityError):
            await backend.execute("UPDATE listings SET status = 'approved'")

    async def test_only_one_version_is_live(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        await edit(api, await approve(api, await written_listing(api, stubs)), title="Enamel mug, 8 cm")
        with pytest.raises(IntegrityError):
            await backend.execute("UPDATE listings SET status = 'approved'")


class TestEngines:
    async def test_the_same_text_again_is_no_new_version(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        await finished(api, listing["product_id"], force=True)
        assert len(stubs.generate.calls) == 2
        assert await history(api, listing) == [(1, "needs_review")]
        approved = await approve(api, await again(api, listing))
        await finished(api, listing["product_id"], force=True)
        assert await history(api, listing) == [(1, "approved")]
        assert (await api.get(f"/api/v1/products/{listing['product_id']}")).json()["status"] == "approved"
        assert (await again(api, listing))["content"] == approved["content"]

    async def test_a_new_text_waits_beside_a_persons(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        mine = await edit(api, await written_listing(api, stubs), title="Enamel mug, mine")
        for number in range(2):
            await written_again(api, stubs, mine, f"Enamel mug {number}.")
        assert await history(api, mine) == [
            (4, "needs_review"), (3, "superseded"), (2, "needs_review"), (1, "superseded"),
        ]  # fmt: skip
        (current,) = await listings(api, mine["product_id"])
        assert (current["id"], current["content"]["title"]) == (mine["id"], "Enamel mug, mine")
        proposal = (await api.get(path({**mine, "id": current["proposal_id"]}))).json()
        assert (proposal["version"], proposal["proposal"], proposal["current"]) == (4, True, False)

    async def test_a_person_takes_the_proposal(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        mine = await approve(api, await edit(api, await written_listing(api, stubs), title="Enamel mug, 8 cm"))
        proposal = await written_again(api, stubs, mine, "The mug is made of enamelled steel.")
        assert (await api.get(f"/api/v1/products/{mine['product_id']}")).json()["status"] == "approved"
        taken = await approve(api, proposal)
        assert (taken["live"], taken["current"]) == (True, True)
        assert await history(api, mine) == [(3, "approved"), (2, "superseded"), (1, "superseded")]
        undone = await send(api, "POST", taken, "undo")
        assert (undone["status"], undone["proposal"]) == ("needs_review", True)
        assert await history(api, mine) == [(3, "needs_review"), (2, "approved"), (1, "superseded")]
