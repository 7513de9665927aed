"""What is written to people whose card waits for them."""

from datetime import date, datetime

from mynabox.law.book import integer
from mynabox.lifecycle.appointment import Appointment
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.delivery import Delivery
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import ResidenceStatus, Resident
from mynabox.papers.letter import letter_pdf
from mynabox.papers.postcard import Postcard, postcard_pdf, usual_items
from mynabox.papers.sleeve import Sleeve, sleeve_pdf
from mynabox.papers.waiting_letter import Tells, Visit, waiting_letter
from mynabox.ports import Box
from mynabox.usecases.printing import (
    contacts,
    mayor,
    pick_up_place,
    printing,
    second_language,
)


def posted(
    kind: LetterKind, paper: bytes, person: Resident, box: Box, *, at: datetime
) -> Outgoing:
    """A paper on its way to where a person lives."""
    return Outgoing(
        id=make_id("out", box.random(ID_BYTES)),
        carrier=Carrier.POST,
        municipality=person.municipality,
        to=f"{person.address}\n{person.card_name}",
        title=kind.value,
        content=paper,
        created=at,
    )


def postcard(person: Resident, box: Box, *, until: date, at: datetime) -> Outgoing:
    """The postcard that calls the holder to the counter (R050)."""
    second = second_language(person)
    items = ["postcard", "identity"]
    if person.residence_status is not ResidenceStatus.JAPANESE:
        items.append("residence_card")
    with printing("postcard"):
        paper = postcard_pdf(
            Postcard(
                addressee=person.card_name,
                postcode="",
                address=person.address,
                sender=mayor(person.municipality),
                place=pick_up_place(person.municipality, at.date(), second),
                until=until,
                bring=usual_items(*items, second=second),
                alone_from_age=integer("delivery", "representative_age")
                .on(at.date())
                .value,
                second=second,
            )
        )
    return posted(LetterKind.POSTCARD, paper, person, box, at=at)


def appointment_letter(
    tells: Tells, booked: Appointment, person: Resident, box: Box, *, at: datetime
) -> Outgoing:
    """That a place at the counter is given, is coming up, or was missed."""
    with box.store.look() as work:
        delivery = work.deliveries.get(booked.delivery)
    paper = _letter(tells, delivery, person, at=at, booked=booked)
    return posted(LetterKind.APPOINTMENT, paper, person, box, at=at)


def still_waits_letter(
    delivery: Delivery, person: Resident, box: Box, *, at: datetime
) -> Outgoing:
    """That the card still lies at the counter."""
    paper = _letter(Tells.STILL_WAITS, delivery, person, at=at)
    return posted(LetterKind.WAITING, paper, person, box, at=at)


def sleeve(card: Card, person: Resident, box: Box, *, at: datetime) -> Outgoing:
    """The sleeve in which a card is mailed to its holder."""
    second = second_language(person)
    with printing("sleeve"):
        paper = sleeve_pdf(
            Sleeve(
                addressee=person.card_name,
                address=person.address,
                sender=mayor(person.municipality),
                expires=card.expires,
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
    return posted(LetterKind.SLEEVE, paper, person, box, at=at)


def _letter(
    tells: Tells,
    delivery: Delivery,
    person: Resident,
    *,
    at: datetime,
    booked: Appointment | None = None,
) -> bytes:
    second = second_language(person)
    place = pick_up_place(person.municipality, at.date(), second)
    with printing("letter"):
        return letter_pdf(
            waiting_letter(
                tells,
                Visit(
                    place=place.name,
                    until=delivery.until,
                    begins=booked.begins if booked else None,
                    ends=booked.ends if booked else None,
                    code=booked.id if booked else "",
                ),
                addressee=person.card_name,
                address=person.address,
                sender=mayor(person.municipality),
                sent=at.date(),
                telephone=place.telephone,
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
