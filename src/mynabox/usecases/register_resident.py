"""Enter a person in the resident register, or take one back who has returned."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.law.moving import continued_use_until
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.move import Move, MoveState
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.registration import Registration
from mynabox.lifecycle.resident import RESIDENT, Cause, Resident, ResidentEvent
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box, Work
from mynabox.usecases.note_guardianship import stop_wards_signatures


class Taken(StrEnum):
    """What became of a registration."""

    REGISTERED = "registered"
    RETURNED = "returned"
    ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The person's record, and how it came about."""

    resident: Resident
    how: Taken


def register_resident(
    registration: Registration, box: Box, *, actor: str = "counter"
) -> Registered:
    """Enter one person (R001, R002); see :func:`register_in` for the rules."""
    with box.store.work() as work:
        return register_in(work, registration, box, actor=actor)


def register_in(
    work: Work, registration: Registration, box: Box, *, actor: str
) -> Registered:
    """Enter one person within a transaction.

    A record code that the register knows is the same person: one who is abroad
    returns and keeps the number (R002); one who is registered with the same
    particulars is left alone; other particulars are refused, because changing
    them is a procedure of its own (R170). A number that the registration brings
    along becomes the number of a person who has none yet.
    """
    known = work.residents.by_record_code(registration.record_code)
    at = box.clock.now()
    if known is None:
        resident = newcomer(registration, box)
        how = Taken.REGISTERED
    elif RESIDENT.allows(known.state, ResidentEvent.RETURNED):
        if registration.born != known.born:
            raise Refused("register.born_differs", rules=("R002",))
        resident = replace(
            _silent(_record(registration, known.id), registration, known),
            since=registration.registered,
            cause=Cause.RETURNED,
        )
        how = Taken.RETURNED
    elif _says_the_same(registration, known):
        resident = known
        how = Taken.ALREADY_THERE
    else:
        raise Refused(
            "register.record_code_taken", rules=("R001",), state=known.state.value
        )
    brought = _brought(work, registration.number, resident=resident.id)
    moved: tuple[str, ...] = ()
    if how is Taken.REGISTERED:
        work.residents.add(resident)
    elif how is Taken.RETURNED:
        moved = stop_wards_signatures(work, resident, at=at)
        work.residents.save(resident)
        moved += _goes_on(work, resident, box)
    elif brought is None:
        return Registered(resident=resident, how=how)
    if brought is not None:
        work.numbers.add(Assignment(number=brought, resident=resident.id, assigned=at))
    entry = entry_of(resident, how, number=brought is not None, at=at, actor=actor)
    work.journal.write(replace(entry, subjects=(*entry.subjects, *moved)))
    return Registered(resident=resident, how=how)


def _goes_on(work: Work, resident: Resident, box: Box) -> tuple[str, ...]:
    """A card that went on abroad (R154) is taken over like one that moved in; the move
    that says so, if there is such a card."""
    if not any(card.state is CardState.ACTIVE for card in work.cards.of(resident.id)):
        return ()
    today = box.clock.now().date()
    move = Move(
        id=make_id("mov", box.random(ID_BYTES)),
        resident=resident.id,
        municipality=resident.municipality,
        to=resident.municipality,
        planned=today,
        told=today,
        moved_in=today,
        notified=today,
        due=continued_use_until(today).value,
        state=MoveState.ARRIVED,
    )
    work.moves.add(move)
    return (move.id,)


def newcomer(registration: Registration, box: Box) -> Resident:
    """The record of somebody who has none yet."""
    return _record(registration, make_id("res", box.random(ID_BYTES)))


def entry_of(
    resident: Resident, how: Taken, *, number: bool, at: datetime, actor: str
) -> Entry:
    """What the journal says of a registration; ``number``: one was brought along."""
    return Entry(
        municipality=resident.municipality,
        at=at,
        actor=actor,
        action="register_resident",
        subjects=(resident.id,),
        facts={
            "how": how.value,
            "number": "brought" if number else "not brought",
            **({"ward": "yes"} if resident.ward else {}),
        },
    )


def _record(registration: Registration, resident_id: str) -> Resident:
    return Resident(
        id=resident_id,
        record_code=registration.record_code,
        municipality=registration.municipality,
        name=registration.name,
        kana=registration.kana,
        roman=registration.roman,
        alias=registration.alias,
        born=registration.born,
        sex=registration.sex,
        address=registration.address,
        nationality=registration.nationality,
        residence_status=registration.residence_status,
        stay_until=registration.stay_until,
        registered=registration.registered,
        household=registration.household,
        relation=registration.relation,
        guardian=registration.guardian,
        ward_since=registration.ward_since,
    )


def _says_the_same(registration: Registration, known: Resident) -> bool:
    """Whether the register reads so already, whenever that was entered; of the
    household and a guardian only if the registration speaks of them."""
    said = replace(_record(registration, known.id), registered=known.registered)
    if registration.household is None:
        said = replace(said, household=known.household, relation=known.relation)
    return known.reads_as(_silent(said, registration, known))


def _silent(said: Resident, registration: Registration, known: Resident) -> Resident:
    """A registration that is silent about a guardian ends no guardianship."""
    if registration.ward_since is not None:
        return said
    return replace(said, guardian=known.guardian, ward_since=known.ward_since)


def _brought(
    work: Work, number: IndividualNumber | None, *, resident: str
) -> IndividualNumber | None:
    """The number that is to be written down for the person, if it is new; raises
    ``Refused`` for one that is another's or not this person's (R002)."""
    if number is None:
        return None
    owner = work.numbers.owner(number)
    if owner is not None and owner.resident != resident:
        raise Refused("register.number_taken", rules=("R002",))
    current = work.numbers.current(resident)
    if current is None:
        return number
    if current.number != number:
        raise Refused("register.number_differs", rules=("R002",))
    return None
