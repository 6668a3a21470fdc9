"""robots.txt after RFC 9309: the longest matching rule of the most specific group decides, allow wins a tie."""

import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlsplit

from extract_webcontent.errors import RobotsDisallowed
from shared.utils.outbound import FetchLimits, Outbound, UpstreamTooLarge

PRODUCT_TOKEN = "orchestratingaimodels"  # noqa: S105 (the name that robots.txt calls us by)
MAX_BYTES = 512 * 1024
MAX_RULES = 5_000
KEPT_S = 3600.0
KEPT_SITES = 1_000


@dataclass(frozen=True, slots=True)
class Rule:
    allow: bool
    pattern: str

    def matches(self, path: str) -> bool:
        """`*` stands for anything, a final `$` for the end. Linear for each part, without regular expressions."""
        pattern = self.pattern
        anchored = pattern.endswith("$")
        parts = (pattern[:-1] if anchored else pattern).split("*")
        if not path.startswith(parts[0]):
            return False
        position = len(parts[0])
        for part in parts[1:]:
            found = path.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        if not anchored or position == len(path):
            return True
        return len(parts) > 1 and path.endswith(parts[-1]) and len(path) - len(parts[-1]) >= position - len(parts[-1])


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules that hold for us on one site."""

    rules: tuple[Rule, ...] = ()
    refused: str | None = None

    def allows(self, path: str) -> bool:
        if self.refused is not None:
            return False
        path = normal_path(path)
        best: Rule | None = None
        for rule in self.rules:
            if rule.matches(path) and (
                best is None or (len(rule.pattern), rule.allow) > (len(best.pattern), best.allow)
            ):
                best = rule
        return best is None or best.allow


def normal_path(path: str) -> str:
    """Percent-encoding made comparable: what needs none has none."""
    return quote(unquote_to_bytes(path), safe="/*$?&=:@!'()+,;~-._[]|")


@dataclass(slots=True)
class Group:
    agents: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


def parse_robots(text: str) -> Robots:
    groups: list[Group] = []
    naming = False
    for line in text.lstrip("\ufeff").splitlines()[:20_000]:
        key, mark, value = line.partition("#")[0].partition(":")
        if not mark:
            continue
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            if not naming:
                groups.append(Group())
            groups[-1].agents.append(re.split(r"[/\s]", value.lower())[0])
            naming = True
        elif key in ("allow", "disallow"):
            naming = False
            if groups and value and len(groups[-1].rules) < MAX_RULES:
                groups[-1].rules.append(Rule(key == "allow", normal_path(value)))
    ours = [group for group in groups if PRODUCT_TOKEN in group.agents] or [
        group for group in groups if "*" in group.agents
    ]
    return Robots(tuple(rule for group in ours for rule in group.rules))


class RobotsGate:
    """Asks each site once an hour. The fetch goes through the same door as the page."""

    def __init__(self, outbound: Outbound) -> None:
        self.outbound = outbound
        self._kept: OrderedDict[str, tuple[float, Robots]] = OrderedDict()

    async def check(self, url: str, timeout_s: float) -> None:
        """Raises RobotsDisallowed, or what the fetch raises."""
        target = self.outbound.policy.target(url)
        robots = await self._robots(target.origin, timeout_s)
        if robots.refused is not None:
            raise RobotsDisallowed(robots.refused)
        parts = urlsplit(target.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.path != "/robots.txt" and not robots.allows(path or "/"):
            raise RobotsDisallowed(f"{target.host} asks automatic readers not to read {parts.path[:200]}.")

    async def _robots(self, origin: str, timeout_s: float) -> Robots:
        kept = self._kept.get(origin)
        if kept is not None and kept[0] > time.monotonic():
            self._kept.move_to_end(origin)
            return kept[1]
        robots, keep_s = await self._fetch(origin, timeout_s)
        self._kept[origin] = (time.monotonic() + keep_s, robots)
        while len(self._kept) > KEPT_SITES:
            self._kept.popitem(last=False)
        return robots

    async def _fetch(self, origin: str, timeout_s: float) -> tuple[Robots, float]:
        limits = FetchLimits(max_bytes=MAX_BYTES, max_decoded_bytes=MAX_BYTES * 2, timeout_s=timeout_s)
        try:
            answer = await self.outbound.fetch(
                f"{origin}/robots.txt", headers={"Accept": "text/plain,*/*;q=0.5"}, limits=limits
            )
        except UpstreamTooLarge:
            return Robots(refused="The site's robots.txt is too large to be read."), KEPT_S
        if answer.status >= 500 or answer.status == 429:
            # RFC 9309: a site that cannot say what it allows allows nothing, for now.
            return Robots(refused=f"The site's robots.txt answered {answer.status}, so nothing may be read now."), 60.0
        if answer.status >= 300:
            return Robots(), KEPT_S
        return parse_robots(answer.body.decode("utf-8", "replace")), KEPT_S
