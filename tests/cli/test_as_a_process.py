"""The program as a process: stopped, cut off, measured, and gone on with."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mynabox.settings import Settings
from mynabox.usecases.show import show_resident, verify_journal
from mynabox.wiring import open_home
from tests.boxes import PROGRAM, served

HOLDER = "31415926530"
LONGEST_SECONDS, LARGEST_MIB = 60, 300
"""What a demo may take on two cores."""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "MYNABOX" not in name}
    return kept | {"PYTHONUNBUFFERED": "1"} | more


@contextmanager
def started(*words: str | Path, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """The program, ended for sure when the block ends."""
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env=environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def said_until(process: subprocess.Popen[str], words: str) -> str:
    """Everything the program said up to the line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it never said '{words}':\n{said}")


def demo(cwd: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """``mynabox demo --exit`` in a folder."""
    return subprocess.run(
        [str(PROGRAM), "demo", "--exit", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(),
        timeout=LONGEST_SECONDS,
        check=False,
    )


def sound(home: Path) -> None:
    """The box's journal verifies and its hero has one card."""
    box = open_home(Settings(home=home))
    try:
        assert verify_journal(box.box) == []
        shown = show_resident(HOLDER, box.box)
        assert len(shown.notices) == len(shown.applications) == len(shown.cards) == 1
    finally:
        box.close()


MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stdout, used.ru_maxrss / 1024]))
"""
"""Runs a program and tells its status, what it said, and the most memory it had (MiB).
A small process of its own: a child begins with the memory of whoever starts it."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which a demo was told, and what it said; measured as it ran."""
    folder = tmp_path_factory.mktemp("finished")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, PROGRAM, "demo", "--exit"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(),
        check=True,
    )
    seconds = time.monotonic() - began
    status, said, memory = json.loads(done.stdout)
    assert status == 0, said + done.stderr
    assert seconds < LONGEST_SECONDS
    assert 20 < memory < LARGEST_MIB
    return folder, said


def test_the_demo_proves_every_step(finished: tuple[Path, str]) -> None:
    """eleven of them, each with its time; plain lines where no terminal is"""
    folder, said = finished
    titles = re.findall(r"^(\d+)\. (.+)$", said, re.M)
    assert [int(number) for number, _ in titles] == list(range(1, 12))
    assert "Every step held." in said
    times = re.findall(r"^ +(\d+)\. (.+?) +(\d+\.\d\d) s$", said, re.M)
    assert [title for _, title, _ in times] == [title for _, title in titles]
    assert len(re.findall("^✓ ", said, re.M)) > 40
    for words in ("refused: ", "certificateHold", "OCSP says good", "stays revoked"):
        assert words in said
    assert "\x1b" not in said
    sound(folder / "box")


def test_a_second_demo_goes_next_door(finished: tuple[Path, str]) -> None:
    """a box whose story is told is left alone"""
    folder, _ = finished
    before = (folder / "box/box.db").read_bytes()
    done = demo(folder, "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A new box in box-2" in done.stdout
    assert "✓" not in done.stdout
    assert (folder / "box/box.db").read_bytes() == before
    sound(folder / "box-2")


def test_a_demo_told_again_in_the_same_box(finished: tuple[Path, str]) -> None:
    """by name: nothing is done twice"""
    folder, _ = finished
    done = demo(folder, "--home", "box")
    assert done.returncode == 0, done.stdout + done.stderr
    sound(folder / "box")


def test_a_demo_with_a_photo_that_is_refused(tmp_path: Path) -> None:
    """the rule is named, status 1; with a better photo the same story goes on"""
    photo = tmp_path / "me.jpg"
    photo.write_bytes(b"not a picture" * 3000)
    done = demo(tmp_path, "--photo", photo)
    assert done.returncode == 1
    assert "step 5 was refused" in done.stderr
    assert "[R045]" in done.stderr
    assert "Every step held" not in done.stdout
    again = demo(tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert not (tmp_path / "box-2").exists()
    sound(tmp_path / "box")


@pytest.mark.parametrize("step", [9])
def test_a_demo_that_was_killed(tmp_path: Path, step: int) -> None:
    """kill -9 in the middle of a step; started again it goes on where it stopped"""
    with started("demo", "--exit", cwd=tmp_path) as process:
        said_until(process, f"{step}. ")
        process.kill()
        process.wait()
    again = demo(tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "A new box in box\n" in again.stdout
    assert not (tmp_path / "box-2").exists()
    sound(tmp_path / "box")


def test_a_demo_that_was_interrupted(tmp_path: Path) -> None:
    """Ctrl-C: status 130, no trace of the program's inside; the next start is clean"""
    with started("demo", "--exit", cwd=tmp_path) as process:
        said = said_until(process, "6. ")
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        said += process.stdout.read()
        assert process.wait(timeout=20) == 130, said
    assert "Traceback" not in said
    again = demo(tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    sound(tmp_path / "box")


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name
)
def test_a_box_that_is_no_longer_served(tmp_path: Path, how: signal.Signals) -> None:
    """stopped in an orderly way: soon, without a trace, socket gone, next start good"""
    with started("serve", "--home", "box", "--port", "0", cwd=tmp_path) as process:
        said = said_until(process, "Stop with")
        socket = Path(re.findall(r"^Card reader: (.+)$", said, re.M)[0])
        assert socket.is_socket()
        began = time.monotonic()
        process.send_signal(how)
        assert process.stdout is not None
        rest = process.stdout.read()
        status = process.wait(timeout=20)
        assert time.monotonic() - began < 10
    assert status in (0, 130, -how), rest
    assert "Traceback" not in rest
    assert not socket.exists()
    with served(tmp_path / "box") as again:
        assert again.process.poll() is None


def test_a_box_whose_server_was_killed(tmp_path: Path) -> None:
    """kill -9: the socket file that is left over stands in nobody's way"""
    with served(tmp_path / "box") as first:
        first.process.kill()
        first.process.wait()
        assert Path(first.socket).exists()
        with served(tmp_path / "box") as second:
            assert second.socket == first.socket


def test_whoever_stops_reading(finished: tuple[Path, str]) -> None:
    """a pipe that is closed early ends the program quietly"""
    folder, _ = finished
    for words in ("log show", "log show --json"):
        done = subprocess.run(
            ["sh", "-c", f'"{PROGRAM}" {words} --home box | true'],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == ""


@pytest.mark.parametrize("before", [("--home", "{}"), ("--home={}",)])
def test_the_box_named_before_the_command(
    finished: tuple[Path, str], before: tuple[str, ...], tmp_path: Path
) -> None:
    words = [word.format(finished[0] / "box") for word in before]
    done = subprocess.run(
        [str(PROGRAM), *words, "resident", "show", HOLDER, "--json"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["record_code"] == HOLDER
    assert not list(tmp_path.iterdir())


def test_settings_by_environment(finished: tuple[Path, str]) -> None:
    """``MYNABOX_HOME`` stands for ``--home``; a value that cannot be is told"""
    folder, _ = finished
    done = subprocess.run(
        [str(PROGRAM), "card", "list", "--json"],
        cwd=folder.parent,
        env=environment(MYNABOX_HOME=str(folder / "box")),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert len(json.loads(done.stdout)) >= 1
    wrong = subprocess.run(
        [str(PROGRAM), "card", "list"],
        cwd=folder,
        env=environment(MYNABOX_PORT="many"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert wrong.returncode == 2
    assert "MYNABOX_PORT" in wrong.stderr
    assert "Traceback" not in wrong.stderr
