"""What must be right before a person is entered in the register."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mynabox.law.municipality import UnknownMunicipality, municipality
from mynabox.law.numbers import (
    municipality_code_valid,
    number_valid,
    record_code_valid,
)
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import HouseholdRelation, ResidenceStatus, Sex
from mynabox.lifecycle.secret import IndividualNumber

COLUMNS = (
    "record_code",
    "municipality",
    "name",
    "kana",
    "roman",
    "alias",
    "born",
    "sex",
    "address",
    "nationality",
    "residence_status",
    "stay_until",
    "registered",
    "number",
)
"""The columns of a register file, in order; all must be there, some may be empty."""

HOUSEHOLD_COLUMNS = ("household", "relation")
"""Two more columns that a register file may have behind the others."""

GUARDIAN_COLUMNS = ("guardian", "ward_since")
"""Two more that may stand behind those of the household."""

LONGEST_NAME = 200
LONGEST_ADDRESS = 200

_WITH_STAY = {
    ResidenceStatus.MID_LONG_TERM,
    ResidenceStatus.TEMPORARY_REFUGE,
    ResidenceStatus.PROVISIONAL_STAY,
    ResidenceStatus.BIRTH_TRANSITIONAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A person to be entered, everything about them checked.

    ``number``   the Individual Number the person brings along, if any (R002)
    ``remarks``  message codes of what is odd but no ground for refusal
    """

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
    number: IndividualNumber | None = None
    household: str | None = None
    relation: HouseholdRelation | None = None
    guardian: str | None = None
    ward_since: date | None = None
    remarks: tuple[str, ...] = ()


def read_registration(values: Mapping[str, str | None], *, on: date) -> Registration:
    """Check one line of a register file as of the day ``on``.

    Raises ``Refused`` with the code of the first thing that is wrong.
    """
    text = {column: plain(column, values.get(column)) for column in COLUMNS}
    text |= {
        column: plain(column, values.get(column, ""))
        for column in HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS
    }
    remarks: list[str] = []
    code = text["record_code"]
    if not re.fullmatch(r"[0-9]{11}", code):
        raise Refused("register.record_code_form", rules=("R001",))
    if not record_code_valid(code).value:
        remarks.append("register.record_code_check_digit_unusual")
    place = text["municipality"]
    trouble = _municipality_trouble(place)
    if trouble is not None:
        raise Refused(trouble, municipality=place)
    name = written_name(text["name"])
    address = written_address(text["address"])
    born = _day("born", text["born"])
    registered = _day("registered", text["registered"])
    if born > on:
        raise Refused("register.born_in_future", born=born.isoformat())
    if registered > on:
        raise Refused("register.registered_in_future", day=registered.isoformat())
    if registered < born:
        raise Refused(
            "register.registered_before_birth",
            born=born.isoformat(),
            day=registered.isoformat(),
        )
    status = _residence_status(text["residence_status"])
    nationality = read_nationality(text["nationality"], status)
    household, relation = read_household(text["household"], text["relation"])
    guardian, ward_since = _read_guardian(
        text["guardian"], text["ward_since"], born=born, on=on
    )
    return Registration(
        record_code=code,
        municipality=place,
        name=name,
        kana=other_name("kana", text["kana"]),
        roman=other_name("roman", text["roman"]),
        alias=other_name("alias", text["alias"]),
        born=born,
        sex=_sex(text["sex"]),
        address=address,
        nationality=nationality,
        residence_status=status,
        stay_until=read_stay(text["stay_until"], status, since=registered, on=on),
        registered=registered,
        number=_number(text["number"]),
        household=household,
        relation=relation,
        guardian=guardian,
        ward_since=ward_since,
        remarks=tuple(remarks),
    )


@lru_cache(maxsize=4096)
def _municipality_trouble(place: str) -> str | None:
    """Code of the refusal of a municipality code, None for a good one."""
    if not municipality_code_valid(place).value:
        return "register.municipality_check_digit"
    try:
        municipality(place)
    except UnknownMunicipality:
        return "register.municipality_unknown"
    return None


_NOT_KEPT = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Kinds of characters that nobody sees, or that turn what stands beside them round, or
that mean something else on every machine."""
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how names are written in Nepal and elsewhere."""


def plain(column: str, value: str | None) -> str:
    """A value without the spaces around it; raises ``Refused`` for one that is not
    there or holds characters that no register can."""
    if value is None:
        raise Refused("register.column_missing", column=column)
    if value.isprintable():  # what is refused below is not, and most texts are
        return value.strip(" ")
    for character in value:
        category = unicodedata.category(character)
        if category in _NOT_KEPT and character not in _JOINERS:
            raise Refused(
                "register.control_character",
                column=column,
                character=f"U+{ord(character):04X}",
            )
    return value.strip(" ")


