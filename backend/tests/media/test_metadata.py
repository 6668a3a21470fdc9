"""Real metadata in every format: none of it is left, and not one pixel has changed."""

import struct
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageSequence, PngImagePlugin

from app.media.metadata import MetadataInseparable, without_metadata
from app.media.metadata.heif import boxes
from backend.tests.support.images import image_bytes
from shared.utils.images import ImageUnreadable

SECRET = "SECRET-4711"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = (
    "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
    f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><dc:creator>{SECRET}</dc:creator></rdf:RDF>"
    "</x:xmpmeta><?xpacket end='w'?>"
).encode()


def contract(image_format: str) -> str:
    return {"HEIF": "HEIC"}.get(image_format, image_format)


def secret_exif(orientation: int | None = None) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 31.0), 29: "2026:01:02"}
    exif[0x8769] = {0x9286: SECRET.encode(), 0xA430: SECRET}
    if orientation:
        exif[0x0112] = orientation
    return exif.tobytes()


def picture(size: tuple[int, int] = (64, 48)) -> Image.Image:
    image = Image.effect_noise(size, 60).convert("RGB")
    image.paste((255, 0, 0), (0, 0, size[0] // 4, size[1] // 4))
    return image


def photo(image_format: str, *, orientation: int | None = None, **options: object) -> bytes:
    """A photo with GPS, XMP, comments and a colour profile, as far as the format carries them."""
    if image_format == "GIF":
        options["comment"] = SECRET.encode()
    else:
        options |= {"exif": secret_exif(orientation), "xmp": XMP, "icc_profile": ICC}
    if image_format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"] = text
        options.pop("xmp")
    if image_format == "JPEG":
        options["comment"] = SECRET.encode()
    buffer = BytesIO()
    picture().save(buffer, image_format, **options)
    content = buffer.getvalue()
    assert SECRET.encode() in content
    return content


def cleaned(content: bytes, image_format: str, orientation: int = 1) -> bytes:
    return b"".join(without_metadata(content, contract(image_format), orientation))


def pixels(content: bytes) -> list[bytes]:
    with Image.open(BytesIO(content)) as image:
        return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(image)]


def orientation_of(content: bytes) -> int:
    with Image.open(BytesIO(content)) as image:
        return int(image.getexif().get(0x0112, 1))


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    inserted = b"".join(bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return jpeg[:2] + inserted + jpeg[2:]


class TestEveryFormat:
    @pytest.mark.parametrize("image_format", FORMATS)
    def test_no_metadata_is_left_and_no_pixel_changed(self, image_format: str) -> None:
        content = photo(image_format)
        clean = cleaned(content, image_format)
        assert SECRET.encode() not in clean
        assert b"xpacket" not in clean
        assert pixels(clean) == pixels(content)
        with Image.open(BytesIO(clean)) as image:
            assert not image.getexif()
            assert not image.getexif().get_ifd(0x8825)
            assert not {"xmp", "XML:com.adobe.xmp", "comment", "exif"} & {
                name for name, value in image.info.items() if value
            }

    @pytest.mark.parametrize("image_format", [name for name in FORMATS if name != "GIF"])
    def test_the_colour_profile_stays(self, image_format: str) -> None:
        with Image.open(BytesIO(cleaned(photo(image_format), image_format))) as image:
            assert image.info["icc_profile"] == ICC

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_what_has_no_metadata_stays_identical(self, image_format: str) -> None:
        content = image_bytes(image_format, (70, 50))
        assert cleaned(content, image_format) == content

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_cleaning_twice_changes_nothing_more(self, image_format: str) -> None:
        clean = cleaned(photo(image_format, orientation=6), image_format, 6)
        assert cleaned(clean, image_format, 6) == clean

    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_the_orientation_stays_as_the_only_entry(self, image_format: str, orientation: int) -> None:
        content = photo(image_format, orientation=orientation)
        clean = cleaned(content, image_format, orientation_of(content))
        assert SECRET.encode() not in clean
        assert orientation_of(clean) == orientation
        with Image.open(BytesIO(clean)) as image:
            assert set(image.getexif()) <= {0x0112}
        assert pixels(clean) == pixels(content)

    @pytest.mark.parametrize("image_format", ["AVIF", "HEIF"])
    @pytest.mark.parametrize("orientation", [3, 6, 8])
    def test_the_orientation_of_boxes_stays(self, image_format: str, orientation: int) -> None:
        content = photo(image_format, orientation=orientation)
        clean = cleaned(content, image_format)
        assert orientation_of(clean) == orientation_of(content)
        assert pixels(clean) == pixels(content)
        with Image.open(BytesIO(clean)) as image, Image.open(BytesIO(content)) as before:
            assert image.size == before.size

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_any_truncation_is_a_clear_error_or_clean(self, image_format: str) -> None:
        content = photo(image_format)
        for length in range(0, len(content), max(1, len(content) // 150)):
            try:
                clean = cleaned(content[:length], image_format)
            except (ImageUnreadable, MetadataInseparable):
                continue
            assert SECRET.encode() not in clean

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_any_damage_is_a_clear_error_or_a_result(self, image_format: str) -> None:
        content = bytearray(photo(image_format))
        for position in range(min(len(content), 1500)):
            for value in (0x00, 0xFF):
                damaged = bytes(content[:position]) + bytes((value,)) + bytes(content[position + 1 :])
                try:
                    cleaned(damaged, image_format)
                except (ImageUnreadable, MetadataInseparable):
                    continue


class TestJpeg:
    def test_iptc_previews_and_other_segments_go(self) -> None:
        content = with_segments(
            image_bytes("JPEG"),
            (0xED, b"Photoshop 3.0\x008BIM\x04\x04" + SECRET.encode()),
            (0xE2, b"MPF\x00" + SECRET.encode()),
            (0xE0, b"JFXX\x00\x10" + SECRET.encode()),
            (0xEF, SECRET.encode()),
            (0xEE, SECRET.encode()),
            (0xFE, SECRET.encode()),
        )
        clean = cleaned(content, "JPEG")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(content)

    def test_the_preview_inside_jfif_goes(self) -> None:
        jpeg = image_bytes("JPEG")
        header = b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x05" + SECRET.encode() + b"...."  # 1 x 5 pixels
        start = 4 + struct.unpack(">H", jpeg[4:6])[0]
        clean = cleaned(with_segments(jpeg[:2] + jpeg[start:], (0xE0, header)), "JPEG")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(jpeg)

    def test_what_follows_the_image_goes(self) -> None:
        content = image_bytes("JPEG")
        assert cleaned(content + SECRET.encode() + photo("JPEG"), "JPEG") == content

    def test_the_further_pictures_of_an_mpo_go(self) -> None:
        buffer = BytesIO()
        first, second = picture(), picture()
        first.save(buffer, "MPO", save_all=True, append_images=[second])
        clean = cleaned(buffer.getvalue(), "JPEG")
        with Image.open(BytesIO(clean)) as image:
            assert image.format == "JPEG"
        assert pixels(clean)[0] == pixels(buffer.getvalue())[0]
        assert len(clean) < len(buffer.getvalue()) * 0.6

    @pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True}])
    def test_kinds_of_scans(self, options: dict[str, object]) -> None:
        content = photo("JPEG", **options)
        clean = cleaned(content, "JPEG")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(content)

    def test_cmyk_keeps_its_colours(self) -> None:
        buffer = BytesIO()
        picture().convert("CMYK").save(buffer, "JPEG", comment=SECRET)
        clean = cleaned(buffer.getvalue(), "JPEG")
        assert b"Adobe" in clean
        assert pixels(clean) == pixels(buffer.getvalue())

    def test_padding_and_junk_between_segments(self) -> None:
        content = image_bytes("JPEG")
        padded = content[:2] + b"\xff\xff\xff" + content[2:]
        assert pixels(cleaned(padded, "JPEG")) == pixels(content)
        assert cleaned(content[:2] + b"\x00\x01\x02" + content[2:], "JPEG") == content


class TestOthers:
    def test_an_animated_png_keeps_its_frames(self) -> None:
        buffer = BytesIO()
        picture().save(buffer, "PNG", save_all=True, append_images=[picture()], exif=secret_exif())
        clean = cleaned(buffer.getvalue(), "PNG")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(buffer.getvalue())

    def test_a_transparent_palette_png(self) -> None:
        buffer = BytesIO()
        picture().convert("P").save(buffer, "PNG", transparency=3, exif=secret_exif())
        clean = cleaned(buffer.getvalue(), "PNG")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(buffer.getvalue())

    def test_data_behind_the_end_of_a_png(self) -> None:
        content = image_bytes("PNG")
        assert cleaned(content + SECRET.encode(), "PNG") == content

    @pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}])
    def test_an_animated_webp_keeps_its_frames(self, options: dict[str, object]) -> None:
        buffer = BytesIO()
        frames = [picture().convert("RGBA") for _ in range(3)]
        frames[0].save(
            buffer, "WEBP", save_all=True, append_images=frames[1:], duration=70, exif=secret_exif(), xmp=XMP, **options
        )
        clean = cleaned(buffer.getvalue(), "WEBP")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(buffer.getvalue())
        assert len(pixels(clean)) == 3

    def test_an_animated_gif_keeps_its_frames_and_its_loop(self) -> None:
        buffer = BytesIO()
        frames = [picture().convert("P") for _ in range(3)]
        frames[0].save(
            buffer, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0, comment=SECRET.encode()
        )
        clean = cleaned(buffer.getvalue(), "GIF")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(buffer.getvalue())
        with Image.open(BytesIO(clean)) as image:
            assert image.info["loop"] == 0

    def test_xmp_in_a_gif(self) -> None:
        content = image_bytes("GIF")
        magic = b"\x01" + bytes(range(0xFF, -1, -1)) + b"\x00"
        extension = b"\x21\xff\x0bXMP DataXMP" + XMP + magic
        clean = cleaned(content[:-1] + extension + content[-1:], "GIF")
        assert clean == content


