"""Which pages are believed: those that show a product, and prose that names ours."""

import pytest

from app.sources.service import problem_with
from shared.models.base import now
from shared.models.extract import ExtractResponse, PageProduct
from shared.models.facts import Fact, Source, WebLocator


def page(title: str, heading: str, *, product: bool = False, blocked: str | None = None) -> ExtractResponse:
    def said(name: str, text: str) -> Fact:
        source = Source(kind="web", ref="https://shop.example/", quote=text, locator=WebLocator(start=0, end=len(text)))
        return Fact.create(name=name, value=text, source=source, confidence=0.5)

    return ExtractResponse(
        url="https://shop.example/",
        final_url="https://shop.example/",
        status=200,
        title=title,
        product=PageProduct(name=heading) if product else None,
        facts=[said("name", heading), said("description", "The mayor opened it on Monday.")],
        blocked=blocked,  # type: ignore[arg-type]
        fetched_at=now(),
        content_sha256="0" * 64,
        elapsed_ms=1.0,
    )


@pytest.mark.parametrize(
    ("title", "heading", "name", "believed"),
    [
        ("Whale wooden puzzle | Wholesale", "Whale wooden puzzle", "Whale Wooden Puzzle", True),
        ("Tienda", "Taza esmaltada azul", "Taza esmaltada", True),
        ("Our puzzles", "The whale", "Whale Wooden Puzzle", False),
        ("News", "Town hall opens", "Steel bottle", False),
        ("News", "Town hall opens", "X2", False),
    ],
)
def test_prose_is_believed_where_the_page_names_the_product(
    title: str, heading: str, name: str, believed: bool
) -> None:
    problem = problem_with(page(title, heading), name)
    assert (problem is None) == believed
    assert problem is None or problem.type == "/problems/page-without-product"


def test_a_product_page_is_believed_whatever_it_is_called() -> None:
    assert problem_with(page("Shop", "Mok email", product=True), "Enamel Mug") is None


def test_a_blocked_page_is_not() -> None:
    problem = problem_with(page("Enamel Mug", "Enamel Mug", blocked="captcha"), "Enamel Mug")
    assert problem is not None
    assert problem.type == "/problems/page-blocked"
    assert problem.extension("blocked") == "captcha"
