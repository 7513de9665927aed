"""The keys behind what is signed on a card's face: a box's own roots, and the seals
with which municipalities sign (CV証明書).

The roots are keys of the box, as its authorities' are. A municipality's seal is made
for one card, certified by the roots, used, and forgotten: a card carries its own
certificates, so nothing needs a seal that is kept, and nobody can steal one.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from mynabox.card import CARD, Profile
from mynabox.pki.card_verifiable import (
    CARD_INTERMEDIATE,
    CARD_ISSUER,
    CARD_ROOT,
    FACE_ROOT,
    ROOTS,
    TEXT_ROOT,
    KeyName,
    card_verifiable_certificate,
)
from mynabox.ports import Box
from mynabox.terminal.card_verifiable import CvKey

_GROUP = "000"
"""Of a municipality's key name (seen)."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A municipality's seal for one card, with its two certificates.

    ``chain`` is what the card's default application shows: upper and lower
    certificate. In it the same key goes by the names of the keys that stand there on
    genuine cards; what those are for, nobody says.
    """

    key: rsa.RSAPrivateKey
    face_certificate: bytes
    text_certificate: bytes
    chain: tuple[bytes, bytes]

    def __repr__(self) -> str:
        return "Seal(····)"

    def sign(self, info: bytes) -> bytes:
        """PKCS#1 v1.5 over a DigestInfo, of one digest or of several."""
        return self.key.sign(info, PKCS1v15(), NoDigestInfo())


def make_cv_keys(box: Box) -> None:
    """Make every key that production would otherwise make when it first needs it."""
    for name in ROOTS:
        _public_half(name, box)


def cv_roots(box: Box) -> tuple[CvKey, ...]:
    """The box's roots, as a terminal takes them; made on first use."""
    return tuple(CvKey(root.encode(), _rsa(_public_half(root, box))) for root in ROOTS)


def municipal_seal(municipality: str, box: Box, *, profile: Profile = CARD) -> Seal:
    """A fresh seal of a municipality (its six-digit code)."""
    key = box.fresh_key()
    public_half = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    face, text = (
        _certified(
            root, KeyName(municipality[:5] + digits, group=_GROUP), public_half, box
        )
        for root, digits in zip(
            (FACE_ROOT, TEXT_ROOT),
            profile.production.municipality_key_digits.value,
            strict=True,
        )
    )
    upper = _certified(CARD_ROOT, CARD_INTERMEDIATE, public_half, box)
    lower = card_verifiable_certificate(
        issuer=CARD_INTERMEDIATE,
        subject=CARD_ISSUER,
        public_key=public_half,
        sign=lambda body: key.sign(body, PKCS1v15(), SHA256()),
    )
    return Seal(key, face, text, (upper, lower))


def _certified(issuer: KeyName, subject: KeyName, key: bytes, box: Box) -> bytes:
    _public_half(issuer, box)
    return card_verifiable_certificate(
        issuer=issuer,
        subject=subject,
        public_key=key,
        sign=lambda body: box.signer.sign(_label(issuer), body),
    )


def _public_half(name: KeyName, box: Box) -> bytes:
    """Of a key of the box, made if it is not there; the first to make it has made it."""
    return box.signer.create(_label(name))


def _label(name: KeyName) -> str:
    return f"cv-{name.number}"


def _rsa(spki: bytes) -> rsa.RSAPublicKey:
    key = load_der_public_key(spki)
    assert isinstance(key, rsa.RSAPublicKey)
    return key
