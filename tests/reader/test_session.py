"""A session by itself: what it leaves behind, and whom it obeys."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from mynabox.reader import messages
from mynabox.reader.board import Board
from mynabox.reader.codes import Code, Wait
from mynabox.reader.messages import ReaderState
from mynabox.reader.session import Desk, Session
from mynabox.reader.slot import Slot
from tests.reader.small_cards import SmallTray

OK = Code.SCARD_S_SUCCESS


class Diary:
    """A log that is kept."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, /, **facts: object) -> None:
        self.entries.append((event, facts))

    def warning(self, event: str, /, **facts: object) -> None:
        self.entries.append((event, facts))


@dataclass
class Office:
    """A desk with one reader, without sockets."""

    tray: SmallTray
    board: Board = field(default_factory=Board)
    diary: Diary = field(default_factory=Diary)

    def __post_init__(self) -> None:
        slot = Slot(
            self.tray, name="R", number=0, publish=self.board.post, log=self.diary
        )
        self.desk = Desk(slots=(slot,), board=self.board, first_number=7)
        self.slot = slot
        self.look()

    def look(self) -> None:
        self.slot.look(self.tray.tray()[0], idle_limit=1000, mute_limit=1000)

    def session(
        self, wake: Callable[[], None] = lambda: None, user: int = 1000
    ) -> tuple[Session, int]:
        session = Session(self.desk, wake=wake, user=user)
        answer = session.answer(messages.Establish(2))
        return session, int.from_bytes(answer[4:8], "little")


@pytest.fixture
def office(tray: SmallTray) -> Office:
    return Office(tray)


def code(answer: bytes) -> Code:
    return Code(int.from_bytes(answer[-4:], "little"))


def connect(session: Session, context: int, mode: int = 2) -> int:
    answer = session.answer(messages.Connect(context, "R", mode, 3))
    assert code(answer) is OK
    return int.from_bytes(answer[-12:-8], "little")


def test_a_closed_session_has_given_its_numbers_back(office: Office) -> None:
    session, context = office.session()
    connect(session, context)
    refused = session.answer(messages.Connect(context, "R", 1, 3))
    assert code(refused) is Code.SCARD_E_SHARING_VIOLATION
    assert office.desk.contexts
    session.close()
    assert not office.desk.contexts
    assert not office.desk.handles


def test_a_closed_session_is_called_no_more(office: Office) -> None:
    calls: list[str] = []
    session, _ = office.session(wake=lambda: calls.append("wake"))
    session.answer(messages.WaitForChange())
    session.close()
    office.tray.eject()
    office.look()
    assert calls == []


def test_a_change_is_told_once(office: Office) -> None:
    calls: list[str] = []
    session, _ = office.session(wake=lambda: calls.append("wake"))
    states = session.answer(messages.WaitForChange())
    assert len(states) == 16 * 184
    assert session.notice() == b""
    office.tray.eject()
    office.look()
    office.tray.insert("A")
    office.look()
    assert calls == ["wake"]
    assert session.answer(messages.StopWaiting()) == b""
    assert session.notice() == messages.notice(OK)
    assert session.notice() == b""


@pytest.mark.parametrize(
    ("user", "answer", "told"),
    [
        (1000, OK, messages.notice(Code.SCARD_E_CANCELLED)),
        (0, OK, messages.notice(Code.SCARD_E_CANCELLED)),
        (1001, Code.SCARD_E_INVALID_HANDLE, b""),
    ],
)
def test_only_the_same_user_cancels(
    office: Office, user: int, answer: Code, told: bytes
) -> None:
    waiting, context = office.session(user=1000)
    waiting.answer(messages.WaitForChange())
    other = Session(office.desk, wake=lambda: None, user=user)
    assert code(other.answer(messages.Cancel(context))) is answer
    assert waiting.notice() == told


def test_who_gives_up_waiting_lets_the_next_one_in(office: Office) -> None:
    (ann, a), (ben, b), (cid, c) = (office.session() for _ in range(3))
    handles = {s: connect(s, x) for s, x in ((ann, a), (ben, b), (cid, c))}
    assert code(ann.answer(messages.Begin(handles[ann]))) is OK
    for one in (ben, cid):
        with pytest.raises(Wait):
            one.answer(messages.Begin(handles[one]))
    given_up = ben.give_up(messages.Begin(handles[ben]))
    assert code(given_up) is Code.SCARD_E_SHARING_VIOLATION
    ann.answer(messages.End(handles[ann], 0))
    assert code(cid.answer(messages.Begin(handles[cid]))) is OK


def test_who_was_refused_while_waiting_waits_no_longer(office: Office) -> None:
    (ann, a), (ben, b) = (office.session() for _ in range(2))
    mine, yours = connect(ann, a), connect(ben, b)
    ann.answer(messages.Begin(mine))
    with pytest.raises(Wait):
        ben.answer(messages.Begin(yours))
    office.tray.eject()
    office.look()
    refused = ben.answer(messages.Begin(yours))
    assert code(refused) is Code.SCARD_W_REMOVED_CARD
    office.tray.insert("A")
    office.look()
    assert code(ann.answer(messages.Reconnect(mine, 2, 3, 0))) is OK
    assert code(ann.answer(messages.Begin(mine))) is OK


def test_numbers_are_positive_and_go_round(tray: SmallTray) -> None:
    office = Office(tray)
    office.desk.first_number = 0x7FFFFFFF - 2
    office.desk.__post_init__()
    numbers = [office.desk.new_handle() for _ in range(5)]
    assert numbers == [0x7FFFFFFE, 0x7FFFFFFF, 1, 2, 3]
    office.desk.forget_handle(2)
    assert office.desk.new_handle() == 4


def test_the_log_hears_of_cards_and_never_of_commands(office: Office) -> None:
    session, context = office.session()
    handle = connect(session, context)
    secret = bytes.fromhex("80200000") + b"1234"
    session.answer(messages.Transmit(handle, 2, 16, 3, 16, 300, secret))
    failing = bytes.fromhex("80FF0000") + b"1234"
    session.answer(messages.Transmit(handle, 2, 16, 3, 16, 300, failing))
    office.tray.eject()
    office.look()
    events = [event for event, _ in office.diary.entries]
    assert events == ["card inserted", "card failed", "card removed"]
    assert "1234" not in str(office.diary.entries)
    assert "31323334" not in str(office.diary.entries)


def test_a_state_that_stays_is_not_posted_again(office: Office) -> None:
    posted: list[ReaderState] = []

    def post(number: int, state: ReaderState) -> None:
        posted.append(state)

    slot = Slot(office.tray, name="S", number=1, publish=post, log=office.diary)
    for _ in range(5):
        slot.look("A", idle_limit=1000, mute_limit=1000)
    assert [state.flags for state in posted] == [0x02, 0x34]
