"""What the operating system says of its own clock.

Only local programs are asked (``chronyc``, ``timedatectl``, ``ntpq``, ``w32tm``, macOS's settings): nothing goes
over the network. Each parser is a pure function of the text that its program printed. ``sntp`` is none of them:
it keeps no clock and has no state to tell; all it can do is to ask a server, as we do, and nobody asked for that.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from mfatools.clock import words
from mfatools.clock.machine import installed

PATIENCE = 1.0  # s for each program
Run = Callable[[Sequence[str]], str]
_OWN = ("7F7F0101", "127.127.1.1")  # what a program calls this computer's own clock
_TIMED = "/private/var/db/timed/Library/Preferences"
_NOT_STARTED = "0x80070426"  # ERROR_SERVICE_NOT_ACTIVE
_REFERENCE = re.compile("0x[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The system's own word.

    Args:
        synchronised: True, False, or None when it does not say.
        by: the program that keeps the clock.
        source: where that gets the time.
        since: when it was last set, as text.
        offset: seconds to add to the clock by its own reckoning, None when it does not say.
        alone: True if the program follows nothing but this computer's own clock; ``synchronised`` is False then.
    """

    synchronised: bool | None = None
    by: str = ""
    source: str = ""
    since: str = ""
    offset: float | None = None
    alone: bool = False

    def __str__(self) -> str:
        if self.synchronised is None:
            return words.SYSTEM_UNKNOWN
        if self.alone:
            return words.SYSTEM_ALONE.format(by=self.by)
        if not self.synchronised:
            return words.SYSTEM_OFF.format(by=self.by)
        source = words.SOURCE.format(source=self.source) if self.source else ""
        since = words.SINCE.format(since=self.since) if self.since else ""
        return words.SYSTEM_ON.format(by=self.by, source=source, since=since)


def ask_system(run: Run | None = None, which: Callable[[str], str | None] = installed) -> SystemClock:
    """Ask the programs that are there, the most telling first; the first that knows wins.

    Args:
        run: ``run(argv)`` gives what a program printed, or raises OSError.
        which: finds a program.
    """
    run = run or _run
    said = [_ask(run, argv, read) for argv, read in PROGRAMS if which(argv[0])]
    known = [one for one in said if one.synchronised is not None]
    # A program that follows itself sets the kernel's flag too, so that flag alone does not speak against it.
    kept = (one for one in known if one.synchronised and one.source)
    alone = (one for one in known if one.alone)
    flagged = (one for one in known if one.synchronised)
    return next(chain(kept, alone, flagged, known), SystemClock())


def read_chronyc(text: str) -> SystemClock:
    """``chronyc -c tracking``: fields between commas; 1 source, 3 reference time, 4 offset, 13 leap state.

    chrony's "system time" is its clock minus true time when negative means slow; here the sign is turned to ours.
    """
    fields = text.strip().split(",")
    if len(fields) < 14:
        return SystemClock()
    if fields[0].upper() in _OWN and fields[2] not in ("", "0"):  # chrony.conf has "local stratum", nothing better
        return SystemClock(False, "chrony", alone=True)
    if fields[13].lower() == "not synchronised":
        return SystemClock(False, "chrony", fields[1])
    return SystemClock(True, "chrony", fields[1], _date(fields[3]), _float(fields[4]))


def read_timedatectl(text: str) -> SystemClock:
    """``timedatectl show``: ``NTP=`` says if a service is on, ``NTPSynchronized=`` if the kernel's clock is set."""
    values = _pairs(text)
    if "NTPSynchronized" not in values:
        return SystemClock()
    by = "systemd's time service" if values.get("NTP") == "yes" else "no time service of systemd's"
    return SystemClock(values["NTPSynchronized"] == "yes", by)


def read_timesync(text: str) -> SystemClock:
    """``timedatectl show-timesync``: the server that systemd-timesyncd uses; empty when it has none."""
    values = _pairs(text)
    server = values.get("ServerName", "")
    message = values.get("NTPMessage", "")
    heard = bool(server and message) and "Leap=3" not in message
    return SystemClock(True, "systemd-timesyncd", server) if heard else SystemClock()


