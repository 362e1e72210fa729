"""The bench's service does what the RFCs and real services do: each rule once kept and once broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import shared

from mfatools import lab
from mfatools.errors import MfaError
from mfatools.totp import Algorithm

OPEN = lab.Policy(replay=False)


def enrolled(policy: lab.Policy | None = None, **parts: object) -> lab.Bench:
    """A bench whose app is set up with good clocks, 90 s ago; what is to be broken is broken afterwards."""
    bench = lab.Bench(service=lab.Service(policy=policy, **parts), person=lab.Person(median=0, sigma=0))
    assert bench.enrol().ok
    return bench.wait(90)


@given(st.integers(-8, 8), st.integers(0, 4), st.integers(0, 4))
def test_the_window_is_exactly_as_wide_as_the_policy_says(steps: int, behind: int, ahead: int) -> None:
    bench = enrolled(lab.Policy(behind=behind, ahead=ahead, replay=False))
    bench.phone.clock = lab.Clock(offset=30.0 * steps)
    answer = bench.sign_in().answer
    assert answer is not None
    assert answer.ok == (-behind <= steps <= ahead)
    assert answer.steps == (steps if answer.ok else None)


def test_a_code_works_once_and_older_ones_not_after_it() -> None:
    bench = enrolled()
    first = bench.sign_in()
    again = bench.send(first.typed)
    assert first.ok
    assert again.answer.reason is lab.Reason.REPLAYED
    bench.phone.clock = lab.Clock(offset=-30.0)
    assert bench.sign_in().answer.reason is lab.Reason.REPLAYED  # inside the window, but older than the last
    bench.phone.clock = lab.Clock()
    assert bench.wait(30).sign_in().ok


def test_without_the_replay_rule_a_code_works_twice() -> None:
    bench = enrolled(OPEN)
    assert bench.send(bench.sign_in().typed).ok


def test_learned_drift_follows_a_clock_that_runs_away() -> None:
    runaway = lab.Clock(drift=20.0 / 86400)  # gains 20 s a day
    for learns in (True, False):
        bench = enrolled(lab.Policy(learns=learns))
        bench.phone.clock = runaway
        outcomes = [bench.wait(86_400).sign_in().ok for _ in range(20)]
        assert all(outcomes) == learns
        assert bench.service.drift("alice") in ((13, 14) if learns else (0,))


def test_two_codes_resync_a_clock_that_is_far_off() -> None:
    bench = enrolled(lab.Policy(resync_reach=20))
    bench.phone.clock = lab.Clock(offset=-450)
    assert not bench.sign_in().ok
    first = bench.phone.code(bench.time())
    second = bench.phone.code(bench.wait(30).time())
    assert not bench.service.resync("alice", second, first, bench.time()).ok  # the wrong way round
    assert bench.service.resync("alice", first, second, bench.time()).reason is lab.Reason.RESYNCED
    assert bench.service.drift("alice") == -15
    assert bench.wait(30).sign_in().ok
    bench.phone.clock = lab.Clock(offset=-450 - 30 * 20)
    first, second = (bench.phone.code(bench.wait(30).time()) for _ in range(2))
    assert not bench.service.resync("alice", first, second, bench.time()).ok  # out of reach


def test_three_failed_codes_with_one_drift_set_it_as_google_pam_does() -> None:
    bench = enrolled(lab.Policy.preset("google_pam"))
    bench.phone.clock = lab.Clock(offset=3600)
    answers = [bench.wait(40).sign_in().answer.reason for _ in range(3)]
    assert answers == [lab.Reason.WRONG, lab.Reason.WRONG, lab.Reason.RESYNCED]
    assert bench.wait(40).sign_in().ok


def test_one_code_typed_three_times_sets_no_drift() -> None:
    bench = enrolled(lab.Policy(auto_resync=3, resync_reach=200))
    bench.phone.clock = lab.Clock(offset=3600)
    code = bench.phone.code(bench.time())
    assert [bench.send(code).ok for _ in range(4)] == [False] * 4


def test_pypi_says_that_the_clock_is_out_of_step_and_still_refuses() -> None:
    bench = enrolled(lab.Policy.preset("pypi"))
    bench.phone.clock = lab.Clock(offset=-150)
    answer = bench.sign_in().answer
    assert (answer.reason, answer.steps, answer.ok) == (lab.Reason.OUT_OF_STEP, -5, False)
    bench.phone.clock = lab.Clock(offset=-600)
    assert bench.sign_in().answer.steps is None


def test_home_assistant_is_stricter_when_setting_up() -> None:
    for preset, ok in (("homeassistant", False), ("pquerna", True)):
        bench = lab.Bench(
            phone=lab.Phone(lab.Clock(offset=-30)),
            service=lab.Service(policy=lab.Policy.preset(preset)),
            person=lab.Person(0, 0),
        )
        assert bench.enrol().ok == ok


# ---- lock-out -------------------------------------------------------------------------------------------------


def wrong(bench: lab.Bench) -> lab.Answer:
    return bench.send("000000" if bench.phone.code(bench.time()) != "000000" else "111111").answer


def test_a_lock_closes_after_the_given_failures_and_opens_after_its_time() -> None:
    bench = enrolled(lab.Policy.preset("gitlab"))
    reasons = [wrong(bench).reason for _ in range(12)]
    assert reasons == [lab.Reason.WRONG] * 10 + [lab.Reason.LOCKED] * 2
    locked = bench.sign_in().answer
    assert locked.reason is lab.Reason.LOCKED  # even the right code
    assert 0 < locked.wait <= 600
    assert bench.wait(locked.wait).sign_in().ok


def test_a_success_forgets_the_failures() -> None:
    bench = enrolled(lab.Policy.preset("gitlab"))
    for _ in range(3):
        assert [wrong(bench).reason for _ in range(9)] == [lab.Reason.WRONG] * 9
        assert bench.wait(60).sign_in().ok


def test_okta_stays_locked_until_somebody_unlocks() -> None:
    bench = enrolled(lab.Policy.preset("okta"))
    for _ in range(5):
        wrong(bench)
    assert bench.wait(1e6).sign_in().answer.reason is lab.Reason.LOCKED
    bench.service.unlock("alice")
    assert bench.sign_in().ok


def test_authelia_counts_only_recent_failures() -> None:
    bench = enrolled(lab.Policy.preset("authelia"))
    for _ in range(6):
        bench.wait(70)
        assert wrong(bench).reason is lab.Reason.WRONG
    assert [wrong(bench).reason for _ in range(3)][-1] is lab.Reason.LOCKED


def test_django_doubles_the_pause() -> None:
    bench = enrolled(lab.Policy.preset("django_otp"))
    for pause in (1, 2, 4, 8):
        assert wrong(bench).reason is lab.Reason.WRONG
        blocked = bench.sign_in().answer
        assert blocked.reason is lab.Reason.THROTTLED
        assert blocked.wait == pytest.approx(pause, abs=0.2)
        bench.wait(pause)
    assert bench.sign_in().ok


def test_rates_hold_in_every_span_of_pypi() -> None:
    bench = enrolled(lab.Policy.preset("pypi"))
    taken = []
    for _ in range(24 * 60):
        bench.wait(60)
        if wrong(bench).reason is lab.Reason.WRONG:
            taken.append(bench.time())
    for tries, span in ((5, 300), (20, 3600), (50, 86_400)):
        assert max(sum(t <= u < t + span for u in taken) for t in taken) == tries


def test_a_code_that_lost_a_digit_is_turned_away_and_not_counted() -> None:
    bench = enrolled(lab.Policy.preset("okta"))
    for _ in range(10):
        assert bench.send("12345").answer.reason is lab.Reason.MALFORMED
    assert bench.send("123 45x").answer.reason is lab.Reason.MALFORMED
    shown = bench.phone.code(bench.time())
    assert bench.send(f" {shown[:3]} {shown[3:]} ").ok  # blanks do no harm


# ---- other ways in --------------------------------------------------------------------------------------------


def test_recovery_codes_work_once_each_and_a_new_sheet_voids_the_old() -> None:
    bench = enrolled()
    service, now = bench.service, bench.time()
    old = list(service.recovery_codes("alice", 3))
    assert len(set(old)) == 3
    assert service.recover("alice", old[0].upper().replace("-", " "), now).ok
    assert not service.recover("alice", old[0], now).ok
    assert service.recovery_left("alice") == 2
    new = list(service.recovery_codes("alice"))
    assert not service.recover("alice", old[1], now).ok
    assert service.recover("alice", new[0], now).ok


def test_the_service_keeps_hashes_of_recovery_codes_only() -> None:
    bench = enrolled()
    codes = list(bench.service.recovery_codes("alice"))
    kept = vars(bench.service._members["alice"].recovery)
    assert not any(code in str(kept) or code.replace("-", "") in str(kept) for code in codes)


def test_sms_beside_the_app_and_the_switch_between_them() -> None:
    bench = lab.Bench(person=lab.Person(0, 0))
    service = bench.service
    service.sign_up("alice", number=bench.phone.number)
    assert service.channel("alice") is lab.Channel.SMS
    with pytest.raises(MfaError, match="not set up"):
        service.switch("alice", "app")
    message = service.send_sms("alice", bench.time())
    assert bench.send(message.code).ok
    assert not bench.send(message.code).ok  # once
    assert bench.enrol().ok
    assert service.channel("alice") is lab.Channel.APP
    assert bench.wait(60).sign_in().ok
    service.switch("alice", lab.Channel.SMS)
    assert bench.wait(60).sign_in().answer.reason is lab.Reason.WRONG  # the app's code in the SMS box
    assert bench.send(bench.text().code).ok
    assert [message.sender for message in bench.phone.inbox] == ["Example"]
    bench.phone.wipe()
    assert bench.phone.inbox == []  # a lost phone has lost its messages too


def test_an_sms_code_expires_and_the_next_one_voids_it() -> None:
    service = lab.Service()
    service.sign_up("bob", number="+1")
    first = service.send_sms("bob", 0.0)
    assert service.verify("bob", "\uff11\uff12\uff13\uff14\uff15\uff16", 1.0).reason is lab.Reason.WRONG
    second = service.send_sms("bob", 10.0)
    assert service.verify("bob", first.code, 11.0).reason is lab.Reason.WRONG
    assert service.verify("bob", second.code, 310.0).reason is lab.Reason.EXPIRED
    assert not service.verify("bob", "", 311.0).ok


def test_signing_up_again_wipes_an_account_only_if_that_is_asked_for() -> None:
    bench = lab.Bench(person=lab.Person(0, 0))
    assert bench.enrol().ok
    with pytest.raises(MfaError, match=r"'alice' already.*wipe"):
        bench.service.sign_up("alice", number="+1")
    assert bench.wait(60).sign_in().ok
    assert bench.enrol().ok  # a known user may set the app up again
    bench.service.sign_up("alice", anew=True)
    assert bench.wait(60).sign_in().answer.reason is lab.Reason.NOT_ENROLLED


def test_nobody_signs_in_without_a_secret() -> None:
    service = lab.Service()
    service.sign_up("bob")
    assert service.verify("bob", "123456", 0.0).reason is lab.Reason.NOT_ENROLLED
    assert service.confirm("bob", "123456", 0.0).reason is lab.Reason.NOT_ENROLLED
    with pytest.raises(MfaError, match="no user"):
        service.verify("eve", "123456", 0.0)


# ---- HOTP -----------------------------------------------------------------------------------------------------


def test_hotp_looks_ahead_never_back_and_resyncs_by_two_codes() -> None:
    bench = enrolled(lab.Policy(type="hotp", look_ahead=3, resync_reach=50))
    presses = [bench.phone.code(bench.time()) for _ in range(3)]
    assert bench.sign_in().answer.steps == 3  # three presses in a pocket
    assert bench.send(presses[0]).answer.reason is lab.Reason.WRONG  # passed over: gone
    for _ in range(10):
        bench.phone.code(bench.time())
    assert not bench.sign_in().ok
    first, second = bench.phone.code(bench.time()), bench.phone.code(bench.time())
    assert bench.service.resync("alice", first, second, bench.time()).ok
    last = bench.sign_in()
    assert last.answer.steps == 0
    assert bench.send(last.typed).answer.reason is lab.Reason.REPLAYED


# ---- presets --------------------------------------------------------------------------------------------------


def test_every_preset_is_the_shared_table() -> None:
    import json

    table = json.loads(shared("cases", "verifiers.json").read_text("utf-8"))
    assert {entry["id"]: entry["name"] for entry in table} == lab.presets()
    for entry in table:
        policy = lab.Policy.preset(entry["id"])
        if entry["look_behind"] is not None:
            assert (policy.behind, policy.ahead) == (entry["look_behind"], entry["look_ahead"])
        assert policy.step == entry["step_s"]
        assert policy.source


@pytest.mark.parametrize("name", lab.presets())
def test_with_good_clocks_every_real_service_can_be_used(name: str) -> None:
    bench = enrolled(lab.Policy.preset(name))
    assert all(bench.wait(61).sign_in().ok for _ in range(3))


def test_an_unknown_preset_is_named_with_those_that_exist() -> None:
    with pytest.raises(MfaError, match="django_otp"):
        lab.Policy.preset("nowhere")
    with pytest.raises(MfaError, match="behind"):
        lab.Policy(behind=-1)
    with pytest.raises(MfaError, match="totp"):
        lab.Policy(type="sms")


def test_a_service_whose_qr_lies_refuses_the_codes_made_from_it() -> None:
    bench = lab.Bench(service=lab.Service(misprint={"algorithm": Algorithm.SHA256}))
    assert not bench.enrol().ok
    ignoring = lab.Phone(quirks=[lab.Quirk.IGNORES_ALGORITHM])
    assert lab.Bench(phone=ignoring, service=lab.Service(misprint={"algorithm": Algorithm.SHA256})).enrol().ok


def test_two_machines_with_different_clocks_refuse_now_and_then() -> None:
    bench = enrolled(OPEN)
    bench.service.clocks = [lab.Clock(), lab.Clock(offset=120)]
    share = bench.repeat(200)
    assert 0.35 < share < 0.65


def test_the_ceremony_needs_nothing_and_refuses_what_is_no_service() -> None:
    assert lab.enrol().ok
    with pytest.raises(MfaError, match="must be a Service"):
        lab.enrol("gitlab", lab.Phone())  # type: ignore[arg-type]


def test_codes_that_were_taken_are_no_pair_for_a_resynchronisation() -> None:
    bench = enrolled()
    first, second = (bench.wait(30).sign_in() for _ in range(2))
    assert first.ok
    assert second.ok
    bench.wait(120)
    thief = bench.service.resync("alice", first.typed, second.typed, bench.time())
    assert thief.reason is lab.Reason.REPLAYED  # RFC 6238 section 5.2
    assert bench.service.drift("alice") == 0
    assert bench.sign_in().ok


def test_after_a_clock_was_set_back_no_code_comes_back_to_life() -> None:
    bench = enrolled()
    seen = bench.sign_in()
    bench.phone.clock = lab.Clock(offset=-240)
    first, second = (bench.phone.code(bench.wait(30).time()) for _ in range(2))
    assert bench.service.resync("alice", first, second, bench.time()).ok
    bench.wait(30 * 6)  # the phone shows the code of then once more
    assert bench.phone.code(bench.time()) == seen.typed
    assert bench.sign_in().answer.reason is lab.Reason.REPLAYED
    assert bench.wait(30).sign_in().ok


def test_recorded_codes_teach_no_drift() -> None:
    bench = enrolled(lab.Policy(auto_resync=3, resync_reach=200))
    seen = [bench.wait(40).sign_in().typed for _ in range(3)]
    bench.wait(1200)
    for code in seen:
        assert not bench.wait(40).send(code).ok


@pytest.mark.parametrize("typed", ["é23456", "１２３４５６", "٣٣٣٣٣٣", ""])
def test_letters_of_any_script_are_a_wrong_code_and_no_traceback(typed: str) -> None:
    bench = lab.Bench(person=lab.Person(0, 0))
    service = bench.service
    service.sign_up("alice", number="+1")
    service.send_sms("alice", bench.time())
    assert not service.verify("alice", typed, bench.time()).ok
    assert bench.enrol().ok
    now = bench.wait(60).time()
    for answer in (bench.send(typed).answer, service.resync("alice", typed, typed, now)):
        assert answer.reason is lab.Reason.MALFORMED
    assert not service.recover("alice", typed, now).ok
    assert "another secret" in service.explain("alice", typed, now)


def test_a_code_given_as_a_number_is_refused_in_words() -> None:
    bench = enrolled()
    for ask in (bench.send, lambda code: bench.service.recover("alice", code, bench.time())):
        with pytest.raises(MfaError, match="quotes"):
            ask(12345)  # 012345 once


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: lab.Service(policy="gitlab"),
        lambda: lab.Service(lab.Policy()),
        lambda: lab.Service([]),
        lambda: lab.Service().change("gitlab"),
        lambda: lab.GuardRule(rates=((0, 60.0),)),
        lambda: lab.GuardRule(lock_after=0),
        lambda: lab.GuardRule(backoff=-1),
        lambda: lab.GuardRule(lock_for=float("nan")),
        lambda: lab.Policy(detects=-1),
        lambda: lab.Policy(confirm_behind=-1),
        lambda: lab.tries_possible(lab.GuardRule(), float("inf")),
        lambda: lab.tries_possible(lab.GuardRule(), 60, pace=0),
        lambda: lab.Bench().repeat(0),
        lambda: setattr(lab.Bench().phone, "clock", -120),
        lambda: lab.Clock(offset="slow"),
        lambda: lab.Clock(steps=(3.0,)),
        lambda: lab.Person(-5),
        lambda: lab.Phone("x"),
        lambda: lab.Bench(phone=3),
        lambda: lab.Bench(person=3),
        lambda: lab.enrol(user=None),
        lambda: lab.enrol(time=5),
        lambda: lab.TimeServer(behaviour="x"),
        lambda: lab.TimeServer("silent"),
    ],
)
def test_settings_outside_their_range_are_refused_in_words(wrong) -> None:
    with pytest.raises(MfaError):
        wrong()


def test_a_first_code_that_was_lost_is_not_said_to_be_wrong() -> None:
    enrolment = lab.enrol(wire=lab.Wire(loss=1))
    assert (enrolment.ok, enrolment.answer.reason) == (False, lab.Reason.NO_ANSWER)
    assert "Invalid" not in enrolment.answer.says
