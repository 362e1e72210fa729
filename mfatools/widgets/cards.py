"""What a scan found, as cards in plain words, and what is worth a word about an account.

No clock, no page, no pixels: texts and errors in, cards out. A `Card` holds its account for
Python; what goes to the page (`Card.page`) is words only, never a key and never the text of a QR code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mfatools import intake, migration
from mfatools.account import Account
from mfatools.errors import MfaError
from mfatools.notes import Note
from mfatools.totp import Algorithm, Encoder, Totp

if TYPE_CHECKING:
    from mfatools.qr.result import Advice

_numbers = itertools.count(1)

# Notes that may be why a code is refused later; all others are remarks on spelling.
WEIGHTY = frozenset(
    {
        "W_ALG_COMPAT",
        "W_BATCH_INCOMPLETE",
        "W_COUNTER_MISSING",
        "W_DIGITS_COMPAT",
        "W_DUPLICATE",
        "W_ENTRY_SKIPPED",
        "W_ISSUER_MISMATCH",
        "W_NEWER_KEY",
        "W_NONSTANDARD_TYPE",
        "W_PERIOD_COMPAT",
        "W_PIN_NEEDED",
        "W_SECRET_LENGTH",
        "W_SECRET_TRAILING_BITS",
        "W_STEAM_ISSUER",
    }
)
# What a text is that belongs to the subject, so that "this is something else" would be wrong.
_OURS = frozenset({"otpauth", "migration", "motp", "bare_key"})
_UNFIT = "Read, but it does not make an account"
_NOTHING = "No QR code was found in this picture."
_READ_BUT = {
    "E_NO_SECRET": "Read, but there is no key in it",
    "E_SECRET_CHAR": "Read, but the key in it is broken",
}
_ALL_HERE = "Nothing was added: their codes are below."
_CLEARER = "Make the code bigger on the screen, take a screenshot of it with some white around it, and drop that."
_NEWER_KEY = Note(
    "W_NEWER_KEY",
    "Another card has the same account with a different key. If the set-up page was opened again, only the key of "
    "the newest QR code counts: the codes of the other one will be refused.",
)


class Sort(StrEnum):
    """What a card is about; the page gives each its own mark."""

    ACCOUNT = "account"
    DUPLICATE = "duplicate"
    BATCH = "batch"
    OTHER = "other"
    NOTHING = "nothing"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that was found, or the reason why nothing was.

    ``title`` and ``subtitle`` stand on one line, ``text`` and ``hint`` (what to do) below; ``facts`` are settings
    worth a word; ``source`` says where it came from, ``lot`` with what else it was given. ``repr`` shows the kind
    and the title only.
    """

    sort: Sort
    title: str
    subtitle: str = ""
    text: str = ""
    hint: str = ""
    facts: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    source: str = ""
    lot: str = ""
    account: Account | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def id(self) -> str:
        """A name for the page to point at the card."""
        return f"c{self.number}"

    def __repr__(self) -> str:
        return f"Card({self.sort}, {self.title!r})"

    def page(self) -> dict[str, Any]:
        """The card as the page draws it: words only."""
        words = {name: getattr(self, name) for name in ("id", "title", "subtitle", "text", "hint", "source")}
        return {**words, "kind": str(self.sort), "facts": list(self.facts), "notes": remarks(self.notes)}


def severity(note: Note) -> str:
    """``"warn"`` for a note that may be why a code is refused, ``"info"`` for the rest."""
    return "warn" if note.code in WEIGHTY else "info"


def remarks(notes: Iterable[Note]) -> list[dict[str, str]]:
    """Notes as a page draws them, those that may be why a code is refused in front."""
    said = [{"code": note.code, "text": note.text, "severity": severity(note)} for note in notes]
    return sorted(said, key=lambda note: note["severity"] != "warn")


def facts(account: Account) -> tuple[str, ...]:
    """The settings of an account that are not the usual ones (time-based, SHA1, 6 digits, 30 s), in words."""
    said: list[str] = []
    if account.type == "motp":
        said.append("Mobile-OTP, needs a PIN")
    if account.type == "hotp":
        said.append("counter-based")  # where the counter stands changes with each code, and is not said here
    elif account.type == "totp" and account.step != 30:
        said.append(f"a new code every {account.step} seconds")
    steam = isinstance(account.otp, Totp) and account.otp.encoder is Encoder.STEAM
    if steam:
        said.append("Steam, 5 letters and digits")
    elif account.digits != 6:
        said.append(f"{account.digits} digits")
    if account.type != "motp" and account.algorithm is not Algorithm.SHA1:
        said.append(f"hash {account.algorithm.replace('SHA', 'SHA-')}")
    return tuple(said)


def of_text(text: str, source: str = "") -> tuple[list[Card], migration.Batch | None]:
    """Cards of one text that was read or pasted, and the batch it belongs to if it is part of an export."""
    kind = intake.kind(text)
    try:
        got = intake.take(text)
    except MfaError as error:
        made = replace(of_error(error, source), title=_READ_BUT.get(error.code, _UNFIT))
        if error.code == "E_SCHEME" and str(kind) not in _OURS:
            made = replace(made, sort=Sort.OTHER, title="Not a two-factor code")
        return [made], None
    cards = [of_account(account, source) for account in got.accounts]
    # Which codes of an export are missing has a card of its own, which goes away when they come.
    notes = [note for note in got.notes if got.batch is None or note.code != "W_BATCH_INCOMPLETE"]
    if notes and cards:
        cards[0] = replace(cards[0], notes=tuple(dict.fromkeys((*cards[0].notes, *notes))))
    return cards, got.batch


