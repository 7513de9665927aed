"""The demo: one resident's way through the whole system, every step proven.

A step looks at the box and does only what is still to be done, so a story that was
cut short, by Ctrl-C or by a power cut, goes on where it stopped.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cryptography import x509

from mynabox.law.numbers import number_valid
from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import NoticeEvent, NoticeState
from mynabox.lifecycle.resident import (
    Resident,
    ResidentEvent,
    ResidentState,
)
from mynabox.pki.cms import cms_sign, cms_verify
from mynabox.pki.evidence import CrlEvidence
from mynabox.pki.verify import Outcome
from mynabox.ports import Box, SettableClock
from mynabox.sandbox.calendar import StoryDays
from mynabox.sandbox.receiver import ask_ocsp, judge, list_entry
from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS
from mynabox.terminal.connection import Connection
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.faces import show_back, show_front
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.import_residents import Line, import_residents
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.note_notice import note_notice
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.open_box import open_box
from mynabox.usecases.produce_card import produce_card
from mynabox.usecases.register_again import register_again
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import (
    ResidentShown,
    all_residents,
    list_authorities,
    show_resident,
    verify_journal,
)
from mynabox.usecases.status import current_list
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.usecases.turn_clock import turn_clock

_DOCUMENT = "箱田町への届出\nThis is the document that the demo signs.\n".encode()
_LINK = re.compile(r"/apply/([A-Za-z0-9_-]+)\s*$")


class Unproven(Exception):
    """A step of the story did not come out as it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the story needs of the outside.

    ``hero``, ``traveller``  record codes of the two people it is about
    ``register``  lines of a register file; ``mistakes`` lines of one full of errors
    ``photo``     the JPEG that is sent with the application
    ``reader``    powers the card in the virtual reader up; also says how it did so
    ``mailbox``   texts of the mails to an address, oldest first
    ``keep``      puts a file into the box's papers; answers where
    """

    box: Box
    clock: SettableClock
    days: StoryDays
    hero: str
    traveller: str
    register: Sequence[bytes] = field(repr=False)
    mistakes: Sequence[bytes] = field(repr=False)
    photo: bytes = field(repr=False)
    reader: Callable[[str], tuple[Connection, str]]
    mailbox: Callable[[str], Sequence[str]]
    keep: Callable[[str, bytes], str]
    describe: Callable[[Line], str]
    refusal: Callable[[Refused], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a title, and what it does; it yields what it has proven."""

    title: str
    run: Callable[["Setting"], Iterator[str]]


def prove(holds: bool, what: str) -> str:
    """``what``, if it holds; raises :class:`Unproven` if it does not."""
    if not holds:
        raise Unproven(what)
    return what


def steps() -> tuple[Step, ...]:
    """The story."""
    return (
        Step("The box opens: two certificate authorities", _opened),
        Step("People are entered in the register", _registered),
        Step("Everybody gets an Individual Number", _numbered),
        Step("The notice is printed and posted", _noticed),
        Step("An application comes in over the web", _applied),
        Step("The card is produced", _produced),
        Step("The card is handed over", _handed_over),
        Step("The card signs a document", _signed),
        Step("The card is lost: suspended at night", _lost),
        Step("The card is found again", _found),
        Step("The journal has it all", _journal),
    )


def _opened(setting: Setting) -> Iterator[str]:
    if not list_authorities(setting.box):
        turn_clock(setting.days.registered, setting.box, setting.clock)
    opened = open_box(setting.box)
    for authority in opened.authorities:
        yield prove(
            authority.not_after > setting.box.clock.now(),
            f"{authority.name} signs until {authority.not_after:%Y-%m-%d}",
        )


def _registered(setting: Setting) -> Iterator[str]:
    lines = list(import_residents(setting.register, setting.box))
    taken = [line for line in lines if line.taken]
    for line in lines:
        yield setting.describe(line)
    yield prove(bool(taken), f"{len(taken)} people are in the register")
    mistakes = list(import_residents(setting.mistakes, setting.box))
    for line in mistakes:
        yield setting.describe(line)
    yield prove(
        all(line.refused for line in mistakes),
        f"all {len(mistakes)} faulty lines were refused, each with its reason",
    )


