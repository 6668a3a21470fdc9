"""Rendering through the whole service: when it is done, what comes of it, and what when it fails."""

import pytest

from extract_webcontent.browser.choice import choose_renderer
from extract_webcontent.errors import RenderingUnavailable
from extract_webcontent.settings import Settings
from shared.utils.outbound import OutboundPolicy

pytestmark = pytest.mark.browser

SHELL = """<!doctype html><html lang="en"><head><title>Shop</title></head><body><div id="root"></div><script>
fetch('/mug.json').then(r => r.json()).then(d => { document.title = d.name; document.getElementById('root').innerHTML =
  `<main><h1>${d.name}</h1><p class="price">£${d.price}</p><button>Add to basket</button>
  <table><tr><th>Capacity</th><td>330 ml</td></tr></table></main>`; });
</script></body></html>"""
WHOLE = """<!doctype html><html lang="en"><head><title>Blue mug | Shop</title></head><body><main><h1>Blue mug</h1>
<p class="price">£12.90</p><button>Add to basket</button><table><tr><th>Capacity</th><td>330 ml</td></tr></table>
<div class="description"><p>A mug for the camp fire and for the kitchen table. Two coats of enamel on steel keep it from
rusting, and the rolled rim is kind to the lips. It may go into the dishwasher, but not into the microwave. Made in one
piece, so that nothing can come loose.</p></div></main><script>fetch('/from-a-browser')</script></body></html>"""


@pytest.fixture
def shell(site):
    site.page("/mug.json", '{"name": "Blue mug", "price": "12.90"}', content_type="application/json")
    return site.page("/shell", SHELL)


class TestAuto:
    async def test_an_app_shell_is_rendered(self, render, shell):
        page = (await render(url=shell)).json()
        assert page["rendered"] is True
        assert page["product"]["name"] == "Blue mug"
        assert page["product"]["price"] == {"amount": "12.90", "currency": "GBP"}
        assert (page["status"], page["final_url"]) == (200, shell)
        for fact in page["facts"]:
            locator = fact["source"]["locator"]
            assert page["snapshot"][locator["start"] : locator["end"]] == fact["source"]["quote"]

    async def test_what_the_server_sent_whole_is_not(self, render, site):
        page = (await render(url=site.page("/whole", WHOLE))).json()
        assert page["rendered"] is False
        assert page["product"]["name"] == "Blue mug"
        assert "/from-a-browser" not in site.requests

    async def test_what_the_browser_cannot_better_is_kept(self, render, site):
        html = "<html><title>Imprint</title><h1>Imprint</h1><p>Ribera S. L., Bilbao.</p><script>1</script></html>"
        page = (await render(url=site.page("/imprint", html))).json()
        assert page["rendered"] is False
        assert "Ribera" in page["snapshot"]

    async def test_when_rendering_fails_the_page_as_sent_is_the_answer(self, render, site):
        html = "<html><title>Loop</title><h1>Loop</h1><script>while (true) {}</script></html>"
        response = await render(url=site.page("/loop", html))
        assert response.status_code == 200, response.text
        assert response.json()["rendered"] is False
        assert "Loop" in response.json()["snapshot"]

    async def test_a_deadline_leaves_time_for_the_answer(self, render, site):
        html = "<html><title>Loop</title><h1>Loop</h1><script>while (true) {}</script></html>"
        response = await render(url=site.page("/loop", html), headers={"X-Deadline-Ms": "6000"})
        assert (response.status_code, response.json()["rendered"]) == (200, False)

    async def test_where_time_is_short_no_browser_is_asked(self, render, shell, site):
        response = await render(url=shell, headers={"X-Deadline-Ms": "4000"})
        assert (response.status_code, response.json()["rendered"]) == (200, False)
        assert site.requests.count("/shell") == 1

    async def test_a_rendered_page_is_kept_too(self, render, shell, site):
        shell = site.page("/kept-shell", SHELL)
        first = (await render(url=shell, max_age_s=60)).json()
        second = (await render(url=shell, max_age_s=60)).json()
        assert (first["rendered"], second["rendered"]) == (True, True)
        assert second["from_cache"] is True
        assert second["fetched_at"] == first["fetched_at"]
        assert second["facts"] == first["facts"]
        assert site.requests.count("/mug.json") == 1


class TestNever:
    async def test_no_browser_is_asked(self, render, shell, site):
        page = (await render(url=shell, render="never")).json()
        assert (page["rendered"], page["product"]) == (False, None)
        assert "/mug.json" not in site.requests


class TestAlways:
    async def test_the_browser_reads_it(self, render, site):
        page = (await render(url=site.page("/whole", WHOLE), render="always")).json()
        assert page["rendered"] is True
        assert "/from-a-browser" in site.requests

    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f000001/"])
    async def test_forbidden_targets(self, render, url):
        response = await render(url=url, render="always", respect_robots=False)
        assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden-target")

    async def test_urls_that_are_not_fetched(self, render):
        response = await render(url="file:///etc/passwd", render="always")
        assert (response.status_code, response.json()["type"]) == (422, "/problems/url-not-allowed")

    async def test_the_status_of_the_page(self, render, site):
        response = await render(url=site.url("/missing"), render="always")
        assert (response.status_code, response.json()["upstream_status"]) == (502, 404)

    async def test_a_page_that_never_ends(self, render, site):
        response = await render(url=site.page("/loop", "<script>while (true) {}</script>"), render="always")
        assert (response.status_code, response.json()["type"]) == (504, "/problems/reading-timeout")

    async def test_html_that_is_sent_along_is_not_rendered(self, render):
        assert (await render(html="<h1>x</h1>", render="always")).status_code == 503


class TestWithoutABrowser:
    async def test_auto_reads_what_the_server_sends(self, extract, site):
        site.page("/mug.json", '{"name": "Blue mug", "price": "12.90"}', content_type="application/json")
        response = await extract(url=site.page("/shell-alone", SHELL))
        assert (response.status_code, response.json()["rendered"], response.json()["product"]) == (200, False, None)

    def test_the_settings_choose(self, tmp_path):
        policy = OutboundPolicy()
        gone = choose_renderer(Settings(chromium_path=tmp_path / "gone"), policy)
        assert "gone" in (gone.health().detail or "")
        none = choose_renderer(Settings(renderer="none"), policy)
        assert "switched off" in (none.health().detail or "")
        no_driver = Settings(renderer="selenium", chromium_path=__file__, chromedriver_path=tmp_path / "gone")
        assert "chromedriver" in (choose_renderer(no_driver, policy).health().detail or "")

    async def test_a_browser_that_does_not_start_is_told(self, tmp_path):
        broken = tmp_path / "chromium"
        broken.write_text("#!/bin/sh\necho no display >&2; exit 1\n")
        broken.chmod(0o755)
        renderer = choose_renderer(Settings(chromium_path=broken), OutboundPolicy())
        for _ in range(2):
            with pytest.raises(RenderingUnavailable):
                await renderer.render("http://example.com/", timeout_s=20)
        assert not renderer.health().ready
        assert (renderer.health().detail or "").startswith("rendering unavailable: ")
        await renderer.close()


class TestHealth:
    async def test_the_browser_is_an_engine(self, render):
        engines = {engine["name"]: engine for engine in (await render.client.get("/health")).json()["engines"]}
        assert engines["browser"]["ready"] is True
        assert "chrom" in engines["browser"]["model"]
