"""What every channel asks of an application that comes in, and how it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from mynabox.law.answer import Verdict
from mynabox.law.applications import (
    application_form_usable,
    application_id_clean,
    application_id_valid,
)
from mynabox.law.delivery import representative_needed
from mynabox.law.photo import photo as photo_rules
from mynabox.law.photo import photo_needed
from mynabox.law.validity import renewal_opens
from mynabox.lifecycle.application import (
    FILLED_IN,
    UNDER_WAY,
    Applicant,
    Application,
    ApplicationEvent,
    Channel,
    HeadCover,
)
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.papers.photo import Concern, PhotoUnusable, concerns, inspect, prepare
from mynabox.pki.repertoire import in_repertoire, substitutable
from mynabox.ports import Box, Work
from mynabox.usecases.following import asked_in_its_place
from mynabox.usecases.representatives import demand_guardian
from mynabox.usecases.verdict import demand, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What an applicant says on every channel.

    ``signature_certificate`` / ``authentication_certificate``  False to decline one
    ``substitutes``     what shall stand in the signature certificate for characters it
                        cannot hold (代替文字), by the register's character
    ``applicant_name``  who applies for the holder; empty if they do it themselves
    ``head_cover``      why the head is covered on the photo (R044)
    """

    signature_certificate: bool = True
    authentication_certificate: bool = True
    substitutes: Mapping[str, str] = field(default_factory=dict)
    applicant: Applicant = Applicant.HOLDER
    applicant_name: str = ""
    head_cover: HeadCover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A photo that may go on a card, or none where the card bears none (R047).

    ``concerns``  what a clerk should look at
    """

    picture: bytes | None
    taken: date | None
    concerns: tuple[str, ...] = ()
    size: str = "none"


def form_of(text: str, work: Work) -> Form:
    """The form with this application ID, however it was typed (R025)."""
    cleaned = application_id_clean(text).value
    if isinstance(cleaned, Verdict):
        raise refused(cleaned)
    if not application_id_valid(cleaned).value:
        raise Refused("application.id_check_digit", rules=("R025",))
    form = work.forms.find(cleaned)
    if form is None:
        raise Refused("application.id_unknown", rules=("R025",))
    return form


def stale_items(form: Form, resident: Resident) -> tuple[str, ...]:
    """What is printed on the form and no longer so, as the rulebook names it."""
    return tuple(
        item
        for item, printed, now in (
            ("name", form.name, resident.name),
            ("address", form.address, resident.address),
            ("stay", form.stay_until, resident.stay_until),
        )
        if printed != now
    )


def check_form(form: Form, resident: Resident, *, on: date) -> tuple[str, ...]:
    """Refuse a form whose person or printed items are no longer so (R026-R029); codes
    of advice where it may be used, but had better not be (R028)."""
    check_registered(resident)
    usable = application_form_usable(
        printed_stay_until=form.stay_until, on=on, changed=stale_items(form, resident)
    )
    demand(usable)
    return usable.value.codes


def check_registered(resident: Resident) -> None:
    """Refuse people without a resident record (R029)."""
    if resident.state is not ResidentState.REGISTERED:
        raise Refused("application.not_registered", rules=("R029",))


def check_no_card(work: Work, resident: Resident, *, on: date) -> None:
    """Refuse a second card (R030) and a second application for the same one."""
    for known in work.applications.of(resident.id):
        if known.state in UNDER_WAY:
            raise Refused("application.already_received", rules=("R030",))
    for card in work.cards.of(resident.id):
        if asked_in_its_place(work, card):
            continue
        if card.blocks_another_on(on) and on < renewal_opens(expiry=card.expires).value:
            raise Refused(
                "application.has_card",
                rules=("R030", "R098"),
                expires=card.expires.isoformat(),
            )


def check_wishes(wishes: Wishes, resident: Resident, *, on: date) -> None:
    """Refuse applicants who may not apply by themselves, or for an adult ward without
    being the guardian (R058), and substitutes where
    nothing needs one or none can stand there."""
    if wishes.applicant is Applicant.HOLDER:
        named = ""
    else:
        named = wishes.applicant_name.strip()
        if not named:
            raise Refused("application.applicant_unnamed", rules=("R058",))
    needed = representative_needed(resident.born, on, ward=resident.ward).value
    if needed and wishes.applicant is not Applicant.REPRESENTATIVE:
        raise Refused("application.representative_needed", rules=("R058",))
    if needed:
        demand_guardian(resident, named)
    check_substitutes(wishes.substitutes, resident)


def check_substitutes(substitutes: Mapping[str, str], resident: Resident) -> None:
    """Refuse substitutes (代替文字, R031) where nothing needs one or none can stand."""
    possible = substitutable(resident.name) | substitutable(resident.address)
    for character, wish in substitutes.items():
        if character not in possible:
            raise Refused("application.substitute_not_needed", rules=("R145",))
        if not wish or not all(in_repertoire(one) for one in wish):
            raise Refused("application.substitute_not_possible", rules=("R145",))


def judge_upload(
    photo: bytes | None,
    taken: date | None,
    *,
    resident: Resident,
    head_cover: HeadCover | None,
    on: date,
) -> Judged:
    """A photo that came as a file (R040-R046); raises ``Refused`` with every fault.
    One that came for a card which bears none is laid aside (R047)."""
    if not photo_needed(born=resident.born, applied=on).value:
        return Judged(picture=None, taken=None)
    if photo is None:
        raise Refused("application.photo_missing", rules=("R042", "R047"))
    if taken is None:
        raise Refused("photo.taken_unknown", rules=("R040",))
    if taken > on:
        raise Refused("photo.taken_in_future", rules=("R040",))
    try:
        facts = inspect(photo)
    except PhotoUnusable as unusable:
        raise Refused(
            f"photo.{unusable.trouble.value}", rules=("R045",), found=unusable.found
        ) from None
    noticed = concerns(facts)
    demand(
        photo_rules(
            taken=taken,
            applied=on,
            format=facts.format,
            colour=facts.mode,
            bytes=facts.size,
            width_px=facts.width,
            height_px=facts.height,
            background=Concern.BACKGROUND_NOT_PLAIN in noticed,
            unclear=Concern.NOT_SHARP in noticed,
            hat=head_cover is not None,
            head_cover_reason=head_cover.value if head_cover else None,
        )
    )
    return Judged(
        picture=prepare(photo),
        taken=taken,
        concerns=("head_cover",) if head_cover else (),
        size=f"{facts.width}x{facts.height}",
    )


def waiting_for_applicant(work: Work, resident: str) -> Application | None:
    """The person's application that is not sent yet, or was sent back to them."""
    return next(
        (
            known
            for known in reversed(tuple(work.applications.of(resident)))
            if known.state in FILLED_IN
        ),
        None,
    )


