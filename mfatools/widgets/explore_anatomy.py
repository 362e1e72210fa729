"""The explorer of one code: from a secret to six digits, with every value in between.

Keys and codes travel by custom message only. A lesson secret is shown, because it belongs to nothing; a key of
one's own never leaves the kernel again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mfatools.account import Account
from mfatools.checks import number
from mfatools.errors import MfaError
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp
from mfatools.totp import anatomy as dissect
from mfatools.widgets.base import Message
from mfatools.widgets.explorer import Explorer, mapping

LESSON_BYTES = 20  # RFC 4226 section 4, R6: 160 bits are recommended
LATEST = 2.0**40  # s: far beyond the tables of the RFCs, and no number that a page would round
_RFC_KEY = b"12345678901234567890"
# RFC 4226 appendix D: the codes of the counters 0 to 9.
_HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
# RFC 6238 appendix B, with its erratum 2866: the key is repeated to the length of the hash.
_TIMES = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
_TOTP = {
    Algorithm.SHA1: (20, ["94287082", "07081804", "14050471", "89005924", "69279037", "65353130"]),
    Algorithm.SHA256: (32, ["46119246", "68084774", "67062674", "91819424", "90698825", "77737706"]),
    Algorithm.SHA512: (64, ["90693936", "25091201", "99943326", "93441116", "38618901", "47863826"]),
}


class ExploreAnatomy(Explorer, page="explore_anatomy"):
    """How one code is made; see `mfatools.explore.anatomy`.

    ``otp`` is the entry whose code is taken apart, ``counter`` the step (or the HOTP counter).
    """

    def __init__(
        self,
        entry: Account | Totp | Hotp | None = None,
        *,
        token: Callable[[int], bytes] = secrets.token_bytes,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._token, self._now = token, now
        self.own = entry is not None
        self.otp: Totp | Hotp = _codes_of(entry) if entry is not None else Totp(Secret(token(LESSON_BYTES)))
        self.t = now()
        self._printed: dict[int, str] = {}  # what an RFC prints for a counter
        self._preset = ""
        super().__init__()

    @property
    def counter(self) -> int:
        """The step that is shown, or HOTP's counter."""
        return self.otp.counter if isinstance(self.otp, Hotp) else self.otp.counter(self.t)

    def words(self) -> str:
        """What is taken apart; no key and no code."""
        kind = "HOTP" if isinstance(self.otp, Hotp) else "TOTP"
        return f"Explorer of a code's anatomy: {kind}, {self.otp.algorithm}, {self.otp.digits} digits"

    def on_open(self, message: Message) -> None:
        """Answer with the presets and the code taken apart."""
        self.answer(message, "opened", presets=presets(), code=self._parts())

    def on_change(self, message: Message) -> None:
        """Take other settings: ``t``, ``counter``, ``step``, ``digits``, ``algorithm``, or ``now``."""
        with self.lock:
            values = mapping(message.content.get("values"))
            if values.get("now"):
                self.t = self._now()
            if "t" in values:
                self.t = number(values["t"], "The time", 0, LATEST)
            if set(values) & {"digits", "algorithm", "step"}:
                self._forget()
            self.otp = _changed(self.otp, values)
            self.answer(message, "anatomy", code=self._parts())

    def on_fresh(self, message: Message) -> None:
        """Make a new lesson secret, and go by the clock."""
        with self.lock:
            self.own = False
            self._forget()
            self._use(Secret(self._token(LESSON_BYTES)))
            self.answer(message, "anatomy", code=self._parts())

    def on_key(self, message: Message) -> None:
        """Take a key that somebody typed; it is not sent back."""
        with self.lock:
            text = message.content.get("text")
            secret = Secret.from_base32(text if isinstance(text, str) else "")
            self.own = True
            self._forget()
            self._use(secret)
            self.answer(message, "anatomy", code=self._parts())

    def on_preset(self, message: Message) -> None:
        """Take an example that an RFC prints."""
        with self.lock:
            self._preset = str(message.content.get("id"))
            self.own = False
            self.otp, self.t, self._printed = vector(self._preset)
            self.answer(message, "anatomy", code=self._parts())

    def _forget(self) -> None:
        self._printed, self._preset = {}, ""

    def _use(self, secret: Secret) -> None:
        otp = self.otp
        self.otp = Totp(secret, digits=otp.digits, algorithm=otp.algorithm) if isinstance(otp, Hotp) else otp
        self.otp = replace(self.otp, secret=secret)

    def _parts(self) -> dict[str, Any]:
        """Everything that the page shows."""
        with self.lock:
            otp, counter = self.otp, self.counter
            parts = dissect(otp, counter)
            key = None if self.own else {"hex": otp.secret.reveal().hex(), "base32": otp.secret.reveal_base32()}
            timed = isinstance(otp, Totp)
            return {
                "kind": "totp" if timed else "hotp",
                "steam": isinstance(otp, Totp) and otp.encoder is Encoder.STEAM,
                "t": self.t,
                "step": otp.step if isinstance(otp, Totp) else 0,
                "t0": otp.t0 if isinstance(otp, Totp) else 0,
                "counter": counter,
                "key": key,
                "size": len(otp.secret),
                "algorithm": str(otp.algorithm),
                "digits": otp.digits,
                "message": parts.message.hex(),
                "digest": parts.digest.hex(),
                "offset": parts.offset,
                "number": parts.number,
                "code": parts.code,
                "preset": self._preset,
                "printed": self._printed.get(counter),
            }


