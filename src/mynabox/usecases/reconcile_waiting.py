"""Whether deliveries and appointments tell the story that their cards tell."""

from collections import Counter
from collections.abc import Iterator

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.appointment import AppointmentState
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_request import RequestState
from mynabox.lifecycle.delivery import DELIVERY, DeliveryState
from mynabox.lifecycle.loss import LossState
from mynabox.ports import Box, Work
from mynabox.usecases.card_waits import at_the_office, booked_for
from mynabox.usecases.findings import Finding
from mynabox.usecases.following import fees_due


def waiting_findings(card: Card, work: Work) -> Iterator[Finding]:
    """What does not fit of one card's way to its holder."""
    waits = card.state is CardState.PRODUCED
    at_counter = False
    for delivery in work.deliveries.which(card=card.serial):
        over = DELIVERY.is_final(delivery.state)
        at_counter = at_counter or at_the_office(delivery)
        if over == waits:
            yield Finding(
                code="delivery_over" if over else "delivery_open",
                what=delivery.id,
                says=f"is {delivery.state}, but its card {card.serial} is {card.state}",
            )
    if not at_counter:
        for booked in booked_for(work, card):
            yield Finding(
                code="appointment_open",
                what=booked.id,
                says=f"is booked, but the card {card.serial} does not wait",
            )


def request_findings(resident: str, work: Work) -> Iterator[Finding]:
    """What does not fit of what was agreed with a person, their lost cards and fees."""
    reported = {
        loss.card
        for loss in work.losses.which(resident=resident, state=LossState.REPORTED)
    }
    suspended = {
        card.serial
        for card in work.cards.of(resident)
        if card.state is CardState.SUSPENDED
    }
    for serial in sorted(reported - suspended):
        yield Finding(
            code="loss_open",
            what=serial,
            says="is reported lost, and is not suspended",
        )
    for serial in sorted(suspended - reported):
        yield Finding(
            code="loss_over",
            what=serial,
            says="is suspended, and nobody reported it lost",
        )
    for delivery in work.deliveries.which(
        resident=resident, state=DeliveryState.AGREED
    ):
        application = work.applications.get(delivery.application)
        if application.state in (ApplicationState.WITHDRAWN, ApplicationState.PRODUCED):
            yield Finding(
                code="delivery_open",
                what=delivery.id,
                says=f"is agreed, and its application is {application.state}",
            )
    for fee in fees_due(work, resident):
        request = work.card_requests.get(fee.request)
        if request.state is not RequestState.ASKED:
            yield Finding(
                code="fee_open",
                what=fee.id,
                says=f"is due, and its request {request.id} is {request.state}",
            )


def hours_findings(box: Box) -> Iterator[Finding]:
    """Hours that have more visitors than places."""
    with box.store.look() as work:
        held = Counter(
            (one.municipality, one.office, one.begins, one.place, one.places)
            for one in work.appointments.which()
            if one.state is not AppointmentState.CANCELLED
        )
    for (municipality, office, begins, place, places), visitors in held.items():
        if visitors > 1 or not 1 <= place <= places:
            yield Finding(
                code="place_taken_twice",
                what=f"{municipality} {office} {begins:%Y-%m-%d %H:%M}",
                says=f"place {place} of {places} is given to {visitors}",
            )
