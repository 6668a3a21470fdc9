"""What people decide about facts, over HTTP: it holds through every later run, and it can be taken back."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from backend.tests.support.backend import Backend, assert_problem, create_product
from backend.tests.support.runs import OTHER_PAGE, PAGE, RED, finished, ready_product
from backend.tests.support.services import StubServices, described, extracted, image_fact, web_fact
from shared.models.facts import Fact

Client = httpx2.AsyncClient
UNKNOWN = str(uuid.UUID(int=7))


@pytest.fixture
def says(stubs: StubServices) -> Any:
    """Set what the page, another page and the pack say: `says(page=[("Capacity", "350", "ml")])`."""

    def set_up(
        page: Sequence[tuple[str, ...]] = (),
        pack: Sequence[tuple[str, ...]] = (),
        other: Sequence[tuple[str, ...]] = (),
    ) -> None:
        def extract(request: Any) -> Any:
            given = other if request.url == OTHER_PAGE else page
            found: list[Fact] = [web_fact(request.url, *each, start=index) for index, each in enumerate(given)]
            return extracted(request, found)

        def describe(request: Any) -> Any:
            answer = described(request, [])
            return answer.model_copy(update={"facts": [image_fact(answer.image.sha256, *each) for each in pack]})

        stubs.extract.behaviour = extract
        stubs.describe.behaviour = describe

    return set_up


@pytest_asyncio.fixture(loop_scope="session")
async def disputed(api: Client, says: Any) -> str:
    """A mug of which the page says 350 ml, in words as well, and the pack 330 ml."""
    says(
        page=[("Capacity", "350", "ml"), ("description", "This 350 ml mug is yours."), ("Height", "8", "cm")],
        pack=[("Net content", "330", "ml"), ("pack_text", "0,33 l of joy")],
    )
    product_id = await ready_product(api, images=(RED,))
    await finished(api, product_id)
    return product_id


async def facts(api: Client, product_id: str, *statuses: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/v1/products/{product_id}/facts", params={"status": list(statuses)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def fact(api: Client, product_id: str, name: str, *statuses: str) -> dict[str, Any]:
    found = [each for each in await facts(api, product_id, *statuses) if each["name"] == name]
    assert len(found) == 1, found
    return found[0]


async def said(api: Client, product_id: str, *statuses: str) -> set[tuple[str, str]]:
    return {(each["name"], each["value"]) for each in await facts(api, product_id, *statuses)}


async def conflicts(api: Client, product_id: str, *, settled: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await api.get(f"/api/v1/products/{product_id}/conflicts", params={"settled": settled})
    ).json()
    return found


async def decide(api: Client, product_id: str, fact_id: str, what: str, **body: Any) -> dict[str, Any]:
    answer = await api.post(f"/api/v1/products/{product_id}/facts/{fact_id}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def settle(api: Client, product_id: str, conflict: dict[str, Any], **body: Any) -> httpx2.Response:
    return await api.post(
        f"/api/v1/products/{product_id}/conflicts/{conflict['id']}/settle",
        json={"options_version": conflict["options_version"], **body},
    )


async def settled(api: Client, product_id: str, **body: Any) -> dict[str, Any]:
    (conflict,) = await conflicts(api, product_id)
    answer = await settle(api, product_id, conflict, **body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def decisions(api: Client, product_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/v1/products/{product_id}/decisions")).json()
    return found


async def everything(api: Client, product_id: str) -> tuple[Any, ...]:
    return (
        await facts(api, product_id, "used", "disputed", "superseded", "rejected"),
        await conflicts(api, product_id),
        await conflicts(api, product_id, settled=True),
    )


async def take_back(api: Client, product_id: str, number: int = 0) -> None:
    decision = (await decisions(api, product_id))[number]
    answer = await api.delete(f"/api/v1/products/{product_id}/decisions/{decision['id']}")
    assert answer.status_code == 204, answer.text


def written_from(stubs: StubServices) -> set[tuple[str, str, str | None]]:
    """The facts of the last request to write a listing."""
    return {(each.name, each.value, each.unit) for each in stubs.generate.calls[-1].body.facts}


class TestFullCycle:
    async def test_a_settled_conflict_stays_settled_and_the_listing_is_written_from_the_choice(
        self, api: Client, stubs: StubServices, disputed: str
    ) -> None:
        assert ("volume", "350", "ml") in written_from(stubs)
        (conflict,) = await conflicts(api, disputed)
        assert [option["value"] for option in conflict["options"]] == ["350", "330"]

        answer = await settle(api, disputed, conflict, choice=1, note="Measured it.")
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == conflict["id"]
        assert answer.json()["settled"]["note"] == "Measured it."
        assert [(each["value"], each["chosen"]) for each in answer.json()["options"]] == [("330", True), ("350", False)]

        run = await finished(api, disputed, force=True)
        assert run["status"] == "succeeded"
        assert await conflicts(api, disputed) == []
        used = written_from(stubs)
        assert ("volume", "330", "ml") in used
        assert ("pack_text", "0,33 l of joy", None) in used
        assert not any("350" in value for _, value, _ in used), "neither the value nor the sentence that repeats it"
        (again,) = await conflicts(api, disputed, settled=True)
        assert again["id"] == conflict["id"]

    async def test_the_list_of_products_counts_open_conflicts_only(
        self, api: Client, backend: Backend, disputed: str
    ) -> None:
        count = "SELECT count(*) FROM conflicts WHERE settled_at IS NULL"
        assert (await backend.execute(count))[0][0] == 1
        await settled(api, disputed, choice=0)
        assert (await backend.execute(count))[0][0] == 0


class TestSettle:
    @pytest.mark.parametrize(
        ("answer", "used", "aside"),
        [
            ({"choice": 0}, {"350"}, {"330"}),
            ({"choice": 1}, {"330"}, {"350"}),
            ({"choice": "both"}, {"330", "350"}, set()),
            ({"choice": "neither"}, set(), {"330", "350"}),
            ({"value": "0.34", "unit": "l"}, {"0.34"}, {"330", "350"}),
            ({"value": "0,33 l"}, {"0,33 l"}, {"350"}),
        ],
    )
    async def test_each_answer_holds_through_the_next_run(
        self, api: Client, disputed: str, answer: dict[str, Any], used: set[str], aside: set[str]
    ) -> None:
        await settled(api, disputed, **answer)
        for _ in range(2):
            assert {value for name, value in await said(api, disputed) if name == "volume"} == used
            lost = await said(api, disputed, "superseded", "rejected")
            assert {value for name, value in lost if name == "volume"} == aside
            assert await conflicts(api, disputed) == []
            assert len(await conflicts(api, disputed, settled=True)) == 1
            await finished(api, disputed, force=True)

    async def test_neither_disputes_the_sentences_of_both(self, api: Client, disputed: str) -> None:
        await settled(api, disputed, choice="neither")
        assert await said(api, disputed, "disputed") == {
            ("description", "This 350 ml mug is yours."),
            ("pack_text", "0,33 l of joy"),
        }

    async def test_two_people_at_once(self, api: Client, disputed: str) -> None:
        (conflict,) = await conflicts(api, disputed)
        assert (await settle(api, disputed, conflict, choice=0)).status_code == 200
        problem = assert_problem(await settle(api, disputed, conflict, choice=1), 409, "conflict-changed")
        assert problem["options_version"] != conflict["options_version"]
        assert await said(api, disputed, "superseded") == {("volume", "330")}

    async def test_options_that_changed_meanwhile(self, api: Client, says: Any, disputed: str) -> None:
        (conflict,) = await conflicts(api, disputed)
        says(page=[("Capacity", "400", "ml")], pack=[("Net content", "330", "ml")])
        await finished(api, disputed, force=True)
        (changed,) = await conflicts(api, disputed)
        assert changed["id"] == conflict["id"]
        assert_problem(await settle(api, disputed, conflict, choice=0), 409, "conflict-changed")
        assert (await settle(api, disputed, changed, choice=0)).status_code == 200

    async def test_a_mind_may_be_changed(self, api: Client, disputed: str) -> None:
        first = await settled(api, disputed, choice=0)
        answer = await settle(api, disputed, first, choice=1)
        assert answer.status_code == 200, answer.text
        assert (await fact(api, disputed, "volume"))["value"] == "330"
        await take_back(api, disputed)
        assert (await fact(api, disputed, "volume"))["value"] == "350"

    @pytest.mark.parametrize(
        "body",
        [{}, {"choice": 0, "value": "1"}, {"choice": -1}, {"choice": True}, {"choice": "all"}, {"choice": 2},
         {"choice": 10**30}, {"unit": "ml", "choice": 0}, {"value": " "}, {"value": "a\u0000b"}, {"surprise": 1}],
    )  # fmt: skip
    async def test_answers_that_make_no_sense(self, api: Client, disputed: str, body: dict[str, Any]) -> None:
        (conflict,) = await conflicts(api, disputed)
        assert_problem(await settle(api, disputed, conflict, **body), 422, "invalid-request")
        assert len(await conflicts(api, disputed)) == 1

    async def test_an_unknown_conflict(self, api: Client, disputed: str) -> None:
        answer = await settle(api, disputed, {"id": UNKNOWN, "options_version": ""}, choice=0)
        assert_problem(answer, 404, "conflict-not-found")


class TestNewEvidence:
    async def test_a_new_value_is_told_and_the_decision_stands(
        self, api: Client, stubs: StubServices, says: Any, disputed: str
    ) -> None:
        await settled(api, disputed, choice=1)
        says(page=[("Capacity", "0.4", "l")], pack=[("Net content", "330", "ml")])
        await finished(api, disputed, force=True)
        (conflict,) = await conflicts(api, disputed)
        assert conflict["settled_before"]["kind"] == "settle"
        assert [(each["value"], each["new"]) for each in conflict["options"]] == [("330", False), ("0.4", True)]
        assert ("volume", "330", "ml") in written_from(stubs)
        assert ("volume", "0.4", "l") not in written_from(stubs)

    async def test_a_known_value_from_another_page_is_no_news(self, api: Client, says: Any, disputed: str) -> None:
        await settled(api, disputed, choice=1)
        said_350 = [("Capacity", "350", "ml")]
        says(page=said_350, pack=[("Net content", "330", "ml")], other=[("Fassungsvermögen", "0,35 l")])
        await api.post(f"/api/v1/products/{disputed}/sources", json={"url": OTHER_PAGE})
        await finished(api, disputed, force=True)
        assert await conflicts(api, disputed) == []
        assert (await fact(api, disputed, "volume"))["value"] == "330"

    async def test_the_merchants_own_field_is_news_when_it_says_so_since(self, api: Client, disputed: str) -> None:
        await settled(api, disputed, choice=1)
        product = (await api.get(f"/api/v1/products/{disputed}")).json()
        changed = await api.patch(
            f"/api/v1/products/{disputed}",
            json={"attributes": [{"name": "Capacity", "value": "350", "unit": "ml"}]},
            headers={"If-Match": f'"{product["version"]}"'},
        )
        assert changed.status_code == 200, changed.text
        await finished(api, disputed)
        (conflict,) = await conflicts(api, disputed)
        assert [each["value"] for each in conflict["options"]] == ["330", "350"]
        assert conflict["settled_before"] is not None
        assert (await fact(api, disputed, "volume"))["value"] == "330"
        await settled(api, disputed, choice=1)
        await finished(api, disputed)
        assert await conflicts(api, disputed) == []
        assert (await fact(api, disputed, "volume"))["value"] == "350"

    async def test_a_decision_outlives_its_source_and_meets_it_again(
        self, api: Client, says: Any, disputed: str
    ) -> None:
        await settled(api, disputed, choice=0)
        (source,) = (await api.get(f"/api/v1/products/{disputed}/sources")).json()
        assert (await api.delete(f"/api/v1/products/{disputed}/sources/{source['id']}")).status_code == 204
        kept = await fact(api, disputed, "volume")
        assert (kept["value"], kept["decision"]["kind"]) == ("350", "settle")
        assert await conflicts(api, disputed) == []
        await api.post(f"/api/v1/products/{disputed}/sources", json={"url": PAGE})
        await finished(api, disputed)
        assert len((await fact(api, disputed, "volume"))["sources"]) == 2
        assert await conflicts(api, disputed) == []


class TestConfirm:
    async def test_a_confirmed_fact_counts_as_a_persons(self, api: Client, disputed: str) -> None:
        height = await fact(api, disputed, "height")
        confirmed = await decide(api, disputed, height["id"], "confirm")
        assert (confirmed["confidence"], confirmed["decision"]["kind"]) == (1.0, "confirm")
        assert confirmed["decision"]["decided_by"] == "Command line"
        assert {each["source"]["kind"] for each in confirmed["sources"]} == {"merchant", "web"}
        await decide(api, disputed, height["id"], "confirm")
        assert len(await decisions(api, disputed)) == 1, "confirming twice is confirming"

    async def test_confirming_what_lost_settles_the_conflict(self, api: Client, disputed: str) -> None:
        lost = await fact(api, disputed, "volume", "superseded")
        await decide(api, disputed, lost["id"], "confirm")
        assert (await fact(api, disputed, "volume"))["value"] == "330"
        assert await conflicts(api, disputed) == []
        await finished(api, disputed, force=True)
        assert (await fact(api, disputed, "volume"))["value"] == "330"

    async def test_a_confirmed_sentence_is_no_longer_disputed(self, api: Client, disputed: str) -> None:
        sentence = await fact(api, disputed, "pack_text", "disputed")
        assert (await decide(api, disputed, sentence["id"], "confirm"))["status"] == "used"

    async def test_a_value_of_another_kind_beside_it_stays(self, api: Client, says: Any) -> None:
        says(page=[("Feature", "red"), ("Feature", "blue"), ("Weight", "300", "g"), ("Weight", "500", "g")])
        product_id = await ready_product(api, images=())
        await finished(api, product_id)
        for each in await facts(api, product_id):
            if each["value"] in {"red", "300"}:
                await decide(api, product_id, each["id"], "confirm")
        await finished(api, product_id, force=True)
        assert {value for _, value in await said(api, product_id)} >= {"red", "blue", "300", "500"}
        assert await conflicts(api, product_id) == []


class TestReject:
    async def test_it_does_not_come_back_in_other_words_or_from_another_source(self, api: Client, says: Any) -> None:
        says(page=[("Material", "Enamelled steel"), ("Height", "8", "cm"), ("description", "It is 8 cm high.")])
        product_id = await ready_product(api, images=(RED,))
        await finished(api, product_id)
        for name in ("height", "material"):
            await decide(api, product_id, (await fact(api, product_id, name))["id"], "reject")
        assert await said(api, product_id, "disputed") == {("description", "It is 8 cm high.")}
        says(page=[("Altura", "80 mm"), ("Werkstoff", "Stahl, emailliert")], pack=[("Height", "0.08 m")])
        await finished(api, product_id, force=True)
        assert await said(api, product_id) == {("name", "Enamel mug")}
        rejected = await said(api, product_id, "rejected")
        assert {name for name, _ in rejected} == {"height", "material"}
        assert await conflicts(api, product_id) == []

    async def test_another_value_is_used(self, api: Client, says: Any, disputed: str) -> None:
        await decide(api, disputed, (await fact(api, disputed, "volume"))["id"], "reject")
        assert (await fact(api, disputed, "volume"))["value"] == "330"
        assert await conflicts(api, disputed) == []
        assert ("description", "This 350 ml mug is yours.") in await said(api, disputed, "disputed")

    async def test_a_rejected_value_that_the_merchant_enters_since_is_asked_about(
        self, api: Client, disputed: str
    ) -> None:
        await decide(api, disputed, (await fact(api, disputed, "height"))["id"], "reject")
        product = (await api.get(f"/api/v1/products/{disputed}")).json()
        await api.patch(
            f"/api/v1/products/{disputed}",
            json={"attributes": [{"name": "Height", "value": "8", "unit": "cm"}]},
            headers={"If-Match": f'"{product["version"]}"'},
        )
        await finished(api, disputed)
        (conflict,) = [each for each in await conflicts(api, disputed) if each["name"] == "height"]
        assert [each["value"] for each in conflict["options"]] == ["8"]
        assert conflict["settled_before"]["kind"] == "reject"
        assert ("height", "8") not in await said(api, disputed)
        assert (await settle(api, disputed, conflict, choice=0)).status_code == 200
        assert ("height", "8") in await said(api, disputed)


class TestCorrect:
    async def test_the_new_value_leads_and_the_old_is_rejected(
        self, api: Client, stubs: StubServices, disputed: str
    ) -> None:
        height = await fact(api, disputed, "height")
        corrected = await decide(api, disputed, height["id"], "correct", value="9", note="Measured.")
        assert (corrected["value"], corrected["unit"], corrected["confidence"]) == ("9", "cm", 1.0)
        assert corrected["sources"][0]["source"]["ref"] == f"decision:{corrected['decision']['id']}"
        await finished(api, disputed, force=True)
        assert ("height", "9", "cm") in written_from(stubs)
        assert ("height", "8") in await said(api, disputed, "rejected")

    async def test_in_a_conflict_it_settles_it(self, api: Client, disputed: str) -> None:
        await decide(api, disputed, (await fact(api, disputed, "volume"))["id"], "correct", value="340")
        assert await conflicts(api, disputed) == []
        assert {value for name, value in await said(api, disputed) if name == "volume"} == {"340"}
        await finished(api, disputed, force=True)
        assert await conflicts(api, disputed) == []

    async def test_another_name(self, api: Client, disputed: str) -> None:
        height = await fact(api, disputed, "height")
        corrected = await decide(api, disputed, height["id"], "correct", name="Diameter", value="8")
        assert corrected["name"] == "diameter"
        await finished(api, disputed, force=True)
        assert not any(name == "height" for name, _ in await said(api, disputed))

    async def test_only_the_wording(self, api: Client, disputed: str) -> None:
        corrected = await decide(
            api, disputed, (await fact(api, disputed, "height"))["id"], "correct", value="80", unit="mm"
        )
        assert (corrected["value"], len(corrected["sources"])) == ("80", 2)

    async def test_what_another_person_corrected_meanwhile(self, api: Client, disputed: str) -> None:
        height = await fact(api, disputed, "height")
        await decide(api, disputed, height["id"], "correct", value="9")
        answer = await api.post(f"/api/v1/products/{disputed}/facts/{height['id']}/correct", json={"value": "10"})
        assert_problem(answer, 409, "fact-changed")


class TestHandMade:
    async def test_add_edit_and_delete(self, api: Client, stubs: StubServices, disputed: str) -> None:
        path = f"/api/v1/products/{disputed}/facts"
        added = await api.post(path, json={"name": "Handle", "value": "left", "note": "Seen."})
        assert added.status_code == 201, added.text
        assert added.json()["decision"]["kind"] == "add"
        assert_problem(await api.post(path, json={"name": "handle", "value": "LEFT"}), 409, "fact-already-there")
        edited = await api.put(f"{path}/{added.json()['id']}", json={"name": "Handle", "value": "right"})
        assert edited.status_code == 200, edited.text
        await finished(api, disputed)
        assert ("handle", "right", None) in written_from(stubs)
        assert ("handle", "left") not in await said(api, disputed, "used", "rejected", "superseded")
        await take_back(api, disputed)
        assert (await fact(api, disputed, "handle"))["value"] == "left"
        again = await api.put(f"{path}/{(await fact(api, disputed, 'handle'))['id']}", json=edit("right"))
        final = await api.put(f"{path}/{again.json()['id']}", json=edit("both sides"))
        await take_back(api, disputed, 1)
        assert (await fact(api, disputed, "handle"))["value"] == "both sides", "the newer edit stays"
        assert (await api.delete(f"{path}/{final.json()['id']}")).status_code == 204
        assert await decisions(api, disputed) == []
        assert not any(name == "handle" for name, _ in await said(api, disputed))

    async def test_before_the_first_run(self, api: Client) -> None:
        product = await create_product(api)
        answer = await api.post(
            f"/api/v1/products/{product['id']}/facts", json={"name": "Capacidad", "value": "0,33", "unit": "l"}
        )
        assert answer.json()["name"] == "volume"

    async def test_what_sources_say_otherwise_is_shown(self, api: Client, disputed: str) -> None:
        await api.post(f"/api/v1/products/{disputed}/facts", json={"name": "Height", "value": "9", "unit": "cm"})
        (conflict,) = [each for each in await conflicts(api, disputed) if each["name"] == "height"]
        assert [each["value"] for each in conflict["options"]] == ["9", "8"]

    async def test_facts_of_sources_are_not_edited(self, api: Client, disputed: str) -> None:
        path = f"/api/v1/products/{disputed}/facts/{(await fact(api, disputed, 'height'))['id']}"
        assert_problem(await api.put(path, json=edit("9")), 409, "fact-not-hand-made")
        assert_problem(await api.delete(path), 409, "fact-not-hand-made")

    @pytest.mark.parametrize(
        "body",
        [{}, {"name": "x"}, {"name": "", "value": "1"}, {"name": " ", "value": "1"}, {"name": "x", "value": "\u0000"},
         {"name": "x" * 201, "value": "1"}, {"name": "x", "value": "1" * 2001}, {"name": "x", "value": 1},
         {"name": "x", "value": "1", "unit": "u" * 51}, {"name": "x", "value": "1", "confidence": 1}],
    )  # fmt: skip
    async def test_what_is_no_fact(self, api: Client, disputed: str, body: dict[str, Any]) -> None:
        assert_problem(await api.post(f"/api/v1/products/{disputed}/facts", json=body), 422, "invalid-request")

    @pytest.mark.parametrize("name", ["★", "ﷺ" * 200, "1", "'; DROP TABLE facts; --", "decision:1", "\u202eeman"])
    async def test_odd_names(self, api: Client, disputed: str, name: str) -> None:
        answer = await api.post(f"/api/v1/products/{disputed}/facts", json={"name": name, "value": "½ \U0001f600"})
        assert answer.status_code == 201, answer.text
        assert answer.json()["label"] == name


def edit(value: str) -> dict[str, str]:
    return {"name": "Handle", "value": value}


class TestUndo:
    @pytest.mark.parametrize(
        "decision",
        [("confirm", {}), ("reject", {}), ("correct", {"value": "9"}), ("correct", {"name": "Depth", "value": "1"})],
    )
    @pytest.mark.parametrize("name", ["volume", "height", "description"])
    async def test_a_decision_on_a_fact(
        self, api: Client, disputed: str, name: str, decision: tuple[str, dict[str, str]]
    ) -> None:
        before = await everything(api, disputed)
        chosen = await fact(api, disputed, name)
        await decide(api, disputed, chosen["id"], decision[0], **decision[1])
        assert await everything(api, disputed) != before
        await take_back(api, disputed)
        assert await everything(api, disputed) == before

    @pytest.mark.parametrize(
        "answer", [{"choice": 0}, {"choice": 1}, {"choice": "both"}, {"choice": "neither"}, {"value": "1", "unit": "l"}]
    )
    async def test_a_settled_conflict(self, api: Client, disputed: str, answer: dict[str, Any]) -> None:
        before = await everything(api, disputed)
        await settled(api, disputed, **answer)
        await take_back(api, disputed)
        assert await everything(api, disputed) == before

    async def test_a_decision_below_others(self, api: Client, disputed: str) -> None:
        await decide(api, disputed, (await fact(api, disputed, "height"))["id"], "confirm")
        alone = await everything(api, disputed)
        await take_back(api, disputed)
        await settled(api, disputed, choice=1)
        await decide(api, disputed, (await fact(api, disputed, "height"))["id"], "confirm")
        await take_back(api, disputed, 1)
        now = await everything(api, disputed)
        assert [each["value"] for each in now[0]] == [each["value"] for each in alone[0]]
        assert now[1] == alone[1]

    async def test_twice(self, api: Client, disputed: str) -> None:
        await settled(api, disputed, choice=1)
        (decision,) = await decisions(api, disputed)
        path = f"/api/v1/products/{disputed}/decisions/{decision['id']}"
        assert (await api.delete(path)).status_code == 204
        assert_problem(await api.delete(path), 404, "decision-not-found")


class TestList:
    async def test_who_when_and_what_was_before(self, browser: Client, api: Client, disputed: str) -> None:
        await settled(browser, disputed, choice=1, note="The pack is right.")
        (decision,) = await decisions(api, disputed)
        me = (await browser.get("/api/v1/auth/me")).json()
        assert decision["decided_by"] == me["name"]
        assert decision["decided_at"]
        assert decision["note"] == "The pack is right."
        assert (decision["kind"], decision["choice"]) == ("settle", "option")
        assert [each["value"] for each in decision["stands"]] == ["330"]
        assert [each["value"] for each in decision["before"]["options"]] == ["350", "330"]

    async def test_filters(self, api: Client, disputed: str) -> None:
        assert await said(api, disputed, "superseded") == {("volume", "330")}
        assert await said(api, disputed) == await said(api, disputed, "used", "disputed")
        answer = await api.get(f"/api/v1/products/{disputed}/facts", params={"status": "wrong"})
        assert_problem(answer, 422, "invalid-request")

    @pytest.mark.parametrize("what", ["confirm", "reject", "correct"])
    async def test_an_unknown_fact(self, api: Client, disputed: str, what: str) -> None:
        body = {"value": "1"} if what == "correct" else {}
        for fact_id in ("f_0", "%00", "ü"):
            answer = await api.post(f"/api/v1/products/{disputed}/facts/{fact_id}/{what}", json=body)
            assert_problem(answer, 404, "fact-not-found")
        answer = await api.post(f"/api/v1/products/{UNKNOWN}/facts/f_0/{what}", json=body)
        assert_problem(answer, 404, "product-not-found")

    async def test_another_products_decision(self, api: Client, disputed: str) -> None:
        await settled(api, disputed, choice=1)
        (decision,) = await decisions(api, disputed)
        other = await create_product(api, "MUG-2")
        answer = await api.delete(f"/api/v1/products/{other['id']}/decisions/{decision['id']}")
        assert_problem(answer, 404, "decision-not-found")


class TestWhileARunMerges:
    async def test_decisions_and_runs_at_once(self, api: Client, disputed: str) -> None:
        """Whichever comes first, the decision holds and nothing is stored twice."""
        height = await fact(api, disputed, "height")
        results = await asyncio.gather(
            finished(api, disputed, force=True),
            *(decide(api, disputed, height["id"], "confirm") for _ in range(4)),
            settled(api, disputed, choice=1),
        )
        assert results[0]["status"] == "succeeded"
        assert len(await decisions(api, disputed)) == 2
        assert (await fact(api, disputed, "volume"))["value"] == "330"
        assert (await fact(api, disputed, "height"))["confidence"] == 1.0
