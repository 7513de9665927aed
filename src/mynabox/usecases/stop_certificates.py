"""The holder stops using certificates of the card (失効申請)."""

from dataclasses import dataclass

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.endings import Applied, apply_event
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCertificates:
    """``kinds``  which certificates the holder gives up; both unless told"""

    serial: str
    documents: tuple[str, ...]
    kinds: tuple[CertificateKind, ...] = tuple(CertificateKind)


def stop_certificates(
    ask: StopCertificates, box: Box, *, actor: str = "counter"
) -> Applied:
    """Revoke the certificates with reason cessationOfOperation (R147); the card
    stays in use. New ones may be asked for at any time."""
    demand(identity_documents(documents=ask.documents, purpose="identity"))
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        applied = apply_event(work, card, "stopped_by_holder", at=at, kinds=ask.kinds)
        if not applied.stopped:
            raise Refused("certificates.none_to_stop", rules=("R147",))
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=at,
                actor=actor,
                action="stop_certificates",
                subjects=(card.resident, *applied.subjects),
                facts={"kinds": ", ".join(kind.value for kind in ask.kinds)},
            )
        )
    return applied
