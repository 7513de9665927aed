"""What several use cases do at the counter with a card's chip.

Each chip has an issuer key of its own, derived from a secret of the box; nothing
but that key opens the way to its files, keys and PINs.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from mynabox.card import CARD, Profile
from mynabox.law.pins import PinKind, pin_tries
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.secret import IndividualNumber, Pin
from mynabox.ports import Box, Missing
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from mynabox.usecases.card_seal import municipal_seal
from mynabox.usecases.chip_content import (
    FACE_KEY,
    KEYS,
    TEXT_KEY,
    TRANSPORT_KEY,
    birth_digits,
    draw,
    face_files,
    has_face,
    number_b,
    objects,
    records,
    text_files,
)

PINS: tuple[PinKind, ...] = ("authentication", "juki", "input_support", "signature")
"""The four secrets a holder chooses (R070)."""

CHIP_FILES: Mapping[str, tuple[CardApplication, int]] = {
    "signature-certificate": (CardApplication.JPKI, 0x01),
    "signature-authority": (CardApplication.JPKI, 0x02),
    "authentication-certificate": (CardApplication.JPKI, 0x0A),
    "authentication-authority": (CardApplication.JPKI, 0x0B),
}
"""Names under which files travel into a chip: application and file id."""

CERTIFICATES = "certificates"
"""Name under which certificates travel by their issuance numbers, separated by blanks:
they are taken from the register when they are written."""

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


def make_chip(serial: str, box: Box, *, profile: Profile = CARD) -> None:
    """Make the blank chip of a card: the rulebook's limits for the holder's secrets
    (R073, R074), those of its kind for what is printed on it."""
    tries: dict[str, int] = {kind: pin_tries(kind=kind).value for kind in PINS}
    printed = profile.production.printed_tries.value
    box.cards.make(
        serial,
        issuer_key=_issuer_key(serial, box),
        tries=tries | dict.fromkeys(("number_a", "number_b", "birth"), printed),
        issuer_tries=profile.production.issuer_tries.value,
        profile=profile.name,
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
    """Have the chip make new key pairs, all or none; the public halves as SPKI in
    DER."""
    places = [(CardApplication.JPKI, _KEY_FILES[kind]) for kind in kinds]
    with issuer_session(serial, box) as session:
        return dict(zip(kinds, session.generate_keys(places), strict=True))


def personalise(
    card: Card,
    resident: Resident,
    number: IndividualNumber,
    box: Box,
    *,
    profile: Profile = CARD,
) -> None:
    """Write what the chip holds of its holder, signed by the municipality, and what
    opens it from the face. The photograph is that of the card's application.

    Doing it again makes new keys of the face and leaves PINs and certificates alone.
    A kind of chip without the face's applications, as a telephone's token is, is left
    as it is. Raises ``Refused`` for a name or an address that cannot be drawn.
    """
    if not has_face(profile):
        return
    with box.store.look() as work:
        photo = work.applications.get(card.application).photo
    pictures = draw(card, resident, number, photo)
    seal = municipal_seal(card.municipality, box, profile=profile)
    with issuer_session(card.serial, box) as session:
        keys = dict(zip(KEYS, session.generate_keys(KEYS), strict=True))
        files = face_files(
            card,
            resident,
            pictures,
            key=keys[FACE_KEY],
            seal=seal,
            opaque=box.random(256),
        ) | text_files(
            resident,
            number,
            key=keys[TEXT_KEY],
            transport_key=keys[TRANSPORT_KEY],
            seal=seal,
            unknown=box.random(32),
            profile=profile,
        )
        with session.together():
            for place, content in files.items():
                session.write_file(*place, content)
            for place, lines in records(card).items():
                session.write_records(*place, lines)
            for tag, value in objects(card, seal=seal, profile=profile).items():
                session.put_data(tag, value)
            session.set_pin(CardSecret.NUMBER_A, number.digits)
            opener = number_b(card, resident, profile=profile)
            session.set_pin(CardSecret.NUMBER_B, opener)
            birth = birth_digits(resident, profile=profile)
            session.set_pin(CardSecret.BIRTH, birth)


def set_pins(serial: str, pins: Mapping[str, Pin], box: Box) -> None:
    """Set the holder's PINs; every one given gets all its tries back."""
    with issuer_session(serial, box) as session:
        session.set_pins({_SECRETS[kind]: pin.characters for kind, pin in pins.items()})


def take_pins(serial: str, box: Box) -> None:
    """Take the holder's PINs and the signature certificate out of the chip (R081): no
    PIN opens anything, until :func:`set_pins` sets one. What is printed on the card
    goes on to open its face."""
    with issuer_session(serial, box) as session:
        session.take_pins(_SECRETS.values())
        with session.together():
            for name in ("signature-certificate", "signature-authority"):
                session.write_file(*CHIP_FILES[name], b"")


def write_chip_file(serial: str, *, name: str, content: bytes, box: Box) -> None:
    """Replace one file of the chip; writing the same again changes nothing."""
    application, file = CHIP_FILES[name]
    with issuer_session(serial, box) as session:
        session.write_file(application, file, content)


def write_certificates(serial: str, *, numbers: Iterable[int], box: Box) -> None:
    """Put certificates of the register into the chip, each with its CA's, all in one
    write; doing it again changes nothing. Raises ``Missing``."""
    files: dict[str, bytes] = {}
    with box.store.look() as work:
        authorities = {known.name: known.der for known in work.statuses.authorities()}
        for number in numbers:
            certificate = work.certificates.find(number)
            if certificate is None:
                raise Missing("certificate", str(number))
            kind = certificate.kind.value
            files[f"{kind}-authority"] = authorities[certificate.issuer]
            files[f"{kind}-certificate"] = certificate.der
    with issuer_session(serial, box) as session, session.together():
        for name, content in files.items():
            session.write_file(*CHIP_FILES[name], content)


def _issuer_key(serial: str, box: Box) -> bytes:
    return box.vault.derive("card-issuer", serial.encode())
