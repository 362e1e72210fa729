"""``mfatools code SOURCE``: the codes of the accounts in a picture or a text file."""

from __future__ import annotations

import math
import sys
import time
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table

from mfatools.account import Account
from mfatools.cli import when
from mfatools.cli.base import Status, Verb, print_json, say_error, say_note, terminal
from mfatools.cli.screen import console, grouped, table
from mfatools.cli.sources import Haul, gather, say_unread
from mfatools.totp import Hotp, Totp

_FRAME = 6  # lines of the live table besides its rows
_EXAMPLES = """\b
Examples:
  mfatools code screenshot.png
  mfatools code screenshot.png --live
  mfatools code keys.txt --next --json
  mfatools code screenshot.png --at 2026-11-22T14:31:00Z
  some-password-manager show example-key | mfatools code -
"""


@click.command(cls=Verb, epilog=_EXAMPLES)
@click.argument("source")
@click.option("--at", metavar="TIME", help="POSIX seconds or an ISO 8601 date and time. Default: now.")
@click.option("--next", "with_next", is_flag=True, help="Show the next code too.")
@click.option("--live", is_flag=True, help="Keep showing, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def code(source: str, at: str | None, with_next: bool, live: bool, as_json: bool) -> None:
    """Show the codes of the accounts in SOURCE.

    SOURCE is a picture of a QR code, a text file with otpauth URIs, or - for standard input. A secret is never
    given on the command line: the shell's history would keep it.

    A TIME without a zone is by this computer's. Exit status: 0 done, 1 nothing found, 2 bad input.
    """
    if live and (as_json or at is not None):
        raise click.UsageError("--live shows the present in a table; leave out --json and --at.")
    if live and not terminal(sys.stdout):
        raise click.UsageError("--live needs a terminal to draw on; leave it out for a single look.")
    moment, remark = when.option(at) if at is not None else (None, "")
    if remark:
        say_note(remark)
    haul = gather([source])
    accounts = [account for account in haul.accounts if _can_show(account)]
    _say_what_is_odd(haul, accounts)
    if live and accounts:
        _keep_showing(accounts, with_next)
    elif as_json:
        _print_json(_rows(accounts, moment, with_next), haul)
    elif accounts:
        now = time.time() if moment is None else None
        console().print(_table(_rows(accounts, moment, with_next), with_next, now))
    raise SystemExit(Status.BAD_INPUT if haul.bad else Status.DONE if accounts else Status.NOTHING_FOUND)


def _say_what_is_odd(haul: Haul, accounts: list[Account]) -> None:
    """On stderr: what gave no account, and the notes, for an odd setting may be why a code is refused."""
    say_unread(haul)
    for account in accounts:
        for note in account.notes:
            say_note(f"{account.label}: {note.text}")
    for note in haul.notes:
        say_note(note.text)


def _can_show(account: Account) -> bool:
    if isinstance(account.otp, Totp | Hotp):
        return True
    say_error(
        f"{account.label}: its codes need a PIN besides the secret.",
        "Open it in a notebook with mfatools.start() and type the PIN there.",
    )
    return False


def _row(account: Account, t: float, with_next: bool) -> dict[str, Any]:
    """One entry of ``--json``. Times are POSIX seconds, the end not included; a counter's codes have none."""
    row: dict[str, Any] = {"issuer": account.issuer, "name": account.name}
    otp = account.otp
    if isinstance(otp, Totp):
        start, end = otp.window(t)
        row |= {"code": otp.code(t), "valid_from": start, "valid_until": end}
        following = otp.code(end) if with_next else None
    else:
        assert isinstance(otp, Hotp)
        row |= {"code": otp.code(), "valid_from": None, "valid_until": None}
        following = otp.code(otp.counter + 1) if with_next else None
    if following is not None:
        row["next"] = following
    return row


def _rows(accounts: list[Account], moment: float | None, with_next: bool) -> list[dict[str, Any]]:
    t = time.time() if moment is None else moment
    return [_row(account, t, with_next) for account in accounts]


def _print_json(rows: list[dict[str, Any]], haul: Haul) -> None:
    unread = {"unread": [each.as_dict() for each in haul.unread]} if haul.unread else {}
    print_json({"codes": rows} | unread)


def _table(rows: list[dict[str, Any]], with_next: bool, now: float | None = None) -> Table:
    made = table("Issuer", "Account")
    for heading in ("Code", "Valid", *(["Next"] if with_next else [])):
        made.add_column(heading, no_wrap=True)
    for row in rows:
        cells = [row["issuer"] or "-", row["name"] or "-", grouped(row["code"]), _validity(row, now)]
        made.add_row(*cells, *([grouped(row["next"])] if with_next else []))
    return made


def _keep_showing(accounts: list[Account], with_next: bool) -> None:
    """Redraw four times a second; the codes stand on the alternate screen, which leaves no trace on exit."""
    with Live(console=console(), screen=True, auto_refresh=False) as screen:
        try:
            while True:
                now, room = time.time(), max(1, screen.console.height - _FRAME)
                shown = _table(_rows(accounts[:room], now, with_next), with_next, now)
                more = f"{len(accounts) - room} more: make the window taller. " if len(accounts) > room else ""
                screen.update(Group(shown, f"{more}Ctrl-C ends."), refresh=True)
                time.sleep(0.25)
        except KeyboardInterrupt:
            return


def _validity(row: dict[str, Any], now: float | None) -> str:
    if row["valid_until"] is None:
        return "until used"
    if now is not None:
        return f"{math.ceil(row['valid_until'] - now)} s left"
    start, end = (datetime.fromtimestamp(row[key], UTC) for key in ("valid_from", "valid_until"))
    return f"{start:%H:%M:%S} to {end:%H:%M:%S} UTC"
