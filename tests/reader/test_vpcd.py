"""The card's side of vpcd, against a reader's side that speaks as the driver does."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.reader.vpcd import PORT, Frames, VpcdClient, framed
from mynabox.terminal.connection import CardRemoved
from tests.reader.small_cards import ATR as CARD_ATR
from tests.reader.small_cards import SmallCard, SmallConnection, SmallTray
from tests.reader.small_vpcd import (
    ATR,
    OFF,
    ON,
    RESET,
    Cut,
    HungUp,
    SmallVpcd,
    as_version_3_3,
    by_the_byte,
    whole,
)
from tests.reader.torture_rounds import descriptors_open

QUICK: dict[str, Any] = {"look": 0.005, "empty": 0.02, "again": 0.02}
ECHO = bytes.fromhex("80E0000003010203")
COUNT = bytes.fromhex("80C00000")
UNLOCK, UNLOCKED = bytes.fromhex("80200000"), bytes.fromhex("80210000")
YES, NO = b"\x90\x00", b"\x69\x82"


class Notes:
    """A log that remembers."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def info(self, event: str, /, **facts: object) -> None:
        self.events.append(event)

    warning = info


@pytest.fixture
def vpcd() -> Iterator[SmallVpcd]:
    with SmallVpcd() as vpcd:
        yield vpcd


@pytest.fixture
def client(tray: SmallTray, vpcd: SmallVpcd) -> Iterator[VpcdClient]:
    with VpcdClient(tray, port=vpcd.port, **QUICK) as client:
        yield client


@pytest.fixture
def inserted(client: VpcdClient, vpcd: SmallVpcd) -> SmallVpcd:
    """A vpcd that has the card "A" and has powered it up."""
    assert vpcd.accept()
    assert vpcd.present()
    vpcd.send(ON)
    return vpcd


