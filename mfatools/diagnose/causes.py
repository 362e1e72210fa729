"""Causes that change the code itself: each a small function that yields the sources it makes possible.

A prior is a share of all cases, judged from the counted case book (``cause_prior.md``) and what vendors' help
pages name. The tables keep them in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from mfatools.diagnose import apps, keys
from mfatools.diagnose.case import Case
from mfatools.diagnose.entries import Entry
from mfatools.diagnose.matcher import Quirk, Shape
from mfatools.diagnose.model import Family, Source
from mfatools.totp import STEAM_DIGITS, Algorithm, Encoder, Hotp, Totp

RIGHT = 0.60
SECRET_DIFFERENT = 0.170
UNKNOWN = 0.026
WRONG_ENTRY = 0.080
SECOND_QR = 0.300
IGNORED = 0.250  # of cases with unusual settings, when the app is not known
MISSET = 0.012
PLAIN_STEAM = 0.300
MIXUP = 0.010

_KEY_PRIORS = {
    "key_lookalike": 0.012,
    "key_swapped": 0.004,
    "key_missing": 0.008,
    "key_doubled": 0.003,
    "key_cut": 0.005,
    "key_groups": 0.003,
    "key_replaced": 0.005,
    "key_extra": 0.002,
    "key_two_slips": 0.003,
    "key_twice": 0.001,
    "key_alien": 0.010,
    "key_printed": 0.050,
    "text_as_key": 0.008,
    "hex_as_key": 0.001,
    "base64_as_key": 0.001,
    "base64_read": 0.002,
    "hex_read": 0.003,
    "base32hex_read": 0.001,
    "letters_lost": 0.001,
    "digits_lost": 0.0005,
    "decoded_twice": 0.003,
    "key_utf8": 0.001,
    "key_reversed": 0.0003,
    "text_reversed": 0.0002,
    "key_cut_bytes": 0.003,
    "bits_padded": 0.006,
    "bits_first": 0.002,
    "key_repeated": 0.004,
    "key_hashed": 0.002,
}
_BUGGY_READINGS = {"bits_padded", "bits_first", "key_repeated", "key_hashed", "key_utf8"}
_QUIRKS = {
    Quirk.MODULUS_NINES: ("modulus_nines", 0.006),
    Quirk.BYTE_19: ("byte_19", 0.004),
    Quirk.UNSIGNED: ("unsigned", 0.001),
    Quirk.LITTLE_ENDIAN: ("little_endian", 0.0005),
    Quirk.SHORT_COUNTER: ("short_counter", 0.0005),
    Quirk.SHIFTED_COUNTER: ("shifted_counter", 0.0005),
    Quirk.SIGNED: ("signed", 0.0005),
    Quirk.SHORT_TIME: ("short_time", 0.01),
}
_STEPS = (30, 60, 15, 20, 10, 90, 120)
_OVERFLOW = 2.0**31 - 86400  # POSIX seconds: 2038-01-19, less a day for clocks that are fast
_REACH, _NEAR = 900.0, 300.0  # s either way: for the likely sources, for the others


def right(entry: Entry) -> Source | None:
    """The codes the QR describes; None for a scheme that we cannot compute."""
    if entry.account is None or not isinstance(otp := entry.account.otp, Totp | Hotp):
        return None
    steam = isinstance(otp, Totp) and (otp.encoder is Encoder.STEAM or _issued_by_steam(entry))
    shape = Shape(STEAM_DIGITS, steam=True) if steam else Shape(otp.digits)
    counter = otp.counter if isinstance(otp, Hotp) else None
    step = otp.step if isinstance(otp, Totp) else 30
    key = otp.secret.reveal()
    return Source(
        "right", Family.OK, RIGHT, key, otp.algorithm, shape, step, counter, right=True, reach=_REACH, wide=True
    )


def candidates(case: Case, base: Source, codes: int) -> Iterator[Source]:
    """Every source there is for a case, the right one first. ``codes``: how many different codes there are."""
    yield base
    yield from entries(case, base)
    yield from settings(case, base)
    yield from schemes(case, base)
    yield from arithmetic(case, base)
    yield from readings(case, base)


def last_resort(case: Case, base: Source, codes: int) -> Iterator[Source]:
    """Sources so many that they are worth a search only when nothing else fits, and two codes can prove them."""
    if codes < 2 or case.entry.account is None:
        return
    text = case.entry.account.secret.reveal_base32()
    yield from _from_keys(case, base, keys.typed(text), _REACH)
    yield from _from_keys(case, base, keys.typed_badly(text), _NEAR)
    yield from _from_keys(case, base, keys.twice(text), 60.0)
    if not base.hotp and not base.shape.steam and _changed(base, Algorithm.SHA1, 6, 30):
        usual = replace(base, algorithm=Algorithm.SHA1, shape=Shape(6), step=30)  # typed by hand, nothing else set
        for source in readings(case, usual):
            yield replace(source, prior=source.prior * IGNORED)


def entries(case: Case, base: Source) -> Iterator[Source]:
    """The code of another entry, or of another QR of the same page."""
    others = [(entry, right(entry)) for entry in case.others]
    real = [(entry, source) for entry, source in others if source and source.key != base.key]
    for entry, source in real:
        share = WRONG_ENTRY / len(real)
        other = replace(source, right=False, family=Family.WRONG_ENTRY, cause="wrong_entry", detail=entry.label)
        yield replace(other, prior=share)
        yield from (replace(variant, prior=share * 0.1) for variant in _defaults(other))
    if case.second and (second := right(case.second)) and second.key != base.key:
        yield replace(
            second, right=False, family=Family.SECRET_DIFFERENT, cause="second_qr", prior=SECOND_QR, detail=""
        )


def settings(case: Case, base: Source) -> Iterator[Source]:
    """An app that ignores algorithm, digits or period, and an entry whose settings were typed wrongly."""
    if base.hotp or base.shape.steam:
        return
    ignored = _ignored(case, base)
    yield from ignored.values()
    for algorithm, digits, step in product(Algorithm, (base.shape.digits, 6, 7, 8), {base.step, *_STEPS}):
        changed = _changed(base, algorithm, digits, step)
        if changed and (algorithm, digits, step) not in ignored:
            prior = MISSET * (0.1, 0.01, 0.0005)[len(changed) - 1]
            yield _with(base, algorithm, digits, step, "settings_differ", prior)


def _ignored(case: Case, base: Source) -> dict[tuple[Algorithm, int, float], Source]:
    unusual = _changed(base, Algorithm.SHA1, 6, 30)
    app = apps.known(case.app)
    found = {}
    for wanted in product(*((False, True) for _ in unusual)):
        names = {name for name, drop in zip(unusual, wanted, strict=True) if drop}
        if not names:
            continue
        algorithm = Algorithm.SHA1 if "algorithm" in names else base.algorithm
        digits = 6 if "digits" in names else base.shape.digits
        step = 30 if "period" in names else base.step
        prior = _ignore_prior(names, set(unusual), app)
        source = _with(base, algorithm, digits, step, "settings_ignored", prior)
        found[algorithm, digits, step] = replace(source, wide=names == set(unusual), reach=_REACH)
    return found


def _ignore_prior(names: set[str], unusual: set[str], app: apps.App | None) -> float:
    expected = unusual & app.ignores if app else unusual
    odds = app.odds if app else IGNORED
    return odds * 0.7 if names == expected else odds * 0.3 / (2 ** len(unusual))


def _changed(base: Source, algorithm: Algorithm, digits: int, step: float) -> list[str]:
    pairs = {
        "algorithm": base.algorithm is not algorithm,
        "digits": base.shape.digits != digits,
        "period": base.step != step,
    }
    return [name for name, differs in pairs.items() if differs]


def _with(base: Source, algorithm: Algorithm, digits: int, step: float, cause: str, prior: float) -> Source:
    told = []
    for name in _changed(base, algorithm, digits, step):
        used = {"algorithm": algorithm.value, "digits": f"{digits} digits", "period": f"{step:g} s"}[name]
        asked = {"algorithm": base.algorithm.value, "digits": str(base.shape.digits), "period": f"{base.step:g} s"}
        told.append(f"{used} instead of {asked[name]}")
    return replace(
        base,
        cause=cause,
        family=Family.PARAM_IGNORED,
        prior=prior,
        algorithm=algorithm,
        shape=Shape(digits),
        step=step,
        right=False,
        detail=", ".join(told),
        reach=_NEAR,
        wide=False,
    )


def _defaults(other: Source) -> Iterator[Source]:
    if not other.hotp and not other.shape.steam and _changed(other, Algorithm.SHA1, 6, 30):
        yield replace(other, algorithm=Algorithm.SHA1, shape=Shape(6), step=30, wide=False)


def schemes(case: Case, base: Source) -> Iterator[Source]:
    """Counter taken for time and back; Steam's letters taken for digits and back."""
    plain = replace(base, right=False, reach=_REACH, wide=False)
    if base.hotp:
        yield replace(plain, cause="hotp_as_totp", family=Family.HOTP_MIXUP, prior=MIXUP * 3, counter=None)
        return
    yield replace(plain, cause="totp_as_hotp", family=Family.HOTP_MIXUP, prior=MIXUP, counter=0)
    if base.shape.steam:
        yield replace(plain, cause="steam_plain", family=Family.NONSTANDARD, prior=PLAIN_STEAM, shape=Shape(6))
        yield replace(plain, cause="steam_plain", family=Family.NONSTANDARD, prior=PLAIN_STEAM / 5, shape=Shape(5))
    else:
        steam = Shape(STEAM_DIGITS, steam=True)
        yield replace(plain, cause="steam_letters", family=Family.NONSTANDARD, prior=0.02, shape=steam)


