"""Is this the same person? Old and new certificates, and those of both kinds
(新旧シリアル紐付け).

The later certificate must be good now; the earlier one may have ended long ago.
"""

from dataclasses import dataclass
from enum import StrEnum

from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.ports import Box, Work
from mynabox.usecases.check_certificate import (
    Checked,
    Wanted,
    demand_own,
    demand_right,
    entry,
    judge,
    note,
)


class Relation(StrEnum):
    """How two certificates hang together."""

    SAME = "same_certificate"
    RENEWED = "renewed"
    """One person's of one kind: the earlier was replaced by the later, or by one
    that came between."""
    OTHER_KIND = "other_kind"
    """One person's, of the two kinds."""
    STRANGERS = "strangers"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateName:
    """How a verifier names a certificate: by its octets, or by its issuance number
    if it has the right to that."""

    encoded: bytes | None = None
    issuance_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The answer.

    ``relation``  None where the later certificate is not good: nothing is told
    ``latest``    whether the later one is the person's newest of its kind
    """

    checked: Checked
    relation: Relation | None
    latest: bool = False


def link_certificates(
    earlier: CertificateName,
    later: bytes,
    kind: CertificateKind,
    verifier: Verifier,
    box: Box,
) -> Linked:
    """Say how the earlier certificate and the later, of ``kind``, hang together."""
    demand_right(verifier, Right.LINKING)
    checked = judge(later, kind, box, wanted=Wanted())
    with box.store.look() as work:
        before = named(earlier, verifier, work)
        now = checked.certificate
        relation, latest = None, False
        if checked.good and now is not None:
            relation = _relation(before, now)
            latest = newest_of(now.resident, now.kind, work) == now
    row = entry(
        checked,
        "link_certificates",
        verifier,
        also=(f"cert-{before.serial}",),
        relation="untold" if relation is None else relation.value,
    )
    note(row, box)
    return Linked(checked=checked, relation=relation, latest=latest)


def named(name: CertificateName, verifier: Verifier, work: Work) -> Certificate:
    """The register's certificate of this name; raises ``Refused`` for any other's."""
    if name.issuance_number is not None:
        demand_right(verifier, Right.ISSUANCE_NUMBER)
        found = None
        if name.issuance_number < 2**63:
            found = work.certificates.find(name.issuance_number)
        if found is None:
            raise Refused("verifier.certificate", why="never_issued")
        return found
    return demand_own(name.encoded or b"", work)


def newest_of(resident: str, kind: CertificateKind, work: Work) -> Certificate | None:
    """A person's newest certificate of a kind that was ever in their hands."""
    found = [
        one
        for card in work.cards.of(resident)
        for one in work.certificates.of_card(card.serial)
        if one.kind is kind
        and one.state is not CertificateState.ISSUED
        and one.reason is not StopReason.UNSPECIFIED
    ]
    return max(found, key=lambda one: one.serial, default=None)


def _relation(before: Certificate, now: Certificate) -> Relation:
    if before.serial == now.serial:
        return Relation.SAME
    if before.resident != now.resident:
        return Relation.STRANGERS
    return Relation.RENEWED if before.kind is now.kind else Relation.OTHER_KIND
