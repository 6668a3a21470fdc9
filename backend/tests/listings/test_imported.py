"""Texts out of a shop's file, and the texts that an export takes."""

import uuid
from typing import Any

import httpx2

from app.formats.items import ItemTexts
from app.listings.service import ListingService
from backend.tests.support.backend import Backend, create_product
from backend.tests.support.listings import again, approve, edit, history, path, really_checked, send, written_listing
from backend.tests.support.runs import listings, product_status
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices
from shared.models.generate import Listing


async def imported(backend: Backend, *texts: tuple[str, str, ItemTexts], **options: Any) -> set[str]:
    """The products that have something new."""
    async with backend.sessions.begin() as session:
        given = [(uuid.UUID(product_id), language, each) for product_id, language, each in texts]
        return {str(each) for each in await ListingService(session).add_imported_many(given, **options)}


async def exported(backend: Backend, product_id: str, **options: Any) -> dict[str, ItemTexts]:
    async with backend.sessions() as session:
        found = await ListingService(session).live_texts([uuid.UUID(product_id)], **options)
    return found.get(uuid.UUID(product_id), {})


MUG = ItemTexts(title="Mug", description="A mug of 9 l.", bullets=["One", "Two"], seo_title="Buy the mug")


class TestImport:
    async def test_what_is_new(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        spanish = ItemTexts(title="Taza")
        assert await imported(backend, (product["id"], "en", MUG), (product["id"], "es", spanish), author="Ana") == {
            product["id"]
        }
        by_language = {each["language"]: each for each in await listings(api, product["id"])}
        english = by_language["en"]
        assert (english["version"], english["status"], english["author_kind"]) == (1, "needs_review", "import")
        assert (english["author"], english["checked"], english["facts_changed"]) == ("Ana", False, False)
        content = Listing.model_validate(english["content"])
        assert (content.title, content.bullets, content.seo_title) == ("Mug", ["One", "Two"], "Buy the mug")
        assert by_language["es"]["content"]["title"] == "Taza"
        assert await product_status(api, product["id"]) == "needs_review"

    async def test_the_same_again_is_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        for expected in ({product["id"]}, set(), set()):
            assert await imported(backend, (product["id"], "en", MUG)) == expected
        assert await imported(backend, (product["id"], "en", ItemTexts(title="Mug"))) == set()
        assert await imported(backend, (product["id"], "en", ItemTexts())) == set()

    async def test_what_the_file_leaves_empty_stays(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        await imported(backend, (product["id"], "en", MUG))
        assert await imported(backend, (product["id"], "en", ItemTexts(title="Cup"))) == {product["id"]}
        (current,) = await listings(api, product["id"])
        assert (current["content"]["title"], current["content"]["description"]) == ("Cup", MUG.description)

    async def test_it_goes_live_when_the_shop_sells_with_it(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api)
        assert await imported(backend, (product["id"], "en", MUG), approve=True) == {product["id"]}
        (current,) = await listings(api, product["id"])
        assert (current["status"], current["live"], current["checked"]) == ("approved", True, False)
        assert await product_status(api, product["id"]) == "approved"
        assert await imported(backend, (product["id"], "en", MUG), approve=True) == set()
        assert await imported(backend, (product["id"], "en", ItemTexts(title="Cup")), approve=True) == {product["id"]}
        assert await history(api, {"product_id": product["id"]}) == [(2, "approved"), (1, "superseded")]

    async def test_an_engines_text_waits_beside_it(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        listing = await written_listing(api, stubs)
        await imported(backend, (listing["product_id"], "en", MUG))
        assert await history(api, listing) == [(2, "needs_review"), (1, "superseded")]
        (current,) = await listings(api, listing["product_id"])
        assert current["content"]["attributes"] == listing["content"]["attributes"]

    async def test_a_product_that_is_not_there(self, backend: Backend) -> None:
        assert await imported(backend, (str(uuid.uuid4()), "en", MUG)) == set()

    async def test_it_is_checked_when_somebody_asks(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        stubs.generate.check_behaviour = really_checked
        product = await create_product(api, attributes=[{"name": "Height", "value": "8", "unit": "cm"}])
        await imported(backend, (product["id"], "en", MUG))
        answer = await api.post("/api/v1/listings/check", json={"product_ids": [product["id"]]})
        assert (answer.status_code, answer.json()) == (202, {"queued": 1})

        async def is_checked() -> bool:
            return bool((await listings(api, product["id"]))[0]["checked"])

        await eventually(is_checked)
        (current,) = await listings(api, product["id"])
        assert [each["text"] for each in current["content"]["claims"] if each["verdict"] == "unsupported"][:1] == [
            "A mug of 9 l."
        ]

    async def test_a_live_one_may_be_checked_once(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        stubs.generate.check_behaviour = really_checked
        product = await create_product(api)
        await imported(backend, (product["id"], "en", MUG), approve=True)
        current = {**(await listings(api, product["id"]))[0], "product_id": product["id"]}
        checked = await send(api, "POST", current, "recheck")
        assert (checked["status"], checked["checked"]) == ("approved", True)
        assert checked["open_claims"] > 0
        again = await api.post(path(checked, "recheck"), headers={"If-Match": "*"})
        assert again.status_code == 409

    async def test_a_text_longer_than_a_check_takes(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        stubs.generate.check_behaviour = really_checked
        product = await create_product(api)
        description = "Nothing to see here. " * 1500 + "It weighs 7 kg."
        await imported(backend, (product["id"], "en", ItemTexts(title="Mug", description=description)))
        current = {**(await listings(api, product["id"]))[0], "product_id": product["id"]}
        checked = await send(api, "POST", current, "recheck")
        (claim,) = [each for each in checked["content"]["claims"] if each["text"] == "It weighs 7 kg."]
        assert description[claim["start"] : claim["end"]] == claim["text"]
        ids = [each["id"] for each in checked["content"]["claims"]]
        assert len(ids) == len(set(ids))


class TestLiveTexts:
    async def test_the_approved_ones(self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        product_id = listing["product_id"]
        assert await exported(backend, product_id) == {}
        await approve(api, listing)
        live = (await exported(backend, product_id))["en"]
        assert (live.title, live.bullets, live.ai_written) == ("Enamel mug", ["Height: 8 cm"], True)
        await edit(api, await again(api, listing), title="Enamel mug, 8 cm")
        assert (await exported(backend, product_id))["en"] == live
        newest = (await exported(backend, product_id, newest=True))["en"]
        assert (newest.title, newest.ai_written) == ("Enamel mug, 8 cm", False)
        assert await exported(backend, product_id, languages=["es"]) == {}

    async def test_a_round_trip_brings_nothing_new(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        listing = await approve(api, await written_listing(api, stubs))
        await edit(api, listing, title="Enamel mug, 8 cm")
        texts = (await exported(backend, listing["product_id"]))["en"]
        assert await imported(backend, (listing["product_id"], "en", texts)) == set()
        assert await imported(backend, (listing["product_id"], "en", texts), approve=True) == set()
