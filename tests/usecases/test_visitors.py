"""Who receives a card for somebody, passwords set anew at a store, cards in batches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pypdfium2
import pytest
import zxingcpp

from mynabox.law.days import JST
from mynabox.lifecycle.batch import ItemState
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.inquiry import Inquiry, InquiryState
from mynabox.lifecycle.secret import Pin
from mynabox.lifecycle.store_reset import StoreReset, StoreResetState
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.produce_batch import order_batch, progress_of
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.reset_at_store import (
    ReserveReset,
    ResetAtStore,
    reserve_reset,
    reset_at_store,
)
from mynabox.usecases.send_inquiry import SendInquiry, send_inquiry
from mynabox.usecases.visitors import Visitor, VisitorKind
from tests.usecases.places import Place, particulars, record_codes, refused

At = Callable[[str], Place]
BOTH = ("drivers_licence", "insurance_card")
AGENT = ("drivers_licence", "passport", "power_of_attorney")
NAME = "箱田 花子"


def one_story(place: Place) -> None:
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def ask_holder(place: Place, reason: str = "hospital") -> Inquiry:
    ask = SendInquiry(serial=place.card.serial, agent=NAME, reason=reason)
    return send_inquiry(ask, place.box)


def code(place: Place) -> str:
    """What the QR code of the newest letter of inquiry says."""
    deliver(place.box)
    with place.box.store.look() as work:
        letter = next(
            one for one in work.outbox.sent(limit=50) if one.title == "inquiry"
        )
    page = pypdfium2.PdfDocument(place.box.post.read(letter.id))[1]
    picture = page.render(scale=200 / 72).to_pil()
    return str(zxingcpp.read_barcodes(picture)[0].text)


def come(
    place: Place,
    visitor: Visitor | None,
    documents: tuple[str, ...] = BOTH,
) -> Card:
    ask = HandOver(
        serial=place.card.serial,
        documents=documents,
        pins=SPECIMEN_PINS,
        visitor=visitor,
    )
    return hand_over(ask, place.box)


def agent(
    inquiry: str, *, name: str = NAME, documents: tuple[str, ...] = AGENT
) -> Visitor:
    return Visitor(
        kind=VisitorKind.AGENT, name=name, documents=documents, inquiry=inquiry
    )


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("busy", "agent.reason_refused"),
        ("work", "agent.reason_refused"),
        ("lazy", "agent.no_hardship"),
        ("age_75", "agent.no_hardship"),
    ],
)
def test_hardships_that_are_none(at: At, reason: str, code: str) -> None:
    """R056; whoever is not 75 is not excused by age"""
    place = at("produced")
    refused(place, lambda: ask_holder(place, reason), code, "R056")


def test_an_agent_with_the_holders_answer(at: At) -> None:
    """R057, R059: once, and only this agent with this answer"""
    place = at("produced")
    ask_holder(place)
    right = code(place)
    for wrong in (agent("A" * 24), agent(""), agent(right, name="箱田 次郎")):
        refused(place, lambda: come(place, wrong), "inquiry.unknown", "R059")  # noqa: B023
    few = agent(right, documents=("passport",))
    refused(place, lambda: come(place, few), "agent.own_documents", "R057")
    come(place, agent(right))
    with place.box.store.look() as work:
        (answered,) = work.inquiries.which(card=place.card.serial)
    assert answered.state is InquiryState.ANSWERED
    one_story(place)


@pytest.mark.parametrize(("days", "late"), [(30, False), (31, True)])
def test_the_answer_counts_for_thirty_days(at: At, days: int, late: bool) -> None:
    place = at("produced")
    ask_holder(place)
    right = code(place)
    place.on((place.today + timedelta(days=days)).isoformat())
    if late:
        refused(place, lambda: come(place, agent(right)), "inquiry.too_late", "R059")
    else:
        come(place, agent(right))


def test_another_letter_takes_the_place_of_the_first(at: At) -> None:
    place = at("produced")
    ask_holder(place)
    first = code(place)
    ask_holder(place, "pregnant")
    second = code(place)
    refused(
        place, lambda: come(place, agent(first)), "inquiry.not_possible_now",
        "R056", "R057", "R059",
    )  # fmt: skip
    come(place, agent(second))
    refused(place, lambda: ask_holder(place), "hand_over.not_waiting", "R050")


def parent(*, present: bool, documents: tuple[str, ...] = ("passport",)) -> Visitor:
    return Visitor(
        kind=VisitorKind.REPRESENTATIVE,
        name="親",
        documents=documents,
        holder_present=present,
    )


@pytest.mark.parametrize(
    ("visitor", "code"),
    [
        (None, ("hand_over.representative_needed", "R058")),
        (parent(present=False), ("hand_over.holder_must_come", "R056", "R058")),
        (parent(present=True, documents=("student_card",)),
         ("identity.not_enough", "R054")),
        (parent(present=True), None),
    ],
)  # fmt: skip
def test_a_child_comes_with_somebody(
    at: At, visitor: Visitor | None, code: tuple[str, ...] | None
) -> None:
    """R058, for a child of school age"""
    place = at("produced")
    with place.box.store.work() as work:
        young = replace(place.resident, born=place.today - timedelta(days=3650))
        work.residents.save(young)
    if code is None:
        come(place, visitor)
    else:
        refused(place, lambda: come(place, visitor), *code)


def test_a_small_child_stays_at_home(at: At) -> None:
    place = at("produced")
    with place.box.store.work() as work:
        small = replace(place.resident, born=place.today - timedelta(days=1500))
        work.residents.save(small)
    come(place, parent(present=False))


def test_an_adult_has_no_representative(at: At) -> None:
    place = at("produced")
    refused(
        place,
        lambda: come(place, parent(present=True)),
        "hand_over.no_representative",
        "R058",
    )


# App and store

APP = datetime(2026, 6, 15, 12, tzinfo=JST)


def reserve(
    place: Place, kind: str = "signature", other: str = "", *, face: bool = True
) -> StoreReset:
    known = {"signature": "authentication", "authentication": "signature"}
    typed = other or SPECIMEN_PINS[known.get(kind, "juki")].characters
    ask = ReserveReset(
        serial=place.card.serial,
        kind=kind,  # type: ignore[arg-type]
        other=Pin(typed),
        same_face=face,
    )
    return reserve_reset(ask, place.box)


def at_store(
    place: Place, new: str = "NEW123", kind: str = "signature", store: str = "lawson"
) -> StoreReset:
    known = {"signature": "authentication", "authentication": "signature"}
    ask = ResetAtStore(
        serial=place.card.serial,
        kind=kind,  # type: ignore[arg-type]
        other=SPECIMEN_PINS[known[kind]],
        new=Pin(new),
        store=store,
    )
    return reset_at_store(ask, place.box)


@pytest.fixture
def app(at: At) -> Place:
    return at("active").on("2026-06-15T12:00:00")


@pytest.mark.parametrize(
    ("hours", "code"),
    [(0, None), (24, None), (24.001, "pin_reset.store_too_late")],
)
def test_the_hours_after_the_app(app: Place, hours: float, code: str | None) -> None:
    """R077: twenty-four, to the moment"""
    reserve(app)
    app.machine.moment = APP + timedelta(hours=hours)
    if code:
        refused(app, lambda: at_store(app), code, "R077")
        return
    assert at_store(app).state is StoreResetState.DONE
    connection = app.box.cards.connect(app.card.serial)
    session = JpkiSession(connection)
    session.verify(Kind.SIGNATURE, "NEW123")
    connection.close()
    refused(app, lambda: at_store(app), "pin_reset.app_missing", "R077")
    one_story(app)


def test_the_pin_by_the_password(app: Place) -> None:
    """R078: since September 2024 the other way round, too"""
    reserve(app, "authentication")
    at_store(app, "4711", "authentication")
    one_story(app)


@pytest.mark.parametrize(
    ("attempt", "code", "rules"),
    [
        (lambda p: reserve(p, face=False), "pin_reset.other_face", ("R077",)),
        (lambda p: reserve(p, "juki"), "pin_reset.never_at_store", ("R079",)),
        (lambda p: at_store(p), "pin_reset.app_missing", ("R077",)),
        (lambda p: at_store(p, store="kiosk"), "pin_reset.not_this_store", ("R077",)),
        (lambda p: at_store(p, new="new123"), "pin.upper_case_only", ("R072",)),
        (lambda p: at_store(p.on("2026-06-15T23:00:00")), "pin_reset.store_closed",
         ("R220",)),
    ],
)  # fmt: skip
def test_what_the_store_refuses(
    app: Place, attempt: Callable[[Place], object], code: str, rules: tuple[str, ...]
) -> None:
    refused(app, lambda: attempt(app), code, *rules)


def test_only_with_the_other_secret(app: Place) -> None:
    with pytest.raises(WrongPin):
        reserve(app, other="0000")
    with app.box.store.look() as work:
        assert work.store_resets.which() == ()


def test_the_app_once_more(app: Place) -> None:
    """the hours begin anew"""
    reserve(app)
    app.on("2026-06-16T11:00:00")
    reserve(app)
    app.on("2026-06-17T10:00:00")
    at_store(app)
    with app.box.store.look() as work:
        states = [one.state.value for one in work.store_resets.which(order="app_done")]
    assert states == ["replaced", "done"]


def test_no_card_that_is_not_in_use(app: Place) -> None:
    app.lose()
    refused(app, lambda: reserve(app), "card.not_possible_now", "R077")


# Batches


def test_a_batch_is_produced_in_the_background(at: At) -> None:
    """with its progress; what cannot be made is refused by its code, and stops none"""
    place = at("applied")
    do_duties(place.box)
    mine = place.application.id
    ordered = order_batch([mine], place.box)
    assert ordered.count(ItemState.WAITING) == 1
    refused(
        place, lambda: order_batch([mine], place.box), "production.ordered_already",
        "R020",
    )  # fmt: skip
    assert [ran.job for ran in do_duties(place.box)] == ["produce_batch"]
    with place.box.store.look() as work:
        done = progress_of(ordered.batch, work)
    assert done.items[0].card == place.card.serial
    assert do_duties(place.box) == ()
    refused(
        place, lambda: order_batch([mine], place.box),
        "production.application_not_ready", "R020",
    )  # fmt: skip
    one_story(place)


def test_a_batch_is_of_one_municipality(at: At) -> None:
    place = at("applied")
    code = next(record_codes())
    other = place.enter(particulars(record_code=code, municipality="141003"))
    other.number()
    other.notice()
    other.open(email="other@example.jp")
    other.submit(token=other.token("other@example.jp"))
    wanted = [place.application.id, other.application.id]
    refused(
        place,
        lambda: order_batch(wanted, place.box),
        "production.one_municipality",
        "R020",
    )


def test_made_already_when_its_turn_comes(at: At) -> None:
    """as after a power cut between the card and the note of it"""
    place = at("applied")
    ordered = order_batch([place.application.id], place.box)
    place.produce()
    do_duties(place.box)
    with place.box.store.look() as work:
        (item,) = progress_of(ordered.batch, work).items
    assert (item.state, item.card) == (ItemState.PRODUCED, place.card.serial)


def test_what_cannot_be_made_says_why(at: At) -> None:
    place = at("applied")
    ordered = order_batch([place.application.id], place.box)
    place.leave()
    do_duties(place.box)
    with place.box.store.look() as work:
        (item,) = progress_of(ordered.batch, work).items
    assert (item.state, item.refused) == (
        ItemState.REFUSED,
        "production.application_not_ready",
    )
