"""The evidence report: every sentence with its facts, their quotes and places; hostile pages stay text."""

import base64
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import httpx2
import pytest
from PIL import Image

from backend.tests.support.backend import assert_problem
from backend.tests.support.listings import SUPPORTED, UNSUPPORTED, approve, edit, path, send, written_listing
from backend.tests.support.runs import PAGE
from backend.tests.support.services import StubServices, extracted, web_fact

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)></style><b>&amp;"


class Elements(HTMLParser):
    """All elements of a page with their attributes, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


async def report(api: httpx2.AsyncClient, listing: dict[str, Any]) -> dict[str, Any]:
    answer = await api.get(path(listing, "evidence"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestReport:
    async def test_each_claim_with_its_facts(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.behaviour = lambda request: extracted(
            request, [web_fact(PAGE, "Height", "8", "cm", start=14)], snapshot="A lovely mug, 8 cm high, of steel."
        )
        listing = await written_listing(api, stubs)
        found = await report(api, await approve(api, listing))
        assert (found["sku"], found["product_name"]) == ("MUG-1", "Enamel mug")
        assert (found["listing"]["status"], found["listing"]["reviewed_by"]) == ("approved", "Command line")
        facts = {fact["id"]: fact for fact in found["facts"]}
        height = next(each for each in found["claims"] if each["claim"]["text"] == "The mug is 8 cm high.")
        cited = [facts[fact_id] for fact_id in height["facts"]]
        source = next(fact for fact in cited if fact["name"] == "height")["sources"][0]
        assert (source["kind"], source["ref"], source["quote"]) == ("web", PAGE, "8 cm")
        assert (source["before"], source["after"]) == ("A lovely mug, ", " high, of steel.")
        assert source["fetched_at"]
        assert source["page_title"] == "A supplier's page"

    async def test_the_place_in_the_photo(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        found = await report(api, await written_listing(api, stubs))
        crops = [source["crop"] for fact in found["facts"] for source in fact["sources"] if source["kind"] == "image"]
        (crop,) = crops
        kind, _, encoded = crop.partition(",")
        assert kind == "data:image/webp;base64"
        with Image.open(BytesIO(base64.b64decode(encoded))) as image:
            assert image.format == "WEBP"
            assert max(image.size) <= 360

    async def test_what_was_overruled_and_by_whom(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs, f"{SUPPORTED} {UNSUPPORTED}")
        (claim,) = [each for each in listing["content"]["claims"] if each["verdict"] == "unsupported"]
        overruled = await send(api, "POST", listing, "claims", claim["id"], "overrule", reason=f"Tested. {HOSTILE}")
        found = await report(api, overruled)
        (told,) = [each["overruled"] for each in found["claims"] if each["overruled"]]
        assert (told["text"], told["by"]) == (UNSUPPORTED, "Command line")
        page = (await api.get(path(overruled, "evidence.html"))).text
        assert "Overruled by Command line" in page

    async def test_an_unknown_version(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        other = await written_listing(api, stubs, sku="MUG-2")
        foreign = {**listing, "product_id": other["product_id"]}
        for name in ("evidence", "evidence.html"):
            assert_problem(await api.get(path(foreign, name)), 404, "listing-not-found")


class TestPage:
    async def test_loads_and_runs_nothing(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        answer = await api.get(path(listing, "evidence.html"))
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "sandbox" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        for tag, attributes in Elements(answer.text).found:
            assert tag not in {"script", "link", "iframe", "object", "form"}
            assert attributes.get("src", "data:").startswith("data:image/webp;base64,") or tag != "img"
            assert attributes.get("href", "#").startswith("#")

    @pytest.mark.parametrize("language", ["en", "es"])
    async def test_hostile_words_stay_words(self, api: httpx2.AsyncClient, stubs: StubServices, language: str) -> None:
        snapshot = f"{HOSTILE} 8 cm {HOSTILE}"
        fact = web_fact(PAGE, f"Height {HOSTILE}"[:60], "8", "cm", start=len(HOSTILE) + 1)
        stubs.extract.behaviour = lambda request: extracted(request, [fact], snapshot=snapshot, title=HOSTILE)
        listing = await written_listing(api, stubs, f"{HOSTILE} It is 8 cm high.", sku="X<script>")
        mine = await edit(api, listing, title=HOSTILE, keywords=[HOSTILE], category=HOSTILE)
        rejected = await send(api, "POST", mine, "reject", reason=HOSTILE)
        page = (await api.get(path(rejected, "evidence.html"), params={"ui_language": language})).text
        seen = Elements(page)
        assert {tag for tag, _ in seen.found} <= {
            "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "dl", "dt", "dd", "p",
            "section", "div", "span", "strong", "a", "img", "mark", "blockquote",
        }  # fmt: skip
        assert not any("onerror" in attributes for _, attributes in seen.found)
        assert HOSTILE in "".join(seen.text)

    async def test_in_spanish(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        page = (await api.get(path(listing, "evidence.html"), params={"ui_language": "es-MX"})).text
        assert '<html lang="es">' in page
        assert "Informe de evidencias" in page
        assert "Evidence report" not in page

    async def test_in_a_language_that_it_does_not_speak(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        listing = await written_listing(api, stubs)
        page = (await api.get(path(listing, "evidence.html"), params={"ui_language": "de"})).text
        assert '<html lang="en">' in page
