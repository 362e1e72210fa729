"""Whom to ask: the default sources, and how an address is written.

The defaults are five operators, not one pool (whose members are unknown and whose default names are not meant for
software that ships), all of which pass leap seconds on unsmeared: Cloudflare says so in its documentation of the
time service, the others are national time laboratories or the exchange that distributes one's time, so they serve
UTC as it is. Google, Amazon and Meta smear: beside these they would seem to lie by half a second on such a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard
from urllib.parse import urlsplit

from mfatools.errors import TimeSourceError

NTP_PORT = 123
_WEB_PORTS = {"http": 80, "https": 443}
SERVERS = (
    "time.cloudflare.com",  # Cloudflare, anycast
    "ptbtime1.ptb.de",  # PTB, Germany
    "ntp1.inrim.it",  # INRiM, Italy
    "ntp.se",  # Netnod, Sweden
    "ntp.nict.jp",  # NICT, Japan
)
HTTPS = (
    "https://www.cloudflare.com/",
    "https://www.debian.org/",
    "https://github.com/",
    "https://www.apple.com/",
)
SMEARING = ("google.com", "android.com", "facebook.com", "aws.com", "amazonaws.com", "169.254.169.123")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_.-]{1,253}(%[A-Za-z0-9_.-]+)?\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?\Z")


@dataclass(frozen=True, slots=True)
class Server:
    """A time server's name and port. ``str`` gives it back as one writes it."""

    host: str
    port: int = NTP_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == NTP_PORT else f"{host}:{self.port}"


Address = str | tuple[str, int] | Server


def parse_server(text: str) -> Server:
    """Read ``host``, ``host:port``, ``[ipv6]:port`` or a bare IPv6 address.

    Raises:
        TimeSourceError: it is none of these, or the port is not between 1 and 65535.
    """
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not _IPV6.match(host) or (rest and not rest.startswith(":")):
            raise _bad_server(text)
        port = rest[1:] if rest else ""
    elif text.count(":") > 1:
        host, rest, port = text, "", ""
    else:
        host, rest, port = text.partition(":")
    if not (_IPV6 if ":" in host else _NAME).match(host) or (rest and not port):
        raise _bad_server(text)
    return Server(host, _port(text, port))


def parse_servers(given: Iterable[Address] | Address) -> list[Server]:
    """Read several, each a text, a pair or a `Server`, or a single one; the same one twice counts once.

    Raises:
        TimeSourceError: one of them cannot be read.
    """
    single = isinstance(given, str | Server) or _is_pair(given)
    each: Iterable[object] = [given] if single or not isinstance(given, Iterable) else given
    return list(dict.fromkeys(_server(one) for one in each))


def parse_urls(given: Iterable[str] | str) -> list[str]:
    """Check several addresses of web servers, or a single one; two pages of the same server count once.

    Raises:
        TimeSourceError: as for `parse_url`.
    """
    each = [given] if isinstance(given, str) or not isinstance(given, Iterable) else given
    first: dict[tuple[str, str | None, int], str] = {}
    for url in map(parse_url, each):
        parts = urlsplit(url)
        first.setdefault((parts.scheme, parts.hostname, parts.port or _WEB_PORTS[parts.scheme]), url)
    return list(first.values())


def parse_url(text: str) -> str:
    """Check the address of a web server whose ``Date`` is to be asked.

    Raises:
        TimeSourceError: not ``http(s)://host...``, or a password in it: an address is shown to people.
    """
    text = text if isinstance(text, str) else ""
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in _WEB_PORTS and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or any(char.isspace() or not char.isprintable() for char in text.strip()):
        what = "This is no web address to ask for the time."
        raise TimeSourceError(what, "Write it as https://example.org/.", code="E_URL")
    return text.strip()


def smears(servers: Iterable[Server]) -> tuple[list[str], list[str]]:
    """Split servers into those known to smear leap seconds and the others."""
    names = {str(server): _smears(server.host) for server in servers}
    return [name for name, yes in names.items() if yes], [name for name, yes in names.items() if not yes]


def _smears(host: str) -> bool:
    host = host.lower().rstrip(".")
    return any(host == domain or host.endswith("." + domain) for domain in SMEARING)


def _is_pair(given: object) -> TypeGuard[tuple[str, int]]:
    return (
        isinstance(given, tuple)
        and len(given) == 2
        and isinstance(given[0], str)
        and isinstance(given[1], int)
        and not isinstance(given[1], bool)
    )


def _server(given: object) -> Server:
    if isinstance(given, Server):
        return given
    if isinstance(given, str):
        return parse_server(given)
    if not _is_pair(given):
        kind = f"a value of type {type(given).__name__}"
        raise _bad_server(kind)
    host, port = given
    return Server(parse_server(f"[{host}]" if ":" in host else host).host, _port(host, str(port)))


def _port(text: str, port: str) -> int:
    if not port:
        return NTP_PORT
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise _bad_server(text)
    return int(port)


def _bad_server(text: str) -> TimeSourceError:
    shown = text if text.isprintable() and len(text) <= 80 else "(unreadable)"
    return TimeSourceError(
        f"This is no time server's address: {shown!r}.",
        "Write HOST or HOST:PORT, an IPv6 address in brackets: [::1]:123.",
        code="E_SERVER",
    )
