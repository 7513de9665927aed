"""A CA's next generation: a new key under the same name (世代交代).

A CA certificate lasts longer than any certificate under it, so generations overlap.
All bear one distinguished name: who issued a certificate is told by key identifier
and signature alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.pki.certificate import ca_certificate
from mynabox.pki.profile import ca_last_day, end_of_day, number
from mynabox.pki.reading import read_certificate
from mynabox.ports import Box, Work
from mynabox.usecases.certify import profile_of


def roll_over(kind: CertificateKind, box: Box, *, actor: str = "operator") -> Authority:
    """Make the next generation of a CA; it issues from now on.

    Older generations live on for the certificates they issued: lists and OCSP answers
    go on being signed for each. The key is made before the transaction; if somebody
    else makes the same generation meanwhile, theirs is the one.
    """
    with box.store.look() as work:
        generation = _newest(work, kind) + 1
    return _make(kind, generation, box, actor=actor)


def keep_generations(
    box: Box, *, kinds: Iterable[CertificateKind] = tuple(CertificateKind)
) -> tuple[Authority, ...]:
    """Make the generations that are due, so that every certificate issued from now on
    ends before its issuer does; those that were made.

    Due is a CA without a valid generation, and one whose newest can no longer cover
    the longest life of a certificate, with some days to spare. Turning the clock on
    by ten years and more is an ordinary case of this.
    """
    at = box.clock.now()
    made = []
    with box.store.look() as work:
        due = {kind: _newest(work, kind) for kind in kinds if _due(work, kind, box, at)}
    for kind, newest in due.items():
        made.append(_make(kind, newest + 1, box, actor="box"))
    return tuple(made)


def covered_until(at: datetime, box: Box) -> datetime:
    """How far the newest generation must reach for issuing at a moment."""
    years = profile_of(box).covers_years
    lead = timedelta(days=number("rollover_lead_days"))
    return end_of_day(ca_last_day(at, years=years)) + lead


def check_shape(box: Box, authorities: Iterable[Authority]) -> None:
    """Refuse to go on with a box whose CAs were made in another shape."""
    for authority in authorities:
        meant = profile_of(box).ca_name(authority.kind).encode()
        if read_certificate(authority.der).subject != meant:
            raise Refused("ca.other_shape", issuer=authority.name)


def make_authority(
    kind: CertificateKind,
    generation: int,
    public_key: bytes,
    work: Work,
    box: Box,
    *,
    at: datetime,
) -> Authority:
    """The self-signed certificate of a generation, from now on."""
    profile = profile_of(box)
    name = authority_name(kind, generation)
    return Authority(
        name=name,
        kind=kind,
        generation=generation,
        der=ca_certificate(
            profile,
            kind,
            public_key=public_key,
            sign=lambda data: box.signer.sign(name, data),
            serial=work.certificates.next_serial(),
            issued=at,
        ),
        not_before=at.replace(microsecond=0),
        not_after=end_of_day(ca_last_day(at, years=profile.ca_years)),
    )


def authority_name(kind: CertificateKind, generation: int) -> str:
    """What a generation is called, e.g. ``signature-02``; also its key's label."""
    return f"{kind.value}-{generation:02d}"


def _make(kind: CertificateKind, generation: int, box: Box, *, actor: str) -> Authority:
    profile = profile_of(box)
    at = box.clock.now()
    name = authority_name(kind, generation)
    public_key = box.signer.create(name, elliptic=profile.elliptic)
    with box.store.work() as work:
        known = tuple(work.statuses.authorities())
        check_shape(box, known)
        there = next((one for one in known if one.name == name), None)
        if there is not None:
            return there
        authority = make_authority(kind, generation, public_key, work, box, at=at)
        work.statuses.add_authority(authority)
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=at,
                actor=actor,
                action="roll_over",
                subjects=(name,),
                facts={"until": authority.not_after.isoformat()},
            )
        )
    return authority


def _newest(work: Work, kind: CertificateKind) -> int:
    return max(
        (one.generation for one in work.statuses.authorities() if one.kind is kind),
        default=0,
    )


def _due(work: Work, kind: CertificateKind, box: Box, at: datetime) -> bool:
    until = covered_until(at, box)
    return not any(
        one.not_before <= at and until <= one.not_after
        for one in work.statuses.authorities()
        if one.kind is kind
    )
