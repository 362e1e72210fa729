"""A board of live codes.

The kernel sends the codes of the next minutes at once, as one custom message that no notebook stores; the page
keeps the time and changes them at the true boundary, also while the kernel is busy. Past the last code sent the
page shows dashes. Codes come from pyotp.

What the page may ask (`type` of the message): ``board``, everything; ``ping``, two time stamps; ``next``, one code
of a counter-based entry; ``pin``, to hand over the PIN of an mOTP entry; ``remove``, to take an entry off
(if `Live.offer_removal` was called). The kernel answers with the same nonce, and says ``changed`` to all pages when
the board changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from mfatools.account import Account
from mfatools.checks import number
from mfatools.errors import MfaError
from mfatools.totp import Hotp, Totp
from mfatools.widgets import cards
from mfatools.widgets.base import Message, MfaWidget

HORIZON = 900.0  # seconds of codes in one message; the page asks anew when a fifth of it is left
_DAY = 86_400.0  # s
MOST_CODES = 300  # of one entry in one message: a step of 1 s must not make it large
_CHECK_HINT = "Run mfatools.Clock() to check."
_ADD_HINT = "Make one with mfatools.account.parse(uri), or take them from a scan: Live(*scan.accounts)."


@dataclass(slots=True, repr=False)
class _Entry:
    """One card: its account and what has happened to it since it was added."""

    id: str
    account: Account
    source: str = ""  # where it came from, in words
    used: int = 0  # HOTP codes handed out so far
    shown: str | None = None  # the HOTP code handed out last
    pin: str | None = field(default=None)

    def current(self) -> Account:
        """The account with its counter moved on."""
        otp = self.account.otp
        if not isinstance(otp, Hotp) or not self.used:
            return self.account
        return replace(self.account, otp=replace(otp, counter=otp.counter + self.used))


class Live(MfaWidget, page="live"):
    """A board of live codes: ``Live(account, ...)`` as the last line of a cell shows it.

    Args:
        accounts: the entries, in order; one given twice is shown once.
        masked: show dots until somebody asks for the code (copying works all the same).
        offset: seconds to add to the kernel's clock to get true time; ``None`` if nobody has measured it.
        horizon: seconds of codes that the page gets in advance, and so shows while the kernel is busy; up to a day.
        now: the kernel's clock, POSIX seconds.

    Codes and keys are in no trait and in no notebook file. Counters of counter-based entries move on in this object
    only: store ``live.accounts`` if you need them later.

    Raises:
        MfaError: something that is no account, or a number outside its range.
    """

    def __init__(
        self,
        *accounts: Account | Iterable[Account],
        masked: bool = False,
        offset: float | None = None,
        horizon: float = HORIZON,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._entries: list[_Entry] = []
        self._ids = count(1)
        self._masked, self._now = masked, now
        self._offset: float | None = None
        self._horizon = HORIZON
        self._check_hint = _CHECK_HINT
        self._removed: list[Callable[[Account], object]] = []
        super().__init__()
        self._offset, self._horizon = _seconds(offset), number(horizon, "horizon", 0, _DAY)
        self._put(_flat(accounts))

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The entries, counters of counter-based ones where they are now."""
        with self.lock:
            return tuple(entry.current() for entry in self._entries)

    @property
    def offset(self) -> float | None:
        """Seconds to add to the kernel's clock to get true time (positive: it is slow); ``None``: not measured.

        Raises:
            MfaError: set to something that is no number.
        """
        return self._offset

    @offset.setter
    def offset(self, seconds: float | None) -> None:
        self._offset = _seconds(seconds)
        self.tell("changed")

    @property
    def check_hint(self) -> str:
        """What the board says to do about a clock that is not corrected; set it where a clock is near the board."""
        return self._check_hint

    @check_hint.setter
    def check_hint(self, words: str) -> None:
        self._check_hint = words
        self._renew()

    def offer_removal(self, callback: Callable[[Account], object]) -> None:
        """Give each card a button that takes it off the board; ``callback(account)`` is called after that."""
        self._removed.append(callback)
        self._renew()

    def add(self, *accounts: Account | Iterable[Account], source: str = "") -> None:
        """Put more entries on the board, at once on every open page. Those that are on it already are left out.

        ``source`` says on the cards where the entries came from, as in "from shot.png".

        Raises:
            MfaError: something that is no account.
        """
        self._put(_flat(accounts), source)
        self.tell("changed")

    def remove(self, account: Account) -> None:
        """Take an entry off the board; one that is not on it is no error."""
        with self.lock:
            left = [entry for entry in self._entries if account not in (entry.account, entry.current())]
            gone, self._entries = len(left) < len(self._entries), left
        if gone:
            self.tell("changed")

    def close(self) -> None:
        """Take the board off every page and forget its entries."""
        with self.lock:
            self._entries.clear()
        super().close()

    def words(self) -> str:
        """The board in a sentence: how many accounts, no names, no codes."""
        size = len(self._entries)
        return f"Live board of {size} account{'' if size == 1 else 's'}"

    def on_board(self, message: Message) -> None:
        """Answer with every card and its codes from one step ago to the horizon."""
        received = self._now()
        with self.lock:
            shown = [_card(entry, received + (self._offset or 0.0), self._horizon) for entry in self._entries]
        content: dict[str, Any] = {"cards": shown, "masked": self._masked, "offset": self._offset}
        content |= {"removable": bool(self._removed), "check": self._check_hint}
        self.answer(message, "board", received=received, sent=self._now(), **content)

    def on_ping(self, message: Message) -> None:
        """Answer with two stamps of the kernel's clock, from which the page learns how far its own is off."""
        received = self._now()
        self.answer(message, "pong", received=received, sent=self._now())

    def on_next(self, message: Message) -> None:
        """Hand out the next code of a counter-based entry and count on."""
        with self.lock:
            entry = self._find(message)
            otp = entry.current().otp
            if not isinstance(otp, Hotp):
                raise MfaError("Codes of this entry follow the clock, not a counter.", "Wait for the next one.")
            entry.shown = otp.code()
            entry.used += 1
            card = _card(entry, self._now(), self._horizon)
        self.answer(message, "card", card=card)

    def on_pin(self, message: Message) -> None:
        """Keep the PIN of an mOTP entry while the board lives, and answer with its codes."""
        pin = message.content.get("pin")
        if not isinstance(pin, str) or not 0 < len(pin) <= 64:
            raise MfaError("The PIN is empty or too long.", "Type the PIN that belongs to this entry.")
        with self.lock:
            entry = self._find(message)
            entry.pin = pin
            card = _card(entry, self._now() + (self._offset or 0.0), self._horizon)
        self.answer(message, "card", card=card)

    def on_remove(self, message: Message) -> None:
        """Take an entry off, and tell those who offered that."""
        if not self._removed:
            raise MfaError("Entries of this board stay.", "Use live.remove(account) in a cell.")
        with self.lock:
            account = self._find(message).account
        self.remove(account)
        self.answer(message, "removed")
        for callback in list(self._removed):
            callback(account)

    def _renew(self) -> None:
        """Let pages draw the cards anew, if there are any."""
        if self._entries:
            self.tell("changed")

    def _put(self, accounts: Iterable[Account], source: str = "") -> None:
        with self.lock:
            for account in accounts:
                if all(account != entry.account for entry in self._entries):
                    self._entries.append(_Entry(str(next(self._ids)), account, source))

    def _find(self, message: Message) -> _Entry:
        for entry in self._entries:
            if entry.id == message.content.get("id"):
                return entry
        raise MfaError("This entry is no longer on the board.", "Run the cell again to see what is.")


