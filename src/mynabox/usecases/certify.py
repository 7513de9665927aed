"""Issue the certificates for keys that a card's chip has made."""

from datetime import datetime

from mynabox.law.certificates import certificate_expiry
from mynabox.law.municipality import municipality
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Box, Work


def newest_authority(work: Work, kind: CertificateKind, *, at: datetime) -> Authority:
    """The CA generation that issues today; raises ``Refused`` if none is valid."""
    authority = max(
        (
            known
            for known in work.statuses.authorities()
            if known.kind is kind and known.not_before <= at <= known.not_after
        ),
        key=lambda known: known.generation,
        default=None,
    )
    if authority is None:
        raise Refused("ca.none_valid", kind=kind.value)
    return authority
