"""One reader, and what PC/SC lets clients do with the card in it.

Every method takes the reader's lock for as long as it lasts, so a command and the
checks before it are one thing, and commands to one card never overlap. Methods raise
:class:`Refused`, or :class:`Wait` if the client has to ask again when woken.
"""

import threading
from collections.abc import Callable
from enum import IntEnum
from types import TracebackType

from mynabox.ports import Cards
from mynabox.reader import attributes
from mynabox.reader.atr import Protocol
from mynabox.reader.codes import Code, Refused
from mynabox.reader.messages import ReaderState
from mynabox.reader.place import Log, Place
from mynabox.reader.sharing import Event, Mode, Occupancy, Owner, Sharing
from mynabox.terminal.connection import CardRemoved


class Disposition(IntEnum):
    """What to do with the card."""

    LEAVE = 0
    RESET = 1
    UNPOWER = 2
    EJECT = 3
    """The reader has no motor: the card stays, as in most readers."""


class Slot:
    """A reader with a place for one card.

    ``publish`` is told the state all clients may see whenever it changes.
    """

    def __init__(
        self,
        cards: Cards,
        *,
        name: str,
        number: int,
        publish: Callable[[int, ReaderState], None],
        log: Log,
    ) -> None:
        self.name = name
        self.number = number
        self._publish = publish
        self._lock = threading.Lock()
        self._sharing = Sharing()
        self._place = Place(cards, reader=name, log=log)
        self._quiet_looks = 0
        place = self._place
        self._published = place.events, place.presence, 0, place.atr, place.protocol
        self._post()

    # -- what clients ask ---------------------------------------------------------

    def connect(
        self, handle: int, owner: Owner, mode: Mode, wanted: Protocol
    ) -> Protocol:
        """Open ``handle``; the protocol in use."""
        with self._turn(owner):
            self._sharing.admissible(mode)
            self._sharing.queue_up(owner, patience=None)
            if mode is not Mode.DIRECT:
                self._place.card()
            self._place.negotiate(wanted, direct=mode is Mode.DIRECT)
            self._sharing.connect(handle, mode, owner)
            return self._place.protocol

    def reconnect(
        self,
        handle: int,
        owner: Owner,
        mode: Mode,
        wanted: Protocol,
        disposition: Disposition,
    ) -> Protocol:
        """Acknowledge events, reset if asked to, change the mode; the protocol."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            if disposition is Disposition.LEAVE:
                self._place.card()
            else:
                self._reset(cold=disposition is Disposition.UNPOWER)
            self._place.negotiate(wanted, direct=mode is Mode.DIRECT)
            self._sharing.reconnect(handle, mode)
            return self._place.protocol

    def disconnect(self, handle: int, owner: Owner, disposition: Disposition) -> None:
        """Close ``handle``; with a reset this waits for another's transaction."""
        with self._turn(owner):
            if disposition is not Disposition.LEAVE:
                self._sharing.queue_up(owner, patience=None)
            self._sharing.disconnect(handle)
            self._dispose(disposition)

    def abandon(self, handle: int, owner: Owner) -> None:
        """Close the handle of a client that is gone. A card it had for itself is
        reset: nobody inherits what was half done."""
        with self._turn(owner):
            self._sharing.withdraw(owner)
            held = self._sharing.holder == handle
            troubled = self._sharing.event(handle) is not None
            self._sharing.disconnect(handle)
            if held and not troubled:
                self._dispose(Disposition.RESET)

    def begin(self, handle: int, owner: Owner) -> None:
        """Begin a transaction."""
        with self._turn(owner):
            self._sharing.begin(handle)

    def end(self, handle: int, owner: Owner, disposition: Disposition) -> None:
        """End a transaction; after a reset even its own client must reconnect."""
        with self._turn(owner):
            self._sharing.untroubled(handle)
            self._sharing.ended(handle)
            match disposition:
                case Disposition.RESET:
                    self._reset(cold=False)
                case Disposition.UNPOWER:
                    self._reset(cold=True)
                case Disposition.LEAVE | Disposition.EJECT:
                    pass

    def status(self, handle: int, owner: Owner) -> None:
        """Whether the handle is usable."""
        with self._turn(owner):
            self._usable(handle)

    def transmit(
        self, handle: int, owner: Owner, protocol: int, command: bytes
    ) -> bytes:
        """What the card answers to a command."""
        with self._turn(owner):
            self._usable(handle)
            if self._place.empty:
                raise Refused(Code.SCARD_E_NO_SMARTCARD)
            if protocol not in (self._place.protocol, Protocol.RAW, Protocol.ANY_OLD):
                raise Refused(Code.SCARD_E_PROTO_MISMATCH)
            return self._place.transmit(command)

    def control(self, handle: int, owner: Owner, code: int) -> bytes:
        """What the reader itself answers."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            return attributes.control(code)

    def attribute(self, handle: int, owner: Owner, tag: int) -> bytes:
        """A property of the reader."""
        with self._turn(owner):
            self._usable(handle)
            facts = attributes.Facts(
                name=self.name,
                number=self.number,
                in_use=self._sharing.occupancy is not Occupancy.FREE,
                present=not self._place.empty,
                powered=self._place.powered,
                atr=self._place.atr,
                protocol=self._place.protocol,
            )
            return attributes.attribute(tag, facts)

    def set_attribute(self, handle: int, owner: Owner) -> None:
        """Refused: nothing about this reader can be set."""
        with self._turn(owner):
            self._usable(handle)
            raise Refused(Code.SCARD_E_UNSUPPORTED_FEATURE)

    def withdraw(self, owner: Owner) -> None:
        """The client waits no longer."""
        with self._turn(owner):
            self._sharing.withdraw(owner)

    # -- what happens to the card -------------------------------------------------

    def look(self, serial: str | None, *, idle_limit: int, mute_limit: int) -> None:
        """Note what lies in the reader now; left for the next look if it is busy.

        A card that nobody has open for ``idle_limit`` looks is powered off; a mute one
        is tried again after ``mute_limit``.
        """
        if not self._lock.acquire(blocking=False):
            return
        try:
            if serial != self._place.serial:
                if self._place.serial is not None:
                    self._removed()
                if serial is not None:
                    self._place.inserted(serial)
            self._count_quiet(idle_limit, mute_limit)
            self._settle()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Power the card off; the daemon ends."""
        with self._lock:
            self._place.power_off()

    # -- inside -------------------------------------------------------------------

    def _turn(self, owner: Owner) -> "_Turn":
        return _Turn(self, owner)

    def _settle(self) -> None:
        """Publish what changed and call on whoever is next."""
        place, sharing = self._place, self._sharing
        seen = place.events, place.presence, sharing.users, place.atr, place.protocol
        if seen != self._published:
            self._published = seen
            self._post()
        head = sharing.next_in_line
        if head is not None:
            head.wake()

    def _post(self) -> None:
        events, presence, users, atr, protocol = self._published
        state = ReaderState(
            name=self.name,
            events=events,
            flags=presence,
            users=users,
            atr=atr,
            protocol=protocol,
        )
        self._publish(self.number, state)

    def _usable(self, handle: int) -> None:
        self._sharing.accessible(handle)
        self._sharing.untroubled(handle)

    def _reset(self, *, cold: bool) -> None:
        self._place.card()
        self._sharing.happened(Event.RESET)
        self._place.reset(cold=cold)

    def _removed(self) -> None:
        self._place.removed()
        self._sharing.happened(Event.REMOVED)

    def _dispose(self, disposition: Disposition) -> None:
        """Leave the card as a closing client wants it. The handle is closed all the
        same if the card no longer plays along."""
        if self._place.empty:
            return
        match disposition:
            case Disposition.RESET:
                try:
                    self._reset(cold=False)
                except Refused:
                    pass
                except CardRemoved:
                    self._removed()
            case Disposition.UNPOWER:
                self._sharing.happened(Event.RESET)
                self._place.unpower()
            case Disposition.LEAVE | Disposition.EJECT:
                pass

    def _count_quiet(self, idle_limit: int, mute_limit: int) -> None:
        """Count the looks at a card that does nothing, and act on their number."""
        unused = self._place.powered and not self._sharing.handles
        self._quiet_looks = self._quiet_looks + 1 if self._place.mute or unused else 0
        if self._place.mute and self._quiet_looks > mute_limit:
            self._quiet_looks = 0
            self._place.rouse()
        elif unused and self._quiet_looks > idle_limit:
            self._place.power_off()


class _Turn:
    """The lock around one call, and what becomes of it when the call is over."""

    __slots__ = ("_owner", "_slot")

    def __init__(self, slot: Slot, owner: Owner) -> None:
        self._slot = slot
        self._owner = owner

    def __enter__(self) -> None:
        self._slot._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        slot = self._slot
        try:
            if error is None:
                return
            if isinstance(error, Refused):
                slot._sharing.withdraw(self._owner)
            elif isinstance(error, CardRemoved):
                slot._sharing.withdraw(self._owner)
                slot._removed()
                raise Refused(Code.SCARD_W_REMOVED_CARD) from None
        finally:
            slot._settle()
            slot._lock.release()
