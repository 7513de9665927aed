"""Produce cards of applications, one or many: chip, keys, certificates, postcard."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

from mynabox.law.validity import (
    card_expiry,
    next_card_expiry,
    signature_certificate,
)
from mynabox.lifecycle.application import (
    Application,
    ApplicationEvent,
    ApplicationState,
)
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.delivery import DeliveryWay
from mynabox.lifecycle.identity import decimal
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.outgoing import Outgoing
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.ports import Box, Duplicate, Missing, Work
from mynabox.usecases.card_waits import begin_delivery, kept_until
from mynabox.usecases.certify import Order, certify_all, written_items
from mynabox.usecases.chip import generate_keys, make_chip, personalise
from mynabox.usecases.deliver import deliver
from mynabox.usecases.faces import card_faces
from mynabox.usecases.roll_over import keep_generations
from mynabox.usecases.waiting_letters import postcard

SERIAL_DIGITS = 16
SECURITY_CODE_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A card that waits for its holder, and what its chip carries."""

    card: Card
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProduced:
    """An application whose card could not be made, and why."""

    application: str
    refused: Refused | Missing


TOGETHER = 500
"""Cards that are recorded in one transaction, with all their certificates: more would
gain little, and others wait a third of a second for their turn."""


def produce_card(application: str, box: Box, *, actor: str = "production") -> Produced:
    """Make the card (R090-R113, R130-R135) and tell the holder to come (R050).

    The chip, its keys and both faces are made first: a name that cannot be drawn
    or a chip that cannot be made stops production and nothing is recorded. The
    certificates are written into the chip by the outbox after the transaction. A chip
    whose card is refused after all is destroyed.
    """
    made = _make(application, box, at=None)
    with _scrapped_if_refused(box, made.card), box.store.work() as work:
        fit = _still_fitting(work, made)
        (produced,) = _record(work, box, [fit], at=made.card.since, actor=actor)
    deliver(box)
    return produced


