"""The specimen card of these tests, personalised as any card is: over IssuerSession.

Everything about it is fixed, so transcripts can spell answers out.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from PIL import Image

from mynabox.card import CARD, PROFILES, Chip, Profile, Secret, blank_image
from mynabox.papers.chip_pictures import digits_png, photo_jp2, text_png
from mynabox.pki.card_verifiable import (
    FACE_NAMED,
    FACE_ROOT,
    OPAQUE_NAMED,
    TEXT_NAMED,
    TEXT_ROOT,
    KeyName,
    card_verifiable_certificate,
    public_key_objects,
)
from mynabox.terminal.card_record import CardRecord
from mynabox.terminal.card_verifiable import CvKey
from mynabox.terminal.input_support import (
    Attributes,
    attributes_file,
    attributes_signed,
    number_file,
)
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
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

SERIAL = "9000330000000017"
ISSUER_KEY = hashlib.sha256(b"issuer key of the specimen card").digest()
NUMBER = "123456789018"
PINS = {
    CardSecret.AUTHENTICATION: "1234",
    CardSecret.SIGNATURE: "ABC123",
    CardSecret.JUKI: "5678",
    CardSecret.INPUT_SUPPORT: "2468",
    CardSecret.NUMBER_A: NUMBER,
    CardSecret.NUMBER_B: "55021720352285",
    CardSecret.BIRTH: "550217",
}
TRIES = {
    Secret.AUTHENTICATION: 3,
    Secret.SIGNATURE: 5,
    Secret.JUKI: 3,
    Secret.INPUT_SUPPORT: 3,
    Secret.NUMBER_A: 10,
    Secret.NUMBER_B: 10,
    Secret.BIRTH: 10,
}
ISSUER_TRIES = 10
ATTRIBUTES = Attributes(
    name="見本\u3000花子", address="東京都千代田区１－１", birth="19800217", sex="2"
)
RECORD = CardRecord(serial="900033000000001", municipality="13101", expiry="20350217")
KEY_FILES = (
    (CardApplication.JPKI, 0x17),
    (CardApplication.JPKI, 0x1A),
    (CardApplication.INPUT_SUPPORT, 0x13),
    (CardApplication.CARD_RECORD, 0x19),
    (CardApplication.CARD_FACE, 0x1A),
    (CardApplication.INPUT_SUPPORT, 0x10),
)
SEAL, FACE_KEY, TEXT_KEY = 6, 7, 8
"""Among the keys behind those: the municipality's, and those of the two CV roots."""


def der(size: int, fill: int) -> bytes:
    """A stand-in for a certificate: a SEQUENCE of ``size`` bytes in all."""
    return b"\x30\x82" + (size - 4).to_bytes(2) + bytes((fill,)) * (size - 4)


CERTIFICATES = {
    0x01: der(1600, 0xA1),
    0x02: der(1100, 0xA2),
    0x0A: der(1390, 0xAA),
    0x0B: der(1024, 0xAB),
}


class Cell:
    """A memory in RAM; ``writes`` counts."""

    def __init__(self, image: bytes) -> None:
        self.image = image
        self.writes = 0

    def read(self) -> bytes:
        return self.image

    def write(self, image: bytes) -> None:
        self.image = image
        self.writes += 1


class InProcess:
    """A connection straight to a chip."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.atr = chip.power_on()
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.chip.transmit(command)

    def reset(self, *, cold: bool = False) -> None:
        self.atr = self.chip.power_on() if cold else self.chip.warm_reset()

    def close(self) -> None:
        self.chip.power_off()


def stream(name: str) -> Callable[[int], bytes]:
    """Random bytes that are the same in every run."""
    count = 0

    def take(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{name} {count}".encode()).digest(size)

    return take


@cache
def private_keys() -> tuple[RSAPrivateKey, ...]:
    """Keys made beforehand: those of KEY_FILES in their order, then SEAL and others."""
    text = (Path(__file__).parent / "data" / "specimen_keys.pem").read_bytes()
    blocks = re.findall(rb"-----BEGIN.+?-----END[^\n]+\n", text, re.DOTALL)
    keys = [load_pem_private_key(block, None) for block in blocks]
    return tuple(key for key in keys if isinstance(key, RSAPrivateKey))


def blank(profile: Profile = CARD) -> bytes:
    """The specimen before personalisation."""
    return blank_image(
        profile=profile,
        serial=SERIAL,
        issuer_key=ISSUER_KEY,
        tries=TRIES,
        issuer_tries=ISSUER_TRIES,
    )


def issuer(connection: InProcess, name: str = "issuer") -> IssuerSession:
    """The issuer at work on a specimen."""
    return IssuerSession(connection, key=ISSUER_KEY, serial=SERIAL, random=stream(name))


def public(number: int) -> bytes:
    """The public half of one of the keys, SPKI in DER."""
    return (
        private_keys()[number]
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def roots() -> tuple[CvKey, ...]:
    """The two CV roots of the specimen, as a terminal takes them."""
    keys = private_keys()
    return (
        CvKey(FACE_ROOT.encode(), keys[FACE_KEY].public_key()),
        CvKey(TEXT_ROOT.encode(), keys[TEXT_KEY].public_key()),
    )


def sealed(info: bytes) -> bytes:
    """A DigestInfo signed by the municipality."""
    return private_keys()[SEAL].sign(info, PKCS1v15(), NoDigestInfo())


def certified(root: KeyName, key: int, subject: str) -> bytes:
    """The municipality's CV certificate under one of the roots."""
    return card_verifiable_certificate(
        issuer=root,
        subject=KeyName(subject, group="000"),
        public_key=public(SEAL),
        sign=lambda body: private_keys()[key].sign(body, PKCS1v15(), SHA256()),
    )


