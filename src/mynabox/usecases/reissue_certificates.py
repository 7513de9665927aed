"""New certificates for a card that has lost its old ones."""

from dataclasses import dataclass
from datetime import date

from mynabox.law.identity import identity_documents
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
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.ports import Box
from mynabox.usecases.certify import certify
from mynabox.usecases.chip import generate_keys
from mynabox.usecases.deliver import deliver
from mynabox.usecases.endings import apply_event, live_kinds
from mynabox.usecases.representatives import Representative, demand_represented
from mynabox.usecases.roll_over import keep_generations
from mynabox.usecases.verdict import demand
from mynabox.usecases.without_pins import demand_pins


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueCertificates:
    """``kinds`` None asks for every kind that the card lacks and may have: a card
    without PINs has no signature certificate (R081). For a child or an adult ward the
    ``representative`` asks (R136)."""

    serial: str
    documents: tuple[str, ...]
    kinds: tuple[CertificateKind, ...] | None = None
    representative: Representative | None = None


def reissue_certificates(
    ask: ReissueCertificates, box: Box, *, actor: str = "counter"
) -> tuple[Certificate, ...]:
    """Have the chip make new keys and issue certificates for them, free of charge
    (R141, R165); they end no later than the rulebook lets them (R131-R133). One that
    has expired is superseded.

    The keys are made within the transaction, after everything was checked: whoever
    comes second with the same card is refused before its keys are touched, so that
    key and certificate always belong together. If the box dies before the commit,
    asking again makes new keys; the old ones' certificates had ended.
    """
    demand(identity_documents(documents=ask.documents, purpose="identity"))
    at = box.clock.now()
    keep_generations(box)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        resident = work.residents.get(card.resident)
        _check_card(card, on=at.date())
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("application.not_registered", rules=("R029",))
        if ask.kinds and CertificateKind.SIGNATURE in ask.kinds:
            demand_pins(card, "signature_certificate")
        acting = demand_represented(resident, ask.representative, on=at.date())
        wanted = _wanted(
            ask, resident, card, live=live_kinds(work, card, at=at), on=at.date()
        )
        keys = generate_keys(card.serial, wanted, box)
        expired = [
            known.kind
            for known in work.certificates.of_card(card.serial)
            if known.kind in wanted and known.state is CertificateState.ACTIVE
        ]
        over = apply_event(work, card, "renewed", at=at, kinds=expired)
        issued = tuple(
            certificate.after(CertificateEvent.HANDED_OVER, at=at)
            for certificate in certify(
                work, box, resident=resident, card=card, keys=keys, at=at
            )
        )
        for certificate in issued:
            work.certificates.save(certificate)
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="reissue_certificates",
                subjects=(
                    card.resident,
                    card.serial,
                    *(
                        f"cert-{serial}"
                        for serial in (*over.stopped, *(one.serial for one in issued))
                    ),
                ),
                facts={"kinds": ", ".join(kind.value for kind in wanted), **acting},
            )
        )
    deliver(box)
    return issued


def _wanted(
    ask: ReissueCertificates,
    resident: Resident,
    card: Card,
    *,
    live: set[str],
    on: date,
) -> tuple[CertificateKind, ...]:
    """The kinds to issue; raises ``Refused`` if there is none or one may not be."""
    may_sign = signature_certificate(
        born=resident.born, on=on, ward=resident.ward
    ).value
    signs = may_sign and not card.without_pins
    wanted = ask.kinds or tuple(
        kind
        for kind in (CertificateKind.AUTHENTICATION, CertificateKind.SIGNATURE)
        if kind.value not in live and (kind is not CertificateKind.SIGNATURE or signs)
    )
    if not wanted:
        raise Refused("certificates.none_lacking", rules=("R165",))
    for kind in wanted:
        if kind.value in live:
            raise Refused("certificates.still_good", rules=("R150",), kind=kind.value)
    if CertificateKind.SIGNATURE in wanted and not may_sign:
        code = "certificates.ward" if resident.ward else "certificates.too_young"
        raise Refused(code, rules=("R135",))
    return wanted


def _check_card(card: Card, *, on: date) -> None:
    if not card.valid_on(on):
        raise Refused(
            "card.not_valid",
            rules=("R094", "R176"),
            state=card.state.value,
            expires=card.expires.isoformat(),
        )
