"""robots.txt: the rules, and the gate that asks a real site."""

import pytest

from extract_webcontent.errors import RobotsDisallowed
from extract_webcontent.robots import Robots, RobotsGate, parse_robots
from shared.utils.outbound import ForbiddenTarget, Outbound, OutboundPolicy


class TestParseRobots:
    @pytest.mark.parametrize(
        ("text", "path", "allowed"),
        [
            ("", "/x", True),
            ("User-agent: *\nDisallow: /", "/x", False),
            ("User-agent: *\nDisallow:", "/x", True),
            ("User-agent: *\nDisallow: /private\nAllow: /private/open", "/private/open/1", True),
            ("User-agent: *\nDisallow: /private\nAllow: /private/open", "/private/shut", False),
            ("User-agent: *\nDisallow: /*.php$", "/a/b.php", False),
            ("User-agent: *\nDisallow: /*.php$", "/a/b.php?x=1", True),
            ("User-agent: *\nDisallow: /a*b*c$", "/aXbXc", False),
            ("User-agent: *\nDisallow: /a*b*c$", "/aXbXcX", True),
            ("User-agent: *\nDisallow: /\n\nUser-agent: OrchestratingAIModels\nAllow: /", "/x", True),
            ("User-agent: OrchestratingAIModels/0.1\nUser-agent: other\nDisallow: /x", "/x", False),
            ("User-agent: other\nDisallow: /", "/x", True),
            ("User-agent: *\nDisallow: /p # comment\n", "/p", False),
            ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
            ("Disallow: /", "/x", True),
            ("User-agent: *\nDisallow: /x\nAllow: /x", "/x", True),
        ],
    )
    def test_rules(self, text, path, allowed):
        assert parse_robots(text).allows(path) is allowed

    def test_many_stars_cost_nothing(self):
        robots = parse_robots("User-agent: *\nDisallow: /" + "*a" * 1000 + "$")
        assert robots.allows("/" + "a" * 900 + "b")

    def test_refused_sites_allow_nothing(self):
        assert not Robots(refused="because").allows("/")


@pytest.fixture
async def gate(site):
    async with Outbound(OutboundPolicy(allow=frozenset({f"127.0.0.1:{site.port}"}))) as outbound:
        yield RobotsGate(outbound)


class TestRobotsGate:
    async def test_asks_once(self, gate, site):
        site.page("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
        await gate.check(site.url("/public"), 3)
        with pytest.raises(RobotsDisallowed):
            await gate.check(site.url("/private/1"), 3)
        assert site.requests == ["/robots.txt"]

    async def test_a_site_without_robots_allows_everything(self, gate, site):
        await gate.check(site.url("/x"), 3)

    async def test_a_site_in_trouble_allows_nothing(self, gate, site):
        site.page("/robots.txt", "", status="503 Busy")
        with pytest.raises(RobotsDisallowed):
            await gate.check(site.url("/x"), 3)

    async def test_a_redirect_inside_is_refused(self, gate, site):
        site.page("/robots.txt", "", status="302 Found", Location="http://127.0.0.1/robots.txt")
        with pytest.raises(ForbiddenTarget):
            await gate.check(site.url("/x"), 3)
