"""The smallest pages that a merchant may name as the product's own."""

import pytest

from extract_webcontent.reading.reader import read_page


def facts_of(html: str) -> dict[str, str]:
    reading = read_page(html, url=None, ref="page")
    return {fact.name: f"{fact.value} {fact.unit or ''}".strip() for fact in reading.facts}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Weight: 145 g</p>", {"Weight": "145 g"}),
        ("<table><tr><th>Material</th><td>Enamelled steel</td></tr></table>", {"Material": "Enamelled steel"}),
        ("<dl><dt>Capacidad</dt><dd>0,33 l</dd></dl>", {"Capacidad": "0.33 l"}),
    ],
)
def test_one_specification_under_a_title_is_enough(body: str, expected: dict[str, str]) -> None:
    found = facts_of(f"<h1>Enamel mug</h1>{body}")
    assert found["name"] == "Enamel mug"
    assert expected.items() <= found.items()


def test_a_label_that_things_do_not_have_is_not() -> None:
    reading = read_page("<h1>Our shop</h1><dl><dt>Monday</dt><dd>9 to 18 h</dd></dl>", url=None, ref="page")
    assert reading.product is None
    assert "Monday" not in {fact.name for fact in reading.facts}
