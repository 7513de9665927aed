"""Applying without a mailed link, a clerk's review, and what stops each."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from PIL import Image

from mynabox.law.delivery import representative_needed
from mynabox.lifecycle.application import (
    Applicant,
    Application,
    ApplicationState,
    Channel,
    Fault,
    HeadCover,
)
from mynabox.lifecycle.life import Refused
from mynabox.sandbox.specimen import specimen_portrait
from mynabox.usecases.apply_in_person import (
    ApplyAtBooth,
    ApplyAtCounter,
    apply_at_booth,
    apply_at_counter,
)
from mynabox.usecases.deliver import deliver
from mynabox.usecases.judge_number import CopyCard, judge_copy
from mynabox.usecases.print_form import form_paper, form_usable, print_form
from mynabox.usecases.receive_form import ReceiveForm, receive_form
from mynabox.usecases.review_application import (
    accept_application,
    applications_to_review,
    send_back_application,
)
from mynabox.usecases.withdraw_application import (
    withdraw_application,
    withdraw_by_link,
)
from tests.scans import filled_in, scanned
from tests.usecases.places import Place, foreigner, particulars, refused

At = Callable[[str], Place]
PORTRAIT = specimen_portrait()


def booth(place: Place, **changed: object) -> Application:
    values: dict[str, object] = {
        "application_id": place.form.application_id,
        "born": place.resident.born,
        "photo": PORTRAIT,
        "paid": True,
    }
    return apply_at_booth(ApplyAtBooth(**{**values, **changed}), place.box)  # type: ignore[arg-type]


def counter(place: Place, **changed: object) -> Application:
    values: dict[str, object] = {
        "resident": place.hero,
        "photo": PORTRAIT,
        "photo_taken": place.today,
    }
    return apply_at_counter(ApplyAtCounter(**{**values, **changed}), place.box)  # type: ignore[arg-type]


def posted(
    place: Place, page: Image.Image | None = None, **said: object
) -> Application:
    form = form_paper(place.form.application_id, place.box) if page is None else b""
    scan = scanned(page or filled_in(form))
    values: dict[str, object] = {"photo_taken": place.today}
    return receive_form(ReceiveForm(scan=scan, **{**values, **said}), place.box)  # type: ignore[arg-type]


CHANNELS: dict[
    str, tuple[Callable[[Place], Application], Channel, ApplicationState]
] = {
    "booth": (booth, Channel.PHOTO_BOOTH, ApplicationState.RECEIVED),
    "counter": (counter, Channel.COUNTER, ApplicationState.RECEIVED),
    "post": (posted, Channel.POST, ApplicationState.IN_REVIEW),
}
channels = pytest.mark.parametrize(
    ("come", "channel", "state"), CHANNELS.values(), ids=CHANNELS
)


@channels
def test_every_channel_ends_in_one_application(
    at: At,
    come: Callable[[Place], Application],
    channel: Channel,
    state: ApplicationState,
) -> None:
    """R021: also one that was begun over the web; then a second is a duplicate (R030)"""
    place = at("opened")
    asked = come(place)
    assert (asked.channel, asked.state, asked.email) == (channel, state, "")
    assert [one.id for one in place.shown().applications] == [asked.id]
    for another in (booth, counter, posted):
        refused(place, partial(another, place), "application.already_received", "R030")
    with pytest.raises(Refused) as dead:
        place.submit(token="A" * 27)
    assert dead.value.code == "application.link_unknown"


@pytest.mark.parametrize(
    ("changed", "code", "rules"),
    [
        ({"paid": False}, "application.booth_unpaid", ("R024",)),
        ({"born": date(1990, 4, 1)}, "application.birth_date_differs", ("R024",)),
        ({"photo": None}, "application.photo_missing", ("R042", "R047")),
        ({"photo": b""}, "photo.empty", ("R045",)),
        ({"application_id": "1" * 23}, "application.id_check_digit", ("R025",)),
        (
            {"applicant": Applicant.AGENT, "applicant_name": " "},
            "application.applicant_unnamed",
            ("R058",),
        ),
    ],
)
def test_what_a_booth_does_not_send(
    at: At, changed: dict[str, object], code: str, rules: tuple[str, ...]
) -> None:
    place = at("noticed")
    refused(place, lambda: booth(place, **changed), code, *rules)


@pytest.mark.parametrize(
    ("changed", "code", "rules"),
    [
        ({"photo_taken": None}, "photo.taken_unknown", ("R040",)),
        ({"documents": ("student_card",)}, "identity.not_enough", ("R054",)),
        ({"documents": ("passport",)}, "identity.not_enough", ("R054",)),
    ],
)
def test_what_the_counter_does_not_take(
    at: At, changed: dict[str, object], code: str, rules: tuple[str, ...]
) -> None:
    place = at("noticed")
    refused(place, lambda: counter(place, **changed), code, *rules)


def test_somebody_elses_form_at_the_counter(at: At) -> None:
    place = at("noticed")
    other = place.enter(particulars(record_code="11111111116", name="別 人"))
    other.number()
    other.notice()
    theirs = other.form.application_id
    refused(
        place,
        lambda: counter(place, application_id=theirs),
        "application.form_of_another",
        "R025",
    )


@pytest.mark.parametrize(
    ("documents", "applicant", "identified"),
    [
        ((), Applicant.HOLDER, False),
        (("passport", "pin"), Applicant.HOLDER, True),
        (("passport", "insurance_card"), Applicant.HOLDER, True),
        (("notice", "insurance_card", "student_card"), Applicant.HOLDER, True),
        (("passport", "pin"), Applicant.AGENT, False),
    ],
)
def test_who_is_identified_at_the_counter(
    at: At, documents: tuple[str, ...], applicant: Applicant, identified: bool
) -> None:
    """R051, R052: the holder, with documents; an agent never"""
    place = at("noticed")
    name = "" if applicant is Applicant.HOLDER else "箱田 次郎"
    asked = counter(
        place, documents=documents, applicant=applicant, applicant_name=name
    )
    assert asked.identified is identified


def test_without_a_number_and_without_a_form(place: Place) -> None:
    """R029: on the day of registration; the application has an ID of its own"""
    hero = place.enter(particulars())
    asked = counter(hero)
    with hero.box.store.look() as work:
        (form,) = work.forms.of(hero.hero)
    assert asked.application_id == form.application_id
    hero.leave()
    refused(hero, lambda: counter(hero), "application.not_registered", "R029")
    refused(
        hero,
        lambda: print_form(hero.hero, hero.box),
        "application.not_registered",
        "R029",
    )


@pytest.mark.parametrize(
    ("on", "needed"), [("2026-05-11", True), ("2026-05-12", False)]
)
def test_who_is_too_young_to_apply(place: Place, on: str, needed: bool) -> None:
    """R058: until the day before the fifteenth birthday; anybody else's name does not do"""
    hero = place.enter(particulars(born="2011-05-12"))
    hero.number()
    hero.notice()
    hero.on(on)
    assert representative_needed(born=date(2011, 5, 12), on=hero.today).value is needed
    agent = {"applicant": Applicant.AGENT, "applicant_name": "箱田 次郎"}
    for said in ({}, agent):
        if needed:
            refused(
                hero,
                partial(booth, hero, **said),
                "application.representative_needed",
                "R058",
            )
    parent = {"applicant": Applicant.REPRESENTATIVE, "applicant_name": "箱田 親"}
    asked = booth(hero, **(parent if needed else {}))
    assert asked.state is ApplicationState.RECEIVED
    assert asked.applicant_name == ("箱田 親" if needed else "")


