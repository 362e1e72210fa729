"""What a check says to people: the sign in words, the doubt, the chance of refusal, the remedy, and its looks."""

from __future__ import annotations

import contextlib
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools.clock import ClockReport, Confidence, Risk, State, Voice, words
from mfatools.clock.ask import Sources, sources
from mfatools.clock.servers import HTTPS, SERVERS, Server, parse_server, parse_url, parse_urls, smears
from mfatools.clock.verdict import judge, meaning, roughly, seconds
from mfatools.consensus import Agreement, agree
from mfatools.errors import TimeSourceError
from mfatools.ntp import Why


def report(offset=0.0, error=0.02, servers=4, **more):
    found = agree([Voice(f"s{n}.example", offset, error, 1) for n in range(servers)])
    return ClockReport(
        found.offset,
        found.bound,
        found.confidence,
        "ntp",
        found.truechimers,
        found.falsetickers,
        elapsed=0.2,
        **more,
    )


def test_the_sign_is_said_in_words():
    slow, fast = report(42.0), report(-42.0)
    assert "42.00 s slow, give or take 0.020 s, agreed by 4 of 4 time servers" in str(slow.verdict)
    assert "1.4 steps of 30 s late" in str(slow.verdict)
    assert "42.00 s fast" in str(fast.verdict)
    assert "1.4 steps of 30 s early" in str(fast.verdict)
    assert (slow.verdict.state, fast.verdict.state) == (State.SLOW, State.FAST)


@pytest.mark.parametrize(
    ("offset", "fine"),
    [
        (0, True),
        (2, True),
        (-2, True),
        (5, True),
        (-5, True),
        (17.3, False),
        (-30, False),
        (30, False),
        (300, False),
    ],
)
def test_what_is_right_enough_for_codes(offset, fine):
    assert report(offset).fine is fine


def test_a_clock_that_most_services_bear_is_not_called_right():
    slow, fast, right = (report(offset, machine="chrony") for offset in (12.3, -5.0, 1.0))
    assert "close enough for most services: 12.30 s slow, give or take" in slow.verdict.headline
    assert "accepts neither refuses about 2.1 times as many" in slow.verdict.meaning
    assert "5.00 s fast" in fast.verdict.headline
    assert "allows no step" not in fast.verdict.meaning  # a little fast is no worse there than right
    assert "clock is right: 1.000 s slow" in right.verdict.headline
    assert slow.fine is fast.fine is right.fine is True
    assert slow.remedy[0] == words.REMEDY["chrony"][0]
    assert right.remedy == words.NOTHING_TO_DO


def test_a_clock_that_is_set_during_the_check_is_judged_as_it_is_now():
    mended, spoilt = report(42.0, stepped=42.0), report(0.0, stepped=-300.0)
    assert (mended.fine, spoilt.fine) == (True, False)
    assert (mended.present, spoilt.present) == (0.0, 300.0)
    assert "5 min slow" in spoilt.verdict.headline
    assert mended.as_dict()["offset"] == 0.0
    assert mended.risk == Risk.at(0.0)
    assert spoilt.remedy != words.NOTHING_TO_DO
    assert "offset=+300.0" in repr(spoilt)
    assert {row[1] for row in spoilt.table()} == {"+300.000 s ± 0.020 s"}
    liar = ClockReport(
        0.0, 0.1, Confidence.CONFIRMED, "ntp", (), (Voice("x", 5.0, 0.1, why=Why.DISAGREES),), stepped=5.0
    )
    assert "by its time this clock is right" in liar.as_dict()["falsetickers"][0]["why"]


def test_the_chances_are_those_of_the_time_bench():
    # d = client minus server, the other way round than an offset: the bench's table in percent
    table = {-60: (100, 100, 100), -30: (100, 36.8, 36.8), -10: (69.3, 1.0, 1.0), 0: (36.8, 0.1, 0.1)}
    table |= {10: (12.8, 4.6, 0.0), 30: (63.4, 63.2, 0.0), 60: (99.9, 99.9, 63.2)}
    for client, expected in table.items():
        risk = Risk.at(-client)
        assert [100 * risk.strict, 100 * risk.behind, 100 * risk.either] == pytest.approx(expected, abs=0.06)


