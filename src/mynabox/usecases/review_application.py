"""A clerk looks at an application that came in: accepts it, or sends it back with the
reasons and a way to mend them (不備)."""

from base64 import urlsafe_b64encode
from dataclasses import replace

from mynabox.lifecycle.application import (
    APPLICATION,
    UNDER_WAY,
    Application,
    ApplicationEvent,
    Fault,
)
from mynabox.lifecycle.identity import ID_BYTES, LINK_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.locale import say
from mynabox.papers.letter import letter_pdf, sent_back_letter
from mynabox.papers.mails import application_mail
from mynabox.papers.notice import grouped_application_id
from mynabox.papers.wording import Line
from mynabox.ports import Box, Work
from mynabox.usecases.printing import contacts, mayor, printing, second_language


def applications_to_review(
    box: Box, *, municipality: str | None = None, after: str = "", limit: int = 100
) -> tuple[Application, ...]:
    """Applications that no clerk has looked at, oldest first, behind ``after``; raises
    ``Missing`` for an unknown one."""
    with box.store.look() as work:
        return tuple(
            work.applications.to_review(
                municipality=municipality, after=after, limit=limit
            )
        )


def accept_application(
    application: str, box: Box, *, actor: str = "counter"
) -> Application:
    """The clerk finds nothing wrong; the card may be produced. Two clerks who accept
    the same one: the second is told."""
    at = box.clock.now()
    with box.store.work() as work:
        asked = work.applications.get(application)
        if asked.state in UNDER_WAY and asked.reviewed is not None:
            raise Refused("application.reviewed_already", rules=("R043",))
        accepted = replace(asked.after(ApplicationEvent.ACCEPTED), reviewed=at)
        work.applications.save(accepted)
        work.journal.write(
            Entry(
                municipality=asked.municipality,
                at=at,
                actor=actor,
                action="accept_application",
                subjects=(asked.resident, asked.id),
                facts={"concerns": " ".join(asked.concerns) or "none"},
            )
        )
    return accepted


def send_back_application(
    application: str,
    faults: tuple[Fault, ...],
    box: Box,
    *,
    actor: str = "counter",
) -> Application:
    """Send it back with every reason; the applicant gets a mail with a new link, or a
    letter where there is no mail address. Possible until the card is produced."""
    if not faults:
        raise Refused("application.no_fault_named", rules=("R043",))
    at = box.clock.now()
    with box.store.work() as work:
        asked = work.applications.get(application)
        if asked.state not in UNDER_WAY:
            raise APPLICATION.refusal(asked.state, ApplicationEvent.SENT_BACK)
        back = replace(
            asked.after(ApplicationEvent.SENT_BACK),
            faults=tuple(dict.fromkeys(faults)),
            reviewed=at,
        )
        back = tell_faults(work, back, work.residents.get(back.resident), box)
        work.applications.save(back)
        work.journal.write(
            Entry(
                municipality=asked.municipality,
                at=at,
                actor=actor,
                action="send_back_application",
                subjects=(asked.resident, asked.id),
                facts={"faults": " ".join(fault.value for fault in back.faults)},
            )
        )
    return back


def tell_faults(
    work: Work, application: Application, resident: Resident, box: Box
) -> Application:
    """Put the mail or letter with the reasons into the outbox; the application with the
    new link that it tells, not written down yet."""
    at = box.clock.now()
    second = second_language(resident)
    reasons = Line(
        "、".join(_said("ja", fault) for fault in application.faults),
        "; ".join(_said(second, fault) for fault in application.faults),
    )
    if application.email:
        token = urlsafe_b64encode(box.random(LINK_BYTES)).decode().rstrip("=")
        mail = application_mail(
            "sent_back",
            link=f"{box.site.address}/apply/{token}",
            second=second,
            reasons=reasons,
        )
        carrier, to = Carrier.MAIL, application.email
        title, content = mail.subject, mail.body.encode()
        application = replace(application, link_hash=link_hash(token))
    else:
        with printing("letter"):
            letter = sent_back_letter(
                addressee=resident.card_name,
                address=resident.address,
                sender=mayor(resident.municipality),
                application_id=grouped_application_id(application.application_id),
                reasons=reasons,
                sent=at.date(),
                contacts=contacts(at.date(), second),
                second=second,
            )
            content = letter_pdf(letter)
        carrier, to = Carrier.POST, f"{resident.address}\n{resident.card_name}"
        title = LetterKind.SENT_BACK.value
    work.outbox.add(
        Outgoing(
            id=make_id("out", box.random(ID_BYTES)),
            carrier=carrier,
            municipality=resident.municipality,
            to=to,
            title=title,
            content=content,
            created=at,
        )
    )
    return application


def _said(language: str, fault: Fault) -> str:
    return say(language, f"web.fault.{fault.value}")
