"""One page in a tab: go there, wait until it has settled, take the document. The same for every browser driver.

What the page is asked runs in an isolated world of its own, where the page's scripts cannot change what functions mean.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any, Protocol

from extract_webcontent.browser.proxy import PageProxy
from extract_webcontent.errors import PageTooComplex, ReadingTimeout, UnsupportedPage
from extract_webcontent.rendering import RenderedPage
from shared.utils.errors import AppError
from shared.utils.outbound import OutboundError, OutboundPolicy, TooManyRedirects, UpstreamTimeout, UpstreamUnreachable

# How a page is told to be ready: product data and a breath of quiet; text and quiet; or, while there is next to
# nothing to read, a long quiet, since such pages fetch their content late.
QUIET_WITH_PRODUCT_S = 0.15
QUIET_WITH_TEXT_S = 0.4
QUIET_WHILE_THIN_S = 1.5
THIN_TEXT = 250
LOOK_EVERY_S = 0.1
NETWORK_ERROR = re.compile(r"net::(ERR_[A-Z0-9_]+)")
# What a tab shows before it has gone anywhere.
NOWHERE = frozenset({"about:blank", "data:,"})
NOT_A_PAGE = 'The address leads to a download, or to nothing that a browser shows; "never" may read it.'
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})

LOOK = r"""(() => {
  const body = document.body;
  let text = body ? body.textContent.length : 0;
  if (body) for (const each of body.querySelectorAll('script,style,noscript,template')) text -= each.textContent.length;
  let product = document.querySelector('meta[property="product:price:amount"], [itemprop="price"]') !== null;
  if (!product) for (const each of document.querySelectorAll('script[type="application/ld+json"]'))
    if (/"@type"\s*:\s*\[?\s*"(?:[^"]*\/)?Product(?:Group)?"/.test(each.textContent)) { product = true; break; }
  return {
    loaded: document.readyState !== 'loading', elements: document.getElementsByTagName('*').length, text, product
  };
})()"""

# Open shadow roots are part of what a reader sees, but not of outerHTML.
TAKE = r"""((most) => {
  const top = document.documentElement;
  const navigation = performance.getEntriesByType('navigation')[0];
  const page = {url: location.href, type: document.contentType, status: navigation ? navigation.responseStatus : 0};
  if (!top) return {...page, html: ''};
  const roots = [];
  const collect = (from) => {
    for (const each of from.querySelectorAll('*'))
      if (each.shadowRoot) { roots.push(each.shadowRoot); collect(each.shadowRoot); }
  };
  if (top.getHTML) collect(document);
  let html = top.outerHTML;
  if (roots.length && html.length <= most) {
    const copy = new DOMParser().parseFromString(
      top.cloneNode(false).outerHTML.replace(/<\/html>$/i, '') + top.getHTML({shadowRoots: roots}), 'text/html');
    const open = (from) => {
      for (const each of [...from.querySelectorAll('template[shadowrootmode]')]) {
        const box = copy.createElement('div');
        open(each.content);
        box.append(each.content);
        each.replaceWith(box);
      }
    };
    open(copy);
    html = copy.documentElement.outerHTML;
  }
  return html.length > most ? {...page, size: html.length} : {...page, html: '<!DOCTYPE html>' + html};
})(%d)"""


class TabGone(Exception):
    """The tab, its process or its browser has ended; the message is the driver's."""


class NavigationFailed(Exception):
    """The page was not loaded; the message is the driver's, with Chromium's `net::ERR_…` in it."""


class Tab(Protocol):
    """What a browser driver must be able to do with a page. Each raises TabGone when there is no page any more."""

    async def go(self, url: str, *, timeout_s: float) -> None:
        """Returns when the document is parsed. Raises NavigationFailed or TimeoutError."""
        ...

    async def evaluate(self, script: str) -> Any:
        """Runs it in the isolated world of the document that is shown now."""
        ...


