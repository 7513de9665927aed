"""What clients ask and what they are answered, as values.

A client's request is a header (size, command) and a body of fixed layout, for TRANSMIT
and CONTROL followed by the bytes to send. An answer is a body without a header; each
request can make its own. The language is 4:2 to 4:6; what differs:

====  ==========================================================================
4:2   WAIT and STOP_WAITING have a body; WAIT is answered by its notice alone, STOP
      always. Reader names have 100 bytes until pcsc-lite 1.8.3, 128 from 1.8.4 on
4:3   reader names have 128 bytes
4:4   WAIT and STOP_WAITING have no body; WAIT is answered at once by sixteen reader
      states, STOP only if no notice is on its way
4:5   GET_READER_EVENTS is new
4:6   GET_READERS_STATE_SIZE and GET_READERS_STATE_ARRAY are new; WAIT is no more
      answered at once: the client asks for the states by itself
====  ==========================================================================
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from mynabox.reader import layout
from mynabox.reader.codes import Code

MAJOR: Final = 4
OLDEST_MINOR: Final = 2
NEWEST_MINOR: Final = 6
"""A newer client that is told this asks again with it (pcsc-lite 2.4.1 and later)."""
STATES_WITH_WAIT: Final = 5
"""The last minor version in which WAIT is answered by the reader states."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which language the client speaks."""

    major: int
    minor: int

    @property
    def spoken(self) -> bool:
        """Whether this daemon speaks it too."""
        return self.major == MAJOR and OLDEST_MINOR <= self.minor <= NEWEST_MINOR

    def answer(self) -> bytes:
        """Accept the client's minor version or name the newest of ours."""
        if self.spoken:
            return layout.VERSION.pack(MAJOR, self.minor, Code.SCARD_S_SUCCESS)
        return layout.VERSION.pack(MAJOR, NEWEST_MINOR, Code.SCARD_E_SERVICE_STOPPED)


@dataclass(frozen=True, slots=True)
class Establish:
    """Open a context; a connection has one."""

    scope: int

    def answer(self, code: Code, context: int = 0) -> bytes:
        """The new context's number."""
        return layout.THREE.pack(self.scope, context, code)


@dataclass(frozen=True, slots=True)
class Release:
    """Close the context and everything opened in it."""

    context: int

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.TWO.pack(self.context, code)


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a handle on a reader; ``old`` has a name of 100 bytes (until 1.8.3)."""

    context: int
    reader: str
    mode: int
    protocols: int
    old: bool = False

    def answer(self, code: Code, handle: int = 0, protocol: int = 0) -> bytes:
        """The handle's number and the protocol in use."""
        name = self.reader.encode(errors="surrogateescape")
        shape = layout.OLD_CONNECT if self.old else layout.CONNECT
        return shape.pack(
            self.context, name, self.mode, self.protocols, handle, protocol, code
        )


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Acknowledge a reset or an exchanged card, or change the share mode."""

    handle: int
    mode: int
    protocols: int
    disposition: int

    def answer(self, code: Code, protocol: int = 0) -> bytes:
        """The protocol in use."""
        return layout.RECONNECT.pack(
            self.handle, self.mode, self.protocols, self.disposition, protocol, code
        )


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close a handle."""

    handle: int
    disposition: int

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.HANDLE_DISPOSITION.pack(self.handle, self.disposition, code)


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a transaction."""

    handle: int

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.HANDLE.pack(self.handle, code)


@dataclass(frozen=True, slots=True)
class End:
    """End a transaction."""

    handle: int
    disposition: int

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.HANDLE_DISPOSITION.pack(self.handle, self.disposition, code)


class Transmit(NamedTuple):
    """Send ``command`` to the card; the client has room for ``room`` bytes."""

    handle: int
    protocol: int
    pci_length: int
    receive_protocol: int
    receive_pci_length: int
    room: int
    command: bytes

    def answer(self, code: Code, data: bytes = b"") -> bytes:
        """What the card said; its length alone if there is no room for it."""
        if code is Code.SCARD_S_SUCCESS and len(data) > self.room:
            code = Code.SCARD_E_INSUFFICIENT_BUFFER
        body = layout.TRANSMIT.pack(
            self.handle,
            self.protocol,
            self.pci_length,
            len(self.command),
            self.receive_protocol,
            self.receive_pci_length,
            len(data),
            code,
        )
        return body + data if code is Code.SCARD_S_SUCCESS else body


@dataclass(frozen=True, slots=True)
class Control:
    """Talk to the reader itself."""

    handle: int
    control: int
    room: int
    data: bytes

    def answer(self, code: Code, data: bytes = b"") -> bytes:
        """What the reader said; its length alone if there is no room for it."""
        if code is Code.SCARD_S_SUCCESS and len(data) > self.room:
            code = Code.SCARD_E_INSUFFICIENT_BUFFER
        body = layout.CONTROL.pack(
            self.handle, self.control, len(self.data), self.room, len(data), code
        )
        return body + data if code is Code.SCARD_S_SUCCESS else body


@dataclass(frozen=True, slots=True)
class Status:
    """Has anything happened to this handle? (The client knows the rest by itself.)"""

    handle: int

    def answer(self, code: Code) -> bytes:
        """Nothing, or what."""
        return layout.HANDLE.pack(self.handle, code)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Wake a context that waits for a change; sent over a connection of its own."""

    context: int

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.TWO.pack(self.context, code)


