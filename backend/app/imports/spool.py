"""Where uploaded files lie until they are imported, one folder for each import. Nothing is ever held in memory."""

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """`original` as it was sent; beside it the sheets of a workbook that were asked for, as CSV."""

    folder: Path

    @property
    def original(self) -> Path:
        return self.folder / "original"

    def sheet(self, number: int) -> Path:
        return self.folder / f"sheet-{number}.csv"

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Spool:
    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir.resolve() / "imports"

    def file(self, import_id: uuid.UUID) -> SpooledFile:
        return SpooledFile(self.folder / str(import_id))

    def store(self, import_id: uuid.UUID, source: BinaryIO) -> int:
        """Copies the upload; answers its size in bytes."""
        spooled = self.file(import_id)
        spooled.folder.mkdir(parents=True, exist_ok=True)
        source.seek(0)
        with spooled.original.open("wb") as target:
            shutil.copyfileobj(source, target, COPY_BYTES)
            return target.tell()

    def known(self) -> set[uuid.UUID]:
        """Imports that have a folder here."""
        if not self.folder.is_dir():
            return set()
        return {uuid.UUID(path.name) for path in self.folder.iterdir() if len(path.name) == 36}
