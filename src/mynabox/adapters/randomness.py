"""Where random bytes come from."""

import os
import threading
from hashlib import blake2b


class SystemRandom:
    """The operating system's generator: for everything that is to stay secret."""

    def __call__(self, size: int, /) -> bytes:
        """``size`` random bytes."""
        return os.urandom(size)


class SeededRandom:
    """The same bytes for the same seed, so that sandbox data can be made again.

    Whoever knows the seed knows every byte: never for a box that holds anything but
    specimens. The n-th byte is the same however the bytes are asked for. May be
    shared by threads (who then gets which bytes is left to chance).
    """

    def __init__(self, seed: str | int) -> None:
        self._key = blake2b(str(seed).encode(), person=b"mynabox-seed").digest()
        self._guard = threading.Lock()
        self._block = 0
        self._left = b""

    def __call__(self, size: int, /) -> bytes:
        """The next ``size`` bytes."""
        if size < 0:
            raise ValueError("a size is not negative")
        with self._guard:
            parts = [self._left]
            there = len(self._left)
            while there < size:
                parts.append(blake2b(self._block.to_bytes(8), key=self._key).digest())
                self._block += 1
                there += len(parts[-1])
            given = b"".join(parts)
            self._left = given[size:]
            return given[:size]
