"""``mfatools lab``: the notebooks, copied to a folder of the person's own, in JupyterLab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from mfatools.cli.base import Verb
from mfatools.errors import MfaError

_EXAMPLES = """\b
Examples:
  mfatools lab
  mfatools lab --folder my-notebooks --no-browser --port=8890
"""
START = "00_start_here.ipynb"


@click.command(cls=Verb, context_settings={"ignore_unknown_options": True}, epilog=_EXAMPLES)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("mfatools-notebooks"),
    show_default=True,
    help="Where your copies of the notebooks are.",
)
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path, jupyter_options: tuple[str, ...]) -> None:
    """Open the notebooks in JupyterLab.

    They are copied to a folder of yours first; what is there already is kept. Further options, such as
    --no-browser or --port=8890, go to JupyterLab.
    """
    copied = copy_notebooks(folder)
    kept = "" if copied == len(list(notebooks().glob("*.ipynb"))) else "; what was there is kept"
    click.echo(f"{copied or 'No'} new notebook{'' if copied == 1 else 's'} in {folder}{kept}.")
    # The address that JupyterLab prints leads to the notebook too, for those whose browser does not open by itself.
    where = [f"--ServerApp.root_dir={folder.resolve()}", f"--LabApp.default_url=/lab/tree/{START}"]
    command = [sys.executable, "-m", "jupyterlab", *where, *_root_needs(), *jupyter_options]
    raise SystemExit(_run(command))


def notebooks() -> Path:
    """The folder of the notebooks that came with the package: inside the wheel, or beside it in a checkout.

    Raises:
        MfaError: they are in neither.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise MfaError("The notebooks are not in this installation.", "Install mfatools again.", code="E_INSTALL")


def copy_notebooks(folder: Path) -> int:
    """Copy each notebook that ``folder`` does not have yet; returns how many.

    Raises:
        MfaError: the folder cannot be written, or the notebooks are not installed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [path for path in sorted(notebooks().glob("*.ipynb")) if not (folder / path.name).exists()]
        for path in missing:
            shutil.copyfile(path, folder / path.name)
    except OSError as error:
        what = f"The folder {folder} cannot be written: {error.strerror}."
        raise MfaError(what, "Choose another with --folder.", code="E_FILE") from None
    return len(missing)


def _run(command: list[str]) -> int:
    """Run JupyterLab to its end. Ctrl-C is its own: it asks first, shuts kernels down and clears its files away.

    ``subprocess.call`` would kill it a quarter of a second after the first Ctrl-C, before anybody can answer.
    """
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue


def _root_needs() -> list[str]:
    # JupyterLab refuses root unless told; in a container there is nobody else, and it listens on localhost only.
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
