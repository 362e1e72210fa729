"""A phone with an authenticator app, and what real apps do wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle, islice

from mfatools import account as accounts
from mfatools.account import Account
from mfatools.checks import made
from mfatools.errors import MfaError
from mfatools.lab.clocks import Clock
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Hotp, Totp


class Quirk(StrEnum):
    """Faults that real authenticators have; each is in the case book with its source."""

    IGNORES_ALGORITHM = "ignores the algorithm"  # takes SHA1 whatever the QR says
    IGNORES_DIGITS = "ignores the digits"  # always six
    IGNORES_STEP = "ignores the period"  # always 30 s
    ROUNDS = "rounds the time"  # to the nearest step instead of down
    FROZEN = "shows an old code"  # the display stands still until the app is opened again
    PADS_KEY = "fills up the key's last byte"  # left-over base32 bits become one more byte
    REPEATS_KEY = "repeats short keys"  # up to the length of the hash


@dataclass(slots=True)
class Entry:
    """One line of the app: the account as the app understood it, and for HOTP the next counter."""

    account: Account
    otp: Hotp | Totp
    counter: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A text message on the phone. Its code does not print."""

    sender: str
    arrived: float
    code: str

    def __repr__(self) -> str:
        return f"Message(from {self.sender!r}, code ••••••)"


class Phone:
    """A phone.

    Args:
        clock: the phone's clock.
        entries: accounts that are in the app already.
        quirks: what its app does wrong.
        correction: seconds that the app itself adds to the phone's clock: some apps correct the time silently,
            and go on after the clock was mended.
        number: its telephone number, for text messages.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        entries: Iterable[Account] = (),
        quirks: Iterable[Quirk] = (),
        *,
        correction: float = 0.0,
        number: str = "+1 555 0100",
    ) -> None:
        self.clock = Clock() if clock is None else clock
        self.quirks = frozenset(quirks)
        self.correction = correction
        self.number = number
        self.entries: list[Entry] = []
        self.inbox: list[Message] = []
        self._opened: float | None = None
        for account in entries:
            self.add(account)

    @property
    def clock(self) -> Clock:
        """The phone's clock; another one can be put in its place.

        Raises:
            MfaError: no `Clock` is put there.
        """
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._clock = made(clock, Clock, "A phone's clock")

    def scan(self, uri: str) -> Entry:
        """Point the camera at a QR code: the text of the QR becomes a new entry, kept beside the old ones.

        Raises:
            UriError, SecretError: the text holds no account.
        """
        return self.add(accounts.parse(uri))

    def add(self, account: Account) -> Entry:
        """Add an account as this app understands it.

        Raises:
            MfaError: neither TOTP nor HOTP.
        """
        if not isinstance(account.otp, Hotp | Totp):
            raise MfaError(
                "The bench's phone knows TOTP and HOTP only.", "Take another kind of account.", code="E_TYPE"
            )
        otp = self._understood(account.otp)
        entry = Entry(account, otp, otp.counter if isinstance(otp, Hotp) else 0)
        self.entries.append(entry)
        return entry

    def open_app(self, t: float) -> None:
        """Bring the app to the front, which refreshes even a display that stands still."""
        self._opened = t

    def code(self, t: float, entry: Entry | None = None) -> str:
        """What the app shows at true time ``t``, for the newest entry unless another is given.

        A counter-based entry moves on: each call is a press of its button.

        Raises:
            MfaError: the phone has no entry.
        """
        chosen = self._newest() if entry is None else entry
        if isinstance(chosen.otp, Hotp):
            chosen.counter += 1
            return chosen.otp.code(chosen.counter - 1)
        return chosen.otp.code(self._app_time(t, chosen.otp))

    def wipe(self) -> None:
        """Lose the phone, or set it back to factory settings: all entries and messages are gone."""
        self.entries.clear()
        self.inbox.clear()

    def __repr__(self) -> str:
        return f"Phone({self.clock}, {len(self.entries)} entries, {sorted(self.quirks)})"

    def _newest(self) -> Entry:
        if not self.entries:
            raise MfaError("The app is empty.", "Scan the QR code of a set-up page first.", code="E_NO_ENTRY")
        return self.entries[-1]

    def _app_time(self, t: float, otp: Totp) -> float:
        """The time that the app computes with."""
        if Quirk.FROZEN in self.quirks:
            self._opened = t if self._opened is None else self._opened
            t = self._opened
        rounding = otp.step / 2 if Quirk.ROUNDS in self.quirks else 0.0
        return self.clock.at(t) + self.correction + rounding

    def _understood(self, otp: Hotp | Totp) -> Hotp | Totp:
        quirks = self.quirks
        if Quirk.IGNORES_ALGORITHM in quirks:
            otp = replace(otp, algorithm=Algorithm.SHA1)
        if Quirk.IGNORES_DIGITS in quirks:
            otp = replace(otp, digits=6)
        if Quirk.IGNORES_STEP in quirks and isinstance(otp, Totp):
            otp = replace(otp, step=30)
        if Quirk.PADS_KEY in quirks:
            otp = replace(otp, secret=_padded(otp.secret))
        if Quirk.REPEATS_KEY in quirks:
            otp = replace(otp, secret=_repeated(otp.secret, otp.algorithm))
        return otp


def _padded(secret: Secret) -> Secret:
    """The key with its left-over base32 bits filled up to a whole byte, as some apps read it."""
    text = secret.reveal_base32()
    filled = text + "A" * (-len(text) % 8)
    return Secret(base64.b32decode(filled)[: -(-5 * len(text) // 8)])


def _repeated(secret: Secret, algorithm: Algorithm) -> Secret:
    """A key shorter than the hash, repeated until it is as long (otplib 12)."""
    key = secret.reveal()
    wanted = max(len(key), algorithm.size)
    return Secret(bytes(islice(cycle(key), wanted)))
