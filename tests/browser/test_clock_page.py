"""The clock widget in a bare page: a fake kernel, a clock that the test sets, no sleeps."""

from __future__ import annotations

import base64
import re

import pytest
from browser.harness import BarePage, axe
from playwright.sync_api import expect

from mfatools.widgets.clock import Clock

START = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC; the page shows one second later
WHOM = {"servers": ["a.example", "b.example", "c.example"], "https": ["https://d.example/"]}
SLOW = {
    "offset": 42.0,
    "bound": 0.02,
    "state": "slow",
    "brief": "This computer's clock is 42.0 s slow.",
    "headline": "This computer's clock is 42.00 s slow, give or take 0.02 s, agreed by 2 of 3 time servers.",
    "meaning": "Codes made here are about 1 step of 30 s late.",
    "notes": ["Not believed: c.example contradicts the others."],
    "remedy": ["Look at its state: chronyc tracking", "Let it set the clock at once: sudo chronyc makestep"],
    "table": [
        ["a.example", "+42.000 s ± 0.020 s", "agrees"],
        ["b.example", "+42.001 s ± 0.020 s", "agrees"],
        ["c.example", "-300.000 s ± 0.020 s", "contradicts the others"],
    ],
    "elapsed": 0.2,
}
FINE = {**SLOW, "offset": 0.003, "state": "fine", "headline": "It is right.", "remedy": ["Nothing to mend."]}
UNKNOWN = {
    **SLOW,
    "offset": None,
    "bound": None,
    "state": "unknown",
    "headline": "It cannot be told.",
    "meaning": "",
}
STEERING = {"boards": 1, "on": True, "words": "Codes follow network time."}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Face:
    """A bare page with a clock, and the kernel's part in short calls. ``ahead``: kernel minus page, seconds."""

    def __init__(self, bare, *, ahead=0.0, compact=False, **state):
        self.bare: BarePage = bare(Clock, now=START, compact=compact)
        self.page, self.ahead = self.bare.page, ahead
        self.state(**state)

    def state(self, report=None, running=False, progress=None, steering=STEERING, system=""):
        """Answer the hello."""
        nonce = self.bare.sent("hello")[-1]["nonce"]
        shown = {"report": report, "running": running, "progress": progress or {}}
        self.bare.emit(type="state", nonce=nonce, whom=WHOM, steering=steering, system=system, **shown)

    def pong(self, browser=None, stepped=0.0, was_set=""):
        """Answer the last ping."""
        t = self.bare.now() + self.ahead
        nonce = self.bare.sent("ping")[-1]["nonce"]
        self.bare.emit(
            type="pong", nonce=nonce, received=t, sent=t, browser=browser, stepped=stepped, was_set=was_set
        )

    def tell(self, kind, **content):
        self.bare.emit(type=kind, **content)

    def time(self, name):
        return self.page.locator(f".face[data-name='{name}'] .time")

    def note(self, name):
        return self.page.locator(f".face[data-name='{name}'] .note")

    def button(self, name):
        return self.page.get_by_role("button", name=name)


@pytest.fixture
def face(bare):
    def show(**options):
        return Face(bare, **options)

    return show


def clock_at(f, t):
    """What a clock that reads POSIX time t shows, by the page's own zone."""
    return f.page.evaluate("t => new Date(t * 1000).toLocaleTimeString('en-GB', { hour12: false })", t)


def test_nothing_is_asked_before_the_click_and_whom_it_contacts_stands_there(face):
    f = face()
    f.bare.run_for(10)
    assert {message["type"] for message in f.bare.sent()} == {"hello", "ping"}
    expect(f.page.locator(".whom")).to_contain_text(
        "Asks a.example, b.example and c.example. If none of them answers: d.example."
    )
    expect(f.time("network")).to_have_text("––:––:––")
    expect(f.note("network")).to_have_text("not checked yet")
    f.button("Check now").click()
    assert len(f.bare.sent("check")) == 1


