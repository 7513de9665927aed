"""The access log: who saw a person's number, when, for whom and for what.

It is read out of the journal and cannot say anything else. What a person is given
carries every row as it was chained, and the sealed end of every chain at that moment:
so a copy that they keep shows later whether the box still tells the same story.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mynabox.lifecycle.journal import Damage, Head, Row, row_hash, seal_fits
from mynabox.lifecycle.permission import looks
from mynabox.ports import Box, Work
from mynabox.usecases.show import verify_journal

ALL_ROWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One time that somebody saw the number.

    ``who``      as the journal calls them
    ``for_whom`` the body that wanted it; empty where the office did its own duty
    ``purpose``  a word of the rulebook, or of the office's own duties
    ``what``     on what it was seen
    """

    who: str
    for_whom: str
    purpose: str
    what: str
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    """A person's access log, oldest first, and the ends of its chains."""

    resident: str
    looks: tuple[Look, ...]
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found.

    ``looks``   how many looks the journal has about the person
    ``damage``  everything that is wrong, in the journal or in the copy
    """

    looks: int
    damage: tuple[Damage, ...]


def access_log(resident: str, box: Box) -> AccessLog:
    """The access log of a person by id or record code; raises ``Missing``."""
    with box.store.look() as work:
        person = work.residents.by_record_code(resident)
        if person is None:
            person = work.residents.get(resident)
        found = tuple(_looks(work, person.id))
        chains = {look.row.entry.municipality for look in found}
        heads = tuple(
            head
            for head in work.journal.heads()
            if head.municipality in chains | {person.municipality}
        )
    return AccessLog(resident=person.id, looks=found, heads=heads)


def verify_access_log(
    resident: str, box: Box, *, copy: AccessLog | None = None
) -> Checked:
    """Go over every chain of the journal, and over a copy that somebody kept.

    The chains are gone over whole: a row that was hidden from a person shows there
    alone. A copy must be the journal's beginning: every row of it still there as it
    was, its seals the box's, and no look left out of it.
    """
    damage = verify_journal(box)
    log = access_log(resident, box)
    if copy is not None:
        damage += _against(copy, log, box)
    return Checked(looks=len(log.looks), damage=tuple(damage))


def _looks(work: Work, resident: str) -> Iterable[Look]:
    for row in work.journal.about(resident, limit=ALL_ROWS):
        if row.entry.action in looks():
            yield _look(row)


def _look(row: Row) -> Look:
    """What a row of the journal says about a look."""
    entry = row.entry
    return Look(
        who=entry.actor,
        for_whom=entry.facts.get("requester", ""),
        purpose=entry.facts.get("purpose", looks().get(entry.action, "")),
        what=entry.facts.get("what", "number"),
        row=row,
    )


def _against(copy: AccessLog, log: AccessLog, box: Box) -> list[Damage]:
    key = box.vault.secret("journal")
    ends = {head.municipality: head.sequence for head in copy.heads}
    told = {_place(look.row): look for look in copy.looks}
    kept = {_place(look.row): look.row for look in log.looks}
    found: list[Damage] = []
    if copy.resident != log.resident:
        found.append(Damage(municipality="", sequence=0, what="copy is of another"))
    for place in sorted(told):
        row = told[place].row
        digest = row_hash(
            row.entry, sequence=row.sequence, previous=row.previous, nth=row.nth
        )
        if digest != row.hash or told[place] != _look(row):
            found.append(_damage(place, "copy was changed"))
        elif place not in kept or kept[place].hash != row.hash:
            found.append(_damage(place, "journal no longer has what the copy tells"))
        elif row.sequence > ends.get(place[0], 0):
            found.append(_damage(place, "copy tells more than its sealed end"))
    for place in sorted(kept):
        if place not in told and place[1] <= ends.get(place[0], 0):
            found.append(_damage(place, "left out of the copy"))
    for head in copy.heads:
        if not seal_fits(head, key=key):
            found.append(
                _damage((head.municipality, head.sequence), "seal of the copy is false")
            )
    found += _ends(copy.heads, box)
    return found


def _ends(heads: Sequence[Head], box: Box) -> Iterable[Damage]:
    """Ends in a copy that the chain did not have."""
    with box.store.look() as work:
        for head in heads:
            hashes = {
                row.sequence: row.hash for row in work.journal.chain(head.municipality)
            }
            if hashes.get(head.sequence) != head.hash:
                yield _damage(
                    (head.municipality, head.sequence),
                    "chain does not go through the end of the copy",
                )


def _place(row: Row) -> tuple[str, int]:
    return row.entry.municipality, row.sequence


def _damage(place: tuple[str, int], what: str) -> Damage:
    return Damage(municipality=place[0], sequence=place[1], what=what)
