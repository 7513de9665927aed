"""What screens and programs may read: nothing here changes anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from mynabox.lifecycle.application import Application
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import Certificate
from mynabox.lifecycle.journal import Damage, Row, verify
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.resident import FormerRecord, Resident
from mynabox.ports import Box, Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A card with every certificate it ever carried."""

    card: Card
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentShown:
    """A person with everything the box knows of them, save the number itself."""

    resident: Resident
    has_number: bool
    notices: tuple[Notice, ...]
    applications: tuple[Application, ...]
    cards: tuple[CardShown, ...]
    journal: tuple[Row, ...]


def resident_history(resident: str, box: Box) -> Sequence[FormerRecord]:
    """How a person's record read before each change, oldest first; raises
    ``Missing``."""
    with box.store.look() as work:
        return work.residents.history(work.residents.get(resident).id)


def show_resident(resident: str, box: Box) -> ResidentShown:
    """One person by id or record code; raises ``Missing``."""
    with box.store.look() as work:
        person = work.residents.by_record_code(resident)
        if person is None:
            person = work.residents.get(resident)
        return ResidentShown(
            resident=person,
            has_number=work.numbers.current(person.id) is not None,
            notices=tuple(work.notices.of(person.id)),
            applications=tuple(work.applications.of(person.id)),
            cards=tuple(
                CardShown(
                    card=card,
                    certificates=tuple(work.certificates.of_card(card.serial)),
                )
                for card in work.cards.of(person.id)
            ),
            journal=tuple(work.journal.about(person.id)),
        )


def list_residents(
    box: Box, *, municipality: str | None = None, after: str = "", limit: int = 100
) -> tuple[Resident, ...]:
    """A page of the register, in the order of ids."""
    with box.store.look() as work:
        return tuple(
            work.residents.list(municipality=municipality, after=after, limit=limit)
        )


def all_residents(
    box: Box, *, municipality: str | None = None, page: int = 500
) -> Iterable[Resident]:
    """The whole register (of a municipality), a page at a time."""
    after = ""
    while True:
        found = list_residents(box, municipality=municipality, after=after, limit=page)
        yield from found
        if len(found) < page:
            return
        after = found[-1].id


def show_card(serial: str, box: Box) -> CardShown:
    """One card; raises ``Missing``."""
    with box.store.look() as work:
        return CardShown(
            card=work.cards.get(serial),
            certificates=tuple(work.certificates.of_card(serial)),
        )


def list_cards(
    box: Box, *, municipality: str | None = None, after: str = "", limit: int = 100
) -> tuple[Card, ...]:
    """A page of cards, in the order of serials."""
    with box.store.look() as work:
        return tuple(
            work.cards.list(municipality=municipality, after=after, limit=limit)
        )


def received_applications(municipality: str, box: Box) -> tuple[str, ...]:
    """Ids of a municipality's applications that wait for production, in the order of
    their receipt."""
    with box.store.look() as work:
        return tuple(work.applications.received(municipality))


def status_of_application(application_id: str, box: Box) -> tuple[Application, ...]:
    """Applications made under an application ID (R025), oldest first."""
    with box.store.look() as work:
        form = work.forms.find(application_id)
        if form is None:
            raise Missing("application ID", "")
        return tuple(
            known
            for known in work.applications.of(form.resident)
            if known.application_id == application_id
        )


def list_authorities(box: Box) -> tuple[Authority, ...]:
    """Every CA generation, oldest first."""
    with box.store.look() as work:
        return tuple(work.statuses.authorities())


def journal_rows(
    box: Box, *, subject: str | None = None, limit: int = 1000
) -> tuple[Row, ...]:
    """Rows about a subject, or the first rows of every chain; oldest first."""
    with box.store.look() as work:
        if subject is not None:
            return tuple(work.journal.about(subject, limit=limit))
        rows: list[Row] = []
        for head in work.journal.heads():
            rows += islice(work.journal.chain(head.municipality), limit)
    rows.sort(key=lambda row: (row.entry.at, row.entry.municipality, row.sequence))
    return tuple(rows[:limit])


def page_of_journal(
    subject: str,
    box: Box,
    *,
    municipality: str | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 100,
) -> tuple[Row, ...]:
    """Rows about a subject, oldest first, behind the row ``after``; raises
    ``Missing``."""
    with box.store.look() as work:
        return tuple(
            work.journal.page(
                subject, municipality=municipality, after=after, limit=limit
            )
        )


def verify_journal(box: Box) -> list[Damage]:
    """Everything that is wrong with the journal; empty when it is sound.

    A municipality that people or cards belong to but that has no chain at all has
    lost its journal.
    """
    key = box.vault.secret("journal")
    with box.store.look() as work:
        heads = {head.municipality: head for head in work.journal.heads()}
        found: list[Damage] = []
        for municipality in work.journal.municipalities():
            head = heads.get(municipality)
            damages = verify(
                work.journal.chain(municipality),
                head,
                municipality=municipality,
                key=key,
            )
            if head is None and not damages:
                damages = [
                    Damage(municipality=municipality, sequence=1, what="removed")
                ]
            found += damages
        return found
