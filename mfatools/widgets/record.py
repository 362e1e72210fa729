"""What the doctor knows: the accounts, which one is meant, the case. No page, no clock, no thread.

A `Record` is not safe to share between threads by itself; its owner holds a lock around every call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mfatools import casework
from mfatools.account import Account
from mfatools.clock import ClockReport
from mfatools.diagnose import Case, Sent
from mfatools.errors import MfaError

MAIN, SECOND = "main", "second"
_LEAST = 0.05  # s; nobody knows a clock better than that


class Record:
    """The accounts that were shown, and the case of the one that is meant."""

    def __init__(self) -> None:
        self.roster: list[Account] = []
        self.case: Case | None = None
        self.second: Account | None = None  # of the set-up page opened again
        self.role = MAIN  # of the next QR code
        self.probed: list[dict[str, Any]] = []  # probe codes that were sent: their words, and ``accepted``
        self._pending: Mapping[str, Any] | None = None  # a saved case that waits for its key
        self._settled = False  # the person has said which account it is
        self._report: ClockReport | None = None
        self._old = False  # the case was saved: its clock was measured then, and a check of now says nothing of it

    @property
    def chosen(self) -> Account | None:
        """The account that the case is about."""
        return self.case.entry.account if self.case else None

    def need(self) -> Case:
        """The case.

        Raises:
            MfaError: there is none yet.
        """
        if self.case is None:
            raise MfaError("There is no account yet.", "Show the QR code first.", code="E_NO_ACCOUNT")
        return self.case

    def account(self) -> Account:
        """The account that the case is about.

        Raises:
            MfaError: there is none, or it is of a scheme whose codes cannot be made here.
        """
        account = self.need().entry.account
        if account is None:
            raise MfaError("Codes of this account cannot be made here.", "Use its own app.", code="E_TYPE")
        return account

    def edit(self, change: Callable[[Case, Mapping[str, Any]], Case], content: Mapping[str, Any]) -> None:
        """Replace the case by ``change(case, content)``."""
        self.case = change(self.need(), content)

    def meet(self, known: Sequence[Account]) -> bool:
        """Take the accounts that are known now; True if there is a new one."""
        fresh = [account for account in known if account not in self.roster]
        self.roster = list(known)
        for account in fresh:
            self._sort_in(account)
        if self.second not in self.roster:
            self.second = None
        chosen = self.chosen
        if chosen is not None and self.roster:
            self._choose(chosen if chosen in self.roster else self.roster[0])
        return bool(fresh)

    def choose(self, place: object) -> None:
        """The account at this place of the roster is meant.

        Raises:
            MfaError: there is no such place.
        """
        if not isinstance(place, int) or not 0 <= place < len(self.roster):
            raise MfaError("This account is no longer here.", "Choose another one.")
        self._settled = True
        self._choose(self.roster[place])

    def load(self, data: Mapping[str, Any]) -> None:
        """A saved case: taken now, or as soon as there is an account to give its key.

        Raises:
            CaseError: a field that cannot be used, by its name.
        """
        account = self.chosen
        if account is None:
            self._pending = data
            return
        self._pending, self._old = None, True
        self.case = casework.restored(data, account, self.roster, self.second)

    def probe(self, words: Mapping[str, Any], sent: Sent) -> None:
        """A probe code was sent, and the service has answered: that is evidence."""
        self.case = casework.with_sent(self.need(), sent)
        self.probed.append({**words, "accepted": sent.accepted})

    def time(self, report: ClockReport) -> None:
        """This computer's clock was measured."""
        self._report = report
        if report.present is not None and self.case is not None and not self._old:
            self.case = self.case.with_clock(report.present, max(report.bound or 0.0, _LEAST))

    def page(self) -> dict[str, Any]:
        """For the page: words only."""
        chosen, entries = self.chosen, [account for account in self.roster if account != self.second]
        return {
            "accounts": [_of_account(account) for account in self.roster],
            "chosen": self.roster.index(chosen) if chosen in self.roster else None,
            "settled": self._settled or len(entries) < 2,
            "role": self.role,
            "pending": self._pending is not None,
            "case": casework.of_case(self.case) if self.case else None,
            "probed": list(self.probed),
        }

    def _sort_in(self, account: Account) -> None:
        """Is this the account, the same one with a newer key, or another entry on the phone?"""
        chosen = self.chosen
        if chosen is None:
            self._choose(account)
        elif self.role == SECOND or (self.second is None and casework.rivals(chosen, account)):
            self.second, self.role = account, MAIN

    def _choose(self, account: Account) -> None:
        self.case = casework.begin(self.case, account, self.roster, self.second)
        if self._pending is not None:
            self.load(self._pending)
        elif self._report is not None:
            self.time(self._report)


def _of_account(account: Account) -> dict[str, str | int]:
    title = account.issuer or account.name or "Unnamed account"
    subtitle = account.name if account.issuer else ""
    return {"title": title, "subtitle": subtitle, "type": account.type, "digits": account.digits}
