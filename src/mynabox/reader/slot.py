"""One reader: its card, its power, and what PC/SC lets clients do with it.

Every method takes the reader's lock for as long as it lasts, so a command and the
checks before it are one thing, and commands to one card never overlap. Methods raise
:class:`Refused`, or :class:`Wait` if the client has to ask again when woken.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum, IntFlag
from typing import Final
from typing import Protocol as Interface

from mynabox.ports import Cards
from mynabox.reader import attributes
from mynabox.reader.atr import Protocol, chosen
from mynabox.reader.codes import Code, Refused
from mynabox.reader.messages import ReaderState
from mynabox.reader.sharing import Event, Mode, Occupancy, Owner, Sharing
from mynabox.terminal.connection import CardRemoved, Connection

EVENTS_MODULUS: Final = 1 << 16


class Presence(IntFlag):
    """The bits of a published reader state."""

    ABSENT = 0x02
    PRESENT = 0x04
    SWALLOWED = 0x08
    """Present and mute."""
    POWERED = 0x10
    NEGOTIABLE = 0x20


class Disposition(IntEnum):
    """What to do with the card."""

    LEAVE = 0
    RESET = 1
    UNPOWER = 2
    EJECT = 3
    """The reader has no motor: the card stays, as in most readers."""


class Log(Interface):
    """Takes facts about readers and clients; never commands or answers."""

    def info(self, event: str, /, **facts: object) -> object:
        """Something that belongs to normal life."""
        ...

    def warning(self, event: str, /, **facts: object) -> object:
        """Something a person may want to look into."""
        ...


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
        self._cards = cards
        self._publish = publish
        self._log = log
        self._lock = threading.Lock()
        self._sharing = Sharing()
        self._serial: str | None = None
        self._connection: Connection | None = None
        self._presence = Presence.ABSENT
        self._atr = b""
        self._protocol = Protocol.UNDEFINED
        self._events = 0
        self._idle_looks = 0
        self._published = self._state()
        publish(number, self._published)

    # -- what clients ask ---------------------------------------------------------

    def connect(
        self, handle: int, owner: Owner, mode: Mode, wanted: Protocol
    ) -> Protocol:
        """Open ``handle``; the protocol in use."""
        with self._turn(owner):
            self._sharing.admissible(mode)
            self._sharing.queue_up(owner, patience=None)
            if mode is not Mode.DIRECT:
                self._power_up(refused_when_absent=Code.SCARD_E_NO_SMARTCARD)
            self._negotiate(mode, wanted)
            self._sharing.connect(handle, mode, owner)
            return self._protocol

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
                self._power_up(refused_when_absent=Code.SCARD_E_NO_SMARTCARD)
            else:
                self._reset(cold=disposition is Disposition.UNPOWER)
            self._negotiate(mode, wanted)
            self._sharing.reconnect(handle, mode)
            return self._protocol

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
            self._sharing.accessible(handle)
            self._sharing.untroubled(handle)

    def transmit(
        self, handle: int, owner: Owner, protocol: Protocol, command: bytes
    ) -> bytes:
        """What the card answers to a command."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            self._sharing.untroubled(handle)
            if self._presence is Presence.ABSENT:
                raise Refused(Code.SCARD_E_NO_SMARTCARD)
            if protocol not in (self._protocol, Protocol.RAW, Protocol.ANY_OLD):
                raise Refused(Code.SCARD_E_PROTO_MISMATCH)
            card = self._connection or self._power_up(
                refused_when_absent=Code.SCARD_E_NO_SMARTCARD
            )
            try:
                return card.transmit(command)
            except CardRemoved:
                raise
            except Exception as error:
                self._log.warning(
                    "card failed", reader=self.name, error=type(error).__name__
                )
                raise Refused(Code.SCARD_E_NOT_TRANSACTED) from error

    def control(self, handle: int, owner: Owner, code: int) -> bytes:
        """What the reader itself answers."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            return attributes.control(code)

    def attribute(self, handle: int, owner: Owner, tag: int) -> bytes:
        """A property of the reader."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            self._sharing.untroubled(handle)
            facts = attributes.Facts(
                name=self.name,
                number=self.number,
                in_use=self._sharing.occupancy is not Occupancy.FREE,
                present=bool(self._presence & Presence.PRESENT),
                powered=self._connection is not None,
                atr=self._atr,
                protocol=self._protocol,
            )
            return attributes.attribute(tag, facts)

    def set_attribute(self, handle: int, owner: Owner) -> None:
        """Refused: nothing about this reader can be set."""
        with self._turn(owner):
            self._sharing.accessible(handle)
            self._sharing.untroubled(handle)
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
            if serial != self._serial:
                if self._serial is not None:
                    self._removed()
                if serial is not None:
                    self._inserted(serial)
            self._grow_old(idle_limit, mute_limit)
            self._settle()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Power the card off; the daemon ends."""
        with self._lock:
            self._power_off()

    # -- inside -------------------------------------------------------------------

    @contextmanager
    def _turn(self, owner: Owner) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except Refused:
                self._sharing.withdraw(owner)
                raise
            except CardRemoved:
                self._sharing.withdraw(owner)
                self._removed()
                raise Refused(Code.SCARD_W_REMOVED_CARD) from None
            finally:
                self._settle()

    def _settle(self) -> None:
        """Publish what changed and call on whoever is next."""
        state = self._state()
        if state != self._published:
            self._published = state
            self._publish(self.number, state)
        head = self._sharing.next_in_line
        if head is not None:
            head.wake()

    def _state(self) -> ReaderState:
        return ReaderState(
            name=self.name,
            events=self._events,
            flags=self._presence,
            users=self._sharing.users,
            atr=self._atr,
            protocol=self._protocol,
        )

    def _power_up(self, *, refused_when_absent: Code) -> Connection:
        if self._presence is Presence.ABSENT or self._serial is None:
            raise Refused(refused_when_absent)
        if self._connection is None:
            self._energise(self._serial)
        if self._connection is None:
            raise Refused(Code.SCARD_W_UNRESPONSIVE_CARD)
        return self._connection

    def _energise(self, serial: str) -> None:
        """Power up; a card that does not answer is mute."""
        self._protocol = Protocol.UNDEFINED
        self._idle_looks = 0
        try:
            self._connection = self._cards.connect(serial)
            self._atr = self._connection.atr
        except CardRemoved:
            raise
        except Exception as error:
            self._connection = None
            self._mute(error)
        else:
            self._presence = Presence.PRESENT | Presence.POWERED | Presence.NEGOTIABLE

    def _mute(self, error: Exception) -> None:
        if Presence.SWALLOWED not in self._presence:
            self._log.warning("card mute", reader=self.name, error=type(error).__name__)
        self._presence = Presence.PRESENT | Presence.SWALLOWED
        self._atr = b""
        self._protocol = Protocol.UNDEFINED

    def _power_off(self) -> None:
        connection, self._connection = self._connection, None
        self._protocol = Protocol.UNDEFINED
        if connection is not None:
            try:
                connection.close()
            except Exception as error:
                self._log.warning(
                    "card failed", reader=self.name, error=type(error).__name__
                )

    def _reset(self, *, cold: bool) -> None:
        card = self._power_up(refused_when_absent=Code.SCARD_E_NO_SMARTCARD)
        self._sharing.happened(Event.RESET)
        self._protocol = Protocol.UNDEFINED
        try:
            card.reset(cold=cold)
            self._atr = card.atr
        except CardRemoved:
            raise
        except Exception as error:
            self._power_off()
            self._mute(error)
            raise Refused(Code.SCARD_W_UNRESPONSIVE_CARD) from error

    def _dispose(self, disposition: Disposition) -> None:
        """Leave the card as a closing client wants it. The handle is closed all the
        same if the card no longer plays along."""
        if self._presence is Presence.ABSENT:
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
                self._power_off()
                self._presence = Presence.PRESENT
            case Disposition.LEAVE | Disposition.EJECT:
                pass

    def _negotiate(self, mode: Mode, wanted: Protocol) -> None:
        if wanted & Protocol.RAW:
            self._protocol = Protocol.RAW
            return
        if mode is Mode.DIRECT:
            return
        if not self._protocol:
            found = chosen(self._atr, wanted)
            if found is None:
                raise Refused(Code.SCARD_E_PROTO_MISMATCH)
            self._protocol = found
        elif not wanted & (self._protocol | Protocol.ANY_OLD):
            raise Refused(Code.SCARD_E_PROTO_MISMATCH)

    def _grow_old(self, idle_limit: int, mute_limit: int) -> None:
        """Count looks at a card in which nothing happens."""
        mute = Presence.SWALLOWED in self._presence
        unused = self._connection is not None and not self._sharing.handles
        self._idle_looks = self._idle_looks + 1 if mute or unused else 0
        if mute and self._idle_looks > mute_limit and self._serial is not None:
            self._try_power(self._serial)
        elif unused and self._idle_looks > idle_limit:
            self._power_off()

    def _try_power(self, serial: str) -> None:
        try:
            self._energise(serial)
        except CardRemoved:
            self._removed()

    def _inserted(self, serial: str) -> None:
        self._serial = serial
        self._events = (self._events + 1) % EVENTS_MODULUS
        self._log.info("card inserted", reader=self.name)
        self._try_power(serial)

    def _removed(self) -> None:
        self._serial = None
        self._power_off()
        self._presence = Presence.ABSENT
        self._atr = b""
        self._events = (self._events + 1) % EVENTS_MODULUS
        self._sharing.happened(Event.REMOVED)
        self._log.info("card removed", reader=self.name)