def _numbered(setting: Setting) -> Iterator[str]:
    box = setting.box
    given = {}
    for person in all_residents(box):
        if person.state is ResidentState.REGISTERED:
            given[person.id] = assign_number(person.id, box).number
    yield prove(
        all(number_valid(number.digits).value for number in given.values()),
        f"{len(given)} numbers, every check digit right",
    )
    yield prove(
        len({number.digits for number in given.values()}) == len(given),
        "no two people have the same",
    )
    traveller = _traveller(setting).resident
    before = given.get(traveller.id)
    if not _has_done(_traveller(setting), "leave_register"):
        leave_register(traveller.id, ResidentEvent.LEFT_JAPAN, box)
    if _traveller(setting).resident.state is ResidentState.ABROAD:
        register_again(traveller.id, box)
    after = assign_number(traveller.id, box).number
    yield prove(
        before in (after, None),
        f"{traveller.name} left Japan, came back and kept the number [R002]",
    )


def _noticed(setting: Setting) -> Iterator[str]:
    box, hero = setting.box, _hero(setting)
    if not hero.notices:
        _turn(setting, setting.days.noticed)
        issue_notice(hero.resident.id, box)
    deliver(box)
    notice = _hero(setting).notices[-1]
    groups = f"{notice.application_id[:4]} ... {notice.application_id[-3:]}"
    yield f"notice of {notice.issued} with application ID {groups} and its QR code"
    if notice.state is NoticeState.POSTED:
        _turn(setting, setting.days.notice_arrived)
        note_notice(hero.resident.id, NoticeEvent.DELIVERED, box)
    yield prove(
        _hero(setting).notices[-1].state is NoticeState.RECEIVED,
        f"it arrived at {hero.resident.address}",
    )


def _applied(setting: Setting) -> Iterator[str]:
    box, hero = setting.box, _hero(setting)
    if not any(a.state is not ApplicationState.OPENED for a in hero.applications):
        _turn(setting, setting.days.applied)
        open_application(
            OpenApplication(
                application_id=hero.notices[-1].application_id, email=SPECIMEN_MAIL
            ),
            box,
        )
        deliver(box)
        token = _token(setting.mailbox(SPECIMEN_MAIL))
        yield f"the link to the form came by mail to {SPECIMEN_MAIL}"
        today = box.clock.now().date()
        too_old = today - timedelta(days=400)
        yield _refused(
            setting,
            lambda: _submit(setting, token, hero.resident, taken=too_old),
        )
        _submit(setting, token, hero.resident, taken=today - timedelta(days=30))
        deliver(box)
    application = _hero(setting).applications[-1]
    yield prove(
        application.received is not None,
        f"received on {application.received:%Y-%m-%d %H:%M}, photo accepted",
    )


def _submit(setting: Setting, token: str, hero: Resident, *, taken: date) -> None:
    submit_application(
        SubmitApplication(
            token=token, born=hero.born, photo=setting.photo, photo_taken=taken
        ),
        setting.box,
    )


def _produced(setting: Setting) -> Iterator[str]:
    box, hero = setting.box, _hero(setting)
    if not hero.cards:
        _turn(setting, setting.days.produced)
        produce_card(hero.applications[-1].id, box)
    deliver(box)
    hero = _hero(setting)
    held = hero.cards[-1]
    yield (
        f"card {held.card.serial}, issued {held.card.issued}, "
        f"valid to {held.card.expires} [R090-R094]"
    )
    for certificate in held.certificates[:2]:
        yield (
            f"{certificate.kind.value} certificate {certificate.serial}, "
            f"until {certificate.not_after:%Y-%m-%d %H:%M:%S} [R131-R133]"
        )
    front = show_front(held.card.serial, box)
    yield setting.keep(f"card-{held.card.serial}-front.png", front)
    if all(row.entry.action != "disclose_number" for row in hero.journal):
        back = show_back(
            held.card.serial, box, requester="municipality", purpose="card_issue"
        )
        yield setting.keep(f"card-{held.card.serial}-back.png", back)


