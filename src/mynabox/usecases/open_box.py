"""Open a box: its two certificate authorities come into being."""

from dataclasses import dataclass

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.pki.authority import authority_certificate
from mynabox.ports import Box


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
    made = []
    for kind in CertificateKind:
        name = f"{kind.value}-01"
        public_key = box.signer.create(name)
        made.append(
            authority_certificate(
                name=name,
                kind=kind,
                generation=1,
                public_key=public_key,
                at=at,
                sign=lambda data, key=name: box.signer.sign(key, data),
            )
        )
    with box.store.work() as work:
        known = tuple(work.statuses.authorities())
        if known:
            return Opened(authorities=known, made=False)
        for authority in made:
            work.statuses.add_authority(authority)
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
