"""Lost cards and requests for another one: what is refused, what it costs, what follows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.card_request import CardReason, RequestState
from mynabox.lifecycle.fee import Fee, FeeState, Means
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.loss import Loss, LossState, Proof, Told
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.resident import ResidenceStatus, ResidentEvent
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.change_residence import ChangeResidence, change_residence
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.move_out import MoveOut, cancel_move_out, move_out
from mynabox.usecases.note_proof import NoteProof, note_proof
from mynabox.usecases.pay_fee import PayFee, pay_fee
from mynabox.usecases.print_form import print_form
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import Report, report_lost
from mynabox.usecases.request_card import (
    RequestCard,
    Requested,
    request_card,
    withdraw_request,
)
from mynabox.usecases.return_card import ReturnCard, return_card
from tests.usecases.places import LICENCE, Place, foreigner, particulars, refused

At = Callable[[str], Place]


def ask(place: Place, reason: CardReason, **other: Any) -> Requested:
    return request_card(
        RequestCard(
            resident=place.hero, reason=reason, documents=("passport",), **other
        ),
        place.box,
    )


def losses(place: Place) -> list[Loss]:
    with place.box.store.look() as work:
        return list(work.losses.which(order="reported", resident=place.hero))


def fees(place: Place) -> list[Fee]:
    with place.box.store.look() as work:
        return list(work.fees.which(order="decided", resident=place.hero))


def prove(place: Place, proof: Proof = Proof.POLICE, day: date | None = None) -> Loss:
    return note_proof(
        NoteProof(
            receipt=losses(place)[-1].receipt,
            proof=proof,
            authority="つくば警察署",
            number="令和8年 第1234号",
            day=day or place.today,
        ),
        place.box,
    )


def pay(place: Place, amount: int, means: Means = Means.CASH) -> Fee:
    return pay_fee(
        PayFee(fee=fees(place)[-1].id, amount=amount, means=means), place.box
    )


def apply_again(place: Place) -> None:
    """The form and the photo, as for any card."""
    place.open()
    place.submit()


def letters(place: Place) -> list[str]:
    deliver(place.box)
    with place.box.store.look() as work:
        sent = work.outbox.sent(carrier=Carrier.POST, limit=50)
        return [one.title for one in sent]


def one_story(place: Place) -> None:
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def test_a_loss_has_a_receipt_to_call_back_with(at: At) -> None:
    """R180: ten digits, and under which number the caller is reached"""
    place = at("active")
    report = Report(told=Told.FAX, caller="mother", callback="029-000-0000")
    receipt = report_lost(place.hero, place.box, report=report).receipt
    (loss,) = losses(place)
    assert (loss.receipt, loss.told, loss.callback) == (
        receipt,
        Told.FAX,
        "029-000-0000",
    )
    assert len(receipt) == 10
    assert receipt.isdigit()
    one_story(place)


@pytest.mark.parametrize(
    ("stage", "reason", "amount"),
    [
        ("suspended", CardReason.LOST, 1000),
        ("suspended", CardReason.STOLEN, 0),
        ("suspended", CardReason.DISASTER, 0),
        ("active", CardReason.DAMAGED, 1000),
        ("active", CardReason.NO_SPACE, 0),
        ("active", CardReason.OFFICE_ERROR, 0),
        ("registered", CardReason.FIRST, 0),
    ],
)
def test_what_each_reason_costs(
    at: At, stage: str, reason: CardReason, amount: int
) -> None:
    """R160-R163; a slip only where something is due"""
    place = at(stage)
    if stage == "suspended":
        prove(place, Proof.FIRE if reason is CardReason.DISASTER else Proof.POLICE)
    fee = ask(place, reason).fee
    assert fee.amount == amount
    assert fee.state is (FeeState.DUE if amount else FeeState.WAIVED)
    assert fee.rules
    assert ("fee_slip" in letters(place)) == bool(amount)
    one_story(place)


@pytest.mark.parametrize(
    ("reason", "days", "amount"),
    [
        (CardReason.EXPIRED, 0, None),
        (CardReason.EXPIRED, 1, 0),
        (CardReason.STAY_LAPSED, 1, None),
        (CardReason.RENEWAL, 0, 0),
        (CardReason.RENEWAL, 1, None),
    ],
)
def test_reasons_of_the_last_day(
    at: At, reason: CardReason, days: int, amount: int | None
) -> None:
    """R162: on the last day it is renewed, from the next on it has expired; no stay
    ended with a Japanese national's card (R164)"""
    place = at("active")
    day = place.card.expires + timedelta(days=days)
    place.on(day.isoformat())
    if amount is None:
        refused(
            place,
            lambda: ask(place, reason),
            "card_request.reason_does_not_fit",
            "R161",
            "R162",
        )
    else:
        assert ask(place, reason).fee.amount == amount