def _handed_over(setting: Setting) -> Iterator[str]:
    box, card = setting.box, _card(setting)
    if card.state is CardState.PRODUCED:
        _turn(setting, setting.days.handed_over)
        yield _refused(
            setting,
            lambda: hand_over(
                HandOver(
                    serial=card.serial,
                    documents=("student_card",),
                    pins=SPECIMEN_PINS,
                ),
                box,
            ),
        )
        hand_over(
            HandOver(
                serial=card.serial, documents=("drivers_licence",), pins=SPECIMEN_PINS
            ),
            box,
        )
    yield prove(
        _card(setting).state in (CardState.ACTIVE, CardState.SUSPENDED),
        "identity checked, four PINs set, the card is active",
    )


def _signed(setting: Setting) -> Iterator[str]:
    card = _card(setting)
    if card.state is not CardState.ACTIVE or _was_suspended(setting):
        yield "done before this start"
        return
    _turn(setting, setting.days.signed)
    yield from _sign_and_check(setting, card)


def _sign_and_check(setting: Setting, card: Card) -> Iterator[str]:
    """Sign a document with the card and judge it as its receiver would."""
    box = setting.box
    box.cards.insert(card.serial)
    connection, how = setting.reader(card.serial)
    yield how
    try:
        session = JpkiSession(connection)
        session.verify(Kind.SIGNATURE, SPECIMEN_PINS["signature"].characters)
        certificate = session.certificate(Kind.SIGNATURE)
        signed = cms_sign(
            _DOCUMENT,
            certificate=certificate,
            chain=(session.ca_certificate(Kind.SIGNATURE),),
            sign=lambda data: session.sign(Kind.SIGNATURE, data),
            signed_at=box.clock.now(),
        )
    finally:
        connection.close()
    signature, *_ = cms_verify(signed, _DOCUMENT)
    yield prove(
        signature.signer.encoded == certificate, "the signature over the document holds"
    )
    verdict = judge(setting.box, certificate, ask_ocsp(setting.box, certificate))
    yield prove(
        verdict.outcome is Outcome.GOOD,
        "its certificate leads to signature-01, and OCSP says good",
    )
    yield setting.keep("document.txt", _DOCUMENT)
    yield setting.keep("document.p7s", signed)


def _lost(setting: Setting) -> Iterator[str]:
    box, card = setting.box, _card(setting)
    if card.state is CardState.ACTIVE and not _was_suspended(setting):
        _turn(setting, setting.days.lost)
        before = current_list("signature-01", box)
        report = report_lost(card.resident, box)
        yield (
            f"the hotline took the call at {box.clock.now():%H:%M} [R180], "
            f"receipt {report.receipt}"
        )
        yield prove(
            list_entry(before.der, _old(setting).serial) is None,
            f"the CRL made before it (number {before.number}) does not have it yet",
        )
    if _card(setting).state is not CardState.SUSPENDED:
        yield "done before this start"
        return
    old = _old(setting)
    verdict = judge(setting.box, old.der, ask_ocsp(setting.box, old.der))
    yield prove(
        verdict.outcome is Outcome.HELD,
        "OCSP says revoked, certificateHold, at once",
    )
    _turn(setting, setting.days.next_list)
    after = current_list("signature-01", box)
    yield prove(
        list_entry(after.der, old.serial) == x509.ReasonFlags.certificate_hold,
        f"the next CRL (number {after.number}) carries it",
    )
    connection, _ = setting.reader(card.serial)
    try:
        session = JpkiSession(connection)
        session.verify(Kind.SIGNATURE, SPECIMEN_PINS["signature"].characters)
        signed = cms_sign(
            _DOCUMENT,
            certificate=old.der,
            chain=(),
            sign=lambda data: session.sign(Kind.SIGNATURE, data),
            signed_at=box.clock.now(),
        )
    finally:
        connection.close()
    cms_verify(signed, _DOCUMENT)
    by_list = judge(setting.box, old.der, CrlEvidence(encoded=after.der))
    by_ocsp = judge(setting.box, old.der, ask_ocsp(setting.box, old.der))
    yield prove(
        by_list.outcome is by_ocsp.outcome is Outcome.HELD,
        "a finder who knew the PIN could sign, but every verifier that asks refuses",
    )


