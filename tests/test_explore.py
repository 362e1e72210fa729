"""The kernel's side of the three explorers, with messages caught where they would leave for the page."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from mfatools import explore, lab, windows
from mfatools.account import Account
from mfatools.errors import MfaError
from mfatools.nonstandard import Motp
from mfatools.secret import Secret
from mfatools.totp import Hotp, Totp
from mfatools.widgets.explore_anatomy import _HOTP, _TIMES, presets, vector
from mfatools.widgets.explore_lab import ExploreLab, doctor
from mfatools.widgets.explore_setting import READ, Setting
from mfatools.widgets.explore_windows import chance_words, services

RFC_KEY = Secret(b"12345678901234567890")
CANARY = Secret(b"a canary that must not sing")


class Page:
    """Plays the page of one widget: asks, and keeps what the kernel says."""

    def __init__(self, widget):
        self.widget, self.sent, self.buffers = widget, [], []
        widget.send = self._catch

    def _catch(self, content, buffers=None):
        json.dumps(content)  # what a comm would do
        self.sent.append(content)
        self.buffers.append(list(buffers or ()))

    def ask(self, kind, **content):
        self.sent.clear()
        self.buffers.clear()
        self.widget._handle_custom_msg({"type": kind, "nonce": "tab.1", **content}, [])
        assert all(answer["nonce"] == "tab.1" for answer in self.sent)
        return self.sent[0] if self.sent else None


# ---- windows ---------------------------------------------------------------------------------------------------


def draw(page, **values):
    return page.ask("draw", values=values)


def test_verdict_and_chance_are_those_of_the_geometry():
    page = Page(explore.windows())
    answer = draw(page, phone=-42, typing=10)
    assert answer["taken"] is True
    assert answer["verdict"] == "Accepted: the code is 1 step behind"
    answer = draw(page, typing=20)
    assert answer["taken"] is False
    chance = windows.refusal(-42, typing_median=20)
    assert f"{100 * chance:.3g}%" in answer["chance"]
    assert page.widget.setting == Setting(phone=-42, typing=20)


def test_the_alternative_text_tells_what_the_picture_shows():
    answer = draw(Page(explore.windows()), phone=-90, service=5)
    for words in ("Timeline of code windows", "phone is 90 s slow", "service 5 s fast", "Refused"):
        assert words in answer["alt"]


def windows_of(scene, lane):
    """Start and code of each window of a lane, and those of the code that was read."""
    windows = scene["lanes"][lane]["windows"]
    return dict(map(tuple, ((start, code) for start, code, _ in windows))), [
        start for start, _, read in windows if read
    ]


@pytest.mark.parametrize(("phone", "service"), [(-42, 0), (0, 7), (33, -40)])
def test_the_page_is_told_where_each_clock_shows_which_code(phone, service):
    scene = draw(Page(explore.windows()), phone=phone, service=service, read_at=12)["scene"]
    now, key = READ + 12, Totp(RFC_KEY)
    for lane, offset in enumerate((phone, 0, service)):
        shown, read = windows_of(scene, lane)
        assert len(read) <= 1
        for start, code in shown.items():
            assert code == key.code(now + start + 15 + offset)  # the middle of the window, by that clock
            assert (now + start + offset) % 30 == pytest.approx(0)
    assert windows_of(scene, 0)[1][0] <= 0 < windows_of(scene, 0)[1][0] + 30  # the phone shows it when it is read


def test_all_that_matters_lies_within_the_span_that_is_shown():
    for phone in (-120, -42, 0, 120):
        for behind in (0, 10):
            scene = draw(Page(explore.windows()), phone=phone, behind=behind, typing=90)["scene"]
            low, high = scene["span"]
            assert low <= scene["accepted"][0] < scene["accepted"][1] <= high
            assert scene["arrives"] == 90 < high
            for lane in range(3):
                assert len(windows_of(scene, lane)[1]) == 1


def test_the_span_is_close_by_default_and_rests_while_a_slider_moves_a_little():
    page = Page(explore.windows())
    assert draw(page)["scene"]["span"] == [-90, 60]
    spans = [draw(page, phone=phone)["scene"]["span"] for phone in range(-60, 61)]
    assert sum(one != other for one, other in pairwise(spans)) <= 6


def test_the_curve_is_the_probability_of_refusal():
    odds = draw(Page(explore.windows()), phone=-20, service=4, typing=8)["scene"]["odds"]
    last = len(odds["shares"]) - 1
    for place in range(0, last + 1, 10):
        x = odds["reach"] * (2 * place / last - 1)
        assert odds["shares"][place] == pytest.approx(windows.refusal(x, typing_median=8), abs=1e-4)
    assert (odds["apart"], odds["chance"]) == (-24, windows.refusal(-24, typing_median=8))
    assert odds["said"] in draw(Page(explore.windows()), phone=-20, service=4, typing=8)["chance"]


@pytest.mark.parametrize("step", [15, 30, 60])
def test_every_corner_of_the_sliders_can_be_drawn(step):
    page = Page(explore.windows())
    for corner in ({"phone": -120, "service": 60, "typing": 90}, {"phone": 120, "service": -60, "typing": 0}):
        answer = draw(page, step=step, behind=10, ahead=0, **corner)
        assert answer["type"] == "picture"
        assert len(json.dumps(answer)) < 12_000  # it is sent for every move of a slider


@pytest.mark.parametrize(
    "values", [{"phone": 1e9}, {"phone": "x"}, {"phone": float("nan")}, {"wrong": 1}, {"step": 31}]
)
def test_a_setting_outside_its_range_is_refused_in_words(values):
    answer = draw(Page(explore.windows()), **values)
    assert answer["type"] == "error"
    assert answer["code"] in {"E_NUMBER", "E_SLIDER", "E_PERIOD"}
    with pytest.raises(MfaError):
        explore.windows(**values)


def test_a_code_is_read_within_its_step():
    page = Page(explore.windows(step=60, read_at=45))
    assert draw(page, step=30)["type"] == "picture"
    assert page.widget.setting.read_at == 29  # the slider went along
    assert draw(page, read_at=30)["type"] == "error"
    with pytest.raises(MfaError, match="15 s is over"):
        explore.windows(step=15, read_at=15)


def test_a_closed_explorer_draws_nothing():
    page = Page(explore.windows())
    page.widget.closed = True
    assert draw(page, phone=-1) is None


def test_presets_are_the_published_windows():
    known = {service["id"]: service for service in services()}
    assert known["pyotp"]["values"] == {"behind": 0, "ahead": 0, "step": 30}
    assert known["nextcloud"]["values"]["behind"] == 3
    assert "aws" not in known  # it does not say
    assert all(service["source"] for service in known.values())


def test_advice_names_the_clock_that_is_wrong():
    assert "phone's clock" in chance_words(Setting(phone=-90))
    assert "service's clock" in chance_words(Setting(phone=0, service=60))
    assert "present step only" in chance_words(Setting(phone=0, behind=0, ahead=0))
    assert "nobody would notice" in chance_words(Setting(phone=0))


def test_advice_promises_no_cure_from_a_clock_that_helps_slow_typing():
    fast, slow = Setting(phone=20, typing=60), Setting(phone=-20, typing=60)
    assert replace(fast, phone=0.0).chance > fast.chance
    assert "would cure it" not in chance_words(fast)
    assert "makes up for some of it" in chance_words(fast)
    assert "one reason, slow typing another" in chance_words(slow)


# ---- anatomy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset["id"])
def test_the_codes_of_the_standards_come_out(preset):
    code = Page(explore.anatomy()).ask("preset", id=preset["id"])["code"]
    assert code["code"] == code["printed"]
    otp, t, _ = vector(preset["id"])
    assert code["code"] == (otp.code() if isinstance(otp, Hotp) else otp.code(t))


def test_there_is_an_example_for_every_line_of_the_tables():
    assert len(presets()) == len(_HOTP) + 3 * len(_TIMES)


def test_changing_one_thing_changes_what_depends_on_it():
    page = Page(explore.anatomy())
    before = page.ask("preset", id="SHA1:0")["code"]
    longer = page.ask("change", values={"algorithm": "SHA512"})["code"]
    assert len(longer["digest"]) == 128
    assert longer["message"] == before["message"]
    assert longer["printed"] is None  # another hash with the same key is no line of the table
    later = page.ask("change", values={"t": 89, "digits": 6})["code"]
    assert later["counter"] == 2
    assert len(later["code"]) == 6


def test_a_lesson_secret_is_fresh_each_time_and_is_shown():
    one, other = (Page(explore.anatomy()).ask("open")["code"]["key"] for _ in range(2))
    assert one["base32"] != other["base32"]
    page = Page(explore.anatomy())
    assert page.ask("open")["code"]["key"] != page.ask("fresh")["code"]["key"]


@pytest.mark.parametrize("way", ["given", "typed"])
def test_a_key_of_ones_own_never_comes_back(way):
    page = Page(explore.anatomy(Totp(CANARY)) if way == "given" else explore.anatomy())
    if way == "typed":
        page.ask("key", text=CANARY.reveal_base32())
    answers = [page.ask("open"), page.ask("change", values={"digits": 8})]
    said = json.dumps(answers) + repr(page.widget) + str(page.widget.get_state())
    assert CANARY.reveal_base32() not in said
    assert CANARY.reveal().hex() not in said
    assert answers[1]["code"]["code"] == Totp(CANARY, digits=8).code(page.widget.t)


def test_a_wrong_key_is_refused_without_quoting_it():
    answer = Page(explore.anatomy()).ask("key", text="no key at all: 0189!")
    assert answer["type"] == "error"
    assert "0189" not in str(answer)


def test_counter_based_and_foreign_entries():
    page = Page(explore.anatomy(Account("Bank", "joe", Hotp(RFC_KEY, counter=3))))
    assert page.ask("open")["code"]["code"] == "969429"
    assert page.ask("change", values={"counter": 9})["code"]["code"] == "520489"
    with pytest.raises(MfaError):
        explore.anatomy(Account("Old", "x", Motp(Secret(b"0123456789abcdef"))))


@pytest.mark.parametrize("odd", ["JBSWY3DPEHPK3PXP", 3, RFC_KEY])
def test_what_is_no_entry_is_refused_in_words(odd):
    with pytest.raises(MfaError):
        explore.anatomy(odd)
    with pytest.raises(MfaError, match="seed"):
        explore.lab(seed=str(odd))
    with pytest.raises(MfaError, match="whole"):
        explore.windows(behind=1.5)


# ---- lab -------------------------------------------------------------------------------------------------------


def log_in(page, **content):
    state = page.ask("open")["state"]
    return page.ask("login", t=state["t"] + 61, **content)["attempt"]


def test_a_good_bench_lets_its_owner_in_and_refuses_a_replay():
    page = Page(explore.lab(seed=1))
    first = log_in(page)
    assert first["ok"] is True
    assert first["read"] < first["sent"] < first["arrived"]
    again = page.ask("login", t=first["arrived"] + 2, again=True)["attempt"]
    assert again["code"] == first["code"]
    assert again["reason"] == "replayed"
    page.ask("set", values={"replay": False})
    assert page.ask("login", t=again["arrived"] + 1, again=True)["attempt"]["ok"] is True


def test_sliders_set_the_clocks_and_drifts():
    page = Page(explore.lab(seed=1))
    state = page.ask("set", values={"phone_offset": -90, "service_drift": 6})["state"]
    assert state["phone"]["error"] == -90
    later = page.ask("set", t=state["t"] + 3600, values={"service_offset": 0, "service_drift": 0})["state"]
    assert later["service"]["error"] == 0
    refused = page.ask("login", t=later["t"] + 60)["attempt"]
    assert refused["ok"] is False
    assert "behind the service's clock" in refused["truth"]


def test_a_drift_that_ends_leaves_the_clock_where_it_is():
    page = Page(explore.lab(seed=1))
    state = page.ask("set", values={"phone_drift": 10})["state"]
    later = page.ask("set", t=state["t"] + 7200, values={"phone_drift": 0})["state"]
    assert later["phone"]["error"] == pytest.approx(20)
    assert page.ask("more", t=later["t"] + 7200)["state"]["phone"]["error"] == pytest.approx(20)


def test_the_codes_sent_ahead_are_those_of_both_sides():
    page = Page(explore.lab(seed=1))
    state = page.ask("open")["state"]
    otp = page.widget.bench.phone.entries[-1].otp
    place = otp.counter(state["t"]) - state["first"]
    assert state["phone"]["codes"][place] == state["service"]["codes"][place] == otp.code(state["t"])


def test_the_lock_closes_and_an_administrator_opens_it():
    page = Page(explore.lab(seed=1))
    page.ask("set", values={"lock_after": 2, "phone_offset": -120})
    reasons = [log_in(page)["reason"] for _ in range(3)]
    assert reasons == ["wrong", "wrong", "locked"]
    state = page.ask("more")["state"]
    closed = state["service"]["closed"]
    assert (closed["since"], closed["locked"]) == (state["t"], True)
    assert 0 < closed["until"] - state["t"] < 300
    page.ask("set", values={"phone_offset": 0})
    assert page.ask("unlock")["state"]["service"]["closed"] is None
    assert log_in(page)["ok"] is True


def test_a_lost_code_has_no_answer():
    page = Page(explore.lab(seed=1))
    page.ask("set", values={"loss": 100})
    lost = log_in(page)
    assert (lost["arrived"], lost["reason"], lost["ok"]) == (None, "lost", False)


def test_jitter_makes_some_codes_late():
    page = Page(explore.lab(seed=1))
    page.ask("set", values={"jitter": 20})
    ways = [one["arrived"] - one["sent"] for one in (log_in(page) for _ in range(12))]
    assert min(ways) >= 1  # what is set as the delay
    assert len({round(way, 3) for way in ways}) == 12
    assert 6 < sum(ways) / 12 - 1 < 45


def test_a_real_services_rules_hold_as_a_whole():
    page = Page(explore.lab(seed=1))
    offered = {service["id"]: service["says"] for service in page.ask("open")["services"]}
    assert len(offered) > 25
    assert offered["pypi"].startswith("At most 5 tries in 5 min; at most 20 tries in 1 h")
    assert offered["pyotp"].startswith("No limit on tries. Source:")
    state = page.ask("preset", id="okta")["state"]
    assert (state["preset"], state["values"]["lock_after"]) == ("okta", 5)
    assert page.widget.bench.service.policy == lab.Policy.preset("okta")
    page.ask("set", values={"phone_offset": -120, "service_offset": 60})
    assert page.widget.bench.service.policy == lab.Policy.preset("okta")
    assert [log_in(page)["reason"] for _ in range(6)] == ["wrong"] * 5 + ["locked"]
    state = page.ask("set", values={"ahead": 2})["state"]
    assert (state["preset"], page.widget.bench.service.policy.ahead) == ("", 2)
    assert page.ask("preset", id="no such thing")["code"] == "E_PRESET"


def broken_by(fault):
    """A page whose bench has this fault, found by asking again as a user would."""
    page = Page(ExploreLab(seed=2))
    for _ in range(200):
        page.ask("break")
        if page.widget._broken == fault:
            return page
    raise AssertionError(fault)


@pytest.mark.parametrize("fault", lab.FAULTS)
def test_each_fault_spoils_sign_ins_and_is_told_only_when_found(fault):
    page = broken_by(fault)
    tries = [log_in(page) for _ in range(4)]
    assert any(not one["ok"] for one in tries[1:])
    assert all(one["truth"] is None for one in tries)
    wrong = next(other for other in lab.FAULTS if other != fault)
    answer = page.ask("guess", id=wrong)
    assert answer["right"] is False
    assert lab.FAULTS[fault].name not in answer["says"]
    right = page.ask("guess", id=fault)
    assert right["right"] is True
    assert lab.FAULTS[fault].cure in right["says"]


def test_a_state_does_not_name_the_fault():
    for fault in lab.FAULTS:
        assert fault not in json.dumps(broken_by(fault).ask("more")["state"])


def test_mending_gives_a_bench_that_works():
    page = broken_by("slip")
    page.ask("reset")
    assert log_in(page)["ok"] is True


def test_the_same_seed_gives_the_same_bench():
    one, other = (Page(explore.lab(seed=7)).ask("open")["state"]["phone"]["codes"] for _ in range(2))
    assert one == other


DOCTORS = {
    "phone_slow": "phone's clock is wrong",
    "phone_fast": "phone's clock is wrong",
    "service_clock": "the service refuses them",
    "slow_wire": "Typed too late",
    "void_page": "another key",
    "slip": "mistyped",
    "frozen": "frozen",
    "lossy_wire": "never arrived: look at the wire",
}


@pytest.mark.parametrize("fault", DOCTORS)
def test_the_doctor_finds_what_is_broken(fault):
    page = broken_by(fault)
    page.ask("set", values={"lock_after": 0})
    for _ in range(3):
        log_in(page)
    assert DOCTORS[fault] in page.ask("doctor")["says"]


def test_the_doctor_wants_a_code():
    assert Page(explore.lab(seed=1)).ask("doctor")["code"] == "E_NO_CODE"


def test_reprs_and_states_hold_no_codes():
    page = Page(explore.lab(seed=1))
    attempt = log_in(page)
    assert attempt["code"] not in repr(page.widget) + str(page.widget.get_state())
    assert repr(page.widget) == "Lab bench: 1 of 1 codes were taken"


@pytest.mark.parametrize(("fault", "name"), [("slow_wire", "delay"), ("lossy_wire", "loss")])
def test_moving_a_slider_of_the_wire_does_not_mend_its_fault(fault, name):
    page = Page(explore.lab(seed=1))
    while page.widget._broken != fault:
        page.ask("break")
    broken = getattr(page.widget.bench.wire, name)
    page.ask("set", values={"jitter": 1})
    assert getattr(page.widget.bench.wire, name) == pytest.approx(broken)
    page.ask("set", values={name: 2})
    assert getattr(page.widget.bench.wire, name) >= broken
    page.ask("reset")
    page.ask("set", values={name: 0})
    assert getattr(page.widget.bench.wire, name) == 0


def test_the_doctor_tells_a_slow_wire_from_slow_typing():
    bench = lab.Bench(seed=1)
    entry = bench.enrol().entry
    lab.FAULTS["slow_wire"].apply(bench, random.Random(1))
    for _ in range(2):
        bench.wait(45).sign_in()
    assert doctor(bench, entry.account).startswith(
        "2 of 2 codes were under way for longer than 30 s: look at the wire."
    )