# -- messages ---------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.data())
def test_messages_survive_any_cut(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(framed(message) for message in messages)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    frames, got = Frames(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames.feed(stream[start:end])
        while (message := frames.next()) is not None:
            got.append(message)
    assert got == messages
    assert not frames.unfinished


def test_the_longest_message() -> None:
    frames = Frames()
    frames.feed(framed(bytes(0xFFFF)))
    assert frames.next() == bytes(0xFFFF)


def test_the_ports_of_further_readers(tray: SmallTray) -> None:
    assert VpcdClient(tray, 1)._address == ("127.0.0.1", PORT + 1)


# -- orders and commands ----------------------------------------------------------


@pytest.mark.parametrize("cut", [whole, as_version_3_3, by_the_byte])
def test_a_conversation(tray: SmallTray, cut: Cut) -> None:
    with (
        SmallVpcd(cut=cut) as vpcd,
        VpcdClient(tray, port=vpcd.port, **QUICK),
    ):
        assert vpcd.accept()
        assert vpcd.ask(ATR) == CARD_ATR
        vpcd.send(ON)
        assert vpcd.ask(ECHO) == b"\x01\x02\x03\x90\x00"
        assert [vpcd.ask(COUNT)[3] for _ in range(3)] == [1, 2, 3]
        assert len(vpcd.ask(bytes.fromhex("00B00000000FA0"))) == 4002


def test_several_messages_in_one_piece(inserted: SmallVpcd) -> None:
    inserted.card.sendall(framed(ON) + framed(ATR) + framed(ECHO) + framed(ATR))
    assert [inserted.receive() for _ in range(3)] == [
        CARD_ATR,
        b"\x01\x02\x03\x90\x00",
        CARD_ATR,
    ]


def test_an_answer_too_long_for_the_protocol(inserted: SmallVpcd) -> None:
    assert inserted.ask(bytes.fromhex("00B00000000000")) == b"\x67\x00"


@pytest.mark.parametrize(
    ("orders", "still_unlocked"),
    [
        ([], True),
        ([ATR], True),
        ([ON], True),
        ([RESET], True),
        ([OFF], False),
        ([OFF, ON], False),
        ([OFF, ATR, ON], False),
    ],
)
def test_what_the_card_remembers(
    inserted: SmallVpcd, orders: list[bytes], still_unlocked: bool
) -> None:
    assert inserted.ask(UNLOCK) == YES
    for order in orders:
        inserted.send(order)
        if order == ATR:
            assert inserted.receive() == CARD_ATR
    assert inserted.ask(UNLOCKED) == (YES if still_unlocked else NO)


def test_a_reset_is_a_warm_one(inserted: SmallVpcd, tray: SmallTray) -> None:
    inserted.send(RESET)
    assert inserted.present()
    assert tray.cards["A"].resets == ["warm"]


def test_looking_for_the_card_does_not_trouble_it(
    inserted: SmallVpcd, tray: SmallTray
) -> None:
    """pcscd asks for the answer to reset all day long, also of a card without power."""
    inserted.send(OFF)
    for _ in range(100):
        assert inserted.present()
    assert tray.cards["A"].powered == 0


# -- coming and going -------------------------------------------------------------


def test_no_card_no_connection(tray: SmallTray, vpcd: SmallVpcd) -> None:
    tray.eject()
    with VpcdClient(tray, port=vpcd.port, **QUICK) as client:
        assert not vpcd.accept(0.1)
        assert not client.connected
        tray.insert("B")
        client.notice()
        assert vpcd.accept()
        assert vpcd.present()


def test_a_card_taken_out(
    inserted: SmallVpcd, tray: SmallTray, client: VpcdClient
) -> None:
    tray.eject()
    client.notice()
    with pytest.raises(HungUp):
        inserted.receive()
    assert not inserted.accept(0.1)
    assert tray.cards["A"].powered == 0


def test_a_card_taken_out_during_a_command(
    inserted: SmallVpcd, tray: SmallTray
) -> None:
    card = tray.cards["A"]
    inserted.send(bytes.fromhex("80510000"))
    assert card.busy.wait(10)
    tray.eject()
    card.go_on.set()
    assert inserted.receive() == YES
    with pytest.raises(HungUp):
        inserted.receive()


def test_a_command_for_a_card_just_taken_out(tray: SmallTray, vpcd: SmallVpcd) -> None:
    """The look at the tray is still to come when the command arrives."""
    with VpcdClient(tray, port=vpcd.port, look=5, empty=0.02):
        assert vpcd.accept()
        assert vpcd.present()
        tray.eject()
        vpcd.send(ECHO)
        with pytest.raises(HungUp):
            vpcd.receive()
    assert tray.cards["A"].powered == 0


def test_another_card_is_a_new_card(tray: SmallTray, vpcd: SmallVpcd) -> None:
    """Between two cards the reader is empty long enough for pcscd to see it."""
    with VpcdClient(tray, port=vpcd.port, look=0.005, empty=0.3) as client:
        assert vpcd.accept()
        assert vpcd.ask(UNLOCK) == YES
        tray.insert("B")
        client.notice()
        with pytest.raises(HungUp):
            vpcd.receive()
        gone = time.monotonic()
        assert vpcd.accept()
        assert time.monotonic() - gone > 0.25
        assert vpcd.ask(UNLOCKED) == NO
        assert tray.cards["B"].powered == 1


def test_pcscd_started_later_and_again(tray: SmallTray) -> None:
    with SmallVpcd() as first:
        port = first.port
    notes = Notes()
    with VpcdClient(tray, port=port, log=notes, **QUICK) as client:
        while "vpcd is not there" not in notes.events:
            time.sleep(0.005)
        for _ in range(2):
            with SmallVpcd(port) as vpcd:
                assert vpcd.accept()
                assert vpcd.ask(UNLOCKED) == NO
                assert client.connected
                assert vpcd.ask(UNLOCK) == YES
    assert notes.events.count("vpcd is not there") <= 3


def test_stopping_takes_the_card_out(tray: SmallTray, vpcd: SmallVpcd) -> None:
    client = VpcdClient(tray, port=vpcd.port)
    client.start()
    with pytest.raises(RuntimeError):
        client.start()
    assert vpcd.accept()
    assert vpcd.present()
    client.stop()
    client.stop()
    client.notice()
    with pytest.raises(HungUp):
        vpcd.receive()
    assert tray.cards["A"].powered == 0
    with client:
        assert vpcd.accept()


# -- what goes wrong --------------------------------------------------------------


@pytest.mark.parametrize("nonsense", [b"\x00\x00", b"\x00\x05\x00"])
def test_nonsense_ends_the_conversation(
    tray: SmallTray, vpcd: SmallVpcd, nonsense: bytes
) -> None:
    """An empty message, and one that never ends; the card comes again after it."""
    with VpcdClient(tray, port=vpcd.port, patience=0.1, **QUICK):
        assert vpcd.accept()
        vpcd.card.sendall(nonsense)
        with pytest.raises(HungUp):
            vpcd.receive()
        vpcd.hang_up()
        assert vpcd.accept()
        assert vpcd.present()


def test_a_card_that_breaks_down_is_laid_in_again(inserted: SmallVpcd) -> None:
    inserted.send(bytes.fromhex("80FF0000"))
    with pytest.raises(HungUp):
        inserted.receive()
    assert inserted.accept()
    assert inserted.ask(ECHO) == b"\x01\x02\x03\x90\x00"


class Moody(SmallTray):
    """A tray whose card answers only when it likes to, and that can be unreadable."""

    mute = True
    torn = False

    def connect(self, serial: str) -> SmallConnection:
        if self.mute:
            raise ValueError("the file is torn")
        return super().connect(serial)

    def tray(self) -> tuple[str | None, ...]:
        if self.torn:
            raise ValueError("the tray is torn")
        return super().tray()


@pytest.fixture
def moody() -> Moody:
    tray = Moody()
    tray.make("A")
    tray.insert("A")
    return tray


def test_a_mute_card_is_not_shown(moody: Moody, vpcd: SmallVpcd) -> None:
    with VpcdClient(moody, port=vpcd.port, **QUICK):
        assert not vpcd.accept(0.1)
        moody.mute = False
        assert vpcd.accept()
        assert vpcd.present()


def test_a_card_falling_mute_at_reset(moody: Moody, vpcd: SmallVpcd) -> None:
    moody.mute = False
    with VpcdClient(moody, port=vpcd.port, **QUICK):
        assert vpcd.accept()
        assert vpcd.present()
        vpcd.send(OFF)
        assert vpcd.present()
        moody.mute = True
        vpcd.send(ON)
        assert not vpcd.present()
        assert not vpcd.accept(0.1)


def test_a_card_stays_while_the_tray_cannot_be_read(
    moody: Moody, vpcd: SmallVpcd
) -> None:
    moody.mute = False
    notes = Notes()
    with VpcdClient(moody, port=vpcd.port, log=notes, **QUICK):
        assert vpcd.accept()
        moody.torn = True
        while "tray unreadable" not in notes.events:
            assert vpcd.present()
        assert vpcd.ask(ECHO) == b"\x01\x02\x03\x90\x00"
        assert notes.events.count("tray unreadable") == 1


class Fleeting(SmallTray):
    """A tray whose card is gone whenever somebody takes hold of it."""

    tries = 0

    def connect(self, serial: str) -> SmallConnection:
        self.tries += 1
        raise CardRemoved


def test_a_card_that_is_always_gone(vpcd: SmallVpcd) -> None:
    tray = Fleeting()
    tray.make("A")
    tray.insert("A")
    with VpcdClient(tray, port=vpcd.port, **QUICK):
        assert not vpcd.accept(0.1)
    assert 2 < tray.tries < 30


# -- time and waste ---------------------------------------------------------------


def test_no_forty_milliseconds_with_version_3_3(tray: SmallTray) -> None:
    """Length and body by themselves, and Nagle's algorithm at work as in vpcd: the body
    waits for the receipt of the length."""
    with (
        SmallVpcd(cut=as_version_3_3) as vpcd,
        VpcdClient(tray, port=vpcd.port),
    ):
        assert vpcd.accept()
        vpcd.card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        taken = []
        for _ in range(200):
            start = time.perf_counter()
            assert vpcd.ask(ECHO) == b"\x01\x02\x03\x90\x00"
            taken.append(time.perf_counter() - start)
    assert statistics.median(taken) < 0.005


def test_two_hundred_rounds_leave_nothing(tray: SmallTray, vpcd: SmallVpcd) -> None:
    def one_round(number: int, client: VpcdClient) -> None:
        tray.insert("AB"[number % 2])
        client.notice()
        assert vpcd.accept()
        assert vpcd.ask(UNLOCKED) == NO
        assert vpcd.ask(UNLOCK) == YES
        tray.eject()
        if number % 3:
            client.notice()
            with pytest.raises(HungUp):
                vpcd.receive()
        vpcd.hang_up()

    tray.eject()
    with VpcdClient(tray, port=vpcd.port, look=0.005, empty=0, again=0.005) as client:
        one_round(0, client)
        descriptors, threads = descriptors_open(), threading.active_count()
        for number in range(200):
            one_round(number, client)
        assert descriptors_open() <= descriptors
        assert threading.active_count() <= threads
    assert [card.powered for card in tray.cards.values()] == [0, 0]


def test_the_card_is_asked_one_thing_at_a_time(
    inserted: SmallVpcd, tray: SmallTray
) -> None:
    card: SmallCard = tray.cards["A"]
    inserted.card.sendall(b"".join(framed(COUNT) for _ in range(50)))
    counts = [int.from_bytes(inserted.receive()[:4], "big") for _ in range(50)]
    assert counts == list(range(1, 51))
    assert not card.overlap
