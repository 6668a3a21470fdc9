import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.health import service_status
from app.gateway.replicas import Breaker, Replica, order_of_choice, parse_service_urls, rendezvous_order


class TestParseServiceUrls:
    @pytest.mark.parametrize(
        ("text", "urls"),
        [
            ("http://a:8001", ["http://a:8001"]),
            (" http://a:8001/ , https://b/x/,", ["http://a:8001", "https://b/x"]),
            ("http://a,http://a/", ["http://a"]),
        ],
    )
    def test_lists(self, text: str, urls: list[str]) -> None:
        assert parse_service_urls(text) == urls

    @pytest.mark.parametrize("text", ["", " , ", "a:8001", "ftp://a", "http://a,b"])
    def test_what_is_no_url(self, text: str) -> None:
        with pytest.raises(ValueError, match="URL"):
            parse_service_urls(text)


class TestRendezvous:
    @given(st.lists(st.integers(1, 50), min_size=2, max_size=8, unique=True), st.text(max_size=30))
    def test_a_replica_that_leaves_moves_only_its_own_keys(self, numbers: list[int], key: str) -> None:
        replicas = [Replica(f"http://{number}") for number in numbers]
        first, *others = rendezvous_order(replicas, key)
        assert rendezvous_order([each for each in replicas if each is not first], key) == others


class TestOrderOfChoice:
    def test_open_breakers_are_left_alone(self) -> None:
        good, bad = Replica("http://good"), Replica("http://bad")
        for _ in range(5):
            bad.breaker.failed()
        for key in (None, "a", "b", "c"):
            assert order_of_choice([bad, good], key) == [good]


class TestBreaker:
    def test_one_request_at_a_time_tries_after_the_pause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = 0.0
        monkeypatch.setattr("app.gateway.replicas.OPEN_S", 5.0)
        breaker = Breaker(clock=lambda: clock)
        for _ in range(4):
            breaker.failed()
        assert breaker.state == "closed"
        breaker.failed()
        assert breaker.state == "open"
        assert not breaker.allows()
        clock = 5.0
        assert breaker.state == "half-open"
        assert breaker.allows()
        breaker.begin()
        assert not breaker.allows()
        breaker.abandoned()
        assert breaker.allows(), "nothing is known about a request whose caller left"
        breaker.begin()
        breaker.failed()
        assert breaker.state == "open"
        clock = 10.0
        breaker.begin()
        breaker.succeeded()
        assert breaker.state == "closed"
        breaker.failed()
        assert breaker.state == "closed", "the count began anew"


class TestServiceStatus:
    @pytest.mark.parametrize(
        ("replicas", "status"),
        [
            (["ok"], "ok"),
            (["ok", "ok"], "ok"),
            (["ok", "down"], "degraded"),
            (["down", "down"], "down"),
            (["starting", "down"], "starting"),
            (["starting", "ok"], "degraded"),
            (["degraded"], "degraded"),
        ],
    )
    def test_of_its_replicas(self, replicas: list[str], status: str) -> None:
        assert service_status(replicas) == status  # type: ignore[arg-type]
