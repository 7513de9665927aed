"""Adult wards: what the register is told, and who acts for them from then on."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from mynabox.lifecycle.application import (
    Applicant,
    Application,
    ApplicationState,
    Fault,
)
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.guardianship import GuardianshipEvent
from mynabox.lifecycle.registration import COLUMNS
from mynabox.lifecycle.resident import Cause, Resident, ResidentEvent
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.usecases.apply_in_person import (
    ApplyAtBooth,
    ApplyAtCounter,
    apply_at_booth,
    apply_at_counter,
)
from mynabox.usecases.deliver import deliver
from mynabox.usecases.export_residents import export_residents
from mynabox.usecases.give_up_pins import GiveUpPins, give_up_pins
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.note_guardianship import NoteGuardianship, note_guardianship
from mynabox.usecases.print_form import form_paper
from mynabox.usecases.receive_form import ReceiveForm, receive_form
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.register_again import register_again
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.representatives import Representative
from mynabox.usecases.reset_at_store import ReserveReset, reserve_reset
from mynabox.usecases.reset_pins import ResetPins, reset_pins
from mynabox.usecases.roll_over import keep_generations
from mynabox.usecases.show import resident_history
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.usecases.take_up_pins import TakeUpPins, take_up_pins
from mynabox.usecases.visitors import Visitor, VisitorKind
from tests.scans import filled_in, scanned
from tests.usecases.places import LICENCE, Place, particulars, refused

At = Callable[[str], Place]
GUARDIAN = "後見 花子"
WIDE = "後見\u3000花子"
OTHER = "箱田 親"
BEGAN = GuardianshipEvent.BEGAN
BY_GUARDIAN = {"applicant": Applicant.REPRESENTATIVE, "applicant_name": WIDE}
BY_PARENT = {"applicant": Applicant.REPRESENTATIVE, "applicant_name": OTHER}
BY_AGENT = {"applicant": Applicant.AGENT, "applicant_name": GUARDIAN}


def note(
    place: Place,
    event: GuardianshipEvent = BEGAN,
    *,
    guardian: str | None = None,
    happened: date | None = None,
    paper: date | None = None,
) -> Resident:
    name = GUARDIAN if guardian is None and event is BEGAN else guardian
    ask = NoteGuardianship(
        resident=place.hero,
        event=event,
        guardian=name,
        happened=happened,
        paper_issued=paper or place.today,
    )
    return note_guardianship(ask, place.box)


def one_story(place: Place) -> None:
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def signatures(place: Place) -> list[CertificateState]:
    return [
        one.state for one in place.certificates if one.kind is CertificateKind.SIGNATURE
    ]


# What the register is told


def test_it_begins_changes_and_ends(at: At) -> None:
    place = at("active").on("2026-07-01")
    began = note(place, happened=date(2026, 6, 20), paper=date(2026, 6, 25))
    assert (began.ward, began.guardian) == (True, GUARDIAN)
    assert (began.ward_since, began.since) == (date(2026, 6, 20),) * 2
    changed = note(
        place,
        GuardianshipEvent.GUARDIAN_CHANGED,
        guardian="法人後見つくば",
        happened=date(2026, 6, 30),
    )
    assert (changed.guardian, changed.ward_since) == (
        "法人後見つくば",
        date(2026, 6, 20),
    )
    righted = note(place, GuardianshipEvent.CORRECTED, happened=date(2026, 6, 19))
    assert (righted.guardian, righted.ward_since, righted.since, righted.cause) == (
        "法人後見つくば",
        date(2026, 6, 19),
        place.today,
        Cause.CORRECTED,
    )
    ended = note(place.on("2026-08-01"), GuardianshipEvent.ENDED)
    assert (ended.ward, ended.guardian, ended.cause) == (
        False,
        None,
        Cause.GUARDIANSHIP,
    )
    read = [
        (one.record.guardian, one.record.ward_since, one.until)
        for one in resident_history(place.hero, place.box)
    ]
    assert read[-4:] == [
        (None, None, date(2026, 6, 20)),
        (GUARDIAN, date(2026, 6, 20), date(2026, 6, 30)),
        ("法人後見つくば", date(2026, 6, 20), date(2026, 7, 1)),
        ("法人後見つくば", date(2026, 6, 19), date(2026, 8, 1)),
    ]
    said = [
        dict(row.entry.facts)
        for row in place.shown().journal
        if row.entry.action == "note_guardianship"
    ]
    assert [facts["event"] for facts in said] == [
        "began",
        "guardian_changed",
        "corrected",
        "ended",
    ]
    assert said[0] == {"event": "began", "since": "2026-06-20", "paper": "2026-06-25"}
    one_story(place)


def test_entered_for_the_wrong_person(at: At) -> None:
    place = at("active").on("2026-07-01")
    note(place)
    withdrawn = note(place, GuardianshipEvent.WITHDRAWN)
    assert (withdrawn.ward, withdrawn.cause) == (False, Cause.CORRECTED)
    assert signatures(place) == [CertificateState.ACTIVE]
    one_story(place)


D = date
E = GuardianshipEvent
NO: dict[str, tuple[bool, dict[str, object], str, tuple[str, ...]]] = {
    "twice": (True, {"event": BEGAN}, "guardianship.not_possible_now", ("R058",)),
    "ended, never begun": (
        False, {"event": E.ENDED}, "guardianship.not_possible_now", ("R058",),
    ),
    "another guardian of nobody": (
        False, {"event": E.GUARDIAN_CHANGED, "guardian": OTHER},
        "guardianship.not_possible_now", ("R058",),
    ),
    "tomorrow": (
        False, {"event": BEGAN, "happened": D(2026, 7, 2)},
        "register.day_in_future", (),
    ),
    "the paper of tomorrow": (
        False, {"event": BEGAN, "paper": D(2026, 7, 2)}, "register.day_in_future", (),
    ),
    "before birth": (
        False, {"event": BEGAN, "happened": D(1990, 3, 30), "paper": D(2026, 6, 1)},
        "guardianship.before_birth", ("R058",),
    ),
    "a paper of the day before": (
        False, {"event": BEGAN, "happened": D(2026, 6, 25), "paper": D(2026, 6, 24)},
        "guardianship.paper_too_early", ("R058",),
    ),
    "a paper of three months and a day": (
        False, {"event": BEGAN, "happened": D(2026, 1, 9), "paper": D(2026, 3, 31)},
        "guardianship.paper_too_old", ("R058",),
    ),
    "without a name": (
        False, {"event": BEGAN, "guardian": " "}, "register.empty", (),
    ),
    "nobody new": (
        True, {"event": E.GUARDIAN_CHANGED}, "guardianship.who", ("R058",),
    ),
    "ended before it began": (
        True, {"event": E.ENDED, "happened": D(2026, 6, 30)},
        "guardianship.before_it_began", ("R058",),
    ),
    "nothing to correct": (
        True, {"event": E.CORRECTED, "guardian": GUARDIAN},
        "particulars.nothing_new", ("R058",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO)
def test_what_is_refused(at: At, name: str) -> None:
    ward, said, code, rules = NO[name]
    place = at("active").on("2026-07-01")
    if ward:
        note(place)
    refused(place, partial(note, place, **said), code, *rules)  # type: ignore[arg-type]


def test_without_the_guardians_name(at: At) -> None:
    place = at("active")
    ask = NoteGuardianship(
        resident=place.hero, event=BEGAN, paper_issued=place.today, guardian=None
    )
    refused(
        place, lambda: note_guardianship(ask, place.box), "guardianship.who", "R058"
    )


def test_a_paper_of_three_months(at: At) -> None:
    place = at("active").on("2026-07-01")
    assert note(place, happened=D(2026, 1, 9), paper=D(2026, 4, 1)).ward


def test_who_left_is_told_of_no_more_but_stays_a_ward(at: At) -> None:
    place = at("active").on("2026-07-01")
    note(place)
    place.leave(ResidentEvent.LEFT_JAPAN)
    refused(
        place,
        partial(note, place, GuardianshipEvent.ENDED),
        "register.not_registered",
        "R001",
    )
    back = register_again(place.hero, place.on("2026-08-01").box).resident
    assert (back.guardian, back.ward_since) == (GUARDIAN, D(2026, 7, 1))
    one_story(place)


def test_files_with_guardians_and_without(place: Place) -> None:
    """old files are taken as before; what goes out comes in"""
    columns = (*COLUMNS, "household", "relation", "guardian", "ward_since")

    def take(values: dict[str, str], columns: tuple[str, ...]) -> list[str]:
        line = ",".join(values.get(column, "") for column in columns)
        file = [f"{','.join(columns)}\n".encode(), f"{line}\n".encode()]
        return [
            one.refused.code if one.refused else str(one.taken)
            for one in import_residents(file, place.box)
        ]

    ward = particulars() | {"guardian": GUARDIAN, "ward_since": "2026-03-31"}
    for wrong, code in (
        ({"guardian": ""}, "guardianship.guardian_and_day"),
        ({"ward_since": ""}, "guardianship.guardian_and_day"),
        ({"ward_since": "2026-04-02"}, "register.day_in_future"),
        ({"ward_since": "31.3.2026"}, "register.date_form"),
        ({"ward_since": "1990-03-30"}, "guardianship.before_birth"),
    ):
        assert take(ward | wrong, columns) == [code]
    assert take(ward, columns) == ["registered"]
    assert take(particulars(), COLUMNS) == ["already_there"]
    assert take(ward, columns) == ["already_there"]
    assert take(ward | {"guardian": OTHER}, columns) == ["register.record_code_taken"]
    out = b"".join(export_residents(place.box)).decode().splitlines()
    assert tuple(out[0].split(",")) == columns
    assert out[1].endswith(f",{GUARDIAN},2026-03-31")
    one_story(place)


# The signature certificate (R135)


@pytest.mark.parametrize(
    ("days", "stays"), [(-1, False), (0, False), (1, True)]
)  # fmt: skip
def test_the_certificate_in_force(at: At, days: int, stays: bool) -> None:
    """one of before the first day stays in force; one of that day or later was issued
    wrongly; user authentication and the card stay either way"""
    place = at("active")
    issued = next(
        one for one in place.certificates if one.kind is CertificateKind.SIGNATURE
    )
    first = issued.not_before.date() + timedelta(days=days)
    note(place.on("2026-07-01"), happened=first, paper=place.today)
    wanted = CertificateState.ACTIVE if stays else CertificateState.REVOKED
    assert signatures(place) == [wanted]
    assert place.card.state is CardState.ACTIVE
    (other,) = (
        one for one in place.certificates if one.kind is CertificateKind.AUTHENTICATION
    )
    assert other.state is CertificateState.ACTIVE
    one_story(place)


def test_a_first_day_put_right_reaches_back(at: At) -> None:
    place = at("active").on("2026-07-01")
    note(place)
    assert signatures(place) == [CertificateState.ACTIVE]
    note(place, GuardianshipEvent.CORRECTED, happened=D(2026, 4, 2))
    assert signatures(place) == [CertificateState.REVOKED]
    one_story(place)


@pytest.mark.parametrize(
    ("produced", "noted", "given"),
    [
        ("2026-05-31", "2026-06-01", False),
        ("2026-06-01", "2026-06-01", False),
        ("2026-06-01", "", True),
        ("2026-05-31", "after", True),
    ],
)
def test_a_card_made_before_and_after(
    at: At, produced: str, noted: str, given: bool
) -> None:
    """the day before it began it is made with a signature certificate, which ends
    unless it was handed over; on the day itself it is made without one"""
    place = at("applied")
    if noted == produced:
        note(place.on(noted))
    place.on(produced).produce()
    if noted not in (produced, "", "after"):
        note(place.on(noted))
    place.on("2026-06-02")
    if given:
        place.hand_over()
        if noted == "after":
            note(place.on("2026-06-03"))
        assert signatures(place) == [CertificateState.ACTIVE]
    else:
        pins = {kind: pin for kind, pin in SPECIMEN_PINS.items() if kind != "signature"}
        come(place, guardian(), pins=pins)
        assert CertificateState.ACTIVE not in signatures(place)
        kinds = [one.kind for one in place.certificates if one.stopped is None]
        assert kinds == [CertificateKind.AUTHENTICATION]
    one_story(place)


def test_no_new_one(at: At) -> None:
    """neither for one that ended, nor in place of one that ends soon"""
    place = at("active")
    note(place.on("2026-07-01"))
    stop_certificates(
        StopCertificates(
            serial=place.card.serial,
            documents=LICENCE,
            kinds=(CertificateKind.SIGNATURE,),
        ),
        place.box,
    )
    refused(place, partial(place.reissue, CertificateKind.SIGNATURE, represented=GUARDIAN),
            "certificates.ward", "R135")  # fmt: skip
    refused(place, partial(place.reissue, represented=GUARDIAN),
            "certificates.none_lacking", "R165")  # fmt: skip
    note(place, GuardianshipEvent.ENDED)
    place.reissue(CertificateKind.SIGNATURE)
    assert signatures(place)[-1] is CertificateState.ACTIVE
    one_story(place)


# Who acts (R058, R136)


def guardian(
    name: str = WIDE,
    *,
    present: bool = True,
    documents: tuple[str, ...] = ("passport",),
) -> Visitor:
    return Visitor(
        kind=VisitorKind.REPRESENTATIVE,
        name=name,
        documents=documents,
        holder_present=present,
    )


def come(
    place: Place, visitor: Visitor | None, pins: dict[str, Pin] | None = None
) -> object:
    ask = HandOver(
        serial=place.card.serial,
        documents=LICENCE,
        pins=pins or SPECIMEN_PINS,
        visitor=visitor,
    )
    return hand_over(ask, place.box)


@pytest.mark.parametrize(
    ("visitor", "code"),
    [
        (None, ("hand_over.representative_needed", "R058")),
        (guardian(OTHER), ("representative.not_the_guardian", "R058")),
        (guardian(present=False), ("hand_over.holder_must_come", "R056", "R058")),
        (guardian(documents=("student_card",)), ("identity.not_enough", "R054")),
        (guardian(), None),
    ],
)
def test_who_receives_the_card(
    at: At, visitor: Visitor | None, code: tuple[str, ...] | None
) -> None:
    place = at("produced")
    note(place)
    if code is None:
        come(place, visitor)
        assert place.card.state is CardState.ACTIVE
        one_story(place)
    else:
        refused(place, lambda: come(place, visitor), *code)


@pytest.mark.parametrize(("on", "ward"), [("2026-06-30", False), ("2026-07-01", True)])
def test_who_receives_it_as_the_days_go(at: At, on: str, ward: bool) -> None:
    """the day before it is noted the holder alone does, from that day on not"""
    place = at("produced")
    if ward:
        note(place.on("2026-07-01"))
        refused(
            place,
            partial(come, place, None),
            "hand_over.representative_needed",
            "R058",
        )
    else:
        place.on(on)
        refused(
            place,
            partial(come, place, guardian()),
            "hand_over.no_representative",
            "R058",
        )
        come(place, None)


def by_phone(place: Place, **said: object) -> Application:
    if place.application.state is not ApplicationState.OPENED:
        place.open()
    ask = SubmitApplication(
        token=place.token(),
        born=place.resident.born,
        photo=specimen_portrait(),
        photo_taken=place.today,
        **said,  # type: ignore[arg-type]
    )
    return submit_application(ask, place.box)


def by_booth(place: Place, **said: object) -> Application:
    ask = ApplyAtBooth(
        application_id=place.form.application_id,
        born=place.resident.born,
        photo=specimen_portrait(),
        paid=True,
        **said,  # type: ignore[arg-type]
    )
    return apply_at_booth(ask, place.box)


def by_counter(place: Place, **said: object) -> Application:
    ask = ApplyAtCounter(
        resident=place.hero,
        photo=specimen_portrait(),
        photo_taken=place.today,
        **said,  # type: ignore[arg-type]
    )
    return apply_at_counter(ask, place.box)


@pytest.mark.parametrize("channel", [by_phone, by_booth, by_counter])
def test_who_applies(at: At, channel: Callable[..., Application]) -> None:
    place = at("opened")
    note(place)
    for said, code in (
        ({}, "application.representative_needed"),
        (BY_AGENT, "application.representative_needed"),
        (BY_PARENT, "representative.not_the_guardian"),
    ):
        refused(place, partial(channel, place, **said), code, "R058")
    asked = channel(place, **BY_GUARDIAN)
    assert asked.applicant is Applicant.REPRESENTATIVE
    one_story(place)


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({}, (Fault.NO_REPRESENTATIVE,)),
        (BY_PARENT, (Fault.NO_REPRESENTATIVE,)),
        (BY_GUARDIAN, ()),
    ],
)
def test_who_signs_the_paper_form(
    at: At, said: dict[str, object], faults: tuple[Fault, ...]
) -> None:
    place = at("opened")
    note(place)
    scan = scanned(filled_in(form_paper(place.form.application_id, place.box)))
    ask = ReceiveForm(scan=scan, photo_taken=place.today, **said)  # type: ignore[arg-type]
    assert receive_form(ask, place.box).faults == faults


def reset(place: Place, by: Representative | None) -> object:
    ask = ResetPins(
        serial=place.card.serial,
        documents=LICENCE,
        pins={"authentication": Pin("4711")},
        representative=by,
    )
    return reset_pins(ask, place.box)


def renew(place: Place, by: Representative | None) -> object:
    ask = RenewCertificates(
        serial=place.card.serial, pins=SPECIMEN_PINS, representative=by
    )
    return renew_certificates(ask, place.box)


def reissue(place: Place, by: Representative | None) -> object:
    return place.reissue(
        CertificateKind.AUTHENTICATION, represented=by.name if by else ""
    )


def go_without(place: Place, by: Representative | None) -> object:
    ask = GiveUpPins(
        serial=place.card.serial, documents=("my_number_card",), representative=by
    )
    return give_up_pins(ask, place.box)


def pins_again(place: Place, by: Representative | None) -> object:
    four = ("authentication", "juki", "input_support")
    ask = TakeUpPins(
        serial=place.card.serial,
        documents=LICENCE,
        pins={kind: SPECIMEN_PINS[kind] for kind in four},
        representative=by,
    )
    return take_up_pins(ask, place.box)


def acts(name: str, *documents: str) -> Representative:
    return Representative(name=name, documents=documents or LICENCE)


@pytest.mark.parametrize(
    ("does", "on"),
    [
        (reset, "2026-07-01"),
        (renew, "2031-01-10"),
        (reissue, "2026-07-01"),
        (go_without, "2026-07-01"),
        (pins_again, "2026-07-01"),
    ],
)
def test_who_acts_at_the_counter(
    at: At, does: Callable[[Place, Representative | None], object], on: str
) -> None:
    place = at("active").on(on)
    keep_generations(place.box)
    if does is reissue:
        stop_certificates(
            StopCertificates(
                serial=place.card.serial,
                documents=LICENCE,
                kinds=(CertificateKind.AUTHENTICATION,),
            ),
            place.box,
        )
    if does is pins_again:
        go_without(place, None)
    refused(place, partial(does, place, acts(GUARDIAN)), "representative.none", "R136")
    note(place)
    refused(place, partial(does, place, None), "representative.needed", "R136")
    refused(
        place,
        partial(does, place, acts(OTHER)),
        "representative.not_the_guardian",
        "R058",
    )
    does(place, acts(GUARDIAN))
    facts = dict(place.shown().journal[-1].entry.facts)
    assert facts["representative"] == "statutory_representative"
    one_story(place)


def test_renewed_is_the_authentication_certificate_alone(at: At) -> None:
    place = at("active").on("2031-01-10")
    note(place)
    renew(place, acts(GUARDIAN))
    live = [
        (one.kind, one.not_before.date() == place.today)
        for one in place.certificates
        if one.state is CertificateState.ACTIVE
    ]
    assert sorted(live) == [
        (CertificateKind.AUTHENTICATION, True),
        (CertificateKind.SIGNATURE, False),
    ]


def test_a_signature_certificate_alone_is_not_renewed(at: At) -> None:
    place = at("active").on("2031-01-10")
    keep_generations(place.box)
    stop_certificates(
        StopCertificates(
            serial=place.card.serial,
            documents=LICENCE,
            kinds=(CertificateKind.AUTHENTICATION,),
        ),
        place.box,
    )
    note(place)
    refused(place, partial(renew, place, acts(GUARDIAN)), "certificates.ward", "R135")


def test_with_documents_that_suffice(at: At) -> None:
    place = at("active")
    note(place)
    refused(
        place,
        partial(reset, place, acts(GUARDIAN, "student_card")),
        "identity.not_enough",
        "R267",
    )


@pytest.mark.parametrize(("on", "child"), [("2026-05-11", True), ("2026-05-12", False)])
def test_a_childs_pin_is_set_by_the_representative(
    place: Place, on: str, child: bool
) -> None:
    """R136: 14 years and 364 days, and the fifteenth birthday; whoever it is"""
    hero = place.enter(particulars(born="2011-05-12"))
    hero.have_card(produced="2026-04-10", collected="2026-04-20")
    hero.on(on)
    if child:
        refused(hero, partial(reset, hero, None), "representative.needed", "R136")
        reset(hero, acts(OTHER))
    else:
        refused(hero, partial(reset, hero, acts(OTHER)), "representative.none", "R136")
        reset(hero, None)
    one_story(hero)


def test_nothing_at_the_store(at: At) -> None:
    """whoever may not set the own PINs does not either where nobody sees to it"""
    place = at("active")
    note(place.on("2026-07-01"))
    ask = ReserveReset(
        serial=place.card.serial,
        kind="signature",
        other=SPECIMEN_PINS["authentication"],
        same_face=True,
    )
    refused(
        place, lambda: reserve_reset(ask, place.box), "representative.needed", "R136"
    )
