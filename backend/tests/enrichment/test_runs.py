import asyncio
from typing import Any

import httpx2
import pytest
from fastapi.responses import JSONResponse

from backend.tests.support.backend import (
    Backend,
    assert_problem,
    create_product,
    enrich,
    run_with_status,
    step_statuses,
    upload,
)
from backend.tests.support.images import image_bytes
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices, described, extracted, image_fact, web_fact, written
from shared.models.base import now
from shared.models.describe import DescribeRequest, DescribeResponse
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.utils.errors import AppError, InternalError, ServiceBusy

PAGE = "https://shop.example/mug"
OTHER_PAGE = "https://other.example/mug"
RED, BLUE = image_bytes(color=(200, 0, 0)), image_bytes(color=(0, 0, 200))


class PageUnavailable(AppError):
    status, title = 502, "The page could not be had"


class ImageUnreadable(AppError):
    status, title = 422, "The image is damaged"


async def ready_product(
    api: httpx2.AsyncClient, *, images: tuple[bytes, ...] = (RED,), pages: tuple[str, ...] = (PAGE,), **fields: Any
) -> str:
    product = await create_product(api, source_urls=list(pages), **fields)
    for number, content in enumerate(images):
        assert (await upload(api, product["id"], content, f"photo-{number}.png")).status_code == 201
    return str(product["id"])


async def product_status(api: httpx2.AsyncClient, product_id: str) -> str:
    return str((await api.get(f"/api/v1/products/{product_id}")).json()["status"])


