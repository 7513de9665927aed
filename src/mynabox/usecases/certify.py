"""Issue the certificates for keys that chips have made, for one card or for many."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Literal, NamedTuple

from mynabox.law.certificates import certificate_expiries, certificate_expiry
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
from mynabox.lifecycle.identity import ID_BYTES, make_ids
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident, Sex
from mynabox.pki import certificate as building
from mynabox.pki.algorithms import Sign
from mynabox.pki.holder import BirthDate, Holder, NotHoldable, alternative_name
from mynabox.pki.names import common_name
from mynabox.pki.profile import (
    Addresses,
    Profile,
    end_of_day,
    production_shape,
    specimen,
)
from mynabox.pki.template import Begun, Template
from mynabox.ports import Box, Work
from mynabox.usecases.chip import CERTIFICATES

_SEX_CODES = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "3"}
_LEGAL_NAMES: Mapping[CertificateKind, Literal["signature", "authentication"]] = {
    CertificateKind.SIGNATURE: "signature",
    CertificateKind.AUTHENTICATION: "authentication",
}
_IN_TURN = (CertificateKind.AUTHENTICATION, CertificateKind.SIGNATURE)
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
    return _newest(work.statuses.authorities(), kind, at=at)


def _newest(
    authorities: Iterable[Authority], kind: CertificateKind, *, at: datetime
) -> Authority:
    authority = max(
        (
            known
            for known in authorities
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
        sign=partial(box.signer.sign, authority.name),
        name=authority.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Certificates that a card is to get, with all that is needed to issue them.

    ``keys``          the public halves that the chip has made, SPKI in DER
    ``items``         the four items as a signature certificate writes them
                      (:func:`written_items`)
    ``beside``        last day of the authentication certificate that the card has
    ``renewed_from``  last days of certificates that these renew (R134)
    """

    resident: Resident
    card: Card
    keys: Mapping[CertificateKind, bytes]
    items: bytes
    beside: date | None = None
    renewed_from: Mapping[CertificateKind, date] = field(default_factory=dict)


def written_items(resident: Resident, chosen: Mapping[str, str]) -> bytes:
    """A person's four items for a signature certificate, with the substitutes that
    they have ``chosen``; raises ``Refused`` if no certificate can hold them."""
    holder = Holder(
        name=resident.name,
        born=BirthDate.of(resident.born),
        sex=_SEX_CODES[resident.sex],
        address=resident.address,
        chosen=chosen,
    )
    try:
        return alternative_name(holder)
    except NotHoldable as error:
        raise Refused("certificates.not_holdable", found=str(error)) from None


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
    """Issue one certificate for each key of one card, as :func:`certify_all` does.

    ``renewed_from``  the last days of certificates that these renew (R134)
    """
    items = b""
    if CertificateKind.SIGNATURE in keys:
        chosen = work.applications.get(card.application).substitutes
        items = written_items(resident, chosen)
    order = Order(
        resident=resident,
        card=card,
        keys=keys,
        items=items,
        beside=_authentication_expiry(work, card, at=at),
        renewed_from=renewed_from or {},
    )
    return certify_all(work, box, (order,), at=at)[0]


def certify_all(
    work: Work, box: Box, orders: Sequence[Order], *, at: datetime
) -> list[tuple[Certificate, ...]]:
    """Issue one certificate for each key of each order and send them on their way into
    the chips; certificates by order.

    The authentication certificate comes first, because a signature certificate may
    not outlive the one beside it (R133). The use cases see to a CA generation that
    covers the certificate's whole life before they begin
    (:func:`mynabox.usecases.roll_over.keep_generations`); one that cannot caps it.
    """
    issuing = _Issuing(work, box, at)
    first = work.certificates.take_serials(sum(len(one.keys) for one in orders))
    drafts = issuing.drafts(orders, first)
    # A step is done for all before the next one begins: what a signature works with
    # then stays near the processor, and so does what all the rest works with.
    signatures = [draft.form.sign(draft.signed_part) for draft in drafts]
    certificates = issuing.certificates(drafts, signatures)
    work.certificates.add_all(certificates)
    made = iter(certificates)
    issued = [tuple(islice(made, len(order.keys))) for order in orders]
    ids = make_ids("out", box.random(ID_BYTES * len(orders)))
    work.outbox.add_all(
        [
            Outgoing(
                id=name,
                carrier=Carrier.CHIP,
                municipality=order.resident.municipality,
                to=order.card.serial,
                title=CERTIFICATES,
                content=" ".join([str(one.serial) for one in its]).encode(),
                created=at,
            )
            for name, order, its in zip(ids, orders, issued, strict=True)
            if its
        ]
    )
    return issued


