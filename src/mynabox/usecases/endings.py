"""What an event does to a card and its certificates, as the rulebook says.

Several procedures end or stop things (R145-R157). The rulebook names the effect of
an event on each; this module carries it out within a transaction.
"""

from datetime import datetime

from mynabox.lifecycle.card import Card, CardEvent
from mynabox.lifecycle.certificate import (
    CERTIFICATE,
    CertificateEvent,
    CertificateState,
)
from mynabox.ports import Work


def stop_certificates(
    work: Work, card: Card, event: CertificateEvent, *, at: datetime
) -> tuple[int, ...]:
    """Let ``event`` happen to every certificate of the card that it can happen to."""
    stopped = []
    for certificate in work.certificates.of_card(card.serial):
        if CERTIFICATE.allows(certificate.state, event):
            work.certificates.save(certificate.after(event, at=at))
            stopped.append(certificate.serial)
    return tuple(stopped)


def end_card(
    work: Work,
    card: Card,
    event: CardEvent,
    certificates: CertificateEvent,
    *,
    at: datetime,
) -> Card:
    """End a card and, with it, every certificate on it that is not ended yet."""
    ended = card.after(event, at=at)
    work.cards.save(ended)
    stop_certificates(work, card, certificates, at=at)
    return ended


def live_kinds(work: Work, card: Card) -> set[str]:
    """Kinds of which the card has a certificate that is issued or active."""
    return {
        certificate.kind.value
        for certificate in work.certificates.of_card(card.serial)
        if certificate.state in (CertificateState.ISSUED, CertificateState.ACTIVE)
    }
