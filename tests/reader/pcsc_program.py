"""Calls the system's libpcsclite as told on standard input, one JSON array a line.

Run as a program by the tests, because libpcsclite reads its environment once and keeps
its contexts for the whole process.
"""

import ctypes
import json
import sys
import threading
from collections.abc import Callable
from ctypes import byref, c_char_p, c_long, c_ubyte, c_ulong, c_void_p
from typing import Any

from mynabox.reader.codes import Code

lib = ctypes.CDLL("libpcsclite.so.1")
OTHER = {
    0x8010001D: "SCARD_E_NO_SERVICE",
    0x8010000A: "SCARD_E_TIMEOUT",
    0x80100013: "SCARD_F_COMM_ERROR",
    0x80100017: "SCARD_E_READER_UNAVAILABLE",
    0x8010002E: "SCARD_E_NO_READERS_AVAILABLE",
}
context = c_long()


class State(ctypes.Structure):
    _fields_ = (
        ("reader", c_char_p),
        ("data", c_void_p),
        ("current", c_ulong),
        ("event", c_ulong),
        ("length", c_ulong),
        ("atr", c_ubyte * 33),
    )


class Pci(ctypes.Structure):
    _fields_ = (("protocol", c_ulong), ("length", c_ulong))


def named(code: int) -> str:
    code &= 0xFFFFFFFF
    return OTHER[code] if code in OTHER else Code(code).name


def establish(scope: int = 2) -> list[Any]:
    return [
        named(lib.SCardEstablishContext(c_ulong(scope), None, None, byref(context)))
    ]


def release() -> list[Any]:
    return [named(lib.SCardReleaseContext(context))]


def readers() -> list[Any]:
    length = c_ulong(4096)
    buffer = ctypes.create_string_buffer(4096)
    code = lib.SCardListReaders(context, None, buffer, byref(length))
    names = [n.decode() for n in buffer.raw[: length.value].split(b"\0") if n]
    return [named(code), names]


def connect(reader: str, mode: int, protocols: int) -> list[Any]:
    handle, protocol = c_long(), c_ulong()
    code = lib.SCardConnect(
        context,
        reader.encode(),
        c_ulong(mode),
        c_ulong(protocols),
        byref(handle),
        byref(protocol),
    )
    return [named(code), handle.value, protocol.value]


def reconnect(handle: int, mode: int, protocols: int, disposition: int) -> list[Any]:
    protocol = c_ulong()
    code = lib.SCardReconnect(
        c_long(handle),
        c_ulong(mode),
        c_ulong(protocols),
        c_ulong(disposition),
        byref(protocol),
    )
    return [named(code), protocol.value]


def disconnect(handle: int, disposition: int = 0) -> list[Any]:
    return [named(lib.SCardDisconnect(c_long(handle), c_ulong(disposition)))]


def begin(handle: int) -> list[Any]:
    return [named(lib.SCardBeginTransaction(c_long(handle)))]


def end(handle: int, disposition: int = 0) -> list[Any]:
    return [named(lib.SCardEndTransaction(c_long(handle), c_ulong(disposition)))]


def status(handle: int) -> list[Any]:
    name = ctypes.create_string_buffer(200)
    name_length, atr_length = c_ulong(200), c_ulong(33)
    state, protocol = c_ulong(), c_ulong()
    atr = ctypes.create_string_buffer(33)
    code = lib.SCardStatus(
        c_long(handle),
        name,
        byref(name_length),
        byref(state),
        byref(protocol),
        atr,
        byref(atr_length),
    )
    return [
        named(code),
        name.value.decode(),
        state.value & 0xFFFF,
        state.value >> 16,
        protocol.value,
        atr.raw[: atr_length.value].hex().upper(),
    ]


def transmit(
    handle: int, command: str, room: int = 65538, protocol: int = 2
) -> list[Any]:
    raw = bytes.fromhex(command)
    pci = Pci(protocol, ctypes.sizeof(Pci))
    buffer, length = ctypes.create_string_buffer(max(room, 1)), c_ulong(room)
    code = lib.SCardTransmit(
        c_long(handle), byref(pci), raw, c_ulong(len(raw)), None, buffer, byref(length)
    )
    answer = buffer.raw[: length.value].hex().upper() if code == 0 else ""
    return [named(code), answer, length.value]


def control(
    handle: int, control_code: int, data: str = "", room: int = 300
) -> list[Any]:
    raw = bytes.fromhex(data)
    buffer, got = ctypes.create_string_buffer(room), c_ulong()
    code = lib.SCardControl(
        c_long(handle),
        c_ulong(control_code),
        raw,
        c_ulong(len(raw)),
        buffer,
        c_ulong(room),
        byref(got),
    )
    return [named(code), buffer.raw[: got.value].hex().upper() if code == 0 else ""]


def get_attribute(handle: int, tag: int, room: int = 264) -> list[Any]:
    buffer, length = ctypes.create_string_buffer(max(room, 1)), c_ulong(room)
    code = lib.SCardGetAttrib(c_long(handle), c_ulong(tag), buffer, byref(length))
    value = buffer.raw[: length.value].hex().upper() if code == 0 else ""
    return [named(code), value, length.value]


def set_attribute(handle: int, tag: int, value: str) -> list[Any]:
    raw = bytes.fromhex(value)
    return [
        named(lib.SCardSetAttrib(c_long(handle), c_ulong(tag), raw, c_ulong(len(raw))))
    ]


def change(milliseconds: int, known: dict[str, int]) -> list[Any]:
    """SCardGetStatusChange: the state of each reader, with its counter."""
    states = (State * len(known))(
        *(State(reader=name.encode(), current=state) for name, state in known.items())
    )
    code = lib.SCardGetStatusChange(context, c_ulong(milliseconds), states, len(known))
    return [named(code), {s.reader.decode(): s.event for s in states}]


def cancel() -> list[Any]:
    return [named(lib.SCardCancel(context))]


def repeat(times: int, handle: int, command: str) -> list[Any]:
    """Many transmits; the seconds they took, sorted."""
    import time

    raw = bytes.fromhex(command)
    pci = Pci(2, ctypes.sizeof(Pci))
    buffer = ctypes.create_string_buffer(300)
    took = []
    for _ in range(times):
        length = c_ulong(300)
        before = time.perf_counter()
        code = lib.SCardTransmit(
            c_long(handle),
            byref(pci),
            raw,
            c_ulong(len(raw)),
            None,
            buffer,
            byref(length),
        )
        took.append(time.perf_counter() - before)
        assert code == 0
    return [sorted(took)]


CALLS: dict[str, Callable[..., list[Any]]] = {
    f.__name__: f
    for f in (
        establish,
        release,
        readers,
        connect,
        reconnect,
        disconnect,
        begin,
        end,
        status,
        transmit,
        control,
        get_attribute,
        set_attribute,
        change,
        cancel,
        repeat,
    )
}


def obey(function: str, arguments: list[Any]) -> None:
    sys.stdout.write(json.dumps(CALLS[function](*arguments)) + "\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        function, *arguments = json.loads(line)
        if function == "aside":
            threading.Thread(
                target=obey, args=(arguments[0], arguments[1:]), daemon=True
            ).start()
        else:
            obey(function, arguments)


if __name__ == "__main__":
    main()
