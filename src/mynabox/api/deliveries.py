"""How cards reach their holders: agreed at the application, waiting at the counter with
or without an appointment, mailed home."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mynabox.api.authority import By
from mynabox.api.counter import Documents
from mynabox.api.paging import (
    LINKED,
    LONGEST,
    After,
    Limit,
    link_next,
    page_of,
)
from mynabox.api.refusal import answers
from mynabox.api.schema import PinsAsk, Serial, Wire
from mynabox.api.schema_applying import ApplicationKey
from mynabox.lifecycle.appointment import Appointment, AppointmentState, Office
from mynabox.lifecycle.delivery import Delivery, DeliveryState, DeliveryWay
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.agree_delivery import AgreeDelivery, agree_delivery
from mynabox.usecases.book_appointment import (
    BookAppointment,
    Hour,
    book_appointment,
    cancel_appointment,
    hours_of,
)
from mynabox.usecases.call_holder import call_holder
from mynabox.usecases.card_waits import delivery_of
from mynabox.usecases.deliver import deliver
from mynabox.usecases.note_delivery import note_delivery
from mynabox.usecases.send_card import SendCard, send_card


class AgreeAsk(Wire):
    """What the clerk noted when the applicant came (R051, R052, R054)."""

    documents: Documents
    pins_handed_in: bool = Field(description="The form with the PINs was handed in")
    by_agent: bool = Field(default=False, description="Somebody else came")


class SendAsk(Wire):
    """The PINs, as the clerk reads them off the sealed form."""

    pins: PinsAsk


class ArrivalAsk(Wire):
    """What the post says of a mailed card."""

    received: bool = Field(description="false: it came back")


class BookAsk(Wire):
    """The hour that the holder wants."""

    begins: AwareDatetime = Field(
        description="The full hour", examples=["2026-12-04T10:00:00+09:00"]
    )
    office: Office = Office.SECTION


class DeliveryAnswer(BaseModel):
    """One card's way to its holder."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    application: str
    resident: str
    card: str | None
    way: DeliveryWay
    state: DeliveryState
    since: datetime
    until: date | None = Field(description="Last day on which it is kept")
    reminded: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The answer for a delivery."""
        return cls.model_validate(delivery)


class DeliveriesAnswer(BaseModel):
    """One page of deliveries."""

    deliveries: list[DeliveryAnswer]
    next: str | None = Field(description="`after` of the next page, if there is one")


class AppointmentAnswer(BaseModel):
    """One place of one hour at the counter."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    card: str
    resident: str
    municipality: str
    office: Office
    begins: datetime
    ends: datetime
    place: int
    places: int = Field(description="How many the counter takes in that hour")
    state: AppointmentState
    reminded: datetime | None

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        """The answer for an appointment."""
        return cls.model_validate(appointment)


class HourAnswer(BaseModel):
    """An hour in which the counter takes visitors by appointment."""

    begins: datetime
    places: int
    free: int

    @classmethod
    def of(cls, hour: Hour) -> Self:
        """The answer for an hour."""
        return cls(
            begins=hour.begins, places=hour.places, free=hour.places - hour.taken
        )


class DayAnswer(BaseModel):
    """A day of a counter."""

    hours: list[HourAnswer]
    appointments: list[AppointmentAnswer]


