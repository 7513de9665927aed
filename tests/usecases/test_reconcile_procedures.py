"""``db check`` of moves, appointments, requests, fees and the rest: each kind of damage
is named, with the guards out of the way as on a broken disk."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.card_request import CardReason
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.book_appointment import BookAppointment, book_appointment
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.chip import set_pins, write_certificates
from mynabox.usecases.deliver import deliver
from mynabox.usecases.give_up_pins import GiveUpPins, give_up_pins
from mynabox.usecases.move_out import MoveOut, move_out
from mynabox.usecases.produce_batch import order_batch
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.request_card import RequestCard, request_card
from mynabox.usecases.reset_at_store import ReserveReset, reserve_reset
from mynabox.usecases.send_inquiry import SendInquiry, send_inquiry
from tests.usecases.places import Place

At = Callable[[str], Place]
Do = Callable[[Place], object]


def moves(place: Place) -> None:
    move_out(MoveOut(resident=place.hero, planned=date(2026, 7, 1)), place.box)


def books(place: Place, hour: int = 10) -> None:
    begins = datetime(2026, 6, 8, hour, tzinfo=JST)
    ask = BookAppointment(serial=place.card.serial, begins=begins)
    book_appointment(ask, place.box)


def books_twice(place: Place) -> None:
    books(place)
    books(place, hour=11)


def asks_by_letter(place: Place) -> None:
    ask = SendInquiry(serial=place.card.serial, agent="箱田 花子", reason="hospital")
    send_inquiry(ask, place.box)


def asks_for_another(place: Place) -> None:
    ask = RequestCard(
        resident=place.hero, reason=CardReason.DAMAGED, documents=("passport",)
    )
    request_card(ask, place.box)


def reserves(place: Place) -> None:
    for _ in range(2):
        ask = ReserveReset(
            serial=place.card.serial,
            kind="signature",
            other=SPECIMEN_PINS["authentication"],
            same_face=True,
        )
        reserve_reset(ask, place.box)


def gives_up(place: Place) -> None:
    deliver(place.box)
    ask = GiveUpPins(serial=place.card.serial, documents=("my_number_card",))
    give_up_pins(ask, place.box)


def ordered(place: Place) -> None:
    order_batch([place.application.id], place.box)
    do_duties(place.box)


def nothing(place: Place) -> None:
    pass


DAMAGE: dict[str, tuple[str, Do, str, set[str]]] = {
    "a move that never ended": (
        "active",
        moves,
        "UPDATE moves SET state = 'settled'",
        {"move_state"},
    ),
    "a move of nobody": (
        "active",
        moves,
        "DELETE FROM journal_subjects WHERE subject LIKE 'mov-%'",
        {"journal", "move_unsaid"},
    ),
    "a card in the post that nobody sent": (
        "produced",
        nothing,
        "UPDATE deliveries SET state = 'on_the_way'",
        {"delivery_state"},
    ),
    "an appointment missed on no day": (
        "produced",
        books,
        "UPDATE appointments SET state = 'missed'",
        {"appointment_state"},
    ),
    "an appointment given up and had again": (
        "produced",
        books_twice,
        "UPDATE appointments SET state = 'kept' WHERE state = 'cancelled'",
        {"appointment_state"},
    ),
    "a letter that nobody answered": (
        "produced",
        asks_by_letter,
        "UPDATE inquiries SET state = 'answered'",
        {"inquiry_state"},
    ),
    "a lost card found by nobody": (
        "suspended",
        nothing,
        "UPDATE losses SET state = 'found'",
        {"loss_state", "loss_over"},
    ),
    "a call that nobody took": (
        "suspended",
        nothing,
        "DELETE FROM journal_subjects WHERE subject LIKE 'loss-%'",
        {"journal", "loss_unsaid"},
    ),
    "a request done without a card": (
        "active",
        asks_for_another,
        "UPDATE card_requests SET state = 'done'",
        {"card_request_state", "fee_open"},
    ),
    "a fee that nobody paid": (
        "active",
        asks_for_another,
        "UPDATE fees SET state = 'paid', settled = decided, means = 'cash'",
        {"fee_state"},
    ),
    "a password set at no store": (
        "active",
        reserves,
        "UPDATE store_resets SET state = 'done' WHERE state = 'reserved'",
        {"store_reset_state"},
    ),
    "a password set with a reservation that was replaced": (
        "active",
        reserves,
        "UPDATE store_resets SET state = 'done' WHERE state = 'replaced'",
        {"store_reset_state"},
    ),
    "a card without PINs that has some": (
        "active",
        gives_up,
        "UPDATE cards SET without_pins = false",
        {"without_pins"},
    ),
    "a card with PINs that has none": (
        "active",
        nothing,
        "UPDATE cards SET without_pins = true",
        {"without_pins"},
    ),
    "a remark on a face gone": (
        "active",
        gives_up,
        "DELETE FROM card_notes",
        {"without_pins"},
    ),
    "a card without PINs that signs": (
        "active",
        gives_up,
        (
            "UPDATE certificates SET state = 'active', stopped = NULL, reason = NULL"
            " WHERE kind = 'signature'"
        ),
        {"without_pins"},
    ),
    "an order with somebody else's card": (
        "applied",
        ordered,
        "UPDATE batch_items SET card = '9999999999999999'",
        {"batch_card"},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(at: At, name: str) -> None:
    stage, before, damage, codes = DAMAGE[name]
    place = at(stage)
    before(place)
    deliver(place.box)
    assert reconcile(place.box).findings == ()
    with closing(sqlite3.connect(place.home.path / "box.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (trigger,) in names.fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("PRAGMA ignore_check_constraints = ON")
        assert database.execute(damage).rowcount > 0
        database.commit()
    assert {one.code for one in reconcile(place.box).findings} == codes


def test_a_pin_in_the_chip_of_a_card_without_pins(at: At) -> None:
    """and the certificate that should be gone: told of the chip, one by one"""
    place = at("active")
    gives_up(place)
    set_pins(place.card.serial, SPECIMEN_PINS, place.box)
    signs = place.certificates[-1]
    assert signs.kind is CertificateKind.SIGNATURE
    write_certificates(place.card.serial, numbers=(signs.serial,), box=place.box)
    says = [one.says for one in reconcile(place.box).findings]
    assert len(says) == 6
    assert all("its chip has" in one for one in says)
