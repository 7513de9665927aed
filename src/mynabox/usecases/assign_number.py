"""Give a person their Individual Number."""

from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.number import Assignment, numbers_from
from mynabox.lifecycle.resident import ResidentState
from mynabox.ports import Box

TRIES = 100


def assign_number(resident: str, box: Box, *, actor: str = "box") -> Assignment:
    """The person's number: the one they have (R002), or a fresh one (R001).

    A number that somebody brought into the register from outside can stand in the
    way of a fresh one; the next counter is taken then.
    """
    key = box.vault.secret("numbers")
    with box.store.work() as work:
        person = work.residents.get(resident)
        current = work.numbers.current(resident)
        if current is not None:
            return current
        if person.state is not ResidentState.REGISTERED:
            raise Refused(
                "number.not_registered", rules=("R001",), state=person.state.value
            )
        for _ in range(TRIES):
            shard, counter = work.numbers.reserve(person.municipality)
            number = next(numbers_from(shard, counter, key=key))
            if work.numbers.owner(number) is None:
                break
        else:
            raise RuntimeError("no free number in a hundred tries: the index is full")
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
