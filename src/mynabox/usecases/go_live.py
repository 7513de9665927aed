"""A card goes into its holder's hands: it and its certificates are good from now on."""

from datetime import datetime

from mynabox.lifecycle.card import Card, CardEvent, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateEvent,
    CertificateState,
)
from mynabox.lifecycle.delivery import DeliveryEvent
from mynabox.ports import Work
from mynabox.usecases.card_waits import end_delivery
from mynabox.usecases.endings import apply_event
from mynabox.usecases.following import requests_done


def go_live(work: Work, card: Card, *, at: datetime) -> tuple[Card, tuple[str, ...]]:
    """The live card, and what else changed: an older card of the holder ends here
    (R055), so that nobody ever holds two (R030), and the card's delivery is over.

    Raises ``Refused`` while a fee of the holder's is due (R161)."""
    changed = [*requests_done(work, card, at=at)]
    changed += _end_older_cards(work, card, at=at)
    live = card.after(CardEvent.HANDED_OVER, at=at)
    work.cards.save(live)
    for certificate in issued(work, card):
        work.certificates.save(certificate.after(CertificateEvent.HANDED_OVER, at=at))
    changed += end_delivery(work, card, event=DeliveryEvent.RECEIVED, at=at)
    return live, tuple(changed)


def issued(work: Work, card: Card) -> list[Certificate]:
    """The certificates that wait in the card."""
    return [
        certificate
        for certificate in work.certificates.of_card(card.serial)
        if certificate.state is CertificateState.ISSUED
    ]


def _end_older_cards(work: Work, card: Card, *, at: datetime) -> list[str]:
    ended: list[str] = []
    for older in work.cards.of(card.resident):
        if older.serial != card.serial and older.state is not CardState.VOID:
            applied = apply_event(
                work, older, "renewed", at=at, card_event=CardEvent.REPLACED
            )
            ended += applied.subjects
    return ended
