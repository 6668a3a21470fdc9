"""The renderer that the settings ask for and the machine has."""

import shutil
from pathlib import Path

from extract_webcontent.browser.chromium import find_chromium
from extract_webcontent.browser.options import BrowserOptions
from extract_webcontent.browser.proxy import ProxyAddress, ProxyLimits
from extract_webcontent.rendering import NoRenderer, Renderer
from extract_webcontent.settings import Settings
from shared.utils.outbound import OutboundPolicy

NO_CHROMIUM = "no Chromium is installed (Debian and Ubuntu: apt-get install chromium-headless-shell)"
NO_CHROMEDRIVER = "no chromedriver is installed (Debian and Ubuntu: apt-get install chromium-driver)"


def choose_renderer(settings: Settings, policy: OutboundPolicy) -> Renderer:
    if settings.renderer == "none":
        return NoRenderer("it is switched off by EXTRACT_WEBCONTENT_RENDERER=none")
    chromium = find_chromium(settings.chromium_path)
    uses_grid = settings.renderer == "selenium" and settings.selenium_remote_url is not None
    if chromium is None and not uses_grid:
        named = settings.chromium_path
        return NoRenderer(NO_CHROMIUM if named is None else f"CHROMIUM_PATH names {named}, which is not there")
    found = shutil.which(str(settings.chromedriver_path or "chromedriver"))
    options = BrowserOptions(
        policy=policy,
        chromium=chromium,
        chromedriver=Path(found) if found else None,
        grid_url=settings.selenium_remote_url,
        concurrency=settings.render_concurrency,
        queue_limit=settings.render_queue_limit,
        settle_s=settings.render_settle_s,
        memory_mb=settings.browser_memory_mb,
        max_pages=settings.browser_max_pages,
        max_characters=3 * settings.max_page_bytes,
        proxy_limits=ProxyLimits(max_bytes=settings.render_max_bytes),
        proxy_address=ProxyAddress(settings.browser_proxy_bind, settings.browser_proxy_advertised),
    )
    # The drivers are imported where they are used: each costs a part of a second, and memory.
    if settings.renderer == "selenium":
        if options.chromedriver is None and not uses_grid:
            return NoRenderer(NO_CHROMEDRIVER)
        from extract_webcontent.browser.selenium_renderer import SeleniumRenderer

        return SeleniumRenderer(options)
    from extract_webcontent.browser.playwright_renderer import PlaywrightRenderer

    return PlaywrightRenderer(options)
