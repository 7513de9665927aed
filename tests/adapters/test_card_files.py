"""A chip in its file: sealed, whole, shared and taken away."""

import gc
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mynabox.adapters.cards import CardFileDamaged, CardFiles, InProcess
from mynabox.adapters.randomness import SeededRandom
from mynabox.ports import Cards
from mynabox.terminal.connection import CardRemoved, Connection
from mynabox.terminal.errors import PinLocked, WrongPin
from mynabox.terminal.issuer import CardSecret, IssuerSession
from mynabox.terminal.jpki import JpkiSession, Kind

SERIAL, OTHER = "9000330000000017", "9000330000000025"
BOX_KEY, ISSUER_KEY = bytes(range(32)), hashlib.sha256(b"issuer").digest()
PIN, WRONG = "1234", "4321"
TRIES = {
    "authentication": 3,
    "signature": 5,
    "juki": 3,
    "input_support": 3,
    "number_a": 10,
    "number_b": 10,
}


def files(home: Path, *, key: bytes = BOX_KEY, slots: int = 2) -> CardFiles:
    return CardFiles(home, key=key, random=SeededRandom("cards"), slots=slots)


def issue(cards: CardFiles, serial: str = SERIAL) -> None:
    cards.make(serial, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
    connection = cards.connect(serial)
    session = IssuerSession(
        connection, key=ISSUER_KEY, serial=serial, random=SeededRandom("issuer")
    )
    session.authenticate()
    session.set_pin(CardSecret.AUTHENTICATION, PIN)
    connection.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    issue(files(tmp_path))
    return tmp_path


@pytest.fixture
def cards(home: Path) -> CardFiles:
    return files(home)


def tries(cards: CardFiles) -> int:
    connection = cards.connect(SERIAL)
    try:
        return JpkiSession(connection).tries_left(Kind.AUTHENTICATION)
    finally:
        connection.close()


def wrong(session: JpkiSession) -> int:
    with pytest.raises(WrongPin) as error:
        session.verify(Kind.AUTHENTICATION, WRONG, last_try=True)
    return error.value.tries_left


def test_they_are_the_cards_of_the_ports(cards: CardFiles) -> None:
    as_port: Cards = cards
    connection: Connection = as_port.connect(SERIAL)
    assert connection.atr.hex() == "3be000ff8131fe4514"


# Sealed


def test_nothing_of_a_chip_lies_open(home: Path) -> None:
    (path,) = home.glob("cards/*.card")
    assert path.name == f"{SERIAL}.card"
    raw = path.read_bytes()
    for secret in (PIN.encode(), ISSUER_KEY, ISSUER_KEY.hex().encode(), b"JPKIAPICC"):
        assert secret not in raw
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not list(home.glob("cards/*.new"))


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "head only": lambda raw: raw[:20],
    "torn in the nonce": lambda raw: raw[:25],
    "torn after the nonce": lambda raw: raw[:32],
    "torn in the middle": lambda raw: raw[: len(raw) // 2],
    "last byte gone": lambda raw: raw[:-1],
    "a byte more": lambda raw: raw + b"\0",
    "a bit flipped": lambda raw: raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:],
    "another nonce": lambda raw: raw[:20] + bytes(12) + raw[32:],
    "another program's": lambda raw: b"\x89PNG\r\n" + raw,
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_damaged_file_is_refused_and_left_as_it_is(
    home: Path, cards: CardFiles, spoil: Callable[[bytes], bytes]
) -> None:
    path = home / "cards" / f"{SERIAL}.card"
    powered = cards.connect(SERIAL)
    good = path.read_bytes()
    path.write_bytes(spoil(good))
    for attempt in (
        lambda: cards.connect(SERIAL),
        lambda: issue(cards),
        lambda: powered.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")),
        lambda: powered.reset(),
        lambda: powered.reset(cold=True),
    ):
        with pytest.raises(CardFileDamaged, match=r"17\.card .*left as it is: put a"):
            attempt()
    assert path.read_bytes() == spoil(good)
    path.write_bytes(good)
    assert JpkiSession(powered).tries_left(Kind.AUTHENTICATION) == 3
    assert tries(cards) == 3


def test_a_card_is_no_other_card_and_no_other_boxs(home: Path) -> None:
    mine = home / "cards" / f"{SERIAL}.card"
    (home / "cards" / f"{OTHER}.card").write_bytes(mine.read_bytes())
    with pytest.raises(CardFileDamaged, match="another box's or card's"):
        files(home).connect(OTHER)
    with pytest.raises(CardFileDamaged, match="another box's or card's"):
        files(home, key=bytes(32)).connect(SERIAL)


def test_every_write_seals_anew(home: Path, cards: CardFiles) -> None:
    path, seen = home / "cards" / f"{SERIAL}.card", set()
    for _ in range(3):
        issue(cards)
        seen.add(path.read_bytes()[:32])
    assert len(seen) == 3


# Remembered


def test_a_try_outlives_the_power(home: Path, cards: CardFiles) -> None:
    for left in (2, 1, 0):
        assert wrong(JpkiSession(cards.connect(SERIAL))) == left
        assert tries(files(home)) == left
    with pytest.raises(PinLocked):
        JpkiSession(cards.connect(SERIAL)).verify(Kind.AUTHENTICATION, PIN)


def test_making_a_card_again_starts_it_anew(cards: CardFiles) -> None:
    old = cards.connect(SERIAL)
    session = JpkiSession(old)
    session.verify(Kind.AUTHENTICATION, PIN)
    cards.make(SERIAL, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
    assert session.tries_left(Kind.AUTHENTICATION) == 0  # blank: no PIN is set
    assert tries(cards) == 0


def test_the_limits_are_those_that_were_asked_for(cards: CardFiles) -> None:
    cards.make(
        OTHER,
        issuer_key=ISSUER_KEY,
        tries={**TRIES, "authentication": 7},
        issuer_tries=1,
    )
    connection = cards.connect(OTHER)
    session = IssuerSession(
        connection, key=ISSUER_KEY, serial=OTHER, random=SeededRandom(1)
    )
    session.authenticate()
    session.set_pin(CardSecret.AUTHENTICATION, PIN)
    assert JpkiSession(connection).tries_left(Kind.AUTHENTICATION) == 7


@pytest.mark.parametrize(
    "serial", ["", "1", "90003300000000170", "../../../etc/x", "９" * 16]
)
def test_a_serial_is_sixteen_digits(cards: CardFiles, home: Path, serial: str) -> None:
    with pytest.raises(ValueError, match="16 ASCII digits"):
        cards.make(serial, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
    with pytest.raises(KeyError):
        cards.connect(serial)
    with pytest.raises(KeyError):
        cards.insert(serial)
    assert len(list(home.glob("**/*.card"))) == 1


# Shared


def test_two_connections_see_each_others_tries(cards: CardFiles) -> None:
    reader = JpkiSession(cards.connect(SERIAL))
    counter = JpkiSession(cards.connect(SERIAL))
    assert wrong(reader) == 2
    assert counter.tries_left(Kind.AUTHENTICATION) == 2
    assert wrong(counter) == 1
    counter.verify(Kind.AUTHENTICATION, PIN, last_try=True)
    assert reader.tries_left(Kind.AUTHENTICATION) == 3


def test_a_pin_set_at_the_counter_counts_in_the_reader(cards: CardFiles) -> None:
    reader = JpkiSession(cards.connect(SERIAL))
    reader.verify(Kind.AUTHENTICATION, PIN)
    counter = JpkiSession(cards.connect(SERIAL))
    counter.change_pin(Kind.AUTHENTICATION, old=PIN, new="2468")
    assert wrong(reader) == 2  # for WRONG
    reader.verify(Kind.AUTHENTICATION, "2468")


def test_threads_share_a_connection(cards: CardFiles) -> None:
    cards.make(OTHER, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
    connection = cards.connect(OTHER)
    challenge = bytes.fromhex("0084000008")
    answers: list[bytes] = []

    def ask() -> None:
        answers.extend(connection.transmit(challenge) for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer[:-2] for answer in answers}) == 200
    assert {answer[-2:].hex() for answer in answers} == {"9000"}


def test_a_lock_file_taken_away_parts_nobody(home: Path, cards: CardFiles) -> None:
    reader = JpkiSession(powered := cards.connect(SERIAL))
    assert wrong(reader) == 2
    for lock in home.glob("cards/*.lock*"):
        lock.unlink()
    assert wrong(JpkiSession(cards.connect(SERIAL))) == 1
    assert reader.tries_left(Kind.AUTHENTICATION) == 1
    locks = {path: path.stat().st_ino for path in home.glob("cards/*.lock")}
    powered.transmit(b"\0\x84\0\0\x08")
    assert {path: path.stat().st_ino for path in home.glob("cards/*.lock")} == locks


def test_a_folder_in_place_of_another_is_seen(home: Path, cards: CardFiles) -> None:
    """A restored backup: the powered card goes on with what lies there now."""
    folder, aside = home / "cards", home / "aside"
    shutil.copytree(folder, aside)
    reader = JpkiSession(cards.connect(SERIAL))
    assert wrong(reader) == 2
    folder.rename(home / "before")
    aside.rename(folder)
    assert reader.tries_left(Kind.AUTHENTICATION) == 3
    assert wrong(reader) == 2
    assert tries(cards) == 2


def test_a_file_of_the_same_size_put_back_is_seen(home: Path, cards: CardFiles) -> None:
    path = home / "cards" / f"{SERIAL}.card"
    fresh, when = path.read_bytes(), path.stat()
    reader = JpkiSession(cards.connect(SERIAL))
    assert wrong(reader) == 2
    (home / "copy").write_bytes(fresh)
    os.utime(home / "copy", ns=(when.st_atime_ns, when.st_mtime_ns))
    (home / "copy").rename(path)
    assert reader.tries_left(Kind.AUTHENTICATION) == 3


def test_nothing_stays_open(cards: CardFiles) -> None:
    """Neither of cards powered and let go of, nor of those only looked at."""
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        connection = cards.connect(SERIAL)
        wrong(JpkiSession(connection))
        connection.close()
        cards.make(SERIAL, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
        issue(cards)
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# Written or not


def test_a_chip_whose_memory_fails_says_so_and_recovers(
    home: Path, cards: CardFiles
) -> None:
    session = JpkiSession(connection := cards.connect(SERIAL))
    verify = bytes.fromhex("0020008004") + WRONG.encode()
    assert session.tries_left(Kind.AUTHENTICATION) == 3
    in_the_way = home / "cards" / f"{SERIAL}.new"
    in_the_way.mkdir()
    assert connection.transmit(verify).hex() == "6581"
    assert tries(cards) == 3
    in_the_way.rmdir()
    assert wrong(JpkiSession(connection)) == 2
    assert tries(cards) == 2


def test_a_rest_of_a_killed_write_is_no_hindrance(home: Path, cards: CardFiles) -> None:
    (home / "cards" / f"{SERIAL}.new").write_bytes(b"half a card" * 9000)
    assert wrong(JpkiSession(cards.connect(SERIAL))) == 2
    assert tries(cards) == 2


# Taken away


def test_a_card_that_is_gone_is_removed(home: Path, cards: CardFiles) -> None:
    connection = cards.connect(SERIAL)
    (home / "cards" / f"{SERIAL}.card").unlink()
    for attempt in (
        lambda: connection.transmit(b"\0\x84\0\0\x08"),
        connection.reset,
        lambda: connection.reset(cold=True),
        lambda: connection.atr,
    ):
        with pytest.raises(CardRemoved):
            attempt()
    with pytest.raises(KeyError):
        cards.connect(SERIAL)
    connection.close()


def test_a_closed_connection_has_no_card(cards: CardFiles) -> None:
    connection = cards.connect(SERIAL)
    connection.close()
    connection.close()
    with pytest.raises(CardRemoved):
        connection.transmit(b"\0\x84\0\0\x08")


@pytest.mark.parametrize("cold", [True, False])
def test_a_reset_begins_again(cards: CardFiles, cold: bool) -> None:
    connection = cards.connect(SERIAL)
    session = JpkiSession(connection)
    session.verify(Kind.AUTHENTICATION, PIN)
    connection.reset(cold=cold)
    assert connection.atr.hex() == "3be000ff8131fe4514"
    # No file is current any more.
    assert connection.transmit(bytes.fromhex("00200080"))[-2:] != b"\x63\xc3"


# The readers


def test_a_card_lies_in_one_reader_at_a_time(home: Path, cards: CardFiles) -> None:
    issue(cards, OTHER)
    served = files(home)
    assert served.tray() == (None, None)
    cards.insert(SERIAL)
    assert served.tray() == (SERIAL, None)
    cards.insert(OTHER, slot=1)
    assert served.tray() == (SERIAL, OTHER)
    cards.insert(SERIAL, slot=1)
    assert served.tray() == (None, SERIAL)
    cards.insert(SERIAL, slot=1)
    cards.eject(0)
    assert served.tray() == (None, SERIAL)
    cards.eject(1)
    assert served.tray() == (None, None)


def test_there_are_only_so_many_readers(home: Path, cards: CardFiles) -> None:
    one = files(home, slots=1)
    assert one.tray() == (None,)
    for slot in (1, -1):
        with pytest.raises(IndexError, match="no reader"):
            one.insert(SERIAL, slot)
        with pytest.raises(IndexError, match="no reader"):
            one.eject(slot)
    with pytest.raises(KeyError):
        one.insert(OTHER)
    assert one.tray() == (None,)


def test_a_tray_that_names_no_card_says_so(home: Path, cards: CardFiles) -> None:
    cards.insert(SERIAL)
    (home / "tray" / "0").write_text("my card")
    with pytest.raises(CardFileDamaged, match=r"tray/0 names no card: take the file"):
        cards.tray()
    assert (home / "tray" / "0").read_text() == "my card"


def test_the_trace_hides_the_pin(home: Path) -> None:
    lines: list[str] = []
    cards = CardFiles(home, key=BOX_KEY, random=SeededRandom(2), trace=lines.append)
    JpkiSession(cards.connect(SERIAL)).verify(Kind.AUTHENTICATION, PIN)
    assert any("masked" in line for line in lines)
    assert not any(PIN.encode().hex(" ") in line for line in lines)


def test_in_process_is_what_connect_gives(cards: CardFiles) -> None:
    assert isinstance(cards.connect(SERIAL), InProcess)
