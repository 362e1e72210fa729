"""``python -m mfatools`` is the command line."""

from mfatools.cli import main

main(prog_name="mfatools")