def read_ntpq(text: str) -> SystemClock:
    """``ntpq -c rv``: ``leap=``/``leap_``, ``refid=`` and ``offset=`` in milliseconds."""
    values = _pairs(text.replace(",", "\n"))
    if "stratum" not in values:
        return SystemClock()
    if "sync_local" in text or values.get("refid", "").startswith(("LOCAL", "LOCL", "127.127.1.")):
        return SystemClock(False, "ntpd", alone=True)
    good = values["stratum"] not in ("0", "16") and "leap_alarm" not in text and values.get("leap") != "11"
    offset = _float(values.get("offset", ""))
    return SystemClock(
        good, "ntpd", values.get("refid", ""), "", offset / 1e3 if good and offset is not None else None
    )


def read_w32tm(text: str) -> SystemClock:
    """``w32tm /query /status``: its labels and remarks are in the system's language, only places and codes count.

    First the leap indicator, then the stratum; later the reference, which alone is written in hexadecimal, and
    after it the last success and the source. A service that does not run is told by the error's number.
    """
    if _NOT_STARTED in text:
        return SystemClock(False, "Windows Time")
    lines = [line.partition(":")[2].strip() for line in text.splitlines() if ":" in line]
    place = next((n for n, value in enumerate(lines) if _REFERENCE.match(value)), 0)
    if place < 2 or len(lines) < place + 3:
        return SystemClock()
    (leap, stratum), (reference, since, source) = lines[:2], lines[place : place + 3]
    if reference.upper().startswith("0X4C4F434C"):  # "LOCL": its own clock, made a server
        return SystemClock(False, "Windows Time", alone=True)
    if leap.startswith("3") or _number(stratum) in (None, 0, 16) or "CMOS" in source:
        return SystemClock(False, "Windows Time")
    return SystemClock(True, "Windows Time", source.split(",")[0], since)


def read_macos(text: str) -> SystemClock:
    """``defaults read .../com.apple.timed TMAutomaticTimeOnlyEnabled``: 1 or 0."""
    return SystemClock(text.strip() == "1", "macOS (timed)") if text.strip() in ("0", "1") else SystemClock()


def read_systemsetup(text: str) -> SystemClock:
    """``systemsetup -getusingnetworktime``: ``Network Time: On`` or ``Off``; only an administrator is told."""
    answer = _pairs(text.replace(":", "=")).get("Network Time", "").lower()
    return SystemClock(answer == "on", "macOS (timed)") if answer in ("on", "off") else SystemClock()


PROGRAMS: tuple[tuple[tuple[str, ...], Callable[[str], SystemClock]], ...] = (
    (("chronyc", "-c", "tracking"), read_chronyc),
    (("timedatectl", "show-timesync"), read_timesync),
    (("ntpq", "-c", "rv"), read_ntpq),
    (("w32tm", "/query", "/status"), read_w32tm),
    (("defaults", "read", "/Library/Preferences/com.apple.timed", "TMAutomaticTimeOnlyEnabled"), read_macos),
    (("defaults", "read", f"{_TIMED}/com.apple.timed", "TMAutomaticTimeOnlyEnabled"), read_macos),
    (("systemsetup", "-getusingnetworktime"), read_systemsetup),
    (("timedatectl", "show"), read_timedatectl),
)


def _ask(run: Run, argv: Sequence[str], reader: Callable[[str], SystemClock]) -> SystemClock:
    try:
        return reader(run(argv))
    except (OSError, ValueError, subprocess.SubprocessError):
        return SystemClock()


def _run(argv: Sequence[str]) -> str:
    done = subprocess.run(
        [installed(argv[0]) or argv[0], *argv[1:]],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    return done.stdout


def _pairs(text: str) -> dict[str, str]:
    parts = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in parts}


def _number(text: str) -> int | None:
    return int(found[0]) if (found := re.match("[0-9]+", text)) else None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str) -> str:
    value = _float(text)
    return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M} UTC" if value else ""
