"""Several programs at one reader, and what happens to the others."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from mynabox.reader.daemon import ReaderDaemon

READER = "mynabox virtual reader 00 00"
OK = "SCARD_S_SUCCESS"
VIOLATION = "SCARD_E_SHARING_VIOLATION"
SHARED, EXCLUSIVE, DIRECT = 2, 1, 3
LEAVE, RESET, UNPOWER = 0, 1, 2
UNAWARE, CHANGED, EMPTY, CARD, IN_USE = 0, 2, 0x10, 0x20, 0x100
EXCLUSIVELY = 0x80

Start = Callable[[], Any]


def flags(answer: Any) -> int:
    code, states = answer
    assert code == OK
    return int(states[READER]) & 0xFFFF


def counter(answer: Any) -> int:
    return int(answer[1][READER]) >> 16


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (SHARED, SHARED, OK),
        (SHARED, DIRECT, OK),
        (DIRECT, SHARED, OK),
        (SHARED, EXCLUSIVE, VIOLATION),
        (DIRECT, EXCLUSIVE, VIOLATION),
        (EXCLUSIVE, SHARED, VIOLATION),
        (EXCLUSIVE, DIRECT, VIOLATION),
        (EXCLUSIVE, EXCLUSIVE, VIOLATION),
    ],
)
def test_share_modes(program: Start, first: int, second: int, code: str) -> None:
    one, two = program(), program()
    handle = one.connect(READER, first)
    assert two.call("connect", READER, second, 3)[0] == code
    assert one.call("disconnect", handle) == [OK]
    if code != OK:
        assert two.call("connect", READER, second, 3)[0] == OK


def test_both_use_one_verified_card(program: Start) -> None:
    """As with a genuine card, a password verified by one program serves the other."""
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    assert two.call("transmit", yours, "80210000")[1] == "6982"
    one.call("transmit", mine, "80200000")
    assert two.call("transmit", yours, "80210000")[1] == "9000"


@pytest.mark.parametrize("call", ["transmit", "status", "reconnect", "begin"])
def test_a_transaction_makes_others_wait(program: Start, call: str) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    assert one.call("begin", mine) == [OK]
    arguments: dict[str, list[Any]] = {
        "transmit": ["80E0000000"],
        "reconnect": [SHARED, 3, LEAVE],
    }
    two.ask(call, yours, *arguments.get(call, []))
    assert two.is_waiting(0.7)
    assert one.call("transmit", mine, "80E0000000") == [OK, "9000", 2]
    assert one.call("end", mine) == [OK]
    assert two.told(2)[0] == OK


def test_a_transaction_makes_newcomers_wait(program: Start) -> None:
    one, two = program(), program()
    mine = one.connect(READER)
    one.call("begin", mine)
    two.ask("connect", READER, SHARED, 3)
    assert two.is_waiting()
    one.call("end", mine)
    assert two.told(1)[0] == OK


def test_a_newcomer_that_waited_hears_of_exclusive_use(program: Start) -> None:
    one, two = program(), program()
    mine = one.connect(READER)
    one.call("begin", mine)
    two.ask("connect", READER, SHARED, 3)
    assert two.is_waiting()
    assert one.call("reconnect", mine, EXCLUSIVE, 3, LEAVE)[0] == OK
    assert two.told(1)[0] == VIOLATION


def test_leaving_with_a_reset_waits_for_a_transaction(
    program: Start, tray: Any
) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    one.call("begin", mine)
    two.ask("disconnect", yours, RESET)
    assert two.is_waiting()
    assert tray.cards["A"].resets == []
    one.call("end", mine)
    assert two.told(1) == [OK]
    assert tray.cards["A"].resets == ["warm"]
    assert one.call("status", mine)[0] == "SCARD_W_RESET_CARD"


def test_leaving_without_a_reset_waits_for_nobody(program: Start) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    one.call("begin", mine)
    assert two.call("disconnect", yours, LEAVE) == [OK]


def test_the_waiting_gets_the_card_at_once(program: Start) -> None:
    """No polling: the end of a transaction wakes who waits here."""
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    took = []
    for _ in range(5):
        one.call("begin", mine)
        two.ask("begin", yours)
        assert two.is_waiting(0.02)
        before = time.monotonic()
        one.ask("end", mine)
        assert two.told() == [OK]
        took.append(time.monotonic() - before)
        assert one.told() == [OK]
        two.call("end", yours)
    assert sorted(took)[2] < 0.05


def test_a_reset_is_news_to_others_until_they_reconnect(
    program: Start, tray: Any
) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    assert one.call("reconnect", mine, SHARED, 3, RESET)[0] == OK
    assert one.call("transmit", mine, "80E0000000")[0] == OK
    for call, *rest in (("status",), ("transmit", "80E0000000"), ("begin",), ("end",)):
        assert two.call(call, yours, *rest)[0] == "SCARD_W_RESET_CARD"
    assert two.call("get_attribute", yours, 0x00090303)[0] == "SCARD_W_RESET_CARD"
    assert two.call("reconnect", yours, SHARED, 3, LEAVE)[0] == OK
    assert two.call("transmit", yours, "80E0000000")[0] == OK
    assert tray.cards["A"].resets == ["warm"]


def test_a_card_powered_off_by_one_is_powered_on_for_the_other(
    program: Start, tray: Any
) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    assert one.call("disconnect", mine, UNPOWER) == [OK]
    assert tray.cards["A"].powered == 0
    assert two.call("transmit", yours, "80E0000000")[0] == "SCARD_W_RESET_CARD"
    assert two.call("reconnect", yours, SHARED, 3, LEAVE)[0] == OK
    assert two.call("transmit", yours, "80E0000000")[0] == OK
    assert tray.cards["A"].powered == 1


def test_commands_never_overlap_on_the_card(program: Start, tray: Any) -> None:
    programs = [program() for _ in range(4)]
    handles = [p.connect(READER) for p in programs]
    for each, handle in zip(programs, handles, strict=True):
        each.ask("repeat", 300, handle, "80C00000")
    for each in programs:
        each.told(30)
    assert tray.cards["A"].count == 1200
    assert not tray.cards["A"].overlap


def test_nobody_gets_in_between_two_commands_of_a_transaction(
    program: Start,
) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    two.ask("aside", "repeat", 200, yours, "80C00000")
    for _ in range(20):
        one.call("begin", mine)
        before = int(one.call("transmit", mine, "80C00000")[1][:8], 16)
        after = int(one.call("transmit", mine, "80C00000")[1][:8], 16)
        one.call("end", mine)
        assert after == before + 1
    two.told(60)


def test_a_slow_command_keeps_only_its_card_busy(
    program: Start, tray: Any, daemon: ReaderDaemon
) -> None:
    one, two = program(), program()
    mine = one.connect(READER)
    one.ask("transmit", mine, "80510000")
    assert tray.cards["A"].busy.wait(5)
    assert two.call("readers")[0] == OK
    assert flags(two.call("change", 0, {READER: UNAWARE})) & CARD
    tray.cards["A"].go_on.set()
    assert one.told()[0] == OK


def test_insertion_and_removal_are_told_at_once(program: Start, tray: Any) -> None:
    one = program()
    seen = one.call("change", 0, {READER: UNAWARE})
    assert flags(seen) == CHANGED | CARD
    one.ask("change", 5000, {READER: seen[1][READER]})
    assert one.is_waiting()
    tray.eject()
    gone = one.told(1)
    assert flags(gone) == CHANGED | EMPTY
    assert counter(gone) == counter(seen) + 1
    one.ask("change", 5000, {READER: gone[1][READER]})
    assert one.is_waiting()
    tray.insert("B")
    back = one.told(1)
    assert flags(back) == CHANGED | CARD
    assert counter(back) == counter(gone) + 1


def test_another_card_in_its_place_counts_twice(program: Start, tray: Any) -> None:
    one = program()
    handle = one.connect(READER)
    seen = one.call("change", 0, {READER: UNAWARE})
    one.ask("change", 5000, {READER: seen[1][READER]})
    assert one.is_waiting(0.1)
    tray.insert("B")
    now = one.told(2)
    assert flags(now) & CHANGED
    assert one.call("transmit", handle, "80E0000000")[0] == "SCARD_W_REMOVED_CARD"
    assert counter(one.call("change", 0, {READER: UNAWARE})) == counter(seen) + 2


def test_use_by_others_is_told(program: Start) -> None:
    one, two = program(), program()
    seen = one.call("change", 0, {READER: UNAWARE})
    handle = two.connect(READER)
    shared = one.call("change", 0, {READER: UNAWARE})
    assert flags(shared) == CHANGED | CARD | IN_USE
    two.call("reconnect", handle, EXCLUSIVE, 3, LEAVE)
    held = one.call("change", 1000, {READER: shared[1][READER]})
    assert flags(held) == CHANGED | CARD | EXCLUSIVELY
    two.call("disconnect", handle)
    free = one.call("change", 1000, {READER: held[1][READER]})
    assert flags(free) == CHANGED | CARD
    assert counter(free) == counter(seen)


def test_a_wait_ends_with_its_time(program: Start) -> None:
    one = program()
    seen = one.call("change", 0, {READER: UNAWARE})
    state = {READER: seen[1][READER] & ~CHANGED}
    before = time.monotonic()
    assert one.call("change", 300, state)[0] == "SCARD_E_TIMEOUT"
    assert 0.25 < time.monotonic() - before < 2
    assert one.call("readers")[0] == OK


def test_a_wait_is_cancelled(program: Start) -> None:
    one = program()
    seen = one.call("change", 0, {READER: UNAWARE})
    state = {READER: seen[1][READER] & ~CHANGED}
    for _ in range(3):
        one.ask("aside", "change", 20000, state)
        assert one.is_waiting()
        one.ask("cancel")
        answers = [one.told(2), one.told(2)]
        assert [OK] in answers
        assert "SCARD_E_CANCELLED" in [a[0] for a in answers]
    assert one.call("readers")[0] == OK


def test_a_removed_card_in_use(program: Start, tray: Any) -> None:
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    one.call("begin", mine)
    two.ask("begin", yours)
    assert two.is_waiting(0.1)
    tray.eject()
    assert two.told(2) == ["SCARD_W_REMOVED_CARD"]
    for call, *rest in (("status",), ("transmit", "80E0000000"), ("begin",), ("end",)):
        assert one.call(call, mine, *rest)[0] == "SCARD_W_REMOVED_CARD"
    assert one.call("reconnect", mine, SHARED, 3, RESET)[0] == "SCARD_E_NO_SMARTCARD"
    tray.insert("A")
    one.call("change", 2000, {READER: EMPTY})
    assert one.call("status", mine)[0] == "SCARD_W_REMOVED_CARD"
    assert one.call("reconnect", mine, SHARED, 3, LEAVE)[0] == OK
    assert one.call("transmit", mine, "80E0000000")[0] == OK
    assert two.call("disconnect", yours) == [OK]


def test_a_card_removed_under_a_command(program: Start, tray: Any, folder: Any) -> None:
    """The card itself says it is gone before the daemon has looked."""
    one = program()
    handle = one.connect(READER)
    tray.eject()
    assert one.call("transmit", handle, "80E0000000")[0] == "SCARD_W_REMOVED_CARD"
    assert flags(one.call("change", 0, {READER: UNAWARE})) & EMPTY


def test_a_mute_card(program: Start, tray: Any) -> None:
    tray.insert("C")
    one = program()
    one.call("change", 1000, {READER: CARD})
    seen = one.call("change", 0, {READER: UNAWARE})
    assert flags(seen) == CHANGED | CARD | 0x200
    assert one.call("connect", READER, SHARED, 3)[0] == "SCARD_W_UNRESPONSIVE_CARD"


def test_a_mute_card_is_tried_again(program: Start, tray: Any) -> None:
    tray.insert("C")
    one = program()
    one.call("change", 1000, {READER: CARD})
    seen = one.call("change", 0, {READER: UNAWARE})
    tray.make("C")
    answer = one.call("change", 5000, {READER: seen[1][READER]})
    assert flags(answer) == CHANGED | CARD
    assert one.connect(READER)


def test_a_card_not_in_use_is_powered_off(
    tray: Any, folder: Any, use: Callable[[ReaderDaemon], Any]
) -> None:
    """After a while without handles; it wakes without its secrets."""
    with ReaderDaemon(tray, folder / "s", look=0.005, idle=0.1) as daemon:
        one = use(daemon)
        handle = one.connect(READER)
        one.call("transmit", handle, "80200000")
        time.sleep(0.3)
        assert one.call("transmit", handle, "80210000")[1] == "9000"
        one.call("disconnect", handle)
        seen = one.call("change", 0, {READER: UNAWARE})
        assert tray.cards["A"].powered == 1
        deadline = time.monotonic() + 5
        while tray.cards["A"].powered and time.monotonic() < deadline:
            time.sleep(0.01)
        assert tray.cards["A"].powered == 0
        assert one.call("change", 0, {READER: UNAWARE}) == seen
        again = one.connect(READER)
        assert one.call("transmit", again, "80210000")[1] == "6982"
