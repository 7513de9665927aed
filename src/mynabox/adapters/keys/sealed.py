"""Sealed files: one value each, AES-256-GCM under the box key, written once.

Layout: magic, box identifier (8), length and name, length and public part, length
and nonce + ciphertext. All before the nonce is authenticated with it, so a file
cannot be renamed, nor its public part exchanged. A file appears under its name whole
and synced or not at all, and never replaces another.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mynabox.adapters.files import remove_file, replace_file, sync_directory
from mynabox.adapters.keys.errors import (
    BoxKeyMissing,
    ForeignFile,
    PassphraseNeeded,
    ReadOnlyStore,
    TornFile,
    UnreadableFile,
    UnsafeFile,
)
from mynabox.adapters.keys.passphrase import AskPassphrase, lock, unlock

RandomBytes = Callable[[int], bytes]

_MAGIC = b"mynabox sealed 1\n"
_KEY_SIZE, _NONCE_SIZE, _TAG_SIZE, _ID_SIZE = 32, 12, 16, 8
_LONGEST_NAME = 120
BOX_KEY, LOCKED_KEY = "box.key", "box.key.locked"


class Opened(NamedTuple):
    """What a sealed file holds."""

    public: bytes
    secret: bytes


def expand(key: bytes, context: bytes, size: int = _KEY_SIZE) -> bytes:
    """HKDF-SHA-256 (RFC 5869) of a uniform key, without salt, for a context."""
    return HKDF(hashes.SHA256(), size, None, context).derive(key)


def fresh(random: RandomBytes, size: int) -> bytes:
    """*size* octets of a source; raises ``ValueError`` if it gives fewer."""
    drawn = random(size)
    if len(drawn) != size:
        raise ValueError("the random source gave too few octets")
    return drawn


def _nobody() -> str | None:
    return None


def _unlocked(path: Path, guarded: bytes, ask: AskPassphrase) -> bytes:
    passphrase = ask()
    if not passphrase:
        raise PassphraseNeeded(path)
    key = unlock(guarded, passphrase, path=path)
    if len(key) != _KEY_SIZE:
        raise TornFile(path)
    return key


def wipe_file(path: Path) -> None:
    """Overwrite a file with zeros, then take it away for good. (What a disk keeps of
    overwritten blocks is beyond a program.)"""
    with path.open("r+b") as stream:
        stream.write(bytes(path.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    path.unlink()
    sync_directory(path.parent)


@dataclass(frozen=True, slots=True, repr=False)
class Seal:
    """Opens and closes the sealed files of one box."""

    key: bytes
    random: RandomBytes

    def __repr__(self) -> str:
        return "Seal(····)"

    @classmethod
    def of(
        cls, directory: Path, random: RandomBytes, *, ask: AskPassphrase = _nobody
    ) -> "Seal":
        """The seal of the box in *directory*, made on first use.

        Its key is the file ``box.key``, or ``box.key.locked``, which opens with a
        passphrase that *ask* is asked for. A new box gets the latter if *ask* gives
        a passphrase. Raises ``BoxKeyMissing``, ``PassphraseNeeded`` and others.
        """
        plain, locked = directory / BOX_KEY, directory / LOCKED_KEY
        guarded = _read(locked)
        if guarded is not None:
            return cls(_unlocked(locked, guarded, ask), random)
        key = _read(plain)
        if key is None:
            if any(directory.glob("*/*.sealed")):
                raise BoxKeyMissing(plain)
            passphrase = ask()
            made = fresh(random, _KEY_SIZE)
            if passphrase:
                write_once(locked, lock(made, passphrase, random=random), random)
                return cls(_unlocked(locked, _read(locked) or b"", ask), random)
            write_once(plain, made, random)
            key = _read(plain)
        if key is None or len(key) != _KEY_SIZE:
            raise TornFile(plain)
        if plain.stat().st_mode & 0o077:
            raise UnsafeFile(plain)
        return cls(key, random)

    def lock(self, directory: Path, passphrase: str | None) -> None:
        """Guard the box's key with another passphrase from now on, or (None) with
        file permissions alone. The sealed files stay as they are; at every moment in
        between, the old or the new way opens the box."""
        plain, locked = directory / BOX_KEY, directory / LOCKED_KEY
        with _writing(plain):
            if passphrase is None:
                replace_file(plain, self.key)
                remove_file(locked)
                return
            replace_file(locked, lock(self.key, passphrase, random=self.random))
            if plain.exists():
                wipe_file(plain)

    def store(self, folder: Path, name: str, *, public: bytes, secret: bytes) -> None:
        """Seal *secret* as *name*; a value already stored under it stays."""
        head = self._head(name, public)
        nonce = fresh(self.random, _NONCE_SIZE)
        sealed = AESGCM(self.key).encrypt(nonce, secret, head)
        write_once(path_of(folder, name), head + _counted(nonce + sealed), self.random)

    def load(self, folder: Path, name: str) -> Opened | None:
        """What is stored as *name*; None if nothing is."""
        path = path_of(folder, name)
        data = _read(path)
        if data is None:
            return None
        if not data.startswith(_MAGIC):
            raise TornFile(path)
        fields, end = _fields(data, len(_MAGIC) + _ID_SIZE, path)
        written, public, sealed = fields
        if end != len(data) or len(sealed) < _NONCE_SIZE + _TAG_SIZE:
            raise TornFile(path)
        head = self._head(name, public)
        if data[: len(_MAGIC) + _ID_SIZE] != head[: len(_MAGIC) + _ID_SIZE]:
            raise ForeignFile(path)
        if written != name.encode():
            raise ForeignFile(path)
        try:
            nonce, hidden = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
            return Opened(public, AESGCM(self.key).decrypt(nonce, hidden, head))
        except InvalidTag as error:
            raise TornFile(path) from error

    def _head(self, name: str, public: bytes) -> bytes:
        identifier = expand(self.key, b"mynabox box identifier", _ID_SIZE)
        return _MAGIC + identifier + _counted(name.encode()) + _counted(public)


def path_of(folder: Path, name: str) -> Path:
    """The file of a name; names may hold any characters, slashes included."""
    if not name or len(name) > _LONGEST_NAME:
        raise ValueError(f"a name has 1 to {_LONGEST_NAME} characters")
    return folder / f"{quote(name, safe='')}.sealed"


def _counted(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _fields(data: bytes, at: int, path: Path) -> tuple[list[bytes], int]:
    """The three counted fields from *at* on, and where they end."""
    found = []
    for _ in range(3):
        size = int.from_bytes(data[at : at + 4], "big")
        content = data[at + 4 : at + 4 + size]
        if len(data) < at + 4 or len(content) != size:
            raise TornFile(path)
        found.append(content)
        at += 4 + size
    return found, at


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableFile(path) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReadOnlyStore(path.parent) from error


def write_once(path: Path, content: bytes, random: RandomBytes) -> None:
    """Make *path* hold *content*, durable, mode 0600; if it exists, leave it."""
    new = path.parent / f".new-{os.getpid()}-{random(8).hex()}"
    with _writing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(new, path)
            except FileExistsError:
                return
        finally:
            new.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
