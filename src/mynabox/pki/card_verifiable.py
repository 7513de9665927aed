"""Card-verifiable certificates (CV証明書), and the names of the keys in them.

They are smaller than X.509 ones and say one thing: that the key named so is this one.
Their roots sign what is written on a card for its face; those of a box are its own,
and their names begin with a digit that no genuine key's begins with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mynabox.iso7816.tlv import encode_ber

CERTIFICATE_BYTES = 568
MODULUS_BYTES = 256

_CERTIFICATE, _BODY, _SIGNATURE = 0x7F21, 0x5F4E, 0x5F37
_EXPONENT, _MODULUS = 0x90, 0x91
_GENUINE = ("5", "6")
_OWN = "9"

Sign = Callable[[bytes], bytes]
"""PKCS#1 v1.5 over the SHA-256 of what it is given."""


class NotOurs(ValueError):
    """A key name of the range that genuine roots (5) or their test twins (6) have."""


@dataclass(frozen=True, slots=True)
class KeyName:
    """The sixteen bytes that name a key (鍵ID): digits, 08 05, digits, four bytes.

    ``number`` has seven digits, ``group`` three; ``tail`` is zero but for keys of the
    card's default application, whose last byte is A8 (seen).
    """

    number: str
    group: str = "001"
    tail: bytes = bytes(4)

    def __post_init__(self) -> None:
        digits = self.number + self.group
        if len(self.number) != 7 or len(self.group) != 3 or len(self.tail) != 4:
            raise ValueError("a key name has 7 digits, 3 digits and 4 bytes")
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError("a key name is digits where it should be")

    def encode(self) -> bytes:
        """The sixteen bytes."""
        number, group = self.number.encode("ascii"), self.group.encode("ascii")
        return number + b"\x08\x05" + group + self.tail

    @property
    def genuine_range(self) -> bool:
        """Whether a genuine root, or one of the genuine test cards, may be called so."""
        return self.number.startswith(_GENUINE)


_OF_THE_CARD = bytes((0, 0, 0, 0xA8))

CARD_ROOT = KeyName(f"{_OWN}000020", tail=_OF_THE_CARD)
"""Certifies the chain that GET DATA shows."""
FACE_ROOT = KeyName(f"{_OWN}000023")
"""Certifies municipalities' keys for the card-face application."""
TEXT_ROOT = KeyName(f"{_OWN}000033")
"""Certifies municipalities' keys for the input-support application."""
CARD_INTERMEDIATE = KeyName(f"{_OWN}000021", tail=_OF_THE_CARD)
"""Stands between the card root and the key below."""
CARD_ISSUER = KeyName(f"{_OWN}000022", tail=_OF_THE_CARD)
"""The end of that chain; GET DATA also answers it as the card's issuer."""
FACE_NAMED = KeyName(f"{_OWN}000024")
TEXT_NAMED = KeyName(f"{_OWN}000034")
"""Keys that the applications' version files name; what for, nobody says."""
SHARED_NAMED = KeyName(f"{_OWN}000014")
"""The key that the common and the juki application name alike."""
OPAQUE_NAMED = KeyName(f"{_OWN}900025")
"""Names the key of an opaque block in the card-face version file."""
ROOTS: Final = (CARD_ROOT, FACE_ROOT, TEXT_ROOT)


def public_key_objects(spki: bytes) -> bytes:
    """An RSA-2048 key as cards write it: ``90`` exponent, ``91`` modulus; 265 bytes.

    Takes SubjectPublicKeyInfo in DER; ValueError for another kind of key.
    """
    key = load_der_public_key(spki)
    if not isinstance(key, RSAPublicKey) or key.key_size != 8 * MODULUS_BYTES:
        raise ValueError("a card-verifiable key is RSA-2048")
    numbers = key.public_numbers()
    if numbers.e != 65537:
        raise ValueError("a card-verifiable key has the exponent 65537")
    exponent = encode_ber(_EXPONENT, numbers.e.to_bytes(3))
    return exponent + encode_ber(_MODULUS, numbers.n.to_bytes(MODULUS_BYTES))


def card_verifiable_certificate(
    *, issuer: KeyName, subject: KeyName, public_key: bytes, sign: Sign
) -> bytes:
    """A certificate of 568 bytes; ``public_key`` is the subject's SPKI in DER.

    ``sign`` is the issuer's. Raises :class:`NotOurs` for a name out of the genuine
    ranges, on either side.
    """
    for name in (issuer, subject):
        if name.genuine_range:
            raise NotOurs(f"{name.number} may name a genuine key")
    body = issuer.encode() + subject.encode() + public_key_objects(public_key)
    return encode_ber(
        _CERTIFICATE, encode_ber(_BODY, body) + encode_ber(_SIGNATURE, sign(body))
    )


def without_template(certificate: bytes) -> bytes:
    """The certificate as GET DATA answers it: without the outermost tag."""
    head = 2 + 3  # the tag, and a length on two bytes behind 82
    return certificate[head:]
