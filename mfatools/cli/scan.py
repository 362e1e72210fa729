"""``mfatools scan PICTURE...``: which accounts are in these pictures?"""

from __future__ import annotations

import json
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from mfatools.account import Account
from mfatools.cli import BAD_INPUT, DONE, NOTHING_FOUND, say_error
from mfatools.cli.sources import Haul, gather


@click.command()
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--reveal", is_flag=True, help="Show the secrets too. Mind who looks at this screen.")
def scan(pictures: tuple[str, ...], as_json: bool, reveal: bool) -> None:
    """Read the accounts in pictures of QR codes.

    PICTURE is an image file of any usual kind (a screenshot, a photo from a phone), a text file with otpauth
    URIs, or - for standard input. Exit status: 0 done, 1 nothing found, 2 bad input.
    """
    haul = gather(pictures)
    for unread in haul.unread:
        say_error(unread.sentence, unread.hint)
    if as_json:
        click.echo(json.dumps(_json(haul, reveal), ensure_ascii=False))
    elif haul.accounts:
        _print(haul, reveal)
    raise SystemExit(BAD_INPUT if haul.bad else DONE if haul.accounts else NOTHING_FOUND)


def _json(haul: Haul, reveal: bool) -> dict[str, Any]:
    return {
        "accounts": [_account_json(account, reveal) for account in haul.accounts],
        "unread": [unread.as_dict() for unread in haul.unread],
        "notes": [{"code": note.code, "text": note.text} for note in haul.notes],
    }


def _account_json(account: Account, reveal: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "issuer": account.issuer,
        "name": account.name,
        "type": account.type,
        "algorithm": str(account.algorithm),
        "digits": account.digits,
        "step": account.step,
        "notes": [{"code": note.code, "text": note.text} for note in account.notes],
    }
    if account.counter is not None:
        entry["counter"] = account.counter
    if reveal:
        entry["secret"] = account.secret.reveal_base32()
    return entry


def _print(haul: Haul, reveal: bool) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Issuer", "Account", "Codes"):
        table.add_column(heading, overflow="fold")
    for account in haul.accounts:
        table.add_row(account.issuer or "-", account.name or "-", _kind(account))
    console = Console(highlight=False, markup=False)
    console.print(table)
    for account in haul.accounts:
        if reveal:  # on a line of its own, never broken, so that it can be copied
            console.print(f"{account.label}: {account.secret.reveal_base32()}", soft_wrap=True)
        for note in account.notes:
            console.print(f"{account.label}: {note.text}")
    for note in haul.notes:
        console.print(note.text)


def _kind(account: Account) -> str:
    pace = f"{account.step} s" if account.counter is None else f"counter {account.counter}"
    return f"{account.type.upper()}, {account.digits} digits, {pace}, {account.algorithm}"
