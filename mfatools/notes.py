"""Notes: what was out of the ordinary in something that could still be read.

A `Note` has a stable code (``W_...``), which ``--json`` prints, and plain words for people. All the words stand in
one table here, so that they can be translated. None of them quotes a secret.
"""

from __future__ import annotations

from dataclasses import dataclass

# Facts in the words below (all from GitHub issues, named as repository#number):
# - who ignores SHA-256 and SHA-512: Microsoft Authenticator and Authy (RobThree/TwoFactorAuth#54 in 2020,
#   BrandonPotter/GoogleAuthenticator#198 in 2024; Microsoft also kspearrin/Otp.NET#54), Duo
#   (google/google-authenticator-android#29, sec51/twofactor#11), Google Authenticator on Android until about 2023
#   (google/google-authenticator#696, privacyidea/privacyidea#3311); since then it obeys (keycloak/keycloak#27349);
# - who ignores digits: Microsoft Authenticator (puddly/android-otp-extractor#33; unchanged in 2024:
#   keycloak/keycloak#27351), Google Authenticator on Android in older versions
#   (jazzband/django-two-factor-auth#184, RobThree/TwoFactorAuth#36);
# - who ignores period: Google Authenticator on Android (google/google-authenticator#521,
#   andry08/ArubaOTP-seed-extractor#21 in 2023), Microsoft Authenticator (RobThree/TwoFactorAuth.Net#18);
# - key length: RFC 4226 section 4, R6; left-over bits of base32: RFC 4648 section 3.5.
WORDS = {
    "W_ALG_ALIAS": "The algorithm is written in an unusual way and was read as {algorithm}; some apps refuse it.",
    "W_ALG_COMPAT": (
        "This entry asks for {algorithm}. Microsoft Authenticator, Authy, Duo and older versions of Google "
        "Authenticator are known to use SHA1 all the same; the service then refuses their codes."
    ),
    "W_AUTHORITY": "The part after '://' holds something that does not belong there; it was ignored.",
    "W_BAD_PERCENT": "A percent sign in a name is not a valid escape; the name may look odd, the codes are right.",
    "W_BARE_KEY": "This is only a key; the usual settings are assumed (time-based, SHA1, 6 digits, 30 seconds).",
    "W_BASE64URL": "The data is written in the URL alphabet of base64; it was read anyway.",
    "W_BATCH_INCOMPLETE": (
        "This is code {number} of {size} of an export: the other accounts are in the other codes. Scan those too."
    ),
    "W_BATCH_NUMBERS": (
        "The numbers by which this code counts the codes of its export make no sense, so nobody knows whether "
        "there are more of them."
    ),
    "W_CASE": "Capital and small letters are mixed up in '{where}'; some apps refuse that.",
    "W_CONTROL_CHARS": "Invisible control characters were taken out of a name.",
    "W_COUNTER_MISSING": "The counter is missing, so 0 is assumed. If codes are refused, ask the service for it.",
    "W_DIGITS_COMPAT": (
        "This entry asks for codes of {digits} digits. Microsoft Authenticator and older versions of Google "
        "Authenticator are known to show 6 all the same; the service then refuses them."
    ),
    "W_DOUBLE_ENCODED": "Part of the text was percent-encoded twice, or looks like it; a name may look odd.",
    "W_DUPLICATE": "Something is given twice; one of the two was kept.",
    "W_EMPTY_PARAM": "A parameter is empty; it was left out.",
    "W_ENTRY_SKIPPED": "Entry {number} of this export was left out: {why}",
    "W_ESCAPED": "Backslashes, as programs write them in JSON, were taken out.",
    "W_HTML_ENTITY": "'&amp;' was copied out of a web page's source; it was read as '&'.",
    "W_IGNORED_PARAM": "'{name}' means nothing for this type of entry and was ignored.",
    "W_IN_LINK": (
        "The code stood inside a web link (it was not opened); the site that the link leads to may know the secret."
    ),
    "W_ISSUER_MISMATCH": "Two different issuers are given; the one in the parameter 'issuer' was kept.",
    "W_LABEL_COLONS": "The label holds several colons, so where the issuer ends is a guess; the codes are right.",
    "W_LABEL_EMPTY": "The account has no name; Google Authenticator on Android refuses such a code.",
    "W_LIKE_PARAM": (
        "'{name}' is no parameter of the format, so it was not followed; perhaps '{meant}' is meant. "
        "If codes are refused, ask the service for that setting."
    ),
    "W_NO_ISSUER": "The entry does not say which service it belongs to; give it a name that you will know again.",
    "W_NONSTANDARD_TYPE": "This type of entry is outside the key URI format; only some apps know it.",
    "W_NUMBER": "The number for '{name}' is written in an unusual way and was read as {value}.",
    "W_PERIOD_COMPAT": (
        "This entry asks for a new code every {step} seconds. Google Authenticator on Android and Microsoft "
        "Authenticator are known to change it every 30 all the same; the service then refuses their codes."
    ),
    "W_PIN_NEEDED": "Codes of this entry are made with a PIN, which is not in the QR code.",
    "W_PLUS": "A '+' in the issuer was read as a space; some apps show the plus sign.",
    "W_RAW_HASH": "The text has a '#' where '%23' belongs; some apps cut the text off there.",
    "W_RAW_SPACE": "The text has spaces or line breaks where '%20' belongs; iPhones may refuse it.",
    "W_RAW_UNICODE": "The text has letters that should have been encoded; some apps refuse it or garble the name.",
    "W_SECRET_LENGTH": (
        "A key cannot have {length} characters: one was probably lost. Compare the key with the set-up page."
    ),
    "W_SECRET_LONG": "The key is longer than {limit} bytes; some apps and hardware keys refuse it.",
    "W_SECRET_LOWER": "The key is in small letters; it was read as capitals, as nearly all apps do.",
    "W_SECRET_PADDING": "The key ends in '='; some apps (Google Authenticator on iPhones, Authy) refuse that.",
    "W_SECRET_SHORT": "The key has {bits} bits; the standard asks for 128 or more. The codes work all the same.",
    "W_SECRET_SPACES": "Spaces or hyphens in the key were left out.",
    "W_SECRET_TRAILING_BITS": (
        "The key's last character carries bits that belong to no byte, and apps disagree about them. "
        "They were dropped, as Google Authenticator does."
    ),
    "W_SEPARATOR": "The parameters are not separated by '&'; each was read from where it begins.",
    "W_SEVERAL": "The text holds {count} codes; {done}.",
    "W_SLASHES": "There are too few or too many slashes after '{scheme}:'; some apps refuse that.",
    "W_STEAM_ISSUER": (
        "The issuer is Steam, so {kept} are used. Apps differ: some show 5 letters and digits (Steam's own), "
        "others 6 digits. If Steam refuses the code, the other kind is right."
    ),
    "W_TRAILING_WS": "Spaces or line breaks around the text were left out.",
    "W_UNKNOWN_PARAM": "A parameter that the format does not know was ignored.",
    "W_UNSPECIFIED": "The export leaves settings open; the usual ones are assumed (time-based, SHA1, 6 digits).",
    "W_WRAPPED": "Quotes, brackets or other text around the code were left out.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: ``code`` is stable (``W_...``), ``text`` is for people and holds no secret."""

    code: str
    text: str


_MEANT = {  # names of settings that other formats and careless programs use, and the key URI's own
    **dict.fromkeys(("algo", "alg", "hash", "digest", "hashalgorithm"), "algorithm"),
    **dict.fromkeys(("digit", "length", "codelength"), "digits"),
    **dict.fromkeys(("step", "interval", "timestep", "time_step", "timeperiod"), "period"),
    **dict.fromkeys(("count", "initial_count", "initialcounter", "movingfactor"), "counter"),
}


class Pad:
    """Where notes are collected while something is read; each code stands on it once."""

    __slots__ = ("_notes",)

    def __init__(self) -> None:
        self._notes: dict[str, Note] = {}

    def add(self, code: str, **facts: object) -> None:
        """Write the note ``code`` down, with ``facts`` put into its words. A second one of its kind is dropped."""
        self._notes.setdefault(code, Note(code, WORDS[code].format(**facts)))

    def taken(self) -> tuple[Note, ...]:
        """All notes in the order they were written."""
        return tuple(self._notes.values())


def unknown(name: str, pad: Pad) -> None:
    """Note a parameter that the format does not know; by its name only if it is one that we know (else it may be
    a piece of the secret)."""
    if name in _MEANT:
        pad.add("W_LIKE_PARAM", name=name, meant=_MEANT[name])
    else:
        pad.add("W_UNKNOWN_PARAM")
