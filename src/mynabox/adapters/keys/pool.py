"""RSA keys made ahead, in idle time, for chips to take.

A key lies sealed in ``pool/``. Whoever takes one first renames its file into
``pool/taken/``: of two takers one wins, whichever processes they are in. The file is
wiped, and that is durable, before the key is given out. So a key is used once or not
at all, whenever the power goes; a file left in ``taken/`` is wiped, never used.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from mynabox.adapters.files import sync_directory
from mynabox.adapters.keys.errors import KeyStoreError, TornFile
from mynabox.adapters.keys.sealed import RandomBytes, Seal, path_of, wipe_file

_BITS, _EXPONENT = 2048, 65537
_NAME_SIZE = 16
_PAUSE = 1.0
"""Seconds between two looks of an idle thread at the pool."""


def make_key() -> RSAPrivateKey:
    """A new key, made now."""
    return generate_private_key(_EXPONENT, _BITS)


class KeyPool:
    """The pool of one box, shared by all its processes.

    ``seal``    gives the seal when it is needed, so that opening a box reads nothing
    ``low``     below this many keys the idle threads begin to work ...
    ``high``    ... until there are this many
    ``make``    makes a key
    """

    def __init__(
        self,
        directory: Path,
        *,
        seal: Callable[[], Seal],
        random: RandomBytes,
        low: int,
        high: int,
        make: Callable[[], RSAPrivateKey] = make_key,
    ) -> None:
        if not 0 <= low <= high:
            raise ValueError("the low water mark lies below the high one")
        self._ready = directory / "pool"
        self._taken = self._ready / "taken"
        self._seal = seal
        self._random = random
        self._low = low
        self._high = high
        self._make = make
        self._filling = Event()
        self._turn = Lock()

    def take(self) -> RSAPrivateKey:
        """A key that nobody else has had or will have: from the pool, or made now if
        it is empty."""
        while (name := self._claim()) is not None:
            with suppress(KeyStoreError):
                return self._use_up(name)
        return self._make()

    def count(self) -> int:
        """How many keys are ready."""
        return sum(1 for _ in self._files())

    def add(self) -> None:
        """Make one key and put it in; a key is there whole or not at all."""
        made = self._make()
        name = self._random(_NAME_SIZE).hex()
        self._seal().store(
            self._ready,
            name,
            public=made.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            ),
            secret=made.private_bytes(
                Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
            ),
        )

    def clean(self) -> int:
        """Wipe what takers that died have left behind; how many keys that were.

        Called while nobody takes: when the box begins to be served.
        """
        left = list(self._taken.glob("*.sealed"))
        for path in left:
            with suppress(FileNotFoundError):
                wipe_file(path)
        return len(left)

    @contextmanager
    def filled(self, *, threads: int = 1) -> Iterator[None]:
        """Keep the pool between its marks by idle threads while the block runs."""
        stop = Event()
        workers = [
            Thread(
                target=self._work, args=(stop,), name=f"key-pool-{number}", daemon=True
            )
            for number in range(threads)
        ]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            stop.set()
            for worker in workers:
                worker.join()

    def _work(self, stop: Event) -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, 0, 19)  # on Linux: this thread alone
        while not stop.is_set():
            with self._turn:
                count = self.count()
                if count < max(self._low, 1):
                    self._filling.set()
                if count >= self._high:
                    self._filling.clear()
            if self._filling.is_set():
                self.add()
            else:
                stop.wait(_PAUSE)

    def _files(self) -> Iterator[Path]:
        return self._ready.glob("*.sealed")

    def _claim(self) -> str | None:
        """The name of a key that is ours now; None if there is none."""
        for path in self._files():
            self._taken.mkdir(mode=0o700, exist_ok=True)
            try:
                path.rename(self._taken / path.name)
            except FileNotFoundError:
                continue  # somebody was quicker
            sync_directory(self._taken)
            sync_directory(self._ready)
            return unquote(path.stem)
        return None

    def _use_up(self, name: str) -> RSAPrivateKey:
        path = path_of(self._taken, name)
        try:
            found = self._seal().load(self._taken, name)
            loaded = _key_in(found.secret) if found else None
        finally:
            with suppress(FileNotFoundError):
                wipe_file(path)
        if not isinstance(loaded, RSAPrivateKey):
            raise TornFile(path)
        return loaded


def _key_in(secret: bytes) -> object:
    """The key of a file that its seal has vouched for: we made it and nobody changed
    it. To test its primes once more would take as long as making another."""
    return load_der_private_key(secret, None, unsafe_skip_rsa_key_validation=True)
