"""Notices, forms and applications: what plain SQL cannot do to them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from mynabox.adapters.store import SqlStore
from mynabox.law.days import JST
from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.form import Form
from mynabox.ports import Duplicate, Missing

Raw = Callable[..., list[Any]]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)


@pytest.fixture
def printed(store: SqlStore, holder: Any) -> Form:
    form: Form = replace(
        holder.notice.form, id="frm-1", application_id="7" * 23, stay_until=None
    )
    with store.work() as work:
        work.forms.add(form)
    return form


def test_a_form_is_found_wherever_it_was_printed(
    store: SqlStore, holder: Any, printed: Form
) -> None:
    with store.look() as work:
        assert work.forms.find(holder.notice.application_id) == holder.notice.form
        assert work.forms.find(printed.application_id) == printed
        assert work.forms.find("0") is None
        assert work.forms.of(holder.resident.id) == [printed]
        assert work.forms.get(printed.id) == printed
        with pytest.raises(Missing):
            work.forms.get("frm-none")
    with store.work() as work, pytest.raises(Duplicate) as twice:
        work.forms.add(replace(printed, id="frm-2"))
    assert twice.value.what == "application ID"


STAYS = [
    ("UPDATE forms SET address = 'x'", "a form stays as it was printed"),
    ("UPDATE forms SET stay_until = '2030-01-01'", "a form stays as it was printed"),
    ("DELETE FROM forms", "a form is never deleted"),
    ("DELETE FROM notices", "a notice is never deleted"),
    ("UPDATE notices SET form_name = 'x'", "a notice stays as it was printed"),
    (
        "UPDATE notices SET form_stay_until = '2030-01-01'",
        "a notice stays as it was printed",
    ),
    ("DELETE FROM applications", "an application is never deleted"),
    ("UPDATE applications SET nth = nth + 7", "an application keeps its applicant"),
]


@pytest.mark.parametrize(("statement", "sentence"), STAYS)
def test_what_stays(
    printed: Form, holder: Any, raw: Raw, statement: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        raw(statement)


@pytest.mark.parametrize("state", ["produced", "withdrawn"])
def test_an_application_that_is_done_with_stays_so(
    holder: Any, raw: Raw, state: str
) -> None:
    raw(f"UPDATE applications SET state = '{state}'")
    with pytest.raises(DatabaseError, match="done with stays so"):
        raw("UPDATE applications SET state = 'received'")


def test_a_notice_that_arrived_stays_there(holder: Any, raw: Raw) -> None:
    raw("UPDATE notices SET state = 'received'")
    with pytest.raises(DatabaseError, match="stays with its addressee"):
        raw("UPDATE notices SET state = 'returned'")


UNDER_WAY = ("received", "in_review", "sent_back", "Received ")


@pytest.mark.parametrize("second", UNDER_WAY)
def test_a_person_has_one_application_under_way(
    store: SqlStore, holder: Any, specimens: Any, raw: Raw, second: str
) -> None:
    """R030, also by a misspelt word, also by INSERT OR REPLACE"""
    raw("UPDATE applications SET state = 'in_review'")
    other = specimens.application(holder.resident)
    with store.work() as work:
        work.applications.add(other)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        raw(f"UPDATE applications SET state = '{second}' WHERE id = '{other.id}'")
    if store.url.get_backend_name() == "sqlite":
        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            raw(
                "INSERT OR REPLACE INTO applications (id, resident, nth, municipality,"
                " application_id, channel, email, link_hash, opened,"
                " signature_certificate, authentication_certificate, state)"
                " SELECT 'app-x', resident, 99, municipality, '1', channel, '', '',"
                f" opened, 1, 1, '{second}' FROM applications LIMIT 1"
            )
    with store.work() as work, pytest.raises(Duplicate) as told:
        work.applications.save(replace(other, state=ApplicationState.RECEIVED))
    assert told.value.what == "application under way"


def test_the_queue_is_by_day_of_receipt(
    store: SqlStore, another_holder: Callable[[], Any], specimens: Any
) -> None:
    """oldest first, page by page; what a clerk looked at is not in it"""
    ids: list[str] = []
    with store.work() as work:
        for nth in range(4):
            person = specimens.resident()
            work.residents.add(person)
            asked = specimens.application(
                person,
                state=ApplicationState.RECEIVED
                if nth % 2
                else ApplicationState.IN_REVIEW,
                received=NOON.replace(year=2030 - nth),
                reviewed=NOON if nth == 2 else None,
            )
            work.applications.add(asked)
            ids.append(asked.id)
    wanted = [ids[3], ids[1], ids[0]]
    with store.look() as work:

        def page(**asked: object) -> Sequence[str]:
            return [one.id for one in work.applications.to_review(**asked)]  # type: ignore[arg-type]

        assert page() == wanted
        assert page(limit=1) == wanted[:1]
        assert page(after=wanted[0], limit=5) == wanted[1:]
        assert page(municipality="999999") == []
        with pytest.raises(Missing):
            page(after="app-none")


def test_the_day_of_a_notice(store: SqlStore, holder: Any) -> None:
    seen = replace(holder.notice, since=date(2026, 12, 1))
    with store.work() as work:
        work.notices.save(seen)
    with store.look() as work:
        assert work.notices.of(holder.resident.id) == [seen]
