"""The place for a card in a reader: what lies in it, its power and its protocol.

Knows nothing of clients. The caller holds the reader's lock. ``CardRemoved`` goes
through to the caller, who then has to call :meth:`Place.removed`.
"""

from enum import IntFlag
from typing import Final
from typing import Protocol as Interface

from mynabox.ports import Cards
from mynabox.reader.atr import Protocol, chosen
from mynabox.reader.codes import Code, Refused
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


class Log(Interface):
    """Takes facts about readers and clients; never commands or answers."""

    def info(self, event: str, /, **facts: object) -> object:
        """Something that belongs to normal life."""
        ...

    def warning(self, event: str, /, **facts: object) -> object:
        """Something a person may want to look into."""
        ...


class Place:
    """Empty at first.

    ``serial``    of the card in it
    ``presence``  as clients are told; a card that was powered off because nobody used
                  it still counts as powered, as in pcscd
    ``atr``       answer to reset, empty without a card or with a mute one
    ``protocol``  in use since the last reset
    ``events``    cards that came and went, modulo 65,536
    """

    def __init__(self, cards: Cards, *, reader: str, log: Log) -> None:
        self.serial: str | None = None
        self.presence = Presence.ABSENT
        self.atr = b""
        self.protocol = Protocol.UNDEFINED
        self.events = 0
        self._cards = cards
        self._reader = reader
        self._log = log
        self._connection: Connection | None = None

    @property
    def empty(self) -> bool:
        """Whether no card is there."""
        return self.presence is Presence.ABSENT

    @property
    def mute(self) -> bool:
        """Whether a card is there that does not answer."""
        return Presence.SWALLOWED in self.presence

    @property
    def powered(self) -> bool:
        """Whether a card is connected."""
        return self._connection is not None

    def card(self) -> Connection:
        """The card, powered up if need be; refused without one or with a mute one."""
        if self._connection is not None:
            return self._connection
        if self.serial is None:
            raise Refused(Code.SCARD_E_NO_SMARTCARD)
        self._energise(self.serial)
        if self._connection is None:
            raise Refused(Code.SCARD_W_UNRESPONSIVE_CARD)
        return self._connection

    def transmit(self, command: bytes) -> bytes:
        """What the card answers; a breakdown is a command not transacted."""
        try:
            return self.card().transmit(command)
        except (CardRemoved, Refused):
            raise
        except Exception as error:
            self._failed("card failed", error)
            raise Refused(Code.SCARD_E_NOT_TRANSACTED) from error

    def reset(self, *, cold: bool) -> None:
        """Reset the card; the protocol is open again."""
        card = self.card()
        self.protocol = Protocol.UNDEFINED
        try:
            card.reset(cold=cold)
            self.atr = card.atr
        except CardRemoved:
            raise
        except Exception as error:
            self.power_off()
            self._falls_silent(error)
            raise Refused(Code.SCARD_W_UNRESPONSIVE_CARD) from error

    def negotiate(self, wanted: Protocol, *, direct: bool) -> None:
        """Agree on a protocol, or find that the one in use will do."""
        if wanted & Protocol.RAW:
            self.protocol = Protocol.RAW
        elif direct:
            return
        elif not self.protocol:
            found = chosen(self.atr, wanted)
            if found is None:
                raise Refused(Code.SCARD_E_PROTO_MISMATCH)
            self.protocol = found
        elif not wanted & (self.protocol | Protocol.ANY_OLD):
            raise Refused(Code.SCARD_E_PROTO_MISMATCH)

    def unpower(self) -> None:
        """Power the card off because a client wants it so, and show it."""
        self.power_off()
        self.presence = Presence.PRESENT

    def power_off(self) -> None:
        """Take the power away; what clients see stays."""
        connection, self._connection = self._connection, None
        self.protocol = Protocol.UNDEFINED
        if connection is not None:
            try:
                connection.close()
            except Exception as error:
                self._failed("card failed", error)

    def inserted(self, serial: str) -> None:
        """A card was laid in and is powered up."""
        self.serial = serial
        self.events = (self.events + 1) % EVENTS_MODULUS
        self._log.info("card inserted", reader=self._reader)
        self.rouse()

    def rouse(self) -> None:
        """Power up the card that is there, or was there until just now."""
        try:
            if self.serial is not None:
                self._energise(self.serial)
        except CardRemoved:
            self.removed()

    def removed(self) -> None:
        """The card is gone."""
        self.serial = None
        self.power_off()
        self.presence = Presence.ABSENT
        self.atr = b""
        self.events = (self.events + 1) % EVENTS_MODULUS
        self._log.info("card removed", reader=self._reader)

    def _energise(self, serial: str) -> None:
        """Power up; a card that does not answer is mute."""
        self.protocol = Protocol.UNDEFINED
        try:
            self._connection = self._cards.connect(serial)
            self.atr = self._connection.atr
        except CardRemoved:
            raise
        except Exception as error:
            self.power_off()
            self._falls_silent(error)
        else:
            self.presence = Presence.PRESENT | Presence.POWERED | Presence.NEGOTIABLE

    def _falls_silent(self, error: Exception) -> None:
        if not self.mute:
            self._failed("card mute", error)
        self.presence = Presence.PRESENT | Presence.SWALLOWED
        self.atr = b""

    def _failed(self, event: str, error: Exception) -> None:
        self._log.warning(event, reader=self._reader, error=type(error).__name__)
