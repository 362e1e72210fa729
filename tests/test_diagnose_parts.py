"""The diagnosis' parts, each by itself: matcher, slips, offsets, tap on the flip, probabilities, full search."""

from __future__ import annotations

import math
import random
import unicodedata

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfatools.account import Account
from mfatools.casework import tap_words
from mfatools.diagnose import Case, Family, diagnose, estimate, keys, offsets, presets, slips, verifier
from mfatools.diagnose.apps import APPS, key_bug, known
from mfatools.diagnose.catalogue import ALIKE, CATALOGUE
from mfatools.diagnose.matcher import Quirk, Shape, Stream, sweep
from mfatools.diagnose.platforms import platform
from mfatools.diagnose.words import spoken
from mfatools.errors import MfaError
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp

KEY = bytes(range(40, 60))
T = 1_759_406_400.0


# ---- matcher -----------------------------------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=140), st.integers(0, 2**62), st.sampled_from(Algorithm), st.integers(6, 8))
@settings(max_examples=60, deadline=None)
def test_the_fast_codes_are_pyotps(key, counter, algorithm, digits):
    code = Hotp(Secret(key), 0, digits, algorithm).code(counter)  # this is pyotp's
    shape = Shape(digits)
    hits = Stream(key, algorithm).hits(counter, counter + 1, shape.modulus, {shape.value(code)})
    assert [found for found, _ in hits] == [counter]
    assert dict(Stream(key, algorithm).numbers(counter, counter + 1))[counter] % shape.modulus == int(code)


def test_hits_are_all_found_and_no_others():
    handler = pyotp.HOTP(Secret(KEY).reveal_base32())
    codes = [int(handler.at(counter)) for counter in range(1000, 1500)]
    wanted = {codes[3], codes[77], codes[499]}
    hits = Stream(KEY).hits(1000, 1500, 10**6, wanted)
    assert [counter - 1000 for counter, _ in hits] == [i for i, code in enumerate(codes) if code in wanted]


def test_steam_values():
    otp = Totp(Secret(KEY), digits=5, encoder=Encoder.STEAM)
    shape = Shape(5, steam=True)
    value = shape.value(otp.code(T))
    assert Stream(KEY).hits(otp.counter(T), otp.counter(T) + 1, shape.modulus, {value})
    assert shape.value("12345") is None


