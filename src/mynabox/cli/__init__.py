"""The program ``mynabox``."""

import logging
import sys

import structlog
import typer

from mynabox import __version__
from mynabox.cli import screen
from mynabox.cli.ask import ask
from mynabox.cli.boxes import db, doctor, log, serve
from mynabox.cli.card_commands import card
from mynabox.cli.cards import reader
from mynabox.cli.certificates import ca
from mynabox.cli.demo import demo
from mynabox.cli.law import law
from mynabox.cli.residents import resident
from mynabox.cli.times import clock
from mynabox.lifecycle.life import Refused
from mynabox.ports import Duplicate, Missing
from mynabox.wiring import TROUBLES

app = typer.Typer(
    name="mynabox",
    help="The whole Japanese Individual Number Card system in one box.\n\n"
    "Begin with: mynabox demo",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(serve)
app.add_typer(resident, name="resident")
app.add_typer(card, name="card")
app.add_typer(reader, name="reader")
app.add_typer(clock, name="clock")
app.add_typer(ca, name="ca")
app.add_typer(law, name="law")
app.command()(ask)
app.add_typer(log, name="log")
app.add_typer(db, name="db")
app.command()(doctor)

REFUSED, UNUSABLE = 1, 2


def _version(wanted: bool) -> None:
    if wanted:
        screen.line(f"mynabox {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: bool = typer.Option(
        False,
        "--version",
        callback=_version,
        is_eager=True,
        help="Print the version and end.",
    ),
) -> None: ...


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
        app()
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
