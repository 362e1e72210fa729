"""The errors of mfatools, one small tree.

::

    MfaError                    everything that this package raises on purpose
    +-- SecretError             a key that cannot be read: wrong alphabet, empty
    +-- UriError                an otpauth:// or otpauth-migration:// text against the rules
    +-- PictureError            a file that is no picture, or one that cannot be opened safely
    +-- EngineError             no QR engine works on this machine
    +-- TimeSourceError         a time server's address or answer that cannot be used
    +-- CaseError               a field of a diagnosis case that is missing or malformed

Every error has two sentences: ``what`` is wrong and ``hint``, what to do about it. ``code`` is the
stable name that ``--json`` prints (``E_...``). No error quotes a secret, a QR text or a typed code.
"""

from __future__ import annotations


class MfaError(Exception):
    """Base of all errors of this package.

    Args:
        what: one sentence that says what is wrong. It never quotes secret material.
        hint: one sentence that says what to do.
        code: a stable name such as ``"E_SECRET_CHAR"``.
    """

    def __init__(self, what: str, hint: str = "", *, code: str = "E_BAD_INPUT") -> None:
        super().__init__(f"{what} {hint}".strip())
        self.what = what
        self.hint = hint
        self.code = code


class SecretError(MfaError, ValueError):
    """A key that cannot be read."""


class UriError(MfaError, ValueError):
    """A text against the rules of its URI scheme."""


class PictureError(MfaError, ValueError):
    """Bytes that are no picture we can open safely."""


class EngineError(MfaError, RuntimeError):
    """No QR engine works on this machine."""


class TimeSourceError(MfaError, ValueError):
    """A time source that cannot be used."""


class CaseError(MfaError, ValueError):
    """A field of a diagnosis case that is missing or malformed."""
