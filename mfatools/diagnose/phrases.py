"""What is said of a cause, and the sentences that several causes share."""

from __future__ import annotations

from dataclasses import dataclass

RFC6238 = "https://www.rfc-editor.org/rfc/rfc6238#section-"
RFC4226 = "https://www.rfc-editor.org/rfc/rfc4226#section-"
RFC4648 = "https://www.rfc-editor.org/rfc/rfc4648#section-"
ISSUE = "https://github.com/"

PROBE = (
    "Send the probe codes below; the one that is accepted shows where the fault lies."  # only where there are any
)
CLOCK = "clock"  # a remedy step that stands for "set this device's clock", by platform


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one cause."""

    title: str
    says: str
    remedy: tuple[str, ...]
    link: str
    rules_out: str = ""


KEY_FINE = "The key and the settings are right: there is no need to scan again."
CLOCK_FINE = "The phone's clock is right: do not change it."
SCAN = "Delete the entry and scan the QR code again (or copy the key instead of typing it)."
AGAIN = "Then try one fresh code."
SET_UP = "If you cannot get in, use a recovery code, then set up two-factor again."
