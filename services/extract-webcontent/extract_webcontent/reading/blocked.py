"""Pages that answer 200 and yet are not what was asked for. What is blocked is never a product."""

import re
from itertools import islice

from extract_webcontent.reading.document import Document, Node
from extract_webcontent.reading.identifiers import find_codes
from extract_webcontent.reading.price_finder import buy_positions, price_matches
from extract_webcontent.reading.prices import PRICE
from extract_webcontent.reading.title import page_title
from extract_webcontent.reading.zones import BOILERPLATE
from shared.models.extract import BlockedReason

CHALLENGE_MARKUP = re.compile(
    r"/cdn-cgi/challenge-platform|cf-browser-verification|cf_chl_opt|_Incapsula_Resource|px-captcha"
    r"|perimeterx\.net/|captcha-delivery\.com|geo\.captcha-delivery|datadome|ak_bmsc.*sec-if-cpt"
    r"|awswaf\.com/.{0,200}challenge|distil_r_captcha|kasada",
    re.IGNORECASE | re.DOTALL,
)
BOT_WALL = re.compile(
    r"just a moment|attention required|checking (?:your|the site) (?:browser|connection)|access (?:to this "
    r"page has been )?denied|pardon our interruption|request unsuccessful|you have been blocked|are you a "
    r"robot|unusual traffic|enable javascript and cookies to continue|verifying (?:that )?you are (?:not a "
    r"robot|human)|ddos protection|automated access|bot detection|security check|zugriff verweigert|acceso "
    r"denegado|sicherheitsüberprüfung|(?:wir )?überprüfen (?:wir )?(?:ihren|deinen) browser"
    r"|einen moment(?: bitte)?, bitte"
    r"|verificando (?:que|si) (?:eres|usted|la conexión)|too many requests|being rate limited|un moment(?:o|,? s'il)"
    r"|please enable (?:js|javascript) and disable any ad blocker",
    re.IGNORECASE,
)
CAPTCHA_TEXT = re.compile(
    r"(?:complete|solve|enter|type) the (?:captcha|characters|security check)|i'?m not a robot|verify (?:that "
    r")?you(?:'re| are) (?:a )?human|press (?:&|and) hold|"
    r"geben sie die (?:zeichen|angezeigten)|no soy un robot|introduce los "
    r"caracteres|enter the characters you see|robot check|bestätigen sie, dass sie kein roboter",
    re.IGNORECASE,
)
CAPTCHA_MARKUP = re.compile(r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|recaptcha/api|/captcha/", re.IGNORECASE)
LOGIN_TITLE = re.compile(
    r"^(?:(?:customer|account|member|dealer|b2b)\s+)?(?:log ?in|sign ?in|anmelde[nr]|anmeldung|einloggen"
    r"|login|iniciar sesión|inicia sesión|acceder|acceso|identifícate|connexion|accedi)\b|(?:please|you must"
    r"|you need to) (?:log|sign) ?in|bitte (?:melden sie sich an|einloggen)|debes? iniciar sesión",
    re.IGNORECASE,
)
LOGIN_WORDS = re.compile(
    r"log ?in|sign ?in|password|passwort|anmelden|einloggen|contraseña|iniciar sesión|mot de passe|connexion|accedi",
    re.IGNORECASE,
)
CONSENT = re.compile(
    r"before you continue|we (?:value|care about) your privacy|cookie (?:consent|settings|preferences)|accept "
    r"(?:all )?cookies|wir (?:benötigen|brauchen) (?:ihre|deine) (?:zustimmung|einwilligung)|alle (?:cookies "
    r")?akzeptieren|aceptar (?:todas las )?cookies|antes de continuar|bevor (?:sie|du) fortf|tout accepter",
    re.IGNORECASE,
)
SOFT_404 = re.compile(
    r"\b404\b|(?:page|product|item|article|listing|url) (?:you (?:requested|are looking for) )?(?:was |is "
    r"|could |can(?:not|'t) )?(?:be )?(?:not found|no longer (?:available|exists?)|not available|does(?:n't| "
    r"not) exist|not be found)|(?:can(?:'t|not)|couldn'?t) find (?:the|that|this) (?:page|product|item)|page "
    r"not found|not found$|nicht gefunden|existiert nicht|nicht (?:mehr )?verfügbar\b.{0,20}seite|seite "
    r"(?:ist )?nicht (?:mehr )?(?:verfügbar|vorhanden)|(?:página|producto|artículo) no (?:encontrad[oa]"
    r"|existe|disponible)|no (?:se ha encontrado|encontramos|hemos encontrado|existe)|page introuvable|pagina "
    r"non trovata|nie znaleziono",
    re.IGNORECASE,
)
SMALL_PAGE = 1_500
OFFER_REACH = 400
OFFER_PRICES = 4


def blocked_reason(document: Document, anchor: Node | None, *, has_product_data: bool) -> BlockedReason | None:
    """Judged by title, headings and how little else there is: a shop that merely loads a captcha is not blocked."""
    if has_product_data:
        return None
    reason = reason_in_words(document)
    return None if reason is None or shows_offer(document, anchor) else reason


def reason_in_words(document: Document) -> BlockedReason | None:
    text = document.text
    title = page_title(document) or ""
    headings = " \n ".join(
        document.text_of(node) for node in document.tagged("h1", "h2") if node.end - node.start < 200
    )
    small = len(text) < SMALL_PAGE
    opening = f"{title}\n{headings}\n{text[:SMALL_PAGE] if small else ''}"
    markup = challenge_markup(document) if small else ""
    if small and (
        CAPTCHA_TEXT.search(opening)
        or (CAPTCHA_MARKUP.search(markup) and len(text) < 500 and not form_fields(document))
    ):
        return "captcha"
    if (small and BOT_WALL.search(opening)) or (len(text) < 600 and CHALLENGE_MARKUP.search(markup)):
        return "bot-wall"
    if SOFT_404.search(f"{title}\n{headings}") or (len(text) < 400 and SOFT_404.search(text)):
        return "soft-404"
    asks_password = any(element.get("type", "").lower() == "password" for element in document.root.iter("input"))
    if (
        asks_password
        and (
            LOGIN_TITLE.search(title)
            or any(LOGIN_TITLE.search(line) for line in headings.split("\n"))
            or (len(text) < 400 and LOGIN_WORDS.search(text))
        )
    ) or (small and LOGIN_TITLE.search(title)):
        return "login"
    if small and CONSENT.search(opening) and len(text) < 1_200:
        return "consent"
    return None


def shows_offer(document: Document, anchor: Node | None) -> bool:
    """A price and a way to buy under the title: a shirt may well be called "Access denied", and a mug "404".

    Other products, which a page that found nothing offers instead, stand in links and have prices of their own each.
    """
    if anchor is None:
        return False
    text = document.text
    near = PRICE.search(text, anchor.start, anchor.end + OFFER_REACH)
    if near is None:
        return False
    node = document.node_at(*near.span())
    if node is None or node.zone & BOILERPLATE or any(box.tag == "a" for box in [node, *node.ancestors()]):
        return False
    prices = {match.group() for match in islice(price_matches(text), 50)}
    return len(prices) <= OFFER_PRICES and (bool(buy_positions(text)) or bool(find_codes(text)))


def challenge_markup(document: Document) -> str:
    """Script addresses, script starts and class names: where challenges show themselves."""
    parts: list[str] = []
    for element in document.root.iter("script", "iframe", "form", "div"):
        attributes = element.attrib
        parts.extend(attributes[name] for name in ("src", "action", "class", "id") if name in attributes)
        if element.tag == "script" and element.text:
            parts.append(element.text[:2_000])
        if len(parts) > 2_000:
            break
    return "\n".join(parts)[:200_000]


def form_fields(document: Document) -> int:
    return sum(
        1 for element in document.root.iter("input", "select", "textarea") if element.get("type", "text") != "hidden"
    )