@pytest.mark.parametrize(
    ("wishes", "parts"),
    [
        ({}, (800, 200, 0)),
        ({"certificates": False}, (800, 0, 0)),
        ({"express": True}, (800, 200, 1000)),
        ({"express": True, "certificates": False}, (800, 0, 1000)),
    ],
)
def test_the_parts_of_a_fee(
    at: At, wishes: dict[str, bool], parts: tuple[int, int, int]
) -> None:
    """R161, R166, in whole yen"""
    place = at("suspended")
    prove(place)
    fee = ask(place, CardReason.LOST, **wishes).fee
    assert (fee.card, fee.certificates, fee.express) == parts
    assert fee.amount == sum(parts)


@pytest.mark.parametrize(
    ("day", "code"), [("2035-12-30", "renewal.too_early"), ("2035-12-31", None)]
)
def test_renewal_is_asked_for_in_its_window(at: At, day: str, code: str | None) -> None:
    """R098: from three months before the last day on, 31 March 2036"""
    place = at("active").on(day)
    if code is None:
        assert ask(place, CardReason.RENEWAL).fee.amount == 0
    else:
        refused(place, lambda: ask(place, CardReason.RENEWAL), code, "R098")


def stay_lapsed(place: Place) -> Place:
    """A guest whose card ended with the stay, which was prolonged too late."""
    guest = place.enter(foreigner("2026-08-31", record_code="20012345675"))
    guest.on("2026-05-11").have_card(produced="2026-06-01", collected="2026-06-10")
    guest.on("2026-08-01")
    change_residence(
        ChangeResidence(
            resident=guest.hero,
            residence_status=ResidenceStatus.MID_LONG_TERM,
            stay_until=date(2027, 8, 31),
        ),
        guest.box,
    )
    return guest.on("2026-09-01")


def handed_back(place: Place) -> Place:
    ask = ReturnCard(serial=place.card.serial, documents=LICENCE)
    return_card(ask, place.box)
    return place


def moved_too_late(place: Place) -> Place:
    place.on("2026-07-01")
    move_out(MoveOut(resident=place.hero, planned=date(2026, 7, 1)), place.box)
    do_duties(place.on("2026-08-01").box)
    cancel_move_out(place.hero, place.box)
    return place


def came_back(place: Place, event: ResidentEvent) -> Place:
    place.on("2026-07-01").leave(event)
    place.on("2026-09-01").register(particulars(registered="2026-09-01"))
    return place


def deleted(place: Place) -> Place:
    return came_back(place, ResidentEvent.STATUS_LOST)


def from_abroad(place: Place) -> Place:
    return came_back(place, ResidentEvent.LEFT_JAPAN)


def lost_near_its_end(place: Place) -> Place:
    place.on("2036-03-01").lose()
    return place


WHYS = {
    "the stay was not carried over": (stay_lapsed, CardReason.STAY_LAPSED, 1000),
    "handed back": (handed_back, CardReason.HANDED_BACK, 1000),
    "moved, and not taken over": (
        moved_too_late,
        CardReason.CONTINUED_USE_MISSED,
        1000,
    ),
    "not in the register for a while": (deleted, CardReason.RECORD_DELETED, 1000),
    "back from abroad": (from_abroad, CardReason.FROM_ABROAD, 0),
    "lost before it was renewed": (lost_near_its_end, CardReason.LOST, 1000),
}


