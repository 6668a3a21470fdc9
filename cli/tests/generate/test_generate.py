import subprocess
from pathlib import Path

import pytest

from orchestrate.generate.outputs import Output
from orchestrate.generate.resolution import (
    IndexUnreachable,
    pins,
    resolve_member,
    shared_requirement,
)
from orchestrate.generate.snapshots import snapshot_members, sources
from orchestrate.workspace import find_workspace

WORKSPACE = find_workspace()
LOCK = """# comment
aiohttp==3.14.5 \\
    --hash=sha256:00 \\
    --hash=sha256:11
uvloop==0.23.0 ; sys_platform != 'win32' \\
    --hash=sha256:22
"""


class TestPins:
    def test_hashes_and_comments_are_no_part_of_a_pin(self) -> None:
        assert pins(LOCK) == ["aiohttp==3.14.5", "uvloop==0.23.0 ; sys_platform != 'win32'"]


class TestSharedRequirement:
    @pytest.mark.parametrize(
        ("requirement", "expected"),
        [
            ("shared", "shared"),
            ("shared[images]", "shared[images]"),
            ("shared[images, postgres]", "shared[images,postgres]"),
        ],
    )
    def test_extras_are_kept(self, requirement: str, expected: str) -> None:
        assert shared_requirement(f'[project]\ndependencies = ["fastapi", "{requirement}"]') == expected


class TestRequirements:
    @pytest.mark.parametrize("member", snapshot_members())
    def test_every_pin_is_that_of_the_lock(self, member: str) -> None:
        locked = set(pins((WORKSPACE.root / "requirements.lock").read_text()))
        comment, shared, *pinned = (WORKSPACE.root / member / "requirements.txt").read_text().splitlines()
        assert comment.startswith("#")
        assert shared.startswith("-e ../")
        assert shared.split("[")[0].endswith("/shared")
        # Markers may be wider in the lock, which serves all members.
        versions = {each.split(" ;")[0] for each in locked}
        assert {each.split(" ;")[0] for each in pinned} <= versions
        names = {each.split("==")[0] for each in pinned}
        assert {"fastapi", "uvicorn", "pydantic-settings", "structlog"} <= names

    def test_it_is_what_the_resolver_says_now(self) -> None:
        member = "services/extract-webcontent"
        try:
            made = resolve_member(WORKSPACE, member)
        except IndexUnreachable as error:
            pytest.skip(str(error))
        assert made == (WORKSPACE.root / member / "requirements.txt").read_text()

    def test_no_host_is_named_anywhere(self) -> None:
        files = [WORKSPACE.root / "requirements.lock"]
        files += [WORKSPACE.root / member / "requirements.txt" for member in snapshot_members()]
        for file in files:
            assert "://" not in file.read_text()
            assert "--index" not in file.read_text()


class TestSnapshots:
    def test_tests_and_by_products_are_left_out(self, tmp_path: Path) -> None:
        for name in ("a.py", "py.typed", "tests/test_a.py", "__pycache__/a.pyc", ".cache/x", "sub/b.py"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        assert sorted(map(str, sources(tmp_path))) == ["a.py", "py.typed", "sub/b.py"]


class TestOutput:
    def test_differences_name_what_is_missing_stale_and_not_wanted(self, tmp_path: Path) -> None:
        folder = tmp_path / "made"
        output = Output({folder / "a": b"1", folder / "b": b"2", folder / "sub" / "c": b"3"}, folder)
        assert output.differences() == [f"missing      {folder}/"]
        output.write()
        assert output.differences() == []
        (folder / "a").write_bytes(b"changed")
        (folder / "b").unlink()
        (folder / "old").touch()
        assert output.differences() == [
            f"out of date  {folder / 'a'}",
            f"missing      {folder / 'b'}",
            f"not wanted   {folder / 'old'}",
        ]
        output.write()
        assert output.differences() == []
        assert not (folder / "old").exists()

    def test_what_python_leaves_beside_sources_is_no_difference(self, tmp_path: Path) -> None:
        output = Output({tmp_path / "a.py": b""}, tmp_path)
        output.write()
        (tmp_path / "__pycache__").mkdir()
        (tmp_path / "__pycache__" / "a.pyc").touch()
        assert output.differences() == []


class TestBootstrapMembers:
    def test_bootstrap_installs_every_member(self) -> None:
        program = "import sys; sys.path.insert(0, 'cli'); import bootstrap; print(*bootstrap.MEMBERS)"
        said = subprocess.run(
            ["python3", "-c", program], cwd=WORKSPACE.root, capture_output=True, text=True, check=True
        ).stdout.split()
        assert sorted(said) == sorted(["shared", "cli", *snapshot_members()])
