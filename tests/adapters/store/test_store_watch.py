"""Reading over and over: what one connection sees of what others commit."""

from collections.abc import Callable, Iterator
from dataclasses import replace

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


@pytest.mark.parametrize("ask", [SqlWatch.mark, lambda watch: watch.row(1)])
def test_a_store_that_is_gone(
    store: SqlStore, watch: SqlWatch, ask: Callable[[SqlWatch], object]
) -> None:
    """told as *busy*, and found again when it is back"""
    before = watch.mark()
    watch._mark, watch._row, kept = "nonsense", "nonsense ", (watch._mark, watch._row)
    with pytest.raises(Busy, match="cannot be read"):
        ask(watch)
    watch._mark, watch._row = kept
    assert watch.row(1) is None or ask(watch)
    assert watch.mark() != before
