"""``mfatools clock``: is this computer's clock right?"""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from click.core import ParameterSource
from rich.text import Text

from mfatools.cli.base import Status, Verb, print_json, say_note
from mfatools.cli.screen import console, numbered, table
from mfatools.clock import ClockReport, ask_system, check_clock, sources, words
from mfatools.clock.ask import SAMPLES, TIMEOUT, check_numbers
from mfatools.clock.report import COLUMNS
from mfatools.clock.watch import EVERY, Look, Watch

_EXAMPLES = """\b
Examples:
  mfatools clock
  mfatools clock --server time.example.org --server 192.0.2.7:123
  mfatools clock --https https://www.example.org/ --json
  mfatools clock --watch --every 60
"""


@click.command("clock", cls=Verb, epilog=_EXAMPLES)
@click.option("--server", "servers", multiple=True, metavar="HOST[:PORT]", help="An NTP server; may be repeated.")
@click.option("--https", "urls", multiple=True, metavar="URL", help="A web server to ask for its Date.")
@click.option("--timeout", type=float, default=TIMEOUT, show_default=True, metavar="S", help="Seconds at most.")
@click.option("--samples", type=int, default=SAMPLES, show_default=True, metavar="N", help="Questions a server.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --watch, a line a look.")
@click.option("--watch", is_flag=True, help="Look again and again until stopped with Ctrl-C.")
@click.option("--every", type=float, default=EVERY, show_default=True, metavar="S", help="Seconds between looks.")
@click.option("--count", type=click.IntRange(min=1), default=None, metavar="N", help="End a watch after N looks.")
@click.pass_context
def clock(
    context: click.Context,
    servers: tuple[str, ...],
    urls: tuple[str, ...],
    timeout: float,
    samples: int,
    as_json: bool,
    watch: bool,
    every: float,
    count: int | None,
) -> None:
    """Is this computer's clock right enough for codes?

    Asks several time servers at once, each a few times, and believes what a majority of them agrees on. Named
    servers replace the built-in ones. Where NTP is blocked, web servers are asked for their Date.

    The offset is what to ADD to this clock to get true time. Exit status: 0 right enough for codes, 1 off so that
    codes are at risk, 3 it could not be told, 2 bad input.
    """
    show = _show_json if as_json else _show
    _only_with_watch(context, watch)
    whom = sources(servers or None, urls or None)
    check_numbers(timeout, samples)

    def check(asked: Sequence[object] = whom.servers, sites: Sequence[str] = whom.https) -> ClockReport:
        return check_clock(asked, https=sites, timeout=timeout, samples=samples)  # type: ignore[arg-type]

    watching = Watch(whom.servers, https=whom.https, every=every, check=check) if watch else None
    if not as_json:
        console().print(f"Asking {whom}")
    context.exit(show(check()) if watching is None else _watch(watching, as_json, count))


def _only_with_watch(context: click.Context, watch: bool) -> None:
    """Refuse what would have no effect.

    Raises:
        click.UsageError: an option of a watch without a watch.
    """
    for name in ("every", "count"):
        if not watch and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            what = f"--{name} belongs to --watch. Add --watch, or leave it out."
            raise click.UsageError(what, context)


def _show_json(report: ClockReport) -> int:
    print_json(report.as_dict())
    return _status(report)


def _show(report: ClockReport) -> int:
    screen = console()
    rows = [COLUMNS, *report.table()]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]  # an empty one would take room
    listed = table(*(column[0] for column in columns))
    for row in zip(*(column[1:] for column in columns), strict=True):
        listed.add_row(*row)
    screen.print(listed)
    verdict = report.verdict
    screen.print(Text(verdict.headline, style="bold"))
    for text in (verdict.meaning, *verdict.notes, str(ask_system())):
        if text:
            screen.print(text)
    numbered(screen, report.remedy)
    if report.hint:
        screen.print(report.hint)
    return _status(report)


def _watch(watch: Watch, as_json: bool, count: int | None) -> int:
    """Show looks until there are enough or Ctrl-C; the last one's status counts."""
    status: int = Status.UNTOLD
    try:
        for number, look in enumerate(watch, start=1):
            if as_json:
                print_json(_look_as_dict(look))
            else:
                click.echo(f"{_when(look)}  {look}")
            status = _status(look.report)
            if count is not None and number >= count:
                break
        if watch.deserted:
            say_note(words.NOBODY_LEFT)
    except KeyboardInterrupt:
        watch.stop()
    return status


def _look_as_dict(look: Look) -> dict[str, object]:
    extra = {
        "at": look.report.at,
        "drift_ppm": look.drift,
        "drift_doubt_ppm": look.doubt,
        "jumped": look.jumped,
        "slept": look.slept,
    }
    return {**look.report.as_dict(), **extra}


def _when(look: Look) -> str:
    """When it began, by this computer's clock and in its zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(look.report.at))


def _status(report: ClockReport) -> int:
    return Status.UNTOLD if report.fine is None else Status.FINE if report.fine else Status.AT_RISK
