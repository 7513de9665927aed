"""The program ``mynabox``."""

import logging
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import structlog
import typer

from mynabox import __version__
from mynabox.cli import screen
from mynabox.lifecycle.life import Refused
from mynabox.ports import Duplicate, Missing
from mynabox.wiring import TROUBLES

COMMANDS = {
    "demo": "demo",
    "serve": "boxes",
    "resident": "residents",
    "card": "card_commands",
    "reader": "cards",
    "clock": "times",
    "ca": "certificates",
    "law": "law",
    "ask": "ask",
    "log": "boxes",
    "db": "boxes",
    "doctor": "boxes",
    "staff": "staff",
}
"""Words behind ``mynabox``, and the module of this package in which each is a command
or a group of that name. Imported when it is asked for: most need far less than all."""

_LIGHT = dict.fromkeys(("card list", "card show", "card insert", "card eject"), "cards")
"""Commands of a group that are there as soon as this module of it is imported."""

REFUSED, UNUSABLE = 1, 2


def _version(wanted: bool) -> None:
    if wanted:
        screen.line(f"mynabox {__version__}")
        raise typer.Exit


def _of_all(
    version: bool = typer.Option(
        False,
        "--version",
        callback=_version,
        is_eager=True,
        help="Print the version and end.",
    ),
) -> None: ...


def program(commands: Mapping[str, str] = COMMANDS) -> typer.Typer:
    """The program with all commands, or with some of the table above."""
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
    for word, module in commands.items():
        command = getattr(import_module(f"{__name__}.{module}"), word)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=word)
        else:
            made.command()(command)
    return made


def _needed(words: Sequence[str]) -> Mapping[str, str]:
    """The part of the table that these words of a command line need."""
    for word in words[:1]:
        if word in COMMANDS:
            return {word: _LIGHT.get(" ".join(words[:2]), COMMANDS[word])}
    return COMMANDS


def _log_to_standard_error() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event"]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """Run the program; every expected trouble ends in one clear sentence.

    Exit status: 0 done, 1 refused by a rule or not found, 2 not usable as asked,
    130 interrupted.
    """
    _log_to_standard_error()
    try:
        program(_needed(sys.argv[1:]))()
    except Refused as refused:
        screen.trouble(screen.refusal(refused))
        sys.exit(REFUSED)
    except Missing as missing:
        screen.trouble(f"there is no {missing.what} {missing.key} in this box")
        sys.exit(REFUSED)
    except Duplicate as duplicate:
        screen.trouble(f"there is such a {duplicate.what} already")
        sys.exit(REFUSED)
    except TROUBLES as trouble:
        screen.trouble(str(trouble))
        sys.exit(UNUSABLE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(UNUSABLE)
    except OSError as error:
        screen.trouble(f"{error.filename or 'input and output'}: {error.strerror}")
        sys.exit(UNUSABLE)
