"""Exports of Google Authenticator: several accounts in one QR code, and several codes in one batch.

``otpauth-migration://offline?data=`` holds base64 of a protocol buffer. Its fields were published by Alex Bakker
(alexbakker.me, 2020-05-23) and stand in scito/extract_otp_secrets (``google_auth.proto``)::

    payload:  1 entry (repeated)  2 version  3 batch size  4 batch index  5 batch id
    entry:    1 secret (bytes)    2 name     3 issuer      4 algorithm    5 digits   6 type   7 counter
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, unquote

from mfatools import keyuri, protobuf
from mfatools.account import Account, remark
from mfatools.errors import MfaError, UriError
from mfatools.nonstandard import Motp
from mfatools.notes import Note, Pad
from mfatools.protobuf import Fields
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp

PER_CODE = 10  # accounts in one QR code, as the app itself does it
MOST_CODES = (
    1000  # of one export: what claims more is not counted through, which would take all the memory there is
)
_ALGORITHMS = {1: Algorithm.SHA1, 2: Algorithm.SHA256, 3: Algorithm.SHA512}  # 4 is MD5, which no standard allows
_DIGITS = {1: 6, 2: 8}
_HOTP, _TOTP = 1, 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one QR code of an export holds.

    Attributes:
        accounts: without doubles.
        index: which code of the batch this is, from 0.
        size: how many codes the batch has.
        batch_id: a number that all codes of one export share.
        notes: remarks on the code as a whole.
    """

    accounts: tuple[Account, ...]
    index: int = 0
    size: int = 1
    batch_id: int = 0
    notes: tuple[Note, ...] = ()


def parse(uri: str) -> Batch:
    """Read one export code.

    Raises:
        UriError: no export, no data, data cut off, or no entry that can be used.
    """
    pad = Pad()
    payload = protobuf.decode(_data(uri, pad))
    accounts = _accounts([entry for entry in payload.get(1, []) if isinstance(entry, bytes)], pad)
    size, index = max(protobuf.number(payload, 3), 1), protobuf.number(payload, 4)
    if not index < size <= MOST_CODES:
        pad.add("W_BATCH_NUMBERS")
        size, index = 1, 0
    if size > 1:
        pad.add("W_BATCH_INCOMPLETE", number=index + 1, size=size)
    return Batch(tuple(accounts), index, size, protobuf.number(payload, 5), pad.taken())


def missing(batches: Iterable[Batch]) -> list[int]:
    """Which codes of one export were not scanned yet, by ``index`` (from 0).

    Raises:
        UriError: the codes come from different exports.
    """
    seen = list(batches)
    if len({(batch.batch_id, batch.size) for batch in seen}) > 1:
        raise UriError(
            "These codes come from different exports.", "Scan the codes of one export at a time.", code="E_BATCH"
        )
    wanted = range(seen[0].size if seen else 0)
    return sorted(set(wanted) - {batch.index for batch in seen})


def missing_notes(batches: Sequence[Batch]) -> tuple[Note, ...]:
    """One note for each export of which codes are missing; it says which."""
    notes = []
    for batch_id, size in dict.fromkeys((batch.batch_id, batch.size) for batch in batches):
        same = [batch for batch in batches if (batch.batch_id, batch.size) == (batch_id, size)]
        if gaps := missing(same):
            which = f"number{'s' * (len(gaps) > 1)} {', '.join(str(gap + 1) for gap in gaps)}"
            text = f"Of the {size} codes of an export, {which} {'is' if len(gaps) == 1 else 'are'} not scanned yet."
            notes.append(Note("W_BATCH_INCOMPLETE", text))
    return tuple(notes)


def merge(batches: Iterable[Batch]) -> tuple[Account, ...]:
    """All accounts of several codes in the order of their index, each once."""
    accounts: list[Account] = []
    for batch in sorted(batches, key=lambda each: each.index):
        accounts += [account for account in batch.accounts if account not in accounts]
    return tuple(accounts)


def build(accounts: Sequence[Account], *, per_code: int = PER_CODE, batch_id: int = 1) -> list[str]:
    """Write accounts as export codes. The secrets stand in them: keep them out of sight.

    Args:
        accounts: at least one; each time-based with steps of 30 s or counter-based, with 6 or 8 digits.
        per_code: how many accounts go into one code, 1 or more.
        batch_id: the number that all codes share.

    Raises:
        UriError: no account, or one that the export format cannot hold; the words say which and why.
    """
    if not accounts or per_code < 1:
        raise UriError("There is nothing to export.", "Hand in at least one account.", code="E_MIGRATION_NO_DATA")
    entries = [protobuf.encode(1, _entry(account)) for account in accounts]
    groups = [b"".join(entries[at : at + per_code]) for at in range(0, len(entries), per_code)]
    tails = [
        protobuf.encode(2, 1)
        + protobuf.encode(3, len(groups))
        + protobuf.encode(4, index)
        + protobuf.encode(5, batch_id)
        for index in range(len(groups))
    ]
    return [
        f"otpauth-migration://offline?data={quote(base64.b64encode(group + tail), safe='')}"
        for group, tail in zip(groups, tails, strict=True)
    ]


