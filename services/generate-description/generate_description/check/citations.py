"""Which facts a claim cites: as few as back all of it, the same every time."""

from dataclasses import dataclass

from generate_description.check.evidence import NAME, TEXT, TYPED, Unit


@dataclass(slots=True)
class Element:
    """One thing of a claim that needs backing, and the units that back it."""

    text: str
    units: list[Unit]
    start: int = 0
    named: bool = False
    """Whether the product's name has this word."""
    is_type: bool = False
    """Whether the word says what kind of thing the product is."""

    @property
    def only_names(self) -> bool:
        return self.named and (self.is_type or all(unit.rank[0] > TYPED or unit.fact_id is None for unit in self.units))


def cover(elements: list[Element]) -> list[str]:
    """As few facts as back all elements, in the order in which the claim speaks of them.

    What is said by typed facts is not cited from a line of text; the same elements always give the same facts.
    """
    open_elements = [(element.start, units) for element in elements if (units := best_of(element))]
    chosen: set[str] = set()
    backing = [(start, frozenset(str(unit.fact_id) for unit in units)) for start, units in open_elements]
    all_backing = [
        facts | {str(unit.fact_id) for unit in element.units if unit.fact_id is not None and unit.rank[0] == TEXT}
        for element, (_, facts) in zip((e for e in elements if best_of(e)), backing, strict=True)
    ]
    ranks: dict[str, tuple[tuple[int, int, int, int], int]] = {}
    for _, units in open_elements:
        for unit in units:
            key = (unit.rank, unit.order)
            ranks[str(unit.fact_id)] = min(key, ranks.get(str(unit.fact_id), key))
    left = backing
    while left:
        counts: dict[str, int] = {}
        for _, facts in left:
            for fact_id in facts:
                counts[fact_id] = counts.get(fact_id, 0) + 1
        best = min(counts, key=lambda fact_id: (-counts[fact_id], ranks[fact_id]))
        chosen.add(best)
        left = [(start, facts) for start, facts in left if best not in facts]
    for fact_id in sorted(chosen, key=lambda each: ranks[each], reverse=True):
        # An early choice may have become superfluous through later ones.
        rest = chosen - {fact_id}
        if all(facts & rest for facts in all_backing):
            chosen.remove(fact_id)
    first = {fact_id: min(first_places(elements, fact_id)) for fact_id in chosen}
    return sorted(chosen, key=lambda fact_id: (first[fact_id], ranks[fact_id]))


def first_places(elements: list[Element], fact_id: str) -> list[int]:
    """Where the claim speaks of a fact; the words of the product's name speak of that before all else."""
    places = [(element.named, element.start) for element in elements if cites(element, fact_id)]
    is_name = any(unit.rank[0] == NAME for element in elements for unit in element.units if unit.fact_id == fact_id)
    return [start for named, start in places if is_name or not named] or [start for _, start in places]


def cites(element: Element, fact_id: str) -> bool:
    return any(unit.fact_id == fact_id for unit in element.units)


def best_of(element: Element) -> list[Unit]:
    """The facts of the best kind that back it: typed ones, else names, else categories, else lines of text."""

    def kind(unit: Unit) -> int:
        return TYPED if element.named and unit.rank[0] == NAME else unit.rank[0]

    units = [unit for unit in element.units if unit.fact_id is not None]
    names = [unit for unit in units if unit.rank[0] == NAME]
    if element.is_type and names:
        return names
    best = min((kind(unit) for unit in units), default=TYPED)
    return [unit for unit in units if kind(unit) == best]
