"""The explorers in a bare page, wired to their real kernel side: no server, and a clock that the test sets."""

from __future__ import annotations

import re

import pytest
from browser.harness import axe
from browser.wired import Wired
from playwright.sync_api import expect

from mfatools import explore, lab

NARROW = {"width": 360, "height": 740}


@pytest.fixture
def wired(bare):
    def show(widget, **options):
        return Wired(bare, widget, **options)

    return show


def slide(w, name, value):
    """Drag a slider to a value, as one event."""
    w.page.locator(f"input[data-name={name}]").evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def settled(w):
    """A page with its picture: the frame has had its size reported, and everything is delivered."""
    w.page.wait_for_function("() => window.fake.sent.some(message => message.type === 'draw')")
    w.pump()
    expect(w.page.locator(".said")).to_have_attribute("data-taken", re.compile("true|false"))
    return w


def draws(w):
    return [message["values"]["phone"] for message in w.bare.sent("draw")]


def test_a_slider_moves_the_verdict_and_the_picture(wired):
    w = settled(wired(explore.windows()))
    expect(w.page.locator(".verdict")).to_have_text("Accepted: the code is 1 step behind")
    slide(w, "phone", -110)
    w.pump()
    expect(w.page.locator(".verdict")).to_contain_text("Refused")
    expect(w.page.get_by_role("img")).to_have_attribute("aria-label", re.compile("phone is 110 s slow.*Refused"))
    expect(w.page.locator(".frame svg.no .lane0 .window.read")).to_have_count(1)


def test_while_one_picture_is_drawn_only_the_last_wish_is_kept(wired):
    w = settled(wired(explore.windows()))
    for value in range(1, 30):
        slide(w, "phone", value)
    assert draws(w)[-1] == 1
    w.pump()
    assert draws(w)[-2:] == [1, 29]
    assert w.widget.setting.phone == 29


def test_a_preset_sets_the_window_and_names_its_source(wired):
    w = settled(wired(explore.windows()))
    w.page.locator("select").select_option("pyotp")
    w.pump()
    assert (w.widget.setting.behind, w.widget.setting.ahead) == (0, 0)
    expect(w.page.locator(".service .soft")).to_contain_text("pyotp")
    slide(w, "behind", 2)
    expect(w.page.locator("select")).to_have_value("")


def test_python_moves_the_sliders_of_the_page(wired):
    w = settled(wired(explore.windows()))
    w.widget.set(phone=60, step=60)
    w.pump()
    expect(w.page.locator("input[data-name=phone]")).to_have_value("60")
    expect(w.page.get_by_role("button", name="60 s")).to_have_attribute("aria-pressed", "true")


def test_the_picture_follows_the_width_without_asking_again(wired):
    w = settled(wired(explore.windows()))
    before = len(w.bare.sent())
    w.page.set_viewport_size(NARROW)
    w.page.wait_for_function("() => document.querySelector('.frame svg').viewBox.baseVal.width < 360")
    assert len(w.bare.sent()) == before


def test_a_closed_page_asks_for_nothing_more(wired):
    w = settled(wired(explore.windows()))
    before = len(w.bare.sent())
    slide(w, "phone", 5)
    w.bare.cleanup()
    w.pump()
    w.bare.emit(type="moved", values={"phone": 1})
    assert len(w.bare.sent()) == before + 1
    assert w.page.locator(".mfa").count() == 0


def test_every_byte_is_explained_by_keyboard(wired):
    w = wired(explore.anatomy())
    w.page.locator(".anatomy select").select_option("SHA1:0")
    w.pump()
    expect(w.page.locator(".match")).to_have_text("✓ as the standard prints it")
    first = w.page.locator("button[data-row=digest]").first
    first.focus()
    w.page.keyboard.press("End")
    expect(w.page.locator("button[data-row=digest]:focus")).to_have_attribute("data-place", "19")
    expect(w.page.locator(".stage:nth-child(3) .explain")).to_contain_text("says at which place to begin")
    w.page.keyboard.press("ArrowLeft")
    expect(w.page.locator(".stage:nth-child(3) .explain")).to_contain_text("Place 18")


def test_the_stages_come_one_at_a_time(wired):
    w = wired(explore.anatomy())
    w.page.get_by_role("button", name="One step at a time").click()
    expect(w.page.locator(".stage:visible")).to_have_count(1)
    for _ in range(5):
        w.page.get_by_role("button", name="Next").click()
    expect(w.page.locator(".stage:visible")).to_have_count(6)
    w.page.get_by_role("button", name="← Back").click()
    expect(w.page.locator(".stage:visible")).to_have_count(5)
    w.page.get_by_role("button", name="Show all").click()
    expect(w.page.locator(".stage:visible")).to_have_count(6)


