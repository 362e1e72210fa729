"""Figures: the numbers are taken from the artists, and every figure is drawn light and dark and read aloud."""

from __future__ import annotations

import datetime
import doctest
import importlib
import pkgutil
from itertools import combinations, pairwise
from types import SimpleNamespace as Some

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from mfatools import lab, odds, plots
from mfatools import windows as geometry
from mfatools.errors import MfaError
from mfatools.plots._style import DARK, LIGHT
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp, anatomy

KEY = Secret(b"12345678901234567890")  # RFC 6238's test key
LESSON = Totp(KEY)
NOW = 1_768_471_212.0


def voice(server: str, offset: float | None, error: float | None) -> Some:
    return Some(server=server, offset=offset, error=error)


REPORT = Some(
    offset=42.003,
    bound=0.021,
    truechimers=[voice("a.example", 42.001, 0.018), voice("b.example", 42.006, 0.022)],
    falsetickers=[voice("liar.example", -3.2, 0.02)],
    unheard=[voice("dumb.example", None, None)],
)
DIAGNOSIS = Some(
    findings=[Some(title="typed too late", probability=0.02), Some(title="the phone is slow", probability=0.9)]
)
DRAWN = {
    "windows": lambda ax: plots.windows(NOW, otp=LESSON, phone=-42, typing=9, ax=ax),
    "acceptance": lambda ax: plots.acceptance(ax=ax),
    "anatomy": lambda ax: plots.anatomy(LESSON, 1, ax=ax),
    "clock": lambda ax: plots.clock(REPORT, ax=ax),
    "posterior": lambda ax: plots.posterior(DIAGNOSIS, ax=ax),
    "drift": lambda ax: plots.drift([0, 86_400, 172_800], [0, 2, 4.1], [0.1] * 3, ax=ax),
    "codes": lambda ax: plots.distribution("codes", otp=LESSON, count=2000, ax=ax),
    "bias": lambda ax: plots.distribution("bias", ax=ax),
    "guessing": lambda ax: plots.distribution("guessing", ax=ax),
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def patches(ax, start: str) -> dict[str, object]:
    return {patch.get_gid(): patch for patch in ax.patches if (patch.get_gid() or "").startswith(start)}


def contrast(one, other) -> float:
    """WCAG's contrast ratio."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# ---- every figure ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_is_legible_in_both_themes(name: str, theme: str) -> None:
    with plots.theme(theme):
        ax = DRAWN[name](None)
        ax.figure.canvas.draw()
    paper = ax.get_facecolor()
    assert (sum(to_rgb(paper)) > 1.5) == (theme == "light")
    plain = [t for t in ax.texts if t.get_text() and to_rgb(t.get_color()) != (0, 0, 0)]
    labels = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, ax._left_title]
    legend = ax.get_legend().get_texts() if ax.get_legend() else []
    for text in (*plain, *labels, *legend):
        if text.get_text():
            assert contrast(text.get_color(), paper) >= 4.5, text.get_text()
            assert text.get_fontsize() >= 8
    for line in ax.lines:
        assert contrast(line.get_color(), paper) >= 3


# Vienot, Brettel and Mollon (1999) for dichromats, and grey paper: what is left of linear red, green and blue.
EYES = {
    "red-blind": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "green-blind": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


def seen(colour, eyes):
    """A colour in CIELAB as these eyes see it."""
    linear = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)])
    if eyes:
        linear = np.clip(np.array(EYES[eyes]) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", [None, *EYES])
@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_that_mean_something_differ_for_every_eye(ink, eyes):
    for group in ((ink.phone, ink.true, ink.service), (ink.good, ink.bad), ink.series[:5]):
        for one, other in combinations(group, 2):
            assert np.linalg.norm(seen(one, eyes) - seen(other, eyes)) > 12, (one, other)


@pytest.mark.parametrize("name", ["acceptance", "guessing"])
def test_lines_differ_by_their_dashes_where_paper_is_grey(name):
    lines = [line for line in DRAWN[name](None).lines if not line.get_label().startswith("_")]
    assert len(lines) >= 5
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len(lines)
    for line in lines[0].axes.get_legend().get_lines():  # long enough for a whole pattern, or two look alike
        _, dashes = line._unscaled_dash_pattern
        assert np.ptp(line.get_xdata()) >= sum(dashes or ()) * line.get_linewidth()


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_draws_on_given_axes_and_has_words(name: str) -> None:
    figure = Figure(figsize=(8, 4))
    ax = figure.add_subplot()
    assert DRAWN[name](ax) is ax
    words = plots.alt(ax)
    assert len(words) > 60
    assert words.endswith(".")
    assert plt.get_fignums() == []  # no figure was made behind our back


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_stands_outside_the_figure_or_on_another_label(name: str) -> None:
    ax = DRAWN[name](None)
    ax.figure.canvas.draw()
    assert ax._left_title.get_window_extent().x1 <= 805
    rows = [label.get_window_extent() for label in ax.get_yticklabels() if label.get_text()]
    for one, other in pairwise(rows):
        assert not one.overlaps(other)


def test_words_hold_neither_codes_nor_secrets() -> None:
    ax = plots.windows(NOW, otp=LESSON)
    for counter in range(58949035, 58949045):
        assert LESSON.code_of(counter) not in plots.alt(ax)
    drawn = plots.anatomy(LESSON, 1)
    assert "287082" not in plots.alt(drawn)
    assert "12345678901234567890" not in "".join(text.get_text() for text in drawn.texts)


def test_a_notebook_gets_the_words_as_the_pictures_alternative() -> None:
    ax = plots.posterior(DIAGNOSIS)
    data, metadata = ax.figure._repr_mimebundle_()
    assert data["text/plain"] == plots.alt(ax) == metadata["image/png"]["alt"]
    assert 'alt="Bars of the probability' in data["text/html"]
    assert plots.alt(Figure().add_subplot()) == ""


def test_an_unknown_theme_is_refused_in_words() -> None:
    with pytest.raises(MfaError, match="light"):
        plots.theme("sepia")


MODULES = ["mfatools.plots", *(m.name for m in pkgutil.iter_modules(plots.__path__, "mfatools.plots."))]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_draws_in_a_part_of_a_figure(name: str) -> None:
    part = Figure(figsize=(8, 4)).subfigures(1, 2)[0]
    assert plots.alt(DRAWN[name](part.subplots()))


# ---- windows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phone", "service"), [(0, 0), (-42, 0), (12.5, -5)])
def test_windows_stand_where_the_geometry_puts_them(phone: float, service: float) -> None:
    ax = plots.windows(NOW, phone=phone, service=service)
    for lane, offset in (("phone", phone), ("true time", 0.0), ("service", service)):
        boxes = patches(ax, f"{lane}:")
        assert boxes
        for gid, box in boxes.items():
            window = geometry.shown(int(gid.split(":")[1]), offset=offset)
            assert box.get_x() == pytest.approx(window.start - NOW)
            assert box.get_width() == pytest.approx(30)
    read = int((NOW + phone) // 30)
    span = patches(ax, "accepted")["accepted"]
    accepted = geometry.accepted(read, offset=service)
    assert span.get_x() == pytest.approx(accepted.start - NOW)
    assert span.get_width() == pytest.approx(90)


@pytest.mark.parametrize(
    ("phone", "typing", "title"),
    [
        (0, 0, "Accepted: the code is of this very step"),
        (-42, 9, "Accepted: the code is 1 step behind"),
        (-42, 20, "Refused: the code is 2 steps behind"),
        (60, 0, "Refused: the code is 2 steps ahead"),
    ],
)
def test_the_verdict_stands_on_top(phone: float, typing: float, title: str) -> None:
    ax = plots.windows(NOW, phone=phone, typing=typing)
    assert ax.get_title("left") == title
    accepted = patches(ax, "accepted")["accepted"]
    assert (accepted.get_hatch() in (None, "")) == title.startswith("Accepted")  # grey paper shows it too
    assert title in plots.alt(ax)


@pytest.mark.parametrize("phone", [-3600, 3600, -42])
def test_the_words_of_the_acceptance_stay_within_the_axes(phone: float) -> None:
    ax = plots.windows(NOW, phone=phone)
    ax.figure.draw_without_rendering()
    words = next(text for text in ax.texts if "the service takes" in text.get_text()).get_window_extent()
    frame = ax.get_window_extent()
    assert frame.x0 <= words.x0 < words.x1 <= frame.x1


def test_codes_are_written_into_their_windows() -> None:
    ax = plots.windows(NOW, otp=LESSON)
    code = LESSON.code(NOW)
    texts = [text.get_text().replace(" ", "") for text in ax.texts]
    assert texts.count(code) == 3  # phone, true time, service
    assert LESSON.code(NOW + 30) in texts
    assert plots.windows(NOW, otp=Totp(KEY, step=60, t0=7)).get_title("left").startswith("Accepted")


@pytest.mark.parametrize("typing", [0, 4, 9, 20])
@pytest.mark.parametrize("wide", [4, 8])
def test_no_line_stands_on_digits(typing: int, wide: float) -> None:
    ax = Figure(figsize=(wide, 3), layout="constrained").add_subplot()
    plots.windows(NOW, otp=LESSON, phone=-42, typing=typing, ax=ax)
    ax.figure.draw_without_rendering()
    codes = [text for text in ax.texts if text.get_text().replace(" ", "").isdigit()]
    assert len(codes) >= 3
    for text in codes:
        box = text.get_window_extent()
        places = {line: ax.transData.transform((line.get_xdata()[0], 0))[0] for line in ax.lines}
        crossed = [line for line, x in places.items() if box.x0 < x < box.x1]
        # A plate in the colour of the window lies between the digits and a line that there is no room to avoid.
        assert not crossed or text.get_bbox_patch().get_facecolor()[3] == 1
        assert all(text.zorder > line.zorder for line in crossed)


# ---- acceptance -----------------------------------------------------------------------------------------------


def test_the_lines_of_acceptance_are_the_integral() -> None:
    ax = plots.acceptance(["pyotp", "freeradius", "pquerna", "gitea"])
    lines = {line.get_label(): line for line in ax.lines if ":" in line.get_label()}
    assert len(lines) == 3  # pquerna and Gitea share one
    for (label, line), (behind, ahead) in zip(lines.items(), ((0, 0), (1, 0), (1, 1)), strict=True):
        assert label.startswith(f"{behind} behind, {ahead} ahead")
        for x, y in list(zip(line.get_xdata(), line.get_ydata(), strict=True))[::60]:
            assert y == pytest.approx(geometry.refusal(x, behind=behind, ahead=ahead))


def test_acceptance_shows_all_real_windows_and_a_policy_of_ones_own() -> None:
    ax = plots.acceptance()
    windows = {(p.behind, p.ahead, p.step) for p in map(lab.Policy.preset, lab.presets())}
    assert len([line for line in ax.lines if ":" in line.get_label()]) == len(windows)
    words = plots.alt(ax)
    assert all(name in words for name in lab.presets().values())  # those who cannot see it can compare services too
    own = plots.acceptance([lab.Policy(name="mine", step=60)], reach=100)
    assert own.get_xlim() == (-100, 100)
    assert "1 behind, 1 ahead of 60 s: mine" in own.get_legend().get_texts()[0].get_text()


# ---- anatomy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_anatomy_shows_every_byte_in_its_place(algorithm: Algorithm) -> None:
    otp = Totp(KEY, digits=8, algorithm=algorithm)
    for counter in (1, 37037036, 2**33 + 5):
        parts = anatomy(otp, counter)
        ax = plots.anatomy(otp, counter)
        texts = [text.get_text() for text in ax.texts]
        for value in (parts.message, parts.digest, parts.four):
            wanted = [f"{byte:02x}" for byte in value]
            assert any(texts[i : i + len(wanted)] == wanted for i in range(len(texts)))
        assert "".join(texts[-8:]) == parts.code
        filled = [gid for gid, box in patches(ax, "digest:").items() if box.get_facecolor()[3] > 0]
        marked = {*range(parts.offset, parts.offset + 4), len(parts.digest) - 1}
        assert filled == [f"digest:{place}" for place in sorted(marked)]


def test_steam_letters_are_named_as_such() -> None:
    ax = plots.anatomy(Totp(KEY, digits=5, encoder=Encoder.STEAM), 1)
    assert any("Steam" in text.get_text() for text in ax.texts)


# ---- clock ----------------------------------------------------------------------------------------------------


def test_the_clock_shows_interval_agreement_and_meaning() -> None:
    ax = plots.clock(REPORT)
    first, second = ax.get_title("left").split("\n")
    assert first == "This clock is 42 s slow, give or take 21 ms"
    assert "1.4 steps late" in second
    assert f"{100 * geometry.refusal(-42.003):.0f}%" in second
    agreed = patches(ax, "agreed")["agreed"]
    assert agreed.get_x() == pytest.approx(41.982)
    assert agreed.get_width() == pytest.approx(0.042)
    bars = [container for container in ax.containers if container.has_xerr]
    assert len(bars) == 2  # the liar is far outside: an arrow
    assert [text.get_text().strip() for text in ax.texts] == ["-3.2 s", "no usable answer"]
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "dumb.example"


def test_a_liar_nearby_is_shown_in_place_and_by_shape() -> None:
    near = Some(**vars(REPORT) | {"falsetickers": [voice("liar.example", 42.05, 0.001)]})
    ax = plots.clock(near)
    marks = [container.lines[0].get_marker() for container in ax.containers]
    assert marks == ["o", "o", "X"]


def test_small_offsets_are_milliseconds_and_no_majority_is_said() -> None:
    fine = Some(offset=-0.004, bound=0.01, truechimers=[voice("a", -0.004, 0.01)], falsetickers=(), unheard=())
    ax = plots.clock(fine)
    assert "ms" in ax.get_xlabel()
    assert ax.get_title("left").startswith("This clock is right, within 14 ms\nCodes come in time")
    torn = Some(offset=None, bound=None, truechimers=(), falsetickers=[voice("a", 1, 0.1)], unheard=())
    assert plots.clock(torn).get_title("left").startswith("Nobody could tell")
    torn.falsetickers.append(voice("b", -300, 0.1))
    assert plots.clock(torn).get_title("left").startswith("The servers contradict each other")
    mute = Some(offset=None, bound=None, truechimers=(), falsetickers=(), unheard=())
    ax = plots.clock(mute)
    assert "none" in plots.alt(ax)
    assert [text.get_text() for text in ax.texts] == ["no server was asked"]  # no empty frame


def test_a_server_that_was_not_waited_for_is_not_said_to_have_failed() -> None:
    late = Some(**vars(voice("late.example", None, None)), why="not_awaited")
    ax = plots.clock(Some(**vars(REPORT) | {"unheard": [late]}))
    assert ax.texts[-1].get_text() == "not waited for"


def test_a_clock_that_was_set_during_the_check_is_drawn_as_it_is_now() -> None:
    ax = plots.clock(Some(**vars(REPORT), stepped=42.0))  # it was slow, and somebody set it right meanwhile
    assert ax.get_title("left").startswith("This clock is right, within 24 ms\nCodes come in time")
    assert ax.lines[0].get_xdata()[0] == pytest.approx(3.0)  # ms
    assert [text.get_text().strip() for text in ax.texts] == ["-45.2 s", "no usable answer"]


def test_a_clock_that_stands_in_1970_has_an_axis_that_can_be_read() -> None:
    far = 1_768_471_200.0
    voices = [voice(f"time{n}.example", far + n / 100, 0.02) for n in range(3)]
    ax = plots.clock(
        Some(
            offset=far + 0.01,
            bound=0.02,
            truechimers=voices,
            falsetickers=[voice("liar", far + 3600, 0.1)],
            unheard=(),
        )
    )
    ax.figure.canvas.draw()
    assert ax.get_title("left") == (
        "This clock is 56 years slow, give or take 20 ms\n"
        "Codes come 58\u202f900\u202f000 steps late: 100% are refused (one step either way)"
    )
    marks = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
    assert not any(one.overlaps(other) for one, other in pairwise(marks))
    assert "1\u202f768\u202f471\u202f200 s" in ax.get_xlabel()
    assert ax.lines[0].get_xdata()[0] == pytest.approx(10)  # ms
    assert [text.get_text().strip() for text in ax.texts] == ["+1 h"]


# ---- posterior, drift, distribution ---------------------------------------------------------------------------


def test_findings_are_ranked_and_the_rest_is_shown() -> None:
    ax = plots.posterior(DIAGNOSIS)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "the phone is slow",
        "typed too late",
        "something else",
    ]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.9, 0.02, 0.08])
    assert ax.yaxis_inverted()
    sure = Some(findings=[Some(title="x", probability=1.0)])
    assert len(plots.posterior(sure).patches) == 1


def test_long_titles_of_findings_keep_apart() -> None:
    long = (
        "The site computes codes with other settings than those that the QR code of its own page names, as some do"
    )
    ax = plots.posterior(Some(findings=[Some(title=f"{long} {n}", probability=0.2) for n in range(4)]))
    ax.figure.canvas.draw()
    rows = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert not any(one.overlaps(other) for one, other in pairwise(rows))


def test_a_drift_far_from_zero_is_not_flattened() -> None:
    ax = plots.drift([0, 86_400, 172_800], [3600, 3601.7, 3603.4])  # an hour fast: a time zone
    low, high = ax.get_ylim()
    assert 3590 < low < 3600
    assert 3603.4 < high < 3610
    near = plots.drift([0, 86_400], [1, 2])
    assert near.get_ylim()[0] <= 0  # where zero is near, it is a help
    assert "e+" not in plots.alt(plots.drift([0, 5], [1e6, 1e6 - 3]))


def test_the_drift_line_is_the_fit() -> None:
    times = [NOW + 86_400 * day for day in range(5)]
    ax = plots.drift(times, [3 + 1.7 * day for day in range(5)])
    line = next(line for line in ax.lines if "gains" in line.get_label())
    (x0, x1), (y0, y1) = line.get_xdata(), line.get_ydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(1.7)
    assert "1.7" in line.get_label()
    assert "+19.7 ppm" in line.get_label()
    assert ax.get_xlabel().startswith("days")
    assert "loses" in plots.alt(plots.drift([0, 60], [1, 0]))


def test_the_bars_of_bias_are_the_odds() -> None:
    ax = plots.distribution("bias")
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(
        [100 * odds.bias(d).gain for d in range(6, 11)]
    )


def test_counted_codes_are_all_there() -> None:
    ax = plots.distribution("codes", otp=LESSON, count=3000)
    assert sum(bar.get_height() for bar in ax.patches) == 3000
    first = sum(LESSON.code_of(counter).startswith("28") for counter in range(3000))
    assert ax.patches[28].get_height() == first
    for otp, bars in ((Totp(KEY, digits=5, encoder=Encoder.STEAM), 26), (Totp(KEY, digits=1), 10)):
        few = plots.distribution("codes", otp=otp, count=500)
        assert [len(few.patches), sum(bar.get_height() for bar in few.patches)] == [bars, 500]
    assert [label.get_text() for label in few.get_xticklabels()] == list("0123456789")


def test_titles_count_in_words_that_agree() -> None:
    one = plots.distribution("codes", otp=LESSON, count=1)
    assert one.get_title("left") == "1 code: 99 of 100 bars lie between the lines, where chance puts 95%"
    assert one.get_ylim()[0] >= 0
    many = plots.distribution("codes", otp=Totp(KEY, digits=1), count=1_000_000 // 8)
    assert many.get_title("left").startswith("125\u2009000 codes: ")
    assert (
        plots.distribution("guessing", digits=1, accepted=1).get_title("left").startswith("Guessing 1 digit where")
    )


def test_guards_bend_the_line_of_guessing() -> None:
    ax = plots.distribution("guessing")
    ends = {line.get_label(): line.get_ydata()[-1] for line in ax.lines}
    assert ends["no guard, one try a second"] > 0.9999
    assert ends["Okta (Google Authenticator factor)"] == pytest.approx(odds.guess(5))
    tries = lab.tries_possible(lab.Policy.preset("pypi").guard, 365 * 86_400)
    assert ends["PyPI (warehouse)"] == pytest.approx(odds.guess(tries), rel=0.01)


def test_small_chances_are_written_out() -> None:
    ax = plots.distribution("guessing", digits=8, accepted=1)
    ax.figure.draw_without_rendering()
    assert all("e-" not in label.get_text() for label in ax.get_yticklabels())


def test_views_are_checked() -> None:
    with pytest.raises(MfaError, match="nothing to count"):
        plots.distribution("codes")
    with pytest.raises(MfaError, match="no view"):
        plots.distribution("pie")


NAN = float("nan")


def report(**numbers):
    return Some(truechimers=(), falsetickers=(), unheard=(), **numbers)


ODD = {
    "no time": lambda: plots.windows(None),
    "a time as text": lambda: plots.windows("now"),
    "a date": lambda: plots.windows(datetime.datetime.now(datetime.UTC)),
    "no number": lambda: plots.windows(NAN),
    "a clock of 1970": lambda: plots.windows(NOW, phone=-1e9),
    "half a step": lambda: plots.windows(NOW, behind=1.5),
    "fewer than no steps": lambda: plots.windows(NOW, behind=-1),
    "a window of years": lambda: plots.windows(NOW, ahead=10**6),
    "no step": lambda: plots.windows(NOW, step=0),
    "arrives before": lambda: plots.windows(NOW, typing=-1),
    "a key as text": lambda: plots.windows(NOW, otp="JBSWY3DPEHPK3PXP"),
    "a code by counter": lambda: plots.windows(NOW, otp=Hotp(KEY)),
    "no axes": lambda: plots.windows(NOW, ax="here"),
    "an unknown service": lambda: plots.acceptance(["no such service"]),
    "no service": lambda: plots.acceptance([]),
    "not even a list": lambda: plots.acceptance(3),
    "no reach": lambda: plots.acceptance(["pyotp"], reach=NAN),
    "typing for ever": lambda: plots.acceptance(["pyotp"], typing_median=float("inf")),
    "a time as counter": lambda: plots.anatomy(LESSON, NOW + 0.5),
    "no counter": lambda: plots.anatomy(LESSON, None),
    "no entry": lambda: plots.anatomy("JBSWY3DPEHPK3PXP", 1),
    "no diagnosis": lambda: plots.posterior(None),
    "a probability of 7": lambda: plots.posterior(Some(findings=[Some(title="x", probability=7)])),
    "no findings wanted": lambda: plots.posterior(DIAGNOSIS, most=0),
    "no report": lambda: plots.clock(None),
    "a report without end": lambda: plots.clock(report(offset=float("inf"), bound=1.0)),
    "a report of words": lambda: plots.clock(report(offset="42", bound=1.0)),
    "a report for no step": lambda: plots.clock(report(offset=1.0, bound=1.0), step=0),
    "no lists": lambda: plots.drift(None, None),
    "words in a list": lambda: plots.drift(["a", "b"], [1, 2]),
    "no number in a list": lambda: plots.drift([1, 2], [NAN, 1]),
    "no codes": lambda: plots.distribution("codes", otp=LESSON, count=0),
    "no digits": lambda: plots.distribution("guessing", digits=0),
    "no code accepted": lambda: plots.distribution("guessing", accepted=0),
    "more than all codes": lambda: plots.distribution("guessing", digits=1, accepted=11),
    "no theme": lambda: plots.theme([]),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_cannot_be_drawn_is_refused_in_words(odd):
    with pytest.raises(MfaError) as refused:
        ODD[odd]()
    assert refused.value.what.endswith(".")
    assert refused.value.hint.endswith(".")
    assert "JBSWY3DP" not in str(refused.value)
    assert plt.get_fignums() == []


def test_numbers_of_numpy_and_a_single_service_will_do():
    assert plots.windows(np.float64(NOW), phone=np.int64(-3)).get_title("left").startswith("Accepted")
    assert len(plots.acceptance("pyotp").get_legend().get_texts()) == 1
    assert plots.alt(None) == ""
    assert "The phone is 1 h fast" in plots.alt(plots.windows(NOW, phone=3600))


def test_a_dollar_sign_in_a_name_begins_no_formula():
    name, report = "https://e.org/$x^$", Some(offset=1.0, bound=0.1, falsetickers=(), unheard=())
    report.truechimers = [Some(server=name, offset=1.0, error=0.1)]
    drawn = [
        plots.clock(report),
        plots.acceptance([lab.Policy(name="costs $x^$")]),
        plots.posterior(Some(findings=[Some(title="$x^$ and all", probability=0.9)])),
    ]
    for ax in drawn:
        ax.figure.canvas.draw()  # where a formula would be read
    assert name in plots.alt(drawn[0])