@pytest.mark.parametrize(
    ("born", "photo_wanted"), [("2025-05-11", True), ("2025-05-12", False)]
)
def test_infants_need_no_photo(place: Place, born: str, photo_wanted: bool) -> None:
    """R047"""
    hero = place.enter(particulars(born=born))
    hero.on("2026-05-11")
    parent = {"applicant": Applicant.REPRESENTATIVE, "applicant_name": "箱田 親"}
    if photo_wanted:
        refused(
            hero,
            lambda: counter(hero, photo=None, **parent),
            "application.photo_missing",
            "R042",
            "R047",
        )
        return
    asked = counter(hero, photo=None, photo_taken=None, **parent)
    assert (asked.state, asked.photo) == (ApplicationState.RECEIVED, None)


@pytest.mark.parametrize("come", [booth, counter, posted])
@pytest.mark.parametrize(("on", "bears"), [("2027-03-30", False), ("2027-03-31", True)])
def test_no_photo_on_an_infants_card_even_if_one_came(
    place: Place, come: Callable[..., Application], on: str, bears: bool
) -> None:
    """R047: until the day before the first birthday"""
    hero = place.enter(particulars(born="2026-03-31"))
    hero.number()
    hero.notice()
    hero.on(on)
    asked = come(hero, applicant=Applicant.REPRESENTATIVE, applicant_name="箱田 親")
    assert (asked.photo is not None) is bears
    assert (asked.photo_taken is not None) is bears
    assert not asked.faults


# The clerk


