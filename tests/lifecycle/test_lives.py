"""The lives as tables, and no way out of an end.

Each grid is written here a second time, by hand: rows are states, columns events, a
dot is a step that cannot be.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mynabox.law.days import JST
from mynabox.lifecycle.application import (
    APPLICATION,
    ApplicationEvent,
    ApplicationState,
)
from mynabox.lifecycle.appointment import (
    APPOINTMENT,
    AppointmentEvent,
    AppointmentState,
)
from mynabox.lifecycle.approval import APPROVAL, ApprovalEvent, ApprovalState
from mynabox.lifecycle.card import CARD, Card, CardEvent, CardState
from mynabox.lifecycle.card_request import CARD_REQUEST, RequestEvent, RequestState
from mynabox.lifecycle.certificate import (
    CERTIFICATE,
    REASONS,
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.consent import CONSENT, ConsentEvent, ConsentState
from mynabox.lifecycle.delivery import DELIVERY, DeliveryEvent, DeliveryState
from mynabox.lifecycle.fee import FEE, FeeEvent, FeeState
from mynabox.lifecycle.guardianship import (
    GUARDIANSHIP,
    GuardianshipEvent,
    GuardianshipState,
)
from mynabox.lifecycle.inquiry import INQUIRY, InquiryEvent, InquiryState
from mynabox.lifecycle.life import Life, Refused
from mynabox.lifecycle.loss import LOSS, LossEvent, LossState
from mynabox.lifecycle.move import MOVE, MoveEvent, MoveState
from mynabox.lifecycle.notice import NOTICE, NoticeEvent, NoticeState
from mynabox.lifecycle.number import NUMBER, NumberEvent, NumberState
from mynabox.lifecycle.resident import RESIDENT, ResidentEvent, ResidentState
from mynabox.lifecycle.staff import STAFF, StaffEvent, StaffState
from mynabox.lifecycle.store_reset import (
    STORE_RESET,
    StoreResetEvent,
    StoreResetState,
)
from mynabox.lifecycle.verifier import VERIFIER, VerifierEvent, VerifierState

LIVES: dict[str, tuple[Life[Any, Any], type[StrEnum], type[StrEnum], str]] = {
    "resident": (
        RESIDENT,
        ResidentState,
        ResidentEvent,
        """
                    left_japan  returned    died  status_lost
        registered  abroad      .           dead  deleted
        abroad      .           registered  dead  .
        deleted     .           registered  dead  .
        dead        .           .           .     .
        """,
    ),
    "guardianship": (
        GUARDIANSHIP,
        GuardianshipState,
        GuardianshipEvent,
        """
              began  guardian_changed  corrected  ended  withdrawn
        none  ward   .                 .          .      .
        ward  .      ward              ward       none   none
        """,
    ),
    "delivery": (
        DELIVERY,
        DeliveryState,
        DeliveryEvent,
        """
                    produced  sent        received  came_back  called   ended
        agreed      waiting   .           .         .          .        ended
        waiting     .         on_the_way  received  .          waiting  ended
        on_the_way  .         .           received  came_back  .        ended
        came_back   .         .           received  .          waiting  ended
        received    .         .           .         .          .        .
        ended       .         .           .         .          .        .
        """,
    ),
    "inquiry": (
        INQUIRY,
        InquiryState,
        InquiryEvent,
        """
                  answered  replaced
        sent      answered  replaced
        answered  .         .
        replaced  .         .
        """,
    ),
    "store_reset": (
        STORE_RESET,
        StoreResetState,
        StoreResetEvent,
        """
                  done  replaced
        reserved  done  replaced
        done      .     .
        replaced  .     .
        """,
    ),
    "loss": (
        LOSS,
        LossState,
        LossEvent,
        """
                  found  replaced  ended
        reported  found  replaced  ended
        found     .      .         .
        replaced  .      .         .
        ended     .      .         .
        """,
    ),
    "card_request": (
        CARD_REQUEST,
        RequestState,
        RequestEvent,
        """
                  received  given_up
        asked     done      given_up
        done      .         .
        given_up  .         .
        """,
    ),
    "fee": (
        FEE,
        FeeState,
        FeeEvent,
        """
                   waived  paid  given_up
        due        waived  paid  cancelled
        waived     .       .     cancelled
        paid       .       .     refunded
        cancelled  .       .     .
        refunded   .       .     .
        """,
    ),
    "appointment": (
        APPOINTMENT,
        AppointmentState,
        AppointmentEvent,
        """
                   kept  missed  cancelled
        booked     kept  missed  cancelled
        kept       .     .       .
        missed     .     .       .
        cancelled  .     .       .
        """,
    ),
    "move": (
        MOVE,
        MoveState,
        MoveEvent,
        """
                   cancelled  missed   moved_in  taken_over  departed
        announced  cancelled  overdue  arrived   .           settled
        overdue    cancelled  .        lapsed    .           .
        arrived    .          lapsed   .         settled     .
        settled    .          .        .         .           .
        lapsed     .          .        .         .           .
        cancelled  .          .        .         .           .
        """,
    ),
    "staff": (
        STAFF,
        StaffState,
        StaffEvent,
        """
                password_set  ended
        active  active        ended
        ended   .             .
        """,
    ),
    "approval": (
        APPROVAL,
        ApprovalState,
        ApprovalEvent,
        """
                   approved  declined  expired
        requested  approved  declined  expired
        approved   .         .         .
        declined   .         .         .
        expired    .         .         .
        """,
    ),
    "verifier": (
        VERIFIER,
        VerifierState,
        VerifierEvent,
        """
                key_renewed  ended
        active  active       ended
        ended   .            .
        """,
    ),
    "consent": (
        CONSENT,
        ConsentState,
        ConsentEvent,
        """
                 revoked  replaced
        active   revoked  revoked
        revoked  .        .
        """,
    ),
    "number": (
        NUMBER,
        NumberState,
        NumberEvent,
        """
                 changed
        current  retired
        retired  .
        """,
    ),
    "notice": (
        NOTICE,
        NoticeState,
        NoticeEvent,
        """
                        posted  absent          redelivery_asked collected delivered  sent_back  handed_out
        issued          posted  .               .                .         .          .          .
        posted          .       at_post_office  .                .         received   returned   .
        at_post_office  .       .               posted           received  .          returned   .
        received        .       .               .                .         .          .          .
        returned        .       .               .                .         .          .          received
        """,
    ),
    "application": (
        APPLICATION,
        ApplicationState,
        ApplicationEvent,
        """
                   submitted  referred   accepted  sent_back  produced  withdrawn
        opened     received   in_review  .         sent_back  .         withdrawn
        received   .          .          received  sent_back  produced  withdrawn
        in_review  .          .          received  sent_back  .         withdrawn
        sent_back  received   in_review  .         sent_back  .         withdrawn
        produced   .          .          .         .          .         .
        withdrawn  .          .          .         .          .         .
        """,
    ),
    "card": (
        CARD,
        CardState,
        CardEvent,
        """
                  handed_over discarded reported_lost found  replaced returned record_deleted number_changed lapsed
        produced  active      void      .             .      .        .        void           void           void
        active    .           .         suspended     .      void     void     void           void           void
        suspended .           .         .             active void     void     void           void           void
        void      .           .         .             .      .        .        .              .              .
        """,
    ),
    "certificate": (
        CERTIFICATE,
        CertificateState,
        CertificateEvent,
        """
                 handed_over discarded held    hold_ended content_changed renewed stopped lapsed  key_compromised
        issued   active      revoked   .       .          revoked         revoked revoked revoked revoked
        active   .           .         on_hold .          revoked         revoked revoked revoked revoked
        on_hold  .           .         .       revoked    revoked         revoked revoked revoked revoked
        revoked  .           .         .       .          .               .       .       .       .
        """,
    ),
}

FINAL = {
    "staff": {"ended"},
    "verifier": {"ended"},
    "consent": {"revoked"},
    "approval": {"approved", "declined", "expired"},
    "resident": {"dead"},
    "guardianship": set(),
    "move": {"settled", "lapsed", "cancelled"},
    "number": {"retired"},
    "notice": {"received"},
    "application": {"produced", "withdrawn"},
    "card": {"void"},
    "inquiry": {"answered", "replaced"},
    "store_reset": {"done", "replaced"},
    "loss": {"found", "replaced", "ended"},
    "card_request": {"done", "given_up"},
    "fee": {"cancelled", "refunded"},
    "delivery": {"received", "ended"},
    "appointment": {"kept", "missed", "cancelled"},
    "certificate": {"revoked"},
}


def written(grid: str) -> dict[tuple[str, str], str]:
    """Every step of a grid."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    steps = {}
    for state, *cells in rows:
        assert len(cells) == len(head), (state, cells)
        steps.update(
            {
                (state, event): after
                for event, after in zip(head, cells, strict=True)
                if after != "."
            }
        )
    return steps


