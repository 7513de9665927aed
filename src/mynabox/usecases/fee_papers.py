"""Fee slips, receipts, and the receipt for a report of loss, printed and posted."""

from datetime import datetime

from mynabox.lifecycle.fee import Fee
from mynabox.lifecycle.loss import Loss
from mynabox.lifecycle.outgoing import LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.papers.letter import letter_pdf
from mynabox.papers.loss_receipt import LossTold, loss_letter
from mynabox.papers.slip import Slip, slip_pdf
from mynabox.ports import Box
from mynabox.usecases.printing import contacts, mayor, printing, second_language
from mynabox.usecases.waiting_letters import posted


def fee_slip(fee: Fee, person: Resident, box: Box, *, at: datetime) -> Outgoing:
    """The slip with which a fee is paid (納付書)."""
    paper = _slip(fee, person, at=at)
    return posted(LetterKind.FEE_SLIP, paper, person, box, at=at)


def fee_receipt(fee: Fee, person: Resident, box: Box, *, at: datetime) -> Outgoing:
    """The receipt for a fee that was paid (領収書)."""
    paper = _slip(fee, person, at=at)
    return posted(LetterKind.RECEIPT, paper, person, box, at=at)


def loss_receipt(loss: Loss, person: Resident, box: Box, *, at: datetime) -> Outgoing:
    """That the municipality took the report of a loss down (紛失届受付票)."""
    second = second_language(person)
    assert loss.proof is not None
    assert loss.proved is not None
    with printing("letter"):
        paper = letter_pdf(
            loss_letter(
                LossTold(
                    receipt=loss.receipt,
                    reported=loss.reported,
                    proof=loss.proof.value,
                    authority=loss.authority,
                    number=loss.number,
                    proved=loss.proved,
                ),
                addressee=person.card_name,
                address=person.address,
                sender=mayor(person.municipality),
                sent=at.date(),
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
    return posted(LetterKind.LOSS_RECEIPT, paper, person, box, at=at)


def _slip(fee: Fee, person: Resident, *, at: datetime) -> bytes:
    with printing("slip"):
        return slip_pdf(
            Slip(
                payer=person.card_name,
                address=person.address,
                office=mayor(person.municipality),
                number=fee.number,
                parts={
                    "card": fee.card,
                    "certificates": fee.certificates,
                    "express": fee.express,
                },
                written=at.date(),
                means=fee.means.value if fee.means else "",
                second=second_language(person),
            )
        )
