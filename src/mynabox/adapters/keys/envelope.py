"""A file sealed with a passphrase: records in, records out, in one pass.

Layout: magic, a data key locked with the passphrase, then frames: length (4 octets),
last-frame flag (1), AES-256-GCM of the record. The nonce is the frame's number, and
the flag is authenticated, so frames can be neither altered, dropped, swapped nor cut
off. The last frame is empty.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mynabox.adapters.keys.errors import TornFile
from mynabox.adapters.keys.passphrase import LOCKED_SIZE, lock, unlock
from mynabox.adapters.keys.sealed import RandomBytes

_MAGIC = b"mynabox sealed archive 1\n"
_FRAME = Struct(">IB")
_LONGEST = 64 * 2**20
_KEY = 32


def seal_records(
    records: Iterable[bytes], file: BinaryIO, *, passphrase: str, random: RandomBytes
) -> None:
    """Write the records under a passphrase; raises ``ValueError`` for an empty one."""
    key = random(_KEY)
    file.write(_MAGIC + lock(key, passphrase, random=random))
    cipher = AESGCM(key)
    number = 0
    for record in records:
        _write(file, cipher, number, record, last=False)
        number += 1
    _write(file, cipher, number, b"", last=True)


def open_records(file: BinaryIO, *, passphrase: str, path: Path) -> Iterator[bytes]:
    """The records of a file; raises ``WrongPassphrase``, and ``TornFile`` at the
    latest when its end was reached. *path* names it in errors."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise TornFile(path)
    cipher = AESGCM(unlock(file.read(LOCKED_SIZE), passphrase, path=path))
    number = 0
    while True:
        head = file.read(_FRAME.size)
        if len(head) != _FRAME.size:
            raise TornFile(path)
        size, last = _FRAME.unpack(head)
        if size > _LONGEST:
            raise TornFile(path)
        sealed = file.read(size)
        try:
            record = cipher.decrypt(number.to_bytes(12, "big"), sealed, head)
        except (InvalidTag, ValueError):
            raise TornFile(path) from None
        if last:
            if record or file.read(1):
                raise TornFile(path)
            return
        yield record
        number += 1


def _write(
    file: BinaryIO, cipher: AESGCM, number: int, record: bytes, *, last: bool
) -> None:
    if len(record) > _LONGEST - 16:
        raise ValueError("a record is too long")
    head = _FRAME.pack(len(record) + 16, last)
    file.write(head + cipher.encrypt(number.to_bytes(12, "big"), record, head))
