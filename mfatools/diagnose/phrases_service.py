"""Words about the service, about time and about typing; and when all is well."""

from __future__ import annotations

from mfatools.diagnose.phrases import CLOCK_FINE, ISSUE, KEY_FINE, PROBE, RFC4226, RFC6238, SET_UP, Words

_SCREEN = Words(
    "An old code was on the screen",
    "The code was right a while before it was read; the app was still showing it.",
    ("Wait until the app shows a new code, or close and open the app.", "Type the new code at once."),
    ISSUE + "google/google-authenticator/issues/276",
    "The clock and the key are right.",
)

SERVICES: dict[str, Words] = {
    "ok": Words(
        "Everything works",
        "The codes are the right ones, and the clock is right within a step.",
        (),
        RFC6238 + "5.2",
        "Key, settings and clock agree with the QR code.",
    ),
    "ok_counter": Words(
        "Everything works",
        "The codes are the right ones, and their counter is one that the service takes.",
        (),
        RFC4226 + "7.2",
        "Key, settings and counter agree with the QR code; clocks play no part.",
    ),
    "works_with_other_settings": Words(
        "It works, though not as the QR code says",
        "The app uses {detail}, and the service accepts it.",
        ("Nothing needs to be done. Another app that honours the QR's settings may be refused.",),
        RFC6238 + "1.2",
    ),
    "service_clock": Words(
        "The service's clock is wrong",
        "The codes are right; the service seems to be {service}.",
        (
            "Tell the administrator: the server's clock must be synchronised (NTP).",
            "Until then: {workaround}",
        ),
        RFC6238 + "6",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "service_dead": Words(
        "The codes are right; the service refuses them",
        "Phone, key and clock agree with the QR code. The fault lies with the service: its clock, the secret it "
        "holds for you, its settings, a lock after too many tries, or another account of yours.",
        (
            "Make sure that you sign in to the account that this QR code belongs to.",
            "Wait a quarter of an hour without trying, then try one fresh code.",
            PROBE,
            "Tell the administrator that the codes are right. " + SET_UP,
        ),
        RFC6238 + "5.2",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "service_dead_counter": Words(
        "The codes are right; the service refuses them",
        "Phone, key and counter agree with the QR code. The fault lies with the service: the secret it holds for "
        "you, its settings, a counter of its own, a lock after too many tries, or another account of yours.",
        (
            "Make sure that you sign in to the account that this QR code belongs to.",
            "Wait a quarter of an hour without trying, then try one fresh code.",
            "Ask the service to resynchronise, with two codes in a row. " + SET_UP,
        ),
        RFC4226 + "7.4",
        KEY_FINE + " Clocks play no part.",
    ),
    "replay_counter": Words(
        "The code was used before",
        "This code, or a newer one, was accepted already; a service must not take one twice.",
        ("Press for the next code.",),
        RFC4226 + "7.2",
        KEY_FINE + " Clocks play no part.",
    ),
    "lockout_counter": Words(
        "Locked out for a while",
        "Right codes are refused because of tries before them: the service slows down guessing.",
        ("Do not try again for a quarter of an hour.", "Then try one fresh code, typed with care."),
        RFC4226 + "7.3",
        KEY_FINE + " Clocks play no part.",
    ),
    "service_died_counter": Words(
        "The service has changed its mind",
        "Right codes were accepted first and are refused now: the service has lost or changed its secret, or "
        "locks you out for a while.",
        ("Wait a quarter of an hour, then try one fresh code.", "Tell the administrator. " + SET_UP),
        ISSUE + "mosamlife/wpmgr/issues/215",
        KEY_FINE + " Clocks play no part.",
    ),
    "service_other_secret": Words(
        "The service holds another secret",
        "Phone, key and clock agree with the QR code, but the code that the service expected does not: it holds "
        "another key for you, or you sign in to another account; unless that code was copied with a slip.",
        ("Read the code that the service expected once more with care.",
         "Make sure that you sign in to the account that this QR code belongs to.",
         "Tell the administrator which code the service expected. " + SET_UP),
        ISSUE + "mosamlife/wpmgr/issues/215",
        CLOCK_FINE,
    ),
    "service_misreads": Words(
        "The service reads its own key wrongly",
        "Phone, key and clock agree with the QR code. The code that the service expected tells that it "
        "{misreading}.",
        ("Report it to the service: no app can make the codes that it expects.",),
        ISSUE + "damirkusar/AspNetCore.Totp/issues/7",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "service_died": Words(
        "The service has changed its mind",
        "Right codes were accepted first and are refused now: the service has lost or changed its secret, or "
        "locks you out for a while.",
        ("Wait a quarter of an hour, then try one fresh code.", "Tell the administrator. " + SET_UP),
        ISSUE + "mosamlife/wpmgr/issues/215",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "lockout": Words(
        "Locked out for a while",
        "Right codes are refused because of earlier wrong tries: this is how the service slows down guessing.",
        ("Do not try again for a quarter of an hour.", "Then try one fresh code, typed with care."),
        RFC4226 + "7.3",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "lockout_over": Words(
        "Locked out for a while",
        "Right codes were refused because of tries before them: the service slows down guessing. The lock is over: "
        "a code was accepted since.",
        ("Next time, after a few refusals, wait a quarter of an hour before you try again.",),
        RFC4226 + "7.3",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "nodes": Words(
        "Several servers that do not agree",
        "Right codes are accepted and refused in turn: one of several servers has a wrong clock or old data.",
        ("Try again; another server may answer.", "Tell the administrator to compare the clocks of the servers."),
        ISSUE + "opnsense/core/issues/2356",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "edge": Words(
        "At the edge of the code's time",
        "The code was right when it was read and was refused within seconds of a change: this service takes no "
        "code of the step before or after.",
        ("Type the code early in its time: wait for a new one, then type it at once.",),
        RFC6238 + "5.2",
        KEY_FINE,
    ),
    "typed_late": Words(
        "Typed too late",
        "The code was right when it was read and too old when it was sent.",
        ("Wait for a new code and send it within 20 seconds.",),
        RFC6238 + "5.2",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "read_late": Words(
        "The code was older than stated",
        "The code was right a short while before the stated moment.",
        ("Wait for a new code and send it within 20 seconds.",),
        RFC6238 + "5.2",
        KEY_FINE,
    ),
    "stale": _SCREEN,
    "frozen": Words(
        "The app's display is frozen",
        "The same code was still shown when it should have changed: the app does not refresh it.",
        ("Close the app and open it again, then check whether the code changes when its time is up.",
         "Update the app, or use another one for now.", "Type the new code at once."),
        ISSUE + "google/google-authenticator/issues/276",
        KEY_FINE + " Scanning the QR code again would not help.",
    ),
    "replay": Words(
        "The code was used before",
        "This code, or a newer one, was accepted already; a service must not take one twice.",
        ("Wait for the next code.",),
        RFC6238 + "5.2",
        KEY_FINE + " " + CLOCK_FINE,
    ),
    "unknown": Words(
        "No explanation fits",
        "Nothing we know of explains these codes.",
        ("Check that this is the right QR code and the right entry.", "Read two codes in a row with care."),
        RFC6238 + "4",
    ),
    "no_codes": Words(
        "No code was given yet",
        "There is no code to compare with the key, so nothing can be said yet.",
        (
            "Read the code that the phone shows now, and note the time to the second.",
            "Read one more after it has changed: two codes tell a wrong clock from another key.",
            "Say of each whether the service accepted it.",
        ),
        RFC6238 + "4",
    ),
    "service_settings_ignored": Words(
        "The service uses other settings than its QR code says",
        "The service accepts codes with {detail}, and refuses those its own QR code asks for.",
        ("Enter the key by hand with the settings that the service accepts.", "Report it to the service."),
        ISSUE + "samdjstevens/java-totp/issues/67",
        CLOCK_FINE,
    ),
    "service_text_as_key": Words(
        "The service reads its own key wrongly",
        "The service accepts codes of the key's text instead of its decoded bytes.",
        ("Report it to the service.",),
        ISSUE + "damirkusar/AspNetCore.Totp/issues/7",
        CLOCK_FINE,
    ),
    "slip": Words(
        "The code was mistyped",
        "The code differs from the right one: {slip}.",
        ("Read the code again, and type the next one with care.",),
        RFC4226 + "5.4",
        "The clock and the key are right.",
    ),
    "zero": Words(
        "A leading zero was lost",
        "The code is right except for its leading zero, which was dropped somewhere.",
        ("Type all digits, zeros included. In a program: keep codes as text, never as numbers.",),
        ISSUE + "Spomky-Labs/otphp/issues/27",
        "The clock and the key are right.",
    ),
    "dress": Words(
        "The service does not take the code as it was typed",
        "The code is right, but it was sent with {slip}.",
        ("Type the plain digits 0 to 9, without spaces.",),
        ISSUE + "andOTP/andOTP/issues/359",
        "The clock and the key are right.",
    ),
}  # fmt: skip
