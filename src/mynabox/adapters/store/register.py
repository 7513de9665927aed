"""The register: residents and their Individual Numbers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import NUMBERS, RESIDENTS, SHARDS
from mynabox.lifecycle.number import SHARD_SIZE, Assignment, NumberState
from mynabox.lifecycle.resident import (
    ResidenceStatus,
    Resident,
    ResidentState,
    Sex,
)
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Missing


def _resident_row(resident: Resident) -> dict[str, object]:
    return {
        "id": resident.id,
        "record_code": resident.record_code,
        "municipality": resident.municipality,
        "name": resident.name,
        "kana": resident.kana,
        "roman": resident.roman,
        "alias": resident.alias,
        "born": resident.born,
        "sex": resident.sex.value,
        "address": resident.address,
        "nationality": resident.nationality,
        "residence_status": resident.residence_status.value,
        "stay_until": resident.stay_until,
        "registered": resident.registered,
        "state": resident.state.value,
    }


def _resident(row: Row[Any]) -> Resident:
    return Resident(
        id=row.id,
        record_code=row.record_code,
        municipality=row.municipality,
        name=row.name,
        kana=row.kana,
        roman=row.roman,
        alias=row.alias,
        born=row.born,
        sex=Sex(row.sex),
        address=row.address,
        nationality=row.nationality,
        residence_status=ResidenceStatus(row.residence_status),
        stay_until=row.stay_until,
        registered=row.registered,
        state=ResidentState(row.state),
    )


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        number=IndividualNumber(row.number),
        resident=row.resident,
        assigned=row.assigned,
        state=NumberState(row.state),
    )


class SqlResidents:
    """The register's people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, resident: Resident) -> None:
        """Add a person; raises ``Duplicate``."""
        self._session.add(RESIDENTS, _resident_row(resident))

    def save(self, resident: Resident) -> None:
        """Overwrite the person's record; raises ``Missing``, ``Duplicate``."""
        if not self._session.change(
            RESIDENTS, RESIDENTS.c.id == resident.id, _resident_row(resident)
        ):
            raise Missing("resident", resident.id)

    def get(self, resident: str) -> Resident:
        """The person; raises ``Missing``."""
        row = self._session.first(select(RESIDENTS).where(RESIDENTS.c.id == resident))
        if row is None:
            raise Missing("resident", resident)
        return _resident(row)

    def by_record_code(self, code: str) -> Resident | None:
        """The person with this record code."""
        row = self._session.first(
            select(RESIDENTS).where(RESIDENTS.c.record_code == code)
        )
        return None if row is None else _resident(row)

    def list(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Resident]:
        """A page of people by id, behind ``after``."""
        query = select(RESIDENTS).where(RESIDENTS.c.id > after)
        if municipality is not None:
            query = query.where(RESIDENTS.c.municipality == municipality)
        query = query.order_by(RESIDENTS.c.id).limit(limit)
        return [_resident(row) for row in self._session.all(query)]


class SqlNumbers:
    """Numbers and the counters they come from."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def reserve(self, municipality: str) -> tuple[int, int]:
        """The next (shard, counter); the first call allocates a shard, and so does
        the call that finds the shard used up."""
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
        self._session.add(
            SHARDS, {"shard": shard, "municipality": municipality, "next_counter": 1}
        )
        return shard, 0

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
                "number": assignment.number.digits,
                "resident": assignment.resident,
                "municipality": owner.municipality,
                "assigned": assignment.assigned,
                "state": assignment.state.value,
            },
        )

    def save(self, assignment: Assignment) -> None:
        """Overwrite the state of a number; raises ``Missing``, ``Duplicate``."""
        same = (NUMBERS.c.number == assignment.number.digits) & (
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
        return None if row is None else _assignment(row)

    def owner(self, number: IndividualNumber) -> Assignment | None:
        """Whose number this is or was."""
        row = self._session.first(
            select(NUMBERS).where(NUMBERS.c.number == number.digits)
        )
        return None if row is None else _assignment(row)