def test_progress_is_shown_server_by_server_and_it_can_be_stopped(face):
    f = face()
    f.button("Check now").click()
    f.tell("asking", whom=WHOM)
    f.tell("progress", name="a.example", state="asked")
    f.tell("progress", name="a.example", state="answered")
    f.tell("progress", name="a.example", state="asked")  # its second question
    f.tell("progress", name="c.example", state="refused")
    rows = f.page.get_by_role("list", name="Servers asked").get_by_role("listitem")
    expect(rows).to_have_text(["a.exampleanswered", "b.examplewaiting", "c.examplerefused"])
    expect(f.page.locator(".status")).to_have_text("Asking 3 time servers.")
    f.button("Stop").click()
    assert len(f.bare.sent("stop")) == 1
    f.tell("stopped")
    expect(f.button("Check now")).to_be_focused()
    expect(f.page.locator(".status")).to_contain_text("Stopped")
    expect(rows).to_have_count(0)


def test_three_clocks_tick_each_at_its_own_second(face):
    f = face(ahead=10.4)
    f.pong()
    f.tell("report", report=SLOW, whom=WHOM)
    t = f.bare.now()
    expect(f.time("browser")).to_have_text(clock_at(f, t))
    expect(f.time("kernel")).to_have_text(clock_at(f, t + 10.4))
    expect(f.time("network")).to_have_text(clock_at(f, t + 52.4))
    f.bare.run_for(0.65)  # the page's own second has not passed, the others' has
    expect(f.time("browser")).to_have_text(clock_at(f, t))
    expect(f.time("kernel")).to_have_text(clock_at(f, t + 11))
    expect(f.time("network")).to_have_text(clock_at(f, t + 53))
    expect(f.note("kernel")).to_contain_text("42 s slow")
    expect(f.note("browser")).to_contain_text("52 s slow")
    expect(f.note("network")).to_have_text("± 20 ms")


def test_the_verdict_the_remedy_and_the_table(face):
    f = face()
    f.tell("report", report=SLOW, whom=WHOM)
    verdict = f.page.locator(".verdict")
    expect(verdict).to_contain_text("42.00 s slow, give or take 0.02 s, agreed by 2 of 3")
    expect(verdict).to_contain_text("Not believed: c.example")
    step = f.page.get_by_role("checkbox", name="Look at its state: chronyc tracking")
    step.check()
    expect(step).to_be_checked()
    f.page.locator("summary").click()
    expect(f.page.locator("tbody tr")).to_have_count(3)
    expect(f.button("Check again")).to_be_visible()
    expect(f.page.locator(".status")).to_contain_text("Answered in 200 ms")
    f.tell("report", report=FINE, whom=WHOM)
    expect(f.page.locator(".remedy")).to_have_text("Nothing to mend.")
    expect(f.page.get_by_role("checkbox")).to_have_count(0)
    f.tell("report", report={**SLOW, "state": "unknown", "hint": "Name it: check_clock(['a'])."}, whom=WHOM)
    expect(f.page.locator("details.more")).to_contain_text("Name it: check_clock(['a']).")
    expect(f.page.locator(".remedy")).not_to_contain_text("check_clock")
    f.tell("report", report=SLOW, whom=WHOM)
    expect(f.page.locator("details.more")).not_to_contain_text("check_clock")


def test_when_it_cannot_be_told_network_time_shows_dashes(face):
    f = face()
    f.pong()
    f.tell("report", report=SLOW, whom=WHOM)
    f.tell("report", report=UNKNOWN, whom=WHOM)
    expect(f.time("network")).to_have_text("––:––:––")
    expect(f.note("network")).to_have_text("could not be found out")
    expect(f.page.locator(".clockw")).to_have_attribute("data-state", "unknown")


def test_the_pages_stamps_go_to_the_kernel_and_its_words_come_back(face):
    f = face(ahead=90)
    for _ in range(4):
        f.pong()
        f.bare.run_for(0.6)
    exchanges = f.bare.sent("ping")[-1]["exchanges"]
    assert len(exchanges) >= 3
    assert all(len(stamps) == 4 for stamps in exchanges)
    assert exchanges[0][1] - exchanges[0][0] == pytest.approx(90, abs=0.1)
    f.pong(browser={"words": "This browser is late.", "remedy": ["Set it."]})
    expect(f.page.locator(".browser")).to_contain_text("This browser is late.")
    expect(f.page.locator(".browser").get_by_role("checkbox", name="Set it.")).to_be_visible()
    expect(f.note("browser")).to_have_text("90 s behind this computer")


