"""A place at the counter at an hour, to receive a card (交付予約)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class Office(StrEnum):
    """The counters of a municipality, as the rulebook's hours name them."""

    SECTION = "section"
    MAIN = "main"


class AppointmentState(StrEnum):
    """What became of an appointment."""

    BOOKED = "booked"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


class AppointmentEvent(StrEnum):
    """What happens to it."""

    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


APPOINTMENT = Life(
    name="appointment",
    first=AppointmentState.BOOKED,
    steps={
        (AppointmentState.BOOKED, AppointmentEvent.KEPT): AppointmentState.KEPT,
        (AppointmentState.BOOKED, AppointmentEvent.MISSED): AppointmentState.MISSED,
        (
            AppointmentState.BOOKED,
            AppointmentEvent.CANCELLED,
        ): AppointmentState.CANCELLED,
    },
    rules=("R050",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One place of one hour.

    ``begins``, ``ends``  the hour
    ``place``      which of the ``places`` that the office has in it, from 1
    ``remind_at``  when the holder is reminded; ``reminded`` when it was done
    """

    id: str
    delivery: str
    card: str
    resident: str
    municipality: str
    office: Office
    begins: datetime
    ends: datetime
    place: int
    places: int
    booked: datetime
    remind_at: datetime
    since: datetime
    reminded: datetime | None = None
    state: AppointmentState = AppointmentState.BOOKED

    def after(self, event: AppointmentEvent, *, at: datetime) -> "Appointment":
        """The appointment after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=APPOINTMENT.after(self.state, event), since=at)
