"""A person's name or address changes in the register (住所・氏名の変更)."""

from dataclasses import dataclass, replace

from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.ports import Box
from mynabox.usecases.endings import apply_event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParticulars:
    """What is new; None where nothing changes.

    ``municipality``  six digits; only together with an address
    """

    resident: str
    name: str | None = None
    address: str | None = None
    municipality: str | None = None


def change_particulars(
    ask: ChangeParticulars, box: Box, *, actor: str = "counter"
) -> Resident:
    """Write the change into the register and let it take its effect on certificates.

    The signature certificate names what has changed and is revoked from the next day
    on (R145); user authentication and the card live on. Name and address stay as
    typed, byte for byte. The face and chip of the card are brought up to date when
    the holder brings it to the counter (R170).
    """
    if ask.municipality is not None:
        if ask.address is None:
            raise Refused("particulars.address_missing", rules=("R145",))
        try:
            municipality_of(ask.municipality)
        except UnknownMunicipality:
            raise Refused(
                "register.municipality_unknown",
                rules=("R270",),
                municipality=ask.municipality,
            ) from None
    at = box.clock.now()
    with box.store.work() as work:
        before = work.residents.get(ask.resident)
        if before.state is not ResidentState.REGISTERED:
            raise Refused("application.not_registered", rules=("R029",))
        after = replace(
            before,
            name=before.name if ask.name is None else ask.name,
            address=before.address if ask.address is None else ask.address,
            municipality=ask.municipality or before.municipality,
        )
        if after == before:
            raise Refused("particulars.nothing_new", rules=("R145",))
        work.residents.save(after)
        events = (
            *(("name_changed",) if after.name != before.name else ()),
            *(("address_changed",) if after.address != before.address else ()),
        )
        subjects: tuple[str, ...] = (after.id,)
        for card in work.cards.of(after.id):
            for event in events:
                if card.state is not CardState.VOID:
                    subjects += apply_event(work, card, event, at=at).subjects
        work.journal.write(
            Entry(
                municipality=after.municipality,
                at=at,
                actor=actor,
                action="change_particulars",
                subjects=tuple(dict.fromkeys(subjects)),
                facts={"changed": ", ".join(events)},
            )
        )
    return after
