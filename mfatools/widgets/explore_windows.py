"""The explorer of code windows: move a slider and see whether the code is still taken.

matplotlib draws the picture in the kernel (`mfatools.plots._moving`); the page sends a setting and gets a PNG as
a binary message. It asks for one picture at a time and for the latest setting only, so a slow kernel never lags
behind the hand.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from mfatools import data
from mfatools.errors import MfaError
from mfatools.plots._moving import TALL, WindowsPicture
from mfatools.plots._setting import Setting
from mfatools.plots._style import percent
from mfatools.secret import Secret
from mfatools.totp import Totp
from mfatools.widgets.base import Message
from mfatools.widgets.explorer import Explorer, mapping, number

# What each slider may say: lowest, highest, and whether it counts whole things.
RANGES: dict[str, tuple[float, float, bool]] = {
    "phone": (-120, 120, False),
    "service": (-60, 60, False),
    "typing": (0, 90, False),
    "behind": (0, 10, True),
    "ahead": (0, 10, True),
    "step": (15, 60, True),
    "read_at": (0, 59, False),
}
STEPS = (15, 30, 60)
_LESSON = Secret(b"12345678901234567890")  # the test key that RFC 6238 prints: its codes may be seen
_MOST_PICTURES = 4  # sizes and themes kept ready


class ExploreWindows(Explorer, page="explore_windows"):
    """Sliders for two clocks, a window and a hand; see `mfatools.explore.windows`.

    ``setting`` is what the sliders say now.
    """

    def __init__(self, **values: float) -> None:
        self.setting = changed(Setting(), values)
        self._pictures: dict[tuple[Any, ...], WindowsPicture] = {}
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
        self.answer(message, "opened", values=values, ranges=ranges, steps=STEPS, services=services(), tall=TALL)

    def on_draw(self, message: Message) -> None:
        """Answer with the picture of a setting, its verdict and its chance."""
        content = message.content
        with self.lock:
            if self.closed:
                return
            self.setting = setting = changed(self.setting, mapping(content.get("values")))
            picture = self._picture(content).png(setting)
        self.answer(
            message,
            "picture",
            buffers=[picture],
            taken=setting.taken,
            verdict=setting.verdict,
            chance=chance_words(setting),
            alt=setting.words,
        )

    def _picture(self, content: dict[str, Any]) -> WindowsPicture:
        width = int(number(content.get("width"), "The width", 1, 10_000))
        ratio = min(2.0, number(content.get("ratio"), "The pixel ratio", 0.1, 10))
        size = (max(240, min(1100, width)), max(1.0, ratio), "dark" if content.get("theme") == "dark" else "light")
        if size not in self._pictures:
            while len(self._pictures) >= _MOST_PICTURES:
                self._pictures.pop(next(iter(self._pictures)))
            self._pictures[size] = WindowsPicture(size[0], ratio=size[1], theme=size[2], key=Totp(_LESSON))
        return self._pictures[size]


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
        low, high, whole = RANGES[name]
        good = number(value, name, low, high)
        checked[name] = round(good) if whole else good
    if checked.get("step", 30) not in STEPS:
        raise MfaError("This explorer has steps of 15, 30 and 60 s.", "Take one of these.", code="E_PERIOD")
    return replace(setting, **checked)


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
    often = f"{percent(chance)} of right codes are refused"
    if chance < 0.01:
        return f"{often}: nobody would notice."
    if setting.behind == setting.ahead == 0:
        return f"{often}. This service has no window at all, so any delay counts."
    if abs(apart) > setting.step / 2:
        which = "The phone" if abs(setting.phone) >= abs(setting.service) else "The service"
        return f"{often}. {which}'s clock is the reason: automatic date and time would cure it."
    return f"{often}. The clocks are nearly right; typing faster or a wider window would help."
