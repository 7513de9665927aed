"""Applying without a mailed link: at a photo booth, or at the municipal counter."""

from dataclasses import dataclass, field
from datetime import date

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.application import Applicant, Application, Channel
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.print_form import new_form
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
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAtBooth(Wishes):
    """What a photo booth (証明用写真機) sends (R024).

    ``application_id``  read from the QR code of the form
    ``photo``           taken there and then
    ``paid``            the booth was paid for its photo; the application costs nothing
    """

    application_id: str
    born: date
    photo: bytes | None = field(repr=False, default=None)
    paid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAtCounter(Wishes):
    """What a clerk of the municipality enters for somebody who stands there (R051).

    Neither the number nor a form is needed: without ``application_id`` a new form is
    made out and used at once.

    ``documents``  what the holder shows; empty if nobody checks who they are now, but
                   when the card is handed over
    """

    resident: str
    application_id: str = ""
    documents: tuple[str, ...] = ()
    photo: bytes | None = field(repr=False, default=None)
    photo_taken: date | None = None


def apply_at_booth(ask: ApplyAtBooth, box: Box) -> Application:
    """Receive an application from a photo booth; it is sent once the photo is paid."""
    if not ask.paid:
        raise Refused("application.booth_unpaid", rules=("R024",))
    at = box.clock.now()
    with box.store.look() as work:
        resident = work.residents.get(form_of(ask.application_id, work).resident)
    if resident.born != ask.born:
        raise Refused("application.birth_date_differs", rules=("R024",))
    photo = judge_upload(
        ask.photo, at.date(), resident=resident, head_cover=ask.head_cover, on=at.date()
    )
    with box.store.work() as work:
        form = form_of(ask.application_id, work)
        resident = work.residents.get(form.resident)
        check_form(form, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        check_wishes(ask, resident, on=at.date())
        received = take(
            work,
            box,
            form=form,
            channel=Channel.PHOTO_BOOTH,
            event=coming_in(photo),
            wishes=ask,
            photo=photo,
            at=at,
        )
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor="booth",
                action="apply_at_booth",
                subjects=(resident.id, received.id),
                facts={"photo": photo.size, "applicant": received.applicant.value},
            )
        )
    return received


def apply_at_counter(
    ask: ApplyAtCounter, box: Box, *, actor: str = "counter"
) -> Application:
    """Receive an application at the counter, from whoever stands there.

    The holder counts as identified only if they came themselves (or a child or ward
    with their statutory representative) and showed documents that suffice for a card
    that is sent home (R051, R052); documents that do not suffice are refused.
    """
    at = box.clock.now()
    with box.store.look() as work:
        resident = work.residents.get(ask.resident)
    fresh = None if ask.application_id else new_form(resident, box, at=at)
    photo = judge_upload(
        ask.photo,
        ask.photo_taken,
        resident=resident,
        head_cover=ask.head_cover,
        on=at.date(),
    )
    identified = bool(ask.documents) and ask.applicant is not Applicant.AGENT
    with box.store.work() as work:
        resident = work.residents.get(ask.resident)
        form = _own_form(fresh or form_of(ask.application_id, work), ask)
        check_form(form, resident, on=at.date())
        check_no_card(work, resident, on=at.date())
        check_wishes(ask, resident, on=at.date())
        if identified:
            demand(identity_documents(ask.documents, "mail", resident.municipality))
        if fresh is not None:
            work.forms.add(fresh)
        received = take(
            work,
            box,
            form=form,
            channel=Channel.COUNTER,
            event=coming_in(photo),
            wishes=ask,
            photo=photo,
            at=at,
            identified=identified,
        )
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor=actor,
                action="apply_at_counter",
                subjects=(
                    resident.id,
                    received.id,
                    *(() if fresh is None else (fresh.id,)),
                ),
                facts={
                    "photo": photo.size,
                    "applicant": received.applicant.value,
                    "identified": "yes" if identified else "no",
                },
            )
        )
    return received


def _own_form(form: Form, ask: ApplyAtCounter) -> Form:
    if form.resident != ask.resident:
        raise Refused("application.form_of_another", rules=("R025",))
    return form
