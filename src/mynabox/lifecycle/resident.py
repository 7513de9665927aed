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


class HouseholdRelation(StrEnum):
    """What a person is to the head of their household (世帯主との続柄)."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    RELATIVE = "relative"
    HOUSEMATE = "housemate"


class Cause(StrEnum):
    """Why a record reads as it does: what its last change was (異動事由)."""

    REGISTERED = "registered"
    BORN = "born"
    CHANGED = "changed"
    CORRECTED = "corrected"
    HOUSEHOLD = "household"
    RESIDENCE = "residence"
    GUARDIANSHIP = "guardianship"
    MOVED_WITHIN = "moved_within"
    MOVED_IN = "moved_in"
    LEFT = "left"
    RETURNED = "returned"


class ResidentState(StrEnum):
    """Where a person's record stands."""

    REGISTERED = "registered"
    ABROAD = "abroad"
    DELETED = "deleted"
    """The status of residence was lost (R124)."""
    DEAD = "dead"


class ResidentEvent(StrEnum):
    """What happens to a record."""

    LEFT_JAPAN = "left_japan"
    STATUS_LOST = "status_lost"
    RETURNED = "returned"
    DIED = "died"


RESIDENT = Life(
    name="resident",
    first=ResidentState.REGISTERED,
    steps={
        (ResidentState.REGISTERED, ResidentEvent.LEFT_JAPAN): ResidentState.ABROAD,
        (ResidentState.REGISTERED, ResidentEvent.DIED): ResidentState.DEAD,
        (ResidentState.REGISTERED, ResidentEvent.STATUS_LOST): ResidentState.DELETED,
        (ResidentState.ABROAD, ResidentEvent.RETURNED): ResidentState.REGISTERED,
        (ResidentState.ABROAD, ResidentEvent.DIED): ResidentState.DEAD,
        (ResidentState.DELETED, ResidentEvent.RETURNED): ResidentState.REGISTERED,
        (ResidentState.DELETED, ResidentEvent.DIED): ResidentState.DEAD,
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
    ``household``     the municipality's own name of the household (世帯), if known;
                      who has it in one municipality lives together
    ``relation``      what the person is to its head
    ``since``         from which day on the record reads so; None: since ``registered``
    ``cause``         what made it read so
    ``guardian``      the statutory representative of an adult ward (成年後見人), a person
                      or a body, as the certificate of registered matters names them
    ``ward_since``    day from which on they are a ward (成年被後見人)
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
    household: str | None = None
    relation: HouseholdRelation | None = None
    since: date | None = None
    cause: Cause = Cause.REGISTERED
    guardian: str | None = None
    ward_since: date | None = None

    def after(self, event: ResidentEvent) -> "Resident":
        """The record after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=RESIDENT.after(self.state, event))

    def reads_as(self, other: "Resident") -> bool:
        """Whether both say the same of the person, since whenever and why ever."""
        return replace(self, since=other.since, cause=other.cause) == other

    @property
    def ward(self) -> bool:
        """Whether an adult guardian acts for them (R058, R135)."""
        return self.ward_since is not None

    @property
    def card_name(self) -> str:
        """The name that goes on papers: with the alias (通称) behind it if any."""
        return f"{self.name}（{self.alias}）" if self.alias else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRecord:
    """How a person's record read before a change (異動履歴): kept for ever.

    ``nth``    1 for the oldest
    ``until``  day of the change that ended it
    """

    nth: int
    record: Resident
    until: date | None
