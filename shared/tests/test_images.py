import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from shared.models.describe import MAX_IMAGE_BYTES
from shared.utils.images import ImageError, ImageTooLarge, ImageUnreadable, NotAnImage, decode_image, open_image

pillow_heif.register_heif_opener()

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF"]


def encoded(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def photo(size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.effect_noise(size, 60).convert("RGB")


def png_of_size(width: int, height: int) -> bytes:
    """A one-bit PNG, deflated row by row: a hundred megapixels fit into a few kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    deflate = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(deflate.compress(row) for _ in range(height)) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class TestFormats:
    @pytest.mark.parametrize("image_format", FORMATS)
    def test_a_file_is_read_like_its_bytes(self, image_format: str, tmp_path: Path) -> None:
        content = encoded(photo(), image_format)
        file = tmp_path / "photo"
        file.write_bytes(content)
        of_file, of_bytes = decode_image(file, max_side=32), decode_image(content, max_side=32)
        assert of_file.info == of_bytes.info
        assert of_file.pixels.tobytes() == of_bytes.pixels.tobytes()

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_each_is_decoded_to_rgb(self, image_format: str) -> None:
        content = encoded(photo(), image_format)
        decoded = decode_image(content)
        assert decoded.pixels.mode == "RGB"
        assert decoded.pixels.size == (64, 48)
        assert (decoded.info.width, decoded.info.height, decoded.info.bytes) == (64, 48, len(content))
        assert decoded.info.format == {"HEIF": "HEIC"}.get(image_format, image_format)

    def test_several_pictures_in_one_jpeg(self) -> None:
        content = encoded(photo(), "MPO", save_all=True, append_images=[photo()])
        assert decode_image(content).info.format == "JPEG"

    @pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
    def test_of_an_animation_the_first_frame(self, image_format: str) -> None:
        red, blue = (Image.new("RGB", (20, 20), color) for color in ("red", "blue"))
        content = encoded(red, image_format, save_all=True, append_images=[blue], duration=100)
        pixel = decode_image(content).pixels.getpixel((10, 10))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 200
        assert pixel[2] < 50

    @pytest.mark.parametrize("image_format", ["TIFF", "BMP", "ICO", "PPM", "TGA"])
    def test_other_formats_are_not_tried(self, image_format: str) -> None:
        with pytest.raises(NotAnImage):
            open_image(encoded(photo(), image_format))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"x",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7\n",
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            b"\0" * 64,
        ],
    )
    def test_what_is_no_image(self, content: bytes) -> None:
        with pytest.raises(NotAnImage):
            open_image(content)


class TestLimits:
    def test_a_bomb_is_refused_by_its_header(self) -> None:
        content = png_of_size(10_000, 10_000)
        assert len(content) < 100_000
        with pytest.raises(ImageTooLarge, match="50 megapixels"):
            open_image(content)

    @pytest.mark.parametrize("size", [(50_001, 1_000), (60_000, 60_000), (1, 50_000_001)])
    def test_just_above_and_far_above(self, size: tuple[int, int]) -> None:
        header = png_of_size(1, 1)
        claimed = header[:16] + struct.pack(">II", *size) + header[24:29]
        claimed += struct.pack(">I", zlib.crc32(claimed[12:29])) + header[33:]
        with pytest.raises(ImageTooLarge):
            open_image(claimed)

    def test_just_below_passes(self) -> None:
        assert decode_image(png_of_size(10_000, 5_000), max_side=64).pixels.size == (64, 32)

    def test_too_many_bytes(self) -> None:
        with pytest.raises(ImageTooLarge, match="20 MB"):
            open_image(encoded(photo()) + b"\0" * MAX_IMAGE_BYTES)


class TestPixels:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("max_side", [None, 40])
    def test_exif_orientation(self, orientation: int, max_side: int | None) -> None:
        upright = Image.new("RGB", (80, 40), "black")
        upright.paste("white", (0, 0, 20, 20))
        inverse = {
            1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
        }[orientation]  # fmt: skip
        stored = upright if inverse is None else upright.transpose(inverse)
        exif = Image.Exif()
        exif[0x0112] = orientation
        decoded = decode_image(encoded(stored, "JPEG", exif=exif.tobytes(), quality=95), max_side=max_side)
        scale = 1.0 if max_side is None else 0.5
        assert decoded.pixels.size == (int(80 * scale), int(40 * scale))
        assert (decoded.info.width, decoded.info.height) == (80, 40)
        corner = decoded.pixels.getpixel((int(8 * scale), int(8 * scale)))
        opposite = decoded.pixels.getpixel((int(72 * scale), int(32 * scale)))
        assert isinstance(corner, tuple)
        assert isinstance(opposite, tuple)
        assert min(corner) > 200
        assert max(opposite) < 50

    def test_metadata_is_gone(self) -> None:
        exif = Image.Exif()
        exif[0x010E] = "taken at home"
        pixels = decode_image(encoded(photo(), "JPEG", exif=exif.tobytes(), comment=b"secret")).pixels
        assert not pixels.getexif()
        assert b"home" not in encoded(pixels, "WEBP")

    def test_cmyk(self) -> None:
        content = encoded(Image.new("CMYK", (10, 10), (0, 255, 255, 0)), "JPEG", quality=95)
        pixel = decode_image(content).pixels.getpixel((5, 5))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 200
        assert max(pixel[1:]) < 60

    def test_sixteen_bit_grey_keeps_its_tones(self) -> None:
        image = Image.new("I;16", (3, 1))
        for x, value in enumerate((0, 32_768, 65_535)):
            image.putpixel((x, 0), value)
        pixels = decode_image(encoded(image)).pixels
        tones = [pixels.getpixel((x, 0)) for x in range(3)]
        assert [tone[0] for tone in tones if isinstance(tone, tuple)] == [0, 128, 255]

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
    def test_transparency_becomes_white(self, mode: str) -> None:
        image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
        options: dict[str, object] = {}
        if mode in {"P", "PA"}:
            image = Image.new("P", (8, 8), 0)
            options["transparency"] = 0
        elif mode == "LA":
            image = image.convert("LA")
        assert decode_image(encoded(image, "PNG", **options)).pixels.getpixel((4, 4)) == (255, 255, 255)

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
    def test_other_modes(self, mode: str) -> None:
        assert decode_image(encoded(photo().convert(mode))).pixels.mode == "RGB"

    @pytest.mark.parametrize("size", [(1000, 10), (10, 1000), (1, 1)])
    def test_scaling_keeps_the_shape(self, size: tuple[int, int]) -> None:
        pixels = decode_image(encoded(photo(size), "JPEG"), max_side=100).pixels
        assert max(pixels.size) == min(100, max(size))
        assert min(pixels.size) >= 1


class TestDamage:
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
    def test_truncated(self, image_format: str) -> None:
        content = encoded(photo((200, 150)), image_format)
        with pytest.raises(ImageUnreadable):
            decode_image(content[: len(content) // 2])

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_flipped_bytes_never_raise_anything_else(self, image_format: str) -> None:
        """Whatever a file says, the answer is an image or one of our three errors."""
        exif = Image.Exif()
        exif[0x0112], exif[0x010E] = 6, "text"
        options = {"exif": exif.tobytes()} if image_format in {"JPEG", "PNG", "WEBP", "AVIF", "HEIF"} else {}
        content = encoded(photo((40, 30)), image_format, **options)
        chance = random.Random(image_format)
        for _ in range(120):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 12)):
                damaged[chance.randrange(min(len(damaged), 400))] = chance.randrange(256)
            try:
                decode_image(bytes(damaged), max_side=chance.choice([None, 16]))
            except ImageError:
                continue

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_every_length_of_a_file(self, image_format: str) -> None:
        content = encoded(photo((16, 12)), image_format)
        for length in range(0, len(content), max(1, len(content) // 60)):
            try:
                decode_image(content[:length])
            except ImageError:
                continue
