"""Words about keys, entries, settings and schemes, and about bugs of apps."""

from __future__ import annotations

from mfatools.diagnose.phrases import CLOCK_FINE, ISSUE, RFC4226, RFC4648, RFC6238, SCAN, Words

KEYS: dict[str, Words] = {
    "wrong_entry": Words(
        "The code belongs to another entry",
        "The codes come from the entry {detail}, not from the one this QR code belongs to.",
        ("Use the entry of this QR code.", "If the other is an old one of the same account, delete it."),
        ISSUE + "google/google-authenticator/issues/659",
        CLOCK_FINE,
    ),
    "second_qr": Words(
        "The code belongs to the other QR code",
        "The phone holds the key of the other QR code: the page was loaded twice and made a new key.",
        ("Delete the entry on the phone.", "Scan the QR code that the page shows now, and do not reload the page."),
        ISSUE + "keycloak/keycloak/issues/26052",
        CLOCK_FINE,
    ),
    "second_qr_after": Words(
        "The page has since made a new QR code",
        "The codes are those of the first QR code; the service probably goes by the second.",
        ("Delete the entry on the phone.", "Scan the QR code that the page shows now, and do not reload the page."),
        ISSUE + "keycloak/keycloak/issues/26052",
        CLOCK_FINE,
    ),
    "other_key_accepted": Words(
        "This QR code is not the one in use",
        "The service accepts codes that this QR code does not make: phone and service share another key.",
        ("Nothing is wrong with the phone. Look for the QR code or the entry that was really enrolled.",),
        RFC6238 + "5.1",
    ),
    "secret_different": Words(
        "The phone holds another key",
        "No clock, no setting and no slip that we know makes these codes out of this QR code: the phone has "
        "another key: from a page that was reloaded, from another account or from another entry.",
        (
            "Check whether the app has another entry for this service, and read that one.",
            "If not, delete the entry and scan this QR code again without reloading the page.",
        ),
        ISSUE + "keycloak/keycloak/issues/26052",
    ),
    "secret_different_steam": Words(
        "The entry holds another key",
        "These look like Steam's codes, but no clock and no slip that we know makes them out of this QR code. "
        "Steam gives each account two keys: shared_secret makes the codes, identity_secret only confirms trades.",
        (
            "If the key was copied from a file: take shared_secret, not identity_secret.",
            "Else look whether the app has another entry for Steam, and read that one.",
        ),
        ISSUE + "DoctorMcKay/node-steam-totp/issues/31",
    ),
    "settings_ignored": Words(
        "The app ignores a setting of the QR code",
        "The app uses {detail}. {app}",
        (
            "Use an app that honours these settings (Aegis, 2FAS, Ente Auth, FreeOTP+, KeePassXC).",
            "Or ask the service for a QR code with SHA-1, 6 digits and 30 seconds, which every app knows.",
        ),
        ISSUE + "google/google-authenticator-android/issues/29",
        "The key and the clock are right.",
    ),
    "settings_differ": Words(
        "The entry has other settings",
        "The entry on the phone uses {detail}.",
        ("Edit the entry's settings, or delete it and scan the QR code.",),
        RFC6238 + "1.2",
        "The key and the clock are right.",
    ),
    "modulus_nines": Words(
        "A bug in the app's arithmetic",
        "The codes are the right number modulo 999999 instead of a million: a bug of some Android 4.4 phones.",
        ("Update the app, or use another one.",),
        ISSUE + "google/google-authenticator-android/issues/28",
        "The key and the clock are right.",
    ),
    "byte_19": Words(
        "A bug in the app's arithmetic",
        "The codes are cut out of the hash at byte 19, which is right for SHA-1 only.",
        ("Update the app or library, or use another one.",),
        ISSUE + "antonioribeiro/google2fa/issues/126",
        "The key and the clock are right.",
    ),
    "milliseconds": Words(
        "Milliseconds taken for seconds",
        "The program that makes the codes counts milliseconds where seconds are meant.",
        ("Divide the time by 1000 before the code is made.",),
        ISSUE + "google/google-authenticator/issues/607",
        "The key is right.",
    ),
    "arithmetic": Words(
        "A bug in the app's arithmetic",
        "The codes come from the right key by wrong arithmetic ({cause}).",
        ("Update the app or library, or use another one.",),
        RFC4226 + "5.3",
        "The key and the clock are right.",
    ),
    "key_slip": Words(
        "The key was typed wrongly",
        "The key on the phone differs from the QR code's: {detail}.",
        (SCAN,),
        RFC4648 + "6",
        CLOCK_FINE,
    ),
    "key_reading": Words(
        "The key was read wrongly",
        "The program that makes the codes {reading}.",
        (SCAN, "In a program of your own: decode the key as base32 (RFC 4648 section 6), left-over bits dropped."),
        RFC4648 + "6",
        CLOCK_FINE,
    ),
    "bits_padded": Words(
        "A bug in how the app reads the key",
        "The app makes a whole byte of the key's left-over bits; everybody else drops them.",
        ("Use another app, or fill the key up with = signs to a multiple of eight characters in this one; if that "
         "does not help, leave the last character out.",),
        ISSUE + "Authenticator-Extension/Authenticator/issues/1546",
        CLOCK_FINE,
    ),
    "counter_ahead": Words(
        "The counter has run ahead",
        "The phone is {detail} ahead of the counter in the QR code and of every code accepted since. Unless that "
        "many were used to sign in meanwhile, its button was pressed too often.",
        ("Ask the service to resynchronise, with two codes in a row.", "If it cannot, set up two-factor again."),
        RFC4226 + "7.4",
        "The key is right; clocks play no part.",
    ),
    "counter_behind": Words(
        "The counter is behind",
        "The phone shows codes from before the counter in the QR code: it was restored from a backup, or set up "
        "again with an old picture.",
        ("Keep pressing until the codes are new ones, or ask the service to resynchronise.",),
        RFC4226 + "7.4",
        "The key is right; clocks play no part.",
    ),
    "totp_as_hotp": Words(
        "The entry counts button presses instead of time",
        "The codes are those of counter {detail}: the entry was added as counter based.",
        ("Delete the entry and add it again as time based.",),
        ISSUE + "google/google-authenticator/issues/334",
        "The key is right; clocks play no part.",
    ),
    "hotp_as_totp": Words(
        "The entry counts time instead of button presses",
        "The QR code is counter based, but the app shows codes by time.",
        ("Delete the entry and add it again as counter based.",),
        ISSUE + "Authenticator-Extension/Authenticator/issues/1292",
        "The key is right; clocks play no part.",
    ),
    "service_hotp_as_totp": Words(
        "It works by time, though the QR says by button presses",
        "The QR code is counter based, but phone and service both go by time.",
        ("Nothing needs to be done. Another app that honours the QR code may be refused.",),
        RFC4226 + "7.2",
        "The key and the clock are right.",
    ),
    "service_totp_as_hotp": Words(
        "It works by button presses, though the QR says by time",
        "The QR code is time based, but phone and service both count button presses.",
        ("Nothing needs to be done. Another app that honours the QR code may be refused.",),
        RFC4226 + "7.2",
        "The key is right; clocks play no part.",
    ),
    "steam_plain": Words(
        "A Steam key in a plain entry",
        "The app shows plain digits of this key; Steam wants five letters and digits.",
        ("Set the entry's type to Steam, or use an app that knows it (Aegis, 2FAS, Steam's own).",),
        ISSUE + "freeotp/freeotp-android/issues/136",
        "The key and the clock are right.",
    ),
    "steam_letters": Words(
        "A plain key in a Steam entry",
        "The app shows Steam's letters of this key; the QR code asks for digits.",
        ("Set the entry's type to TOTP, or scan the QR code again.",),
        ISSUE + "freeotp/freeotp-android/issues/136",
        "The key and the clock are right.",
    ),
    "other_scheme": Words(
        "Not a standard code",
        "{scheme}",
        ("Use the app that the service names for it.",),
        RFC6238 + "1.2",
    ),
}  # fmt: skip