def test_a_sweep_tells_its_progress_and_can_be_stopped():
    shares: list[float] = []
    list(sweep(Stream(KEY), 0, 100_000, 10**6, {5}, progress=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    shares.clear()
    list(sweep(Stream(KEY), 0, 10**12, 10**6, {5}, progress=shares.append, stop=lambda: len(shares) >= 2))
    assert len(shares) == 2


def test_quirks_make_other_codes():
    right = dict(Stream(KEY, Algorithm.SHA256).numbers(50_000_000, 50_000_020))
    for quirk in (
        Quirk.BYTE_19,
        Quirk.LITTLE_ENDIAN,
        Quirk.SHORT_COUNTER,
        Quirk.SHIFTED_COUNTER,
        Quirk.UNSIGNED,
        Quirk.SIGNED,
        Quirk.SHORT_TIME,
    ):
        stream = Stream(KEY, Algorithm.SHA256, quirk)
        made = dict(stream.numbers(50_000_000, 50_000_020))
        assert made != right
        codes = {number % 10**6 for number in made.values()}
        assert [hit for hit, _ in stream.hits(50_000_000, 50_000_020, 10**6, codes)] == list(made)
    assert Shape(6, quirk=Quirk.MODULUS_NINES).modulus == 999_999


@pytest.mark.parametrize("counter", [2**32 - 1, 2**32, 5_000_000_000, 2**63 - 1])
def test_counters_beyond_32_bits_are_looked_at(counter):
    account = Account("Example", "ada", Hotp(Secret(KEY), counter))
    looks = [{"shown": account.otp.code(counter + n), "read_at_local": T + n, "accepted": False} for n in (20, 21)]
    found = diagnose(Case.from_json({"uri": account.uri(), "codes": looks}))
    assert found.best.family is Family.HOTP_DESYNC


def test_no_key_in_a_stream_or_its_repr():
    assert KEY.hex() not in repr(Stream(KEY))
    assert not hasattr(Stream(KEY), "__dict__")


# ---- full search -------------------------------------------------------------------------------------------------


def far(offset: float) -> Case:
    otp = Totp(Secret(KEY))
    looks = [{"shown": otp.code(T + s + offset), "read_at_local": T + s, "accepted": False} for s in (7, 71)]
    uri = f"otpauth://totp/x?secret={Secret(KEY).reveal_base32()}"
    return Case.from_json({"uri": uri, "codes": looks, "ntp_offset_s": 0})


@pytest.mark.timeout(600)
def test_the_full_search_finds_any_clock_and_stops_when_told(monkeypatch):
    monkeypatch.setattr("mfatools.diagnose.engine._END", 1.0e7)  # the whole takes minutes: see the benchmark
    case = far(3_456_789 - T)
    assert diagnose(case).best.family is Family.SECRET_DIFFERENT
    shares: list[float] = []
    found = diagnose(case, full=True, progress=shares.append)
    assert found.best.family is Family.PHONE_CLOCK
    low, high = found.best.offset_s
    assert low <= 3_456_789 - T <= high
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    half: list[float] = []
    stopped = diagnose(case, full=True, progress=half.append, stop=lambda: len(half) > 2)
    assert stopped.stopped
    assert stopped.hypotheses_tested < found.hypotheses_tested
    assert len(half) == 3  # it looks up after every piece, and goes no farther
    assert stopped.best.family is Family.SECRET_DIFFERENT
    assert any("stopped" in note for note in stopped.notes)


# ---- slips -------------------------------------------------------------------------------------------------------


def test_undress():
    assert slips.undress(" 123-456\u00a0").clean == "123456"
    assert slips.undress("\u0661\u0662\u0663 \u0664\u0665\u0666").clean == "123456"
    assert slips.undress("\uff11\uff12\uff13").foreign
    assert slips.undress("\u200e123456\u200f").clean == "123456"
    assert not slips.undress("123456").foreign


@given(st.text(alphabet=[c for c in map(chr, range(0x10000)) if unicodedata.category(c) == "Nd"], min_size=1))
def test_digits_of_every_alphabet(text):
    assert slips.undress(text).clean == "".join(str(unicodedata.digit(c)) for c in text)


@given(st.text(alphabet="0123456789", min_size=6, max_size=6), st.integers(0, 4))
def test_a_slip_is_traced_back(code, i):
    swapped = code[:i] + code[i + 1] + code[i] + code[i + 2 :]
    for seen in {swapped, code[1:] if code[0] == "0" else swapped, code[:i] + code[i + 1 :], code[3:] + code[:3]}:
        if seen != code:
            assert code in slips.sources(seen, 6)


@pytest.mark.parametrize(
    ("right", "wrong", "slip", "said"),
    [
        ("123456", "132456", slips.Slip.SWAPPED, "digits 2 and 3 were swapped"),
        ("123456", "12346", slips.Slip.MISSING, "digit 5 is missing"),
        ("123456", "1123456", slips.Slip.EXTRA, "digit 2 is one too many"),
        ("123456", "123956", slips.Slip.ONE_WRONG, "digit 4 is wrong"),
        ("123456", "456123", slips.Slip.HALVES, "the two halves in the wrong order"),
    ],
)
def test_the_place_of_a_slip_and_its_digits_only_when_the_code_is_spent(right, wrong, slip, said):
    assert slips.place(right, wrong, slip, digits=False) == said
    told = slips.place(right, wrong, slip, digits=True)
    assert told == (f"{said}, a 9 where a 4 should be" if slip is slips.Slip.ONE_WRONG else said)


@given(st.text(alphabet="0123456789", min_size=5, max_size=7))
def test_shares_of_slips_are_at_most_all(seen):
    assert sum(share for _, share in slips.sources(seen, 6).values()) <= 1.0001


# ---- offsets -----------------------------------------------------------------------------------------------------


def test_the_prior_is_a_density():
    total = sum(offsets.density(o + 0.5, T) for o in range(-200_000, 200_000))
    assert 0.95 < total < 1.0
    assert math.isclose(sum(offsets.WEIGHTS.values()), 1.0)
    assert math.isclose(sum(offsets.ZONES.values()), 1.0)


def test_the_prior_agrees_with_the_measured_offsets():
    """Case collection: of 26 measured offsets that are no zone step, 24 lie within 120 s, 25 within 300 s."""

    def mass(limit: int) -> float:
        places = [o / 2 for o in range(-4000, 4001) if abs(o) > 20]  # farther than 10 s: worth a report
        wrong = {o: dict(offsets.parts(o, T)).get(offsets.Reason.MANUAL, 0.0) for o in places}
        return sum(w for o, w in wrong.items() if abs(o) <= limit) / sum(wrong.values())

    assert 0.70 < mass(120) < 0.95
    assert 0.85 < mass(300) < 1.0


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        (-10, 15, "FINE"),
        (60, 90, "MANUAL"),
        (3590, 3615, "ZONE"),
        (-44435, -44405, "STOPPED"),
        (-offsets.GPS_ERA - 5, -offsets.GPS_ERA + 20, "GPS"),
        (-86400 * 365 - 10, -86400 * 365 + 10, "DATE"),
        (946684800 + 5000 - T, 946684800 + 5030 - T, "RESET"),
    ],
)
def test_reasons(low, high, reason):
    assert offsets.reason(low, high, T).name == reason


