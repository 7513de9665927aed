"""New certificates in place of ones that end soon (電子証明書の更新)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mynabox.law.certificates import certificate_renewal
from mynabox.law.days import in_japan
from mynabox.law.validity import signature_certificate
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.certify import certify
from mynabox.usecases.chip import generate_keys
from mynabox.usecases.deliver import deliver
from mynabox.usecases.endings import apply_event
from mynabox.usecases.representatives import Representative, demand_represented
from mynabox.usecases.roll_over import keep_generations
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewCertificates:
    """``pins``  one for each certificate that is renewed, as the holder types it, or for
    a child or an adult ward the representative (R136); none for a card without PINs
    (R081)"""

    serial: str
    pins: Mapping[str, Pin]
    representative: Representative | None = None


def renew_certificates(
    ask: RenewCertificates, box: Box, *, actor: str = "counter"
) -> tuple[Certificate, ...]:
    """Renew the live certificates of a card within their window, free of charge (R134,
    R137, R273): the former are revoked, superseded (R150), in the same instant.

    The holder shows the card and types its PINs: ``WrongPin``, ``PinLocked`` or, before
    the last try, ``LastTry`` come through from the terminal. With a card without PINs
    nothing is typed: the people at the counter look at the face (R081). The keys are
    made within the transaction, after everything was checked, as in
    :func:`mynabox.usecases.reissue_certificates.reissue_certificates`.
    """
    at = box.clock.now()
    keep_generations(box)
    with box.store.look() as work:
        _renewable(work, work.cards.get(ask.serial), on=at.date())
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        resident = work.residents.get(card.resident)
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("application.not_registered", rules=("R029",))
        acting = demand_represented(resident, ask.representative, on=at.date())
        may_sign = signature_certificate(
            born=resident.born, on=at.date(), ward=resident.ward
        ).value
        former = {
            kind: certificate
            for kind, certificate in _renewable(work, card, on=at.date()).items()
            if kind is not CertificateKind.SIGNATURE or may_sign
        }
        if not former:
            raise Refused("certificates.ward", rules=("R135",))
        if not card.without_pins:
            _typed(ask, tuple(former), box)
        elif ask.pins:
            raise Refused("face_only.pins_given", rules=("R081",))
        keys = generate_keys(card.serial, tuple(former), box)
        apply_event(work, card, "renewed", at=at, kinds=tuple(former))
        issued = tuple(
            certificate.after(CertificateEvent.HANDED_OVER, at=at)
            for certificate in certify(
                work,
                box,
                resident=resident,
                card=card,
                keys=keys,
                at=at,
                renewed_from={
                    kind: in_japan(certificate.not_after).date()
                    for kind, certificate in former.items()
                },
            )
        )
        for certificate in issued:
            work.certificates.save(certificate)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="renew_certificates",
                subjects=(
                    card.resident,
                    card.serial,
                    *(f"cert-{one.serial}" for one in (*former.values(), *issued)),
                ),
                facts={"kinds": ", ".join(kind.value for kind in former), **acting},
            )
        )
    deliver(box)
    return issued


def _renewable(
    work: Work, card: Card, *, on: date
) -> dict[CertificateKind, Certificate]:
    """The live certificates by kind; raises ``Refused`` unless all may be renewed."""
    if not card.valid_on(on):
        raise Refused(
            "card.not_valid",
            rules=("R094", "R176"),
            state=card.state.value,
            expires=card.expires.isoformat(),
        )
    live = {
        certificate.kind: certificate
        for certificate in work.certificates.of_card(card.serial)
        if certificate.state is CertificateState.ACTIVE
    }
    if not live:
        raise Refused("certificates.none_to_stop", rules=("R147",))
    for certificate in live.values():
        demand(
            certificate_renewal(
                certificate_expiry=in_japan(certificate.not_after).date(),
                card_expiry=card.expires,
                on=on,
            )
        )
    return live


def _typed(
    ask: RenewCertificates, kinds: tuple[CertificateKind, ...], box: Box
) -> None:
    """Have the chip check the PINs."""
    missing = [kind.value for kind in kinds if kind.value not in ask.pins]
    if missing:
        raise Refused("pin.missing", rules=("R070",), kinds=", ".join(missing))
    connection = box.cards.connect(ask.serial)
    try:
        session = JpkiSession(connection)
        for kind in kinds:
            session.verify(Kind(kind.value), ask.pins[kind.value].characters)
    finally:
        connection.close()
