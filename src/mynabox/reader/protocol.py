"""Bytes to requests: the decoder. No sockets here."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from mynabox.reader import layout
from mynabox.reader.messages import (
    Begin,
    Cancel,
    Connect,
    Control,
    CountStates,
    Disconnect,
    End,
    Establish,
    GetAttribute,
    GetReaderEvents,
    GetStates,
    Reconnect,
    Release,
    Request,
    SetAttribute,
    Status,
    StopWaiting,
    Transmit,
    Version,
    WaitForChange,
)


class Command(IntEnum):
    """What a client may ask. Numbers 0x03, 0x0C and 0x0E are reserved, never sent."""

    ESTABLISH_CONTEXT = 0x01
    RELEASE_CONTEXT = 0x02
    CONNECT = 0x04
    RECONNECT = 0x05
    DISCONNECT = 0x06
    BEGIN_TRANSACTION = 0x07
    END_TRANSACTION = 0x08
    TRANSMIT = 0x09
    CONTROL = 0x0A
    STATUS = 0x0B
    CANCEL = 0x0D
    GET_ATTRIB = 0x0F
    SET_ATTRIB = 0x10
    VERSION = 0x11
    GET_READERS_STATE = 0x12
    WAIT_READER_STATE_CHANGE = 0x13
    STOP_WAITING_READER_STATE_CHANGE = 0x14
    GET_READER_EVENTS = 0x15
    GET_READERS_STATE_SIZE = 0x16
    GET_READERS_STATE_ARRAY = 0x17


class Malformed(Exception):
    """The bytes are not this language; the connection is of no use any more."""


def _connect(body: bytes) -> Connect:
    old = len(body) == layout.OLD_CONNECT.size
    shape = layout.OLD_CONNECT if old else layout.CONNECT
    context, name, mode, protocols, _, _, _ = shape.unpack(body)
    reader = name.split(b"\0", 1)[0].decode(errors="surrogateescape")
    return Connect(context, reader, mode, protocols, old)


def _get_attribute(body: bytes) -> GetAttribute:
    handle, attribute, _, room, _ = layout.ATTRIBUTE.unpack(body)
    if room > layout.ATTRIBUTE_SIZE:
        raise Malformed(f"room for {room} bytes of an attribute")
    return GetAttribute(handle, attribute, room)


def _set_attribute(body: bytes) -> SetAttribute:
    handle, attribute, value, length, _ = layout.ATTRIBUTE.unpack(body)
    if length > layout.ATTRIBUTE_SIZE:
        raise Malformed(f"an attribute of {length} bytes")
    return SetAttribute(handle, attribute, value[:length])


_BODIES: Final[dict[tuple[int, int], Callable[[bytes], Request]]] = {
    (Command.VERSION, layout.VERSION.size): lambda b: Version(
        *layout.VERSION.unpack(b)[:2]
    ),
    (Command.ESTABLISH_CONTEXT, layout.THREE.size): lambda b: Establish(
        layout.THREE.unpack(b)[0]
    ),
    (Command.RELEASE_CONTEXT, layout.TWO.size): lambda b: Release(
        layout.TWO.unpack(b)[0]
    ),
    (Command.CONNECT, layout.CONNECT.size): _connect,
    (Command.CONNECT, layout.OLD_CONNECT.size): _connect,
    (Command.RECONNECT, layout.RECONNECT.size): lambda b: Reconnect(
        *layout.RECONNECT.unpack(b)[:4]
    ),
    (Command.DISCONNECT, layout.HANDLE_DISPOSITION.size): lambda b: Disconnect(
        *layout.HANDLE_DISPOSITION.unpack(b)[:2]
    ),
    (Command.BEGIN_TRANSACTION, layout.HANDLE.size): lambda b: Begin(
        layout.HANDLE.unpack(b)[0]
    ),
    (Command.END_TRANSACTION, layout.HANDLE_DISPOSITION.size): lambda b: End(
        *layout.HANDLE_DISPOSITION.unpack(b)[:2]
    ),
    (Command.STATUS, layout.HANDLE.size): lambda b: Status(layout.HANDLE.unpack(b)[0]),
    (Command.CANCEL, layout.TWO.size): lambda b: Cancel(layout.TWO.unpack(b)[0]),
    (Command.GET_ATTRIB, layout.ATTRIBUTE.size): _get_attribute,
    (Command.SET_ATTRIB, layout.ATTRIBUTE.size): _set_attribute,
    (Command.GET_READERS_STATE, 0): lambda _: GetStates(),
    (Command.GET_READERS_STATE_SIZE, 0): lambda _: CountStates(),
    (Command.GET_READERS_STATE_ARRAY, 0): lambda _: GetStates(exact=True),
    (Command.GET_READER_EVENTS, 0): lambda _: GetReaderEvents(),
    (Command.WAIT_READER_STATE_CHANGE, 0): lambda _: WaitForChange(),
    (Command.WAIT_READER_STATE_CHANGE, layout.TWO.size): lambda _: WaitForChange(
        silent=True
    ),
    (Command.STOP_WAITING_READER_STATE_CHANGE, 0): lambda _: StopWaiting(),
    (Command.STOP_WAITING_READER_STATE_CHANGE, layout.TWO.size): lambda _: StopWaiting(
        always=True
    ),
}
"""How to read a body, by command and size: any other pair is malformed."""


class Decoder:
    """Turns a stream of bytes, cut anywhere, into requests."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._needed = layout.HEADER.size
        """Bytes without which there is no point in looking again."""

    def feed(self, data: bytes | memoryview) -> None:
        """Take what came over the connection."""
        self._buffer += data

    @property
    def unfinished(self) -> bool:
        """Whether a request was begun and not ended."""
        return bool(self._buffer)

    def next(self) -> Request | None:
        """The next whole request; ``None`` if it is not there yet.

        Raises :class:`Malformed`, before waiting for a body that no command has.
        """
        buffer = self._buffer
        if len(buffer) < self._needed:
            return None
        size, command = layout.HEADER.unpack_from(buffer)
        if command == Command.TRANSMIT or command == Command.CONTROL:
            return self._with_data(command, size)
        reader = _BODIES.get((command, size))
        if reader is None:
            raise Malformed(f"command {command:#x} with a body of {size} bytes")
        end = layout.HEADER.size + size
        if len(buffer) < end:
            self._needed = end
            return None
        body = bytes(buffer[layout.HEADER.size : end])
        self._done_with(end)
        return reader(body)

    def _done_with(self, end: int) -> None:
        del self._buffer[:end]
        self._needed = layout.HEADER.size

    def _with_data(self, command: int, size: int) -> Request | None:
        buffer = self._buffer
        shape = layout.TRANSMIT if command == Command.TRANSMIT else layout.CONTROL
        if size != shape.size:
            raise Malformed(f"command {command:#x} with a body of {size} bytes")
        start = layout.HEADER.size + size
        if len(buffer) < start:
            self._needed = start
            return None
        if command == Command.TRANSMIT:
            handle, protocol, pci, length, got, got_pci, room, _ = (
                layout.TRANSMIT.unpack_from(buffer, layout.HEADER.size)
            )
        else:
            handle, control, length, room, _, _ = layout.CONTROL.unpack_from(
                buffer, layout.HEADER.size
            )
        if length > layout.MAX_APDU:
            raise Malformed(f"{length} bytes to send")
        end = start + length
        if len(buffer) < end:
            self._needed = end
            return None
        data = bytes(buffer[start:end])
        self._done_with(end)
        if command == Command.TRANSMIT:
            return Transmit(handle, protocol, pci, got, got_pci, room, data)
        return Control(handle, control, room, data)
