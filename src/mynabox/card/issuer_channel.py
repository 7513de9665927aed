"""The issuer's protected session, chip side. The protocol is ours: docs/card.md."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

RANDOM_BYTES = 16
TAG_BYTES = 16


def expected_proof(key: bytes, *, card: bytes, host: bytes, serial: str) -> bytes:
    """What an issuer that knows ``key`` sends; ``card`` and ``host`` are the randoms."""
    return _mac(key, b"mynabox issuer" + card + host + serial.encode("ascii"))


def own_proof(key: bytes, *, card: bytes, host: bytes) -> bytes:
    """What the chip answers, so that the issuer knows it is the card it looks for."""
    return _mac(key, b"mynabox card" + host + card)


class IssuerChannel:
    """One session: opens commands, seals answers, each with its own number.

    The numbers make every nonce unique and every old command worthless.
    """

    def __init__(self, key: bytes, *, card: bytes, host: bytes) -> None:
        blocks = (
            _mac(key, bytes((i,)) + b"mynabox session\x00" + card + host + b"\x01\x00")
            for i in (1, 2)
        )
        self._cipher = AESGCM(b"".join(blocks))
        self._number = 0

    def open(self, header: bytes, sealed: bytes) -> bytes | None:
        """The content of the next command, or None if it is not what was sealed."""
        self._number += 1
        try:
            return self._cipher.decrypt(self._nonce(b"CMD\x00"), sealed, header)
        except InvalidTag:
            return None

    def seal(self, header: bytes, content: bytes, sw: int) -> bytes:
        """The protected answer to the command last opened."""
        bound = header + sw.to_bytes(2)
        return self._cipher.encrypt(self._nonce(b"ANS\x00"), content, bound)

    def _nonce(self, direction: bytes) -> bytes:
        return direction + self._number.to_bytes(8)


def _mac(key: bytes, data: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(data)
    return mac.finalize()