def _line(column: str, value: str, *, longest: int) -> str:
    if not any(map(str.isalnum, value)):
        raise Refused("register.empty", column=column)
    return _not_too_long(column, value, longest=longest)


def written_name(value: str) -> str:
    """A name as the register keeps it, byte for byte; raises ``Refused``."""
    return _line("name", plain("name", value), longest=LONGEST_NAME)


def written_address(value: str) -> str:
    """An address as the register keeps it, byte for byte; raises ``Refused``."""
    return _line("address", plain("address", value), longest=LONGEST_ADDRESS)


def other_name(column: str, value: str) -> str | None:
    """Kana, Roman name or alias as the register keeps it; None for an empty one."""
    value = plain(column, value)
    return _not_too_long(column, value, longest=LONGEST_NAME) or None


def _not_too_long(column: str, value: str, *, longest: int) -> str:
    if len(value) > longest:
        raise Refused(
            "register.too_long",
            column=column,
            length=str(len(value)),
            longest=str(longest),
        )
    return value


def _day(column: str, value: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise Refused("register.date_form", column=column, value=value[:20])
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Refused("register.no_such_day", column=column, value=value) from None


def _sex(value: str) -> Sex:
    try:
        return Sex(value)
    except ValueError:
        raise Refused("register.sex_unknown_word", value=value[:20]) from None


def _residence_status(value: str) -> ResidenceStatus:
    try:
        return ResidenceStatus(value)
    except ValueError:
        raise Refused("register.status_unknown_word", value=value[:30]) from None


def read_nationality(nationality: str, status: ResidenceStatus) -> str:
    """A nationality that goes with the status; raises ``Refused``."""
    if not re.fullmatch(r"[A-Z]{3}", nationality):
        raise Refused("register.nationality_form", nationality=nationality[:20])
    if (nationality == "JPN") != (status is ResidenceStatus.JAPANESE):
        raise Refused(
            "register.nationality_against_status",
            nationality=nationality,
            status=status.value,
        )
    return nationality


def read_household(
    household: str, relation: str
) -> tuple[str | None, HouseholdRelation | None]:
    """The name of a household and what somebody is to its head; raises ``Refused``."""
    if not household and not relation:
        return None, None
    if not re.fullmatch(r"[A-Za-z0-9-]{1,40}", household):
        raise Refused("register.household_form", rules=("R001",))
    try:
        return household, HouseholdRelation(relation)
    except ValueError:
        raise Refused("register.relation_unknown_word", value=relation[:20]) from None


def written_guardian(value: str) -> str:
    """A guardian's name as the register keeps it; raises ``Refused``."""
    return _line("guardian", plain("guardian", value), longest=LONGEST_NAME)


def ward_from(day: date, *, born: date, on: date) -> date:
    """The first day of a guardianship; raises ``Refused`` for one that cannot be."""
    if day > on:
        raise Refused("register.day_in_future", day=day.isoformat())
    if day < born:
        raise Refused(
            "guardianship.before_birth", rules=("R058",), born=born.isoformat()
        )
    return day


def _read_guardian(
    guardian: str, since: str, *, born: date, on: date
) -> tuple[str | None, date | None]:
    if not guardian and not since:
        return None, None
    if not guardian or not since:
        raise Refused("guardianship.guardian_and_day", rules=("R058",))
    return written_guardian(guardian), ward_from(
        _day("ward_since", since), born=born, on=on
    )


def read_stay(
    value: str, status: ResidenceStatus, *, since: date, on: date
) -> date | None:
    """The last day of a period of stay as the status wants it; raises ``Refused``.

    ``since``  the period cannot end before this day
    ``on``     nor be over on this one
    """
    if status not in _WITH_STAY:
        if value:
            raise Refused(
                "register.stay_without_limit", rules=("R111",), status=status.value
            )
        return None
    if not value:
        raise Refused("register.stay_missing", rules=("R110",), status=status.value)
    until = _day("stay_until", value)
    if until < since:
        raise Refused(
            "register.stay_ends_before_registration",
            rules=("R110",),
            until=until.isoformat(),
            registered=since.isoformat(),
        )
    if until < on:
        raise Refused("register.stay_over", rules=("R124",), until=until.isoformat())
    return until


def _number(value: str) -> IndividualNumber | None:
    if not value:
        return None
    digits = value.replace(" ", "").replace("-", "")
    if not number_valid(digits).value:
        raise Refused("register.number_check_digit", rules=("R001",))
    return IndividualNumber(digits)
