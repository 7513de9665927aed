"""The ctypes way to card readers, against the daemon, in a program of its own."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mynabox.adapters import pcsc
from mynabox.reader.codes import Code
from mynabox.reader.daemon import ReaderDaemon

READER = "mynabox virtual reader 00 00"

Run = Callable[[str], str]


@pytest.fixture
def run(daemon: ReaderDaemon) -> Run:
    """Runs a program that has the readers open as ``readers``."""

    def execute(body: str) -> str:
        head = "from mynabox.adapters.pcsc import *\nwith Readers() as readers:\n"
        done = subprocess.run(
            [sys.executable, "-c", head + textwrap.indent(textwrap.dedent(body), " ")],
            env={**os.environ, **daemon.environment},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return execute


def test_names_are_those_of_pcsc() -> None:
    for code in Code:
        if code is not Code.SCARD_S_SUCCESS:
            assert pcsc.PcscError("SCardConnect", code).name == code.name


def test_a_number_without_a_name() -> None:
    assert str(pcsc.PcscError("SCardConnect", 0x80109999)) == "SCardConnect: 0x80109999"


def test_readers_and_a_card(run: Run) -> None:
    said = run(
        f"""
        print(readers.names())
        card = readers.connect({READER!r})
        print(card.atr.hex().upper())
        print(card.transmit(bytes.fromhex("80E0000000AABB")).hex().upper())
        print(len(card.transmit(bytes.fromhex("00B00000000000"))))
        card.close()
        card.close()
        """
    )
    assert said.splitlines() == [
        str((READER,)),
        "3BE000FF8131FE4514",
        "AABB9000",
        "65538",
    ]


def test_resets(run: Run, tray: Any) -> None:
    said = run(
        f"""
        card = readers.connect({READER!r})
        ask = bytes.fromhex("80210000")
        card.transmit(bytes.fromhex("80200000"))
        card.reset()
        print(card.transmit(ask).hex())
        card.reset(cold=True)
        print(card.transmit(ask).hex(), card.atr.hex())
        """
    )
    assert said.split() == ["9000", "6982", "3be000ff8131fe4514"]
    assert tray.cards["A"].resets == ["warm", "cold"]


def test_closing_powers_the_card_off(run: Run, tray: Any) -> None:
    run(f"readers.connect({READER!r}).close()")
    assert tray.cards["A"].powered == 0


def test_an_empty_reader(run: Run, tray: Any) -> None:
    tray.eject()
    said = run(
        f"""
        print(readers.wait_for_card({READER!r}, present=False, seconds=5))
        print(readers.wait_for_card({READER!r}, seconds=0.2))
        try:
            readers.connect({READER!r})
        except PcscError as error:
            print(error.name, error.function)
        """
    )
    assert said.splitlines() == ["True", "False", "SCARD_E_NO_SMARTCARD SCardConnect"]


def test_waiting_for_a_card_and_losing_it(daemon: ReaderDaemon, tray: Any) -> None:
    tray.eject()
    body = (
        "from mynabox.adapters.pcsc import Readers\n"
        "from mynabox.terminal.connection import CardRemoved\n"
        "with Readers() as readers:\n"
        f"  print(readers.wait_for_card({READER!r}, present=False), flush=True)\n"
        f"  print(readers.wait_for_card({READER!r}), flush=True)\n"
        f"  card = readers.connect({READER!r}); print('in', flush=True)\n"
        f"  readers.wait_for_card({READER!r}, present=False)\n"
        "  try: card.transmit(bytes(4))\n"
        "  except CardRemoved as gone: print(gone)\n"
        "  card.close()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", body],
        env={**os.environ, **daemon.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        tray.insert("B")
        assert process.stdout.readline() == "True\n"
        assert process.stdout.readline() == "in\n"
        tray.eject()
        assert process.stdout.readline() == "SCARD_W_REMOVED_CARD\n"
        assert process.wait(10) == 0


def test_another_programs_reset_is_an_error_until_ours(run: Run) -> None:
    said = run(
        f"""
        other = Readers()
        card, rival = readers.connect({READER!r}), other.connect({READER!r})
        with rival.transaction():
            rival.transmit(bytes.fromhex("80E00000"))
        rival.reset()
        try:
            card.transmit(bytes.fromhex("80E00000"))
        except PcscError as error:
            print(error.name)
        card.reset()
        print(card.transmit(bytes.fromhex("80E00000")).hex())
        try:
            other.connect({READER!r}, exclusive=True)
        except PcscError as error:
            print(error.name)
        """
    )
    assert said.split() == ["SCARD_W_RESET_CARD", "9000", "SCARD_E_SHARING_VIOLATION"]


def test_no_daemon(folder: Path) -> None:
    body = (
        "from mynabox.adapters.pcsc import Readers, PcscError\n"
        "try: Readers()\n"
        "except PcscError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", body],
        env={**os.environ, "PCSCLITE_CSOCK_NAME": str(folder / "none")},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "SCardEstablishContext: SCARD_E_NO_SERVICE\n", done.stderr


def test_no_library_is_said_with_the_package(folder: Path) -> None:
    """The loader is shown a file of the library's name that is no library."""
    (folder / "libpcsclite.so.1").write_text("not a library")
    body = (
        "from mynabox.adapters.pcsc import Readers, PcscMissing\n"
        "try: Readers()\n"
        "except PcscMissing as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", body],
        env={**os.environ, "LD_LIBRARY_PATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert "libpcsclite1" in done.stdout, done.stderr