def test_time_goes_a_step_on_and_back(wired):
    w = wired(explore.anatomy())
    before = w.widget.counter
    for name, expected in (("One step on in time", 1), ("One step on in time", 2), ("One step back in time", 1)):
        w.page.get_by_role("button", name=name).click()
        w.pump()
        assert w.widget.counter == before + expected


def test_a_typed_key_leaves_the_page_at_once(wired):
    w = wired(explore.anatomy())
    w.page.locator(".own summary").click()
    w.page.get_by_label("A key in base32").fill("JBSWY3DPEHPK3PXP")
    w.page.get_by_role("button", name="Use it").click()
    w.pump()
    expect(w.page.locator(".private")).to_contain_text("10 bytes are not shown")
    expect(w.page.get_by_label("A key in base32")).to_have_value("")
    assert "JBSWY3DPEHPK3PXP" not in w.page.content()


def test_a_wrong_key_is_said_in_words(wired):
    w = wired(explore.anatomy())
    w.page.locator(".own summary").click()
    w.page.get_by_label("A key in base32").fill("0189")
    w.page.get_by_role("button", name="Use it").click()
    w.pump()
    expect(w.page.locator(".banner")).to_be_visible()
    expect(w.page.locator(".stage")).to_have_count(6)


def log_in(w):
    w.page.get_by_role("button", name="Log in").click()
    w.pump()
    w.bare.run_for(80)
    w.pump()


def test_a_code_travels_and_is_taken(wired):
    w = wired(explore.lab(seed=3))
    w.page.get_by_role("button", name="Log in").click()
    w.pump()
    w.bare.run_for(1)
    expect(w.page.locator(".route")).to_have_attribute("data-phase", "typing")
    expect(w.page.get_by_role("button", name="Log in")).to_be_disabled()
    w.bare.run_for(40)
    expect(w.page.locator(".answer")).to_have_text("Signed in.")
    expect(w.page.locator(".log li.yes")).to_have_count(1)


def test_both_displays_change_by_themselves_at_the_speed_that_is_set(wired):
    w = wired(explore.lab(seed=3))
    seen = set()
    w.page.locator("[data-speed='30']").click()
    for _ in range(6):
        w.bare.run_for(1)
        seen.add(w.page.locator(".digits").inner_text())
    assert len(seen) >= 5
    w.page.get_by_role("button", name="Pause").click()
    w.bare.run_for(0.1)
    still = w.page.locator(".truetime").inner_text()
    w.bare.run_for(5)
    assert w.page.locator(".truetime").inner_text() == still


def test_a_slow_phone_is_refused_and_the_log_says_why(wired):
    w = wired(explore.lab(seed=3))
    slide(w, "phone_offset", -110)
    w.pump()
    log_in(w)
    expect(w.page.locator(".answer")).to_have_attribute("data-outcome", "no")
    expect(w.page.locator(".log li.no")).to_contain_text("behind the service")


def test_a_replay_is_struck_out_and_refused(wired):
    w = wired(explore.lab(seed=3))
    log_in(w)
    w.page.get_by_role("button", name="Send the last code again").click()
    w.pump()
    w.bare.run_for(40)
    expect(w.page.locator(".log li.no")).to_have_count(1)


def test_a_locked_account_takes_no_code_and_says_so(wired):
    w = wired(explore.lab(seed=3))
    slide(w, "phone_offset", -110)
    slide(w, "lock_after", 1)
    w.pump()
    chips = w.page.locator(".chips")
    expect(w.page.get_by_text("would take now")).to_be_visible()
    log_in(w)
    expect(w.page.get_by_text(re.compile("is locked and takes no code for another [0-9]+ s"))).to_be_visible()
    expect(chips).to_have_accessible_name("Codes that the service would take if the account were open")
    expect(chips.locator(".chip").first.locator("span").first).to_have_css("text-decoration-line", "line-through")
    w.page.locator("[data-speed='30']").click()
    w.bare.run_for(12)
    w.pump()
    expect(w.page.get_by_text("would take now")).to_be_visible()


def test_the_fault_can_be_guessed(wired):
    w = wired(explore.lab(seed=3))
    w.page.get_by_role("button", name="Break one thing").click()
    w.pump()
    w.page.locator(".game select").select_option(w.widget._broken)
    w.page.get_by_role("button", name="That is it").click()
    w.pump()
    expect(w.page.locator(".outcome")).to_contain_text("Right!")
    w.page.get_by_role("button", name="Mend everything").click()
    w.pump()
    expect(w.page.locator(".outcome")).to_be_hidden()
    log_in(w)
    expect(w.page.locator(".answer")).to_have_text("Signed in.")


