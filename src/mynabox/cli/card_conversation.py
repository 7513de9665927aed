"""``mynabox card trace``, ``record`` and ``replay``: what is said between programs and
a card."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer

from mynabox.cli import screen
from mynabox.cli.card_door import LastTryOption, ReaderOption, reach, secret
from mynabox.cli.card_door import card as at_card
from mynabox.cli.card_door import secrets as secrets_from
from mynabox.cli.cards import card
from mynabox.cli.options import CardHomeOption, HomeOption, JsonOption, opened
from mynabox.iso7816 import tries_left
from mynabox.reader.daemon import ReaderDaemon
from mynabox.terminal.connection import Connection
from mynabox.terminal.errors import LastTry
from mynabox.terminal.transcript import BadTranscript, Scribe, replay, secrets_in
from mynabox.wiring import BoxTrouble, is_served, machine_now

_LOOK_SECONDS = 0.1
_SERIAL = "0" * 16
"""What the reader of a recording calls the card in it; programs do not see it."""
_VERIFY = 0x20


@card.command("trace")
def trace(
    home: HomeOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Begin with what has been said before.")
    ] = False,
    follow: Annotated[
        bool,
        typer.Option("--follow/--no-follow", help="Wait for more until stopped."),
    ] = True,
) -> None:
    """What programs and cards say to each other in the readers of a served box.

    The box has to be served with --trace. PINs, data that are signed and private files
    are masked.

    Examples:

    \b
      mynabox serve --trace
      mynabox card trace
      mynabox card trace --all --no-follow
    """
    with opened(home) as box:
        path = box.trace
        if not path.exists():
            raise BoxTrouble(
                f"nothing is written down in {box.path}: serve it with "
                "'mynabox serve --trace'"
            )
        try:
            for line in _lines(
                path, every=every, more=lambda: follow and is_served(box)
            ):
                screen.line(line)
        except KeyboardInterrupt:
            return


def _lines(path: Path, *, every: bool, more: Callable[[], bool]) -> Iterator[str]:
    """Lines of a file that grows, and of the one that takes its place."""
    file = path.open(encoding="ascii")
    try:
        if not every:
            file.seek(0, os.SEEK_END)
        rest = ""
        while True:
            rest += file.read()
            *whole, rest = rest.split("\n")
            yield from whole
            if not more():
                return
            time.sleep(_LOOK_SECONDS)
            if _replaced(path, file):
                file.close()
                file = path.open(encoding="ascii")
                rest = ""
    finally:
        file.close()


def _replaced(path: Path, file: TextIO) -> bool:
    try:
        return path.stat().st_ino != os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


@card.command(
    "record",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def record(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the transcript goes.")],
    command: Annotated[
        list[str] | None,
        typer.Argument(help="-- and the program with its arguments.", metavar="-- CMD"),
    ] = None,
    reader: ReaderOption = "",
    home: CardHomeOption = None,
) -> None:
    """Run a PC/SC program and write down what it and the card say to each other.

    Works with any card: the program sees a reader of its own, behind which is the one
    chosen here. Values of PINs, data that are signed and files that are not public are
    masked; 'mynabox card replay' says the rest again. The exit status is the program's.

    Example: mynabox card record hello.apdu -- pkcs11-tool --list-objects
    """
    words = [*(command or ()), *context.args]
    if not words:
        raise typer.BadParameter("which program? Say -- and then it", param_hint="CMD")
    tape = _Tape()
    with at_card(home, reader):
        pass  # whether there is a card is told before the program is started
    with tempfile.TemporaryDirectory(prefix="mynabox-") as folder:
        tray = _OneCard(lambda: reach(home, reader), tape)
        with ReaderDaemon(tray, Path(folder) / "pcscd.comm") as daemon:
            atr = tray.atr
            try:
                done = subprocess.run(
                    words, env=os.environ | daemon.environment, check=False
                ).returncode
            except OSError as error:
                raise typer.BadParameter(
                    f"{words[0]} cannot be run ({error.strerror})", param_hint="CMD"
                ) from None
    head = [
        f"# {Path(words[0]).name} and a card with the ATR {atr.hex().upper()}.",
        f"# Source: mynabox card record, {machine_now():%Y-%m-%d}.",
    ]
    file.write_text("\n".join([*head, *tape.lines]) + "\n", encoding="ascii")
    screen.remark(f"{file}: {tape.commands} commands")
    raise typer.Exit(done)


class _Tape:
    """The lines of a recording, from whichever thread they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.commands = 0
        self._guard = threading.Lock()

    def write(self, *lines: str) -> None:
        """Add lines that belong together."""
        with self._guard:
            self.lines += lines
            self.commands += sum(line.startswith(">") for line in lines)


