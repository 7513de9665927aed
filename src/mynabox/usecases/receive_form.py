"""A paper form comes by post: it is scanned and read (R021, R026-R028)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mynabox.law.applications import application_form_usable
from mynabox.law.delivery import representative_needed
from mynabox.law.photo import photo as photo_rules
from mynabox.law.photo import photo_needed
from mynabox.lifecycle.application import (
    Applicant,
    Application,
    ApplicationEvent,
    Channel,
    Fault,
    HeadCover,
)
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.papers.form_layout import layout
from mynabox.papers.form_scan import ReadForm, ScanUnreadable, read_form
from mynabox.papers.photo import Concern, concerns, inspect, prepare
from mynabox.ports import Box
from mynabox.usecases.receiving import (
    Judged,
    Wishes,
    check_no_card,
    check_registered,
    check_substitutes,
    form_of,
    stale_items,
    take,
)
from mynabox.usecases.representatives import is_guardian
from mynabox.usecases.review_application import tell_faults

_AS_FAULT = {
    Concern.BACKGROUND_NOT_PLAIN: Fault.BACKGROUND,
    Concern.NOT_SHARP: Fault.UNCLEAR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveForm:
    """A letter that was opened: the scan, and what is handwritten on the form.

    ``scan``    the form as a PDF or a picture
    ``signed``  the applicant's name stands there in their own hand
    ``substitutes``  the characters written there for the signature certificate (R031)
    """

    scan: bytes = field(repr=False)
    signed: bool = True
    photo_taken: date | None = None
    applicant: Applicant = Applicant.HOLDER
    applicant_name: str = ""
    head_cover: HeadCover | None = None
    substitutes: Mapping[str, str] = field(default_factory=dict)


def receive_form(
    ask: ReceiveForm, box: Box, *, actor: str = "production"
) -> Application:
    """Take in a form that came by post.

    What cannot be read is refused, and so is a duplicate: then nothing is written
    down. A form that can be read is taken in. If something about it is wrong it is sent
    back with every reason at once; otherwise a clerk looks at it, since nobody has seen
    the photo yet.
    """
    try:
        read = read_form(ask.scan)
    except ScanUnreadable as unreadable:
        raise Refused(unreadable.code, rules=("R021",)) from None
    at = box.clock.now()
    with box.store.work() as work:
        form = form_of(read.application_id, work)
        resident = work.residents.get(form.resident)
        check_registered(resident)
        check_no_card(work, resident, on=at.date())
        photo, bad = _judge(read, ask, resident, on=at.date())
        check_substitutes(ask.substitutes, resident)
        faults = (*_form_faults(form, resident, on=at.date()), *bad)
        wishes = Wishes(
            signature_certificate="decline_signature" not in read.ticked,
            authentication_certificate="decline_authentication" not in read.ticked,
            applicant=ask.applicant,
            applicant_name=ask.applicant_name,
            head_cover=ask.head_cover,
            substitutes=ask.substitutes,
        )
        received = take(
            work,
            box,
            form=form,
            channel=Channel.POST,
            event=ApplicationEvent.SENT_BACK if faults else ApplicationEvent.REFERRED,
            wishes=wishes,
            photo=photo,
            at=at,
        )
        if faults:
            received = replace(received, faults=faults)
            work.applications.save(received)
            tell_faults(work, received, resident, box)
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor=actor,
                action="receive_form",
                subjects=(resident.id, received.id),
                facts={
                    "photo": photo.size,
                    "applicant": received.applicant.value,
                    "faults": " ".join(fault.value for fault in faults) or "none",
                },
            )
        )
    return received


def _form_faults(form: Form, resident: Resident, *, on: date) -> tuple[Fault, ...]:
    usable = application_form_usable(
        printed_stay_until=form.stay_until, on=on, changed=stale_items(form, resident)
    ).value
    names = {
        "form.changed": Fault.FORM_CHANGED,
        "form.stay_ended": Fault.STAY_ENDED,
    }
    return () if usable.allowed else tuple(names[code] for code in usable.codes)


def _judge(
    read: ReadForm, ask: ReceiveForm, resident: Resident, *, on: date
) -> tuple[Judged, tuple[Fault, ...]]:
    faults = []
    if not ask.signed:
        faults.append(Fault.UNSIGNED)
    named = ask.applicant is not Applicant.HOLDER and ask.applicant_name.strip()
    needed = representative_needed(resident.born, on, ward=resident.ward).value
    represented = ask.applicant is Applicant.REPRESENTATIVE and is_guardian(
        resident, ask.applicant_name
    )
    if (needed and not represented) or (
        ask.applicant is not Applicant.HOLDER and not named
    ):
        faults.append(Fault.NO_REPRESENTATIVE)
    wanted = photo_needed(born=resident.born, applied=on).value
    if read.photo is None or not wanted:
        if wanted:
            faults.append(Fault.NO_PHOTO)
        return Judged(picture=None, taken=None), tuple(faults)
    if ask.photo_taken is not None and ask.photo_taken > on:
        raise Refused("photo.taken_in_future", rules=("R040",))
    facts = inspect(read.photo)
    noticed = [_AS_FAULT[concern].value for concern in concerns(facts)]
    frame = layout().photo
    judged = photo_rules(
        taken=ask.photo_taken or on,
        applied=on,
        width_mm=round(frame.width),
        height_mm=round(frame.height),
        colour=facts.mode,
    ).value
    if not judged.allowed:
        faults.append(Fault.TOO_OLD)
    if ask.head_cover:
        noticed.append("head_cover")
    if ask.photo_taken is None:
        noticed.append(Fault.TOO_OLD.value)
    photo = Judged(
        picture=prepare(read.photo),
        taken=ask.photo_taken,
        concerns=tuple(noticed),
        size=f"{facts.width}x{facts.height}",
    )
    return photo, tuple(faults)
