"""The lab's servers answer real packets, and a check of the clock tells them apart."""

from __future__ import annotations

import doctest
import threading

import pytest

from mfatools import loopback
from mfatools.clock import Confidence, check_clock
from mfatools.lab import Clock, TimeServer
from mfatools.loopback import Loopback
from mfatools.ntp import Why


def test_honest_servers_agree_and_a_liar_is_found():
    servers = {name: TimeServer(Clock(offset=42)) for name in "abc"} | {"liar": TimeServer(Clock(offset=-300))}
    with Loopback(servers) as running:
        report = check_clock(running.addresses.values())
        said = {running.names[voice.server] for voice in report.truechimers}
        (liar,) = report.falsetickers
        assert running.names[liar.server] == "liar"
    assert said == {"a", "b", "c"}
    assert abs(report.offset - 42) <= report.bound < 0.1


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("silent", Why.SILENT),
        ("kiss-o'-death", Why.KISS),
        ("unsynchronised", Why.NO_TIME),
        ("stratum 16", Why.NO_TIME),
        ("other origin", Why.NOT_OURS),
        ("no transmit time", Why.ZERO_STAMP),
        ("client mode", Why.MODE),
        ("far from the root", Why.DISTANCE),
    ],
)
def test_each_behaviour_is_told(behaviour, why):
    with Loopback({"odd": TimeServer(Clock(), behaviour)}) as running:
        report = check_clock(running.addresses.values(), timeout=0.4, samples=1)
    assert report.confidence is Confidence.NO_ANSWER
    assert [voice.why for voice in report.unheard] == [why]


def test_closed_servers_answer_no_more():
    running = Loopback({"a": TimeServer()})
    running.close()
    running.close()
    report = check_clock(running.addresses.values(), timeout=0.4)
    assert report.confidence is Confidence.NO_ANSWER
    assert "mfatools-loopback" not in {thread.name for thread in threading.enumerate()}


def test_the_example_runs():
    assert doctest.testmod(loopback).failed == 0
