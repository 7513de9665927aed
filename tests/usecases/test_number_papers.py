"""The papers that tell a number and what they prove; requests and copies, judged."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.notice import NoticeEvent, NoticeKind, NoticeState
from mynabox.usecases.access_log import access_log
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.deliver import deliver
from mynabox.usecases.judge_number import (
    CopyCard,
    judge_copy,
    judge_request,
    prove_number,
)
from mynabox.usecases.note_notice import note_notice
from tests.papers.test_application_form import text_of
from tests.usecases.places import Place, particulars, place_in, refused

At = Callable[[str], Place]


@pytest.fixture
def then(tmp_path: Path) -> Iterator[Place]:
    """A box in the spring of 2020."""
    with place_in(tmp_path / "box", datetime(2020, 5, 24, 10, tzinfo=JST)) as place:
        yield place.enter(particulars(registered="2020-05-01"))


def paper_of(place: Place) -> str:
    deliver(place.box)
    with place.box.store.look() as work:
        letter = next(one for one in work.outbox.sent() if one.title == "notice")
    return text_of(place.box.post.read(letter.id))


@pytest.mark.parametrize(
    ("assigned", "printed", "kind", "proves"),
    [
        ("2020-05-24", "2020-05-24", NoticeKind.NOTIFICATION_CARD, True),
        ("2020-05-24", "2020-06-01", NoticeKind.NOTIFICATION_CARD, True),
        ("2020-05-25", "2020-05-25", NoticeKind.NOTICE, False),
    ],
)
def test_the_paper_of_the_day(
    then: Place, assigned: str, printed: str, kind: NoticeKind, proves: bool
) -> None:
    """R007-R009: by the day of the number, not of the print"""
    then.on(assigned).number()
    assert then.on(printed).notice().kind is kind
    said = paper_of(then)
    assert ("通知カード" in said) is proves
    assert ("箱の内一丁目1番地1" in said) is proves
    assert ("個人番号通知書" in said) is not proves
    judged = prove_number(then.hero, then.box).value
    assert judged.allowed is proves
    assert judged.codes == (() if proves else ("notice.proves_nothing",))


def test_a_notification_card_proves_until_something_changes(then: Place) -> None:
    """R009"""
    then.number()
    then.notice()
    then.on("2020-08-01")
    assert prove_number(then.hero, then.box).value.allowed
    change_particulars(
        ChangeParticulars(resident=then.hero, address="茨城県つくば市箱の内9番"),
        then.box,
    )
    assert prove_number(then.hero, then.box).value.codes == (
        "notice.differs_from_register",
    )


@pytest.mark.parametrize(("on", "again"), [("2020-05-24", True), ("2020-05-25", False)])
def test_a_lost_notification_card(then: Place, on: str, again: bool) -> None:
    """R009: issued again until the day before the notice came in its place"""
    then.number()
    then.notice()
    then.on(on)
    if again:
        assert then.notice().kind is NoticeKind.NOTIFICATION_CARD
        assert len(then.shown().notices) == 2
    else:
        refused(then, then.notice, "notice.never_reissued", "R008")


def test_nothing_is_proved_without_a_paper(at: At) -> None:
    place = at("numbered")
    refused(place, lambda: prove_number(place.hero, place.box), "notice.none", "R004")


@pytest.mark.parametrize(
    ("documents", "enough"),
    [((), False), (("student_card",), False), (("passport",), True)],
)
def test_handed_out_at_the_office(
    at: At, documents: tuple[str, ...], enough: bool
) -> None:
    """R005, R054: nothing leaves the counter without a look at who it is"""
    place = at("noticed")
    note_notice(place.hero, NoticeEvent.SENT_BACK, place.box)

    def hand_out() -> object:
        return note_notice(
            place.hero, NoticeEvent.HANDED_OUT, place.box, documents=documents
        )

    if enough:
        hand_out()
    else:
        refused(place, hand_out, "identity.not_enough", "R054")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-04-12T23:59:59", NoticeState.AT_POST_OFFICE),
        ("2026-04-13T00:00:00", NoticeState.RETURNED),
        ("2036-04-13", NoticeState.RETURNED),
    ],
)
def test_the_post_office_keeps_it_for_seven_days(
    at: At, on: str, state: NoticeState
) -> None:
    """R005: it goes back by itself, dated with that day; what was fetched does not"""
    place = at("noticed")
    do_duties(place.box)
    place.on("2026-04-05")
    other = place.enter(particulars(record_code="11111111116", name="別 人"))
    other.number()
    other.notice()
    for one, event in (
        (place, NoticeEvent.ABSENT),
        (other, NoticeEvent.ABSENT),
        (other, NoticeEvent.COLLECTED),
    ):
        note_notice(one.hero, event, place.box)
    place.on(on)
    do_duties(place.box)
    assert place.form.state is state
    assert other.form.state is NoticeState.RECEIVED
    if state is NoticeState.RETURNED:
        assert place.form.since == date(2026, 4, 13)
    assert do_duties(place.box) == ()


@pytest.mark.parametrize(
    ("requester", "purpose", "code"),
    [
        ("employer", "year-end tax", None),
        ("employer", "membership card", "number.not_for_this"),
        ("gym", "membership card", "number.not_by_this_body"),
    ],
)
def test_a_request_for_the_number(
    at: At, requester: str, purpose: str, code: str | None
) -> None:
    """R011: the answer and that it was asked are written down; nobody saw the number"""
    place = at("numbered")
    looks = len(access_log(place.hero, place.box).looks)
    judged = judge_request(
        place.hero, place.box, requester=requester, purpose=purpose
    ).value
    assert judged.codes == ((code,) if code else ())
    row = place.shown().journal[-1].entry
    assert (row.action, row.facts["answer"]) == ("judge_request", code or "allowed")
    assert len(access_log(place.hero, place.box).looks) == looks


COPIES = [
    # side, purpose, consent, code, whether the log of looks tells it
    ("front", "identity", True, None, False),
    ("front", "identity", False, "copy.needs_consent", False),
    ("back", "identity", True, "copy.back_only_for_number", False),
    ("back", "year-end tax", False, None, True),
]


@pytest.mark.parametrize(("side", "purpose", "consent", "code", "look"), COPIES)
def test_a_copy_of_the_card(
    at: At, side: str, purpose: str, consent: bool, code: str | None, look: bool
) -> None:
    """R260, R261"""
    place = at("active")
    before = len(access_log(place.hero, place.box).looks)
    ask = CopyCard(
        serial=place.card.serial,
        side="front" if side == "front" else "back",
        requester="employer",
        purpose=purpose,
        consent=consent,
    )
    assert judge_copy(ask, place.box).value.codes == ((code,) if code else ())
    looks = access_log(place.hero, place.box).looks
    assert len(looks) - before == int(look)
    if look:
        assert (looks[-1].for_whom, looks[-1].what) == (
            "employer",
            f"back of card {place.card.serial}",
        )