async def listings(api: httpx2.AsyncClient, product_id: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/v1/products/{product_id}/listings", params=query)).json()
    return found


async def facts(api: httpx2.AsyncClient, product_id: str) -> dict[str, dict[str, Any]]:
    return {fact["name"]: fact for fact in (await api.get(f"/api/v1/products/{product_id}/facts")).json()}


async def finished(api: httpx2.AsyncClient, product_id: str, **options: Any) -> dict[str, Any]:
    return await run_with_status(api, (await enrich(api, product_id, **options))["id"])


class TestHappyPath:
    async def test_photos_and_pages_become_listings(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(
            api, images=(RED, BLUE), pages=(PAGE, OTHER_PAGE), languages=["en", "es"], brand="Brunnhof"
        )
        answer = await api.post(f"/api/v1/products/{product_id}/enrich")
        assert answer.status_code == 202
        started = answer.json()
        assert answer.headers["location"] == f"/api/v1/runs/{started['id']}"
        assert started["joined"] is False
        assert [step["key"].partition(":")[0] for step in started["steps"]] == [
            "describe", "describe", "extract", "extract", "merge", "generate", "generate",
        ]  # fmt: skip
        run = await run_with_status(api, started["id"])
        assert run["status"] == "succeeded"
        assert run["missing"] == []
        assert {step["status"] for step in run["steps"]} == {"succeeded"}
        assert all(step["attempts"] == 1 for step in run["steps"])
        assert run["usage"] == {"input_tokens": 20, "output_tokens": 10, "cost_usd": 0.002}
        assert [len(service.calls) for service in stubs.all] == [2, 2, 2]
        assert await product_status(api, product_id) == "needs_review"

        known = await facts(api, product_id)
        assert known["brand"]["sources"][0]["source"]["kind"] == "merchant"
        assert {source["source"]["kind"] for source in known["material"]["sources"]} == {"image"}
        assert len(known["material"]["sources"]) == 2
        assert {source["source"]["ref"] for source in known["height"]["sources"]} == {PAGE, OTHER_PAGE}

        texts = await listings(api, product_id)
        assert [(text["language"], text["version"], text["author"]) for text in texts] == [
            ("en", 1, "ai"), ("es", 1, "ai"),
        ]  # fmt: skip
        for text in texts:
            assert text["run_id"] == run["id"]
            cited = {fact_id for claim in text["content"]["claims"] for fact_id in claim["fact_ids"]}
            assert cited
            assert cited <= {fact["id"] for fact in text["facts"]}

    async def test_what_the_services_are_asked(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api, languages=["es"])
        run = await finished(api, product_id, ui_language="es", engine="composer")
        describe, extract, generate = (service.calls[0] for service in stubs.all)
        assert describe.body.image_bytes() == RED
        assert describe.body.hint == "Enamel mug"
        assert describe.body.language == "es"
        assert extract.body.url == PAGE
        assert (generate.body.language, generate.body.ui_language, generate.body.engine) == ("es", "es", "composer")
        assert generate.body.product.sku == "MUG-1"
        assert [image.description for image in generate.body.images] == ["A photo of Enamel mug."]
        for call, step in zip((describe, extract, generate), (0, 1, 3), strict=True):
            key = run["steps"][step]["key"]
            assert call.key is not None
            assert call.key.startswith(f"{run['id']}:{key}:")
            assert call.headers["traceparent"]
            assert 0 < int(call.headers["x-deadline-ms"]) <= 120_000

    async def test_photos_and_pages_are_read_side_by_side(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.describe.hang()
        stubs.extract.hang()
        run = await enrich(api, product_id)
        await asyncio.gather(stubs.describe.called(), stubs.extract.called())
        assert stubs.generate.calls == []
        stubs.describe.release()
        await eventually(lambda: stubs.describe.completed == 1)
        assert (await api.get(f"/api/v1/runs/{run['id']}")).json()["status"] == "running"
        assert stubs.generate.calls == []
        stubs.extract.release()
        assert (await run_with_status(api, run["id"]))["status"] == "succeeded"

    async def test_a_product_without_photos_and_pages(self, api: httpx2.AsyncClient) -> None:
        product_id = await ready_product(api, images=(), pages=())
        assert (await finished(api, product_id))["status"] == "succeeded"
        assert len(await listings(api, product_id)) == 1

    async def test_the_list_of_products_tells_the_state(self, api: httpx2.AsyncClient) -> None:
        product_id = await ready_product(api, languages=["en", "es"])
        run = await finished(api, product_id)
        item = (await api.get("/api/v1/products")).json()["items"][0]
        assert item["id"] == product_id
        assert (item["image_count"], item["source_count"], item["conflict_count"]) == (1, 1, 0)
        assert item["listing_languages"] == ["en", "es"]
        assert item["run"]["id"] == run["id"]
        assert item["run"]["status"] == "succeeded"
        assert item["image"]["urls"]["320"].startswith("/media/")

    async def test_the_runs_of_a_product_newest_first(self, api: httpx2.AsyncClient) -> None:
        product_id = await ready_product(api, images=(), pages=())
        ids = [(await finished(api, product_id))["id"] for _ in range(3)]
        runs = (await api.get(f"/api/v1/products/{product_id}/runs?limit=2")).json()
        assert [run["id"] for run in runs] == [ids[2], ids[1]]

    @pytest.mark.parametrize(
        "body", [{"languages": []}, {"languages": ["English"]}, {"engine": "../x"}, {"more": 1}, {"force": "perhaps"}]
    )
    async def test_invalid_options(self, api: httpx2.AsyncClient, body: dict[str, Any]) -> None:
        product_id = await ready_product(api, images=(), pages=())
        answer = await api.post(f"/api/v1/products/{product_id}/enrich", json=body)
        assert_problem(answer, 422, "invalid-request")


class TestJoining:
    async def test_a_second_call_joins(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.generate.hang()
        first = await enrich(api, product_id)
        await stubs.generate.called()
        answer = await api.post(f"/api/v1/products/{product_id}/enrich", json={"languages": ["de"]})
        assert answer.status_code == 200
        assert answer.json()["joined"] is True
        assert answer.json()["id"] == first["id"]
        stubs.generate.release()
        await run_with_status(api, first["id"])
        assert (await enrich(api, product_id))["joined"] is False

    async def test_many_at_once_start_one_run(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        stubs.generate.hang()
        answers = await asyncio.gather(*(api.post(f"/api/v1/products/{product_id}/enrich") for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
        assert len({answer.json()["id"] for answer in answers}) == 1
        stubs.generate.release()
        await run_with_status(api, answers[0].json()["id"])
        assert len(stubs.generate.calls) == 1

    async def test_products_run_independently(self, api: httpx2.AsyncClient) -> None:
        ids = [(await create_product(api, f"P-{number}"))["id"] for number in range(6)]
        runs = [await enrich(api, product_id) for product_id in ids]
        ended = await asyncio.gather(*(run_with_status(api, run["id"]) for run in runs))
        assert {run["status"] for run in ended} == {"succeeded"}


class TestMissingParts:
    async def test_a_page_that_is_gone(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        def page(request: ExtractRequest) -> ExtractResponse:
            if request.url == OTHER_PAGE:
                raise PageUnavailable("It answers 404.")
            return extracted(request)

        stubs.extract.behaviour = page
        product_id = await ready_product(api, pages=(PAGE, OTHER_PAGE))
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert run["missing"] == [f"{OTHER_PAGE}: It answers 404."]
        statuses = step_statuses(run)
        assert statuses.pop(f"extract:{OTHER_PAGE}") == "failed"
        assert set(statuses.values()) == {"succeeded"}
        assert await product_status(api, product_id) == "needs_review"
        good, bad = (await api.get(f"/api/v1/products/{product_id}/sources")).json()
        assert (good["problem"], good["fact_count"]) == (None, 1)
        assert bad["problem"]["type"] == "/problems/page-unavailable"
        assert len(await listings(api, product_id)) == 1

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [({"product": None}, "page-without-product"), ({"product": None, "blocked": "captcha"}, "page-blocked")],
    )
    async def test_a_page_that_shows_no_product(
        self, api: httpx2.AsyncClient, stubs: StubServices, changes: dict[str, Any], kind: str
    ) -> None:
        stubs.extract.behaviour = lambda request: extracted(request, facts=[], **changes)
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert len(run["missing"]) == 1
        source = (await api.get(f"/api/v1/products/{product_id}/sources")).json()[0]
        assert source["problem"]["type"] == f"/problems/{kind}"
        assert source["blocked"] == changes.get("blocked")
        assert len(stubs.extract.calls) == 1, "asking again would show the same page"

    async def test_an_image_that_cannot_be_read(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        def look(request: DescribeRequest) -> DescribeResponse:
            if request.image_bytes() == BLUE:
                raise ImageUnreadable("It is truncated.")
            return described(request)

        stubs.describe.behaviour = look
        product_id = await ready_product(api, images=(RED, BLUE))
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert run["missing"] == ["photo-1.png: It is truncated."]
        assert len(stubs.describe.calls) == 2, "a permanent failure is not tried again"

    async def test_nothing_readable_but_the_merchants_own_facts(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        stubs.describe.fails_with(ImageUnreadable("Damaged."))
        stubs.extract.fails_with(PageUnavailable("Gone."))
        attributes = [{"name": "Colour", "value": "Sea blue"}]
        product_id = await ready_product(api, images=(RED, BLUE), attributes=attributes, brand="Brunnhof")
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert len(run["missing"]) == 3
        assert set(await facts(api, product_id)) == {"name", "brand", "color"}
        assert "Sea blue" in (await listings(api, product_id))[0]["content"]["description"]

    async def test_without_a_text_the_run_has_failed(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.generate.fails_with(ImageUnreadable("It makes no sense."))
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "failed"
        assert run["missing"] == ["en: It makes no sense."]
        assert await product_status(api, product_id) == "draft"
        assert "height" in await facts(api, product_id), "what was read stays"

    async def test_one_language_of_two(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        def write(request: Any) -> Any:
            if request.language == "es":
                raise ImageUnreadable("No puedo.")
            return written(request)

        stubs.generate.behaviour = write
        product_id = await ready_product(api, languages=["en", "es"])
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert run["missing"] == ["es: No puedo."]
        assert [text["language"] for text in await listings(api, product_id)] == ["en"]

    async def test_a_hiccup_is_tried_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.describe.fails_with(InternalError("Once."), times=1)
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "succeeded"
        assert run["steps"][0]["attempts"] == 2
        assert len(set(stubs.describe.keys())) == 1

    async def test_an_answer_that_breaks_the_contract(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.describe.behaviour = lambda _: JSONResponse({"description": 7})
        product_id = await ready_product(api)
        run = await finished(api, product_id)
        assert run["status"] == "partial"
        assert run["steps"][0]["problem"]["type"] == "/problems/service-answer-invalid"

    async def test_nul_characters_from_a_page_do_not_stop_the_run(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        stubs.extract.behaviour = lambda request: extracted(
            request, facts=[web_fact(PAGE, "Note", "a\u0000b")], snapshot="x\u0000y", title="t\u0000"
        )
        product_id = await ready_product(api)
        assert (await finished(api, product_id))["status"] == "succeeded"
        assert (await facts(api, product_id))["note"]["value"] == "a\ufffdb"

    async def test_more_than_a_text_can_rest_on(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        """More facts and longer descriptions than the contract of generate-description takes."""
        many = [web_fact(PAGE, f"Feature {number}", f"value {number}") for number in range(2100)]
        stubs.extract.behaviour = lambda request: extracted(request, facts=many)
        stubs.describe.behaviour = lambda request: described(request).model_copy(update={"description": "x" * 9000})
        product_id = await ready_product(api, brand="Brunnhof")
        run = await finished(api, product_id)
        assert run["status"] == "succeeded"
        asked = stubs.generate.calls[0].body
        assert len(asked.facts) == 2000
        assert "brand" in {fact.name for fact in asked.facts}, "the most trusted facts stay"


class TestWaiting:
    @pytest.mark.parametrize("name", ["describe", "extract", "generate"])
    async def test_a_service_that_is_down_is_waited_for(
        self, api: httpx2.AsyncClient, stubs: StubServices, name: str
    ) -> None:
        service = getattr(stubs, name)
        product_id = await ready_product(api)
        await service.down()
        run = await enrich(api, product_id)
        waiting = await run_with_status(api, run["id"], {"waiting"})
        assert service.name in waiting["detail"]
        step = next(step for step in waiting["steps"] if step["key"].startswith(name))
        assert step["status"] == "running"
        await service.up()
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "succeeded"
        assert ended["detail"] is None
        assert len(service.calls) == 1

    async def test_a_service_that_is_full_is_waited_for(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.describe.fails_with(ServiceBusy("All places are taken."), times=6)
        product_id = await ready_product(api)
        run = await enrich(api, product_id)
        waiting = await run_with_status(api, run["id"], {"waiting"})
        assert waiting["detail"] == "All places are taken."
        ended = await run_with_status(api, run["id"])
        assert ended["status"] == "succeeded"
        assert ended["steps"][0]["attempts"] == 1, "asking whether there is room again is not a try"

    async def test_the_other_parts_go_on_meanwhile(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await stubs.describe.down()
        product_id = await ready_product(api)
        run = await enrich(api, product_id)
        await run_with_status(api, run["id"], {"waiting"})
        await eventually(lambda: stubs.extract.completed == 1)
        await stubs.describe.up()
        assert (await run_with_status(api, run["id"]))["status"] == "succeeded"


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
        assert [(text["version"], text["status"]) for text in versions] == [(2, "needs_review"), (1, "superseded")]

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
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        await backend.execute("UPDATE listings SET status = 'approved'")
        approved = (await listings(api, product_id))[0]
        await finished(api, product_id, force=True)
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