def test_a_slow_clock_is_said_to_hurt_sooner():
    assert words.SLOW_HURTS in meaning(30.0)
    assert words.SLOW_HURTS not in meaning(-30.0)
    assert "about 37% even with a perfect clock" in meaning(0.0)


def test_a_bound_too_wide_to_decide_is_no_verdict():
    assert report(10.0, error=8.0).verdict.state is State.UNKNOWN
    assert report(10.0, error=8.0).fine is None
    assert report(0.0, error=1.3).fine is True  # wide, but every point of it is fine


@pytest.mark.parametrize(("offset", "note"), [(3600.4, "time zone"), (-19800, "time zone"), (1.7e9, "battery")])
def test_the_size_hints_at_the_cause(offset, note):
    assert note in str(report(offset).verdict)


def test_liars_and_a_lonely_voice_are_told():
    found = agree([Voice("a", 0.0, 0.1), Voice("b", 0.0, 0.1), Voice("liar.example", 300.0, 0.1)])
    said = str(judge(found, (), "ntp"))
    assert "agreed by 2 of 3 time servers (1 contradicts them)." in said
    assert "liar.example contradicts the others (by its time this clock is 5 min slow)" in said
    alone = judge(agree([Voice("a", 0.0, 0.1)]), (Voice("b", why=Why.SILENT),), "https")
    assert "only one of 2 web servers" in str(alone)
    assert words.NOTE_ALONE in alone.notes


def test_how_many_were_not_heard_is_told_and_warned_of_where_it_is_half_of_them():
    pair = agree([Voice("a", 0.0, 0.1), Voice("b", 0.0, 0.1)], asked=5)
    silent, late = (tuple(Voice(name, why=why) for name in "cde") for why in (Why.SILENT, Why.NOT_AWAITED))
    few = judge(pair, silent, "ntp")
    assert "agreed by 2 of 5 time servers (3 gave no usable answer)." in few.headline
    assert words.NOTE_FEW.format(true=2, all=5) in few.notes
    most = judge(agree([Voice(name, 0.0, 0.1) for name in "ab"]), late[:1], "ntp")
    assert "agreed by 2 of 3 time servers (1 not waited for)." in most.headline
    assert not most.notes
    twice = judge(agree([Voice(name, 0.0, 0.1) for name in "ab"]), (Voice("A", why=Why.SAME, detail="a"),), "ntp")
    assert "agreed by 2 of 2 time servers." in twice.headline
    mixed = agree([Voice("a", 0.0, 0.1), Voice("b", 0.0, 0.1), Voice("c", 99.0, 0.1)], asked=5)
    said = judge(mixed, (silent[0], late[1]), "ntp").headline
    assert "2 of 5 time servers (1 contradicts them, 1 gave no usable answer, 1 not waited for)." in said


def test_without_a_majority_nobody_is_blamed():
    found = agree([Voice("a", 0.0, 0.1), Voice("b", 300.0, 0.1)])
    split = ClockReport(None, None, found.confidence, "ntp", (), found.falsetickers)
    assert "according to a this clock is right; according to b this clock is 5 min slow" in str(split.verdict)
    assert "Not believed" not in str(split.verdict)
    assert all("no majority agrees" in row[2] and "contradicts the others" not in row[2] for row in split.table())


def test_servers_that_contradict_themselves_are_not_said_to_contradict_each_other():
    wanders = Voice("a", -3.0, 0.1, why=Why.INCONSISTENT)
    alone = judge(agree([wanders]), (), "ntp")
    assert alone.headline == words.NO_SENSE
    assert alone.notes == (words.NOTE_LIARS.format(names="a contradicts itself from one answer to the next"),)
    among = str(judge(agree([wanders, Voice("b", 0.0, 0.1), Voice("c", 9.0, 0.1)]), (), "ntp"))
    assert words.NO_MAJORITY in among
    assert "They say: according to b this clock is right; according to c this clock is 9.00 s slow." in among
    assert "Not believed: a contradicts itself" in among


def test_who_answered_what_cannot_be_used_is_not_said_to_be_silent():
    nothing = Agreement(Confidence.NO_ANSWER)
    silent, kissed = Voice("a", why=Why.SILENT), Voice("b", why=Why.KISS, detail="RATE")
    assert judge(nothing, (silent,), "ntp").headline == words.NO_ANSWER
    assert judge(nothing, (silent, kissed), "ntp").headline == words.NO_USE


