"""Accounts: an issuer, a name and the settings that make the codes; to and from a key URI.

``parse(uri)`` is three small steps: `mfatools.keyuri.split` and ``read`` take the text apart, `_build` makes the
account. What was out of order stands in ``account.notes``, in plain words.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import pyotp

from mfatools import keyuri, keyvalues
from mfatools.errors import UriError
from mfatools.nonstandard import MOTP_DIGITS, MOTP_STEP, Motp
from mfatools.notes import Note, Pad
from mfatools.secret import Secret
from mfatools.totp import STEAM_DIGITS, Algorithm, Encoder, Hotp, Totp

__all__ = ["Account", "Note", "parse"]

STEP = 30  # seconds; the key URI's default period
DIGITS = 6
LONGEST_STEP = 2_147_483  # seconds; Aegis's bound (what 32 bits of milliseconds hold), 25 days
_ENOUGH_BITS = 128  # RFC 4226 section 4, R6
_INVISIBLE = ("Cc", "Cs")  # control characters and lone surrogates
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One entry of an authenticator.

    Args:
        issuer: who asks for the code, ``""`` if unknown.
        name: whose account it is, often an e-mail address, ``""`` if unknown.
        otp: what makes the codes.
        notes: what was out of order where it was read; two accounts that differ here only are equal.

    Issuer and name are tidied when built: blanks at their ends go, and so do control characters and signs that
    turn the writing direction (they could forge a line on a terminal); the latter leave a note.

    Raises:
        UriError: a step too long for a key URI, or steps that do not begin in 1970 (a key URI cannot say so).
    """

    issuer: str
    name: str
    otp: Totp | Hotp | Motp
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.otp, Totp) and (self.otp.step > LONGEST_STEP or self.otp.t0 != 0):
            what = f"An account's steps begin in 1970 and last at most {LONGEST_STEP} seconds."
            raise UriError(what, "Use Totp by itself for anything else.", code="E_PERIOD")
        for key in ("issuer", "name"):
            text = getattr(self, key)
            visible = "".join(char for char in text if not _is_control(char))
            object.__setattr__(self, key, visible.strip())
            if visible != text:
                self._remark("W_CONTROL_CHARS")

    @property
    def type(self) -> str:
        """``"totp"``, ``"hotp"`` or ``"motp"``."""
        return type(self.otp).__name__.lower()

    @property
    def secret(self) -> Secret:
        """The key, which does not print."""
        return self.otp.secret

    @property
    def algorithm(self) -> str:
        """``"SHA1"``, ``"SHA256"``, ``"SHA512"``; ``"MD5"`` for mOTP."""
        return "MD5" if isinstance(self.otp, Motp) else self.otp.algorithm

    @property
    def digits(self) -> int:
        """Length of a code."""
        return MOTP_DIGITS if isinstance(self.otp, Motp) else self.otp.digits

    @property
    def step(self) -> int:
        """Seconds that a code lasts; for HOTP the key URI's default of 30, which means nothing."""
        if isinstance(self.otp, Totp):
            return self.otp.step
        return MOTP_STEP if isinstance(self.otp, Motp) else STEP

    @property
    def counter(self) -> int | None:
        """HOTP's counter, else ``None``."""
        return self.otp.counter if isinstance(self.otp, Hotp) else None

    @property
    def label(self) -> str:
        """``"Issuer: name"``, for people."""
        return ": ".join(filter(None, (self.issuer, self.name))) or "(no name)"

    def __repr__(self) -> str:
        pace = f"counter {self.counter}" if self.type == "hotp" else f"{self.step} s"
        steam = ", Steam" if isinstance(self.otp, Totp) and self.otp.encoder is Encoder.STEAM else ""
        settings = f"{self.type}{steam}, {self.algorithm}, {self.digits} digits, {pace}"
        return f"Account(issuer={self.issuer!r}, name={self.name!r}, {settings}, {self.secret!r})"

    def uri(self) -> str:
        """The account as a key URI, which `parse` reads back equal. It holds the secret: keep it out of sight."""
        label = _label(self.issuer, self.name)
        query = {"secret": self.secret.reveal_base32(), "issuer": self.issuer} | _settings(self)
        if isinstance(self.otp, Motp):
            query["secret"] = self.secret.reveal().hex()
        parameters = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items() if value)
        start = "motp://" if isinstance(self.otp, Motp) else f"otpauth://{self.type}/"
        return f"{start}{label}?{parameters}"

    def pyotp(self) -> pyotp.TOTP | pyotp.HOTP:
        """The equivalent pyotp object. It shows its secret on request, a short one with zero bytes appended.

        Raises:
            UriError: an mOTP entry, which pyotp does not know.
        """
        if isinstance(self.otp, Motp):
            raise UriError("pyotp knows no mOTP.", "Use account.otp.code(t, pin) instead.", code="E_TYPE")
        handler = self.otp.pyotp()
        handler.name, handler.issuer = self.name, self.issuer
        return handler

    @classmethod
    def new(
        cls,
        issuer: str,
        name: str,
        *,
        token: Callable[[int], bytes] = secrets.token_bytes,
        size: int = 20,
        step: int = STEP,
        digits: int = DIGITS,
        algorithm: Algorithm = Algorithm.SHA1,
    ) -> Account:
        """A fresh time-based account for lessons and trials.

        Args:
            issuer: the service's name.
            name: the account's name.
            token: where the random bytes come from.
            size: bytes of the key; 20 (160 bits) is what RFC 4226 section 4, R6 recommends.
            step: seconds that a code lasts.
            digits: length of a code.
            algorithm: the hash.
        """
        return cls(issuer, name, Totp(Secret(token(size)), step, digits, Algorithm(algorithm)))

    def _remark(self, code: str) -> None:
        pad = Pad()
        pad.add(code)
        if pad.taken()[0] not in self.notes:
            object.__setattr__(self, "notes", self.notes + pad.taken())


