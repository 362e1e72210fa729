"""Ours beside ``chronyd -Q``, ``ntpdig`` and the usual ntplib loop: same farm, same run.

    uv run python tests/benchmarks/clock.py [--runs 12] [--peer-runs 2] [--only 20ms]

Prints a table in Markdown, for each scenario and client: median / worst error (ms), median / worst time (s), how
often it was fooled (more than 100 ms off, and outside its bound if it states one), how often it had no answer, the
widest bound and whether the truth was inside it. Takes four minutes: ours runs alone, then the others, which mostly
wait, beside one another and beside our part over HTTPS. A scenario that lets them wait until they give up is run
once for each. A client that is not installed is left out with the reason. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import ntplib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from farm import Farm

from mfatools.clock import Tools, check_clock

OFFSET = 17.3
FOOLED = 0.1  # s
GIVE_UP = 15  # s that chronyd may look for a majority
Addresses = list[tuple[str, int]]


@dataclass
class Answer:
    """What a client said: an offset or None, its bound if it states one, and how long it took, in seconds."""

    offset: float | None
    seconds: float
    bound: float | None = None
    asked: int = 0  # questions to one site, where that is counted


def server(behaviour: str = "jittery", **more: object) -> dict[str, object]:
    return {"behaviour": behaviour, "offset": OFFSET, **more}


LIARS = ("falseticker", "near_lie", "tz_lie", "stratum1_lie")
SCENARIOS: dict[str, list[dict[str, object]]] = {
    "20ms jitter": [server() for _ in range(4)],
    **{f"1 liar of 4: {lie}": [server(), {"behaviour": lie}, server(), server()] for lie in LIARS},
    "2 against 2": [server(), server(), {"behaviour": "falseticker"}, {"behaviour": "falseticker"}],
    "2 silent of 4": [server(), {"behaviour": "silent"}, server(), {"behaviour": "silent"}],
    "all silent": [{"behaviour": "silent"}] * 4,
    "all refused": [{"behaviour": "refused"}] * 4,
    "50 out, 5 back": [server("asym") for _ in range(4)],
    "kiss from all": [{"behaviour": "kod_rate"}] * 4,
}
LONG = {"2 against 2", "2 silent of 4", "all silent", "all refused", "kiss from all"}  # others wait there
WEB = {"behaviour": "honest", "offset": OFFSET, "fwd_ms": 10, "back_ms": 10}
SITES = {  # how many, and the time allowed in seconds
    "HTTPS, 4 sites": (4, 2.0),
    "HTTPS, 1 site, 2 s allowed": (1, 2.0),
    "HTTPS, 1 site, 4 s allowed": (1, 4.0),
}
# Of ours: median and worst error in ms, worst bound in ms, worst time in s. None: no goal.
GOALS: dict[str, tuple[float | None, float | None, float | None, float | None]] = {
    "20ms jitter": (2.5, 8, None, 0.2),
    "2 against 2": (None, None, None, 1.0),
    "2 silent of 4": (None, None, None, 1.1),
    "all silent": (None, None, None, 2.1),
    "all refused": (None, None, None, 0.2),
    "HTTPS, 4 sites": (None, 150, 150, 1.1),
    "HTTPS, 1 site, 4 s allowed": (None, 50, 50, None),
}


def ours(addresses: Addresses) -> Answer:
    begun = time.monotonic()
    report = check_clock(addresses)
    return Answer(report.offset, time.monotonic() - begun, report.bound)


def ntplib_loop(addresses: Addresses) -> Answer:
    """What one finds in answers and tutorials: ask one after the other, take the mean."""
    begun, found = time.monotonic(), []
    for host, port in addresses:
        try:
            found.append(ntplib.NTPClient().request(host, port=port, version=4, timeout=5).offset)
        except (ntplib.NTPException, OSError):
            continue
    return Answer(statistics.fmean(found) if found else None, time.monotonic() - begun)


def chronyd(addresses: Addresses) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"server {host} port {port} iburst" for host, port in addresses]
        extra = ["cmdport 0", f"pidfile {folder}/pid", f"bindcmdaddress {folder}/sock"]
        command = [program("chronyd"), "-Q", "-U", "-u", "root", "-t", str(GIVE_UP), *lines, *extra]
        said, seconds = output(command)
    return Answer(number(r"System clock wrong by (-?[\d.]+) seconds", said), seconds)


def ntpdig(addresses: Addresses) -> Answer:
    """ntpdig knows no port but 123, so the farm stands there for it."""
    said, seconds = output([program("ntpdig"), "-t", "5", *(host for host, _ in addresses)])
    return Answer(number(r"\(\+0000\) ([-+]\d+\.\d+)", said), seconds)


def program(name: str) -> str:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin") or ""


def output(command: list[str]) -> tuple[str, float]:
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    return done.stdout + done.stderr, time.monotonic() - begun


def number(pattern: str, text: str) -> float | None:
    found = re.search(pattern, text)
    return float(found.group(1)) if found else None


def clients() -> dict[str, tuple[Callable[[Addresses], Answer], bool, str]]:
    """Each client: how to ask it, whether it needs port 123, and why it is left out, if it is."""
    port_123 = "" if free_123() else "port 123 is taken or needs root (run in shared/ntp/innetns.sh)"
    return {
        "mfatools": (ours, False, ""),
        "ntplib loop": (ntplib_loop, False, ""),
        "ntpdig": (ntpdig, True, port_123 if program("ntpdig") else "not installed (ntpsec-ntpdig)"),
        "chronyd -Q": (chronyd, False, "" if program("chronyd") else "not installed (chrony)"),
    }


def free_123() -> bool:
    try:
        with Farm([{"behaviour": "honest"}], args=["--port", "123"]):
            return True
    except ValueError:  # it printed no ready line
        return False


def measure(
    ask: Callable[[Addresses], Answer], scenario: list[dict[str, object]], runs: int, args: Iterable[str]
) -> list[Answer]:
    answers = []
    for seed in range(runs):
        with Farm(scenario, seed=seed, args=list(args)) as farm:
            answers.append(ask(farm.addresses))
    return answers


def web(sites: int, timeout: float, runs: int) -> list[Answer]:
    """Ours over the Date of so many web servers, 20 ms there and back; the runs begin all over the second."""
    answers = []
    for seed in range(runs):
        questions: list[str] = []
        count = Tools(progress=lambda name, state, told=questions: told.append(state))  # type: ignore[misc]
        with Farm([WEB] * sites, "httpdatefarm.py", seed=seed) as farm:
            time.sleep((seed / runs - time.time()) % 1)
            begun = time.monotonic()
            report = check_clock(https=farm.urls, timeout=timeout, tools=count)
            took = time.monotonic() - begun
            answers.append(Answer(report.offset, took, report.bound, questions.count("asked") // sites))
    return answers


HEAD = "| scenario | client | error, ms | time, s | fooled | none | truth inside its bound | goal |"


def row(title: str, name: str, answers: list[Answer]) -> str:
    told = [answer for answer in answers if answer.offset is not None]
    errors = [abs(answer.offset - OFFSET) for answer in told if answer.offset is not None]
    fooled = sum(error > max(FOOLED, answer.bound or 0.0) for error, answer in zip(errors, told, strict=True))
    times = [answer.seconds for answer in answers]
    cells = [
        title,
        name,
        f"{1e3 * statistics.median(errors):.1f} / {1e3 * max(errors):.1f}" if errors else "",
        f"{statistics.median(times):.2f} / {max(times):.2f}",
        f"{fooled} of {len(answers)}",
        f"{len(answers) - len(told)}",
        bounds(told),
        goal(title, errors, answers) if name == "mfatools" else "",
    ]
    return f"| {' | '.join(cells)} |"


def bounds(told: list[Answer]) -> str:
    inside = [abs(a.offset - OFFSET) <= a.bound for a in told if a.bound is not None and a.offset is not None]
    if not inside:
        return ""
    widest = max(a.bound for a in told if a.bound is not None)
    asked = [a.asked for a in told if a.asked]
    counted = f", {min(asked)} to {max(asked)} questions" if asked else ""
    return f"{sum(inside)} of {len(inside)}, at most {1e3 * widest:.0f} ms{counted}"


def goal(title: str, errors: list[float], answers: list[Answer]) -> str:
    if title not in GOALS:
        return ""
    found = (
        1e3 * statistics.median(errors or [0.0]),
        1e3 * max(errors, default=0.0),
        1e3 * max((a.bound or 0.0 for a in answers), default=0.0),
        max(a.seconds for a in answers),
    )
    names = ("median {:g} ms", "worst {:g} ms", "bound {:g} ms", "{:g} s")
    wanted = [(name, want, got) for name, want, got in zip(names, GOALS[title], found, strict=True) if want]
    missed = any(round(got, 3) > want for _, want, got in wanted)
    return ", ".join(name.format(want) for name, want, _ in wanted) + (": missed" if missed else ": met")


def peers(name: str, titles: list[str], runs: int) -> dict[str, list[Answer]]:
    """One other client through all scenarios, one after the other."""
    ask, needs_123, _ = CLIENTS[name]
    args = ["--port", "123"] if needs_123 else []
    return {title: measure(ask, SCENARIOS[title], 1 if title in LONG else runs, args) for title in titles}


CLIENTS = clients()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--peer-runs", type=int, default=2, help="runs of the slow peers")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    chosen = parser.parse_args()
    titles, sites = ([title for title in all_ if chosen.only in title] for all_ in (SCENARIOS, SITES))
    for name, (_, _, why) in CLIENTS.items():
        if why:
            print(f"Left out: {name}: {why}")
    found = {"mfatools": {title: measure(ours, SCENARIOS[title], chosen.runs, []) for title in titles}}
    with ThreadPoolExecutor() as pool:
        others: dict[str, Future[dict[str, list[Answer]]]] = {
            name: pool.submit(peers, name, titles, chosen.peer_runs)
            for name, (_, _, why) in CLIENTS.items()
            if name != "mfatools" and not why
        }
        dated = {title: web(*SITES[title], chosen.runs) for title in sites}
        found |= {name: future.result() for name, future in others.items()}
    print(f"\n{HEAD}\n|{' --- |' * HEAD.count(' | ')} --- |")
    for title in titles:
        for name, answers in found.items():
            print(row(title, name, answers[title]))
    for title in sites:
        print(row(title, "mfatools", dated[title]))


if __name__ == "__main__":
    main()
