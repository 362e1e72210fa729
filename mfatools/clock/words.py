"""Every word that a check of the clock says to people, in one place, so that it can be translated or mended.

Nothing is computed here. Braces are filled by ``verdict.py``.
"""

from __future__ import annotations

from mfatools.ntp import Why

WHY: dict[Why, str] = {
    Why.MALFORMED: "what it sent is not an answer in this protocol",
    Why.NOT_OURS: "what came from its address did not answer our question (torn, forged or late)",
    Why.MODE: "it answered in the wrong mode, not as a server",
    Why.VERSION: "it answered in a protocol version that we did not ask in",
    Why.KISS: "it asked us to go away (Kiss-o'-Death)",
    Why.NO_TIME: "it says itself that it does not know the time",
    Why.AUTH: "it refused to vouch for its answer (crypto-NAK)",
    Why.ZERO_STAMP: "its answer lacks a time stamp",
    Why.ORDER: "its time stamps are not in order",
    Why.DISTANCE: "it says itself that it may be seconds off",
    Why.STALE: "its own clock has not been set for a day and a half",
    Why.FUTURE: "it claims to have been set in the future",
    Why.SILENT: "no answer (a firewall may block it)",
    Why.NOT_AWAITED: "not waited for: the others had agreed",
    Why.REFUSED: "nothing listens there (refused)",
    Why.NO_NAME: "its name was not found",
    Why.SAME: "it is the same machine as another one named here, and has one vote",
    Why.UNREACHABLE: "there is no way to it from this network",
    Why.DISAGREES: "contradicts the others",
    Why.INCONSISTENT: "contradicts itself from one answer to the next",
    Why.NO_DATE: "its answer has no readable date",
    Why.CACHED: "the answer came from a cache, with an old date",
    Why.REDIRECT: "another site answered in its place (a login page of this network?)",
    Why.STANDS_STILL: "its date stands still",
    Why.TLS: "its certificate could not be verified",
    Why.TLS_DATE: "its certificate is not valid at this computer's date, so that date may be far off",
}

FINE = "This computer's clock is right: {amount} {sign}, give or take {bound}{agreed}."
FINE_ZERO = "This computer's clock is right, give or take {bound}{agreed}."
CLOSE = "This computer's clock is close enough for most services: {amount} {sign}, give or take {bound}{agreed}."
WRONG = "This computer's clock is {amount} {sign}, give or take {bound}{agreed}."
UNSURE = "This computer's clock seems {amount} {sign}, but give or take {bound}, too wide to be sure{agreed}."
NO_MAJORITY = "The time could not be found out: the time servers contradict each other, and no majority agrees."
NO_SENSE = "The time could not be found out: what answered contradicts itself."
NO_ANSWER = "The time could not be found out: no time server answered."
NO_USE = "The time could not be found out: nobody who was asked gave a usable answer."
SLOW, FAST = "slow", "fast"
AGREED = ", agreed by {true} of {all} {kind}"
UNUSED = " ({parts})"
UNUSED_FALSE, UNUSED_FALSES = "1 contradicts them", "{n} contradict them"
UNUSED_SILENT = "{n} gave no usable answer"
UNUSED_LATE = "{n} not waited for"
BELIEVED, UNCOMPARED = "agrees", "the only one heard"
ALONE = ", says the only one of {all} {kind} that answered"
KINDS = {"ntp": "time servers", "https": "web servers"}
ONE_KIND = {"ntp": ", says one time server", "https": ", says one web server"}

ON_STEP = "Codes made here are mostly the right ones."
OFF_STEP = "Codes made here are about {steps} {unit} of {step:g} s {when}."
STEP, STEPS, LATE, EARLY = "step", "steps", "late", "early"
REFUSED = (
    "Typed in the usual ten seconds, {usual} of them would be refused by most services (those that also accept the "
    "code before and the one after), {behind} by those that accept only the one before, and {strict} by those that "
    "accept neither ({floor} even with a perfect clock)."
)
SLOW_HURTS = "A slow clock hurts sooner than a fast one, because the time spent typing is added to it."

STRICT_HURTS = (
    "A service that accepts neither refuses about {times} times as many codes as it would with a perfect clock: "
    "to be safe there too, correct the clock."
)

NOTE_ALONE = "Only one source answered, so nothing could confirm it. Name more servers to be sure."
NOTE_FEW = (
    "Of {all} that were asked, this rests on {true}: should these err alike, nobody would have noticed. "
    "To be surer, check again from another network."
)
NOTE_LIARS = "Not believed: {names}."
NOTE_SPLIT = "They say: {names}."
NO_SIDE = "others contradict it, and no majority agrees"
NOTE_NO_NETWORK = "No server's name was found: this machine seems to have no network or no name server."
NOTE_NO_SUCH_NAME = (
    "That name was not found. Check its spelling; if it is right, this machine has no network or no name server."
)
NOTE_SHUT_IN = (
    "That says nothing about this clock, which may well be right: this network seems to "
    "block requests for the time, as the firewalls of companies and schools often do, or it is not connected."
)
NOTE_REFUSED = (
    "That says nothing about this clock. Either nothing listens at the address that was asked (check the name and "
    "the port), or a firewall turns the question away."
)
NOTE_STEPPED = "This computer's clock was set by {amount} while it was measured; check again."
NOTE_STOPPED = "This computer's clock stands still: it did not move while it was measured."
NOTE_SMEAR = (
    "{smearing} smear leap seconds and {others} do not: "
    "on the day of a leap second they differ by up to half a second."
)
NOTE_ZONE = (
    "The difference is almost a whole number of half hours. The usual cause: the hour was set by hand instead of "
    "the time zone, or two operating systems share this computer."
)
NOTE_YEARS = "A clock that is years off has usually lost its battery or is still at its factory date."
NOTE_SLEPT = (
    "This computer slept for {amount} since it was started, which is about the difference: "
    "its clock stood still meanwhile."
)
NOTE_BLOCKED = (
    "NTP got no answer, so the time comes from the dates of web servers, which is coarser but enough for codes."
)
NOTE_TLS = "Certificates were refused for their dates, which is what happens when this computer's date is far off."

