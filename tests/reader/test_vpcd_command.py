"""``mynabox reader vpcd`` as a process, against a small vpcd."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mynabox.wiring import Home
from tests.boxes import PROGRAM, box_in, run
from tests.reader.small_vpcd import ON, HungUp, SmallVpcd

SERIAL = "9000330000000025"
SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")
TRIES = {
    **dict.fromkeys(("authentication", "juki", "input_support"), 3),
    "signature": 5,
    "number_a": 10,
    "number_b": 10,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A box with a blank card in its reader."""
    with box_in(tmp_path_factory.mktemp("vpcd") / "box") as home:
        home.cards.make(SERIAL, issuer_key=bytes(32), tries=TRIES, issuer_tries=10)
        home.cards.insert(SERIAL)
        yield home


@contextmanager
def program(home: Home, port: int) -> Iterator[subprocess.Popen[str]]:
    words = ("reader", "vpcd", "--home", str(home.path), "--port", str(port))
    process = subprocess.Popen(
        [str(PROGRAM), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_card_is_there_until_the_program_ends(home: Home, end: int) -> None:
    """and then it is out of the reader, and nothing was wrong"""
    with SmallVpcd() as vpcd, program(home, vpcd.port) as process:
        assert vpcd.accept(20)
        assert vpcd.present()
        vpcd.send(ON)
        assert vpcd.ask(SELECT_JPKI) == b"\x90\x00"
        process.send_signal(end)
        with pytest.raises(HungUp):
            vpcd.receive()
        out, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")
        assert f"127.0.0.1:{vpcd.port}" in out


def test_a_vpcd_that_is_not_there_is_named(home: Home) -> None:
    """once, on standard error; the program waits for it"""
    with SmallVpcd() as gone:
        port = gone.port
    with program(home, port) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "vpcd is not there" in said
        assert str(port) in said
        with SmallVpcd(port) as later:
            assert later.accept(20)
            assert later.present()


def test_a_reader_that_the_box_does_not_have(home: Home) -> None:
    """one sentence, status 2"""
    words = ("reader", "vpcd", "--home", home.path, "--reader", "5")
    done = run(PROGRAM, *words, expect=2)
    assert "the box has 1 reader(s)" in done.stderr
