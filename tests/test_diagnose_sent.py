"""Codes that were sent to the service without coming from the phone: evidence, and what to probe next."""

from __future__ import annotations

import itertools
import json
import math
import re

import pytest
from test_diagnose_causes import GOOD, KEY, OTHER, TEXT, T, clock, find, firm, steam, unlikely, uri

from mfatools.account import Account
from mfatools.diagnose import Case, Probe, Sent, diagnose
from mfatools.diagnose.prepared import prepare
from mfatools.diagnose.probes import PLAIN, failures, of_steps
from mfatools.errors import MfaError
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Hotp, Totp

SHA256 = Totp(Secret(KEY), algorithm=Algorithm.SHA256)
ACCOUNT = Account("Example", "ada", GOOD)


def sent(steps: int, accepted: bool, otp: Totp = GOOD, at: float = 200.0, clock: float = 0.0) -> dict:
    """A code ``steps`` from the step of its sending, ``at`` seconds after T; the computer is ``clock`` s fast."""
    return {"code": otp.code_of(otp.counter(T + at) + steps), "at": T + at + clock, "accepted": accepted}


def steps_of(diagnosis) -> list[int]:
    return [probe.steps for probe in diagnosis.probes]


def told(diagnosis, family: str) -> float:
    return sum(finding.probability for finding in diagnosis.findings if finding.family == family)


# ---- what an answer proves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [-150, -75, 100, 300])
def test_an_accepted_probe_tells_the_services_clock(offset):
    steps = round(offset / 30)
    diagnosis = find(clock(0), sent=[sent(steps, True)])
    firm(diagnosis, "SERVICE_CLOCK")
    assert ("fast" if offset > 0 else "slow") in diagnosis.best.says
    assert "accepted" in diagnosis.best.evidence
    assert diagnosis.probes == ()


def test_refused_probes_make_the_services_clock_less_likely_and_lead_farther():
    def clock_share(*refused: int) -> float:
        diagnosis = find(clock(0), at=(7.0,), sent=[sent(k, False, at=200 + 40 * i) for i, k in enumerate(refused)])
        assert diagnosis.best.family == "SERVICE_SIDE"
        assert not {*refused} & {*steps_of(diagnosis)}
        shares = [e for e in diagnosis.best.evidence.split("its clock ")[1:]]
        return float(shares[0].split("%")[0]) if shares else 0.0

    assert steps_of(find(clock(0), at=(7.0,))) == [-3, 3]
    assert steps_of(find(clock(0), at=(7.0,), sent=[sent(-3, False)])) == [3, -6]
    assert steps_of(find(clock(0), at=(7.0,), sent=[sent(-3, False), sent(3, False, at=240)])) == [-6]
    assert clock_share() > clock_share(-3) > clock_share(-3, 3)


def test_the_phones_code_beside_one_that_was_computed():
    taken, refused = [sent(0, True)], [sent(0, False)]
    firm(find(clock(90), sent=taken), "PHONE_CLOCK")
    firm(find(clock(0), accepted=None, sent=taken), "OK")
    firm(find(clock(0), accepted=None, sent=refused), "SERVICE_SIDE")
    both = find(clock(90), sent=refused)
    firm(both, "PHONE_CLOCK")
    assert any("of its own" in note for note in both.notes)
    assert not any("of its own" in note for note in find(clock(90), sent=taken).notes)


def test_the_usual_settings_are_probed_once():
    open_ = find(SHA256.code, qr=uri(SHA256))
    assert open_.probes[0].algorithm is Algorithm.SHA1
    firm(find(SHA256.code, qr=uri(SHA256), sent=[sent(0, True)]), "SERVICE_PARAM")
    refused = find(SHA256.code, qr=uri(SHA256), sent=[sent(0, False)])
    assert all(probe.algorithm is None for probe in refused.probes)
    unlikely(refused, "SERVICE_PARAM", 0.05)


def test_steam_is_sent_no_code_of_other_settings():
    qr = f"otpauth://totp/Steam:ada?secret={TEXT}&issuer=Steam"
    account = Case.from_json({"uri": qr, "codes": []}).entry.account
    assert account is not None
    diagnosis = find(steam, qr=qr)
    firm(diagnosis, "SERVICE_SIDE")
    codes = [probe.code(account, T) for probe in diagnosis.probes]
    assert codes == [steam(T - 90), steam(T + 90)]


def test_a_code_of_the_newer_qr():
    newer = Totp(Secret(OTHER))
    diagnosis = find(clock(0), second_uri=uri(newer), sent=[sent(0, True, newer)])
    firm(diagnosis, "SECRET_DIFFERENT")
    assert "new QR" in diagnosis.best.title
    refused = find(clock(0), second_uri=uri(newer), sent=[sent(0, False, newer)])
    assert told(refused, "SECRET_DIFFERENT") < told(find(clock(0), second_uri=uri(newer)), "SECRET_DIFFERENT")


def test_a_code_that_nobody_knows():
    odd = {"code": "000000", "at": T + 200}
    firm(find(clock(0), sent=[{**odd, "accepted": True}]), "SECRET_DIFFERENT", "other_key_accepted")
    firm(find(clock(0), sent=[{**odd, "accepted": False}]), "SERVICE_SIDE")


def test_codes_that_were_only_computed():
    firm(find(clock(0), at=(), sent=[sent(0, True)]), "OK")
    firm(find(clock(0), at=(), sent=[sent(0, False)]), "SERVICE_SIDE")
    assert find(clock(0), at=(), sent=[sent(0, False, at=40), sent(3, True)]).best.family == "SERVICE_CLOCK"


