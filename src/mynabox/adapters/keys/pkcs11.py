"""Keys in a PKCS#11 token: an HSM, or SoftHSM for trials.

Keys are generated in the token, sensitive and never extractable; nothing here could
write one out. A key is known by its label. The library needs the extra ``hsm``
(python-pkcs11).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha384
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from mynabox.adapters.files import LockTimeout, locked
from mynabox.adapters.keys.errors import KeyStoreError, NoSuchKey
from mynabox.ports import Busy, KeysUnavailable

if TYPE_CHECKING:
    import pkcs11

_BITS, _CURVE = 2048, "secp384r1"
_PATIENCE = 60.0
"""Seconds to wait while another process generates a key."""

T = TypeVar("T")


class Private(Protocol):
    """A private key that stays in its token."""

    key_type: object

    def sign(self, data: bytes, *, mechanism: object) -> bytes:
        """A signature over data."""
        ...


class TokenTrouble(KeyStoreError, KeysUnavailable):
    """The token cannot be used now; nothing was changed."""

    advice: ClassVar[str] = "the token cannot be used"


class LibraryMissing(TokenTrouble):
    """python-pkcs11 is not there."""

    advice: ClassVar[str] = (
        "keys in a token need python-pkcs11: install mynabox with the extra 'hsm'"
    )


class TokenGone(TokenTrouble):
    """It is not plugged in, does not answer, or lost the session in the middle."""

    advice: ClassVar[str] = (
        "the token does not answer; nothing was changed: connect it again and repeat"
    )


class PinRefused(TokenTrouble):
    """It is not tried again, since tokens lock after a few wrong ones."""

    advice: ClassVar[str] = (
        "the token refuses the PIN; it is not tried again: give the right one and "
        "start anew"
    )


class TokenKeys:
    """The keys of one token; satisfies the port ``Signer``.

    ``library``  the PKCS#11 module, e.g. ``/usr/lib/softhsm/libsofthsm2.so``
    ``token``    the token's label
    ``pin``      asked once, when the token is first used
    ``turns``    a lock file among the processes of the box: a label is generated once

    After a trouble the token is looked for again with the next use, so a box goes on
    by itself when it is back.
    """

    def __init__(
        self, library: Path, *, token: str, pin: Callable[[], str], turns: Path
    ) -> None:
        self._library = library
        self._token = token
        self._ask_pin = pin
        self._turns = turns
        self._pin: str | None = None
        self._refused = False
        self._broken = False
        self._session: pkcs11.Session | None = None
        self._private: dict[str, Private] = {}
        self._lock = Lock()

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        """The public key (SPKI, DER) of *key*, generated in the token unless it is
        there: RSA-2048, or P-384 if *elliptic*. Raises :class:`TokenTrouble`."""
        try:
            with locked(self._turns, patience=_PATIENCE):
                if self._public_key(key) is None:
                    self._use(
                        lambda session: _generate(session, key, elliptic=elliptic)
                    )
        except LockTimeout:
            raise Busy("another program is making a key in the token") from None
        return self.public_key(key)

    def public_key(self, key: str) -> bytes:
        """The public key (SPKI, DER); raises ``NoSuchKey``, :class:`TokenTrouble`."""
        found = self._public_key(key)
        if found is None:
            raise NoSuchKey(self._library / key)
        return found

    def sign(self, key: str, data: bytes) -> bytes:
        """PKCS #1 v1.5 over the SHA-256 of *data*, or ECDSA over its SHA-384 in DER;
        raises ``NoSuchKey``, :class:`TokenTrouble`."""
        signature = self._use(lambda session: self._sign(session, key, data))
        if signature is None:
            self._start_anew()
            signature = self._use(lambda session: self._sign(session, key, data))
        if signature is None:
            raise NoSuchKey(self._library / key)
        return signature

    def labels(self) -> tuple[str, ...]:
        """The labels of all private keys in the token, in order."""
        return self._use(_labels)

    def close(self) -> None:
        """Let go of the token."""
        with self._lock:
            self._let_go()

    def _public_key(self, key: str) -> bytes | None:
        found = self._use(lambda session: _find_public(session, key))
        if found is None:
            self._start_anew()
            found = self._use(lambda session: _find_public(session, key))
        return found

    def _start_anew(self) -> None:
        """Before a key is believed to be missing: a token that was pulled out may
        look like an empty one until it is opened again."""
        with self._lock:
            self._let_go()

    def _sign(self, session: "pkcs11.Session", key: str, data: bytes) -> bytes | None:
        from pkcs11 import KeyType, Mechanism
        from pkcs11.util.ec import encode_ecdsa_signature

        private = self._private.get(key) or _find_private(session, key)
        if private is None:
            return None
        self._private[key] = private
        if private.key_type is KeyType.EC:
            digest = sha384(data).digest()
            return bytes(
                encode_ecdsa_signature(private.sign(digest, mechanism=Mechanism.ECDSA))
            )
        return private.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS)

    def _use(self, what: "Callable[[pkcs11.Session], T]") -> T:
        """Do *what* with an open session, one caller at a time."""
        with self._lock, self._troubles():
            if self._session is None:
                self._session = self._open()
            return what(self._session)

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        """What the token's library raises, in the house's words."""
        try:
            from pkcs11.exceptions import (
                PinIncorrect,
                PinLenRange,
                PinLocked,
                PKCS11Error,
            )
        except ImportError:
            raise LibraryMissing(self._library) from None
        try:
            yield
        except (PinIncorrect, PinLenRange, PinLocked):
            self._refused = True
            self._let_go()
            raise PinRefused(self._library) from None
        except PKCS11Error as error:
            self._let_go()
            raise TokenGone(self._library) from error
        except (RuntimeError, OSError) as error:
            self._let_go()
            raise TokenGone(self._library) from error

    def _open(self) -> "pkcs11.Session":
        import pkcs11

        if self._refused:
            raise PinRefused(self._library)
        library = pkcs11.lib(str(self._library))
        if self._broken:
            library.reinitialize()
            self._broken = False
        if self._pin is None:
            self._pin = self._ask_pin()
        try:
            token = library.get_token(token_label=self._token)
        except pkcs11.PKCS11Error:
            library.reinitialize()  # a token that came after the library's start
            token = library.get_token(token_label=self._token)
        return token.open(rw=True, user_pin=self._pin)

    def _let_go(self) -> None:
        """Forget the session; the library starts anew with the next use."""
        self._private.clear()
        session, self._session = self._session, None
        self._broken = True
        if session is not None:
            with suppress(Exception):
                session.close()


def _generate(session: "pkcs11.Session", key: str, *, elliptic: bool) -> None:
    """A key pair of this label that never leaves the token."""
    from pkcs11 import Attribute, KeyType, MechanismFlag
    from pkcs11.util.ec import encode_named_curve_parameters

    sealed = {
        Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: False,
        Attribute.PRIVATE: True,
        Attribute.MODIFIABLE: False,
    }
    uses = MechanismFlag.SIGN | MechanismFlag.VERIFY
    if elliptic:
        curve = session.create_domain_parameters(
            KeyType.EC,
            {Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)},
            local=True,
        )
        curve.generate_keypair(
            store=True,
            label=key,
            id=key.encode(),
            capabilities=uses,
            private_template=sealed,
        )
        return
    session.generate_keypair(
        KeyType.RSA,
        _BITS,
        store=True,
        label=key,
        id=key.encode(),
        capabilities=uses,
        private_template=sealed,
    )


def _find_public(session: "pkcs11.Session", key: str) -> bytes | None:
    from pkcs11 import KeyType, ObjectClass
    from pkcs11.exceptions import NoSuchKey as NotThere
    from pkcs11.util.ec import encode_ec_public_key
    from pkcs11.util.rsa import encode_rsa_public_key

    try:
        found = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=key)
    except NotThere:
        return None
    if found.key_type is KeyType.EC:
        return bytes(encode_ec_public_key(found))
    return _rsa_spki(encode_rsa_public_key(found))


def _rsa_spki(encoded: bytes) -> bytes:
    """A SubjectPublicKeyInfo from the bare RSAPublicKey that PKCS#11 gives."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
    )

    return load_der_public_key(encoded).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def _find_private(session: "pkcs11.Session", key: str) -> Private | None:
    from pkcs11 import ObjectClass
    from pkcs11.exceptions import NoSuchKey as NotThere

    try:
        found: Private = session.get_key(
            object_class=ObjectClass.PRIVATE_KEY, label=key
        )
    except NotThere:
        return None
    return found


def _labels(session: "pkcs11.Session") -> tuple[str, ...]:
    from pkcs11 import Attribute, ObjectClass

    found = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    return tuple(sorted(str(one.label) for one in found))
