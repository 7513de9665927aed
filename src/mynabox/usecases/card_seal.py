"""The keys behind what is signed on a card's face: a box's own roots, and the seals
with which municipalities sign (CV証明書).

Each such key lives in a chip of its own, as an official's does: it was made in it,
never leaves it, and signs for whoever has the password, which only the box knows.
Beside the key the chip carries what goes with it, so that whoever has the chip can
sign, and whoever has a root can check.
"""

from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mynabox.card import CARD, Profile, Secret
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
from mynabox.ports import Box, Busy
from mynabox.terminal import card_face, input_support
from mynabox.terminal.card_verifiable import CvCertificate, CvKey
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import (
    CardError,
    CardUnproven,
    IssuerRefused,
    NotGenuine,
    NothingThere,
    UnknownAuthority,
)
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession, Place
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.terminal.signed_files import digest_info

_SERIAL_DIGITS = 16
_MUNICIPALITIES = "9000029"
"""What the serial of a municipality's chip begins with, its five digits behind it."""
_KEY_FILE = 0x1A
_BESIDE: tuple[Place, ...] = (
    (CardApplication.JPKI, 0x0A),
    (CardApplication.CARD_FACE, card_face.CERTIFICATE_FILE),
    (CardApplication.INPUT_SUPPORT, input_support.CERTIFICATE_FILE),
    (CardApplication.JPKI, 0x02),
    (CardApplication.JPKI, 0x0B),
)
"""Files anyone may read: the public half of the key; of a municipality also its two
certificates, and the chain of a card's default application."""
_PASSWORD_CHARACTERS = 16
_TRIES = 5
_ISSUER_TRIES = 10
_GROUP = "000"
"""Of a municipality's key name (seen)."""


Certificates = Callable[[bytes], tuple[bytes, ...]]
"""What stands beside a key, from its public half."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A municipality's seal, open: signs a DigestInfo, and shows its certificates.

    ``sign`` raises ``Busy`` if somebody has just locked the chip or made it anew.
    """

    sign: Callable[[bytes], bytes]
    face_certificate: bytes
    text_certificate: bytes
    card_chain: tuple[bytes, bytes]
    """Upper and lower certificate of a card's default application."""


def cv_roots(box: Box) -> tuple[CvKey, ...]:
    """The box's roots, as a terminal takes them; made on first use."""
    return tuple(CvKey(root.encode(), _rsa(_public_half(root, box))) for root in ROOTS)


@contextmanager
def municipal_seal(
    municipality: str, box: Box, *, profile: Profile = CARD
) -> Iterator[Seal]:
    """The seal of a municipality (its six-digit code), made on first use.

    One that was left half made, that someone has locked, or whose root is another by
    now is made anew: what the old one signed stays as good as it was, for every card
    carries its own certificates. Raises ``Busy`` if somebody else makes it meanwhile.
    """
    code = municipality[:5]
    name = _MUNICIPALITIES + code

    def certificates(public_key: bytes) -> tuple[bytes, ...]:
        digits = profile.production.municipality_key_digits.value
        named = [
            _certified(root, KeyName(code + behind, group=_GROUP), public_key, box)
            for root, behind in zip((FACE_ROOT, TEXT_ROOT), digits, strict=True)
        ]
        chain = [
            _certified(above, below, _public_half(below, box), box)
            for above, below in (
                (CARD_ROOT, CARD_INTERMEDIATE),
                (CARD_INTERMEDIATE, CARD_ISSUER),
            )
        ]
        return (*named, *chain)

    if not _vouched_for(name, box, certificates):
        _make(name, box, certificates)
    with _opened(name, box, certificates) as key:
        _, face, text, upper, lower = key.beside
        yield Seal(key.sign, face, text, (upper, lower))
    if not _vouched_for(name, box, certificates):
        raise Busy("somebody else has made a root anew")


def _vouched_for(name: str, box: Box, certificates: Certificates) -> bool:
    """Whether the box's roots of today certify a municipality's key."""
    with closing(_there(name, box, certificates)) as connection:
        beside = _beside(connection)
    roots = cv_roots(box)
    try:
        for raw in beside[1:3]:
            CvCertificate.decode(raw).verified(roots)
    except (NotGenuine, UnknownAuthority):
        return False
    return True


