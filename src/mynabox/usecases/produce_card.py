"""Produce the card of an application: chip, keys, certificates, postcard."""

from dataclasses import dataclass
from datetime import date, timedelta

from mynabox.law.book import integer
from mynabox.law.validity import card_expiry, signature_certificate
from mynabox.lifecycle.application import (
    Application,
    ApplicationEvent,
    ApplicationState,
)
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import ResidenceStatus, Resident, ResidentState
from mynabox.papers.postcard import Postcard, postcard_pdf, usual_items
from mynabox.ports import Box, Work
from mynabox.usecases.certify import certify
from mynabox.usecases.chip import generate_keys, make_chip, personalise
from mynabox.usecases.deliver import deliver
from mynabox.usecases.faces import card_faces
from mynabox.usecases.printing import (
    mayor,
    pick_up_place,
    printing,
    second_language,
)
from mynabox.usecases.roll_over import keep_generations

SERIAL_DIGITS = 16
SECURITY_CODE_DIGITS = 4
WAITS = timedelta(days=90)
"""How long the postcard says that a card is kept at the counter. No guide sets a
limit for all municipalities: a choice of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A card that waits for its holder, and what its chip carries."""

    card: Card
    certificates: tuple[Certificate, ...]


def produce_card(application: str, box: Box, *, actor: str = "production") -> Produced:
    """Make the card (R090-R113, R130-R135) and tell the holder to come (R050).

    The chip, its keys and both faces are made first: a name that cannot be drawn
    or a chip that cannot be made stops production and nothing is recorded. The
    certificates are written into the chip by the outbox after the transaction.
    """
    with box.store.look() as work:
        asked = work.applications.get(application)
        resident = work.residents.get(asked.resident)
        assignment = work.numbers.current(resident.id)
    received = _check(asked, resident, assignment)
    assert assignment is not None
    keep_generations(box)
    at = box.clock.now()
    if resident.stay_until is not None and resident.stay_until < at.date():
        raise Refused(
            "production.would_be_expired",
            rules=("R110",),
            expires=resident.stay_until.isoformat(),
        )
    card = Card(
        serial=decimal(SERIAL_DIGITS, box.random(SERIAL_DIGITS)),
        resident=resident.id,
        municipality=resident.municipality,
        application=asked.id,
        security_code=decimal(SECURITY_CODE_DIGITS, box.random(16)),
        issued=at.date(),
        expires=card_expiry(
            born=resident.born,
            applied=received,
            issued=at.date(),
            residence_status=resident.residence_status.value,
            stay_until=resident.stay_until,
        ).value,
        since=at,
    )
    card_faces(card, resident, assignment.number, asked.photo)
    kinds = certificate_kinds(asked, resident, on=at.date())
    make_chip(card.serial, box)
    keys = generate_keys(card.serial, kinds, box)
    personalise(card, resident, assignment.number, box)
    paper = _postcard(card, resident)
    with box.store.work() as work:
        now_asked = work.applications.get(application)
        _check(now_asked, work.residents.get(resident.id), assignment)
        if work.residents.get(resident.id) != resident:
            raise Refused("production.particulars_changed", rules=("R026",))
        _discard_waiting(work, resident)
        work.cards.add(card)
        certificates = certify(
            work, box, resident=resident, card=card, keys=keys, at=at
        )
        work.applications.save(now_asked.after(ApplicationEvent.PRODUCED))
        work.outbox.add(
            Outgoing(
                id=make_id("out", box.random(ID_BYTES)),
                carrier=Carrier.POST,
                municipality=resident.municipality,
                to=f"{resident.address}\n{resident.card_name}",
                title=LetterKind.POSTCARD.value,
                content=paper,
                created=at,
            )
        )
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor=actor,
                action="produce_card",
                subjects=(
                    resident.id,
                    asked.id,
                    card.serial,
                    *(f"cert-{certificate.serial}" for certificate in certificates),
                ),
                facts={"expires": card.expires.isoformat()},
            )
        )
    deliver(box)
    return Produced(card=card, certificates=certificates)


def certificate_kinds(
    application: Application, resident: Resident, *, on: date
) -> tuple[CertificateKind, ...]:
    """Which certificates this card gets: wished for (R031) and allowed (R135)."""
    kinds = []
    if application.authentication_certificate:
        kinds.append(CertificateKind.AUTHENTICATION)
    if (
        application.signature_certificate
        and signature_certificate(born=resident.born, on=on).value
    ):
        kinds.append(CertificateKind.SIGNATURE)
    return tuple(kinds)


def _check(
    asked: Application, resident: Resident, assignment: Assignment | None
) -> date:
    """Refuse what cannot be produced; the day the application was received."""
    if asked.state is not ApplicationState.RECEIVED or asked.received is None:
        raise Refused(
            "production.application_not_ready", rules=("R020",), state=asked.state.value
        )
    if resident.state is not ResidentState.REGISTERED:
        raise Refused("application.not_registered", rules=("R029",))
    if assignment is None:
        raise Refused("notice.no_number_yet", rules=("R001",))
    return asked.received.date()


def _discard_waiting(work: Work, resident: Resident) -> None:
    for known in work.cards.of(resident.id):
        if known.state is CardState.PRODUCED:
            raise Refused(
                "production.card_waits_already", rules=("R030",), card=known.serial
            )


def _postcard(card: Card, resident: Resident) -> bytes:
    second = second_language(resident)
    items = ["postcard", "identity"]
    if resident.residence_status is not ResidenceStatus.JAPANESE:
        items.append("residence_card")
    with printing("postcard"):
        return postcard_pdf(
            Postcard(
                addressee=resident.card_name,
                postcode="",
                address=resident.address,
                sender=mayor(resident.municipality),
                place=pick_up_place(resident.municipality, card.issued, second),
                until=card.issued + WAITS,
                bring=usual_items(*items, second=second),
                alone_from_age=integer("delivery", "representative_age")
                .on(card.issued)
                .value,
                second=second,
            )
        )
