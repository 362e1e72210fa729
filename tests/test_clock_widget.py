"""The kernel's side of the clock widget, with messages caught where they would leave for the page."""

from __future__ import annotations

import io
import json
import threading
from types import SimpleNamespace

import pytest
from PIL import Image

from mfatools.clock import ClockReport, Confidence, SystemClock, Tools, Voice
from mfatools.errors import MfaError, TimeSourceError
from mfatools.ntp import Why
from mfatools.widgets import clockface
from mfatools.widgets.clock import Clock
from mfatools.widgets.helm import trusted
from mfatools.widgets.live import Live

NAMES = ("a.example", "b.example", "c.example", "d.example")


def report(offset=42.0, confidence=Confidence.CONFIRMED, **more):
    voices = tuple(Voice(name, offset, 0.02, 4) for name in NAMES[:3])
    if confidence is Confidence.SINGLE_SOURCE:
        voices = voices[:1]
    if offset is None:
        return ClockReport(None, None, confidence, "ntp", unheard=tuple(Voice(n, why=Why.SILENT) for n in NAMES))
    liar = (Voice("d.example", -300.0, 0.02, 4, Why.DISAGREES),)
    settings = {"machine": "chrony", "elapsed": 0.2, "falsetickers": liar, **more}
    return ClockReport(offset, 0.02, confidence, "ntp", voices, **settings)


class World:
    """What the widget stands in: clocks that the test sets, and a check that answers when the test says so."""

    def __init__(self, *reports):
        self.reports = list(reports) or [report()]
        self.asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.wall, self.up = 1_800_000_000.0, 500.0
        self.go = threading.Event()
        self.go.set()

    def check(self, servers, *, https, tools, timeout, samples):
        self.asked.append((tuple(map(str, servers)), tuple(https)))
        for server in servers:
            tools.progress(str(server), "asked")
        while not self.go.wait(0.005):
            tools.monotonic()  # as the real one does: it ends the check once it is stopped
        return self.reports.pop(0)


class Face(Clock):
    """A clock that keeps what it sends."""

    def __init__(self, world, *boards, **options):
        self.sent: list[dict] = []
        self.buffers: list[list[bytes]] = []
        self.news = threading.Condition()
        self.world = world
        tools = Tools(now=lambda: world.wall, monotonic=lambda: world.up)
        given = {"servers": NAMES, "check": world.check, "tools": tools, "up": lambda: world.up}
        system = options.pop("system", lambda: SystemClock(True, "chrony", "a.example"))
        super().__init__(*boards, **{**given, "system": system, **options})

    def send(self, content, buffers=None):
        json.dumps(content)  # what a comm would do
        with self.news:
            self.sent.append(content)
            self.buffers.append(buffers or [])
            self.news.notify_all()

    def wait(self, kind):
        """The first message of this type, as soon as it is sent."""
        with self.news:
            assert self.news.wait_for(lambda: any(m["type"] == kind for m in self.sent), 60), [
                m["type"] for m in self.sent
            ]
            return next(m for m in self.sent if m["type"] == kind)

    def page(self, kind, **content):
        """Play the page: send a request."""
        self._handle_custom_msg({"type": kind, "nonce": "tab.1", **content}, [])

    def says(self, kind, **content):
        self.sent.clear()
        self.page(kind, **content)
        return self.sent[-1]


def test_nothing_is_asked_before_somebody_asks():
    world = World()
    face = Face(world)
    state = face.says("hello")
    assert world.asked == []
    assert state["whom"] == {"servers": list(NAMES), "https": []}
    assert state["report"] is None
    assert not state["running"]
    assert face.report is None
    assert repr(face) == "Clock, not asked yet"


def test_the_default_sources_stand_on_the_page_before():
    state = Face(World(), servers=None).says("hello")
    assert len(state["whom"]["servers"]) >= 4
    assert all(site.startswith("https://") for site in state["whom"]["https"])