# ---- tap on the flip ---------------------------------------------------------------------------------------------


@given(st.floats(-14, 14), st.integers(1, 6), st.integers(0, 10**6))
@settings(deadline=None)
def test_taps_give_the_clock_within_the_bound(offset, count, seed):
    rng = random.Random(seed)
    taps = [T + 30 * n - offset + 0.2 + rng.gauss(0, 0.08) for n in range(count)]
    flip = estimate(taps)
    assert abs((flip.offset - offset + 15) % 30 - 15) < 0.6
    assert flip.bound < 0.8
    assert flip.used == count


def test_a_stray_tap_is_dropped_and_the_wrap_does_not_matter():
    flip = estimate([T + 0.1, T + 30.3, T + 59.9 + 0.3, T + 101.0])
    assert flip.dropped == 1
    assert abs(flip.offset) < 0.5
    around = estimate([T + 14.9, T + 45.2, T + 75.1])
    assert abs(abs(around.offset) - 15) < 0.5


def test_without_taps_there_is_no_estimate():
    with pytest.raises(MfaError):
        estimate([])


def test_taps_narrow_the_diagnosis():
    otp = Totp(Secret(KEY))
    look = {"shown": otp.code(T + 7 - 75), "read_at_local": T + 7, "accepted": False}
    uri = f"otpauth://totp/x?secret={Secret(KEY).reveal_base32()}"
    case = {"uri": uri, "codes": [look], "ntp_offset_s": 0}
    wide = diagnose(Case.from_json(case)).best.offset_s
    taps = [T + 30 * n + 15 + 0.2 for n in range(3)]
    narrow = diagnose(Case.from_json({**case, "change_observed_at_local": taps})).best.offset_s
    assert narrow[1] - narrow[0] < 4 < wide[1] - wide[0]
    assert narrow[0] <= -75 <= narrow[1]


def tapped(offset: float, count: int, wait: float):
    """The offset told for a phone that is off by ``offset``, from taps and one code ``wait`` seconds after them."""
    otp = Totp(Secret(KEY))
    uri = f"otpauth://totp/x?secret={Secret(KEY).reveal_base32()}"
    taps = [T - offset + 30 * n + 0.2 for n in range(count)]
    at = taps[-1] + wait
    look = {"shown": otp.code(at + offset), "read_at_local": at, "accepted": False}
    given = {"uri": uri, "codes": [look], "ntp_offset_s": 0, "ntp_bound_s": 0.05, "change_observed_at_local": taps}
    return diagnose(Case.from_json(given)).best.offset_s


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("offset", [-93, -75.4, 101])
def test_taps_tell_the_clock_as_well_as_they_are_known(offset, count):
    low, high = tapped(offset, count, 9.0)
    assert low <= offset <= high
    assert high - low < 1.2


