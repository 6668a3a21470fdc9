"""The two consoles: results on stdout, what is said about them on stderr. Plain text when not a terminal."""

import sys

from rich.console import Console
from rich.text import Text

PLAIN_WIDTH = 120


def make_console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(stderr=stderr, highlight=False, width=width)


out = make_console(stderr=False)
err = make_console(stderr=True)


def say(message: str, style: str = "") -> None:
    """One line of news for a person. Never interprets the text as markup: it may hold anything."""
    err.print(Text(message, style=style), soft_wrap=True)
