"""A diagnosis on the screen: all findings in a table, the best one in full, the next question at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mfatools.cli.probing import Offer
from mfatools.cli.screen import console, grouped, head, indented, numbered, table
from mfatools.diagnose import Diagnosis, Finding
from mfatools.phrases import surety

_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z0-9])")
_SHOWN = 0.01  # probability under which a finding is not worth a line
_ALSO = 0.2  # probability from which a second finding's remedy is told too


def show(diagnosis: Diagnosis, offered: Sequence[Offer], now: float, screen: Console | None = None) -> None:
    """Print a diagnosis.

    Args:
        diagnosis: what was found.
        offered: its probes with their codes.
        now: POSIX seconds by this computer's clock.
        screen: where to; default: stdout.
    """
    screen = screen or console()
    _ranking(screen, diagnosis)
    _finding(screen, diagnosis.best)
    for other in diagnosis.findings[1:]:
        if other.probability >= _ALSO:
            _alternative(screen, other)
    _probes(screen, offered, now)
    if diagnosis.notes:
        head(screen, "Notes")
        for note in diagnosis.notes:
            indented(screen, note, first="  - ")
    if diagnosis.next_question:
        head(screen, "Next")
        indented(screen, diagnosis.next_question.text)
        if diagnosis.next_question.name == "network_time":
            indented(screen, "`mfatools clock` asks time servers for you.")


def _ranking(screen: Console, diagnosis: Diagnosis) -> None:
    made = table("Probability", "What it is")
    made.columns[0].no_wrap = True
    made.add_column("Family", no_wrap=True, style="dim")
    for finding in diagnosis.findings:
        if finding.probability >= _SHOWN:
            made.add_row(surety(finding.probability), finding.title, str(finding.family))
    screen.print(made)


def _finding(screen: Console, finding: Finding) -> None:
    screen.print(Text(finding.title, style="bold"))
    indented(screen, finding.says)
    if finding.evidence:
        head(screen, "Evidence")
    for sentence in _SENTENCE.split(finding.evidence) if finding.evidence else ():
        indented(screen, sentence, first="  - ")
    head(screen, "What to do")
    numbered(screen, finding.remedy)
    screen.print()
    _last(screen, finding)


def _alternative(screen: Console, finding: Finding) -> None:
    head(screen, f"If it is not that: {finding.title}")
    indented(screen, finding.says)
    numbered(screen, finding.remedy)
    _last(screen, finding)


def _last(screen: Console, finding: Finding) -> None:
    indented(screen, f"{finding.rules_out}\nMore: {finding.link}".strip())


def _probes(screen: Console, offered: Sequence[Offer], now: float) -> None:
    if not offered:
        return
    head(screen, "Probe codes")
    indented(screen, "Each costs one of the site's tries: send them in this order, and stop when one is taken.")
    told = (f"{grouped(one.code)}   {one.probe.name}\n{one.until(now)} {one.probe.proves}" for one in offered)
    numbered(screen, told)