def test_pings_calm_down_and_rest_while_the_page_is_out_of_sight(face):
    f = face()
    for _ in range(12):
        f.pong()
        f.bare.run_for(1)
    few = len(f.bare.sent("ping"))
    assert few <= 7
    f.pong()
    f.page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    f.bare.run_for(120)
    assert len(f.bare.sent("ping")) == few


def test_a_clock_that_was_set_since_is_told(face):
    f = face()
    f.tell("report", report=SLOW, whom=WHOM)
    f.pong(stepped=42.0, was_set="This computer's clock was set forward by 42.0 s since it was measured.")
    expect(f.page.locator(".was")).to_contain_text("set forward by 42.0 s")
    expect(f.note("kernel")).to_contain_text("right")


def test_the_switch_asks_the_kernel_and_shows_what_it_says(face):
    f = face()
    switch = f.page.get_by_role("switch", name="Let live codes follow network time")
    expect(switch).to_be_checked()
    switch.press("Space")
    assert f.bare.sent("steer")[-1]["on"] is False
    f.tell("steering", boards=1, on=False, words="Codes follow this computer's clock as it is.")
    expect(switch).not_to_be_checked()
    expect(f.page.locator(".follows")).to_have_text("Codes follow this computer's clock as it is.")
    f.tell("steering", boards=0, on=True, words="")
    expect(switch).to_be_hidden()


def test_the_figure_is_fetched_when_it_can_be_seen_and_again_in_the_dark(face):
    f = face()
    f.tell("report", report=SLOW, whom=WHOM)
    assert f.bare.sent("figure") == []
    f.page.locator("summary").click()
    f.page.wait_for_function("() => window.fake.sent.some(m => m.type === 'figure')")
    (wish,) = f.bare.sent("figure")
    assert wish["dark"] is False
    assert 300 < wish["width"] < 900
    raw = list(base64.b64decode(PIXEL))
    f.page.evaluate(
        """([nonce, raw]) => window.fake.emit({ type: 'figure', nonce, alt: 'Intervals of time servers.' },
             [new DataView(new Uint8Array(raw).buffer)])""",
        [wish["nonce"], raw],
    )
    expect(f.page.get_by_role("img", name="Intervals of time servers.")).to_be_visible()
    f.page.evaluate("() => { document.documentElement.style.colorScheme = 'dark'; }")
    f.page.wait_for_function("() => window.fake.sent.filter(m => m.type === 'figure').length === 2")
    assert f.bare.sent("figure")[-1]["dark"] is True


def test_folded_it_is_one_line_that_tells_the_verdict(face):
    f = face(compact=True)
    expect(f.button("Check now")).to_be_hidden()
    fold = f.button("Check the clock")
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert f.page.locator(".clockw").bounding_box()["height"] < 70
    fold.click()
    expect(f.button("Close")).to_have_attribute("aria-expanded", "true")
    expect(f.button("Check now")).to_be_visible()
    f.tell("report", report=SLOW, whom=WHOM)
    f.button("Close").click()
    expect(f.page.locator(".brief")).to_have_text("This computer's clock is 42.0 s slow.")
    expect(f.button("More")).to_be_focused()


def test_a_page_that_comes_later_shows_what_is_known(face):
    f = face(report=SLOW, system="The system says: the clock is kept by chrony.")
    expect(f.page.locator(".verdict")).to_contain_text("42.00 s slow")
    f = face(running=True, progress={"a.example": "answered"})
    expect(f.button("Stop")).to_be_visible()
    expect(f.page.locator(".heard")).to_contain_text("a.exampleanswered")


def test_a_failure_and_a_lost_kernel_are_told_in_words(face):
    f = face()
    f.button("Check now").click()
    f.tell("asking", whom=WHOM)
    f.tell("failed", what="Something went wrong.", hint="Please report this.")
    expect(f.page.locator(".status")).to_have_text("Something went wrong. Please report this.")
    f.bare.die()
    f.button("Check now").click()
    expect(f.page.locator(".status")).to_contain_text("run this cell again")
    expect(f.button("Check now")).to_be_enabled()


def test_a_kernel_that_comes_back_is_greeted_again_and_one_that_is_gone_is_told_at_once(face):
    f = face()
    f.page.evaluate("() => window.fake.event('comm_live_update')")
    assert len(f.bare.sent("hello")) == 2
    f.state(report=SLOW)
    expect(f.page.locator(".verdict")).to_contain_text("42.00 s slow")
    f.bare.die()
    expect(f.page.locator(".status")).to_contain_text("run this cell again")


