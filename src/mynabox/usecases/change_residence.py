"""Nationality, status of residence and period of stay change in the register
(在留資格・在留期間・国籍の変更)."""

from dataclasses import dataclass, replace
from datetime import date

from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import read_nationality, read_stay
from mynabox.lifecycle.resident import Cause, ResidenceStatus, Resident, ResidentState
from mynabox.ports import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResidence:
    """What the immigration agency decided, or the family register says.

    ``nationality``  ISO 3166-1 alpha-3; None if it stays
    ``stay_until``   last day of the period, for a status that has one
    ``decided``      day of the decision; today unless told
    """

    resident: str
    residence_status: ResidenceStatus
    nationality: str | None = None
    stay_until: date | None = None
    decided: date | None = None


def change_residence(
    ask: ChangeResidence, box: Box, *, actor: str = "counter"
) -> Resident:
    """Write the decision into the register.

    The card does not follow by itself: its holder brings it while it is valid (R114).
    A status that is lost ends the record instead
    (:func:`mynabox.usecases.leave_register.leave_register`, R124).
    """
    at = box.clock.now()
    decided = ask.decided or at.date()
    if decided > at.date():
        raise Refused("register.day_in_future", day=decided.isoformat())
    with box.store.work() as work:
        before = work.residents.get(ask.resident)
        if before.state is not ResidentState.REGISTERED:
            raise Refused("register.not_registered", rules=("R001",))
        nationality = read_nationality(
            ask.nationality or before.nationality, ask.residence_status
        )
        until = read_stay(
            "" if ask.stay_until is None else ask.stay_until.isoformat(),
            ask.residence_status,
            since=decided,
            on=at.date(),
        )
        read = replace(
            before,
            nationality=nationality,
            residence_status=ask.residence_status,
            stay_until=until,
        )
        if read == before:
            raise Refused("particulars.nothing_new", rules=("R114",))
        after = replace(read, since=decided, cause=Cause.RESIDENCE)
        work.residents.save(after)
        work.journal.write(
            Entry(
                municipality=after.municipality,
                at=at,
                actor=actor,
                action="change_residence",
                subjects=(after.id,),
                facts={
                    "status": after.residence_status.value,
                    "stay_until": "" if until is None else until.isoformat(),
                },
            )
        )
    return after
