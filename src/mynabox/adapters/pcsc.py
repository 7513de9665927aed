"""Genuine card readers, reached through the system's PC/SC library by ctypes.

Needs ``libpcsclite.so.1`` and a running daemon (pcscd, or the reader of a box named in
``PCSCLITE_CSOCK_NAME``); no compiler and no headers.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_long, c_ubyte, c_ulong, c_void_p
from functools import cache
from types import TracebackType
from typing import Final, Self

from mynabox.terminal.connection import CardRemoved

_SCOPE_SYSTEM: Final = 2
_SHARED, _EXCLUSIVE, _DIRECT = 2, 1, 3
_T0, _T1 = 1, 2
_LEAVE, _RESET, _UNPOWER = 0, 1, 2
_UNAWARE, _CHANGED, _EMPTY, _PRESENT = 0x0, 0x2, 0x10, 0x20
_MUTE: Final = 0x200
_ATR_SIZE: Final = 33
_ANSWER_SIZE: Final = (1 << 16) + 2
_INFINITE: Final = 0xFFFFFFFF
_NAME_SIZE: Final = 128

_NAMES: Final = {
    0x80100001: "SCARD_F_INTERNAL_ERROR",
    0x80100002: "SCARD_E_CANCELLED",
    0x80100003: "SCARD_E_INVALID_HANDLE",
    0x80100004: "SCARD_E_INVALID_PARAMETER",
    0x80100005: "SCARD_E_INVALID_TARGET",
    0x80100006: "SCARD_E_NO_MEMORY",
    0x80100007: "SCARD_F_WAITED_TOO_LONG",
    0x80100008: "SCARD_E_INSUFFICIENT_BUFFER",
    0x80100009: "SCARD_E_UNKNOWN_READER",
    0x8010000A: "SCARD_E_TIMEOUT",
    0x8010000B: "SCARD_E_SHARING_VIOLATION",
    0x8010000C: "SCARD_E_NO_SMARTCARD",
    0x8010000D: "SCARD_E_UNKNOWN_CARD",
    0x8010000E: "SCARD_E_CANT_DISPOSE",
    0x8010000F: "SCARD_E_PROTO_MISMATCH",
    0x80100010: "SCARD_E_NOT_READY",
    0x80100011: "SCARD_E_INVALID_VALUE",
    0x80100012: "SCARD_E_SYSTEM_CANCELLED",
    0x80100013: "SCARD_F_COMM_ERROR",
    0x80100014: "SCARD_F_UNKNOWN_ERROR",
    0x80100015: "SCARD_E_INVALID_ATR",
    0x80100016: "SCARD_E_NOT_TRANSACTED",
    0x80100017: "SCARD_E_READER_UNAVAILABLE",
    0x80100019: "SCARD_E_PCI_TOO_SMALL",
    0x8010001A: "SCARD_E_READER_UNSUPPORTED",
    0x8010001B: "SCARD_E_DUPLICATE_READER",
    0x8010001C: "SCARD_E_CARD_UNSUPPORTED",
    0x8010001D: "SCARD_E_NO_SERVICE",
    0x8010001E: "SCARD_E_SERVICE_STOPPED",
    0x8010001F: "SCARD_E_UNSUPPORTED_FEATURE",
    0x8010002E: "SCARD_E_NO_READERS_AVAILABLE",
    0x80100065: "SCARD_W_UNSUPPORTED_CARD",
    0x80100066: "SCARD_W_UNRESPONSIVE_CARD",
    0x80100067: "SCARD_W_UNPOWERED_CARD",
    0x80100068: "SCARD_W_RESET_CARD",
    0x80100069: "SCARD_W_REMOVED_CARD",
    0x8010006A: "SCARD_W_SECURITY_VIOLATION",
}
_NO_READERS: Final = 0x8010002E
_TIMEOUT: Final = 0x8010000A
_GONE: Final = frozenset({0x80100069, 0x8010000C, 0x80100017, 0x80100009})
"""Removed card, no card, reader gone, reader unknown: the card is not there."""


class PcscMissing(OSError):
    """The PC/SC library is not installed."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"libpcsclite.so.1 cannot be loaded ({why}); "
            "install the Debian package libpcsclite1"
        )


