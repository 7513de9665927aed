"""The register: residents, how they were registered before, and finding them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, intersect, or_, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import RESIDENTS
from mynabox.adapters.store.tables_register import RESIDENT_HISTORY, SEARCH_KEYS
from mynabox.lifecycle.resident import (
    Cause,
    FormerRecord,
    HouseholdRelation,
    ResidenceStatus,
    Resident,
    ResidentState,
    Sex,
)
from mynabox.lifecycle.search_keys import (
    KeyKind,
    address_words,
    every_key,
    keys_of,
    words,
)
from mynabox.ports import Missing, Wanted

_ASKED_AT_ONCE = 500
_LAST = "\U0010ffff"
"""Sorts behind every key that begins as the text before it."""


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
        "household": resident.household,
        "relation": None if resident.relation is None else resident.relation.value,
        "since": resident.since,
        "cause": resident.cause.value,
        "guardian": resident.guardian,
        "ward_since": resident.ward_since,
    }


def _plain_row(resident: Resident) -> tuple[object, ...]:
    """The row as the database holds it: days as texts."""
    return tuple(
        value.isoformat() if isinstance(value, date) else value
        for value in _resident_row(resident).values()
    )


_COLUMNS = tuple(column.name for column in RESIDENTS.columns)


def _resident(row: Row[Any], *, id: str) -> Resident:
    return Resident(
        id=id,
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
        household=row.household,
        relation=None if row.relation is None else HouseholdRelation(row.relation),
        since=row.since,
        cause=Cause(row.cause),
        guardian=row.guardian,
        ward_since=row.ward_since,
    )


class SqlResidents:
    """The register's people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, resident: Resident) -> None:
        """Add a person; raises ``Duplicate``."""
        self._session.add(RESIDENTS, _resident_row(resident))
        self._session.add_all(SEARCH_KEYS, _key_rows(resident, keys_of(resident)))

    def add_all(self, residents: Sequence[Resident]) -> None:
        """Add many people, all or none; raises ``Duplicate``."""
        self._session.add_plain(
            RESIDENTS, _COLUMNS, [_plain_row(one) for one in residents]
        )
        self._session.add_plain(
            SEARCH_KEYS,
            ("kind", "key", "municipality", "resident"),
            [
                (kind.value, key, one.municipality, one.id)
                for one in residents
                for kind, key in keys_of(one)
            ],
        )

    def save(self, resident: Resident) -> None:
        """Overwrite the person's record; raises ``Missing``, ``Duplicate``."""
        mine = RESIDENTS.c.id == resident.id
        was = self._session.first(select(RESIDENTS).where(mine))
        if not self._session.change(RESIDENTS, mine, _resident_row(resident)):
            raise Missing("resident", resident.id)
        assert was is not None
        before = _resident(was, id=was.id)
        former = self.history(resident.id)
        were = every_key(before, former[:-1] if before != resident else former)
        now = every_key(resident, former)
        if before.municipality == resident.municipality:
            were, now = were - now, now - were
        for kind, key in sorted(were):
            self._session.remove(
                SEARCH_KEYS,
                and_(
                    SEARCH_KEYS.c.kind == kind.value,
                    SEARCH_KEYS.c.key == key,
                    SEARCH_KEYS.c.municipality == before.municipality,
                    SEARCH_KEYS.c.resident == resident.id,
                ),
            )
        self._session.add_all(SEARCH_KEYS, _key_rows(resident, now))

    def get(self, resident: str) -> Resident:
        """The person; raises ``Missing``."""
        row = self._session.first(select(RESIDENTS).where(RESIDENTS.c.id == resident))
        if row is None:
            raise Missing("resident", resident)
        return _resident(row, id=row.id)

    def by_record_code(self, code: str) -> Resident | None:
        """The person with this record code."""
        row = self._session.first(
            select(RESIDENTS).where(RESIDENTS.c.record_code == code)
        )
        return None if row is None else _resident(row, id=row.id)

    def by_record_codes(self, codes: Collection[str]) -> dict[str, Resident]:
        """The people with these record codes, by code."""
        found = {}
        asked = list(codes)
        for first in range(0, len(asked), _ASKED_AT_ONCE):
            some = asked[first : first + _ASKED_AT_ONCE]
            query = select(RESIDENTS).where(RESIDENTS.c.record_code.in_(some))
            for row in self._session.all(query):
                found[row.record_code] = _resident(row, id=row.id)
        return found

    def history(self, resident: str) -> Sequence[FormerRecord]:
        """How the person's record read before each change, oldest first."""
        query = (
            select(RESIDENT_HISTORY)
            .where(RESIDENT_HISTORY.c.resident == resident)
            .order_by(RESIDENT_HISTORY.c.nth)
        )
        return [
            FormerRecord(
                nth=row.nth, record=_resident(row, id=row.resident), until=row.until
            )
            for row in self._session.all(query)
        ]

    def household(self, municipality: str, household: str) -> Sequence[Resident]:
        """Who is registered in a household now, by id."""
        query = (
            select(RESIDENTS)
            .where(
                RESIDENTS.c.municipality == municipality,
                RESIDENTS.c.household == household,
                RESIDENTS.c.state == ResidentState.REGISTERED.value,
            )
            .order_by(RESIDENTS.c.id)
        )
        return [_resident(row, id=row.id) for row in self._session.all(query)]

    def find(
        self,
        wanted: Wanted,
        *,
        municipality: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Resident]:
        """People who are all that is wanted, by id, behind ``after``."""
        query = select(RESIDENTS).where(RESIDENTS.c.id > after)
        if municipality is not None:
            query = query.where(RESIDENTS.c.municipality == municipality)
        if wanted.born is not None:
            query = query.where(RESIDENTS.c.born == wanted.born)
        kinds = [KeyKind.NAME, *((KeyKind.FORMER,) if wanted.former_names else ())]
        parts = [
            _beginning(kinds, word, municipality) for word in words(wanted.name or "")
        ]
        if address := address_words(wanted.address or ""):
            parts.append(_beginning([KeyKind.ADDRESS], address, municipality))
        if parts:
            found = intersect(*parts) if len(parts) > 1 else parts[0]
            query = query.where(RESIDENTS.c.id.in_(found))
        query = query.order_by(RESIDENTS.c.id).limit(limit)
        return [_resident(row, id=row.id) for row in self._session.all(query)]

    def keys(self, resident: str) -> frozenset[tuple[str, str]]:
        """Kind and key of everything under which a person can be found."""
        person = self.get(resident)
        wanted = every_key(person, self.history(resident))
        there = select(SEARCH_KEYS.c.kind, SEARCH_KEYS.c.key).where(
            or_(
                *(
                    and_(SEARCH_KEYS.c.kind == kind.value, SEARCH_KEYS.c.key == key)
                    for kind, key in wanted
                )
            ),
            SEARCH_KEYS.c.municipality == person.municipality,
            SEARCH_KEYS.c.resident == resident,
        )
        return frozenset((row.kind, row.key) for row in self._session.all(there))

    def list(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Resident]:
        """A page of people by id, behind ``after``."""
        query = select(RESIDENTS).where(RESIDENTS.c.id > after)
        if municipality is not None:
            query = query.where(RESIDENTS.c.municipality == municipality)
        query = query.order_by(RESIDENTS.c.id).limit(limit)
        return [_resident(row, id=row.id) for row in self._session.all(query)]


def _key_rows(
    resident: Resident, keys: Iterable[tuple[KeyKind, str]]
) -> list[dict[str, object]]:
    return [
        {
            "kind": kind.value,
            "key": key,
            "municipality": resident.municipality,
            "resident": resident.id,
        }
        for kind, key in sorted(keys)
    ]


def _beginning(
    kinds: Sequence[KeyKind], word: str, municipality: str | None
) -> Select[Any]:
    query = select(SEARCH_KEYS.c.resident).where(
        SEARCH_KEYS.c.kind.in_([kind.value for kind in kinds]),
        SEARCH_KEYS.c.key >= word,
        SEARCH_KEYS.c.key < word + _LAST,
    )
    if municipality is not None:
        query = query.where(SEARCH_KEYS.c.municipality == municipality)
    return query
