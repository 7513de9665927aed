"""DER (X.690): a writer that joins bytes, and a strict reader.

The writer exists because certificates, revocation lists and OCSP answers are
assembled here without a private key object at hand, and because joining is two
orders of magnitude faster than building object trees. The reader serves what
strangers send; it raises ``MalformedDer`` and nothing else.
"""

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 1, 2, 3, 4, 5, 6, 10
UTF8_STRING, PRINTABLE_STRING, IA5_STRING = 12, 19, 22
SEQUENCE, SET = 0x30, 0x31


class MalformedDer(ValueError):
    """These bytes are not the DER that was expected."""


def length(size: int) -> bytes:
    """The length octets for *size* content octets."""
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


@lru_cache(maxsize=1 << 14)
def header(tag: int, size: int) -> bytes:
    """Tag and length octets of an element with *size* content octets."""
    return bytes((tag,)) + length(size)


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element whose content is *parts* joined."""
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    return header(tag, size) + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of *parts*, in their order."""
    return tlv(SEQUENCE, *parts)


def long_sequence(*parts: bytes) -> bytes:
    """As :func:`sequence`; millions of octets are copied once, not twice."""
    return b"".join((header(SEQUENCE, sum(map(len, parts))), *parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF *parts*, sorted as DER asks."""
    return tlv(SET, *sorted(parts))


def explicit(number: int, *parts: bytes) -> bytes:
    """A constructed context-specific tag around *parts*."""
    return tlv(0xA0 | number, *parts)


def implicit(number: int, content: bytes) -> bytes:
    """A primitive context-specific tag in place of a universal one."""
    return tlv(0x80 | number, content)


def integer(value: int) -> bytes:
    """INTEGER, two's complement, shortest form."""
    # Of a negative number the two's complement is as long as that of the one above it.
    bits = value.bit_length() if value >= 0 else (value + 1).bit_length()
    return tlv(INTEGER, value.to_bytes(bits // 8 + 1, "big", signed=True))


def enumerated(value: int) -> bytes:
    """ENUMERATED of a small non-negative *value*."""
    return tlv(ENUMERATED, bytes((value,)))


def boolean(value: bool) -> bytes:
    """BOOLEAN."""
    return tlv(BOOLEAN, b"\xff" if value else b"\x00")


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


@cache
def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER of the dotted notation."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        octets = [arc & 0x7F]
        while arc := arc >> 7:
            octets.append(0x80 | (arc & 0x7F))
        content += bytes(reversed(octets))
    return tlv(OID, bytes(content))


def bit_string(content: bytes) -> bytes:
    """BIT STRING of whole octets."""
    return tlv(BIT_STRING, b"\x00", content)


def named_bits(*positions: int) -> bytes:
    """BIT STRING with the bits at *positions* set, trailing zeros dropped."""
    value = 0
    for position in positions:
        value |= 1 << (7 - position % 8) << 8 * (position // 8)
    octets = value.to_bytes(max(positions) // 8 + 1, "little")
    unused = 7 - max(positions) % 8
    return tlv(BIT_STRING, bytes((unused,)), octets)


def octet_string(content: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(OCTET_STRING, content)


def utf8(text: str) -> bytes:
    """UTF8String."""
    return tlv(UTF8_STRING, text.encode())


def printable(text: str) -> bytes:
    """PrintableString; the caller keeps to its letters."""
    return tlv(PRINTABLE_STRING, text.encode("ascii"))


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime in UTC; what is below the second is dropped."""
    year, *rest = utc(moment).timetuple()[:6]
    return b"\x18\x0f%04d%02d%02d%02d%02d%02dZ" % (year, *rest)


def x509_time(moment: datetime) -> bytes:
    """UTCTime up to 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5)."""
    year, *rest = utc(moment).timetuple()[:6]
    if 1950 <= year < 2050:
        return b"\x17\x0d%02d%02d%02d%02d%02d%02dZ" % (year % 100, *rest)
    return b"\x18\x0f%04d%02d%02d%02d%02d%02dZ" % (year, *rest)


def x509_time_of(text: str) -> bytes:
    """As :func:`x509_time`, of a moment written ``2026-11-20T10:00:00...+09:00``: the
    zone is always Japan's, and what is below the second is dropped.

    Only the hour has to be converted, and that once for all entries within it.
    """
    hour, minutes, seconds = text[:13], text[14:16], text[17:19]
    return _utc_hour(hour) + minutes.encode() + seconds.encode() + b"Z"


@lru_cache(maxsize=1 << 16)
def _utc_hour(hour: str) -> bytes:
    return x509_time(datetime.fromisoformat(f"{hour}:00:00+09:00"))[:-5]


def utc(moment: datetime) -> datetime:
    """A moment in UTC; raises ``ValueError`` for one without a time zone."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


class Element(NamedTuple):
    """One element read: its tag octet, its content, and all of its octets."""

    tag: int
    content: bytes
    encoded: bytes

    def children(self) -> list["Element"]:
        """The elements inside a constructed element."""
        if not self.tag & 0x20:
            raise MalformedDer("a primitive element has no parts")
        content, found, at = self.content, [], 0
        end = len(content)
        while at < end:
            element, at = _read(content, at)
            found.append(element)
        return found

    def expect(self, tag: int) -> "Element":
        """This element, if its tag is *tag*."""
        if self.tag != tag:
            raise MalformedDer(f"tag {tag:02X} expected, {self.tag:02X} found")
        return self

    def only_child(self) -> "Element":
        """The single element inside an explicit tag."""
        inside = self.children()
        if len(inside) != 1:
            raise MalformedDer("exactly one element expected inside a tag")
        return inside[0]

    def as_integer(self) -> int:
        """The value of an INTEGER."""
        self.expect(INTEGER)
        if not self.content:
            raise MalformedDer("an INTEGER without octets")
        if self.content[0] in (0, 0xFF) and len(self.content) > 1:
            same_sign = (self.content[0] ^ self.content[1]) & 0x80 == 0
            if same_sign:
                raise MalformedDer("an INTEGER longer than needed")
        return int.from_bytes(self.content, "big", signed=True)


def read(data: bytes) -> Element:
    """The one element that *data* is; octets left over are an error."""
    element, end = _read(data, 0)
    if end != len(data):
        raise MalformedDer("octets after the end")
    return element


def _read(data: bytes, start: int) -> tuple[Element, int]:
    if len(data) < start + 2:
        raise MalformedDer("cut off before a length")
    tag, size, at = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise MalformedDer("a tag of several octets")
    if size >= 0x80:
        count = size & 0x7F
        octets = data[at : at + count]
        if not 1 <= count <= 4 or len(octets) < count:
            raise MalformedDer("a length that is indefinite, huge or cut off")
        size, at = int.from_bytes(octets, "big"), at + count
        if size < 0x80 or octets[0] == 0:
            raise MalformedDer("a length longer than needed")
    end = at + size
    if end > len(data):
        raise MalformedDer("content cut off")
    return Element(tag, data[at:end], data[start:end]), end
