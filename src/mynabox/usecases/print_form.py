"""Print an application form for a person, again and as often as they need one."""

from datetime import datetime

from mynabox.law.answer import Answer, Verdict
from mynabox.law.applications import application_form_usable
from mynabox.law.book import integer
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.staff import NotPermitted
from mynabox.papers.application_form import FormPaper, application_form_pdf
from mynabox.ports import Box
from mynabox.usecases.issue_notice import application_address, fresh_application_id
from mynabox.usecases.printing import mayor, printing, second_language
from mynabox.usecases.receiving import (
    check_form,
    check_registered,
    form_of,
    stale_items,
)


def print_form(
    resident: str, box: Box, *, post: bool = False, actor: str = "counter"
) -> Form:
    """A new form with today's particulars and an application ID of its own (R025,
    R026); refused where it would be unusable at once (R027).

    ``post``  send it home; otherwise it is handed out (:func:`form_paper`)
    """
    at = box.clock.now()
    with box.store.look() as work:
        person = work.residents.get(resident)
    form = new_form(person, box, at=at)
    check_form(form, person, on=at.date())
    paper = _draw(form, person, box)
    with box.store.work() as work:
        work.forms.add(form)
        if post:
            work.outbox.add(
                Outgoing(
                    id=make_id("out", box.random(ID_BYTES)),
                    carrier=Carrier.POST,
                    municipality=person.municipality,
                    to=f"{person.address}\n{person.card_name}",
                    title=LetterKind.FORM.value,
                    content=paper,
                    created=at,
                )
            )
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="print_form",
                subjects=(person.id, form.id),
                facts={"posted": "yes" if post else "no"},
            )
        )
    return form


def new_form(person: Resident, box: Box, *, at: datetime) -> Form:
    """A form with the register's particulars; nothing is written down. Raises
    ``Refused`` for people without a resident record (R029)."""
    check_registered(person)
    return Form(
        id=make_id("frm", box.random(ID_BYTES)),
        resident=person.id,
        municipality=person.municipality,
        application_id=fresh_application_id(box),
        issued=at.date(),
        name=person.name,
        address=person.address,
        stay_until=person.stay_until,
    )


def form_paper(application_id: str, box: Box, *, within: str | None = None) -> bytes:
    """The form with this application ID as a PDF, as often as it is asked for; its
    particulars are those of the day on which it was printed.

    ``within``  the municipality whose forms alone may be shown; None: all

    Raises ``Refused`` if there is none, or if it cannot be used any more.
    """
    with box.store.look() as work:
        form = form_of(application_id, work)
        person = work.residents.get(form.resident)
    if within not in (None, person.municipality):
        raise NotPermitted(
            "authority.other_municipality", municipality=person.municipality
        )
    check_form(form, person, on=box.clock.now().date())
    return _draw(form, person, box)


def form_usable(application_id: str, box: Box) -> Answer[Verdict]:
    """Whether the form with this application ID can be sent today; what changed is not
    told, since whoever asks may be anybody. Raises ``Refused`` if there is none."""
    with box.store.look() as work:
        form = form_of(application_id, work)
        person = work.residents.get(form.resident)
    check_registered(person)
    return application_form_usable(
        printed_stay_until=form.stay_until,
        on=box.clock.now().date(),
        changed=bool(stale_items(form, person)),
    )


def _draw(form: Form, person: Resident, box: Box) -> bytes:
    with printing("application_form"):
        return application_form_pdf(
            FormPaper(
                application_id=form.application_id,
                application_address=application_address(form.application_id, box),
                name=person.card_name,
                address=form.address,
                born=person.born,
                sex=person.sex.value,
                stay_until=form.stay_until,
                issued=form.issued,
                addressee=mayor(form.municipality),
                photo_months=integer("photo", "months").on(form.issued).value,
                alone_from_age=integer("delivery", "representative_age")
                .on(form.issued)
                .value,
                second=second_language(person),
            )
        )