def test_a_kernel_that_does_not_answer_is_told(bare):
    page = bare(Clock, now=START, compact=False)
    page.run_for(3.1)
    expect(page.page.locator(".status")).to_contain_text("Waiting for the notebook")


def test_what_a_screen_reader_hears(face):
    f = face()
    f.tell("report", report=SLOW, whom=WHOM)
    expect(f.page.locator(".status")).to_contain_text("42.00 s slow")  # aloud; to be seen in the verdict
    for name in ("Network time", "This computer", "This browser"):
        expect(f.page.get_by_role("timer", name=name)).to_be_attached()


def test_strange_text_from_a_server_stays_text(face):
    f = face()
    table = [["<img src=x onerror=boom()>", "", "<b>no</b>"]]
    f.tell("report", report={**SLOW, "table": table, "headline": "<i>x</i>"}, whom=WHOM)
    f.page.locator("summary").click()
    expect(f.page.locator("tbody th")).to_have_text("<img src=x onerror=boom()>")
    expect(f.page.locator(".verdict i, tbody b, tbody img")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("report", [None, SLOW, FINE, UNKNOWN], ids=["before", "slow", "fine", "unknown"])
def test_axe_finds_nothing(face, scheme, report):
    f = face(report=report)
    f.pong(browser={"words": "This browser is late.", "remedy": ["Set it."]}, was_set="It was set.")
    f.page.evaluate(
        "s => { document.documentElement.style.colorScheme = s; document.body.style.background = 'Canvas'; }",
        scheme,
    )
    if report:
        f.page.locator("summary").click()
    assert axe(f.page, ".clockw") == []


def test_a_browser_that_is_off_and_a_computer_that_is_not_get_one_verdict(face):
    f = face()
    off = {"words": "This browser is late.", "headline": "The device is 33 s slow.", "remedy": ["Set it."]}
    f.tell("report", report=FINE, whom=WHOM, browser=off)
    expect(f.page.locator(".verdict strong")).to_have_text("The device is 33 s slow.")
    expect(f.page.locator(".status")).to_contain_text("The device is 33 s slow.")
    expect(f.page.get_by_text("Nothing to mend.")).to_be_hidden()
    expect(f.page.get_by_role("checkbox", name="Set it.")).to_be_visible()
    f.pong(browser={"words": "", "headline": "", "remedy": []})  # it was mended
    expect(f.page.locator(".verdict strong")).to_have_text("It is right.")
    expect(f.page.get_by_text("Nothing to mend.")).to_be_visible()


def test_when_nobody_answered_it_does_not_say_answered(face):
    f = face()
    f.tell("report", report={**UNKNOWN, "elapsed": 2.0, "answered": False}, whom=WHOM)
    expect(f.page.locator(".status")).to_contain_text("No usable answer within 2.0 s.")
    f.page.locator("summary").click()
    assert f.bare.sent("figure") == []  # nothing to draw
    expect(f.page.get_by_role("group", name="Is this computer’s clock right?")).to_be_visible()
    assert f.page.get_by_role("region").count() == 0  # two clocks would be two landmarks of one name


def test_on_a_telephone_nothing_sticks_out(face):
    f = face(report=SLOW)
    f.page.set_viewport_size({"width": 360, "height": 800})
    f.page.locator("summary").click()
    assert f.page.evaluate("() => document.documentElement.scrollWidth") <= 360


def test_nothing_moves_for_those_who_do_not_want_it(face):
    f = face()
    f.page.emulate_media(reduced_motion="reduce")
    f.button("Check now").click()
    f.tell("asking", whom=WHOM)
    f.tell("progress", name="a.example", state="asked")
    running = f.page.evaluate("() => document.getAnimations().filter(a => a.playState === 'running').length")
    assert running == 0


def test_nothing_is_left_after_cleanup(face):
    f = face(report=SLOW)
    f.bare.cleanup()
    before = len(f.bare.sent())
    f.bare.run_for(120)
    assert len(f.bare.sent()) == before
    expect(f.page.locator(".clockw")).to_have_count(0)


def test_keys_that_are_typed_here_stay_here(face):
    f = face()
    expect(f.page.locator(".clockw")).to_have_attribute("data-lm-suppress-shortcuts", re.compile("true"))
