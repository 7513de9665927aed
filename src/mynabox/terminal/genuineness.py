"""Whether a card and what it says are genuine: authority, record, card (真正性確認).

Three things are checked, and each is worthless without the others: a root the caller
trusts has certified the key that signed the record; the record is as it was signed;
and the card in the reader has the key that the record speaks of. A copy of a card's
files fails at the third, a card of an unknown authority at the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from mynabox.iso7816.tlv import TlvError, read_ber
from mynabox.terminal.card_face import CardFaceSession, Signed, read_signed
from mynabox.terminal.card_verifiable import (
    CvKey,
    digests_signed_by,
    read_public_key,
    signed_by,
)
from mynabox.terminal.errors import CardNonsense, NotGenuine
from mynabox.terminal.input_support import Attributes, InputSupportSession

_CHALLENGE_BYTES = 32
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What is on the face of a card that has been found genuine.

    ``born`` is YYYYMMDD, ``sex`` one digit of JIS X 0303; pictures are PNG, the
    photograph JPEG 2000 (empty on a card without one). ``expiry`` and
    ``security_code`` are as the card says: nobody has signed them.
    """

    born: str = field(repr=False)
    sex: str = field(repr=False)
    name: bytes = field(repr=False)
    address: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    number: bytes | None = field(repr=False)
    """The number's picture; None unless it was asked for."""
    expiry: str
    security_code: bytes = field(repr=False)
    signer: str
    """Seven digits: the municipality's code and two more."""


def verify_face(
    session: CardFaceSession,
    *,
    roots: Sequence[CvKey],
    random: Random,
    number: bool = False,
) -> Face:
    """The face of a genuine card; number A or B has been presented before.

    ``number`` also reads and checks the picture of the number, which number A opens.
    Raises NotGenuine or UnknownAuthority; PinRequired before anything was presented.
    """
    issuer = session.certificate().verified(roots)
    face = session.face_record()
    key = _face_key(face, issuer.key)
    picture = None
    if number:
        drawn = session.number_record()
        if _record_key(drawn, (0xDF41, 0xDF42), 0xDF43, issuer.key) != key:
            raise NotGenuine("number", "the record speaks of another card")
        picture = drawn.value(0xDF41)
    _challenge(session.sign_challenge, key, random)
    return Face(
        born=face.text(0xDF22),
        sex=face.text(0xDF23),
        name=face.value(0xDF25),
        address=face.value(0xDF26),
        photo=face.value(0xDF27),
        number=picture,
        expiry=face.text(0xDF29),
        security_code=face.value(0xDF2A),
        signer=issuer.number,
    )


def verify_age(
    session: CardFaceSession, *, roots: Sequence[CvKey], random: Random
) -> str:
    """The birth date, YYYYMMDD, of a genuine card opened by the birth date alone."""
    issuer = session.certificate().verified(roots)
    record = session.age_record()
    key = _record_key(record, (0xDF11, 0xDF12), 0xDF13, issuer.key)
    _challenge(session.sign_challenge, key, random)
    return record.text(0xDF11)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the input-support application says, found genuine.

    Each is None where what was presented does not open it.
    """

    number: str | None = field(repr=False)
    attributes: Attributes | None = field(repr=False)
    signer: str


def verify_particulars(
    session: InputSupportSession,
    *,
    roots: Sequence[CvKey],
    random: Random,
    number: bool = True,
    attributes: bool = True,
) -> Particulars:
    """Number and attributes of a genuine card, as far as they are asked for.

    The PIN opens both, number A the number, number B the attributes.
    """
    issuer = session.certificate().verified(roots)
    digests = read_signed(session.digests_file(), 0xFF30)
    if not _covers(digests, (0xDF31, 0xDF32), 0xDF33, issuer.key):
        raise NotGenuine("digests", "not signed by the key the certificate names")
    found_number = found_attributes = None
    if number:
        if not compare_digest(_sha256(session.number_file()), digests.value(0xDF31)):
            raise NotGenuine("number", "another one was signed")
        found_number = session.number()
    if attributes:
        behind = _behind_table(session.attributes_file())
        if not compare_digest(_sha256(behind), digests.value(0xDF32)):
            raise NotGenuine("attributes", "others were signed")
        found_attributes = session.attributes()
    card = read_signed(session.card_key_file(), 0xFF50)
    if not _covers(card, (0xDF51,), 0xDF52, issuer.key):
        raise NotGenuine("card key", "not signed by the key the certificate names")
    key = read_public_key(card.value(0xDF51))
    _challenge(session.sign_challenge, key, random)
    return Particulars(found_number, found_attributes, issuer.number)


def _face_key(face: Signed, issuer: RSAPublicKey) -> RSAPublicKey:
    digests = b"".join(
        _sha256(face.covered(*tags))
        for tags in ((0xDF22, 0xDF23, 0xDF24), (0xDF25, 0xDF26), (0xDF27,))
    )
    if not digests_signed_by(issuer, digests, face.value(0xDF28)):
        raise NotGenuine("face", "not signed by the key the certificate names")
    return read_public_key(face.value(0xDF24))


def _record_key(
    record: Signed, tags: tuple[int, int], signature: int, issuer: RSAPublicKey
) -> RSAPublicKey:
    """The card's key in a record of one thing, its key and a signature over both."""
    if not _covers(record, tags, signature, issuer):
        raise NotGenuine(
            f"record {tags[0]:04X}", "not signed by the key the certificate names"
        )
    return read_public_key(record.value(tags[1]))


def _covers(
    record: Signed, tags: tuple[int, ...], signature: int, issuer: RSAPublicKey
) -> bool:
    return signed_by(issuer, record.covered(*tags), record.value(signature))


def _challenge(
    sign: Callable[[bytes], bytes], key: RSAPublicKey, random: Random
) -> None:
    """The card signs what it cannot have signed before."""
    challenge = random(_CHALLENGE_BYTES)
    signature = sign(_DIGEST_INFO + _sha256(challenge))
    if not signed_by(key, challenge, signature):
        raise NotGenuine("card", "has not the key its record speaks of")


def _behind_table(raw: bytes) -> bytes:
    try:
        whole, _ = read_ber(raw)
        table, behind = read_ber(whole.value)
    except TlvError as error:
        raise CardNonsense(f"attributes file: {error}") from None
    if table.tag != 0xDF21:
        raise CardNonsense("attributes file without its table")
    return whole.value[behind:]


def _sha256(data: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()
