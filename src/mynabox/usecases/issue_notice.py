"""Print the notice of a person's number and put it in the post."""

from datetime import date, datetime

from mynabox.law.applications import application_id_make
from mynabox.law.days import in_japan
from mynabox.law.notices import notice_kind, notice_reissued
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice, NoticeEvent, NoticeKind
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.papers.notice import NoticePaper, notice_pdf
from mynabox.ports import Box
from mynabox.usecases.printing import contacts, mayor, printing, second_language

APPLICATION_ID_BODY = 22


def issue_notice(resident: str, box: Box, *, actor: str = "box") -> Notice:
    """Issue the notice for the person's number and post it (R004, R007).

    A notice is issued once and never again (R008): a second call is refused, save for
    a notification card as long as those were issued again (R009). The paper is made
    before the transaction, so nothing is recorded as printed that could not be drawn.
    """
    with box.store.look() as work:
        person = work.residents.get(resident)
        assignment = work.numbers.current(resident)
        already = tuple(work.notices.of(resident))
    at = box.clock.now()
    if already and not _again(already[-1], on=at.date()):
        raise Refused("notice.never_reissued", rules=("R008",))
    if person.state is not ResidentState.REGISTERED:
        raise Refused("notice.not_registered", rules=("R001",))
    if assignment is None:
        raise Refused("notice.no_number_yet", rules=("R001", "R007"))
    notice, letter = draw_notice(person, assignment, box, at=at)
    with box.store.work() as work:
        if tuple(work.notices.of(resident)) != already:
            raise Refused("notice.never_reissued", rules=("R008",))
        if work.numbers.current(resident) != assignment:
            raise Refused("notice.number_changed_meanwhile", rules=("R003",))
        work.notices.add(notice)
        work.outbox.add(letter)
        posted = notice.after(NoticeEvent.POSTED, on=at.date())
        work.notices.save(posted)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="issue_notice",
                subjects=(person.id, notice.id),
                facts={"letter": letter.id, "kind": notice.kind.value},
            )
        )
    return posted


def _again(notice: Notice, *, on: date) -> bool:
    return notice_reissued(kind=notice.kind.value, on=on).value


def draw_notice(
    person: Resident, assignment: Assignment, box: Box, *, at: datetime
) -> tuple[Notice, Outgoing]:
    """A notice that tells this number, with a form of its own, and its letter.

    Nothing is written down; raises ``Refused`` if it cannot be drawn.
    """
    application_id = fresh_application_id(box)
    kind = NoticeKind(notice_kind(assigned=in_japan(assignment.assigned).date()).value)
    notice = Notice(
        id=make_id("ntc", box.random(ID_BYTES)),
        resident=person.id,
        municipality=person.municipality,
        application_id=application_id,
        issued=at.date(),
        form_name=person.name,
        form_address=person.address,
        form_stay_until=person.stay_until,
        kind=kind,
        since=at.date(),
    )
    second = second_language(person)
    with printing("notice"):
        paper = notice_pdf(
            NoticePaper(
                kind=kind.value,
                number=assignment.number,
                name=person.card_name,
                address=person.address,
                sex=person.sex.value,
                born=person.born,
                issued=notice.issued,
                issuer=mayor(person.municipality),
                application_id=application_id,
                application_address=application_address(application_id, box),
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
    letter = Outgoing(
        id=make_id("out", box.random(ID_BYTES)),
        carrier=Carrier.POST,
        municipality=person.municipality,
        to=f"{person.address}\n{person.card_name}",
        title=LetterKind.NOTICE.value,
        content=paper,
        created=at,
    )
    return notice, letter


def fresh_application_id(box: Box) -> str:
    """Twenty-three digits that no form bears."""
    body = decimal(APPLICATION_ID_BODY, box.random(APPLICATION_ID_BODY))
    return application_id_make(body).value


def application_address(application_id: str, box: Box) -> str:
    """What the QR code of a form says: where to apply with it."""
    return f"{box.site.address}/apply?id={application_id}"
