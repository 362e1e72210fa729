"""`Scan`: drop, paste, choose or film the picture of a QR code, and see the account and its live code at once.

Pictures come from the page as buffers of custom messages, are read in memory by `mfatools.qr`, and are gone. What
goes back is words (`mfatools.widgets.cards`): accounts stand on a `Live` board, what is no account in a list above
it. In nothing that a notebook stores there is a picture, a key or a code.

Messages from the page: ``hello``, ``picture``, ``frame`` (one buffer each), ``text``, ``refused`` (a file was not
sent), ``stop``, ``remove``, ``clear``; a ``lot`` names what was given at once. To the page: ``cards`` to all; to a
nonce ``done``, ``frame``, ``error``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import anywidget
import traitlets

from mfatools import migration
from mfatools.account import Account
from mfatools.errors import MfaError
from mfatools.widgets import cards
from mfatools.widgets.base import Message, MfaWidget
from mfatools.widgets.cards import Card, Sort
from mfatools.widgets.desk import Desk, Reader, picture_of, read, warm_up
from mfatools.widgets.live import Live

PICTURE_BUDGET = 4.0  # seconds of search in one picture; the person can stop it
FRAME_BUDGET = 0.15  # seconds in one camera frame: the next one comes at once and may be sharper
_VIA = {"paste": "pasted", "camera": "seen by the camera", "screen": "captured from the screen", "python": ""}

Callback = Callable[[Account], object]


class Scan(MfaWidget, page="scan"):
    """A drop zone for pictures of QR codes, the accounts found in them, and their live codes.

    Args:
        live: the board that is fed; a new one if left out.
        reader: what reads a picture (default `mfatools.qr.read`).
        clock: a `mfatools.widgets.clock.Clock` to show below the board.
        title, lead: a heading and a sentence above the drop zone. They are saved with the notebook.
    """

    board = anywidget.WidgetTrait().tag(sync=True)  # crosses as a reference: no state of the board with it
    clock = anywidget.WidgetTrait().tag(sync=True)
    doctor = anywidget.WidgetTrait().tag(sync=True)  # set before the page shows it; folded until it is wanted
    title = traitlets.Unicode("").tag(sync=True)
    lead = traitlets.Unicode("").tag(sync=True)
    found = traitlets.Int(0).tag(sync=True)  # a harmless count, so that marimo and `observe` see the change

    def __init__(
        self,
        *,
        live: Live | None = None,
        reader: Reader | None = None,
        clock: MfaWidget | None = None,
        title: str = "",
        lead: str = "",
    ) -> None:
        self._reader = reader or read
        self._cards: list[Card] = []
        self._batches: list[migration.Batch] = []
        self._callbacks: list[Callback] = []
        self._desk = Desk(self.answer)
        super().__init__()
        self.live = Live() if live is None else live
        self.live.offer_removal(self.remove)
        if clock is not None:
            self.live.check_hint = "Check the clock below."
        self.board, self.clock, self.title, self.lead = self.live, clock, title, lead

    @property
    def accounts(self) -> list[Account]:
        """The accounts found so far, oldest first."""
        with self.lock:
            oldest_first = sorted(self._cards, key=lambda card: card.number)
        return [card.account for card in oldest_first if card.account is not None]

    def on_account(self, callback: Callback) -> Callback:
        """Call ``callback(account)`` for each account found from now on; also works as a decorator.

        It runs in the thread that read the picture. An error in it is shown in the widget.

        Raises:
            MfaError: ``callback`` cannot be called.
        """
        if not callable(callback):
            raise MfaError("on_account needs a function.", "Write scan.on_account(print), for example.")
        self._callbacks.append(callback)
        return callback

    def remove(self, account: Account) -> None:
        """Take an account off the cards and off the board."""
        with self.lock:
            ids = [card.id for card in self._cards if card.account == account]
        self._drop(ids)

    def clear(self) -> None:
        """Take everything off."""
        with self.lock:
            self._batches.clear()
            ids = [card.id for card in self._cards]
        self._drop(ids)

    def close(self) -> None:
        """Stop what is being read and take the widget and all that it shows off the page."""
        self._desk.stop_all()
        for guest in (self.clock, self.doctor):
            if guest is not None:
                guest.close()
        self.live.close()
        super().close()

    def words(self) -> str:  # for places that cannot show a widget
        count = len(self.accounts)
        return f"Scan of {count} account{'' if count == 1 else 's'}"

    # --- messages from the page

    def on_hello(self, message: Message) -> None:
        """A page was opened or loaded again."""
        self._show()
        if self._reader is read:
            warm_up()

    def on_picture(self, message: Message) -> None:
        """A picture came."""
        self._desk.take(message, self._picture)

    def on_frame(self, message: Message) -> None:
        """A frame of the camera came."""
        self._desk.take(message, self._frame)

    def on_text(self, message: Message) -> None:
        """A text was pasted or dropped."""
        self._finish(message, self._made([str(message.content.get("text", ""))], _source(message)))

    def on_refused(self, message: Message) -> None:
        """The page did not send a file, which is empty, say. It gets its card like any other."""
        what, hint = (str(message.content.get(part) or "")[:300] for part in ("what", "hint"))
        self._add([cards.of_error(MfaError(what, hint), _source(message))], _lot(message))

    def on_stop(self, message: Message) -> None:
        """The person does not want to wait for a picture."""
        self._desk.stop(message)

    def on_remove(self, message: Message) -> None:
        """The person removed a card."""
        self._drop([str(message.content.get("card"))])

    def on_clear(self, message: Message) -> None:
        """The person removed all cards."""
        self.clear()

    # --- reading

    def _picture(self, message: Message, stop: threading.Event) -> None:
        source = _source(message)
        try:
            reading = self._reader(picture_of(message), budget=PICTURE_BUDGET, stop=stop.is_set)
            made = self._made([found.text for found in reading], source)
            if not reading:
                made = [cards.of_nothing(reading.advice, source)]
        except MfaError as error:
            made = [cards.of_error(error, source)]
        if not stop.is_set():
            self._finish(message, made)

    def _frame(self, message: Message, stop: threading.Event) -> None:
        """One camera frame: only accounts get cards; what else is seen is said in a line."""
        reading = self._reader(picture_of(message), budget=FRAME_BUDGET, stop=stop.is_set)
        made = self._made([found.text for found in reading], _source(message))
        fresh = self._add(made, _lot(message), accounts_only=True)
        good = [card for card in fresh if card.account or card.sort is Sort.DUPLICATE]
        seen = [{"corners": [list(c) for c in one.corners], "account": bool(good)} for one in reading]
        lost = cards.of_exports(self._batches)
        done = bool(good) and not lost
        say, level = cards.spoken(fresh, good, lost)
        self.answer(message, "frame", found=seen, done=done, say=say, level=level)

    def _made(self, texts: Sequence[str], source: str) -> list[Card]:
        """The cards of some texts, accounts first."""
        made: list[Card] = []
        for text in dict.fromkeys(texts):
            more, batch = cards.of_text(text, source)
            made += more
            if batch is not None:
                with self.lock:
                    self._batches.append(batch)
        return sorted(made, key=lambda card: card.account is None)

    # --- state

    def _finish(self, message: Message, made: Sequence[Card]) -> None:
        """Show what came of one picture or text, and say it: in sight where a new code may stand out of it."""
        before = len(self.accounts)
        fresh = self._add(made, _lot(message))
        level = "info" if 0 < before < len(self.accounts) else "quiet"
        self.answer(message, "done", say=cards.summary(fresh), level=level)

    def _add(self, made: Sequence[Card], lot: str = "", *, accounts_only: bool = False) -> list[Card]:
        """Set cards against those that are here already, keep them, and hand them back as they are now.

        ``lot`` is common to all that the person gave at once. Under one lock: a text that is pasted while a picture
        is read may hold the same account.
        """
        with self.lock:
            fresh = [replace(card, lot=lot) for card in cards.merge(self._cards, made)]
            kept = [card for card in fresh if card.account] if accounts_only else fresh
            self._cards = [*kept, *cards.without(self._cards, kept)]  # the newest first
            self._renew_batch()
        accounts = [(card.account, card) for card in kept if card.account is not None]
        for account, card in accounts:
            # The card may know more than the account: that another one has its name, say.
            self.live.add(replace(account, notes=card.notes), source=card.source)
        self._show()
        for account, _ in accounts:
            self._tell_callbacks(account)
        return fresh

    def _renew_batch(self) -> None:
        rest = [card for card in self._cards if card.sort is not Sort.BATCH]
        self._cards = [*cards.of_exports(self._batches), *rest]

    def _drop(self, ids: Sequence[str]) -> None:
        with self.lock:
            gone = [card for card in self._cards if card.id in ids]
            stale = {card.id for card in cards.echoes(self._cards, gone)}.union(ids)
            self._cards = [card for card in self._cards if card.id not in stale]
            if any(card.sort is Sort.BATCH for card in gone):
                self._batches.clear()  # "I do not want the rest of that export"
        for card in gone:
            if card.account is not None:
                self.live.remove(card.account)
        self._show()

    def _show(self) -> None:
        """Send the cards to every open page."""
        with self.lock:
            shown = [card.page() for card in self._cards]
        self.tell("cards", cards=shown)
        self.found = len(self.accounts)

    def _tell_callbacks(self, account: Account) -> None:
        for callback in list(self._callbacks):
            try:
                callback(account)
            except Exception as error:
                name = getattr(callback, "__name__", "callback")
                text = f"Your function {name} failed ({type(error).__name__}). The account is here all the same."
                self.tell("notice", text=text, level="warn")


def _lot(message: Message) -> str:
    """What the person gave at once, as the page names it; what has no name is a lot of its own."""
    return str(message.content.get("lot") or message.content.get("nonce"))


def _source(message: Message) -> str:
    """Where a picture came from, in words: a file's name or the way it took."""
    name = str(message.content.get("name") or "")[:80]
    return f"from {name}" if name else _VIA.get(str(message.content.get("via")), "")
