"""What ``db check`` compares between notices, forms, applications, cards and the
journal."""

from collections.abc import Iterator, Mapping, Sequence

from mynabox.lifecycle.application import Application, ApplicationState
from mynabox.lifecycle.journal import Row
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import NOTICE, NoticeEvent, NoticeState
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Work
from mynabox.usecases.findings import Finding

_CAME_IN = frozenset({ApplicationState.RECEIVED, ApplicationState.IN_REVIEW})

_AFTER: Mapping[str, frozenset[ApplicationState]] = {
    "open_application": frozenset(
        {ApplicationState.OPENED, ApplicationState.SENT_BACK}
    ),
    "submit_application": _CAME_IN,
    "apply_at_booth": _CAME_IN,
    "apply_at_counter": _CAME_IN,
    "receive_form": _CAME_IN | {ApplicationState.SENT_BACK},
    "accept_application": frozenset({ApplicationState.RECEIVED}),
    "send_back_application": frozenset({ApplicationState.SENT_BACK}),
    "withdraw_application": frozenset({ApplicationState.WITHDRAWN}),
}
"""What an application can be after an action about it. Production has its card as its
witness, and whoever leaves the register withdraws without saying so of each."""

_DONE = frozenset({ApplicationState.PRODUCED, ApplicationState.WITHDRAWN})


def applying_findings(person: Resident, work: Work) -> Iterator[Finding]:
    """Notices stand where their history leads; forms and applications were made by
    somebody; an application that was produced has its card, and no other has one."""
    for notice in work.notices.of(person.id):
        rows = tuple(work.journal.about(notice.id))
        if not rows:
            yield Finding(code="notice_unsaid", what=notice.id, says="nobody issued it")
        elif notice.state is not _where(rows):
            yield Finding(
                code="notice_state",
                what=notice.id,
                says=f"is {notice.state}, which its history does not lead to",
            )
    for form in work.forms.of(person.id):
        if not tuple(work.journal.about(form.id, limit=1)):
            yield Finding(code="form_unsaid", what=form.id, says="nobody printed it")
    cards = {card.application for card in work.cards.of(person.id)}
    for application in work.applications.of(person.id):
        rows = tuple(work.journal.about(application.id))
        yield from _application(application, rows, has_card=application.id in cards)


def _where(rows: Sequence[Row]) -> NoticeState | None:
    """Where a notice is by the journal; None if it cannot have been so."""
    state = NoticeState.POSTED
    for row in rows:
        if row.entry.action == "note_notice":
            try:
                state = NOTICE.after(state, NoticeEvent(row.entry.facts["event"]))
            except (Refused, ValueError):
                return None
    return state


def _application(
    application: Application, rows: Sequence[Row], *, has_card: bool
) -> Iterator[Finding]:
    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=application.id, says=says)

    state = application.state
    if not rows:
        yield finding("application_unsaid", "nobody made it")
    telling = [row.entry.action for row in rows if row.entry.action in _AFTER]
    if telling and state not in _DONE and state not in _AFTER[telling[-1]]:
        yield finding(
            "application_state",
            f"is {state}, but the last that happened to it is {telling[-1]}",
        )
    if has_card is not (state is ApplicationState.PRODUCED):
        has = "has a card" if has_card else "has no card"
        yield finding("application_card", f"is {state} and {has}")
