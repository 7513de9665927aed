"""Print the notice of a person's number and put it in the post."""

from datetime import datetime

from mynabox.law.applications import application_id_make
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice, NoticeEvent
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.notice import NoticePaper, notice_pdf
from mynabox.ports import Box
from mynabox.usecases.printing import contacts, mayor, printing, second_language

APPLICATION_ID_BODY = 22


def issue_notice(resident: str, box: Box, *, actor: str = "box") -> Notice:
    """Issue the notice for the person's number and post it (R004, R007).

    A notice is issued once and never again (R008): a second call is refused. The
    paper is made before the transaction, so nothing is recorded as printed that
    could not be drawn.
    """
    with box.store.look() as work:
        person = work.residents.get(resident)
        assignment = work.numbers.current(resident)
        already = tuple(work.notices.of(resident))
    if already:
        raise Refused("notice.never_reissued", rules=("R008",))
    if person.state is not ResidentState.REGISTERED:
        raise Refused("notice.not_registered", rules=("R001",))
    if assignment is None:
        raise Refused("notice.no_number_yet", rules=("R001", "R007"))
    at = box.clock.now()
    notice, letter = draw_notice(person, assignment.number, box, at=at)
    with box.store.work() as work:
        if tuple(work.notices.of(resident)):
            raise Refused("notice.never_reissued", rules=("R008",))
        if work.numbers.current(resident) != assignment:
            raise Refused("notice.number_changed_meanwhile", rules=("R003",))
        work.notices.add(notice)
        work.outbox.add(letter)
        posted = notice.after(NoticeEvent.POSTED)
        work.notices.save(posted)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="issue_notice",
                subjects=(person.id, notice.id),
                facts={"letter": letter.id},
            )
        )
    return posted


def draw_notice(
    person: Resident, number: IndividualNumber, box: Box, *, at: datetime
) -> tuple[Notice, Outgoing]:
    """A notice that tells this number, with a form of its own, and its letter.

    Nothing is written down; raises ``Refused`` if it cannot be drawn.
    """
    body = decimal(APPLICATION_ID_BODY, box.random(APPLICATION_ID_BODY))
    application_id = application_id_make(body).value
    notice = Notice(
        id=make_id("ntc", box.random(ID_BYTES)),
        resident=person.id,
        municipality=person.municipality,
        application_id=application_id,
        issued=at.date(),
        form_name=person.name,
        form_address=person.address,
        form_stay_until=person.stay_until,
    )
    second = second_language(person)
    with printing("notice"):
        paper = notice_pdf(
            NoticePaper(
                number=number,
                name=person.card_name,
                born=person.born,
                issued=notice.issued,
                issuer=mayor(person.municipality),
                application_id=application_id,
                application_address=f"{box.site.address}/apply?id={application_id}",
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
