"""A Chromium for tests and for pages that need rendering: found, or installed where we may."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGE = "chromium-headless-shell"
DRIVER_PACKAGE = "chromium-driver"
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
CANNOT_INSTALL = (
    f"No Chromium is installed, and it can be installed only as root on Debian or Ubuntu ({PACKAGE}). "
    "Install Chromium or Chrome."
)


def find_browser() -> Path | None:
    named = os.environ.get("CHROMIUM_PATH")
    candidates = [named] if named else [*map(shutil.which, PROGRAMS), *MAC_PROGRAMS]
    return next((Path(each) for each in candidates if each and Path(each).is_file()), None)


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_browser() -> Path | None:
    """By the system's package manager. None when it does not have one for us."""
    install(PACKAGE)
    return find_browser()


def install_what_tests_need() -> None:
    """A Chromium, and the driver that Selenium needs; where we may not, the tests that need them say so."""
    if find_browser() is None:
        install(PACKAGE)
    if shutil.which("chromedriver") is None:
        install(DRIVER_PACKAGE)


def install(package: str) -> None:
    if not can_install():
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", package],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
