"""Issue the certificates for keys that a card's chip has made."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from mynabox.law.certificates import certificate_expiry
from mynabox.law.days import in_japan
from mynabox.law.municipality import municipality
from mynabox.law.validity import next_card_expiry
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident, Sex
from mynabox.pki import certificate as building
from mynabox.pki.holder import BirthDate, Holder, NotHoldable
from mynabox.pki.names import common_name
from mynabox.pki.profile import (
    Addresses,
    Profile,
    end_of_day,
    production_shape,
    specimen,
)
from mynabox.ports import Box, Work

_SEX_CODES = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "3"}
_LEGAL_NAMES: Mapping[CertificateKind, Literal["signature", "authentication"]] = {
    CertificateKind.SIGNATURE: "signature",
    CertificateKind.AUTHENTICATION: "authentication",
}
_COUNTER = "003A"
"""The counter's own part of a common name, behind the municipality code."""


def profile_of(box: Box) -> Profile:
    """The certificate profile of this box."""
    site = box.site
    profile = production_shape() if site.production_shape else specimen()
    if site.next_card:
        profile = profile.for_next_card()
    if site.with_uri:
        profile = profile.with_uri(Addresses(base=site.address))
    return profile


def newest_authority(work: Work, kind: CertificateKind, *, at: datetime) -> Authority:
    """The CA generation that issues today: of those valid now the one that lasts
    longest, which after a clock was turned back need not be the youngest. Raises
    ``Refused`` if none is valid."""
    authority = max(
        (
            known
            for known in work.statuses.authorities()
            if known.kind is kind and known.not_before <= at <= known.not_after
        ),
        key=lambda known: (known.not_after, known.generation),
        default=None,
    )
    if authority is None:
        raise Refused("ca.none_valid", kind=kind.value)
    return authority


def signing(authority: Authority, box: Box) -> building.Authority:
    """The CA generation with its key behind it."""
    return building.Authority(
        kind=authority.kind,
        certificate=authority.der,
        sign=lambda data: box.signer.sign(authority.name, data),
        name=authority.name,
    )


def certify(
    work: Work,
    box: Box,
    *,
    resident: Resident,
    card: Card,
    keys: Mapping[CertificateKind, bytes],
    at: datetime,
    renewed_from: Mapping[CertificateKind, date] | None = None,
) -> tuple[Certificate, ...]:
    """Issue one certificate for each key and send it on its way into the chip.

    The authentication certificate comes first, because a signature certificate may
    not outlive the one beside it (R133). The use cases see to a CA generation that
    covers the certificate's whole life before they begin
    (:func:`mynabox.usecases.roll_over.keep_generations`); one that cannot caps it.

    ``renewed_from``  the last days of certificates that these renew (R134)
    """
    beside = _authentication_expiry(work, card)
    chosen = work.applications.get(card.application).substitutes
    issued = []
    for kind in (CertificateKind.AUTHENTICATION, CertificateKind.SIGNATURE):
        if kind not in keys:
            continue
        authority = newest_authority(work, kind, at=at)
        last_day = min(
            _last_day(
                box,
                kind,
                resident,
                card,
                at=at,
                beside=beside,
                renewed_from=(renewed_from or {}).get(kind),
            ),
            in_japan(authority.not_after).date(),
        )
        if kind is CertificateKind.AUTHENTICATION:
            beside = last_day
        serial = work.certificates.next_serial()
        certificate = Certificate(
            serial=serial,
            kind=kind,
            issuer=authority.name,
            card=card.serial,
            resident=resident.id,
            municipality=resident.municipality,
            not_before=at.replace(microsecond=0),
            not_after=end_of_day(last_day),
            der=_build(
                box,
                signing(authority, box),
                resident,
                public_key=keys[kind],
                serial=serial,
                at=at,
                last_day=last_day,
                chosen=chosen,
            ),
            recorded=at,
        )
        work.certificates.add(certificate)
        for name, content in (
            (f"{kind.value}-authority", authority.der),
            (f"{kind.value}-certificate", certificate.der),
        ):
            work.outbox.add(
                Outgoing(
                    id=make_id("out", box.random(ID_BYTES)),
                    carrier=Carrier.CHIP,
                    municipality=resident.municipality,
                    to=card.serial,
                    title=name,
                    content=content,
                    created=at,
                )
            )
        issued.append(certificate)
    return tuple(issued)


def _last_day(
    box: Box,
    kind: CertificateKind,
    resident: Resident,
    card: Card,
    *,
    at: datetime,
    beside: date | None,
    renewed_from: date | None,
) -> date:
    """The last day of a certificate by the rules of today's cards, or, in a box that
    tries the next card out, of that one: as long as the card (R100)."""
    if box.site.next_card:
        limit = next_card_expiry(
            born=resident.born, applied=at.date(), issued=at.date()
        ).value
        return min(limit, card.expires, beside or card.expires)
    return certificate_expiry(
        kind=_LEGAL_NAMES[kind],
        born=resident.born,
        issued=at.date(),
        card_expiry=card.expires,
        authentication_expiry=beside,
        renewed_from=renewed_from,
    ).value


def _authentication_expiry(work: Work, card: Card) -> date | None:
    for known in work.certificates.of_card(card.serial):
        if known.kind is CertificateKind.AUTHENTICATION and known.state in (
            CertificateState.ISSUED,
            CertificateState.ACTIVE,
        ):
            return in_japan(known.not_after).date()
    return None


def _build(
    box: Box,
    authority: building.Authority,
    resident: Resident,
    *,
    public_key: bytes,
    serial: int,
    at: datetime,
    last_day: date,
    chosen: Mapping[str, str],
) -> bytes:
    place = municipality(resident.municipality)
    named = common_name(
        requested=at, counter=f"{resident.municipality[:5]}{_COUNTER}", sequence=None
    )
    profile = profile_of(box)
    if authority.kind is CertificateKind.AUTHENTICATION:
        return building.authentication_certificate(
            profile,
            authority,
            public_key=public_key,
            serial=serial,
            issued=at,
            last_day=last_day,
            common_name=named,
            municipality=place,
        )
    try:
        return building.signature_certificate(
            profile,
            authority,
            public_key=public_key,
            serial=serial,
            issued=at,
            last_day=last_day,
            common_name=named,
            municipality=place,
            holder=Holder(
                name=resident.name,
                born=BirthDate.of(resident.born),
                sex=_SEX_CODES[resident.sex],
                address=resident.address,
                chosen=chosen,
            ),
        )
    except NotHoldable as error:
        raise Refused("certificates.not_holdable", found=str(error)) from None