@dataclass(frozen=True, slots=True)
class GetAttribute:
    """Read a property of the reader; there is room for ``room`` bytes."""

    handle: int
    attribute: int
    room: int

    def answer(self, code: Code, value: bytes = b"") -> bytes:
        """The value, or its length alone if there is no room for it."""
        if code is Code.SCARD_S_SUCCESS and len(value) > self.room:
            code = Code.SCARD_E_INSUFFICIENT_BUFFER
        shown = value if code is Code.SCARD_S_SUCCESS else b""
        return layout.ATTRIBUTE.pack(
            self.handle, self.attribute, shown, len(value), code
        )


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Change a property of the reader."""

    handle: int
    attribute: int
    value: bytes

    def answer(self, code: Code) -> bytes:
        """Done or not."""
        return layout.ATTRIBUTE.pack(
            self.handle, self.attribute, self.value, len(self.value), code
        )


@dataclass(frozen=True, slots=True)
class GetStates:
    """All reader states; ``exact`` asks for as many as there are, not for sixteen."""

    exact: bool = False


@dataclass(frozen=True, slots=True)
class CountStates:
    """How many reader states there are."""

    def answer(self, readers: int) -> bytes:
        """The number."""
        return layout.ONE.pack(readers)


@dataclass(frozen=True, slots=True)
class WaitForChange:
    """Send a notice of the next change, and until 4:5 the reader states at once.

    ``silent`` is the language before 4:4: only the notice, no states.
    """

    silent: bool = False


@dataclass(frozen=True, slots=True)
class StopWaiting:
    """No notice any more. ``always`` is the language before 4:4: answer even if the
    notice is on its way."""

    always: bool = False


@dataclass(frozen=True, slots=True)
class GetReaderEvents:
    """How often readers came or went since the daemon began."""

    def answer(self, events: int) -> bytes:
        """The number."""
        return layout.TWO.pack(events, Code.SCARD_S_SUCCESS)


Request = (
    Version
    | Establish
    | Release
    | Connect
    | Reconnect
    | Disconnect
    | Begin
    | End
    | Transmit
    | Control
    | Status
    | Cancel
    | GetAttribute
    | SetAttribute
    | GetStates
    | CountStates
    | WaitForChange
    | StopWaiting
    | GetReaderEvents
)


def notice(code: Code) -> bytes:
    """The one message sent unasked: a state changed, or the waiting was cancelled."""
    return layout.TWO.pack(0, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderState:
    """What every client may know of a reader.

    ``events``  cards that came and went, modulo 65,536
    ``flags``   ABSENT, PRESENT ... (bits of ``Presence``)
    ``users``   open handles, or -1 if one client has the reader for itself
    """

    name: str
    events: int
    flags: int
    users: int
    atr: bytes
    protocol: int

    def pack(self, *, old: bool = False) -> bytes:
        """As the 184 bytes a client maps onto its structure; as the 156 of an ``old``
        one, which does not see a reader whose name is too long for it."""
        name = self.name.encode()
        if old and len(name) >= layout.OLD_NAME_SIZE:
            return bytes(layout.OLD_READER.size)
        return (layout.OLD_READER if old else layout.READER).pack(
            name,
            self.events,
            self.flags,
            self.users,
            self.atr,
            len(self.atr),
            self.protocol,
        )


NO_READER: Final = bytes(layout.READER.size)
"""An entry of the array of sixteen that stands for no reader."""
NO_OLD_READER: Final = bytes(layout.OLD_READER.size)
