"""The time in web servers' Date headers: where NTP is blocked, and only there."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import http.server
import socket
import ssl
import sys
import threading
import time

import pytest
import trustme
from farm import Farm
from hypothesis import given
from hypothesis import strategies as st
from support import shared
from wire import FakeServer, Loopback

from mfatools.clock import Confidence, Tools, check_clock, httpdate, words
from mfatools.clock.httpdate import Observation, next_question, parse_date, read_answer, span, voice
from mfatools.ntp import Why

OFFSET = 17.3
MOMENT = 784_111_777  # the example of RFC 9110 section 5.6.7


# the header


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ],
)
def test_the_three_forms_of_rfc_9110(text):
    assert parse_date(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday, about noon",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Wed, 30 Feb 1994 08:49:37 GMT",
        "Thu, 29 Feb 2100 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
    ],
)
def test_anything_else_is_no_date(text):
    assert parse_date(text) is None


@given(st.text())
def test_no_text_raises(text):
    assert parse_date(text) is None or isinstance(parse_date(text), int)


@given(st.integers(0, 4_000_000_000))
def test_dates_come_back(seconds):
    assert parse_date(email.utils.formatdate(seconds, usegmt=True)) == seconds


GOOD = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}
URL = "https://www.example.org/"


@pytest.mark.parametrize("status", [200, 204, 404, 405, 503])
def test_any_page_has_a_date(status):
    assert read_answer(URL, status, GOOD) == MOMENT


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Why.NO_DATE),
        (200, {"Date": "garbage"}, Why.NO_DATE),
        (200, {**GOOD, "Age": "600"}, Why.CACHED),
        (200, {**GOOD, "Age": "-1"}, Why.CACHED),
        (200, {**GOOD, "Age": "0"}, MOMENT),
        (302, {**GOOD, "Location": "http://portal.invalid/login"}, Why.REDIRECT),
        (302, {**GOOD, "Location": "http://www.example.org/login"}, Why.REDIRECT),  # away from TLS
        (307, {**GOOD, "Location": "http://[broken"}, Why.REDIRECT),
        (511, GOOD, Why.REDIRECT),
        (407, GOOD, Why.REDIRECT),
        (200, {**GOOD, "Age": "00"}, MOMENT),
        (301, {**GOOD, "Location": "https://example.org/home"}, MOMENT),
        (301, {**GOOD, "Location": "/home"}, MOMENT),
    ],
)
def test_caches_and_login_pages_are_told_from_the_site(status, headers, expected):
    assert read_answer(URL, status, headers) == expected


# pinning the second down, in virtual time


def play(offset, *, out=0.01, back=0.01, until=10.0, clock=None, path=None, start=1_800_000_000.0):
    """Ask a simulated site until there is nothing left to ask; ``clock(true time, link)`` is its clock."""
    clock = clock or (lambda t, link: t + offset)
    seen, now, link = [], start, 0
    while now < start + until:
        out, back = path() if path else (out, back)
        seen.append(Observation(now, now + out + back, int(clock(now + out, link) // 1), link))
        planned = next_question(seen, seen[-1].received + 0.01, start + until)
        if planned is None:
            break
        now, link = planned
    return seen


delays = st.floats(0, 0.3)


@given(st.floats(-5e8, 5e8), delays, delays, st.sampled_from([1.9, 10.0]))
def test_the_offset_is_inside_the_bound(offset, out, back, until):
    seen = play(offset, out=out, back=back, until=until)
    found = voice("site", seen)
    assert found.why is None
    assert abs(found.offset - offset) <= found.error + 1e-6
    assert len(seen) <= (httpdate.QUESTIONS if until > httpdate.HASTE else httpdate.HASTY_QUESTIONS)


@given(st.floats(-5, 5), st.lists(st.tuples(delays, delays), min_size=9, max_size=9), st.floats(0, 0.009))
def test_nor_do_a_shaky_path_and_a_date_refreshed_late_put_it_outside(offset, ways, late):
    path = iter(ways)
    seen = play(offset, path=lambda: next(path), clock=lambda t, link: t + offset - late)
    found = voice("site", seen)
    assert abs(found.offset - offset) <= found.error + 1e-6


def test_fifty_milliseconds_with_five_to_seven_questions_at_small_round_trips():
    for out, back in ((0.0, 0.0), (0.01, 0.01), (0.001, 0.019)):
        for n in range(97):
            seen = play(n / 97, out=out, back=back, until=4.0)
            found = voice("site", seen)
            assert found.error <= 0.05
            assert abs(found.offset - n / 97) <= found.error
            assert 5 <= len(seen) <= 7


def test_one_in_a_hurry_gets_there_in_two_seconds_with_a_few_more():
    tries = [play(n / 97, until=1.95) for n in range(97)]
    assert max(voice("site", seen).error for seen in tries) <= 0.05
    assert sum(map(len, tries)) / 97 <= 7


def test_what_so_many_questions_can_tell_apart():
    assert [httpdate.ways(questions, 9) for questions in range(5)] == [1, 2, 4, 8, 16]  # halving
    assert [httpdate.ways(questions, 1) for questions in range(5)] == [1, 2, 3, 4, 5]  # one climb
    assert httpdate.ways(5, 2) == 16


def test_one_answer_bounds_to_half_a_second_and_half_the_round_trip():
    found = voice("site", play(0.3, until=0.1))
    assert abs(found.offset - 0.3) <= found.error <= 0.52


@given(st.floats(0, 1), st.sampled_from([2.0, 5.0, 60.0]))
def test_a_date_refreshed_too_rarely_is_no_clock(offset, step):
    found = voice("site", play(0, clock=lambda t, link: (t + offset) // step * step))
    assert found.why in (Why.STANDS_STILL, Why.INCONSISTENT) or abs(found.offset) <= found.error + step


def test_a_date_that_never_moves_stands_still():
    assert voice("site", play(0, clock=lambda t, link: 1_800_000_000.5)).why is Why.STANDS_STILL


@pytest.mark.parametrize("until", [1.95, 10.0])  # the second changes in time to be looked at twice
@pytest.mark.parametrize("other", [-0.9, -0.4, 0.4, 0.9])
def test_two_machines_behind_one_name_widen_the_bound_to_both(other, until):
    seen = play(0, clock=lambda t, link: t + (other if link else 0.0), until=until, start=1_800_000_000.3)
    found = voice("site", seen)
    assert found.why is None
    assert found.low <= 0.0 <= found.high
    assert found.low - 0.1 <= other <= found.high + 0.1


@pytest.mark.parametrize("apart", [5, -60, 3600])
def test_machines_that_are_far_apart_are_not_believed(apart):
    assert voice("site", play(0, clock=lambda t, link: t + apart * link)).why is Why.INCONSISTENT


def test_next_question_never_lies_in_the_past():
    seen = play(0.77)
    for n in range(1, len(seen)):
        planned = next_question(seen[:n], seen[n - 1].received)
        assert planned[0] >= seen[n - 1].received
    low, high = span(seen)
    assert low <= 0.77 <= high


# over real sockets


@contextlib.contextmanager
def site(offset=OFFSET, status=200, headers=(), context=None, hangs_up=False, interim=b""):
    """A web server of our own with a known clock; yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self):
            self.wfile.write(interim)
            self.send_response_only(status)
            self.send_header("Date", email.utils.formatdate(time.time() + offset, usegmt=True))
            self.send_header("Content-Length", "0")
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = hangs_up

        def log_message(self, *args):
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(2)


