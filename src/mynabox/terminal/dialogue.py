"""Commands that more than one application answers, in the forms genuine cards take."""

from mynabox.iso7816 import SW, Answer, Command, tries_left
from mynabox.iso7816.apdu import EXTENDED_LE
from mynabox.iso7816.tlv import TlvError, ber_size
from mynabox.terminal.connection import Connection
from mynabox.terminal.errors import (
    ApplicationMissing,
    CardError,
    CardNonsense,
    LastTry,
    NothingThere,
    PinLocked,
    PinRequired,
    WrongPin,
)

_BLOCK = 256
_LONGEST_SECRET = 16
_HARMLESS = frozenset((0x84, 0xA4, 0xB2))
"""GET CHALLENGE, SELECT, READ RECORD."""
_LOCKED = frozenset((SW.METHOD_BLOCKED, SW.REFERENCE_BLOCKED))


class Dialogue:
    """One connection, spoken to in whole commands.

    Some cards answer the first command after power-up with 6F00, whatever it is: one
    that changes nothing is then sent again.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._spoken = False

    def ask(self, command: Command) -> Answer:
        """Send a command; fetch the rest (61xx) or ask again with the right Le (6Cxx)."""
        answer = self._send(command)
        spoken, self._spoken = self._spoken, True
        if answer.sw == SW.NO_DIAGNOSIS and not spoken and command.ins in _HARMLESS:
            answer = self._send(command)
        if answer.sw >> 8 == 0x6C:
            again = Command(
                command.cla,
                command.ins,
                command.p1,
                command.p2,
                command.data,
                answer.sw & 0xFF or 256,
            )
            answer = self._send(again)
        data = answer.data
        while answer.sw >> 8 == 0x61:
            rest = Command(0x00, 0xC0, 0x00, 0x00, b"", answer.sw & 0xFF or 256)
            answer = self._send(rest)
            data += answer.data
            if not answer.data or len(data) > EXTENDED_LE:
                raise CardNonsense("an answer in parts that does not end")
        return Answer(data, answer.sw)

    def _send(self, command: Command) -> Answer:
        try:
            return Answer.parse(self._connection.transmit(command.encode()))
        except ValueError as error:
            raise CardNonsense(str(error)) from None

    def select_application(self, aid: bytes) -> None:
        """Make an application current; raises ApplicationMissing."""
        answer = self.ask(Command(0x00, 0xA4, 0x04, 0x0C, aid))
        if answer.sw == SW.FILE_NOT_FOUND:
            raise ApplicationMissing("SELECT application", answer.sw)
        _expect_ok("SELECT application", answer)

    def select_file(self, fid: int) -> None:
        """Make a file of the current application current."""
        data = fid.to_bytes(2)
        answer = self.ask(Command(0x00, 0xA4, 0x02, 0x0C, data))
        _expect_ok(f"SELECT file {fid:04X}", answer)

    def read(self, fid: int) -> bytes:
        """A whole transparent file, filler and all."""
        self.select_file(fid)
        return self._read_on(fid, b"", None)

    def read_object(self, fid: int) -> bytes:
        """The BER object a file begins with, without the filler behind it."""
        self.select_file(fid)
        head = self._block(fid, 0, 8) or b""
        if not head:
            raise NothingThere(f"READ file {fid:04X}", SW.OFFSET_OUTSIDE)
        try:
            size = ber_size(head)
        except TlvError as error:
            raise CardNonsense(f"file {fid:04X}: {error}") from None
        content = self._read_on(fid, head, size)[:size]
        if len(content) < size:
            raise CardNonsense(f"file {fid:04X} ends before its object does")
        return content

    def _read_on(self, fid: int, content: bytes, size: int | None) -> bytes:
        while size is None or len(content) < size:
            left = _BLOCK if size is None else min(_BLOCK, size - len(content))
            block = self._block(fid, len(content), left)
            if not block:
                break
            content += block
            if size is None and len(block) < left:
                break
        return content

    def _block(self, fid: int, offset: int, length: int) -> bytes | None:
        if offset > 0x7FFF:
            return None
        p1, p2 = offset >> 8, offset & 0xFF
        answer = self.ask(Command(0x00, 0xB0, p1, p2, b"", length))
        if answer.sw == SW.OFFSET_OUTSIDE:
            return None
        _expect_ok(f"READ file {fid:04X}", answer)
        return answer.data

    def read_record(self, sfi: int, number: int) -> bytes:
        """One record of a file named by its short identifier."""
        p2 = sfi << 3 | 0x04
        answer = self.ask(Command(0x00, 0xB2, number, p2, b"", 256))
        _expect_ok(f"READ record {number} of {sfi:02X}", answer)
        return answer.data

    def tries_left(self, fid: int) -> int:
        """Tries left of the secret in a file, asked without spending one."""
        self.select_file(fid)
        answer = self.ask(Command(0x00, 0x20, 0x00, 0x80))
        if (left := tries_left(answer.sw)) is not None:
            return left
        if answer.sw in _LOCKED:
            return 0
        raise CardError("VERIFY query", answer.sw)

    def verify(self, fid: int, value: bytes, *, last_try: bool) -> None:
        """Present a secret, unless it would be the last try and nobody said so.

        Never sent again by itself: after a lost answer the try may have counted.
        ValueError for a value no card could take.
        """
        _expect_sendable(value)
        left = self.tries_left(fid)
        if left == 0:
            raise PinLocked("VERIFY", SW.REFERENCE_BLOCKED)
        if left == 1 and not last_try:
            raise LastTry
        answer = self.ask(Command(0x00, 0x20, 0x00, 0x80, value))
        if (wrong := tries_left(answer.sw)) is not None:
            raise WrongPin("VERIFY", answer.sw, wrong)
        _expect_ok("VERIFY", answer)

    def change(self, fid: int, cla: int, ins: int, p1: int, value: bytes) -> None:
        """Choose a new value for a secret presented before; ValueError as above."""
        _expect_sendable(value)
        self.select_file(fid)
        answer = self.ask(Command(cla, ins, p1, 0x80, value))
        _expect_ok("CHANGE", answer)

    def sign(self, fid: int | None, digest_info: bytes) -> bytes:
        """PKCS#1 v1.5 over a DigestInfo, with a key file or the default key (None)."""
        p2 = 0x00
        if fid is not None:
            self.select_file(fid)
            p2 = 0x80
        answer = self.ask(Command(0x80, 0x2A, 0x00, p2, digest_info, 256))
        if answer.sw == SW.CONDITIONS_NOT_SATISFIED:
            raise NothingThere("COMPUTE DIGITAL SIGNATURE", answer.sw)
        _expect_ok("COMPUTE DIGITAL SIGNATURE", answer)
        return answer.data


def _expect_sendable(value: bytes) -> None:
    """An empty value would turn VERIFY into its query; more than 16 never fit."""
    if not 1 <= len(value) <= _LONGEST_SECRET:
        raise ValueError(f"a PIN or password has 1 to {_LONGEST_SECRET} characters")


def _expect_ok(command: str, answer: Answer) -> None:
    match answer.sw:
        case SW.OK:
            return
        case SW.SECURITY_NOT_SATISFIED:
            raise PinRequired(command, answer.sw)
        case SW.METHOD_BLOCKED | SW.REFERENCE_BLOCKED:
            raise PinLocked(command, answer.sw)
        case SW.FILE_NOT_FOUND | SW.RECORD_NOT_FOUND:
            raise NothingThere(command, answer.sw)
        case _:
            raise CardError(command, answer.sw)