class _OneCard:
    """A tray in which one card lies, wherever it really is (``Cards`` of the ports)."""

    def __init__(self, reach: Callable[[], Connection], tape: _Tape) -> None:
        self._reach = reach
        self._tape = tape
        self.atr = b""

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes,
        tries: Mapping[str, int],
        issuer_tries: int,
        profile: str | None = None,
    ) -> None:
        """Nothing is made here."""
        raise NotImplementedError("the card of a recording is there already")

    def connect(self, serial: str) -> Connection:
        """Power the card up where it is."""
        if serial != _SERIAL:
            raise KeyError(serial)
        recorded = _Recorded(self._reach, self._tape)
        self.atr = recorded.atr
        return recorded

    def tray(self) -> tuple[str | None, ...]:
        """The one card."""
        return (_SERIAL,)

    def insert(self, serial: str, slot: int = 0) -> None:
        """It lies where it lies."""

    def eject(self, slot: int = 0) -> None:
        """It stays where it is."""


class _Recorded:
    """A card whose conversation is written down: a ``Connection``."""

    def __init__(self, reach: Callable[[], Connection], tape: _Tape) -> None:
        self._card = reach()
        self._tape = tape
        self._scribe = Scribe()
        self._open = True
        tape.write(self._scribe.powered())

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """What the card answers."""
        answer = self._card.transmit(command)
        self._tape.write(*self._scribe.heard(command, answer))
        return answer

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card."""
        self._card.reset(cold=cold)
        self._tape.write(self._scribe.reset(cold=cold))

    def close(self) -> None:
        """Power the card off."""
        if self._open:
            self._open = False
            self._tape.write(self._scribe.unpowered())
        self._card.close()


@card.command("replay")
def repeat(
    file: Annotated[Path, typer.Argument(help="The transcript.", exists=True)],
    pin: Annotated[
        list[str] | None,
        typer.Option(
            help="A secret of the transcript, such as authentication=1234; visible to "
            "other users of this machine while the command runs.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    pin_file: Annotated[
        Path | None,
        typer.Option(
            help="Secrets, one 'name = value' per line; - is standard input.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    last_try: LastTryOption = False,
    reader: ReaderOption = "",
    home: CardHomeOption = None,
    json: JsonOption = False,
) -> None:
    """Say the commands of a transcript to a card again and compare its answers.

    Secrets that the transcript names and nobody gives are asked for. Exit status 1 if
    an answer differs.

    Examples:

    \b
      mynabox card replay hello.apdu
      mynabox card replay signing.apdu --pin authentication=1234
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    known = dict(secrets_from(pin_file)) if pin_file is not None else {}
    for each in pin or ():
        name, _, value = each.partition("=")
        known[name] = value
    for name in secrets_in(lines):
        if name not in known:
            known[name] = secret(name, given=None, file=None)
    try:
        with at_card(home, reader) as connection:
            steps = list(
                replay(_Careful(connection, last_try=last_try), lines, secrets=known)
            )
    except BadTranscript as bad:
        raise typer.BadParameter(f"{file}: {bad}", param_hint="FILE") from None
    different = [step for step in steps if not step.agrees]
    if json:
        screen.as_json(
            {
                "commands": len(steps),
                "different": [
                    {
                        "line": step.line,
                        "command": step.command,
                        "expected": step.expected,
                        "answer": step.answer,
                    }
                    for step in different
                ],
            }
        )
    else:
        for step in different:
            screen.line(f"line {step.line}: > {step.command}")
            screen.line(f"  expected {step.expected}")
            screen.line(f"  answered {step.answer}")
        screen.line(f"{len(steps)} commands, {len(different)} answered otherwise")
    if different:
        raise typer.Exit(1)


class _Careful:
    """A card that is asked how many tries are left before each VERIFY: a
    ``Connection``. Raises ``LastTry`` instead of spending it, unless told."""

    def __init__(self, card: Connection, *, last_try: bool) -> None:
        self._card = card
        self._last_try = last_try

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """What the card answers."""
        if command[1:2] == bytes((_VERIFY,)) and len(command) > 5:
            asked = self._card.transmit(command[:4])
            if tries_left(int.from_bytes(asked[-2:])) == 1 and not self._last_try:
                raise LastTry
        return self._card.transmit(command)

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card."""
        self._card.reset(cold=cold)

    def close(self) -> None:
        """Power the card off."""
        self._card.close()
