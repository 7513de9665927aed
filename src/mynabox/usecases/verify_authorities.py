"""Check the authorities of a box: keys, chains, names, counters (``ca verify``)."""

from collections.abc import Iterator
from dataclasses import dataclass

from mynabox.lifecycle.authority import Authority, Responder
from mynabox.pki.algorithms import algorithm_of, verify
from mynabox.pki.guard import Genuine, refuse_genuine
from mynabox.pki.reading import NotACertificate, read_certificate
from mynabox.ports import Box, Work

_PROBE = b"mynabox: does this key belong to this certificate?"
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Something that does not fit. ``code`` is stable, ``what`` names the thing."""

    what: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what does not fit."""

    authorities: int
    responders: int
    certificates: int
    mismatches: tuple[Mismatch, ...]


def verify_authorities(box: Box) -> Verified:
    """Check that every key belongs to its certificate, that every certificate in the
    register was signed by the generation it names, that nothing genuine is among
    them, and that no counter could give a number twice.

    Each CA key signs a probe once. Raises ``KeysUnavailable`` if they cannot.
    """
    with box.store.look() as work:
        authorities = tuple(work.statuses.authorities())
        responders = tuple(
            responder
            for authority in authorities
            for responder in work.statuses.responders(authority.name)
        )
        by_name = {authority.name: authority for authority in authorities}
        found = [
            *(one for each in authorities for one in _authority(each, box)),
            *(one for each in responders for one in _responder(each, by_name, box)),
        ]
        count = highest = 0
        for serial, code in _certificates(work, by_name):
            count += 1
            highest = max(highest, serial)
            if code:
                found.append(Mismatch(what=f"cert-{serial}", code=code))
    encoded = (
        *(each.der for each in authorities),
        *(each.der for each in responders),
    )
    highest = max((highest, *map(_serial, encoded)))
    if authorities and _next_serial(box) <= highest:
        found.append(Mismatch(what="issuance numbers", code="counter_behind"))
    return Verified(
        authorities=len(authorities),
        responders=len(responders),
        certificates=count,
        mismatches=tuple(found),
    )


def _authority(authority: Authority, box: Box) -> Iterator[Mismatch]:
    try:
        facts = read_certificate(authority.der)
        refuse_genuine(facts)
    except NotACertificate:
        yield Mismatch(what=authority.name, code="unreadable")
        return
    except Genuine:
        yield Mismatch(what=authority.name, code="genuine_service")
        return
    if not (facts.is_ca and facts.issued_with(facts.public_key)):
        yield Mismatch(what=authority.name, code="not_self_signed")
    if (facts.not_before, facts.not_after) != (
        authority.not_before,
        authority.not_after,
    ):
        yield Mismatch(what=authority.name, code="other_validity")
    if not _has_key(authority.name, facts.public_key, box):
        yield Mismatch(what=authority.name, code="key_differs")


def _responder(
    responder: Responder, authorities: dict[str, Authority], box: Box
) -> Iterator[Mismatch]:
    try:
        facts = read_certificate(responder.der)
        issuer = read_certificate(authorities[responder.issuer].der)
    except NotACertificate:
        yield Mismatch(what=responder.key, code="unreadable")
        return
    if not facts.issued_with(issuer.public_key):
        yield Mismatch(what=responder.key, code="not_from_this_ca")
    try:
        if box.signer.public_key(responder.key) != facts.public_key:
            yield Mismatch(what=responder.key, code="key_differs")
    except KeyError:
        yield Mismatch(what=responder.key, code="key_missing")


def _certificates(
    work: Work, authorities: dict[str, Authority]
) -> Iterator[tuple[int, str]]:
    """(serial, what is wrong or nothing) of every certificate in the register."""
    after = 0
    while page := tuple(work.certificates.list(after=after, limit=_PAGE)):
        for known in page:
            after = known.serial
            try:
                facts = read_certificate(known.der)
                refuse_genuine(facts)
            except NotACertificate:
                yield known.serial, "unreadable"
                continue
            except Genuine:
                yield known.serial, "genuine_service"
                continue
            issuer = read_certificate(authorities[known.issuer].der)
            if facts.serial != known.serial:
                yield known.serial, "other_serial"
            elif not facts.issued_with(issuer.public_key):
                yield known.serial, "not_from_this_ca"
            elif facts.authority_key_identifier != issuer.key_identifier:
                yield known.serial, "names_another_key"
            else:
                yield known.serial, ""


def _has_key(label: str, public_key: bytes, box: Box) -> bool:
    """Whether the key of this label signs for this public key."""
    try:
        signature = box.signer.sign(label, _PROBE)
    except KeyError:
        return False
    return verify(
        public_key, algorithm_of(public_key), signature=signature, data=_PROBE
    )


def _serial(encoded: bytes) -> int:
    try:
        return read_certificate(encoded).serial
    except NotACertificate:
        return 0


def _next_serial(box: Box) -> int:
    """The issuance number that the next certificate would have (none is used up)."""
    with box.store.look() as work:
        return work.certificates.coming_serial()
