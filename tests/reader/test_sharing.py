"""Share modes and transactions, as tables and as lives."""

from collections.abc import Iterable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynabox.reader.codes import Code, Refused, Wait
from mynabox.reader.sharing import (
    CONNECT,
    RECONNECT,
    Event,
    Mode,
    Occupancy,
    Sharing,
)


class Somebody:
    def __init__(self, name: str) -> None:
        self.name = name

    def wake(self) -> None:
        raise AssertionError("the sharing wakes nobody by itself")


ANN, BEN, CID = Somebody("Ann"), Somebody("Ben"), Somebody("Cid")


def shared(handles: Iterable[tuple[int, Somebody]]) -> Sharing:
    sharing = Sharing()
    for handle, owner in handles:
        sharing.connect(handle, Mode.SHARED, owner)
    return sharing


def used(occupancy: Occupancy) -> Sharing:
    match occupancy:
        case Occupancy.FREE:
            return Sharing()
        case Occupancy.ALONE:
            return shared([(1, ANN)])
        case Occupancy.CROWD:
            return shared([(1, ANN), (2, BEN)])
        case Occupancy.EXCLUSIVE:
            sharing = Sharing()
            sharing.connect(1, Mode.EXCLUSIVE, ANN)
            return sharing


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("occupancy", Occupancy)
def test_a_connect_does_what_the_table_says(occupancy: Occupancy, mode: Mode) -> None:
    sharing = used(occupancy)
    assert sharing.occupancy is occupancy
    expected = CONNECT.get((occupancy, mode))
    if expected is None:
        with pytest.raises(Refused) as no:
            sharing.connect(9, mode, CID)
        assert no.value.code is Code.SCARD_E_SHARING_VIOLATION
        assert sharing.occupancy is occupancy
    else:
        sharing.connect(9, mode, CID)
        assert sharing.occupancy is expected


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("occupancy", [o for o in Occupancy if o is not Occupancy.FREE])
def test_a_reconnect_does_what_the_table_says(occupancy: Occupancy, mode: Mode) -> None:
    sharing = used(occupancy)
    expected = RECONNECT.get((occupancy, mode))
    if expected is None:
        with pytest.raises(Refused):
            sharing.reconnect(1, mode)
        assert sharing.occupancy is occupancy
    else:
        sharing.reconnect(1, mode)
        assert sharing.occupancy is expected


@pytest.mark.parametrize(
    ("occupancy", "users"), list(zip(Occupancy, (0, 1, 2, -1), strict=True))
)
def test_users_are_counted_as_clients_read_them(
    occupancy: Occupancy, users: int
) -> None:
    assert used(occupancy).users == users


def test_a_transaction_keeps_others_out_until_its_last_end() -> None:
    sharing = shared([(1, ANN), (2, BEN)])
    sharing.begin(1)
    sharing.begin(1)
    with pytest.raises(Refused) as no:
        sharing.accessible(2)
    assert no.value.code is Code.SCARD_E_SHARING_VIOLATION
    with pytest.raises(Wait):
        sharing.begin(2)
    sharing.ended(1)
    with pytest.raises(Wait):
        sharing.begin(2)
    sharing.ended(1)
    assert sharing.next_in_line is BEN
    sharing.begin(2)
    assert sharing.holder == 2


def test_who_waited_first_comes_first() -> None:
    sharing = shared([(1, ANN), (2, BEN), (3, CID)])
    sharing.begin(1)
    for handle in (3, 2):
        with pytest.raises(Wait):
            sharing.begin(handle)
    sharing.ended(1)
    assert sharing.next_in_line is CID
    with pytest.raises(Wait):
        sharing.begin(1)
    with pytest.raises(Wait):
        sharing.begin(2)
    sharing.begin(3)
    assert sharing.next_in_line is None
    sharing.ended(3)
    assert sharing.next_in_line is BEN
    sharing.withdraw(BEN)
    assert sharing.next_in_line is ANN


def test_a_client_does_not_wait_for_itself() -> None:
    sharing = shared([(1, ANN), (2, ANN)])
    sharing.begin(1)
    sharing.queue_up(ANN, patience=None)
    with pytest.raises(Refused):
        sharing.begin(2)
    sharing.begin(1)


