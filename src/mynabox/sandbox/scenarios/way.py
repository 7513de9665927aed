"""The ordinary way from the register to a card in its holder's hand.

Every step looks at what is there and does what is still to be done, so a way that was
cut short is gone on from where it stopped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mynabox.law.delivery import representative_needed
from mynabox.lifecycle.application import Applicant as Applies
from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.notice import NoticeEvent, NoticeState
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.registration import read_registration
from mynabox.lifecycle.resident import Resident, ResidentEvent, ResidentState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.sandbox.specimen import specimen_portrait
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.note_notice import note_notice
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.produce_card import produce_card
from mynabox.usecases.register_resident import register_resident
from mynabox.usecases.show import ResidentShown, show_resident
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.usecases.visitors import Visitor, VisitorKind

DOCUMENTS = ("passport",)
"""What holders of specimens show at the counter."""

PARENT = "見本 親"
"""Who applies for specimens that are too young (R058)."""

_LINK = re.compile(r"/apply/([A-Za-z0-9_-]+)\s*$")
_PHOTO_AGE = timedelta(days=30)
_MAILS = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that stands still: what is done under it happened then."""

    moment: datetime

    def now(self) -> datetime:
        """That moment."""
        return self.moment


def at(moment: datetime, box: Box) -> Box:
    """The box as of another moment; its own clock is not touched.

    What has been waiting for delivery goes out before, under the present time.
    """
    deliver(box)
    return replace(box, clock=Standing(moment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who wants a card.

    ``person``  a line of a register file; ``pins`` what the holder will type;
    ``substitutes`` what stands for characters that no certificate holds;
    ``signs`` whether a signature certificate is wanted; ``without_pins`` whether it is
    to be a card without PINs
    """

    person: Mapping[str, str]
    mail: str
    pins: Mapping[str, Pin]
    substitutes: Mapping[str, str]
    signs: bool = True
    without_pins: bool = False


def enter(who: Applicant, box: Box) -> Resident:
    """The person in the register, with a number and the notice of it received.

    Who has left the register returns to it, with the particulars of before.
    """
    registration = read_registration(who.person, on=box.clock.now().date())
    resident = register_resident(registration, box).resident
    assign_number(resident.id, box)
    shown = show_resident(resident.id, box)
    if not shown.notices:
        issue_notice(resident.id, box)
        deliver(box)
        shown = show_resident(resident.id, box)
    if shown.notices[-1].state is NoticeState.POSTED:
        note_notice(resident.id, NoticeEvent.DELIVERED, box)
    return resident


def new_card(who: Applicant, resident: Resident, box: Box) -> Card:
    """A card that has been applied for, produced and handed over, all of it now."""
    shown = show_resident(resident.id, box)
    waiting = _waiting(shown)
    if waiting is None:
        received = _received(shown)
        if received is None:
            _apply(who, shown, box)
            received = _received(show_resident(resident.id, box))
        assert received is not None
        waiting = produce_card(received, box).card
    deliver(box)
    ask = HandOver(
        serial=waiting.serial,
        documents=DOCUMENTS,
        pins=who.pins,
        without_pins=who.without_pins,
        visitor=_parent_of(resident, box),
    )
    return hand_over(ask, box)


def _parent_of(resident: Resident, box: Box) -> Visitor | None:
    """Who comes along with a child (R058)."""
    if not representative_needed(resident.born, box.clock.now().date()).value:
        return None
    return Visitor(
        kind=VisitorKind.REPRESENTATIVE,
        name=f"{resident.name}の親権者",
        documents=DOCUMENTS,
        holder_present=True,
    )


def leave(resident: Resident, box: Box) -> None:
    """Whoever has a card that cannot be brought back to what it was leaves the
    register: the card ends, the number stays (R002, R151)."""
    if resident.state is ResidentState.REGISTERED:
        leave_register(resident.id, ResidentEvent.LEFT_JAPAN, box)


def photo_taken(day: date) -> date:
    """When the picture of an application of ``day`` was taken."""
    return day - _PHOTO_AGE


def _waiting(shown: ResidentShown) -> Card | None:
    return next(
        (one.card for one in shown.cards if one.card.state is CardState.PRODUCED), None
    )


def _received(shown: ResidentShown) -> str | None:
    return next(
        (
            application.id
            for application in shown.applications
            if application.state is ApplicationState.RECEIVED
        ),
        None,
    )


def _apply(who: Applicant, shown: ResidentShown, box: Box) -> None:
    form = shown.notices[-1].application_id
    on = box.clock.now().date()
    child = representative_needed(born=shown.resident.born, on=on).value
    open_application(OpenApplication(application_id=form, email=who.mail), box)
    deliver(box)
    submit_application(
        SubmitApplication(
            token=_token(who.mail, box),
            born=shown.resident.born,
            photo=specimen_portrait(),
            photo_taken=photo_taken(on),
            substitutes=who.substitutes,
            signature_certificate=who.signs,
            applicant=Applies.REPRESENTATIVE if child else Applies.HOLDER,
            applicant_name=PARENT if child else "",
        ),
        box,
    )
    deliver(box)


def _token(address: str, box: Box) -> str:
    """The last part of the link in the newest mail to an address that has one."""
    with box.store.look() as work:
        sent = [
            outgoing.id
            for outgoing in work.outbox.sent(carrier=Carrier.MAIL, limit=_MAILS)
            if outgoing.to == address
        ]
    for mail in sent:
        found = _LINK.search(box.mail.read(mail))
        if found:
            return found[1]
    raise AssertionError("the mail with the link was delivered just now")
