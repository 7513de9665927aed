"""Tag-length-value data: BER (ISO/IEC 7816-4 §5.2.2) and JICSAP's simple form.

Cards write BER lengths longer than they need be (``82 00 9F``), so lengths are read
in any definite form of up to four bytes and written in the form asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class TlvError(ValueError):
    """The bytes are no TLV: cut short, or a form these cards do not use."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One object: the tag as the number its bytes spell (``0xFF10``), and its value."""

    tag: int
    value: bytes


def read_ber(data: bytes, offset: int = 0) -> tuple[Tlv, int]:
    """The BER object at ``offset`` and the offset behind it."""
    tag, at = _ber_tag(data, offset)
    length, at = _ber_length(data, at)
    if at + length > len(data):
        raise TlvError(f"tag {tag:X} announces {length} bytes, {len(data) - at} follow")
    return Tlv(tag, data[at : at + length]), at + length


def parse_ber(data: bytes) -> list[Tlv]:
    """All objects of a template; trailing bytes that are no object are an error."""
    found, at = [], 0
    while at < len(data):
        tlv, at = read_ber(data, at)
        found.append(tlv)
    return found


def ber_size(data: bytes) -> int:
    """How long the whole first object is, from its first bytes (at least 6) alone."""
    _, at = _ber_tag(data, 0)
    length, at = _ber_length(data, at)
    return at + length


def encode_ber(tag: int, value: bytes, *, length_bytes: int | None = None) -> bytes:
    """One BER object; ``length_bytes`` asks for that many bytes behind ``8n``.

    ``0`` is the short form, ``None`` the shortest that fits.
    """
    name = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    size = len(value)
    if length_bytes is None:
        length_bytes = 0 if size < 0x80 else (size.bit_length() + 7) // 8
    if length_bytes == 0:
        if size >= 0x80:
            raise TlvError(f"{size} bytes do not fit a short length")
        return name + bytes((size,)) + value
    return name + bytes((0x80 | length_bytes,)) + size.to_bytes(length_bytes) + value


def _ber_tag(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise TlvError("no tag")
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:
        for _ in range(3):
            if at >= len(data):
                raise TlvError("a tag is cut short")
            tag = tag << 8 | data[at]
            at += 1
            if not data[at - 1] & 0x80:
                return tag, at
        raise TlvError("a tag of more than four bytes")
    return tag, at


def _ber_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise TlvError("no length")
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= 4:
        raise TlvError(f"length form {first:02X} is not used")
    if at + count > len(data):
        raise TlvError("a length is cut short")
    return int.from_bytes(data[at : at + count]), at + count


def parse_simple(data: bytes) -> Iterator[Tlv]:
    """Objects of one tag byte and a length byte, ``FF`` announcing two more."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise TlvError("a simple object is cut short")
        tag, length = data[at], data[at + 1]
        at += 2
        if length == 0xFF:
            if at + 2 > len(data):
                raise TlvError("a simple length is cut short")
            length = int.from_bytes(data[at : at + 2])
            at += 2
        if at + length > len(data):
            raise TlvError(f"tag {tag:02X} announces {length} bytes")
        yield Tlv(tag, data[at : at + length])
        at += length


def encode_simple(objects: Iterable[Tlv]) -> bytes:
    """Objects in the simple form."""
    out = b""
    for tlv in objects:
        size = len(tlv.value)
        if size > 0xFFFF:
            raise TlvError(f"{size} bytes do not fit a simple object")
        length = bytes((size,)) if size < 0xFF else b"\xff" + size.to_bytes(2)
        out += bytes((tlv.tag,)) + length + tlv.value
    return out