@dataclass(frozen=True, slots=True)
class VisitLimits:
    timeout_s: float
    settle_s: float
    max_characters: int


async def visit(tab: Tab, proxy: PageProxy, policy: OutboundPolicy, url: str, limits: VisitLimits) -> RenderedPage:
    """Raises an OutboundError, UnsupportedPage, PageTooComplex, ReadingTimeout or TabGone."""
    ends = time.monotonic() + limits.timeout_s
    try:
        await tab.go(url, timeout_s=limits.timeout_s)
    except NavigationFailed as error:
        raise why_not_loaded(str(error), proxy) from None
    except TimeoutError:
        if proxy.quiet_s() == 0.0 or not proxy.bytes:
            raise UpstreamTimeout(f"No complete answer within {limits.timeout_s:.0f} seconds.") from None
        raise ReadingTimeout(f"The page was not ready within {limits.timeout_s:.0f} seconds.") from None
    try:
        async with asyncio.timeout(max(0.1, ends - time.monotonic())):
            await settle(tab, proxy, min(limits.settle_s, ends - time.monotonic() - 1.0))
            taken = await tab.evaluate(TAKE % limits.max_characters)
    except TimeoutError:
        raise ReadingTimeout(f"The page's scripts did not end within {limits.timeout_s:.0f} seconds.") from None
    return page_taken(taken, proxy, policy)


async def settle(tab: Tab, proxy: PageProxy, most_s: float) -> None:
    ends = time.monotonic() + most_s
    elements = -1
    while time.monotonic() < ends:
        seen = await tab.evaluate(LOOK)
        if isinstance(seen, dict) and seen.get("loaded") and seen.get("elements") == elements:
            if seen.get("product"):
                enough = QUIET_WITH_PRODUCT_S
            else:
                enough = QUIET_WHILE_THIN_S if seen.get("text", 0) < THIN_TEXT else QUIET_WITH_TEXT_S
            if proxy.quiet_s() >= enough:
                return
        elements = seen.get("elements", -1) if isinstance(seen, dict) else -1
        await asyncio.sleep(LOOK_EVERY_S)


def page_taken(taken: Any, proxy: PageProxy, policy: OutboundPolicy) -> RenderedPage:
    if not isinstance(taken, dict):
        raise UpstreamUnreachable("The page went away while it was read.")
    if "size" in taken:
        raise PageTooComplex(f"The page has grown to {taken['size']:,} characters in the browser.")
    address = str(taken.get("url", ""))
    if address in NOWHERE and proxy.last_failure is None:
        raise UnsupportedPage(NOT_A_PAGE)
    if not address.startswith(("http://", "https://")):
        # The page has led itself to where nothing is: what was refused last tells where it wanted to go.
        raise proxy.last_failure or UpstreamUnreachable("The page left for an address that cannot be read.")
    final_url = policy.target(address.partition("#")[0]).url
    status = int(taken.get("status") or 200)
    if status < 400 and str(taken.get("type")) not in PAGE_TYPES:
        raise UnsupportedPage(f"The browser shows {str(taken.get('type'))[:80]}, not a web page.")
    return RenderedPage(html=str(taken.get("html", "")), final_url=final_url, status=status)


def why_not_loaded(message: str, proxy: PageProxy) -> AppError:
    found = NETWORK_ERROR.search(message)
    code = found.group(1) if found else ""
    if code == "ERR_TOO_MANY_REDIRECTS":
        return TooManyRedirects("The page redirects in a circle.")
    if code == "ERR_ABORTED" and proxy.last_failure is None:
        return UnsupportedPage(NOT_A_PAGE)
    # Nothing of the page ran, so whatever failed was the page itself or where it redirects to.
    if isinstance(proxy.last_failure, OutboundError):
        return proxy.last_failure
    return UpstreamUnreachable(f"The browser could not load the page: {code or 'it gave no reason'}.")
