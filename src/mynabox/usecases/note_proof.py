"""The paper of the police or of the fire office is shown for a lost card (R181, R183)."""

from dataclasses import dataclass, replace
from datetime import date

from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.loss import LOSS, Loss, LossState, Proof
from mynabox.ports import Box
from mynabox.usecases.fee_papers import loss_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteProof:
    """``authority``  the police station or fire office; ``number`` under which it took
    the report down; ``day`` of its paper"""

    receipt: str
    proof: Proof
    authority: str
    number: str
    day: date


def note_proof(ask: NoteProof, box: Box, *, actor: str = "counter") -> Loss:
    """Note the paper and print the municipality's own receipt for the report of the
    loss (紛失届). A paper shown later takes the place of the one before."""
    at = box.clock.now()
    with box.store.look() as work:
        loss = work.losses.get(ask.receipt)
        person = work.residents.get(loss.resident)
    if ask.day > at.date():
        raise Refused("loss.proof_in_future", rules=("R183",), day=str(ask.day))
    noted = replace(
        loss,
        proof=ask.proof,
        authority=ask.authority,
        number=ask.number,
        proved=ask.day,
    )
    letter = loss_receipt(noted, person, box, at=at)
    with box.store.work() as work:
        now = work.losses.get(ask.receipt)
        if now.state is not LossState.REPORTED:
            raise Refused(
                f"{LOSS.name}.not_possible_now",
                rules=LOSS.rules,
                state=now.state.value,
                event="proved",
            )
        work.losses.save(noted)
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=loss.municipality,
                at=at,
                actor=actor,
                action="note_proof",
                subjects=(loss.resident, loss.card, f"loss-{loss.receipt}"),
                facts={"proof": ask.proof.value, "letter": letter.id},
            )
        )
    return noted
