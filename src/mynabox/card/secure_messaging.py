"""Secure messaging (JICSAP 1.1 §5.3) as the input-support application has it.

It keeps contents from being read along, and nothing else: there is no checksum. The
key is AES-128 in CBC; the initial vector of a command and of its answer is the
encrypted number of the command, counted from 1 (measured by myna-card's author).
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from mynabox.iso7816 import Command
from mynabox.iso7816.apdu import EXTENDED_LE
from mynabox.iso7816.tlv import TlvError, encode_ber, parse_ber

SEED_BYTES = 32
_BLOCK = 16
_CRYPTOGRAM, _EXPECTED = 0x86, 0x96
_PADDED = 0x01
"""Says of a cryptogram that its content is padded (ISO/IEC 7816-4 §10.2.3)."""
_READ_BINARY = 0xB0


class NotOpened(Exception):
    """A protected command is not what this session protects; the session is over."""


class SecureSession:
    """One session; ``seed`` is what SET SESSION KEY brought, 32 bytes.

    Every protected command counts, also one that the application then refuses.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = AES128(seed[:_BLOCK])
        self._number = 0
        self.broken = False

    def open(self, command: Command) -> Command:
        """The command inside; raises :class:`NotOpened`, and is broken then."""
        self._number += 1
        try:
            return self._opened(command)
        except NotOpened:
            self.broken = True
            raise

    def seal(self, content: bytes) -> bytes:
        """The answer to the command last opened; nothing is answered as nothing."""
        if not content:
            return b""
        filler = _BLOCK - len(content) % _BLOCK
        padded = content + b"\x80".ljust(filler, b"\x00")
        cipher = self._cipher().encryptor()
        return encode_ber(_CRYPTOGRAM, bytes((_PADDED,)) + cipher.update(padded))

    def _opened(self, command: Command) -> Command:
        try:
            objects = parse_ber(command.data)
        except TlvError:
            raise NotOpened from None
        if len(objects) != 1:
            raise NotOpened
        found = objects[0]
        head = (0x00, command.ins, command.p1, command.p2)
        if command.ins == _READ_BINARY:
            if found.tag != _EXPECTED or len(found.value) != 3 or found.value[0]:
                raise NotOpened
            length = int.from_bytes(found.value[1:]) or EXTENDED_LE
            return Command(*head, le=length)
        if found.tag != _CRYPTOGRAM or found.value[:1] != bytes((_PADDED,)):
            raise NotOpened
        return Command(*head, self._decrypted(found.value[1:]))

    def _decrypted(self, cryptogram: bytes) -> bytes:
        if not cryptogram or len(cryptogram) % _BLOCK:
            raise NotOpened
        padded = self._cipher().decryptor().update(cryptogram)
        content, mark, filler = padded.rpartition(b"\x80")
        if not mark or filler.strip(b"\x00") or len(filler) >= _BLOCK:
            raise NotOpened
        return content

    def _cipher(self) -> Cipher[CBC]:
        number = Cipher(self._key, ECB()).encryptor().update(self._number.to_bytes(16))
        return Cipher(self._key, CBC(number))


def seed_in(message: bytes) -> bytes | None:
    """The seed in a delivered key: ``A0 { 80 <32 bytes> }``; None in any other."""
    try:
        outer = parse_ber(message)
        if len(outer) != 1 or outer[0].tag != 0xA0:
            return None
        inner = parse_ber(outer[0].value)
    except TlvError:
        return None
    if len(inner) != 1 or inner[0].tag != 0x80 or len(inner[0].value) != SEED_BYTES:
        return None
    return inner[0].value