def produce_cards(
    applications: Iterable[str],
    box: Box,
    *,
    actor: str = "production",
    seen: Callable[[], object] = lambda: None,
) -> Iterator[Produced | NotProduced]:
    """Make the cards of many applications, as :func:`produce_card` makes one; what
    became of each. Up to :data:`TOGETHER` are recorded in one transaction, and told
    of only then; one that is refused stops none of the others.

    ``seen`` is called whenever a chip was made, or could not be.
    """
    waiting = iter(dict.fromkeys(applications))
    while batch := list(islice(waiting, TOGETHER)):
        keep_generations(box)
        at = box.clock.now()
        made: list[_Made] = []
        fit: list[_Made] = []
        refused: list[NotProduced] = []
        late: list[Card] = []
        for application in batch:
            try:
                made.append(_make(application, box, at=at))
            except (Refused, Missing) as refusal:
                refused.append(NotProduced(application=application, refused=refusal))
            seen()
        cards = [one.card for one in made]
        with _scrapped_if_refused(box, *cards), box.store.work() as work:
            for one in made:
                try:
                    fit.append(_still_fitting(work, one))
                except Refused as refusal:
                    late.append(one.card)
                    refused.append(
                        NotProduced(application=one.asked.id, refused=refusal)
                    )
            produced = _record(work, box, fit, at=at, actor=actor)
        for card in late:
            box.cards.scrap(card.serial)
        deliver(box)
        yield from produced
        yield from refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A card that is made and not recorded yet.

    ``keys``   the public halves that its chip has made
    ``items``  the four items for its signature certificate
    ``letter`` the postcard, for a card that is to be fetched
    """

    asked: Application
    resident: Resident
    assignment: Assignment
    card: Card
    keys: Mapping[CertificateKind, bytes]
    items: bytes
    letter: Outgoing


def _make(application: str, box: Box, *, at: datetime | None) -> _Made:
    """Make chip, keys, faces and postcard: everything that needs no transaction.
    ``at`` is the moment of a batch, whose CA generations were seen to."""
    with box.store.look() as work:
        asked = work.applications.get(application)
        resident = work.residents.get(asked.resident)
        assignment = work.numbers.current(resident.id)
        reading = len(work.residents.history(resident.id))
    received = _check(asked, resident, assignment)
    assert assignment is not None
    if at is None:
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
        expires=_last_day(resident, box, applied=received, issued=at.date()),
        since=at,
        printed=reading,
        written=reading,
    )
    card_faces(card, resident, assignment.number, asked.photo)
    kinds = certificate_kinds(asked, resident, on=at.date())
    items = b""
    if CertificateKind.SIGNATURE in kinds:
        items = written_items(resident, asked.substitutes)
    letter = postcard(resident, box, until=kept_until(card, at.date()), at=at)
    make_chip(card.serial, box)
    with _scrapped_if_refused(box, card):
        keys = generate_keys(card.serial, kinds, box)
        personalise(card, resident, assignment.number, box)
    return _Made(
        asked=asked,
        resident=resident,
        assignment=assignment,
        card=card,
        keys=keys,
        items=items,
        letter=letter,
    )


def _still_fitting(work: Work, made: _Made) -> _Made:
    """The card with its application as it is now; raises ``Refused`` if the register
    no longer fits it."""
    asked = work.applications.get(made.asked.id)
    resident = work.residents.get(made.resident.id)
    _check(asked, resident, made.assignment)
    if resident != made.resident or asked.substitutes != made.asked.substitutes:
        raise Refused("production.particulars_changed", rules=("R026",))
    for known in work.cards.of(resident.id):
        if known.state is CardState.PRODUCED:
            raise Refused(
                "production.card_waits_already", rules=("R030",), card=known.serial
            )
    return replace(made, asked=asked)


def _record(
    work: Work, box: Box, several: Sequence[_Made], *, at: datetime, actor: str
) -> list[Produced]:
    """Record cards that were made, their certificates, papers and journal rows."""
    for made in several:
        work.cards.add(made.card)
        work.applications.save(made.asked.after(ApplicationEvent.PRODUCED))
    orders = [
        Order(resident=made.resident, card=made.card, keys=made.keys, items=made.items)
        for made in several
    ]
    issued = certify_all(work, box, orders, at=at)
    letters = [
        made.letter
        for made in several
        if begin_delivery(work, made.card, made.resident, box, at=at).way
        is DeliveryWay.PICKUP
    ]
    work.outbox.add_all(letters)
    work.journal.write_all(
        [
            Entry(
                municipality=made.resident.municipality,
                at=at,
                actor=actor,
                action="produce_card",
                subjects=(
                    made.resident.id,
                    made.asked.id,
                    made.card.serial,
                    *(f"cert-{certificate.serial}" for certificate in certificates),
                ),
                facts={"expires": made.card.expires.isoformat()},
            )
            for made, certificates in zip(several, issued, strict=True)
        ]
    )
    return [
        Produced(card=made.card, certificates=certificates)
        for made, certificates in zip(several, issued, strict=True)
    ]


@contextmanager
def _scrapped_if_refused(box: Box, *cards: Card) -> Iterator[None]:
    """Chips that become nobody's cards are destroyed. Where it is not known whether the
    cards were written down, the chips stay."""
    try:
        yield
    except (Refused, Missing, Duplicate):
        for card in cards:
            box.cards.scrap(card.serial)
        raise


def certificate_kinds(
    application: Application, resident: Resident, *, on: date
) -> tuple[CertificateKind, ...]:
    """Which certificates this card gets: wished for (R031) and allowed (R135)."""
    kinds = []
    if application.authentication_certificate:
        kinds.append(CertificateKind.AUTHENTICATION)
    if (
        application.signature_certificate
        and signature_certificate(born=resident.born, on=on, ward=resident.ward).value
    ):
        kinds.append(CertificateKind.SIGNATURE)
    return tuple(kinds)


def _last_day(resident: Resident, box: Box, *, applied: date, issued: date) -> date:
    """The last day of a card, in a box that tries the next card out of one of those
    (R100), which no period of stay outlasts either."""
    born, stay = resident.born, resident.stay_until
    usual = card_expiry(
        born=born,
        applied=applied,
        issued=issued,
        residence_status=resident.residence_status.value,
        stay_until=stay,
    ).value
    if not box.site.next_card:
        return usual
    birthday = card_expiry(
        born=born, applied=applied, issued=issued, residence_status="permanent"
    ).value
    longest = next_card_expiry(born=born, applied=applied, issued=issued).value
    return min(longest, stay or longest) if usual == birthday else usual


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