def test_the_table_shows_no_minus_zero_no_perfect_server_and_no_agreement_of_one():
    rows = report(-0.00001, 0.0001).table()
    assert rows[0][1:] == ("+0.0000 s ± 0.0001 s", "agrees")
    assert report(-0.0001, 0.013).table()[0][1] == "+0.000 s ± 0.013 s"
    assert report(42.0, 0.013).table()[0][1] == "+42.000 s ± 0.013 s"
    assert report(servers=1).table()[0][2] == words.UNCOMPARED


def test_a_single_name_that_is_not_found_may_be_misspelt():
    notes = judge(Agreement(Confidence.NO_ANSWER), (Voice("tiem.example", why=Why.NO_NAME),), "ntp").notes
    assert notes == (words.NOTE_NO_SUCH_NAME,)


def test_no_name_at_all_and_dates_refused_have_advice_of_their_own():
    def lost(why):
        voices = tuple(Voice(name, why=why) for name in "ab")
        return ClockReport(None, None, Confidence.NO_ANSWER, "ntp", unheard=voices)

    assert words.NOTE_NO_NETWORK in lost(Why.NO_NAME).verdict.notes
    assert words.NOTE_NO_NETWORK not in lost(Why.SILENT).verdict.notes
    assert words.NOTE_SHUT_IN in lost(Why.SILENT).verdict.notes
    assert words.NOTE_SHUT_IN not in lost(Why.NO_TIME).verdict.notes  # it was reached
    assert words.NOTE_REFUSED in lost(Why.REFUSED).verdict.notes
    assert words.NOTE_SHUT_IN not in lost(Why.REFUSED).verdict.notes  # a machine answered
    assert lost(Why.TLS_DATE).remedy[0] == words.SET_DATE[0]
    assert lost(Why.REDIRECT).remedy == (*words.LOG_IN, *words.RETRY)
    assert lost(Why.SILENT).remedy == words.RETRY
    assert "about 1 step of 30 s late" in meaning(30.0)
    assert "about 120 steps of 30 s early" in meaning(-3600.0)


@pytest.mark.parametrize("confidence", [Confidence.NO_ANSWER, Confidence.NO_MAJORITY])
def test_when_nobody_can_tell_the_advice_is_to_ask_elsewhere(confidence):
    lost = ClockReport(None, None, confidence, "ntp", unheard=(Voice("a", why=Why.SILENT),))
    assert lost.verdict.state is State.UNKNOWN
    assert lost.remedy == words.RETRY
    assert not any("check_clock" in step or "--server" in step for step in lost.remedy)
    folded = lost._repr_html_().partition("<details>")
    assert "check_clock" not in folded[0]
    assert "check_clock" in folded[2]
    assert report(300.0).hint == ""
    assert lost.risk is None
    assert lost.as_dict()["unheard"] == [{"server": "a", "why": words.WHY[Why.SILENT]}]


def test_the_remedy_fits_the_machine_and_remembers_the_phone():
    wrong = report(300.0, machine="windows")
    assert wrong.remedy[0] == words.REMEDY["windows"][0]
    assert wrong.remedy[-1] == words.PHONE[0]
    assert report(0.0, machine="windows").remedy == words.NOTHING_TO_DO


def test_json_has_the_agreed_keys():
    keys = [
        "offset",
        "bound",
        "confidence",
        "method",
        "verdict",
        "truechimers",
        "falsetickers",
        "unheard",
        "elapsed",
    ]
    assert list(json.loads(json.dumps(report(1.0).as_dict()))) == keys


def test_repr_and_html():
    shown = report(42.0, machine="wsl", notes=("a <b> & c",))
    assert repr(shown).startswith("ClockReport(offset=+42.0000, bound=0.0200, confirmed, ntp): This computer's")
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(shown)
    assert bundle["text/html"].count("<tr>") == 5
    assert "a &lt;b&gt; &amp; c" in bundle["text/html"]
    assert "style" not in bundle["text/html"]  # no colours of its own: right in light and dark


def test_every_reason_has_words_and_every_form_its_fields():
    assert set(words.WHY) == set(Why)
    forms = [value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)]
    assert len(forms) > 20
    for form in forms:
        list(string.Formatter().parse(form))


