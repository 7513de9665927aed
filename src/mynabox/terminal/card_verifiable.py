"""Reading and checking card-verifiable certificates (CV証明書), and what they sign."""

from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.iso7816.tlv import TlvError, parse_ber, read_ber
from mynabox.terminal.errors import CardNonsense, NotGenuine, UnknownAuthority

_NAME_BYTES, _BODY_BYTES = 16, 297
_TEMPLATE, _BODY, _SIGNATURE = 0x7F21, 0x5F4E, 0x5F37
_EXPONENT, _MODULUS = 0x90, 0x91
_DIGESTS = bytes.fromhex("300D06096086480165030402010500")


@dataclass(frozen=True, slots=True)
class CvKey:
    """A key by its name of 16 bytes (鍵ID); roots come to a terminal so."""

    name: bytes
    key: RSAPublicKey

    @property
    def number(self) -> str:
        """The seven digits the name begins with."""
        return self.name[:7].decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """One certificate: that ``subject`` is the name of ``key``, says ``issuer``."""

    issuer: bytes
    subject: bytes
    key: RSAPublicKey
    covered: bytes
    signature: bytes

    @classmethod
    def decode(cls, raw: bytes) -> "CvCertificate":
        """Read one, with or without its outermost tag; raises CardNonsense."""
        try:
            content = raw
            if raw[:2] == _TEMPLATE.to_bytes(2):
                content = read_ber(raw)[0].value
            parts = {each.tag: each.value for each in parse_ber(content)}
            body, signature = parts[_BODY], parts[_SIGNATURE]
        except (TlvError, KeyError) as error:
            raise CardNonsense(f"CV certificate: {type(error).__name__}") from None
        if len(body) != _BODY_BYTES:
            raise CardNonsense(f"CV certificate with a body of {len(body)} bytes")
        return cls(
            issuer=body[:_NAME_BYTES],
            subject=body[_NAME_BYTES : 2 * _NAME_BYTES],
            key=read_public_key(body[2 * _NAME_BYTES :]),
            covered=body,
            signature=signature,
        )

    def verified(self, roots: Iterable[CvKey]) -> CvKey:
        """The key it speaks of, once a root's signature has been found good.

        Raises UnknownAuthority if no root has the issuer's name (nothing was checked
        then), NotGenuine if the signature is not of the one that has.
        """
        named = [root for root in roots if root.name == self.issuer]
        if not named:
            raise UnknownAuthority(self.issuer)
        if not any(signed_by(root.key, self.covered, self.signature) for root in named):
            raise NotGenuine("certificate", "not signed by the authority it names")
        return CvKey(self.subject, self.key)


def chain_verified(chain: Iterable[CvCertificate], roots: Iterable[CvKey]) -> CvKey:
    """The last key of a chain, root's side first, each link checked by the one above.

    Raises as :meth:`CvCertificate.verified`; CardNonsense for an empty chain.
    """
    above = tuple(roots)
    found: CvKey | None = None
    for link in chain:
        found = link.verified(above)
        above = (found,)
    if found is None:
        raise CardNonsense("a chain without a certificate")
    return found


def read_public_key(raw: bytes) -> RSAPublicKey:
    """A key in tags 90 and 91; raises CardNonsense."""
    try:
        parts = {each.tag: each.value for each in parse_ber(raw)}
        exponent = int.from_bytes(parts[_EXPONENT])
        modulus = int.from_bytes(parts[_MODULUS])
        key = RSAPublicNumbers(exponent, modulus).public_key()
    except (TlvError, KeyError, ValueError) as error:
        raise CardNonsense(f"public key: {type(error).__name__}") from None
    return key


def signed_by(key: RSAPublicKey, covered: bytes, signature: bytes) -> bool:
    """Whether PKCS#1 v1.5 with SHA-256 over ``covered`` verifies."""
    try:
        key.verify(signature, covered, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def digests_signed_by(key: RSAPublicKey, digests: bytes, signature: bytes) -> bool:
    """Whether one DigestInfo holding several SHA-256 digests in a row verifies."""
    octets = b"\x04" + bytes((len(digests),)) + digests
    info = _DIGESTS + octets
    wanted = b"\x30" + bytes((len(info),)) + info
    try:
        found = key.recover_data_from_signature(signature, PKCS1v15(), None)
    except InvalidSignature:
        return False
    return compare_digest(found, wanted)
