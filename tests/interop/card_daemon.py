"""Serves the cards under a folder until standard input ends."""

import sys
from pathlib import Path

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from mynabox.reader.daemon import ReaderDaemon


def main(home: Path, key: bytes) -> None:
    cards = CardFiles(home, key=key, random=SystemRandom())
    with ReaderDaemon(cards, home / "pcscd.comm", access="everyone"):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