@pytest.mark.parametrize(
    ("value", "doubt", "text"),
    [
        (42.01234, 0.02, "42.01 s"),
        (-17.3, 0.2, "17.3 s"),
        (0.0042, 0.002, "0.004 s"),
        (200, 0.1, "3 min 20 s"),
        (3600, 0.1, "1 h"),
        (3725, 0.1, "62 min 5 s"),
        (90_000, 1, "25 h"),
        (1.8e9, 1, "57 years 14 days"),
    ],
)
def test_lengths_of_time(value, doubt, text):
    assert seconds(value, doubt) == text


@given(st.floats(-4e11, 4e11), st.floats(1e-6, 1e6))  # a web server may name the year 9999
def test_any_report_can_be_said(offset, error):
    said = report(offset, error)
    assert str(said.verdict)
    assert said._repr_html_()
    assert roughly(said.risk.either)


# whom to ask


@pytest.mark.parametrize(
    ("text", "server", "shown"),
    [
        ("time.example", Server("time.example"), "time.example"),
        ("time.example:1123", Server("time.example", 1123), "time.example:1123"),
        ("192.0.2.1:123", Server("192.0.2.1"), "192.0.2.1"),
        ("::1", Server("::1"), "[::1]"),
        ("[::1]", Server("::1"), "[::1]"),
        ("[fe80::1%eth0]:1123", Server("fe80::1%eth0", 1123), "[fe80::1%eth0]:1123"),
        (" time.example ", Server("time.example"), "time.example"),
    ],
)
def test_addresses(text, server, shown):
    assert parse_server(text) == server
    assert str(server) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        ":123",
        "host:",
        "host:0",
        "host:65536",
        "host:ntp",
        "host:-1",
        "[::1",
        "[::1]x",
        "[]",
        "-h",
        "a/b",
        "host:١٢٣",
    ],
)
def test_no_addresses(text):
    with pytest.raises(TimeSourceError) as caught:
        parse_server(text)
    assert caught.value.code == "E_SERVER"
    assert "HOST:PORT" in caught.value.hint


@given(st.text())
def test_any_text_is_an_address_or_an_error(text):
    with contextlib.suppress(TimeSourceError):
        assert str(parse_server(text))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://[x",
        "https://a b/",
        "http://h:99999/",
        "https://me:pw@h/",
    ],
)
def test_no_urls(url):
    with pytest.raises(TimeSourceError):
        parse_url(url)


def test_two_pages_of_one_web_server_count_once():
    urls = ["https://a/", "https://A:443/x", "https://a:444/", "http://a/"]
    assert parse_urls(urls) == ["https://a/", "https://a:444/", "http://a/"]


def test_the_default_sources_are_several_operators_and_none_smears():
    whom = sources()
    assert len({server.host.split(".")[-2] for server in whom.servers}) == len(SERVERS) >= 4
    assert smears(whom.servers)[0] == []
    assert whom.https == HTTPS
    assert all(url.startswith("https://") for url in HTTPS)
    assert "time.cloudflare.com" in str(whom)


def test_named_sources_replace_the_defaults_of_both_kinds():
    assert sources(["a"]) == Sources((Server("a"),), ())
    assert sources(https=["https://a/"]) == Sources((), ("https://a/",))
    assert sources(["a", "a:123", ("a", 123)]).servers == (Server("a"),)
    assert sources(method="https").servers == ()
    assert sources(method="ntp").https == ()


@pytest.mark.parametrize(
    "arguments", [{"method": "sundial"}, {"servers": []}, {"servers": ["a"], "method": "https"}]
)
def test_nothing_to_ask_is_an_error(arguments):
    with pytest.raises(TimeSourceError):
        sources(**arguments)


def test_mixing_smeared_and_true_time_is_noticed():
    mixed = [Server("time.google.com"), Server("time.cloudflare.com")]
    assert smears(mixed) == (["time.google.com"], ["time.cloudflare.com"])
    assert smears([Server("notgoogle.com")]) == ([], ["notgoogle.com"])


def test_an_agreement_without_an_answer_has_no_numbers():
    assert Agreement(Confidence.NO_ANSWER).offset is None