@pytest.mark.parametrize("name", LIVES)
def test_the_table(name: str) -> None:
    """no step more, none less; states and events are those of the grid"""
    life, states, events, grid = LIVES[name]
    assert life.name == name
    assert {
        (before.value, event.value): after.value
        for (before, event), after in life.steps.items()
    } == written(grid)
    head, *rows = (line.split() for line in grid.strip().splitlines())
    assert set(head) == {event.value for event in events}
    assert {row[0] for row in rows} == {state.value for state in states}


@pytest.mark.parametrize("name", LIVES)
def test_where_a_life_ends(name: str) -> None:
    """these states and no others are final, and a life does not begin in one"""
    life, states, _, _ = LIVES[name]
    assert {state.value for state in states if life.is_final(state)} == FINAL[name]
    assert not life.is_final(life.first)


@pytest.mark.parametrize("name", LIVES)
def test_every_state_can_be_reached(name: str) -> None:
    """from the first one"""
    life, states, events, _ = LIVES[name]
    reached = {life.first}
    while True:
        more = {
            life.steps[state, event]
            for state in reached
            for event in events
            if life.allows(state, event)
        }
        if more <= reached:
            break
        reached |= more
    assert reached == set(states)


ABSENT = [
    (name, state, event)
    for name, (life, states, events, _) in LIVES.items()
    for state in states
    for event in events
    if (state, event) not in life.steps
]


