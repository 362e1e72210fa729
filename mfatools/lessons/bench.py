"""Questions of notebook 06, the lab bench. The right answers are played on the bench."""

from __future__ import annotations

from mfatools.lab import Bench, Clock, Person, Policy, Reason, Service
from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)


@ask("06.1", "Read the last lines of the story, or ask for `len(enrolment.recovery)`.")
def handed_out() -> int:
    """The story says it in its seventh line; `len(enrolment.recovery)` counts them."""
    sheet = Bench().enrol().recovery
    return 0 if sheet is None else len(sheet)


@ask("06.2", "2 s after the reading a new step begins. Where does the service stand when the code arrives?")
def across_the_border() -> int:
    """The code belongs to the step that ended 8 s before it arrived, so it is one step behind. It is taken all the
    same, because the window reaches one step back."""
    bench = Bench(person=Person(median=10, sigma=0))
    bench.enrol()
    bench.time.until((bench.time() // 30 + 3) * 30 - 2)
    return bench.sign_in().answer.steps  # type: ignore[union-attr, return-value]


@ask("06.3", "It is the setting that is False there and True in `lab.Policy()`.")
def replay() -> str:
    """`careless.service.policy.replay` is False: this service keeps no record of the codes that it took."""
    return "replay"


@ask("06.4", "Which secret is the service's own: that of the page before, or that of the page it showed last?")
def newest_entry() -> int:
    """The last one: its QR code was on the page that was shown when the first code was confirmed."""
    bench = Bench(seed=1)
    bench.enrol(refresh=True)
    bench.enrol()
    return [bench.wait(60).sign_in(entry).ok for entry in bench.phone.entries].index(True)


@ask("06.5", "Count the signs up to the first X, itself included.")
def first_refusal() -> int:
    """After n days the phone is 5 n seconds fast. Its code comes from two steps ahead as soon as that is more than
    what is left of the service's step and one step more."""
    bench = Bench(service=Service(policy=Policy()), person=Person(0, 0))
    bench.enrol()
    bench.phone.clock = Clock(drift=5 / 86_400, since=bench.time())
    return next(day for day in range(1, 100) if not bench.wait(86_400).sign_in().ok)


@ask("06.6", "What did the owner just get to read?")
def owner_locked_out() -> bool:
    """The lock counts wrong codes, whoever sends them. That is its price, and the reason why real locks open again
    by themselves, or ask for the password first."""
    bench = Bench(service=Service(policy=Policy.preset("gitlab")), person=Person(median=2))
    bench.enrol()
    for guess in range(12):
        bench.send(f"{guess:06d}")
    answer = bench.sign_in().answer
    return answer is not None and answer.reason is Reason.LOCKED


@ask("06.7", "Send a new message, wait 200 s, try; then again with 400 s, and so on, halving the gap.")
def message_lasts() -> float:
    """Five minutes. With 299 s it is taken, with 301 s it has expired."""
    service = Service()
    service.sign_up("alice", number="+1 555 0100")

    def taken(after: int) -> bool:
        return service.verify("alice", service.send_sms("alice", 0.0).code, float(after)).ok

    return next(after for after in range(1, 1000) if not taken(after))


@ask("06.8", "Is the old sheet worth anything once a new one was made?")
def old_sheet() -> bool:
    """A new sheet makes the old one void. So whoever finds the old paper has found nothing."""
    bench = Bench(seed=9)
    old = list(bench.enrol().recovery or ())
    bench.service.turn_off("alice")
    bench.enrol()
    return bench.service.recover("alice", old[1], bench.time()).ok


@ask("06.9", "The service tries the counter that is due, and five more. Play it: change the 4.")
def too_many_presses() -> int:
    """After n presses in the pocket the next code has the counter n ahead of the one that is due. Five ahead is
    still found, six is not."""

    def found(presses: int) -> bool:
        bench = Bench(service=Service(policy=Policy(type="hotp", look_ahead=5)))
        bench.enrol()
        for _ in range(presses):
            bench.phone.code(bench.time())
        return bench.sign_in().ok

    return next(presses for presses in range(100) if not found(presses))