def test_three_sites_agree():
    with site() as one, site() as two, site() as three:
        report = check_clock(https=[one, two, three])
    assert report.method == "https"
    assert report.confidence is Confidence.CONFIRMED
    assert abs(report.offset - OFFSET) <= report.bound <= 0.2


def test_tls_is_verified():
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with site(context=server) as url:
        refused = check_clock(https=[url])
        taken = check_clock(https=[url], tools=Tools(context=trusting))
    assert refused.unheard[0].why is Why.TLS
    assert refused.confidence is Confidence.NO_ANSWER
    assert abs(taken.offset - OFFSET) <= taken.bound


@pytest.mark.parametrize("days", [-1, 400])
def test_a_certificate_of_another_time_hints_at_this_computers_date(days):
    """As if this computer stood days late, or a year early: the certificate is right, the date is not."""
    now = datetime.datetime.now(datetime.UTC)
    begins, ends = now + datetime.timedelta(days - 30), now + datetime.timedelta(days)
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_before=begins, not_after=ends).configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with site(context=server) as url:
        report = check_clock(https=[url], tools=Tools(context=trusting))
    assert report.unheard[0].why is Why.TLS_DATE
    assert words.NOTE_TLS in report.verdict.notes
    assert report.remedy[0] == words.SET_DATE[0]


def test_web_servers_are_asked_only_when_no_ntp_server_answers():
    with site() as url, Loopback(FakeServer(5.0)) as ntp:
        report = check_clock([ntp.address], https=[url])
        assert (report.method, round(report.offset)) == ("ntp", 5)
        silent = check_clock([Blocked.address(ntp)], https=[url])
    assert silent.method == "https"
    assert abs(silent.offset - OFFSET) <= silent.bound
    assert silent.elapsed < 2.6
    assert any("web servers" in note for note in silent.verdict.notes)


def test_silent_time_servers_are_not_counted_among_the_web_servers():
    with site() as one, site() as two:
        report = check_clock([Blocked.address(None), Blocked.address(None)], https=[one, two])
    assert report.confidence is Confidence.CONFIRMED
    assert len(report.unheard) >= 1
    assert "agreed by 2 of 2 web servers" in report.verdict.headline


def test_web_servers_do_not_arbitrate_between_time_servers_that_contradict_each_other():
    with site() as url, Loopback(FakeServer(5.0)) as one, Loopback(FakeServer(500.0)) as two:
        report = check_clock([one.address, two.address], https=[url])
    assert report.confidence is Confidence.NO_MAJORITY
    assert report.method == "ntp"


class Blocked:
    """A port that was just given free: refused, as by a firewall that rejects."""

    @staticmethod
    def address(used):
        with Loopback() as gone:
            return gone.address