NOTHING_TO_DO = (
    "Nothing to do here. If codes made on this computer are refused all the same, its clock is not the reason; "
    "if they come from a phone, check the phone's clock.",
)
SET_DATE = ("Check this computer's date, and set it by hand if it is wrong: that is why certificates are refused.",)
LOG_IN = (
    "Open any web page in a browser. If this network shows a login page instead, log in there, then check again.",
)
RETRY = (
    "Compare with a clock that is set by radio or network, such as a phone's: if they differ by only a few "
    "seconds, codes are fine.",
    "Check again in a minute, ideally from another network (a phone's hotspot).",
)
OWN_SERVER = (
    "If your company or school runs a time server, name it: check_clock(['server.example']) in a cell, or "
    "mfatools clock --server HOST in a terminal."
)
PHONE = (
    "If the codes come from a phone, it is the phone's clock that matters: set its date and time to automatic.",
)

REMEDY: dict[str, tuple[str, ...]] = {
    "windows": (
        "Open Settings, Time & language, Date & time.",
        "Switch on 'Set time automatically' and press 'Sync now'.",
        "If that fails, in a terminal as administrator: net start w32time, then w32tm /resync",
    ),
    "macos": (
        "Open System Settings, General, Date & Time.",
        "Switch 'Set time and date automatically' off and on again; the source is time.apple.com.",
        "Or in Terminal: sudo sntp -sS time.apple.com",
    ),
    "chrony": (
        "Look at its state: chronyc tracking and chronyc sources",
        "Let it set the clock at once: sudo chronyc makestep",
        "If it has no sources: check the server and pool lines of chrony.conf, then sudo systemctl restart chrony",
    ),
    "ntpd": (
        "Look at its state: ntpq -p",
        "Set the clock at once: stop the service, run sudo ntpd -gq, start the service.",
    ),
    "timesyncd": (
        "Switch it on: sudo timedatectl set-ntp true",
        "Look at its state: timedatectl timesync-status",
        "If it stays off: sudo systemctl restart systemd-timesyncd; a firewall must let UDP port 123 out.",
    ),
    "linux": (
        "Install a time service, for example chrony or systemd-timesyncd, from your distribution's packages.",
        "Switch it on: sudo timedatectl set-ntp true",
    ),
    "wsl": (
        "WSL's clock falls behind while Windows sleeps. Set it again: sudo hwclock -s",
        "Or, in Windows: wsl --shutdown, then open it again. A newer WSL (wsl --update) does this by itself.",
        "If Windows itself is wrong: Settings, Time & language, Date & time, 'Sync now'.",
    ),
    "container": (
        "A container has no clock of its own: it shows the host's. Correct the clock there.",
        "With Docker Desktop on Windows or macOS, restart it: its machine falls behind while the computer sleeps.",
    ),
    "vm": (
        "A virtual machine's clock stops while it is paused. Switch on time synchronisation in its guest tools.",
        "And let a time service run inside: sudo timedatectl set-ntp true",
    ),
    "colab": ("This notebook runs on a machine of Google Colab: its clock is not yours to set, and need not be.",),
    "binder": ("This notebook runs on a machine of Binder: its clock is not yours to set, and need not be.",),
    "hub": ("This notebook runs on a JupyterHub: its clock is not yours to set. Tell the people who run the hub.",),
    "other": ("Turn on automatic date and time in this system's settings.",),
}

SYSTEM_ON = "The system says: the clock is kept by {by}{source}{since}."
SYSTEM_OFF = "The system says: the clock is not kept in time ({by})."
SYSTEM_ALONE = "The system says: {by} runs, but follows only this computer's own clock, so nothing corrects it."
SYSTEM_UNKNOWN = "This system does not say whether something keeps its clock right."
SOURCE, SINCE = " from {source}", ", last set {since}"

DRIFT = (
    "Against true time this clock {way} {ppm:.1f} millionths, give or take {doubt:.1f} "
    "({per_day:.2f} s a day, give or take {doubt_per_day:.2f} s)."
)
NO_DRIFT = "No drift is to be seen yet (it is less than {most:.0f} millionths, {most_per_day:.1f} s a day)."
TOO_EARLY = "It is too early to tell whether it drifts."
NOBODY_LEFT = "The watch ends: every server asked us to go away."
GAINS, LOSES = "gains", "loses"
JUMPED = "This computer's clock jumped by {amount} since the last look."
STOOD = "This computer's clock stood still for {amount} since the last look, as in sleep."
