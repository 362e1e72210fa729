"""``mfatools scan PICTURE...``: which accounts are in these pictures?"""

from __future__ import annotations

from typing import Any

import click

from mfatools.account import Account
from mfatools.cli.base import Status, Verb, print_json
from mfatools.cli.screen import console, table
from mfatools.cli.sources import Haul, gather, say_unread

_EXAMPLES = """\b
Examples:
  mfatools scan screenshot.png
  mfatools scan export-1.png export-2.png --json
  mfatools scan - < screenshot.png
"""


@click.command(cls=Verb, epilog=_EXAMPLES)
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--reveal", is_flag=True, help="Show the secrets too. Mind who looks at this screen.")
def scan(pictures: tuple[str, ...], as_json: bool, reveal: bool) -> None:
    """Read the accounts in pictures of QR codes.

    PICTURE is an image file of any usual kind (a screenshot, a photo from a phone), a text file with otpauth
    URIs, or - for standard input. Exit status: 0 done, 1 nothing found, 2 bad input.
    """
    haul = gather(pictures)
    say_unread(haul)
    if as_json:
        print_json(_json(haul, reveal))
    elif haul.accounts:
        _print(haul, reveal)
    raise SystemExit(Status.BAD_INPUT if haul.bad else Status.DONE if haul.accounts else Status.NOTHING_FOUND)


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
    listed = table("Issuer", "Account", "Codes")
    for account in haul.accounts:
        listed.add_row(account.issuer or "-", account.name or "-", kind(account))
    screen = console()
    screen.print(listed)
    for account in haul.accounts:
        if reveal:  # on a line of its own, never broken, so that it can be copied
            screen.print(f"{account.label}: {account.secret.reveal_base32()}", soft_wrap=True)
        for note in account.notes:
            screen.print(f"{account.label}: {note.text}")
    for note in haul.notes:
        screen.print(note.text)


def kind(account: Account) -> str:
    """How the account makes its codes, in a few words."""
    pace = f"{account.step} s" if account.counter is None else f"counter {account.counter}"
    return f"{account.type.upper()}, {account.digits} digits, {pace}, {account.algorithm}"
