"""A child is born into a household (出生届)."""

from dataclasses import dataclass
from datetime import date

from mynabox.law.book import integer
from mynabox.law.days import plus_days
from mynabox.law.numbers import record_code_valid
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import other_name, read_nationality, written_name
from mynabox.lifecycle.resident import (
    Cause,
    HouseholdRelation,
    ResidenceStatus,
    Resident,
    ResidentState,
    Sex,
)
from mynabox.ports import Box, Work

_BODY_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBirth:
    """``parent`` is whose household and address the child has; ``relation`` what the
    child is to the head of that household."""

    parent: str
    name: str
    kana: str | None
    born: date
    sex: Sex
    roman: str | None = None
    nationality: str = "JPN"
    relation: HouseholdRelation = HouseholdRelation.CHILD


def register_birth(ask: RegisterBirth, box: Box, *, actor: str = "counter") -> Resident:
    """Enter the child at the parent's address, with a resident record code of its own
    (R001). A child of another nationality may stay for the days that the law gives
    from birth on (R113)."""
    at = box.clock.now()
    today = at.date()
    if ask.born > today:
        raise Refused("register.born_in_future", born=ask.born.isoformat())
    japanese = ask.nationality == "JPN"
    status = (
        ResidenceStatus.JAPANESE if japanese else ResidenceStatus.BIRTH_TRANSITIONAL
    )
    nationality = read_nationality(ask.nationality, status)
    until = None
    if not japanese:
        days = integer("validity", "transitional_days").on(ask.born).value
        until = plus_days(ask.born, days)
        if until < today:
            raise Refused(
                "register.stay_over", rules=("R124",), until=until.isoformat()
            )
    with box.store.work() as work:
        parent = work.residents.get(ask.parent)
        if parent.state is not ResidentState.REGISTERED:
            raise Refused("register.not_registered", rules=("R001",))
        if ask.born < parent.born:
            raise Refused(
                "register.registered_before_birth",
                born=parent.born.isoformat(),
                day=ask.born.isoformat(),
            )
        child = Resident(
            id=make_id("res", box.random(ID_BYTES)),
            record_code=_record_code(work, box),
            municipality=parent.municipality,
            name=written_name(ask.name),
            kana=other_name("kana", ask.kana or ""),
            roman=other_name("roman", ask.roman or ""),
            alias=None,
            born=ask.born,
            sex=ask.sex,
            address=parent.address,
            nationality=nationality,
            residence_status=status,
            stay_until=until,
            registered=today,
            household=parent.household,
            relation=None if parent.household is None else ask.relation,
            since=ask.born,
            cause=Cause.BORN,
        )
        work.residents.add(child)
        work.journal.write(
            Entry(
                municipality=child.municipality,
                at=at,
                actor=actor,
                action="register_birth",
                subjects=(child.id, parent.id),
                facts={"born": ask.born.isoformat()},
            )
        )
    return child


def _record_code(work: Work, box: Box) -> str:
    """A resident record code that nobody has: random digits and the check digit."""
    while True:
        body = decimal(_BODY_DIGITS, box.random(2 * _BODY_DIGITS))
        for check in range(10):
            code = f"{body}{check}"
            if record_code_valid(code).value and not work.residents.by_record_code(
                code
            ):
                return code
