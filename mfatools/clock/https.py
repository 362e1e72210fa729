"""Asking web servers for their ``Date``: where a firewall lets no NTP through, HTTPS mostly passes.

Each site has a thread of its own that nobody waits for beyond the deadline: names, connections, TLS and slow
answers block there. The main thread collects what they saw and stops as soon as the answer is good enough.
"""

from __future__ import annotations

import contextlib
import http
import http.client
import queue
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mfatools.clock import httpdate
from mfatools.clock.dial import dial
from mfatools.clock.httpdate import Observation
from mfatools.clock.udp import Progress
from mfatools.consensus import Agreement, Confidence, Voice, agree
from mfatools.ntp import Why

SHARP = 0.06  # s; a bound good enough to stop at once
GOOD = 0.15  # s; a bound good enough to stop once patience is over
_HEADERS = {"Cache-Control": "no-cache", "User-Agent": "mfatools", "Accept": "*/*"}
_INTERIM = 10  # answers of the kind "wait for it" that are borne
_CERTIFICATE_DATES = (9, 10)  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(slots=True)
class _Site:
    url: str
    seen: list[Observation] = field(default_factory=list)
    why: Why | None = None
    done: bool = False


@dataclass(slots=True)
class Sites:
    """The ``Date`` of several sites, asked at once.

    Args:
        urls: whom to ask.
        timeout: seconds until it ends, whatever has come.
        patience: seconds after which a fair bound is enough.
        wall: POSIX seconds by the local clock at the monotonic second ``mono``.
        monotonic: seconds that never step.
        context: how TLS is verified; None is Python's default, which does.
        progress: called with a URL and ``"asked"``, ``"answered"`` or why not.
    """

    urls: Sequence[str]
    timeout: float
    patience: float
    wall: float
    mono: float
    monotonic: Callable[[], float]
    context: ssl.SSLContext | None = None
    progress: Progress = lambda name, state: None
    _sites: dict[str, _Site] = field(default_factory=dict)
    _patient: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _news: queue.SimpleQueue[tuple[str, Observation | Why | None]] = field(default_factory=queue.SimpleQueue)

    def run(self) -> None:
        """Ask all sites. Returns at the deadline at the latest."""
        begun = self.monotonic()
        self._sites = {url: _Site(url) for url in self.urls}
        for url in self._sites:
            threading.Thread(target=self._visit, args=(url, begun + self.timeout), daemon=True).start()
        while not self._enough(elapsed := self.monotonic() - begun):
            next_look = self.patience if elapsed < self.patience else self.timeout
            try:
                url, news = self._news.get(timeout=max(0.0, min(next_look, self.timeout) - elapsed))
            except queue.Empty:
                continue
            self._take(self._sites[url], news)
        self._patient = elapsed >= self.patience
        self._stop.set()

    def agreement(self) -> Agreement:
        """What the sites heard so far say together."""
        heard = [site for site in self._sites.values() if site.seen]
        voices = (httpdate.voice(site.url, site.seen, outvoted=len(heard) > 2) for site in heard)
        return agree(voices, len(self._sites))

    def unheard(self) -> tuple[Voice, ...]:
        """The sites without a usable answer, and why."""
        silent = Why.SILENT if self._patient else Why.NOT_AWAITED
        return tuple(Voice(one.url, why=one.why or silent) for one in self._sites.values() if not one.seen)

    def _take(self, site: _Site, news: Observation | Why | None) -> None:
        if isinstance(news, Observation):
            site.seen.append(news)
            self.progress(site.url, "answered")
            return
        site.done = True
        if news and not site.why:  # the first reason is the true one: it is what ended the visit
            site.why = news
            self.progress(site.url, news.value)

    def _enough(self, elapsed: float) -> bool:
        if elapsed >= self.timeout or all(site.done for site in self._sites.values()):
            return True
        found = self.agreement()
        majority = 2 * len(found.truechimers) > len(self._sites)
        if found.confidence is not Confidence.CONFIRMED or not majority or found.bound is None:
            return False
        return found.bound <= SHARP or (elapsed >= self.patience and found.bound <= GOOD)

    # in the site's own thread

    def _visit(self, url: str, end: float) -> None:
        try:
            with contextlib.closing(_Visitor(url, self, end)) as visitor:
                self._question(visitor)
            self._news.put((url, None))
        except ssl.SSLCertVerificationError as error:
            dates = error.verify_code in _CERTIFICATE_DATES
            self._news.put((url, Why.TLS_DATE if dates else Why.TLS))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._news.put((url, _reason(error)))

    def _question(self, visitor: _Visitor) -> None:
        seen: list[Observation] = []
        link = 0
        while not self._stop.is_set():
            answer = visitor.ask(link)
            self._news.put((visitor.url, answer))
            if isinstance(answer, Why):
                return
            seen.append(answer)
            planned = self._plan(visitor, seen)
            if planned is None:
                return
            visitor.prepare(planned[1])
            moment, link = self._plan(visitor, seen) or planned  # setting up a connection may have taken its time
            if moment > self.local(visitor.end):
                return
            self._stop.wait(max(0.0, moment - self.local(self.monotonic())))

    def _plan(self, visitor: _Visitor, seen: Sequence[Observation]) -> tuple[float, int] | None:
        """The next question; of several sites each is in a hurry, for together they need less of each."""
        until = self.local(visitor.end) if len(self._sites) == 1 else seen[0].sent
        first = httpdate.STRIDE * (1 + list(self._sites).index(visitor.url)) / len(self._sites)
        return httpdate.next_question(seen, self.local(self.monotonic()) + 0.01, until, first=first)

    def local(self, mono: float) -> float:
        """The local wall clock at a monotonic second, as it stood at the start."""
        return self.wall + (mono - self.mono)


