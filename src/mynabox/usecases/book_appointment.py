"""A place at the counter at an hour, given to the holder of a card that waits."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from mynabox.law.book import counts, integer
from mynabox.law.counters import counter_open
from mynabox.law.days import JST, in_japan
from mynabox.law.errors import NotInForce
from mynabox.lifecycle.appointment import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
    Office,
)
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.papers.waiting_letter import Tells
from mynabox.ports import Box, Work
from mynabox.usecases.card_waits import (
    OFFICE_OPENS,
    at_the_office,
    booked_for,
    delivery_of,
)
from mynabox.usecases.waiting_letters import appointment_letter

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment:
    """``begins``  the full hour, any zone"""

    serial: str
    begins: datetime
    office: Office = Office.SECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour of a counter: how many it takes, and how many come already."""

    begins: datetime
    places: int
    taken: int


def book_appointment(
    ask: BookAppointment, box: Box, *, actor: str = "counter"
) -> Appointment:
    """Book a place and confirm it by letter; a place booked before is given up.

    Who comes to the last place first has it: the others are told that it is full, and
    the database holds one visitor to a place.
    """
    at = box.clock.now()
    with box.store.look() as work:
        card = work.cards.get(ask.serial)
        person = work.residents.get(card.resident)
        delivery = delivery_of(work, card)
    begins = in_japan(ask.begins)
    places = _places(person.municipality, ask.office, begins, at=at)
    minutes = integer("delivery", "appointment_minutes").on(begins.date()).value
    days = integer("delivery", "appointment_reminder_days").on(begins.date()).value
    booked = Appointment(
        id=make_id("apt", box.random(ID_BYTES)),
        delivery=delivery.id,
        card=card.serial,
        resident=person.id,
        municipality=person.municipality,
        office=ask.office,
        begins=begins,
        ends=begins + timedelta(minutes=minutes),
        place=1,
        places=places,
        booked=at,
        remind_at=datetime.combine(
            begins.date() - timedelta(days=days), OFFICE_OPENS, JST
        ),
        since=at,
    )
    if booked.remind_at <= at:
        booked = replace(booked, reminded=at)
    letter = appointment_letter(Tells.GIVEN, booked, person, box, at=at)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        waiting = delivery_of(work, card)
        if card.state is not CardState.PRODUCED or not at_the_office(waiting):
            raise Refused(
                "hand_over.not_waiting", rules=("R050",), state=waiting.state.value
            )
        if waiting.until is not None and begins.date() > waiting.until:
            raise Refused(
                "appointment.card_not_kept",
                rules=("R050",),
                until=waiting.until.isoformat(),
            )
        former = booked_for(work, card)
        for one in former:
            work.appointments.save(one.after(AppointmentEvent.CANCELLED, at=at))
        taken = _taken(work, person.municipality, ask.office, begins)
        free = [place for place in range(1, places + 1) if place not in taken]
        if not free:
            raise Refused(
                "appointment.full", rules=("R050",), begins=f"{begins:%Y-%m-%d %H:%M}"
            )
        booked = replace(booked, place=free[0])
        work.appointments.add(booked)
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="book_appointment",
                subjects=(
                    person.id,
                    card.serial,
                    booked.id,
                    *(one.id for one in former),
                ),
                facts={
                    "begins": begins.isoformat(),
                    "office": ask.office.value,
                    "letter": letter.id,
                },
            )
        )
    return booked


def cancel_appointment(serial: str, box: Box, *, actor: str = "counter") -> Appointment:
    """Give up the place that is booked for a card; the card goes on waiting."""
    at = box.clock.now()
    with box.store.work() as work:
        card = work.cards.get(serial)
        booked = booked_for(work, card)
        if not booked:
            raise Refused("appointment.none_booked", rules=("R050",))
        cancelled = booked[0].after(AppointmentEvent.CANCELLED, at=at)
        work.appointments.save(cancelled)
        work.journal.write(
            Entry(
                municipality=cancelled.municipality,
                at=at,
                actor=actor,
                action="cancel_appointment",
                subjects=(cancelled.resident, card.serial, cancelled.id),
                facts={"begins": cancelled.begins.isoformat()},
            )
        )
    return cancelled


def hours_of(
    municipality: str, office: Office, day: date, box: Box
) -> tuple[Hour, ...]:
    """The hours of a counter on a day in which visitors come by appointment."""
    found = []
    with box.store.look() as work:
        for hour in range(24):
            begins = datetime.combine(day, time(hour), JST)
            places = _open_places(municipality, office, begins)
            if places:
                taken = len(_taken(work, municipality, office, begins))
                found.append(Hour(begins=begins, places=places, taken=taken))
    return tuple(found)


def _places(
    municipality: str, office: Office, begins: datetime, *, at: datetime
) -> int:
    """How many come in that hour; raises ``Refused`` if none can."""
    ahead = integer("delivery", "appointment_ahead_days").on(at.date()).value
    full_hour = begins == begins.replace(minute=0, second=0, microsecond=0)
    in_time = at < begins < at + ahead * _ONE_DAY
    places = _open_places(municipality, office, begins) if full_hour and in_time else 0
    if not places:
        raise Refused(
            "appointment.no_such_hour",
            rules=("R050", "R210"),
            begins=f"{begins:%Y-%m-%d %H:%M}",
            days=str(ahead),
        )
    return places


def _open_places(municipality: str, office: Office, begins: datetime) -> int:
    """How many a counter takes in the hour, none unless it is open all of it; nor on
    days whose holidays nobody knows yet."""
    day = begins.date()
    try:
        minutes = integer("delivery", "appointment_minutes").on(day).value
        last = begins + timedelta(minutes=minutes, microseconds=-1)
        is_open = all(
            counter_open(municipality, office.value, moment).value
            for moment in (begins, last)
        )
        of_all = counts("delivery", "appointment_places").on(day, municipality).value
    except NotInForce:
        return 0
    return of_all[office.value] if is_open else 0


def _taken(
    work: Work, municipality: str, office: Office, begins: datetime
) -> Collection[int]:
    return {
        one.place
        for one in work.appointments.which(
            municipality=municipality, office=office, begins=begins
        )
        if one.state is not AppointmentState.CANCELLED
    }
