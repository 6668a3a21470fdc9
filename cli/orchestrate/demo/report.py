"""A product's listings for a reader: each sentence with the numbers of its facts, and what is behind each number."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from orchestrate.demo.results import ProductResult

MAX_QUOTE = 140
LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch", "fr": "Français", "it": "Italiano", "pt": "Português"}


class FactNumbers:
    """Numbers facts in the order in which they are cited, over all languages of a product."""

    def __init__(self, result: ProductResult) -> None:
        self.facts: dict[str, dict[str, Any]] = {}
        for listing in result.listings:
            self.facts |= {fact["id"]: fact for fact in listing["facts"]}
        self.numbers: dict[str, int] = {}

    def cite(self, fact_ids: list[str]) -> str:
        return ", ".join(map(str, sorted(self.numbers.setdefault(each, len(self.numbers) + 1) for each in fact_ids)))

    def cited(self) -> list[tuple[int, dict[str, Any]]]:
        return [(number, self.facts[each]) for each, number in self.numbers.items() if each in self.facts]


def one_line(text: str, limit: int = MAX_QUOTE) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def with_unit(value: str, unit: str | None) -> str:
    return f"{value} {unit}" if unit else value


def page_name(url: str) -> str:
    """The end of the address; the whole one stands in the product's heading."""
    return url.rstrip("/").rsplit("/", 1)[-1]


def readable(label: str) -> str:
    """Labels that no source has worded are names of ours: `country_of_origin`."""
    words = label.replace("_", " ")
    return words if label != label.lower() else words[:1].upper() + words[1:]


def source_text(source: dict[str, Any], photo_names: dict[str, str]) -> str:
    """Where a fact comes from, and the words found there."""
    kind, ref = source["kind"], source["ref"]
    if kind == "image":
        where = f"photo {photo_names.get(ref.removeprefix('sha256:'), ref)}"
    elif kind == "web":
        where = f"page {page_name(ref)}"
    else:
        where = f"merchant's field “{ref}”"
    quote = source.get("quote")
    return f"{where}: “{one_line(quote)}”" if quote else f"{where} (seen, not read)"


def distinct_sources(sources: list[dict[str, Any]], photo_names: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(source_text(each["source"], photo_names) for each in sources))


def cited_text(text: str, claims: list[dict[str, Any]], numbers: FactNumbers) -> Text:
    """The text with the numbers of its facts behind each claim."""
    marks: list[tuple[int, str]] = []
    for claim in sorted(claims, key=lambda claim: claim["start"]):
        citation = numbers.cite(claim["fact_ids"])
        marks.append((min(claim["end"], len(text)), f"[{citation or claim['verdict']}]"))
    shown = Text()
    position = 0
    for end, mark in marks:
        shown.append(text[position:end])
        shown.append(f" {mark}", style="cyan")
        position = max(position, end)
    shown.append(text[position:])
    return shown


def claims_of(content: dict[str, Any], field: str, index: int | None = None) -> list[dict[str, Any]]:
    return [
        claim for claim in content["claims"] if claim["field"] == field and (index is None or claim["index"] == index)
    ]


def language_name(tag: str) -> str:
    return LANGUAGES.get(tag.split("-")[0], tag) if "-" not in tag else tag