def _found(setting: Setting) -> Iterator[str]:
    box, card = setting.box, _card(setting)
    documents = ("drivers_licence",)
    _turn(setting, setting.days.found)
    if card.state is CardState.SUSPENDED:
        yield _refused(
            setting,
            lambda: report_found(
                ReportFound(serial=card.serial, documents=documents, place="hotline"),
                box,
            ),
        )
        report_found(ReportFound(serial=card.serial, documents=documents), box)
    yield prove(
        _card(setting).state is CardState.ACTIVE, "at the counter: the card is active"
    )
    for certificate in _hero(setting).cards[-1].certificates[:2]:
        verdict = judge(
            setting.box,
            certificate.der,
            ask_ocsp(setting.box, certificate.der),
            kind=certificate.kind,
        )
        yield prove(
            verdict.outcome is Outcome.HELD,
            f"{certificate.kind.value} certificate {certificate.serial} stays revoked",
        )
    if not any(
        certificate.state is CertificateState.ACTIVE
        for certificate in _hero(setting).cards[-1].certificates
    ):
        reissue_certificates(
            ReissueCertificates(serial=card.serial, documents=documents), box
        )
    deliver(box)
    for certificate in _hero(setting).cards[-1].certificates[2:]:
        yield prove(
            certificate.state is CertificateState.ACTIVE,
            f"{certificate.kind.value} certificate {certificate.serial} is new",
        )
    yield from _sign_and_check(setting, card)


def _journal(setting: Setting) -> Iterator[str]:
    damages = verify_journal(setting.box)
    yield prove(not damages, "every row of the journal is in its place")
    hero = _hero(setting)
    actions = ", ".join(dict.fromkeys(row.entry.action for row in hero.journal))
    yield f"{len(hero.journal)} rows about {hero.resident.name}: {actions}"


def _turn(setting: Setting, moment: datetime) -> None:
    """Let time pass up to a moment of the story; never back."""
    if setting.clock.now() < moment:
        turn_clock(moment, setting.box, setting.clock)


def _refused(setting: Setting, attempt: Callable[[], object]) -> str:
    """What the box said when it refused an attempt that must be refused."""
    try:
        attempt()
    except Refused as refused:
        return f"refused: {setting.refusal(refused)}"
    raise Unproven("something that must be refused was done")


def _hero(setting: Setting) -> ResidentShown:
    return show_resident(setting.hero, setting.box)


def _traveller(setting: Setting) -> ResidentShown:
    return show_resident(setting.traveller, setting.box)


def _card(setting: Setting) -> Card:
    return _hero(setting).cards[-1].card


def _old(setting: Setting) -> Certificate:
    """The signature certificate the card was produced with."""
    return next(
        certificate
        for certificate in _hero(setting).cards[-1].certificates
        if certificate.kind is CertificateKind.SIGNATURE
    )


def _has_done(shown: ResidentShown, action: str) -> bool:
    return any(row.entry.action == action for row in shown.journal)


def _was_suspended(setting: Setting) -> bool:
    return _has_done(_hero(setting), "report_lost")


def _token(mails: Sequence[str]) -> str:
    for mail in reversed(mails):
        found = _LINK.search(mail)
        if found:
            return found[1]
    raise Unproven("the mail with the link arrived")
