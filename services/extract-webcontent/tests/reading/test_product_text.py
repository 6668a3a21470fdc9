"""The text of product pages: what is about the product stays, what is about the shop goes."""

from extract_webcontent.reading.reader import read_page

LONG = "Two coats of enamel on rolled steel keep the mug from rusting, and its rim is kind to the lips."


def text_of(body: str, head: str = "") -> str:
    html = (
        f'<html lang="en"><head><title>Enamel mug | Shop</title>{head}</head><body><nav><a href=/>Home</a></nav>'
        f"<h1>Enamel mug</h1><p class=price>€ 12.90</p><button>Add to cart</button>{body}</body></html>"
    )
    return read_page(html, url="https://shop.example/p/1", ref="x").main_text or ""


class TestProductText:
    def test_title_description_bullets_and_specifications_stay(self):
        text = text_of(
            f"<h2>Description</h2><p>{LONG}</p><ul><li>Dishwasher safe</li><li>Made in one piece</li>"
            "<li>Light</li></ul>"
            "<h2>Data</h2><table><tr><th>Capacity</th><td>330 ml</td></tr>"
            "<tr><th>Weight</th><td>140 g</td></tr></table>"
        )
        assert text.startswith("# Enamel mug\n")
        assert f"## Description\n{LONG}\n- Dishwasher safe\n- Made in one piece\n- Light" in text
        assert "## Data\n| Capacity | 330 ml |\n| Weight | 140 g |" in text

    def test_buttons_offers_and_navigation_go(self):
        text = text_of(
            f"<label>Quantity</label><p>Free shipping over € 40</p><p>{LONG}</p>"
            "<a href=/a>Read all about our enamel</a>"
            "<button>Ask a question about this product right now</button>"
        )
        assert LONG in text
        for word in ("Add to cart", "Quantity", "shipping", "Read all", "Ask a question", "Home"):
            assert word not in text

    def test_dialogs_and_side_bars_go(self):
        text = text_of(
            f"<div class=product-details><p>{LONG}</p><p>{LONG.replace('mug', 'cup')}</p></div>"
            "<div class='modal size-modal'><p>Measure the circumference of your head and take the next size.</p></div>"
            "<aside><p>Our shop by the river is open every day from nine until six, except on Sundays.</p></aside>"
        )
        assert "circumference" not in text
        assert "river" not in text
        assert LONG in text

    def test_a_box_that_holds_the_page_is_no_dialog(self):
        assert LONG in text_of(f"<div class=banner-wrapper><p>{LONG}</p><p>{LONG.replace('mug', 'cup')}</p></div>")

    def test_related_products_and_reviews_go(self):
        text = text_of(
            f"<p>{LONG}</p><h2>You may also like</h2><div><p>A copper kettle that whistles on any stove when it boils."
            "</p></div><h2>Customer reviews</h2><div><p>I have had mine for ten years; it has outlived two houses.</p>"
            "</div>"
        )
        assert "copper kettle" not in text
        assert "outlived" not in text

    def test_what_is_shown_twice_is_said_once(self):
        assert text_of(f"<div><p>{LONG}</p></div><div class=mobile><p>{LONG}</p></div>").count(LONG) == 1

    def test_a_description_that_scripts_would_show(self):
        stated = (
            LONG + " It may go into the dishwasher, but not into the microwave, and it weighs next to nothing at all."
        )
        head = (
            '<script type="application/ld+json">{"@type": "Product", "name": "Enamel mug", "description": "'
            f'{stated}"}}</script>'
        )
        assert stated in text_of("<div id=app></div>", head)

    def test_hidden_text_goes(self):
        hidden = "This mug has been certified by nobody at all to be free of every substance known."
        assert hidden not in text_of(f"<p>{LONG}</p><p style='display:none'>{hidden}</p>")