def _seconds(offset: float | None) -> float | None:
    return None if offset is None else number(offset, "offset")


def _flat(accounts: Iterable[Account | Iterable[Account]]) -> list[Account]:
    """Accounts one by one, from accounts and lists of them."""
    flat: list[Account] = []
    for item in accounts:
        if isinstance(item, Account):
            flat.append(item)
        elif isinstance(item, list | tuple):
            flat += _flat(item)
        else:
            # The thing itself is not quoted: it may be a key URI.
            what = f"A live board shows accounts, and this is of type {type(item).__name__}."
            raise MfaError(what, _ADD_HINT, code="E_NO_ACCOUNT")
    return flat


def _card(entry: _Entry, t: float, horizon: float) -> dict[str, Any]:
    """What the page needs to show one entry at ``t`` (POSIX s, true time) and for ``horizon`` seconds on."""
    account = entry.account
    card = {
        "id": entry.id,
        "issuer": account.issuer,
        "name": account.name,
        "type": account.type,
        "digits": account.digits,
        "facts": cards.facts(account),
        "notes": cards.remarks(account.notes),
        "source": entry.source,
    }
    try:
        return card | _codes(entry, t, horizon)
    except MfaError as error:  # one entry that makes no codes must not darken the others
        return card | {"problem": str(error)}


def _codes(entry: _Entry, t: float, horizon: float) -> dict[str, Any]:
    otp = entry.account.otp
    if isinstance(otp, Hotp):
        return {"counter": otp.counter + entry.used, "code": entry.shown}
    if isinstance(otp, Totp):
        return _timed(otp.step, otp.t0, t, horizon, otp.code_of)
    if (pin := entry.pin) is None:
        return {"wants_pin": True}
    step = entry.account.step
    return _timed(step, 0, t, horizon, lambda counter: otp.code(float(counter * step), pin))


def _timed(step: int, t0: int, t: float, horizon: float, code_of: Callable[[int], str]) -> dict[str, Any]:
    """Codes in a row: from the step before ``t`` (a page's clock may lag a little) to the horizon's."""
    now = int((t - t0) // step)
    first = max(0, now - 1)
    last = min(int((t + horizon - t0) // step) + 1, now + MOST_CODES)
    return {
        "step": step,
        "t0": t0,
        "first": first,
        "codes": [code_of(counter) for counter in range(first, last + 1)],
    }
