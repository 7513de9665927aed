"""The system's own pcscd with the cards under a folder in vpcd's first reader.

Started by ``readers.SystemReader`` inside namespaces of its own: vpcd listens on every
address there is, so there must be none but the loopback of this namespace, and pcscd's
socket has a fixed place, so the place must be this namespace's own. Serves until
standard input ends.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.pcsc import PcscError, Readers
from mynabox.adapters.randomness import SystemRandom
from mynabox.reader.vpcd import VpcdClient

SOCKETS = Path("/run/pcscd")
STARTING = 10.0


def only_loopback() -> bool:
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def own_place() -> None:
    """An empty folder for pcscd's socket that nobody else sees."""
    if not only_loopback():
        raise SystemExit("this is no namespace of its own: vpcd would be open to all")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    SOCKETS.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(SOCKETS)], check=True)


def until(true: object, what: str) -> None:
    assert callable(true)
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


def main(home: Path, key: bytes) -> None:
    own_place()
    pcscd = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", "pcscd", "--foreground"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
    )
    cards = CardFiles(home, key=key, random=SystemRandom())
    try:
        until((SOCKETS / "pcscd.comm").exists, "pcscd made no socket")
        with VpcdClient(cards, 0):
            if cards.tray()[0] is not None:
                until(card_is_there, "pcscd saw no card")
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            sys.stdin.read()
    finally:
        pcscd.terminate()
        pcscd.wait(20)


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
