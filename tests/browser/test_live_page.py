"""The live board in a bare page: a fake kernel, a clock that the test sets, no sleeps."""

from __future__ import annotations

import re

import pytest
from browser.harness import BarePage, axe
from playwright.sync_api import expect

from mfatools.widgets.live import Live

SHORT = {"code": "W_SECRET_SHORT", "text": "The key is short.", "severity": "info"}
COMPAT = {
    "code": "W_ALG_COMPAT",
    "text": "This entry asks for SHA256. Some apps use SHA1 all the same.",
    "severity": "warn",
}
ABOUT = {"facts": ["8 digits"], "source": "from q0.png"}
START = 1_800_000_000.0  # a multiple of 30 and of 60; the page shows one second later


def card(number=1, *, issuer="GitHub", name="alice@example.org", step=30, codes=20, t=START, **more):
    """One timed card; its code of counter c is c's last six digits, so that a test can tell them apart."""
    first = int(t // step) - 1
    return {
        "id": str(number),
        "issuer": issuer,
        "name": name,
        "type": "totp",
        "digits": 6,
        "notes": [],
        "step": step,
        "t0": 0,
        "first": first,
        "codes": [shown(counter) for counter in range(first, first + codes)],
        **more,
    }


def shown(counter):
    return f"{counter % 1_000_000:06d}"


def code(t, step=30):
    text = shown(int(t // step))
    return f"{text[:3]} {text[3:]}"


class Board:
    """A bare page with a live board and the kernel's part in short calls. ``ahead``: kernel minus page, seconds."""

    def __init__(self, bare, *, ahead=0.0, now=START):
        self.bare: BarePage = bare(Live, now=now)
        self.page, self.ahead = self.bare.page, ahead
        self.answered: set[str] = set()

    def answer(self, *cards, masked=False, offset=None, **more):
        """Answer the last request for the board."""
        kernel = self.bare.now() + self.ahead
        nonce = self.bare.sent("board")[-1]["nonce"]
        content = {"cards": list(cards), "masked": masked, "offset": offset, **more}
        self.bare.emit(type="board", nonce=nonce, received=kernel, sent=kernel, **content)
        return self

    def digits(self, place=0):
        return self.page.locator(".card .digits").nth(place)

    @property
    def banner(self):
        return self.page.locator(".banner")


@pytest.fixture
def board(bare):
    def show(**options):
        return Board(bare, **options)

    return show


def test_code_flips_at_the_boundary_and_not_before(board):
    b = board().answer(card())
    expect(b.digits()).to_have_text(code(START))
    b.bare.run_for(28.9)  # the page stands at START + 29.9
    expect(b.digits()).to_have_text(code(START))
    b.bare.run_for(0.11)
    expect(b.digits()).to_have_text(code(START + 30))


def test_each_entry_flips_at_its_own_boundary(board):
    b = board().answer(card(1), card(2, step=60))
    b.bare.run_for(29.5)
    expect(b.digits(0)).to_have_text(code(START + 30))
    expect(b.digits(1)).to_have_text(code(START, 60))
    b.bare.run_for(30)
    expect(b.digits(1)).to_have_text(code(START + 60, 60))


def test_seconds_count_down_and_the_ring_with_them(board):
    b = board().answer(card())
    ring = b.page.locator(".dial")
    expect(ring).to_have_attribute("aria-label", "29 seconds left")
    b.bare.run_for(9)
    expect(b.page.locator(".seconds")).to_have_text("20")
    offset = float(b.page.locator(".rest").evaluate("node => node.style.strokeDashoffset"))
    assert offset == pytest.approx(1 - 20 / 30, abs=1e-3)
    b.bare.run_for(15)
    expect(b.page.locator(".card")).to_have_class(re.compile("ending"))


def test_more_codes_are_asked_for_in_time_and_only_then(board):
    b = board().answer(card())
    b.bare.run_for(440)
    assert len(b.bare.sent("board")) == 1
    b.bare.run_for(60)
    assert len(b.bare.sent("board")) > 1
    b.answer(card(t=START + 500))
    b.bare.run_for(200)  # beyond the first message's last code
    expect(b.digits()).to_have_text(code(b.bare.now()))


def test_past_the_horizon_stand_dashes_and_the_reason(board):
    b = board().answer(card())
    b.bare.run_for(565)  # 19 steps from START on were sent
    expect(b.digits()).to_have_text(code(b.bare.now()))
    b.bare.run_for(5)
    expect(b.digits()).to_have_text("––– –––")
    expect(b.banner).to_contain_text("have run out")
    expect(b.page.locator(".code")).to_have_attribute("aria-disabled", "true")
    b.answer(card(t=START + 570))
    expect(b.digits()).to_have_text(code(b.bare.now()))
    expect(b.banner).to_be_hidden()


def test_an_unanswered_request_is_repeated_ever_more_rarely(board):
    b = board()
    expect(b.banner).to_be_hidden()
    b.bare.run_for(2)
    expect(b.banner).to_contain_text("Waiting for the notebook")
    b.bare.run_for(598)
    assert 5 < len(b.bare.sent("board")) < 20
    b.answer(card(t=b.bare.now()))
    expect(b.digits()).to_have_text(code(b.bare.now()))


def test_kernel_gone_leaves_dashes_and_a_plain_message(board):
    b = board().answer(card(), card(2, type="hotp", codes=2) | {"codes": None, "counter": 4, "code": "969429"})
    expect(b.digits(1)).to_have_text("969 429")
    b.bare.die()
    expect(b.digits(0)).to_have_text("––– –––")
    expect(b.digits(1)).to_have_text("––– –––")
    expect(b.banner).to_contain_text("restarted or shut down")
    b.bare.run_for(60)
    expect(b.digits(0)).to_have_text("––– –––")


def test_without_its_kernel_no_button_looks_alive_until_it_is_back(board):
    hotp = card(2, type="hotp", codes=2) | {"codes": None, "counter": 4, "code": "969429"}
    motp = {"id": "3", "issuer": "VPN", "name": "joe", "type": "motp", "digits": 6, "notes": [], "wants_pin": True}
    b = board().answer(card(), hotp, motp, removable=True)
    b.page.get_by_role("button", name="Show next").focus()
    b.bare.die()
    expect(b.page.locator("button.code").first).to_be_focused()
    expect(b.page.locator("button:not(.code):enabled")).to_have_count(0)
    expect(b.page.locator("button.code:not([aria-disabled=true])")).to_have_count(0)
    b.page.evaluate("() => { window.fake.dead = false; window.fake.event('comm_live_update'); }")
    b.answer(card(t=b.bare.now()), hotp, motp, removable=True)
    expect(b.digits(0)).to_have_text(code(b.bare.now()))
    expect(b.page.locator("button:disabled, input:disabled")).to_have_count(0)


def test_an_answer_to_another_tab_is_not_heeded(board):
    b = board().answer(card())
    wrong = card(t=START) | {"codes": ["666666"] * 20}
    b.bare.emit(type="board", nonce="another.1", received=0, sent=0, cards=[wrong], masked=False, offset=None)
    expect(b.digits()).to_have_text(code(START))


@pytest.mark.parametrize("ahead", [90.0, -47.5, 3600.0])
def test_a_browser_whose_clock_is_wrong_shows_the_kernels_codes(board, ahead):
    b = board(ahead=ahead).answer(card(t=START + ahead))
    expect(b.digits()).to_have_text(code(b.bare.now() + ahead))
    b.bare.run_for(33)
    expect(b.digits()).to_have_text(code(b.bare.now() + ahead))
    expect(b.page.locator(".clock")).to_contain_text("behind" if ahead > 0 else "ahead of")


def test_the_offset_to_true_time_is_applied_and_said(board):
    b = board().answer(card(t=START + 42), offset=42.0)
    expect(b.digits()).to_have_text(code(START + 42))
    expect(b.page.locator(".clock")).to_contain_text("42 s slow")


def test_after_a_quick_answer_the_clocks_are_not_compared_again(board):
    b = board().answer(card(codes=30))
    b.bare.run_for(600)
    assert len(b.bare.sent()) == 1  # and its answer: two messages in ten minutes


@pytest.mark.parametrize(("late", "pings"), [(0.02, 1), (0.4, 3)])
def test_after_a_slow_answer_the_clocks_are_compared_until_it_is_sure(board, late, pings):
    b = board()
    b.bare.run_for(1)
    b.answer(card(codes=40))
    for pause in (5, 60, 240, 240):
        b.bare.run_for(pause)
        for ping in b.bare.sent("ping")[len(b.answered) :]:
            b.answered.add(ping["nonce"])
            b.bare.run_for(late)
            b.bare.emit(type="pong", nonce=ping["nonce"], received=b.bare.now(), sent=b.bare.now())
    assert len(b.bare.sent("ping")) == pings
    assert len(b.bare.sent("board")) == 1


def test_what_changed_in_the_kernel_is_fetched(board):
    b = board().answer(card())
    b.bare.emit(type="changed")
    assert len(b.bare.sent("board")) == 2
    b.answer(card(), card(2, issuer="Bank"))
    expect(b.page.locator(".card strong")).to_have_text(["GitHub", "Bank"])
    b.bare.emit(type="changed")
    b.answer()
    expect(b.page.locator(".empty")).to_contain_text("No accounts here yet")


def test_a_click_copies_the_code_without_its_blank_and_says_so(board):
    b = board().answer(card())
    b.page.locator(".code").click()
    expect(b.page.locator(".chip")).to_have_text("Copied")
    expect(b.page.locator(".live > .mfa-said")).to_have_text(
        "Copied the code of GitHub, alice@example.org, 29 seconds left."
    )
    assert b.page.evaluate("() => navigator.clipboard.readText()") == code(START).replace(" ", "")
    b.bare.run_for(3)
    expect(b.page.locator(".chip")).to_have_text("Copy")


def test_without_the_clipboard_right_the_old_way_copies(board):
    b = board().answer(card())
    b.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    b.page.locator(".code").focus()
    b.page.keyboard.press("Enter")
    expect(b.page.locator(".chip")).to_have_text("Copied")
    expect(b.page.locator(".code")).to_be_focused()
    assert b.page.locator("textarea").count() == 0
    assert b.page.evaluate("() => navigator.clipboard.readText()") == code(START).replace(" ", "")


def test_the_next_code_is_shown_on_demand(board):
    b = board().answer(card())
    following = b.page.locator(".then")
    expect(following).to_have_text("")
    b.page.get_by_role("button", name="Show next").click()
    expect(following).to_have_text(f"then {code(START + 30)}")
    b.bare.run_for(30)
    expect(following).to_have_text(f"then {code(START + 60)}")


def test_masked_codes_are_in_no_element_until_asked_for(board):
    b = board().answer(card(), masked=True)
    plain = code(START)
    expect(b.digits()).to_have_text("••• •••")
    markup = b.page.locator(".live").evaluate("node => node.outerHTML")
    assert plain not in markup
    assert plain.replace(" ", "") not in markup
    b.page.get_by_role("button", name="Show the code").click()
    expect(b.digits()).to_have_text(plain)
    b.page.get_by_role("button", name="Hide the code").click()
    expect(b.digits()).to_have_text("••• •••")


def test_a_masked_code_is_copied_all_the_same(board):
    b = board().answer(card(), masked=True)
    b.page.locator(".code").click()
    expect(b.page.locator(".chip")).to_have_text("Copied")
    assert b.page.evaluate("() => navigator.clipboard.readText()") == code(START).replace(" ", "")


def test_the_filter_comes_with_many_entries_and_keeps_what_matches(board):
    b = board().answer(*(card(k, issuer=f"Service {k}") for k in range(7)))
    expect(b.page.locator("input[type=search]")).to_be_hidden()
    b.bare.emit(type="changed")
    b.answer(*(card(k, issuer=f"Service {k}") for k in range(30)))
    b.page.locator("input[type=search]").fill("service 2")
    expect(b.page.locator(".card:visible")).to_have_count(12)
    expect(b.page.locator(".found")).to_have_text("12 of 30")
    b.page.locator("input[type=search]").fill("nothing")
    expect(b.page.locator(".found")).to_have_text("No account matches.")


def test_a_counter_based_entry_gives_a_code_at_each_press(board):
    hotp = {"id": "7", "issuer": "Bank", "name": "joe", "type": "hotp", "digits": 6, "notes": [], "code": None}
    b = board().answer(hotp | {"counter": 3})
    expect(b.digits()).to_have_text("––– –––")
    expect(b.page.locator(".extra")).to_contain_text("The next code has counter 3. Each press uses up one code.")
    expect(b.page.locator(".dial")).to_be_hidden()
    button = b.page.get_by_role("button", name="Next code of Bank")
    button.click()
    button.click()  # impatience costs no second code
    (request,) = b.bare.sent("next")
    assert request["id"] == "7"
    b.bare.emit(type="card", nonce=request["nonce"], card=hotp | {"counter": 4, "code": "969429"})
    expect(b.digits()).to_have_text("969 429")
    expect(b.page.locator(".extra")).to_contain_text("This code: counter 3. Next: 4.")
    expect(b.page.get_by_role("button", name="Next code of Bank")).to_be_focused()


def test_a_pin_is_sent_once_and_not_kept_in_the_page(board):
    motp = {"id": "3", "issuer": "VPN", "name": "joe", "type": "motp", "digits": 6, "notes": [], "wants_pin": True}
    b = board().answer(motp)
    field = b.page.get_by_label("PIN of VPN, joe")
    assert field.get_attribute("autocomplete") == "off"
    field.fill("1234")
    field.press("Enter")
    (request,) = b.bare.sent("pin")
    assert request["pin"] == "1234"
    expect(field).to_have_value("")
    b.bare.emit(type="card", nonce=request["nonce"], card=card(3, step=10, issuer="VPN", codes=60))
    expect(b.digits()).to_have_text(code(b.bare.now(), 10))
    expect(field).to_have_count(0)


def test_an_error_of_the_kernel_is_shown(board):
    b = board()
    nonce = b.bare.sent("board")[-1]["nonce"]
    b.bare.emit(type="error", nonce=nonce, what="It went wrong.", hint="Do this.")
    expect(b.banner).to_have_text("It went wrong. Do this.")


def test_a_warning_always_shows_its_first_sentence_and_remarks_are_folded(board):
    b = board().answer(card(notes=[COMPAT, SHORT]))
    warning, remark = b.page.locator(".warning"), b.page.locator(".notes")
    expect(warning.get_by_text("This entry asks for SHA256.")).to_be_visible()
    expect(warning.get_by_text("Some apps use SHA1")).to_be_hidden()
    expect(remark.get_by_text("1 note")).to_be_visible()
    expect(remark.get_by_text("The key is short.")).to_be_hidden()
    warning.locator("summary").click()
    expect(warning.get_by_text("Some apps use SHA1")).to_be_visible()
    b.bare.emit(type="changed")
    b.answer(card(notes=[COMPAT, SHORT]))
    expect(warning.get_by_text("Some apps use SHA1")).to_be_visible()  # it stays unfolded
    assert "W_" not in b.page.locator(".live").inner_text()
    expect(warning).to_have_attribute("title", "W_ALG_COMPAT")


def test_the_foot_says_where_an_entry_came_from_and_takes_it_off(board):
    cards = [card(k, issuer=f"Service {k}", **ABOUT) for k in range(3)]
    b = board().answer(*cards, removable=True)
    expect(b.page.locator(".foot").first).to_have_text("8 digits · from q0.png")
    b.page.get_by_role("button", name="Remove Service 1").click()
    assert b.bare.sent("remove")[0]["id"] == "1"
    b.bare.emit(type="changed")
    b.answer(cards[0], cards[2], removable=True)
    expect(b.page.get_by_role("button", name="Remove Service 2")).to_be_focused()
    b.page.keyboard.press("Enter")
    b.bare.emit(type="changed")
    b.answer(cards[0], removable=True)
    expect(b.page.get_by_role("button", name="Remove Service 0")).to_be_focused()


def test_without_an_offer_nothing_is_removed(board):
    b = board().answer(card())
    expect(b.page.locator(".remove")).to_be_hidden()
    expect(b.page.locator(".foot")).to_be_hidden()


def test_that_a_click_copies_is_seen_without_a_mouse(board):
    b = board().answer(card())
    expect(b.page.locator(".chip .icon")).to_be_visible()
    expect(b.page.locator(".chip .word")).to_be_hidden()
    b.page.locator(".code").focus()
    b.page.keyboard.press("Shift+Tab")
    b.page.keyboard.press("Tab")
    expect(b.page.locator(".chip .word")).to_be_visible()


def test_an_unchecked_clock_comes_with_what_to_do(board):
    b = board().answer(card(), check="Check the clock below.")
    expect(b.page.locator(".clock")).to_have_text(
        "Codes go by this notebook’s own clock. Is it right? Check the clock below."
    )


def test_nothing_hangs_out_of_the_board(board):
    b = board().answer(card())
    b.page.locator("#host").evaluate("node => { node.style.overflow = 'auto'; }")
    tall, room = b.page.evaluate(
        "() => { const n = document.querySelector('#host'); return [n.scrollHeight, n.clientHeight]; }"
    )
    assert tall <= room


def test_a_screen_reader_hears_of_time_only_where_it_reads(board):
    b = board().answer(card(), card(2))
    voice = b.page.locator(".live > .mfa-said")
    b.bare.run_for(30)
    expect(voice).to_have_text("")
    b.page.locator(".code").first.focus()
    b.bare.run_for(19)
    expect(voice).to_have_text("10 seconds left.")
    b.bare.run_for(10)
    expect(voice).to_have_text("New code, 30 seconds left.")


def test_every_control_is_reached_by_tab_and_named(board):
    b = board().answer(card(notes=[SHORT, COMPAT]), card(2, issuer="Bank"), masked=True, removable=True)
    names = []
    for _ in range(10):
        b.page.keyboard.press("Tab")
        names.append(
            b.page.evaluate("() => document.activeElement.ariaLabel || document.activeElement.textContent.trim()")
        )
    of_both = ["copy the code of {}", "Show the code of {}", "Show next code of {}"]
    expected = [what.format("GitHub") for what in of_both] + ["1 note", "asks for SHA256", "Remove GitHub"]
    expected += [what.format("Bank") for what in of_both] + ["Remove Bank"]
    assert [want for want, name in zip(expected, names, strict=True) if want not in name] == []


LEFT_EDGES = """() => [...document.querySelectorAll('.names > *')].map(node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return Math.round(range.getBoundingClientRect().left - node.getBoundingClientRect().left);
})"""


def test_names_stand_beside_the_mark_whatever_way_they_are_written(board):
    b = board().answer(card(issuer="بنك القاهرة", name="dana"))
    assert b.page.evaluate(LEFT_EDGES) == [0, 0]


def test_a_long_name_takes_two_lines(board):
    name = "some.extremely.long.mail.address@students.department.university.example.org"
    b = board().answer(card(1, name="ada"), card(2, name=name))
    short, long = (b.page.locator(".name").nth(n).bounding_box()["height"] for n in (0, 1))
    assert long == pytest.approx(2 * short, abs=1)


def test_two_boards_are_no_two_landmarks_of_one_name(board):
    b = board().answer(card())
    expect(b.page.get_by_role("group", name="Live codes")).to_be_visible()
    assert b.page.get_by_role("region").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(board, scheme):
    b = board()
    b.page.evaluate(
        """scheme => { document.documentElement.style.colorScheme = scheme;
        document.body.style.background = scheme === 'dark' ? '#16181c' : '#ffffff'; }""",
        scheme,
    )
    hotp = {"id": "7", "issuer": "Bank", "name": "", "type": "hotp", "digits": 6, "notes": [], "code": None}
    motp = {"id": "3", "issuer": "VPN", "name": "joe", "type": "motp", "digits": 6, "notes": [], "wants_pin": True}
    cards = [card(k, issuer=f"Service {k}", notes=[SHORT, COMPAT], **ABOUT) for k in range(10, 34)]
    b.answer(*cards, hotp | {"counter": 3}, motp, card(9, problem="No code.", codes=1), removable=True)
    assert axe(b.page, "#host") == []
    b.page.locator(".code").first.click()
    b.page.get_by_role("button", name="Show next").first.click()
    b.bare.run_for(26)  # the last seconds have a colour of their own
    assert axe(b.page, "#host") == []
    b.bare.die()
    assert axe(b.page, "#host") == []


def test_reduced_motion_leaves_the_number_only(board):
    b = board().answer(card())
    b.page.emulate_media(reduced_motion="reduce")
    expect(b.page.locator(".dial svg")).to_be_hidden()
    expect(b.page.locator(".seconds")).to_be_visible()


def test_a_narrow_page_needs_no_sideways_scrolling(board):
    b = board()
    b.page.set_viewport_size({"width": 360, "height": 700})
    endless = "a-name-that-does-not-want-to-end@" + "example" * 8
    b.answer(*(card(k, name=endless, digits=10, source=endless, notes=[COMPAT]) for k in range(9)), removable=True)
    wide = b.page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 360


def test_names_are_text_and_never_markup(board):
    b = board().answer(
        card(
            issuer="<img src=x onerror=alert(1)>",
            name="<b>x</b>",
            notes=[{**SHORT, "text": "<i>n</i>"}, COMPAT | {"text": "<i>a</i>. <i>b</i>."}],
        )
    )
    assert b.page.locator(".card").locator("img, b, i").count() == 0
    expect(b.page.locator(".card strong")).to_have_text("<img src=x onerror=alert(1)>")


def test_after_its_cleanup_nothing_is_left(board):
    b = board().answer(card())
    b.bare.cleanup()
    assert b.page.locator("#host > *").count() == 0
    b.bare.run_for(700)
    assert len(b.bare.sent()) == 1
