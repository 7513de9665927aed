"""The keys behind what is signed on a card's face: a box's own roots, and the seals
with which municipalities sign (CV証明書).

The roots are keys of the box. A municipality's seal is a chip of its own, as an
official's is: its key was made in it and never leaves it, and it opens with a password
that only the box knows. It carries its two certificates, so that whoever has the chip
can sign and whoever has a root can check.
"""

from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

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
from mynabox.terminal.connection import Connection
from mynabox.terminal.errors import NothingThere, PinLocked
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from mynabox.terminal.jpki import JpkiSession, Kind

_SERIAL = "9000021{municipality}0000"
_KEY_FILE, _FACE_FILE, _TEXT_FILE = 0x1A, 0x02, 0x0B
_PASSWORD_CHARACTERS = 16
_TRIES = 5
_ISSUER_TRIES = 10
_GROUP = "000"
"""Of a municipality's key name (seen)."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A municipality's seal, open: signs a DigestInfo, and shows its certificates."""

    sign: Callable[[bytes], bytes]
    face_certificate: bytes
    text_certificate: bytes


def cv_roots(box: Box) -> tuple[CvKey, ...]:
    """The box's roots, as a terminal takes them."""
    return tuple(CvKey(root.encode(), _rsa(_root_key(root, box))) for root in ROOTS)


def card_chain(box: Box) -> tuple[bytes, bytes]:
    """The two certificates of a card's default application, upper and lower."""
    return (
        _certified(
            CARD_ROOT, CARD_INTERMEDIATE, _root_key(CARD_INTERMEDIATE, box), box
        ),
        _certified(CARD_INTERMEDIATE, CARD_ISSUER, _root_key(CARD_ISSUER, box), box),
    )


@contextmanager
def municipal_seal(
    municipality: str, box: Box, *, profile: Profile = CARD
) -> Iterator[Seal]:
    """The seal of a municipality (its six-digit code), made on first use.

    One that was left half made, or that someone has locked, is made anew: what the
    old one signed stays good, for every card carries its own certificates.
    """
    code = municipality[:5]
    serial = _SERIAL.format(municipality=code)
    opened = _opened(serial, code, box)
    if opened is None:
        with box.store.work():  # one maker at a time
            opened = _opened(serial, code, box)
            if opened is None:
                _make(serial, code, box, profile)
                opened = _opened(serial, code, box)
    assert opened is not None
    connection, seal = opened
    try:
        yield seal
    finally:
        connection.close()


def _opened(serial: str, code: str, box: Box) -> tuple[Connection, Seal] | None:
    """The seal, if it is there whole and opens."""
    try:
        connection = box.cards.connect(serial)
    except KeyError:
        return None
    session = JpkiSession(connection)
    try:
        face = session.ca_certificate(Kind.SIGNATURE)
        text = session.ca_certificate(Kind.AUTHENTICATION)
        session.verify(Kind.SIGNATURE, _password(code, box), last_try=True)
    except (NothingThere, PinLocked):
        connection.close()
        return None
    return connection, Seal(
        sign=lambda info: session.sign_digest_info(Kind.SIGNATURE, info),
        face_certificate=face,
        text_certificate=text,
    )


def _make(serial: str, code: str, box: Box, profile: Profile) -> None:
    """The password is set last: a seal that has one is whole."""
    issuer_key = box.vault.derive("seal-issuer", serial.encode())
    box.cards.make(
        serial,
        issuer_key=issuer_key,
        tries=dict.fromkeys(
            (
                "authentication",
                "signature",
                "juki",
                "input_support",
                "number_a",
                "number_b",
                "birth",
            ),
            _TRIES,
        ),
        issuer_tries=_ISSUER_TRIES,
    )
    connection = box.cards.connect(serial)
    try:
        session = IssuerSession(
            connection, key=issuer_key, serial=serial, random=box.random
        )
        key = session.generate_key(CardApplication.JPKI, _KEY_FILE)
        digits = profile.production.municipality_key_digits.value
        for root, file, behind in zip(
            (FACE_ROOT, TEXT_ROOT), (_FACE_FILE, _TEXT_FILE), digits, strict=True
        ):
            name = KeyName(code + behind, group=_GROUP)
            certificate = _certified(root, name, key, box)
            session.write_file(CardApplication.JPKI, file, certificate)
        session.set_pin(CardSecret.SIGNATURE, _password(code, box))
    finally:
        connection.close()


def _certified(issuer: KeyName, subject: KeyName, key: bytes, box: Box) -> bytes:
    label = _label(issuer)
    box.signer.create(label)
    return card_verifiable_certificate(
        issuer=issuer,
        subject=subject,
        public_key=key,
        sign=lambda body: box.signer.sign(label, body),
    )


def _root_key(name: KeyName, box: Box) -> bytes:
    return box.signer.create(_label(name))


def _label(name: KeyName) -> str:
    return f"cv-{name.number}"


def _password(code: str, box: Box) -> str:
    secret = box.vault.derive("seal-password", code.encode())
    return b32encode(secret).decode("ascii")[:_PASSWORD_CHARACTERS]


def _rsa(spki: bytes) -> RSAPublicKey:
    key = load_der_public_key(spki)
    assert isinstance(key, RSAPublicKey)
    return key