def _data(uri: str, pad: Pad) -> bytes:
    scheme, rest = keyuri.scheme_of(keyuri.tidy(uri, pad), pad)
    if scheme != "otpauth-migration":
        raise UriError(
            "This is no export of Google Authenticator.",
            "Read a single account with account.parse(), or any text with intake.take().",
            code="E_SCHEME",
        )
    query = rest.partition("?")[2]
    found = re.search(r"(?:^|&)data=([^&#]*)", query, re.IGNORECASE)
    if not found or not found[1].strip():
        raise UriError(
            "The export code holds no data.", "Show the export again and scan it.", code="E_MIGRATION_NO_DATA"
        )
    return _unbase64(found[1], pad)


def _unbase64(raw: str, pad: Pad) -> bytes:
    text = unquote(raw)
    if re.search("%[0-9A-Fa-f]{2}", text):  # base64 has no percent sign: a second layer of encoding
        pad.add("W_DOUBLE_ENCODED")
        text = unquote(text)
    text = text.strip().replace(" ", "+")  # a form decoder turned '+' into a blank; base64 has none
    if set(text) & set("-_"):
        pad.add("W_BASE64URL")
        text = text.replace("-", "+").replace("_", "/")
    text = text.rstrip("=")
    if not re.fullmatch("[A-Za-z0-9+/]+", text):
        raise _broken("The data of this export code is not base64.", "E_MIGRATION_DATA")
    if len(text) % 4 == 1:
        raise _truncated()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise _truncated() from None


def _accounts(entries: list[bytes], pad: Pad) -> list[Account]:
    accounts: list[Account] = []
    first_error: MfaError | None = None
    for number, entry in enumerate(entries, start=1):
        try:
            account = _account(protobuf.decode(entry), pad)
        except MfaError as error:
            if error.code.startswith("E_MIGRATION"):
                raise
            first_error = first_error or error
            pad.add("W_ENTRY_SKIPPED", number=number, why=error)
            continue
        if account in accounts:
            pad.add("W_DUPLICATE")
        else:
            accounts.append(account)
    if not accounts:
        raise first_error or _broken("The export code holds no account.", "E_MIGRATION_NO_DATA")
    return accounts


def _account(entry: Fields, pad: Pad) -> Account:
    """One entry; what it leaves open is what the app itself takes: time-based, SHA1, 6 digits."""
    secret = Secret(protobuf.octets(entry, 1))
    kind = _choice(protobuf.number(entry, 6), {_HOTP: _HOTP, _TOTP: _TOTP}, _TOTP, "type", "E_TYPE", pad)
    algorithm = _choice(protobuf.number(entry, 4), _ALGORITHMS, Algorithm.SHA1, "algorithm", "E_ALGORITHM", pad)
    digits = _choice(protobuf.number(entry, 5), _DIGITS, 6, "number of digits", "E_DIGITS", pad)
    otp: Totp | Hotp = Totp(secret, 30, digits, algorithm)
    if kind == _HOTP:
        otp = Hotp(secret, _counter(entry), digits, algorithm)
    return remark(Account(*_names(entry), otp), Pad())


def _names(entry: Fields) -> tuple[str, str]:
    name, issuer = protobuf.text(entry, 2), protobuf.text(entry, 3)
    if issuer:
        return issuer, name.removeprefix(f"{issuer}:").strip()
    prefix, colon, rest = name.partition(":")
    return (prefix.strip(), rest.strip()) if colon else ("", name)


def _counter(entry: Fields) -> int:
    counter = protobuf.number(entry, 7)
    if counter >= 2**63:  # the field is signed (int64): its top bit says that it is negative
        what = "The counter of this entry is negative."
        raise UriError(what, "Set it up anew at its service.", code="E_COUNTER")
    return counter


def _choice(number: int, table: dict[int, T], usual: T, what: str, code: str, pad: Pad) -> T:
    if number == 0:
        pad.add("W_UNSPECIFIED")
        return usual
    if number not in table:
        known = "its hash is MD5, which no standard allows" if (code, number) == ("E_ALGORITHM", 4) else "unknown"
        says = f"The {what} of this entry is not supported ({known})."
        raise UriError(says, "Set it up anew at its service.", code=code)
    return table[number]


def _entry(account: Account) -> bytes:
    otp = account.otp
    if isinstance(otp, Motp) or (isinstance(otp, Totp) and (otp.encoder is not Encoder.DECIMAL or otp.step != 30)):
        raise _unfit(account, "it has time-based codes of 30 seconds and counter-based codes only")
    if otp.digits not in _DIGITS.values():
        raise _unfit(account, "its codes have 6 or 8 digits")
    return b"".join(_entry_fields(account, otp))


def _entry_fields(account: Account, otp: Totp | Hotp) -> Iterator[bytes]:
    yield protobuf.encode(1, otp.secret.reveal())
    yield protobuf.encode(2, account.name.encode())
    yield protobuf.encode(3, account.issuer.encode())
    yield protobuf.encode(4, next(number for number, each in _ALGORITHMS.items() if each is otp.algorithm))
    yield protobuf.encode(5, next(number for number, each in _DIGITS.items() if each == otp.digits))
    yield protobuf.encode(6, _HOTP if isinstance(otp, Hotp) else _TOTP)
    if isinstance(otp, Hotp):
        yield protobuf.encode(7, otp.counter)


def _unfit(account: Account, why: str) -> UriError:
    what = f"The account {account.label} does not fit into an export: {why}."
    return UriError(what, "Leave it out and use its own QR code.", code="E_MIGRATION_UNFIT")


def _truncated() -> UriError:
    return _broken("The data of this export code is cut off.", "E_MIGRATION_TRUNCATED")


def _broken(what: str, code: str) -> UriError:
    return UriError(what, "Show the export again and scan all of it.", code=code)
