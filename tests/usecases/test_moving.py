"""Both sides of every day on which a card is lost over a move, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.move import MoveState
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.card_lines import list_moves
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.extend_card import (
    ExtendCard,
    ExtendSpecially,
    extend_card,
    extend_specially,
)
from mynabox.usecases.move_in import MoveIn, move_in
from mynabox.usecases.move_out import MoveOut, cancel_move_out, move_out
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.take_over_card import BringCard, take_over_card
from mynabox.usecases.update_card import update_card
from tests.usecases.places import CITY, Place, foreigner, particulars, refused

At = Callable[[str], Place]
CHIYODA, SAPPORO = "131016", "011002"
PIN = SPECIMEN_PINS["juki"]
PLANNED = date(2026, 9, 1)


def out(place: Place, planned: date = PLANNED, **other: object) -> Place:
    ask = MoveOut(resident=place.hero, planned=planned)
    move_out(replace(ask, **other), place.box)  # type: ignore[arg-type]
    return place


def come(place: Place, moved_in: date = PLANNED, to: str = CHIYODA) -> MoveState:
    ask = MoveIn(
        resident=place.hero,
        municipality=to,
        address="東京都千代田区箱町一丁目1番1号",
        moved_in=moved_in,
    )
    return move_in(ask, place.box).move.state


def bring(place: Place, pin: Pin = PIN) -> BringCard:
    return BringCard(serial=place.card.serial, pin=pin)


def passes(place: Place, day: str) -> None:
    """The box lives on until that day."""
    place.on(day)
    do_duties(place.box)


@pytest.mark.parametrize(
    ("notified", "state", "card"),
    [
        # fourteen days behind living there (R171)
        ("2026-09-15", MoveState.ARRIVED, CardState.ACTIVE),
        ("2026-09-16", MoveState.LAPSED, CardState.VOID),
    ],
)
def test_notified_in_time(
    at: At, notified: str, state: MoveState, card: CardState
) -> None:
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    out(place)
    passes(place, notified)
    assert come(place) is state
    assert place.card.state is card


@pytest.mark.parametrize(
    ("day", "state", "card"),
    [
        # thirty days behind the planned day of moving out (R171)
        ("2026-10-01", MoveState.ANNOUNCED, CardState.ACTIVE),
        ("2026-10-02", MoveState.OVERDUE, CardState.VOID),
    ],
)
def test_never_notified(at: At, day: str, state: MoveState, card: CardState) -> None:
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    out(place)
    passes(place, day)
    (move,) = list_moves(place.hero, place.box)
    assert (move.state, place.card.state) == (state, card)


@pytest.mark.parametrize(
    ("day", "code"),
    [("2026-12-09", None), ("2026-12-10", "move.none_arrived")],
)
def test_taken_over_in_time(at: At, day: str, code: str | None) -> None:
    """R172: ninety days behind the notice of 10 September"""
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    out(place)
    passes(place, "2026-09-10")
    assert come(place) is MoveState.ARRIVED
    passes(place, day)
    if code is None:
        assert take_over_card(bring(place), place.box).municipality == CHIYODA
    else:
        refused(place, lambda: take_over_card(bring(place), place.box), code, "R172")
        assert place.card.state is CardState.VOID


@pytest.mark.parametrize(
    ("day", "card"), [("2026-10-19", CardState.ACTIVE), ("2026-10-20", CardState.VOID)]
)
def test_moving_on_before(at: At, day: str, card: CardState) -> None:
    """R174: lost on the day of leaving again; cancelled, the first clock runs on"""
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    out(place)
    passes(place, "2026-09-10")
    come(place)
    out(place, date(2026, 10, 20))
    cancel_move_out(place.hero, place.box)
    first = list_moves(place.hero, place.box)[0]
    assert first.due == date(2026, 12, 9)
    out(place, date(2026, 10, 20), to=SAPPORO)
    passes(place, day)
    assert place.card.state is card


def test_moved_on_at_once(at: At) -> None:
    """a move-out of yesterday ends the card on the spot"""
    place = at("active").on("2026-08-25")
    out(place)
    place.on("2026-09-10")
    come(place)
    out(place, date(2026, 9, 9))
    assert place.card.state is CardState.VOID


def test_without_a_card(at: At) -> None:
    place = at("registered").on("2026-08-25")
    out(place)
    place.on("2026-09-10")
    assert come(place) is MoveState.SETTLED


def test_a_card_that_waits_in_the_old_office(at: At) -> None:
    """R156"""
    place = at("produced").on("2026-08-25")
    out(place)
    place.on("2026-09-10")
    assert come(place) is MoveState.SETTLED
    assert place.card.state is CardState.VOID


def suspended(place: Place) -> Place:
    out(place)
    place.on("2026-09-10")
    come(place)
    place.lose()
    return place


REFUSED: list[
    tuple[str, Callable[[Place], Place], Callable[[Place], object], str, str]
] = [
    ("nothing to cancel", lambda p: p, lambda p: cancel_move_out(p.hero, p.box),
     "move.none_open", "R171"),
    ("no move-out", lambda p: p, lambda p: come(p, date(2026, 8, 1)),
     "move.none_open", "R171"),
    ("to another municipality without moving", lambda p: p,
     lambda p: change_particulars(
         ChangeParticulars(resident=p.hero, address="X", municipality=CHIYODA), p.box),
     "move.none_open", "R171"),
    ("abroad yesterday", lambda p: p,
     lambda p: out(p, date(2026, 8, 24), abroad=True), "move.day_is_over", "R154"),
    ("twice", lambda p: out(p), out, "move.already_open", "R174"),
    ("to where they are", lambda p: out(p).on("2026-09-02"),
     lambda p: come(p, to=CITY), "move.same_municipality", "R171"),
    ("tomorrow", lambda p: out(p), come, "register.registered_in_future", ""),
    ("into no municipality", lambda p: out(p),
     lambda p: come(p, to="156446"), "register.municipality_unknown", "R270"),
    ("no move-in", lambda p: p, lambda p: take_over_card(bring(p), p.box),
     "move.none_arrived", "R172"),
    ("suspended", suspended, lambda p: take_over_card(bring(p), p.box),
     "move.card_not_valid", "R176"),
    ("up to date", lambda p: p, lambda p: update_card(bring(p), p.box),
     "card.up_to_date", "R170"),
    ("no stay", lambda p: p,
     lambda p: extend_specially(ExtendSpecially(
         serial=p.card.serial, pin=PIN, proof="mail_of_receipt"), p.box),
     "stay.not_by_the_stay", "R116"),
    ("no proof", lambda p: p,
     lambda p: extend_specially(ExtendSpecially(
         serial=p.card.serial, pin=PIN, proof="a promise"), p.box),
     "stay.no_proof", "R116"),
    ("nothing to extend", lambda p: p,
     lambda p: extend_card(ExtendCard(serial=p.card.serial, pin=PIN), p.box),
     "card.up_to_date", "R114"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "do", "code", "rule"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_refused(
    at: At,
    before: Callable[[Place], Place],
    do: Callable[[Place], object],
    code: str,
    rule: str,
) -> None:
    place = before(at("active").on("2026-08-25"))
    refused(place, lambda: do(place), code, *([rule] if rule else []))


def test_a_card_of_another_municipality_is_not_written_on(at: At) -> None:
    place = at("active").on("2026-08-25")
    out(place)
    place.on("2026-09-10")
    come(place)
    refused(
        place,
        lambda: update_card(bring(place), place.box),
        "move.take_over_first",
        "R172",
    )


def test_pins_at_the_counter(at: At) -> None:
    """R074: three tries, the last of which the counter does not spend; four lines"""
    place = at("active").on("2026-08-25")
    for nth in range(4):
        address = f"茨城県つくば市箱の内{nth}番地"
        change_particulars(
            ChangeParticulars(resident=place.hero, address=address), place.box
        )
        if nth == 0:
            wrong = bring(place, Pin("0000"))
            for code in ("authority.wrong_pin", "authority.wrong_pin", "pin.last_try"):
                with pytest.raises(Refused) as caught:
                    update_card(wrong, place.box)
                assert caught.value.code == code
            continue
    assert place.card.written == 0


def test_no_line_left(at: At) -> None:
    """R122: the fifth change finds no room, and nothing is written"""
    place = at("active").on("2026-08-25")
    for nth in range(5):
        name = f"箱田 太{nth}"
        change_particulars(ChangeParticulars(resident=place.hero, name=name), place.box)
        if nth < 4:
            update_card(bring(place), place.box)
    refused(
        place,
        lambda: update_card(bring(place), place.box),
        "card.no_lines",
        "R122",
        "R162",
    )


def test_duties_are_done_at_midnight(at: At) -> None:
    """a clock turned years ahead: the card was lost on its day, not today"""
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    out(place)
    passes(place, "2030-01-01")
    midnight = datetime.combine(date(2026, 10, 2), time(), JST)
    assert place.card.since == midnight
    assert place.card.since - timedelta(seconds=1) < midnight


@pytest.mark.parametrize(
    ("stay_until", "until"),
    [
        ("2036-01-30", "2036-03-30"),
        ("2036-01-31", "2036-03-31"),
        ("2036-02-01", "2036-03-31"),
        ("2036-03-30", "2036-03-31"),
        ("2036-03-31", None),
    ],
)
def test_a_special_extension_ends_with_the_birthday(
    at: At, stay_until: str, until: str | None
) -> None:
    """R115, R116: two months behind the stay, or the tenth birthday, 31 March 2036"""
    guest = foreigner(stay_until, record_code="20012345675")
    place = at("registered").enter(guest)
    place.on("2026-05-11").have_card(produced="2026-06-01", collected="2026-06-10")
    place.on(place.card.expires.isoformat())
    ask = ExtendSpecially(
        serial=place.card.serial, pin=PIN, proof="stamped_residence_card"
    )
    if until is None:
        refused(
            place,
            lambda: extend_specially(ask, place.box),
            "stay.not_by_the_stay",
            "R116",
        )
    else:
        assert extend_specially(ask, place.box).expires.isoformat() == until


def test_a_household_moves_out_together(at: At) -> None:
    """R175: with one notice; nobody else is taken along"""
    place = at("registered")
    head, spouse, lodger = (
        place.register(
            {
                **particulars(record_code=code, name=name),
                "household": household,
                "relation": relation,
            }
        ).resident.id
        for code, name, household, relation in (
            ("20012345675", "箱田 一", "H-1", "head"),
            ("20024691340", "箱田 二", "H-1", "spouse"),
            ("20037037010", "箱田 三", "H-2", "head"),
        )
    )

    def goes(*others: str) -> list[str]:
        ask = MoveOut(resident=head, planned=PLANNED, together=others)
        return [move.resident for move in move_out(ask, place.box)]

    alone = "move.not_one_household"
    refused(place, lambda: goes(spouse, lodger), alone, "R175")
    refused(place, lambda: goes(place.hero), alone, "R175")
    assert goes(spouse, head) == [head, spouse]
    assert reconcile(place.box).findings == ()
