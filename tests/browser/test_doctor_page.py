"""The doctor's page by itself: a fake model plays the kernel, the test holds the clock."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from browser.harness import BarePage, axe
from playwright.sync_api import expect

from mfatools.widgets.doctor import Doctor

NOW = 1_800_000_000.0
ACCOUNTS = [
    {"title": "Example", "subtitle": "ada", "type": "totp"},
    {"title": "Other", "subtitle": "", "type": "totp"},
]
CLOCK = {"on": True, "state": "idle", "first": ["time.example"], "then": [], "words": "", "fine": None}
DETAILS = {"app": "", "platform": "", "service": "", "key": False, "expected": False}
LOOK = {"at": NOW - 60, "accepted": False, "after": 6, "differs": False}
FINDING = {
    "family": "PHONE_CLOCK",
    "cause": "clock_off",
    "title": "The phone's clock is wrong",
    "says": "The clock that makes the codes is 84 to 98 s slow.",
    "evidence": "Code 1 is the code for 12:00:00 to 12:00:30 UTC; it was read at 12:01:40, refused.",
    "rules_out": "The key and the settings are right: there is no need to scan again.",
    "link": "https://www.rfc-editor.org/rfc/rfc6238#section-6",
    "remedy": ["On the phone: turn on automatic date, time and zone.", "Then try one fresh code."],
    "percent": "82%",
    "likely": "very likely",
    "share": 0.82,
    "by_device": True,
    "picture": {
        "code": [NOW - 120, NOW - 90],
        "takes": [NOW - 30, NOW + 60],
        "sent": NOW + 4,
        "fits": False,
        "accepted": False,
        "before": None,
    },
}
OTHER = {
    **FINDING,
    "title": "The code was older than stated",
    "percent": "18%",
    "likely": "less likely",
    "share": 0.18,
}
PROBES = [
    {
        "name": "the code from 90 seconds ago",
        "proves": "If it is accepted, the service's clock is 30 to 150 s behind.",
    },
    {"name": "the code due in 90 seconds", "proves": "If it is accepted, its clock is ahead."},
]
DIAGNOSIS = {
    "findings": [FINDING, OTHER],
    "question": {"name": "second_code", "text": "Read a second code right after it has changed.", "options": []},
    "probes": [],
    "notes": ["There is one code only."],
    "tested": 8000,
    "stopped": False,
    "far": False,
}
OPTIONS = {"apps": ["Aegis"], "platforms": [["android", "Android"]], "services": [["pypi", "PyPI"]]}


def case(*looks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "looks": list(looks),
        "details": DETAILS,
        "second": None,
        "answers": [],
        "taps": {"count": 0, "words": ""},
        **more,
    }


STATE: dict[str, Any] = {
    "type": "state", "accounts": [], "chosen": None, "settled": True, "role": "main", "own": True, "pending": False,
    "case": None, "clock": CLOCK, "busy": False, "share": None, "diagnosis": None, "answers": 0, "probed": [],
    "solved": False,
}  # fmt: skip


GROUND = """scheme => {
  document.documentElement.style.colorScheme = scheme;
  document.body.style.background = scheme === 'dark' ? '#16181c' : '#ffffff';
}"""
TOO_WIDE = """() => [...document.querySelectorAll('.doctor *')]
  .filter(node => !node.closest('.mfa-said') && node.getBoundingClientRect().right > 361)
  .map(node => node.outerHTML.slice(0, 80))"""


class Talk:
    """A doctor in a bare page, and a kernel that is told what to say."""

    def __init__(self, bare: BarePage) -> None:
        self.bare, self.page = bare, bare.page
        self.state = dict(STATE)
        self.say()
        self.answer("hello", "options", **OPTIONS)

    def say(self, **changes: Any) -> None:
        self.state |= changes
        self.bare.emit(**self.state)

    def begun(self, *looks: dict[str, Any], **changes: Any) -> None:
        self.say(accounts=ACCOUNTS[:1], chosen=0, **{"case": case(*looks), **changes})

    def last(self, kind: str) -> dict[str, Any]:
        return self.bare.sent(kind)[-1]

    def answer(self, kind: str, said: str = "done", **content: Any) -> None:
        self.bare.emit(type=said, nonce=self.last(kind)["nonce"], **content)

    def shown(self, step: str) -> None:
        expect(self.page.locator(f".d-{step}.d-panel")).to_be_visible()
        expect(self.page.locator(".d-panel:visible")).to_have_count(1)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def talk(bare) -> Talk:
    return Talk(bare(Doctor, now=NOW))


def test_one_question_at_a_time_from_the_code_to_the_remedy(talk):
    talk.shown("scan")
    talk.begun()
    talk.shown("code")
    talk.page.locator(".d-big").press_sequentially("123 456")
    talk.press("Continue")
    sent = talk.last("look")
    assert sent["shown"] == "123456"
    assert talk.page.locator(".d-big").input_value() == ""
    talk.begun({**LOOK, "accepted": None})
    talk.answer("look")
    talk.shown("answer")
    talk.press("No, refused “Invalid code” or similar")
    assert talk.last("answer") | {"nonce": ""} == {
        "type": "answer", "index": 0, "accepted": False, "after": 6, "typed": None, "nonce": "",
    }  # fmt: skip
    talk.begun(LOOK)
    talk.answer("answer")
    talk.shown("details")
    talk.press("Why was it refused?")
    talk.say(busy=True)
    talk.answer("diagnose")
    talk.shown("why")
    talk.say(busy=False, diagnosis=DIAGNOSIS, answers=1)
    expect(talk.page.locator(".d-best h4")).to_have_text("The phone's clock is wrong")
    expect(talk.page.locator(".d-best .d-chance")).to_contain_text("very likely")
    expect(talk.page.get_by_role("checkbox")).to_have_count(2)
    expect(talk.page.locator(".d-best").get_by_role("img")).to_have_accessible_name(re.compile("^Timeline"))
    expect(talk.page.locator(".d-best figcaption strong")).to_have_text("So it was too old.")
    expect(talk.page.locator(".doctor > .mfa-said")).to_have_text(re.compile("^Very likely: The phone's clock"))
    expect(talk.page.locator(".d-why h3")).to_be_focused()
    expect(talk.page.locator(".d-best a")).to_have_attribute("rel", "noopener noreferrer")


def test_the_moment_of_the_first_digit_counts_by_the_kernels_clock(talk):
    """The kernel's clock is 100 s ahead of the page's; typing takes 7 s."""
    ping = talk.last("ping")
    now = talk.bare.now()
    talk.bare.emit(type="pong", nonce=ping["nonce"], received=now + 100, sent=now + 100)
    talk.begun()
    first = talk.bare.now()
    talk.page.locator(".d-big").press_sequentially("1")
    talk.bare.run_for(7)
    talk.page.locator(".d-big").press_sequentially("23456")
    talk.press("Continue")
    sent = talk.last("look")
    assert sent["at"] == pytest.approx(first + 100, abs=0.5)
    assert 2 <= sent["sd"] < 3


def test_a_code_noted_earlier(talk):
    talk.begun()
    talk.page.get_by_text("I noted the code earlier").click()
    talk.page.locator("input[type=datetime-local]").fill("2027-01-15T07:30")
    talk.page.locator(".d-big").fill("123456")
    talk.press("Continue")
    sent = talk.last("look")
    zone = talk.page.evaluate("() => new Date('2027-01-15T07:30').getTime() / 1000")
    assert sent["at"] == pytest.approx(zone + 30)
    assert sent["sd"] == pytest.approx(17, abs=0.1)


def test_a_code_that_cannot_be_the_accounts_is_asked_back_about_once(talk):
    talk.begun()
    talk.say(accounts=[{**ACCOUNTS[0], "digits": 6}])
    talk.page.locator(".d-big").fill("12345")
    talk.press("Continue")
    expect(talk.page.get_by_role("alert")).to_contain_text("It has 5 digits; a code of this account has 6 digits.")
    assert talk.page.locator(".d-big").input_value() == "12345"
    assert talk.bare.sent("look") == []
    talk.press("Continue")  # the phone does show that
    assert talk.last("look")["shown"] == "12345"


def test_nothing_that_was_typed_is_lost_when_the_kernel_cannot_use_it(talk):
    no = {"said": "error", "what": "This does not look like a code.", "hint": "Type what was sent to the site."}
    talk.begun()
    talk.page.get_by_text("I noted the code earlier").click()
    talk.page.locator("input[type=datetime-local]").fill("2027-01-15T07:30")
    talk.page.locator(".d-big").fill("123456")
    talk.press("Continue")
    talk.answer("look", **no)
    assert talk.page.locator(".d-big").input_value() == "123456"
    assert talk.page.locator("input[type=datetime-local]").input_value() == "2027-01-15T07:30"
    talk.begun({**LOOK, "accepted": None}, diagnosis=DIAGNOSIS, answers=1)
    talk.page.locator("[data-step=answer]").click()
    talk.page.get_by_text("I sent it late").click()
    talk.page.get_by_label("What was typed instead").fill("12 34 ?")
    talk.page.get_by_label("It was sent").select_option("45")
    talk.page.locator(".d-said.is-no").click()
    talk.answer("answer", **no)
    assert talk.page.get_by_label("What was typed instead").input_value() == "12 34 ?"
    assert talk.page.get_by_label("It was sent").input_value() == "45"
    talk.page.locator("[data-step=why]").click()
    talk.page.get_by_label("Your answer").fill("it was refused by my bank again")
    talk.press("Use it")
    talk.answer("reply", **no)
    assert talk.page.get_by_label("Your answer").input_value() == "it was refused by my bank again"


def test_what_is_no_code_is_not_sent(talk):
    talk.begun()
    talk.page.locator(".d-big").fill("12")
    talk.press("Continue")
    expect(talk.page.get_by_role("alert")).to_contain_text("123 456")
    assert talk.bare.sent("look") == []


def test_taps_count_once_each_by_finger_key_and_reader(talk):
    talk.begun()
    talk.page.get_by_text("Measure the phone’s clock exactly").click()
    tap = talk.page.locator(".d-tap")
    tap.click()
    talk.bare.run_for(30)
    tap.press("Space")
    talk.bare.run_for(30)
    tap.evaluate("node => node.click()")  # as assistive technology does
    taps = talk.last("taps")["taps"]
    assert len(taps) == 3
    assert taps[1] - taps[0] == pytest.approx(30, abs=1.5)
    talk.begun(case=case(taps={"count": 3, "words": "The phone's clock is 2 s fast."}))
    expect(talk.page.locator(".d-inside [role=status]").first).to_have_text(
        "3 taps. The phone's clock is 2 s fast."
    )
    talk.press("Forget the taps")
    assert talk.last("taps")["taps"] == []


def test_keys_that_are_typed_leave_the_page_at_once(talk):
    talk.begun(LOOK)
    talk.page.locator('[data-step="details"]').click()
    talk.page.get_by_text("The key was typed by hand").click()
    key = talk.page.get_by_label("The key beside the QR code")
    assert key.get_attribute("autocomplete") == "off"
    key.fill("MZXW 6YTB")
    key.press("Tab")
    assert talk.last("details")["key"] == "MZXW 6YTB"
    assert key.input_value() == ""
    talk.begun(LOOK, case=case(LOOK, details={**DETAILS, "key": True}))
    expect(talk.page.get_by_text("The key is noted.")).to_be_visible()
    talk.press("Remove it")
    assert talk.last("details")["key"] == ""


def test_the_clock_check_is_announced_and_can_be_refused(talk):
    expect(talk.page.locator(".d-clock")).to_contain_text("asks time.example")
    talk.press("Do not ask")
    assert talk.last("clock")["on"] is False
    talk.say(clock={**CLOCK, "on": False, "state": "off"})
    expect(talk.page.locator(".d-clock")).to_contain_text("No time server is asked")
    talk.say(clock={**CLOCK, "state": "done", "words": "This computer's clock is right.", "fine": True})
    expect(talk.page.locator(".d-clock")).to_contain_text("is right")
    expect(talk.page.locator(".d-clock button")).to_be_hidden()


def test_several_accounts_ask_which(talk):
    talk.say(accounts=ACCOUNTS, chosen=0, settled=False, case=case())
    talk.shown("scan")
    expect(talk.page.get_by_role("radio", name="Example")).to_be_focused()
    talk.page.get_by_role("radio", name="Other").click()
    assert talk.last("choose")["account"] == 1
    talk.say(settled=True, chosen=1)
    talk.answer("choose")
    talk.shown("code")


def test_the_scan_at_the_top_is_asked_for_only_what_is_not_there_yet(talk):
    panel = talk.page.locator(".d-scan")
    talk.say(own=False)
    expect(panel).to_contain_text("Show the QR code at the top of this page: it is used here as well.")
    talk.begun(own=False)
    talk.page.locator('[data-step="scan"]').click()
    expect(panel.locator("h3")).to_have_text("The account that was refused")
    expect(panel).to_contain_text("It is Example · ada, from the top of this page.")
    expect(panel.locator(".d-lead")).to_be_hidden()
    talk.say(accounts=ACCOUNTS)
    expect(panel).to_contain_text("If it is none of these, show its QR code at the top of this page.")
    talk.say(role="second")
    expect(panel.locator("h3")).to_have_text("Show the newer QR code")
    expect(panel).to_contain_text("Show the QR code at the top of this page: it is used here as well.")


def test_a_proof_gives_its_times_in_the_zone_of_the_picture(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    proof = talk.page.locator(".d-best .d-proof")
    proof.locator("summary").click()
    shown = talk.page.evaluate(
        "day => ['12:00:00', '12:00:30', '12:01:40'].map(time =>"
        " new Date(`${day}T${time}Z`).toLocaleTimeString([], { timeStyle: 'medium', hour12: false }))",
        "2027-01-15",
    )
    expect(proof).to_contain_text(f"{shown[0]} to {shown[1]}; it was read at {shown[2]}, refused.")
    expect(proof).not_to_contain_text("UTC")


def test_a_newer_qr_code(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="details"]').click()
    talk.press("Show the newer QR code")
    assert talk.last("role")["role"] == "second"
    talk.say(role="second")
    talk.answer("role")
    talk.shown("scan")
    expect(talk.page.locator(".d-scan .d-lead")).to_contain_text("on the set-up page now")
    talk.begun(role="main", case=case(LOOK, second="Example: ada"))
    talk.shown("why")


def test_who_has_no_newer_qr_code_gets_back(talk):
    talk.begun(LOOK)
    talk.page.locator('[data-step="details"]').click()
    talk.press("Show the newer QR code")
    talk.say(role="second")
    talk.answer("role")
    expect(talk.page.get_by_role("heading", name="Show the newer QR code")).to_be_visible()
    expect(talk.page.get_by_role("button", name="Continue")).to_be_hidden()
    talk.press("Back")
    assert talk.last("role")["role"] == "main"
    talk.say(role="main")
    talk.answer("role")
    talk.shown("details")
    talk.page.locator('[data-step="scan"]').click()
    expect(talk.page.get_by_role("heading", name="Show the QR code of the set-up page")).to_be_visible()


def test_what_is_said_comes_into_view(talk):
    talk.page.set_viewport_size({"width": 500, "height": 400})
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    talk.press("Copy the case")
    talk.answer("save", "saved", text="{}")
    expect(talk.page.locator(".d-kept")).to_have_text("The case is in the clipboard.")
    expect(talk.page.locator(".d-kept")).to_be_in_viewport()
    alert = talk.page.get_by_role("alert")
    talk.press("Copy the case")
    talk.answer("save", "error", what="There is no account yet.", hint="")
    expect(alert).to_have_text("There is no account yet.")
    expect(alert).to_be_in_viewport(ratio=0.9)
    talk.page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 1e6); }")
    talk.bare.emit(type="trouble", what="Something went wrong.", hint="")
    expect(alert).not_to_be_in_viewport()  # nobody is taken away from where they read


def test_an_address_in_a_note_can_be_followed(talk):
    note = "An app is known to ignore digits: https://github.com/example/app/issues/29"
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "notes": [note]})
    talk.page.locator('[data-step="why"]').click()
    expect(talk.page.locator(".d-notes")).to_have_text(note)
    link = talk.page.locator(".d-notes").get_by_role("link")
    expect(link).to_have_attribute("href", "https://github.com/example/app/issues/29")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.parametrize(
    ("name", "label", "step"),
    [("second_code", "Add another code", "code"), ("other_qr", "Show another QR code", "role"),
     ("network_time", "Ask the time servers", "clock"), ("flip", "Tap when the code changes", "code")],
)  # fmt: skip
def test_a_question_leads_to_where_it_is_answered(talk, name, label, step):
    question = {"name": name, "text": "Look.", "options": []}
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "question": question})
    talk.page.locator('[data-step="why"]').click()
    talk.press(label)
    if step == "code":
        talk.shown("code")
    else:
        assert talk.last(step)


def test_probe_codes_come_one_by_one_and_go_when_their_time_is_over(talk):
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "probes": PROBES})
    talk.page.locator('[data-step="why"]').click()
    expect(talk.page.locator(".d-probes")).to_contain_text("lock an account")
    assert talk.bare.sent("probe") == []  # none comes before somebody wants it
    talk.press("Show the code")
    now = talk.bare.now()
    first, second = PROBES
    codes = [[now - 18, "654321"], [now + 12, "111222"], [now + 42, "333444"]]
    talk.answer("probe", "probe", name=first["name"], codes=codes)
    code = talk.page.locator(".d-probe-code")
    expect(code).to_have_text("654 321")
    expect(talk.page.locator(".d-probe-worth")).to_contain_text("changes in 12 s")
    talk.press("Copy")
    assert talk.page.evaluate("() => navigator.clipboard.readText()") == "654321"
    talk.bare.run_for(13)
    expect(code).to_have_text("111 222")
    talk.press("Refused")
    assert talk.last("probed")["at"] == pytest.approx(now, abs=0.5)  # of the code that was copied
    talk.say(probed=[{**first, "accepted": False}], diagnosis={**DIAGNOSIS, "probes": [second]})
    talk.answer("probed")
    expect(talk.page.locator(".d-probe-results")).to_have_text(
        "The code from 90 seconds ago: refused. So that is not it."
    )
    expect(talk.page.locator(".d-probe strong")).to_be_focused()
    assert talk.last("probe")["name"] == second["name"]
    expect(code).to_have_text("––– –––")
    talk.answer("probe", "probe", name=second["name"], codes=[[now, "777888"], [now + 15, "999000"]])
    talk.bare.run_for(3)
    assert len(talk.bare.sent("probe")) == 3  # past the last one the page asks again, and shows none till then
    expect(code).to_have_text("––– –––")
    talk.press("Accepted")
    assert talk.last("probed") | {"nonce": "", "at": 0} == {
        "type": "probed", "name": second["name"], "accepted": True, "at": 0, "nonce": "",
    }  # fmt: skip
    talk.say(probed=[{**second, "accepted": True}], diagnosis=DIAGNOSIS)
    talk.answer("probed")
    expect(talk.page.locator(".d-probe-results")).to_contain_text("accepted. Its clock is ahead.")
    expect(talk.page.locator(".d-probe")).to_be_hidden()


def test_an_answer_in_own_words(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    field = talk.page.get_by_label("Your answer")
    first = talk.bare.now()
    field.press_sequentially("1")
    talk.bare.run_for(4)
    talk.say(case=case(LOOK, second="x"))  # something else comes in meanwhile: the field is left alone
    expect(field).to_be_focused()
    field.press_sequentially("23456 refused")
    field.press("Enter")
    sent = talk.last("reply")
    assert (sent["text"], field.input_value()) == ("123456 refused", "")
    assert sent["at"] == pytest.approx(first, abs=0.5)
    assert 0 <= sent["at"] - sent["midnight"] < 86400
    talk.answer("reply", noted=["code", "answer"])
    expect(talk.page.get_by_role("alert")).to_have_text("Noted: the code and the site’s answer.")
    talk.shown("why")
    field.fill("123456")
    field.press("Enter")
    talk.answer("reply", noted=["code"])
    talk.shown("answer")


def test_a_question_that_is_answered_in_a_word(talk):
    question = {"name": "wall_clock", "text": "Is it right?", "options": ["right", "wrong"]}
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "question": question})
    talk.page.locator('[data-step="why"]').click()
    expect(talk.page.get_by_label("Your answer")).to_be_hidden()
    talk.press("Wrong")
    assert talk.last("word") | {"nonce": ""} == {
        "type": "word", "name": "wall_clock", "answer": "wrong", "nonce": "",
    }  # fmt: skip
    talk.say(case=case(LOOK, answers=[{"name": "wall_clock", "answer": "wrong"}]), diagnosis=DIAGNOSIS)
    talk.answer("word")
    expect(talk.page.locator(".d-codes")).to_contain_text("The phone’s time, date and zone: wrong")
    talk.press("Take back: The phone’s time, date and zone")
    assert talk.last("word")["answer"] is None


def test_the_advice_is_fitted_to_the_device_where_it_stands(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    talk.page.get_by_role("checkbox").first.check()
    talk.page.get_by_label("Steps for").focus()
    talk.page.get_by_label("Steps for").select_option("android")
    assert talk.last("details")["platform"] == "android"
    fitted = {**FINDING, "remedy": ["On the phone: Settings > System.", FINDING["remedy"][0]]}
    talk.say(
        diagnosis={**DIAGNOSIS, "findings": [fitted]}, case=case(LOOK, details={**DETAILS, "platform": "android"})
    )
    expect(talk.page.get_by_label("Steps for")).to_be_focused()
    expect(talk.page.get_by_label("Steps for")).to_have_value("android")
    expect(talk.page.get_by_role("checkbox").nth(1)).to_be_checked()  # what was done stays done
    talk.page.locator('[data-step="details"]').click()
    expect(talk.page.get_by_role("radio", name="Android")).to_be_checked()
    talk.page.get_by_label("Which app").press("Enter")
    assert talk.bare.sent("diagnose")


def test_a_long_search_shows_how_far_it_is_and_stops(talk):
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "far": True})
    talk.page.locator('[data-step="why"]').click()
    talk.press("Search every date from 1970 to 2038")
    assert talk.last("diagnose")["full"] is True
    talk.say(busy=True, share=0.0)
    talk.bare.emit(type="progress", share=0.42)
    expect(talk.page.locator(".d-busy")).to_contain_text("42%")
    talk.press("Stop")
    assert talk.bare.sent("stop")


def test_a_case_is_saved_as_a_file_and_copied(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    with talk.page.expect_download() as download:
        talk.press("Save the case")
        talk.answer("save", "saved", text='{"codes": []}')
    assert download.value.suggested_filename == "mfatools-case.json"
    talk.press("Copy the case")
    talk.answer("save", "saved", text='{"codes": [1]}')
    expect(talk.page.locator(".d-kept")).to_contain_text("clipboard")
    assert talk.page.evaluate("() => navigator.clipboard.readText()") == '{"codes": [1]}'


def test_a_saved_case_is_opened(talk):
    talk.page.locator("input[type=file]").set_input_files(
        {"name": "case.json", "mimeType": "application/json", "buffer": b'{"codes": []}'}
    )
    talk.page.wait_for_function("() => window.fake.sent.some(message => message.type === 'load')")
    assert talk.last("load")["text"] == '{"codes": []}'
    talk.say(pending=True)
    expect(talk.page.locator(".d-scan .d-lead")).to_contain_text("It holds no key")
    talk.page.get_by_text("Continue a saved case").click()
    talk.page.get_by_label("Or paste its text").fill('{"codes": [1]}')
    talk.press("Use this text")
    assert talk.last("load")["text"] == '{"codes": [1]}'
    talk.answer("load")
    expect(talk.page.locator(".d-scan h3")).to_be_focused()


def test_solved_and_not(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.page.locator('[data-step="why"]').click()
    talk.press("It works now")
    talk.say(solved=True)
    expect(talk.page.locator(".d-solved")).to_contain_text("Good:")
    talk.press("It fails again")
    assert talk.last("solved")["on"] is False


def test_trouble_and_a_dead_kernel_are_told(talk):
    talk.begun(LOOK, diagnosis=DIAGNOSIS)
    talk.bare.emit(type="trouble", what="Something went wrong.", hint="Please report this.")
    expect(talk.page.get_by_role("alert")).to_have_text("Something went wrong. Please report this.")
    talk.bare.die()
    expect(talk.page.get_by_role("alert")).to_contain_text("kernel was restarted")


def test_without_its_kernel_nothing_looks_alive(talk):
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "probes": PROBES})
    buttons = talk.page.locator(".doctor button:visible")
    talk.press("Add details")
    talk.page.locator(".d-details").get_by_role("combobox").first.fill("Aegis")
    talk.bare.die()
    expect(talk.page.get_by_role("alert")).to_be_focused()
    assert buttons.count() > 5
    for node in (*buttons.all(), *talk.page.locator(".doctor :is(input, select):visible").all()):
        expect(node).to_be_disabled()
    expect(talk.page.locator(".d-details").get_by_role("combobox").first).to_have_value("Aegis")
    assert axe(talk.page, ".doctor") == []
    steps = talk.page.locator(".d-checklist label").first  # the remedy is there to be read all the same
    assert steps.evaluate("node => getComputedStyle(node).opacity") == "1"
    talk.page.evaluate("() => { window.fake.dead = false; window.fake.event('comm_live_update'); }")
    talk.say()
    expect(talk.page.get_by_role("alert")).to_be_hidden()
    expect(talk.page.get_by_role("button", name="Why was it refused?")).to_be_enabled()


def test_by_keyboard_alone(talk):
    """From the empty page to the remedy with nothing but digits and Enter; the focus follows the question."""
    said = talk.page.locator(".doctor > .mfa-said")
    talk.begun()
    expect(talk.page.locator(".d-big")).to_be_focused()
    expect(said).to_have_text("Step 2 of 5: Compare with the phone")
    talk.page.keyboard.type("123456")
    talk.page.keyboard.press("Enter")
    talk.begun({**LOOK, "accepted": None})
    talk.answer("look")
    expect(said).to_have_text("Step 3 of 5: Did the site accept this code?")
    talk.page.keyboard.press("Enter")
    assert talk.bare.sent("answer") == []  # Enter pressed twice is no answer
    talk.bare.run_for(1)
    talk.page.keyboard.press("Enter")
    assert talk.last("answer")["accepted"] is False
    talk.begun(LOOK)
    talk.answer("answer")
    expect(talk.page.get_by_role("radio", name="I don’t know")).to_be_focused()
    talk.page.keyboard.press("Enter")
    talk.say(busy=True)
    talk.answer("diagnose")
    expect(talk.page.locator(".d-why h3")).to_be_focused()


def test_every_control_keeps_its_keys_from_the_notebook(talk):
    talk.begun(LOOK, diagnosis={**DIAGNOSIS, "probes": PROBES})
    bare = talk.page.locator(
        ".doctor :is(button, input, select, summary, textarea, a):not([data-lm-suppress-shortcuts])"
    )
    assert bare.count() == 0


ADA = {"accounts": ACCOUNTS[:1], "chosen": 0}
SCENES = {
    "scan": {},
    "roster": {"accounts": ACCOUNTS, "chosen": 0, "settled": False, "case": case()},
    "code": {**ADA, "case": case()},
    "answer": {**ADA, "case": case({**LOOK, "accepted": None})},
    "details": {**ADA, "case": case(LOOK)},
    "why": {**ADA, "case": case(LOOK), "diagnosis": {**DIAGNOSIS, "probes": PROBES}},
    "searching": {**ADA, "case": case(LOOK), "diagnosis": {**DIAGNOSIS, "far": True}, "busy": True, "share": 0.4},
    "solved": {**ADA, "case": case(LOOK), "diagnosis": DIAGNOSIS, "solved": True},
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scene", SCENES)
def test_each_stage_is_accessible_and_fits_a_telephone(bare, scene, scheme):
    page = bare(Doctor, now=NOW).page
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate(GROUND, scheme)
    page.evaluate("state => window.fake.emit(state)", STATE | SCENES[scene])
    page.evaluate("() => document.querySelectorAll('.doctor details').forEach(fold => { fold.open = true; })")
    assert axe(page, ".doctor") == []
    assert page.evaluate(TOO_WIDE) == []
    if folder := os.environ.get("MFATOOLS_SCREENSHOTS"):
        page.locator(".doctor").screenshot(path=Path(folder) / f"doctor_{scene}_{scheme}_360.png")


def test_words_from_outside_are_never_markup(talk):
    evil = "<img src=x onerror=alert(1)>"
    talk.begun(
        LOOK, diagnosis={**DIAGNOSIS, "findings": [{**FINDING, "title": evil, "link": "javascript:alert(1)"}]}
    )
    talk.page.locator('[data-step="why"]').click()
    expect(talk.page.locator(".d-best h4")).to_have_text(evil)
    assert talk.page.locator(".doctor img").count() == 0
    assert talk.page.locator(".doctor a").count() == 0
    assert re.search("steps", talk.page.locator(".doctor nav").get_attribute("aria-label") or "", re.IGNORECASE)