MAKERS = [explore.windows, explore.anatomy, explore.lab]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_narrow_and_accessible_in_both_themes(wired, make, theme):
    w = wired(make())
    w.page.set_viewport_size({"width": 344, "height": 740})
    w.page.evaluate("theme => { document.body.className = theme; document.body.style.margin = '8px'; }", theme)
    if theme == "dark":
        w.page.evaluate("() => { document.body.style.background = '#111'; }")
    w.bare.run_for(0.1)
    w.pump()
    if make is explore.lab:  # all that can stand on the bench
        w.page.get_by_label("Judges as").select_option("pypi")
        for name in ("Break one thing", "Log in", "Let the doctor find it"):
            w.page.get_by_role("button", name=name).click()
            w.pump()
            w.bare.run_for(60)
        expect(w.page.locator(".outcome")).to_contain_text("The doctor is")
    for width in (344, 320):
        w.page.set_viewport_size({"width": width, "height": 740})
        assert w.page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert axe(w.page, ".mfa") == []
    assert w.page.locator("section[data-lm-suppress-shortcuts]").count() == 1
    free = ".mfa :is(button, input, select, summary, textarea, a):not([data-lm-suppress-shortcuts])"
    assert w.page.locator(free).count() == 0


def test_the_bench_judges_by_the_rules_of_a_real_service(wired):
    w = wired(explore.lab(seed=3))
    w.page.get_by_label("Judges as").select_option("gitlab")
    w.pump()
    expect(w.page.locator(".source")).to_contain_text("Locks after 10 wrong codes, for 10 min")
    assert w.widget.bench.service.policy == lab.Policy.preset("gitlab")
    slide(w, "behind", 4)
    w.pump()
    expect(w.page.get_by_label("Judges as")).to_have_value("")
    expect(w.page.locator(".source")).to_be_hidden()


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_dead_kernel_is_said(wired, make):
    w = wired(make())
    w.bare.die()
    expect(w.page.locator(".banner")).to_contain_text("Run this cell again")


SEEN = """within => new Promise(done => {
  const sight = new IntersectionObserver(entries => {
    if (entries.at(-1).isIntersecting === within) { sight.disconnect(); done(); }
  });
  sight.observe(document.querySelector('.mfa'));
})"""


def test_the_bench_rests_while_it_is_out_of_sight(wired):
    w = wired(explore.lab(seed=3))
    clock = w.page.get_by_role("timer", name="True time")
    w.page.evaluate(SEEN, True)
    w.page.evaluate("() => { document.body.style.paddingTop = '4000px'; }")
    w.page.evaluate(SEEN, False)
    stood = clock.inner_text()
    w.bare.run_for(5)
    assert clock.inner_text() == stood
    w.page.evaluate("() => { document.body.style.paddingTop = ''; }")
    w.page.evaluate(SEEN, True)
    w.bare.run_for(5)
    assert clock.inner_text() != stood


def test_a_new_bench_forgets_the_code_that_was_under_way(wired):
    w = wired(explore.lab(seed=3))
    login = w.page.get_by_role("button", name="Log in with this code")
    login.click()
    w.pump()
    w.bare.run_for(0.3)
    expect(login).to_be_disabled()
    expect(w.page.locator(".packet")).to_be_visible()
    w.page.get_by_role("button", name="Break one thing").click()
    w.pump()
    expect(login).to_be_enabled()
    expect(w.page.locator(".packet")).to_be_hidden()
    login.click()
    w.pump()
    w.bare.run_for(200)
    expect(w.page.locator(".log li")).to_have_count(1)


def test_on_a_narrow_page_nothing_hangs_in_the_air(wired):
    w = wired(explore.windows(phone=-110))
    w.page.set_viewport_size({"width": 360, "height": 740})
    edges = [
        w.page.locator(part).evaluate("node => node.getBoundingClientRect().right") for part in ("select", ".said")
    ]
    assert edges[0] == pytest.approx(edges[1], abs=1)
    expect(w.page.locator("text.odd")).to_have_css("paint-order", "stroke")  # its ground keeps the curve off it
    w = wired(explore.anatomy())
    w.page.set_viewport_size({"width": 360, "height": 740})
    arrow, below = (w.page.locator(part).bounding_box() for part in (".sum > .into", ".sum > .into + .row"))
    assert arrow["y"] + arrow["height"] <= below["y"]
    assert w.page.locator(".into").evaluate("node => getComputedStyle(node, '::before').content") == '"↓"'