def routes(box: Box) -> APIRouter:
    """Routes of deliveries and appointments."""
    router = APIRouter(tags=["delivery"])

    @router.post(
        "/applications/{application}/delivery",
        operation_id="agreeDelivery",
        responses=answers(404, 409),
    )
    def agreed(by: By, application: ApplicationKey, ask: AgreeAsk) -> DeliveryAnswer:
        """Agree with an applicant who came in person how the card will reach them:
        by mail where the rules allow it, else at the counter."""
        return DeliveryAnswer.of(
            agree_delivery(
                AgreeDelivery(
                    application=application,
                    documents=tuple(ask.documents),
                    pins_handed_in=ask.pins_handed_in,
                    by_agent=ask.by_agent,
                ),
                by.box,
            )
        )

    @router.get("/deliveries", operation_id="listDeliveries", responses=LINKED)
    def listed(
        by: By,
        request: Request,
        response: Response,
        state: DeliveryState | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> DeliveriesAnswer:
        """Deliveries, of one state if told; those that wait say until when."""
        members: dict[str, Any] = {} if state is None else {"state": state}
        place = by.within(None)
        if place is not None:
            members["municipality"] = place
        with by.box.store.look() as work:
            found = work.deliveries.which(after=after, limit=limit + 1, **members)
        page = found[:limit]
        more = page[-1].id if len(found) > limit else None
        link_next(request, response, more)
        return DeliveriesAnswer(
            deliveries=[DeliveryAnswer.of(one) for one in page], next=more
        )

    @router.get(
        "/cards/{serial}/delivery",
        operation_id="getDelivery",
        responses=answers(404),
    )
    def shown(by: By, serial: Serial) -> DeliveryAnswer:
        """How a card reaches its holder."""
        with by.box.store.look() as work:
            return DeliveryAnswer.of(delivery_of(work, work.cards.get(serial)))

    @router.post(
        "/cards/{serial}/delivery/posting",
        operation_id="sendCard",
        responses=answers(404, 409),
    )
    def sent(by: By, serial: Serial, ask: SendAsk) -> DeliveryAnswer:
        """Set the PINs and mail the card to the holder's home (R051, R052)."""
        pins = {
            kind: Pin(secret.get_secret_value())
            for kind, secret in ask.pins.given().items()
        }
        done = send_card(SendCard(serial=serial, pins=pins), by.box)
        deliver(box)
        return DeliveryAnswer.of(done)

    @router.post(
        "/cards/{serial}/delivery/events",
        operation_id="noteDelivery",
        responses=answers(404, 409),
    )
    def noted(by: By, serial: Serial, ask: ArrivalAsk) -> DeliveryAnswer:
        """The mailed card was received, which makes it good (void if its last day is
        over, R094), or it came back."""
        done = note_delivery(serial, received=ask.received, box=by.box)
        return DeliveryAnswer.of(done)

    @router.post(
        "/cards/{serial}/delivery/call",
        operation_id="callHolder",
        responses=answers(404, 409),
    )
    def called(by: By, serial: Serial) -> DeliveryAnswer:
        """Post another postcard: the holder comes to the counter (R050)."""
        done = call_holder(serial, by.box)
        deliver(box)
        return DeliveryAnswer.of(done)

    @router.get("/appointments", operation_id="showCounterDay")
    def day(
        by: By,
        municipality: Annotated[str, Query(pattern=r"^[0-9]{6}$")],
        day: date,
        office: Office = Office.SECTION,
    ) -> DayAnswer:
        """A counter's hours of a day with the places still free, and who comes."""
        place = by.within(municipality) or municipality
        hours = hours_of(place, office, day, by.box)
        with by.box.store.look() as work:
            booked = [
                one
                for hour in hours
                for one in work.appointments.which(
                    municipality=place, office=office, begins=hour.begins
                )
            ]
        return DayAnswer(
            hours=[HourAnswer.of(hour) for hour in hours],
            appointments=[AppointmentAnswer.of(one) for one in booked],
        )

    @router.get(
        "/cards/{serial}/appointments",
        operation_id="listAppointments",
        responses={**LINKED, **answers(404)},
    )
    def all_booked(
        by: By,
        serial: Serial,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[AppointmentAnswer]:
        """Every appointment ever made for a card, by the hour."""
        with by.box.store.look() as work:
            work.cards.get(serial)
            found = work.appointments.which(order="begins", card=serial)
        page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
        link_next(request, response, more)
        return [AppointmentAnswer.of(one) for one in page]

    @router.post(
        "/cards/{serial}/appointments",
        operation_id="bookAppointment",
        status_code=201,
        responses=answers(404, 409),
    )
    def booked(by: By, serial: Serial, ask: BookAsk) -> AppointmentAnswer:
        """Give the holder a place at the counter; one booked before is given up."""
        done = book_appointment(
            BookAppointment(serial=serial, begins=ask.begins, office=ask.office),
            by.box,
        )
        deliver(box)
        return AppointmentAnswer.of(done)

    @router.post(
        "/cards/{serial}/appointments/cancellation",
        operation_id="cancelAppointment",
        responses=answers(404, 409),
    )
    def cancelled(by: By, serial: Serial) -> AppointmentAnswer:
        """Give up the place that is booked."""
        return AppointmentAnswer.of(cancel_appointment(serial, by.box))

    return router
