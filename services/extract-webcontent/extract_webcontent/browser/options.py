"""What both browser drivers are told."""

from dataclasses import dataclass
from pathlib import Path

from extract_webcontent.browser.proxy import ProxyAddress, ProxyLimits
from shared.utils.outbound import OutboundPolicy


@dataclass(frozen=True, slots=True)
class BrowserOptions:
    policy: OutboundPolicy
    chromium: Path | None = None
    chromedriver: Path | None = None
    grid_url: str | None = None
    concurrency: int = 2
    queue_limit: int = 32
    settle_s: float = 5.0
    memory_mb: int = 1024
    max_pages: int = 200
    max_characters: int = 30 * 1024 * 1024
    proxy_limits: ProxyLimits = ProxyLimits(max_bytes=30 * 1024 * 1024)  # noqa: RUF009 (frozen)
    proxy_address: ProxyAddress = ProxyAddress()  # noqa: RUF009 (frozen)
