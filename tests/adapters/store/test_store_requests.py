"""Lost cards, requests and fees: what the database keeps whatever asks it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from mynabox.adapters.store import RowProtected, SqlStore
from mynabox.lifecycle.card import CardEvent
from mynabox.lifecycle.card_request import CardReason, CardRequest, RequestState
from mynabox.lifecycle.fee import Fee, FeeEvent, FeeState, Means
from mynabox.lifecycle.loss import Loss, LossState, Told
from mynabox.ports import Duplicate
from tests.adapters.store.conftest import NOON

Raw = Callable[..., list[Any]]


def request(holder: Any, **other: Any) -> CardRequest:
    return replace(
        CardRequest(
            id="req-1",
            resident=holder.resident.id,
            municipality=holder.resident.municipality,
            reason=CardReason.LOST,
            old_card=False,
            express="",
            asked=NOON,
            since=NOON,
            card=holder.card.serial,
        ),
        **other,
    )


def fee(holder: Any, **other: Any) -> Fee:
    return replace(
        Fee(
            id="fee-1",
            number="0123456789",
            request="req-1",
            resident=holder.resident.id,
            municipality=holder.resident.municipality,
            amount=1000,
            card=800,
            certificates=200,
            express=0,
            rules="R161",
            decided=NOON,
            since=NOON,
        ),
        **other,
    )


def loss(holder: Any, **other: Any) -> Loss:
    return replace(
        Loss(
            receipt="0000000001",
            card=holder.card.serial,
            resident=holder.resident.id,
            municipality=holder.resident.municipality,
            reported=NOON,
            told=Told.TELEPHONE,
            caller="",
            callback="",
            since=NOON,
        ),
        **other,
    )


@pytest.fixture
def asked(store: SqlStore, holder: Any) -> Any:
    """A holder who owes a fee."""
    with store.work() as work:
        work.losses.add(loss(holder))
        work.card_requests.add(request(holder))
        work.fees.add(fee(holder))
    return holder


def test_what_was_put_in_is_what_comes_out(store: SqlStore, asked: Any) -> None:
    with store.look() as work:
        assert work.losses.get("0000000001") == loss(asked)
        assert work.card_requests.which(state=RequestState.ASKED) == (request(asked),)
        assert work.fees.which(state=FeeState.DUE) == (fee(asked),)


def test_no_card_is_handed_over_while_a_fee_is_due(
    store: SqlStore, asked: Any, raw: Raw
) -> None:
    """not by the program, not by hand; after the payment it is"""
    live = asked.card.after(CardEvent.HANDED_OVER, at=NOON)
    with store.work() as work, pytest.raises(RowProtected, match="a fee is due"):
        work.cards.save(live)
    with pytest.raises(
        DatabaseError, match="no card is handed over while a fee is due"
    ):
        raw("UPDATE cards SET state = 'active'")
    paid = replace(
        fee(asked).after(FeeEvent.PAID, at=NOON), settled=NOON, means=Means.CASH
    )
    with store.work() as work:
        work.fees.save(paid)
        work.cards.save(live)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"request": "req-1", "number": "1"}, "fee"),
        ({"request": "req-2", "number": "0123456789"}, "fee"),
    ],
)
def test_one_fee_for_a_request_one_number_for_a_fee(
    store: SqlStore, asked: Any, other: dict[str, str], what: str
) -> None:
    with store.work() as work:
        done = request(asked, id="req-2", state=RequestState.DONE)
        work.card_requests.add(done)
        with pytest.raises(Duplicate) as refusal:
            work.fees.add(fee(asked, id="fee-2", **other))
    assert refusal.value.what == what


def test_one_open_request_and_one_open_loss(store: SqlStore, asked: Any) -> None:
    with store.work() as work:
        with pytest.raises(Duplicate, match="card request"):
            work.card_requests.add(request(asked, id="req-2"))
        with pytest.raises(Duplicate, match="loss"):
            work.losses.add(loss(asked, receipt="0000000002"))
        work.losses.save(loss(asked, state=LossState.FOUND))
        work.losses.add(loss(asked, receipt="0000000002"))


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ("amount = 999", "sum_of_its_parts"),
        ("amount = 1000, card = 1800, certificates = -800", "sum_of_its_parts"),
        ("amount = 0, card = 0, certificates = 0", "due_is_something"),
        ("state = 'paid'", "paid_at_a_moment"),
        ("settled = '2026-11-20T12:00:00.000000+09:00', means = 'cash'",
         "paid_at_a_moment"),
    ],
)  # fmt: skip
def test_fees_add_up(asked: Any, raw: Raw, changed: str, check: str) -> None:
    columns = [row[0] for row in raw("SELECT id FROM fees")]
    assert columns == ["fee-1"]
    said = dict(part.split(" = ") for part in changed.split(", "))
    names = [
        "id",
        "number",
        "request",
        "resident",
        "municipality",
        "amount",
        "card",
        "certificates",
        "express",
        "rules",
        "decided",
        "since",
        "settled",
        "means",
        "state",
    ]
    said |= {"id": "'fee-2'", "number": "'2'", "request": "'req-2'"}
    chosen = ", ".join(said.get(name, name) for name in names)
    raw(
        "INSERT INTO card_requests (id, resident, municipality, reason, old_card,"
        " express, asked, since, state) SELECT 'req-2', resident, municipality,"
        " reason, old_card, express, asked, since, 'done' FROM card_requests"
    )
    with pytest.raises(IntegrityError, match=check):
        raw(f"INSERT INTO fees ({', '.join(names)}) SELECT {chosen} FROM fees")


PAID = (
    "UPDATE fees SET state = 'paid', means = 'cash',"
    " settled = '2026-11-20T12:00:00.000000+09:00'"
)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM losses", "a report of loss is never deleted"),
        ("DELETE FROM fees", "a fee is never deleted"),
        ("UPDATE losses SET card = ''", "a report of loss stays"),
        ("UPDATE card_requests SET reason = 'stolen'", "a request stays"),
        ("UPDATE fees SET amount = 800, certificates = 0", "a fee stays as it was set"),
        ("UPDATE fees SET number = '1'", "a fee stays as it was set"),
    ],
)
def test_what_must_stay_stays(
    asked: Any, raw: Raw, statement: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        raw(statement)


@pytest.mark.parametrize(
    "after",
    [
        "state = 'due', settled = NULL, means = NULL",
        "means = 'card'",
        "settled = '2027-01-01T00:00:00.000000+09:00'",
    ],
)
def test_paid_is_paid(asked: Any, raw: Raw, after: str) -> None:
    raw(PAID)
    with pytest.raises(DatabaseError, match="a fee is paid once"):
        raw(f"UPDATE fees SET {after}")
    raw("UPDATE fees SET state = 'refunded'")
    with pytest.raises(DatabaseError, match="a fee is paid once"):
        raw("UPDATE fees SET state = 'paid'")


def test_replacing_is_no_way_round(store: SqlStore, asked: Any, raw: Raw) -> None:
    if store.url.get_backend_name() != "sqlite":
        return  # only SQLite knows INSERT OR REPLACE
    for table in ("losses", "card_requests", "fees"):
        before = raw(f"SELECT * FROM {table}")
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
            raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        assert raw(f"SELECT * FROM {table}") == before
