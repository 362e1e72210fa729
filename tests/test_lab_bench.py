"""The bench as a whole: clocks, phones, wires, the ceremony, and probabilities against `windows`."""

from __future__ import annotations

import math
import pickle
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools import account, lab, windows
from mfatools.errors import MfaError
from mfatools.totp import Algorithm

POLICIES = [(0, 0), (1, 0), (1, 1), (3, 3)]


# ---- computed and simulated refusals agree --------------------------------------------------------------------


@pytest.mark.parametrize("offset", [-75.0, -31.0, -12.0, 0.0, 14.0, 47.0])
@pytest.mark.parametrize(("behind", "ahead"), POLICIES)
def test_the_bench_refuses_as_often_as_the_integral_says(behind: int, ahead: int, offset: float) -> None:
    bench = lab.Bench(
        service=lab.Service(policy=lab.Policy(behind=behind, ahead=ahead, replay=False)),
        person=lab.Person(median=12.0, sigma=0.5, seed=3),
        wire=lab.Wire(0.0),
        seed=behind + 7,
    )
    while not bench.enrol().ok:
        pass
    bench.phone.clock = lab.Clock(offset=offset)
    n = 1500
    exact = windows.refusal(offset, behind=behind, ahead=ahead, typing_median=12.0, typing_sigma=0.5)
    error = math.sqrt(exact * (1 - exact) / n) + 0.5 / n
    assert bench.repeat(n) == pytest.approx(exact, abs=4 * error)


# ---- clocks ---------------------------------------------------------------------------------------------------


def test_a_clock_has_offset_drift_and_steps() -> None:
    clock = lab.Clock(offset=2, drift=1e-4, steps=((lab.START + 100, -5.0),))
    assert clock.error(lab.START) == 2
    assert clock.error(lab.START + 99.999) == pytest.approx(2.0099999)
    assert clock.error(lab.START + 100) == pytest.approx(-2.99)
    time = lab.Time()
    now = clock.reads(time)
    time.wait(50)
    assert now() == pytest.approx(lab.START + 52.005)


def test_time_goes_forward_only() -> None:
    time = lab.Time(10)
    assert time.until(5) == 10
    with pytest.raises(MfaError, match="forward"):
        time.wait(-1)


def test_a_wire_delays_and_loses_as_it_is_told() -> None:
    wire = lab.Wire(delay=0.2, jitter=0.1, loss=0.25, seed=4)
    times = [wire.send(0.0) for _ in range(4000)]
    arrived = [t for t in times if t is not None]
    assert 1 - len(arrived) / 4000 == pytest.approx(0.25, abs=0.03)
    assert min(arrived) >= 0.2
    assert statistics.fmean(arrived) == pytest.approx(0.3, abs=0.01)
    assert lab.Wire(seed=9).send(1.0) == lab.Wire(seed=9).send(1.0)
    with pytest.raises(MfaError, match="loss"):
        lab.Wire(loss=2)


def test_a_person_is_log_normal() -> None:
    person = lab.Person(median=8, sigma=0.3, seed=1)
    logs = [math.log(person.takes()) for _ in range(4000)]
    assert statistics.fmean(logs) == pytest.approx(math.log(8), abs=0.02)
    assert statistics.stdev(logs) == pytest.approx(0.3, abs=0.02)


# ---- the ceremony ---------------------------------------------------------------------------------------------


def test_the_ceremony_ends_in_a_working_app_and_recovery_codes() -> None:
    bench = lab.Bench()
    enrolment = bench.enrol()
    assert enrolment.ok
    assert len(enrolment.recovery) == 10
    assert bench.service.recovery_left("alice") == 10
    assert bench.wait(60).sign_in().ok
    assert [step.who for step in enrolment.steps][:3] == ["person", "service", "phone"]


def test_refreshing_the_page_after_the_scan_voids_the_qr() -> None:
    bench = lab.Bench()
    enrolment = bench.enrol(refresh=True)
    assert not enrolment.ok
    assert enrolment.recovery is None
    told = bench.service.explain("alice", bench.phone.code(bench.time()), bench.time())
    assert "page 1" in told
    assert bench.enrol().ok  # scanning the new page mends it


def test_an_app_that_is_set_up_works_until_the_new_one_is_confirmed() -> None:
    bench = lab.Bench()
    bench.enrol()
    old = bench.phone.entries[0]
    assert bench.enrol(refresh=True).ok is False
    assert bench.wait(60).sign_in(old).ok
    assert bench.enrol().ok
    assert not bench.wait(60).sign_in(old).ok
    assert bench.wait(60).sign_in().ok


