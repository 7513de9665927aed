"""Certificate revocation lists (RFC 5280 section 5), whole or per municipality.

Entries are joined as bytes; a hundred thousand of them take a fraction of a second.
A certificate on hold is an entry with reason certificateHold; the service never
lifts a hold, so there is no removeFromCRL. A delta list names what a whole list,
its base, does not have yet, or has with another moment or reason.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from mynabox.law.municipality import Municipality
from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import algorithms, der
from mynabox.pki.certificate import MAX_SERIAL_OCTETS, Authority
from mynabox.pki.profile import Profile

REASON_CODES: dict[StopReason, int] = {
    StopReason.UNSPECIFIED: 0,
    StopReason.KEY_COMPROMISE: 1,
    StopReason.AFFILIATION_CHANGED: 3,
    StopReason.SUPERSEDED: 4,
    StopReason.CESSATION_OF_OPERATION: 5,
    StopReason.CERTIFICATE_HOLD: 6,
}
"""CRLReason of RFC 5280 section 5.3.1."""

_AUTHORITY_KEY, _CRL_NUMBER, _ISSUING_POINT, _REASON, _DELTA = (
    "2.5.29.35",
    "2.5.29.20",
    "2.5.29.28",
    "2.5.29.21",
    "2.5.29.27",
)


class Revocation(NamedTuple):
    """One entry: what stopped when, and why.

    ``at``  a moment, or its text as :func:`mynabox.pki.der.x509_time_of` reads it
    """

    serial: int
    at: datetime | str
    reason: StopReason


def revocation_list(
    authority: Authority,
    revocations: Iterable[Revocation],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
    profile: Profile,
    partition: Municipality | None = None,
    base: int | None = None,
) -> bytes:
    """The signed list of one CA; of one municipality's certificates if given one.

    With ``base`` it is a delta list that adds to the list of that number (RFC 5280
    section 5.2.4); ``revocations`` are then those that :func:`added` gives.

    Entries appear in the order given. ``number`` must grow from list to list of the
    same scope. A reason of *unspecified* is left out, as RFC 5280 asks.
    """
    if next_update <= this_update:
        raise ValueError("a list must be replaced after it was made")
    identifier = algorithms.identifier(authority.algorithm)
    issuer = authority.facts
    entries = b"".join(map(_entry, revocations))
    key = algorithms.key_identifier(issuer.public_key)
    extensions = [
        der.sequence(
            der.oid(_AUTHORITY_KEY),
            der.octet_string(der.sequence(der.implicit(0, key))),
        ),
        der.sequence(der.oid(_CRL_NUMBER), der.octet_string(der.integer(number))),
    ]
    if base is not None:
        if base >= number:
            raise ValueError("a delta list is numbered above its base")
        extensions.append(
            der.sequence(
                der.oid(_DELTA),
                der.boolean(True),
                der.octet_string(der.integer(base)),
            )
        )
    if partition is not None:
        extensions.append(_issuing_point(profile, authority, partition))
    signed_part = der.sequence(
        der.integer(1),
        identifier,
        issuer.subject,
        der.x509_time(this_update),
        der.x509_time(next_update),
        der.sequence(entries) if entries else b"",
        der.explicit(0, der.sequence(*extensions)),
    )
    signature = der.bit_string(authority.sign(signed_part))
    return der.sequence(signed_part, identifier, signature)


def added(revocations: Iterable[Revocation], *, base: bytes) -> list[Revocation]:
    """Those whose entry stands nowhere in the list ``base``, as it is now.

    Compared are the entries' own octets, so a changed reason counts as new and no
    clock is asked.
    """
    known = _entries(base)
    return [one for one in revocations if _entry(one) not in known]


def _entries(encoded: bytes) -> frozenset[bytes]:
    """The entries of a list of ours, in DER."""
    signed_part = der.read(encoded).children()[0].children()
    # Version, algorithm, issuer, two times; then the entries, unless there are none.
    entries = signed_part[5]
    if entries.tag != der.SEQUENCE:
        return frozenset()
    return frozenset(entry.encoded for entry in entries.children())


def _entry(revocation: Revocation) -> bytes:
    """One entry; it fits a short length, serial numbers having at most 20 octets."""
    serial, at, reason = revocation
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    if len(octets) > MAX_SERIAL_OCTETS:
        raise ValueError("a serial number has at most 20 octets")
    time = der.x509_time_of(at) if isinstance(at, str) else der.x509_time(at)
    content = b"\x02%c%b%b%b" % (len(octets), octets, time, _reason(reason))
    return b"\x30%c%b" % (len(content), content)


@cache
def _reason(reason: StopReason) -> bytes:
    if reason is StopReason.UNSPECIFIED:
        return b""
    code = der.octet_string(der.enumerated(REASON_CODES[reason]))
    return der.sequence(der.sequence(der.oid(_REASON), code))


def _issuing_point(
    profile: Profile, authority: Authority, partition: Municipality
) -> bytes:
    names = profile.partition(authority.kind, partition).general()
    if profile.addresses is not None:
        name = authority.name or authority.kind.value
        address = profile.addresses.crl(name, partition)
        names += der.implicit(6, address.encode("ascii"))
    point = der.sequence(der.explicit(0, der.explicit(0, names)))
    return der.sequence(
        der.oid(_ISSUING_POINT), der.boolean(True), der.octet_string(point)
    )