@pytest.mark.parametrize("wait", [0.5, 2.0, 28.0, 29.5])
def test_a_code_read_about_the_change_leaves_both_steps(wait):
    low, high = tapped(-93, 3, wait)
    assert low <= -93 <= high
    assert high - low == pytest.approx(30, abs=2)


def test_taps_that_do_not_agree_say_nothing():
    with pytest.raises(MfaError, match="do not agree"):
        estimate([T + 0.2, T + 10.2])
    otp = Totp(Secret(KEY))
    uri = f"otpauth://totp/x?secret={Secret(KEY).reveal_base32()}"
    look = {"shown": otp.code(T + 7 - 93), "read_at_local": T + 7, "accepted": False}
    given = {"uri": uri, "codes": [look], "ntp_offset_s": 0}
    case = Case.from_json({**given, "change_observed_at_local": [T + 0.2, T + 10.2]})
    assert diagnose(case).best.offset_s == diagnose(Case.from_json(given)).best.offset_s
    assert "do not agree" in tap_words(case)


def test_a_time_that_is_hardly_known_widens_the_interval():
    otp = Totp(Secret(KEY))
    uri = f"otpauth://totp/x?secret={Secret(KEY).reveal_base32()}"

    def told(spread: float) -> tuple[float, float]:
        looks = [
            {"shown": otp.code(T + s), "read_at_local": T + s, "read_sd_s": spread, "accepted": True}
            for s in (7, 71)
        ]
        diagnosis = diagnose(Case.from_json({"uri": uri, "codes": looks, "ntp_offset_s": 0}))
        assert diagnosis.best.family is Family.OK
        return diagnosis.best.offset_s

    narrow, wide = told(1.0), told(900.0)
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


# ---- tables and words --------------------------------------------------------------------------------------------


def test_presets():
    assert presets()["keycloak"].behind == 1
    assert presets()["rfc6238"].ahead == 0
    assert verifier({"behind": 2, "ahead": 0}).behind == 2
    with pytest.raises(MfaError):
        verifier("nobody")


def test_apps_have_sources():
    assert all(app.source for app in APPS)
    assert known("Google Authenticator (Android)").name == "Google Authenticator for Android"
    assert known("Aegis") is None
    for short in ("GAuth", "G-Auth on Pixel", "google  auth"):
        assert known(short).name == "Google Authenticator"
    assert known("MS Auth").name == "Microsoft Authenticator"
    assert known("typed by hand").name == "manual entry"
    assert key_bug("2FAS iOS 5.3.11") == "bits_padded"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Aegis", "android"),
        ("WSL2 Ubuntu", "wsl"),
        ("Windows Subsystem", "wsl"),
        ("iPhone 12", "ios"),
        ("i phone", "ios"),
        ("Win 11", "windows"),
        ("Podman machine on my MacBook", "docker"),
        ("Hyper-V guest", "vm"),
        ("my machine", ""),
        ("search for a kiosk", ""),
        ("x", ""),
    ],
)
def test_platforms(said, meant):
    assert platform(said) == meant


def test_the_catalogue_is_whole():
    assert all(words.title and words.says and words.link.startswith("https://") for words in CATALOGUE.values())
    assert set(ALIKE.values()) <= set(CATALOGUE)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (75, 105, "75 to 105 s fast"),
        (-105, -75, "75 to 105 s slow"),
        (-1, 1, "right within 2 s"),
        (-23, 0.5, "up to 23 s slow"),
        (-7, 12, "between 7 s slow and 12 s fast"),
        (3590, 3610, "59 min 50 s to 60 min 10 s fast"),
        (-44435, -44405, "12 h 20 min to 12 h 21 min slow"),
    ],
)
def test_offsets_in_words(low, high, said):
    assert spoken(low, high) == said


def test_shares_of_key_variants_add_up():
    text = Secret(KEY).reveal_base32()
    shares: dict[str, float] = {}
    for cause, detail, made, share in [*keys.typed(text), *keys.typed_badly(text)]:
        shares[cause] = shares.get(cause, 0) + share
        assert made
        assert detail
    assert all(math.isclose(total, 1) for total in shares.values())
