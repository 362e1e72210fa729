"""``mfatools code SOURCE``: the codes of the accounts in a picture or a text file."""

from __future__ import annotations

import json
import math
import sys
import time
from datetime import UTC, datetime
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table

from mfatools.account import Account
from mfatools.cli import BAD_INPUT, DONE, NOTHING_FOUND, say_error
from mfatools.cli.sources import Haul, gather
from mfatools.errors import MfaError
from mfatools.totp import Hotp, Totp

_YEAR_9999 = 253_370_764_800


@click.command()
@click.argument("source")
@click.option("--at", metavar="TIME", help="POSIX seconds, or ISO 8601 with a zone. Default: now.")
@click.option("--next", "with_next", is_flag=True, help="Show the next code too.")
@click.option("--live", is_flag=True, help="Keep showing, until Ctrl+C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def code(source: str, at: str | None, with_next: bool, live: bool, as_json: bool) -> None:
    """Show the codes of the accounts in SOURCE.

    SOURCE is a picture of a QR code, a text file with otpauth URIs, or - for standard input. A secret is never
    given on the command line: the shell's history would keep it. Exit status: 0 done, 1 nothing found, 2 bad
    input.
    """
    if live and (as_json or at is not None):
        raise click.UsageError("--live shows the present in a table; leave out --json and --at.")
    if live and not sys.stdout.isatty():
        raise click.UsageError("--live needs a terminal to draw on; leave it out for a single look.")
    moment = _moment(at) if at is not None else None
    haul = gather([source])
    accounts = [account for account in haul.accounts if _can_show(account)]
    _say_what_is_odd(haul, accounts)
    if live and accounts:
        _keep_showing(accounts, with_next)
    elif as_json:
        _print_json(_rows(accounts, moment, with_next), haul)
    elif accounts:
        now = time.time() if moment is None else None
        Console(highlight=False, markup=False).print(_table(_rows(accounts, moment, with_next), with_next, now))
    raise SystemExit(BAD_INPUT if haul.bad else DONE if accounts else NOTHING_FOUND)


def _say_what_is_odd(haul: Haul, accounts: list[Account]) -> None:
    """On stderr: what gave no account, and the notes, for an odd setting may be why a code is refused."""
    for unread in haul.unread:
        say_error(unread.sentence, unread.hint)
    for account in accounts:
        for note in account.notes:
            click.echo(f"note: {account.label}: {note.text}", err=True)
    for note in haul.notes:
        click.echo(f"note: {note.text}", err=True)


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
    click.echo(json.dumps({"codes": rows} | unread, ensure_ascii=False))


def _table(rows: list[dict[str, Any]], with_next: bool, now: float | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Issuer", "Account"):
        table.add_column(heading, overflow="fold")
    for heading in ("Code", "Valid", *(["Next"] if with_next else [])):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        cells = [row["issuer"] or "-", row["name"] or "-", _grouped(row["code"]), _validity(row, now)]
        table.add_row(*cells, *([_grouped(row["next"])] if with_next else []))
    return table


def _keep_showing(accounts: list[Account], with_next: bool) -> None:
    """Redraw four times a second; the codes stand on the alternate screen, which leaves no trace on exit."""
    with Live(console=Console(highlight=False, markup=False), screen=True, auto_refresh=False) as screen:
        try:
            while True:
                now = time.time()
                screen.update(_table(_rows(accounts, now, with_next), with_next, now), refresh=True)
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


def _grouped(text: str) -> str:
    """``123 456``: in threes from six digits on, with the odd ones first kept together."""
    return f"{text[: len(text) // 2]} {text[len(text) // 2 :]}" if len(text) >= 6 else text


def _moment(text: str) -> float:
    """POSIX seconds from what the person wrote."""
    moment = _posix(text)
    if moment is None:
        moment = _iso_8601(text)
    if not 0 <= moment < _YEAR_9999:
        raise MfaError("--at lies outside the years 1970 to 9999.", "Give a time inside them.", code="E_TIME")
    return moment


def _posix(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _iso_8601(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        what = "--at is no time that can be read."
        raise MfaError(what, "Write POSIX seconds or 2026-11-22T14:31:00Z.", code="E_TIME") from None
    if moment.tzinfo is None:
        what = "--at has no time zone, so it could mean many different moments."
        raise MfaError(what, "Add Z for UTC or an offset such as +01:00.", code="E_TIME")
    return moment.timestamp()
