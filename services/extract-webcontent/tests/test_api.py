"""The service over real HTTP, fetching from a real site on loopback."""

import gzip

import brotli
import pytest
import zstandard

PRODUCT = """<!doctype html><html lang="es"><head><title>Taza esmaltada azul | Tienda</title></head><body>
<nav><a href="/">Inicio</a></nav><main><h1>Taza esmaltada azul</h1><p class="price">12,90 €</p>
<button>Añadir al carrito</button>
<table><tr><th>Capacidad</th><td>330 ml</td></tr><tr><th>Peso</th><td>0,145 kg</td></tr></table>
<div class="description"><p>Una taza para la hoguera y para la mesa de la cocina.
Dos capas de esmalte sobre acero.</p></div>
</main></body></html>"""


def problem(response, status: int, kind: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == f"/problems/{kind}"
    return response.json()


class TestExtract:
    async def test_a_spanish_page_with_decimal_commas(self, extract, site):
        url = site.page("/taza.html", PRODUCT)
        response = await extract(url=url)
        assert response.status_code == 200, response.text
        page = response.json()
        assert page["language"] == "es"
        assert page["status"] == 200
        assert page["final_url"] == url
        assert page["product"]["price"] == {"amount": "12.90", "currency": "EUR"}
        facts = {fact["name"]: fact for fact in page["facts"]}
        assert (facts["Capacidad"]["value"], facts["Capacidad"]["unit"]) == ("330", "ml")
        assert (facts["Peso"]["value"], facts["Peso"]["unit"]) == ("0.145", "kg")
        assert "0,145 kg" in facts["Peso"]["source"]["quote"]
        assert "taza para la hoguera" in page["main_text"]
        for fact in page["facts"]:
            locator = fact["source"]["locator"]
            assert page["snapshot"][locator["start"] : locator["end"]] == fact["source"]["quote"]
            assert fact["source"]["ref"] == url

    async def test_the_same_page_gives_the_same_fact_ids(self, extract, site):
        url = site.page("/taza.html", PRODUCT)
        first, second = (await extract(url=url)).json(), (await extract(url=url)).json()
        assert [fact["id"] for fact in first["facts"]] == [fact["id"] for fact in second["facts"]]
        assert len({fact["id"] for fact in first["facts"]}) == len(first["facts"])

    async def test_html_without_url_has_a_ref_of_its_own(self, extract):
        page = (await extract(html=PRODUCT)).json()
        assert page["url"] is None
        assert {fact["source"]["ref"] for fact in page["facts"]} == {f"html:sha256:{page['content_sha256']}"}

    async def test_html_with_url_resolves_links_and_fetches_nothing(self, extract, site):
        html = PRODUCT.replace(
            "<table>", '<div class="gallery"><img src="/img/taza.jpg" alt="Taza esmaltada azul"></div><table>'
        )
        page = (await extract(html=html, url="https://shop.example/taza")).json()
        assert page["product"]["images"] == [{"url": "https://shop.example/img/taza.jpg", "alt": "Taza esmaltada azul"}]
        assert site.requests == []

    async def test_main_text_can_be_left_out(self, extract, site):
        assert (await extract(url=site.page("/t", PRODUCT), main_text=False)).json()["main_text"] is None

    async def test_the_cache(self, extract, site):
        url = site.page("/cached.html", PRODUCT)
        first = (await extract(url=url, max_age_s=60)).json()
        second = (await extract(url=url, max_age_s=60)).json()
        fresh = (await extract(url=url, max_age_s=0)).json()
        assert [first["from_cache"], second["from_cache"], fresh["from_cache"]] == [False, True, False]
        assert second["fetched_at"] == first["fetched_at"]
        assert site.requests.count("/cached.html") == 2

    async def test_a_page_without_a_product(self, extract, site):
        url = site.page("/impressum", "<html><title>Imprint</title><h1>Imprint</h1><p>Ribera S. L., Bilbao.</p></html>")
        page = (await extract(url=url)).json()
        assert page["product"] is None
        assert page["blocked"] is None

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            ("gzip", gzip.compress(PRODUCT.encode())),
            ("br", brotli.compress(PRODUCT.encode())),
            ("zstd", zstandard.ZstdCompressor().compress(PRODUCT.encode())),
        ],
    )
    async def test_compressed_pages(self, extract, site, encoding, body):
        page = (await extract(url=site.page("/c", body, Content_Encoding=encoding))).json()
        assert page["product"]["name"] == "Taza esmaltada azul"

    async def test_a_lying_charset(self, extract, site):
        url = site.page("/charset", PRODUCT, content_type="text/html; charset=iso-8859-1")
        assert "Añadir al carrito" in (await extract(url=url)).json()["snapshot"]

    async def test_a_lying_content_type(self, extract, site):
        url = site.page("/type", PRODUCT, content_type="application/octet-stream")
        assert (await extract(url=url)).json()["product"]["name"] == "Taza esmaltada azul"


