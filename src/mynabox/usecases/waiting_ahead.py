"""Duties about cards that wait: reminders, and appointments that nobody kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from mynabox.lifecycle.appointment import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
)
from mynabox.lifecycle.delivery import Delivery, DeliveryState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.papers.waiting_letter import Tells
from mynabox.ports import Box, Work
from mynabox.usecases.waiting_letters import appointment_letter, still_waits_letter

ACTOR = "box"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJob:
    """A duty that falls due at a moment which stands in the thing itself.

    ``find``  the thing whose moment is the earliest, and that moment
    ``do``    does it within a box whose clock stands at its moment; after it, ``find``
              no longer gives that thing
    """

    name: str
    find: Callable[[Work], tuple[str, datetime] | None]
    do: Callable[[str, Box], None]

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """When the earliest falls due."""
        found = self.find(work)
        return None if found is None else found[1]

    def run(self, box: Box) -> int:
        """Do everything of this kind that is due now."""
        at, done = box.clock.now(), 0
        while True:
            with box.store.look() as work:
                found = self.find(work)
            if found is None or found[1] > at:
                return done
            self.do(found[0], box)
            done += 1


def _to_remind(work: Work) -> tuple[str, datetime] | None:
    found = work.appointments.which(
        order="remind_at", limit=1, state=AppointmentState.BOOKED, reminded=None
    )
    return (found[0].id, found[0].remind_at) if found else None


def _to_miss(work: Work) -> tuple[str, datetime] | None:
    found = work.appointments.which(
        order="ends", limit=1, state=AppointmentState.BOOKED
    )
    return (found[0].id, found[0].ends) if found else None


def _to_write(work: Work) -> tuple[str, datetime] | None:
    found = work.deliveries.which(
        order="remind_at", limit=1, state=DeliveryState.WAITING, reminded=None
    )
    if not found or found[0].remind_at is None:
        return None
    return found[0].id, found[0].remind_at


def _remind(appointment: str, box: Box) -> None:
    at = box.clock.now()
    booked, person = _booked(appointment, box)
    letter = _printed(
        lambda: appointment_letter(Tells.COMING_UP, booked, person, box, at=at)
    )
    with box.store.work() as work:
        now = work.appointments.get(appointment)
        if now.state is not AppointmentState.BOOKED or now.reminded is not None:
            return
        work.appointments.save(replace(now, reminded=at))
        _tell(work, "remind_of_appointment", now, letter, at=at)


def _miss(appointment: str, box: Box) -> None:
    at = box.clock.now()
    booked, person = _booked(appointment, box)
    letter = _printed(
        lambda: appointment_letter(Tells.MISSED, booked, person, box, at=at)
    )
    with box.store.work() as work:
        now = work.appointments.get(appointment)
        if now.state is not AppointmentState.BOOKED:
            return
        work.appointments.save(now.after(AppointmentEvent.MISSED, at=at))
        _tell(work, "appointment_missed", now, letter, at=at)


def _write(delivery: str, box: Box) -> None:
    at = box.clock.now()
    with box.store.look() as work:
        waiting = work.deliveries.get(delivery)
        person = work.residents.get(waiting.resident)
    letter = _printed(lambda: still_waits_letter(waiting, person, box, at=at))
    with box.store.work() as work:
        now = work.deliveries.get(delivery)
        if now.state is not DeliveryState.WAITING or now.reminded is not None:
            return
        work.deliveries.save(replace(now, reminded=at))
        _tell(work, "remind_of_card", now, letter, at=at)


def _booked(appointment: str, box: Box) -> tuple[Appointment, Resident]:
    with box.store.look() as work:
        booked = work.appointments.get(appointment)
        return booked, work.residents.get(booked.resident)


def _printed(make: Callable[[], Outgoing]) -> Outgoing | str:
    """The letter, or the code of why it cannot be printed."""
    try:
        return make()
    except Refused as refused:
        return refused.code


def _tell(
    work: Work,
    action: str,
    about: Appointment | Delivery,
    letter: Outgoing | str,
    *,
    at: datetime,
) -> None:
    if isinstance(letter, Outgoing):
        work.outbox.add(letter)
        facts = {"letter": letter.id}
    else:
        facts = {"refused": letter}
    work.journal.write(
        Entry(
            municipality=about.municipality,
            at=at,
            actor=ACTOR,
            action=action,
            subjects=tuple(filter(None, (about.resident, about.card or "", about.id))),
            facts=facts,
        )
    )


WAITING_JOBS = (
    WaitingJob(name="remind_of_appointment", find=_to_remind, do=_remind),
    WaitingJob(name="appointment_missed", find=_to_miss, do=_miss),
    WaitingJob(name="remind_of_card", find=_to_write, do=_write),
)
"""Reminders of appointments and of waiting cards, and a note of who did not come."""
