"""``mynabox demo``: the whole system, walked once."""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import (
    NextCardOption,
    ProductionShapeOption,
    WithUriOption,
    environment,
    settings_for,
)
from mynabox.cli.residents import describe
from mynabox.lifecycle.life import Refused
from mynabox.reader.daemon import ENVIRONMENT
from mynabox.sandbox.calendar import story_days
from mynabox.sandbox.specimen import (
    SPECIMEN_PINS,
    specimen_mistakes,
    specimen_portrait,
    specimen_residents,
    story_people,
)
from mynabox.sandbox.story import Setting, Step, Unproven, steps
from mynabox.settings import Settings
from mynabox.terminal.connection import Connection
from mynabox.usecases.turn_clock import follow_clock
from mynabox.wiring import (
    Home,
    NoPcsc,
    machine_now,
    only_server,
    open_home,
    over_pcsc,
    reader_daemon,
)
from mynabox.wiring import serve as serve_home

_DONE = "story-done"
_HOMES = 1000


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="End instead of serving the box.")
    ] = False,
    photo: Annotated[
        Path | None,
        typer.Option(
            help="A JPEG to apply with (default: a drawn specimen).", metavar="FILE"
        ),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the new box (default: ./box, or the next free box-2, "
            "box-3 ...).",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Only the steps, not every proof.")
    ] = False,
    with_uri: WithUriOption = None,
    production_shape: ProductionShapeOption = None,
    next_card: NextCardOption = None,
) -> None:
    """Open a new box and walk one resident from registration to a revoked answer.

    Each step prints what it has proven. Then the box is served until you stop it,
    with the card in the reader. A demo that was cut short goes on where it stopped.
    Exit status 0 only if every step held.

    Examples:

      mynabox demo

      mynabox demo --exit --photo me.jpg --home /tmp/box
    """
    picture = specimen_portrait() if photo is None else _read(photo)
    settings = settings_for(
        home or _free_home(),
        host=host,
        port=port,
        with_uri=with_uri,
        production_shape=production_shape,
        next_card=next_card,
    )
    box = open_home(settings, create=True)
    try:
        with only_server(box):
            proven = _walk(box, picture, settings, quiet=quiet)
        if not proven:
            raise typer.Exit(1)
        if not leave:
            serve_home(box, announce=screen.line)
    finally:
        box.close()


def _walk(box: Home, picture: bytes, settings: Settings, *, quiet: bool) -> bool:
    """Run every step; whether all of them held."""
    register = specimen_residents()
    hero, traveller = story_people(register)
    started = time.perf_counter()
    times: list[tuple[Step, float]] = []
    screen.line(f"A new box in {box.path}")
    with ExitStack() as stack:
        setting = Setting(
            box=box.box,
            clock=box.clock,
            days=story_days(machine_now()),
            hero=hero,
            traveller=traveller,
            register=register.splitlines(keepends=True),
            mistakes=specimen_mistakes().splitlines(keepends=True),
            photo=picture,
            reader=_Reader(box, stack),
            mailbox=box.mail.texts,
            keep=lambda name, data: _keep(box, name, data),
            describe=describe,
            refusal=screen.refusal,
        )
        for number, step in enumerate(steps(), start=1):
            screen.line(f"\n{number}. {step.title}")
            began = time.perf_counter()
            try:
                for said in step.run(setting):
                    if not quiet:
                        screen.good(said)
            except Unproven as unproven:
                screen.trouble(f"step {number} did not hold: {unproven}")
                return False
            except Refused as refused:
                screen.trouble(f"step {number} was refused: {screen.refusal(refused)}")
                return False
            times.append((step, time.perf_counter() - began))
        follow_clock(box.box, box.clock)
    (box.path / _DONE).touch()
    _sum_up(box, hero, times, time.perf_counter() - started)
    return True


def _sum_up(
    box: Home, hero: str, times: Sequence[tuple[Step, float]], total: float
) -> None:
    screen.line("\nEvery step held.")
    for number, (step, seconds) in enumerate(times, start=1):
        screen.line(f"  {number:2}. {step.title:50} {seconds:6.2f} s")
    screen.line(f"      {'all of it':50} {total:6.2f} s")
    pins = ", ".join(
        f"{kind} {pin.characters}" for kind, pin in sorted(SPECIMEN_PINS.items())
    )
    screen.line(f"\nThe specimen card lies in the reader. Its PINs: {pins}")
    screen.line(f"Its holder: mynabox resident show {hero} --home {box.path}")


class _Reader:
    """Powers a card up in the virtual reader: over PC/SC like any program, or, on a
    machine without the PC/SC library, straight from the tray."""

    def __init__(self, box: Home, stack: ExitStack) -> None:
        self._box = box
        self._stack = stack
        self._running = False

    def __call__(self, serial: str) -> tuple[Connection, str]:
        try:
            if not self._running:
                daemon = self._stack.enter_context(reader_daemon(self._box))
                os.environ[ENVIRONMENT] = str(daemon.socket_path)
                self._running = True
            self._box.cards.insert(serial)
            connection = over_pcsc()
        except NoPcsc as missing:
            self._box.cards.insert(serial)
            return (
                self._box.cards.connect(serial),
                f"the card is in the virtual reader ({missing}; asked directly)",
            )
        return connection, "the card is in the virtual reader, reached over PC/SC"


def _read(photo: Path) -> bytes:
    try:
        return photo.read_bytes()
    except OSError as error:
        raise typer.BadParameter(
            f"{photo} cannot be read ({error.strerror})", param_hint="--photo"
        ) from None


def _free_home() -> Path:
    """``MYNABOX_HOME`` or ./box; beside a box whose story is told, the next one."""
    first = environment().home
    for number in range(1, _HOMES):
        path = first if number == 1 else first.with_name(f"{first.name}-{number}")
        if not (path / "box.toml").exists() or _unfinished(path):
            return path
    return first


def _unfinished(path: Path) -> bool:
    return not (path / _DONE).exists()


def _keep(box: Home, name: str, data: bytes) -> str:
    box.papers.mkdir(mode=0o700, exist_ok=True)
    path = box.papers / name
    path.write_bytes(data)
    return str(path)
