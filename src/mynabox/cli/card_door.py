"""How card commands reach a card, and how they are told its secrets."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import opened
from mynabox.iso7816 import meaning
from mynabox.reader.daemon import ENVIRONMENT
from mynabox.terminal.connection import CardRemoved, Connection
from mynabox.terminal.errors import (
    ApplicationMissing,
    CardError,
    CardNonsense,
    LastTry,
    PinLocked,
    WrongPin,
)
from mynabox.terminal.jpki import JpkiSession
from mynabox.wiring import (
    CARD_FAILURES,
    BoxTrouble,
    NoPcsc,
    is_served,
    over_pcsc,
)

ReaderOption = Annotated[
    str,
    typer.Option(
        "--reader",
        help="The first reader whose name has this in it (default: the first).",
        metavar="NAME",
        show_default=False,
    ),
]
PinOption = Annotated[
    str | None,
    typer.Option(
        help="The PIN. Other users of this machine can read it while the command "
        "runs: for specimen cards. Without it, it is asked for.",
        show_default=False,
    ),
]
PinFileOption = Annotated[
    Path | None,
    typer.Option(
        help="Read the PIN from the first line of this file; - is standard input.",
        metavar="FILE",
        show_default=False,
    ),
]
LastTryOption = Annotated[
    bool,
    typer.Option("--last-try", help="Present a PIN even if one try is left of it."),
]


@contextmanager
def card(home: Path | None, reader: str) -> Iterator[Connection]:
    """A card over PC/SC, whoever's it is; with a home, the card in that box's reader.

    If that box is not served, the card that lies in its tray is asked directly. What
    goes wrong with the card becomes one sentence and an exit status; that it is a card
    without PINs is a refusal (``Refused``), where the box knows it.
    """
    try:
        with closing(reach(home, reader)) as connection:
            yield connection
    except NoPcsc as missing:
        raise BoxTrouble(str(missing)) from None
    except CardRemoved:
        raise CardTrouble("the card was taken out of the reader") from None
    except ApplicationMissing as error:
        raise CardTrouble(
            f"this card does not have that application ({error})"
        ) from None
    except WrongPin as wrong:
        raise CardTrouble(
            f"that value was wrong; tries left: {wrong.tries_left}"
        ) from None
    except PinLocked:
        if home is not None:
            _demand_pins(home, reader)
        raise CardTrouble(
            "no tries are left of it: a new one is set at the counter"
        ) from None
    except LastTry:
        raise CardTrouble(
            "one try is left of it, so it was not presented; --last-try does"
        ) from None
    except CardError as error:
        raise CardTrouble(
            f"{error.command}: {error.sw:04X}, {meaning(error.sw)}"
        ) from None
    except CARD_FAILURES as error:
        raise CardTrouble(str(error)) from None
    except CardNonsense as error:
        raise CardTrouble(f"the card's answer makes no sense: {error}") from None


def _demand_pins(home: Path, reader: str) -> None:
    """Raise ``Refused`` if what is locked is a card without PINs (R081)."""
    from mynabox.usecases.without_pins import demand_pins_of

    with closing(reach(home, reader)) as connection:
        serial = JpkiSession(connection).token().serial
    with opened(home) as box:
        demand_pins_of(serial, "pin_entry", box.box)


class CardTrouble(typer.Exit):
    """A card did not do what was asked: told on standard error, exit status 1."""

    def __init__(self, text: str) -> None:
        screen.trouble(text)
        super().__init__(1)


def reach(home: Path | None, reader: str) -> Connection:
    """The card itself; raises ``NoPcsc`` and whatever befalls a card."""
    if home is None:
        return over_pcsc(reader)
    with opened(home) as box:
        if is_served(box):
            os.environ[ENVIRONMENT] = str(box.socket)
            return over_pcsc(reader)
        lying = next((one for one in box.cards.tray() if one is not None), None)
        if lying is None:
            raise NoPcsc("no card lies in the tray of this box")
        return box.in_readers().connect(lying)


def secret(
    what: str, *, given: str | None, file: Path | None, confirm: bool = False
) -> str:
    """A secret: as given, from a file, or typed without being shown."""
    if given is not None:
        return given
    if file is not None:
        return _first_line(file)
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            f"the {what} is needed: from a terminal, --pin-file or --pin",
            param_hint="--pin-file",
        )
    typed: str = typer.prompt(
        what, hide_input=True, err=True, confirmation_prompt=confirm
    )
    return typed


def secrets(file: Path) -> Mapping[str, str]:
    """Several secrets, one ``name = value`` per line; ``#`` begins a remark."""
    found = {}
    for number, line in enumerate(_text(file).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise typer.BadParameter(
                f"line {number} is not 'name = value'", param_hint="--pin-file"
            )
        found[name.strip()] = value.strip()
    return found


def _first_line(file: Path) -> str:
    lines = _text(file).splitlines()
    if not lines or not lines[0]:
        raise typer.BadParameter(f"{file} is empty", param_hint="--pin-file")
    return lines[0]


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(
            f"{file} cannot be read ({error.strerror})", param_hint="--pin-file"
        ) from None


__all__ = [
    "CardTrouble",
    "LastTryOption",
    "PinFileOption",
    "PinOption",
    "ReaderOption",
    "card",
    "reach",
    "secret",
    "secrets",
]
