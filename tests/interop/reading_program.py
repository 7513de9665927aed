"""Reads a file of the JPKI application again and again, each time in a transaction.

``python reading_program.py READER FILE TIMES``; prints a hash of each reading.
"""

import hashlib
import sys

from mynabox.adapters.pcsc import PcscConnection, Readers

PIECE = 100


def reading(card: PcscConnection, file: str) -> bytes:
    with card.transaction():
        for command in ("00A4040C0AD392F000260100000001", f"00A4020C0200{file}"):
            assert card.transmit(bytes.fromhex(command)) == b"\x90\x00"
        head = answered(card, 0, 4)
        size = 4 + int.from_bytes(head[2:], "big")
        whole = head
        while len(whole) < size:
            whole += answered(card, len(whole), min(PIECE, size - len(whole)))
        return whole


def answered(card: PcscConnection, offset: int, size: int) -> bytes:
    answer = card.transmit(b"\x00\xb0" + offset.to_bytes(2, "big") + bytes([size]))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]


def main(reader: str, file: str, times: int) -> None:
    with Readers() as readers:
        card = readers.connect(reader)
        for _ in range(times):
            sys.stdout.write(hashlib.sha256(reading(card, file)).hexdigest() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
