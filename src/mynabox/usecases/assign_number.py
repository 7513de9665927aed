"""Give a person their Individual Number."""

from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.number import Assignment, numbers_from
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box, Work

TRIES = 100
PERMUTATION = "numbers"
"""The secret under which counters become numbers."""


def assign_number(resident: str, box: Box, *, actor: str = "box") -> Assignment:
    """The person's number: the one they have (R002), or a fresh one (R001).

    A number that somebody brought into the register from outside can stand in the
    way of a fresh one; the next counter is taken then.
    """
    key = box.vault.secret(PERMUTATION)
    with box.store.work() as work:
        person = work.residents.get(resident)
        current = work.numbers.current(resident)
        if current is not None:
            return current
        if person.state is not ResidentState.REGISTERED:
            raise Refused(
                "number.not_registered", rules=("R001",), state=person.state.value
            )
        number = free_number(person.municipality, work, key=key)
        at = box.clock.now()
        assignment = Assignment(number=number, resident=resident, assigned=at)
        work.numbers.add(assignment)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="assign_number",
                subjects=(resident,),
                facts={},
            )
        )
        return assignment


def free_number(municipality: str, work: Work, *, key: bytes) -> IndividualNumber:
    """A number of a municipality that nobody has or ever had; its counter is used up
    by this."""
    for _ in range(TRIES):
        shard, counter = work.numbers.reserve(municipality)
        number = next(numbers_from(shard, counter, key=key))
        if work.numbers.owner(number) is None:
            return number
    raise RuntimeError("no free number in a hundred tries: the index is full")
