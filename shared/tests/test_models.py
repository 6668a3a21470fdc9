import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.models.base import Money, Usage
from shared.models.describe import DescribeRequest, DescribeResponse
from shared.models.extract import ExtractRequest
from shared.models.facts import Fact, ImageLocator, Source, WebLocator, fact_id
from shared.models.generate import CheckRequest, GenerateRequest

WEB = Source(kind="web", ref="https://a.example/", quote="8 cm", locator=WebLocator(start=3, end=7))
IMAGE = Source(kind="image", ref="sha256:00", quote="8 cm", locator=ImageLocator(box=(0.1, 0.2, 0.3, 0.4)))


class TestFactId:
    def test_the_ids_are_a_contract(self) -> None:
        """Stored facts refer to them: another way to make them is another version of the contract."""
        assert fact_id(WEB, "Height", "8", "cm") == "f_" + hashlib.sha256(
            b'web|https://a.example/|{"end": 7, "start": 3, "xpath": null}|Height|8|cm'
        ).hexdigest()[:16]  # fmt: skip

    def test_equal_input_gives_equal_ids(self) -> None:
        one = Fact.create(name="Height", value="8", unit="cm", source=WEB, confidence=0.5)
        other = Fact.create(name="Height", value="8", unit="cm", source=WEB.model_copy(deep=True), confidence=0.9)
        assert one.id == other.id
        assert Fact.model_validate_json(one.model_dump_json()).id == one.id

    @pytest.mark.parametrize(
        "other",
        [
            Fact.create(name="Width", value="8", unit="cm", source=WEB),
            Fact.create(name="Height", value="9", unit="cm", source=WEB),
            Fact.create(name="Height", value="8", unit="mm", source=WEB),
            Fact.create(name="Height", value="8", source=WEB),
            Fact.create(name="Height", value="8", unit="cm", source=IMAGE),
            Fact.create(name="Height", value="8", unit="cm", source=WEB.model_copy(update={"locator": None})),
            Fact.create(
                name="Height", value="8", unit="cm", source=WEB.model_copy(update={"ref": "https://b.example/"})
            ),
        ],
    )
    def test_whatever_differs_shows(self, other: Fact) -> None:
        assert other.id != Fact.create(name="Height", value="8", unit="cm", source=WEB).id

    @given(st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=50))
    def test_any_text_has_one(self, name: str, value: str) -> None:
        assert len(Fact.create(name=name, value=value, source=WEB).id) == 18


class TestBodies:
    @pytest.mark.parametrize(
        ("model", "body"),
        [
            (DescribeRequest, {"image_url": "https://a.example/a.png"}),
            (ExtractRequest, {"url": "https://a.example/"}),
            (GenerateRequest, {"product": {"name": "Mug"}, "facts": []}),
            (CheckRequest, {"facts": [], "texts": [{"field": "title", "text": "Mug"}]}),
        ],
    )
    def test_requests_refuse_unknown_fields(self, model: type[BaseModel], body: dict[str, Any]) -> None:
        model.model_validate(body)
        with pytest.raises(ValidationError, match=r"extra_forbidden|Extra inputs"):
            model.model_validate({**body, "surprise": 1})

    def test_responses_ignore_them(self) -> None:
        body = {
            "description": "", "alt_text": "", "engine": "e", "elapsed_ms": 1, "new_in_2027": True,
            "image": {"width": 1, "height": 1, "format": "PNG", "sha256": "0" * 64, "bytes": 1, "dpi": 300},
        }  # fmt: skip
        assert "new_in_2027" not in DescribeResponse.model_validate(body).model_dump()

    @pytest.mark.parametrize("body", [{}, {"image_url": "https://a", "image_base64": "AAAA"}])
    def test_describe_wants_exactly_one_image(self, body: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="exactly one"):
            DescribeRequest.model_validate(body)

    def test_base64_of_an_image(self) -> None:
        assert DescribeRequest(image_base64="aGk=").image_bytes() == b"hi"
        assert DescribeRequest(image_base64="data:image/png;base64,aGk=").image_bytes() == b"hi"
        for text in ("a", "aGk", "a-_=", "ä", "aGk=\n!"):
            with pytest.raises(ValueError, match="base64"):
                DescribeRequest(image_base64=text).image_bytes()

    def test_extract_wants_something_to_read(self) -> None:
        with pytest.raises(ValidationError, match="give a url, or html"):
            ExtractRequest.model_validate({})

    def test_fact_ids_are_unique(self) -> None:
        fact = Fact.create(name="a", value="b", source=WEB)
        with pytest.raises(ValidationError, match="unique"):
            GenerateRequest.model_validate({"product": {"name": "Mug"}, "facts": [fact.model_dump()] * 2})


class TestMoneyAndUsage:
    @pytest.mark.parametrize("amount", ["1e3", "NaN", "", ".5", "1.", "1,50", " 1", "1" * 13, "1.1234567", "--1"])
    def test_what_is_no_amount(self, amount: str) -> None:
        with pytest.raises(ValidationError):
            Money(amount=amount, currency="EUR")

    def test_an_amount_is_exact(self) -> None:
        assert Money(amount="0.1", currency="EUR").decimal * 3 == Decimal("0.3")

    def test_an_unknown_price_stays_unknown(self) -> None:
        total = Usage(input_tokens=1, cost_usd=0.5) + Usage(input_tokens=2, cost_usd=None)
        assert (total.input_tokens, total.cost_usd) == (3, None)
        assert (Usage(cost_usd=0.5) + Usage(cost_usd=0.25)).cost_usd == 0.75
