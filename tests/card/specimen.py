"""The specimen card of these tests, personalised as any card is: over IssuerSession.

Everything about it is fixed, so transcripts can spell answers out.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_private_key,
)

from mynabox.card import CARD, Chip, Secret, blank_image
from mynabox.terminal.card_record import CardRecord
from mynabox.terminal.input_support import Attributes, attributes_file, number_file
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession

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
}
TRIES = {
    Secret.AUTHENTICATION: 3,
    Secret.SIGNATURE: 5,
    Secret.JUKI: 3,
    Secret.INPUT_SUPPORT: 3,
    Secret.NUMBER_A: 10,
    Secret.NUMBER_B: 10,
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
)


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
    """Keys made beforehand, in the order of KEY_FILES."""
    text = (Path(__file__).parent / "data" / "specimen_keys.pem").read_bytes()
    blocks = re.findall(rb"-----BEGIN.+?-----END[^\n]+\n", text, re.DOTALL)
    keys = [load_pem_private_key(block, None) for block in blocks]
    return tuple(key for key in keys if isinstance(key, RSAPrivateKey))


def blank() -> bytes:
    """The specimen before personalisation."""
    return blank_image(
        profile=CARD,
        serial=SERIAL,
        issuer_key=ISSUER_KEY,
        tries=TRIES,
        issuer_tries=ISSUER_TRIES,
    )


def issuer(connection: InProcess, name: str = "issuer") -> IssuerSession:
    """The issuer at work on a specimen."""
    return IssuerSession(connection, key=ISSUER_KEY, serial=SERIAL, random=stream(name))


@cache
def specimen() -> bytes:
    """The image of the personalised specimen."""
    cell = Cell(blank())
    keys: Iterator[RSAPrivateKey] = iter(private_keys())
    chip = Chip(cell, random=stream("card"), make_key=lambda: next(keys))
    session = issuer(InProcess(chip))
    for application, fid in KEY_FILES:
        session.generate_key(application, fid)
    for fid, certificate in CERTIFICATES.items():
        session.write_file(CardApplication.JPKI, fid, certificate)
    text = CardApplication.INPUT_SUPPORT
    session.write_file(text, 0x01, number_file(NUMBER))
    session.write_file(text, 0x02, attributes_file(ATTRIBUTES))
    session.write_records(CardApplication.CARD_RECORD, 0x01, [RECORD.encode()])
    session.set_expiry(date(2035, 2, 17))
    for secret, value in PINS.items():
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
