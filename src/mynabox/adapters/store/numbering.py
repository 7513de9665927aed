"""Individual Numbers in their table, and the exchange of the keys they lie under."""

from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from mynabox.adapters.store.sealing import (
    FIRST_KEY,
    INDEXES,
    NumberKeys,
    index_column,
)
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import COUNTERS, NUMBERS, OUTBOX, RESIDENTS, SHARDS
from mynabox.adapters.store.tables_once import ANSWERS
from mynabox.lifecycle.number import (
    FIRST_RESTORED_SHARD,
    SHARD_SIZE,
    Assignment,
    NumberState,
    restored_place,
)
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Missing

KEY, STEP = "number_key", "number_key_step"
"""Counters: the key that numbers are found by, and how far an exchange has come."""


RESTORED = "restored_numbers"
_RESTORED = select(COUNTERS.c.next_value).where(COUNTERS.c.name == RESTORED)
_RESTORED_GAP = 1_000_000
_KEY_AND_STEP = select(COUNTERS).where(COUNTERS.c.name.in_((KEY, STEP)))


class Step(IntEnum):
    """How far an exchange of keys has come."""

    NONE = 0
    FILLING = 1
    """Numbers get an index under the coming key, beside that of the current one."""
    CLEANING = 2
    """The coming key is the current one; indexes under the old one are taken away."""


class KeysInUse:
    """Which keys seal and find, as of this transaction."""

    def __init__(self, session: Session, keys: NumberKeys) -> None:
        self._session = session
        self._state: tuple[int, Step] | None = None
        self.keys = keys

    @property
    def current(self) -> int:
        """The key under which every number can be found."""
        return self._read()[0]

    @property
    def step(self) -> Step:
        """How far an exchange has come."""
        return self._read()[1]

    @property
    def sealing(self) -> int:
        """The key that seals what is new."""
        return self.current + (self.step is Step.FILLING)

    @property
    def all(self) -> tuple[int, ...]:
        """Every key under which a new number gets an index."""
        return tuple(range(self.current, self.sealing + 1))

    def move(self, key: int, step: Step) -> None:
        """Go on to another key or step."""
        for name, value in ((KEY, key), (STEP, int(step))):
            mine = COUNTERS.c.name == name
            if not self._session.change(COUNTERS, mine, {"next_value": value}):
                self._session.add(COUNTERS, {"name": name, "next_value": value})
        self._state = key, step

    def _read(self) -> tuple[int, Step]:
        if self._state is None:
            rows = self._session.all(_KEY_AND_STEP)
            found = {row.name: row.next_value for row in rows}
            self._state = found.get(KEY, FIRST_KEY), Step(found.get(STEP, 0))
        return self._state


class SqlNumbers:
    """Numbers and the counters they come from."""

    def __init__(self, session: Session, in_use: KeysInUse) -> None:
        self._session = session
        self._in_use = in_use

    def reserve(self, municipality: str) -> tuple[int, int]:
        """The next (shard, counter); the first call allocates a shard, and so does
        the call that finds the shard used up."""
        restored = self._session.first(_RESTORED)
        if restored is not None:
            index = int(restored.next_value)
            place = restored_place(index)
            self._session.raise_counter(RESTORED, index + 1)
            return place
        row = self._session.first(
            select(SHARDS.c.shard, SHARDS.c.next_counter)
            .where(SHARDS.c.municipality == municipality)
            .order_by(SHARDS.c.shard.desc())
            .limit(1)
        )
        if row is not None and row.next_counter < SHARD_SIZE:
            shard, counter = int(row.shard), int(row.next_counter)
            self._session.change(
                SHARDS, SHARDS.c.shard == shard, {"next_counter": counter + 1}
            )
            return shard, counter
        last = self._session.all(select(func.max(SHARDS.c.shard)))[0][0]
        shard = 0 if last is None else int(last) + 1
        if shard >= FIRST_RESTORED_SHARD:
            raise ValueError("there are no shards left")
        self._session.add(
            SHARDS, {"shard": shard, "municipality": municipality, "next_counter": 1}
        )
        return shard, 0

    def skip_to(self, index: int) -> int:
        """Draw from the part of restored boxes from a place on; a box that was restored
        before and is beyond it leaves a gap behind where it has come to."""
        found = self._session.first(_RESTORED)
        if found is not None and found.next_value >= index:
            index = int(found.next_value) + _RESTORED_GAP
        self._session.raise_counter(RESTORED, index)
        return index

    def add(self, assignment: Assignment) -> None:
        """Write a number down under the municipality its owner lives in now; raises
        ``Duplicate`` ("number" or "current number"), ``Missing``."""
        owner = self._session.first(
            select(RESIDENTS.c.municipality).where(
                RESIDENTS.c.id == assignment.resident
            )
        )
        if owner is None:
            raise Missing("resident", assignment.resident)
        self._session.add(
            NUMBERS,
            {
                "resident": assignment.resident,
                "municipality": owner.municipality,
                "assigned": assignment.assigned,
                "state": assignment.state.value,
                **_sealed(assignment.number.digits, assignment.resident, self._in_use),
            },
            nth_of=("resident",),
        )

    def save(self, assignment: Assignment) -> None:
        """Overwrite the state of a number; raises ``Missing``, ``Duplicate``."""
        same = self._found_by(assignment.number) & (
            NUMBERS.c.resident == assignment.resident
        )
        if not self._session.change(NUMBERS, same, {"state": assignment.state.value}):
            raise Missing("number", f"of {assignment.resident}")

    def current(self, resident: str) -> Assignment | None:
        """The person's number of today."""
        row = self._session.first(
            select(NUMBERS).where(
                NUMBERS.c.resident == resident,
                NUMBERS.c.state == NumberState.CURRENT.value,
            )
        )
        return None if row is None else self._assignment(row)

    def owner(self, number: IndividualNumber) -> Assignment | None:
        """Whose number this is or was."""
        row = self._session.first(select(NUMBERS).where(self._found_by(number)))
        return None if row is None else self._assignment(row)

    def _found_by(self, number: IndividualNumber) -> ColumnElement[bool]:
        key = self._in_use.current
        index = self._in_use.keys.index(number.digits, key=key)
        return NUMBERS.c[index_column(key)] == index

    def _assignment(self, row: Row[Any]) -> Assignment:
        return Assignment(
            number=IndividualNumber(
                self._in_use.keys.open(row.sealed, owner=row.resident, key=row.key)
            ),
            resident=row.resident,
            assigned=row.assigned,
            state=NumberState(row.state),
        )


