"""Lays the card that is in the tray under a folder into vpcd, until SIGTERM."""

import signal
import sys
from pathlib import Path

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from mynabox.reader.vpcd import VpcdClient


def main(home: Path, key: bytes) -> None:
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with VpcdClient(CardFiles(home, key=key, random=SystemRandom())):
        signal.sigwait(ends)


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
