"""Which Chromium, and the command line that leaves it one way out: the proxy."""

import os
import shutil
from pathlib import Path

from shared.utils.outbound import USER_AGENT

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The browser of strangers' pages gets no secrets: only what a program needs to start.
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH")

SWITCHES = (
    # Nothing on the browser's own account.
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
    # Nothing around the proxy. Loopback is no exception from it, names are not resolved here, and no UDP leaves.
    "--proxy-bypass-list=<-loopback>",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # Nothing that a reader of text has a use for.
    "--autoplay-policy=document-user-activation-required",
    "--blink-settings=imagesEnabled=false",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-3d-apis",
    "--disable-gpu",
    "--disable-notifications",
    "--disable-remote-fonts",
    "--disable-software-rasterizer",
    "--hide-scrollbars",
    "--mute-audio",
    "--window-size=1280,1600",
    # A page is small: memory of its scripts beyond this ends the page, not the machine.
    "--js-flags=--max-old-space-size=512",
)
BLOCKED_MEDIA = tuple(
    f"*.{ending}*"
    for ending in ("avi", "flac", "m3u8", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpd", "ogg", "ogv", "wav", "webm")
)


def find_chromium(named: Path | None) -> Path | None:
    """The one that is named, else the first that is installed."""
    candidates = [str(named)] if named is not None else [*map(shutil.which, PROGRAMS), *MAC_PROGRAMS]
    return next((Path(each) for each in candidates if each and Path(each).is_file()), None)


def resolver_switch(proxy_host: str) -> str:
    """Every name but the proxy's is unknown to the browser: only the proxy resolves."""
    return f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {proxy_host}"


def user_agent(version: str) -> str:
    """A browser to the page's scripts, and ourselves to its owner."""
    major = version.partition(".")[0] or "140"
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{major}.0.0.0 Safari/537.36 {USER_AGENT}"
    )


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}


def may_use_sandbox() -> bool:
    """Chromium's own sandbox refuses root."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
