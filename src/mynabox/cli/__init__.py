"""The program ``mynabox``."""

import logging
import sys
from collections.abc import Iterable
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
}
"""Words behind ``mynabox``, and the module of this package in which each is a command
or a group of that name. Imported when it is asked for: most need far less than all."""

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


def program(words: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with the commands of these names, or all."""
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
    for word in words:
        command = getattr(import_module(f"{__name__}.{COMMANDS[word]}"), word)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=word)
        else:
            made.command()(command)
    return made


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
    word = next(iter(sys.argv[1:]), "")
    try:
        program([word] if word in COMMANDS else COMMANDS)()
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
