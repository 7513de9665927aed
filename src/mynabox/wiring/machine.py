"""What this machine has and lacks."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mynabox.adapters.pcsc import PcscMissing, check_library
from mynabox.settings import Settings
from mynabox.usecases.show import verify_journal
from mynabox.wiring.home import BoxTrouble, open_home

_PROGRAMS = (
    ("opensc-tool", "opensc", "reads the card on the command line"),
    ("pkcs11-tool", "opensc", "signs with the card on the command line"),
    ("openssl", "openssl", "checks signatures, CRLs and OCSP answers"),
)
_ENOUGH_ROOM = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; ``needed`` where a box cannot do without it."""

    what: str
    state: Literal["good", "missing", "bad"]
    says: str
    needed: bool


def examine_machine(settings: Settings) -> list[Finding]:
    """Look at programs, fonts, room on the disk and the box itself."""
    return [
        *(_program(*known) for known in _PROGRAMS),
        _pcsc(),
        _font(),
        _room(settings.home),
        *_box(settings),
    ]


def _program(name: str, package: str, use: str) -> Finding:
    found = shutil.which(name)
    return Finding(
        what=name,
        state="good" if found else "missing",
        says=found or f"{use}; install it with: apt-get install {package}",
        needed=False,
    )


def _pcsc() -> Finding:
    try:
        check_library()
        says, there = "can be loaded", True
    except PcscMissing as missing:
        says, there = str(missing), False
    return Finding(
        what="libpcsclite",
        state="good" if there else "missing",
        says=says,
        needed=False,
    )


def _font() -> Finding:
    from mynabox.papers.glyphs import check as check_glyphs

    try:
        check_glyphs("個人番号通知書 見本 𠮷﨑髙 0123456789 Specimen")
    except ValueError as error:
        return Finding(what="paper fonts", state="bad", says=str(error), needed=True)
    return Finding(
        what="paper fonts", state="good", says="draw what papers need", needed=True
    )


def _room(home: Path) -> Finding:
    place = next(
        parent
        for parent in (home.absolute(), *home.absolute().parents)
        if parent.exists()
    )
    free = shutil.disk_usage(place).free
    enough = free >= _ENOUGH_ROOM
    writable = os.access(place, os.W_OK)
    return Finding(
        what=f"disk at {place}",
        state="good" if enough and writable else "bad",
        says=f"{free // 2**20} MiB free"
        + ("" if writable else ", but it cannot be written"),
        needed=True,
    )


def _box(settings: Settings) -> list[Finding]:
    if not (settings.home / "box.toml").exists():
        return [
            Finding(
                what=f"box {settings.home}",
                state="missing",
                says="make one with 'mynabox demo' or 'mynabox db init'",
                needed=False,
            )
        ]
    try:
        home = open_home(settings)
    except BoxTrouble as trouble:
        return [
            Finding(
                what=f"box {settings.home}", state="bad", says=str(trouble), needed=True
            )
        ]
    try:
        damages = verify_journal(home.box)
        with home.box.store.look() as work:
            waiting = len(tuple(work.outbox.waiting(limit=1000)))
    finally:
        home.close()
    return [
        Finding(what=f"box {settings.home}", state="good", says="opens", needed=True),
        Finding(
            what="journal",
            state="bad" if damages else "good",
            says=f"{len(damages)} damaged rows: see 'mynabox log verify'"
            if damages
            else "is sound",
            needed=True,
        ),
        Finding(
            what="outbox",
            state="good",
            says=f"{waiting} things wait for delivery" if waiting else "is empty",
            needed=True,
        ),
    ]