def test_a_covered_head_waits_for_a_clerk(at: At) -> None:
    """R044; until then no card is produced of it"""
    place = at("noticed")
    asked = booth(place, head_cover=HeadCover.RELIGIOUS)
    assert (asked.state, asked.concerns) == (
        ApplicationState.IN_REVIEW,
        ("head_cover",),
    )
    with pytest.raises(Refused) as early:
        place.produce(asked.id)
    assert early.value.code == "production.application_not_ready"
    accept_application(asked.id, place.box)
    assert place.produce(asked.id).card.application == asked.id


def test_two_clerks(at: At) -> None:
    """the second who accepts is told; what is produced is not sent back any more"""
    place = at("applied")
    asked = place.application
    assert [one.id for one in applications_to_review(place.box)] == [asked.id]
    accept_application(asked.id, place.box)
    assert applications_to_review(place.box) == ()
    refused(
        place,
        lambda: accept_application(asked.id, place.box),
        "application.reviewed_already",
        "R043",
    )
    refused(
        place,
        lambda: send_back_application(asked.id, (), place.box),
        "application.no_fault_named",
        "R043",
    )
    place.produce()
    refused(
        place,
        lambda: send_back_application(asked.id, (Fault.HAT,), place.box),
        "application.not_possible_now",
        "R020",
        "R023",
    )


def test_the_queue_page_by_page(place: Place) -> None:
    people = []
    for nth, code in enumerate(("31415926530", "11111111116", "22222222221")):
        hero = place.enter(particulars(record_code=code, name=f"箱田 {nth}"))
        people.append(counter(hero).id)
        place.on(place.today.isoformat() + f"T11:0{nth}:00")
    seen: list[str] = []
    while page := applications_to_review(
        place.box, after=seen[-1] if seen else "", limit=2
    ):
        seen += [one.id for one in page]
    assert seen == people
    assert applications_to_review(place.box, municipality="011002") == ()


def test_sent_back_and_mended_by_the_new_link(at: At) -> None:
    place = at("applied")
    asked = place.application
    back = send_back_application(asked.id, (Fault.HAT, Fault.HAT), place.box)
    assert (back.state, back.faults) == (ApplicationState.SENT_BACK, (Fault.HAT,))
    deliver(place.box)
    mail = place.home.mail.texts(back.email)[-1]
    assert "a hat is worn" in mail
    assert "帽子" in mail
    refused(
        place,
        lambda: accept_application(asked.id, place.box),
        "application.not_possible_now",
        "R020",
        "R023",
    )
    again = place.submit(token=mail.split()[-1].rpartition("/")[2])
    assert (again.id, again.state, again.faults) == (
        asked.id,
        ApplicationState.RECEIVED,
        (),
    )


def test_withdrawn(at: At) -> None:
    """by its link or at the counter, until it is produced; then another can begin"""
    place = at("opened")
    token = place.token()
    refused(
        place,
        lambda: withdraw_by_link("A" * 27, place.box),
        "application.link_unknown",
        "R023",
    )
    first = withdraw_by_link(token, place.box)
    refused(
        place,
        lambda: withdraw_by_link(token, place.box),
        "application.not_possible_now",
        "R020",
        "R023",
    )
    second = booth(place)
    assert second.id != first.id
    withdraw_application(second.id, place.box)
    third = counter(place)
    place.produce(third.id)
    refused(
        place,
        lambda: withdraw_application(third.id, place.box),
        "application.not_possible_now",
        "R020",
        "R023",
    )


# By post

FAULTS: list[tuple[str, dict[str, object], dict[str, object], tuple[Fault, ...]]] = [
    ("as it should be", {}, {}, ()),
    ("no signature", {}, {"signed": False}, (Fault.UNSIGNED,)),
    ("no photo", {"glued": False}, {}, (Fault.NO_PHOTO,)),
    (
        "an agent without a name, an old photo",
        {},
        {"applicant": Applicant.AGENT, "photo_taken": date(2025, 11, 9)},
        (Fault.NO_REPRESENTATIVE, Fault.TOO_OLD),
    ),
    ("a photo of the last day", {}, {"photo_taken": date(2025, 11, 10)}, ()),
]