def of_account(account: Account, source: str = "") -> Card:
    """The card of one account."""
    title = account.issuer or account.name or "Account without a name"
    subtitle = account.name if account.issuer else ""
    return Card(
        Sort.ACCOUNT, title, subtitle, facts=facts(account), notes=account.notes, source=source, account=account
    )


def of_error(error: MfaError, source: str = "") -> Card:
    """The card of something that could not be read: what is wrong and what to do."""
    return Card(Sort.ERROR, "This could not be read", text=error.what, hint=error.hint, source=source)


def of_nothing(advice: Iterable[Advice], source: str = "") -> Card:
    """The card of a picture without a code: what was seen in it and what to do."""
    said = [part for piece in advice for part in (piece.text, piece.hint) if part] or [_NOTHING, _CLEARER]
    return Card(Sort.NOTHING, "No QR code was read", text=said[0], hint=" ".join(said[1:]), source=source)


def of_exports(batches: Iterable[migration.Batch]) -> list[Card]:
    """One card for each export, among the codes scanned so far, of which a code is still missing."""
    exports: dict[tuple[int, int], list[migration.Batch]] = {}
    for batch in batches:
        exports.setdefault((batch.batch_id, batch.size), []).append(batch)
    return [_unfinished(lost, size) for (_, size), held in exports.items() if (lost := migration.missing(held))]


def _unfinished(lost: Sequence[int], size: int) -> Card:
    count = len(lost)
    numbers = ", ".join(str(index + 1) for index in lost)
    text = f"The app spread this export over {size} QR codes; number {numbers} has not been scanned yet."
    title = f"{count} of {size} codes of this export still missing"
    return Card(Sort.BATCH, title, text=text, hint="Show the next code on the phone and scan it too.")


def without(known: Iterable[Card], fresh: Sequence[Card]) -> list[Card]:
    """``known`` cards but for those that a ``fresh`` one says again: the same picture twice makes no stack.

    Where an account was found, what was said of earlier tries goes as well: it would push the code off the screen.
    """
    said = {_gist(card) for card in fresh if card.account is None}
    stays = [card for card in known if card.account is not None or _gist(card) not in said]
    lots = {card.lot for card in fresh if card.account is not None or card.sort is Sort.DUPLICATE}
    return [card for card in stays if not lots or card.account is not None or card.lot in lots]


def _gist(card: Card) -> tuple[str, ...]:
    """What makes two cards say the same. An account that is here already is so from whatever picture."""
    if card.sort is Sort.DUPLICATE:
        return (card.sort, card.title, card.subtitle)
    return (card.sort, card.title, card.text, card.source)


def merge(known: Sequence[Card], fresh: Sequence[Card]) -> list[Card]:
    """``fresh`` cards as they are to be added to ``known``: repeated accounts become "already here".

    An account with the name of a known one but another key is marked: the set-up page was probably refreshed.
    """
    held = [card for card in known if card.account is not None]
    added: list[Card] = []
    for card in fresh:
        judged = _judged(card, held)
        added.append(judged)
        if judged.account is not None:
            held.append(judged)
    return _in_one(added)


def _in_one(added: list[Card]) -> list[Card]:
    """Several accounts of one picture that are here already take one card: their codes stand below it."""
    again = [card for card in added if card.sort is Sort.DUPLICATE]
    if len(again) < 2:
        return added
    title = f"{len(again)} accounts are here already"
    joined = Card(Sort.DUPLICATE, title, text=_ALL_HERE, source=again[0].source)
    return [*(card for card in added if card not in again), joined]


def _judged(card: Card, held: Sequence[Card]) -> Card:
    if card.account is None:
        return card
    if twin := next((one for one in held if one.account == card.account), None):
        text = f"Nothing was added: its code is below{_from(twin.source)}."
        return Card(Sort.DUPLICATE, _again(card), card.subtitle, text=text, source=card.source)
    if any(_rivals(one.account, card.account) for one in held):
        return replace(card, notes=(_NEWER_KEY, *card.notes))
    return card


def _again(card: Card) -> str:
    return f"{card.title} is here already"


def echoes(known: Iterable[Card], gone: Iterable[Card]) -> list[Card]:
    """The cards that call an account of ``gone`` "here already", which it is no longer."""
    names = {(_again(card), card.subtitle) for card in gone if card.account is not None}
    echo = [card for card in known if card.sort is Sort.DUPLICATE] if names else []
    return [card for card in echo if card.text == _ALL_HERE or (card.title, card.subtitle) in names]


def summary(fresh: Sequence[Card]) -> str:
    """One sentence for a screen reader; sighted people see the cards."""
    if named := [" ".join([card.title, card.subtitle]).strip() for card in fresh if card.account is not None]:
        found = "Found" if len(named) == 1 else f"Found {len(named)} accounts"
        return f"{found}: {', '.join(named)}."
    return " ".join(f"{card.title}. {card.text}" for card in fresh)


def spoken(fresh: Sequence[Card], good: Sequence[Card], lost: Sequence[Card]) -> tuple[str, str]:
    """What is said under the camera's picture, and how loudly."""
    if good and lost:
        return f"{summary(good)} {lost[0].title}. {lost[0].hint}", "info"
    if good:
        return summary(good), "quiet"
    if fresh:
        return f"{fresh[0].text} {fresh[0].hint}".strip(), "warn"
    return "", "info"


def _from(source: str) -> str:
    return f" ({source})" if source else ""


def _rivals(one: Account | None, other: Account) -> bool:
    """The same issuer and name, another key."""
    if one is None or (one.issuer, one.name) != (other.issuer, other.name):
        return False
    return bool(one.name) and one.secret != other.secret
