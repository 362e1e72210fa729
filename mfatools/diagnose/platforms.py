"""How a clock is set right, by the kind of device."""

from __future__ import annotations

from mfatools.diagnose.case import Case

_STEPS = {
    "wsl": "In Windows, run `wsl --shutdown` and start WSL again; or `sudo hwclock -s` in it.",
    "docker": "Restart Docker (Desktop), so that its virtual machine takes the host's time; check that too.",
    "vm": "Turn on time synchronisation in the virtual machine's guest tools, or run an NTP service in it.",
    "android": "On the phone: Settings > System > Date & time > Set time automatically, and the zone as well.",
    "ios": "On the iPhone: Settings > General > Date & Time > Set Automatically.",
    "windows": "In Windows: Settings > Time & language > Date & time > Set time automatically, then Sync now.",
    "macos": "On the Mac: System Settings > General > Date & Time > Set time and date automatically.",
    "linux": "On Linux: `timedatectl set-ntp true`, then look at `timedatectl` (chrony or systemd-timesyncd).",
    "token": "Ask the service to resynchronise the token with two codes in a row; its clock cannot be set.",
}
# Words in what a person calls the app or platform, in the order of their weight.
_WORDS = {
    "wsl": ("wsl", "subsystem"),
    "docker": ("docker", "container"),
    "vm": ("virtualbox", "vmware", "virtual machine", " vm"),
    "token": ("hardware token", "feitian", "safenet", "token2", "c200"),
    "android": ("android", "aegis", "andotp", "pixel", "samsung", "stratum"),
    "ios": ("iphone", "ios", "ipad", "raivo"),
    "windows": ("windows", "winauth"),
    "macos": ("mac",),
    "linux": ("linux", "ubuntu", "debian", "fedora", "arch"),
}
_PHONE = "On the phone: turn on automatic date, time and zone (Android: Settings > System > Date & time; iPhone: \
Settings > General > Date & Time)."
_HERE = (
    "On this computer: turn on automatic time and synchronise now (Windows: Date & time > Sync now; Mac: Date & \
Time > Set automatically; Linux: `timedatectl set-ntp true`)."
)


def platform(text: str) -> str:
    """The platform that a person's words mean, or an empty text."""
    padded = f" {text.lower()}"
    return next((name for name, words in _WORDS.items() if any(word in padded for word in words)), "")


def clock_step(case: Case, *, here: bool) -> str:
    """The remedy for a wrong clock: of this computer (``here``) or of the device that makes the codes."""
    if here:
        return _HERE
    return _STEPS.get(platform(f"{case.platform} {case.app}"), _PHONE)
