"""One entry of a revocation list in DER: what stopped when, and why."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import der

MAX_SERIAL_OCTETS = 20
"""RFC 5280 section 4.1.2.2."""

REASON_CODES: dict[StopReason, int] = {
    StopReason.UNSPECIFIED: 0,
    StopReason.KEY_COMPROMISE: 1,
    StopReason.AFFILIATION_CHANGED: 3,
    StopReason.SUPERSEDED: 4,
    StopReason.CESSATION_OF_OPERATION: 5,
    StopReason.CERTIFICATE_HOLD: 6,
}
"""CRLReason of RFC 5280 section 5.3.1."""

_REASON = "2.5.29.21"


class Revocation(NamedTuple):
    """One entry: what stopped when, and why.

    ``at``  a moment, or its text as :func:`mynabox.pki.der.x509_time_of` reads it
    """

    serial: int
    at: datetime | str
    reason: StopReason


def entry(revocation: Revocation) -> bytes:
    """One entry; it fits a short length, serial numbers having at most 20 octets. A
    reason of *unspecified* is left out, as RFC 5280 asks."""
    serial, at, reason = revocation
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    if len(octets) > MAX_SERIAL_OCTETS:
        raise ValueError("a serial number has at most 20 octets")
    time = der.x509_time_of(at) if isinstance(at, str) else der.x509_time(at)
    content = b"\x02%c%b%b%b" % (len(octets), octets, time, _reason(reason))
    return b"\x30%c%b" % (len(content), content)


def split(entries: bytes) -> Iterator[tuple[int, bytes]]:
    """Entries that stand behind one another, each with its serial number; what is
    cut off or no entry at the end is left out."""
    at = 0
    while at + 4 <= len(entries):
        end = at + 2 + entries[at + 1]
        octets = entries[at + 4 : at + 4 + entries[at + 3]]
        yield int.from_bytes(octets, "big"), entries[at:end]
        at = end


@cache
def _reason(reason: StopReason) -> bytes:
    if reason is StopReason.UNSPECIFIED:
        return b""
    code = der.octet_string(der.enumerated(REASON_CODES[reason]))
    return der.sequence(der.sequence(der.oid(_REASON), code))
