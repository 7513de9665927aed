"""Individual Numbers as the database holds them: sealed, and found by a keyed index.

A number lies there twice: as AES-SIV (RFC 5297) under a key of the box, bound to its
owner, and as HMAC-SHA-256 under another, which is what a unique index can look at and
a search can ask for. Whoever has the database and not the box's keys can neither read
a number nor try out all hundred thousand million of them. What waits to be sent
(a notice, files of a chip) is sealed with the same keys while it waits.

Keys have whole numbers for names. Those with an odd name fill one column of indexes,
those with an even name the other, so that while keys are exchanged every number can
be in both, and "one number, one owner" is the database's promise at every moment.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from mynabox.ports import Damaged

FIRST_KEY = 1
INDEXES = ("index_even", "index_odd")

_SEAL_BYTES, _INDEX_BYTES, _NAME_BYTES = 64, 32, 4

Secret = Callable[[str], bytes]
"""The 32-octet secret of a name, made on first use (``Vault.secret``)."""


def secret_name(key: int) -> str:
    """What the vault calls the secret of a key."""
    return f"number-key-{key}"


def index_column(key: int) -> str:
    """The column that holds the indexes under this key."""
    return INDEXES[key % 2]


class NumberKeys:
    """Seals and finds numbers; ``secret`` gives the keys' secrets."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._known: dict[int, tuple[AESSIV, bytes]] = {}

    def index(self, digits: str, *, key: int) -> str:
        """What a number is found by, in hex."""
        return hmac.new(self._keys(key)[1], digits.encode(), sha256).hexdigest()

    def seal(self, digits: str, *, owner: str, key: int) -> bytes:
        """The number, for the row of its owner."""
        return self._keys(key)[0].encrypt(digits.encode(), [b"number", owner.encode()])

    def open(self, sealed: bytes, *, owner: str, key: int) -> str:
        """The number of a row; raises ``Damaged``."""
        return self._open(sealed, "number", owner, key=key).decode()

    def seal_content(self, content: bytes, *, of: str, key: int) -> bytes:
        """What waits to be sent; nothing stays nothing."""
        if not content:
            return content
        sealed = self._keys(key)[0].encrypt(content, [b"outgoing", of.encode()])
        return key.to_bytes(_NAME_BYTES) + sealed

    def open_content(self, sealed: bytes, *, of: str) -> bytes:
        """What :meth:`seal_content` was given; raises ``Damaged``."""
        if not sealed:
            return sealed
        key = int.from_bytes(sealed[:_NAME_BYTES])
        return self._open(sealed[_NAME_BYTES:], "outgoing", of, key=key)

    def _open(self, sealed: bytes, what: str, of: str, *, key: int) -> bytes:
        try:
            return self._keys(key)[0].decrypt(sealed, [what.encode(), of.encode()])
        except (InvalidTag, ValueError):
            raise Damaged(
                f"the {what} of {of} does not open with key {key} of this box: it was "
                "changed, or the box's secrets are another's; restore both together"
            ) from None

    def _keys(self, key: int) -> tuple[AESSIV, bytes]:
        found = self._known.get(key)
        if found is None:
            secret = self._secret(secret_name(key))
            sealing = _expand(secret, b"seal", _SEAL_BYTES)
            found = AESSIV(sealing), _expand(secret, b"index", _INDEX_BYTES)
            self._known[key] = found
        return found


def _expand(secret: bytes, what: bytes, size: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), size, b"mynabox numbers " + what).derive(secret)