def arithmetic(case: Case, base: Source) -> Iterator[Source]:
    """Known mistakes in the arithmetic of apps."""
    if base.shape.steam:
        return
    for quirk, (cause, prior) in _QUIRKS.items():
        if quirk is Quirk.BYTE_19 and base.algorithm is Algorithm.SHA1:
            continue  # byte 19 is SHA-1's last byte: right
        if quirk is Quirk.SHORT_TIME and (base.hotp or all(look.read_at_local < _OVERFLOW for look in case.looks)):
            continue
        shape = replace(base.shape, quirk=quirk)
        bug = replace(base, cause=cause, family=Family.APP_BUG, prior=prior, shape=shape, right=False, wide=False)
        yield replace(bug, reach=_NEAR)
    if not base.hotp:
        yield replace(
            base,
            cause="milliseconds",
            family=Family.APP_BUG,
            prior=0.002,
            step=base.step / 1000,
            right=False,
            reach=8.0,
            wide=False,
        )


def readings(case: Case, base: Source) -> Iterator[Source]:
    """A key that was typed or decoded wrongly."""
    if case.entry.account is None:
        return
    secret = case.entry.account.secret
    text = secret.reveal_base32()
    yield from _from_keys(case, base, keys.typed(text), _NEAR)
    yield from _from_keys(case, base, keys.misread(text, base.key, base.algorithm), _NEAR)
    if case.key_as_shown:
        shown = case.key_as_shown.reveal().decode()
        yield from _from_keys(case, base, keys.printed(shown), _REACH)


def _from_keys(case: Case, base: Source, variants: Iterator[keys.Variant], reach: float) -> Iterator[Source]:
    likely = apps.key_bug(case.app)
    for cause, detail, key, share in variants:
        if _same_key(key, base.key):
            continue
        family = Family.APP_BUG if cause in _BUGGY_READINGS else Family.SECRET_VARIANT
        prior = _KEY_PRIORS[cause] * share * (10 if cause == likely else 1)
        yield replace(
            base,
            cause=cause,
            family=family,
            prior=prior,
            key=key,
            right=False,
            detail=detail,
            reach=reach,
            wide=False,
        )


def _same_key(one: bytes, other: bytes) -> bool:
    return one.rstrip(b"\0") == other.rstrip(b"\0")  # HMAC fills up with zero bytes: RFC 2104 section 2


def _issued_by_steam(entry: Entry) -> bool:
    if entry.scheme == "steam":
        return True
    return entry.account is not None and "steam" in entry.account.issuer.lower()
