import random
import string
import uuid

import pytest

from app.media.archives.matching import NO_PRODUCT, PhotoMatcher, PhotoName, in_order, skip_reason

SKUS = ["MUG-1", "MUG-12", "MUG", "AB/12", "Tee Blue", "tasse-é", "100", "200", "abc", "ABC", "X.Y-Z", "LAMP"]
PRODUCTS = [(uuid.uuid4(), sku) for sku in SKUS]


def matched(name: str) -> str | None:
    return PhotoMatcher(PRODUCTS).match(name).sku


class TestMatch:
    @pytest.mark.parametrize(
        ("name", "sku"),
        [
            ("MUG-1.jpg", "MUG-1"),
            ("MUG-1_1.jpg", "MUG-1"),
            ("MUG-1-2.png", "MUG-1"),
            ("MUG-1 (3).jpg", "MUG-1"),
            ("MUG-1(3).jpg", "MUG-1"),
            ("mug-1.front.webp", "MUG-1"),
            ("MUG-1/1.jpg", "MUG-1"),
            ("export/2026/MUG-1/side view.jpeg", "MUG-1"),
            ("MUG-1\\2.jpg", "MUG-1"),
            ("MUG-12.jpg", "MUG-12"),
            ("MUG-12_a.jpg", "MUG-12"),
            ("MUG.jpg", "MUG"),
            ("MUG-3.jpg", "MUG"),
            ("MUG/MUG-1.jpg", "MUG-1"),
            ("Photos of mugs/MUG-12.jpg", "MUG-12"),
            ("AB/12.jpg", "AB/12"),
            ("AB_12_1.jpg", "AB/12"),
            ("ab-12.JPG", "AB/12"),
            ("tee_blue-2.jpg", "Tee Blue"),
            ("TeeBlue.jpg", "Tee Blue"),
            ("tasse-é.jpg", "tasse-é"),
            ("tasse-e\u0301_1.jpg", "tasse-é"),
            ("abc.jpg", "abc"),
            ("ABC_2.jpg", "ABC"),
            ("xyz.png", "X.Y-Z"),
            ("LAMP shade/1.jpg", "LAMP"),
        ],
    )
    def test_by_name_and_folder(self, name: str, sku: str) -> None:
        assert matched(name) == sku

    @pytest.mark.parametrize("name", ["MUGS.jpg", "IMG_2034.jpg", "jpg", ".jpg", "/", "", "1MUG-1.jpg", "LAMPE.jpg"])
    def test_what_no_product_fits(self, name: str) -> None:
        match = PhotoMatcher(PRODUCTS).match(name)
        assert match.product_id is None
        assert match.reason == NO_PRODUCT

    @pytest.mark.parametrize(
        ("name", "skus"),
        [("Abc.jpg", ["ABC", "abc"]), ("100/200.jpg", ["100", "200"]), ("LAMP/MUG-1.jpg", ["LAMP", "MUG-1"])],
    )
    def test_two_that_fit_equally_well(self, name: str, skus: list[str]) -> None:
        match = PhotoMatcher(PRODUCTS).match(name)
        assert match.product_id is None
        assert match.reason == f"It could belong to several products: {', '.join(skus)}."

    def test_any_name_is_answered(self) -> None:
        generator = random.Random(7)
        matcher = PhotoMatcher(PRODUCTS)
        alphabet = string.printable + "é\u0301\ud800\x00/\\._-()" * 5
        for _ in range(500):
            name = "".join(generator.choices(alphabet, k=generator.randrange(60)))
            PhotoName.parse(name).possible_skus()
            matcher.match(name)
        long = "a-" * 50_000 + ".jpg"
        assert len(PhotoName.parse(long).possible_skus()) < 100
        assert matcher.match(long).product_id is None


class TestOrder:
    def test_natural_order_with_the_front_first(self) -> None:
        names = [
            "MUG_10.jpg",
            "MUG_2.jpg",
            "MUG_side.jpg",
            "MUG.jpg",
            "MUG_1.jpg",
            "mug/9.jpg",
            "unknown.jpg",
            "MUG_front.jpg",
        ]
        matcher = PhotoMatcher(PRODUCTS)
        pairs = [(name, matcher.match(name)) for name in names]
        ordered = [names[place] for place in in_order(pairs)]
        assert ordered == [
            "MUG.jpg", "MUG_front.jpg", "MUG_1.jpg", "MUG_2.jpg", "mug/9.jpg", "MUG_10.jpg", "MUG_side.jpg",
        ]  # fmt: skip


class TestSkipping:
    @pytest.mark.parametrize(
        "name",
        ["__MACOSX/._MUG-1.jpg", "a/.DS_Store", "Thumbs.db", "list.csv", "inner.zip", "movie.mp4", "noextension"],
    )
    def test_what_is_no_photo(self, name: str) -> None:
        assert skip_reason(name)

    @pytest.mark.parametrize("name", ["MUG-1.JPG", "a/b.HeIc", "x.jfif"])
    def test_photos(self, name: str) -> None:
        assert skip_reason(name) is None
