"""docs/problems.md lists every problem that any deployable can answer, with its status, and no other."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from shared.utils.errors import AppError

ROOT = Path(__file__).resolve().parent.parent
APPLICATIONS = ("app.api", "describe_image.api", "extract_webcontent.api", "generate_description.api")
ROW = re.compile(r"^\| `(?P<type>/problems/[a-z-]+)` \| (?P<status>\d{3}) \| (?P<title>[^|]+) \|", re.MULTILINE)


def subclasses(kind: type[AppError]) -> Iterator[type[AppError]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_the_list_is_complete_and_true() -> None:
    for module in APPLICATIONS:
        importlib.import_module(module)
    ours = {
        kind for kind in subclasses(AppError) if ".tests." not in kind.__module__ and "test_" not in kind.__module__
    }
    raised = {(kind.problem_type(), str(kind.status), kind.title) for kind in ours}
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    documented = {(row["type"], row["status"], row["title"].strip()) for row in ROW.finditer(text)}
    assert documented == raised


def test_no_two_problems_share_a_type_with_different_meaning() -> None:
    for module in APPLICATIONS:
        importlib.import_module(module)
    by_type: dict[str, set[int]] = {}
    for kind in subclasses(AppError):
        by_type.setdefault(kind.problem_type(), set()).add(kind.status)
    assert {name: statuses for name, statuses in by_type.items() if len(statuses) > 1} == {}
