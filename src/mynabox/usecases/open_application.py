"""Begin an application over the web: application ID and mail address in, link out."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace

from mynabox.lifecycle.application import Application, Channel
from mynabox.lifecycle.identity import ID_BYTES, LINK_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.mail_address import is_mail_address
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.papers.mails import application_mail
from mynabox.ports import Box
from mynabox.usecases.printing import second_language
from mynabox.usecases.receiving import (
    check_form,
    check_no_card,
    form_of,
    waiting_for_applicant,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApplication:
    """What the first page asks for (R023, R025)."""

    application_id: str
    email: str
    channel: Channel = Channel.COMPUTER


def open_application(ask: OpenApplication, box: Box) -> Application:
    """Open the application and mail the link to its second page.

    Asking again before the form is sent replaces the link, so that a mistyped
    address or a lost mail stops nobody; the older link is dead then. An application
    that was sent back is taken up again.
    """
    if not is_mail_address(ask.email):
        raise Refused("application.mail_address_form", rules=("R023",))
    at = box.clock.now()
    token = urlsafe_b64encode(box.random(LINK_BYTES)).decode().rstrip("=")
    with box.store.work() as work:
        form = form_of(ask.application_id, work)
        resident = work.residents.get(form.resident)
        check_form(form, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        opened = waiting_for_applicant(work, resident.id)
        if opened is not None:
            application = replace(
                opened,
                application_id=form.application_id,
                email=ask.email,
                channel=ask.channel,
                link_hash=link_hash(token),
                opened=at,
            )
            work.applications.save(application)
        else:
            application = Application(
                id=make_id("app", box.random(ID_BYTES)),
                resident=resident.id,
                municipality=resident.municipality,
                application_id=form.application_id,
                channel=ask.channel,
                email=ask.email,
                link_hash=link_hash(token),
                opened=at,
            )
            work.applications.add(application)
        mail = application_mail(
            "link",
            link=f"{box.site.address}/apply/{token}",
            second=second_language(resident),
        )
        work.outbox.add(
            Outgoing(
                id=make_id("out", box.random(ID_BYTES)),
                carrier=Carrier.MAIL,
                municipality=resident.municipality,
                to=ask.email,
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
                action="open_application",
                subjects=(resident.id, application.id),
                facts={
                    "channel": ask.channel.value,
                    "link": "replaced" if opened else "first",
                },
            )
        )
    return application
