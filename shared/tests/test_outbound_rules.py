"""Which URLs and addresses may be reached: every spelling that is known to get past naive checks."""

import ipaddress

import pytest

from shared.utils.outbound_rules import UrlRefused, is_public_address, parse_allow_list, parse_target

PORTS = frozenset({80, 443})
NOTHING: frozenset[str] = frozenset()


def target(url: str, allow: frozenset[str] = NOTHING):
    return parse_target(url, ports=PORTS, allow=allow)


class TestIsPublicAddress:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
            "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1",
            "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::",
            "2002:808:808::1", "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
            "fec0::1", "ff02::1", "100::1",
        ],
    )  # fmt: skip
    def test_private_and_reserved_addresses_are_not_public(self, address):
        assert not is_public_address(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"])
    def test_ordinary_addresses_are_public(self, address):
        assert is_public_address(ipaddress.ip_address(address))


class TestParseTarget:
    def test_parts(self):
        found = target("https://Shop.Example/a b".replace(" ", "%20") + "?q=1#fragment")
        assert (found.scheme, found.host, found.port, found.path) == ("https", "shop.example", 443, "/a%20b?q=1")
        assert found.origin == "https://shop.example"

    def test_international_names_become_ascii(self):
        assert target("https://bücher.example/ñ").url == "https://xn--bcher-kva.example/%C3%B1"

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "view-source:http://example.com/",
            "javascript:alert(1)", "data:text/html,x", "//example.com/", "example.com", "", "http://", "http:///x",
            "http://user@example.com/", "http://user:pass@example.com/", "http://example.com:80@127.0.0.1/",
            "http://example.com\\@127.0.0.1/", "http:\\\\127.0.0.1/", "http://exa mple.com/",
            "http://example.com/\r\nX: y",
            "http://example.com/\t", "http://example.com:8080/", "http://example.com:22/", "http://example.com:99999/",
            "http://example.com:abc/", "http://[::1", "http://[fe80::1%25eth0]/", "http://exa%6dple.com/", "http://-/",
            "http://a" + "a" * 5000,
        ],
    )  # fmt: skip
    def test_refused(self, url):
        with pytest.raises(UrlRefused):
            target(url)

    def test_an_allow_entry_lifts_the_port_limit_for_that_target_only(self):
        allow = frozenset({"127.0.0.1:8099"})
        assert target("http://127.0.0.1:8099/x", allow).port == 8099
        with pytest.raises(UrlRefused):
            target("http://127.0.0.1:8098/x", allow)

    def test_an_allow_entry_for_ipv6(self):
        assert target("http://[::1]:8099/", frozenset({"[::1]:8099"})).allow_entry == "[::1]:8099"


class TestParseAllowList:
    def test_entries(self):
        assert parse_allow_list(" 127.0.0.1:8099 , Shop.local:80,") == {"127.0.0.1:8099", "shop.local:80"}

    @pytest.mark.parametrize("value", ["127.0.0.1", "*:80", "10.0.0.0/8:80", ":80", "host:port"])
    def test_anything_but_exact_entries_is_refused(self, value):
        with pytest.raises(ValueError, match="exact host:port"):
            parse_allow_list(value)
