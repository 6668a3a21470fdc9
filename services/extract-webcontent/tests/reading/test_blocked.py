"""Walls, captchas, log-ins and missing pages; and the products that only sound like them."""

import pytest

from extract_webcontent.reading.reader import read_page

FILLER = "<p>" + "This mug is made of enamelled steel and holds a third of a litre of coffee or tea. " * 8 + "</p>"
PASSWORD = "<form><input name=u><input type=password></form>"


def page(body: str, title: str = "Shop", head: str = "") -> str:
    return f"<html lang=en><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def product(name: str, more: str = "") -> str:
    return page(f"<h1>{name}</h1><p class=price>€ 12.90</p><button>Add to cart</button>{more}", name)


BLOCKED = [
    ("bot-wall", page("<h1>shop.example</h1><p>Enable JavaScript and cookies to continue</p>", "Just a moment...")),
    ("bot-wall", page("<h1>Access Denied</h1><p>You don't have permission to access this page.</p>", "Access Denied")),
    ("bot-wall", page("<p>Pardon Our Interruption... something about your browser made us think</p>")),
    ("bot-wall", page("<h1>Sorry, you have been blocked</h1>", "Attention Required! | Cloudflare")),
    ("bot-wall", page("<h1>Wir überprüfen Ihren Browser</h1>", "Einen Moment, bitte …")),
    ("bot-wall", page("<h1>Verificando que eres humano</h1>", "Un momento…")),
    ("bot-wall", page("<h1>429 Too Many Requests</h1>", "Too Many Requests")),
    ("captcha", page("<h4>Enter the characters you see below</h4><form><input name=c></form>")),
    ("captcha", page("<p>Press &amp; Hold to confirm you are a human.</p><div id=px-captcha></div>")),
    ("captcha", page("<div class=g-recaptcha></div>")),
    ("captcha", page("<p>Bitte bestätigen Sie, dass Sie kein Roboter sind</p><div class=cf-turnstile></div>")),
    ("login", page(f"<h1>Dealer login</h1>{PASSWORD}", "Dealer login")),
    ("login", page(f"<h1>Inicia sesión</h1>{PASSWORD}", "Acceso clientes")),
    ("login", page(f"<h1>Anmelden</h1>{PASSWORD}", "Händlerbereich")),
    ("consent", page("<h1>Before you continue</h1><button>Accept all</button><button>Reject all</button>")),
    ("consent", page("<h1>Wir benötigen Ihre Zustimmung</h1><button>Alle akzeptieren</button>")),
    ("soft-404", page("<h1>Page not found</h1><p>Try the search.</p>")),
    ("soft-404", page("<h1>Oops!</h1><p>The product you are looking for is no longer available.</p>")),
    ("soft-404", page(f"<h1>Lo sentimos, no hemos encontrado la página</h1>{FILLER}", "Error")),
    (
        "soft-404",
        page(
            "<h1>Page not found</h1><h2>Bestsellers</h2>"
            + "".join(f"<a href=/{n}><p>Mug {n}</p><p class=price>€ {n}.90</p></a>" for n in range(5, 13))
            + "<button>Add to cart</button>"
        ),
    ),
]
PRODUCTS = [
    product("Enamel mug", FILLER),
    product("Peugeot 404 model car, 1:43"),
    product("“404 Not Found” mug"),
    product("Are you a robot? T-shirt"),
    product("Access denied sticker"),
    product("Login keypad door lock"),
    product("“Accept all cookies” doormat"),
    product("Captcha board game"),
    product("Enamel mug", "<form><input type=email><div class=g-recaptcha></div></form>"),
    product("Enamel mug", f"<div>{PASSWORD}<button>Sign in</button></div>"),
    product("Enamel mug", "<div><h2>We value your privacy</h2><button>Accept all cookies</button></div>"),
    product("Enamel mug", "<p>This product is currently not available.</p>"),
]


class TestBlockedPages:
    @pytest.mark.parametrize(("reason", "html"), BLOCKED)
    def test_are_named_and_never_a_product(self, reason, html):
        reading = read_page(html, url="https://shop.example/p/1", ref="x", want_main_text=False)
        assert reading.blocked == reason
        assert reading.product is None
        assert reading.facts == []

    @pytest.mark.parametrize("html", PRODUCTS)
    def test_products_that_sound_like_it_are_products(self, html):
        reading = read_page(html, url="https://shop.example/p/1", ref="x", want_main_text=False)
        assert reading.blocked is None
        assert reading.product is not None

    def test_a_page_of_prose_is_not_blocked(self):
        html = page(f"<h1>About us</h1>{FILLER}", "About us")
        assert read_page(html, url=None, ref="x", want_main_text=False).blocked is None
