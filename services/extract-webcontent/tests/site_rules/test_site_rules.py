"""Rules by host, on snippets of our own."""

from pathlib import Path

import httpx2
import pytest

from extract_webcontent.api import create_app
from extract_webcontent.reading.reader import PageReading, read_page
from extract_webcontent.settings import Settings
from extract_webcontent.site_rules.rules import SiteRules, SiteRulesInvalid

RULES = """
hosts:
  mugs.example:
    title: //div[@class="n"]
    price: //div[@class="p2"]
    sku: {select: '//div[@data-art]', attribute: data-art}
    gtin: //i[@class="code"]
    brand: //b[@class="maker"]
    description: //div[@class="d"]
    specifications:
      rows: //div[@class="r"]
      name: ./i[1]
      value: ./i[2]
"""
PAGE = """<html lang="en"><head><title>Enamel mug</title></head><body><h1>Today only: everything must go</h1>
<div class="n">Enamel mug, blue</div><div class="p1">€ 19.90</div><div class="p2">€ 12.90</div>
<div data-art="MUG-7"></div><i class="code">4006381333931</i><b class="maker">Brennholm</b>
<div class="d">Two coats of enamel on steel.</div>
<div class="r"><i>Capacity</i><i>330 ml</i></div><div class="r"><i>Height</i><i>8 cm</i></div></body></html>"""


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


def read(rules_file: Path, html: str = PAGE, url: str = "https://www.mugs.example/7") -> PageReading:
    reading = read_page(html, url=url, ref=url, site_rules=SiteRules.load(rules_file))
    for fact in reading.facts:
        locator = fact.source.locator
        assert reading.snapshot[locator.start : locator.end] == fact.source.quote
    return reading


class TestApply:
    def test_everything_that_a_rule_can_say(self, rules_file):
        product = read(rules_file).product
        assert (product.name, product.brand, product.sku) == ("Enamel mug, blue", "Brennholm", "MUG-7")
        assert (product.price.amount, product.price.currency, product.gtin) == ("12.90", "EUR", "4006381333931")
        assert product.description == "Two coats of enamel on steel."
        assert [(entry.name, entry.value, entry.unit) for entry in product.attributes] == [
            ("Capacity", "330", "ml"),
            ("Height", "8", "cm"),
        ]

    def test_a_ruled_fact_takes_the_place_of_others(self, rules_file):
        facts = [fact for fact in read(rules_file).facts if fact.name == "price"]
        assert [(fact.value, fact.source.quote) for fact in facts] == [("12.90", "€ 12.90")]

    def test_hidden_text_is_no_fact_for_a_rule_either(self, rules_file):
        html = PAGE.replace('<div class="p2">', '<div class="p2" style="display:none">')
        reading = read(rules_file, html)
        assert "12.90" not in [fact.value for fact in reading.facts]

    def test_other_hosts_are_read_as_ever(self, rules_file):
        reading = read(rules_file, url="https://mugs.example.net/7")
        assert reading.product is None or reading.product.brand is None

    def test_a_rule_that_finds_nothing_changes_nothing(self, rules_file):
        html = "<html><title>Mug</title><h1>Mug</h1><p class=price>€ 5.00</p><button>Add to cart</button></html>"
        product = read(rules_file, html).product
        assert (product.name, product.price.amount) == ("Mug", "5.00")

    def test_what_is_no_price_and_no_gtin_is_refused(self, rules_file):
        html = PAGE.replace("€ 12.90", "Price on request").replace("4006381333931", "4006381333932")
        product = read(rules_file, html).product
        assert product is None or product.gtin is None


class TestLoad:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("hosts: {mugs.example: {title: '//h1['}}", "hosts.mugs.example.title.select: Value error, not an XPath"),
            ("hosts: {mugs.example: {titel: //h1}}", "hosts.mugs.example.titel: Extra inputs are not permitted"),
            ("hosts: {'https://mugs.example': {title: //h1}}", "is not a host name"),
            ("hosts: [1]", "hosts: Input should be a valid dictionary"),
            ("hosts: {a: {specifications: {rows: //tr}}}", "hosts.a.specifications.name: Field required"),
            ("{", "cannot be read"),
            ("hosts: !!python/object/apply:os.system ['true']", "cannot be read"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path, text, message):
        path = tmp_path / "rules.yaml"
        path.write_text(text)
        with pytest.raises(SiteRulesInvalid) as caught:
            SiteRules.load(path)
        assert message in str(caught.value)
        assert str(path) in str(caught.value)

    def test_a_missing_file_stops_the_service_at_its_start(self, tmp_path):
        with pytest.raises(SiteRulesInvalid, match="cannot be read"):
            create_app(Settings(site_rules=tmp_path / "none.yaml", renderer="none"))

    def test_an_empty_file_has_no_rules(self, tmp_path):
        path = tmp_path / "rules.yaml"
        path.write_text("")
        assert SiteRules.load(path).of("mugs.example") is None


class TestOverTheService:
    @pytest.fixture
    def ruled_service(self, serve_settings, tmp_path, rules_file):
        yield from serve_settings(
            Settings(
                cache_dir=tmp_path / "cache", site_rules=rules_file, workers=1, renderer="none", service_token=None
            )
        )

    def test_the_reading_processes_know_the_rules(self, ruled_service):
        body = {"html": PAGE, "url": "https://mugs.example/7"}
        page = httpx2.post(f"{ruled_service}/api/v1/extract", json=body, timeout=30).json()
        assert page["product"]["price"] == {"amount": "12.90", "currency": "EUR"}
