"""One client's connection: its context, its handles, and the answers it gets."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from mynabox.reader import messages as wire
from mynabox.reader.atr import Protocol
from mynabox.reader.board import Board, Watcher
from mynabox.reader.codes import Code, Refused
from mynabox.reader.sharing import Mode
from mynabox.reader.slot import Disposition, Slot

MAX_HANDLES: Final = 200
"""Handles of one connection: the limit pcscd has."""
_SCOPES: Final = range(4)
_DONE: Final = Code.SCARD_S_SUCCESS


def _numbers(first: int) -> Iterator[int]:
    """Numbers for contexts and handles: positive, of 31 bits, beginning at ``first``.

    libpcsclite keeps them in one list per process, so a restarted daemon had better
    begin somewhere else. They are no secrets: a connection can use only its own.
    """
    limit = 0x7FFFFFFF
    return (1 + (first + step) % limit for step in itertools.count())


@dataclass(slots=True)
class Desk:
    """What all sessions share."""

    slots: Sequence[Slot]
    board: Board
    first_number: int
    old_names: bool = False
    """Whether who speaks 4:2 has reader names of 100 bytes (until 1.8.3), not 128."""
    contexts: dict[int, "Session"] = field(default_factory=dict)
    handles: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = _numbers(self.first_number)

    def new_context(self, session: "Session") -> int:
        """A number that no open context has."""
        with self.lock:
            number = next(n for n in self.numbers if n not in self.contexts)
            self.contexts[number] = session
            return number

    def new_handle(self) -> int:
        """A number that no open handle has."""
        with self.lock:
            number = next(n for n in self.numbers if n not in self.handles)
            self.handles.add(number)
            return number

    def forget_context(self, number: int) -> None:
        """The context is closed."""
        with self.lock:
            self.contexts.pop(number, None)

    def forget_handle(self, number: int) -> None:
        """The handle is closed."""
        with self.lock:
            self.handles.discard(number)

    def find_context(self, number: int) -> "Session | None":
        """Whose context this is."""
        with self.lock:
            return self.contexts.get(number)

    def find_slot(self, name: str) -> Slot:
        """The reader of this name."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise Refused(Code.SCARD_E_UNKNOWN_READER)


