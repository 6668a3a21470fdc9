"""Which URLs and which addresses may be reached on behalf of a user. Pure functions, no network.

`ipaddress.is_global` alone is wrong for NAT64, 6to4, IPv4-compatible addresses, 192.0.0.192, multicast and
fec0::/10, and some cloud metadata services sit on public-looking addresses; hence the deny list on top of it.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

import idna
from pydantic import BeforeValidator
from pydantic_settings import NoDecode

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

DENIED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata and wire server, a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, ORCHID and other special purposes
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)

# Anything but visible ASCII; also the backslash, which some parsers read as a slash.
FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
HOST_PATTERN = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlRefused(ValueError):
    """The URL is not one that we would fetch; the message says why."""


def is_public_address(address: IpAddress) -> bool:
    if any(address in network for network in DENIED_NETWORKS if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def parse_allow_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    entries = frozenset(entry.strip().lower() for entry in value.split(",") if entry.strip())
    for entry in entries:
        host, _, port = entry.rpartition(":")
        if not host or not port.isdigit() or "*" in host or "/" in host:
            raise ValueError(f"{entry!r} is not an exact host:port")
    return entries


OutboundAllow = Annotated[frozenset[str], NoDecode, BeforeValidator(parse_allow_list)]
"""Exact `host:port` entries, comma-separated in the environment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart once; what is connected to is made of these parts only."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def allow_entry(self) -> str:
        return f"{self.host}:{self.port}"


def parse_target(url: str, *, ports: frozenset[int], allow: frozenset[str]) -> Target:
    """Raises UrlRefused. An entry of `allow` also lifts the limit on ports for that exact target."""
    if len(url) > 4096:
        raise UrlRefused("the URL is longer than 4,096 characters")
    if FORBIDDEN_IN_URL.search(url):
        raise UrlRefused("the URL contains spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlRefused(f"the URL cannot be read: {error}") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise UrlRefused(f"only http and https URLs are fetched, not {scheme or 'a URL without scheme'!r}")
    if "@" in parts.netloc:
        raise UrlRefused("the URL carries a user name or password")
    host = normalised_host(parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.rstrip(":"))
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    target = Target(scheme, host, port or DEFAULT_PORTS[scheme], path)
    if target.port not in ports and target.allow_entry not in allow:
        raise UrlRefused(f"port {target.port} is not allowed")
    return target


def normalised_host(host: str) -> str:
    host = host.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise UrlRefused("the host name is not valid") from None
    if not host or not HOST_PATTERN.fullmatch(host):
        raise UrlRefused("the host name is not valid")
    return host
