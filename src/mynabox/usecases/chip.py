"""What several use cases do at the counter with a card's chip.

Each chip has an issuer key of its own, derived from a secret of the box; nothing
but that key opens the way to its files, keys and PINs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from mynabox.law.pins import PinKind, pin_tries
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex
from mynabox.lifecycle.secret import IndividualNumber, Pin
from mynabox.papers.eras import era_year
from mynabox.ports import Box
from mynabox.terminal.card_record import CardRecord
from mynabox.terminal.input_support import Attributes, attributes_file, number_file
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession

PINS: tuple[PinKind, ...] = ("authentication", "juki", "input_support", "signature")
"""The four secrets a holder chooses (R070)."""

PRINTED_NUMBER_TRIES = 10
"""Wrong tries in a row that lock verification number A or B (照合番号).

Source: the Digital Agency's page on card passcodes; a client library says three.
Confidence: medium."""

ISSUER_TRIES = 10
"""Wrong issuer authentications that close a chip to its issuer. A choice of ours."""

CHIP_FILES: Mapping[str, tuple[CardApplication, int]] = {
    "signature-certificate": (CardApplication.JPKI, 0x01),
    "signature-authority": (CardApplication.JPKI, 0x02),
    "authentication-certificate": (CardApplication.JPKI, 0x0A),
    "authentication-authority": (CardApplication.JPKI, 0x0B),
}
"""Names under which files travel into a chip: application and file id."""

_KEY_FILES = {
    CertificateKind.AUTHENTICATION: 0x17,
    CertificateKind.SIGNATURE: 0x1A,
}
_SECRETS = {
    "authentication": CardSecret.AUTHENTICATION,
    "signature": CardSecret.SIGNATURE,
    "juki": CardSecret.JUKI,
    "input_support": CardSecret.INPUT_SUPPORT,
}
_SEX_CODES = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "9"}
_NUMBER_FILE, _ATTRIBUTES_FILE, _RECORD_FILE = 0x01, 0x02, 0x01


def make_chip(serial: str, box: Box) -> None:
    """Make the blank chip of a card, with the rulebook's try limits (R073, R074)."""
    tries: dict[str, int] = {kind: pin_tries(kind=kind).value for kind in PINS}
    box.cards.make(
        serial,
        issuer_key=_issuer_key(serial, box),
        tries={
            **tries,
            "number_a": PRINTED_NUMBER_TRIES,
            "number_b": PRINTED_NUMBER_TRIES,
        },
        issuer_tries=ISSUER_TRIES,
    )


@contextmanager
def issuer_session(serial: str, box: Box) -> Iterator[IssuerSession]:
    """The chip at the counter, opened with its issuer key."""
    connection = box.cards.connect(serial)
    try:
        session = IssuerSession(
            connection,
            key=_issuer_key(serial, box),
            serial=serial,
            random=box.random,
        )
        session.authenticate()
        yield session
    finally:
        connection.close()


def generate_keys(
    serial: str, kinds: tuple[CertificateKind, ...], box: Box
) -> dict[CertificateKind, bytes]:
    """Have the chip make new key pairs; the public halves as SPKI in DER."""
    with issuer_session(serial, box) as session:
        return {
            kind: session.generate_key(CardApplication.JPKI, _KEY_FILES[kind])
            for kind in kinds
        }


def personalise(
    card: Card, resident: Resident, number: IndividualNumber, box: Box
) -> None:
    """Write what the chip holds of its holder, and what opens it from the face."""
    with issuer_session(card.serial, box) as session:
        session.write_file(
            CardApplication.INPUT_SUPPORT, _NUMBER_FILE, number_file(number.digits)
        )
        session.write_file(
            CardApplication.INPUT_SUPPORT,
            _ATTRIBUTES_FILE,
            attributes_file(
                Attributes(
                    name=resident.name,
                    address=resident.address,
                    birth=f"{resident.born:%Y%m%d}",
                    sex=_SEX_CODES[resident.sex],
                )
            ),
        )
        session.set_pin(CardSecret.NUMBER_A, number.digits)
        session.set_pin(CardSecret.NUMBER_B, number_b(card, resident))
        session.write_records(
            CardApplication.CARD_RECORD,
            _RECORD_FILE,
            [
                CardRecord(
                    serial=card.serial[1:],
                    municipality=card.municipality[:5],
                    expiry=f"{card.expires:%Y%m%d}",
                ).encode()
            ],
        )
        session.set_expiry(card.expires)


def number_b(card: Card, resident: Resident) -> str:
    """Verification number B (照合番号B): birth date, year of expiry, security code.

    The birth year has the two digits the face prints: of the Japanese era for
    Japanese people, Gregorian for others (for these the source is the predecessor
    card only; confidence: low).
    """
    return f"{birth_digits(resident)}{card.expires.year:04d}{card.security_code}"


def birth_digits(resident: Resident) -> str:
    """The six digits of a birth date on the card's face, YYMMDD."""
    born = resident.born
    return f"{_face_year(resident.residence_status, born):02d}{born:%m%d}"


def _face_year(status: ResidenceStatus, born: date) -> int:
    if status is ResidenceStatus.JAPANESE:
        return era_year(born)
    return born.year % 100


def set_pins(serial: str, pins: Mapping[str, Pin], box: Box) -> None:
    """Set the holder's PINs; every one given gets all its tries back."""
    with issuer_session(serial, box) as session:
        for kind, pin in pins.items():
            session.set_pin(_SECRETS[kind], pin.characters)


def write_chip_file(serial: str, *, name: str, content: bytes, box: Box) -> None:
    """Replace one file of the chip; writing the same again changes nothing."""
    application, file = CHIP_FILES[name]
    with issuer_session(serial, box) as session:
        session.write_file(application, file, content)


def _issuer_key(serial: str, box: Box) -> bytes:
    return box.vault.derive("card-issuer", serial.encode())
