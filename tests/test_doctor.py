"""The kernel's side of the doctor: what the page tells becomes a case, and the case a diagnosis in words."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from mfatools import casework
from mfatools.account import Account, parse
from mfatools.clock import ClockReport, Confidence
from mfatools.diagnose import Family
from mfatools.errors import CaseError, TimeSourceError
from mfatools.totp import Algorithm
from mfatools.widgets import cards, chart, probing, reply
from mfatools.widgets.background import THREAD, Examiner, clock_words
from mfatools.widgets.doctor import Doctor
from mfatools.widgets.scan import Scan

KEY = "MZXW6YTBOJRGC6TBMZXW6YTBOJRGC6TB"
NEWER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/Example:ada?secret={KEY}&issuer=Example"
AGAIN = URI.replace(KEY, NEWER)
T = 1_768_471_207.0


def right_clock(*_args, **_options):
    return ClockReport(0.02, 0.01, Confidence.CONFIRMED, "ntp")


def slow_clock(*_args, **_options):
    return ClockReport(200.0, 0.05, Confidence.CONFIRMED, "ntp")


def nobody(*_args, **_options):
    return ClockReport(None, None, Confidence.NO_ANSWER, "ntp")


def broken_clock(*_args, **_options):
    raise ZeroDivisionError(KEY)


class Bench(Doctor):
    """A doctor that keeps what it sends, and a page that waits for its answers."""

    def __init__(self, *accounts, **options):
        self.sent: list[dict] = []
        self.nonces = 0
        super().__init__(*accounts, **{"check": right_clock, **options})
        settle()

    def send(self, content, buffers=None):
        json.dumps(content)  # what a comm would do
        assert not buffers
        self.sent.append(content)

    def post(self, kind, **content):
        """Play the page: send a message and wait for what it sets going; its answers."""
        self.nonces += 1
        content = {"type": kind, "nonce": f"tab.{self.nonces}", **content}
        self._handle_custom_msg(content, [])
        settle()
        return [message for message in self.sent if message.get("nonce") == content["nonce"]]

    def tell_code(self, code, at, accepted=False, **more):
        self.post("look", shown=code, at=at, sd=2.0)
        self.post("answer", index=len(self.case.looks) - 1, accepted=accepted, after=6, **more)

    def state(self):
        return [message for message in self.sent if message["type"] == "state"][-1]

    def family(self):
        self.post("diagnose")
        return self.diagnosis.best.family


def settle():
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(60)


def ada():
    return parse(URI)


def show(scan, uri):
    """A picture was scanned."""
    scan._add(cards.merge(scan._cards, cards.of_text(uri)[0]))
    settle()


def codes(account, offset, *moments):
    return [(account.otp.code(t + offset), t) for t in moments]


def told(account, offset=0.0, times=2, accepted=False, **options):
    doctor = Bench(account, **options)
    for code, t in codes(account, offset, *(T + 35 * n for n in range(times))):
        doctor.tell_code(code, t, accepted)
    return doctor


# --- stories


def test_a_slow_phone_is_found_and_said_in_words():
    doctor = told(ada(), -93)
    assert doctor.family() is Family.PHONE_CLOCK
    low, high = doctor.diagnosis.best.offset_s
    assert low <= -93 <= high
    best = doctor.state()["diagnosis"]["findings"][0]
    assert best["likely"] == "almost certain"
    assert best["percent"] == "over 99%"
    assert any("automatic" in step for step in best["remedy"])
    assert doctor.words() == "Doctor: The phone's clock is wrong (almost certain)"


def test_all_fine():
    assert told(ada(), accepted=True).family() is Family.OK


def test_the_code_of_another_entry():
    other = Account("Other", "ada", replace(ada().otp, secret=parse(AGAIN).secret))
    doctor = Bench(ada(), other)
    assert doctor.state()["settled"] is False
    doctor.post("choose", account=0)
    for code, t in codes(other, 0, T, T + 40):
        doctor.tell_code(code, t)
    assert doctor.family() is Family.WRONG_ENTRY


@pytest.mark.parametrize("said", [True, False])
def test_a_page_that_was_opened_again(said):
    """The newer QR of the same account is known by its name, or because it was asked for."""
    doctor = Bench()
    show(doctor.scan, URI)
    newer = parse(AGAIN)
    if said:
        doctor.post("role", role="second")
        newer = replace(newer, name="somebody else")
    show(doctor.scan, newer.uri())
    assert doctor.state()["case"]["second"]
    assert doctor.state()["settled"]
    assert doctor.state()["role"] == "main"
    for code, t in codes(ada(), 0, T, T + 40):
        doctor.tell_code(code, t)
    assert doctor.family() is Family.SECRET_DIFFERENT
    assert doctor.state()["diagnosis"]["far"] is False  # the codes fit a key that is here: no date to search


def test_an_app_that_ignores_the_hash():
    account = replace(ada(), otp=replace(ada().otp, algorithm=Algorithm.SHA256))
    plain = replace(account, otp=replace(account.otp, algorithm=Algorithm.SHA1))
    doctor = Bench(account)
    doctor.post("details", app="Google Authenticator (Android)", platform="android")
    for code, t in codes(plain, 0, T, T + 40):
        doctor.tell_code(code, t)
    assert doctor.family() is Family.PARAM_IGNORED


def test_a_slip_of_the_fingers():
    doctor = Bench(ada())
    (code, t), (other, later) = codes(ada(), 0, T, T + 40)
    swapped = code[1] + code[0] + code[2:]
    assert swapped != code
    doctor.tell_code(code, t, typed=swapped)
    doctor.tell_code(other, later, accepted=True)
    assert doctor.family() is Family.CODE_ENTRY


def test_a_computer_whose_clock_is_off():
    """The times come from this computer, which is 200 s slow: the phone is right all the same."""
    account = ada()
    doctor = Bench(account, check=slow_clock)
    for code, t in codes(account, 200, T, T + 40):
        doctor.tell_code(code, t, accepted=True)
    assert doctor.case.local_offset_s == pytest.approx(-200)
    assert doctor.family() in (Family.OK, Family.LOCAL_CLOCK)
    assert doctor.live.offset == 200


# --- what the page tells


def test_a_case_grows_field_by_field():
    doctor = Bench(ada())
    doctor.post("details", app="Aegis", service="pypi")
    doctor.post("details", key=" mzxw 6ytb ", expected="123456")
    case = doctor.case
    assert (case.app, case.service.behind, case.expected_code) == ("Aegis", 1, "123456")
    assert case.key_as_shown.reveal() == b" mzxw 6ytb "
    assert doctor.state()["case"]["details"] == {
        "app": "Aegis", "platform": "", "service": "pypi", "key": True, "expected": True,
    }  # fmt: skip
    assert "whole code" in str(doctor.post("details", expected="12"))
    assert doctor.case.expected_code == "123456"
    doctor.post("details", key="", service="", expected="")
    assert (doctor.case.key_as_shown, doctor.case.service, doctor.case.expected_code) == (None, None, None)


def test_a_code_is_read_at_the_pages_time_and_can_be_dropped():
    doctor = Bench(ada())
    doctor.post("look", shown="123 456", at=T + 0.25, sd=3.5)
    (look,) = doctor.case.looks
    assert (look.shown, look.read_at_local, look.read_sd_s) == ("123456", T + 0.25, 3.5)
    doctor.post("drop", index=0)
    assert doctor.case.looks == ()


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("look", {"shown": "", "at": T}, "code"),
        ("look", {"shown": "12<b>", "at": T}, "code"),
        ("look", {"shown": "1" * 99, "at": T}, "code"),
        ("look", {"shown": "123456"}, "moment"),
        ("look", {"shown": "123456", "at": "now"}, "moment"),
        ("look", {"shown": "123456", "at": 1.8e12}, "moment"),
        ("answer", {"index": 3, "accepted": True}, "no longer"),
        ("drop", {"index": None}, "no longer"),
        ("details", {"service": "nobody"}, "window"),
        ("choose", {"account": 9}, "no longer"),
        ("probe", {"name": "x"}, "no longer"),
        ("load", {"text": "{"}, "JSON"),
        ("load", {"text": "[]"}, "no list"),
    ],
)
def test_what_cannot_be_used_is_said(kind, content, says):
    doctor = Bench(ada())
    (answer,) = doctor.post(kind, **content)
    assert answer["type"] == "error"
    assert says in answer["what"]
    assert answer["hint"]


def test_without_an_account_there_is_nothing_to_tell():
    doctor = Bench()
    assert doctor.case is None
    for kind in ("look", "diagnose", "save", "taps"):
        assert doctor.post(kind, shown="123456", at=T)[-1]["code"] == "E_NO_ACCOUNT"
    assert doctor.words() == "Doctor, no diagnosis yet"


def test_taps_tell_the_phones_clock_to_a_fraction_of_a_second():
    doctor = Bench(ada())
    flips = [T // 30 * 30 + 30 * n + 12.0 + 0.2 for n in (1, 2, 3)]  # 12 s late: slow; 0.2 s for the finger
    doctor.post("taps", taps=flips)
    taps = doctor.state()["case"]["taps"]
    assert taps["count"] == 3
    assert "12 s slow" in taps["words"]
    for code, t in codes(ada(), -12, T, T + 40):
        doctor.tell_code(code, t, accepted=True)
    doctor.post("taps", taps=[*flips, "x", None, float("nan")])
    assert len(doctor.case.changes) == 3


# --- the clock, in the background


def test_nobody_is_asked_before_there_is_an_account():
    asked = []

    def check(*args, **_options):
        asked.append(args)
        return right_clock()

    doctor = Bench(check=check, servers=["time.example:123"])
    clock = doctor.state()["clock"]
    assert (clock["state"], clock["first"], clock["then"], asked) == ("idle", ["time.example"], [], [])
    show(doctor.scan, URI)
    assert doctor.state()["clock"]["state"] == "done"
    assert len(asked) == 1
    assert doctor.case.local_offset_s == pytest.approx(-0.02)


def test_the_clock_check_can_be_switched_off_and_on():
    doctor = Bench(ada(), clock=False)
    assert doctor.state()["clock"]["state"] == "off"
    assert doctor.case.local_offset_s is None
    doctor.post("clock", on=True)
    assert doctor.report.offset == 0.02


def test_beside_somebody_elses_scan_nobody_is_asked_before_the_first_code():
    asked = []
    scan = Scan()
    doctor = Bench(scan=scan, check=lambda *_a, **_o: asked.append(1) or right_clock())
    show(scan, URI)  # for its live code; whether the doctor is wanted is not known yet
    assert (doctor.state()["clock"]["state"], asked) == ("idle", [])
    doctor.post("look", shown="123456", at=T, sd=2.0)
    assert (doctor.state()["clock"]["state"], asked) == ("done", [1])


def test_after_a_check_by_the_clock_widget_the_doctor_asks_nobody():
    asked = []
    scan = Scan()
    doctor = Bench(scan=scan, check=lambda *_a, **_o: asked.append(1) or right_clock())
    show(scan, URI)
    doctor.use_report(slow_clock())
    doctor.post("look", shown="123456", at=T, sd=2.0)
    assert asked == []
    assert doctor.report.offset == 200
    assert "200" in doctor.state()["clock"]["words"] or "3 min 20 s" in doctor.state()["clock"]["words"]


def test_a_report_from_a_clock_widget_will_do():
    doctor = Bench(ada(), clock=False)
    doctor.use_report(slow_clock())
    assert doctor.state()["clock"]["state"] == "done"
    assert doctor.case.local_offset_s == -200
    assert [board.offset for board in (doctor.live, doctor.scan.live)] == [200, 200]


def test_of_a_clock_that_was_set_during_the_check_the_present_offset_counts():
    doctor = Bench(ada(), check=lambda *_a, **_o: replace(slow_clock(), stepped=200.0))
    assert doctor.case.local_offset_s == 0
    assert doctor.live.offset == 0


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (right_clock(), "This computer's clock is right. The codes"),
        (slow_clock(), "s slow, give or take 0.05 s, agreed by 0 of 0 time servers. That is taken into account"),
        (nobody(), "No time server answered, so it is not known whether this computer's clock is right."),
        (replace(nobody(), confidence=Confidence.NO_MAJORITY), "contradict each other, so it is not known whether"),
    ],
)
def test_the_clock_check_is_said_in_whole_sentences(report, says):
    assert says in clock_words(report)


@pytest.mark.parametrize(
    ("text", "at", "accepted", "noted"),
    [
        ("123456 refused", T, False, ["code", "answer"]),
        ("the site took 123 456", T, True, ["code", "answer"]),
        ("it said invalid for 123456 at 10:00:20", T - 387 + 0.5, False, ["code", "answer"]),
        ("at 23:59 it showed 12345678", T - 10 * 3600 - 6 * 60 - 47 - 30, None, ["code"]),
        ("123-456", T, None, ["code"]),
    ],
)
def test_an_answer_in_own_words_with_a_code(text, at, accepted, noted):
    """It is 10:06:47; the day began 10 h 6 min 47 s ago."""
    doctor = Bench(ada())
    (done,) = doctor.post("reply", text=text, at=T, sd=2.0, midnight=T - 10 * 3600 - 6 * 60 - 47)
    (look,) = doctor.case.looks
    assert done["noted"] == noted
    assert look.shown in ("123456", "12345678")
    assert look.accepted is accepted
    assert look.read_at_local == pytest.approx(at)


def test_a_word_for_an_answer_can_be_taken_back():
    doctor = told(ada(), -3600, times=1)
    doctor.post("diagnose")
    before = doctor.diagnosis.best.probability
    doctor.post("word", name="wall_clock", answer="wrong")
    assert doctor.state()["case"]["answers"] == [{"name": "wall_clock", "answer": "wrong"}]
    assert doctor.diagnosis.best.family is Family.PHONE_CLOCK
    assert doctor.diagnosis.best.probability > before
    assert doctor.post("word", name="wall_clock", answer="blue")[0]["type"] == "error"
    doctor.post("word", name="wall_clock", answer=None)
    assert doctor.case.answers == ()


def test_an_answer_in_own_words_about_app_and_device():
    doctor = Bench(ada())
    (done,) = doctor.post("reply", text="Google Authenticator on my iPhone")
    assert done["noted"] == ["app", "device"]
    assert (doctor.case.app, doctor.case.platform) == ("Google Authenticator (iPhone)", "ios")
    (done,) = doctor.post("reply", text="Aegis")
    assert (doctor.case.app, doctor.case.platform) == ("Aegis", "ios")


def test_an_answer_goes_to_the_last_code_or_is_asked_back():
    doctor = Bench(ada())
    assert doctor.post("reply", text="it was refused")[0]["what"] == "Which code was that?"
    doctor.post("look", shown="123456", at=T, sd=2.0)
    doctor.post("reply", text="It didn't work")
    assert doctor.case.looks[0].accepted is False
    assert doctor.post("reply", text="hello there")[0]["code"] == "E_REPLY"
    assert reply.heard(doctor.case, {"text": "previous search on WSL"})[0].platform == "wsl"


def test_a_clock_check_that_fails_is_no_end():
    doctor = told(ada(), -93, check=broken_clock)
    assert doctor.state()["clock"]["state"] == "failed"
    assert KEY not in json.dumps(doctor.sent)
    assert doctor.family() is Family.PHONE_CLOCK
    with pytest.raises(TimeSourceError):
        Doctor(servers=[])


# --- after the first diagnosis


def test_a_new_fact_weighs_anew():
    doctor = told(ada(), -93, times=1)
    doctor.post("diagnose")
    first = doctor.diagnosis.best.probability
    for code, t in codes(ada(), -93, T + 40):
        doctor.tell_code(code, t)
    assert doctor.diagnosis.best.probability > first
    assert doctor.answers >= 2


def test_probe_codes_are_made_for_this_moment():
    doctor = told(ada(), times=2)
    assert doctor.family() is Family.SERVICE_SIDE
    offered = doctor.state()["diagnosis"]["probes"]
    assert offered
    doctor._now = lambda: T + 60
    (answer,) = doctor.post("probe", name=offered[0]["name"])
    steps, otp = doctor.diagnosis.probes[0].steps, ada().otp
    now = otp.counter(T + 60 + 0.02)
    assert answer["codes"][0] == (pytest.approx(30 * now - 0.02), otp.code_of(now + steps))
    assert len(answer["codes"]) == probing.STEPS


@pytest.mark.parametrize("accepted", [True, False])
def test_the_answer_to_a_probe_code_is_evidence(accepted):
    doctor = told(ada(), times=2)
    doctor.post("diagnose")
    doctor._now = lambda: T + 60
    name, steps = doctor.state()["diagnosis"]["probes"][0]["name"], doctor.diagnosis.probes[0].steps
    before, answers = doctor.diagnosis, doctor.answers
    doctor.post("probed", name=name, accepted=accepted, at=T + 55)
    (sent,) = doctor.case.sent
    otp = ada().otp
    assert (sent.code, sent.at, sent.accepted) == (otp.code_of(otp.counter(T + 55) + steps), T + 55, accepted)
    assert (doctor.answers, doctor.diagnosis is before) == (answers + 1, False)
    state = doctor.state()
    assert [(one["name"], one["accepted"]) for one in state["probed"]] == [(name, accepted)]
    left = [one["name"] for one in state["diagnosis"]["probes"]]
    assert name not in left  # never twice: each refusal brings a lock nearer
    assert not (accepted and left)
    if accepted:
        assert doctor.diagnosis.best.family is Family.SERVICE_CLOCK
    doctor.post("probed", name=name, accepted=True, at=T + 1e9)  # an impossible moment is that of the message
    assert doctor.case.sent[-1].at in (T + 55, T + 60)


def picture_of(doctor):
    doctor.post("diagnose")
    return doctor.state()["diagnosis"]["findings"][0]["picture"]


@pytest.mark.parametrize("check", [right_clock, slow_clock, nobody])
@pytest.mark.parametrize("offset", [-93, 93, -3600, -86400 * 3])
def test_a_wrong_clock_has_its_picture_whatever_is_known_of_this_computers(offset, check):
    doctor = told(ada(), offset + (200 if check is slow_clock else 0), check=check)
    picture = picture_of(doctor)
    last = T + 35 + (200 if check is slow_clock else 0)  # true time
    assert picture["sent"] == pytest.approx(last + 6, abs=0.1)
    assert picture["code"][0] <= last + offset < picture["code"][1]
    assert picture["takes"][0] <= last + 6 - 30 < last + 6 + 30 < picture["takes"][1]
    assert (picture["fits"], picture["accepted"], picture["before"]) == (False, False, None)


def test_right_codes_lie_in_their_time_and_one_used_twice_shows_when():
    assert picture_of(told(ada(), accepted=True))["fits"] is True
    assert picture_of(told(ada()))["fits"] is True  # refused all the same: the time is not why
    doctor = Bench(ada())
    for t, accepted in ((T, True), (T + 12, False)):
        doctor.tell_code(ada().otp.code(T), t, accepted)
    picture = picture_of(doctor)
    assert doctor.diagnosis.best.family is Family.REPLAY
    assert picture["before"] == pytest.approx(T + 6, abs=0.1)


def test_the_picture_of_a_wrong_clock_of_the_services_does_not_say_that_time_was_not_the_reason():
    doctor = told(ada())
    assert picture_of(doctor)["theirs"] is False
    doctor.post("probed", name="the code from 90 seconds ago", accepted=True, at=T + 60)
    picture = picture_of(doctor)
    assert doctor.diagnosis.best.family is Family.SERVICE_CLOCK
    assert (picture["fits"], picture["theirs"]) == (True, True)


def test_a_strict_service_is_drawn_with_the_window_that_it_showed():
    """A code 25 s early is refused: a window of one step ahead would contradict that."""
    picture = picture_of(told(ada(), 27))
    assert not picture["fits"]
    assert picture["code"][0] >= picture["takes"][1]


def test_where_time_shows_nothing_there_is_no_picture():
    doctor = Bench(ada(), parse(AGAIN))
    for code, t in codes(ada(), 0, T, T + 40):
        doctor.tell_code(code, t)
    doctor.post("choose", account=1)
    doctor.post("diagnose")
    assert doctor.diagnosis.best.family is Family.WRONG_ENTRY
    assert picture_of(doctor) is None
    assert picture_of(Bench(ada())) is None


def test_a_full_search_tells_how_far_it_is_and_can_be_stopped(monkeypatch):
    def search(case, *, full, progress, stop):
        progress(0.5)
        doctor.on_stop(message())
        assert stop()
        return found

    doctor = told(ada(), 3e8)
    doctor.post("diagnose")
    found = replace(doctor.diagnosis, stopped=True)
    assert doctor.state()["diagnosis"]["far"] is True
    message = lambda: type("M", (), {"content": {}})()  # noqa: E731
    monkeypatch.setattr("mfatools.widgets.background.diagnose", search)
    doctor.post("diagnose", full=True)
    assert {"type": "progress", "share": 0.5} in doctor.sent
    assert doctor.state()["diagnosis"]["stopped"]
    assert doctor.state()["busy"] is False


def test_a_diagnosis_that_fails_is_told_without_secrets(monkeypatch):
    def fail(*_args, **_options):
        raise ZeroDivisionError(KEY)

    monkeypatch.setattr("mfatools.widgets.background.diagnose", fail)
    doctor = told(ada())
    doctor.post("diagnose")
    trouble = next(message for message in doctor.sent if message["type"] == "trouble")
    assert "ZeroDivisionError" in trouble["what"]
    assert KEY not in json.dumps(doctor.sent)


def test_solved_and_start_over():
    doctor = Bench()
    show(doctor.scan, URI)
    doctor.tell_code(*codes(ada(), 0, T)[0])
    doctor.post("diagnose")
    doctor.post("solved", on=True)
    assert doctor.state()["solved"]
    doctor.post("restart")
    state = doctor.state()
    assert (state["case"], state["accounts"], state["diagnosis"], state["solved"]) == (None, [], None, False)
    assert doctor.live.accounts == ()


# --- files


def test_a_case_is_saved_without_keys_and_read_again_with_one():
    doctor = told(ada(), -93)
    doctor.post("details", app="Aegis", key=KEY)
    (saved,) = doctor.post("save")
    assert KEY not in saved["text"]
    assert "otpauth" not in saved["text"]
    other = Bench()
    other.post("load", text=saved["text"])
    assert other.state()["pending"]
    show(other.scan, URI)
    assert other.case.app == "Aegis"
    assert other.case.looks == doctor.case.looks
    assert other.case.local_offset_s == doctor.case.local_offset_s
    assert other.family() is Family.PHONE_CLOCK


def test_a_saved_clock_is_not_replaced_by_one_of_now():
    data = told(ada(), -93, clock=False).case.to_json()
    doctor = Bench(ada())
    doctor.load(data)
    doctor.post("clock", on=True, again=True)
    assert doctor.case.local_offset_s is None
    with pytest.raises(CaseError, match="read_at_local"):
        doctor.load({"codes": [{"shown": "123456"}]})


# --- accounts


def test_a_scan_that_is_there_already_is_shared():
    scan = Scan()
    doctor = Bench(scan=scan)
    assert doctor.state()["own"] is False
    assert doctor.picker is None
    show(scan, URI)
    assert doctor.case.entry.account == ada()
    doctor.close()
    show(scan, AGAIN)
    assert doctor.case is None
    assert len(scan.accounts) == 2


def test_the_board_shows_the_account_that_is_meant():
    other = parse(AGAIN.replace("ada", "bob"))
    doctor = Bench(ada(), other)
    assert doctor.live.accounts == (ada(),)
    doctor.post("choose", account=1)
    assert doctor.live.accounts == (other,)
    assert [entry.account for entry in doctor.case.others] == [ada()]


# --- secrets


def test_nothing_secret_is_sent_back_or_synced():
    doctor = told(ada(), -93)
    doctor.post("details", key=KEY, expected="918273")
    doctor.post("hello")
    doctor.post("diagnose")
    doctor.post("reply", text="it was refused, Aegis on Android")
    secrets = [KEY, "918273", *(look.shown for look in doctor.case.looks)]
    everything = json.dumps(doctor.sent) + repr(doctor) + repr(doctor.get_state()) + repr(doctor.case)
    assert not [secret for secret in secrets if secret in everything]
    names = set(doctor.get_state()) - {name for name in doctor.get_state() if name.startswith("_")}
    assert names <= {"layout", "tabbable", "tooltip", "picker", "board", "answers"}


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.99, "almost certain"), (0.9, "very likely"), (0.6, "likely"), (0.3, "possible"), (0.05, "less likely")],
)
def test_probabilities_in_words(probability, words):
    assert chart.likely(probability) == words


def test_what_the_page_offers_is_known():
    offered = casework.options()
    assert offered["apps"]
    assert all(casework.with_details(Bench(ada()).case, {"service": name}) for name, _ in offered["services"][:3])


class Gap:
    """A lock; at the first release another thread is quicker, and does something."""

    def __init__(self, meanwhile):
        self._lock, self._meanwhile = threading.Lock(), meanwhile

    def __enter__(self):
        self._lock.acquire()

    def __exit__(self, *exc):
        self._lock.release()
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            meanwhile()


def examiner(monkeypatch):
    monkeypatch.setattr("mfatools.widgets.background.diagnose", lambda case, **_: f"about {case}")
    return Examiner(done=lambda: None, changed=lambda: None, tell=lambda *_, **__: None)


def test_an_answer_that_is_there_as_all_is_forgotten_does_not_come_back(monkeypatch):
    weighs = examiner(monkeypatch)
    turn, stop = weighs._turn, threading.Event()
    weighs._lock = Gap(weighs.forget)
    weighs._run("the first", turn, stop, False)
    assert weighs.found is None


def test_of_two_cases_that_begin_at_once_only_one_is_answered(monkeypatch):
    weighs = examiner(monkeypatch)
    weighs._lock = Gap(lambda: (weighs.begin("the second"), settle()))
    weighs.begin("the first")
    settle()
    assert weighs.found == "about the second"
