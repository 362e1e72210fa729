"""Words about clocks: of the phone, of the app, of this computer."""

from __future__ import annotations

from mfatools.diagnose.phrases import AGAIN, CLOCK, ISSUE, KEY_FINE, RFC6238, Words

CLOCKS: dict[str, Words] = {
    "clock_off": Words(
        "The phone's clock is wrong",
        "The clock that makes the codes is {offset}.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "clock_edge": Words(
        "The phone's clock is a little off, and the service is strict",
        "The clock that makes the codes is {offset}; the service takes no code of the step before or after.",
        (CLOCK, "Until then, wait 10 to 15 seconds after a new code has appeared before you type it."),
        RFC6238 + "5.2",
        KEY_FINE,
    ),
    "clock_zone": Words(
        "The phone's time zone or summer time is wrong",
        "The clock that makes the codes is {offset}: off by {zone}, as it is when the time of day looks right "
        "but the zone or summer time does not, or when a program takes local time for UTC.",
        (
            "Check the device's time zone and summer time setting, not only the time of day that it shows.",
            CLOCK,
            "If a script makes the codes: give it POSIX seconds or a time with its zone "
            "(pyotp before 2.11.1 is wrong in the hour that is repeated when summer time ends).",
            AGAIN,
        ),
        ISSUE + "pyauth/pyotp/issues/57",
        KEY_FINE,
    ),
    "clock_date": Words(
        "The phone's date is wrong",
        "The clock that makes the codes is {offset}: the date was set by hand.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "clock_stopped": Words(
        "The clock stopped for a while",
        "The clock that makes the codes is {offset}: typical of a computer, container or virtual machine that "
        "slept.",
        ("Restart the container, the virtual machine or WSL (wsl --shutdown).", CLOCK, AGAIN),
        ISSUE + "microsoft/WSL/issues/10006",
        KEY_FINE,
    ),
    "clock_stands": Words(
        "The clock that makes the codes has stopped",
        "The code did not change when it should have: the clock that the app goes by had stopped.",
        ("Check whether the device's own clock runs: does it show the right minute, and then the next?",
         "Restart the device, the container or the virtual machine.", CLOCK, AGAIN),
        ISSUE + "microsoft/WSL/issues/10006",
        KEY_FINE,
    ),
    "clock_gps": Words(
        "GPS week rollover",
        "The clock that makes the codes is 1024 weeks behind: its GPS receiver counts weeks with ten bits.",
        ("Take the time from the network instead of from GPS.", CLOCK),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "clock_reset": Words(
        "The clock was reset",
        "The clock that makes the codes has started again from its first date: its battery is empty.",
        ("Set date and time, and have the battery replaced.", AGAIN),
        ISSUE + "linuxboot/heads-wiki/issues/103",
        KEY_FINE,
    ),
    "clock_far": Words(
        "The clock is far off",
        "The clock that makes the codes is {offset}.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "clock_drifts": Words(
        "The phone's clock drifts",
        "The clock that makes the codes is {offset} by now, and its error grows by {rate} a day: "
        "automatic time is off.",
        (CLOCK, "Setting it once will not last: automatic time must stay on. A hardware token is resynchronised "
         "by the service, with two codes in a row."),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "clock_moved": Words(
        "The phone's clock was set in between",
        "The codes come from a clock that changed between one reading and the next: for a part of them it was "
        "{offset}.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "common_clock": Words(
        "The phone and the computer are both wrong",
        "The phone's clock is {offset}, and so is this computer's: both have it from the same bad source.",
        ("Correct the source that both follow (router, company time server), not the app.", CLOCK, AGAIN),
        ISSUE + "beemdevelopment/Aegis/issues/785",
        KEY_FINE,
    ),
    "runs_here": Words(
        "This computer's clock is wrong",
        "The clock that makes the codes is {offset}, and this computer is {local}: it is the same clock, if the "
        "program runs here.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "own_correction": Words(
        "The app's own time correction is wrong",
        "One app is {offset} while another on the same device is right: the app keeps a correction of its own.",
        ("{correction}", AGAIN),
        ISSUE + "google/google-authenticator-android",
        "The phone's clock is right.",
    ),
    "one_device_off": Words(
        "One of the devices has a wrong clock",
        "The codes come from two clocks, and one of them is {offset}.",
        (CLOCK, AGAIN),
        RFC6238 + "6",
        KEY_FINE,
    ),
    "local_clock": Words(
        "This computer's clock is wrong",
        "This computer is {local}; the phone is right.",
        (CLOCK,),
        RFC6238 + "6",
        "The phone's clock and the key are right: leave the phone alone.",
    ),
    "checked_here": Words(
        "This computer's clock is wrong, and the page checks the code here",
        "The phone is right, but this computer is {local}. Some set-up pages check the code in the browser, "
        "and programs that run here check it too, by this computer's clock.",
        (CLOCK, "Reload the set-up page, scan its QR code and try again."),
        ISSUE + "ente/ente/issues/2846",
        "The phone's clock and the key are right.",
    ),
}  # fmt: skip
