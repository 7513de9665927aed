"""Begin an application over the web: application ID and mail address in, link out."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import date

from mynabox.law.answer import Verdict
from mynabox.law.applications import (
    application_form_usable,
    application_id_clean,
    application_id_valid,
)
from mynabox.law.validity import renewal_opens
from mynabox.lifecycle.application import Application, ApplicationState, Channel
from mynabox.lifecycle.identity import ID_BYTES, LINK_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.mail_address import is_mail_address
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.papers.mails import application_mail
from mynabox.ports import Box, Work
from mynabox.usecases.printing import second_language
from mynabox.usecases.verdict import demand, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApplication:
    """What the first page asks for (R023, R025)."""

    application_id: str
    email: str
    channel: Channel = Channel.COMPUTER


def open_application(ask: OpenApplication, box: Box) -> Application:
    """Open the application and mail the link to its second page.

    Asking again before the form is sent replaces the link, so that a mistyped
    address or a lost mail stops nobody; the older link is dead then.
    """
    if not is_mail_address(ask.email):
        raise Refused("application.mail_address_form", rules=("R023",))
    cleaned = application_id_clean(ask.application_id)
    if isinstance(cleaned.value, Verdict):
        raise refused(cleaned.value)
    application_id = cleaned.value
    if not application_id_valid(application_id).value:
        raise Refused("application.id_check_digit", rules=("R025",))
    at = box.clock.now()
    token = urlsafe_b64encode(box.random(LINK_BYTES)).decode().rstrip("=")
    with box.store.work() as work:
        notice = work.notices.by_application_id(application_id)
        if notice is None:
            raise Refused("application.id_unknown", rules=("R025",))
        resident = work.residents.get(notice.resident)
        check_form(notice, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        opened = next(
            (
                known
                for known in work.applications.of(resident.id)
                if known.state is ApplicationState.OPENED
            ),
            None,
        )
        if opened is not None:
            application = replace(
                opened,
                application_id=notice.application_id,
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
                application_id=notice.application_id,
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


def check_form(notice: Notice, resident: Resident, *, on: date) -> None:
    """Refuse a form whose person or printed items are no longer so (R026-R029)."""
    if resident.state is not ResidentState.REGISTERED:
        raise Refused("application.not_registered", rules=("R029",))
    changed = tuple(
        item
        for item, printed, now in (
            ("name", notice.form_name, resident.name),
            ("address", notice.form_address, resident.address),
            ("stay", notice.form_stay_until, resident.stay_until),
        )
        if printed != now
    )
    demand(
        application_form_usable(
            printed_stay_until=notice.form_stay_until, on=on, changed=changed
        )
    )


def check_no_card(work: Work, resident: Resident, *, on: date) -> None:
    """Refuse a second card (R030) and a second application for the same one."""
    for known in work.applications.of(resident.id):
        if known.state is ApplicationState.RECEIVED:
            raise Refused("application.already_received", rules=("R030",))
    for card in work.cards.of(resident.id):
        if card.blocks_another_on(on) and on < renewal_opens(expiry=card.expires).value:
            raise Refused(
                "application.has_card",
                rules=("R030", "R098"),
                expires=card.expires.isoformat(),
            )