class TestHeif:
    @pytest.mark.parametrize("image_format", ["AVIF", "HEIF"])
    def test_boxes_that_hide_something_are_blanked(self, image_format: str) -> None:
        content = photo(image_format)
        hidden = struct.pack(">I", 24 + len(SECRET)) + b"uuid" + b"0123456789abcdef" + SECRET.encode()
        video = struct.pack(">I", 8 + len(SECRET)) + b"mpvd" + SECRET.encode()
        clean = cleaned(content + hidden + video, image_format)
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(content)
        assert {box.name for box in boxes(clean, 0, len(clean))} <= {b"ftyp", b"meta", b"mdat", b"free"}

    def test_what_no_item_needs_is_blanked(self) -> None:
        content = image_bytes("HEIF")
        more = struct.pack(">I", 8 + len(SECRET)) + b"mdat" + SECRET.encode()
        clean = cleaned(content + more, "HEIF")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(content)

    def test_a_sequence_has_to_be_stored_anew(self) -> None:
        buffer = BytesIO()
        picture().save(buffer, "AVIF", save_all=True, append_images=[picture()], exif=secret_exif())
        with pytest.raises(MetadataInseparable):
            cleaned(buffer.getvalue(), "AVIF")

    def test_transparency_and_several_pictures(self) -> None:
        buffer = BytesIO()
        rgba = picture().convert("RGBA")
        rgba.putalpha(Image.effect_noise(rgba.size, 50))
        rgba.save(buffer, "HEIF", save_all=True, append_images=[picture().convert("RGBA")], exif=secret_exif())
        clean = cleaned(buffer.getvalue(), "HEIF")
        assert SECRET.encode() not in clean
        assert pixels(clean) == pixels(buffer.getvalue())
