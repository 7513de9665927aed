"""Command and answer APDUs (ISO/IEC 7816-3 §12.1.3, 7816-4 §5.1)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SHORT_LC = 255
SHORT_LE = 256
EXTENDED_LC = 65535
EXTENDED_LE = 65536


class Fault(StrEnum):
    """Why some bytes are no command."""

    NO_HEADER = "fewer than the four bytes CLA INS P1 P2"
    EXTENDED_LC_ZERO = "an extended Lc of zero announces no data"
    EXTENDED_CUT = "an extended length field is cut short"
    LENGTH = "Lc does not fit the bytes that follow"


class Malformed(ValueError):
    """The bytes are no APDU. Carries the fault, never the bytes."""

    def __init__(self, fault: Fault, length: int) -> None:
        super().__init__(f"{fault} ({length} bytes)")
        self.fault = fault
        self.length = length


class Command(NamedTuple):
    """One command APDU. (A tuple: it is made once or twice for every command.)

    ``le`` is the number of bytes asked for: ``None`` where the field is absent
    (cases 1 and 3), 256 for a short ``00`` and 65536 for an extended ``0000``.
    The five-byte form ``CLA INS P1 P2 00`` is case 2 with ``le == 256``, which is
    not the four-byte case 1: cards answer them differently.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    def __repr__(self) -> str:
        """Header and lengths only: the data may be a PIN."""
        return (
            f"Command({self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X},"
            f" Lc={len(self.data)}, Le={self.le})"
        )

    @property
    def case(self) -> int:
        """1: nothing; 2: Le; 3: data; 4: data and Le."""
        return 1 + (self.le is not None) + 2 * bool(self.data)

    @classmethod
    def parse(cls, raw: bytes) -> "Command":
        """Read one command; raises :class:`Malformed` for anything else."""
        size = len(raw)
        if size < 4:
            raise Malformed(Fault.NO_HEADER, size)
        cla, ins, p1, p2 = raw[0], raw[1], raw[2], raw[3]
        if size == 4:
            return cls(cla, ins, p1, p2)
        first = raw[4]
        if size == 5:
            return cls(cla, ins, p1, p2, b"", first or SHORT_LE)
        if first:
            if size == 5 + first:
                return cls(cla, ins, p1, p2, raw[5:])
            if size == 6 + first:
                return cls(cla, ins, p1, p2, raw[5:-1], raw[-1] or SHORT_LE)
            raise Malformed(Fault.LENGTH, size)
        if size == 6:
            raise Malformed(Fault.EXTENDED_CUT, size)
        second = raw[5] << 8 | raw[6]
        if size == 7:
            return cls(cla, ins, p1, p2, b"", second or EXTENDED_LE, True)
        if not second:
            raise Malformed(Fault.EXTENDED_LC_ZERO, size)
        if size == 7 + second:
            return cls(cla, ins, p1, p2, raw[7:], None, True)
        if size == 9 + second:
            le = raw[-2] << 8 | raw[-1]
            return cls(cla, ins, p1, p2, raw[7:-2], le or EXTENDED_LE, True)
        raise Malformed(Fault.LENGTH, size)

    def encode(self) -> bytes:
        """The bytes; the extended form where asked for or where lengths need it."""
        lc, le = len(self.data), self.le
        if lc > EXTENDED_LC:
            raise ValueError(f"{lc} bytes of data do not fit one command")
        if le is not None and not 1 <= le <= EXTENDED_LE:
            raise ValueError(f"Le {le} is outside 1..65536")
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        if not (self.extended or lc > SHORT_LC or (le or 0) > SHORT_LE):
            body = bytes((lc,)) + self.data if lc else b""
            return header + body + (b"" if le is None else bytes((le & 0xFF,)))
        if not lc and le is None:
            return header
        body = lc.to_bytes(2, "big") + self.data if lc else b""
        tail = b"" if le is None else (le & 0xFFFF).to_bytes(2, "big")
        return header + b"\x00" + body + tail


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer APDU: data and the two status bytes as one number."""

    data: bytes
    sw: int

    @classmethod
    def parse(cls, raw: bytes) -> "Answer":
        """Split an answer; fewer than two bytes are no answer (ValueError)."""
        if len(raw) < 2:
            raise ValueError(f"an answer has at least two bytes, not {len(raw)}")
        return cls(raw[:-2], raw[-2] << 8 | raw[-1])

    def encode(self) -> bytes:
        """Data followed by SW1 SW2."""
        return self.data + self.sw.to_bytes(2, "big")
