"""Apps that show other codes than the QR asks for: which, what they ignore, and who reported it.

``forced`` says what the app does with a setting that it ignores. Sources are public issue threads and one
comparison of apps (labanskoller.se, 2019-07-11); newer releases may have learned better, hence `odds`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class App:
    """What an app is known to ignore: of ``algorithm``, ``digits`` and ``period``."""

    name: str
    words: tuple[str, ...]  # lower case; all must stand in what the person calls the app
    ignores: frozenset[str]
    odds: float  # how likely it is that the person's release still does
    source: str


_ALL = frozenset({"algorithm", "digits", "period"})

APPS = (
    App("Google Authenticator for Android", ("google", "android"), _ALL, 0.8, "google/google-authenticator-android#29"),  # noqa: E501
    App("Google Authenticator", ("google authenticator",), _ALL, 0.6, "google/google-authenticator#696, #521"),
    App("Microsoft Authenticator", ("microsoft",), _ALL, 0.85, "kspearrin/Otp.NET#54, RobThree/TwoFactorAuth.Net#18"),  # noqa: E501
    App("Authy", ("authy",), frozenset({"algorithm", "period"}), 0.7, "RobThree/TwoFactorAuth#54"),
    App("Duo Mobile", ("duo",), _ALL, 0.7, "sec51/twofactor#11"),
    App("Authenticator extension", ("authenticator extension",), frozenset({"algorithm"}), 0.3,
        "Authenticator-Extension/Authenticator#380"),
    App("manual entry", ("manual",), _ALL, 0.3, "settings typed by hand are often left at their defaults"),
)  # fmt: skip

# Bugs of certain apps in how a key is read; the cause's name in the catalogue of words.
KEY_BUGS = {
    "authenticator extension": "bits_padded",  # Authenticator-Extension/Authenticator#1546
    "2fas": "bits_padded",  # twofas/2fas-ios#178
    "browserpass": "key_repeated",  # browserpass/browserpass-extension#410 (otplib 12)
    "otplib": "key_repeated",
    "solo": "key_hashed",  # solokeys/solo2-cli#41
    "aspnetcore.totp": "text_as_key",  # damirkusar/AspNetCore.Totp#7
}

# Apps that keep a time correction of their own, and where to renew it.
CORRECTIONS = {
    "google": "Google Authenticator: Settings > Time correction for codes > Sync now",
    "winauth": "WinAuth: right-click the entry > Sync Time",
    "authenticator extension": "Authenticator extension: Settings > Sync Clock with Google",
    "authy": "Authy: go online once, so that it asks its server for the time again",
}


# How people shorten the names of apps, and what they mean.
_SHORT = (
    (re.compile(r"\b(ms|msft|microsoft)\b[ -]?(auth\w*)?"), "microsoft authenticator"),
    (re.compile(r"\b(google|goog|g)[ -]?auth\w*"), "google authenticator"),
    (re.compile(r"\b(by hand|typed in|hand-typed)\b"), "manual entry"),
)


def known(name: str) -> App | None:
    """The app that a person's words mean, or None."""
    words = plain(name)
    return next((app for app in APPS if all(word in words for word in app.words)), None)


def plain(name: str) -> str:
    """What a person calls an app, in lower case, with short forms spelled out."""
    words = " ".join(name.lower().split())
    for pattern, meant in _SHORT:
        words = pattern.sub(meant, words)
    return words


def key_bug(name: str) -> str:
    """The way of misreading keys that this app is known for, or an empty text."""
    words = plain(name)
    return next((cause for word, cause in KEY_BUGS.items() if word in words), "")


def correction(name: str) -> str:
    """Where this app's own time correction is renewed, or an empty text."""
    words = plain(name)
    return next((where for word, where in CORRECTIONS.items() if word in words), "")