class _Issuing:
    """What certificates that are issued in one moment have in common."""

    def __init__(self, work: Work, box: Box, at: datetime) -> None:
        self._known = work.statuses.authorities()
        self._box = box
        self._at = at
        self._today = at.date()
        self._not_before = at.replace(microsecond=0)
        self._profile = profile_of(box)
        self._issuers: dict[CertificateKind, building.Authority] = {}
        self._authorities: dict[CertificateKind, tuple[Authority, date]] = {}

    def drafts(self, orders: Sequence[Order], first: int) -> list["_Draft"]:
        """The certificates of all orders in their turn, filled in, with serial numbers
        from the first one on."""
        beside = [order.beside for order in orders]
        columns = []
        for kind in _IN_TURN:
            days = self._last_days(kind, orders, beside)
            columns.append((kind, _Forms(partial(self._form, kind)), days))
            if kind is CertificateKind.AUTHENTICATION:
                beside = [new or old for new, old in zip(days, beside, strict=True)]
        drafts: list[_Draft] = []
        serial = first
        for place, order in enumerate(orders):
            code = order.resident.municipality
            for kind, forms, days in columns:
                last_day = days[place]
                if last_day is None:
                    continue
                form = forms[code]
                items = order.items if kind is CertificateKind.SIGNATURE else b""
                part = form.begun.filled(serial, last_day, order.keys[kind], items)
                drafts.append(_Draft(order, kind, serial, last_day, form, part))
                serial += 1
        return drafts

    def _last_days(
        self,
        kind: CertificateKind,
        orders: Sequence[Order],
        beside: Sequence[date | None],
    ) -> list[date | None]:
        """The last day of each order's certificate of a kind, which its CA can cover;
        None for an order without one. ``beside`` are those of the authentication
        certificates."""
        found: list[date | None] = [None] * len(orders)
        usual = []
        for place, order in enumerate(orders):
            if kind not in order.keys:
                continue
            if self._box.site.next_card or kind in order.renewed_from:
                found[place] = self._unusual_last_day(order, kind, beside[place])
            else:
                usual.append(place)
        legal = _LEGAL_NAMES[kind]
        asked = (
            (
                legal,
                orders[place].resident.born,
                self._today,
                orders[place].card.expires,
                beside[place],
            )
            for place in usual
        )
        for place, day in zip(usual, certificate_expiries(asked), strict=True):
            found[place] = day
        covered = self._authority(kind)[1] if any(found) else date.max
        return [None if day is None else min(day, covered) for day in found]

    def _unusual_last_day(
        self, order: Order, kind: CertificateKind, beside: date | None
    ) -> date:
        """Of a certificate that renews another, or, in a box that tries the next card
        out, by the rules of that one: as long as the card (R100)."""
        if self._box.site.next_card:
            limit = next_card_expiry(
                born=order.resident.born, applied=self._today, issued=self._today
            ).value
            return min(limit, order.card.expires, beside or order.card.expires)
        return certificate_expiry(
            kind=_LEGAL_NAMES[kind],
            born=order.resident.born,
            issued=self._today,
            card_expiry=order.card.expires,
            authentication_expiry=beside,
            renewed_from=order.renewed_from[kind],
        ).value

    def certificates(
        self, drafts: Sequence["_Draft"], signatures: Sequence[bytes]
    ) -> list[Certificate]:
        """The certificates of drafts, with their signatures."""
        ends = _Ends()
        at, not_before = self._at, self._not_before
        return [
            Certificate(
                serial=serial,
                kind=kind,
                issuer=form.issuer,
                card=order.card.serial,
                resident=order.resident.id,
                municipality=order.resident.municipality,
                not_before=not_before,
                not_after=ends[last_day],
                der=form.template.signed(signed_part, signature),
                recorded=at,
            )
            for (order, kind, serial, last_day, form, signed_part), signature in zip(
                drafts, signatures, strict=True
            )
        ]

    def _authority(self, kind: CertificateKind) -> tuple[Authority, date]:
        """The CA generation that issues, and the last day that it covers."""
        found = self._authorities.get(kind)
        if found is None:
            authority = _newest(self._known, kind, at=self._at)
            found = authority, in_japan(authority.not_after).date()
            self._authorities[kind] = found
        return found

    def _form(self, kind: CertificateKind, code: str) -> "_Form":
        """What to fill in for people of a municipality."""
        issuer = self._issuers.get(kind)
        if issuer is None:
            issuer = signing(self._authority(kind)[0], self._box)
            self._issuers[kind] = issuer
        template = building.template(self._profile, issuer, municipality(code))
        return _Form(
            template=template,
            begun=template.begun(
                issued=self._at,
                common_name=common_name(
                    requested=self._at, counter=f"{code[:5]}{_COUNTER}", sequence=0
                ),
                numbered=True,
            ),
            issuer=self._authority(kind)[0].name,
            sign=issuer.sign,
        )


class _Ends(dict[date, datetime]):
    """When certificates end, by their last day."""

    def __missing__(self, last_day: date) -> datetime:
        end = self[last_day] = end_of_day(last_day)
        return end


class _Forms(dict[str, "_Form"]):
    """Forms by municipality, each made when the first of its people comes."""

    def __init__(self, make: Callable[[str], "_Form"]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, code: str) -> "_Form":
        form = self[code] = self._make(code)
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A certificate to fill in, and the CA generation that signs it."""

    template: Template
    begun: Begun
    issuer: str
    sign: Sign


class _Draft(NamedTuple):
    """A certificate that only its signature is missing from."""

    order: Order
    kind: CertificateKind
    serial: int
    last_day: date
    form: _Form
    signed_part: bytes


def _authentication_expiry(work: Work, card: Card, *, at: datetime) -> date | None:
    """The last day of the certificate beside, unless that is over."""
    for known in work.certificates.of_card(card.serial):
        if (
            known.kind is CertificateKind.AUTHENTICATION
            and known.state in (CertificateState.ISSUED, CertificateState.ACTIVE)
            and at <= known.not_after
        ):
            return in_japan(known.not_after).date()
    return None
