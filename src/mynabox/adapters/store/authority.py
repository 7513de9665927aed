"""Staff, sessions and approvals in their tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables_authority import (
    APPROVALS,
    CHALLENGES,
    PASSKEYS,
    SESSIONS,
    SIGN_IN_TRIES,
    STAFF,
)
from mynabox.lifecycle import staff as people
from mynabox.lifecycle.approval import Approval, ApprovalKind, ApprovalState
from mynabox.lifecycle.tries import ELSEWHERE, Tries
from mynabox.ports import Missing


def _staff_row(staff: people.Staff) -> dict[str, object]:
    return {
        "id": staff.id,
        "name": staff.name,
        "roles": " ".join(role.value for role in people.Role if role in staff.roles),
        "municipality": staff.municipality,
        "created": staff.created,
        "password": staff.password,
        "failures": staff.failures,
        "state": staff.state.value,
    }


_NOW_CALLED = {"locked": "active"}
"""States of boxes from when wrong passwords locked an account."""


def _staff(row: Row[Any]) -> people.Staff:
    return people.Staff(
        id=row.id,
        name=row.name,
        roles=frozenset(people.Role(word) for word in row.roles.split()),
        municipality=row.municipality,
        created=row.created,
        password=row.password,
        failures=row.failures,
        state=people.StaffState(_NOW_CALLED.get(row.state, row.state)),
    )


class SqlStaff:
    """Accounts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, staff: people.Staff) -> None:
        """Add one; raises ``Duplicate``."""
        self._session.add(STAFF, _staff_row(staff))

    def save(self, staff: people.Staff) -> None:
        """Overwrite an account; raises ``Missing``."""
        row = _staff_row(staff)
        if not self._session.change(STAFF, STAFF.c.id == staff.id, row):
            raise Missing("account", staff.id)

    def get(self, staff: str) -> people.Staff:
        """The account; raises ``Missing``."""
        row = self._session.first(select(STAFF).where(STAFF.c.id == staff))
        if row is None:
            raise Missing("account", staff)
        return _staff(row)

    def by_name(self, name: str) -> people.Staff | None:
        """The account of this name."""
        row = self._session.first(select(STAFF).where(STAFF.c.name == name))
        return None if row is None else _staff(row)

    def list(self) -> Sequence[people.Staff]:
        """Every account, by name."""
        query = select(STAFF).order_by(STAFF.c.name)
        return [_staff(row) for row in self._session.all(query)]

    def tries(self, name: str, address: str) -> Tries | None:
        """What was tried under this (hashed) name from an address."""
        row = self._session.first(
            select(SIGN_IN_TRIES).where(
                SIGN_IN_TRIES.c.name == name, SIGN_IN_TRIES.c.address == address
            )
        )
        if row is None:
            return None
        return Tries(
            name=row.name, address=row.address, failures=row.failures, last=row.last
        )

    def keep_tries(self, tries: Tries) -> None:
        """Write down what was tried."""
        mine = and_(
            SIGN_IN_TRIES.c.name == tries.name, SIGN_IN_TRIES.c.address == tries.address
        )
        values = {"failures": tries.failures, "last": tries.last}
        if not self._session.change(SIGN_IN_TRIES, mine, values):
            key = {"name": tries.name, "address": tries.address}
            self._session.add(SIGN_IN_TRIES, {**key, **values})

    def forgive(self, name: str) -> None:
        """Forget wrong passwords under this name, from wherever."""
        self._session.change(
            SIGN_IN_TRIES, SIGN_IN_TRIES.c.name == name, {"failures": 0}
        )

    def forget_tries(self, *, elsewhere: datetime, known: datetime) -> None:
        """Forget what was tried last before these moments."""
        there = SIGN_IN_TRIES.c.address != ELSEWHERE
        last = SIGN_IN_TRIES.c.last
        self._session.remove(SIGN_IN_TRIES, and_(~there, last < elsewhere))
        self._session.remove(SIGN_IN_TRIES, and_(there, last < known))


def _passkey(row: Row[Any]) -> people.Passkey:
    return people.Passkey(
        credential=row.credential,
        staff=row.staff,
        label=row.label,
        public_key=row.public_key,
        count=row._mapping["count"],
        added=row.added,
    )


class SqlPasskeys:
    """Passkeys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, passkey: people.Passkey) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            PASSKEYS,
            {
                "credential": passkey.credential,
                "staff": passkey.staff,
                "label": passkey.label,
                "public_key": passkey.public_key,
                "count": passkey.count,
                "added": passkey.added,
            },
        )

    def save(self, passkey: people.Passkey) -> None:
        """Overwrite the count; raises ``Missing``."""
        mine = PASSKEYS.c.credential == passkey.credential
        if not self._session.change(PASSKEYS, mine, {"count": passkey.count}):
            raise Missing("passkey", "")

    def find(self, credential: str) -> people.Passkey | None:
        """The passkey with this credential id."""
        row = self._session.first(
            select(PASSKEYS).where(PASSKEYS.c.credential == credential)
        )
        return None if row is None else _passkey(row)

    def of(self, staff: str) -> Sequence[people.Passkey]:
        """An account's passkeys, oldest first."""
        query = (
            select(PASSKEYS)
            .where(PASSKEYS.c.staff == staff)
            .order_by(PASSKEYS.c.added, PASSKEYS.c.credential)
        )
        return [_passkey(row) for row in self._session.all(query)]


