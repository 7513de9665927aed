"""Names that the box gives to things: short, unguessable, saying nothing."""

from base64 import b32encode
from hashlib import sha256

ID_BYTES = 10
LINK_BYTES = 20
_ID_LETTERS = 16
"""Five bits each: :data:`ID_BYTES` are written without a rest."""


def make_id(prefix: str, entropy: bytes) -> str:
    """An id such as ``res-k3f…`` from :data:`ID_BYTES` random bytes."""
    return f"{prefix}-{b32encode(entropy).decode().rstrip('=').lower()}"


def make_ids(prefix: str, entropy: bytes) -> list[str]:
    """As many ids as the random bytes are good for, each as :func:`make_id` gives it."""
    letters = b32encode(entropy).decode().lower()
    return [
        f"{prefix}-{letters[start : start + _ID_LETTERS]}"
        for start in range(0, len(entropy) // ID_BYTES * _ID_LETTERS, _ID_LETTERS)
    ]


def link_hash(token: str) -> str:
    """What the store keeps of a mailed link's token."""
    return sha256(token.encode()).hexdigest()


def decimal(digits: int, entropy: bytes) -> str:
    """``digits`` decimal digits from random bytes, with no visible bias.

    ``entropy`` must be at least 8 bytes longer than the digits need.
    """
    if len(entropy) < digits // 2 + 8:
        raise ValueError("too little entropy for so many digits")
    return f"{int.from_bytes(entropy) % 10**digits:0{digits}d}"
