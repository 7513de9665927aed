"""A lost or stolen card is suspended by telephone, at any hour of any day."""

from dataclasses import dataclass

from mynabox.law.days import in_japan
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.loss import Loss, Told
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.papers.letter import letter_pdf, suspension_letter
from mynabox.ports import Box
from mynabox.usecases.endings import apply_event
from mynabox.usecases.printing import contacts, mayor, printing, second_language

RECEIPT_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the loss was told, and by whom: what the hotline asks for a call back."""

    told: Told = Told.TELEPHONE
    caller: str = ""
    callback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """A card that is stopped.

    ``receipt``  the number the hotline reads out (受付番号): whoever calls back says it
    """

    card: Card
    receipt: str
    certificates: tuple[int, ...]


def report_lost(
    resident: str,
    box: Box,
    *,
    report: Report | None = None,
    actor: str = "hotline",
) -> Suspended:
    """Suspend the person's card and put its certificates on hold (R148, R180).

    The moment this returns, every status answer says so. Other kinds of call have
    opening hours; this one has none.
    """
    at = box.clock.now()
    how = report or Report()
    receipt = decimal(RECEIPT_DIGITS, box.random(16))
    with box.store.look() as work:
        person = work.residents.get(resident)
    second = second_language(person)
    with printing("letter"):
        letter = letter_pdf(
            suspension_letter(
                addressee=person.card_name,
                postcode="",
                address=person.address,
                sender=mayor(person.municipality),
                receipt=receipt,
                stopped=at,
                sent=at.date(),
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
    with box.store.work() as work:
        card = next(
            (
                known
                for known in work.cards.of(resident)
                if known.state in (CardState.ACTIVE, CardState.SUSPENDED)
            ),
            None,
        )
        if card is None:
            raise Refused("lost.no_card", rules=("R180",))
        if card.state is CardState.SUSPENDED:
            since = in_japan(card.since)
            raise Refused(
                "lost.already_stopped", rules=("R180",), since=f"{since:%Y-%m-%d %H:%M}"
            )
        lost = apply_event(work, card, "lost", at=at)
        work.losses.add(
            Loss(
                receipt=receipt,
                card=card.serial,
                resident=resident,
                municipality=person.municipality,
                reported=at,
                told=how.told,
                caller=how.caller,
                callback=how.callback,
                since=at,
            )
        )
        work.outbox.add(
            Outgoing(
                id=make_id("out", box.random(ID_BYTES)),
                carrier=Carrier.POST,
                municipality=person.municipality,
                to=f"{person.address}\n{person.card_name}",
                title=LetterKind.SUSPENSION.value,
                content=letter,
                created=at,
            )
        )
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="report_lost",
                subjects=(resident, *lost.subjects, f"loss-{receipt}"),
                facts={"receipt": receipt, "told": how.told.value},
            )
        )
    return Suspended(card=lost.card, receipt=receipt, certificates=lost.stopped)
