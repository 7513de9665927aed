"""The program run in this process, and a told box for it to work on."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from mynabox.cli import main
from tests.boxes import box_in, days, walk


@dataclass(frozen=True)
class Said:
    """How the program ended and what it said."""

    status: int
    out: str
    err: str

    def json(self) -> object:
        """What a program reads of it."""
        return json.loads(self.out)


Mynabox = Callable[..., Said]


@pytest.fixture
def mynabox(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Mynabox:
    """Runs the program with these words."""
    for name in ("MYNABOX_HOME", "MYNABOX_DATABASE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["mynabox", *map(str, words)])
        capfd.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            assert end.code is None or isinstance(end.code, int), end.code
            status = end.code or 0
        said = capfd.readouterr()
        return Said(status, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box whose story is told; not to be changed."""
    folder = tmp_path_factory.mktemp("told") / "box"
    with box_in(folder, at=days().registered) as home:
        walk(home)
    return folder


@pytest.fixture
def box(told: Path, tmp_path: Path) -> Path:
    """A copy of the told box."""
    return Path(copytree(told, tmp_path / "box"))


@pytest.fixture
def serial(box: Path) -> str:
    """The card of the told box."""
    return (box / "tray/0").read_text("ascii").strip()