def _codes_of(entry: Account | Totp | Hotp) -> Totp | Hotp:
    otp = entry.otp if isinstance(entry, Account) else entry
    if not isinstance(otp, Totp | Hotp):
        raise MfaError("Codes of this kind are made in another way.", "Take a TOTP or HOTP entry.", code="E_TYPE")
    return otp


def _changed(otp: Totp | Hotp, values: dict[str, Any]) -> Totp | Hotp:
    """The entry with other settings; what the page does not name stays."""
    changes: dict[str, Any] = {}
    if "digits" in values and not (isinstance(otp, Totp) and otp.encoder is Encoder.STEAM):
        changes["digits"] = int(number(values["digits"], "The number of digits", 1, 10))
    if values.get("algorithm") in list(Algorithm):
        changes["algorithm"] = Algorithm(values["algorithm"])
    if "step" in values and isinstance(otp, Totp):
        changes["step"] = int(number(values["step"], "The step", 1, 86_400))
    if "counter" in values and isinstance(otp, Hotp):
        changes["counter"] = int(number(values["counter"], "The counter", 0, 2.0**53))
    return replace(otp, **changes)


def presets() -> list[dict[str, str]]:
    """The examples of the RFCs: ``id``, ``group`` and ``name`` of each."""
    hotp = [{"id": f"hotp:{n}", "group": "RFC 4226, HOTP", "name": f"counter {n}"} for n in range(len(_HOTP))]
    totp = [
        {"id": f"{algorithm}:{place}", "group": f"RFC 6238, TOTP with {algorithm}", "name": f"{t} s"}
        for algorithm in _TOTP
        for place, t in enumerate(_TIMES)
    ]
    return hotp + totp


def vector(name: str) -> tuple[Totp | Hotp, float, dict[int, str]]:
    """An example by its ``id``: the entry, the time, and what its RFC prints for each counter.

    Raises:
        MfaError: no such example.
    """
    if name not in {preset["id"] for preset in presets()}:
        raise MfaError("There is no such example.", "Choose one from the list.", code="E_PRESET")
    kind, _, place = name.partition(":")
    if kind == "hotp":
        return Hotp(Secret(_RFC_KEY), int(place)), 0.0, dict(enumerate(_HOTP))
    size, codes = _TOTP[Algorithm(kind)]
    otp = Totp(Secret((_RFC_KEY * 4)[:size]), digits=8, algorithm=Algorithm(kind))
    return otp, float(_TIMES[int(place)]), {t // 30: code for t, code in zip(_TIMES, codes, strict=True)}