class PcscError(OSError):
    """PC/SC refused; ``code`` is its number and ``name`` its name in pcsclite.h."""

    def __init__(self, function: str, code: int) -> None:
        self.function = function
        self.code = code
        self.name = _NAMES.get(code, f"{code:#010x}")
        super().__init__(f"{function}: {self.name}")


class _ReaderState(ctypes.Structure):
    _fields_ = (
        ("reader", c_char_p),
        ("user_data", c_void_p),
        ("current", c_ulong),
        ("event", c_ulong),
        ("atr_length", c_ulong),
        ("atr", c_ubyte * _ATR_SIZE),
    )


class _ProtocolInformation(ctypes.Structure):
    _fields_ = (("protocol", c_ulong), ("length", c_ulong))


_LONG_POINTER = POINTER(c_ulong)
_PROTOTYPES: Final = {
    "SCardEstablishContext": [c_ulong, c_void_p, c_void_p, POINTER(c_long)],
    "SCardReleaseContext": [c_long],
    "SCardListReaders": [c_long, c_char_p, c_char_p, _LONG_POINTER],
    "SCardGetStatusChange": [c_long, c_ulong, POINTER(_ReaderState), c_ulong],
    "SCardCancel": [c_long],
    "SCardConnect": [
        c_long,
        c_char_p,
        c_ulong,
        c_ulong,
        POINTER(c_long),
        _LONG_POINTER,
    ],
    "SCardReconnect": [c_long, c_ulong, c_ulong, c_ulong, _LONG_POINTER],
    "SCardDisconnect": [c_long, c_ulong],
    "SCardBeginTransaction": [c_long],
    "SCardEndTransaction": [c_long, c_ulong],
    "SCardStatus": [
        c_long,
        c_char_p,
        _LONG_POINTER,
        _LONG_POINTER,
        _LONG_POINTER,
        c_char_p,
        _LONG_POINTER,
    ],
    "SCardTransmit": [
        c_long,
        POINTER(_ProtocolInformation),
        c_char_p,
        c_ulong,
        c_void_p,
        c_char_p,
        _LONG_POINTER,
    ],
}


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libpcsclite.so.1")
    except OSError as error:
        raise PcscMissing(str(error)) from error
    for name, arguments in _PROTOTYPES.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = c_long
    return library


def check_library() -> None:
    """Raise :class:`PcscMissing` unless the PC/SC library can be loaded."""
    _library()


def _call(function: str, *arguments: object) -> None:
    code = getattr(_library(), function)(*arguments) & 0xFFFFFFFF
    if code:
        raise PcscError(function, code)


