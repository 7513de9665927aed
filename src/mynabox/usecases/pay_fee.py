"""A fee is paid at the counter (手数料の納付)."""

from dataclasses import dataclass, replace

from mynabox.lifecycle.fee import Fee, FeeEvent, FeeState, Means
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.fee_papers import fee_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFee:
    """``amount`` in yen, as it was taken"""

    fee: str
    amount: int
    means: Means = Means.CASH


def pay_fee(ask: PayFee, box: Box, *, actor: str = "counter") -> Fee:
    """Note the payment and print the receipt; a fee is paid once, and whole."""
    at = box.clock.now()
    with box.store.look() as work:
        fee = work.fees.get(ask.fee)
        person = work.residents.get(fee.resident)
    paid = replace(fee.after(FeeEvent.PAID, at=at), settled=at, means=ask.means)
    if ask.amount != fee.amount:
        raise Refused("fee.wrong_amount", rules=("R161",), amount=str(fee.amount))
    receipt = fee_receipt(paid, person, box, at=at)
    with box.store.work() as work:
        if work.fees.get(ask.fee).state is not FeeState.DUE:
            raise Refused(
                "fee.not_possible_now",
                rules=("R161",),
                state=work.fees.get(ask.fee).state.value,
                event=FeeEvent.PAID.value,
            )
        work.fees.save(paid)
        work.outbox.add(receipt)
        work.journal.write(
            Entry(
                municipality=fee.municipality,
                at=at,
                actor=actor,
                action="pay_fee",
                subjects=(fee.resident, fee.request, fee.id),
                facts={
                    "amount": str(fee.amount),
                    "means": ask.means.value,
                    "letter": receipt.id,
                },
            )
        )
    return paid
