"""Random worlds for the diagnosis: a lab bench with one or two things broken, told as a case.

The shares of the breaks are those of the counted case book, so that the probabilities the diagnosis gives can be
held against what was truly broken. What a case tells is only what a person could know.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mfatools.account import Account
from mfatools.lab.clocks import Clock
from mfatools.lab.phone import Phone, Quirk
from mfatools.lab.policy import GuardRule, Policy
from mfatools.lab.service import Service
from mfatools.secret import BASE32, Secret
from mfatools.totp import Algorithm, Totp

PRESETS = (
    ["pquerna"] * 12 + ["keycloak"] * 10 + ["pyotp", "rotp", "onlinejudge", "freeradius", "nextcloud"]
    + ["wordpress", "okta", "privacyidea", "freeipa", "sentry"]
)  # fmt: skip


@dataclass
class World:
    """What is true, before it is told."""

    rng: random.Random
    t: float
    codes: int
    otp: Totp
    policy: Policy
    phone_offset: float = 0.0
    phone_drift: float = 0.0
    quirks: tuple[Quirk, ...] = ()
    service_clocks: tuple[float, ...] = (0.0,)
    misprint: dict = field(default_factory=dict)
    computer: float = 0.0
    measured: bool = True
    truth: set[str] = field(default_factory=set)
    name: list[str] = field(default_factory=list)
    key: Secret | None = None  # the phone's, if it is not the QR's
    entry: Account | None = None  # the entry that is read, if it is another
    given: dict = field(default_factory=dict)
    delay: float | None = None
    mangle: Callable[[str], str] | None = None
    lost: bool = False  # the service lost the secret
    stale: int = 0  # seconds by which the first code is old
    again: bool = False  # the first code is sent twice
    unseen: bool = False  # the slip was made before the code was noted


def build(seed: int, *, breaks: int | None = None) -> tuple[dict, set[str], str]:
    """One case: what is given, the families that would be right, and the names of the breaks."""
    rng = random.Random(seed)
    world = _fresh(rng)
    count = breaks if breaks is not None else rng.choices((0, 1, 2), (12, 78, 10))[0]
    for name in _chosen(rng, count):
        BREAKS[name][1](world)
        world.name.append(name)
    given = _told(world)
    return given, world.truth or {"OK"}, "+".join(world.name) or "none"


def _chosen(rng: random.Random, count: int) -> list[str]:
    if count == 0:
        return []
    names, weights = list(BREAKS), [weight for weight, _ in BREAKS.values()]
    first = rng.choices(names, weights)[0]
    return [first] if count == 1 else [first, "phone_off" if first != "phone_off" else "settings"]


def _fresh(rng: random.Random) -> World:
    size = rng.choices((20, 10, 16, 32), (70, 10, 10, 10))[0]
    otp = Totp(Secret(rng.randbytes(size)))
    policy = Policy.preset(rng.choice(PRESETS))
    world = World(rng, rng.uniform(1.74e9, 1.80e9), rng.choices((1, 2, 3), (35, 45, 20))[0], otp, policy)
    world.phone_offset = rng.gauss(0, 1.5)
    world.computer = rng.gauss(0, 1)
    world.measured = rng.random() < 0.85
    return world


def _near(rng: random.Random) -> float:
    while True:
        offset = rng.expovariate(1 / rng.choice((60, 60, 60, 300))) * rng.choice((-1, 1))
        if abs(offset) >= 32:
            return offset


def _phone_off(w: World) -> None:
    w.phone_offset += _near(w.rng)
    w.truth |= {"PHONE_CLOCK"}


def _zone(w: World) -> None:
    hours = w.rng.choices((1, 2, 3, 5, 8, 0.5, 5.5, 12), (8, 2, 2, 1, 1, 1, 1, 1))[0]
    w.phone_offset += hours * 3600 * w.rng.choice((-1, 1)) + w.rng.choice((0, 0, w.rng.gauss(0, 40)))
    w.truth |= {"PHONE_CLOCK"}


def _stopped(w: World) -> None:
    w.codes = max(2, w.codes)
    w.phone_offset -= w.rng.uniform(1800, 5 * 86400)
    w.truth |= {"PHONE_CLOCK"}


def _drift(w: World) -> None:
    w.codes, w.phone_drift = 3, w.rng.choice((-1, 1)) * w.rng.uniform(2, 6) / 86400
    w.truth |= {"PHONE_CLOCK"}


def _computer_off(w: World) -> None:
    w.computer += _near(w.rng)
    w.truth |= {"LOCAL_CLOCK"}


def _service_off(w: World) -> None:
    w.service_clocks = (_near(w.rng),)
    w.truth |= {"SERVICE_SIDE", "SERVICE_CLOCK"}


def _lost(w: World) -> None:
    w.lost = True
    w.truth |= {"SERVICE_SIDE"}


def _nodes(w: World) -> None:
    w.service_clocks = (0.0, w.rng.choice((-1, 1)) * w.rng.uniform(100, 300))
    w.codes = 3
    w.truth |= {"MULTI_NODE", "SERVICE_SIDE", "SERVICE_CLOCK"}


def _locked(w: World) -> None:
    w.codes = 5
    w.policy = replace(w.policy, guard=GuardRule(lock_after=3, lock_for=900.0))
    w.mangle = lambda code: "000000"[: len(code)]
    w.truth |= {"LOCKOUT", "CODE_ENTRY", "SERVICE_SIDE"}


def _late(w: World) -> None:
    w.delay = w.rng.uniform(70, 200)
    w.truth |= {"LATE"}


def _stale(w: World) -> None:
    w.stale = int(math.exp(w.rng.uniform(math.log(35), math.log(1200))))
    w.truth |= {"STALE_DISPLAY"}


def _again(w: World) -> None:
    w.again, w.policy = True, replace(w.policy, replay=True)
    w.t, w.delay = w.t // 30 * 30 + w.rng.uniform(2, 5), w.rng.uniform(4, 8)
    w.truth |= {"REPLAY"}


def _other_entry(w: World) -> None:
    others = [Account("Other", f"n{i}", Totp(Secret(w.rng.randbytes(20)))) for i in range(3)]
    w.given["other_entries"] = [{"label": o.label, "uri": o.uri()} for o in others]
    w.entry = others[0]
    w.truth |= {"WRONG_ENTRY"}


def _refreshed(w: World) -> None:
    w.key = Secret(w.rng.randbytes(20))
    w.truth |= {"SECRET_DIFFERENT"}


def _invented(w: World) -> None:
    w.key = Secret(w.rng.randbytes(20))
    w.truth |= {"UNKNOWN"}


def _second_qr(w: World) -> None:
    w.key = Secret(w.rng.randbytes(20))
    w.given["second_uri"] = Account("Example", "alice", Totp(w.key)).uri()
    w.truth |= {"SECRET_DIFFERENT", "WRONG_ENTRY"}


def _typo(w: World) -> None:
    text = w.otp.secret.reveal_base32()
    i = w.rng.randrange(1, len(text) - 1)
    way = w.rng.randrange(4)
    made = (
        text[:i] + text[i + 1 :],
        text[:i] + text[i] + text[i:],
        text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :],
        text[:i] + w.rng.choice(BASE32) + text[i + 1 :],
    )[way]
    w.codes, w.key = max(2, w.codes), Secret.from_base32(made)
    if made == text:
        return
    w.truth |= {"SECRET_VARIANT"}


def _misread(w: World) -> None:
    w.key = Secret(w.otp.secret.reveal_base32().encode())
    w.truth |= {"SECRET_VARIANT"}


def _settings(w: World) -> None:
    way = w.rng.choice(("algorithm", "digits", "period"))
    if way == "algorithm":
        w.otp, w.quirks = replace(w.otp, algorithm=Algorithm.SHA256), (Quirk.IGNORES_ALGORITHM,)
    elif way == "digits":
        w.otp, w.quirks = replace(w.otp, digits=8), (Quirk.IGNORES_DIGITS,)
    else:
        w.otp, w.quirks = replace(w.otp, step=60), (Quirk.IGNORES_STEP,)
    w.given["app"] = w.rng.choice(("", "Google Authenticator (Android)", "Microsoft Authenticator"))
    w.truth |= {"PARAM_IGNORED"}


def _misprinted(w: World) -> None:
    w.misprint = {"algorithm": Algorithm.SHA256}
    w.truth |= {"SERVICE_PARAM", "SERVICE_SIDE"}


def _unseen_slip(w: World) -> None:
    w.unseen = True
    w.mangle = _swap(w.rng)
    w.truth |= {"CODE_ENTRY"}


def _slip(w: World) -> None:
    w.mangle = _swap(w.rng)
    w.truth |= {"CODE_ENTRY"}


def _swap(rng: random.Random) -> Callable[[str], str]:
    def swapped(code: str) -> str:
        places = [i for i in range(len(code) - 1) if code[i] != code[i + 1]]
        i = rng.choice(places)
        return code[:i] + code[i + 1] + code[i] + code[i + 2 :]

    return swapped


# Weight of each break, after the case book's counts.
BREAKS: dict[str, tuple[float, Callable[[World], None]]] = {
    "phone_off": (22, _phone_off),
    "zone": (7, _zone),
    "stopped": (1, _stopped),
    "drift": (1, _drift),
    "computer_off": (6, _computer_off),
    "service_off": (8, _service_off),
    "lost": (5, _lost),
    "nodes": (1, _nodes),
    "locked": (1, _locked),
    "late": (4, _late),
    "stale": (3, _stale),
    "again": (2, _again),
    "other_entry": (6, _other_entry),
    "refreshed": (9, _refreshed),
    "invented": (1.4, _invented),
    "second_qr": (3, _second_qr),
    "typo": (4, _typo),
    "misread": (2, _misread),
    "settings": (8, _settings),
    "misprinted": (2, _misprinted),
    "slip": (3, _slip),
    "unseen_slip": (2, _unseen_slip),
}


def _told(w: World) -> dict:
    """Play the world and tell what a person could tell of it."""
    service, printed = _enrolled(w)
    phone = Phone(Clock(offset=w.phone_offset, drift=w.phone_drift, since=w.t), quirks=w.quirks)
    shown_otp = replace(printed.otp, secret=w.key) if w.key else printed.otp
    entry = phone.add(w.entry or replace(printed, otp=shown_otp))
    codes, t = [], w.t
    for i in range(w.codes):
        codes.append(_try(w, service, phone, entry, t, first=i == 0, nth=i))
        if w.again and i == 0:
            codes.append(_try(w, service, phone, entry, t + 11, first=False, nth=i))
        t += w.rng.uniform(5, 12) * 86400 if w.phone_drift else w.rng.uniform(35, 90)
        t = max(t, w.t + (w.delay or 0.0) * (i + 1) + 5)
    if w.name and "locked" in w.name:
        w.mangle = None
        codes.append(_try(w, service, phone, entry, t + 1000, first=False, nth=9))
    measured = w.computer + w.rng.gauss(0, 0.2) if w.measured else None
    if not w.measured and "LOCAL_CLOCK" in w.truth and len(w.name) == 1:
        w.truth |= {"PHONE_CLOCK"} if all(c["accepted"] is None for c in codes) else set()
    _seen_by_nobody(w, codes)
    return {"uri": printed.uri(), "codes": codes, "ntp_offset_s": measured, **w.given}


def _seen_by_nobody(w: World, codes: list[dict]) -> None:
    """A break without harm cannot be told, and a strict service refuses now and then though nothing is broken."""
    harmless = {"service_off", "nodes", "late", "again", "locked", "misprinted", "lost", "stale", "drift"}
    if all(code["accepted"] is not False for code in codes) and set(w.name) <= harmless:
        w.truth |= {"OK"}
    if all(code["accepted"] for code in codes) and w.name == ["phone_off"] and abs(w.phone_offset) < 45:
        w.truth |= {"OK"}
    if any(code["accepted"] is False for code in codes) and set(w.name) <= {"computer_off"}:
        w.truth |= {"WINDOW_EDGE", "LATE"}


def _enrolled(w: World) -> tuple[Service, Account]:
    otp = w.otp
    policy = replace(w.policy, step=otp.step, digits=otp.digits, algorithm=otp.algorithm)
    secrets = iter([otp.secret.reveal(), *(w.rng.randbytes(20) for _ in range(3))])
    service = Service(
        [Clock(offset=o) for o in w.service_clocks],
        policy,
        misprint=w.misprint,
        seed=w.rng.randrange(1 << 30),
        token=lambda n: next(secrets, b"\1" * n),
    )
    service.sign_up("alice")
    account = Account("Example", "alice", replace(otp, **w.misprint))
    _plant(service, otp, w)
    return service, account


def _plant(service: Service, otp: Totp, w: World) -> None:
    """Enrol as if long ago, with a verifier of our key (or of another, when the service has lost it)."""
    from mfatools.lab.verifier import make_verifier

    held = replace(otp, secret=Secret(w.rng.randbytes(20))) if w.lost else otp
    service._members["alice"].verifier = make_verifier(held, service.policy)


def _try(
    w: World,
    service: Service,
    phone: Phone,
    entry: object,
    t: float,
    *,
    first: bool,
    nth: int,
) -> dict:
    read = t
    seen_at = t - w.stale if w.stale and first else t
    shown = phone.code(seen_at, entry)
    mangled = w.mangle is not None and (first or ("locked" in w.name and nth < 3))
    typed = w.mangle(shown) if mangled and w.mangle else shown
    if mangled and w.unseen:
        shown = typed
    delay = w.delay if w.delay is not None else w.rng.lognormvariate(2.0, 0.4)
    answer = service.verify("alice", typed, read + delay)
    tried = w.rng.random() < 0.95 or w.again or w.stale or mangled or len(w.service_clocks) > 1
    return {
        "shown": shown,
        "typed": typed,
        "read_at_local": round(read + w.computer + w.rng.gauss(0, 1.2), 1),
        "read_sd_s": 2,
        "typed_after_s": round(max(1.0, delay + w.rng.gauss(0, 1)), 1),
        "accepted": bool(answer.ok) if tried else None,
        "entry_label": None,
    }
