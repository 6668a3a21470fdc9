import asyncio
from typing import Any

import httpx2
import pytest
from fastapi.responses import JSONResponse

from backend.tests.support.backend import (
    assert_problem,
    create_product,
    enrich,
    run_with_status,
    step_statuses,
)
from backend.tests.support.runs import (
    BLUE,
    OTHER_PAGE,
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
from backend.tests.support.services import StubServices, described, extracted, web_fact, written
from shared.models.describe import DescribeRequest, DescribeResponse
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.utils.errors import InternalError, ServiceBusy


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
