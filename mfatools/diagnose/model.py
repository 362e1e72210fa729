"""The words the diagnosis is made of: families of causes, sources of codes, what was seen, what explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mfatools.diagnose.matcher import Shape, Stream
from mfatools.diagnose.slips import Slip
from mfatools.totp import Algorithm

# A clock off by less is no trouble of its own: nearly every service takes one step either way.
HARMLESS = 28.0  # s


class Family(StrEnum):
    """What kind of trouble it is, in the spelling of the case collection."""

    OK = "OK"
    PHONE_CLOCK = "PHONE_CLOCK"
    LOCAL_CLOCK = "LOCAL_CLOCK"
    SERVICE_CLOCK = "SERVICE_CLOCK"
    SERVICE_SIDE = "SERVICE_SIDE"
    SERVICE_PARAM = "SERVICE_PARAM"
    MULTI_NODE = "MULTI_NODE"
    WINDOW_EDGE = "WINDOW_EDGE"
    LATE = "LATE"
    STALE_DISPLAY = "STALE_DISPLAY"
    REPLAY = "REPLAY"
    LOCKOUT = "LOCKOUT"
    WRONG_ENTRY = "WRONG_ENTRY"
    SECRET_DIFFERENT = "SECRET_DIFFERENT"
    SECRET_VARIANT = "SECRET_VARIANT"
    PARAM_IGNORED = "PARAM_IGNORED"
    APP_BUG = "APP_BUG"
    CODE_ENTRY = "CODE_ENTRY"
    HOTP_MIXUP = "HOTP_MIXUP"
    HOTP_DESYNC = "HOTP_DESYNC"
    NONSTANDARD = "NONSTANDARD"
    UNKNOWN = "UNKNOWN"


# The service's own troubles.
THEIRS = (Family.SERVICE_SIDE, Family.SERVICE_CLOCK, Family.SERVICE_PARAM, Family.LOCKOUT, Family.MULTI_NODE)


class Mode(StrEnum):
    """How one code that was seen came from its source."""

    FRESH = "the code of that moment"
    OLD = "an old code left on the screen"
    LATE = "read some time before the stated moment"
    MOVED = "from a clock that was set meanwhile"
    SLIP = "changed by a slip"
    PROBE = "made for another moment on purpose"
    CHANCE = "not from this source"


@dataclass(frozen=True, slots=True)
class Source:
    """Where codes may come from: a key and the settings an app may have used. Nothing in ``repr`` is secret.

    ``cause`` names it in the catalogue of words, ``detail`` fills the words' gaps, ``prior`` is its share of all
    cases. ``right`` marks the source that the QR describes; ``family`` is what it means when another one fits.
    ``reach`` is how many seconds either way of the stated time it is looked for.
    """

    cause: str
    family: Family
    prior: float
    key: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.SHA1
    shape: Shape = field(default_factory=Shape)
    step: float = 30
    counter: int | None = None  # HOTP: the counter to begin at
    right: bool = False
    detail: str = ""
    reach: float = 300.0
    wide: bool = False  # look for it at every offset, once the near ones have failed

    @property
    def hotp(self) -> bool:
        """Whether the codes follow a counter of button presses."""
        return self.counter is not None

    def code(self, counter: int) -> str:
        """The decimal code of one counter."""
        (_, number), *_ = self.stream().numbers(counter, counter + 1)
        return str(number % self.shape.modulus).zfill(self.shape.digits)

    def stream(self) -> Stream:
        """The numbers of this key."""
        return Stream(self.key, self.algorithm, self.shape.quirk)


@dataclass(frozen=True, slots=True)
class Seen:
    """A code that was seen, made comparable. ``t`` is true time as far as known, else this computer's."""

    index: int
    t: float
    sd: float
    code: str = field(repr=False)
    delay: float = 6.0
    accepted: bool | None = None
    label: str = ""
    probe: bool = False  # its label says that it was made to try something out
    typed: Slip | None = None
    spaced: bool = False
    foreign: bool = False
    repeats: int | None = None  # another code was typed than shown: that of this earlier one, which was accepted


@dataclass(frozen=True, slots=True)
class Fit:
    """How one seen code is explained: which source, in which mode, at which counter."""

    source: Source | None
    mode: Mode
    counter: int = 0
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One story for all codes, before the service has its say.

    ``weight`` is prior times likelihood. ``low``, ``high`` and ``mean`` are the offset in seconds of the
    generator's clock (``local`` is False) or of this computer's (True), a clock minus true time; ``rate`` is its
    drift in seconds a day.
    """

    fits: tuple[Fit, ...]
    weight: float
    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0
    local: bool = False
    rate: float = 0.0
    common: float = 0.0  # seconds by which phone and computer are wrong alike; nobody measured either
    still: bool = False  # the display stood still at some readings
    apart: bool = False  # groups of codes with different clocks on one device

    @property
    def source(self) -> Source | None:
        """The source of the first code that has one."""
        return next((fit.source for fit in self.fits if fit.source), None)
