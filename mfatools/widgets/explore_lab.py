"""The lab bench, running: a phone, a wire and a service side by side.

The page keeps the time and lets it run at 1x, 30x or 300x; each message brings the page's time along, and the
bench follows. The kernel sends the codes of the next hours at once, so both displays change without asking.
"""

from __future__ import annotations

import math
import random
import secrets
from dataclasses import replace
from typing import Any

from mfatools.account import Account
from mfatools.checks import number
from mfatools.diagnose import Case, Entry, Look, Verifier, diagnose
from mfatools.errors import MfaError
from mfatools.lab import FAULTS, Attempt, Bench, Clock, Person, Phone, Quirk, Reason, Service, Wire
from mfatools.phrases import surety
from mfatools.totp import Totp
from mfatools.widgets import explore_rules as rules
from mfatools.widgets.base import Message
from mfatools.widgets.explorer import Explorer, mapping

# What can be set: lowest, highest, default. Offsets in seconds (+ is fast), drifts in seconds an hour.
SLIDERS: dict[str, tuple[float, float, float]] = {
    "phone_offset": (-120, 120, 0),
    "phone_drift": (-30, 30, 0),
    "typing": (1, 60, 8),
    "delay": (0, 60, 1),
    "jitter": (0, 30, 0),
    "loss": (0, 100, 0),
    "service_offset": (-120, 120, 0),
    "service_drift": (-30, 30, 0),
    "behind": (0, 10, 1),
    "ahead": (0, 10, 1),
    "lock_after": (0, 10, 5),
}
SWITCHES = {"replay": True, "learns": False}
HORIZON = 9000.0  # s of codes in one message: half a minute at 300x
_SIGMA = 0.25  # spread of the typing time: a lesson is clearer without very long ones
_BEFORE = 24  # steps of codes sent from before now, for clocks that are slow
_HOUR = 3600.0