def test_a_click_asks_and_every_page_hears_how_it_goes():
    world = World()
    face = Face(world)
    face.page("check")
    told = face.wait("report")
    kinds = [message["type"] for message in face.sent]
    assert kinds.index("asking") < kinds.index("progress") < kinds.index("report")
    assert "nonce" not in told
    assert told["report"]["state"] == "slow"
    assert told["report"]["brief"] == "This computer's clock is 42.0 s slow."
    assert "give or take 0.02" in told["report"]["headline"]
    assert told["report"]["remedy"][0].startswith("Look at its state: chronyc")
    assert [row[0] for row in told["report"]["table"]] == list(NAMES)
    assert face.report == report()
    assert face.wait("system")["text"].startswith("The system says: the clock is kept by chrony")
    assert world.asked == [(NAMES, ())]


def test_auto_asks_at_once():
    face = Face(World(), auto=True)
    face.wait("report")
    assert face.report is not None


def test_ask_waits_for_the_report():
    seen = []
    face = Face(World())
    face.on_report(seen.append)
    assert face.ask() == report() == seen[0]
    assert repr(face).startswith("Clock: This computer's clock is 42.0")


def test_the_message_thread_is_free_while_it_measures_and_it_can_be_stopped():
    world = World()
    world.go.clear()
    face = Face(world)
    face.page("check")
    face.wait("progress")
    state = face.says("hello")
    assert state["running"]
    assert state["progress"] == dict.fromkeys(NAMES, "asked")
    face.page("check")  # another page's click does not start a second one
    face.page("stop")
    face.wait("stopped")
    face.wait("stopped")
    thread = next((t for t in threading.enumerate() if t.name == "mfatools-clock"), None)
    if thread:
        thread.join(10)
    assert len(world.asked) == 1
    assert face.report is None
    assert not face.says("hello")["running"]
    world.go.set()
    assert face.ask() == report()  # and it can be asked again


def test_ask_that_is_stopped_says_so():
    world = World()
    world.go.clear()
    face = Face(world)
    threading.Timer(0.05, face.stop).start()
    with pytest.raises(MfaError, match="stopped"):
        face.ask()


def test_a_failure_in_the_thread_reaches_the_page_in_words():
    def broken(*_, **__):
        raise ZeroDivisionError("inner words")

    face = Face(World(), check=broken)
    face.page("check")
    told = face.wait("failed")
    assert "ZeroDivisionError" in told["what"]
    assert "inner words" not in str(told)
    assert not face.says("hello")["running"]


@pytest.mark.parametrize("setting", [{"servers": ["not a name!"]}, {"samples": 99}, {"timeout": -1}])
def test_a_setting_that_cannot_be_used_is_refused_at_once(setting):
    with pytest.raises(TimeSourceError):
        Face(World(), **setting)


def test_an_error_in_words_is_told():
    def check(*args, **settings):
        raise TimeSourceError("A server is asked 1 to 8 times.", "4 is usual.", code="E_SAMPLES")

    face = Face(World(), check=check)
    face.page("check")
    assert "times" in face.wait("failed")["what"]
    with pytest.raises(TimeSourceError):
        face.ask()
    assert not face.says("hello")["running"]


def test_a_server_that_asked_us_to_go_away_is_not_asked_again():
    gone = (Voice("d.example", why=Why.KISS, detail="RATE"),)
    world = World(report(falsetickers=(), unheard=gone), report())
    face = Face(world)
    face.ask()
    face.ask()
    assert world.asked == [(NAMES, ()), (NAMES[:3], ())]


def test_a_callback_that_fails_is_named_and_harms_nothing():
    def mine(_):
        raise ValueError("inner words")

    face = Face(World())
    face.on_report(mine)
    face.ask()
    assert "mine failed (ValueError)" in face.wait("notice")["text"]
    assert "inner" not in str(face.sent)
    with pytest.raises(MfaError, match="function"):
        face.on_report("print")


# --- boards


