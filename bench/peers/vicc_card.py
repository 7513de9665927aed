"""The card of vsmartcard (vicc) without a reader: seconds for commands, a line each.

Reads lines ``COUNT COMMAND``; says the seconds that COUNT times COMMAND took. Runs
where the package ``vsmartcard-vpicc`` and the ``Crypto`` module can be imported.
"""

import sys
import time

from virtualsmartcard.CardGenerator import CardGenerator
from virtualsmartcard.VirtualSmartcard import Iso7816OS


def main():
    """Obey."""
    files, security = CardGenerator("iso7816").getCard()
    card = Iso7816OS(files, security)
    card.powerUp()
    for line in sys.stdin:
        count, command = line.split()
        raw = bytes.fromhex(command)
        answer = card.execute(raw)
        assert bytes(answer)[-2:] == b"\x90\x00", bytes(answer).hex()
        start = time.perf_counter()
        for _ in range(int(count)):
            card.execute(raw)
        print(time.perf_counter() - start, flush=True)


main()
