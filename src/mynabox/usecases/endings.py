"""What an event does to a card and its certificates, as the rulebook says.

Many procedures end or stop things (R145-R157). The rulebook has one row for each
event with its effect on signature certificate, authentication certificate and card
(:func:`mynabox.law.events.event_effects`); this module acts the row out within a
transaction. No use case decides by itself what becomes of a certificate.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from mynabox.law.days import JST
from mynabox.law.events import Effect, event_effects, revocation_shows
from mynabox.lifecycle.card import Card, CardEvent
from mynabox.lifecycle.certificate import (
    CERTIFICATE,
    REASONS,
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.life import Refused
from mynabox.ports import Work
from mynabox.usecases.following import follow_card

CARD_EVENTS: Mapping[str, CardEvent] = {
    "lost": CardEvent.REPORTED_LOST,
    "found": CardEvent.FOUND,
    "died": CardEvent.RECORD_DELETED,
    "record_deleted": CardEvent.RECORD_DELETED,
    "emigrated": CardEvent.RECORD_DELETED,
    "status_lost": CardEvent.RECORD_DELETED,
    "number_changed": CardEvent.NUMBER_CHANGED,
    "record_code_changed": CardEvent.NUMBER_CHANGED,
    "returned": CardEvent.RETURNED,
    "continued_use_missed": CardEvent.LAPSED,
    "discarded": CardEvent.DISCARDED,
}
"""What happens to the card itself, by the rulebook's event. Events that are not here
leave its state as it is; that a card has expired is computed and stored nowhere."""

_REVOKING: Mapping[str, CertificateEvent] = {
    REASONS[event].value: event
    for event in CertificateEvent
    if event in REASONS
    and event not in (CertificateEvent.HELD, CertificateEvent.LAPSED)
}
"""The certificate's event by the reason that the rulebook gives."""

_NEXT_DAY = ("address_changed", "name_changed")
"""Events whose revocation shows on the next day only (R145)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The card after an event, the serials of the certificates it stopped, and the ids
    of what ended with it."""

    card: Card
    stopped: tuple[int, ...]
    followed: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the journal row of the event is about, besides the person."""
        return (
            self.card.serial,
            *(f"cert-{serial}" for serial in self.stopped),
            *self.followed,
        )


def apply_event(
    work: Work,
    card: Card,
    event: str,
    *,
    at: datetime,
    card_event: CardEvent | None = None,
    kinds: Collection[CertificateKind] = tuple(CertificateKind),
) -> Applied:
    """Act out the rulebook's row of ``event`` on a card and all its certificates.

    ``card_event``  what happens to the card, where the row leaves that open: a card
                    is *replaced* when the certificates of the next one supersede its
                    own
    ``kinds``       the certificates that the event is about

    Raises ``Refused`` if it cannot happen to the card now. A certificate that is
    revoked already stays as it is, except that a revocation which was to take effect
    later takes effect now.
    """
    effects = event_effects(event).value
    happens = card_event or CARD_EVENTS.get(event)
    followed: tuple[str, ...] = ()
    if happens is not None:
        before, card = card, card.after(happens, at=at)
        work.cards.save(card)
        followed = follow_card(work, before, card, happens, at=at)
    elif event == "expired" and not card.over_on(at.date()):
        raise Refused(
            "card.not_expired", rules=("R153",), expires=card.expires.isoformat()
        )
    stopped = []
    for certificate in work.certificates.of_card(card.serial):
        signs = certificate.kind is CertificateKind.SIGNATURE
        effect = effects.signature if signs else effects.authentication
        if certificate.kind not in kinds:
            continue
        changed = _changed(certificate, effect, event, at=at)
        if changed != certificate:
            work.certificates.save(changed)
            stopped.append(certificate.serial)
    return Applied(card=card, stopped=tuple(stopped), followed=followed)


def _changed(
    certificate: Certificate, effect: Effect, event: str, *, at: datetime
) -> Certificate:
    """The certificate after an event with this effect on it."""
    happens = _certificate_event(effect, event)
    if happens is None:
        return certificate
    if certificate.state is CertificateState.REVOKED:
        if event in _NEXT_DAY:
            return certificate
        return certificate.brought_forward(at=at)
    if not CERTIFICATE.allows(certificate.state, happens):
        return certificate
    effective = None
    if event in _NEXT_DAY:
        effective = datetime.combine(revocation_shows(at.date()).value, time(), JST)
    return certificate.after(happens, at=at, effective=effective)


def _certificate_event(effect: Effect, event: str) -> CertificateEvent | None:
    """What happens to a certificate; None where it stays, or expires by itself."""
    match effect.state:
        case "hold":
            return CertificateEvent.HELD
        case "lapsed":
            return None if event == "expired" else CertificateEvent.LAPSED
        case "revoked":
            return _REVOKING[effect.reason or ""]
        case _:
            return None


def live_kinds(work: Work, card: Card, *, at: datetime) -> set[str]:
    """Kinds of which the card has a certificate that is issued or active, and whose
    last moment is not over."""
    return {
        certificate.kind.value
        for certificate in work.certificates.of_card(card.serial)
        if certificate.state in (CertificateState.ISSUED, CertificateState.ACTIVE)
        and at <= certificate.not_after
    }