def test_the_reason_is_told_of_each_of_several_sites():
    elsewhere = site(status=302, headers=[("Location", "http://portal.invalid/")])
    two_dates = site(headers=[("Date", "Sun, 06 Nov 1994 08:49:37 GMT")])
    with site() as good, elsewhere as portal, site(headers=[("Age", "900")]) as cached, two_dates as torn:
        report = check_clock(https=[good, portal, cached, torn], timeout=0.8)
    expected = {portal: Why.REDIRECT, cached: Why.CACHED, torn: Why.NO_DATE}
    assert {voice.server: voice.why for voice in report.unheard} == expected


def test_a_site_that_hangs_up_without_a_word_is_asked_on_new_connections():
    with site(hangs_up=True) as url:
        report = check_clock(https=[url], timeout=0.8)
    assert abs(report.offset - OFFSET) <= report.bound


@pytest.mark.parametrize("hint", ["", "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"])
def test_answers_before_the_final_one_are_passed_over(hint):
    early = f"HTTP/1.1 103 Early Hints\r\n{hint}\r\n".encode()
    with site(interim=b"HTTP/1.1 100 Continue\r\n\r\n" + early + early) as url:
        report = check_clock(https=[url], timeout=0.8)
    assert abs(report.offset - OFFSET) <= report.bound


def test_but_not_for_ever():
    with site(interim=b"HTTP/1.1 102 Processing\r\n\r\n" * 50) as url:
        report = check_clock(https=[url], timeout=0.8)
    assert report.unheard[0].why is Why.MALFORMED


@contextlib.contextmanager
def black_hole():
    """An address that answers no connection, like a network that drops what is sent there."""
    with contextlib.ExitStack() as full:
        server = full.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # more than it takes: from then on it is deaf
            one = full.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()


@pytest.mark.skipif(sys.platform != "linux", reason="a full queue refuses or answers elsewhere")
@pytest.mark.parametrize("dead", [black_hole, lambda: contextlib.nullcontext(("127.0.0.1", 1))])
def test_a_dead_address_of_a_name_does_not_use_up_the_time(monkeypatch, dead):
    with site() as url, dead() as nowhere:
        ends = (nowhere, nowhere, ("127.0.0.1", int(url.rsplit(":")[-1].strip("/"))))
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", end) for end in ends]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
        report = check_clock(https=["http://several.example/"])
    assert abs(report.offset - OFFSET) <= report.bound < 0.1


@pytest.mark.skipif(sys.platform != "linux", reason="a full queue refuses or answers elsewhere")
def test_a_site_that_drops_all_packets_is_silent():
    with black_hole() as (host, port):
        report = check_clock(https=[f"http://{host}:{port}/"], timeout=0.5)
    assert report.unheard[0].why is Why.SILENT
    assert report.elapsed < 0.7


def test_a_login_page_is_told():
    with site(status=302, headers=[("Location", "http://portal.invalid/")]) as url:
        assert check_clock(https=[url]).unheard[0].why is Why.REDIRECT


EXPECTED = {
    "honest": OFFSET,
    "jittery": OFFSET,
    "asym": OFFSET,
    "no_keepalive": OFFSET,
    "head_405": OFFSET,
    "status_503": OFFSET,
    "rfc850": OFFSET,
    "asctime": OFFSET,
    "backends": OFFSET,
    "coarse": Why.STANDS_STILL,
    "fixed": Why.STANDS_STILL,
    "stale_cache": Why.CACHED,
    "no_date": Why.NO_DATE,
    "garbage": Why.NO_DATE,
    "captive": Why.REDIRECT,
    "silent": Why.SILENT,
}


@pytest.fixture(scope="module")
def alone():
    """Each behaviour of the shared bench asked alone, all at the same time."""
    shared("ntp")
    with Farm([{"behaviour": name, "offset": OFFSET} for name in EXPECTED], "httpdatefarm.py") as farm:
        reports = {}

        def ask(name, url):
            reports[name] = check_clock(https=[url])

        threads = [threading.Thread(target=ask, args=pair) for pair in zip(EXPECTED, farm.urls, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return reports


@pytest.mark.parametrize("name", EXPECTED)
def test_each_web_behaviour_alone(alone, name):
    report, expected = alone[name], EXPECTED[name]
    assert report.elapsed < 2.6
    if isinstance(expected, Why):
        assert report.offset is None or report.bound > 1
        whys = {voice.why for voice in (*report.unheard, *report.falsetickers)}
        assert whys & {expected, Why.INCONSISTENT}
    else:
        assert abs(report.offset - expected) <= report.bound


@pytest.mark.parametrize("lie", ["falseticker", "tz_lie", "stale_no_age", "captive", "fixed", "silent", "garbage"])
def test_no_web_behaviour_spoils_three_honest_sites(lie):
    honest = {"behaviour": "honest", "fwd_ms": 10, "back_ms": 10}
    with Farm([honest, {"behaviour": lie}, honest, honest], "httpdatefarm.py") as farm:
        report = check_clock(https=farm.urls)
    assert report.confidence is Confidence.CONFIRMED
    assert abs(report.offset) <= report.bound <= 0.2