class ExploreLab(Explorer, page="explore_lab"):
    """A bench that runs; see `mfatools.explore.lab`. ``bench`` is the bench, for more than sliders can do."""

    def __init__(self, *, seed: int | None = None) -> None:
        self.bench: Bench
        self._broken: str | None
        self._draw = random.Random(secrets.randbits(32) if seed is None else seed)
        self._build()
        super().__init__()

    def words(self) -> str:
        """How many sign-ins there were; no codes."""
        tries = self.bench.attempts
        return f"Lab bench: {sum(one.ok for one in tries)} of {len(tries)} codes were taken"

    # ---- what the page asks --------------------------------------------------------------------------------

    def on_open(self, message: Message) -> None:
        """Answer with the whole state and what can be set."""
        ranges = {name: [low, high] for name, (low, high, _) in SLIDERS.items()}
        faults = [{"id": fault.id, "name": fault.name} for fault in FAULTS.values()]
        self._reply(message, "opened", ranges=ranges, faults=faults, services=rules.known())

    def on_set(self, message: Message) -> None:
        """Move sliders and switches."""
        with self.lock:
            self._follow(message)
            for name, value in mapping(message.content.get("values")).items():
                self._set(name, value)
        self._reply(message, "state")

    def on_preset(self, message: Message) -> None:
        """Judge by the rules of a real service from now on; its window, replay rule, throttling and lock-out."""
        with self.lock:
            self._follow(message)
            policy = rules.preset(message.content.get("id"))
            self._preset = str(message.content["id"])
            self._values |= rules.to_sliders(policy)
            self.bench.service.change(policy)
        self._reply(message, "state")

    def on_more(self, message: Message) -> None:
        """Send more codes: the old ones are nearly used up."""
        with self.lock:
            self._follow(message)
        self._reply(message, "state")

    def on_login(self, message: Message) -> None:
        """Read the code, type it, send it; with ``again``, send the last one once more."""
        with self.lock:
            self._follow(message)
            bench = self.bench
            if message.content.get("again") and bench.attempts:
                attempt = bench.send(bench.attempts[-1].typed)
            else:
                attempt = bench.sign_in()
            told = self._told(attempt)
        self._reply(message, "attempt", attempt=told)

    def on_unlock(self, message: Message) -> None:
        """The administrator opens the account."""
        with self.lock:
            self._follow(message)
            self.bench.service.unlock(self.bench.user)
        self._reply(message, "state")

    def on_reset(self, message: Message) -> None:
        """A new bench: everything works, and nobody knows of the past."""
        with self.lock:
            self._build()
        self._reply(message, "state", fresh=True)

    def on_break(self, message: Message) -> None:
        """Start from a bench that works, break one thing, and do not say which."""
        with self.lock:
            self._build()
            fault = FAULTS[self._draw.choice(list(FAULTS))]
            good = self.bench.wire
            fault.apply(self.bench, self._draw)
            self._broken = fault.id
            self._amiss = self.bench.wire.delay - good.delay, self.bench.wire.loss - good.loss
        self._reply(message, "state", fresh=True)

    def on_guess(self, message: Message) -> None:
        """Is it this? Only the right guess gives the answer away."""
        right = message.content.get("id") == self._broken
        told = self._reveal() if right else "No, that is not it. Compare the three clocks, log in again and watch."
        self._reply(message, "told", right=right, says=told)

    def on_reveal(self, message: Message) -> None:
        """Give the answer away."""
        self._reply(message, "told", right=None, says=self._reveal())

    def on_doctor(self, message: Message) -> None:
        """Let the diagnosis look at the sign-ins so far."""
        with self.lock:
            says = doctor(self.bench, self._entry)
        self._reply(message, "told", right=None, says=says)

    # ---- the bench -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._broken, self._preset = None, ""
        self._amiss = 0.0, 0.0  # the wire's hidden delay and loss: sliders do not mend a fault
        self._values: dict[str, float] = {name: default for name, (_, _, default) in SLIDERS.items()} | SWITCHES
        seed = self._draw.randrange(2**32)
        self.bench = Bench(
            phone=Phone(),
            service=Service(policy=rules.from_sliders(self._values), name="Lesson", seed=seed),
            wire=Wire(delay=0, seed=seed),
            person=Person(8, 0, seed=seed),
            seed=seed,
        )
        self._entry = self.bench.enrol().page.account
        self.bench.wait(60)
        self.bench.wire, self.bench.person = Wire(delay=1, seed=seed), Person(8, _SIGMA, seed=seed)

    def _follow(self, message: Message) -> None:
        """Let the bench's time go on to the page's."""
        t = message.content.get("t")
        if isinstance(t, int | float) and math.isfinite(t):
            self.bench.time.until(min(float(t), self.bench.time() + 7 * 86_400))

    def _set(self, name: str, value: object) -> None:
        if name not in SLIDERS | SWITCHES:
            what = f"There is no slider {name!r}."
            raise MfaError(what, f"There are: {', '.join(SLIDERS)}.", code="E_SLIDER")
        low, high, _ = SLIDERS.get(name, (0, 1, 0))
        bench, switch = self.bench, name in SWITCHES
        good = self._values[name] = bool(value) if switch else number(value, f"The slider {name}", low, high)
        if name in rules.RULES:
            self._preset = ""
            bench.service.change(rules.from_sliders(self._values))
        elif name.startswith("phone_"):
            bench.phone.clock = self._clock(bench.phone.clock, name, good)
        elif name.startswith("service_"):
            bench.service.clocks = [self._clock(clock, name, good) for clock in bench.service.clocks]
        elif name in ("delay", "jitter", "loss"):
            delay, jitter, lost = (self._values[one] for one in ("delay", "jitter", "loss"))
            more, loss = self._amiss[0], min(1.0, lost / 100 + self._amiss[1])
            bench.wire = Wire(delay + more, jitter, loss, seed=self._draw.randrange(2**32))
        elif name == "typing":
            bench.person.median = good

    def _clock(self, clock: Clock, name: str, value: float) -> Clock:
        """The clock with another offset or drift from now on. A hidden jump (a fault) stays hidden and stays on."""
        t = self.bench.time()
        if name.endswith("_offset"):
            return replace(clock, offset=value, since=t)
        return replace(clock, offset=clock.offset + clock.drift * (t - clock.since), drift=value / _HOUR, since=t)

    # ---- what the page is told -----------------------------------------------------------------------------

    def _reply(self, message: Message, kind: str, **more: Any) -> None:  # noqa: ANN401
        with self.lock:
            self.answer(message, kind, state=self._state(), **more)

    def _state(self) -> dict[str, Any]:
        bench = self.bench
        t = bench.time()
        phone, service = bench.phone.entries[-1].otp, self._entry.otp
        assert isinstance(phone, Totp)
        assert isinstance(service, Totp)
        first = service.counter(t) - _BEFORE
        counters = range(first, service.counter(t + HORIZON) + _BEFORE)
        shown = [phone.code_of(counter) for counter in counters]
        if Quirk.FROZEN in bench.phone.quirks:
            shown = [bench.phone.code(t)] * len(shown)  # the page need not know why it never changes
        return {
            "t": t,
            "step": service.step,
            "first": first,
            "phone": {**_hands(bench.phone.clock, t), "codes": shown},
            "service": {
                **_hands(bench.service.clocks[0], t),
                "codes": [service.code_of(c) for c in counters],
                "learned": bench.service.drift(bench.user),
                "closed": _closed(bench, t),
            },
            "values": self._values,
            "preset": self._preset,
            "broken": self._broken is not None,
        }

    def _told(self, attempt: Attempt) -> dict[str, Any]:
        """One sign-in as the page plays it: when it was read, sent and arrived, and what came of it."""
        arrived, answer, bench = attempt.arrived, attempt.answer, self.bench
        truth = "The code never arrived."
        if arrived is not None:
            truth = bench.service.explain(bench.user, attempt.typed, arrived, reach=240)
        return {
            "read": attempt.read,
            "sent": attempt.sent,
            "arrived": arrived,
            "code": attempt.typed,
            "ok": attempt.ok,
            "reason": "lost" if answer is None else str(answer.reason),
            "says": "No answer." if answer is None else answer.says,
            "truth": None if self._broken else truth,
        }

    def _reveal(self) -> str:
        fault = FAULTS.get(self._broken or "")
        if fault is None:
            return "Nothing is broken."
        return f"It was this: {fault.name}. {fault.sign} {fault.cure}"


