"""Ours beside ``chronyd -Q``, ``ntpdig`` and the usual ntplib loop: same farm, same run.

    uv run python tests/benchmarks/clock.py [--runs 12] [--peer-runs 2] [--only 20ms]

Prints, for each scenario and client: median and worst error (ms), median and worst time (s), how often it was
fooled (more than 100 ms off, and outside its bound if it states one), how often it had no answer. A client that is
not installed is left out with the reason. Nothing leaves the machine.
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
from dataclasses import dataclass
from pathlib import Path

import ntplib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from farm import Farm

from mfatools.clock import check_clock

OFFSET = 17.3
FOOLED = 0.1  # s
Addresses = list[tuple[str, int]]


@dataclass
class Answer:
    """What a client said: an offset or None, its bound if it states one, and how long it took, in seconds."""

    offset: float | None
    seconds: float
    bound: float | None = None


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
        command = [program("chronyd"), "-Q", "-U", "-u", "root", "-t", "30", *lines, *extra]
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


WEB = {"behaviour": "honest", "offset": OFFSET, "fwd_ms": 10, "back_ms": 10}


def web(sites: int, timeout: float, runs: int) -> list[Answer]:
    """Ours over the Date of so many web servers, 20 ms there and back."""
    answers = []
    for seed in range(runs):
        with Farm([WEB] * sites, "httpdatefarm.py", seed=seed) as farm:
            begun = time.monotonic()
            report = check_clock(https=farm.urls, timeout=timeout)
            answers.append(Answer(report.offset, time.monotonic() - begun, report.bound))
    return answers


def row(name: str, answers: list[Answer]) -> str:
    told = [answer for answer in answers if answer.offset is not None]
    errors = [abs(answer.offset - OFFSET) for answer in told if answer.offset is not None]
    fooled = sum(error > max(FOOLED, answer.bound or 0.0) for error, answer in zip(errors, told, strict=True))
    times = [answer.seconds for answer in answers]
    error = f"{1e3 * statistics.median(errors):9.1f} /{1e3 * max(errors):9.1f}" if errors else f"{'-':>20}"
    taken = f"{statistics.median(times):6.2f} /{max(times):6.2f}"
    inside = [abs(a.offset - OFFSET) <= a.bound for a in told if a.bound is not None and a.offset is not None]
    widest = max((a.bound for a in told if a.bound is not None), default=0.0)
    bound = f"inside its bound {sum(inside)}/{len(inside)}, at most {1e3 * widest:.0f} ms" if inside else ""
    none = len(answers) - len(told)
    return f"  {name:12} {error} ms {taken} s  fooled {fooled}/{len(answers)}  none {none}  {bound}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--peer-runs", type=int, default=2, help="runs of the slow peers")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    chosen = parser.parse_args()
    known = clients()
    for name, (_, _, why) in known.items():
        if why:
            print(f"left out: {name}: {why}")
    for title, scenario in SCENARIOS.items():
        if chosen.only not in title:
            continue
        print(f"{title} (median / worst)", flush=True)
        for name, (ask, needs_123, why) in known.items():
            if not why:
                runs = chosen.runs if name == "mfatools" else chosen.peer_runs
                args = ["--port", "123"] if needs_123 else []
                print(row(name, measure(ask, scenario, runs, args)), flush=True)
    for title, sites, timeout in (("https, 4 sites", 4, 2.0), ("https, 1 site, 4 s allowed", 1, 4.0)):
        if chosen.only in title:
            print(f"{title} (median / worst)\n{row('mfatools', web(sites, timeout, chosen.runs))}", flush=True)


if __name__ == "__main__":
    main()