def test_a_probe_by_a_computer_that_is_wrong_and_measured():
    looks = [{"shown": GOOD.code(T + s), "read_at_local": T + s - 95, "accepted": False} for s in (7, 71)]
    case = {"uri": uri(), "codes": looks, "ntp_offset_s": -95.0, "sent": [sent(3, True, clock=-95)]}
    assert diagnose(Case.from_json(case)).best.family == "SERVICE_CLOCK"


def test_a_counter_that_was_sent():
    otp = Hotp(Secret(KEY), 5)
    looks = [{"shown": otp.code(5), "read_at_local": T, "accepted": False}]
    case = {"uri": uri(otp), "codes": looks, "sent": [{"code": otp.code(6), "at": T + 60, "accepted": False}]}
    diagnosis = diagnose(Case.from_json(case))
    assert diagnosis.best.family == "SERVICE_SIDE"
    assert diagnosis.probes == ()


# ---- which probe next --------------------------------------------------------------------------------------------


def test_where_the_log_tells_the_clock_the_probe_fits_it():
    diagnosis = find(clock(0), at=(8.0,), service_expected_code=GOOD.code(T + 14 - 240))
    firm(diagnosis, "SERVICE_CLOCK")
    assert steps_of(diagnosis) == [-8]


def test_a_wide_window_is_probed_in_wide_steps():
    wide = find(clock(0), at=(7.0,), verifier={"behind": 4, "ahead": 4})
    assert steps_of(wide)[0] == -9


def test_refusals_of_any_code_count_towards_a_lock_out():
    refused = [sent(k, False, at=200 + 40 * i) for i, k in enumerate((-3, 3, -6))]
    assert find(clock(0), at=(7.0,), sent=refused).probes == ()
    case = Case.from_json({"uri": uri(), "sent": [*refused, sent(0, True, at=400), sent(9, False, at=440)]})
    assert failures(case) == 1


def test_nothing_is_asked_for_that_is_not_on_offer():
    refused = [sent(k, False, at=200 + 40 * i) for i, k in enumerate((-3, 3, -6))]
    question = find(clock(0), at=(7.0,), sent=refused).next_question
    assert question.name != "probe_codes"
    assert "the code from 90 seconds ago, then the code due in 90 seconds" in find(clock(0)).next_question.text


@pytest.mark.parametrize(
    ("steps", "step", "name", "proves"),
    [
        (-3, 30, "the code from 90 seconds ago", "30 to 150 s behind"),
        (3, 60, "the code due in 3 minutes", "1 to 5 min ahead"),
        (-6, 30, "the code from 3 minutes ago", "2 to 4 min behind"),
        (120, 30, "the code due in 1 hour", "59 to 61 min ahead"),
        (1, 30, "the code due in 30 seconds", "0 to 90 s ahead"),
    ],
)
def test_a_probe_in_words(steps, step, name, proves):
    probe = of_steps(steps, step)
    assert probe.name == name
    assert proves in probe.proves


@pytest.mark.parametrize("steps", [-6, -3, 3, 6])
def test_a_probe_is_taken_by_no_clock_but_those_it_speaks_of(steps):
    told = re.search(r"is (\d+) to (\d+) (s|min) (behind|ahead)", of_steps(steps, 30).proves)
    assert told is not None
    unit, way = {"s": 1, "min": 60}[told[3]], {"behind": -1, "ahead": 1}[told[4]]
    places = sorted(way * unit * int(end) for end in (told[1], told[2]))
    for place, moment in itertools.product(range(-300, 301, 5), range(30)):
        if abs(math.floor((moment + place) / 30) - steps) <= 1:  # a window of one step either way
            assert places[0] <= place <= places[1], place


@pytest.mark.parametrize("steps", [-120, -6, -3, 1, 3, 6])
def test_a_probe_that_is_told_as_a_code_with_its_name_is_known_for_one(steps):
    look = {"shown": "123456", "read_at_local": T, "entry_label": of_steps(steps, 30).name.capitalize()}
    (seen,) = prepare(Case.from_json({"uri": uri(), "codes": [look]}))
    assert seen.probe


def test_the_code_of_a_probe_and_when_it_holds():
    assert of_steps(-3, 30).code(ACCOUNT, T + 5) == GOOD.code(T - 85)
    assert of_steps(-3, 30).when(ACCOUNT, T + 5) == (T, T + 30)
    slow = Account("Example", "ada", Totp(Secret(KEY), 60, 8, Algorithm.SHA256))
    assert PLAIN.code(slow, T + 35) == GOOD.code(T + 35)
    assert PLAIN.when(slow, T + 35) == (T + 30, T + 60)
    counted = Account("Example", "ada", Hotp(Secret(KEY)))
    for ask in (Probe("x", "y").code, Probe("x", "y").when):
        with pytest.raises(MfaError):
            ask(counted, T)


# ---- as JSON -----------------------------------------------------------------------------------------------------


def test_to_json_and_back():
    computed = {"code": "012345", "at": T, "accepted": True}
    given = {"uri": uri(), "sent": [computed], "answers": {"wall_clock": "wrong"}}
    case = Case.from_json(given)
    assert case.sent == (Sent("012345", T, accepted=True),)
    assert case.answers == (("wall_clock", "wrong"),)
    assert "012345" not in repr(case)
    again = json.loads(json.dumps(case.to_json(secrets=True)))
    assert (again["sent"], again["answers"]) == (given["sent"], given["answers"])
    assert Case.from_json(again) == case


def test_no_code_is_said():
    code = sent(3, True)
    diagnosis = find(clock(0), sent=[code])
    assert code["code"] not in json.dumps(diagnosis.to_json()) + repr(diagnosis) + diagnosis._repr_html_()
