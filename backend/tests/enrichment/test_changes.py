"""What people do to a run and its product while it runs, and afterwards."""

import asyncio

import httpx2

from backend.tests.support.backend import (
    Backend,
    assert_problem,
    create_product,
    enrich,
    run_with_status,
)
from backend.tests.support.runs import (
    BLUE,
    PAGE,
    RED,
    ImageUnreadable,
    PageUnavailable,
    facts,
    finished,
    listings,
    product_status,
    ready_product,
)
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices, described, extracted, image_fact, web_fact, written
from shared.models.base import now


class TestCancel:
    async def test_while_it_runs(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.generate.hang()
        run = await enrich(api, product_id)
        await stubs.generate.called()
        assert (await api.post(f"/api/v1/runs/{run['id']}/cancel")).status_code == 202
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "cancelled"
        assert [step["status"] for step in ended["steps"]] == ["succeeded", "succeeded", "succeeded", "skipped"]
        assert await product_status(api, product_id) == "draft"
        assert await listings(api, product_id) == []
        assert "height" in await facts(api, product_id)
        assert_problem(await api.post(f"/api/v1/runs/{run['id']}/cancel"), 409, "run-not-active")
        stubs.generate.release()
        assert (await finished(api, product_id))["status"] == "succeeded"

    async def test_while_it_waits(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await stubs.extract.down()
        run = await enrich(api, product_id)
        await run_with_status(api, run["id"], {"waiting"})
        await api.post(f"/api/v1/runs/{run['id']}/cancel")
        assert (await run_with_status(api, run["id"]))["status"] == "cancelled"

    async def test_before_a_worker_had_it(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.generate.hang()
        # As many as the worker takes at a time, so that the last one stays in the queue.
        busy = [await enrich(api, (await create_product(api, f"B-{number}"))["id"]) for number in range(4)]
        await asyncio.gather(*(run_with_status(api, run["id"], {"running"}) for run in busy))
        product_id = await ready_product(api, sku="LAST")
        run = await enrich(api, product_id)
        cancelled = (await api.post(f"/api/v1/runs/{run['id']}/cancel")).json()
        assert cancelled["status"] == "cancelled"
        assert {step["status"] for step in cancelled["steps"]} == {"skipped"}
        assert await product_status(api, product_id) == "draft"
        stubs.generate.release()
        await asyncio.gather(*(run_with_status(api, run["id"]) for run in busy))
        assert (await api.get(f"/api/v1/runs/{run['id']}")).json()["status"] == "cancelled"
        assert stubs.describe.calls == []

    async def test_an_unknown_run(self, api: httpx2.AsyncClient) -> None:
        unknown = "0198c0de-0000-7000-8000-000000000000"
        assert_problem(await api.post(f"/api/v1/runs/{unknown}/cancel"), 404, "run-not-found")
        assert_problem(await api.post(f"/api/v1/runs/{unknown}/retry"), 404, "run-not-found")
        assert_problem(await api.get(f"/api/v1/runs/{unknown}"), 404, "run-not-found")
        assert_problem(await api.get(f"/api/v1/runs/{unknown}/events"), 404, "run-not-found")


class TestRetry:
    async def test_only_what_failed_is_done_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.fails_with(PageUnavailable("Gone."))
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        stubs.extract.behaviour = None
        calls = len(stubs.extract.calls)
        assert (await api.post(f"/api/v1/runs/{run['id']}/retry")).status_code == 202
        again = await run_with_status(api, run["id"], {"succeeded"})
        assert again["id"] == run["id"]
        assert again["missing"] == []
        assert len(stubs.describe.calls) == 1
        assert len(stubs.extract.calls) == calls + 1
        # The page brought new facts, so the text was written anew.
        assert len(stubs.generate.calls) == 2
        assert await product_status(api, product_id) == "needs_review"

    async def test_a_failed_text(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.generate.fails_with(ImageUnreadable("No."))
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        stubs.generate.behaviour = None
        await api.post(f"/api/v1/runs/{run['id']}/retry")
        assert (await run_with_status(api, run["id"], {"succeeded"}))["status"] == "succeeded"
        assert [len(stubs.describe.calls), len(stubs.extract.calls)] == [1, 1]

    async def test_a_cancelled_run(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.generate.hang()
        run = await enrich(api, product_id)
        await stubs.generate.called()
        await api.post(f"/api/v1/runs/{run['id']}/cancel")
        await run_with_status(api, run["id"], {"cancelled"})
        stubs.generate.release()
        await api.post(f"/api/v1/runs/{run['id']}/retry")
        assert (await run_with_status(api, run["id"], {"succeeded"}))["status"] == "succeeded"
        assert [len(service.calls) for service in stubs.all] == [1, 1, 1]

    async def test_nothing_to_do_again(self, api: httpx2.AsyncClient) -> None:
        run = await finished(api, await ready_product(api))
        assert_problem(await api.post(f"/api/v1/runs/{run['id']}/retry"), 409, "nothing-to-retry")

    async def test_of_a_run_under_way_joins(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.generate.hang()
        run = await enrich(api, product_id)
        await stubs.generate.called()
        answer = (await api.post(f"/api/v1/runs/{run['id']}/retry")).json()
        assert (answer["id"], answer["joined"]) == (run["id"], True)
        stubs.generate.release()
        await run_with_status(api, run["id"])


class TestReuse:
    async def test_what_did_not_change_is_not_asked_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        again = await finished(api, product_id)
        assert again["status"] == "succeeded"
        assert [step["status"] for step in again["steps"]] == ["reused", "succeeded", "succeeded", "reused"]
        assert [len(service.calls) for service in stubs.all] == [1, 2, 1]
        assert again["usage"]["input_tokens"] == 0, "it was paid for by the run before"
        assert await product_status(api, product_id) == "needs_review"
        assert [text["version"] for text in await listings(api, product_id, all_versions=True)] == [1]

    async def test_force_does_all_of_it_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        again = await finished(api, product_id, force=True)
        assert {step["status"] for step in again["steps"]} == {"succeeded"}
        assert [len(service.calls) for service in stubs.all] == [2, 2, 2]
        assert stubs.extract.calls[1].body.max_age_s == 0
        versions = await listings(api, product_id, all_versions=True)
        assert [text["version"] for text in versions] == [1], "the same text again is nothing new to review"

    async def test_a_changed_fact_changes_the_text_only(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        await api.patch(f"/api/v1/products/{product_id}", json={"brand": "Brunnhof"}, headers={"If-Match": "*"})
        again = await finished(api, product_id)
        assert [step["status"] for step in again["steps"]] == ["reused", "succeeded", "succeeded", "succeeded"]

    async def test_a_new_engine_is_a_reason_to_write_again(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        stubs.generate.engines = [stubs.generate.engines[0].model_copy(update={"name": "better"})]
        monitor = backend.app.state.health_monitor
        await eventually(lambda: [each.name for each in monitor.engines("generate-description")] == ["better"])
        assert [step["status"] for step in (await finished(api, product_id))["steps"]][-1] == "succeeded"

    async def test_facts_that_were_lost_since_are_read_again(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        stubs.describe.fails_with(ImageUnreadable("Not this time."))
        assert (await finished(api, product_id, force=True))["status"] == "partial"
        stubs.describe.behaviour = None
        assert (await finished(api, product_id))["status"] == "succeeded"
        assert "material" in await facts(api, product_id)


class TestChangesMeanwhile:
    async def test_an_image_deleted_before_its_turn(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api, images=(RED,))
        await stubs.describe.down()
        run = await enrich(api, product_id)
        await run_with_status(api, run["id"], {"waiting"})
        image = (await api.get(f"/api/v1/products/{product_id}/images")).json()[0]
        assert (await api.delete(f"/api/v1/products/{product_id}/images/{image['id']}")).status_code == 204
        await stubs.describe.up()
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "partial"
        assert "material" not in await facts(api, product_id)

    async def test_an_image_deleted_while_it_is_looked_at(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api, images=(RED, BLUE))
        stubs.describe.hang()
        run = await enrich(api, product_id)
        await stubs.describe.called(2)
        image = (await api.get(f"/api/v1/products/{product_id}/images")).json()[0]
        await api.delete(f"/api/v1/products/{product_id}/images/{image['id']}")
        stubs.describe.release()
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "partial"
        known = await facts(api, product_id)
        refs = {source["source"]["ref"] for fact in known.values() for source in fact["sources"]}
        assert f"sha256:{image['sha256']}" not in refs, "what is deleted says nothing any more"
        assert "material" in known

    async def test_a_page_deleted_while_it_is_read(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.extract.hang()
        run = await enrich(api, product_id)
        await stubs.extract.called()
        source = (await api.get(f"/api/v1/products/{product_id}/sources")).json()[0]
        await api.delete(f"/api/v1/products/{product_id}/sources/{source['id']}")
        stubs.extract.release()
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "partial"
        assert "height" not in await facts(api, product_id)

    async def test_the_product_deleted_meanwhile(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.extract.hang()
        run = await enrich(api, product_id)
        await stubs.extract.called()
        assert (await api.delete(f"/api/v1/products/{product_id}", headers={"If-Match": "*"})).status_code == 204
        stubs.extract.release()
        ended = await run_with_status(api, run["id"])
        assert ended["status"] in {"failed", "partial", "cancelled"}
        restored = (await api.post(f"/api/v1/products/{product_id}/restore")).json()
        assert restored["status"] != "enriching"
        assert (await finished(api, product_id))["status"] == "succeeded"

    async def test_a_page_that_fails_keeps_what_it_said(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        stubs.extract.fails_with(PageUnavailable("Gone."))
        assert (await finished(api, product_id))["status"] == "partial"
        assert "height" in await facts(api, product_id)

    async def test_an_image_that_fails_keeps_what_was_read_from_it(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        before = await facts(api, product_id)
        stubs.describe.fails_with(ImageUnreadable("Not today."))
        assert (await finished(api, product_id, force=True))["status"] == "partial"
        assert (await facts(api, product_id)).keys() == before.keys()

    async def test_without_a_new_text_the_product_is_what_it_was(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        stubs.generate.fails_with(ImageUnreadable("It makes no sense."))
        assert (await finished(api, product_id, force=True))["status"] == "failed"
        assert await product_status(api, product_id) == "needs_review"


class TestApproval:
    async def test_an_engine_never_supersedes_an_approved_version(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        await backend.execute("UPDATE listings SET status = 'approved'")
        approved = (await listings(api, product_id))[0]
        for number in range(2):
            stubs.generate.behaviour = lambda request, number=number: written(request).model_copy(
                update={"title": f"Another title {number}"}
            )
            await finished(api, product_id, force=True)
        versions = await listings(api, product_id, all_versions=True)
        assert [(text["version"], text["status"]) for text in versions] == [
            (3, "needs_review"), (2, "superseded"), (1, "approved"),
        ]  # fmt: skip
        assert versions[2]["content"] == approved["content"]


class TestConflicts:
    async def test_they_are_shown_and_the_loser_is_not_written(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        stubs.describe.behaviour = lambda request: described(
            request, [image_fact("0" * 64, "Capacity", "330", "ml"), image_fact("0" * 64, "Height", "80", "mm")]
        )
        stubs.extract.behaviour = lambda request: extracted(
            request,
            [
                web_fact(PAGE, "Capacity", "350", "ml"),
                web_fact(PAGE, "Height", "8", "cm"),
                web_fact(PAGE, "description", "Holds 350 ml of coffee."),
            ],
        )
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "succeeded"
        conflicts = (await api.get(f"/api/v1/products/{product_id}/conflicts")).json()
        assert [conflict["name"] for conflict in conflicts] == ["volume"]
        # Structured page data comes before the text on the pack.
        assert [option["value"] for option in conflicts[0]["options"]] == ["350", "330"]
        assert [source["source"]["kind"] for option in conflicts[0]["options"] for source in option["sources"]] == [
            "web", "image",
        ]  # fmt: skip
        known = await facts(api, product_id)
        assert {source["source"]["kind"] for source in known["height"]["sources"]} == {"web", "image"}
        item = (await api.get("/api/v1/products")).json()["items"][0]
        assert item["conflict_count"] == 1

    async def test_a_disputed_sentence_never_reaches_the_writer(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        stubs.describe.behaviour = lambda request: described(
            request, [image_fact("0" * 64, "pack_text", "330 ml of joy"), image_fact("0" * 64, "Capacity", "330", "ml")]
        )
        stubs.extract.behaviour = lambda request: extracted(request, [web_fact(PAGE, "Capacity", "350", "ml")])
        product_id = await ready_product(api)
        await finished(api, product_id)
        asked = {fact.name: fact.value for fact in stubs.generate.calls[0].body.facts}
        assert asked == {"name": "Enamel mug", "volume": "350"}
        known = await facts(api, product_id)
        assert known["pack_text"]["disputed"] is True

    async def test_the_snapshot_is_kept(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        source = (await api.get(f"/api/v1/products/{product_id}/sources")).json()[0]
        snapshot = (await api.get(f"/api/v1/snapshots/{source['snapshot_sha256']}")).json()
        cited = (await facts(api, product_id))["height"]["sources"][0]
        assert cited["snapshot_sha256"] == source["snapshot_sha256"]
        locator, quote = cited["source"]["locator"], cited["source"]["quote"]
        assert snapshot["text"][locator["start"] : locator["end"]] == quote
        # The page changes; the old quote still resolves.
        stubs.extract.behaviour = lambda request: extracted(request, snapshot="something else", fetched_at=now())
        await finished(api, product_id)
        assert (await api.get(f"/api/v1/snapshots/{source['snapshot_sha256']}")).json() == snapshot
