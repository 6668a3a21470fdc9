"""Edits and their check: by the facts of now, outside of any transaction, made up for when the service was down."""

import asyncio

import httpx2
import pytest

from app.listings import check_job
from backend.tests.support.backend import Backend, assert_problem, create_product
from backend.tests.support.listings import (
    SUPPORTED,
    again,
    approve,
    edit,
    history,
    path,
    really_checked,
    send,
    written_again,
    written_listing,
)
from backend.tests.support.runs import listings
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices
from shared.utils.errors import AppError


class Refused(AppError):
    status, title = 422, "The service says no"


class TestEdit:
    async def test_a_new_version_by_that_person(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        first = await written_listing(api, stubs)
        me = (await browser.get("/api/v1/auth/me")).json()
        second = await edit(browser, first, title="Enamel mug, 8 cm")
        assert (second["version"], second["author_kind"], second["author"]) == (2, "human", me["name"])
        assert second["author_id"] == me["id"]
        assert second["content"] == {
            **first["content"],
            "title": "Enamel mug, 8 cm",
            "claims": second["content"]["claims"],
            "grounding": second["content"]["grounding"],
            "field_engines": {"title": "person"},
            "usage": {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0},
            "elapsed_ms": 0.0,
        }
        assert await history(api, first) == [(2, "needs_review"), (1, "superseded")]
        assert (await again(api, first))["content"] == first["content"]

    async def test_its_claims_are_checked(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, description=f"{SUPPORTED} It is dishwasher-safe.")
        assert (second["checked"], second["open_claims"]) == (True, 1)
        (against,) = [each for each in second["content"]["claims"] if each["verdict"] == "unsupported"]
        assert against["text"] == "It is dishwasher-safe."
        assert second["content"]["grounding"]["unsupported"] == 1
        # Only what changed was asked: the rest stands where it stood, by the same facts.
        assert [[text.field for text in request.texts] for request in stubs.generate.checks] == [["description"]]

    async def test_by_the_facts_of_now(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs, languages=["en"])
        mine = await edit(api, first, title="Enamel mug, 350 ml")
        assert mine["open_claims"] == 1
        await api.patch(
            f"/api/v1/products/{first['product_id']}",
            json={"attributes": [{"name": "Volume", "value": "350", "unit": "ml"}]},
            headers={"If-Match": "*"},
        )
        await written_again(api, stubs, first, "Something else.")
        stale = await again(api, mine)
        assert (stale["facts_changed"], stale["open_claims"]) == (True, 1)
        fresh = await send(api, "POST", stale, "recheck")
        assert (fresh["facts_changed"], fresh["open_claims"]) == (False, 0)
        assert fresh["version"] == mine["version"]

    async def test_the_reasons_in_the_readers_language(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Enamel mug, 9 cm", ui_language="es")
        assert [each["reason"] for each in second["content"]["claims"] if each["verdict"] == "unsupported"] == [
            "Ningún dato indica 9 cm."
        ]

    async def test_nothing_changed_is_no_version(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        same = await edit(api, first, title=first["content"]["title"])
        assert (same["id"], same["etag"]) == (first["id"], first["etag"])
        assert await history(api, first) == [(1, "needs_review")]

    async def test_an_unchanged_attribute_keeps_its_facts(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        kept = first["content"]["attributes"][0]
        attributes = [{"name": kept["name"], "value": kept["value"]}, {"name": "Volume", "value": "9 l"}]
        second = await edit(api, first, attributes=attributes)
        assert second["content"]["attributes"] == [kept, {"name": "Volume", "value": "9 l", "fact_ids": []}]
        (claim,) = [each for each in second["content"]["claims"] if each["field"] == "attributes"]
        assert (claim["index"], claim["text"], claim["verdict"]) == (1, "Volume: 9 l", "unsupported")

    async def test_alternative_texts_keep_their_claims_in_place(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        first = await written_listing(api, stubs)
        texts = {"f" * 64: "A mug", "0" * 64: "A mug of 9 cm"}
        second = await edit(api, first, alt_texts=texts)
        (claim,) = [each for each in second["content"]["claims"] if each["verdict"] == "unsupported"]
        assert list(second["content"]["alt_texts"].values())[claim["index"]] == "A mug of 9 cm"

    async def test_history_is_not_edited(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        await edit(api, first, title="Enamel mug, 8 cm")
        answer = await api.patch(path(first), json={"title": "X"}, headers={"If-Match": "*"})
        assert_problem(answer, 409, "listing-superseded")

    async def test_no_second_draft_beside_the_first(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        live = await approve(api, await written_listing(api, stubs))
        await edit(api, live, title="Enamel mug, 8 cm")
        answer = await api.patch(path(live), json={"title": "Other"}, headers={"If-Match": "*"})
        assert_problem(answer, 409, "listing-superseded")

    async def test_two_at_once(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        headers = {"If-Match": first["etag"]}
        answers = await asyncio.gather(
            *(api.patch(path(first), json={"title": f"Mug {number}"}, headers=headers) for number in range(5))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
        assert await history(api, first) == [(2, "needs_review"), (1, "superseded")]

    @pytest.mark.parametrize(
        "body",
        [
            {"title": ""},
            {"title": "x" * 1001},
            {"description": "x" * 20_001},
            {"description": "NUL \x00"},
            {"bullets": ["x"] * 21},
            {"bullets": ["x" * 1001]},
            {"keywords": ["x"] * 51},
            {"seo_title": "x" * 201},
            {"seo_description": "x" * 501},
            {"alt_texts": {"photo": "x"}},
            {"alt_texts": {"0" * 64: "x" * 501}},
            {"attributes": [{"name": "", "value": "x"}]},
            {"attributes": [{"name": "x", "value": "x", "fact_ids": ["f_1"]}]},
            {"status": "approved"},
            {"claims": []},
        ],
    )
    async def test_what_no_shop_takes(self, api: httpx2.AsyncClient, stubs: StubServices, body: dict) -> None:
        first = await written_listing(api, stubs)
        answer = await api.patch(path(first), json=body, headers={"If-Match": first["etag"]})
        assert_problem(answer, 422, "invalid-request")

    async def test_more_texts_than_one_check_takes(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        attributes = [{"name": f"Property {number}", "value": f"{number} kg"} for number in range(200)]
        second = await edit(api, first, attributes=attributes, keywords=["mug"] * 50)
        assert [len(request.texts) for request in stubs.generate.checks] == [200, 50]
        assert second["checked"] is True

    async def test_a_deleted_product(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        await api.delete(f"/api/v1/products/{first['product_id']}", headers={"If-Match": "*"})
        answer = await api.patch(path(first), json={"title": "X"}, headers={"If-Match": "*"})
        assert_problem(answer, 404, "product-not-found")


class TestWithoutTheService:
    async def test_the_edit_is_kept_and_checked_later(
        self, api: httpx2.AsyncClient, stubs: StubServices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(check_job, "RETRY_S", 1)
        first = await written_listing(api, stubs)
        await stubs.generate.down()
        second = await edit(api, first, title="Enamel mug, 9 cm")
        assert (second["checked"], second["content"]["claims"]) == (False, [])
        blocked = await api.post(path(second, "approve"), headers={"If-Match": second["etag"]})
        assert_problem(blocked, 409, "listing-not-checked")
        await stubs.generate.up()

        async def is_checked() -> bool:
            return bool((await again(api, second))["checked"])

        await eventually(is_checked)
        checked = await again(api, second)
        assert (checked["id"], checked["open_claims"]) == (second["id"], 1)
        assert checked["etag"] != second["etag"]

    async def test_a_check_that_is_refused(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)

        def refuse(request: object) -> None:
            raise Refused("Not this one.")

        stubs.generate.check_behaviour = refuse  # type: ignore[assignment]
        assert (await edit(api, first, title="Enamel mug, 8 cm"))["checked"] is False
        answer = await api.post(path(first, "check"), json={"title": "X"})
        assert "Not this one." in assert_problem(answer, 502, "check-refused")["detail"]

    async def test_no_transaction_is_open_meanwhile(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        first = await written_listing(api, stubs)
        idle: list[int] = []

        def look(request: object) -> object:
            import psycopg

            with psycopg.connect(backend.database_url) as connection:
                query = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND state = 'idle in transaction'"
                )
                idle.append(connection.execute(query).fetchone()[0])  # type: ignore[index]
            return really_checked(request)  # type: ignore[arg-type]

        stubs.generate.check_behaviour = look  # type: ignore[assignment]
        await edit(api, first, title="Enamel mug, 8 cm")
        assert idle == [0]


class TestDraftCheck:
    async def test_nothing_is_stored(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        answer = (await api.post(path(first, "check"), json={"description": "It is 8 cm high and 9 l big."})).json()
        assert answer["grounding"]["unsupported"] == 1
        cited = {fact_id for claim in answer["claims"] for fact_id in claim["fact_ids"]}
        assert {fact["id"] for fact in answer["facts"]} == cited
        assert await history(api, first) == [(1, "needs_review")]
        assert (await again(api, first)) == first

    async def test_with_the_service_down(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        await stubs.generate.down()
        answer = await api.post(path(first, "check"), json={"title": "X"})
        assert_problem(answer, 503, "service-unavailable")


class TestCreate:
    async def test_by_hand_where_there_is_none(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.generate.check_behaviour = really_checked
        product = await create_product(api, attributes=[{"name": "Height", "value": "8", "unit": "cm"}])
        url = f"/api/v1/products/{product['id']}/listings"
        answer = await api.post(url, json={"language": "en", "title": "Enamel mug", "description": "It is 8 cm high."})
        assert answer.status_code == 201, answer.text
        listing = answer.json()
        assert answer.headers["location"] == f"{url}/{listing['id']}"
        assert (listing["version"], listing["author_kind"], listing["checked"]) == (1, "human", True)
        # Nothing was merged yet: the merchant's own facts count.
        assert listing["open_claims"] == 0
        assert listing["content"]["engine"] == "person"
        taken = await api.post(url, json={"language": "en", "title": "Again"})
        assert_problem(taken, 409, "listing-exists")
        assert (await api.post(url, json={"language": "es", "title": "Taza"})).status_code == 201
        assert {each["language"] for each in await listings(api, product["id"])} == {"en", "es"}

    @pytest.mark.parametrize("body", [{}, {"language": "en"}, {"language": "??", "title": "X"}, {"title": "X"}])
    async def test_without_language_or_title(self, api: httpx2.AsyncClient, body: dict) -> None:
        product = await create_product(api)
        answer = await api.post(f"/api/v1/products/{product['id']}/listings", json=body)
        assert_problem(answer, 422, "invalid-request")

    async def test_at_once_only_one_comes_to_be(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product = await create_product(api)
        url = f"/api/v1/products/{product['id']}/listings"
        answers = await asyncio.gather(
            *(api.post(url, json={"language": "en", "title": f"Mug {number}"}) for number in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_an_unknown_product(self, api: httpx2.AsyncClient) -> None:
        url = "/api/v1/products/0198c0de-0000-7000-8000-000000000000/listings"
        answer = await api.post(url, json={"language": "en", "title": "X"})
        assert_problem(answer, 404, "product-not-found")