def test_boards_take_the_offset_and_a_switch_gives_it_back():
    board, other = Live(), Live()
    face = Face(World(), board)
    assert board.offset is None
    face.ask()
    assert board.offset == 42.0
    face.steer(other, board)
    assert other.offset == 42.0
    assert face.says("steer", on=False)["words"] == "Codes on the board follow this computer's own clock."
    assert board.offset is other.offset is None
    face.steering = True
    assert board.offset == 42.0
    assert face.says("hello")["steering"] == {
        "boards": 2,
        "on": True,
        "words": "Codes on the board follow network time, not this computer's clock.",
    }


def test_the_board_in_a_scan_is_found_and_what_is_no_board_is_refused():
    board = Live()
    face = Face(World(), SimpleNamespace(live=board))
    face.ask()
    assert board.offset == 42.0
    with pytest.raises(MfaError, match="steers boards"):
        face.steer("board")


def test_a_board_with_an_offset_of_its_own_is_left_alone_until_there_is_something_to_say():
    board = Live(offset=7.0)
    face = Face(World(report(None, Confidence.NO_ANSWER)), board)
    face.ask()
    face.page("ping", exchanges=[])
    assert board.offset == 7.0


@pytest.mark.parametrize(
    ("found", "sure"),
    [
        (report(), True),
        (report(None, Confidence.NO_MAJORITY), False),
        (report(confidence=Confidence.SINGLE_SOURCE), False),  # one of two: the other may be right
        (report(confidence=Confidence.SINGLE_SOURCE, falsetickers=()), True),  # the only one that was named
    ],
)
def test_boards_follow_only_what_is_sure(found, sure):
    board = Live()
    face = Face(World(found), board)
    face.ask()
    assert trusted(found) is sure
    assert board.offset == (42.0 if sure else None)


def test_an_answer_that_cannot_tell_leaves_boards_where_the_last_good_one_put_them():
    board = Live()
    face = Face(World(report(), report(None, Confidence.NO_ANSWER)), board)
    face.ask()
    face.ask()
    assert board.offset == 42.0
    assert face.says("hello")["steering"]["words"].startswith("Codes on the board still follow")


def test_when_the_computers_clock_is_mended_boards_stay_at_true_time():
    world, board = World(), Live()
    face = Face(world, board)
    face.ask()
    world.wall += 100
    world.up += 100
    assert face.says("ping", exchanges=[])["was_set"] == ""
    world.wall += 42  # somebody followed the advice
    pong = face.says("ping", exchanges=[])
    assert board.offset == pytest.approx(0.0, abs=1e-6)
    assert pong["stepped"] == pytest.approx(42)
    assert "set forward by 42.0 s" in pong["was_set"]


def test_a_page_that_shows_an_unsure_answer_hears_too_that_the_clock_was_set():
    world, board = World(report(confidence=Confidence.SINGLE_SOURCE)), Live()  # one heard of several
    face = Face(world, board)
    face.ask()
    world.wall += 42
    assert face.says("ping", exchanges=[])["stepped"] == pytest.approx(42)
    assert board.offset is None


# --- the browser's clock


def exchanges(ahead, kernel=1000.0):
    """Four stamps each; the browser is `ahead` of the kernel, 20 ms there and 10 ms back."""
    return [
        [kernel + n + ahead, kernel + n + 0.02, kernel + n + 0.021, kernel + n + 0.031 + ahead] for n in range(4)
    ]


def test_the_browsers_clock_is_measured_by_four_stamps():
    face = Face(World())
    pong = face.says("ping", exchanges=exchanges(-90), platform="windows")
    assert pong["nonce"] == "tab.1"
    assert pong["received"] <= pong["sent"]
    browser = face.browser
    assert abs(browser.offset - 90) <= browser.bound < 0.02
    assert "90.0 s behind the notebook's" in pong["browser"]["words"]
    assert "cannot both be right" in pong["browser"]["words"]
    face.ask()
    pong = face.says("ping", exchanges=exchanges(-90), platform="windows")
    assert "2 min 12 s slow" in pong["browser"]["words"]
    assert pong["browser"]["remedy"][0].startswith("Open Settings")


