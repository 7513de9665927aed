"""Small cards in memory, and the tray they lie in: the Cards port without files."""

import threading
from collections.abc import Callable, Mapping

from mynabox.terminal.connection import CardRemoved

ATR = bytes.fromhex("3BE000FF8131FE4514")


class SmallCard:
    """Echoes (80 E0), reads (00 B0), counts (80 C0), sleeps until told (80 51),
    remembers a password while powered (80 20, asked by 80 21)."""

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.count = 0
        self.resets: list[str] = []
        self.powered = 0
        self.busy = threading.Event()
        self.go_on = threading.Event()
        self.overlap = False
        self._inside = threading.Lock()


class SmallConnection:
    def __init__(self, card: SmallCard, present: Callable[[], bool]) -> None:
        self._card = card
        self._present = present
        self._open = True
        self._verified = False
        card.powered += 1

    @property
    def atr(self) -> bytes:
        return ATR

    def transmit(self, command: bytes) -> bytes:
        card = self._card
        if not self._present() or not self._open:
            raise CardRemoved
        if not card._inside.acquire(blocking=False):
            card.overlap = True
            return b"\x6f\x01"
        try:
            return self._answer(command)
        finally:
            card._inside.release()

    def _answer(self, command: bytes) -> bytes:
        card = self._card
        match command[:2]:
            case b"\x80\xe0":
                return command[5:] + b"\x90\x00"
            case b"\x00\xb0":
                size = int.from_bytes(command[-2:], "big") or 0x10000
                return bytes(i & 0xFF for i in range(size)) + b"\x90\x00"
            case b"\x80\xc0":
                card.count += 1
                return card.count.to_bytes(4, "big") + b"\x90\x00"
            case b"\x80\x51":
                card.busy.set()
                card.go_on.wait(20)
                return b"\x90\x00"
            case b"\x80\x20":
                self._verified = True
                return b"\x90\x00"
            case b"\x80\x21":
                return b"\x90\x00" if self._verified else b"\x69\x82"
            case b"\x80\xff":
                raise ZeroDivisionError
            case _:
                return b"\x6d\x00"

    def reset(self, *, cold: bool = False) -> None:
        if not self._present():
            raise CardRemoved
        self._card.resets.append("cold" if cold else "warm")
        if cold:
            self._verified = False

    def close(self) -> None:
        if self._open:
            self._open = False
            self._card.powered -= 1


class SmallTray:
    """The Cards port over small cards in memory."""

    def __init__(self, slots: int = 1) -> None:
        self.cards: dict[str, SmallCard] = {}
        self._slots: list[str | None] = [None] * slots
        self._stays = [0] * slots

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes = b"",
        tries: Mapping[str, int] | None = None,
        issuer_tries: int = 0,
        profile: str | None = None,
    ) -> None:
        self.cards[serial] = SmallCard(serial)

    def connect(self, serial: str) -> SmallConnection:
        card = self.cards[serial]
        slot = self._slots.index(serial)
        stay = self._stays[slot]
        return SmallConnection(
            card, lambda: self._slots[slot] == serial and self._stays[slot] == stay
        )

    def tray(self) -> tuple[str | None, ...]:
        return tuple(self._slots)

    def insert(self, serial: str, slot: int = 0) -> None:
        self._stays[slot] += 1
        self._slots[slot] = serial

    def eject(self, slot: int = 0) -> None:
        self._stays[slot] += 1
        self._slots[slot] = None