def take(
    work: Work,
    box: Box,
    *,
    form: Form,
    channel: Channel,
    event: ApplicationEvent,
    wishes: Wishes,
    photo: Judged,
    at: datetime,
    mail_kept: bool = False,
    identified: bool = False,
) -> Application:
    """Write down an application that came in: the one that waited for its applicant,
    whichever way it was begun, or a new one.

    ``mail_kept``  it came by its mailed link, and goes on with that mail address
    """
    known = waiting_for_applicant(work, form.resident)
    begun = known or Application(
        id=make_id("app", box.random(ID_BYTES)),
        resident=form.resident,
        municipality=form.municipality,
        application_id=form.application_id,
        channel=channel,
        email="",
        link_hash="",
        opened=at,
    )
    taken = replace(
        begun.after(event),
        municipality=work.residents.get(form.resident).municipality,
        application_id=form.application_id,
        channel=channel,
        email=begun.email if mail_kept else "",
        link_hash=begun.link_hash if mail_kept else "",
        received=at,
        photo=photo.picture,
        photo_taken=photo.taken,
        signature_certificate=wishes.signature_certificate,
        authentication_certificate=wishes.authentication_certificate,
        substitutes=dict(wishes.substitutes),
        applicant=wishes.applicant,
        applicant_name=wishes.applicant_name.strip(),
        identified=identified,
        head_cover=wishes.head_cover,
        concerns=photo.concerns,
        reviewed=None,
        faults=(),
    )
    if known is None:
        work.applications.add(taken)
    else:
        work.applications.save(taken)
    return taken


def coming_in(photo: Judged) -> ApplicationEvent:
    """What an application's arrival is, by its photo."""
    return ApplicationEvent.REFERRED if photo.concerns else ApplicationEvent.SUBMITTED
