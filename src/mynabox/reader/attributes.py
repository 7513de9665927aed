"""What the reader tells of itself: attributes and features (PC/SC parts 3 and 10)."""

import struct
from dataclasses import dataclass
from typing import Final

from mynabox import __version__
from mynabox.reader.atr import Protocol
from mynabox.reader.codes import Code, Refused
from mynabox.reader.layout import MAX_APDU

GET_FEATURE_REQUEST: Final = 0x42000000 + 3400
"""The control code that asks which features there are (PC/SC part 10, 2.2)."""
FEATURE_GET_TLV_PROPERTIES: Final = 0x12
TLV_PROPERTIES: Final = 0x42000000 + 3500
"""The control code of our own by which the properties are read."""

_FIRMWARE, _PPDU, _MAX_APDU = 0x08, 0x09, 0x0A
_LONGEST_DATA: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What attributes are made of: the reader's name, number, use and card."""

    name: str
    number: int
    in_use: bool
    present: bool
    powered: bool
    atr: bytes
    protocol: Protocol


def _version() -> int:
    major, minor, build = (int(part) for part in __version__.split(".")[:3])
    return major << 24 | minor << 16 | build


def _long(value: int) -> bytes:
    return struct.pack("=I", value)


def _text(value: str) -> bytes:
    return value.encode() + b"\0"


def attribute(tag: int, facts: Facts) -> bytes:
    """The value of SCARD_ATTR ``tag``; refused if the reader has no such property."""
    match tag:
        case 0x00010100:  # VENDOR_NAME
            return _text("mynabox")
        case 0x00010101:  # VENDOR_IFD_TYPE
            return _text("virtual card reader")
        case 0x00010102:  # VENDOR_IFD_VERSION
            return _long(_version())
        case 0x00010103:  # VENDOR_IFD_SERIAL_NO
            return _text(f"{facts.number:08d}")
        case 0x00020110:  # CHANNEL_ID: vendor-defined link, with our number
            return _long(0x00F0 << 16 | facts.number)
        case 0x00030120:  # ASYNC_PROTOCOL_TYPES
            return _long(Protocol.T0 | Protocol.T1)
        case 0x0007A007:  # MAXINPUT
            return _long(MAX_APDU)
        case 0x00080201 if facts.present:  # CURRENT_PROTOCOL_TYPE
            return _long(facts.protocol)
        case 0x00090300:  # ICC_PRESENCE: absent, or swallowed and ready
            return b"\x02" if facts.present else b"\x00"
        case 0x00090301:  # ICC_INTERFACE_STATUS: contacts active
            return b"\xff" if facts.powered else b"\x00"
        case 0x00090303 if facts.atr:  # ATR_STRING
            return facts.atr
        case 0x00090304 if facts.present:  # ICC_TYPE_PER_ATR: ISO 7816 asynchronous
            return b"\x01"
        case 0x7FFF0001:  # DEVICE_UNIT
            return _long(facts.number)
        case 0x7FFF0002:  # DEVICE_IN_USE
            return _long(facts.in_use)
        case 0x7FFF0003 | 0x7FFF0004:  # DEVICE_FRIENDLY_NAME, DEVICE_SYSTEM_NAME
            return _text(facts.name)
        case _:
            raise Refused(Code.SCARD_E_UNSUPPORTED_FEATURE)


def control(code: int) -> bytes:
    """What the reader answers to a control code: it has no keypad and no display."""
    if code == GET_FEATURE_REQUEST:
        return struct.pack(">BBI", FEATURE_GET_TLV_PROPERTIES, 4, TLV_PROPERTIES)
    if code == TLV_PROPERTIES:
        firmware = __version__.encode()
        return (
            bytes([_FIRMWARE, len(firmware)])
            + firmware
            + bytes([_PPDU, 1, 0])
            + struct.pack("<BBI", _MAX_APDU, 4, _LONGEST_DATA)
        )
    raise Refused(Code.SCARD_E_UNSUPPORTED_FEATURE)
