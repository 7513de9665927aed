"""What produced cards wait for: their delivery begins, goes on, and is over.

The steps here happen within the transaction of whatever leads to them; none of them
writes a row of the journal of its own.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from mynabox.law.book import integer
from mynabox.law.days import JST
from mynabox.lifecycle.appointment import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
)
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.delivery import (
    DELIVERY,
    Delivery,
    DeliveryEvent,
    DeliveryState,
    DeliveryWay,
)
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Box, Missing, Work

OFFICE_OPENS = time(9)
"""The hour at which reminders leave; no rule hangs on it."""


def begin_delivery(
    work: Work, card: Card, resident: Resident, box: Box, *, at: datetime
) -> Delivery:
    """The delivery of a card that was produced just now: as it was agreed with the
    applicant if what it was agreed for still holds (R052), else by postcard."""
    agreed = next(iter(work.deliveries.which(application=card.application)), None)
    if agreed is None:
        delivery = kept_for_pickup(
            new_delivery(
                card.application, resident, box, way=DeliveryWay.PICKUP, at=at
            ).after(DeliveryEvent.PRODUCED, at=at),
            card,
            at=at,
        )
        delivery = replace(delivery, card=card.serial)
        work.deliveries.add(delivery)
        return delivery
    delivery = replace(agreed.after(DeliveryEvent.PRODUCED, at=at), card=card.serial)
    if delivery.way is DeliveryWay.PICKUP or not still_agreed(delivery, resident):
        delivery = kept_for_pickup(delivery, card, at=at)
    work.deliveries.save(delivery)
    return delivery


def delivery_of(work: Work, card: Card) -> Delivery:
    """The delivery of a card; raises ``Missing`` for a card that was produced before
    deliveries were written down."""
    found = work.deliveries.which(card=card.serial)
    if not found:
        raise Missing("delivery", card.serial)
    return found[-1]


def new_delivery(
    application: str,
    resident: Resident,
    box: Box,
    *,
    way: DeliveryWay,
    at: datetime,
    documents: tuple[str, ...] = (),
) -> Delivery:
    """A delivery to where the resident lives now."""
    return Delivery(
        id=make_id("dlv", box.random(ID_BYTES)),
        application=application,
        resident=resident.id,
        municipality=resident.municipality,
        way=way,
        name=resident.name,
        address=resident.address,
        documents=", ".join(documents),
        since=at,
    )


def still_agreed(delivery: Delivery, resident: Resident) -> bool:
    """Whether name and address are still those that it was agreed for (R052)."""
    return (delivery.name, delivery.address) == (resident.name, resident.address)


def kept_for_pickup(delivery: Delivery, card: Card, *, at: datetime) -> Delivery:
    """The delivery of a card whose holder is called to the counter today."""
    day = at.date()
    until = kept_until(card, day)
    before = integer("delivery", "keeping_reminder_days").on(day).value
    remind_at = datetime.combine(until - timedelta(days=before), OFFICE_OPENS, JST)
    return replace(
        delivery,
        way=DeliveryWay.PICKUP,
        until=until,
        remind_at=remind_at if remind_at > at else None,
        reminded=None,
    )


def kept_until(card: Card, day: date) -> date:
    """Until when a card is kept whose holder is called on a day: no longer than it is
    good (R094)."""
    days = integer("delivery", "keeping_days").on(day).value
    return min(day + timedelta(days=days), card.expires)


def end_delivery(
    work: Work, card: Card, *, event: DeliveryEvent, at: datetime
) -> tuple[str, ...]:
    """The card was received, or never will be: its delivery and what was booked for it
    are over; ids of what changed.

    ``event``  ``RECEIVED`` or ``ENDED``
    """
    changed = []
    for delivery in work.deliveries.which(card=card.serial):
        if DELIVERY.allows(delivery.state, event):
            work.deliveries.save(delivery.after(event, at=at))
            changed.append(delivery.id)
    for booked in booked_for(work, card):
        kept = (
            AppointmentEvent.KEPT
            if event is DeliveryEvent.RECEIVED and booked.begins.date() == at.date()
            else AppointmentEvent.CANCELLED
        )
        work.appointments.save(booked.after(kept, at=at))
        changed.append(booked.id)
    return tuple(changed)


def booked_for(work: Work, card: Card) -> tuple[Appointment, ...]:
    """The appointment that is booked for a card, if there is one."""
    return tuple(
        work.appointments.which(card=card.serial, state=AppointmentState.BOOKED)
    )


def at_the_office(delivery: Delivery) -> bool:
    """Whether the card lies at the municipality and waits for its holder there."""
    return delivery.state in (DeliveryState.WAITING, DeliveryState.CAME_BACK)
