"""What each event does to the certificates and the card (失効, 一時停止)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.book import integer, mapping, parameters
from mynabox.law.days import plus_days
from mynabox.law.errors import BadArgument
from mynabox.law.rulebook import answer

CertificateState: TypeAlias = Literal["good", "hold", "revoked", "lapsed"]
CardState: TypeAlias = Literal["active", "update", "suspended", "void"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one thing.

    ``good``: untouched; ``hold``: certificateHold, never lifted; ``revoked``
    with the crlReason of RFC 5280; ``lapsed``: its validity ended by itself.
    A card is ``active``; ``update``: active, its face and chip to be brought
    up to date; ``suspended``; or ``void``.
    """

    state: str
    reason: str | None = None

    def __str__(self) -> str:
        return self.state if self.reason is None else f"{self.state} {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What an event does to the two certificates and the card."""

    signature: Effect
    authentication: Effect
    card: Effect


def event_names() -> tuple[str, ...]:
    """Every event the table knows."""
    return tuple(parameters("events"))


def event_effects(event: str) -> Answer[Effects]:
    """What an event does, as one row of the table R145 to R157."""
    if event not in event_names():
        raise BadArgument("event", Accepts("one_of", words=event_names()))
    row = mapping("events", event).only
    effects = Effects(
        signature=_effect(row.value["signature"]),
        authentication=_effect(row.value["authentication"]),
        card=_effect(row.value["card"]),
    )
    return answer(effects, row, *_BESIDE.get(event, ()), next=_NEXT.get(event))


_BESIDE = {"stopped_by_holder": ("R272",), "lost": ("R278",)}

_NEXT = {
    "address_changed": "event.issue_new_signature_certificate",
    "name_changed": "event.issue_new_signature_certificate",
    "corrected": "event.issue_new_signature_certificate",
    "lost": "event.tell_police_and_municipality",
    "found": "event.issue_new_certificates",
    "number_changed": "event.hand_card_back",
    "continued_use_missed": "event.hand_card_back",
}


def _effect(text: str) -> Effect:
    state, _, reason = text.partition(" ")
    return Effect(state, reason or None)


def revocation_shows(recorded: date) -> Answer[date]:
    """First day on which a change of address or name shows in revocation data."""
    days = integer("certificates", "revocation_effective_days").on(recorded)
    return answer(plus_days(recorded, days.value), days)
