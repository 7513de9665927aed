"""No question reads a whole table: every one of them goes by an index."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from mynabox.adapters.store import SqlStore
from mynabox.lifecycle.outgoing import Carrier
from mynabox.ports import Work

QUESTIONS: dict[str, Callable[[Work, Any], object]] = {
    "resident": lambda work, it: work.residents.get(it.resident.id),
    "record code": lambda work, it: work.residents.by_record_code("1"),
    "residents": lambda work, it: work.residents.list(after="a"),
    "residents of": lambda work, it: work.residents.list(municipality="141003"),
    "current": lambda work, it: work.numbers.current("res-1"),
    "owner": lambda work, it: work.numbers.owner(it.assignment.number),
    "form": lambda work, it: work.notices.by_application_id("1"),
    "notices": lambda work, it: work.notices.of("res-1"),
    "application": lambda work, it: work.applications.get(it.application.id),
    "link": lambda work, it: work.applications.by_link("1"),
    "applications": lambda work, it: work.applications.of("res-1"),
    "card": lambda work, it: work.cards.get(it.card.serial),
    "cards": lambda work, it: work.cards.of("res-1"),
    "cards after": lambda work, it: work.cards.list(after="1"),
    "certificate": lambda work, it: work.certificates.find(1),
    "certificates": lambda work, it: work.certificates.of_card("1"),
    "stopped": lambda work, it: work.statuses.stopped("signature-01"),
    "stopped of": lambda work, it: work.statuses.stopped(
        "signature-01", municipality="141003"
    ),
    "responders": lambda work, it: work.statuses.responders("signature-01"),
    "list": lambda work, it: work.statuses.latest_list("signature-01"),
    "about": lambda work, it: work.journal.about("res-1"),
    "chain": lambda work, it: work.journal.chain("141003"),
    "waiting": lambda work, it: work.outbox.waiting(),
    "sent": lambda work, it: work.outbox.sent(),
    "sent by": lambda work, it: work.outbox.sent(carrier=Carrier.MAIL),
}

SORTS_A_FEW = {"about"}
"""Rows about one subject come from several chains and are put in order by moment."""


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_goes_by_an_index(store: SqlStore, holder: Any, name: str) -> None:
    """By the plans of SQLite; PostgreSQL plans by the sizes of the tables."""
    plans: list[str] = []

    def explain(
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: object,
        many: bool,
    ) -> None:
        plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(str(row[3]) for row in plan)

    event.listen(store._reader.engine, "before_cursor_execute", explain)
    with store.look() as work:
        answer = QUESTIONS[name](work, holder)
        if isinstance(answer, Iterable):
            list(answer)
    event.remove(store._reader.engine, "before_cursor_execute", explain)
    assert plans
    whole = [step for step in plans if step.startswith("SCAN") and "INDEX" not in step]
    assert [
        step for step in whole if "touched" not in step and "anon" not in step
    ] == []
    sorts = [step for step in plans if "TEMP B-TREE" in step]
    assert sorts == [] or name in SORTS_A_FEW
