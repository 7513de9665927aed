"""What two must agree on: a new number after a leak, a forced revocation."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import Barrier

import pytest

from mynabox.adapters.store import RowProtected
from mynabox.lifecycle.approval import Approval, ApprovalEvent, ApprovalState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateState, StopReason
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import NoticeState
from mynabox.lifecycle.number import Assignment, NumberState
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn, Role
from mynabox.ports import Duplicate, Work
from mynabox.usecases.acting import Actor, channel, of_staff
from mynabox.usecases.change_number import NumberChanged, approve_number_change
from mynabox.usecases.deliver import deliver
from mynabox.usecases.faces import show_back
from mynabox.usecases.force_revocation import approve, approve_revocation
from mynabox.usecases.four_eyes import (
    decline,
    list_approvals,
    request_number_change,
    request_revocation,
)
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import verify_journal
from mynabox.usecases.staff_accounts import add_staff
from tests.around import Around
from tests.usecases.places import CITY, Failing, Place, PowerCut, refused

At = Callable[[str], Place]
LEAK = "leaked_and_likely_misused"
OTHER_CITY = "011002"


def somebody(
    place: Place, name: str, *roles: Role, municipality: str | None = CITY
) -> Actor:
    return of_staff(add_staff(name, roles, place.box, municipality=municipality))


def asked(place: Place, actor: Actor, *, ground: str = LEAK) -> Approval:
    return request_number_change(
        place.resident.id,
        ground=ground,
        reason="a list was left on a train",
        box=place.box,
        actor=actor,
        documents=("passport",),
    )


def asked_revocation(
    place: Place, actor: Actor, ground: str = "key_unsafe"
) -> Approval:
    return request_revocation(
        place.card.serial,
        ground=ground,
        reason="the clerk saw the PIN on the card",
        box=place.box,
        actor=actor,
    )


def current(place: Place) -> Assignment:
    with place.box.store.look() as work:
        found = work.numbers.current(place.resident.id)
    assert found is not None
    return found


# A new number


@pytest.mark.parametrize(
    "stage", ["numbered", "noticed", "produced", "active", "suspended", "reissued"]
)
def test_a_number_that_leaked_is_changed_with_all_it_entails(
    at: At, stage: str
) -> None:
    """R003, R152: the old one retired, card void, certificates revoked, notice anew"""
    place = at(stage)
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    before, had = current(place), place.shown()
    request = asked(place, clerk)
    assert current(place) == before
    done = approve_number_change(request.id, place.box, actor=supervisor)
    deliver(place.box)
    now, has = current(place), place.shown()
    assert now.number != before.number
    with place.box.store.look() as work:
        old = work.numbers.owner(before.number)
    assert old == replace(before, state=NumberState.RETIRED)
    assert [one.card.state for one in has.cards] == [CardState.VOID] * len(had.cards)
    for card in has.cards:
        for certificate in card.certificates:
            assert certificate.state is CertificateState.REVOKED
    live = [
        certificate.serial
        for card in had.cards
        for certificate in card.certificates
        if certificate.state is not CertificateState.REVOKED
    ]
    assert sorted(done.certificates) == sorted(live)
    reasons = {
        certificate.reason
        for card in has.cards
        for certificate in card.certificates
        if certificate.serial in live
    }
    assert reasons <= {StopReason.AFFILIATION_CHANGED}
    assert len(has.notices) == len(had.notices) + 1
    assert has.notices[-1] == done.notice
    assert done.notice.state is NoticeState.POSTED
    assert done.notice.application_id not in {
        notice.application_id for notice in had.notices
    }
    last = has.journal[-1].entry
    assert (last.action, last.actor) == ("change_number", "staff:supervisor")
    assert {place.resident.id, request.id, done.notice.id} <= set(last.subjects)
    assert done.approval.state is ApprovalState.APPROVED
    assert done.approval.decided_by == supervisor.staff
    assert verify_journal(place.box) == []
    assert reconcile(place.box).findings == ()


def test_the_old_number_stays_its_owners_for_ever(at: At) -> None:
    """R002: nobody else is given it, nor the person again"""
    place = at("numbered")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    before = current(place)
    approve(asked(place, clerk).id, place.box, actor=supervisor)
    with place.box.store.work() as work, pytest.raises(Duplicate, match="number"):
        work.numbers.add(replace(before, state=NumberState.RETIRED))
    with (
        closing(sqlite3.connect(place.home.path / "box.db")) as db,
        pytest.raises(sqlite3.IntegrityError, match="stays retired"),
    ):
        db.execute("UPDATE numbers SET state = 'current' WHERE state = 'retired'")


def test_a_new_card_bears_the_new_number(at: At) -> None:
    """and the void card does not show it"""
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    old_card = place.card.serial
    approve(asked(place, clerk).id, place.box, actor=supervisor)
    deliver(place.box)
    refused(
        place,
        lambda: show_back(
            old_card, place.box, requester="municipality", purpose="card_issue"
        ),
        "card.number_of_before",
        "R003",
    )
    place.open()
    place.submit()
    place.on("2026-07-20").produce()
    card = place.on("2026-07-25").hand_over()
    assert card.serial != old_card
    assert show_back(
        card.serial, place.box, requester="municipality", purpose="card_issue"
    )


@pytest.mark.parametrize("ground", ["wish", "prefer_other", "", "lost_card"])
def test_a_wish_is_no_ground(at: At, ground: str) -> None:
    """R003"""
    place = at("numbered")
    clerk = somebody(place, "clerk", Role.CLERK)
    refused(
        place, lambda: asked(place, clerk, ground=ground), "number.not_on_wish", "R003"
    )


def test_who_has_no_number_or_is_gone(at: At) -> None:
    place = at("registered")
    clerk = somebody(place, "clerk", Role.CLERK)
    refused(place, lambda: asked(place, clerk), "notice.no_number_yet", "R001")
    place.number()
    place.leave(ResidentEvent.LEFT_JAPAN)
    refused(place, lambda: asked(place, clerk), "number.not_registered", "R001")


@pytest.mark.parametrize(
    ("documents", "ex_officio", "told"),
    [
        ((), False, None),
        (("insurance_card",), False, None),
        (("insurance_card", "student_card"), False, None),
        (("passport",), False, "passport"),
        (
            ("insurance_card", "patient_card"),
            False,
            "insurance_card patient_card",
        ),
        ((), True, "ex officio"),
    ],
)
def test_who_asks_shows_who_they_are(
    at: At, documents: tuple[str, ...], ex_officio: bool, told: str | None
) -> None:
    """R003: at the counter with documents; the office itself may act without (職権)"""
    place = at("numbered")
    clerk = somebody(place, "clerk", Role.CLERK)

    def ask() -> Approval:
        return request_number_change(
            place.resident.id,
            ground=LEAK,
            reason="a list was left on a train",
            box=place.box,
            actor=clerk,
            documents=documents,
            ex_officio=ex_officio,
        )

    if told is None:
        refused(place, ask, "identity.not_enough", "R003")
        return
    asked = ask()
    with place.box.store.look() as work:
        (row,) = work.journal.about(asked.id, limit=9)
    assert row.entry.facts == {"ground": LEAK, "shown": told}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_reason_is_wanted(at: At, reason: str) -> None:
    place = at("numbered")
    clerk = somebody(place, "clerk", Role.CLERK)
    refused(
        place,
        lambda: request_number_change(
            place.resident.id,
            ground=LEAK,
            reason=reason,
            box=place.box,
            actor=clerk,
            ex_officio=True,
        ),
        "approval.reason",
    )


# A forced revocation


@pytest.mark.parametrize(
    ("ground", "reasons"),
    [
        ("key_unsafe", {StopReason.KEY_COMPROMISE}),
        ("wrong_record", {StopReason.AFFILIATION_CHANGED}),
    ],
)
def test_certificates_end_without_their_holder(
    at: At, ground: str, reasons: set[StopReason]
) -> None:
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    request = asked_revocation(place, clerk, ground)
    done = approve(request.id, place.box, actor=supervisor)
    assert not isinstance(done, NumberChanged)
    _, applied = done
    found = place.shown().cards[-1].certificates
    stopped = [one for one in found if one.serial in applied.stopped]
    assert stopped
    assert {one.reason for one in stopped} == reasons
    assert place.card.state is CardState.ACTIVE
    last = place.shown().journal[-1].entry
    assert (last.action, last.actor) == ("force_revocation", "staff:supervisor")


def test_what_cannot_be_revoked_by_force(at: At) -> None:
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    refused(
        place,
        lambda: asked_revocation(place, clerk, "because"),
        "revocation.no_ground",
        "R157",
    )
    first = asked_revocation(place, clerk)
    approve_revocation(first.id, place.box, actor=supervisor)
    second = asked_revocation(place, clerk)
    refused(
        place,
        lambda: approve_revocation(second.id, place.box, actor=supervisor),
        "certificates.none_to_stop",
        "R157",
    )
    decline(second.id, place.box, actor=supervisor)
    approve(asked(place, clerk).id, place.box, actor=supervisor)
    refused(
        place,
        lambda: asked_revocation(place, clerk),
        "certificates.none_to_stop",
        "R157",
    )


@pytest.mark.parametrize("kind", ["number", "revocation"])
def test_a_request_is_decided_as_what_it_is(at: At, kind: str) -> None:
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    if kind == "number":
        request, wrong = asked(place, clerk), approve_revocation
    else:
        request, wrong = asked_revocation(place, clerk), approve_number_change  # type: ignore[assignment]
    refused(
        place,
        lambda: wrong(request.id, place.box, actor=supervisor),
        "approval.other_kind",
    )


# Who may


def nobody_may(attempt: Callable[[], object], code: str) -> None:
    with pytest.raises((NotPermitted, NotSignedIn)) as caught:
        attempt()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("roles", "municipality", "code"),
    [
        ((Role.CLERK,), CITY, "authority.not_your_task"),
        ((Role.OPERATOR, Role.AUDITOR, Role.HOTLINE), None, "authority.not_your_task"),
        ((Role.SUPERVISOR,), OTHER_CITY, "authority.other_municipality"),
    ],
)
@pytest.mark.parametrize("deciding", [approve, decline])
def test_who_may_not_decide(
    at: At,
    deciding: Callable[..., object],
    roles: tuple[Role, ...],
    municipality: str | None,
    code: str,
) -> None:
    place = at("active")
    request = asked(place, somebody(place, "clerk", Role.CLERK))
    other = somebody(place, "other", *roles, municipality=municipality)
    before = place.kept()
    nobody_may(lambda: deciding(request.id, place.box, actor=other), code)
    assert place.kept() == before


@pytest.mark.parametrize("deciding", [approve, decline])
def test_nobody_decides_what_they_asked(
    at: At, deciding: Callable[..., object]
) -> None:
    place = at("active")
    both = somebody(place, "both", Role.CLERK, Role.SUPERVISOR)
    request = asked(place, both)
    before = place.kept()
    nobody_may(
        lambda: deciding(request.id, place.box, actor=both), "authority.four_eyes"
    )
    assert place.kept() == before


def test_a_channel_without_name_neither_asks_nor_decides(at: At) -> None:
    """not even in a box that asks nobody who they are"""
    place = at("active")
    request = asked(place, somebody(place, "clerk", Role.CLERK))
    api = channel("api")
    for attempt in (
        lambda: asked_revocation(place, api),
        lambda: approve(request.id, place.box, actor=api),
        lambda: decline(request.id, place.box, actor=api),
    ):
        nobody_may(attempt, "authority.named_staff_only")


def test_the_database_holds_four_eyes_too(at: At) -> None:
    """against a program that forgets, and against plain SQL"""
    place = at("active")
    both = somebody(place, "both", Role.CLERK, Role.SUPERVISOR)
    other = somebody(place, "other", Role.SUPERVISOR)
    request = asked(place, both)
    assert both.staff is not None and other.staff is not None
    mine = request.after(
        ApprovalEvent.APPROVED, by=both.staff, at=place.box.clock.now()
    )
    with (
        place.box.store.work() as work,
        pytest.raises(RowProtected, match="four_eyes"),
    ):
        work.approvals.save(mine)
    attacks = [
        (("UPDATE approvals SET decided_by = requested_by, decided = requested,"
         " state = 'approved'"), "four_eyes"),
        (f"UPDATE approvals SET requested_by = '{other.staff}'", "stays as it was made"),
        ("UPDATE approvals SET subject = 'res-other'", "stays as it was made"),
        ("UPDATE approvals SET ground = 'x'", "stays as it was made"),
        ("UPDATE approvals SET state = 'approved'", "decided_by_somebody"),
        (("UPDATE approvals SET decided_by = 'stf-nobody', decided = requested,"
         " state = 'approved'"), "FOREIGN KEY"),
        ("DELETE FROM approvals", "never deleted"),
        ("DELETE FROM staff", "never deleted"),
        ("UPDATE staff SET name = 'x' WHERE name = 'both'", "keeps its name"),
    ]  # fmt: skip
    with closing(sqlite3.connect(place.home.path / "box.db")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for statement, said in attacks:
            with pytest.raises(sqlite3.IntegrityError, match=said):
                db.execute(statement)
            db.rollback()
    decline(request.id, place.box, actor=other)
    with (
        closing(sqlite3.connect(place.home.path / "box.db")) as db,
        pytest.raises(sqlite3.IntegrityError, match="decided once"),
    ):
        db.execute("UPDATE approvals SET state = 'approved'")


# Time, and several at once


@dataclass
class SecondWork(Around):
    """A store on which something else happens just before the second writing."""

    happens: Callable[[], object]
    works: int = 0

    @contextmanager
    def work(self) -> Iterator[Work]:
        self.works += 1
        if self.works == 2:
            self.happens()
        with self.store.work() as work:
            yield work


def test_a_request_expires(at: At) -> None:
    """nobody decides it any more, and a new one may be made"""
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    request = asked(place, clerk)
    refused(place, lambda: asked(place, clerk), "approval.waiting_already", "R003")
    place.on("2026-07-01")
    for deciding in (approve, decline):
        refused(
            place,
            lambda deciding=deciding: deciding(  # type: ignore[misc]
                request.id, place.box, actor=supervisor
            ),
            "approval.expired",
            "R003",
        )
    assert list_approvals(place.box, waiting=True) == ()
    again = asked(place, clerk)
    assert [one.state for one in list_approvals(place.box)] == [
        ApprovalState.EXPIRED,
        ApprovalState.REQUESTED,
    ]
    assert list_approvals(place.box, waiting=True) == (again,)
    assert list_approvals(place.box, municipality=OTHER_CITY) == ()


def test_a_request_is_decided_once(at: At) -> None:
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    request = asked(place, clerk)
    decline(request.id, place.box, actor=supervisor)
    for deciding in (approve, decline):
        refused(
            place,
            lambda deciding=deciding: deciding(  # type: ignore[misc]
                request.id, place.box, actor=supervisor
            ),
            "approval.not_possible_now",
            "R003",
        )


def test_somebody_was_quicker(at: At) -> None:
    """approved by another while the notice was being drawn: the number changes once"""
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    one = somebody(place, "one", Role.SUPERVISOR)
    two = somebody(place, "two", Role.SUPERVISOR)
    request = asked(place, clerk)

    store = SecondWork(
        place.box.store, lambda: approve(request.id, place.box, actor=two)
    )
    with pytest.raises(Refused) as caught:
        approve_number_change(request.id, replace(place.box, store=store), actor=one)
    assert caught.value.code == "notice.number_changed_meanwhile"
    assert [r.entry.action for r in place.shown().journal].count("change_number") == 1


def test_a_power_cut_changes_nothing(at: At) -> None:
    place = at("active")
    clerk = somebody(place, "clerk", Role.CLERK)
    supervisor = somebody(place, "supervisor", Role.SUPERVISOR)
    request = asked(place, clerk)
    before = current(place)
    broken = place.with_store(Failing(place.box.store, deadly=2))
    with pytest.raises(PowerCut):
        approve_number_change(request.id, broken.box, actor=supervisor)
    assert current(place) == before
    assert place.card.state is CardState.ACTIVE
    approve_number_change(request.id, place.box, actor=supervisor)
    assert current(place) != before


def at_once(*attempts: Callable[[], object]) -> list[str]:
    """What becomes of attempts made at the same moment: "done", or the refusal."""
    start = Barrier(len(attempts))

    def one(attempt: Callable[[], object]) -> str:
        start.wait()
        try:
            attempt()
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sorted(pool.map(one, attempts))


def test_six_supervisors_at_once(at: At) -> None:
    """one of them changes the number; the others are told"""
    place = at("active")
    request = asked(place, somebody(place, "clerk", Role.CLERK))
    many = [somebody(place, f"chief{nth}", Role.SUPERVISOR) for nth in range(6)]
    told = at_once(
        *(lambda one=one: approve(request.id, place.box, actor=one) for one in many)
    )
    assert told.count("done") == 1
    assert set(told) <= {
        "done",
        "approval.not_possible_now",
        "notice.number_changed_meanwhile",
    }
    actions = [row.entry.action for row in place.shown().journal]
    assert actions.count("change_number") == 1
    assert len(place.shown().notices) == 2
    assert verify_journal(place.box) == []


def test_one_approves_and_one_declines(at: At) -> None:
    place = at("active")
    request = asked_revocation(place, somebody(place, "clerk", Role.CLERK))
    one = somebody(place, "one", Role.SUPERVISOR)
    two = somebody(place, "two", Role.SUPERVISOR)
    told = at_once(
        lambda: approve(request.id, place.box, actor=one),
        lambda: decline(request.id, place.box, actor=two),
    )
    assert told == ["approval.not_possible_now", "done"]


def test_a_request_is_made_once(at: At) -> None:
    place = at("active")
    clerks = [somebody(place, f"clerk{nth}", Role.CLERK) for nth in range(5)]
    told = at_once(*(lambda one=one: asked(place, one) for one in clerks))
    assert told == ["approval.waiting_already"] * 4 + ["done"]
    assert len(list_approvals(place.box)) == 1
