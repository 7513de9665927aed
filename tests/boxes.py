"""Boxes for tests: opened in a folder, walked a part of the way, or served."""

import atexit
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree, which
from typing import Literal

from mynabox.cli.residents import describe
from mynabox.cli.screen import refusal
from mynabox.law.days import JST
from mynabox.sandbox.calendar import StoryDays, story_days
from mynabox.sandbox.specimen import (
    specimen_mistakes,
    specimen_portrait,
    specimen_residents,
    story_people,
)
from mynabox.sandbox.story import Setting, steps
from mynabox.settings import Settings
from mynabox.terminal.connection import Connection
from mynabox.usecases.open_box import open_box
from mynabox.wiring import Home, open_home
from tests.rings import with_keys_of_a_ring

PROGRAM = Path(sys.executable).with_name("mynabox")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=JST)
"""The moment at which stories of tests end (a Friday)."""
Keys = Literal["copied", "new"]
"""Whose keys and secrets a new box has."""


@contextmanager
def box_in(
    folder: Path,
    *,
    at: datetime | None = None,
    database: str | None = None,
    keys: Keys = "copied",
) -> Iterator[Home]:
    """An open box with its authorities; at a moment of its own, if told; in the
    database with this URL instead of a file, if told. Its chips take their keys from a
    ring. A new box in a file has the keys and secrets of any other that this process
    made for the same moment, unless told otherwise."""
    if keys == "copied" and database is None and not folder.exists():
        copytree(_new_box(at), folder)
    home = open_home(Settings(home=folder, database=database), create=True)
    try:
        if at is not None:
            home.clock.set(at)
        open_box(home.box)
        yield with_keys_of_a_ring(home)
    finally:
        home.close()


@cache
def _new_box(at: datetime | None) -> Path:
    """A box with its authorities, made once in a process and copied from then on."""
    folder = Path(tempfile.mkdtemp(prefix="mynabox-new-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    home = open_home(Settings(home=folder / "box"), create=True)
    try:
        if at is not None:
            home.clock.set(at)
        open_box(home.box)
    finally:
        home.close()
    return folder / "box"


def days() -> StoryDays:
    """The story's days in tests."""
    return story_days(NOW)


def setting_in(home: Home) -> Setting:
    """The demo's story, told in this box without a PC/SC library."""

    def reader(serial: str) -> tuple[Connection, str]:
        return home.cards.connect(serial), "the card is in the virtual reader"

    def keep(name: str, data: bytes) -> str:
        home.papers.mkdir(exist_ok=True)
        (home.papers / name).write_bytes(data)
        return name

    register = specimen_residents()
    hero, traveller = story_people(register)
    return Setting(
        box=home.box,
        clock=home.clock,
        days=days(),
        hero=hero,
        traveller=traveller,
        register=register.splitlines(keepends=True),
        mistakes=specimen_mistakes().splitlines(keepends=True),
        photo=specimen_portrait(),
        reader=reader,
        mailbox=home.mail.texts,
        keep=keep,
        describe=describe,
        refusal=refusal,
    )


def walk(home: Home, *, until: int | None = None) -> Setting:
    """Tell the story in this box, up to (and with) step number ``until``."""
    setting = setting_in(home)
    for step in steps()[:until]:
        for _ in step.run(setting):
            pass
    return setting


@dataclass(frozen=True, slots=True)
class Served:
    """A box served by a process of its own."""

    address: str
    socket: str
    process: subprocess.Popen[str]


@contextmanager
def served(folder: Path, *options: str, **settings: str) -> Iterator[Served]:
    """``mynabox serve`` of a box on a free port, ended when the block ends; with
    settings of its environment."""
    process = subprocess.Popen(
        [PROGRAM, "serve", "--home", folder, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | settings,
    )
    assert process.stdout is not None
    said: list[str] = []
    address = socket = ""
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"(http://\S+)$", line.strip()):
                address = found[1]
            if found := re.match(r"Card reader: (.+)$", line.strip()):
                socket = found[1]
            if line.startswith("Stop with"):
                break
        else:
            raise AssertionError("the box was not served: " + "".join(said))
        yield Served(address, socket, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def tool(name: str, package: str) -> str:
    """Path of an outside program; its absence fails the test that needs it."""
    found = which(name)
    if found is None:
        raise AssertionError(
            f"{name} is not on this machine: apt-get install {package}"
        )
    return found


def run(
    *command: str | Path,
    expect: int | None = 0,
    text_in: str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program, with more in its environment if told; fail with all it said if
    it ends otherwise than expected."""
    done = subprocess.run(
        [str(part) for part in command],
        input=text_in,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | dict(env or {}),
    )
    if expect is not None and done.returncode != expect:
        raise AssertionError(
            f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done


def seconds_since_epoch(moment: datetime) -> str:
    """A moment as OpenSSL's ``-attime`` takes it."""
    return str(int(moment.timestamp()))


def minutes_after(moment: datetime, minutes: int) -> datetime:
    """A moment a little later."""
    return moment + timedelta(minutes=minutes)


def lines_of(data: bytes) -> Sequence[bytes]:
    """A register file's lines."""
    return data.splitlines(keepends=True)
