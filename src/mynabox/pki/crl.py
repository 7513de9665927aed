"""Certificate revocation lists (RFC 5280 section 5), whole or per municipality.

Entries are joined as bytes; a hundred thousand of them take a fraction of a second.
A certificate on hold is an entry with reason certificateHold; the service never
lifts a hold, so there is no removeFromCRL. A delta list names what a whole list,
its base, does not have yet, or has with another moment or reason.
"""

from collections.abc import Iterable
from datetime import datetime

from mynabox.law.municipality import Municipality
from mynabox.pki import algorithms, der
from mynabox.pki.certificate import Authority
from mynabox.pki.crl_entry import REASON_CODES, Revocation, entry
from mynabox.pki.profile import Profile

__all__ = ["REASON_CODES", "Revocation", "added", "revocation_list"]

_AUTHORITY_KEY, _CRL_NUMBER, _ISSUING_POINT, _DELTA = (
    "2.5.29.35",
    "2.5.29.20",
    "2.5.29.28",
    "2.5.29.27",
)


def revocation_list(
    authority: Authority,
    revocations: Iterable[Revocation | bytes],
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

    Entries appear in the order given; octets are entries that are ready, as many as
    there are. ``number`` must grow from list to list of the same scope.
    """
    if next_update <= this_update:
        raise ValueError("a list must be replaced after it was made")
    identifier = algorithms.identifier(authority.algorithm)
    issuer = authority.facts
    entries = [one if isinstance(one, bytes) else entry(one) for one in revocations]
    size = sum(map(len, entries))
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
    signed_part = der.long_sequence(
        der.integer(1),
        identifier,
        issuer.subject,
        der.x509_time(this_update),
        der.x509_time(next_update),
        der.header(der.SEQUENCE, size) if size else b"",
        *entries,
        der.explicit(0, der.sequence(*extensions)),
    )
    signature = der.bit_string(authority.sign(signed_part))
    return der.long_sequence(signed_part, identifier, signature)


def added(revocations: Iterable[Revocation], *, base: bytes) -> list[Revocation]:
    """Those whose entry stands nowhere in the list ``base``, as it is now.

    Compared are the entries' own octets, so a changed reason counts as new and no
    clock is asked.
    """
    known = _entries(base)
    return [one for one in revocations if entry(one) not in known]


def _entries(encoded: bytes) -> frozenset[bytes]:
    """The entries of a list of ours, in DER."""
    signed_part = der.read(encoded).children()[0].children()
    # Version, algorithm, issuer, two times; then the entries, unless there are none.
    entries = signed_part[5]
    if entries.tag != der.SEQUENCE:
        return frozenset()
    return frozenset(entry.encoded for entry in entries.children())


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