def test_a_lost_phone_is_replaced_by_a_recovery_code() -> None:
    bench = lab.Bench()
    sheet = bench.enrol().recovery
    bench.phone.wipe()
    with pytest.raises(MfaError, match="empty"):
        bench.sign_in()
    assert bench.service.recover("alice", next(iter(sheet)), bench.time()).ok
    bench.service.turn_off("alice")
    assert bench.service.verify("alice", "123456", bench.time()).reason is lab.Reason.NOT_ENROLLED
    assert bench.enrol().ok


def test_a_code_that_the_wire_loses_gets_no_answer() -> None:
    bench = lab.Bench()
    bench.enrol()
    bench.wire = lab.Wire(loss=1.0)
    attempt = bench.sign_in()
    assert (attempt.ok, attempt.answer, attempt.arrived) == (False, None, None)


def test_the_computers_clock_is_taken_down_beside_true_time() -> None:
    bench = lab.Bench(computer=lab.Clock(offset=42))
    bench.enrol()
    attempt = bench.sign_in()
    assert attempt.read_local - attempt.read == pytest.approx(42)


def test_slips_of_the_fingers_arrive() -> None:
    bench = lab.Bench(person=lab.Person(hands=lambda code: code[::-1]))
    attempt = bench.enrol()
    assert not attempt.ok


# ---- phones that do it wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quirk", "settings"),
    [
        (lab.Quirk.IGNORES_ALGORITHM, {"algorithm": Algorithm.SHA256}),
        (lab.Quirk.IGNORES_DIGITS, {"digits": 8}),
        (lab.Quirk.IGNORES_STEP, {"step": 60}),
        (lab.Quirk.REPEATS_KEY, {"algorithm": Algorithm.SHA512}),
    ],
)
def test_a_quirk_breaks_only_the_service_that_uses_the_setting(quirk: lab.Quirk, settings: dict) -> None:
    assert lab.Bench(phone=lab.Phone(quirks=[quirk])).enrol().ok  # the usual settings: nobody notices
    service = lab.Service(policy=lab.Policy(**settings))
    assert not lab.Bench(phone=lab.Phone(quirks=[quirk]), service=service).enrol().ok
    assert lab.Bench(service=lab.Service(policy=lab.Policy(**settings))).enrol().ok


def test_left_over_bits_matter_to_an_app_that_fills_them_up() -> None:
    uri = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJRGEZDGNBVG"  # and one more letter: 130 bits, 16 bytes and 2 bits
    good, bad = lab.Phone(), lab.Phone(quirks=[lab.Quirk.PADS_KEY])
    for phone in (good, bad):
        phone.scan(uri + "Y")  # its last two bits are 00
        phone.scan(uri + "Z")  # 01
    (good_y, good_z), (bad_y, bad_z) = ([p.code(0.0, e) for e in p.entries] for p in (good, bad))
    assert good_y == good_z == bad_y  # bits of value 0 change nothing: HMAC fills keys with zeros
    assert bad_z != good_z


def test_a_display_that_stands_still_shows_the_old_code_until_opened() -> None:
    bench = lab.Bench(phone=lab.Phone(quirks=[lab.Quirk.FROZEN]), person=lab.Person(0, 0))
    assert bench.enrol().ok
    bench.wait(300)
    assert not bench.sign_in().ok
    bench.phone.open_app(bench.time())
    assert bench.sign_in().ok


def test_a_phone_may_come_with_entries() -> None:
    uris = ["otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ", "otpauth://hotp/y?secret=GEZDGNBVGY3TQOJQ&counter=7"]
    phone = lab.Phone(lab.Clock(), [account.parse(uri) for uri in uris])
    assert [entry.account.name for entry in phone.entries] == ["x", "y"]
    assert phone.code(0.0) == phone.entries[1].otp.code(7)
    assert phone.code(0.0) == phone.entries[1].otp.code(8)  # each look is a press of the button


