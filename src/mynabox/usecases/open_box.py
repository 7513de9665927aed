"""Open a box: its two certificate authorities come into being."""

from dataclasses import dataclass

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.ports import Box
from mynabox.usecases.card_seal import make_cv_keys
from mynabox.usecases.certify import profile_of
from mynabox.usecases.roll_over import (
    authority_name,
    check_shape,
    keep_generations,
    make_authority,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The authorities of the box, and whether this call made them."""

    authorities: tuple[Authority, ...]
    made: bool


def open_box(box: Box) -> Opened:
    """Make the first generation of both CAs, unless the box has them; then the next
    ones, where they are due.

    The keys are made before the transaction: a key without a certificate is found
    again and used by the next attempt. Raises ``Refused`` if the box was made in
    another shape than it is opened in.
    """
    with box.store.look() as work:
        known = tuple(work.statuses.authorities())
    if known:
        check_shape(box, known)
        keep_generations(box)
        with box.store.look() as work:
            return Opened(authorities=tuple(work.statuses.authorities()), made=False)
    at = box.clock.now()
    elliptic = profile_of(box).elliptic
    keys = {
        kind: box.signer.create(authority_name(kind, 1), elliptic=elliptic)
        for kind in CertificateKind
    }
    make_cv_keys(box)
    with box.store.work() as work:
        known = tuple(work.statuses.authorities())
        if known:
            return Opened(authorities=known, made=False)
        made = []
        for kind, public_key in keys.items():
            authority = make_authority(kind, 1, public_key, work, box, at=at)
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
