"""Cases in which several things meet: other settings, other entries, two faults at once, odd ways of telling."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from test_diagnose_causes import KEY, OTHER, TEXT, steam, uri

from mfatools.diagnose import Case, diagnose
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp

T = 1_773_000_013.0  # 13 s into a step
DAY = 86400.0
GOOD, THEIRS = Totp(Secret(KEY)), Totp(Secret(OTHER))
SHA256 = Totp(Secret(KEY), algorithm=Algorithm.SHA256)
EIGHT = Totp(Secret(KEY), digits=8)
ODD = Totp(Secret(KEY), 60, 8, Algorithm.SHA256)
COUNTER = Hotp(Secret(KEY), 12)
OLD_WORK = Totp(Secret(OTHER), digits=8, algorithm=Algorithm.SHA256)
OTHERS = [
    {"label": "Example (work)", "uri": uri(OLD_WORK)},
    {"label": "Example", "uri": uri(THEIRS)},
    {"label": "Bank", "uri": uri(Totp(Secret(KEY + OTHER)), "Bank")},
]
OLD_STEAM = {"label": "Steam", "uri": uri(Totp(Secret(OTHER), digits=5, encoder=Encoder.STEAM), "Steam")}
STEAM = f"otpauth://totp/Steam:ada?secret={TEXT}&issuer=Steam"


def one(code: str, at: float, accepted: bool | None = False, **known: object) -> dict:
    return {"shown": code, "read_at_local": T + at, "accepted": accepted, **known}


def two(shows, accepted: bool | None = False, at: tuple[float, ...] = (5.0, 68.0), **known: object) -> list[dict]:
    return [one(shows(T + s), s, accepted, **known) for s in at]


def off(seconds: float, otp: Totp = GOOD):
    return lambda t: otp.code(t + seconds)


def held(made: bytes, otp: Totp = GOOD):
    return Totp(Secret(made), otp.step, otp.digits, otp.algorithm).code


def pressed(*counters: int, otp: Hotp = COUNTER) -> list[dict]:
    return [one(otp.code(counter), 5 + 25 * i) for i, counter in enumerate(counters)]


def overflowed(t: float) -> str:
    """The code of a program that keeps the time in 32 bits with a sign, after January 2038."""
    counter = int((t - 2**32) // 30)
    digest = hmac.new(KEY, counter.to_bytes(8, "big", signed=True), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def after(seconds: float, *starts: str) -> float:
    """Seconds from T until the code starts so, and ``seconds`` more."""
    return next(s for s in range(0, 10**6, 30) if GOOD.code(T + s).startswith(starts)) + seconds


FIRST = GOOD.code(T + 5)
ARABIC = {ord(str(n)): chr(0x660 + n) for n in range(10)}
ZEROS = after(5, "00")
LATE_2038 = 2_200_000_017.0 - T
GROUPS = " ".join(TEXT[i : i + 4] for i in range(0, len(TEXT), 4))

CASES = {
    # clocks
    "other settings, fast": ("PHONE_CLOCK", two(off(150, ODD), at=(5, 130)), {"uri": uri(ODD)}),
    "a token that drifts": (
        "PHONE_CLOCK",
        [one(GOOD.code(T + d * DAY + 24 + 2.1 * d), d * DAY, d < 40) for d in (2.0, 20.0001, 41.0007)],
        {},
    ),
    "set back in between": ("PHONE_CLOCK", [one(GOOD.code(T + 305), 5), one(GOOD.code(T + 400), 400, True)], {}),
    "in and out of the window": (
        "PHONE_CLOCK WINDOW_EDGE",
        [one(GOOD.code(T + s - 45), s, (T + s + 6) // 30 - (T + s - 45) // 30 <= 1) for s in (5, 22, 65, 83, 125)],
        {},
    ),
    "a strict service and a slow phone": (
        "PHONE_CLOCK WINDOW_EDGE",
        [
            one(GOOD.code(T + s - 12), s, (T + s - 12) // 30 == (T + s + 4) // 30, typed_after_s=4)
            for s in (5, 33, 70, 98, 133, 160)
        ],
        {},
    ),
    "this computer, not tried": (
        "LOCAL_CLOCK",
        [one(GOOD.code(T + s - 400), s, None) for s in (5, 68)],
        {"ntp_offset_s": 400.0},
    ),
    "the flip and one code": (
        "PHONE_CLOCK",
        two(off(-75), at=(5,)),
        {"change_observed_at_local": [T - 13 + 15.3 + 30 * n for n in range(3)]},
    ),
    "a time that is hardly known, accepted": ("OK", two(GOOD.code, True, read_sd_s=60), {}),
    "a time that is hardly known, refused": ("SERVICE_SIDE", two(GOOD.code, read_sd_s=900), {}),
    "after January 2038": ("APP_BUG", [one(overflowed(T + LATE_2038 + s), LATE_2038 + s) for s in (5, 68)], {}),
    # settings
    "fast, and SHA-256 ignored": (
        "PARAM_IGNORED",
        two(off(95)),
        {"uri": uri(SHA256), "app": "google authenticator ANDROID 6.0"},
    ),
    "one setting of three kept": (
        "PARAM_IGNORED",
        two(Totp(Secret(KEY), 60, 8).code, at=(5, 130)),
        {"uri": uri(ODD), "app": "authy desktop"},
    ),
    "one code, period ignored": (
        "PARAM_IGNORED",
        two(GOOD.code, at=(5,)),
        {"uri": uri(Totp(Secret(KEY), 60)), "app": "MS auth"},
    ),
    # the service
    "it expected the code of an hour ago": (
        "SERVICE_CLOCK",
        two(GOOD.code, at=(5,)),
        {"service_expected_code": GOOD.code(T + 11 - 3600)},
    ),
    "it expected the code of another entry": (
        "SERVICE_SIDE WRONG_ENTRY SECRET_DIFFERENT",
        two(GOOD.code, at=(5,)),
        {"service_expected_code": THEIRS.code(T + 11), "other_entries": OTHERS},
    ),
    "used, refused, and the next one taken": (
        "REPLAY",
        [one(GOOD.code(T + 18), 18, True), one(GOOD.code(T + 26), 26), one(GOOD.code(T + 70), 70, True)],
        {},
    ),
    "right for weeks, then refused": (
        "SERVICE_SIDE",
        [one(GOOD.code(T + s), s, s < 15 * DAY) for s in (5, 14 * DAY + 5, 20 * DAY + 7, 20 * DAY + 80)],
        {},
    ),
    # entries
    "same issuer, other settings": ("WRONG_ENTRY", two(OLD_WORK.code), {"other_entries": OTHERS}),
    "another entry, and fast": ("WRONG_ENTRY", two(off(60, THEIRS)), {"other_entries": OTHERS}),
    "another entry whose settings are ignored": ("WRONG_ENTRY", two(held(OTHER)), {"other_entries": OTHERS[:1]}),
    "another entry that counts": (
        "WRONG_ENTRY",
        pressed(12, 13, otp=Hotp(Secret(OTHER), 9)),
        {"other_entries": [{"label": "token", "uri": uri(Hotp(Secret(OTHER), 9))}]},
    ),
    "a Steam entry": (
        "WRONG_ENTRY",
        two(Totp(Secret(OTHER), digits=5, encoder=Encoder.STEAM).code),
        {"other_entries": [OLD_STEAM]},
    ),
    "one of this and one of that": (
        "WRONG_ENTRY",
        [one(FIRST, 5, True), one(THEIRS.code(T + 70), 70)],
        {"other_entries": OTHERS},
    ),
    "the page was loaded again, same key": ("SERVICE_SIDE", two(GOOD.code), {"second_uri": uri()}),
    "the page was loaded again, other key, slow": (
        "SECRET_DIFFERENT",
        two(off(-90, THEIRS)),
        {"second_uri": uri(THEIRS)},
    ),
    "the page was loaded again after it worked": (
        "SECRET_DIFFERENT",
        [one(GOOD.code(T - DAY), -DAY, True), one(FIRST, 5)],
        {"second_uri": uri(THEIRS)},
    ),
    # keys
    "base64 shown, its text used": (
        "SECRET_VARIANT",
        two(held(base64.b64encode(KEY))),
        {"key_as_shown": base64.b64encode(KEY).decode()},
    ),
    "the text in groups": ("SECRET_VARIANT", two(held(GROUPS.encode())), {}),
    "the text with its line's end": ("SECRET_VARIANT", two(held(f"{TEXT}\n".encode())), {}),
    "one letter dropped everywhere": (
        "SECRET_VARIANT",
        two(held(Secret.from_base32(TEXT.replace(max(set(TEXT), key=TEXT.count), "")).reveal())),
        {},
    ),
    # counters and Steam
    "pressed in between": ("HOTP_DESYNC", pressed(40, 44), {"uri": uri(COUNTER)}),
    "by time, and slow": ("HOTP_MIXUP", two(off(-90)), {"uri": uri(COUNTER)}),
    "by counter, with the settings": (
        "HOTP_MIXUP",
        pressed(1, 2, otp=Hotp(Secret(KEY), 0, 6, Algorithm.SHA256)),
        {"uri": uri(SHA256)},
    ),
    "by counter, and mistyped": (
        "SECRET_VARIANT",
        pressed(13, 14, otp=Hotp(Secret.from_base32(TEXT[:7] + TEXT[8:]))),
        {"uri": uri(COUNTER)},
    ),
    "Steam, and slow": ("PHONE_CLOCK", two(lambda t: steam(t - 120)), {"uri": STEAM}),
    # what was typed
    "the code of a while ago": (
        "CODE_ENTRY LATE STALE_DISPLAY",
        [one(FIRST, 5, typed=GOOD.code(T - 85))],
        {},
    ),
    "other digits, halves in the wrong order": (
        "CODE_ENTRY",
        [one(FIRST, 5, typed=f"{FIRST[3:]} {FIRST[:3]}".translate(ARABIC))],
        {},
    ),
    "two zeros lost": (
        "CODE_ENTRY",
        [one(GOOD.code(T + ZEROS), ZEROS, typed=GOOD.code(T + ZEROS).lstrip("0"))],
        {},
    ),
    "a slip in eight digits": (
        "CODE_ENTRY",
        [one(EIGHT.code(T + 5)[:5] + EIGHT.code(T + 5)[6:], 5), one(EIGHT.code(T + 70), 70, True)],
        {"uri": uri(EIGHT)},
    ),
    "an app with a correction of its own": (
        "APP_BUG",
        [one(GOOD.code(T + s - 180), s, entry_label="WinAuth") for s in (5, 70)]
        + [one(GOOD.code(T + 80), 80, True, entry_label="KeePassXC, same PC")],
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_finding_is_right(name):
    families, codes, known = CASES[name]
    case = {"uri": uri(), "ntp_offset_s": 0.0, "codes": codes, **known}
    diagnosis = diagnose(Case.from_json(case))
    assert diagnosis.best.family in families.split(), diagnosis
    assert diagnosis.best.remedy or diagnosis.best.family == "OK"
