"""ZIPs of photos, good and bad, through the API and the job of the backend's own worker."""

import asyncio
import csv
import io
import struct
import zipfile
from typing import Any

import httpx2
import pytest

from app.media.archives import zip_reading
from app.media.archives.job import PhotoArchiveJob
from app.media.archives.receiving import receive_file
from backend.tests.support.backend import API_KEY, Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes
from backend.tests.support.servers import eventually

PATH = "/api/v1/photo-archives"
ENDED = {"finished", "failed", "undone", "matched"}


def color(number: int) -> bytes:
    return image_bytes("JPEG", color=(number * 7 % 256, number * 31 % 256, number * 91 % 256))


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


async def send(api: httpx2.AsyncClient, content: bytes, name: str = "photos.zip", **query: Any) -> httpx2.Response:
    return await api.post(PATH, files={"archive": (name, content, "application/zip")}, params=query)


async def state(api: httpx2.AsyncClient, archive_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"{PATH}/{archive_id}")).json()
    return found


async def ended(api: httpx2.AsyncClient, archive_id: str) -> dict[str, Any]:
    async def has_ended() -> bool:
        archive = await state(api, archive_id)
        return archive["status"] in ENDED and (archive["ended_at"] is not None or archive["status"] == "matched")

    await eventually(has_ended, within_s=40)
    return await state(api, archive_id)


async def done(api: httpx2.AsyncClient, content: bytes, **query: Any) -> dict[str, Any]:
    answer = await send(api, content, **query)
    assert answer.status_code == 202, answer.text
    return await ended(api, answer.json()["id"])


async def files(api: httpx2.AsyncClient, archive_id: str, **query: Any) -> dict[str, dict[str, Any]]:
    page = (await api.get(f"{PATH}/{archive_id}/files", params={"limit": 200, **query})).json()
    return {item["name"]: item for item in page["items"]}


async def images(api: httpx2.AsyncClient, product_id: str) -> list[str]:
    return [image["file_name"] for image in (await api.get(f"/api/v1/products/{product_id}/images")).json()]


async def mugs(api: httpx2.AsyncClient) -> tuple[str, str]:
    return (await create_product(api, "MUG-1"))["id"], (await create_product(api, "MUG-2"))["id"]


