"""The same verbs in a terminal: ``mfatools scan | code | clock | why | lab``.

Each command is one module with one click command; it is imported only when it is called, so that the help
text is quick. Errors become one sentence and a hint on stderr.
"""

from __future__ import annotations

import importlib
import re
import sys
from difflib import get_close_matches
from typing import Any

import click

from mfatools import __version__
from mfatools.cli.base import Status, leave_closed_pipe, say_error

_COMMANDS = {
    "scan": "Read the accounts in pictures of QR codes.",
    "code": "Show the codes of the accounts in a picture or text file.",
    "clock": "Is this computer's clock right enough for codes?",
    "why": "Say why a code was refused.",
    "lab": "Open the notebooks in JupyterLab.",
}
_KEY_LIKE = re.compile(r"\S*:/\S*|\b[A-Za-z2-7]{16,}=*")
_EXAMPLES = """\b
Examples:
  mfatools scan screenshot.png         which accounts are in this picture?
  mfatools code screenshot.png --live  their codes, now
  mfatools clock                       is this computer's clock right?
  mfatools why screenshot.png          why was the code refused?
  mfatools lab                         the same and more in notebooks

`mfatools COMMAND --help` tells more. Exit status: 0 done, 1 nothing found, 2 bad input, 130 stopped with
Ctrl-C; `clock` has statuses of its own.
"""


class _LazyGroup(click.Group):
    """A group whose commands live in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"mfatools.cli.{name}"), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:  # noqa: ANN401 - as click has it
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def main(self, args: Any = None, *, standalone_mode: bool = True, **more: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Run; what click has to say about the command line is said like our own errors."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **more)
        try:
            status = super().main(args, standalone_mode=False, **more)
        except click.ClickException as error:
            _say(error)
            status = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)  # the shell's prompt stands on a line of its own
            status = Status.INTERRUPTED
        except BrokenPipeError:
            leave_closed_pipe()
        sys.exit(status if isinstance(status, int) else Status.DONE)


def _unknown(name: str) -> str:
    """What is wrong with a command that there is not. Perhaps a picture or a key stands in its place."""
    if set("./\\:") & set(name) or len(name) > 12:
        return "The command comes first, then the picture: mfatools scan screenshot.png."
    near = get_close_matches(name, _COMMANDS, 1)
    return f"There is no command {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")


def _say(error: click.ClickException) -> None:
    """What is wrong with the command line, and what to do. What may be a key is not repeated."""
    message = _KEY_LIKE.sub("(not repeated)", error.format_message())
    if message.startswith("Usage:"):  # the help, for want of a command
        click.echo(message, err=True)
        return
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "mfatools"
    say_error(message if message.endswith((".", "?", "!")) else f"{message}.", f"See `{path} --help`.")


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLES)
@click.version_option(__version__, prog_name="mfatools")
def main() -> None:
    """Two-factor codes (TOTP/HOTP): from the picture of a QR code to the live code, and to the reason why a code
    was refused.

    No secret is sent anywhere or written to the disk. Only `clock` uses the network, to ask for the time; `why`
    does so after a yes.
    """
