"""Signature algorithms: which one a key uses, and checking one signature.

The key decides (RSA: SHA-256 with PKCS #1 v1.5, as today's cards; P-256: SHA-256;
P-384: SHA-384, as the coming card), so a profile with another key needs no code.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mynabox.pki import der

Sign = Callable[[bytes], bytes]
"""Signs data with a private key that stays where it is (file, HSM or card)."""

SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_SHA256 = "1.2.840.113549.1.1.11"
RSA = "1.2.840.113549.1.1.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
ECDSA_SHA384 = "1.2.840.10045.4.3.3"

_MIN_RSA_BITS = 2048
_RSA_2048 = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00")
_RSA_2048_MODULUS = _RSA_2048 + bytes.fromhex("3082010a0282010100")
_RSA_EXPONENT = bytes.fromhex("0203010001")
_RSA_2048_OCTETS = 294
"""How the SubjectPublicKeyInfo of a usual RSA-2048 key begins, up to the key."""


@dataclass(frozen=True, slots=True)
class UnusableKey(ValueError):
    """A public key of a type or size that the service does not know."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def algorithm_of(public_key: bytes) -> str:
    """The OID of the signature algorithm that a SubjectPublicKeyInfo calls for."""
    if _is_usual(public_key):
        return RSA_SHA256
    key = _load(public_key)
    if isinstance(key, rsa.RSAPublicKey):
        return RSA_SHA256
    return ECDSA_SHA384 if key.curve.name == "secp384r1" else ECDSA_SHA256


def identifier(algorithm: str) -> bytes:
    """The AlgorithmIdentifier in DER; RSA has a NULL parameter, ECDSA none."""
    tail = der.null() if algorithm == RSA_SHA256 else b""
    return der.sequence(der.oid(algorithm), tail)


def key_bits(public_key: bytes) -> bytes:
    """The content of the subjectPublicKey BIT STRING, without its unused-bits octet."""
    if len(public_key) == _RSA_2048_OCTETS and public_key.startswith(_RSA_2048):
        return public_key[len(_RSA_2048) :]
    parts = der.read(public_key).children()
    if len(parts) != 2 or not parts[1].content:
        raise der.MalformedDer("not a SubjectPublicKeyInfo")
    return parts[1].expect(der.BIT_STRING).content[1:]


def key_identifier(public_key: bytes) -> bytes:
    """SHA-1 over the key bits (RFC 5280 section 4.2.1.2 method 1), 20 octets."""
    return hashlib.sha1(key_bits(public_key), usedforsecurity=False).digest()


def certified_key_identifier(public_key: bytes) -> bytes:
    """The :func:`key_identifier` of a key that can be certified; raises ``ValueError``
    (:class:`UnusableKey`) for any other."""
    if _is_usual(public_key):
        bits = public_key[len(_RSA_2048) :]
        return hashlib.sha1(bits, usedforsecurity=False).digest()
    algorithm_of(public_key)
    return key_identifier(public_key)


def verify(public_key: bytes, algorithm: str, *, signature: bytes, data: bytes) -> bool:
    """Whether *signature* over *data* was made with the private half of a key.

    False too for keys and algorithms outside the profile (SHA-1 above all).
    """
    try:
        key = _load(public_key)
        if isinstance(key, rsa.RSAPublicKey):
            if algorithm != RSA_SHA256:
                return False
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            return True
        digest = {ECDSA_SHA256: hashes.SHA256(), ECDSA_SHA384: hashes.SHA384()}
        if algorithm not in digest:
            return False
        key.verify(signature, data, ec.ECDSA(digest[algorithm]))
    except (InvalidSignature, UnusableKey):
        return False
    return True


def verify_digest(public_key: bytes, *, signature: bytes, digest: bytes) -> bool:
    """Whether a bare RSA signature was made over data with this SHA-256 digest."""
    try:
        key = _load(public_key)
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        known = Prehashed(hashes.SHA256())
        key.verify(signature, digest, padding.PKCS1v15(), known)
    except (InvalidSignature, UnusableKey, ValueError):
        return False
    return True


def verify_raw(public_key: bytes, *, signature: bytes, document: bytes) -> bool:
    """Check a bare card signature: PKCS #1 v1.5 with SHA-256 over a document."""
    return verify(public_key, RSA_SHA256, signature=signature, data=document)


def _is_usual(public_key: bytes) -> bool:
    """Whether these octets are an RSA key of 2048 bits with the exponent 65537: what
    nearly every key is, seen without reading it with care."""
    return (
        len(public_key) == _RSA_2048_OCTETS
        and public_key.startswith(_RSA_2048_MODULUS)
        and public_key.endswith(_RSA_EXPONENT)
        and public_key[len(_RSA_2048_MODULUS)] >= 0x80
        and public_key[-len(_RSA_EXPONENT) - 1] & 1 == 1
    )


def _load(public_key: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(public_key)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("not a public key that can be read") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _MIN_RSA_BITS:
            raise UnusableKey(f"an RSA key of {key.key_size} bits is too short")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in ("secp256r1", "secp384r1"):
            raise UnusableKey(f"the curve {key.curve.name} is not in use")
        return key
    raise UnusableKey("neither an RSA nor an elliptic-curve key")