@pytest.mark.parametrize(("name", "state", "event"), ABSENT)
def test_what_cannot_be_is_refused(name: str, state: StrEnum, event: StrEnum) -> None:
    """with the state, the event and the rules of that life"""
    life, *_ = LIVES[name]
    assert not life.allows(state, event)
    with pytest.raises(Refused) as caught:
        life.after(state, event)
    said = caught.value
    assert said.code == f"{name}.not_possible_now"
    assert said.rules == life.rules != ()
    assert said.facts == {"state": state.value, "event": event.value}
    assert str(said).startswith(f"{said.code} (event={event.value}, state=")
    assert said.args == life.refusal(state, event).args


@pytest.mark.parametrize("name", LIVES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_sequence_leaves_an_end(name: str, data: st.DataObject) -> None:
    """whatever events come in whatever order, refused ones included"""
    life, _, events, _ = LIVES[name]
    state = life.first
    ended = None
    for event in data.draw(st.lists(st.sampled_from(list(events)), max_size=25)):
        if life.allows(state, event):
            assert ended is None
            state = life.after(state, event)
        else:
            with pytest.raises(Refused):
                life.after(state, event)
        if life.is_final(state):
            ended = state
        assert ended in (None, state)


NOON = datetime(2026, 11, 20, 12, tzinfo=JST)


class LifeOfACard(RuleBasedStateMachine):
    """Anything happens to a card, over years; an ended one stays ended."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.ended: datetime | None = None
        self.card = Card(
            serial="1" * 16,
            resident="res-x",
            municipality="082201",
            application="app-x",
            security_code="0000",
            issued=NOON.date(),
            expires=NOON.date() + timedelta(days=3650),
            since=NOON,
        )

    @rule(days=st.integers(min_value=0, max_value=900))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(event=st.sampled_from(CardEvent))
    def something_happens(self, event: CardEvent) -> None:
        before = self.card
        try:
            self.card = self.card.after(event, at=self.now)
        except Refused:
            assert self.card is before
            return
        assert self.card.since == self.now
        assert self.ended is None
        if self.card.state is CardState.VOID:
            self.ended = self.now

    @invariant()
    def ended_is_ended(self) -> None:
        if self.ended is not None:
            assert self.card.state is CardState.VOID
            assert self.card.since == self.ended
            assert not self.card.valid_on(self.now.date())
            assert not self.card.blocks_another_on(self.now.date())

    @invariant()
    def valid_is_active_and_not_expired(self) -> None:
        today = self.now.date()
        assert self.card.valid_on(today) == (
            self.card.state is CardState.ACTIVE and today <= self.card.expires
        )
        if self.card.valid_on(today):
            assert self.card.blocks_another_on(today)


class LifeOfACertificate(RuleBasedStateMachine):
    """Anything happens to a certificate; a hold never ends well."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.stopped: datetime | None = None
        self.was_held = False
        self.certificate = Certificate(
            serial=7,
            kind=CertificateKind.SIGNATURE,
            issuer="signature-01",
            card="1" * 16,
            resident="res-x",
            municipality="082201",
            not_before=NOON,
            not_after=NOON + timedelta(days=1826),
            der=b"",
        )

    @rule(hours=st.integers(min_value=1, max_value=20_000))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(event=st.sampled_from(CertificateEvent))
    def something_happens(self, event: CertificateEvent) -> None:
        try:
            after = self.certificate.after(event, at=self.now)
        except Refused:
            return
        assert self.certificate.state is not CertificateState.REVOKED
        self.certificate = after
        if event in REASONS:
            assert after.reason is REASONS[event]
            if self.stopped is None:
                self.stopped = self.now
        self.was_held = self.was_held or after.state is CertificateState.ON_HOLD

    @invariant()
    def stopped_once_is_stopped_from_then_on(self) -> None:
        assert self.certificate.stopped == self.stopped
        if self.stopped is not None:
            assert self.certificate.state in (
                CertificateState.ON_HOLD,
                CertificateState.REVOKED,
            )
            assert self.certificate.reason is not None
            assert self.certificate.stopped_by(self.now)
            assert not self.certificate.stopped_by(
                self.stopped - timedelta(microseconds=1)
            )
        else:
            assert self.certificate.reason is None
            assert not self.certificate.stopped_by(self.now)

    @invariant()
    def a_hold_is_never_lifted(self) -> None:
        if self.was_held:
            assert self.certificate.state is not CertificateState.ACTIVE


class LifeOfAPerson(RuleBasedStateMachine):
    """In and out of the country; death is for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.state: ResidentState = RESIDENT.first
        self.died = False

    @rule(event=st.sampled_from(ResidentEvent))
    def something_happens(self, event: ResidentEvent) -> None:
        try:
            self.state = RESIDENT.after(self.state, event)
        except Refused:
            return
        assert not self.died
        self.died = event is ResidentEvent.DIED

    @invariant()
    def the_dead_stay_dead(self) -> None:
        assert self.died == (self.state is ResidentState.DEAD)


for _machine in (LifeOfACard, LifeOfACertificate, LifeOfAPerson):
    _machine.TestCase.settings = settings(
        max_examples=60, stateful_step_count=25, deadline=None
    )
TestLifeOfACard = LifeOfACard.TestCase
TestLifeOfACertificate = LifeOfACertificate.TestCase
TestLifeOfAPerson = LifeOfAPerson.TestCase


LAST_DAY = [
    # state, days after the last day, valid, stands in the way of another
    (CardState.ACTIVE, -1, True, True),
    (CardState.ACTIVE, 0, True, True),
    (CardState.ACTIVE, 1, False, False),
    (CardState.PRODUCED, 0, False, True),
    (CardState.PRODUCED, 1, False, False),
    (CardState.SUSPENDED, 0, False, True),
    (CardState.SUSPENDED, 1, False, False),
    (CardState.VOID, 0, False, False),
]


@pytest.mark.parametrize(("state", "days", "valid", "blocks"), LAST_DAY)
def test_the_last_day_of_a_card(
    state: CardState, days: int, valid: bool, blocks: bool
) -> None:
    """R094, R030"""
    last = NOON.date()
    card = Card(
        serial="1" * 16,
        resident="res-x",
        municipality="082201",
        application="app-x",
        security_code="0000",
        issued=last - timedelta(days=100),
        expires=last,
        since=NOON,
        state=state,
    )
    day = last + timedelta(days=days)
    assert (card.valid_on(day), card.blocks_another_on(day)) == (valid, blocks)
