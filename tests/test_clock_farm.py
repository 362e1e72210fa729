"""Real packets: the shared farm of good, bad and hostile servers, and small ones of our own without it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from farm import Farm
from support import missing, shared
from wire import FakeServer, Loopback

from mfatools.clock import Confidence, Tools, check_clock, check_clock_async
from mfatools.clock.ask import sources, unusable
from mfatools.clock.servers import Server
from mfatools.clock.udp import resolve
from mfatools.errors import TimeSourceError
from mfatools.ntp import Why

DEADLINE = 2.6  # s; two by design, the rest for a machine with other things to do
OFFSET = 17.3


def behaviours():
    try:
        said = subprocess.run(
            [sys.executable, str(shared("ntp", "ntpfarm.py")), "--list"], capture_output=True, check=True, text=True
        )
    except (pytest.skip.Exception, pytest.fail.Exception):
        return {}
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def alone():
    """Each behaviour asked alone, all at once on one farm: name -> (expected, truth, report, seconds)."""
    kinds = behaviours()
    if not kinds:
        missing("shared/ntp")
    with Farm([{"behaviour": name} for name in kinds]) as farm, ThreadPoolExecutor(8) as pool:

        def ask(server):
            begun = time.monotonic()
            report = check_clock([(server["addr"], server["port"])])
            return server["truth"]["expect"], server["truth"]["offset"], report, time.monotonic() - begun

        return dict(zip(kinds, pool.map(ask, farm.servers), strict=True))


NAMES = sorted(behaviours()) or ["shared data"]


@pytest.mark.parametrize("name", NAMES)
def test_each_behaviour_alone_is_judged_right_and_in_time(alone, name):
    expect, truth, report, took = alone[name]
    assert took < DEADLINE
    if expect in ("reject", "no_reply"):
        assert report.confidence is Confidence.NO_ANSWER
        assert report.unheard[0].why
    elif expect in ("accept", "accept_after_discard"):
        assert report.confidence is Confidence.SINGLE_SOURCE
        assert abs(report.offset - truth) <= report.bound < 0.4
    elif expect == "degraded" and report.offset is not None:
        truth = 0.0 if "lie" in name else truth
        assert abs(report.offset - truth) <= report.bound


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("shared data",)] or NAMES)
def test_no_behaviour_spoils_an_honest_majority(name):
    if name == "shared data":
        missing("shared/ntp")
    honest = {"behaviour": "jittery", "offset": 0.0}
    with Farm([honest, {"behaviour": name}, honest, honest]) as farm:
        report = check_clock(farm.addresses)
    assert report.confidence is Confidence.CONFIRMED
    assert abs(report.offset) <= report.bound < 0.1
    assert abs(report.offset) < 0.05
    assert report.elapsed < 1.6  # not held up until the deadline


def test_a_liar_is_named_and_its_claim_told():
    honest = {"behaviour": "honest", "offset": OFFSET}
    with Farm([honest, honest, honest, {"behaviour": "falseticker"}]) as farm:
        report = check_clock(farm.addresses)
        liar = "{}:{}".format(*farm.addresses[3])
    assert [voice.server for voice in report.falsetickers] == [liar]
    assert "contradicts the others" in report.as_dict()["falsetickers"][0]["why"]


def test_questions_are_few_random_and_end_with_a_kiss():
    with Farm([{"behaviour": "kod_rate"}, {"behaviour": "silent"}, {"behaviour": "silent"}]) as farm:
        check_clock(farm.addresses)
        kissed, *silent = farm.stats()
    assert kissed["requests"] == 1
    assert [one["requests"] for one in silent] == [4, 4]
    log = [packet for one in silent for packet in one["log"]]
    assert len({packet["tx"] for packet in log}) == 8
    assert len({packet["sport"] for packet in log}) == 2
    assert {(packet["version"], packet["mode"]) for packet in log} == {(4, 3)}
    assert all(set(packet["head"][2:]) == {"0"} for packet in log)


@pytest.mark.parametrize("reading", [1, 2])
@pytest.mark.parametrize("late", [True, False])
def test_a_pause_between_two_readings_is_no_error_of_the_clock(reading, late):
    count = 0

    def now():
        nonlocal count
        count += 1
        read = time.time()
        if count == reading:
            time.sleep(0.2)
        return read if late else time.time()

    with Farm([{"behaviour": "honest"}] * 3) as farm:
        report = check_clock(farm.addresses, tools=Tools(now=now))
    assert report.stepped == 0.0
    assert report.verdict.notes == ()
    assert abs(report.present) <= report.bound < 0.1


@pytest.mark.parametrize("date", [0.0, 935_280_000.0, 2_085_978_400.0, 2_085_978_496.0 + 86400, 2_208_988_800.0])
def test_client_and_server_in_any_two_eras(date):
    shift = date - time.time()
    tools = Tools(now=lambda: time.time() + shift)
    with Farm([{"behaviour": "honest", "offset": offset} for offset in (0.0, "era1", "2040")]) as farm:
        for server in farm.servers:
            address, truth = (server["addr"], server["port"]), server["truth"]["offset"]
            report = check_clock([address], tools=tools, samples=1)
            assert report.offset == pytest.approx(truth - shift, abs=max(0.05, report.bound))


# without the shared data


def test_our_own_servers_over_ipv4_and_ipv6():
    with Loopback(FakeServer(OFFSET)) as one, Loopback(FakeServer(OFFSET)) as two:
        servers = [one.address, "{}:{}".format(*two.address)]
        if socket.has_ipv6:
            with Loopback(FakeServer(OFFSET), "::1") as three:
                report = check_clock([*servers, three.address])
        else:
            report = check_clock(servers)
    assert report.confidence is Confidence.CONFIRMED
    assert report.offset == pytest.approx(OFFSET, abs=0.02)
    assert not report.unheard


def test_a_step_of_the_wall_clock_in_mid_flight_changes_nothing():
    readings = iter([0.0])
    tools = Tools(
        now=lambda: time.time() + next(readings, 10.0)
    )  # after the first reading it is set ten seconds on
    with Loopback() as one, Loopback() as two:
        report = check_clock([one.address, two.address], tools=tools)
    assert abs(report.offset) < 0.02
    assert report.stepped == pytest.approx(10.0, abs=0.1)
    assert report.present == pytest.approx(-10.0, abs=0.1)
    assert report.verdict.headline.startswith("This computer's clock is 10.00 s fast")
    assert any("was set by 10" in note for note in report.verdict.notes)


def test_a_clock_that_stands_still_is_told():
    with Loopback() as one:
        report = check_clock([one.address], tools=Tools(now=lambda: 1.8e9))
    assert any("stands still" in note for note in report.verdict.notes)


def test_a_server_that_answers_and_then_kisses_is_not_to_be_asked_again():
    class Kisses(FakeServer):
        def answers(self, packet, at, rng):
            self.kiss = b"RATE" if self.asked else b""
            return super().answers(packet, at, rng)

    with Loopback(Kisses(OFFSET)) as one:
        report = check_clock([one.address])
    assert [voice.server for voice in report.truechimers] == ["{}:{}".format(*one.address)]
    assert list(unusable(report)) == list(report.truechimers)


def test_a_single_server_needs_no_list():
    host, port = "127.0.0.1", 12345
    for given in ("127.0.0.1:12345", (host, port), Server(host, port)):
        assert sources(given).servers == (Server(host, port),)
    assert sources("localhost").servers == (Server("localhost"),)
    assert sources(https="https://a.example/").https == ("https://a.example/",)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"servers": [None]}, "E_SERVER"),
        ({"servers": 123}, "E_SERVER"),
        ({"servers": [("a", "b", "c")]}, "E_SERVER"),
        ({"servers": [("a", None)]}, "E_SERVER"),
        ({"servers": [b"host"]}, "E_SERVER"),
        ({"https": [None]}, "E_URL"),
        ({"https": 5}, "E_URL"),
        ({"timeout": "2"}, "E_TIMEOUT"),
        ({"timeout": None}, "E_TIMEOUT"),
        ({"timeout": float("nan")}, "E_TIMEOUT"),
        ({"samples": 2.5}, "E_SAMPLES"),
        ({"samples": "4"}, "E_SAMPLES"),
        ({"samples": True}, "E_SAMPLES"),
    ],
)
def test_arguments_of_the_wrong_kind_are_told_in_words(arguments, code):
    with pytest.raises(TimeSourceError) as caught:
        check_clock(**{"servers": ["127.0.0.1:9"] if "https" not in arguments else None, **arguments})
    assert caught.value.code == code
    assert caught.value.hint


def test_progress_is_told_as_it_happens():
    told = []
    tools = Tools(progress=lambda name, state: told.append((name, state)))
    with Loopback() as one:
        check_clock([one.address], tools=tools, samples=1)
        name = "{}:{}".format(*one.address)
    assert told == [(name, "asked"), (name, "answered")]


def test_a_refused_port_costs_nothing():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    report = check_clock([("127.0.0.1", port)])
    assert report.unheard[0].why is Why.REFUSED
    assert report.elapsed < 1.0  # the deadline is 2 s


def test_a_name_that_is_not_found_and_one_that_hangs():
    forever = threading.Event()

    def lookup(host, port):
        if host == "hangs.example":
            forever.wait(30)
        raise socket.gaierror(-2, "Name or service not known")

    report = check_clock(["hangs.example", "nowhere.example"], tools=Tools(lookup=lookup), timeout=0.4)
    forever.set()
    assert {voice.server: voice.why for voice in report.unheard} == {
        "hangs.example": Why.SILENT,
        "nowhere.example": Why.NO_NAME,
    }
    assert report.elapsed < 1.0


def test_a_name_with_both_families_falls_back_to_the_one_that_answers():
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with Loopback(FakeServer(OFFSET)) as one:
        port = one.address[1]
        both = [(socket.AF_INET6, ("::1", port)), (socket.AF_INET, ("127.0.0.1", port))]
        report = check_clock(["both.example"], tools=Tools(lookup=lambda host, port: both))
    assert report.offset == pytest.approx(OFFSET, abs=0.02)


@pytest.mark.parametrize("samples", [1, 2])
def test_the_second_family_is_tried_however_few_questions_are_wanted(samples):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with Loopback(FakeServer(OFFSET)) as one, Loopback(FakeServer(silent=True), "::1") as mute:
        both = [(socket.AF_INET6, mute.address), (socket.AF_INET, one.address)]
        tools = Tools(lookup=lambda host, port: both)
        report = check_clock(["both.example"], samples=samples, tools=tools)
    assert report.offset == pytest.approx(OFFSET, abs=0.02)


@pytest.mark.parametrize("refuses", [False, True])
def test_the_other_addresses_of_a_name_are_tried_when_the_first_is_dead(refuses):
    with Loopback(FakeServer(OFFSET)) as one, Loopback(FakeServer(silent=True)) as mute:
        dead = ("127.0.0.1", 1) if refuses else mute.address
        several = [(socket.AF_INET, dead), (socket.AF_INET, one.address)]
        report = check_clock(["pool.example"], tools=Tools(lookup=lambda host, port: several))
    assert report.offset == pytest.approx(OFFSET, abs=0.02)


def test_a_names_addresses_are_tried_in_the_systems_order_and_the_families_in_turn(monkeypatch):
    six, four = ("2001:db8::{}", 123, 0, 0), ("192.0.2.{}", 123)
    given = [(socket.AF_INET6, six, n) for n in (1, 2)] + [(socket.AF_INET, four, n) for n in (1, 1, 2, 3)]
    rows = [(family, socket.SOCK_DGRAM, 17, "", (form[0].format(n), *form[1:])) for family, form, n in given]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
    ends = [address[0] for _, address in resolve("pool.example", 123)]
    assert ends == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"]


def test_a_machine_under_two_names_has_one_vote():
    with Loopback(FakeServer(300.0)) as liar, Loopback(FakeServer(OFFSET)) as one:
        again = Tools(lookup=lambda host, port: [(socket.AF_INET, liar.address)])
        report = check_clock([liar.address, "alias.example", one.address], tools=again)
        name = "{}:{}".format(*liar.address)
    assert report.confidence is Confidence.NO_MAJORITY
    twin = report.unheard[0]
    assert (twin.server, twin.why, twin.detail) == ("alias.example", Why.SAME, name)


def test_no_thread_that_hangs_keeps_the_interpreter_from_leaving():
    code = (
        "import time\n"
        "from mfatools.clock import Tools, check_clock\n"
        "r = check_clock(['x.example'], tools=Tools(lookup=lambda h, p: time.sleep(60)), timeout=0.2)\n"
        "print(r.confidence)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "no_answer"


def test_importing_sends_nothing_and_looks_nothing_up():
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise SystemExit('asked the network')\n"
        "socket.getaddrinfo = socket.socket.connect = socket.socket.sendto = no\n"
        "import mfatools.clock\n"
        "heavy = {'numpy', 'matplotlib', 'PIL', 'ipywidgets'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_the_async_form_does_not_block_the_loop():
    async def both():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        report = await check_clock_async([one.address])
        ticking.cancel()
        return report, ticks

    with Loopback(FakeServer(OFFSET)) as one:
        report, ticks = asyncio.run(both())
    assert report.offset == pytest.approx(OFFSET, abs=0.02)
    assert ticks > 5


def test_a_whole_process_with_a_wrong_clock(tmp_path):
    """The bench's clock shifter under a real interpreter: its wall clock is wrong and is set while it measures."""
    compiler = shutil.which("gcc") or shutil.which("cc") or missing("a C compiler")
    library = tmp_path / "fakeclock.so"
    source = shared("ntp", "fakeclock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    shift = tmp_path / "shift"
    shift.write_bytes(struct.pack("d", 0.0))
    code = (
        "import sys, json, struct, time\n"
        "from mfatools.clock import Tools, check_clock\n"
        "def step(name, state):\n"
        "    with open(sys.argv[1], 'r+b') as f: f.write(struct.pack('d', 10.0))\n"
        "r = check_clock(sys.argv[2:], tools=Tools(progress=step))\n"
        "print(json.dumps([r.offset, r.bound, r.stepped]))"
    )
    env = {**os.environ, "FAKECLOCK": "-40.5", "FAKECLOCK_FILE": str(shift), "LD_PRELOAD": str(library)}
    with Farm([{"behaviour": "honest"}] * 3) as farm:
        servers = [f"{host}:{port}" for host, port in farm.addresses]
        done = subprocess.run(
            [sys.executable, "-c", code, shift, *servers],
            capture_output=True,
            text=True,
            timeout=60,
            env=env,
            check=True,
        )
    offset, bound, stepped = json.loads(done.stdout)
    assert stepped == pytest.approx(10.0, abs=0.2)
    assert offset == pytest.approx(40.5, abs=bound + 0.01)
