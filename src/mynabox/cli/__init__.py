"""The program ``mynabox``."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer

from mynabox import __version__

COMMANDS = {
    "demo": "demo",
    "serve": "boxes",
    "resident": "residents",
    "card": "card_commands",
    "reader": "cards",
    "clock": "times",
    "ca": "certificates",
    "ocsp": "ocsp",
    "law": "law",
    "ask": "ask",
    "log": "boxes",
    "db": "boxes",
    "doctor": "boxes",
    "staff": "staff",
    "verifier": "verifiers",
}
"""Words behind ``mynabox``, and the module of this package in which each is a command
or a group of that name. Imported when it is asked for: most need far less than all."""

SAYS = {
    "demo": "Open a new box and walk one resident from registration to a revoked "
    "answer.",
    "serve": "Serve pages, API, OCSP, CRL and the card reader of a box until stopped.",
    "ask": "Ask what to do: by when, where, with what, at what cost, and why.",
    "doctor": "What this machine lacks, and whether the box is in order.",
    "resident": "The register: import and export people, show one of them.",
    "card": "Cards, and which of them lies in the reader.",
    "reader": "How PC/SC programs find the virtual reader.",
    "clock": "The box's clock: show it, set it, let time pass.",
    "ca": "The certificate authorities: their keys, generations, lists and backup.",
    "ocsp": "OCSP in a process of its own: what relying parties ask in thousands.",
    "law": "Ask the rulebook: every rule with its sources, every function by name.",
    "log": "The journal: read it, check it.",
    "db": "The store: make it, bring it up to date.",
    "staff": "Accounts of staff: open, list, passwords, tokens, end.",
    "verifier": "Those who rely on certificates: register, list, new key, end.",
}
"""What each says of itself, for the list of all: nothing is loaded for that. In the
order of the list; a test holds it against the commands themselves."""

_LIGHT = {
    **dict.fromkeys(("card list", "card show", "card insert", "card eject"), "cards"),
    **dict.fromkeys(("card read", "card sign", "card pin"), "card_use"),
    "card produce": "card_production",
    **dict.fromkeys(("card record", "card replay", "card trace"), "card_conversation"),
}
"""Commands of a group that are there as soon as this module of it is imported."""


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"mynabox {__version__}\n")
        raise typer.Exit


def _home(home: str | None) -> None:
    if home is not None:
        os.environ["MYNABOX_HOME"] = home


def _of_all(
    home: str | None = typer.Option(
        None,
        "--home",
        metavar="DIR",
        callback=_home,
        is_eager=True,
        help="Folder of the box, for whatever command follows.",
        show_default=False,
    ),
    version: bool = typer.Option(
        False,
        "--version",
        callback=_version,
        is_eager=True,
        help="Print the version and end.",
    ),
) -> None: ...


def _empty() -> typer.Typer:
    made = typer.Typer(
        name="mynabox",
        help="The whole Japanese Individual Number Card system in one box.\n\n"
        "Begin with: mynabox demo",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_of_all)
    return made


def program(commands: Mapping[str, str] = COMMANDS) -> typer.Typer:
    """The program with all commands, or with some of the table above."""
    made = _empty()
    for word, module in commands.items():
        command = getattr(import_module(f"{__name__}.{module}"), word)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=word)
        else:
            made.command()(command)
    return made


def overview() -> typer.Typer:
    """The program as ``--help`` shows it: the words, and what they are for."""
    made = _empty()
    for word, says in SAYS.items():
        made.command(word, help=says)(_of_all)
    return made


def _behind_home(words: Sequence[str]) -> Sequence[str]:
    """The words from the command on."""
    while words and words[0].split("=")[0] == "--home":
        words = words[1 if "=" in words[0] else 2 :]
    return words


def _wanted(words: Sequence[str]) -> typer.Typer:
    """As much of the program as these words of a command line need."""
    words = _behind_home(words)
    first = words[0] if words else "--help"
    if first in COMMANDS:
        light = _LIGHT.get(" ".join(words[:2]), COMMANDS[first])
        return program({first: light})
    if "_MYNABOX_COMPLETE" in os.environ or first == "--":
        return program()
    return overview()


def main() -> None:
    """Run the program; every expected trouble ends in one clear sentence.

    Exit status: 0 done, 1 refused by a rule or not found, 2 not usable as asked,
    130 interrupted.
    """
    try:
        wanted = _wanted(sys.argv[1:])
        if "structlog" in sys.modules:
            from mynabox.cli.logs import log_to_standard_error

            log_to_standard_error()
        wanted()
    except Exception as error:
        from mynabox.cli.troubles import told

        status = told(error)
        if status is None:
            raise
        sys.exit(status)
