"""Each cause: one case in which it must be found, and a near miss in which it must not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest

from mfatools.account import Account
from mfatools.diagnose import Case, diagnose
from mfatools.secret import Secret
from mfatools.totp import STEAM_ALPHABET, Algorithm, Encoder, Hotp, Totp

T = 1_759_406_400.0  # a multiple of 3600
KEY = hashlib.sha256(b"a lesson key").digest()[:20]
OTHER = hashlib.sha256(b"another key").digest()[:20]
TEXT = base64.b32encode(KEY).decode()
GOOD = Totp(Secret(KEY))


def uri(otp: Totp | Hotp = GOOD, issuer: str = "Example") -> str:
    return Account(issuer, "ada", otp).uri()


def find(
    shows: Callable[[float], str],
    *,
    at: tuple[float, ...] = (7.0, 71.0),
    accepted: bool | tuple[bool | None, ...] | None = False,
    codes: dict | None = None,
    qr: str | None = None,
    **given: object,
):
    """The diagnosis of codes that ``shows`` makes at true time, read ``at`` these seconds after T."""
    answers = accepted if isinstance(accepted, tuple) else (accepted,) * len(at)
    looks = [
        {"shown": shows(T + s), "read_at_local": T + s, "accepted": answer, **(codes or {})}
        for s, answer in zip(at, answers, strict=True)
    ]
    return diagnose(Case.from_json({"uri": qr or uri(), "codes": looks, "ntp_offset_s": 0.0, **given}))


def clock(offset: float, otp: Totp = GOOD) -> Callable[[float], str]:
    return lambda t: otp.code(t + offset)


def key(made: bytes, otp: Totp = GOOD) -> Callable[[float], str]:
    return Totp(Secret(made), otp.step, otp.digits, otp.algorithm).code


def number(t: float, made: bytes = KEY, algorithm: str = "sha1", at: int | None = None) -> int:
    digest = hmac.new(made, int(t // 30).to_bytes(8, "big"), algorithm).digest()
    place = (digest[-1] if at is None else digest[at]) & 15
    return int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF


def firm(diagnosis, family: str, cause: str = "") -> None:
    assert diagnosis.best.family == family, diagnosis
    assert diagnosis.best.probability > 0.8, diagnosis
    assert cause in diagnosis.best.cause, diagnosis.best.cause


def unlikely(diagnosis, family: str, at_most: float = 0.5) -> None:
    told = sum(finding.probability for finding in diagnosis.findings if finding.family == family)
    assert told < at_most, diagnosis


# ---- nothing wrong -----------------------------------------------------------------------------------------------


def test_all_is_well():
    firm(find(clock(0), accepted=True), "OK")
    firm(find(clock(-6), accepted=True), "OK")
    firm(find(clock(0), accepted=None), "OK")
    unlikely(find(clock(0), accepted=False), "OK")


def test_no_codes_is_not_enough():
    diagnosis = find(clock(0), at=())
    assert diagnosis.best.family == "UNKNOWN"
    assert "No code was given yet" in diagnosis.best.title
    assert "fits" not in diagnosis.best.evidence
    assert diagnosis.best.remedy
    assert diagnosis.next_question is not None
    assert "time" in diagnosis.next_question.text


# ---- the clock that makes the codes ------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [-660, -225, -88, 44, 75, 300, 1000])
def test_phone_clock_with_its_interval(offset):
    diagnosis = find(clock(offset))
    firm(diagnosis, "PHONE_CLOCK")
    low, high = diagnosis.best.offset_s
    assert low <= offset <= high
    assert high - low < 40
    assert ("fast" if offset > 0 else "slow") in diagnosis.best.says


def test_one_code_gives_the_clock_too_but_less_surely():
    two, one = find(clock(-75)), find(clock(-75), at=(7.0,))
    assert one.best.family == "PHONE_CLOCK"
    assert one.best.probability < two.best.probability
    assert one.next_question is not None


@pytest.mark.parametrize("offset", [3600, -3600, 1800, -19800, 900, 10800, 43200])
def test_time_zone(offset):
    firm(find(clock(offset)), "PHONE_CLOCK", "clock_zone")
    assert find(clock(offset + 400)).best.cause != "clock_zone"


def test_date():
    firm(find(clock(-365 * 86400)), "PHONE_CLOCK", "clock_date")
    assert find(clock(3 * 86400 + 5000)).best.cause != "clock_date"


def test_stopped_clock_needs_two_codes():
    firm(find(clock(-44422)), "PHONE_CLOCK", "clock_stopped")
    unlikely(find(clock(-44422), at=(7.0,)), "PHONE_CLOCK", 0.9)


def test_gps_week_roll_over():
    era = 1024 * 7 * 86400
    firm(find(clock(-era)), "PHONE_CLOCK", "clock_gps")
    unlikely(find(clock(-era + 5000)), "PHONE_CLOCK")


def test_a_clock_that_began_anew():
    firm(find(clock(946684800 + 10_000 - T)), "PHONE_CLOCK", "clock_reset")
    unlikely(find(clock(946684800 + 90 * 86400 - T)), "PHONE_CLOCK")


def test_drift():
    week = 7 * 86400

    def drifting(t: float) -> str:
        return GOOD.code(t + 20 + 2.6 / 86400 * (t - T))

    diagnosis = find(drifting, at=(2.0, 3 * week + 2.0), accepted=(True, False))
    firm(diagnosis, "PHONE_CLOCK", "clock_drifts")
    low, high = diagnosis.best.offset_s
    assert low <= 20 + 2.6 * 21 <= high
    assert find(clock(75), at=(2.0, 3 * week + 2.0)).best.cause == "clock_off"


def test_the_apps_own_correction():
    looks = [
        {
            "shown": clock(120)(T + 5),
            "read_at_local": T + 5,
            "accepted": False,
            "entry_label": "Google Authenticator",
        },
        {
            "shown": clock(120)(T + 70),
            "read_at_local": T + 70,
            "accepted": False,
            "entry_label": "Google Authenticator",
        },
        {"shown": clock(0)(T + 75), "read_at_local": T + 75, "accepted": None, "entry_label": "Aegis, same phone"},
    ]
    case = {"uri": uri(), "codes": looks, "ntp_offset_s": 0}
    diagnosis = diagnose(Case.from_json(case))
    firm(diagnosis, "APP_BUG", "own_correction")
    assert "Time correction" in diagnosis.best.remedy[0]
    looks[2]["shown"] = clock(120)(T + 75)
    firm(diagnose(Case.from_json(case)), "PHONE_CLOCK")


def test_phone_and_computer_wrong_together():
    looks = [{"shown": GOOD.code(T + s + 60), "read_at_local": T + s + 60, "accepted": False} for s in (7, 71)]
    case = {"uri": uri(), "codes": looks}
    firm(diagnose(Case.from_json({**case, "ntp_offset_s": 60.0})), "PHONE_CLOCK", "common_clock")
    unlikely(diagnose(Case.from_json({**case, "ntp_offset_s": 0.0})), "PHONE_CLOCK")


# ---- this computer's clock ---------------------------------------------------------------------------------------


def local(offset: float, measured: float | None, accepted: bool | None):
    looks = [{"shown": GOOD.code(T + s), "read_at_local": T + s + offset, "accepted": accepted} for s in (9, 73)]
    return diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": measured}))


def test_this_computers_clock():
    diagnosis = local(-95, -95.0, True)
    firm(diagnosis, "LOCAL_CLOCK")
    assert "95 s slow" in diagnosis.best.says
    firm(local(-3, -3.0, True), "OK")


def test_an_accepted_code_tells_phone_from_computer():
    assert local(-95, None, True).best.family == "LOCAL_CLOCK"
    assert local(-95, None, False).best.family == "PHONE_CLOCK"


def test_phone_or_computer_stays_open_without_network():
    diagnosis = local(-95, None, None)
    assert {finding.family for finding in diagnosis.findings[:2]} == {"PHONE_CLOCK", "LOCAL_CLOCK"}
    assert diagnosis.best.probability < 0.9
    assert diagnosis.next_question.name == "network_time"


def test_a_page_that_checks_by_this_computers_clock():
    diagnosis = local(-37.4, -37.4, False)
    unlikely(diagnosis, "PHONE_CLOCK", 0.05)
    assert any(finding.cause == "checked_here" for finding in diagnosis.findings)
    assert not any(finding.cause == "checked_here" for finding in local(0.5, 0.5, False).findings)


@pytest.mark.parametrize("offset", [-37.4, 45.0, 3600.0])
def test_a_computer_that_is_known_to_be_wrong_comes_before_what_nobody_knows(offset):
    diagnosis = local(offset, offset, False)
    assert diagnosis.best.family == "LOCAL_CLOCK"
    assert {finding.family for finding in diagnosis.findings[:2]} == {"LOCAL_CLOCK", "SERVICE_SIDE"}
    assert diagnosis.next_question.name == "sync_here"


# ---- the service -------------------------------------------------------------------------------------------------


def test_right_codes_refused():
    diagnosis = find(clock(0))
    firm(diagnosis, "SERVICE_SIDE")
    assert [probe.steps for probe in diagnosis.probes] == [-3, 3]
    assert diagnosis.next_question.name == "probe_codes"
    unlikely(find(clock(0), accepted=True), "SERVICE_SIDE", 0.05)


def test_a_probe_code_is_made_on_request_only():
    diagnosis = find(clock(0))
    code = diagnosis.probes[0].code(Account("", "", GOOD), T)
    assert code == GOOD.code(T - 90)
    assert code not in repr(diagnosis) + str(diagnosis.to_json())


def test_probes_stop_before_a_lock_out():
    none, one = find(clock(0), at=(7, 71, 135, 199)), find(clock(0), at=(7, 71, 135))
    assert [len(none.probes), len(one.probes)] == [0, 1]
    told = [
        "probe codes" in " ".join(step for found in case.findings for step in found.remedy) for case in (none, one)
    ]
    assert told == [False, True]


def test_the_services_clock():
    def looks(first: bool, second: bool) -> list[dict]:
        late = {"typed_after_s": 120, "read_at_local": T + 72, "shown": GOOD.code(T + 72), "accepted": second}
        return [{"read_at_local": T + 8, "shown": GOOD.code(T + 8), "accepted": first}, late]

    given = {"uri": uri(), "ntp_offset_s": 0}
    diagnosis = diagnose(Case.from_json({**given, "codes": looks(False, True)}))
    assert diagnosis.best.family == "SERVICE_CLOCK"
    assert "slow" in diagnosis.best.says
    near_miss = diagnose(Case.from_json({**given, "codes": looks(True, False)}))
    unlikely(near_miss, "SERVICE_CLOCK")
    assert near_miss.best.family == "LATE"


def test_a_code_that_was_taken_before_is_spoken_of_whatever_comes_first():
    def said(accepted: tuple[bool, bool], last: float = 75.0) -> bool:
        diagnosis = find(lambda _: GOOD.code(T), at=(20.0, last), accepted=accepted)
        return any("one twice" in note for note in diagnosis.notes)

    assert said((True, False))
    assert not said((False, False))
    assert not said((False, True))
    assert not said((True, False), last=26.0)  # the finding itself says it there


def test_do_others_fail_too():
    told = {word: find(clock(0), answers={"others_fail": word}) for word in ("yes", "no")}
    assert told["yes"].best.cause == "service_clock"
    assert told["no"].best.cause == "service_dead"
    assert all(diagnosis.next_question.name != "others_fail" for diagnosis in told.values())


def test_what_the_phones_own_clock_shows():
    right, wrong = (find(clock(-44422), at=(7.0,), answers={"wall_clock": word}) for word in ("right", "wrong"))
    assert right.best.family == "SECRET_DIFFERENT"
    assert "would be chance" in right.best.evidence
    assert wrong.best.family == "PHONE_CLOCK"
    asked = find(clock(0), at=(7.0, 71.0, 135.0), accepted=(False, False, False), sent=[], ntp_offset_s=0.0)
    assert asked.next_question.options in ((), ("yes", "no"), ("right", "wrong"))


def test_several_servers():
    assert find(clock(0), at=(8, 72, 132, 192), accepted=(True, False, True, False)).best.family == "MULTI_NODE"
    unlikely(find(clock(0), at=(8, 72, 132, 192), accepted=(True, True, True, True)), "MULTI_NODE", 0.05)


def test_lock_out():
    def looks(wrong: int) -> list[dict]:
        typed = ["111111"] * wrong + [None] * (6 - wrong)
        times = [3, 34, 65, 98, 133, 1103]
        answers = [False, False, False, False, False, True]
        return [
            {"shown": GOOD.code(T + s), "typed": text, "read_at_local": T + s, "accepted": answer}
            for s, text, answer in zip(times, typed, answers, strict=True)
        ]

    given = {"uri": uri(), "ntp_offset_s": 0}
    firm(diagnose(Case.from_json({**given, "codes": looks(3)})), "LOCKOUT")
    firm(diagnose(Case.from_json({**given, "codes": looks(5)})), "CODE_ENTRY")


def test_typed_late():
    slow = {"typed_after_s": 75}
    assert find(clock(0), at=(3.0,), codes=slow).best.family == "LATE"
    unlikely(find(clock(0), at=(3.0,), codes={"typed_after_s": 5}), "LATE", 0.1)


def test_at_the_windows_edge():
    strict = {"verifier": "pyotp"}
    assert find(clock(0), at=(28.0,), codes={"typed_after_s": 5}, **strict).best.family == "WINDOW_EDGE"
    unlikely(find(clock(0), at=(10.0,), codes={"typed_after_s": 5}, **strict), "WINDOW_EDGE", 0.1)


def test_a_little_off_and_a_strict_service():
    diagnosis = find(clock(-10), at=(4.0, 52.0), accepted=(False, True), codes={"typed_after_s": 2})
    assert diagnosis.best.family in ("PHONE_CLOCK", "WINDOW_EDGE")
    low, high = diagnosis.best.offset_s
    assert low <= -10 <= high


def test_replay():
    firm(find(clock(0), at=(3.0, 12.0), accepted=(True, False)), "REPLAY")
    unlikely(find(clock(0), at=(3.0, 42.0), accepted=(True, False)), "REPLAY", 0.1)


@pytest.mark.parametrize(("first", "again"), [(20.0, 40.0), (20.0, 50.0), (5.0, 50.0), (28.0, 45.0)])
def test_a_replay_after_the_code_has_run_out(first, again):
    """The usual window still takes the code then, so its first use is the reason: RFC 6238 section 5.2."""
    code = GOOD.code(T)
    assert find(lambda _: code, at=(first, again), accepted=(True, False)).best.probability > 0.7
    firm(find(lambda _: code, at=(first, again), accepted=(True, False), verifier="rfc6238"), "REPLAY", "replay")
    late = find(lambda _: code, at=(first, again + 90), accepted=(True, False), verifier="rfc6238")
    unlikely(late, "REPLAY", 0.05)  # too old for the window besides


def test_a_replay_typed_from_memory():
    def again(wait: float, typed: str):
        looks = [
            {"shown": GOOD.code(T + 12), "read_at_local": T + 12, "accepted": True},
            {"shown": GOOD.code(T + wait), "typed": typed, "read_at_local": T + wait, "accepted": False},
        ]
        given = {"uri": uri(), "codes": looks, "ntp_offset_s": 0.0, "verifier": "rfc6238"}
        return diagnose(Case.from_json(given))

    firm(again(42.0, GOOD.code(T + 12)), "REPLAY", "replay")
    assert "code 1 was typed again, refused" in again(42.0, GOOD.code(T + 12)).best.evidence
    unlikely(again(102.0, GOOD.code(T + 12)), "REPLAY", 0.05)
    assert again(102.0, GOOD.code(T + 12)).best.cause == "typed_different"
    unlikely(again(42.0, GOOD.code(T + 600)), "REPLAY", 0.05)


def test_the_service_uses_other_settings():
    asked = Totp(Secret(KEY), algorithm=Algorithm.SHA256)
    shows = iter((asked.code, GOOD.code))
    diagnosis = find(lambda t: next(shows)(t), accepted=(False, True), qr=uri(asked))
    firm(diagnosis, "SERVICE_PARAM")
    refused = find(asked.code, qr=uri(asked))
    unlikely(refused, "SERVICE_PARAM")
    assert refused.probes[0].algorithm is Algorithm.SHA1


def test_the_code_the_service_expected():
    def expected(code: str):
        return find(clock(0), at=(8.0,), service_expected_code=code)

    firm(expected(key(OTHER)(T + 14)), "SERVICE_SIDE", "service_dead")
    asked = Totp(Secret(KEY), algorithm=Algorithm.SHA256)
    firm(find(asked.code, qr=uri(asked), service_expected_code=GOOD.code(T + 77)), "SERVICE_PARAM")
    clock_told = expected(GOOD.code(T + 14 - 120))
    firm(clock_told, "SERVICE_CLOCK")
    assert "slow" in clock_told.best.says


def test_an_expected_code_that_fits_nothing_may_have_been_copied_with_a_slip():
    right = find(clock(0), at=(8.0,), service_expected_code="000000")
    assert "another key" in right.best.says
    assert 0.9 < right.best.probability < 0.998
    edge = find(clock(0), at=(28.0,), codes={"typed_after_s": 20}, verifier="pyotp", service_expected_code="000000")
    assert any(finding.family in ("WINDOW_EDGE", "LATE") and finding.probability > 0.2 for finding in edge.findings)


def test_luck_is_explained_only_where_it_is_worth_a_word():
    one, two = find(clock(-75), at=(7.0,)).best, find(clock(-75)).best
    assert "hardly chance" not in two.evidence
    assert "by chance one of them would fit in about 1 in" in one.evidence
    sure = find(clock(0), at=(7.0,), accepted=True).best
    assert "this cause is a common one: that it fits is hardly chance" in sure.evidence


# ---- the display and the hand ------------------------------------------------------------------------------------


def test_an_old_code_on_the_screen():
    def stale(t: float) -> str:
        return GOOD.code(t - 600 if t < T + 30 else t)

    firm(find(stale, at=(5.0, 45.0), accepted=(False, True)), "STALE_DISPLAY")
    firm(find(clock(-600), at=(5.0, 45.0)), "PHONE_CLOCK")


def test_an_old_display_and_a_late_note_look_alike():
    def old(t: float) -> str:
        return GOOD.code(t - 80 if t < T + 30 else t)

    diagnosis = find(old, at=(5.0, 45.0), accepted=(False, True))
    assert {finding.family for finding in diagnosis.findings[:2]} == {"STALE_DISPLAY", "LATE"}
    assert diagnosis.best.probability < 0.7


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        (lambda code: code[3:] + code[:3], "halves"),
        (lambda code: code[::-1], "reversed"),
        (lambda code: code[:2] + code[3:], "missing"),
        (lambda code: code[0] + code[2] + code[1] + code[3:], "swapped"),
        (lambda code: code[:5] + str((int(code[5]) + 1) % 10), "one_wrong"),
    ],
)
def test_mistyped(typed, cause):
    shown = GOOD.code(T + 6)
    look = {"shown": shown, "typed": typed(shown), "read_at_local": T + 6, "accepted": False}
    case = {"uri": uri(), "codes": [look], "ntp_offset_s": 0}
    firm(diagnose(Case.from_json(case)), "CODE_ENTRY", cause)
    unlikely(diagnose(Case.from_json({**case, "codes": [{**look, "typed": shown}]})), "CODE_ENTRY", 0.05)


def test_the_digit_that_was_wrong_is_named_with_its_place_and_itself_when_the_code_is_spent():
    shown = GOOD.code(T + 6)
    digit = str((int(shown[3]) + 4) % 10)
    look = {"shown": shown, "typed": shown[:3] + digit + shown[4:], "read_at_local": T + 6, "accepted": False}
    case = {"uri": uri(), "codes": [look], "ntp_offset_s": 0}
    says = diagnose(Case.from_json(case)).best.says
    assert "digit 4 is wrong" in says
    assert f"a {digit} where" not in says
    later = {"shown": GOOD.code(T + 900), "read_at_local": T + 900, "accepted": True}
    assert f"a {digit} where a {shown[3]}" in diagnose(Case.from_json({**case, "codes": [look, later]})).best.says


def test_a_slip_nobody_saw():
    code = GOOD.code(T + 6)
    swapped = code[0] + code[2] + code[1] + code[3:]
    assert swapped != code
    assert find(lambda t: swapped, at=(6.0,)).best.family == "CODE_ENTRY"
    unlikely(find(key(OTHER), at=(6.0,)), "CODE_ENTRY", 0.3)


def test_lost_zero():
    t = next(t for t in range(int(T), int(T) + 30_000, 30) if GOOD.code(t + 6).startswith("0")) + 6
    look = {"shown": GOOD.code(t), "typed": GOOD.code(t)[1:], "read_at_local": t, "accepted": False}
    case = {"uri": uri(), "codes": [look], "ntp_offset_s": 0}
    firm(diagnose(Case.from_json(case)), "CODE_ENTRY", "zero_lost")
    look["shown"] = look["typed"]
    firm(diagnose(Case.from_json(case)), "CODE_ENTRY", "zero_lost")
    look["shown"] = look["typed"] = GOOD.code(t)
    unlikely(diagnose(Case.from_json(case)), "CODE_ENTRY", 0.05)


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10"])
def test_digits_of_other_alphabets(zero):
    def foreign(t: float) -> str:
        return "".join(chr(ord(zero) + int(digit)) for digit in GOOD.code(t))

    firm(find(foreign, at=(6.0,)), "CODE_ENTRY", "foreign")
    firm(find(foreign, accepted=True), "OK")


def test_blanks():
    def spaced(t: float) -> str:
        return GOOD.code(t)[:3] + " " + GOOD.code(t)[3:]

    diagnosis = find(spaced, at=(6.0,))
    assert diagnosis.best.family == "CODE_ENTRY"
    firm(find(spaced, accepted=True), "OK")


# ---- keys --------------------------------------------------------------------------------------------------------


def test_wrong_entry():
    others = [{"label": "old one", "uri": uri(Totp(Secret(OTHER)))}, {"label": "this", "uri": uri()}]
    diagnosis = find(key(OTHER), other_entries=others)
    firm(diagnosis, "WRONG_ENTRY")
    assert "old one" in diagnosis.best.says
    unlikely(find(clock(0), other_entries=others), "WRONG_ENTRY", 0.05)


def test_refreshed_page():
    firm(find(key(OTHER), second_uri=uri(Totp(Secret(OTHER)))), "SECRET_DIFFERENT", "second_qr")
    unlikely(find(clock(0), accepted=True, second_uri=uri(Totp(Secret(OTHER)))), "SECRET_DIFFERENT", 0.05)


def test_another_key():
    diagnosis = find(key(OTHER))
    assert diagnosis.best.family == "SECRET_DIFFERENT"
    assert diagnosis.best.probability < 0.9  # it may be anything else that we do not know
    unlikely(diagnosis, "PHONE_CLOCK", 0.1)
    unlikely(find(clock(0)), "SECRET_DIFFERENT", 0.05)


def swapped_at(i: int) -> str:
    return TEXT[:i] + TEXT[i + 1] + TEXT[i] + TEXT[i + 2 :]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TEXT[:9] + TEXT[10:], "character 10 missing"),
        (TEXT[:8] + TEXT[7:], "character 8 twice"),
        (swapped_at(11), "characters 12 and 13 swapped"),
        (TEXT[:-1], "missing"),
        (TEXT[:-4], "last 4"),
        (TEXT[3:], "first 3"),
        (TEXT[:4] + ("A" if TEXT[4] != "A" else "B") + TEXT[5:], "character 5"),
        (TEXT[:6] + "Q" + TEXT[6:], "too many"),
        (TEXT[:3] + TEXT[4:20] + TEXT[21:], ";"),
    ],
)
def test_key_typed_wrongly(text, told):
    diagnosis = find(key(Secret.from_base32(text).reveal()))
    firm(diagnosis, "SECRET_VARIANT")
    assert told in diagnosis.best.says
    assert TEXT not in diagnosis.best.says


def test_key_pasted_twice():
    firm(find(key(Secret.from_base32(TEXT + TEXT).reveal())), "SECRET_VARIANT", "key_twice")
    unlikely(find(key(Secret.from_base32(TEXT + TEXT[::-1]).reveal())), "SECRET_VARIANT", 0.1)


def test_key_typed_wrongly_into_an_entry_with_the_usual_settings():
    asked = Totp(Secret(KEY), 60, 8, Algorithm.SHA256)
    slipped = Secret.from_base32(TEXT[:9] + TEXT[10:]).reveal()
    firm(find(key(slipped), qr=uri(asked), app="manual entry"), "SECRET_VARIANT", "key_missing")


def test_a_key_printed_in_hex_and_typed_as_base32():
    letters = KEY.hex().upper().translate(str.maketrans("018", "OIB", "9"))
    diagnosis = find(key(Secret.from_base32(letters).reveal()), key_as_shown=KEY.hex())
    firm(diagnosis, "SECRET_VARIANT", "key_alien")
    assert "0 taken for O" in diagnosis.best.says


def test_beyond_repair():
    text = TEXT[5:20] + TEXT[:5] + "AB" + TEXT[21:]
    diagnosis = find(key(Secret.from_base32(text).reveal()))
    unlikely(diagnosis, "SECRET_VARIANT", 0.1)


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        (TEXT.encode(), "text_as_key"),
        (TEXT.lower().encode(), "text_as_key"),
        (KEY.hex().encode(), "hex_as_key"),
        (base64.b64encode(KEY), "base64_as_key"),
        (base64.b64decode(TEXT), "base64_read"),
        (KEY[::-1], "key_reversed"),
        (KEY[:10], "key_cut_bytes"),
        (KEY.decode("latin-1").encode(), "key_utf8"),
    ],
    ids=["letters", "small letters", "hex", "base64", "read as base64", "backwards", "half", "utf8"],
)
def test_key_decoded_wrongly(made, cause):
    diagnosis = find(key(made))
    assert diagnosis.best.family in ("SECRET_VARIANT", "APP_BUG")
    assert diagnosis.best.probability > 0.9
    assert diagnosis.best.cause == cause
    unlikely(find(key(made + b"x")), str(diagnosis.best.family), 0.1)


def test_zero_bytes_at_the_end_are_the_same_key():
    firm(find(key(KEY + b"\0\0"), accepted=True), "OK")


@pytest.mark.parametrize("algorithm", [Algorithm.SHA256, Algorithm.SHA512])
def test_short_key_repeated(algorithm):
    short = Totp(Secret(KEY[:10]), algorithm=algorithm)
    size = {Algorithm.SHA256: 32, Algorithm.SHA512: 64}[algorithm]
    firm(find(key((KEY[:10] * 7)[:size], short), qr=uri(short)), "APP_BUG", "key_repeated")
    unlikely(find(short.code, qr=uri(short)), "APP_BUG", 0.05)


@pytest.mark.parametrize("size", [17, 20, 26, 31])
def test_left_over_bits(size):
    text = (TEXT + TEXT)[: size - 1] + "V"
    qr = f"otpauth://totp/Example:ada?secret={text}&issuer=Example"
    dropped = Secret.from_base32(text).reveal()
    bits = "".join(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.index(c):05b}" for c in text)
    padded = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    firm(find(key(dropped), qr=qr, accepted=True), "OK")
    firm(find(key(padded), qr=qr), "APP_BUG", "bits_padded")


def test_long_key_hashed():
    long = Totp(Secret(KEY + OTHER[:12]))
    firm(find(key(hashlib.sha1(KEY + OTHER[:12]).digest(), long), qr=uri(long)), "APP_BUG", "key_hashed")
    unlikely(find(long.code, qr=uri(long)), "APP_BUG", 0.05)


# ---- settings ----------------------------------------------------------------------------------------------------

UNUSUAL = [
    Totp(Secret(KEY), algorithm=Algorithm.SHA256),
    Totp(Secret(KEY), algorithm=Algorithm.SHA512),
    Totp(Secret(KEY), digits=8),
    Totp(Secret(KEY), step=60),
    Totp(Secret(KEY), 60, 8, Algorithm.SHA256),
]


@pytest.mark.parametrize("otp", UNUSUAL, ids=lambda otp: f"{otp.algorithm}-{otp.digits}-{otp.step}")
def test_settings_ignored(otp):
    diagnosis = find(GOOD.code, qr=uri(otp), app="Google Authenticator (Android)")
    firm(diagnosis, "PARAM_IGNORED", "settings_ignored")
    assert "Google" in diagnosis.best.says
    assert "google-authenticator-android/issues/29" in diagnosis.best.link
    assert not any("is known to ignore" in note for note in diagnosis.notes)  # the finding says so
    obeyed = find(otp.code, qr=uri(otp), app="Google Authenticator (Android)")
    unlikely(obeyed, "PARAM_IGNORED", 0.05)
    assert any("is known to ignore" in note for note in obeyed.notes)
    authy = find(GOOD.code, qr=uri(otp), app="Authy").findings
    assert all("TwoFactorAuth/issues/54" in one.link for one in authy if one.cause == "settings_ignored")
    both = find(clock(-90), qr=uri(otp))
    assert both.best.family == "PARAM_IGNORED"


@pytest.mark.parametrize("otp", UNUSUAL, ids=lambda otp: f"{otp.algorithm}-{otp.digits}-{otp.step}")
def test_entry_with_other_settings(otp):
    firm(find(otp.code, app="manual entry"), "PARAM_IGNORED", "settings_differ")
    unlikely(find(GOOD.code, app="manual entry"), "PARAM_IGNORED", 0.05)


# ---- arithmetic --------------------------------------------------------------------------------------------------


def test_modulus():
    firm(find(lambda t: f"{number(t) % 999_999:06}"), "APP_BUG", "modulus_nines")
    unlikely(find(lambda t: f"{number(t) % 1_000_000:06}"), "APP_BUG", 0.05)


def test_truncation_at_byte_19():
    asked = Totp(Secret(KEY), algorithm=Algorithm.SHA256)
    firm(find(lambda t: f"{number(t, KEY, 'sha256', 19) % 10**6:06}", qr=uri(asked)), "APP_BUG", "byte_19")
    unlikely(find(lambda t: f"{number(t, KEY, 'sha256') % 10**6:06}", qr=uri(asked)), "APP_BUG", 0.05)


def test_milliseconds():
    diagnosis = find(lambda t: GOOD.code(t * 1000))
    firm(diagnosis, "APP_BUG", "milliseconds")
    unlikely(find(lambda t: GOOD.code(t * 999)), "APP_BUG", 0.1)


# ---- other kinds of codes ----------------------------------------------------------------------------------------


def counters(otp: Hotp, *places: int) -> Callable[[float], str]:
    queue = iter(places)
    return lambda t: otp.code(next(queue))


def test_counter_ran_ahead():
    otp = Hotp(Secret(KEY), 5)
    diagnosis = find(counters(otp, 14, 15), at=(6.0, 26.0), qr=uri(otp))
    firm(diagnosis, "HOTP_DESYNC")
    assert "10" in diagnosis.best.says
    firm(find(counters(otp, 5, 6), at=(6.0, 26.0), qr=uri(otp), accepted=True), "OK")


def test_counter_behind():
    otp = Hotp(Secret(KEY), 50)
    firm(find(counters(otp, 31, 32), at=(6.0, 26.0), qr=uri(otp)), "HOTP_DESYNC", "counter_behind")


def test_counters_far_away():
    otp = Hotp(Secret(KEY), 1000)
    firm(find(counters(otp, 0, 1), at=(6.0, 26.0), qr=uri(otp)), "HOTP_DESYNC", "counter_behind")
    firm(find(counters(otp, 6012, 6013), at=(6.0, 26.0), qr=uri(otp)), "HOTP_DESYNC", "counter_ahead")
    unlikely(find(counters(otp, 6012), at=(6.0,), qr=uri(otp)), "HOTP_DESYNC")  # one code proves nothing so far off


def test_time_and_counter_mixed_up():
    otp = Hotp(Secret(KEY), 0)
    firm(find(counters(otp, 0, 1), at=(6.0, 46.0)), "HOTP_MIXUP", "totp_as_hotp")
    firm(find(GOOD.code, qr=uri(otp)), "HOTP_MIXUP", "hotp_as_totp")
    unlikely(find(GOOD.code), "HOTP_MIXUP", 0.05)


def steam(t: float) -> str:
    value, letters = number(t), ""
    for _ in range(5):
        value, index = divmod(value, 26)
        letters += STEAM_ALPHABET[index]
    return letters


def test_steam():
    qr = f"otpauth://totp/Steam:ada?secret={TEXT}&issuer=Steam"
    firm(find(GOOD.code, qr=qr), "NONSTANDARD", "steam_plain")
    firm(find(steam, qr=qr, accepted=True), "OK")
    assert find(steam).best.family == "NONSTANDARD"
    assert Totp(Secret(KEY), digits=5, encoder=Encoder.STEAM).code(T) == steam(T)


def test_motp_and_letters():
    firm(find(lambda t: "3b08e0", qr="motp://Example:ada?secret=e3152afee62599c8"), "NONSTANDARD")
    firm(find(lambda t: "abcdefgh"), "NONSTANDARD")
    firm(find(lambda t: "42"), "NONSTANDARD")
    unlikely(find(GOOD.code), "NONSTANDARD", 0.05)
