"""The register: residents."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import RESIDENTS
from mynabox.lifecycle.resident import (
    ResidenceStatus,
    Resident,
    ResidentState,
    Sex,
)
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
