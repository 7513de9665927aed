"""Who saw a number: told to its owner, and checked against the journal."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from mynabox.lifecycle.journal import NATIONWIDE
from mynabox.lifecycle.permission import looks, own_purposes
from mynabox.lifecycle.staff import NotPermitted, Role
from mynabox.ports import Missing
from mynabox.usecases.access_log import AccessLog, Look, access_log, verify_access_log
from mynabox.usecases.acting import acting_in, of_staff
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.disclose_number import disclose_number
from mynabox.usecases.faces import show_back, show_front
from mynabox.usecases.staff_accounts import add_staff
from tests.usecases.places import CITY, Place, particulars, record_codes, refused

At = Callable[[str], Place]


def log_of(place: Place) -> AccessLog:
    return access_log(place.resident.id, place.box)


def told(log: AccessLog) -> list[tuple[str, str, str, str]]:
    return [(one.who, one.for_whom, one.purpose, one.what) for one in log.looks]


def look(place: Place, requester: str = "employer", purpose: str = "tax") -> None:
    disclose_number(place.resident.id, place.box, requester=requester, purpose=purpose)


# What is told


def test_every_time_that_somebody_saw_the_number(at: At) -> None:
    place = at("active")
    look(place)
    show_back(
        place.card.serial, place.box, requester="municipality", purpose="card_issue"
    )
    show_front(place.card.serial, place.box)
    assert told(log_of(place)) == [
        ("box", "", "assignment", "number"),
        ("box", "", "notification", "number"),
        ("production", "", "card_issue", "number"),
        ("counter", "employer", "tax", "number"),
        (
            "counter",
            "municipality",
            "card_issue",
            f"back of card {place.card.serial}",
        ),
    ]


def test_looks_at_others_are_not_told(at: At) -> None:
    place = at("numbered")
    other = place.enter(particulars(record_code=next(record_codes())))
    other.number()
    look(other)
    assert told(log_of(place)) == [("box", "", "assignment", "number")]


def test_by_id_or_record_code_of_somebody_who_is_there(at: At) -> None:
    place = at("numbered")
    assert access_log(place.resident.record_code, place.box) == log_of(place)
    with pytest.raises(Missing):
        access_log("res-nobody", place.box)


def test_who_looked_is_the_member_of_staff(at: At) -> None:
    """and nobody of another municipality, whose look is not made"""
    place = at("numbered")
    own = of_staff(add_staff("hanako", [Role.CLERK], place.box, municipality=CITY))
    other = of_staff(add_staff("taro", [Role.CLERK], place.box, municipality="011002"))
    for actor in (own, other):
        there = replace(place, box=acting_in(place.box, actor))
        if actor is own:
            look(there)
        else:
            with pytest.raises(NotPermitted):
                look(there)
    assert [one.who for one in log_of(place).looks] == ["box", "staff:hanako"]


@pytest.mark.parametrize(
    ("requester", "purpose", "allowed"),
    [
        ("municipality", "card_issue", True),
        ("municipality", "notification", True),
        ("municipality", "tax", True),
        ("municipality", "curiosity", False),
        ("municipality", "", False),
        ("employer", "card_issue", False),
        ("employer", "tax", True),
        ("", "tax", False),
    ],
)
def test_no_look_without_a_purpose(
    at: At, requester: str, purpose: str, allowed: bool
) -> None:
    """R011; the office's own duties are nobody else's purpose"""
    place = at("active")

    def back() -> object:
        return show_back(
            place.card.serial, place.box, requester=requester, purpose=purpose
        )

    if allowed:
        assert back()
        assert log_of(place).looks[-1].purpose == purpose
    else:
        refused(place, back, "number.no_statutory_purpose", "R011")


def test_the_table_of_looks() -> None:
    """each has a purpose; those of the office are described"""
    assert {"disclose_number", "produce_card", "issue_notice"} <= set(looks())
    assert set(looks().values()) - set(own_purposes()) == {
        "disclosure",
        "assignment",
        "search",
    }


# What is proven


def test_a_sound_journal_and_a_copy_that_was_kept(at: At) -> None:
    place = at("active")
    look(place)
    kept = log_of(place)
    for _ in range(3):
        look(place, "bank", "account")
    checked = verify_access_log(place.resident.id, place.box, copy=kept)
    assert checked.damage == ()
    assert checked.looks == len(kept.looks) + 3


def sql(*statements: str) -> Callable[[Place], None]:
    def tamper(place: Place) -> None:
        with closing(sqlite3.connect(place.home.path / "box.db")) as db, db:
            for name in (
                "journal_stays",
                "journal_not_deleted",
                "journal_subjects_stays",
                "journal_subjects_not_deleted",
                "journal_heads_go_on",
            ):
                db.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert db.execute(statement).rowcount > 0, statement

    return tamper


LAST = "(SELECT max(sequence) FROM journal WHERE action = 'disclose_number')"
IN_CITY = f"municipality = '{CITY}'"
TAMPERED = {
    "another clerk put in": (
        sql(f"UPDATE journal SET actor = 'staff:other' WHERE sequence = {LAST}"),
        {"changed"},
    ),
    "another purpose put in": (
        sql(
            "UPDATE journal SET facts = replace(facts, 'tax', 'pension')"
            f" WHERE sequence = {LAST}"
        ),
        {"changed"},
    ),
    "the row taken out": (
        sql(
            f"DELETE FROM journal_subjects WHERE {IN_CITY} AND sequence = {LAST}",
            f"DELETE FROM journal WHERE {IN_CITY} AND sequence = {LAST}",
        ),
        {"removed", "journal no longer has what the copy tells",
         "chain does not go through the end of the copy"},
    ),
    "hidden from the person": (
        sql(f"DELETE FROM journal_subjects WHERE {IN_CITY} AND sequence = {LAST}"),
        {"changed", "journal no longer has what the copy tells"},
    ),
    "the end cut off": (
        sql(
            f"DELETE FROM journal_subjects WHERE {IN_CITY} AND sequence = {LAST}",
            f"UPDATE journal_heads SET sequence = sequence - 1 WHERE {IN_CITY}",
            f"DELETE FROM journal WHERE {IN_CITY} AND sequence = {LAST}",
        ),
        {"seal of the chain's end is not the box's", "is not the row that was sealed",
         "journal no longer has what the copy tells",
         "chain does not go through the end of the copy"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_a_journal_that_was_tampered_with(at: At, how: str) -> None:
    place = at("active")
    look(place)
    kept = log_of(place)
    tamper, found = TAMPERED[how]
    tamper(place)
    checked = verify_access_log(place.resident.id, place.box, copy=kept)
    assert {one.what for one in checked.damage} == found


def changed(log: AccessLog, **other: object) -> AccessLog:
    *before, last = log.looks
    return replace(log, looks=(*before, replace(last, **other)))  # type: ignore[arg-type]


def row_changed(log: AccessLog, **other: object) -> AccessLog:
    row = log.looks[-1].row
    return changed(log, row=replace(row, entry=replace(row.entry, **other)))  # type: ignore[arg-type]


COPIES: dict[str, tuple[Callable[[AccessLog], AccessLog], set[str]]] = {
    "another name in what is told": (
        lambda log: changed(log, who="staff:other"),
        {"copy was changed"},
    ),
    "another purpose in what is told": (
        lambda log: changed(log, purpose="pension"),
        {"copy was changed"},
    ),
    "another name in the row": (
        lambda log: row_changed(log, actor="staff:other"),
        {"copy was changed"},
    ),
    "a look left out": (
        lambda log: replace(log, looks=log.looks[:-1]),
        {"left out of the copy"},
    ),
    "all looks left out": (
        lambda log: replace(log, looks=()),
        {"left out of the copy"},
    ),
    "a false seal": (
        lambda log: replace(
            log, heads=tuple(replace(head, seal="0" * 64) for head in log.heads)
        ),
        {"seal of the copy is false"},
    ),
    "an end that was not": (
        lambda log: replace(
            log, heads=tuple(replace(head, hash="0" * 64) for head in log.heads)
        ),
        {"seal of the copy is false", "chain does not go through the end of the copy"},
    ),
    "no end": (
        lambda log: replace(log, heads=()),
        {"copy tells more than its sealed end"},
    ),
    "somebody else's": (
        lambda log: replace(log, resident="res-other"),
        {"copy is of another"},
    ),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_that_was_changed(at: At, how: str) -> None:
    place = at("active")
    look(place)
    change, found = COPIES[how]
    checked = verify_access_log(
        place.resident.id, place.box, copy=change(log_of(place))
    )
    assert {one.what for one in checked.damage} == found


def test_a_look_that_never_was(at: At) -> None:
    """made up, and chained by whoever made it up"""
    place = at("numbered")
    log = log_of(place)
    row = log.looks[-1].row
    made_up = replace(row, sequence=row.sequence + 1, hash="0" * 64)
    invented = Look(
        who="box", for_whom="", purpose="assignment", what="number", row=made_up
    )
    copy = replace(log, looks=(*log.looks, invented))
    checked = verify_access_log(place.resident.id, place.box, copy=copy)
    assert {one.what for one in checked.damage} == {"copy was changed"}


def test_a_damaged_chain_of_another_place_is_told_too(at: At) -> None:
    """a person's rows may be in any chain"""
    place = at("numbered")
    with closing(sqlite3.connect(place.home.path / "box.db")) as db, db:
        db.execute("DROP TRIGGER journal_stays")
        db.execute(
            f"UPDATE journal SET actor = 'x' WHERE municipality = '{NATIONWIDE}'"
        )
    checked = verify_access_log(place.resident.id, place.box)
    assert {one.municipality for one in checked.damage} == {NATIONWIDE}


def test_a_number_is_assigned_once_in_the_log(at: At) -> None:
    place = at("numbered")
    assign_number(place.resident.id, place.box)
    assert len(log_of(place).looks) == 1
