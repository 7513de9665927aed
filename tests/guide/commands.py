"""Runs ``mynabox law`` and ``mynabox ask`` within the test."""

import shlex
from dataclasses import dataclass

import typer
from typer.testing import CliRunner

from mynabox.cli.ask import ask
from mynabox.cli.law import law

_app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
_app.add_typer(law, name="law")
_app.command(name="ask")(ask)


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


def run(command: str) -> Told:
    """Run a command line that begins with ``mynabox``."""
    program, *words = shlex.split(command)
    assert program == "mynabox", command
    result = CliRunner().invoke(_app, words)
    return Told(result.exit_code, result.stdout, result.stderr)
