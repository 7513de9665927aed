"""A key locked with a passphrase (argon2id, RFC 9106).

Layout: magic, salt (16), iterations, memory in KiB and lanes (4 octets each), nonce
(12), the key sealed with AES-256-GCM. The head is authenticated with it. The costs
stand in the file, so that they may be raised later; files that ask for more than this
program is ready to spend are refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mynabox.adapters.keys.errors import TornFile, WrongPassphrase

AskPassphrase = Callable[[], str | None]
"""Gives the passphrase, or None where nobody can be asked."""

_MAGIC = b"mynabox locked key 1\n"
_HEAD = Struct(f">{len(_MAGIC)}s16sIII")
_NONCE, _TAG, _KEY = 12, 16, 32
_SALT = 16
LOCKED_SIZE = _HEAD.size + _NONCE + _KEY + _TAG
"""Octets of a locked key of 32 octets."""

_MOST_ITERATIONS, _MOST_MEMORY, _MOST_LANES = 64, 2**20, 64


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: by default RFC 9106's second recommendation."""

    iterations: int = 3
    memory: int = 64 * 1024
    """KiB."""
    lanes: int = 4


USUAL = Cost()


def lock(
    key: bytes, passphrase: str, *, random: Callable[[int], bytes], cost: Cost = USUAL
) -> bytes:
    """The locked form of a key; raises ``ValueError`` for an empty passphrase."""
    if not passphrase:
        raise ValueError("a passphrase has at least one character")
    head = _HEAD.pack(_MAGIC, random(_SALT), cost.iterations, cost.memory, cost.lanes)
    nonce = random(_NONCE)
    return head + nonce + AESGCM(_derived(head, passphrase)).encrypt(nonce, key, head)


def unlock(locked: bytes, passphrase: str, *, path: Path) -> bytes:
    """The key; raises ``WrongPassphrase``, ``TornFile`` naming *path*."""
    head, rest = locked[: _HEAD.size], locked[_HEAD.size :]
    if not locked.startswith(_MAGIC) or len(rest) < _NONCE + _TAG:
        raise TornFile(path)
    _, _, iterations, memory, lanes = _HEAD.unpack(head)
    if not (
        1 <= iterations <= _MOST_ITERATIONS
        and 1 <= lanes <= _MOST_LANES
        and 8 * lanes <= memory <= _MOST_MEMORY
    ):
        raise TornFile(path)
    try:
        return AESGCM(_derived(head, passphrase)).decrypt(
            rest[:_NONCE], rest[_NONCE:], head
        )
    except InvalidTag:
        raise WrongPassphrase(path) from None


def _derived(head: bytes, passphrase: str) -> bytes:
    _, salt, iterations, memory, lanes = _HEAD.unpack(head)
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=iterations,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=_KEY,
        type=Type.ID,
    )