@pytest.mark.parametrize(
    ("pen", "said", "faults"),
    [row[1:] for row in FAULTS],
    ids=[row[0] for row in FAULTS],
)
def test_a_form_by_post(
    at: At, pen: dict[str, object], said: dict[str, object], faults: tuple[Fault, ...]
) -> None:
    """every fault at once, in a letter; a right one goes to a clerk"""
    place = at("noticed").on("2026-05-10")
    form = form_paper(place.form.application_id, place.box)
    asked = posted(place, filled_in(form, **pen), **said)  # type: ignore[arg-type]
    assert asked.faults == faults
    assert asked.state is (
        ApplicationState.SENT_BACK if faults else ApplicationState.IN_REVIEW
    )
    deliver(place.box)
    with place.box.store.look() as work:
        titles = [one.title for one in work.outbox.sent()]
    assert ("application_sent_back" in titles) is bool(faults)


def test_the_boxes_decline_and_the_photo_is_cut_out(at: At) -> None:
    """R031"""
    place = at("noticed")
    form = form_paper(place.form.application_id, place.box)
    asked = posted(place, filled_in(form, ticked=("decline_signature",)))
    assert not asked.signature_certificate
    assert asked.authentication_certificate
    assert asked.photo is not None
    assert len(asked.photo) > 5_000


@pytest.mark.parametrize("come", [booth, counter, posted])
@pytest.mark.parametrize(
    ("wish", "code"),
    [("吉", None), ("\U00020bb7", "application.substitute_not_possible")],
)
def test_a_substitute_on_every_channel(
    place: Place, come: Callable[..., Application], wish: str, code: str | None
) -> None:
    """R031: also written by hand on the paper form"""
    hero = place.enter(particulars(name="\U00020bb7田 太郎"))
    hero.number()
    hero.notice()
    wishes = {"\U00020bb7": wish}
    if code:
        refused(hero, lambda: come(hero, substitutes=wishes), code, "R145")
    else:
        assert come(hero, substitutes=wishes).substitutes == wishes


def test_scans_that_cannot_be_read(at: At) -> None:
    """nothing is written down"""
    place = at("noticed")
    form = form_paper(place.form.application_id, place.box)
    fresh = print_form(place.hero, place.box)
    other = form_paper(fresh.application_id, place.box)
    page = filled_in(form)
    both = Image.new("RGB", (page.width * 2, page.height), "white")
    both.paste(page, (0, 0))
    both.paste(filled_in(other), (page.width, 0))
    for scan, code in (
        (b"%PDF-1.7 nothing", "scan.unreadable"),
        (b"hello", "scan.unreadable"),
        (scanned(Image.new("RGB", (2000, 2000), "white")), "scan.no_code"),
        (scanned(page.crop((0, 0, page.width, 1500))), "scan.no_code"),
        (scanned(both), "scan.several_forms"),
        (scanned(page.resize((1240, 1754))), "scan.too_coarse"),
    ):
        refused(
            place,
            partial(receive_form, ReceiveForm(scan=scan), place.box),
            code,
            "R021",
        )
    tomorrow = place.today + timedelta(days=1)
    refused(
        place,
        lambda: posted(place, page, photo_taken=tomorrow),
        "photo.taken_in_future",
        "R040",
    )


# Forms on both sides of their days


@pytest.mark.parametrize(
    ("on", "usable", "advice"),
    [
        ("2026-12-30", True, ()),
        ("2026-12-31", True, ("form.stay_ends_soon",)),
        ("2027-01-01", True, ("form.stay_ends_soon",)),
        ("2027-01-31T23:59:59", True, ("form.stay_ends_soon",)),
        ("2027-02-01T00:00:00", False, ("form.stay_ended",)),
    ],
)
def test_a_form_by_the_days_of_stay(
    place: Place, on: str, usable: bool, advice: tuple[str, ...]
) -> None:
    """R027, R028; a new form is not printed either once the stay is over"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.number()
    hero.notice()
    form = form_paper(hero.form.application_id, hero.box)
    hero.on(on)
    judged = form_usable(hero.form.application_id, hero.box).value
    assert (judged.allowed, judged.codes) == (usable, advice)
    if usable:
        print_form(hero.hero, hero.box)
        return
    refused(hero, lambda: print_form(hero.hero, hero.box), "form.stay_ended", "R027")
    asked = posted(hero, filled_in(form))
    assert asked.faults == (Fault.STAY_ENDED,)


@pytest.mark.parametrize("state", ["produced", "void"])
def test_a_card_that_is_not_in_use_is_not_copied(at: At, state: str) -> None:
    """R261"""
    place = at("produced" if state == "produced" else "active")
    if state == "void":
        place.leave()
    serial = place.shown().cards[-1].card.serial
    refused(
        place,
        lambda: judge_copy(
            CopyCard(
                serial=serial, side="front", requester="gym", purpose="membership"
            ),
            place.box,
        ),
        "copy.card_not_in_use",
        "R261",
    )
