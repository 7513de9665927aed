"""The system's own pcscd, with a program beside it that lays a card into vpcd.

``python pcscd_daemon.py PROGRAM WORDS...``, started by ``readers.SystemReader`` inside
namespaces of its own: vpcd listens on every address there is, so there must be none
but the loopback of this namespace, and pcscd's socket has a fixed place, so the place
must be this namespace's own. Ends with standard input.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mynabox.adapters.pcsc import PcscError, Readers

SOCKETS = Path("/run/pcscd")
DRIVER = "usr/lib/pcsc/drivers/serial/libifdvpcd.so"
UNPACKED = Path(__file__).parents[2] / ".tools" / "vpcd"
READERS = """\
FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH {driver}
CHANNELID 0x8C7B
"""
STARTING = 10.0


def own_place() -> None:
    """An empty folder for pcscd's socket that nobody else sees."""
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        raise SystemExit("this is no namespace of its own: vpcd would be open to all")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    SOCKETS.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(SOCKETS)], check=True)


def only_virtual_readers() -> str:
    """A configuration with vpcd, installed or unpacked, and no other reader."""
    found = [place / DRIVER for place in (Path("/"), UNPACKED)]
    driver = next((path for path in found if path.exists()), None)
    if driver is None:
        raise SystemExit("vpcd is missing: run tools/debian-packages test")
    path = SOCKETS / "reader.conf"
    path.write_text(READERS.format(driver=driver))
    return str(path)


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + STARTING
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"{what} in {STARTING:g} s")
        time.sleep(0.02)


def card_is_there() -> bool:
    try:
        with Readers() as readers:
            return any(
                readers.wait_for_card(name, seconds=0.05) for name in readers.names()
            )
    except PcscError:
        return False


@contextmanager
def running(*words: str) -> Iterator[None]:
    """A program that ends with the block, and is killed if this process is."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def main(*words: str) -> None:
    own_place()
    with running("pcscd", "--foreground", "--config", only_virtual_readers()):
        until((SOCKETS / "pcscd.comm").exists, "pcscd made no socket")
        with running(*words):
            until(card_is_there, "pcscd saw no card")
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
