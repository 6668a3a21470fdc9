"""The file of rules: XPath selectors by host.

hosts:
  shop.example:                 # and its subdomains
    title: //h1[@class="name"]
    price: //span[@itemprop="price"]
    sku: {select: '//meta[@name="article"]', attribute: content}
    specifications:
      rows: //table[@id="data"]//tr
      name: ./td[1]
      value: ./td[2]
"""

from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from lxml import etree
from lxml.html import HtmlElement
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

MAX_FILE_BYTES = 5 * 1024 * 1024


class SiteRulesInvalid(ValueError):
    """The message names the file and all that is wrong in it."""


def checked(expression: str) -> str:
    try:
        etree.XPath(expression)
    except etree.XPathSyntaxError as error:
        raise ValueError(f"not an XPath: {expression!r} ({error})") from None
    return expression


XPathText = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(checked)]


class RuleModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Selector(RuleModel):
    """The first element that has something to say; its text, or one of its attributes."""

    select: XPathText
    attribute: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w:.-]*$")


def expanded(value: Any) -> Any:
    return {"select": value} if isinstance(value, str) else value


SelectorOrText = Annotated[Selector, BeforeValidator(expanded)]


class SpecificationRule(RuleModel):
    """`name` and `value` are looked for from each of the rows."""

    rows: XPathText
    name: XPathText
    value: XPathText


class HostRules(RuleModel):
    title: SelectorOrText | None = None
    price: SelectorOrText | None = None
    sku: SelectorOrText | None = None
    gtin: SelectorOrText | None = None
    brand: SelectorOrText | None = None
    description: SelectorOrText | None = None
    specifications: SpecificationRule | None = None


class SiteRules(RuleModel):
    hosts: dict[str, HostRules] = {}

    @field_validator("hosts")
    @classmethod
    def hosts_are_names(cls, hosts: dict[str, HostRules]) -> dict[str, HostRules]:
        for host in hosts:
            if host != host.strip().lower() or "/" in host or ":" in host or not host:
                raise ValueError(f"{host!r} is not a host name in lower case, without scheme, port or path")
        return hosts

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises SiteRulesInvalid."""
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise SiteRulesInvalid(f"{path}: larger than {MAX_FILE_BYTES:,} bytes")
            content = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise SiteRulesInvalid(f"{path}: cannot be read: {error}") from None
        try:
            return cls.model_validate(content or {})
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
                for problem in error.errors()
            )
            raise SiteRulesInvalid(f"{path}: {problems}") from None

    def of(self, host: str | None) -> HostRules | None:
        """Those of the host, else of the nearest domain above it."""
        name = (host or "").lower().rstrip(".")
        while name:
            if name in self.hosts:
                return self.hosts[name]
            name = name.partition(".")[2]
        return None


def select(root: HtmlElement, expression: str) -> list[HtmlElement]:
    """Elements only: a rule that selects text or numbers says nothing about where they stand."""
    found = root.xpath(expression)
    return [item for item in found[:1_000] if isinstance(item, HtmlElement)] if isinstance(found, list) else []