def test_a_browser_on_the_same_clock_gets_no_sentence_of_its_own():
    face = Face(World())
    face.ask()
    assert face.says("ping", exchanges=exchanges(0.0))["browser"]["words"] == ""


def test_a_browser_that_is_right_beside_a_computer_that_is_not():
    face = Face(World())
    face.ask()
    shown = face.says("ping", exchanges=exchanges(42))["browser"]
    assert "a clock of its own, right" in shown["words"]
    assert shown["remedy"] == []


def test_a_browser_that_is_off_beside_a_computer_that_is_right_makes_one_verdict():
    face = Face(World(report(0.0)))
    face.page("ping", exchanges=exchanges(-33), platform="windows")
    face.ask()
    told = face.wait("report")["browser"]  # with the report, not after it
    assert told["headline"] == "The notebook's computer is fine, but the device with this browser is 33.00 s slow."
    assert told["remedy"][0].startswith("Open Settings")
    assert face.says("hello")["browser"] == told


def test_a_browser_a_few_seconds_off_is_not_called_right():
    face = Face(World(report(0.0)))
    face.page("ping", exchanges=exchanges(-12))
    face.ask()
    assert "12.00 s slow: close enough for most services" in face.wait("report")["browser"]["words"]


def test_where_both_are_off_the_reports_own_headline_stays():
    face = Face(World(report(42.0)))
    face.page("ping", exchanges=exchanges(-90))
    face.ask()
    assert face.wait("report")["browser"]["headline"] == ""


@pytest.mark.parametrize(
    "rubbish",
    [None, "x", 3, [[1, 2, 3]], [["a", 2, 3, 4]], [[float("nan")] * 4], [[True] * 4], [[4, 3, 2, 1]], [None]],
)
def test_stamps_that_are_none_are_left_out(rubbish):
    face = Face(World())
    assert face.says("ping", exchanges=rubbish)["browser"] is None
    assert face.browser is None


# --- the figure


@pytest.mark.parametrize(("dark", "width"), [(False, 800), (True, 330)])
def test_the_figure_comes_as_a_message_in_the_pages_colours(dark, width):
    face = Face(World())
    face.ask()
    face.page("figure", dark=dark, width=width)
    told = face.wait("figure")
    picture = Image.open(io.BytesIO(face.buffers[face.sent.index(told)][0]))
    assert picture.width == pytest.approx(2 * width, abs=2)
    assert (sum(picture.convert("RGB").getpixel((3, 3))) < 200) is dark
    assert "Believed: a.example, b.example, c.example. Not believed: d.example" in told["alt"]
    assert told["nonce"] == "tab.1"


def test_in_a_narrow_figure_the_names_stand_above_the_intervals():
    wide, narrow = (Image.open(io.BytesIO(clockface.picture(report(), False, width)[0])) for width in (800, 330))
    assert narrow.height > 1.15 * wide.height  # a line more for each server


def test_whether_anybody_answered_is_told():
    assert clockface.of_report(report())["answered"] is True
    assert clockface.of_report(report(None, Confidence.NO_ANSWER))["answered"] is False


def test_a_figure_before_there_is_anything_to_draw_is_no_bare_error():
    face = Face(World())
    face.page("figure", dark=False, width=400)
    assert face.wait("figure")["what"]


def test_drawing_leaves_the_persons_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    clockface.picture(report(), True, 500)
    assert dict(mpl.rcParams) == before
    from matplotlib import pyplot as plt

    assert plt.get_fignums() == []


def test_nothing_of_a_report_is_in_a_synced_trait():
    face = Face(World())
    face.ask()
    state = {name: value for name, value in face.get_state().items() if name not in ("_esm", "_css")}
    for word in ("slow", "example", "Clock:"):
        assert word not in json.dumps(state, default=str)


def test_closing_ends_what_is_under_way():
    world = World()
    world.go.clear()
    face = Face(world)
    face.page("check")
    face.wait("progress")
    face.close()
    assert face.report is None
