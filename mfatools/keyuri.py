"""The text of a key URI taken apart: from characters to fields, with notes on whatever is out of order.

    otpauth://TYPE/LABEL?secret=...&issuer=...      Google's "Key Uri Format"; draft-linuxgemini-otpauth-uri
    motp://LABEL?secret=...                         mOTP, as Aegis writes it
    steam://SECRET                                  Steam, as Bitwarden writes it

The rule of the house: whatever cannot change a code is forgiven with a note; whatever could is an error, for a
silent repair would show codes that the service refuses. `split` finds the parts, `read` the parameters, `names`
the issuer and the account's name; `mfatools.keyvalues` reads the values, `mfatools.account.parse` does it all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote, unquote_to_bytes

from mfatools.errors import UriError
from mfatools.notes import Pad, unknown
from mfatools.secret import BASE32, normal_base32

KINDS = ("totp", "hotp", "steam", "motp")
PARAMETERS = ("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder")
STEAM_LABEL = "Steam:"  # stands for the label that steam://SECRET cannot have
LONGEST = 20_000  # characters; the largest QR code holds 7089 (ISO/IEC 18004)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)[ ]?:(/*)(.*)", re.DOTALL)
_START = re.compile(r"(?:^|[\s\"'<>,;])(?:otpauth|otpauth-migration|motp)://", re.IGNORECASE)
_ENCODED_START = re.compile(r"[a-z\-]+(?:%3a|:)(?:%2f|/){2}", re.IGNORECASE)
_ENCODED_KEY = re.compile(r"(?:%3f|%26)(?:secret|data)%3d", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:(?:amp|#38|#x26);)+", re.IGNORECASE)
_SEPARATOR = re.compile(rf"&|[;?,](?=\s*(?:{'|'.join(PARAMETERS)})\s*=)", re.IGNORECASE)
_QUERY_IN_LABEL = re.compile(r"[&;,]\s*secret\s*=", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIRS = (("<", ">"), ("(", ")"), ("[", "]"), ("'", "'"), ("\u201c", "\u201d"), ("\u2018", "\u2019"), ("«", "»"))
_NEVER_IN_A_URI = '"<>`\0\u200b\u200e\u200f\u2060\ufeff'


@dataclass(frozen=True, slots=True)
class Parts:
    """A key URI in pieces, still percent-encoded. ``label`` and ``pairs`` are not printed: the secret is there."""

    kind: str
    label: str = field(repr=False)
    pairs: tuple[tuple[str, str], ...] = field(repr=False)


def split(uri: str, pad: Pad) -> Parts:
    """Type, label and parameters of a key URI.

    Raises:
        UriError: no key URI, more than one, or one of an unknown type.
    """
    clean = tidy(uri, pad)
    scheme, rest = scheme_of(clean, pad)
    if scheme == "steam":
        return _steam(rest, pad)
    if scheme not in ("otpauth", "motp"):
        raise _wrong_scheme(scheme)
    head, _, query = rest.partition("?")
    if "#" in head:  # RFC 3986 section 3.5 would cut here; nobody means that in a label
        pad.add("W_RAW_HASH")
    _raw_characters(head, pad)
    kind, label = ("motp", head) if scheme == "motp" else _kind(head, pad)
    if not query and _QUERY_IN_LABEL.search(head):
        raise UriError(
            "There is no '?' before the parameters, so the secret cannot be told from the label.",
            "Replace the first '&' (the one before 'secret=') by '?' and try again.",
            code="E_NO_SECRET",
        )
    return Parts(kind, label, _pairs(query, pad))


def require_text(text: object) -> None:
    """Refuse what is no text in words (bytes are the usual slip), before anything of it can be quoted.

    Raises:
        UriError: not a ``str``.
    """
    if not isinstance(text, str):
        what = f"A key URI is a text; this is of type '{type(text).__name__}'."
        hint = "Decode it first: data.decode()." if isinstance(text, bytes) else "Hand in a str."
        raise UriError(what, hint, code="E_SCHEME")


def tidy(text: str, pad: Pad) -> str:
    """The text without what clings to it: blanks, quotes, a byte order mark; one layer of encoding taken off.

    Raises:
        UriError: no text at all, longer than any QR code, or several URIs at once.
    """
    require_text(text)
    if len(text) > LONGEST:
        raise UriError("The text is too long for a QR code.", "Hand in the URI alone.", code="E_SCHEME")
    clean = _unwrap(_LONE_SURROGATE.sub("\ufffd", text), pad)
    if len(_START.findall(clean)) > 1:
        raise UriError(
            "The text holds several codes.", "Hand them in one by one, or use intake.take().", code="E_SEVERAL"
        )
    if "?" not in clean and _ENCODED_START.match(clean) and _ENCODED_KEY.search(clean):
        clean = unquote(clean)
        pad.add("W_DOUBLE_ENCODED")
    joined = re.sub(r"[\r\n\t\v\f\u0085\u2028\u2029]+", "", clean)
    if joined != clean:
        pad.add("W_RAW_SPACE")
    return joined


def scheme_of(clean: str, pad: Pad) -> tuple[str, str]:
    """The scheme in small letters, and what follows its slashes. An alien text has none."""
    found = _SCHEME.fullmatch(clean)
    if not found:
        return ("otpauth?" if clean.lower().startswith("otpauth") else ""), clean
    scheme, slashes, rest = found.groups()
    if slashes != "//":
        pad.add("W_SLASHES", scheme=scheme.lower())
    if scheme != scheme.lower():
        pad.add("W_CASE", where=scheme.lower())
    return scheme.lower(), rest


def read(parts: Parts, pad: Pad) -> dict[str, str]:
    """The parameters the format knows, decoded; notes on all others.

    Raises:
        UriError: no secret, or a parameter given twice with different values.
    """
    values: dict[str, str] = {}
    for raw_key, raw_value in parts.pairs:
        key = decoded(raw_key, pad).strip()
        if key.lower() not in PARAMETERS:
            unknown(key.lower(), pad)
            continue
        if key != key.lower():
            pad.add("W_CASE", where=key.lower())
        _keep(values, key.lower(), _value(key.lower(), raw_value, pad), pad)
    if not values.get("secret", "").strip():
        raise UriError(
            "There is no secret in this code.",
            "Ask the service for a new QR code; without its secret no code can be made.",
            code="E_NO_SECRET",
        )
    return {key: value for key, value in values.items() if value.strip()}


def names(label: str, issuer: str, pad: Pad) -> tuple[str, str]:
    """Issuer and account name. ``label`` is still encoded; ``issuer`` is the parameter's value, and wins.

    Key Uri Format, "Label": accountname / issuer (":" / "%3A") *"%20" accountname.
    """
    pieces = label.split(":") if ":" in label else re.split("%3a", label, flags=re.IGNORECASE)
    cuts = [":".join(pieces[:place]) for place in range(1, len(pieces))]
    whole = [decoded(cut, pad).strip() for cut in cuts]
    place = _cut(pieces, whole, issuer) if cuts else 0
    prefix = whole[place - 1] if place else ""
    name = decoded(":".join(pieces[place:]), pad).strip()
    if ":" in prefix or ":" in name:
        pad.add("W_LABEL_COLONS")
    if issuer and prefix and issuer not in (prefix, prefix.replace("+", " ")):
        pad.add("W_ISSUER_MISMATCH")
    return issuer or prefix, name


def decoded(raw: str, pad: Pad) -> str:
    """Percent escapes resolved, as UTF-8; a broken one stays as it stands (RFC 3986 section 2.1)."""
    if _BAD_ESCAPE.search(raw):
        pad.add("W_BAD_PERCENT")
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:  # an old page that encoded as Windows-1252
        pad.add("W_BAD_PERCENT")
        text = unquote(raw, encoding="cp1252")
    if "%25" in raw and _ESCAPE.search(text):
        pad.add("W_DOUBLE_ENCODED")
    return text


def _unwrap(text: str, pad: Pad) -> str:
    clean = text.strip()
    if clean != text:
        pad.add("W_TRAILING_WS")
    bare = clean.strip(_NEVER_IN_A_URI + " \t\r\n\u00a0")
    for left, right in _PAIRS:
        if bare.startswith(left) and bare.endswith(right):
            bare = bare[1:-1].strip()
    if bare != clean:
        pad.add("W_WRAPPED")
    return bare


def _wrong_scheme(scheme: str) -> UriError:
    if scheme == "otpauth-migration":
        what = "This is an export of several accounts, not a single one."
        return UriError(what, "Read it with migration.parse() or intake.take().", code="E_SCHEME")
    hint = "Show the QR code of the page that sets up two-factor sign-in."
    if get_close_matches(scheme, ("otpauth", "motp"), 1, 0.7):
        hint = "It looks like a slip: let the text begin with 'otpauth://' and try again."
    elif scheme in ("http", "https"):
        hint = "It is a web link (it was not opened). " + hint
    return UriError("The text does not begin with 'otpauth://', so it is no account.", hint, code="E_SCHEME")


def _kind(head: str, pad: Pad) -> tuple[str, str]:
    """The type, where a web address has its host, and the label, where it has its path."""
    authority, _, label = head.partition("/")
    if label.startswith("/"):
        pad.add("W_SLASHES", scheme="otpauth")
    kind = unquote(re.sub(r"^[^@]*@|:\d*$", "", authority)).strip()
    if kind != authority:
        pad.add("W_AUTHORITY")
    if kind.lower() not in KINDS:
        raise _wrong_type(kind.lower())
    if kind != kind.lower():
        pad.add("W_CASE", where=kind.lower())
    return kind.lower(), label.lstrip("/")


def _wrong_type(kind: str) -> UriError:
    what = "The type of the code must be 'totp' (changes with time) or 'hotp' (changes with each use)."
    hint = "Ask the service for a new QR code."
    if kind in ("yaotp", "yandex"):
        hint = "This one is Yandex's own; use the Yandex Key app, or nonstandard.yandex_code() with your PIN."
    elif near := get_close_matches(kind, ("totp", "hotp"), 1, 0.7):
        hint = f"It looks like a slip: put '{near[0]}' there and try again."
    elif not kind:
        hint = "It is missing: write 'otpauth://totp/' at the beginning and try again."
    return UriError(what, hint, code="E_TYPE")


def _steam(rest: str, pad: Pad) -> Parts:
    clean = normal_base32(unquote(rest))
    if not clean or not set(clean) <= set(BASE32):
        what = "This is a link of the Steam program, not an account."
        raise UriError(what, "Show the QR code or key of Steam Guard instead.", code="E_SCHEME")
    return Parts("steam", STEAM_LABEL, (("secret", rest),))


def _pairs(query: str, pad: Pad) -> tuple[tuple[str, str], ...]:
    plain = _ENTITY.sub("&", query)
    if plain != query:
        pad.add("W_HTML_ENTITY")
    if set(_SEPARATOR.findall(plain)) - {"&"}:
        pad.add("W_SEPARATOR")
    pieces = _SEPARATOR.split(plain)
    if "" in pieces and query:
        pad.add("W_EMPTY_PARAM")
    pairs = [piece.partition("=")[::2] for piece in pieces if piece]
    if pairs and "#" in pairs[-1][1] and pairs[-1][0].lower() != "issuer":
        pad.add("W_RAW_HASH")  # a fragment behind everything, RFC 3986 section 3.5
        pairs[-1] = (pairs[-1][0], pairs[-1][1].partition("#")[0])
    return tuple(pairs)


def _value(key: str, raw: str, pad: Pad) -> str:
    value = decoded(raw.replace("+", " "), pad)  # '+' is a blank as HTML forms write them; %2B is a plus
    if key == "secret":
        # A second layer can be taken off safely here: base32 has no percent sign.
        return unquote(value)
    if key == "issuer":
        _raw_characters(raw, pad)
        if "+" in raw:
            pad.add("W_PLUS")
        if "#" in raw:
            pad.add("W_RAW_HASH")
    elif not value.strip():
        pad.add("W_EMPTY_PARAM")
    return value


def _keep(values: dict[str, str], key: str, value: str, pad: Pad) -> None:
    if key not in values:
        values[key] = value
        return
    same = normal_base32(values[key]) == normal_base32(value)
    if not same and key != "issuer":  # the issuer is but a name: the first one stays
        what = f"The parameter '{key}' is given twice with different values."
        hint = "Ask the service for a new QR code: only it knows which one it uses."
        raise UriError(what, hint, code="E_DUPLICATE")
    pad.add("W_DUPLICATE")


def _cut(pieces: list[str], whole: list[str], issuer: str) -> int:
    """At which colon the issuer ends: where the parameter says so, else the first that is not a URL's."""
    if issuer in whole:
        return whole.index(issuer) + 1
    return next((place for place in range(1, len(pieces)) if not pieces[place].startswith("//")), 1)


def _raw_characters(raw: str, pad: Pad) -> None:
    if any(char.isspace() for char in raw):
        pad.add("W_RAW_SPACE")
    if not raw.isascii():
        pad.add("W_RAW_UNICODE")
