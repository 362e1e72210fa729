"""Any text that a QR code, a clipboard or a file may hold: what kind it is, and which accounts are in it.

`kind` looks at a text and names it; `take` takes the accounts out, or says in words what the text is instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from urllib.parse import unquote

from mfatools import account, keyuri, migration
from mfatools.account import Account, Note
from mfatools.errors import MfaError, UriError
from mfatools.migration import Batch
from mfatools.notes import Pad
from mfatools.secret import BASE32, Secret
from mfatools.totp import Totp


class Kind(StrEnum):
    """What a text is."""

    OTPAUTH = "otpauth"  # one or more accounts, time- or counter-based
    MIGRATION = "migration"  # an export of Google Authenticator
    MOTP = "motp"
    LINK = "link"
    APP_STORE = "app_store"
    WIFI = "wifi"
    CONTACT = "contact"
    EMAIL = "email"
    PHONE = "phone"
    GEO = "geo"
    EVENT = "event"
    CRYPTO = "crypto"
    PASSKEY = "passkey"
    PUSH = "push"  # enrolment of an app that asks "was it you?" and shows no codes of ours
    BACKUP = "backup"  # what another authenticator app saved of all its accounts
    BARE_KEY = "bare_key"
    OTHER = "other"


# First match wins. Sources: Wi-Fi, MECARD and the like: zxing's wiki "Barcode Contents"; FIDO: CTAP 2.2 section
# 11.5 (hybrid transport); push: the URI schemes that these apps register.
_SIGNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.MIGRATION, r"otpauth-migration\s?:|otpauth-migration%3a"),
        (Kind.OTPAUTH, r"otpauth\s?:|otpauth%3a|steam://[a-z2-7=]{16,}$"),
        (Kind.MOTP, r"motp\s?:"),
        (Kind.PASSKEY, r"fido:/"),
        (
            Kind.PUSH,
            r"(?:phonefactor|microsoft-authenticator|msauthv?\d?|duo|oktaverify|com-okta-authenticator)\s?:",
        ),
        (Kind.PUSH, r"(?:pushauth|mfauth|pingid|futurae|salesforceauthenticator|com\.rsa\.securid[.\w]*)\s?:"),
        (Kind.PUSH, r"(?:ms-authenticator|com\.okta[.\w]*|igmobileotp|vipaccess|lastpassauth|authy)\s?:"),
        (Kind.PUSH, r"[a-z0-9]{20}-YXBpL[a-z0-9+/=]{16,}$"),  # Duo without a scheme: code, "api-..." in base64
        (Kind.PUSH, r"https://[\w.-]+\.duosecurity\.com/(?:activate|iphone|android)"),
        (Kind.PUSH, r"https?://[\w.:-]+/securid/ctf?"),
        (Kind.BACKUP, r'[\[{](?=(?s:.*)"(?:secret|tokenorder|slots|schemaversion|encrypteddata)"\s*:)'),
        (Kind.APP_STORE, r"(?:market|itms-apps?s?|itms|itms-beta|ms-windows-store|appmarket)\s?:"),
        (Kind.APP_STORE, r"https?://(?:apps|itunes|testflight)\.apple\.com/"),
        (
            Kind.APP_STORE,
            r"https?://(?:play\.google\.com/store|market\.android\.com|appgallery\.huawei\.com|app\.adjust)",
        ),
        (Kind.APP_STORE, r"https?://(?:apps\.microsoft\.com|(?:www\.)?microsoft\.com/\S*store/|f-droid\.org/)"),
        (Kind.WIFI, r"wifi:|wpa:|dpp:"),
        (Kind.CONTACT, r"begin:vcard|mecard:|bizcard:"),
        (Kind.EVENT, r"begin:(?:vevent|vcalendar)"),
        (Kind.EMAIL, r"mailto:|matmsg:|smtp:"),
        (Kind.PHONE, r"(?:tel|sms|smsto|mms|mmsto|facetime|facetime-audio):"),
        (Kind.GEO, r"geo:"),
        (Kind.CRYPTO, r"(?:bitcoin|bitcoincash|ethereum|litecoin|dogecoin|monero|lightning|solana|tron|wc)\s?:"),
        (Kind.CRYPTO, r"(?:bc1[a-z0-9]{20,}|0x[0-9a-f]{40}|lnbc[a-z0-9]{20,})$"),
        (Kind.LINK, r"(?:https?|ftp)://|www\.|urlto:"),
        (Kind.LINK, r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?::\d+)?(?:/\S*)?$"),
    )
)

LONGEST = 1_000_000  # characters of one text

_WHAT = {
    Kind.LINK: "a web link (it was not opened)",
    Kind.APP_STORE: "a link to an app in a store",
    Kind.WIFI: "the password of a Wi-Fi network",
    Kind.CONTACT: "a business card",
    Kind.EMAIL: "an e-mail address or draft",
    Kind.PHONE: "a phone number or text message",
    Kind.GEO: "a place on the map",
    Kind.EVENT: "a calendar entry",
    Kind.CRYPTO: "a payment address",
    Kind.PASSKEY: "a sign-in with a passkey",
    Kind.PUSH: "a set-up code for an app that confirms sign-ins with a message",
    Kind.BACKUP: "a backup of an authenticator app",
    Kind.OTHER: "some other text",
}
_HINT = {
    Kind.APP_STORE: "Install the app, then go on to the page that shows the account's own QR code.",
    Kind.PASSKEY: "Scan it with the phone's camera; a passkey has no six-digit codes.",
    Kind.PUSH: "Scan it with the service's own app, or choose 'another authenticator app' on its page.",
    Kind.BACKUP: "Let that app export a text of otpauth:// lines, or show the account's QR code and scan that.",
}
_USUAL_HINT = "Look for the QR code on the page that sets up two-factor sign-in ('authenticator app')."
_START = re.compile(r"(?<![^\s\"'<>,;(\[])(?:otpauth|otpauth-migration|motp)\s?:/", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:otpauth|otpauth-migration|motp):(?:\\?/){2}[^\s\"]*", re.IGNORECASE)
_JSON = {r"\/": "/", r"\u0026": "&", r"\u003d": "=", r"\u003f": "?"}  # as programs write these characters in JSON
_IN_LINK = re.compile(
    r"https?://[^\s?]+\?(?:\S*?&)?[\w.-]+=((?:otpauth|otpauth-migration|motp)(?::|%3a)(?:/|%2f){2}\S+)",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?:url(?:to)?:|apple-)(?=otpauth:)", re.IGNORECASE)
_ONE_WORD = re.compile(r"[^\s#]+")
_KEY_ONLY = re.compile(r"[A-Z2-7]+=*")
_ROUND = " \t\r\n\0\"'<>`,;\u00a0\u200b\u2060\ufeff"  # what clings to a text that was copied
_LIKE_OTPAUTH = re.compile(r"[a-z-]{0,4}auth[a-z-]{0,4}:?//|otp[a-z-]{0,8}:?//", re.IGNORECASE)  # a slip of the pen
_KEY_LENGTHS = range(16, 161)  # characters; from 80 bits, which many services issue, to 100 bytes


@dataclass(frozen=True, slots=True)
class Intake:
    """What `take` found: the accounts, remarks that belong to none of them, and the export if it was one code."""

    accounts: tuple[Account, ...]
    notes: tuple[Note, ...] = ()
    batch: Batch | None = None


def kind(text: str) -> Kind:
    """Name the kind of a text by how it begins (a bare key: by its letters). Nothing is opened or checked."""
    clean = text.strip(_ROUND)
    for found, sign in _SIGNS:
        if sign.match(clean):
            return found
    if embedded := _START.search(clean):
        return kind(clean[embedded.start() :])
    return Kind.BARE_KEY if _is_key(clean) else Kind.OTHER


def take(text: str) -> Intake:
    """All accounts in a text: one URI, several (one a line, say), an export, or a bare key.

    Returns:
        The accounts without doubles, in their order. With several URIs a bad one is left out with a note.

    Raises:
        UriError, SecretError: no account is in the text; the words say what it is instead, and what to do.
    """
    keyuri.require_text(text)
    if len(text) > LONGEST:
        what = "The text is too long to be a list of accounts."
        raise UriError(what, "Give only the part with the accounts.", code="E_SCHEME")
    pad = Pad()
    got = _taken(_unpacked(text, pad))
    return Intake(got.accounts, (*pad.taken(), *got.notes), got.batch)


def _unpacked(text: str, pad: Pad) -> str:
    """The text without what programs and pages wrap a code in: JSON's escapes, a web link, an iPhone's scheme."""
    plain = _ESCAPED.sub(lambda found: _without_escapes(found[0]), text)
    if plain != text:
        pad.add("W_ESCAPED")
    bare = _PREFIX.sub("", plain, count=1)
    if bare != plain:
        pad.add("W_WRAPPED")
    link = _IN_LINK.fullmatch(bare.strip(_ROUND))
    if link is None:
        return bare
    pad.add("W_IN_LINK")
    encoded = "%2f" in link[1][:30].lower()
    return unquote(link[1].partition("&")[0]) if encoded else link[1]


def _without_escapes(uri: str) -> str:
    for escape, char in _JSON.items():
        uri = uri.replace(escape, char)
    return uri


def _taken(text: str) -> Intake:
    pieces = _pieces(text)
    if len(pieces) > 1:
        return _several(pieces)
    if not pieces or "".join(pieces[0].split()) == "".join(text.strip(_ROUND).split()):
        return _single(text)
    pad = Pad()
    pad.add("W_WRAPPED")
    got = _single(pieces[0])
    return Intake(got.accounts, (*pad.taken(), *got.notes), got.batch)


def _single(text: str) -> Intake:
    found = kind(text)
    if found is Kind.MIGRATION:
        batch = migration.parse(text)
        return Intake(batch.accounts, batch.notes, batch)
    if found is Kind.BARE_KEY:
        return Intake((_bare(text),))
    slip = found is Kind.OTHER and _LIKE_OTPAUTH.match(text.strip(_ROUND))
    if found in _WHAT and not slip:
        what = f"This is {_WHAT[found]}, not a two-factor account." if text.strip(_ROUND) else "The text is empty."
        raise UriError(what, _HINT.get(found, _USUAL_HINT), code="E_SCHEME")
    return Intake((account.parse(text),))


def _is_key(text: str) -> bool:
    """Base32 in one piece or in groups of equal length, as set-up pages print it; words of a language are not."""
    groups = re.split(r"[ \u00a0-]", text.rstrip("= "))
    joined = "".join(groups)
    if len(joined) not in _KEY_LENGTHS or not joined.isascii() or not set(joined.upper()) <= set(BASE32):
        return False
    regular = len({len(group) for group in groups[:-1]}) <= 1 and len(groups[-1]) <= len(groups[0])
    return regular and (joined.isupper() or any(char.isdigit() for char in joined))


def _bare(text: str) -> Account:
    pad = Pad()
    pad.add("W_BARE_KEY")
    return account.remark(Account("", "", Totp(Secret.from_base32(text.strip(_ROUND)))), pad)


def _pieces(text: str) -> list[str]:
    """The URIs in a text, each from its scheme to the next one, or to a line that does not carry it on."""
    starts = [found.start() for found in _START.finditer(text)]
    return [_one(_unquoted(text, start, end)) for start, end in pairwise([*starts, len(text)])]


def _unquoted(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    return piece.partition('"')[0] if text[start - 1 : start] == '"' else piece


def _one(piece: str) -> str:
    first, *lines = re.split(r"[\r\n]+", piece.rstrip(_ROUND))
    kept = [first]
    in_key = "secret=" in first
    for line in map(str.strip, lines):
        in_key = in_key and "&" not in kept[-1].rpartition("secret=")[2]
        if not _goes_on(line, in_key):
            break
        kept.append(line)
    return "\n".join(kept)


def _goes_on(line: str, in_key: bool) -> bool:
    """Whether a line carries on the URI before it: it looks like parameters, or like the rest of a broken key."""
    if in_key and _KEY_ONLY.fullmatch(line):
        return True
    return bool(_ONE_WORD.fullmatch(line)) and not {"&", "=", "%", "?"}.isdisjoint(line)


def _several(pieces: list[str]) -> Intake:
    pad = Pad()
    accounts: list[Account] = []
    batches: list[Batch] = []
    first_error: MfaError | None = None
    skipped: list[Note] = []
    for number, piece in enumerate(pieces, start=1):
        try:
            got = take(piece)
        except MfaError as error:
            first_error = first_error or error
            skipped.append(Note("W_ENTRY_SKIPPED", f"Code {number} of {len(pieces)} was left out: {error}"))
            continue
        accounts += [each for each in got.accounts if each not in accounts]
        batches += [got.batch] if got.batch else []
    if first_error and not accounts:
        raise first_error
    read = len(pieces) - len(skipped)
    done = f"{read if skipped else 'all'} of them {'was' if read == 1 else 'were'} read"
    pad.add("W_SEVERAL", count=len(pieces), done=done)
    rest = [note for batch in batches for note in batch.notes if note.code != "W_BATCH_INCOMPLETE"]
    return Intake(tuple(accounts), (*pad.taken(), *skipped, *rest, *migration.missing_notes(batches)))
