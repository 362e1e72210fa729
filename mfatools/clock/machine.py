"""What kind of machine this is, which tells how its clock is mended, and how long it has been up."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from mfatools.clock import words

_VIRTUAL = ("virtualbox", "vmware", "kvm", "qemu", "virtual machine", "hvm", "parallels")


def installed(name: str) -> str | None:
    """Where a program is installed. Windows also looks into the current folder, where anybody's file may lie."""
    found = shutil.which(name)
    return found if found and Path(found).absolute().parent != Path.cwd() else None


def kind(
    *,
    platform: str = sys.platform,
    environ: Mapping[str, str] | None = None,
    read: Callable[[str], str] | None = None,
    which: Callable[[str], str | None] = installed,
) -> str:
    """What kind of machine this is: a key of ``words.REMEDY``.

    Args:
        platform: as ``sys.platform``.
        environ: the environment variables.
        read: the text of a file, ``""`` if there is none.
        which: finds a program.
    """
    environ, read = os.environ if environ is None else environ, read or _read
    if hosted := _hosted(environ):
        return hosted
    if not platform.startswith("linux"):
        return {"win32": "windows", "darwin": "macos"}.get(platform, "other")
    if "microsoft" in read("/proc/sys/kernel/osrelease").lower():
        return "wsl"
    if _contained(environ, read):
        return "container"
    return _keeper(which, read)


def remedy(name: str) -> tuple[str, ...]:
    """The steps that mend the clock of such a machine; a key that is not known gets general ones."""
    return words.REMEDY.get(name, words.REMEDY["other"])


def uptime() -> float:
    """Seconds that go on while the machine sleeps and never step, from any origin.

    Linux: CLOCK_BOOTTIME. macOS: CLOCK_MONOTONIC, which there counts sleep. Windows: Python's monotonic clock does.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        if hasattr(time, name):
            return time.clock_gettime(getattr(time, name))
    return time.monotonic()


def suspended() -> float | None:
    """Seconds that this machine slept since it was started; None where the system does not tell (Windows)."""
    for asleep_too, awake in (("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"), ("CLOCK_MONOTONIC", "CLOCK_UPTIME_RAW")):
        if hasattr(time, asleep_too) and hasattr(time, awake):
            both = (time.clock_gettime(getattr(time, name)) for name in (asleep_too, awake))
            return max(0.0, next(both) - next(both))
    return None


def _hosted(environ: Mapping[str, str]) -> str:
    if "COLAB_RELEASE_TAG" in environ or "COLAB_GPU" in environ:
        return "colab"
    if "BINDER_SERVICE_HOST" in environ or "BINDER_LAUNCH_HOST" in environ:
        return "binder"
    return "hub" if "JUPYTERHUB_API_URL" in environ else ""


def _contained(environ: Mapping[str, str], read: Callable[[str], str]) -> bool:
    groups = read("/proc/1/cgroup")
    marks = ("docker", "kubepods", "containerd", "libpod", "lxc")
    marked = bool(environ.get("container")) or "KUBERNETES_SERVICE_HOST" in environ
    return marked or Path("/.dockerenv").exists() or any(mark in groups for mark in marks)


def _keeper(which: Callable[[str], str | None], read: Callable[[str], str]) -> str:
    if which("chronyc"):
        return "chrony"
    if which("ntpq"):
        return "ntpd"
    product = read("/sys/class/dmi/id/product_name").lower()
    if any(name in product for name in _VIRTUAL):
        return "vm"
    return "timesyncd" if which("timedatectl") else "linux"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