class _Answer(http.client.HTTPResponse):
    """The final answer: what comes before it (103 Early Hints; RFC 9110 section 15.2) is read and left."""

    def begin(self) -> None:
        """Read up to the end of the final answer's header.

        Raises:
            http.client.HTTPException: what came is no answer of HTTP.
        """
        for _ in range(_INTERIM):
            super().begin()
            if self.status >= 200 or self.status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                return
            self.headers = None  # type: ignore[assignment]  # or it takes itself for read
        raise http.client.HTTPException


class _Visitor:
    """One site's connections, by number: each is kept while the site keeps it, and made anew when needed."""

    def __init__(self, url: str, sites: Sites, end: float) -> None:
        self.url = url
        self._sites = sites
        self.end = end
        self._parts = urlsplit(url)
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self._brief = False  # it hangs up without saying so: every question needs a connection of its own

    def prepare(self, link: int) -> http.client.HTTPConnection:
        """A connection that is up, so that setting it up is not timed."""
        connection = self._connections.get(link) or self._new()
        connection.response_class = _Answer
        connection._create_connection = dial  # type: ignore[attr-defined]  # its seam for tests, as it says itself
        self._connections[link] = connection
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(self._left())
        return connection

    def ask(self, link: int) -> Observation | Why:
        """One HEAD request. A kept connection that the site has closed meanwhile is made anew, once."""
        try:
            return self._ask(link)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connections.pop(link).close()
            self._brief = True
            return self._ask(link)

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _ask(self, link: int) -> Observation | Why:
        connection = self.prepare(link)
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        self._sites.progress(self.url, "asked")
        sent = self._sites.local(self._sites.monotonic())
        connection.request("HEAD", path, headers=_HEADERS)
        answer = connection.getresponse()
        received = self._sites.local(self._sites.monotonic())
        answer.read()
        if self._brief:
            connection.close()
        date = httpdate.read_answer(self.url, answer.status, _fields(answer))
        return date if isinstance(date, Why) else Observation(sent, received, date, link)

    def _new(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port or 80, timeout=self._left())
        context = self._sites.context or ssl.create_default_context()
        proxy = _proxy(host)
        if proxy is None:
            return http.client.HTTPSConnection(host, port or 443, timeout=self._left(), context=context)
        through = http.client.HTTPSConnection(*proxy, timeout=self._left(), context=context)
        through.set_tunnel(host, port or 443)
        return through

    def _left(self) -> float:
        return max(0.01, self.end - self._sites.monotonic())


def _fields(answer: http.client.HTTPResponse) -> dict[str, str]:
    """The fields that matter. One that comes twice with two values is put together, so that it reads as nothing."""
    found = ((name, answer.headers.get_all(name)) for name in ("Date", "Age", "Location"))
    return {name: ", ".join(dict.fromkeys(values)) for name, values in found if values}


def _proxy(host: str) -> tuple[str, int] | None:
    """The proxy that this machine's settings name for HTTPS, if any."""
    found = urllib.request.getproxies().get("https", "")
    if not found or urllib.request.proxy_bypass(host):
        return None
    parts = urlsplit(found if "//" in found else f"//{found}")
    return (parts.hostname, parts.port or 8080) if parts.hostname else None


def _reason(error: Exception) -> Why:
    if isinstance(error, TimeoutError):
        return Why.SILENT
    if isinstance(error, ConnectionRefusedError):
        return Why.REFUSED
    if isinstance(error, socket.gaierror):
        return Why.NO_NAME
    if isinstance(error, ssl.SSLError):
        return Why.TLS
    return Why.MALFORMED if isinstance(error, http.client.HTTPException | ValueError) else Why.UNREACHABLE
