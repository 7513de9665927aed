"""What a card's chip holds of its holder, put together from the register.

Every file is built here and written by :mod:`mynabox.usecases.chip`; what is printed
on the card opens it, and a seal of the municipality stands under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mynabox.card import BirthYear, Profile
from mynabox.iso7816.tlv import Tlv, encode_ber, encode_simple
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.chip_pictures import digits_png, photo_jp2, text_png
from mynabox.papers.eras import era_year
from mynabox.pki.card_verifiable import (
    CARD_INTERMEDIATE,
    CARD_ISSUER,
    FACE_NAMED,
    OPAQUE_NAMED,
    SHARED_NAMED,
    TEXT_NAMED,
    public_key_objects,
    without_template,
)
from mynabox.terminal import card_face, input_support
from mynabox.terminal.card_record import RECORD_FILE, CardRecord
from mynabox.terminal.input_support import (
    Attributes,
    attributes_file,
    attributes_signed,
    number_file,
)
from mynabox.terminal.issuer import CardApplication, Place
from mynabox.terminal.signed_files import (
    FILLER_FILE,
    FaceContent,
    age_file,
    card_key_file,
    digests_file,
    face_file,
    face_information_file,
    number_picture_file,
    text_information_file,
    transport_key_file,
)
from mynabox.usecases.card_seal import Seal
from mynabox.usecases.printing import printing

FACE_KEY = (CardApplication.CARD_FACE, card_face.KEY_FILE)
TEXT_KEY = (CardApplication.INPUT_SUPPORT, input_support.KEY_FILE)
TRANSPORT_KEY = (CardApplication.INPUT_SUPPORT, input_support.TRANSPORT_KEY_FILE)
RECORD_KEY = (CardApplication.CARD_RECORD, 0x19)
KEYS = (FACE_KEY, TEXT_KEY, TRANSPORT_KEY, RECORD_KEY)
"""Key files that have nothing to do with certificates, filled at production."""

_NAME_FILE = 0x02
_SEX_CODES = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "9"}
_RECOGNITION = encode_ber(
    0x73,
    bytes.fromhex(
        "0607 2A864886FC6B01"
        "600C 060A 2A864886FC6B02020101"
        "6309 0607 2A864886FC6B03"
        "640B 0609 2A864886FC6B040215"
    ),
)
"""Card recognition data of GlobalPlatform Card Specification 2.1.1, appendix F."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The face's texts and the photograph as a chip has them."""

    name: bytes
    address: bytes
    photo: bytes
    security_code: bytes
    number: bytes


def has_face(profile: Profile) -> bool:
    """Whether a kind of chip has both applications that repeat the card's face."""
    aids = {application.aid for application in profile.applications}
    needed = (
        CardApplication.CARD_FACE,
        CardApplication.INPUT_SUPPORT,
        CardApplication.CARD_RECORD,
        CardApplication.JUKI,
    )
    return all(application.value in aids for application in needed)


def draw(
    card: Card, resident: Resident, number: IndividualNumber, photo: bytes | None
) -> Pictures:
    """Raises ``Refused`` for a name or an address that cannot be drawn."""
    with printing("card"):
        return Pictures(
            name=text_png(resident.card_name, what="name"),
            address=text_png(resident.address, what="address"),
            photo=b"" if photo is None else photo_jp2(photo),
            security_code=digits_png(card.security_code),
            number=digits_png(number.digits),
        )


def face_files(
    card: Card,
    resident: Resident,
    pictures: Pictures,
    *,
    key: bytes,
    seal: Seal,
    opaque: bytes,
) -> dict[Place, bytes]:
    """The card-face application's files; ``key`` is the card's, SPKI in DER."""
    public = public_key_objects(key)
    born = f"{resident.born:%Y%m%d}"
    content = FaceContent(
        born=born,
        sex=_SEX_CODES[resident.sex],
        public_key=public,
        name=pictures.name,
        address=pictures.address,
        photo=pictures.photo,
        expiry=f"{card.expires:%Y%m%d}",
        security_code=pictures.security_code,
    )
    files = {
        card_face.AGE_FILE: age_file(born=born, public_key=public, sign=seal.sign),
        card_face.FACE_FILE: face_file(content, sign=seal.sign),
        card_face.INFORMATION_FILE: face_information_file(
            named=FACE_NAMED.encode(),
            municipality=card.municipality[:5],
            opaque_named=OPAQUE_NAMED.encode(),
            opaque=opaque,
        ),
        card_face.CERTIFICATE_FILE: seal.face_certificate,
        card_face.NUMBER_PICTURE_FILE: number_picture_file(
            picture=pictures.number, public_key=public, sign=seal.sign
        ),
        card_face.FILLER_FILE: FILLER_FILE,
    }
    return {(CardApplication.CARD_FACE, file): data for file, data in files.items()}