@dataclass(frozen=True, slots=True)
class _KeyChip:
    """A chip with a key, its password given."""

    session: JpkiSession
    beside: tuple[bytes, ...]

    def sign(self, info: bytes) -> bytes:
        try:
            return self.session.sign_digest_info(Kind.SIGNATURE, info)
        except CardError as error:
            raise Busy("somebody else has the seal in hand") from error


def _root(name: KeyName, box: Box) -> AbstractContextManager[_KeyChip]:
    return _opened(name.number, box, _nothing)


def _nothing(public_half: bytes) -> tuple[bytes, ...]:
    """What certifies a root."""
    return ()


def _public_half(name: KeyName, box: Box) -> bytes:
    with closing(_there(name.number, box, _nothing)) as connection:
        return _beside(connection)[0]


def _certified(issuer: KeyName, subject: KeyName, key: bytes, box: Box) -> bytes:
    with _root(issuer, box) as root:
        return card_verifiable_certificate(
            issuer=issuer,
            subject=subject,
            public_key=key,
            sign=lambda body: root.sign(digest_info(body)),
        )


@contextmanager
def _opened(name: str, box: Box, certificates: Certificates) -> Iterator[_KeyChip]:
    """The chip of a key, made if it is not there whole, with its password given.

    Two who make it at the same time make two keys, of which one stays: whoever has
    signed with the other is told ``Busy`` at the end, and tries again.
    """
    with closing(_there(name, box, certificates)) as connection:
        beside = _beside(connection)
        session = JpkiSession(connection)
        try:
            session.verify(Kind.SIGNATURE, _password(name, box), last_try=True)
        except CardError as error:
            raise Busy("somebody else has the seal in hand") from error
        yield _KeyChip(session, beside)
        if _beside(connection) != beside:
            raise Busy("somebody else has made the seal anew")


def _there(name: str, box: Box, certificates: Certificates) -> Connection:
    """A way to the chip, made if it is not there whole."""
    connection = _whole(name, box)
    if connection is None:
        _make(name, box, certificates)
        connection = _whole(name, box)
    if connection is None:
        raise Busy("somebody else is making the seal")
    return connection


def _whole(name: str, box: Box) -> Connection | None:
    """A way to a chip that has its key and opens; its password is the mark of that."""
    try:
        connection = box.cards.connect(_serial(name))
    except KeyError:
        return None
    try:
        if JpkiSession(connection).tries_left(Kind.SIGNATURE):
            return connection
    except CardError:
        pass
    connection.close()
    return None


def _beside(connection: Connection) -> tuple[bytes, ...]:
    """What stands beside a key, as far as the chip has it."""
    card, found = Dialogue(connection), []
    for application, file in _BESIDE:
        card.select_application(application.value)
        try:
            found.append(card.read_object(file))
        except NothingThere:
            break
    return tuple(found)


def _make(name: str, box: Box, certificates: Certificates) -> None:
    """All that makes it a seal is written in one go."""
    serial = _serial(name)
    issuer_key = box.vault.derive("seal-issuer", serial.encode())
    box.cards.make(
        serial,
        issuer_key=issuer_key,
        tries=dict.fromkeys((secret.value for secret in Secret), _TRIES),
        issuer_tries=_ISSUER_TRIES,
    )
    with closing(box.cards.connect(serial)) as connection:
        session = IssuerSession(
            connection, key=issuer_key, serial=serial, random=box.random
        )
        try:
            public_half = session.generate_key(CardApplication.JPKI, _KEY_FILE)
            contents = (public_half, *certificates(public_half))
            with session.together():
                for place, content in zip(_BESIDE, contents, strict=False):
                    session.write_file(*place, content)
                session.set_pin(CardSecret.SIGNATURE, _password(name, box))
        except (CardError, CardUnproven, IssuerRefused) as error:
            raise Busy("somebody else is making the seal") from error


def _serial(name: str) -> str:
    return name.ljust(_SERIAL_DIGITS, "0")


def _password(name: str, box: Box) -> str:
    secret = box.vault.derive("seal-password", _serial(name).encode())
    return b32encode(secret).decode("ascii")[:_PASSWORD_CHARACTERS]


def _rsa(spki: bytes) -> RSAPublicKey:
    key = load_der_public_key(spki)
    assert isinstance(key, RSAPublicKey)
    return key
