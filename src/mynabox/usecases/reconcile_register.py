"""What ``db check`` compares within the register."""

from collections.abc import Iterator

from mynabox.law.days import in_japan
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.guardianship import GuardianshipEvent
from mynabox.lifecycle.move import MoveState
from mynabox.lifecycle.resident import HouseholdRelation, Resident, ResidentState
from mynabox.lifecycle.search_keys import every_key
from mynabox.ports import Work
from mynabox.usecases.card_writing import as_written
from mynabox.usecases.findings import Finding

_ENDING = {GuardianshipEvent.ENDED.value, GuardianshipEvent.WITHDRAWN.value}


def register_findings(person: Resident, work: Work) -> Iterator[Finding]:
    """A person must be found under their names, former ones too; every former reading
    must be there; a household lives at one address."""

    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=person.id, says=says)

    history = work.residents.history(person.id)
    wanted = {(kind.value, key) for kind, key in every_key(person, history)}
    lacking = wanted - work.residents.keys(person.id)
    if lacking:
        yield finding(
            "search_keys", f"cannot be found under {len(lacking)} of the own words"
        )
    if [one.nth for one in history] != list(range(1, len(history) + 1)):
        yield finding("history", "lacks a former reading of the record")
    yield from _guardianship_findings(person, work)
    if (
        person.household is None
        or person.relation is not HouseholdRelation.HEAD
        or person.state is not ResidentState.REGISTERED
    ):
        return
    for other in work.residents.household(person.municipality, person.household):
        if other.address != person.address:
            yield finding("household", f"does not live together with {other.id}")


def _guardianship_findings(person: Resident, work: Work) -> Iterator[Finding]:
    """Somebody is a ward because the journal says so, and then has no signature
    certificate of that day or later (R135)."""
    ward = False
    for row in work.journal.about(person.id):
        if row.entry.action == "note_guardianship":
            ward = row.entry.facts["event"] not in _ENDING
        elif row.entry.action == "register_resident":
            ward = ward or "ward" in row.entry.facts
    if ward != person.ward:
        says = "is an adult ward" if person.ward else "is no adult ward"
        yield Finding(
            code="guardianship", what=person.id, says=f"{says}, and nobody said so"
        )
    if person.ward_since is None:
        return
    for card in work.cards.of(person.id):
        for known in work.certificates.of_card(card.serial):
            day = in_japan(known.not_before).date()
            if known.kind is CertificateKind.SIGNATURE and (
                known.state is CertificateState.ISSUED
                or (known.state is CertificateState.ACTIVE and day >= person.ward_since)
            ):
                yield Finding(
                    code="ward_signs",
                    what=f"cert-{known.serial}",
                    says=f"is a signature certificate that the adult ward {person.id} "
                    "was given",
                )


def card_findings(card: Card, person: Resident, work: Work) -> Iterator[Finding]:
    """The lines on a card must say what was last written into its chip, and a card of
    another municipality than its holder's must have a move behind it."""

    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=card.serial, says=says)

    notes = work.card_notes.of(card.serial)
    said = as_written(work, card)
    if [note.nth for note in notes] != list(range(1, len(notes) + 1)):
        yield finding("card_lines", "lacks a line that was written on it")
    for kind, text in (
        (NoteKind.NAME, said.card_name),
        (NoteKind.ADDRESS, said.address),
    ):
        lines = [note.text for note in notes if note.kind is kind]
        if lines and lines[-1] != text:
            yield finding("card_lines", f"its last line on the {kind} is not {text!r}")
    last = [
        note.text for note in notes if note.kind in (NoteKind.STAY, NoteKind.SPECIAL)
    ]
    if last and last[-1] != card.expires.isoformat():
        yield finding("card_lines", f"its last line says {last[-1]}, not the last day")
    if card.state is CardState.ACTIVE and card.municipality != person.municipality:
        states = {move.state for move in work.moves.of(person.id)}
        if MoveState.ARRIVED not in states:
            yield finding(
                "card_elsewhere", f"is of {card.municipality}, without a move"
            )
