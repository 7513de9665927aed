"""A resident shows with their card who they are, to read what is theirs.

They are given something to sign, once and soon; the card signs it with the key of the
user authentication certificate, after its PIN; the certificate must be one of this
box, of a card in use, good at this moment.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.secret import Pin
from mynabox.lifecycle.staff import Challenge, SessionKind
from mynabox.pki.algorithms import RSA_SHA256, verify
from mynabox.pki.reading import NotACertificate, read_certificate
from mynabox.ports import Box, Work
from mynabox.terminal.errors import CardError, PinLocked, WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.sign_in import SignedIn, begin, of_resident
from mynabox.usecases.without_pins import demand_pins, demand_pins_of

CHALLENGE_BYTES = 32
WHAT = "resident session"
PREFIX = b"mynabox resident session\n"
"""Comes before the challenge in what is signed, so that nobody can be made to sign
something else with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be signed: ``PREFIX`` and these octets."""

    challenge: bytes
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the card answered.

    ``certificate``  of the card, DER
    ``signature``    PKCS #1 v1.5 with SHA-256 over ``PREFIX`` and the challenge
    """

    challenge: bytes
    certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def ask_resident(box: Box) -> Asked:
    """Something to be signed by whoever says to be a resident."""
    at = box.clock.now()
    asked = Asked(
        challenge=box.random(CHALLENGE_BYTES),
        expires=at + timedelta(minutes=limits().challenge_minutes),
    )
    with box.store.work() as work:
        work.sessions.forget(before=at)
        work.sessions.ask(
            Challenge(
                hash=sha256(asked.challenge).hexdigest(),
                what=WHAT,
                of="",
                expires=asked.expires,
            )
        )
    return asked


def open_resident_session(proof: Proof, box: Box) -> SignedIn:
    """Take the proof and open a session for the certificate's holder.

    A challenge is used up by this, whatever becomes of it.
    """
    at = box.clock.now()
    with box.store.work() as work:
        asked = work.sessions.take(sha256(proof.challenge).hexdigest())
    if asked is None or asked.what != WHAT or at >= asked.expires:
        raise _unproven()
    with box.store.work() as work:
        certificate = _certificate(proof, work)
        _demand_good(certificate, work, at=at)
        person = work.residents.get(certificate.resident)
        signed_in = begin(
            SessionKind.RESIDENT,
            certificate.resident,
            of_resident(certificate.resident),
            work,
            box,
            at=at,
            until=at + timedelta(minutes=limits().resident_session_minutes),
        )
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=signed_in.actor.name,
                action="resident_session",
                subjects=(person.id, certificate.card, f"cert-{certificate.serial}"),
                facts={},
            )
        )
    return signed_in


def sign_with_card(serial: str, pin: Pin, box: Box) -> Proof:
    """Have a card that lies in a reader of this box sign, as a terminal would."""
    if serial not in box.cards.tray():
        raise Refused("authority.no_card_in_reader")
    demand_pins_of(serial, "portal_login", box)
    asked = ask_resident(box)
    connection = box.cards.connect(serial)
    try:
        session = JpkiSession(connection)
        session.verify(Kind.AUTHENTICATION, pin.characters, last_try=True)
        return Proof(
            challenge=asked.challenge,
            certificate=session.certificate(Kind.AUTHENTICATION),
            signature=session.sign(Kind.AUTHENTICATION, PREFIX + asked.challenge),
        )
    except WrongPin as wrong:
        raise Refused(
            "authority.wrong_pin", rules=("R073",), tries=str(wrong.tries_left)
        ) from None
    except PinLocked:
        raise Refused("authority.pin_locked", rules=("R076",)) from None
    except (CardError, ValueError):
        raise _unproven() from None
    finally:
        connection.close()


def told(challenge: bytes) -> str:
    """Octets as they travel: base64url without padding."""
    return urlsafe_b64encode(challenge).decode("ascii").rstrip("=")


def _certificate(proof: Proof, work: Work) -> Certificate:
    try:
        facts = read_certificate(proof.certificate)
    except NotACertificate:
        raise _unproven() from None
    found = work.certificates.find(facts.serial) if facts.serial < 2**63 else None
    if (
        found is None
        or found.der != proof.certificate
        or found.kind is not CertificateKind.AUTHENTICATION
        or not verify(
            facts.public_key,
            RSA_SHA256,
            signature=proof.signature,
            data=PREFIX + proof.challenge,
        )
    ):
        raise _unproven()
    return found


def _demand_good(certificate: Certificate, work: Work, *, at: datetime) -> None:
    card = work.cards.get(certificate.card)
    why = ""
    if certificate.state is not CertificateState.ACTIVE:
        why = certificate.state.value
    elif not certificate.not_before <= at <= certificate.not_after:
        why = "expired"
    elif card.state is not CardState.ACTIVE:
        why = card.state.value
    if why:
        raise Refused("authority.card_not_good", why=why)
    demand_pins(card, "portal_login")


def _unproven() -> Refused:
    return Refused("authority.resident_proof")
