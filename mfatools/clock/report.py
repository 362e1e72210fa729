"""What a check of the clock found: a value that shows itself well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

from mfatools.clock import machine, words
from mfatools.clock.verdict import Risk, State, Verdict, decimals, judge, near, why
from mfatools.consensus import Agreement, Confidence, Voice
from mfatools.ntp import Why


@dataclass(frozen=True, slots=True)
class ClockReport:
    """Is this clock right?

    Args:
        offset: **add this to the local clock to get true time**, seconds: positive means that the clock is slow.
            None if nobody could tell. It is that of the clock as it stood when the check began; if the clock was
            set meanwhile, `present` is that of the clock as it is now.
        bound: the truth lies within this many seconds of ``offset``, as long as fewer than half of the servers
            that were heard lie. None with ``offset``.
        confidence: ``confirmed`` by a majority of those heard, ``single_source``, ``no_majority`` or
            ``no_answer``. `verdict` warns where that majority is at most half of those asked.
        method: ``"ntp"`` or ``"https"``.
        truechimers: the servers believed, each with its interval.
        falsetickers: those heard and not believed, with the reason.
        unheard: those without a usable answer, with the reason.
        elapsed: seconds that the check took.
        at: POSIX seconds by the local clock when it began.
        stepped: seconds by which the local clock was set while it was measured, 0 if it was not.
        notes: further remarks, sentences.
        machine: what kind of machine it is, a key of the remedies.
    """

    offset: float | None
    bound: float | None
    confidence: Confidence
    method: str
    truechimers: tuple[Voice, ...] = ()
    falsetickers: tuple[Voice, ...] = ()
    unheard: tuple[Voice, ...] = ()
    elapsed: float = 0.0
    at: float = 0.0
    stepped: float = 0.0
    notes: tuple[str, ...] = ()
    machine: str = "other"

    @property
    def present(self) -> float | None:
        """What to add to the local clock as it stands after the check; differs from ``offset`` if it was set in it.

        The verdict, the risk, the remedy and the JSON speak of this one.
        """
        return None if self.offset is None else self.offset - self.stepped

    @property
    def verdict(self) -> Verdict:
        """The findings in words: ``str(report.verdict)``; ``report.verdict.state`` in one."""
        true, false = map(self._as_of_now, (self.truechimers, self.falsetickers))
        found = Agreement(self.confidence, self.present, self.bound, true, false)
        return judge(found, self.unheard, self.method, self.notes)

    @property
    def fine(self) -> bool | None:
        """True if codes made by this clock are accepted, False if they are at risk, None if nobody can tell."""
        state = self.verdict.state
        return None if state is State.UNKNOWN else state is State.FINE

    @property
    def risk(self) -> Risk | None:
        """The chance that a code is refused under the usual windows; None if nobody could tell."""
        return None if self.present is None else Risk.at(self.present)

    @property
    def remedy(self) -> tuple[str, ...]:
        """What to do, step by step, on this machine."""
        state = self.verdict.state
        if state is State.FINE and near(self.present or 0.0):
            return words.NOTHING_TO_DO
        if state is State.UNKNOWN:
            seen = {voice.why for voice in self.unheard}
            dated = words.SET_DATE if Why.TLS_DATE in seen else ()
            captive = words.LOG_IN if Why.REDIRECT in seen else ()
            return (*dated, *captive, *words.RETRY)
        return (*machine.remedy(self.machine), *words.PHONE)

    @property
    def hint(self) -> str:
        """What else can be done by those who write commands; empty where the question is answered."""
        return words.OWN_SERVER if self.verdict.state is State.UNKNOWN else ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, the keys that ``mfatools clock --json`` prints."""
        false = self._as_of_now(self.falsetickers)
        return {
            "offset": self.present,
            "bound": self.bound,
            "confidence": self.confidence.value,
            "method": self.method,
            "verdict": self.verdict.headline,
            "truechimers": [voice.server for voice in self.truechimers],
            "falsetickers": [{"server": voice.server, "why": self._why(voice)} for voice in false],
            "unheard": [{"server": voice.server, "why": self._why(voice)} for voice in self.unheard],
            "elapsed": self.elapsed,
        }

    def __repr__(self) -> str:
        numbers = "" if self.present is None else f"offset={self.present:+.4f}, bound={self.bound:.4f}, "
        return f"ClockReport({numbers}{self.confidence.value}, {self.method}): {self.verdict.headline}"

    def _repr_html_(self) -> str:
        verdict = self.verdict
        paragraphs = "".join(f"<p>{escape(text)}</p>" for text in (verdict.meaning, *verdict.notes) if text)
        steps = "".join(f"<li>{escape(step)}</li>" for step in self.remedy)
        rows = "".join(_row(*cells) for cells in self.table())
        hint = f"<p>{escape(self.hint)}</p>" if self.hint else ""
        return (
            f'<div class="mfatools-clock"><p><strong>{escape(verdict.headline)}</strong></p>'
            f"{paragraphs}<ol>{steps}</ol>"
            f"<details><summary>The servers</summary><table><thead>{_row(*COLUMNS, cell='th')}</thead>"
            f"<tbody>{rows}</tbody></table>{hint}</details></div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _as_of_now(self, voices: tuple[Voice, ...]) -> tuple[Voice, ...]:
        """What the servers say of the clock as it is after the check: see `present`."""
        if not self.stepped:
            return voices
        return tuple(
            one if one.offset is None else replace(one, offset=one.offset - self.stepped) for one in voices
        )

    def _why(self, voice: Voice) -> str:
        return why(voice, split=self.confidence is Confidence.NO_MAJORITY)

    def table(self) -> list[tuple[str, str, str]]:
        """One line a server: its name, its interval in seconds, and whether it counts."""
        true, false = map(self._as_of_now, (self.truechimers, self.falsetickers))
        alone = self.confidence is Confidence.SINGLE_SOURCE
        state = words.UNCOMPARED if alone else words.BELIEVED
        believed = [(voice.server, _interval(voice), state) for voice in true]
        others = (*false, *self.unheard)  # what each would have stands beside the reason already
        return believed + [(one.server, _interval(one), self._why(replace(one, offset=None))) for one in others]


COLUMNS = ("Server", "Add to this clock", "")


def _interval(voice: Voice) -> str:
    if voice.offset is None or voice.error is None:
        return ""
    places = max(3, decimals(voice.error / 10))  # a small error is not none
    return f"{round(voice.offset, places) + 0.0:+.{places}f} s ± {voice.error:.{places}f} s"  # + 0.0: -0 is 0


def _row(*cells: str, cell: str = "td") -> str:
    return "<tr>" + "".join(f"<{cell}>{escape(text)}</{cell}>" for text in cells) + "</tr>"