def parse(uri: str) -> Account:
    """Read one key URI (``otpauth://``, ``motp://``, ``steam://``), tolerantly and honestly.

    Returns:
        The account; ``.notes`` says what was out of order.

    Raises:
        UriError: against a rule that the codes depend on; ``.code`` is ``E_...``.
        SecretError: a secret that cannot be read.
    """
    pad = Pad()
    parts = keyuri.split(uri, pad)
    values = keyuri.read(parts, pad)
    return _build(parts, values, pad)


def remark(account: Account, pad: Pad, *, named: bool = True) -> Account:
    """The account with the notes of ``pad`` and those it calls for. ``named``: whether it ought to have a name."""
    if named and not account.name:
        pad.add("W_LABEL_EMPTY")
    if not account.issuer:
        pad.add("W_NO_ISSUER")
    otp = account.otp
    if not isinstance(otp, Motp):
        _setting_notes(otp, pad)
        if otp.secret.bits < _ENOUGH_BITS:
            pad.add("W_SECRET_SHORT", bits=otp.secret.bits)
        if len(otp.secret) > otp.algorithm.block:
            pad.add("W_SECRET_LONG", limit=otp.algorithm.block)
    return Account(account.issuer, account.name, otp, pad.taken() + account.notes)


def _build(parts: keyuri.Parts, values: dict[str, str], pad: Pad) -> Account:
    issuer, name = keyuri.names(parts.label, values.get("issuer", "").strip(), pad)
    if parts.kind == "motp":
        pad.add("W_NONSTANDARD_TYPE")
        pad.add("W_PIN_NEEDED")
        return Account(issuer, name, Motp.from_hex(values["secret"]), pad.taken())
    secret = keyvalues.key(values["secret"], pad)
    algorithm = keyvalues.algorithm(values.get("algorithm", Algorithm.SHA1), pad)
    otp: Totp | Hotp
    if parts.kind == "hotp":
        otp = _hotp(secret, algorithm, values, pad)
    else:
        otp = _totp(secret, algorithm, values, keyvalues.is_steam(parts.kind, issuer, values, pad), pad)
    return remark(Account(issuer, name, otp), pad, named=parts.label != keyuri.STEAM_LABEL)


def _hotp(secret: Secret, algorithm: Algorithm, values: dict[str, str], pad: Pad) -> Hotp:
    for key in ("period", "encoder"):
        if key in values:
            pad.add("W_IGNORED_PARAM", name=key)
    if "counter" not in values:
        pad.add("W_COUNTER_MISSING")
    counter = keyvalues.number(values, "counter", 0, (0, 2**63 - 1), pad)
    return Hotp(secret, counter, keyvalues.number(values, "digits", DIGITS, (1, 10), pad), algorithm)


def _totp(secret: Secret, algorithm: Algorithm, values: dict[str, str], steam: bool, pad: Pad) -> Totp:
    if "counter" in values:
        pad.add("W_IGNORED_PARAM", name="counter")
    step = keyvalues.number(values, "period", STEP, (1, LONGEST_STEP), pad)
    if not steam:
        return Totp(secret, step, keyvalues.number(values, "digits", DIGITS, (1, 10), pad), algorithm)
    if values.get("digits", "5").strip() != str(STEAM_DIGITS):
        pad.add("W_IGNORED_PARAM", name="digits")
    return Totp(secret, step, STEAM_DIGITS, algorithm, encoder=Encoder.STEAM)


def _setting_notes(otp: Totp | Hotp, pad: Pad) -> None:
    if otp.algorithm is not Algorithm.SHA1:
        pad.add("W_ALG_COMPAT", algorithm=otp.algorithm)
    if isinstance(otp, Totp) and otp.step != STEP:
        pad.add("W_PERIOD_COMPAT", step=otp.step)
    steam = isinstance(otp, Totp) and otp.encoder is Encoder.STEAM
    if otp.digits != DIGITS and not steam:
        pad.add("W_DIGITS_COMPAT", digits=otp.digits)


def _settings(account: Account) -> dict[str, str]:
    otp = account.otp
    if isinstance(otp, Motp):
        return {}
    settings = {"algorithm": str(otp.algorithm), "digits": str(otp.digits)}
    if isinstance(otp, Hotp):
        return settings | {"counter": str(otp.counter)}
    settings["period"] = str(otp.step)
    if otp.encoder is Encoder.STEAM or account.issuer.lower() == "steam":
        settings["encoder"] = str(otp.encoder)  # said aloud, because readers guess it from the issuer's name
    return settings


def _label(issuer: str, name: str) -> str:
    # With an issuer, or a colon inside the name, the one raw colon is the separator; all others are encoded.
    prefix = f"{quote(issuer, safe='')}:" if issuer or ":" in name else ""
    return prefix + quote(name, safe="@")


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or char in _BIDI
