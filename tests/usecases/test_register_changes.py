"""Births, households, residence and searches: what is refused, and that nothing of it
remains; each done leaves one row of the journal."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from mynabox.lifecycle.resident import (
    HouseholdRelation,
    ResidenceStatus,
    ResidentEvent,
    Sex,
)
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Wanted
from mynabox.usecases.change_household import ChangeHousehold, change_household
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.change_residence import ChangeResidence, change_residence
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.move_out import MoveOut, move_out
from mynabox.usecases.register_birth import RegisterBirth, register_birth
from mynabox.usecases.search_residents import (
    FindByNumber,
    find_by_number,
    search_residents,
)
from tests.usecases.places import Place, refused, rows_in
from tests.usecases.test_import import HEADER, line

At = Callable[[str], Place]
TODAY = date(2026, 4, 1)


def birth(**other: object) -> RegisterBirth:
    values = {
        "parent": "res-x",
        "name": "箱田 一子",
        "kana": None,
        "born": TODAY,
        "sex": Sex.FEMALE,
    }
    return RegisterBirth(**{**values, **other})  # type: ignore[arg-type]


REFUSED: list[tuple[str, Callable[[Place], object], str, tuple[str, ...]]] = [
    (
        "born tomorrow",
        lambda p: register_birth(birth(parent=p.hero, born=date(2026, 4, 2)), p.box),
        "register.born_in_future",
        (),
    ),
    (
        "older than the parent",
        lambda p: register_birth(birth(parent=p.hero, born=date(1990, 3, 30)), p.box),
        "register.registered_before_birth",
        (),
    ),
    (
        "the days from birth are over",
        lambda p: register_birth(
            birth(parent=p.hero, born=date(2026, 1, 30), nationality="VNM"), p.box
        ),
        "register.stay_over",
        ("R124",),
    ),
    (
        "no head",
        lambda p: change_household(
            ChangeHousehold(
                resident=p.hero, household=None, relation=HouseholdRelation.CHILD
            ),
            p.box,
        ),
        "household.head_first",
        ("R001",),
    ),
    (
        "a status without its period",
        lambda p: change_residence(
            ChangeResidence(
                resident=p.hero,
                nationality="VNM",
                residence_status=ResidenceStatus.MID_LONG_TERM,
            ),
            p.box,
        ),
        "register.stay_missing",
        ("R110",),
    ),
    (
        "a nationality against its status",
        lambda p: change_residence(
            ChangeResidence(
                resident=p.hero, residence_status=ResidenceStatus.PERMANENT
            ),
            p.box,
        ),
        "register.nationality_against_status",
        (),
    ),
    (
        "no change of residence",
        lambda p: change_residence(
            ChangeResidence(resident=p.hero, residence_status=ResidenceStatus.JAPANESE),
            p.box,
        ),
        "particulars.nothing_new",
        ("R114",),
    ),
    (
        "decided tomorrow",
        lambda p: change_residence(
            ChangeResidence(
                resident=p.hero,
                residence_status=ResidenceStatus.JAPANESE,
                decided=date(2026, 4, 2),
            ),
            p.box,
        ),
        "register.day_in_future",
        (),
    ),
    (
        "changed tomorrow",
        lambda p: change_particulars(
            ChangeParticulars(resident=p.hero, name="X", happened=date(2026, 4, 2)),
            p.box,
        ),
        "register.day_in_future",
        (),
    ),
    (
        "together tomorrow",
        lambda p: change_household(
            ChangeHousehold(
                resident=p.hero,
                household=None,
                relation=HouseholdRelation.HEAD,
                happened=date(2026, 4, 2),
            ),
            p.box,
        ),
        "register.day_in_future",
        (),
    ),
    (
        "corrected to a birth after the registration",
        lambda p: change_particulars(
            ChangeParticulars(
                resident=p.hero, born=p.resident.registered + timedelta(days=1)
            ),
            p.on("2026-04-03").box,
        ),
        "register.registered_before_birth",
        (),
    ),
    (
        "nothing to look for",
        lambda p: search_residents(Wanted(name=" - "), p.box),
        "search.nothing_asked",
        ("R264",),
    ),
    (
        "a municipality that is none",
        lambda p: search_residents(Wanted(name="箱"), p.box, municipality="156446"),
        "register.municipality_unknown",
        ("R270",),
    ),
    (
        "a number in a municipality that is none",
        lambda p: find_by_number(
            FindByNumber(
                number=IndividualNumber("123456789018"),
                requester="municipality",
                purpose="correction",
            ),
            p.box,
            municipality="156446",
        ),
        "register.municipality_unknown",
        ("R270",),
    ),
    (
        "no purpose",
        lambda p: find_by_number(
            FindByNumber(
                number=IndividualNumber("123456789018"),
                requester="employer",
                purpose="curiosity",
            ),
            p.box,
        ),
        "number.no_statutory_purpose",
        ("R011",),
    ),
]


@pytest.mark.parametrize(
    ("do", "code", "rules"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_refused(
    at: At, do: Callable[[Place], object], code: str, rules: tuple[str, ...]
) -> None:
    place = at("registered")
    refused(place, lambda: do(place), code, *rules)


def test_a_household_of_another_address(at: At) -> None:
    place = at("registered")
    header = HEADER.replace(b"\n", b",household,relation\n")
    other = line(record_code="20000000001", address="茨城県つくば市2番地")
    (done,) = import_residents(
        [header, other.replace(b"\n", b",H-9,head\n")], place.box
    )
    assert done.refused is None
    ask = ChangeHousehold(
        resident=place.hero, household="H-9", relation=HouseholdRelation.CHILD
    )
    refused(
        place,
        lambda: change_household(ask, place.box),
        "household.not_together",
        "R001",
    )


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (b",H-9,head\n", None),
        (b",,\n", None),
        (b",H 9,head\n", "register.household_form"),
        (b",,head\n", "register.household_form"),
        (b",H-9,boss\n", "register.relation_unknown_word"),
        (b",H-9,\n", "register.relation_unknown_word"),
        (b"\n", "import.wrong_number_of_columns"),
    ],
)
def test_a_register_file_with_households(
    at: At, ending: bytes, code: str | None
) -> None:
    place = at("registered")
    header = HEADER.replace(b"\n", b",household,relation\n")
    other = line(record_code="20000000001").replace(b"\n", ending)
    (done,) = import_residents([header, other], place.box)
    assert (done.refused.code if done.refused else None) == code


@pytest.mark.parametrize("do", ["birth", "household", "residence", "find"])
def test_one_row_of_the_journal(at: At, do: str) -> None:
    place = at("registered")
    before = len(rows_in(place.home.path)["journal"])
    actions: dict[str, Callable[[], object]] = {
        "birth": lambda: register_birth(birth(parent=place.hero), place.box),
        "household": lambda: change_household(
            ChangeHousehold(
                resident=place.hero, household=None, relation=HouseholdRelation.HEAD
            ),
            place.box,
        ),
        "residence": lambda: change_residence(
            ChangeResidence(
                resident=place.hero,
                nationality="VNM",
                residence_status=ResidenceStatus.PERMANENT,
            ),
            place.box,
        ),
        "find": lambda: find_by_number(
            FindByNumber(
                number=IndividualNumber("123456789018"),
                requester="municipality",
                purpose="correction",
            ),
            place.box,
        ),
    }
    actions[do]()
    assert len(rows_in(place.home.path)["journal"]) == before + 1


@pytest.mark.parametrize(
    "change",
    [
        lambda p: register_birth(birth(parent=p.hero), p.box),
        lambda p: change_household(
            ChangeHousehold(
                resident=p.hero, household=None, relation=HouseholdRelation.HEAD
            ),
            p.box,
        ),
        lambda p: change_residence(
            ChangeResidence(
                resident=p.hero,
                nationality="VNM",
                residence_status=ResidenceStatus.PERMANENT,
            ),
            p.box,
        ),
        lambda p: change_particulars(
            ChangeParticulars(resident=p.hero, name="箱山 太郎"), p.box
        ),
        lambda p: move_out(
            MoveOut(resident=p.hero, to=None, planned=p.today, abroad=True), p.box
        ),
    ],
    ids=["birth", "household", "residence", "particulars", "move"],
)
def test_nothing_changes_in_a_record_that_is_gone(
    at: At, change: Callable[[Place], object]
) -> None:
    """R001: and the sentence is about the record, not about a card"""
    place = at("registered")
    leave_register(place.hero, ResidentEvent.DIED, place.box)
    refused(place, lambda: change(place), "register.not_registered", "R001")