def _closed(bench: Bench, t: float) -> dict[str, Any] | None:
    """From when until when (None: till somebody unlocks it) no code is taken at all, and whether that is a lock."""
    answer = bench.service.closed(bench.user, t)
    if answer is None:
        return None
    until = t + answer.wait if math.isfinite(answer.wait) else None
    return {"since": t, "until": until, "locked": answer.reason is Reason.LOCKED}


def _hands(clock: Clock, t: float) -> dict[str, float]:
    """Where a clock stands: seconds fast at ``t``, and seconds that it gains in a second."""
    return {"error": clock.error(t), "drift": clock.drift}


def doctor(bench: Bench, account: Account) -> str:
    """The diagnosis of the sign-ins so far, in words.

    Raises:
        MfaError: there is no sign-in to look at.
    """
    if not bench.attempts:
        raise MfaError("The doctor needs a code to look at.", "Log in first, better twice.", code="E_NO_CODE")
    policy = bench.service.policy
    window = Verifier(policy.name, policy.behind, policy.ahead, policy.step, reuse=not policy.replay)
    tries = bench.attempts[-6:]
    looks = tuple(_look(attempt) for attempt in tries)
    case = Case(Entry(account.label, account), looks, local_offset_s=0.0, local_bound_s=0.5, service=window)
    best = diagnose(case).best
    says = f"The doctor is {surety(best.probability)} sure: {best.title}. {best.says} {' '.join(best.remedy[:1])}"
    lost = sum(attempt.answer is None for attempt in tries)  # of the way to the service the diagnosis knows nothing
    if lost:
        return f"{lost} of {len(tries)} codes never arrived: look at the wire. Of the codes: {says}"
    slow = sum(attempt.arrived is not None and attempt.arrived - attempt.sent > policy.step for attempt in tries)
    if slow:
        what = f"{slow} of {len(tries)} codes were under way for longer than {policy.step} s: look at the wire."
        return f"{what} Of the codes: {says}"
    return says


def _look(attempt: Attempt) -> Look:
    """One sign-in as the diagnosis wants it. What became of a code that was lost nobody knows."""
    took = (attempt.arrived or attempt.read) - attempt.read
    accepted = None if attempt.answer is None else attempt.ok
    return Look(
        attempt.shown, attempt.read_local, attempt.typed, read_sd_s=1.0, typed_after_s=took, accepted=accepted
    )
