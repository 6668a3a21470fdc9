import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from app.media import keeper
from app.media.metadata import without_metadata
from app.media.preparing import prepare
from app.media.public_urls import PublicMedia
from backend.tests.media.test_metadata import SECRET, photo, secret_exif
from backend.tests.support.backend import API_KEY, Backend, assert_problem, create_product, upload
from backend.tests.support.images import image_bytes, png_of_claimed_size


async def product_id(api: httpx2.AsyncClient, sku: str = "MUG-1") -> str:
    return str((await create_product(api, sku))["id"])


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


class TestUpload:
    @pytest.mark.parametrize(
        ("image_format", "content_type"),
        [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/heic"),
         ("AVIF", "image/avif"), ("GIF", "image/gif")],
    )  # fmt: skip
    async def test_formats(self, api: httpx2.AsyncClient, image_format: str, content_type: str) -> None:
        content = image_bytes(image_format, (120, 80))
        answer = await upload(api, await product_id(api), content, "photo.bin")
        assert answer.status_code == 201, answer.text
        image = answer.json()
        assert (image["width"], image["height"]) == (120, 80)
        assert image["sha256"] == hashlib.sha256(content).hexdigest()
        original = await api.get(image["urls"]["original"])
        assert original.content == content
        assert original.headers["content-type"] == content_type

    @pytest.mark.parametrize(
        "content",
        [b"", b"hello", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x00" * 100,
         b"<html><script>alert(1)</script>", b"II*\x00" + b"\x00" * 100],
    )  # fmt: skip
    async def test_what_is_no_image(self, api: httpx2.AsyncClient, content: bytes) -> None:
        answer = await upload(api, await product_id(api), content, "photo.jpg")
        assert_problem(answer, 415, "not-an-image")

    async def test_a_hundred_megapixels(self, api: httpx2.AsyncClient) -> None:
        answer = await upload(api, await product_id(api), png_of_claimed_size(10_000, 10_000))
        problem = assert_problem(answer, 413, "image-too-large")
        assert "megapixels" in problem["detail"]

    async def test_more_than_twenty_megabytes(self, api: httpx2.AsyncClient) -> None:
        content = image_bytes("PNG") + b"\x00" * (20 * 1024 * 1024)
        problem = assert_problem(await upload(api, await product_id(api), content), 413, "image-too-large")
        assert "20 MB" in problem["detail"]

    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
    async def test_a_truncated_file(self, api: httpx2.AsyncClient, image_format: str) -> None:
        noise = Image.effect_noise((300, 200), 80).convert("RGB")
        buffer = BytesIO()
        noise.save(buffer, image_format)
        answer = await upload(api, await product_id(api), buffer.getvalue()[: len(buffer.getvalue()) // 2])
        assert_problem(answer, 422, "image-unreadable")

    async def test_the_same_bytes_again(self, api: httpx2.AsyncClient) -> None:
        one = await product_id(api)
        assert (await upload(api, one)).status_code == 201
        assert_problem(await upload(api, one), 409, "image-already-there")
        assert (await upload(api, await product_id(api, "OTHER"))).status_code == 201, "another product may show it"

    async def test_the_same_bytes_at_once(self, api: httpx2.AsyncClient) -> None:
        one = await product_id(api)
        answers = await asyncio.gather(*(upload(api, one) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        assert len((await api.get(f"/api/v1/products/{one}/images")).json()) == 1

    async def test_different_images_at_once(self, api: httpx2.AsyncClient) -> None:
        one = await product_id(api)
        answers = await asyncio.gather(*(upload(api, one, image_bytes(color=(n, 0, 0))) for n in range(6)))
        assert {answer.status_code for answer in answers} == {201}

    async def test_without_a_file(self, api: httpx2.AsyncClient) -> None:
        path = f"/api/v1/products/{await product_id(api)}/images"
        problem = assert_problem(await api.post(path), 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "#/image"

    async def test_to_an_unknown_product(self, api: httpx2.AsyncClient) -> None:
        answer = await upload(api, "0198c0de-0000-7000-8000-000000000000")
        assert_problem(answer, 404, "product-not-found")

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 400 + ".png", "ключ.png", "a\\b.png"])
    async def test_a_file_name_is_only_text(self, api: httpx2.AsyncClient, backend: Backend, name: str) -> None:
        image = (await upload(api, await product_id(api), name=name)).json()
        assert len(image["file_name"]) <= 255
        folder = backend.app.state.storage.folder
        assert all(path.name.startswith(image["sha256"]) for path in folder.rglob(f"*{image['sha256']}*"))


class TestMetadata:
    async def test_where_a_photo_was_taken_is_nowhere_to_be_had(self, api: httpx2.AsyncClient) -> None:
        content = photo("JPEG", orientation=6)
        image = (await upload(api, await product_id(api), content, "IMG_1.jpg")).json()
        for url in image["urls"].values():
            served = (await api.get(url)).content
            assert SECRET.encode() not in served
            assert not opened(served).getexif().get_ifd(0x8825)
        original = (await api.get(image["urls"]["original"])).content
        assert opened(original).getexif()[0x0112] == 6, "it still stands upright"
        assert hashlib.sha256(original).hexdigest() == image["sha256"]
        assert (image["width"], image["height"]) == (48, 64)

    async def test_the_same_upload_is_recognised_although_other_bytes_are_stored(self, api: httpx2.AsyncClient) -> None:
        one, content = await product_id(api), photo("JPEG")
        image = (await upload(api, one, content)).json()
        assert image["sha256"] != hashlib.sha256(content).hexdigest()
        assert_problem(await upload(api, one, content), 409, "image-already-there")

    async def test_the_same_photo_with_other_metadata_is_the_same_photo(self, api: httpx2.AsyncClient) -> None:
        one, content = await product_id(api), photo("PNG")
        assert (await upload(api, one, content)).status_code == 201
        clean = b"".join(without_metadata(content, "PNG", 1))
        assert_problem(await upload(api, one, clean), 409, "image-already-there")

    async def test_an_image_sequence_becomes_its_first_picture(self, api: httpx2.AsyncClient) -> None:
        buffer = BytesIO()
        first = Image.new("RGB", (64, 48), (250, 0, 0))
        first.save(
            buffer, "AVIF", save_all=True, append_images=[Image.new("RGB", (64, 48))], exif=secret_exif(), quality=100
        )
        answer = await upload(api, await product_id(api), buffer.getvalue())
        assert answer.status_code == 201, answer.text
        original = await api.get(answer.json()["urls"]["original"])
        assert original.headers["content-type"] == "image/png"
        assert SECRET.encode() not in original.content
        red, green, _ = opened(original.content).convert("RGB").getpixel((30, 20))
        assert red > 240
        assert green < 10


class TestOnce:
    async def test_a_photo_that_came_in_before_is_not_decoded_again(
        self, api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoded = []
        monkeypatch.setattr(keeper, "prepare", lambda *files: decoded.append(1) or prepare(*files))
        for sku in ("A", "B", "C"):
            assert (await upload(api, await product_id(api, sku))).status_code == 201
        assert len(decoded) == 1

    async def test_nor_is_it_when_it_comes_in_twice_at_once(
        self, api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoded = []
        monkeypatch.setattr(keeper, "prepare", lambda *files: decoded.append(1) or prepare(*files))
        products = [await product_id(api, sku) for sku in ("A", "B", "C", "D")]
        answers = await asyncio.gather(*(upload(api, each) for each in products))
        assert {answer.status_code for answer in answers} == {201}
        assert len(decoded) == 1

    async def test_nothing_temporary_is_left(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        one = await product_id(api)
        for content in (image_bytes(), image_bytes(), b"no image", photo("JPEG")[:300]):
            await upload(api, one, content)
        assert list(backend.app.state.media_keeper.temporary_folder.iterdir()) == []


class TestHugeUploads:
    async def test_half_a_gigabyte_is_refused_before_it_has_come(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        one = await product_id(api)
        host, port = backend.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST /api/v1/products/{one}/images HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {API_KEY}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 524288000\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert " 413 " in head.splitlines()[0]
        assert "connection: close" in head
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        assert b"/problems/payload-too-large" in await reader.readexactly(length)
        writer.close()
        assert (await upload(api, one)).status_code == 201, "the next one is fine"

    async def test_a_client_that_goes_on_sending_can_read_the_answer(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        path = f"/api/v1/products/{await product_id(api)}/images"
        size, piece = 80 * 1024 * 1024, b"\x00" * 65536

        async def body() -> AsyncIterator[bytes]:
            for _ in range(size // len(piece)):
                yield piece

        headers = {"Content-Length": str(size), "Content-Type": "multipart/form-data; boundary=x"}
        assert_problem(await api.post(path, content=body(), headers=headers), 413, "payload-too-large")

    async def test_without_a_declared_length(self, api: httpx2.AsyncClient) -> None:
        path = f"/api/v1/products/{await product_id(api)}/images"

        async def body() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
            for _ in range(40 * 16):
                yield b"\x00" * 65536

        answer = await api.post(path, content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert answer.status_code == 413
        assert (await api.get(path)).json() == []


class TestFiles:
    async def test_an_etag_saves_the_bytes(self, api: httpx2.AsyncClient) -> None:
        image = (await upload(api, await product_id(api))).json()
        for url in image["urls"].values():
            first = await api.get(url)
            assert int(first.headers["content-length"]) == len(first.content)
            for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"other", {first.headers["etag"]}', "*"):
                again = await api.get(url, headers={"If-None-Match": tag})
                assert again.status_code == 304
                assert again.content == b""
            assert (await api.get(url, headers={"If-None-Match": '"other"'})).status_code == 200

    async def test_sizes_have_tags_of_their_own(self, api: httpx2.AsyncClient) -> None:
        image = (await upload(api, await product_id(api))).json()
        assert len({(await api.get(url)).headers["etag"] for url in image["urls"].values()}) == 4


class TestPublicFiles:
    @pytest.fixture
    def public(self, backend: Backend) -> Iterator[PublicMedia]:
        closed = backend.app.state.public_media
        backend.app.state.public_media = PublicMedia("https://shop.example/catalogue/", closed.key)
        yield backend.app.state.public_media
        backend.app.state.public_media = closed

    def path(self, url: str | None) -> str:
        assert url is not None
        assert url.startswith("https://shop.example/catalogue/public-media/")
        return url.removeprefix("https://shop.example/catalogue")

    async def test_a_signed_address_needs_no_session(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, public: PublicMedia
    ) -> None:
        image = (await upload(api, await product_id(api), image_bytes("JPEG"))).json()
        for size in (320, 800, 1600):
            answer = await anonymous.get(self.path(public.url(image["sha256"], size)))
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "image/webp"
            assert answer.headers["cache-control"].startswith("public")
            assert answer.content == (await api.get(image["urls"][str(size)])).content
        original = self.path(public.url(image["sha256"], None, "JPEG"))
        assert original.endswith("/original.jpg")
        assert (await anonymous.get(original)).headers["content-type"] == "image/jpeg"

    async def test_an_address_without_the_right_signature_leads_nowhere(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, public: PublicMedia
    ) -> None:
        sha256 = (await upload(api, await product_id(api))).json()["sha256"]
        right = public.signature(sha256)
        for signature in ("x" * 22, right[:-1], right.swapcase(), public.signature("0" * 64), "é"):
            answer = await anonymous.get(f"/public-media/{signature}/{sha256}/320.webp")
            assert_problem(answer, 404, "medium-not-found")
        for name in ("321.webp", "original.exe", "original", "320.webp%00"):
            answer = await anonymous.get(f"/public-media/{right}/{sha256}/{name}")
            assert answer.status_code in {404, 422}, name

    async def test_without_a_public_address_there_are_none(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        public: PublicMedia = backend.app.state.public_media
        sha256 = (await upload(api, await product_id(api))).json()["sha256"]
        assert public.url(sha256, 800) is None
        answer = await anonymous.get(f"/public-media/{public.signature(sha256)}/{sha256}/320.webp")
        assert_problem(answer, 404, "medium-not-found")

    def test_our_own_addresses_are_known_whatever_the_host(self, public: PublicMedia) -> None:
        sha256 = "ab" * 32
        url = public.url(sha256, 800)
        assert url is not None
        assert public.resolve(url) == sha256
        assert public.resolve(url.replace("shop.example", "moved.example") + "?v=2") == sha256
        assert public.resolve(f"/media/{sha256}/original") == sha256
        assert public.resolve(url.replace("/ab", "/cd")) is None
        assert public.resolve(f"https://elsewhere.example/media/{sha256}/original") is None
        for url in ("", "http://[", "https://x/\ud800", "javascript:1"):
            assert public.resolve(url) is None


class TestRenditions:
    @pytest.mark.parametrize(
        ("size", "expected"),
        [
            ((2400, 1200), {320: (320, 160), 800: (800, 400), 1600: (1600, 800)}),
            ((500, 1000), {320: (160, 320), 800: (400, 800), 1600: (500, 1000)}),
            ((30, 20), {320: (30, 20), 800: (30, 20), 1600: (30, 20)}),
        ],
    )
    async def test_sizes(
        self, api: httpx2.AsyncClient, size: tuple[int, int], expected: dict[int, tuple[int, int]]
    ) -> None:
        image = (await upload(api, await product_id(api), image_bytes("JPEG", size))).json()
        for longest, pixels in expected.items():
            answer = await api.get(image["urls"][str(longest)])
            assert answer.headers["content-type"] == "image/webp"
            rendition = opened(answer.content)
            assert rendition.format == "WEBP"
            assert rendition.size == pixels

    async def test_headers(self, api: httpx2.AsyncClient) -> None:
        image = (await upload(api, await product_id(api))).json()
        for url in image["urls"].values():
            headers = (await api.get(url)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert headers["cache-control"] == "private, max-age=31536000, immutable"

    async def test_exif_orientation_is_applied_and_metadata_dropped(self, api: httpx2.AsyncClient) -> None:
        content = image_bytes("JPEG", (400, 200), orientation=6)
        image = (await upload(api, await product_id(api), content)).json()
        assert (image["width"], image["height"]) == (200, 400)
        rendition = opened((await api.get(image["urls"]["320"])).content)
        assert rendition.size == (160, 320)
        assert not rendition.getexif()
        # The white corner was at the top left; turned by 90 degrees it is at the top right.
        rgb = rendition.convert("RGB")
        assert min(rgb.getpixel((rgb.width - 5, 5))) > 200
        assert min(rgb.getpixel((5, 5))) < 100

    async def test_transparency_is_white(self, api: httpx2.AsyncClient) -> None:
        buffer = BytesIO()
        Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(buffer, "PNG")
        image = (await upload(api, await product_id(api), buffer.getvalue())).json()
        rendition = opened((await api.get(image["urls"]["320"])).content).convert("RGB")
        assert rendition.getpixel((32, 32)) == (255, 255, 255)

    @pytest.mark.parametrize(
        "path",
        [
            "/media/{sha}/321.webp",
            "/media/{sha}/99999999999999999999.webp",
            "/media/{sha}/-320.webp",
            "/media/{zeros}/320.webp",
            "/media/{zeros}/original",
        ],
    )
    async def test_files_that_are_not_there(self, api: httpx2.AsyncClient, path: str) -> None:
        image = (await upload(api, await product_id(api))).json()
        answer = await api.get(path.format(sha=image["sha256"], zeros="0" * 64))
        assert_problem(answer, 404, "medium-not-found")

    @pytest.mark.parametrize(
        "path",
        [
            "/media/..%2f..%2fetc%2fpasswd/original",
            "/media/%2e%2e/%2e%2e/original",
            "/media/" + "A" * 64 + "/original",
            "/media/" + "0" * 63 + "/original",
            "/media/" + "0" * 64 + "%00/original",
            "/media/" + "0" * 64 + "/..%2foriginal",
            "/media/" + "0" * 64 + "/320.webp%2f..%2f..",
        ],
    )
    async def test_no_way_out_of_the_folder(self, api: httpx2.AsyncClient, path: str) -> None:
        # As bytes: the client must not tidy the path up.
        url = httpx2.URL(str(api.base_url)).copy_with(raw_path=path.encode())
        answer = await api.get(url)
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_strangers_see_nothing(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        image = (await upload(api, await product_id(api))).json()
        for url in image["urls"].values():
            assert_problem(await anonymous.get(url), 401, "not-signed-in")

    async def test_a_browser_sees_them(self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient) -> None:
        image = (await upload(api, await product_id(api))).json()
        assert (await browser.get(image["urls"]["320"])).status_code == 200


class TestOrderAndDelete:
    async def three(self, api: httpx2.AsyncClient) -> tuple[str, list[str]]:
        one = await product_id(api)
        ids = [(await upload(api, one, image_bytes(color=(n * 80, 0, 0)))).json()["id"] for n in range(3)]
        return f"/api/v1/products/{one}/images", ids

    async def order(self, api: httpx2.AsyncClient, path: str) -> list[str]:
        images = (await api.get(path)).json()
        assert [image["position"] for image in images] == sorted(image["position"] for image in images)
        return [image["id"] for image in images]

    @pytest.mark.parametrize(
        ("moved", "to", "expected"),
        [(2, 0, [2, 0, 1]), (0, 1, [1, 0, 2]), (0, 99, [1, 2, 0]), (1, -5, [1, 0, 2]), (1, 1, [0, 1, 2]),
         (0, 2**80, [1, 2, 0])],
    )  # fmt: skip
    async def test_moving(self, api: httpx2.AsyncClient, moved: int, to: int, expected: list[int]) -> None:
        path, ids = await self.three(api)
        answer = await api.patch(f"{path}/{ids[moved]}", json={"position": to})
        assert answer.status_code == 200, answer.text
        assert await self.order(api, path) == [ids[index] for index in expected]

    async def test_alt_text(self, api: httpx2.AsyncClient) -> None:
        path, ids = await self.three(api)
        assert (await api.patch(f"{path}/{ids[1]}", json={"alt": "A mug"})).json()["alt"] == "A mug"
        assert (await api.patch(f"{path}/{ids[1]}", json={"position": 0})).json()["alt"] == "A mug"
        assert_problem(await api.patch(f"{path}/{ids[1]}", json={"alt": "x" * 501}), 422, "invalid-request")

    async def test_deleting(self, api: httpx2.AsyncClient) -> None:
        path, ids = await self.three(api)
        assert (await api.delete(f"{path}/{ids[1]}")).status_code == 204
        assert await self.order(api, path) == [ids[0], ids[2]]
        assert_problem(await api.delete(f"{path}/{ids[1]}"), 404, "image-not-found")
        last = (await upload(api, path.split("/")[4], image_bytes(color=(9, 9, 9)))).json()
        assert await self.order(api, path) == [ids[0], ids[2], last["id"]]

    async def test_the_image_of_another_product(self, api: httpx2.AsyncClient) -> None:
        _, ids = await self.three(api)
        other = await product_id(api, "OTHER")
        answer = await api.patch(f"/api/v1/products/{other}/images/{ids[0]}", json={"alt": "mine"})
        assert_problem(answer, 404, "image-not-found")
        assert_problem(await api.delete(f"/api/v1/products/{other}/images/{ids[0]}"), 404, "image-not-found")
