"""``mfatools why``: reads a case as JSON on standard input, or asks step by step, and says why a code failed."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from mfatools.cli.base import Status, fail
from mfatools.diagnose import Case, Diagnosis, Family, Finding, diagnose
from mfatools.diagnose.fields import strangers
from mfatools.diagnose.result import percent
from mfatools.errors import CaseError, MfaError

_ANSWERS = {"y": True, "n": False, "": None}
_SHOWN = 0.01  # probability under which a finding is not worth a line

_EXAMPLE = """\b
Example of the input:
  {"uri": "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
   "codes": [{"shown": "123456", "read_at_local": 1760000000, "accepted": false}],
   "ntp_offset_s": 0.2, "app": "Aegis"}
"""


@click.command(
    epilog=_EXAMPLE + "\n\nntp_offset_s is this computer minus true time: positive means that it is fast."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--full", is_flag=True, help="Search every clock from 1970 to 2038 if nothing nearer fits (minutes).")
def why(as_json: bool, full: bool) -> None:
    """Say why a code was refused.

    Reads a case as JSON on standard input: uri, codes[] (shown, typed, read_at_local, read_sd_s, typed_after_s,
    accepted, entry_label), ntp_offset_s, app, other_entries[], second_uri, key_as_shown, service_expected_code,
    change_observed_at_local, verifier. Only uri is needed. In a terminal it asks step by step instead.

    Exit status: 0 done, 1 nothing found, 2 bad input.
    """
    try:
        data = _asked() if _is_terminal() else _read()
        case = Case.from_json(data)
        diagnosis = _full(case) if full else diagnose(case)
    except MfaError as error:
        fail(error)
    for name in strangers(data):
        click.echo(f"note: the field {name} is not known and was left out", err=True)
    if as_json:
        click.echo(json.dumps(diagnosis.to_json(), ensure_ascii=False))
    else:
        _print(diagnosis)
    raise SystemExit(Status.NOTHING_FOUND if diagnosis.best.family is Family.UNKNOWN else Status.DONE)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _read() -> Any:  # noqa: ANN401 - whatever JSON holds
    raw = sys.stdin.buffer.read()
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CaseError("The input is not UTF-8 text.", "Save it as UTF-8.", code="E_CASE_JSON") from None
    except (json.JSONDecodeError, RecursionError) as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        what = f"The input is not valid JSON{place}."
        hint = "See the example in `mfatools why --help`."
        raise CaseError(what, hint, code="E_CASE_JSON") from None
    return data["given"] if isinstance(data, dict) and "given" in data and "uri" not in data else data


def _full(case: Case) -> Diagnosis:
    """The search from 1970 to 2038, with a bar on stderr; Ctrl+C stops it and shows what was found so far."""
    stopped = False
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Searching 1970 to 2038", total=1.0)

        def progress(share: float) -> None:
            nonlocal stopped
            try:
                bar.update(task, completed=share)
            except KeyboardInterrupt:
                stopped = True

        return diagnose(case, full=True, progress=progress, stop=lambda: stopped)


def _asked() -> dict[str, Any]:
    """The case, asked for step by step. What is typed for the key is not shown."""
    click.echo("I will ask for the key URI, then for a few codes. Nothing is sent anywhere or kept.")
    uri = click.prompt("Key URI of the QR code (otpauth://..., not shown)", hide_input=True)
    Case.from_json({"uri": uri})  # complain now, not after all the other questions
    fields: dict[str, Any] = {"uri": uri, "codes": []}
    while True:
        shown = click.prompt("Code that the phone shows now (Enter: no more)", default="", show_default=False)
        if not shown.strip():
            break
        fields["codes"].append(_one_code(shown, time.time()))
    fields["app"] = click.prompt("Name of the app (Enter: not known)", default="", show_default=False)
    offset = click.prompt(
        "How many seconds is this computer's clock fast, slow as minus (Enter: not known)",
        default="",
        show_default=False,
    )
    fields["ntp_offset_s"] = _seconds(offset)
    return fields


def _one_code(shown: str, moment: float) -> dict[str, Any]:
    answer = click.prompt(
        "Did the site take it? (y, n, Enter: not tried)",
        type=click.Choice(list(_ANSWERS)),
        default="",
        show_default=False,
        show_choices=False,
    )
    return {"shown": shown, "read_at_local": moment, "read_sd_s": 4.0, "accepted": _ANSWERS[answer]}


def _seconds(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise CaseError(
            "ntp_offset_s must be a number.", "Give seconds, such as -2.5.", code="E_CASE_FIELD"
        ) from None


def _print(diagnosis: Diagnosis) -> None:
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Finding", "Probability", "What it is"):
        table.add_column(heading, overflow="fold")
    for finding in diagnosis.findings:
        if finding.probability >= _SHOWN:
            table.add_row(str(finding.family), percent(finding.probability), escape(finding.title))
    console.print(table)
    _print_finding(console, diagnosis.best)
    for probe in diagnosis.probes:
        console.print(f"Probe: {escape(probe.name)}. {escape(probe.proves)}")
    if diagnosis.next_question:
        console.print(f"\n[bold]Next:[/] {escape(diagnosis.next_question.text)}")
    for note in diagnosis.notes:
        console.print(f"Note: {escape(note)}")


def _print_finding(console: Console, finding: Finding) -> None:
    console.print(f"[bold]{escape(finding.title)}[/] ({percent(finding.probability)}). {escape(finding.says)}")
    console.print(escape(finding.evidence))
    for number, step in enumerate(finding.remedy, start=1):
        console.print(f"  {number}. {escape(step)}")
    if finding.rules_out:
        console.print(escape(finding.rules_out))
    console.print(f"More: {finding.link}")