def _opened(row: Row[Any]) -> people.Session:
    return people.Session(
        hash=row.hash,
        kind=people.SessionKind(row.kind),
        holder=row.holder,
        label=row.label,
        created=row.created,
        expires=row.expires,
        ended=row.ended,
    )


class SqlSessions:
    """Sessions, tokens, challenges."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, session: people.Session) -> None:
        """Add one."""
        self._session.add(
            SESSIONS,
            {
                "hash": session.hash,
                "kind": session.kind.value,
                "holder": session.holder,
                "label": session.label,
                "created": session.created,
                "expires": session.expires,
                "ended": session.ended,
            },
        )

    def find(self, secret_hash: str) -> people.Session | None:
        """The session whose secret has this hash."""
        row = self._session.first(
            select(SESSIONS).where(SESSIONS.c.hash == secret_hash)
        )
        return None if row is None else _opened(row)

    def end(self, secret_hash: str, *, at: datetime) -> None:
        """End it, if it has not ended."""
        mine = (SESSIONS.c.hash == secret_hash) & SESSIONS.c.ended.is_(None)
        self._session.change(SESSIONS, mine, {"ended": at})

    def end_all(self, holder: str, *, at: datetime) -> int:
        """End everything that is open to a holder."""
        still = [one for one in self.of(holder) if one.ended is None]
        if still:
            mine = (SESSIONS.c.holder == holder) & SESSIONS.c.ended.is_(None)
            self._session.change(SESSIONS, mine, {"ended": at})
        return len(still)

    def of(self, holder: str) -> Sequence[people.Session]:
        """A holder's sessions and tokens, oldest first."""
        query = (
            select(SESSIONS)
            .where(SESSIONS.c.holder == holder)
            .order_by(SESSIONS.c.created, SESSIONS.c.hash)
        )
        return [_opened(row) for row in self._session.all(query)]

    def ask(self, challenge: people.Challenge) -> None:
        """Keep a challenge."""
        self._session.add(
            CHALLENGES,
            {
                "hash": challenge.hash,
                "what": challenge.what,
                "holder": challenge.of,
                "expires": challenge.expires,
            },
        )

    def forget(self, *, before: datetime) -> None:
        """Forget challenges that had expired by then."""
        self._session.remove(CHALLENGES, CHALLENGES.c.expires < before)

    def take(self, challenge_hash: str) -> people.Challenge | None:
        """The challenge with this hash, used up by this."""
        mine = CHALLENGES.c.hash == challenge_hash
        row = self._session.first(select(CHALLENGES).where(mine))
        if row is None or not self._session.remove(CHALLENGES, mine):
            return None
        return people.Challenge(
            hash=row.hash, what=row.what, of=row.holder, expires=row.expires
        )


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        kind=ApprovalKind(row.kind),
        subject=row.subject,
        municipality=row.municipality,
        ground=row.ground,
        reason=row.reason,
        requested_by=row.requested_by,
        requested=row.requested,
        expires=row.expires,
        decided_by=row.decided_by,
        decided=row.decided,
        state=ApprovalState(row.state),
    )


class SqlApprovals:
    """What two must agree on."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, approval: Approval) -> None:
        """Add a request; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            APPROVALS,
            {
                "id": approval.id,
                "kind": approval.kind.value,
                "subject": approval.subject,
                "municipality": approval.municipality,
                "ground": approval.ground,
                "reason": approval.reason,
                "requested_by": approval.requested_by,
                "requested": approval.requested,
                "expires": approval.expires,
                "decided_by": approval.decided_by,
                "decided": approval.decided,
                "state": approval.state.value,
            },
            nth_of=(),
        )

    def save(self, approval: Approval) -> None:
        """Write a decision down; raises ``Missing``, and :class:`RowProtected` where
        the database does not take it."""
        decision = {
            "decided_by": approval.decided_by,
            "decided": approval.decided,
            "state": approval.state.value,
        }
        mine = APPROVALS.c.id == approval.id
        if not self._session.change(APPROVALS, mine, decision):
            raise Missing("request", approval.id)

    def get(self, approval: str) -> Approval:
        """The request; raises ``Missing``."""
        row = self._session.first(select(APPROVALS).where(APPROVALS.c.id == approval))
        if row is None:
            raise Missing("request", approval)
        return _approval(row)

    def list(
        self, *, state: ApprovalState | None = None, municipality: str | None = None
    ) -> Sequence[Approval]:
        """Requests, oldest first."""
        query = select(APPROVALS).order_by(APPROVALS.c.nth)
        if state is not None:
            query = query.where(APPROVALS.c.state == state.value)
        if municipality is not None:
            query = query.where(APPROVALS.c.municipality == municipality)
        return [_approval(row) for row in self._session.all(query)]