def refused_now(attempt: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        attempt()
    return caught.value


@pytest.mark.parametrize(
    ("values", "reason", "code"),
    [
        ({"born": "2025-05-12", "registered": "2025-05-20"}, "infant", None),
        ({"born": "2025-05-11", "registered": "2025-05-20"}, "infant",
         "express.contradicted"),
        ({}, "newly_registered", "express.contradicted"),
        (foreigner("2027-03-31"), "newly_registered", None),
        ({}, "from_abroad", None),
        ({}, "released", None),
        ({}, "", "express.not_for_this"),
        ({}, "lost", "express.not_for_this"),
    ],
)  # fmt: skip
def test_first_cards_made_within_days(
    at: At, values: dict[str, str], reason: str, code: str | None
) -> None:
    """R061, R160: free, and not for plain first applications; asked on 11 May 2026"""
    place = at("registered").enter(
        {**particulars(), **values, "record_code": "20012345675"}
    )
    place.on("2026-05-11")

    def wish() -> Requested:
        return ask(place, CardReason.FIRST, express=True, express_for=reason)

    if code is not None:
        refused(place, wish, code, "R061")
        return
    asked = wish()
    assert (asked.request.express, asked.fee.amount) == (reason, 0)
    place.apply()
    place.produce()
    place.hand_over()
    one_story(place)


@pytest.mark.parametrize("name", WHYS)
def test_no_card_for_nothing_that_costs_something(at: At, name: str) -> None:
    """R161-R164, R173: whoever had a card and applies as if it were the first is told
    at the counter; the register knows why, and another reason does not fit"""
    happens, reason, amount = WHYS[name]
    place = happens(at("active"))
    form = print_form(place.hero, place.box)
    place.open(application_id=form.application_id)
    place.submit()
    place.produce()
    if amount:
        said = refused_now(place.hand_over)
        assert (said.code, said.facts) == (
            "hand_over.fee_not_set",
            {"reason": reason.value},
        )
        if reason is CardReason.LOST:
            prove(place)
        else:
            wrong = (
                CardReason.FROM_ABROAD
                if reason is not CardReason.STAY_LAPSED
                else CardReason.EXPIRED
            )
            assert refused_now(lambda: ask(place, wrong)).facts == {
                "reason": wrong.value,
                "known": reason.value,
            }
        assert ask(place, reason).fee.amount == amount
        assert refused_now(place.hand_over).code == "fee.unpaid"
        pay(place, amount)
    place.hand_over()
    one_story(place)


def test_renewal_without_the_old_card_costs(at: At) -> None:
    """R163; whoever said so need not hand it in"""
    place = at("active")
    place.on("2036-01-20")
    fee = ask(place, CardReason.RENEWAL, old_card=False).fee
    assert fee.amount == 1000
    apply_again(place)
    place.produce()
    late = HandOver(
        serial=place.card.serial,
        documents=LICENCE,
        pins=SPECIMEN_PINS,
        old_card=False,
    )
    refused(place, lambda: hand_over(late, place.box), "fee.unpaid", "R161")
    pay(place, 1000)
    hand_over(late, place.box)
    one_story(place)


def test_the_old_card_is_handed_in(at: At) -> None:
    """R055: nobody asked for another one without it"""
    place = at("active")
    place.on("2036-01-20")
    apply_again(place)
    place.produce()
    pins: dict[str, Pin] = dict(SPECIMEN_PINS)
    kept = HandOver(
        serial=place.card.serial, documents=LICENCE, pins=pins, old_card=False
    )
    refused(
        place,
        lambda: hand_over(kept, place.box),
        "hand_over.old_card_missing",
        "R055",
        "R163",
    )
    place.hand_over()
    one_story(place)


@pytest.mark.parametrize(
    ("reason", "express"),
    [(CardReason.DAMAGED, True), (CardReason.RENEWAL, False)],
)
def test_express_is_for_listed_reasons(
    at: At, reason: CardReason, express: bool
) -> None:
    """R061"""
    place = at("active").on("2036-03-31")
    if express:
        assert ask(place, reason, express=True).request.express == reason.value
    else:
        refused(
            place,
            lambda: ask(place, reason, express=True),
            "express.not_for_this",
            "R061",
        )


@pytest.mark.parametrize(
    ("stage", "reason", "other", "code", "rules"),
    [
        ("active", CardReason.LOST, {}, "card_request.report_loss_first",
         ("R180", "R182")),
        ("registered", CardReason.LOST, {}, "card_request.report_loss_first",
         ("R180", "R182")),
        ("suspended", CardReason.LOST, {}, "card_request.proof_missing", ("R183",)),
        ("suspended", CardReason.DISASTER, {}, "card_request.proof_missing",
         ("R183",)),
        ("active", CardReason.DAMAGED, {"old_card": False},
         "card_request.proof_missing", ("R183",)),
        ("suspended", CardReason.DAMAGED, {}, "card_request.reason_does_not_fit",
         ("R161", "R162")),
        ("active", CardReason.FIRST, {}, "card_request.reason_does_not_fit",
         ("R161", "R162")),
        ("active", CardReason.NUMBER_CHANGED, {},
         "card_request.reason_does_not_fit", ("R161", "R162")),
    ],
)  # fmt: skip
def test_reasons_that_do_not_fit(
    at: At,
    stage: str,
    reason: CardReason,
    other: dict[str, bool],
    code: str,
    rules: tuple[str, ...],
) -> None:
    place = at(stage)
    refused(place, lambda: ask(place, reason, **other), code, *rules)


def test_a_fire_is_proved_by_the_fire_office(at: At) -> None:
    """another paper does not do; one shown later takes its place"""
    place = at("suspended")
    prove(place, Proof.POLICE)
    refused(
        place,
        lambda: ask(place, CardReason.DISASTER),
        "card_request.proof_missing",
        "R183",
    )
    prove(place, Proof.FIRE)
    assert ask(place, CardReason.DISASTER).fee.amount == 0
    assert letters(place).count("loss_receipt") == 2


def test_not_for_somebody_who_left(at: At) -> None:
    place = at("registered")
    place.leave(ResidentEvent.LEFT_JAPAN)
    refused(
        place, lambda: ask(place, CardReason.FIRST), "application.not_registered",
        "R029",
    )  # fmt: skip


def test_papers_have_a_day(at: At) -> None:
    place = at("suspended")
    tomorrow = place.today + timedelta(days=1)
    refused(place, lambda: prove(place, day=tomorrow), "loss.proof_in_future", "R183")
    prove(place)
    place.find()
    refused(
        place, lambda: prove(place), "loss.not_possible_now", "R180", "R181", "R185"
    )


def test_one_request_at_a_time(at: At) -> None:
    place = at("active")
    first = ask(place, CardReason.DAMAGED)
    refused(
        place,
        lambda: ask(place, CardReason.NO_SPACE),
        "card_request.open_already",
        "R030",
    )
    withdraw_request(first.request.id, place.box)
    assert fees(place)[-1].state is FeeState.CANCELLED
    refused(
        place,
        lambda: withdraw_request(first.request.id, place.box),
        "card_request.not_possible_now",
        "R161",
        "R183",
    )
    ask(place, CardReason.NO_SPACE)
    one_story(place)


def test_a_fee_is_paid_once_and_whole(at: At) -> None:
    place = at("active")
    ask(place, CardReason.DAMAGED)
    for amount in (0, 999, 1001):
        refused(place, lambda: pay(place, amount), "fee.wrong_amount", "R161")  # noqa: B023
    assert pay(place, 1000, Means.CODE).means is Means.CODE
    assert letters(place)[0] == "receipt"
    refused(place, lambda: pay(place, 1000), "fee.not_possible_now", "R161", "R167")
    one_story(place)


def test_nothing_to_pay_is_not_paid(at: At) -> None:
    place = at("active")
    ask(place, CardReason.NO_SPACE)
    refused(place, lambda: pay(place, 0), "fee.not_possible_now", "R161", "R167")


def test_lost_paid_and_replaced(at: At) -> None:
    """R030: the old card ends in the moment of the new one's hand-over"""
    place = at("suspended")
    prove(place)
    ask(place, CardReason.LOST)
    apply_again(place)
    old = place.card.serial
    place.produce()
    refused(place, place.hand_over, "fee.unpaid", "R161")
    pay(place, 1000)
    place.hand_over()
    with place.box.store.look() as work:
        assert work.cards.get(old).state is CardState.VOID
        (request,) = work.card_requests.which(resident=place.hero)
    assert request.state is RequestState.DONE
    assert losses(place)[0].state is LossState.REPLACED
    one_story(place)


@pytest.mark.parametrize("paid", [False, True])
def test_found_before_the_new_one_is_made(at: At, paid: bool) -> None:
    """the request is given up, its application withdrawn, what was paid goes back"""
    place = at("suspended")
    prove(place)
    ask(place, CardReason.LOST)
    apply_again(place)
    if paid:
        pay(place, 1000)
    place.find()
    assert losses(place)[0].state is LossState.FOUND
    assert fees(place)[0].state.value == ("refunded" if paid else "cancelled")
    assert place.application.state.value == "withdrawn"
    one_story(place)


def test_found_after_the_new_one_is_made(at: At) -> None:
    """it is handed in for the new one"""
    place = at("suspended")
    prove(place)
    ask(place, CardReason.STOLEN)
    apply_again(place)
    old = place.card
    place.produce()
    with place.box.store.look() as work:
        (request,) = work.card_requests.which(resident=place.hero)
    refused(
        place,
        lambda: withdraw_request(request.id, place.box),
        "card_request.produced_already",
        "R161",
    )

    def found() -> object:
        back = ReportFound(serial=old.serial, documents=LICENCE)
        return report_found(back, place.box)

    refused(place, found, "found.replacement_waits", "R030", "R055")
    place.hand_over()
    refused(place, found, "card.not_possible_now",
            "R030", "R050", "R148", "R149", "R185")  # fmt: skip
    one_story(place)


def test_who_leaves_owes_nothing(at: At) -> None:
    """R151: the card ends, and with it what was asked for in its place"""
    place = at("suspended")
    prove(place)
    ask(place, CardReason.LOST)
    place.leave()
    assert losses(place)[0].state is LossState.ENDED
    assert fees(place)[0].state is FeeState.CANCELLED
    one_story(place)
