"""Who lives together, and what they are to the head (世帯変更)."""

from dataclasses import dataclass, replace
from datetime import date

from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Cause, HouseholdRelation, Resident, ResidentState
from mynabox.ports import Box, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHousehold:
    """Which household a person belongs to from now on.

    ``household``  the municipality's name of it; None makes a new one (世帯分離)
    ``relation``   what the person is to its head; whoever becomes the head of a
                   household that has one takes over (世帯主変更), and the former head
                   is then ``former_head`` to them
    """

    resident: str
    household: str | None
    relation: HouseholdRelation
    former_head: HouseholdRelation = HouseholdRelation.RELATIVE
    happened: date | None = None


def change_household(
    ask: ChangeHousehold, box: Box, *, actor: str = "counter"
) -> tuple[Resident, ...]:
    """Join, leave or lead a household; everybody whose record changed, the person
    asked about first.

    Raises ``Refused`` for a household of another address, and for a new one without a
    head. Nothing of this stands on a card or a certificate.
    """
    at = box.clock.now()
    happened = ask.happened or at.date()
    if happened > at.date():
        raise Refused("register.day_in_future", day=happened.isoformat())
    with box.store.work() as work:
        person = work.residents.get(ask.resident)
        if person.state is not ResidentState.REGISTERED:
            raise Refused("register.not_registered", rules=("R001",))
        name = ask.household or make_id("hh", box.random(ID_BYTES))
        others = _others(work, person, name)
        if not others and ask.relation is not HouseholdRelation.HEAD:
            raise Refused("household.head_first", rules=("R001",))
        if any(other.address != person.address for other in others):
            raise Refused("household.not_together", rules=("R001",))
        changed = [
            replace(
                other,
                relation=ask.former_head,
                since=happened,
                cause=Cause.HOUSEHOLD,
            )
            for other in others
            if (other.relation, ask.relation)
            == (HouseholdRelation.HEAD, HouseholdRelation.HEAD)
        ]
        new = replace(
            person,
            household=name,
            relation=ask.relation,
            since=happened,
            cause=Cause.HOUSEHOLD,
        )
        if new.reads_as(person):
            raise Refused("particulars.nothing_new", rules=("R001",))
        changed.append(new)
        for one in changed:
            work.residents.save(one)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="change_household",
                subjects=tuple(one.id for one in reversed(changed)),
                facts={"household": name, "relation": ask.relation.value},
            )
        )
    return tuple(reversed(changed))


def household_of(resident: str, box: Box) -> tuple[Resident, ...]:
    """Everybody registered in a person's household, the head first; raises
    ``Missing``. Nobody but the person if no household is known."""
    with box.store.look() as work:
        person = work.residents.get(resident)
        if person.household is None:
            return (person,)
        found = work.residents.household(person.municipality, person.household)
    return tuple(
        sorted(found, key=lambda one: one.relation is not HouseholdRelation.HEAD)
    )


def _others(work: Work, person: Resident, household: str) -> tuple[Resident, ...]:
    found = work.residents.household(person.municipality, household)
    return tuple(one for one in found if one.id != person.id)
