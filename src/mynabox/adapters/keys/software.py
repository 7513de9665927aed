"""Keys in sealed files: what a box uses when no HSM is at hand."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from mynabox.adapters.keys.errors import NoSuchKey, TornFile
from mynabox.adapters.keys.passphrase import AskPassphrase
from mynabox.adapters.keys.sealed import (
    RandomBytes,
    Seal,
    expand,
    fresh,
    path_of,
    wipe_file,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_PADDING, _SHA256 = padding.PKCS1v15(), hashes.SHA256()
_BITS, _EXPONENT, _SECRET_SIZE = 2048, 65537, 32


class SoftwareKeys:
    """A folder of private keys and symmetric secrets, sealed under its ``box.key``.

    Satisfies the ports ``Signer`` and ``Vault``. Opening it reads nothing; the box
    key is made or read when first needed. Several processes may share the folder:
    whoever creates a key first wins, and all see the same one. The random source
    feeds nonces, secrets and the box key; RSA primes come from the library itself.
    """

    def __init__(
        self, directory: Path, random: RandomBytes, *, ask: AskPassphrase | None = None
    ) -> None:
        self._directory = directory
        self._random = random
        self._ask = ask or (lambda: None)
        self._seal_once: Seal | None = None
        self._private: dict[str, PrivateKey] = {}
        self._signing: dict[str, Callable[[bytes], bytes]] = {}
        self._secrets: dict[str, bytes] = {}
        self._lock = Lock()

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        """The public key (SPKI, DER) of *key*, made now unless it exists: RSA-2048,
        or P-384 if *elliptic*."""
        with self._lock:
            seal = self._seal()
            found = seal.load(self._keys, key)
            if found is None:
                made = _new_key(elliptic=elliptic)
                seal.store(self._keys, key, public=_public(made), secret=_private(made))
                found = seal.load(self._keys, key)
            if found is None:
                raise NoSuchKey(path_of(self._keys, key))
            return found.public

    def public_key(self, key: str) -> bytes:
        """The public key (SPKI, DER); raises ``NoSuchKey``."""
        return _public(self._load(key))

    def sign(self, key: str, data: bytes) -> bytes:
        """PKCS #1 v1.5 over the SHA-256 of *data*, or ECDSA over its SHA-384; raises
        ``NoSuchKey``."""
        signing = self._signing.get(key)
        if signing is None:
            signing = self._signing[key] = _signing(self._load(key))
        return signing(data)

    def secret(self, name: str) -> bytes:
        """The 32-octet secret *name*, made on first use, then always the same."""
        with self._lock:
            known = self._secrets.get(name)
            if known is not None:
                return known
            seal = self._seal()
            found = seal.load(self._folder("secrets"), name)
            if found is None:
                made = fresh(self._random, _SECRET_SIZE)
                seal.store(self._folder("secrets"), name, public=b"", secret=made)
                found = seal.load(self._folder("secrets"), name)
            if found is None or len(found.secret) != _SECRET_SIZE:
                raise TornFile(path_of(self._folder("secrets"), name))
            return self._secrets.setdefault(name, found.secret)

    def forget(self, name: str) -> None:
        """Take the secret *name* away for good, if it is there."""
        with self._lock:
            self._secrets.pop(name, None)
            path = path_of(self._folder("secrets"), name)
            if path.exists():
                wipe_file(path)

    def derive(self, name: str, context: bytes) -> bytes:
        """32 octets for *context* from the secret *name* (HKDF-SHA-256)."""
        return expand(self.secret(name), context)

    @property
    def seal(self) -> Seal:
        """The seal over all files of this box."""
        with self._lock:
            return self._seal()

    def lock(self, passphrase: str | None) -> None:
        """Guard everything with this passphrase from now on; None: with file
        permissions alone."""
        self.seal.lock(self._directory, passphrase)

    def labels(self) -> tuple[str, ...]:
        """The labels of all keys in the folder, in order."""
        return tuple(sorted(unquote(path.stem) for path in self._keys.glob("*.sealed")))

    @property
    def _keys(self) -> Path:
        return self._folder("keys")

    def _folder(self, name: str) -> Path:
        return self._directory / name

    def _seal(self) -> Seal:
        if self._seal_once is None:
            self._seal_once = Seal.of(self._directory, self._random, ask=self._ask)
        return self._seal_once

    def _load(self, key: str) -> PrivateKey:
        known = self._private.get(key)
        if known is not None:
            return known
        with self._lock:
            path = path_of(self._keys, key)
            found = self._seal().load(self._keys, key)
            if found is None:
                raise NoSuchKey(path)
            # The seal has shown that it is the key that was made here: testing its
            # primes again would take longer than many a program runs.
            loaded = load_der_private_key(
                found.secret, None, unsafe_skip_rsa_key_validation=True
            )
            if not isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
                raise TornFile(path)
            return self._private.setdefault(key, loaded)


def _new_key(*, elliptic: bool) -> PrivateKey:
    if elliptic:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(_EXPONENT, _BITS)


def _signing(key: PrivateKey) -> Callable[[bytes], bytes]:
    """What signs with a key."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return partial(key.sign, signature_algorithm=ec.ECDSA(hashes.SHA384()))
    return partial(key.sign, padding=_PADDING, algorithm=_SHA256)


def _public(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def _private(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