class TestAdding:
    async def test_photos_go_to_their_products_in_order(self, api: httpx2.AsyncClient) -> None:
        one, two = await mugs(api)
        await upload(api, one, color(99), "before.jpg")
        content = zipped(
            {
                "MUG-1_10.jpg": color(1), "MUG-1_2.jpg": color(2), "MUG-1.jpg": color(3), "MUG-2/b.png": image_bytes(),
                "IMG_1.jpg": color(4), "prices.csv": b"a,b", "MUG-2/broken.jpg": color(5)[:80], "MUG-2/0.jpg": color(6),
            }
        )  # fmt: skip
        archive = await done(api, content)
        assert archive["status"] == "finished"
        assert archive["counts"] == {
            "total": 8, "matched": 6, "pending": 0, "added": 5, "already_there": 0, "unmatched": 1, "ignored": 1,
            "failed": 1, "removed": 0,
        }  # fmt: skip
        assert await images(api, one) == ["before.jpg", "MUG-1.jpg", "MUG-1_2.jpg", "MUG-1_10.jpg"]
        assert await images(api, two) == ["0.jpg", "b.png"]
        found = await files(api, archive["id"])
        assert found["IMG_1.jpg"]["outcome"] == "unmatched"
        assert "No product" in found["IMG_1.jpg"]["reason"]
        assert found["MUG-2/broken.jpg"]["outcome"] == "failed"
        assert "damaged" in found["MUG-2/broken.jpg"]["reason"]
        assert found["MUG-1.jpg"]["sku"] == "MUG-1"
        assert found["prices.csv"]["outcome"] == "ignored"

    async def test_the_same_archive_again_adds_nothing(self, api: httpx2.AsyncClient) -> None:
        one, _ = await mugs(api)
        content = zipped({"MUG-1_1.jpg": color(1), "MUG-1_2.jpg": color(1), "MUG-1_3.jpg": color(3)})
        first, second = await done(api, content), await done(api, content)
        assert (first["counts"]["added"], first["counts"]["already_there"]) == (2, 1)
        assert (second["counts"]["added"], second["counts"]["already_there"]) == (0, 3)
        assert len(await images(api, one)) == 2

    async def test_a_trial_adds_nothing_until_it_is_started(self, api: httpx2.AsyncClient) -> None:
        one, _ = await mugs(api)
        archive = await done(api, zipped({"MUG-1_1.jpg": color(1), "x.jpg": color(2)}), dry_run=True)
        assert archive["status"] == "matched"
        assert (archive["counts"]["pending"], archive["counts"]["unmatched"]) == (1, 1)
        assert await images(api, one) == []
        assert (await api.post(f"{PATH}/{archive['id']}/start")).status_code == 202
        await eventually(lambda: has_status(api, archive["id"], "finished"))
        assert await images(api, one) == ["MUG-1_1.jpg"]
        assert_problem(await api.post(f"{PATH}/{archive['id']}/start"), 409, "photo-archive-not-ready")

    async def test_undo_takes_away_what_it_added_and_nothing_else(self, api: httpx2.AsyncClient) -> None:
        one, two = await mugs(api)
        await upload(api, one, color(1), "mine.jpg")
        content = zipped(
            {"MUG-1_1.jpg": color(1), "MUG-1_2.jpg": color(2), "MUG-2.jpg": color(3), "MUG-2_2.jpg": color(4)}
        )
        archive = await done(api, content)
        gone = (await files(api, archive["id"]))["MUG-2_2.jpg"]["image_id"]
        assert (await api.delete(f"/api/v1/products/{two}/images/{gone}")).status_code == 204
        assert (await api.post(f"{PATH}/{archive['id']}/undo")).status_code == 202
        archive_id = archive["id"]
        await eventually(lambda: nothing_added(api, archive_id))
        assert await images(api, one) == ["mine.jpg"]
        assert await images(api, two) == []
        assert (await state(api, archive_id))["counts"]["removed"] == 3
        assert (await api.post(f"{PATH}/{archive_id}/undo")).status_code == 202, "once more changes nothing"

    async def test_the_zip_is_not_kept(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await mugs(api)
        archive = await done(api, zipped({"MUG-1_1.jpg": color(1)}))

        async def gone() -> bool:
            names = [each.name async for batch in backend.app.state.storage.names() for each in batch]
            return f"archive-{archive['id']}.zip" not in names

        await eventually(gone)
        assert list(backend.app.state.media_keeper.temporary_folder.iterdir()) == []

    async def test_the_report_runs_no_formulas(self, api: httpx2.AsyncClient) -> None:
        await mugs(api)
        archive = await done(api, zipped({"=cmd|'x'.jpg": color(1), "@a.jpg": color(2), "MUG-1 é.jpg": color(3)}))
        answer = await api.get(f"{PATH}/{archive['id']}/report.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0] == ["name", "outcome", "sku", "reason"]
        assert {row[0] for row in rows[1:]} == {"'=cmd|'x'.jpg", "'@a.jpg", "MUG-1 é.jpg"}

    async def test_pages_of_files(self, api: httpx2.AsyncClient) -> None:
        await mugs(api)
        archive = await done(api, zipped({f"unknown-{n}.jpg": b"x" for n in range(7)}))
        seen, cursor = [], None
        while True:
            query = {"limit": 3, "outcome": "unmatched"} | ({"cursor": cursor} if cursor else {})
            page = (await api.get(f"{PATH}/{archive['id']}/files", params=query)).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == page["total"] == 7
        for bad in ("x", "WzFd", "WyJ4Il0", "WzFlNDAwXQ", "WzEwMDAwMDAwMDAwMDAwXQ"):
            answer = await api.get(f"{PATH}/{archive['id']}/files", params={"cursor": bad})
            assert answer.status_code in {200, 422}, bad
        listed = (await api.get(PATH, params={"limit": 1})).json()
        assert listed["items"][0]["id"] == archive["id"]

    async def test_an_unknown_archive(self, api: httpx2.AsyncClient) -> None:
        unknown = f"{PATH}/0198c0de-0000-7000-8000-000000000000"
        for path in (unknown, f"{unknown}/files", f"{unknown}/report.csv"):
            assert_problem(await api.get(path), 404, "photo-archive-not-found")
        for act in ("start", "undo"):
            assert_problem(await api.post(f"{unknown}/{act}"), 404, "photo-archive-not-found")


async def has_status(api: httpx2.AsyncClient, archive_id: str, status: str) -> bool:
    return (await state(api, archive_id))["status"] == status


async def nothing_added(api: httpx2.AsyncClient, archive_id: str) -> bool:
    return (await state(api, archive_id))["counts"]["added"] == 0


def patched(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


class TestBadArchives:
    @pytest.mark.parametrize(
        "content",
        [b"", b"hello", b"PK\x03\x04" + b"\x00" * 100, b"PK\x05\x06", image_bytes("JPEG"),
         zipped({"a.jpg": b"x" * 5000}, zipfile.ZIP_STORED)[:3000]],
    )  # fmt: skip
    async def test_what_is_no_zip(self, api: httpx2.AsyncClient, content: bytes) -> None:
        assert_problem(await send(api, content), 422, "photo-archive-unreadable")

    async def test_an_empty_zip_is_simply_done(self, api: httpx2.AsyncClient) -> None:
        assert (await done(api, zipped({})))["counts"]["total"] == 0

    async def test_a_damaged_directory(self, api: httpx2.AsyncClient) -> None:
        content = zipped({"MUG-1.jpg": color(1), "MUG-2.jpg": color(2)})
        for damaged in (
            patched(content, b"PK\x01\x02", b"PK\x01\x03"),
            content[:-10] + struct.pack("<I", 2**31) + content[-6:],
            content[: content.index(b"PK\x01\x02") + 20] + content[-22:],
        ):
            assert_problem(await send(api, damaged), 422, "photo-archive-unreadable")

    async def test_too_many_files(self, api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_reading, "MAX_ENTRIES", 5)
        problem = assert_problem(
            await send(api, zipped({f"{n}.jpg": b"" for n in range(6)})), 422, "photo-archive-unreadable"
        )
        assert "Split it" in problem["detail"]

    async def test_a_directory_that_claims_to_be_huge(self, api: httpx2.AsyncClient) -> None:
        content = bytearray(zipped({"a.jpg": b"x"}))
        content[-10:-6] = struct.pack("<I", 500_000_000)
        assert_problem(await send(api, bytes(content)), 422, "photo-archive-unreadable")

    async def test_a_bomb_as_a_whole(self, api: httpx2.AsyncClient) -> None:
        content = zipped({f"MUG-1_{n}.png": b"\x00" * 15_000_000 for n in range(4)})
        problem = assert_problem(await send(api, content), 422, "photo-archive-unreadable")
        assert "unpack" in problem["detail"]

    async def test_files_that_are_refused_one_by_one(self, api: httpx2.AsyncClient) -> None:
        one, _ = await mugs(api)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("MUG-1 good.jpg", color(1))
            archive.writestr("../MUG-1.jpg", color(2))
            archive.writestr("/MUG-1.jpg", color(3))
            archive.writestr("C:\\MUG-1.jpg", color(3))
            archive.writestr("a/../../MUG-1.jpg", color(4))
            archive.writestr("MUG-1_bomb.png", b"\x00" * 3_000_000)
            archive.writestr("MUG-1_nested.zip", zipped({"MUG-1.jpg": color(5)}))
            link = zipfile.ZipInfo("MUG-1_link.jpg")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
            archive.writestr("MUG-1_page.jpg", b"<html>")
        archive_read = await done(api, buffer.getvalue())
        outcomes = {
            name: (item["outcome"], item["reason"]) for name, item in (await files(api, archive_read["id"])).items()
        }
        assert outcomes.pop("MUG-1 good.jpg")[0] == "added"
        assert outcomes.pop("MUG-1_nested.zip") == ("ignored", "Archives inside the archive are not opened.")
        assert {outcome for outcome, _ in outcomes.values()} == {"failed"}
        for name in ("../MUG-1.jpg", "/MUG-1.jpg", "C:\\MUG-1.jpg", "a/../../MUG-1.jpg"):
            assert outcomes[name][1] == "Its name leads out of the archive."
        assert "unpacks" in outcomes["MUG-1_bomb.png"][1]
        assert "link" in outcomes["MUG-1_link.jpg"][1]
        assert "Not an image" in outcomes["MUG-1_page.jpg"][1]
        assert await images(api, one) == ["MUG-1 good.jpg"]

    async def test_encrypted_damaged_and_oddly_packed_files(self, api: httpx2.AsyncClient) -> None:
        await mugs(api)
        content = zipped({f"MUG-1_{name}.jpg": color(ord(name)) for name in "abcd"}, zipfile.ZIP_STORED)
        changed = bytearray(content)
        entries = [place for place in range(len(content)) if content.startswith(b"PK\x01\x02", place)]
        changed[entries[0] + 8] |= 1  # encrypted
        changed[entries[1] + 10 : entries[1] + 12] = struct.pack("<H", 9)  # deflate64
        changed[entries[2] + 16] ^= 0xFF  # the checksum
        archive = await done(api, bytes(changed))
        found = await files(api, archive["id"])
        assert {name: item["outcome"] for name, item in found.items()} == {
            "MUG-1_a.jpg": "failed", "MUG-1_b.jpg": "failed", "MUG-1_c.jpg": "failed", "MUG-1_d.jpg": "added",
        }  # fmt: skip
        assert "password" in found["MUG-1_a.jpg"]["reason"]
        assert "ordinary ZIP" in found["MUG-1_b.jpg"]["reason"]
        assert "damaged" in found["MUG-1_c.jpg"]["reason"]

    async def test_zip64(self, api: httpx2.AsyncClient) -> None:
        one, _ = await mugs(api)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive, archive.open("MUG-1.jpg", "w", force_zip64=True) as entry:
            entry.write(color(1))
        # The form that large archives have: sizes in a record of their own.
        content = buffer.getvalue()
        end = content.rindex(b"PK\x05\x06")
        size, offset = struct.unpack("<II", content[end + 12 : end + 20])
        record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, size, offset)
        locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
        eocd = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        assert (await done(api, content[:end] + record + locator + eocd))["counts"]["added"] == 1
        assert await images(api, one) == ["MUG-1.jpg"]

    async def test_names_in_utf8_that_do_not_say_so(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "Müsli")
        content = zipped({"Mxxsli_1.jpg": color(1)}).replace(b"Mxxsli", "Müsli".encode())
        assert (await done(api, content))["counts"]["added"] == 1

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [(b"{}", "application/json"), (b"x", "multipart/form-data"), (b"--x--\r\n", "multipart/form-data; boundary=x"),
         (b"no boundary at all", "multipart/form-data; boundary=x"),
         (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nx\r\n--x--\r\n',
          "multipart/form-data; boundary=x"),
         (b'--x\r\nContent-Disposition: form-data; name="archive"\r\n\r\nx\r\n--x--\r\n',
          "multipart/form-data; boundary=x"),
         (b"--x\r\n" + b"A" * 20_000 + b": b\r\n\r\n", "multipart/form-data; boundary=x")],
    )  # fmt: skip
    async def test_bodies_that_carry_no_file(self, api: httpx2.AsyncClient, body: bytes, content_type: str) -> None:
        answer = await api.post(PATH, content=body, headers={"Content-Type": content_type})
        problem = assert_problem(answer, 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "#/archive"

    async def test_larger_than_the_setting_says(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        limit = backend.app.state.settings.photo_archive_max_bytes
        host, port = backend.url.removeprefix("http://").split(":")
        for size, status in ((limit + 10**6, b"413"), (10**8, b"422")):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {API_KEY}\r\n"
                f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\nno form".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert status in head.splitlines()[0]
            writer.close()

    async def test_strangers_cannot_fill_the_disk(
        self, anonymous: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        received: list[Any] = []
        monkeypatch.setattr("app.media.archives.routes.receive_file", lambda *a: received.append(a) or receive_file(*a))
        assert_problem(await send(anonymous, zipped({"a.jpg": b"x"})), 401, "not-signed-in")
        assert received == []


class Killed(BaseException):
    pass


class TestKill:
    async def test_at_any_point_nothing_is_doubled_and_nothing_is_missing(
        self, api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, _ = await mugs(api)
        state_ = backend.app.state
        job = PhotoArchiveJob(
            backend.sessions, state_.storage, state_.media_keeper, state_.media_keeper.temporary_folder
        )
        archive = await done(api, zipped({f"MUG-1_{n}.jpg": color(n) for n in range(9)}), dry_run=True)
        await backend.execute("UPDATE photo_archives SET status = 'matching', dry_run = false")
        await backend.execute("DELETE FROM photo_archive_files")
        kills = [("_match", 1), ("_keep", 1), ("_store", 1), ("_keep", 3), ("_store", 3), ("_store", 2), ("_end", 1)]
        for step, after in kills:
            calls = 0
            original = getattr(PhotoArchiveJob, step)

            async def dying(*arguments: Any, _after: int = after, _original: Any = original, **named: Any) -> Any:
                nonlocal calls
                calls += 1
                mine = calls
                outcome = await _original(*arguments, **named)
                if mine == _after:
                    raise Killed
                return outcome

            with monkeypatch.context() as patch:
                patch.setattr(PhotoArchiveJob, step, dying)
                with pytest.raises(Killed):
                    await job.execute({"archive_id": archive["id"]})
        await job.execute({"archive_id": archive["id"]})
        assert (await state(api, archive["id"]))["counts"]["added"] == 9
        assert await images(api, one) == [f"MUG-1_{n}.jpg" for n in range(9)]


class TestMatchBefore:
    async def test_a_folder_is_matched_before_it_is_uploaded(self, api: httpx2.AsyncClient) -> None:
        one, two = await mugs(api)
        names = ["MUG-1_2.jpg", "MUG-1_1.jpg", "mug 2/x.png", "IMG.jpg", "MUG-1_1.jpg"]
        answer = await api.post(f"{PATH}/match", json={"names": names})
        assert answer.status_code == 200
        found = [(item["name"], item["product_id"], item["order"]) for item in answer.json()]
        assert found == [
            ("MUG-1_2.jpg", one, 2), ("MUG-1_1.jpg", one, 0), ("mug 2/x.png", two, 0), ("IMG.jpg", None, None),
            ("MUG-1_1.jpg", one, 1),
        ]  # fmt: skip
        assert "No product" in answer.json()[3]["reason"]

    async def test_deleted_products_get_no_photos(self, api: httpx2.AsyncClient) -> None:
        one, _ = await mugs(api)
        await api.delete(f"/api/v1/products/{one}", headers={"If-Match": "*"})
        answer = await api.post(f"{PATH}/match", json={"names": ["MUG-1.jpg"]})
        assert answer.json()[0]["product_id"] is None

    @pytest.mark.parametrize("names", [[], [""], ["a" * 1001], ["x"] * 5001, None, [1]])
    async def test_what_is_no_list_of_names(self, api: httpx2.AsyncClient, names: Any) -> None:
        assert_problem(await api.post(f"{PATH}/match", json={"names": names}), 422, "invalid-request")

    @pytest.mark.parametrize(
        "name", ["\u0000.jpg", "a\u0000b", "%", "'; DROP TABLE products; --.jpg", "\\", "a" * 1000]
    )
    async def test_odd_names(self, api: httpx2.AsyncClient, name: str) -> None:
        await mugs(api)
        answer = await api.post(f"{PATH}/match", json={"names": [name]})
        assert answer.status_code in {200, 422}