class Session:
    """Answers the requests of one connection, one after the other.

    ``wake`` makes the connection's thread call :meth:`notice` and repeat a request
    that had to wait. ``user`` is the client's user id, as the kernel tells it.
    """

    def __init__(self, desk: Desk, *, wake: Callable[[], None], user: int) -> None:
        self.user = user
        self.wake = wake
        self._desk = desk
        self._context = 0
        self._open: dict[int, Slot] = {}
        self._watcher = Watcher(wake)
        self._minor = wire.STATES_WITH_WAIT
        self.waiting = False
        """Whether the client may have to be told something unasked."""
        self.listing = False
        """Whether it has said that it waits and not yet asked for the states, as 4:6
        has it: a notice in between would be taken for their number."""
        self._held_up_by: Slot | None = None
        self._pending: int | None = None

    def answer(self, request: wire.Request) -> bytes:
        """What to send back, perhaps nothing. Raises ``Wait``."""
        match request:
            case wire.Transmit():
                return self._transmit(request)
            case wire.Status():
                return self._plainly(
                    request, lambda slot: slot.status(request.handle, self)
                )
            case wire.Begin():
                return self._plainly(
                    request, lambda slot: slot.begin(request.handle, self)
                )
            case wire.End():
                return self._plainly(
                    request,
                    lambda slot: slot.end(
                        request.handle, self, _disposition(request.disposition)
                    ),
                )
            case wire.Connect():
                return self._connect(request)
            case wire.Reconnect():
                return self._reconnect(request)
            case wire.Disconnect():
                return self._disconnect(request)
            case wire.Control():
                return self._control(request)
            case wire.GetAttribute():
                return self._get_attribute(request)
            case wire.SetAttribute():
                return self._plainly(
                    request, lambda slot: slot.set_attribute(request.handle, self)
                )
            case wire.Version():
                if request.spoken:
                    self._minor = request.minor
                return request.answer()
            case wire.Establish():
                return self._establish(request)
            case wire.Release():
                return self._release(request)
            case wire.Cancel():
                return self._cancel(request)
            case wire.GetStates():
                return self._states(exact=request.exact)
            case wire.CountStates():
                return request.answer(self._desk.board.readers)
            case wire.GetReaderEvents():
                return request.answer(0)
            case wire.WaitForChange():
                states = self._desk.board.wait(self._watcher)
                self.waiting = True
                self.listing = self._minor > wire.STATES_WITH_WAIT
                return b"" if request.silent or self.listing else states
            case wire.StopWaiting():
                waiting = self._desk.board.stop(self._watcher)
                self.waiting = self.waiting and not waiting
                self.listing = False
                return wire.notice(_DONE) if waiting or request.always else b""
            case _:
                assert_never(request)

    def notice(self) -> bytes:
        """What the client must be told unasked, perhaps nothing."""
        if self.listing:
            return b""
        due, self._watcher.due = self._watcher.due, None
        if due is None:
            return b""
        self.waiting = False
        return wire.notice(due)

    def give_up(self, request: wire.Request) -> bytes:
        """The answer to a request that waited long enough: ask again later."""
        self._stop_queueing()
        assert isinstance(request, wire.Begin)
        return request.answer(Code.SCARD_E_SHARING_VIOLATION)

    def close(self) -> None:
        """The client is gone: close what it had open."""
        self._stop_queueing()
        self._desk.board.stop(self._watcher)
        self._close_context()
        if self._pending is not None:
            self._desk.forget_handle(self._pending)

    # -- inside -------------------------------------------------------------------

    def _states(self, *, exact: bool) -> bytes:
        board = self._desk.board
        if exact:
            self.listing = False
            return board.exact
        if self._desk.old_names and self._minor == wire.OLDEST_MINOR:
            return board.old_array
        return board.array

    def _slot(self, handle: int) -> Slot:
        slot = self._open.get(handle)
        if slot is None:
            raise Refused(Code.SCARD_E_INVALID_HANDLE)
        self._held_up_by = slot
        return slot

    def _plainly(
        self,
        request: wire.Begin | wire.End | wire.Status | wire.SetAttribute,
        do: Callable[[Slot], None],
    ) -> bytes:
        try:
            do(self._slot(request.handle))
        except Refused as no:
            return request.answer(no.code)
        return request.answer(_DONE)

    def _establish(self, request: wire.Establish) -> bytes:
        if request.scope not in _SCOPES:
            return request.answer(Code.SCARD_E_INVALID_VALUE)
        self._close_context()
        self._context = self._desk.new_context(self)
        return request.answer(_DONE, self._context)

    def _release(self, request: wire.Release) -> bytes:
        if not self._context:
            return request.answer(Code.SCARD_E_INVALID_HANDLE)
        if request.context != self._context:
            return request.answer(Code.SCARD_E_INVALID_VALUE)
        self._close_context()
        return request.answer(_DONE)

    def _cancel(self, request: wire.Cancel) -> bytes:
        """Only the same user may cancel; to others the context does not exist."""
        target = self._desk.find_context(request.context)
        if target is None or self.user not in (0, target.user):
            return request.answer(Code.SCARD_E_INVALID_HANDLE)
        self._desk.board.cancel(target._watcher)
        return request.answer(_DONE)

    def _connect(self, request: wire.Connect) -> bytes:
        try:
            self._own_context(request.context)
            wanted = _wanted(request.protocols, request.mode)
            mode = _mode(request.mode)
            slot = self._desk.find_slot(request.reader)
            if len(self._open) >= MAX_HANDLES:
                raise Refused(Code.SCARD_E_NO_MEMORY)
            self._held_up_by = slot
            if self._pending is None:
                self._pending = self._desk.new_handle()
            handle = self._pending
            protocol = slot.connect(handle, self, mode, wanted)
        except Refused as no:
            return request.answer(no.code)
        self._pending = None
        self._open[handle] = slot
        return request.answer(_DONE, handle, protocol)

    def _reconnect(self, request: wire.Reconnect) -> bytes:
        try:
            slot = self._slot(request.handle)
            disposition = _disposition(request.disposition)
            if disposition is Disposition.EJECT:
                raise Refused(Code.SCARD_E_INVALID_VALUE)
            wanted = _wanted(request.protocols, request.mode)
            mode = _mode(request.mode)
            protocol = slot.reconnect(request.handle, self, mode, wanted, disposition)
        except Refused as no:
            return request.answer(no.code)
        return request.answer(_DONE, protocol)

    def _disconnect(self, request: wire.Disconnect) -> bytes:
        try:
            slot = self._slot(request.handle)
            slot.disconnect(request.handle, self, _disposition(request.disposition))
        except Refused as no:
            return request.answer(no.code)
        self._forget(request.handle)
        return request.answer(_DONE)

    def _transmit(self, request: wire.Transmit) -> bytes:
        try:
            data = self._slot(request.handle).transmit(
                request.handle, self, request.protocol, request.command
            )
        except Refused as no:
            return request.answer(no.code)
        return request.answer(_DONE, data)

    def _control(self, request: wire.Control) -> bytes:
        try:
            slot = self._slot(request.handle)
            data = slot.control(request.handle, self, request.control)
        except Refused as no:
            return request.answer(no.code)
        return request.answer(_DONE, data)

    def _get_attribute(self, request: wire.GetAttribute) -> bytes:
        try:
            slot = self._slot(request.handle)
            value = slot.attribute(request.handle, self, request.attribute)
        except Refused as no:
            return request.answer(no.code)
        return request.answer(_DONE, value)

    def _own_context(self, context: int) -> None:
        if not self._context:
            raise Refused(Code.SCARD_E_INVALID_HANDLE)
        if context != self._context:
            raise Refused(Code.SCARD_E_INVALID_VALUE)

    def _stop_queueing(self) -> None:
        if self._held_up_by is not None:
            self._held_up_by.withdraw(self)

    def _close_context(self) -> None:
        for handle, slot in list(self._open.items()):
            slot.abandon(handle, self)
            self._forget(handle)
        if self._context:
            self._desk.forget_context(self._context)
            self._context = 0

    def _forget(self, handle: int) -> None:
        del self._open[handle]
        self._desk.forget_handle(handle)


def _mode(number: int) -> Mode:
    try:
        return Mode(number)
    except ValueError:
        raise Refused(Code.SCARD_E_INVALID_VALUE) from None


def _disposition(number: int) -> Disposition:
    try:
        return Disposition(number)
    except ValueError:
        raise Refused(Code.SCARD_E_INVALID_VALUE) from None


def _wanted(number: int, mode: int) -> Protocol:
    """The protocols asked for; only direct use can do without."""
    known = Protocol.T0 | Protocol.T1 | Protocol.RAW | Protocol.ANY_OLD
    if mode != Mode.DIRECT and not number & known:
        raise Refused(Code.SCARD_E_PROTO_MISMATCH)
    return Protocol(number & known)
