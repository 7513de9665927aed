"""What a card looks like on both sides."""

from mynabox.lifecycle.card import Card
from mynabox.lifecycle.resident import ResidenceStatus, Resident
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.face import CardBack, CardFace, card_back_png, card_front_png
from mynabox.ports import Box, Missing
from mynabox.usecases.printing import printing


def card_faces(
    card: Card, resident: Resident, number: IndividualNumber, photo: bytes | None
) -> tuple[bytes, bytes]:
    """Front and back as PNG (R268); raises ``Refused`` for what cannot be drawn."""
    western = resident.residence_status is not ResidenceStatus.JAPANESE
    with printing("card"):
        return (
            card_front_png(
                CardFace(
                    name=resident.card_name,
                    address=resident.address,
                    born=resident.born,
                    sex=resident.sex,
                    expires=card.expires,
                    photo=photo,
                    security_code=card.security_code,
                    western=western,
                )
            ),
            card_back_png(
                CardBack(
                    number=number,
                    name=resident.card_name,
                    born=resident.born,
                    western=western,
                )
            ),
        )


def show_faces(serial: str, box: Box) -> tuple[bytes, bytes]:
    """Both faces of a card of the register; raises ``Missing``."""
    with box.store.look() as work:
        card = work.cards.get(serial)
        resident = work.residents.get(card.resident)
        application = work.applications.get(card.application)
        assignment = work.numbers.current(card.resident)
    if assignment is None:
        raise Missing("Individual Number of the holder of card", serial)
    return card_faces(card, resident, assignment.number, application.photo)