def _sealed(digits: str, owner: str, in_use: KeysInUse) -> dict[str, object]:
    """The columns in which a new number lies."""
    keys = in_use.keys
    return {
        "key": in_use.sealing,
        "sealed": keys.seal(digits, owner=owner, key=in_use.sealing),
        **dict.fromkeys(INDEXES),
        **{index_column(key): keys.index(digits, key=key) for key in in_use.all},
    }


BATCH = 1000


def rotate(
    transaction: Callable[[Callable[[Session, KeysInUse], Any]], Any],
    tell: Callable[[int, int], object],
    *,
    batch: int = BATCH,
) -> tuple[int, int]:
    """Exchange the keys of all numbers, or finish an exchange that was broken off;
    (the old key, the new one).

    ``transaction``  runs a function in a writing transaction of its own
    ``tell``         told (done, of all) as it goes on
    ``batch``        people in one transaction

    Every transaction leaves all numbers readable, found, and unique.
    """

    def begin(session: Session, in_use: KeysInUse) -> tuple[int, int]:
        if in_use.step is Step.NONE:
            in_use.move(in_use.current, Step.FILLING)
        new = in_use.current + (in_use.step is Step.FILLING)
        everybody = session.first(select(func.count()).select_from(NUMBERS))
        return new, 0 if everybody is None else int(everybody[0])

    new, everybody = transaction(begin)
    old, done = new - 1, 0
    fresh, stale = NUMBERS.c[index_column(new)], NUMBERS.c[index_column(old)]

    def fill(session: Session, in_use: KeysInUse, after: str) -> tuple[int, str | None]:
        if in_use.step is not Step.FILLING or in_use.sealing != new:
            return 0, None
        people = _owners(session, after, fresh.is_(None), batch)
        changed = []
        for row in session.all(
            select(NUMBERS).where(NUMBERS.c.resident.in_(people), fresh.is_(None))
        ):
            digits = in_use.keys.open(row.sealed, owner=row.resident, key=row.key)
            changed.append(
                {
                    "resident": row.resident,
                    "nth": row.nth,
                    "key": new,
                    "sealed": in_use.keys.seal(digits, owner=row.resident, key=new),
                    index_column(new): in_use.keys.index(digits, key=new),
                }
            )
        session.change_each(NUMBERS, ("resident", "nth"), changed)
        if people:
            return len(changed), people[-1]
        _reseal_waiting(session, in_use, new)
        in_use.move(new, Step.CLEANING)
        return len(changed), None

    def clean(session: Session, in_use: KeysInUse, after: str) -> str | None:
        if in_use.step is not Step.CLEANING or in_use.current != new:
            return None
        people = _owners(session, after, stale.is_not(None), batch)
        if people:
            session.change(
                NUMBERS, NUMBERS.c.resident.in_(people), {index_column(old): None}
            )
            return people[-1]
        in_use.move(new, Step.NONE)
        return None

    position: str | None = ""
    while position is not None:
        changed, position = transaction(partial(fill, after=position))
        done += changed
        tell(min(done, everybody), everybody)
    position = ""
    while position is not None:
        position = transaction(partial(clean, after=position))
    return old, new


def _owners(
    session: Session, after: str, where: ColumnElement[bool], batch: int
) -> list[str]:
    """The next people, by id, who have a number that is still to be worked on."""
    query = (
        select(NUMBERS.c.resident)
        .where(NUMBERS.c.resident > after, where)
        .distinct()
        .order_by(NUMBERS.c.resident)
        .limit(batch)
    )
    return [row.resident for row in session.all(query)]


def _reseal_waiting(session: Session, in_use: KeysInUse, key: int) -> None:
    """Seal what waits to be sent, and kept answers, with another key."""
    for table, name, sealed in (
        (OUTBOX, OUTBOX.c.id, OUTBOX.c.content),
        (ANSWERS, ANSWERS.c.name, ANSWERS.c.body),
    ):
        full = select(name.label("name"), sealed.label("sealed")).where(sealed != b"")
        for row in session.all(full):
            of = row.name
            content = in_use.keys.open_content(row.sealed, of=of)
            after = in_use.keys.seal_content(content, of=of, key=key)
            session.change(table, name == of, {sealed.name: after})
