"""``mfatools clock``: what it prints and how it ends."""

from __future__ import annotations

import json
import re
import time

import pytest
from click.testing import CliRunner
from wire import FakeServer, Loopback

from mfatools.cli.clock import clock
from mfatools.clock import ClockReport, Confidence, Voice
from mfatools.clock.servers import SERVERS
from mfatools.ntp import Why


def run(*arguments):
    return CliRunner().invoke(clock, [str(argument) for argument in arguments])


def ask(offsets, *arguments):
    """Run it against servers of our own that are so far ahead."""
    loops = [Loopback(FakeServer(offset)) for offset in offsets]
    for loop in loops:
        loop.__enter__()
    try:
        servers = [part for loop in loops for part in ("--server", "{}:{}".format(*loop.address))]
        return run(*servers, *arguments)
    finally:
        for loop in loops:
            loop.__exit__()


@pytest.mark.parametrize(
    ("offsets", "status", "says"),
    [
        ((0, 0, 0), 0, "clock is right"),
        ((42, 42, 42), 1, r"4[12]\.\d+ s slow"),  # how near to 42 depends on how busy the machine is
        ((-42, -42, 0, -42), 1, r"4[12]\.\d+ s fast"),
        ((0, 300), 3, "contradict each other"),
    ],
)
def test_exit_status_and_verdict(offsets, status, says):
    done = ask(offsets)
    assert done.exit_code == status, done.output
    assert re.search(says, " ".join(done.output.split()))
    assert done.output.startswith("Asking 127.0.0.1:")


def test_json():
    done = ask((42, 42, 42, 300), "--json")
    said = json.loads(done.output)
    assert done.exit_code == 1
    assert said["offset"] == pytest.approx(42, abs=said["bound"])
    assert said["confidence"] == "confirmed"
    assert said["method"] == "ntp"
    assert "slow" in said["verdict"]
    assert len(said["truechimers"]) == 3
    assert set(said["falsetickers"][0]) == {"server", "why"}
    assert said["unheard"] == []
    assert said["elapsed"] < 2.6


def test_nobody_there_is_status_three():
    with Loopback() as gone:
        address = "{}:{}".format(*gone.address)
    done = run("--server", address, "--json")
    assert done.exit_code == 3
    assert json.loads(done.output)["offset"] is None
    assert "--server HOST" in run("--server", address).output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--server", "a b"),
        ("--server", "host:0"),
        ("--https", "nowhere"),
        ("--server", "127.0.0.1", "--timeout", "0"),
        ("--server", "127.0.0.1", "--timeout", "nan"),
        ("--server", "127.0.0.1", "--samples", "0"),
        ("--server", "127.0.0.1", "--samples", "x"),
        ("--server", "127.0.0.1", "--watch", "--every", "1"),
        ("--server", "127.0.0.1", "--every", "60"),
        ("--server", "127.0.0.1", "--count", "2"),
        ("--sundial",),
    ],
)
def test_bad_input_is_status_two_and_no_traceback(arguments):
    done = run(*arguments)
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.startswith(("mfatools: ", "Usage: ", "Error"))
    assert done.stdout == ""  # nobody is said to be asked


def test_watch_prints_a_line_a_look():
    done = ask((42, 42), "--watch", "--count", "1", "--json")
    assert json.loads(done.output)["drift_ppm"] is None
    assert json.loads(done.output)["at"] == pytest.approx(time.time(), abs=60)
    assert done.exit_code == 1
    line = ask((42, 42), "--watch", "--count", "1").stdout.splitlines()[1]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  This computer's clock", line)


def test_a_watch_that_nobody_wants_ends_with_a_word(monkeypatch):
    def check(servers, **more):
        gone = tuple(Voice(str(server), why=Why.KISS) for server in servers)
        return ClockReport(None, None, Confidence.NO_ANSWER, "ntp", unheard=gone)

    monkeypatch.setattr("mfatools.cli.clock.check_clock", check)
    done = run("--server", "a.example", "--watch")
    assert done.exit_code == 3
    assert "go away" in done.stderr


def test_the_help_says_what_the_statuses_mean():
    done = run("--help")
    assert done.exit_code == 0
    assert "ADD" in done.output
    assert "could not be told" in " ".join(done.output.split())


def test_without_arguments_the_defaults_are_asked(monkeypatch):
    asked = []

    def check(servers, *, https, timeout, samples):
        asked.extend(str(server) for server in servers)
        raise KeyboardInterrupt

    monkeypatch.setattr("mfatools.cli.clock.check_clock", check)
    assert run().exit_code != 0
    assert asked == list(SERVERS)
