"""One thing broken at a time: what goes wrong with one-time codes, each as a change to a bench that works."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from mfatools.lab.bench import Bench
from mfatools.lab.clocks import Clock, Wire
from mfatools.lab.phone import Quirk


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can be broken.

    Args:
        id: its short name.
        name: what is wrong, for people.
        sign: how one could have seen it.
        cure: what to do about it.
        apply: breaks a bench; draws its size from the random source.
        families: what the diagnosis may call it (`mfatools.diagnose.Family`).
    """

    id: str
    name: str
    sign: str
    cure: str
    apply: Callable[[Bench, random.Random], None]
    families: tuple[str, ...] = ()


def _jump(clock: Clock, t: float, seconds: float) -> Clock:
    return replace(clock, steps=(*clock.steps, (t, seconds)))


def _phone(low: float, high: float) -> Callable[[Bench, random.Random], None]:
    def apply(bench: Bench, draw: random.Random) -> None:
        bench.phone.clock = _jump(bench.phone.clock, bench.time(), round(draw.uniform(low, high)))

    return apply


def _service(bench: Bench, draw: random.Random) -> None:
    seconds = draw.choice((-1, 1)) * draw.uniform(90, 240)
    bench.service.clocks = [_jump(clock, bench.time(), round(seconds)) for clock in bench.service.clocks]


def _slow_wire(bench: Bench, draw: random.Random) -> None:
    bench.wire = Wire(delay=round(draw.uniform(80, 150)), seed=draw.randrange(2**32))


def _lossy_wire(bench: Bench, draw: random.Random) -> None:
    bench.wire = Wire(delay=bench.wire.delay, loss=0.9, seed=draw.randrange(2**32))


def _void_page(bench: Bench, draw: random.Random) -> None:
    bench.phone.scan(bench.service.page(bench.user).uri)  # never confirmed, so the service keeps the old secret


def _frozen(bench: Bench, draw: random.Random) -> None:
    bench.phone.quirks |= {Quirk.FROZEN}
    bench.phone.open_app(bench.time())


def _slip(bench: Bench, draw: random.Random) -> None:
    bench.person.hands = swapped


def swapped(code: str) -> str:
    """The code with the first two neighbours that differ in each other's place: the commonest slip in copying."""
    for place in range(len(code) - 1):
        if code[place] != code[place + 1]:
            return code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    return code


FAULTS = {
    fault.id: fault
    for fault in (
        Fault(
            "phone_slow",
            "the phone's clock is slow",
            "The phone's clock stands behind the true time.",
            "Set the phone to automatic date and time.",
            _phone(-260, -100),
            ("PHONE_CLOCK",),
        ),
        Fault(
            "phone_fast",
            "the phone's clock is fast",
            "The phone's clock stands ahead of the true time.",
            "Set the phone to automatic date and time.",
            _phone(100, 260),
            ("PHONE_CLOCK",),
        ),
        Fault(
            "service_clock",
            "the service's clock is wrong",
            "The phone agrees with the true time and the service does not.",
            "The service's administrator must let it follow a time server (NTP).",
            _service,
            ("SERVICE_CLOCK", "SERVICE_SIDE"),
        ),
        Fault(
            "slow_wire",
            "codes are too long under way",
            "Each code arrives more than a minute after it was sent.",
            "Look for a slow proxy, or a page that waits before it sends.",
            _slow_wire,
            ("LATE",),
        ),
        Fault(
            "lossy_wire",
            "most codes are lost under way",
            "The service never answers: the code does not arrive.",
            "Mend the network; the code is right.",
            _lossy_wire,
            ("OK", "SERVICE_SIDE"),
        ),
        Fault(
            "void_page",
            "the phone scanned a QR code that is void",
            "All clocks agree, the code is new, and no code of the phone is ever one of the service's.",
            "Delete the entry and scan the QR code that the service shows now.",
            _void_page,
            ("SECRET_DIFFERENT",),
        ),
        Fault(
            "frozen",
            "the app shows an old code",
            "The code on the phone does not change any more.",
            "Close the app and open it again.",
            _frozen,
            ("STALE_DISPLAY", "PHONE_CLOCK"),
        ),
        Fault(
            "slip",
            "two digits are swapped in typing",
            "What arrived is not what the phone showed.",
            "Type slowly, or copy and paste the code.",
            _slip,
            ("CODE_ENTRY",),
        ),
    )
}