@cache
def face_files() -> dict[int, bytes]:
    """The files of the card-face application."""
    own = public_key_objects(public(4))
    portrait = BytesIO()
    Image.radial_gradient("L").convert("RGB").save(portrait, "JPEG")
    content = FaceContent(
        born=ATTRIBUTES.birth,
        sex=ATTRIBUTES.sex,
        public_key=own,
        name=text_png(ATTRIBUTES.name, what="name"),
        address=text_png(ATTRIBUTES.address, what="address"),
        photo=photo_jp2(portrait.getvalue()),
        expiry="20350217",
        security_code=digits_png("2285"),
    )
    return {
        0x01: age_file(born=ATTRIBUTES.birth, public_key=own, sign=sealed),
        0x02: face_file(content, sign=sealed),
        0x03: face_information_file(
            named=FACE_NAMED.encode(),
            municipality=RECORD.municipality,
            opaque_named=OPAQUE_NAMED.encode(),
            opaque=b"\xa5" * 256,
        ),
        0x04: certified(FACE_ROOT, FACE_KEY, "1310121"),
        0x05: number_picture_file(
            picture=digits_png(NUMBER), public_key=own, sign=sealed
        ),
        0x06: FILLER_FILE,
    }


@cache
def text_files() -> dict[int, bytes]:
    """The files of the input-support application."""
    number, attributes = number_file(NUMBER), attributes_file(ATTRIBUTES)
    return {
        0x01: number,
        0x02: attributes,
        0x03: digests_file(
            number=number, attributes=attributes_signed(attributes), sign=sealed
        ),
        0x04: certified(TEXT_ROOT, TEXT_KEY, "1310131"),
        0x05: text_information_file(named=TEXT_NAMED.encode(), unknown=b"\x5a" * 32),
        0x06: transport_key_file(public_key_objects(public(5))),
        0x07: card_key_file(public_key=public_key_objects(public(2)), sign=sealed),
        0x08: FILLER_FILE,
    }


@cache
def specimen(profile: str = CARD.name) -> bytes:
    """The image of the personalised specimen, with what its kind has of all this."""
    kind = PROFILES[profile]
    aids = {application.aid for application in kind.applications}
    cell = Cell(blank(kind))
    keys: Iterator[RSAPrivateKey] = iter(private_keys())
    chip = Chip(cell, random=stream("card"), make_key=lambda: next(keys))
    session = issuer(InProcess(chip))
    jpki, face = CardApplication.JPKI, CardApplication.CARD_FACE
    text, record = CardApplication.INPUT_SUPPORT, CardApplication.CARD_RECORD
    written = {jpki: CERTIFICATES, text: text_files(), face: face_files()}
    places = {
        (application.aid, file.fid)
        for application in kind.applications
        for file in application.files
    }
    for application, fid in KEY_FILES:
        if (application.value, fid) in places:
            session.generate_key(application, fid)
    for application, files in written.items():
        for fid, content in files.items():
            if (application.value, fid) in places:
                session.write_file(application, fid, content)
    if record.value in aids:
        session.write_records(record, 0x01, [RECORD.encode()])
    if 0x00F2 in kind.objects:
        session.set_expiry(date(2035, 2, 17))
    for secret, value in PINS.items():
        if any((app.value, fid) in places for app, fid in secret.value):
            session.set_pin(secret, value)
    return cell.image


def public_key(spki: bytes) -> RSAPublicKey:
    """A key from its SubjectPublicKeyInfo."""
    key = load_der_public_key(spki)
    assert isinstance(key, RSAPublicKey)
    return key


def insert(image: bytes | None = None) -> tuple[Cell, InProcess]:
    """A specimen in a reader, with its memory."""
    cell = Cell(specimen() if image is None else image)
    return cell, InProcess(Chip(cell, random=stream("card in reader")))
