"""A person in the resident register (住民基本台帳)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mynabox.lifecycle.life import Life


class Sex(StrEnum):
    """Sex as the register writes it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class ResidenceStatus(StrEnum):
    """What decides how long a card may last (R110-R113)."""

    JAPANESE = "japanese"
    PERMANENT = "permanent"
    SPECIAL_PERMANENT = "special_permanent"
    HIGHLY_SKILLED_2 = "highly_skilled_2"
    MID_LONG_TERM = "mid_long_term"
    TEMPORARY_REFUGE = "temporary_refuge"
    PROVISIONAL_STAY = "provisional_stay"
    BIRTH_TRANSITIONAL = "birth_transitional"


class ResidentState(StrEnum):
    """Where a person's record stands."""

    REGISTERED = "registered"
    ABROAD = "abroad"
    DEAD = "dead"


class ResidentEvent(StrEnum):
    """What happens to a record."""

    LEFT_JAPAN = "left_japan"
    RETURNED = "returned"
    DIED = "died"


RESIDENT = Life(
    name="resident",
    first=ResidentState.REGISTERED,
    steps={
        (ResidentState.REGISTERED, ResidentEvent.LEFT_JAPAN): ResidentState.ABROAD,
        (ResidentState.REGISTERED, ResidentEvent.DIED): ResidentState.DEAD,
        (ResidentState.ABROAD, ResidentEvent.RETURNED): ResidentState.REGISTERED,
        (ResidentState.ABROAD, ResidentEvent.DIED): ResidentState.DEAD,
    },
    rules=("R001", "R002"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One person.

    ``id``            the box's own name for the person, never derived from a number
    ``record_code``   resident record code (住民票コード), eleven digits, unique
    ``municipality``  six-digit municipality code, check digit included
    ``name``          as registered, byte for byte: never normalised
    ``nationality``   ISO 3166-1 alpha-3
    ``stay_until``    last day of the period of stay, where the status has one
    ``registered``    day on which the person was (last) entered in the register
    """

    id: str
    record_code: str
    municipality: str
    name: str
    kana: str | None
    roman: str | None
    alias: str | None
    born: date
    sex: Sex
    address: str
    nationality: str
    residence_status: ResidenceStatus
    stay_until: date | None
    registered: date
    state: ResidentState = ResidentState.REGISTERED

    def after(self, event: ResidentEvent) -> "Resident":
        """The record after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=RESIDENT.after(self.state, event))

    @property
    def card_name(self) -> str:
        """The name that goes on papers: with the alias (通称) behind it if any."""
        return f"{self.name}（{self.alias}）" if self.alias else self.name
