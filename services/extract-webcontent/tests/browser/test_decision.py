"""`auto`, judged on pages of our own, as they are sent."""

import pytest

PRODUCT = """<!doctype html><html lang="en"><head><title>Blue enamel mug | Shop</title></head><body><main>
<h1>Blue enamel mug</h1><p class="price">£12.90</p><button>Add to basket</button>
<table><tr><th>Capacity</th><td>330 ml</td></tr><tr><th>Weight</th><td>145 g</td></tr></table>
<div class="description"><p>A mug for the camp fire and for the kitchen table. Two coats of enamel on steel keep it from
rusting, and the rolled rim is kind to the lips. It may go into the dishwasher, but not into the microwave. Made in one
piece, so that nothing can come loose.</p></div></main>{script}</body></html>"""
PROSE = "<p>We have been making enamel ware by the river since long ago, and people still come to see how. </p>" * 12
SCRIPT = '<script src="/app.js"></script>'


@pytest.fixture
def decide(service_url):
    """What the service's own reader makes of the page, and then the decision."""
    import httpx2

    from extract_webcontent.browser.decision import why_render
    from shared.models.extract import ExtractResponse

    def call(html: str) -> str | None:
        response = httpx2.post(f"{service_url}/api/v1/extract", json={"html": html}, timeout=30)
        return why_render(ExtractResponse.model_validate(response.json()), html.encode())

    return call


class TestWhyRender:
    def test_a_whole_product_page_needs_no_browser(self, decide):
        assert decide(PRODUCT.format(script=SCRIPT)) is None

    @pytest.mark.parametrize(
        "mount",
        ['<div id="root"></div>', '<div id="__next"> </div>', '<div class="x" id=app></div>', "<app-root></app-root>"],
    )
    def test_an_app_shell_does(self, decide, mount):
        assert decide(f"<html><title>Shop</title><body>{mount}{SCRIPT}</body></html>") == "app-shell"
        assert decide(f"<html><title>Shop</title><body>{mount}<footer>{PROSE}</footer>{SCRIPT}</body></html>") == (
            "app-shell"
        )

    def test_a_page_with_next_to_no_text_does(self, decide):
        assert decide(f"<html><title>Shop</title><body><h1>Shop</h1>{SCRIPT}</body></html>") == "thin-text"

    def test_a_short_page_that_has_it_all_does_not(self, decide):
        page = PRODUCT.format(script=SCRIPT)
        short = page[: page.index('<div class="description">')] + SCRIPT + "</main></body></html>"
        assert decide(short) is None

    def test_a_page_without_scripts_has_nothing_to_add(self, decide):
        assert decide('<html><title>Shop</title><body><div id="root"></div></body></html>') is None
        data = '<script type="application/ld+json">{}</script><script type="text/template"><b>x</b></script>'
        assert decide(f"<html><title>Shop</title><body>{data}</body></html>") is None

    def test_a_missing_product_may_be_added_by_scripts(self, decide):
        assert decide(f"<html><title>Shop</title><body><h1>Shop</h1>{PROSE}{SCRIPT}</body></html>") == "no-product"

    def test_an_article_is_no_product_that_is_missing(self, decide):
        head = '<title>News</title><meta property="og:type" content="article">'
        assert decide(f"<html><head>{head}</head><body><h1>News</h1>{PROSE}{SCRIPT}</body></html>") is None

    def test_a_price_that_is_still_empty(self, decide):
        page = PRODUCT.format(script=SCRIPT).replace("£12.90", "")
        assert decide(page) == "no-price"

    def test_a_wall_is_respected(self, decide):
        page = f"<html><title>Just a moment...</title><body><h1>Checking your browser</h1>{SCRIPT}</body></html>"
        assert decide(page) is None

    @pytest.mark.parametrize(
        "filler",
        [
            "<script ",
            '<script type="',
            '<div id="root"',
            '<span class="price',
            "<a-b-",
            "<p> ",
            '"@type" ',
            "og:type' ",
            "<",
        ],
    )
    def test_no_page_makes_the_decision_slow(self, filler):
        from datetime import UTC, datetime

        from extract_webcontent.browser.decision import why_render
        from shared.models.extract import ExtractResponse

        page = ExtractResponse(
            url=None,
            final_url=None,
            status=200,
            snapshot="text " * 1000,
            fetched_at=datetime.now(UTC),
            content_sha256="0" * 64,
            elapsed_ms=0,
        )
        # Far from linear, these would not come back while anybody waits.
        for body in (filler * 300_000, filler + " " * 1_000_000, filler * 1000 + ">" * 500_000):
            why_render(page, b"<script>1</script>" + body.encode())
            why_render(page, body.encode())
