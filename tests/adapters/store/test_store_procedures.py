"""Letters of inquiry, reservations and batches: what the database keeps."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from mynabox.adapters.store import SqlStore
from mynabox.lifecycle.batch import BatchItem
from mynabox.lifecycle.inquiry import Inquiry
from mynabox.lifecycle.store_reset import StoreReset
from mynabox.ports import Duplicate
from tests.adapters.store.conftest import NOON

Raw = Callable[..., list[Any]]


def inquiry(holder: Any, name: str) -> Inquiry:
    return Inquiry(
        id=f"inq-{name}",
        card=holder.card.serial,
        resident=holder.resident.id,
        municipality=holder.resident.municipality,
        agent="見本 次郎",
        reason="hospital",
        code_hash=name * 64,
        sent=NOON,
        until=NOON.date(),
        since=NOON,
    )


def reset(holder: Any, name: str) -> StoreReset:
    return StoreReset(
        id=f"rst-{name}",
        card=holder.card.serial,
        resident=holder.resident.id,
        municipality=holder.resident.municipality,
        kind="signature",
        app_done=NOON,
        since=NOON,
    )


def item(holder: Any, name: str) -> BatchItem:
    return BatchItem(
        id=f"bat-{name}",
        batch="bat",
        municipality=holder.resident.municipality,
        application=holder.application.id,
        ordered=NOON,
    )


@pytest.fixture
def kept(store: SqlStore, holder: Any) -> Any:
    with store.work() as work:
        work.inquiries.add(inquiry(holder, "a"))
        work.store_resets.add(reset(holder, "a"))
        work.batch_items.add(item(holder, "a"))
    return holder


def test_what_was_put_in_is_what_comes_out(store: SqlStore, kept: Any) -> None:
    with store.look() as work:
        assert work.inquiries.get("inq-a") == inquiry(kept, "a")
        assert work.store_resets.which(kind="signature") == (reset(kept, "a"),)
        assert work.batch_items.which(order="ordered") == (item(kept, "a"),)


def test_one_of_each_is_open(store: SqlStore, kept: Any) -> None:
    with store.work() as work:
        with pytest.raises(Duplicate, match="open inquiry"):
            work.inquiries.add(inquiry(kept, "b"))
        with pytest.raises(Duplicate, match="reservation"):
            work.store_resets.add(reset(kept, "b"))
        with pytest.raises(Duplicate, match="item"):
            work.batch_items.add(item(kept, "b"))


@pytest.mark.parametrize(
    ("table", "over", "changed", "sentence"),
    [
        ("inquiries", "answered", "code_hash = ''", "is answered once"),
        ("store_resets", "done", "app_done = ''", "is used once"),
        ("batch_items", "produced", "application = ''", "is done once"),
    ],
)
def test_what_happened_stays(
    store: SqlStore,
    kept: Any,
    raw: Raw,
    table: str,
    over: str,
    changed: str,
    sentence: str,
) -> None:
    with pytest.raises(DatabaseError, match="never deleted"):
        raw(f"DELETE FROM {table}")
    with pytest.raises(DatabaseError, match=sentence):
        raw(f"UPDATE {table} SET {changed}")
    (before,) = raw(f"SELECT state FROM {table}")
    raw(f"UPDATE {table} SET state = '{over}'")
    with pytest.raises(DatabaseError, match=sentence):
        raw(f"UPDATE {table} SET state = '{before[0]}'")
    if store.url.get_backend_name() == "sqlite":
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
            raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
