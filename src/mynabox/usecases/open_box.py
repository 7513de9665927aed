"""Open a box: its two certificate authorities come into being."""

from dataclasses import dataclass
from datetime import datetime

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.pki.certificate import ca_certificate
from mynabox.pki.profile import ca_last_day, end_of_day
from mynabox.ports import Box, Work
from mynabox.usecases.certify import profile_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The authorities of the box, and whether this call made them."""

    authorities: tuple[Authority, ...]
    made: bool


def open_box(box: Box) -> Opened:
    """Make the first generation of both CAs, unless the box has them.

    The keys are made before the transaction: a key without a certificate is found
    again and used by the next attempt.
    """
    with box.store.look() as work:
        known = tuple(work.statuses.authorities())
    if known:
        return Opened(authorities=known, made=False)
    at = box.clock.now()
    keys = {kind: box.signer.create(f"{kind.value}-01") for kind in CertificateKind}
    with box.store.work() as work:
        known = tuple(work.statuses.authorities())
        if known:
            return Opened(authorities=known, made=False)
        made = []
        for kind, public_key in keys.items():
            authority = _first(kind, public_key, work, box, at=at)
            work.statuses.add_authority(authority)
            made.append(authority)
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=at,
                actor="operator",
                action="open_box",
                subjects=tuple(authority.name for authority in made),
                facts={},
            )
        )
    return Opened(authorities=tuple(made), made=True)


def _first(
    kind: CertificateKind, public_key: bytes, work: Work, box: Box, *, at: datetime
) -> Authority:
    name = f"{kind.value}-01"
    return Authority(
        name=name,
        kind=kind,
        generation=1,
        der=ca_certificate(
            profile_of(box),
            kind,
            public_key=public_key,
            sign=lambda data: box.signer.sign(name, data),
            serial=work.certificates.next_serial(),
            issued=at,
        ),
        not_before=at.replace(microsecond=0),
        not_after=end_of_day(ca_last_day(at)),
    )
