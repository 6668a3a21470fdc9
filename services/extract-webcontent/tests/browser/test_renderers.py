"""What every renderer must do, run over both drivers with a real browser."""

import asyncio
import contextlib
import gzip
import time

import psutil
import pytest

from extract_webcontent.errors import PageTooComplex, ReadingTimeout, UnsupportedPage
from shared.utils.errors import AppError, ServiceBusy
from shared.utils.outbound import (
    ForbiddenTarget,
    OutboundError,
    TooManyRedirects,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    UrlNotAllowed,
)

pytestmark = pytest.mark.browser

APP = """<!doctype html><html lang="en"><head><title>Shop</title></head><body><div id="root"></div><script>
fetch('/data.json').then(r => r.json()).then(d => {
  document.title = d.name;
  document.getElementById('root').innerHTML = '<h1>' + d.name + '</h1><p class="price">' + d.price + '</p>';
});
</script></body></html>"""


def page(script: str, body: str = "<h1>Mug</h1>") -> str:
    return f"<!doctype html><html><title>Mug</title><body>{body}<script>{script}</script></body></html>"


def browsers() -> list[int]:
    """Browser processes that descend from this one."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


class TestRendering:
    async def test_what_scripts_build_is_there(self, renderer, site):
        site.page("/data.json", '{"name": "Blue mug", "price": "12.90 EUR"}', content_type="application/json")
        shown = await renderer.render(site.page("/app", APP), timeout_s=20)
        assert "<h1>Blue mug</h1>" in shown.html
        assert "12.90 EUR" in shown.html
        assert shown.html.startswith("<!DOCTYPE html><html lang=")
        assert (shown.status, shown.final_url) == (200, site.url("/app"))

    async def test_what_comes_late_is_waited_for_while_there_is_nothing_to_read(self, renderer, site):
        late = page("setTimeout(() => { document.body.innerHTML = '<h1>Late mug</h1>' }, 900)", "")
        assert "<h1>Late mug</h1>" in (await renderer.render(site.page("/late", late), timeout_s=20)).html

    async def test_open_shadow_roots_are_part_of_the_page(self, renderer, site):
        script = "document.getElementById('x').attachShadow({mode: 'open'}).innerHTML = '<p>In the <b>shadow</b></p>'"
        shown = await renderer.render(site.page("/s", page(script, "<div id=x></div><p>after</p>")), timeout_s=20)
        assert "<div><p>In the <b>shadow</b></p></div>" in shown.html
        assert "<template" not in shown.html
        assert "<p>after</p>" in shown.html

    async def test_redirects_of_all_kinds_are_followed(self, renderer, site):
        site.page("/end", page("", "<h1>End</h1>"))
        by_script = site.page("/script", page("location.replace('/end')"))
        by_server = site.page("/server", "", status="302 Found", Location="/script")
        for url in (by_server, by_script):
            shown = await renderer.render(url, timeout_s=20)
            assert (shown.final_url, "<h1>End</h1>" in shown.html) == (site.url("/end"), True)

    async def test_the_status_is_the_pages(self, renderer, site):
        url = site.page("/gone", page("", "<h1>Gone</h1>"), status="410 Gone")
        assert (await renderer.render(url, timeout_s=20)).status == 410

    async def test_images_fonts_and_media_are_not_loaded(self, renderer, site):
        body = (
            "<style>@font-face{font-family:f;src:url(/f.woff2)} h1{font-family:f;background:url(/b.png)}</style>"
            '<h1>Mug</h1><img src="/i.png"><picture><source srcset="/p.webp"><img src="/p.png"></picture>'
            '<video src="/v.mp4" autoplay preload="auto" poster="/v.jpg"></video><audio src="/a.mp3" autoplay></audio>'
        )
        shown = await renderer.render(site.page("/media", page("new Image().src = '/new.png'", body)), timeout_s=20)
        assert set(site.requests) <= {"/media", "/favicon.ico"}
        assert '<img src="/i.png">' in shown.html

    async def test_pages_know_nothing_of_each_other(self, renderer, site):
        write = "document.cookie = 'a=1'; localStorage.setItem('a', '1');"
        read = "document.querySelector('h1').textContent = 'kept:' + document.cookie + localStorage.getItem('a')"
        await renderer.render(site.page("/write", page(write)), timeout_s=20)
        assert "kept:null" in (await renderer.render(site.page("/read", page(read)), timeout_s=20)).html

    async def test_what_scripts_redefine_does_not_reach_us(self, renderer, site):
        script = """
            for (const name of ['querySelectorAll', 'getElementsByTagName', 'querySelector'])
              Document.prototype[name] = () => { throw new Error('no') };
            Object.defineProperty(Element.prototype, 'outerHTML', {get: () => 'forged'});
            JSON.stringify = () => 'forged'; window.performance = undefined;
            Object.defineProperty(Document.prototype, 'contentType', {get: () => 'application/pdf'});
        """
        shown = await renderer.render(site.page("/forge", page(script)), timeout_s=20)
        assert "<h1>Mug</h1>" in shown.html
        assert not shown.html.endswith("forged")

    async def test_it_says_who_it_is(self, renderer, site):
        script = "document.querySelector('h1').textContent = navigator.userAgent"
        assert "OrchestratingAIModels" in (await renderer.render(site.page("/ua", page(script)), timeout_s=20)).html

    async def test_it_is_healthy(self, renderer):
        assert renderer.health().ready


class TestWhatCannotBeRendered:
    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "view-source:http://example.com/",
            "chrome://version",
            "javascript:1",
            "data:text/html,x",
        ],
    )
    async def test_other_schemes(self, renderer, url):
        with pytest.raises(UrlNotAllowed):
            await renderer.render(url, timeout_s=20)

    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://x.localhost/"])
    async def test_targets_inside(self, renderer, url):
        with pytest.raises((ForbiddenTarget, UpstreamUnreachable)):
            await renderer.render(url, timeout_s=20)

    async def test_redirects_to_the_inside(self, renderer, site):
        with pytest.raises(ForbiddenTarget):
            await renderer.render(site.page("/r", "", status="302 Found", Location="http://127.0.0.1/"), timeout_s=20)

    async def test_scripts_that_lead_inside(self, renderer, site):
        with pytest.raises(ForbiddenTarget):
            await renderer.render(site.page("/r", page("location.href = 'http://127.0.0.1/'")), timeout_s=20)

    async def test_circles(self, renderer, site):
        # chromedriver does not say which failure it was.
        with pytest.raises((TooManyRedirects, UpstreamUnreachable)):
            await renderer.render(site.page("/c", "", status="302 Found", Location="/c"), timeout_s=20)

    async def test_downloads(self, renderer, site):
        url = site.page("/d", b"PK\x03\x04", content_type="application/zip", Content_Disposition="attachment")
        with pytest.raises(UnsupportedPage):
            await renderer.render(url, timeout_s=20)

    async def test_what_is_not_a_page(self, renderer, site):
        with pytest.raises(UnsupportedPage):
            await renderer.render(site.page("/t", "just text", content_type="text/plain"), timeout_s=20)

    async def test_a_server_that_is_not_there(self, renderer, site):
        site.pages["/nothing"] = b""
        with pytest.raises(UpstreamUnreachable):
            await renderer.render(site.url("/nothing"), timeout_s=20)

    async def test_a_server_that_dribbles(self, renderer, site):
        site.slow.add("/slow")
        with pytest.raises((UpstreamTimeout, ReadingTimeout)):
            await renderer.render(site.url("/slow"), timeout_s=3)

    async def test_more_bytes_than_a_page_may_load(self, renderer, site):
        with pytest.raises((UpstreamTooLarge, PageTooComplex)):
            await renderer.render(site.page("/huge", "<h1>Mug</h1>" + "x" * 32_000_000), timeout_s=20)


HOSTILE = {
    "an endless loop": page("while (true) {}"),
    "an endless loop later": page("setTimeout(() => { while (true) {} }, 50)"),
    "alerts without end": page("while (true) alert(1)"),
    "a question on leaving": page("onbeforeunload = () => 'stay'; while (true) confirm('?')"),
    "memory for ever": page("const a = []; while (true) a.push(new Uint8Array(5e7).fill(1))"),
    "a heap for ever": page("let a = []; while (true) a = [a, new Array(1000).fill(Math.random())]"),
    "elements for ever": page("while (true) document.body.append(document.createElement('p'))"),
    "reloads for ever": page("location.reload()"),
    "promises for ever": page("const f = () => Promise.resolve().then(f); f()"),
}


class TestHostilePages:
    @pytest.mark.parametrize("name", HOSTILE)
    async def test_it_ends_in_time_and_the_next_page_is_shown(self, renderer, site, name):
        started = time.monotonic()
        with contextlib.suppress(OutboundError, PageTooComplex, ReadingTimeout):
            await renderer.render(site.page("/hostile", HOSTILE[name]), timeout_s=5)
        # The driver's start and end are allowed for; a page that is not ended would take for ever.
        assert time.monotonic() - started < 20
        assert (
            "<h1>Next</h1>" in (await renderer.render(site.page("/next", page("", "<h1>Next</h1>")), timeout_s=20)).html
        )

    async def test_a_bomb_in_compressed_clothes(self, renderer, site):
        site.page("/bomb", gzip.compress(b"<p>x</p>" * 40_000_000, 1), Content_Encoding="gzip")
        with pytest.raises(AppError):
            await renderer.render(site.url("/bomb"), timeout_s=6)
        assert (
            "<h1>Next</h1>" in (await renderer.render(site.page("/next", page("", "<h1>Next</h1>")), timeout_s=20)).html
        )

    async def test_popups_and_downloads_come_to_nothing(self, renderer, site):
        site.page("/popup", "popup")
        site.page("/file.zip", b"PK", content_type="application/zip")
        script = """
            for (let i = 0; i < 20; i++) window.open('/popup?' + i);
            const a = document.createElement('a');
            a.href = '/file.zip'; a.download = 'x'; document.body.append(a); a.click();
        """
        shown = await renderer.render(site.page("/p", page(script)), timeout_s=20)
        assert "<h1>Mug</h1>" in shown.html
        assert not any(path.startswith("/popup") for path in site.requests)


class TestWhoLeaves:
    async def test_a_request_that_is_cancelled_ends_its_page(self, renderer, site):
        url = site.page("/loop", page("while (true) {}"))
        rendering = asyncio.create_task(renderer.render(url, timeout_s=60))
        while "/loop" not in site.requests:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        rendering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rendering
        assert (
            "<h1>Next</h1>" in (await renderer.render(site.page("/next", page("", "<h1>Next</h1>")), timeout_s=20)).html
        )

    @pytest.mark.parametrize("driver", ["playwright", "selenium"])
    async def test_no_process_is_left_when_it_closes(self, site, driver, new_renderer):
        before = set(browsers())
        own = new_renderer(driver, site.port)
        await own.open()
        await own.render(site.page("/a", page("")), timeout_s=30)
        await own.close()
        assert set(browsers()) <= before

    @pytest.mark.parametrize("driver", ["playwright", "selenium"])
    async def test_too_many_at_once_are_told_so(self, site, driver, new_renderer):
        own = new_renderer(driver, site.port, concurrency=1, queue_limit=1)
        await own.open()
        url = site.page("/loop", page("while (true) {}"))
        results = await asyncio.gather(*(own.render(url, timeout_s=4) for _ in range(4)), return_exceptions=True)
        await own.close()
        assert sum(isinstance(result, ServiceBusy) for result in results) >= 2
        assert all(isinstance(result, AppError) for result in results)


class TestKeptBrowsers:
    async def test_a_browser_is_replaced_after_its_pages(self, site, new_renderer):
        own = new_renderer("playwright", site.port, concurrency=1, max_pages=2)
        url = site.page("/a", page(""))
        seen = set()
        for _ in range(4):
            await own.render(url, timeout_s=30)
            seen |= {kept.tree.root.pid for kept in own._all}
        await own.close()
        # After each second page none is kept: the first of each pair is what can be seen.
        assert len(seen) == 2

    async def test_a_browser_that_was_killed_is_replaced(self, site, new_renderer):
        own = new_renderer("playwright", site.port, concurrency=1)
        url = site.page("/a", page(""))
        await own.render(url, timeout_s=30)
        for kept in own._all:
            kept.tree.kill()
        await asyncio.sleep(0.2)
        assert "<h1>Mug</h1>" in (await own.render(url, timeout_s=30)).html
        await own.close()

    async def test_a_driver_that_was_killed_is_replaced(self, site, new_renderer):
        own = new_renderer("playwright", site.port, concurrency=1)
        url = site.page("/a", page(""))
        await own.render(url, timeout_s=30)
        for process in psutil.Process().children():
            if "node" in process.name():
                process.kill()
        await asyncio.sleep(0.3)
        assert "<h1>Mug</h1>" in (await own.render(url, timeout_s=30)).html
        await own.close()
