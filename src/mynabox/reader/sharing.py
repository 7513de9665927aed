"""Who may use a reader: share modes, transactions, and events not yet acknowledged.

The rules are two tables; an absent pair is refused. No clock, no thread, no card:
the caller holds the reader's lock.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final, Protocol

from mynabox.reader.codes import Code, Refused, Wait


class Owner(Protocol):
    """A client, with one question at a time."""

    def wake(self) -> None:
        """Let the client ask its question again."""
        ...


class Mode(IntEnum):
    """How a client wants the reader."""

    EXCLUSIVE = 1
    SHARED = 2
    DIRECT = 3
    """Shared, and even without a card."""


class Occupancy(Enum):
    """How the reader is used now."""

    FREE = auto()
    ALONE = auto()
    """One handle, open to others."""
    CROWD = auto()
    EXCLUSIVE = auto()


class Event(Enum):
    """What happened to the card and was not acknowledged by a reconnect."""

    RESET = Code.SCARD_W_RESET_CARD
    REMOVED = Code.SCARD_W_REMOVED_CARD


CONNECT: Final = {
    (Occupancy.FREE, Mode.SHARED): Occupancy.ALONE,
    (Occupancy.FREE, Mode.DIRECT): Occupancy.ALONE,
    (Occupancy.FREE, Mode.EXCLUSIVE): Occupancy.EXCLUSIVE,
    (Occupancy.ALONE, Mode.SHARED): Occupancy.CROWD,
    (Occupancy.ALONE, Mode.DIRECT): Occupancy.CROWD,
    (Occupancy.CROWD, Mode.SHARED): Occupancy.CROWD,
    (Occupancy.CROWD, Mode.DIRECT): Occupancy.CROWD,
}
"""What a new handle makes of the occupancy."""

RECONNECT: Final = {
    (Occupancy.ALONE, Mode.SHARED): Occupancy.ALONE,
    (Occupancy.ALONE, Mode.DIRECT): Occupancy.ALONE,
    (Occupancy.ALONE, Mode.EXCLUSIVE): Occupancy.EXCLUSIVE,
    (Occupancy.CROWD, Mode.SHARED): Occupancy.CROWD,
    (Occupancy.CROWD, Mode.DIRECT): Occupancy.CROWD,
    (Occupancy.EXCLUSIVE, Mode.SHARED): Occupancy.ALONE,
    (Occupancy.EXCLUSIVE, Mode.DIRECT): Occupancy.ALONE,
    (Occupancy.EXCLUSIVE, Mode.EXCLUSIVE): Occupancy.EXCLUSIVE,
}
"""What changing the mode of a handle makes of the occupancy."""

LOCK_PATIENCE: Final = 0.5
"""Seconds a begin waits here before the client is sent away to ask again. libpcsclite
asks again for ever, so this is only how long it goes without asking."""


@dataclass(slots=True)
class _Handle:
    owner: Owner
    event: Event | None = None


class Sharing:
    """The users of one reader."""

    def __init__(self) -> None:
        self._handles: dict[int, _Handle] = {}
        self._exclusive = False
        self._holder: int | None = None
        self._depth = 0
        self._queue: deque[Owner] = deque()

    @property
    def occupancy(self) -> Occupancy:
        """How the reader is used now."""
        if self._exclusive:
            return Occupancy.EXCLUSIVE
        match len(self._handles):
            case 0:
                return Occupancy.FREE
            case 1:
                return Occupancy.ALONE
            case _:
                return Occupancy.CROWD

    @property
    def users(self) -> int:
        """Open handles, or -1 in exclusive use: as clients are told."""
        return -1 if self._exclusive else len(self._handles)

    @property
    def handles(self) -> int:
        """Open handles."""
        return len(self._handles)

    @property
    def holder(self) -> int | None:
        """The handle that has the card for itself now."""
        return self._holder

    def admissible(self, mode: Mode) -> None:
        """Refuse a mode that the present use rules out."""
        if (self.occupancy, mode) not in CONNECT:
            raise Refused(Code.SCARD_E_SHARING_VIOLATION)

    def queue_up(self, owner: Owner, *, patience: float | None) -> None:
        """Come to the head of those who wait for the card, or :class:`Wait`."""
        if self._holder is not None and self._handles[self._holder].owner is owner:
            return
        if self._holder is not None or (self._queue and self._queue[0] is not owner):
            if owner not in self._queue:
                self._queue.append(owner)
            raise Wait(patience)
        self.withdraw(owner)

    def withdraw(self, owner: Owner) -> None:
        """Wait no longer."""
        if owner in self._queue:
            self._queue.remove(owner)

    @property
    def next_in_line(self) -> Owner | None:
        """Who should ask again now: the head of the queue, unless a transaction goes
        on (exclusive use may be heard of at once, it is refused)."""
        free = self._holder is None or self._exclusive
        return self._queue[0] if self._queue and free else None

    def connect(self, handle: int, mode: Mode, owner: Owner) -> None:
        """Add a handle."""
        self.admissible(mode)
        self._handles[handle] = _Handle(owner)
        if mode is Mode.EXCLUSIVE:
            self._exclusive = True
            self._holder, self._depth = handle, 0

    def reconnect(self, handle: int, mode: Mode) -> None:
        """Change the mode of a handle and take its event as seen."""
        if (self.occupancy, mode) not in RECONNECT:
            raise Refused(Code.SCARD_E_SHARING_VIOLATION)
        if mode is Mode.EXCLUSIVE:
            self._exclusive = True
            self._holder = handle
        elif self._exclusive:
            self._exclusive = False
            self._holder = handle if self._depth else None
        self._handles[handle].event = None

    def disconnect(self, handle: int) -> None:
        """Remove a handle with its exclusive use or transaction."""
        del self._handles[handle]
        if self._holder == handle:
            self._holder, self._depth, self._exclusive = None, 0, False

    def accessible(self, handle: int) -> None:
        """Refuse while another handle has the card for itself."""
        if self._holder is not None and self._holder != handle:
            raise Refused(Code.SCARD_E_SHARING_VIOLATION)

    def untroubled(self, handle: int) -> None:
        """Refuse until the client has acknowledged what happened to the card."""
        if event := self._handles[handle].event:
            raise Refused(event.value)

    def event(self, handle: int) -> Event | None:
        """What happened to the card and was not acknowledged."""
        return self._handles[handle].event

    def begin(self, handle: int) -> None:
        """Begin a transaction, or one inside another."""
        self.untroubled(handle)
        self.queue_up(self._handles[handle].owner, patience=LOCK_PATIENCE)
        self.accessible(handle)
        self._holder = handle
        self._depth += 1

    def ended(self, handle: int) -> None:
        """End a transaction."""
        self.accessible(handle)
        if not self._depth:
            raise Refused(Code.SCARD_E_NOT_TRANSACTED)
        self._depth -= 1
        if not self._depth and not self._exclusive:
            self._holder = None

    def happened(self, event: Event) -> None:
        """Note an event for every handle; a removed card ends every transaction."""
        for handle in self._handles.values():
            handle.event = event
        if event is Event.REMOVED:
            self._depth = 0
            if not self._exclusive:
                self._holder = None
