"""Reading a ZIP that somebody sent: nothing of it is believed, and nothing is written under a name that it holds."""

import contextlib
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from app.media.archives.errors import PhotoArchiveUnreadable
from app.media.archives.matching import skip_reason
from shared.models.describe import MAX_IMAGE_BYTES

END_RECORD = b"PK\x05\x06"
END_RECORD_BYTES = 22
MAX_COMMENT_BYTES = 65_535
ZIP64_END_RECORD, ZIP64_LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
MAX_ENTRIES = 20_000
# 20,000 entries with names of 350 bytes; read into memory before anything can be counted.
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
# Photos are compressed already: what unpacks to more than this is no archive of photos.
MAX_TOTAL_RATIO = 20
MAX_ENTRY_RATIO = 200
COPY_BYTES = 256 * 1024
ENCRYPTED, UTF8 = 0x1, 0x800
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
)
UNREADABLE_DETAIL = "Its directory is damaged or missing. Make the ZIP once more, and upload it again."


class EntryUnreadable(Exception):
    """The reason is written for the person who made the archive."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`number` is its place in the archive's directory. `refusal`: (outcome, reason) of what is not even looked at."""

    number: int
    name: str
    refusal: tuple[str, str] | None


def directory_bytes(path: Path) -> int:
    """How long the directory claims to be. Raises PhotoArchiveUnreadable."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tail_start = max(0, size - END_RECORD_BYTES - MAX_COMMENT_BYTES - 20)
        file.seek(tail_start)
        tail = file.read()
        place = tail.rfind(END_RECORD)
        if place < 0 or place + END_RECORD_BYTES > len(tail):
            raise PhotoArchiveUnreadable("It is no ZIP, or the upload broke off before its end.")
        claimed = int.from_bytes(tail[place + 12 : place + 16], "little")
        locator = tail[max(0, place - 20) : place]
        if not locator.startswith(ZIP64_LOCATOR):
            return claimed
        offset = int.from_bytes(locator[8:16], "little")
        if offset > size:
            raise PhotoArchiveUnreadable(UNREADABLE_DETAIL)
        file.seek(offset)
        record = file.read(56)
        if not record.startswith(ZIP64_END_RECORD):
            # Something stands before the archive; its size says nothing then, and reading will tell.
            return min(size, 2**32) if claimed == 0xFFFFFFFF else claimed
        return max(int.from_bytes(record[40:48], "little"), 0 if claimed == 0xFFFFFFFF else claimed)


def name_of(info: zipfile.ZipInfo) -> str:
    """Many tools write UTF-8 without saying so; the standard then reads it as the code page of a PC of 1981."""
    name = info.filename
    if not info.flag_bits & UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\x00", "")[:1000]


def refusal_of(info: zipfile.ZipInfo, name: str) -> tuple[str, str] | None:
    if reason := skip_reason(name):
        return "ignored", reason
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
        return "failed", "Its name leads out of the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "failed", "It is a link, not a photo."
    if info.flag_bits & ENCRYPTED:
        return "failed", "It is encrypted: make the ZIP without a password."
    if info.file_size > MAX_IMAGE_BYTES:
        return "failed", f"Photos have at most {MAX_IMAGE_BYTES // 1024 // 1024} MB."
    if info.file_size > MAX_ENTRY_RATIO * max(info.compress_size, 1) and info.file_size > 1024 * 1024:
        return "failed", f"It unpacks to more than {MAX_ENTRY_RATIO} times its size, which no photo does."
    return None


class PhotoZip:
    """Use it as a context manager, in a thread. Raises PhotoArchiveUnreadable."""

    def __init__(self, path: Path) -> None:
        if directory_bytes(path) > MAX_DIRECTORY_BYTES:
            raise PhotoArchiveUnreadable(f"It has more than {MAX_ENTRIES:,} files. Split it, and upload the parts.")
        try:
            self._zip = zipfile.ZipFile(path)
        except UNREADABLE:
            raise PhotoArchiveUnreadable(UNREADABLE_DETAIL) from None
        self._infos = self._zip.infolist()
        if len(self._infos) > MAX_ENTRIES:
            self._zip.close()
            raise PhotoArchiveUnreadable(f"It has more than {MAX_ENTRIES:,} files. Split it, and upload the parts.")
        if sum(info.file_size for info in self._infos) > MAX_TOTAL_RATIO * max(path.stat().st_size, 1024 * 1024):
            self._zip.close()
            raise PhotoArchiveUnreadable(
                f"It would unpack to more than {MAX_TOTAL_RATIO} times its size, which no archive of photos does."
            )

    def __enter__(self) -> "PhotoZip":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def entries(self) -> list[Entry]:
        found = []
        for number, info in enumerate(self._infos):
            if not info.is_dir():
                name = name_of(info)
                found.append(Entry(number, name, refusal_of(info, name)))
        return found

    def extract(self, number: int, target: Path) -> None:
        """However much the entry claims to hold, no more than a photo may have is written. Raises EntryUnreadable."""
        left = MAX_IMAGE_BYTES + 1
        try:
            with self._zip.open(self._infos[number]) as source, target.open("wb") as file:
                while left > 0 and (chunk := source.read(min(COPY_BYTES, left))):
                    left -= len(chunk)
                    file.write(chunk)
        except NotImplementedError:
            raise EntryUnreadable("It is packed in a way that we cannot read: make an ordinary ZIP.") from None
        except UNREADABLE:
            raise EntryUnreadable("It is damaged in the archive.") from None
