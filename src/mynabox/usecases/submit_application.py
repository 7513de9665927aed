"""Send the application form with its photo, through the mailed link."""

from dataclasses import dataclass, field
from datetime import date

from mynabox.lifecycle.application import FILLED_IN, Application
from mynabox.lifecycle.identity import ID_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.papers.mails import application_mail
from mynabox.ports import Box
from mynabox.usecases.printing import second_language
from mynabox.usecases.receiving import (
    Wishes,
    check_form,
    check_no_card,
    check_wishes,
    coming_in,
    form_of,
    judge_upload,
    take,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication(Wishes):
    """What the second page asks for.

    ``token``        the last part of the mailed link
    ``photo``        the JPEG as uploaded; None where the card bears none (R047)
    ``photo_taken``  the day the applicant says it was taken (R040)
    """

    token: str = field(repr=False)
    born: date
    photo: bytes | None = field(repr=False, default=None)
    photo_taken: date | None = None


def submit_application(ask: SubmitApplication, box: Box) -> Application:
    """Receive the application if the person, the form and the photo are right; also
    once more, after it was sent back.

    A refusal changes nothing: the link stays good and the form can be sent again.
    The day of receipt decides under which rule the card's validity falls (R092).
    """
    at = box.clock.now()
    with box.store.look() as work:
        opened = work.applications.by_link(link_hash(ask.token))
        if opened is None:
            raise Refused("application.link_unknown", rules=("R023",))
        resident = work.residents.get(opened.resident)
    photo = judge_upload(
        ask.photo,
        ask.photo_taken,
        resident=resident,
        head_cover=ask.head_cover,
        on=at.date(),
    )
    with box.store.work() as work:
        opened = work.applications.by_link(link_hash(ask.token))
        if opened is None:
            raise Refused("application.link_unknown", rules=("R023",))
        if opened.state not in FILLED_IN:
            raise Refused("application.link_used", rules=("R023",))
        resident = work.residents.get(opened.resident)
        if resident.born != ask.born:
            raise Refused("application.birth_date_differs", rules=("R023",))
        form = form_of(opened.application_id, work)
        check_form(form, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        check_wishes(ask, resident, on=at.date())
        received = take(
            work,
            box,
            form=form,
            channel=opened.channel,
            event=coming_in(photo),
            wishes=ask,
            photo=photo,
            at=at,
            mail_kept=True,
        )
        mail = application_mail(
            "received",
            link=f"{box.site.address}/apply/status",
            second=second_language(resident),
        )
        work.outbox.add(
            Outgoing(
                id=make_id("out", box.random(ID_BYTES)),
                carrier=Carrier.MAIL,
                municipality=resident.municipality,
                to=received.email,
                title=mail.subject,
                content=mail.body.encode(),
                created=at,
            )
        )
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor="resident",
                action="submit_application",
                subjects=(resident.id, received.id),
                facts={"photo": photo.size, "applicant": received.applicant.value},
            )
        )
    return received