class Readers:
    """The readers of this machine. Used as a context manager, or closed by hand."""

    def __init__(self) -> None:
        self._context = c_long()
        self._closed = True
        _call("SCardEstablishContext", _SCOPE_SYSTEM, None, None, byref(self._context))
        self._closed = False

    def names(self) -> tuple[str, ...]:
        """Their names, perhaps none."""
        length = c_ulong()
        try:
            _call("SCardListReaders", self._context, None, None, byref(length))
            buffer = ctypes.create_string_buffer(length.value)
            _call("SCardListReaders", self._context, None, buffer, byref(length))
        except PcscError as error:
            if error.code == _NO_READERS:
                return ()
            raise
        return tuple(n.decode() for n in buffer.raw[: length.value].split(b"\0") if n)

    def wait_for_card(
        self, reader: str, *, present: bool = True, seconds: float | None = None
    ) -> bool:
        """Wait until a card lies in ``reader`` (or none, if not ``present``).

        False if that did not happen within ``seconds``.
        """
        state = _ReaderState(reader=reader.encode(), current=_UNAWARE)
        limit = _INFINITE if seconds is None else max(0, round(seconds * 1000))
        wanted = _PRESENT if present else _EMPTY
        while True:
            try:
                _call("SCardGetStatusChange", self._context, limit, byref(state), 1)
            except PcscError as error:
                if error.code == _TIMEOUT:
                    return False
                raise
            mute = present and state.event & _MUTE
            if state.event & wanted and not mute:
                return True
            state.current = state.event & ~_CHANGED

    def connect(self, reader: str, *, exclusive: bool = False) -> "PcscConnection":
        """Power up the card in ``reader``."""
        handle, protocol = c_long(), c_ulong()
        _call(
            "SCardConnect",
            self._context,
            reader.encode(),
            _EXCLUSIVE if exclusive else _SHARED,
            _T0 | _T1,
            byref(handle),
            byref(protocol),
        )
        return PcscConnection(handle, protocol.value, exclusive=exclusive)

    def close(self) -> None:
        """Let go of everything. Twice is harmless."""
        if not self._closed:
            self._closed = True
            _call("SCardReleaseContext", self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PcscConnection:
    """One card in a reader: a ``terminal.connection.Connection``.

    After another program has reset the card, ``transmit`` raises ``PcscError`` with the
    name SCARD_W_RESET_CARD until :meth:`reset` is called: a verified PIN may be gone.
    """

    def __init__(self, handle: c_long, protocol: int, *, exclusive: bool) -> None:
        self._handle = handle
        self._protocol = protocol
        self._mode = _EXCLUSIVE if exclusive else _SHARED
        self._open = True
        self._atr = self._read_atr()

    @property
    def atr(self) -> bytes:
        """The answer to reset, as the reader reports it."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU; the answer is data followed by SW1 SW2."""
        information = _ProtocolInformation(
            self._protocol, ctypes.sizeof(_ProtocolInformation)
        )
        buffer = ctypes.create_string_buffer(_ANSWER_SIZE)
        length = c_ulong(_ANSWER_SIZE)
        with self._present():
            _call(
                "SCardTransmit",
                self._handle,
                byref(information),
                command,
                len(command),
                None,
                buffer,
                byref(length),
            )
        return buffer.raw[: length.value]

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card: warm unless ``cold`` (power off and on)."""
        protocol = c_ulong()
        with self._present():
            _call(
                "SCardReconnect",
                self._handle,
                self._mode,
                _T0 | _T1,
                _UNPOWER if cold else _RESET,
                byref(protocol),
            )
            self._protocol = protocol.value
            self._atr = self._read_atr()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Have the card for oneself; waits for other programs' transactions."""
        with self._present():
            _call("SCardBeginTransaction", self._handle)
        try:
            yield
        finally:
            with self._present():
                _call("SCardEndTransaction", self._handle, _LEAVE)

    def close(self) -> None:
        """Power the card off and let go of it. Calling it twice is harmless."""
        if self._open:
            self._open = False
            try:
                _call("SCardDisconnect", self._handle, _UNPOWER)
            except PcscError as error:
                if error.code not in _GONE:
                    raise

    def _read_atr(self) -> bytes:
        state, protocol = c_ulong(), c_ulong()
        atr = ctypes.create_string_buffer(_ATR_SIZE)
        length, name_length = c_ulong(_ATR_SIZE), c_ulong(0)
        with self._present():
            _call(
                "SCardStatus",
                self._handle,
                None,
                byref(name_length),
                byref(state),
                byref(protocol),
                atr,
                byref(length),
            )
        return atr.raw[: length.value]

    @contextmanager
    def _present(self) -> Iterator[None]:
        try:
            yield
        except PcscError as error:
            if error.code in _GONE:
                raise CardRemoved(error.name) from error
            raise
