"""Send the application form with its photo, through the mailed link."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mynabox.law.photo import photo as photo_rules
from mynabox.lifecycle.application import (
    Application,
    ApplicationEvent,
    ApplicationState,
)
from mynabox.lifecycle.identity import ID_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.papers.mails import application_mail
from mynabox.papers.photo import (
    Concern,
    PhotoUnusable,
    concerns,
    inspect,
    prepare,
)
from mynabox.pki.repertoire import in_repertoire, substitutable
from mynabox.ports import Box
from mynabox.usecases.open_application import check_form, check_no_card
from mynabox.usecases.printing import second_language
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """What the second page asks for.

    ``token``          the last part of the mailed link
    ``photo``          the JPEG as uploaded
    ``photo_taken``    the day the applicant says it was taken (R040)
    ``signature_certificate`` / ``authentication_certificate``  False to decline one
    ``substitutes``    what shall stand in the signature certificate for characters it
                       cannot hold (代替文字), by the register's character
    """

    token: str = field(repr=False)
    born: date
    photo: bytes = field(repr=False)
    photo_taken: date
    signature_certificate: bool = True
    authentication_certificate: bool = True
    substitutes: Mapping[str, str] = field(default_factory=dict)


def submit_application(ask: SubmitApplication, box: Box) -> Application:
    """Receive the application if the person, the form and the photo are right.

    A refusal changes nothing: the link stays good and the form can be sent again.
    The day of receipt decides under which rule the card's validity falls (R092).
    """
    at = box.clock.now()
    if ask.photo_taken > at.date():
        raise Refused("photo.taken_in_future", rules=("R040",))
    try:
        facts = inspect(ask.photo)
    except PhotoUnusable as unusable:
        raise Refused(
            f"photo.{unusable.trouble.value}", rules=("R045",), found=unusable.found
        ) from None
    noticed = concerns(facts)
    demand(
        photo_rules(
            taken=ask.photo_taken,
            applied=at.date(),
            format=facts.format,
            colour=facts.mode,
            bytes=facts.size,
            width_px=facts.width,
            height_px=facts.height,
            background=Concern.BACKGROUND_NOT_PLAIN in noticed,
            unclear=Concern.NOT_SHARP in noticed,
        )
    )
    picture = prepare(ask.photo)
    with box.store.work() as work:
        opened = work.applications.by_link(link_hash(ask.token))
        if opened is None:
            raise Refused("application.link_unknown", rules=("R023",))
        if opened.state is not ApplicationState.OPENED:
            raise Refused("application.link_used", rules=("R023",))
        resident = work.residents.get(opened.resident)
        if resident.born != ask.born:
            raise Refused("application.birth_date_differs", rules=("R023",))
        notice = work.notices.by_application_id(opened.application_id)
        if notice is None:
            raise Refused("application.id_unknown", rules=("R025",))
        check_form(notice, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        received = replace(
            opened.after(ApplicationEvent.SUBMITTED),
            received=at,
            photo=picture,
            photo_taken=ask.photo_taken,
            signature_certificate=ask.signature_certificate,
            authentication_certificate=ask.authentication_certificate,
            substitutes=_substitutes(ask, resident),
        )
        work.applications.save(received)
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
                facts={"photo": f"{facts.width}x{facts.height}"},
            )
        )
    return received


def _substitutes(ask: SubmitApplication, resident: Resident) -> dict[str, str]:
    """The wishes; refused where nothing needs a substitute or none can stand there."""
    needed = substitutable(resident.name) | substitutable(resident.address)
    for character, wish in ask.substitutes.items():
        if character not in needed:
            raise Refused("application.substitute_not_needed", rules=("R145",))
        if not wish or not all(in_repertoire(one) for one in wish):
            raise Refused("application.substitute_not_possible", rules=("R145",))
    return dict(ask.substitutes)
