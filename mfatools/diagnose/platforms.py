"""How a clock is set right, by the kind of device."""

from __future__ import annotations

import re

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
    "computer": "On the computer that makes the codes: turn on automatic time and synchronise now (Windows: Date & "
    "time > Sync now; Mac: Date & Time > Set automatically; Linux: `timedatectl set-ntp true`).",
    "token": "Ask the service to resynchronise the token with two codes in a row; its clock cannot be set.",
}
# Words in what a person calls the app or platform, in the order of their weight; each begins a word.
_WORDS = {
    "wsl": ("wsl", "(windows )?subsystem"),
    "docker": ("docker", "container", "podman", "kubernetes", "k8s"),
    "vm": ("virtualbox", "vmware", "virtual machine", r"vms?\b", "kvm", "qemu", "hyper-?v", "parallels", "proxmox"),
    "token": ("(hardware )?token", "feitian", "safenet", "protectimus", "digipass", "c200", "yubikey",
              "rsa securid"),
    "android": ("android", "aegis", "andotp", "pixel", "samsung", "galaxy", "xiaomi", "redmi", "huawei", "oneplus",
                "motorola", "stratum", "grapheneos", "lineageos"),
    "ios": (r"i[ -]?phones?\b", r"ios\b", "i[ -]?pad", "raivo", "apple passwords"),
    "windows": ("windows", r"win ?(7|8|10|11)\b", "winauth"),
    "macos": (r"macs?\b", "macos", "mac os", "macbook", "imac", "os ?x"),
    "linux": ("linux", "ubuntu", "debian", "fedora", r"arch\b", "raspberry", "gnome", "kde"),
    "computer": ("keepassxc", r"keepass\b", "keepassotp", r"(browser )?extension", "browserpass", "chrome",
                 "firefox", "oathtool", "pass-otp", "pyotp", "script", "otpclient", r"cli\b", "desktop"),
}  # fmt: skip
_PATTERNS = {name: re.compile(rf"\b(?:{'|'.join(words)})") for name, words in _WORDS.items()}
_PHONE = "On the phone: turn on automatic date, time and zone (Android: Settings > System > Date & time; iPhone: \
Settings > General > Date & Time)."
_HERE = (
    "On this computer: turn on automatic time and synchronise now (Windows: Date & time > Sync now; Mac: Date & \
Time > Set automatically; Linux: `timedatectl set-ntp true`)."
)


def platform(text: str) -> str:
    """The platform that a person's words mean, or an empty text."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text.lower())), "")


def device(case: Case) -> str:
    """What makes the codes, as far as the names of app and platform tell: a phone, a computer or a token."""
    name = platform(f"{case.platform} {case.app}")
    return name if name == "token" else "phone" if name in ("", "android", "ios") else "computer"


def clock_step(case: Case, *, here: bool) -> str:
    """The remedy for a wrong clock: of this computer (``here``) or of the device that makes the codes."""
    if here:
        return _HERE
    return _STEPS.get(platform(f"{case.platform} {case.app}"), _PHONE)
