"""The explorer of code windows: move a slider and see whether the code is still taken.

The page sends a setting; the kernel answers with numbers (`explore_setting`), and the page draws them as SVG: a few
kilobytes and no picture to encode, so the drawing keeps up with the hand, and it is sharp on every screen. The page
asks for one answer at a time and for the latest setting only, so a slow kernel never lags behind.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from mfatools import data
from mfatools.checks import number, whole
from mfatools.errors import MfaError
from mfatools.widgets.base import Message
from mfatools.widgets.explore_setting import Setting, often
from mfatools.widgets.explorer import Explorer, mapping

# What each slider may say: lowest, highest, and whether it counts whole things.
RANGES: dict[str, tuple[int, int, bool]] = {
    "phone": (-120, 120, False),
    "service": (-60, 60, False),
    "typing": (0, 90, False),
    "behind": (0, 10, True),
    "ahead": (0, 10, True),
    "step": (15, 60, True),
    "read_at": (0, 59, False),
}
STEPS = (15, 30, 60)


class ExploreWindows(Explorer, page="explore_windows"):
    """Sliders for two clocks, a window and a hand; see `mfatools.explore.windows`.

    ``setting`` is what the sliders say now.
    """

    def __init__(self, **values: float) -> None:
        self.setting = changed(Setting(), values)
        super().__init__()

    def set(self, **values: float) -> None:
        """Move sliders from Python; every open page follows.

        Raises:
            MfaError: no such slider, or a value outside its range.
        """
        with self.lock:
            self.setting = changed(self.setting, values)
        self.tell("moved", values=asdict(self.setting))

    def words(self) -> str:
        """What is set, and what becomes of the code."""
        return f"Explorer of code windows. {self.setting.words}"

    def on_open(self, message: Message) -> None:
        """Answer with the sliders' places and the real services."""
        ranges = {name: [low, high] for name, (low, high, _) in RANGES.items()}
        values = asdict(self.setting)
        self.answer(message, "opened", values=values, ranges=ranges, steps=STEPS, services=services())

    def on_draw(self, message: Message) -> None:
        """Answer with what a setting looks like, its verdict and its chance."""
        with self.lock:
            if self.closed:
                return
            self.setting = setting = changed(self.setting, mapping(message.content.get("values")))
        self.answer(
            message,
            "picture",
            scene=setting.picture(),
            taken=setting.taken,
            verdict=setting.verdict,
            chance=chance_words(setting),
            alt=setting.words,
        )


def changed(setting: Setting, values: dict[str, Any]) -> Setting:
    """The setting with some values changed.

    Raises:
        MfaError: no such slider, or a value outside its range.
    """
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in RANGES:
            what = f"There is no slider {name!r}."
            raise MfaError(what, f"There are: {', '.join(RANGES)}.", code="E_SLIDER")
        low, high, counts = RANGES[name]
        checked[name] = whole(value, name, low, high) if counts else number(value, name, low, high)
    if checked.get("step", 30) not in STEPS:
        raise MfaError("This explorer has steps of 15, 30 and 60 s.", "Take one of these.", code="E_PERIOD")
    new = replace(setting, **checked)
    if new.read_at < new.step:
        return new
    if "read_at" in checked:
        what = f"A step of {new.step} s is over after {checked['read_at']:g} s."
        raise MfaError(what, f"Give a read_at below {new.step}.", code="E_NUMBER")
    return replace(new, read_at=new.step - 1)  # a shorter step moves that slider along


def services() -> list[dict[str, Any]]:
    """Real services whose window is published: short name, name, window and where the figures come from."""
    known = []
    for name, entry in data.verifiers().items():
        behind, ahead = entry["look_behind"], entry["look_ahead"]
        if behind is not None and ahead is not None and entry["step_s"] in STEPS:
            values = {"behind": behind, "ahead": ahead, "step": entry["step_s"]}
            known.append({"id": name, "name": entry["name"], "values": values, "source": entry["source"]})
    return sorted(known, key=lambda service: service["name"].lower())


def chance_words(setting: Setting) -> str:
    """How often a right code is refused, and what helps, in words."""
    chance, apart = setting.chance, setting.phone - setting.service
    refused = f"Read at any moment of its step, a right code is refused in {often(chance)} of sign-ins"
    if chance < 0.01:
        return f"{refused}: nobody would notice."
    if setting.behind == setting.ahead == 0:
        return f"{refused}. This service takes the code of the present step only, so any delay counts."
    if abs(apart) > setting.step / 2:
        which = "The phone" if abs(setting.phone) >= abs(setting.service) else "The service"
        mended = replace(setting, phone=0.0, service=0.0).chance
        if mended < chance / 2:
            return f"{refused}. {which}'s clock is the reason: automatic date and time would cure it."
        if mended < chance:
            return f"{refused}. {which}'s clock is one reason, slow typing another: mend both."
        return f"{refused}. Typing takes too long, and the wrong clock even makes up for some of it: mend both."
    return f"{refused}. The clocks are nearly right; typing faster or a wider acceptance window would help."
