"""Staff, sessions, passkeys and approvals, in each kind of database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store import RowProtected, SqlStore
from mynabox.lifecycle.approval import (
    Approval,
    ApprovalEvent,
    ApprovalKind,
    ApprovalState,
)
from mynabox.lifecycle.staff import (
    Challenge,
    Passkey,
    Role,
    Session,
    SessionKind,
    Staff,
    StaffState,
)
from mynabox.ports import Duplicate, Missing
from tests.adapters.store.conftest import NOON, SAPPORO, YOKOHAMA

Raw = Callable[..., list[Any]]


def staff(name: str = "hanako", **other: Any) -> Staff:
    values: dict[str, Any] = {
        "id": f"stf-{name}",
        "name": name,
        "roles": frozenset({Role.CLERK, Role.AUDITOR}),
        "municipality": YOKOHAMA,
        "created": NOON,
        "password": "$argon2id$",
        **other,
    }
    return Staff(**values)


def session(secret: str = "a", **other: Any) -> Session:
    values: dict[str, Any] = {
        "hash": secret * 64,
        "kind": SessionKind.SESSION,
        "holder": "stf-hanako",
        "label": "",
        "created": NOON,
        "expires": NOON + timedelta(hours=10),
        **other,
    }
    return Session(**values)


def approval(name: str = "apv-1", **other: Any) -> Approval:
    values: dict[str, Any] = {
        "id": name,
        "kind": ApprovalKind.NUMBER_CHANGE,
        "subject": "res-1",
        "municipality": YOKOHAMA,
        "ground": "leaked_and_likely_misused",
        "reason": "列車に置き忘れ",
        "requested_by": "stf-hanako",
        "requested": NOON,
        "expires": NOON + timedelta(days=14),
        **other,
    }
    return Approval(**values)


@pytest.fixture
def two(store: SqlStore) -> tuple[Staff, Staff]:
    one, other = staff(), staff("taro", municipality=None, roles=frozenset(Role))
    with store.work() as work:
        work.staff.add(other)
        work.staff.add(one)
    return one, other


def test_accounts(store: SqlStore, two: tuple[Staff, Staff]) -> None:
    with store.work() as work:
        assert tuple(work.staff.list()) == two
        assert work.staff.get("stf-taro") == two[1]
        assert work.staff.by_name("hanako") == two[0]
        assert work.staff.by_name("HANAKO") is None
        with pytest.raises(Duplicate, match="account"):
            work.staff.add(staff(id="stf-other"))
        for attempt in (
            lambda: work.staff.get("stf-x"),
            lambda: work.staff.save(staff("nobody")),
        ):
            with pytest.raises(Missing, match="account"):
                attempt()
        changed = replace(two[0], failures=3, state=StaffState.ENDED, password="")
        work.staff.save(changed)
    with store.look() as look:
        assert look.staff.get("stf-hanako") == changed


def test_sessions(store: SqlStore, two: tuple[Staff, Staff]) -> None:
    later = NOON + timedelta(hours=1)
    with store.work() as work:
        for one in (
            session("a"),
            session("b", created=later, kind=SessionKind.TOKEN, label="import"),
            session("c", holder="stf-taro"),
        ):
            work.sessions.add(one)
        assert work.sessions.find("x" * 64) is None
        assert work.sessions.find("b" * 64) == work.sessions.of("stf-hanako")[1]
        work.sessions.end("a" * 64, at=later)
        work.sessions.end("a" * 64, at=later + timedelta(days=1))
        assert work.sessions.end_all("stf-hanako", at=later) == 1
        assert work.sessions.end_all("stf-hanako", at=later) == 0
    with store.look() as look:
        assert [one.ended for one in look.sessions.of("stf-hanako")] == [later, later]
        other = look.sessions.find("c" * 64)
        assert other is not None and other.ended is None


def test_challenges(store: SqlStore) -> None:
    asked = [
        Challenge(
            hash=letter * 64, what="sign-in", of="", expires=NOON + timedelta(minutes=n)
        )
        for n, letter in enumerate("abc")
    ]
    with store.work() as work:
        for one in asked:
            work.sessions.ask(one)
        work.sessions.forget(before=NOON + timedelta(minutes=1))
        assert work.sessions.take("a" * 64) is None
        assert work.sessions.take("b" * 64) == asked[1]
        assert work.sessions.take("b" * 64) is None
    with store.work() as work:
        assert work.sessions.take("c" * 64) == asked[2]


def test_passkeys(store: SqlStore, two: tuple[Staff, Staff]) -> None:
    kept = Passkey(
        credential="AAEC",
        staff="stf-hanako",
        label="laptop",
        public_key=b"\x00cose",
        count=0,
        added=NOON,
    )
    with store.work() as work:
        work.passkeys.add(kept)
        with pytest.raises(Duplicate, match="passkey"):
            work.passkeys.add(replace(kept, staff="stf-taro"))
        with pytest.raises(Missing, match="account"):
            work.passkeys.add(replace(kept, credential="BB", staff="stf-x"))
        work.passkeys.save(replace(kept, count=2**32 - 1))
        with pytest.raises(Missing):
            work.passkeys.save(replace(kept, credential="CC"))
    with store.look() as look:
        assert tuple(look.passkeys.of("stf-hanako")) == (
            replace(kept, count=2**32 - 1),
        )
        assert look.passkeys.find("BB") is None
        assert look.passkeys.of("stf-taro") == []


def test_approvals(store: SqlStore, two: tuple[Staff, Staff]) -> None:
    asked = approval()
    with store.work() as work:
        work.approvals.add(asked)
        with pytest.raises(Duplicate, match="open request"):
            work.approvals.add(approval("apv-2"))
        with pytest.raises(Missing, match="account"):
            work.approvals.add(approval("apv-3", subject="x", requested_by="stf-x"))
        work.approvals.add(approval("apv-4", municipality=SAPPORO, subject="res-2"))
        assert [one.id for one in work.approvals.list()] == ["apv-1", "apv-4"]
        with pytest.raises(RowProtected, match="four_eyes"):
            work.approvals.save(
                asked.after(ApprovalEvent.APPROVED, by="stf-hanako", at=NOON)
            )
        approved = asked.after(ApprovalEvent.APPROVED, by="stf-taro", at=NOON)
        work.approvals.save(approved)
        work.approvals.add(approval("apv-5"))
    with store.look() as look:
        assert look.approvals.get("apv-1") == approved
        waiting = look.approvals.list(state=ApprovalState.REQUESTED)
        assert [one.id for one in waiting] == ["apv-4", "apv-5"]
        there = look.approvals.list(municipality=SAPPORO)
        assert [one.id for one in there] == ["apv-4"]
        with pytest.raises(Missing, match="request"):
            look.approvals.get("apv-x")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            (
                "UPDATE approvals SET state = 'approved', decided_by = requested_by,"
                " decided = requested WHERE id = 'apv-1'"
            ),
            "four_eyes",
        ),
        (
            (
                "INSERT INTO approvals SELECT 'apv-9', 99, kind, 'res-9', municipality,"
                " ground, reason, requested_by, requested, expires, requested_by,"
                " requested, 'approved' FROM approvals WHERE id = 'apv-1'"
            ),
            "four_eyes",
        ),
        (
            "UPDATE approvals SET state = 'approved' WHERE id = 'apv-1'",
            "decided_by_somebody",
        ),
        (
            "UPDATE approvals SET requested_by = 'stf-taro' WHERE id = 'apv-1'",
            "a request stays as it was made",
        ),
        (
            (
                "UPDATE approvals SET state = 'declined', decided_by = 'stf-taro',"
                " decided = requested WHERE id = 'apv-2'"
            ),
            "decided once",
        ),
        ("DELETE FROM approvals", "a request is never deleted"),
        ("DELETE FROM staff", "an account is never deleted"),
        ("UPDATE staff SET name = 'x'", "an account keeps its name"),
        ("UPDATE staff SET state = 'active'", "stays ended"),
        ("UPDATE sessions SET ended = NULL", "ends once"),
        ("UPDATE sessions SET expires = '2099'", "stays as it was opened"),
        ("UPDATE sessions SET holder = 'stf-taro'", "stays as it was opened"),
    ],
)
def test_plain_sql_is_no_way_round(
    store: SqlStore, two: tuple[Staff, Staff], raw: Raw, statement: str, said: str
) -> None:
    with store.work() as work:
        work.approvals.add(approval())
        done = approval("apv-2", subject="res-2")
        work.approvals.add(done)
        work.approvals.save(done.after(ApprovalEvent.DECLINED, by="stf-taro", at=NOON))
        work.sessions.add(session(ended=NOON))
        work.staff.add(staff("gone", state=StaffState.ENDED))
    with pytest.raises(DatabaseError, match=said):
        raw(statement)