def test_an_app_that_rounds_is_half_a_step_early() -> None:
    phone = lab.Phone(quirks=[lab.Quirk.ROUNDS])
    entry = phone.scan("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert phone.code(14.9) == entry.otp.code_of(0)
    assert phone.code(15.0) == entry.otp.code_of(1)


def test_a_stale_correction_inside_the_app_is_a_wrong_clock() -> None:
    bench = lab.Bench(phone=lab.Phone(lab.Clock(offset=-180), correction=180.0), person=lab.Person(0, 0))
    assert bench.enrol().ok  # the app hides the phone's wrong clock
    bench.phone.clock = lab.Clock()  # somebody mends the clock, the correction stays
    assert not bench.wait(60).sign_in().ok


# ---- speed and secrecy ----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_run() -> None:
    def run(seed: int) -> list[tuple[float, str]]:
        bench = lab.Bench(seed=seed, wire=lab.Wire(0.1, 0.1, 0.1, seed=seed))
        bench.enrol()
        bench.repeat(20)
        return [(attempt.read, attempt.shown) for attempt in bench.attempts]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_nothing_on_the_bench_prints_a_secret_or_a_code() -> None:
    bench = lab.Bench()
    enrolment = bench.enrol()
    attempt = bench.sign_in()
    bench.service.sign_up("bob", number="+1")
    message = bench.service.send_sms("bob", 0.0)
    page = bench.service.page("bob")
    everything = " ".join(
        repr(thing)
        for thing in (
            bench,
            bench.phone,
            bench.phone.entries,
            bench.service,
            enrolment,
            attempt,
            message,
            page,
            bench.service._members,
            list(enrolment.steps),
            enrolment.recovery,
            bench.attempts,
        )
    )
    secrets = [
        page.uri,
        page.key,
        page.account.secret.reveal_base32(),
        attempt.shown,
        message.code,
        enrolment.page.account.secret.reveal_base32(),
        *enrolment.recovery,
    ]
    assert not [place for place, secret in enumerate(secrets) if secret in everything]
    with pytest.raises(TypeError):
        pickle.dumps(page.account.secret)


# ---- time servers ---------------------------------------------------------------------------------------------


def ask(server: lab.TimeServer, at: float = lab.START) -> bytes | None:
    request = bytes([0x23]) + bytes(39) + b"\x11\x22\x33\x44\x55\x66\x77\x88"
    return server.answer(request, at)


def test_an_honest_server_is_read_right_by_ntplib() -> None:
    import ntplib

    answer = ntplib.NTPStats()
    answer.from_data(ask(lab.TimeServer(lab.Clock(offset=1.25))))
    assert ntplib.ntp_to_system_time(answer.recv_timestamp) == pytest.approx(lab.START + 1.25, abs=1e-6)
    assert ntplib.ntp_to_system_time(answer.tx_timestamp) == pytest.approx(lab.START + 1.25005, abs=1e-5)
    assert (answer.mode, answer.version, answer.stratum, answer.leap) == (4, 4, 2, 0)
    assert answer.root_delay == pytest.approx(0.01, abs=1e-4)


def test_the_reply_repeats_the_nonce_unless_forged() -> None:
    assert ask(lab.TimeServer())[24:32] == b"\x11\x22\x33\x44\x55\x66\x77\x88"
    assert ask(lab.TimeServer(behaviour="other origin"))[24:32] != b"\x11\x22\x33\x44\x55\x66\x77\x88"


@pytest.mark.parametrize(
    ("behaviour", "place", "value"),
    [
        ("kiss-o'-death", slice(12, 16), b"RATE"),
        ("stratum 16", slice(1, 2), b"\x10"),
        ("unsynchronised", slice(0, 1), bytes([0xE4])),
        ("no transmit time", slice(40, 48), bytes(8)),
        ("client mode", slice(0, 1), bytes([0x23])),
        ("far from the root", slice(4, 6), b"\x00\x08"),
    ],
)
def test_bad_behaviour_is_in_the_packet(behaviour: str, place: slice, value: bytes) -> None:
    assert ask(lab.TimeServer(behaviour=behaviour))[place] == value
    assert ask(lab.TimeServer())[place] != value


def test_stamps_wrap_into_the_next_era_in_2036() -> None:
    assert ask(lab.TimeServer(), at=2_085_978_496 + 5)[32:36] == b"\x00\x00\x00\x05"


@given(st.floats(-5, 5), st.floats(0, 0.2), st.floats(0, 0.2))
def test_the_four_stamps_bound_the_servers_clock(offset: float, out: float, back: float) -> None:
    server, org = lab.TimeServer(lab.Clock(offset=offset)), lab.START
    reply = ask(server, org + out)
    dst = org + out + server.works + back
    rec, xmt = (int.from_bytes(reply[p : p + 8], "big") / 2**32 - 2_208_988_800 for p in (32, 40))
    measured, delay = ((rec - org) + (xmt - dst)) / 2, (dst - org) - (xmt - rec)
    assert abs(measured - offset) <= delay / 2 + 1e-5