def by_engine(field_engines: dict[str, str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for field, engine in field_engines.items():
        fields.setdefault(engine, []).append(field)
    return fields


def listing_parts(listing: dict[str, Any], numbers: FactNumbers) -> list[RenderableType]:
    content = listing["content"]
    grounding = content["grounding"]
    engine = " ".join(filter(None, (content["engine"], f"({content['model']})" if content["model"] else "")))
    written = "; ".join(
        f"{', '.join(fields)} by {name}" for name, fields in by_engine(content["field_engines"]).items()
    )
    heading = Text(language_name(listing["language"]), style="bold")
    heading.append(
        f"  {engine}{f'; {written}' if written else ''} · {grounding['supported']} claims supported, "
        f"{len(content['removed'])} removed · {content['elapsed_ms'] / 1000:.1f} s",
        style="dim",
    )
    title = cited_text(content["title"], claims_of(content, "title"), numbers)
    title.stylize("bold", 0, len(content["title"]))
    parts: list[RenderableType] = [heading, Padding(title, (1, 0, 1, 2))]
    description = cited_text(content["description"], claims_of(content, "description"), numbers)
    parts.append(Padding(description, (0, 0, 1 if content["bullets"] else 0, 2)))
    for index, bullet in enumerate(content["bullets"]):
        line = Text("• ").append_text(cited_text(bullet, claims_of(content, "bullets", index), numbers))
        parts.append(Padding(line, (0, 0, 0, 2)))
    parts += [Padding(removed_line(claim), (0, 0, 0, 2)) for claim in content["removed"]]
    parts += [Padding(Text(f"Note: {note}", style="yellow"), (0, 0, 0, 2)) for note in content["notes"]]
    parts.append(Text())
    return parts


def removed_line(claim: dict[str, Any]) -> Text:
    line = Text("✗ removed ", style="red")
    line.append(f"“{one_line(claim['text'])}” ", style="strike")
    return line.append(f"– {claim['reason']}", style="default")


def sources_table(numbers: FactNumbers, photo_names: dict[str, str]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(max_width=44, overflow="fold")
    table.add_column(overflow="fold", style="dim")
    for number, fact in numbers.cited():
        value = one_line(f"{readable(fact['label'])}: {with_unit(fact['value'], fact['unit'])}", 80)
        sources = "\n".join(distinct_sources(fact["sources"], photo_names))
        table.add_row(Text(f"[{number}]"), Text(value), Text(sources))
    return table


def conflict_lines(conflict: dict[str, Any], photo_names: dict[str, str]) -> list[Text]:
    lines = [Text(f"⚠ Conflict: {readable(conflict['label'])}", style="yellow")]
    for position, option in enumerate(conflict["options"]):
        used = "used      " if position == 0 else "not used  "
        sources = "; ".join(distinct_sources(option["sources"], photo_names))
        lines.append(Text(f"    {used}{with_unit(option['value'], option['unit'])} – {sources}"))
    return lines


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def run_lines(result: ProductResult) -> Text:
    status = ", ".join(dict.fromkeys(run["status"] for run in result.runs)) or "not run"
    counts = f"{plural(len(result.facts), 'fact')}, {plural(len(result.conflicts), 'conflict')}"
    lines = [f"{status} in {result.seconds:.1f} s: {counts}"]
    if result.images:
        lines.append("photos  " + ", ".join(result.photo_names.values()))
    if result.sources:
        lines.append("pages   " + ", ".join(source["url"] for source in result.sources))
    return Text("\n".join(lines), style="dim")


def problem_lines(result: ProductResult) -> list[Text]:
    lines = [Text(result.problem, style="red")] if result.problem else []
    for run in result.runs:
        lines += [Text(f"Missing: {missing}", style="yellow") for missing in run["missing"]]
        for step in run["steps"]:
            if step["problem"]:
                problem = step["problem"]
                lines.append(Text(f"{step['label']}: {problem.get('detail') or problem['title']}", style="yellow"))
    return [*lines, *(Text(f"No listing in {language}.", style="red") for language in result.missing_languages)]


def product_report(result: ProductResult, position: int, total: int, planted: list[str]) -> Group:
    numbers = FactNumbers(result)
    heading = Text(f"{position}/{total}  {result.product.name} · {result.product.sku}", style="bold")
    parts: list[RenderableType] = [Rule(heading, align="left"), run_lines(result), *problem_lines(result), Text()]
    for listing in result.listings:
        parts += listing_parts(listing, numbers)
    if numbers.numbers:
        parts += [Text("Sources", style="bold"), sources_table(numbers, result.photo_names)]
    for conflict in result.conflicts:
        parts += conflict_lines(conflict, result.photo_names)
    if planted:
        parts.append(planted_line(result, planted))
    return Group(*parts, Text())


def planted_line(result: ProductResult, planted: list[str]) -> Text:
    if result.planted_found:
        return Text(f"✗ The page's hidden instruction was obeyed: {', '.join(result.planted_found)}.", style="bold red")
    examples = ", ".join(f"“{phrase}”" for phrase in planted[:3])
    return Text(
        f"✓ The page's hidden instruction was not obeyed: none of its {len(planted)} phrases ({examples}, …) "
        "is in the listing.",
        style="green",
    )


def summary_table(results: list[ProductResult]) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", title="Summary", title_justify="left", title_style="bold")
    table.add_column("Product", overflow="fold")
    table.add_column("Listings")
    table.add_column("Written by", overflow="fold")
    for heading in ("Facts", "Claims supported", "Removed", "Conflicts", "Seconds"):
        table.add_column(heading, justify="right")
    for result in results:
        engines = dict.fromkeys(listing["content"]["engine"] for listing in result.listings)
        written = ", ".join(listing["language"] for listing in result.listings)
        missing = "".join(f" −{language}" for language in result.missing_languages)
        counts = (len(result.facts), result.supported, result.removed, len(result.conflicts))
        cells = (Text(result.product.name), Text(written).append(missing, style="red"), Text(", ".join(engines)))
        table.add_row(*cells, *map(str, counts), f"{result.seconds:.1f}", end_section=result is results[-1])
    totals = (
        sum(len(result.facts) for result in results),
        sum(result.supported for result in results),
        sum(result.removed for result in results),
        sum(len(result.conflicts) for result in results),
    )
    listings = sum(len(result.listings) for result in results)
    table.add_row(f"{len(results)} products", f"{listings}", "", *map(str, totals), "", style="bold")
    return table


def print_report(console: Console, results: list[ProductResult], planted: dict[str, list[str]]) -> None:
    for position, result in enumerate(results, start=1):
        console.print(product_report(result, position, len(results), planted.get(result.product.sku, [])))
    console.print(summary_table(results))
