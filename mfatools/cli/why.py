"""``mfatools why``: reads a case as JSON on standard input, or asks step by step, and says why a code failed."""

from __future__ import annotations

import codecs
import json
import signal
import sys
import time
from functools import partial
from threading import Event
from typing import Any

import click

from mfatools.cli import interview, sources
from mfatools.cli.base import Status, Verb, print_json, say_note, terminal
from mfatools.cli.desk import Desk, Ended
from mfatools.cli.followup import further
from mfatools.cli.probing import as_json, offers
from mfatools.cli.report import show
from mfatools.diagnose import Case, Diagnosis, Family, diagnose
from mfatools.diagnose.fields import strangers
from mfatools.errors import CaseError

_MOST = 8 * 2**20  # bytes of a case
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EXAMPLES = """\b
Examples:
  mfatools why                             ask me step by step
  mfatools why screenshot.png              the same, with this QR code
  mfatools why --json < case.json          for a program
  mfatools why screenshot.png < case.json  a case saved without its secrets

\b
Example of a case:
  {"uri": "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DP",
   "codes": [{"shown": "123456", "read_at_local": 1760000000,
              "accepted": false}],
   "ntp_offset_s": 0.2, "app": "Aegis"}

ntp_offset_s is this computer minus true time: positive means that it is fast. Times are POSIX seconds by this
computer's clock.
"""


@click.command(cls=Verb, epilog=_EXAMPLES)
@click.argument("picture", required=False)
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--full", is_flag=True, help="Search every clock from 1970 to 2038 if nothing nearer fits (minutes).")
def why(picture: str | None, json_wanted: bool, full: bool) -> None:
    """Say why a code was refused.

    In a terminal it asks step by step: for the picture of the QR code (or take PICTURE), the codes that the phone
    showed, and what the site did; then it asks for the one thing that would tell most, until the reason is known.

    Else it reads a case as JSON on standard input: uri, codes[] (shown, typed, read_at_local, read_sd_s,
    typed_after_s, accepted, entry_label), sent[] (code, at, accepted), ntp_offset_s, app, platform,
    other_entries[], second_uri, key_as_shown, service_expected_code, change_observed_at_local, verifier, answers.
    Only uri is needed.

    The codes to try next are printed for you: they are good for the account, so mind who sees them. Exit status:
    0 done, 1 nothing found or the input ended, 2 bad input, 130 stopped with Ctrl-C.
    """
    if _is_terminal():
        raise SystemExit(_dialogue(picture, json_wanted, full))
    data = _read()
    case = _case(data, picture)
    diagnosis = _diagnosis(case, full)
    for name in strangers(data):
        say_note(f"the field {name} is not known and was left out")
    if json_wanted:
        print_json(as_json(case, diagnosis, time.time()))
    else:
        now = time.time()
        show(diagnosis, offers(case, diagnosis.probes, now), now)
    raise SystemExit(_status(diagnosis))


def _is_terminal() -> bool:
    return terminal(sys.stdin)


def _status(diagnosis: Diagnosis) -> Status:
    return Status.NOTHING_FOUND if diagnosis.best.family is Family.UNKNOWN else Status.DONE


def _dialogue(picture: str | None, json_wanted: bool, full: bool) -> Status:
    """Ask, diagnose and ask on, until it is solved or the person stops."""
    desk = Desk(err=json_wanted or not terminal(sys.stdout))
    try:
        case: Case | None = interview.interview(desk, picture, time.time)
        while case is not None:
            desk.say("\nComparing with every cause that is known ...")
            last, diagnosis = case, _diagnosis(case, full)
            now = time.time()
            show(diagnosis, offers(case, diagnosis.probes, now), now, desk.screen)
            case = further(desk, last, diagnosis, time.time)
            while case == last:
                desk.say("Nothing new, so the findings above still hold.")
                case = further(desk, last, diagnosis, time.time)
    except Ended:
        desk.say("\nThe input has ended, so I stop here. Nothing was kept.")
        return Status.NOTHING_FOUND
    except KeyboardInterrupt:
        desk.say("\nStopped. Nothing was kept.")
        return Status.INTERRUPTED
    if json_wanted:
        print_json(as_json(last, diagnosis, time.time()))
    elif not terminal(sys.stdout):
        show(diagnosis, offers(last, diagnosis.probes, now), now)  # for the file or program behind stdout
    return _status(diagnosis)


def _read() -> Any:  # noqa: ANN401 - whatever JSON holds
    hint = "See the example in `mfatools why --help`."
    raw = sys.stdin.buffer.read(_MOST + 1) if sys.stdin is not None else b""
    if len(raw) > _MOST:
        raise CaseError("The input is over 8 MiB, which no case is.", hint, code="E_CASE_JSON")
    if not raw.strip():
        what = "Standard input is empty, where a case in JSON is read."
        raise CaseError(what, "Start `mfatools why` in a terminal to be asked step by step.", code="E_CASE_JSON")
    try:
        data = json.loads(raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig"))
    except UnicodeDecodeError:
        raise CaseError("The input is not UTF-8 text.", "Save it as UTF-8.", code="E_CASE_JSON") from None
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        what = f"The input is not valid JSON{place}."
        raise CaseError(what, hint, code="E_CASE_JSON") from None
    return data["given"] if isinstance(data, dict) and "given" in data and "uri" not in data else data


def _case(data: object, picture: str | None) -> Case:
    """The case; its key may come from a picture, for a case that was saved without."""
    if picture is None:
        if isinstance(data, dict) and "codes" in data and data.get("uri", "") is None:
            what = "uri is missing: this case was saved without its secrets."
            raise CaseError(
                what, "Name the QR code's picture too: mfatools why PICTURE < case.json", code="E_CASE_FIELD"
            )
        return Case.from_json(data)
    entry = interview.pick(sources.entries(picture), picture)
    return Case.from_json(data, uri=entry.account.uri() if entry.account else None)


def _diagnosis(case: Case, full: bool) -> Diagnosis:
    """With ``full`` the search from 1970 to 2038, with a bar on stderr; Ctrl-C stops it, not the command."""
    if not full:
        return diagnose(case)
    from rich.progress import Progress

    from mfatools.cli.screen import console

    stopped = Event()
    usual = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        with Progress(console=console(err=True), transient=True) as bar:
            task = bar.add_task("Searching 1970 to 2038 (Ctrl-C: enough)", total=1.0)
            show_share = partial(bar.update, task)
            return diagnose(case, full=True, progress=lambda p: show_share(completed=p), stop=stopped.is_set)
    finally:
        signal.signal(signal.SIGINT, usual)
