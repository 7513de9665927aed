"""Reading over and over: what one connection sees of what others commit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mynabox.adapters.store import SqlStore
from mynabox.adapters.store.watching import SqlWatch
from mynabox.lifecycle.certificate import CertificateState, StopReason
from mynabox.ports import Busy, StatusRow, written
from tests.adapters.store.conftest import NOON, Holder


@pytest.fixture
def watch(store: SqlStore) -> Iterator[SqlWatch]:
    with store.watch() as watch:
        yield watch


def stop(store: SqlStore, holder: Holder) -> None:
    with store.work() as work:
        work.certificates.save(
            replace(
                holder.certificate,
                state=CertificateState.ON_HOLD,
                stopped=NOON,
                reason=StopReason.CERTIFICATE_HOLD,
                recorded=NOON,
            )
        )


def test_a_row_is_what_was_committed_last(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    serial, issuer = holder.certificate.serial, holder.certificate.issuer
    assert watch.row(serial) == StatusRow(issuer, None, None, None)
    stop(store, holder)
    noon = written(NOON)
    assert watch.row(serial) == StatusRow(issuer, noon, "certificateHold", noon)


@pytest.mark.parametrize("serial", [0, -1, 999_999, 2**63, -(2**63) - 1, 2**4000])
def test_a_number_that_nobody_has(watch: SqlWatch, serial: int) -> None:
    assert watch.row(serial) is None


def test_the_mark_changes_with_every_commit(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    seen = [watch.mark()]
    for _ in range(5):
        stop(store, holder)
        seen.append(watch.mark())
    assert len(set(seen)) == len(seen)


def test_nothing_that_is_not_committed_is_seen(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    """neither in the middle of a transaction nor after one that was taken back"""
    serial = holder.certificate.serial

    class TakenBack(Exception):
        pass

    with pytest.raises(TakenBack), store.work() as work:
        work.certificates.save(replace(holder.certificate, stopped=NOON))
        found = watch.row(serial)
        assert found is not None
        assert found.stopped is None
        raise TakenBack
    assert watch.row(serial) == found


def test_marks_stand_still_while_nothing_happens(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    before = watch.mark()
    with store.look() as work:
        assert work.certificates.find(holder.certificate.serial)
    assert watch.mark() == before


def test_looking_does_not_stand_in_the_way_of_writing(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    """no reading transaction is left open behind a look"""
    watch.row(holder.certificate.serial)
    watch.mark()
    stop(store, holder)
    assert watch.row(holder.certificate.serial) != watch.row(0)


@pytest.mark.parametrize(
    "ask", [SqlWatch.mark, SqlWatch.changed, lambda watch: watch.row(1)]
)
def test_a_store_that_is_gone(
    store: SqlStore, watch: SqlWatch, ask: Callable[[SqlWatch], object]
) -> None:
    """told as *busy*, and found again when it is back"""
    before = watch.mark()
    watch.changed()
    kept = watch._mark, watch._row, watch._changes
    watch._mark = watch._row = watch._changes = "nonsense "
    with pytest.raises(Busy, match="cannot be read"):
        ask(watch)
    watch._mark, watch._row, watch._changes = kept
    ask(watch)
    assert watch.mark() != before


# Whose rows were changed.

Raw = Callable[..., list[Any]]


def note(raw: Raw, count: int) -> None:
    """So many changes, as the trigger notes them."""
    for _ in range(count):
        raw(
            "INSERT INTO status_changes (nth, serial)"
            " SELECT COALESCE(MAX(nth), 0) + 1, 4711 FROM status_changes"
        )


def test_who_begins_to_look_knows_nothing(store: SqlStore, holder: Holder) -> None:
    stop(store, holder)
    with store.watch() as watch:
        assert watch.changed() is None
        assert set(watch.changed() or ()) <= {holder.certificate.serial}


def test_every_change_is_noted(
    store: SqlStore, holder: Holder, raw: Raw, watch: SqlWatch
) -> None:
    """whoever makes it, with whatever tool; a new certificate is none"""
    serial = holder.certificate.serial
    assert watch.changed() is None
    assert not watch.changed()
    stop(store, holder)
    assert watch.changed() == {serial}
    raw(f"UPDATE certificates SET reason = reason WHERE serial = {serial}")
    assert watch.changed() == {serial}
    note(raw, 1)
    assert watch.changed() == {serial, 4711}


def test_each_looker_sees_for_itself(
    store: SqlStore, holder: Holder, watch: SqlWatch
) -> None:
    with store.watch() as other:
        assert watch.changed() is other.changed() is None
        stop(store, holder)
        assert watch.changed() == other.changed() == {holder.certificate.serial}


def test_what_was_taken_back_is_not_noted(
    store: SqlStore, holder: Holder, raw: Raw, watch: SqlWatch
) -> None:
    watch.changed()

    class TakenBack(Exception):
        pass

    with pytest.raises(TakenBack), store.work() as work:
        work.certificates.save(replace(holder.certificate, recorded=NOON))
        raise TakenBack
    assert not watch.changed()
    stop(store, holder)
    assert watch.changed() == {holder.certificate.serial}


@pytest.mark.parametrize(
    "forget",
    [
        "DELETE FROM status_changes",
        "DELETE FROM status_changes WHERE nth <= 3",
        "UPDATE status_changes SET nth = nth + 10",
    ],
)
def test_who_has_missed_something_knows_nothing(
    store: SqlStore, holder: Holder, raw: Raw, watch: SqlWatch, forget: str
) -> None:
    """all that was noted has been forgotten, or some of it before it was read"""
    note(raw, 2)
    watch.changed()
    note(raw, 3)
    raw(forget)
    assert watch.changed() is None
    stop(store, holder)
    found = watch.changed()
    assert found is not None
    assert holder.certificate.serial in found


def test_only_so_much_is_remembered(
    store: SqlStore, holder: Holder, raw: Raw, watch: SqlWatch
) -> None:
    """the hundred thousand last ones"""
    raw("INSERT INTO status_changes (nth, serial) VALUES (1, 1), (2, 2), (100000, 3)")
    for least in (2, 3):
        stop(store, holder)
        ((found,),) = raw("SELECT MIN(nth) FROM status_changes WHERE nth < 100000")
        assert (found or 3) == least


def test_too_much_to_be_told(raw: Raw, watch: SqlWatch) -> None:
    watch.changed()
    raw(
        "INSERT INTO status_changes (nth, serial) WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) SELECT i, i FROM n"
    )
    assert watch.changed() is None
    assert watch.changed() == {10_001}