@pytest.mark.parametrize(
    ("sharing", "handle", "code"),
    [
        (shared([(1, ANN)]), 1, Code.SCARD_E_NOT_TRANSACTED),
        (used(Occupancy.EXCLUSIVE), 1, Code.SCARD_E_NOT_TRANSACTED),
    ],
)
def test_an_end_without_a_begin(sharing: Sharing, handle: int, code: Code) -> None:
    with pytest.raises(Refused) as no:
        sharing.ended(handle)
    assert no.value.code is code


def test_exclusive_use_outlives_its_transactions() -> None:
    sharing = used(Occupancy.EXCLUSIVE)
    sharing.begin(1)
    sharing.ended(1)
    assert sharing.holder == 1
    sharing.reconnect(1, Mode.SHARED)
    assert sharing.holder is None


def test_a_transaction_outlives_exclusive_use() -> None:
    sharing = used(Occupancy.EXCLUSIVE)
    sharing.begin(1)
    sharing.reconnect(1, Mode.SHARED)
    assert sharing.holder == 1
    sharing.ended(1)
    assert sharing.holder is None


@pytest.mark.parametrize("event", Event)
def test_an_event_troubles_every_handle_until_it_reconnects(event: Event) -> None:
    sharing = shared([(1, ANN), (2, BEN)])
    sharing.happened(event)
    for handle in (1, 2):
        with pytest.raises(Refused) as no:
            sharing.untroubled(handle)
        assert no.value.code is event.value
    sharing.reconnect(1, Mode.SHARED)
    sharing.untroubled(1)
    with pytest.raises(Refused):
        sharing.untroubled(2)


def test_a_removed_card_ends_transactions() -> None:
    sharing = shared([(1, ANN), (2, BEN)])
    sharing.begin(1)
    sharing.happened(Event.REMOVED)
    assert sharing.holder is None


class ReaderLife(RuleBasedStateMachine):
    """Four clients do what they like with one reader."""

    def __init__(self) -> None:
        super().__init__()
        self.sharing = Sharing()
        self.owners = [Somebody(n) for n in "abcd"]
        self.handles: dict[int, Somebody] = {}
        self.depth: dict[int, int] = {}
        self.next = 1

    @rule(who=st.integers(0, 3), mode=st.sampled_from(Mode))
    def connect(self, who: int, mode: Mode) -> None:
        try:
            self.sharing.connect(self.next, mode, self.owners[who])
        except Refused:
            return
        self.handles[self.next] = self.owners[who]
        self.depth[self.next] = 0
        self.next += 1

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        handle = data.draw(st.sampled_from(sorted(self.handles)))
        holder = self.sharing.holder
        try:
            self.sharing.begin(handle)
        except (Refused, Wait):
            return
        assert holder in (None, handle)
        self.depth[handle] += 1

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        handle = data.draw(st.sampled_from(sorted(self.handles)))
        try:
            self.sharing.ended(handle)
        except Refused:
            return
        self.depth[handle] -= 1
        assert self.depth[handle] >= 0

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), mode=st.sampled_from(Mode))
    def reconnect(self, data: st.DataObject, mode: Mode) -> None:
        handle = data.draw(st.sampled_from(sorted(self.handles)))
        try:
            self.sharing.accessible(handle)
            self.sharing.reconnect(handle, mode)
        except Refused:
            return
        self.sharing.untroubled(handle)

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        handle = data.draw(st.sampled_from(sorted(self.handles)))
        self.sharing.disconnect(handle)
        owner = self.handles.pop(handle)
        del self.depth[handle]
        if owner not in self.handles.values():
            self.sharing.withdraw(owner)

    @rule(event=st.sampled_from(Event))
    def happens(self, event: Event) -> None:
        self.sharing.happened(event)
        if event is Event.REMOVED:
            self.depth = dict.fromkeys(self.depth, 0)

    @invariant()
    def a_holder_has_a_reason(self) -> None:
        inside = [h for h, depth in self.depth.items() if depth]
        assert len(inside) <= 1
        if self.sharing.occupancy is Occupancy.EXCLUSIVE:
            assert len(self.handles) == 1
            assert self.sharing.holder in self.handles
        else:
            assert self.sharing.holder == (inside[0] if inside else None)

    @invariant()
    def nobody_waits_for_nobody(self) -> None:
        if self.sharing.holder is None and self.sharing.next_in_line is not None:
            self.sharing.queue_up(self.sharing.next_in_line, patience=None)


TestReaderLife = ReaderLife.TestCase