class TestProblems:
    async def test_the_status_of_the_page(self, extract, site):
        body = problem(await extract(url=site.url("/missing")), 502, "page-unavailable")
        assert body["upstream_status"] == 404
        assert body["detail"] == "The page answered 404."

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "169.254.169.254", "[::ffff:7f00:1]"]
    )
    async def test_forbidden_targets(self, extract, host):
        problem(await extract(url=f"http://{host}/"), 403, "forbidden-target")

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "http://127.0.0.1:22/", "http://u:p@example.com/", "no url", "http://a\\b/"]
    )
    async def test_urls_that_are_not_fetched(self, extract, url):
        problem(await extract(url=url), 422, "url-not-allowed")

    async def test_unknown_fields(self, extract):
        problem(await extract(url="http://example.com/", colour="red"), 422, "invalid-request")

    async def test_a_redirect_inside(self, extract, site):
        url = site.page("/r", "", status="302 Found", Location="http://127.0.0.1/admin")
        problem(await extract(url=url), 403, "forbidden-target")

    async def test_a_redirect_loop(self, extract, site):
        url = site.page("/loop", "", status="302 Found", Location="/loop")
        problem(await extract(url=url), 502, "too-many-redirects")

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            ("gzip", gzip.compress(bytes(100_000_000))),
            ("br", brotli.compress(bytes(100_000_000), quality=4)),
            ("zstd", zstandard.ZstdCompressor().compress(bytes(100_000_000))),
        ],
    )
    async def test_bombs(self, extract, site, encoding, body):
        url = site.page("/bomb", body, Content_Encoding=encoding)
        problem(await extract(url=url), 502, "upstream-too-large")

    async def test_a_slow_loris(self, extract, site):
        site.slow.add("/slow")
        problem(await extract(url=site.url("/slow")), 504, "upstream-timeout")

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"%PDF-1.7 ...", "text/html"),
            (b"\x89PNG\r\n\x1a\n" + bytes(100), "text/html"),
            (b"\x00\x01\x02" * 100, "text/html"),
            (b'{"name": "Mug"}', "application/json"),
            (b"", "text/html"),
        ],
    )
    async def test_what_is_not_html(self, extract, site, body, content_type):
        problem(await extract(url=site.page("/x", body, content_type=content_type)), 415, "unsupported-page")

    async def test_rendering_is_not_available(self, extract, site):
        body = problem(await extract(url=site.page("/t", PRODUCT), render="always"), 503, "rendering-unavailable")
        assert "Rendering is not available" in body["detail"]


class TestRobots:
    async def test_can_be_passed_by_on_request(self, extract, site):
        url = site.page("/taza.html", PRODUCT)
        assert (await extract(url=url, respect_robots=False)).status_code == 200
        assert site.requests == ["/taza.html"]


HOSTILE = {
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">x</p>",
    "nesting": "<div>" * 100_000,
    "siblings": "<b>x</b>" * 500_000,
    "one long line": "<p>" + "x" * 9_000_000,
    "nested json": '<script type="application/ld+json">' + "[" * 200_000 + "</script><h1>x</h1>",
    "open comments": "<!--" * 500_000,
    "many selectors": "<style>" + ".a{display:none}" * 200_000 + "</style><h1>Mug</h1>",
    "digits": "<h1>Mug</h1><p class=price>" + "1.1" * 300_000,
}


class TestHostilePages:
    @pytest.mark.parametrize("name", HOSTILE)
    async def test_the_service_lives_on(self, extract, client, name):
        response = await extract(html=HOSTILE[name])
        assert response.status_code in (200, 422, 504), response.text
        assert (await client.get("/health")).status_code == 200
        assert (await extract(html=PRODUCT)).json()["product"]["name"] == "Taza esmaltada azul"


class TestHealth:
    async def test_says_that_rendering_is_unavailable(self, client):
        body = (await client.get("/health")).json()
        engines = {engine["name"]: engine for engine in body["engines"]}
        assert body["status"] == "ok"
        assert engines["static"]["ready"]
        assert not engines["browser"]["ready"]
        assert "rendering unavailable" in engines["browser"]["detail"]
