"""The same verbs in a terminal: ``mfatools scan | code | clock | why | lab``.

Each command is one module with one click command; it is imported only when it is called, so that the help
text is quick. Errors of ours become one sentence and a hint on stderr.
"""

from __future__ import annotations

import importlib
from typing import NoReturn

import click

from mfatools import __version__
from mfatools.errors import MfaError

DONE, NOTHING_FOUND, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = {
    "scan": "Read the accounts in pictures of QR codes.",
    "code": "Show the codes of the accounts in a picture or text file.",
    "clock": "Is this computer's clock right enough for codes?",
    "why": "Say why a code was refused.",
    "lab": "Open the notebooks in JupyterLab.",
}


class _LazyGroup(click.Group):
    """A group whose commands live in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"mfatools.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MfaError as error:
            fail(error)
        except (KeyboardInterrupt, click.Abort):
            raise SystemExit(INTERRUPTED) from None
        except OSError as error:  # a full disk or a closed pipe behind stdout; files are looked after where read
            fail(MfaError(f"The output cannot be written: {error.strerror}.", "Send it somewhere else."))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mfatools")
def main() -> None:
    """Two-factor codes (TOTP/HOTP): from the picture of a QR code to the live code.

    No secret is sent anywhere or written to the disk. Only `clock` uses the network, to ask for the time.
    """


def say_error(what: str, hint: str = "") -> None:
    """One sentence and a hint on stderr."""
    click.echo(f"mfatools: {what}" + (f"\n  hint: {hint}" if hint else ""), err=True)


def fail(error: MfaError) -> NoReturn:
    """Say the error and leave with the status for bad input."""
    say_error(error.what, error.hint)
    raise SystemExit(BAD_INPUT)