def text_files(
    resident: Resident,
    number: IndividualNumber,
    *,
    key: bytes,
    transport_key: bytes,
    seal: Seal,
    unknown: bytes,
    profile: Profile,
) -> dict[Place, bytes]:
    """The input-support application's files; keys are the card's, SPKI in DER."""
    numbers = number_file(number.digits)
    attributes = attributes_file(
        Attributes(
            name=resident.name,
            address=resident.address,
            birth=f"{resident.born:%Y%m%d}",
            sex=_SEX_CODES[resident.sex],
        ),
        long_form=profile.production.long_lengths.value,
    )
    files = {
        input_support.NUMBER_FILE: numbers,
        input_support.ATTRIBUTES_FILE: attributes,
        input_support.DIGESTS_FILE: digests_file(
            number=numbers,
            attributes=attributes_signed(attributes),
            sign=seal.sign,
        ),
        input_support.CERTIFICATE_FILE: seal.text_certificate,
        input_support.INFORMATION_FILE: text_information_file(
            named=TEXT_NAMED.encode(), unknown=unknown
        ),
        input_support.TRANSPORT_FILE: transport_key_file(
            public_key_objects(transport_key)
        ),
        input_support.CARD_KEY_FILE: card_key_file(
            public_key=public_key_objects(key), sign=seal.sign
        ),
        input_support.FILLER_FILE: FILLER_FILE,
    }
    return {(CardApplication.INPUT_SUPPORT, file): data for file, data in files.items()}


def records(card: Card) -> dict[Place, list[bytes]]:
    """Record files: what the card is, and the key two applications name alike."""
    known = CardRecord(
        serial=card.serial[1:],
        municipality=card.municipality[:5],
        expiry=f"{card.expires:%Y%m%d}",
    )
    named = encode_simple([Tlv(0x01, SHARED_NAMED.encode())])
    return {
        (CardApplication.CARD_RECORD, RECORD_FILE): [known.encode()],
        (CardApplication.CARD_RECORD, _NAME_FILE): [named],
        (CardApplication.JUKI, _NAME_FILE): [named],
    }


def objects(card: Card, *, seal: Seal, profile: Profile) -> Mapping[int, bytes]:
    """Data objects of the default application, by tag."""
    upper, lower = seal.chain
    found = {
        0x0042: CARD_ISSUER.encode(),
        0x0066: _RECOGNITION,
        0x00F0: card.municipality[:5].encode("ascii"),
        0x00F2: f"{card.expires:%Y%m%d}".encode("ascii"),
        0x00F7: CARD_INTERMEDIATE.encode(),
        0x00F8: without_template(upper),
    }
    if profile.production.lower_chain.value:
        found[0x7F21] = without_template(lower)
    return found


def number_b(card: Card, resident: Resident, *, profile: Profile) -> str:
    """Verification number B (照合番号B): birth date, year of expiry, security code."""
    digits = birth_digits(resident, profile=profile)
    return f"{digits}{card.expires.year:04d}{card.security_code}"


def birth_digits(resident: Resident, *, profile: Profile) -> str:
    """The six digits of a birth date, YYMMDD, as number B begins with them."""
    year = BirthYear.ERA
    if resident.residence_status is not ResidenceStatus.JAPANESE:
        year = profile.production.foreign_birth_year.value
    born = resident.born
    two = era_year(born) if year is BirthYear.ERA else born.year % 100
    return f"{two:02d}{born:%m%d}"
