"""Every use case happens whole, with one row of the journal, or not at all."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from mynabox.lifecycle.journal import NATIONWIDE
from mynabox.lifecycle.notice import NoticeEvent
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.ports import Missing
from mynabox.usecases.deliver import deliver
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.note_notice import note_notice
from mynabox.usecases.open_box import open_box
from mynabox.usecases.show import verify_journal
from mynabox.usecases.status import current_list, publish_list
from mynabox.usecases.turn_clock import follow_clock, turn_clock
from tests.usecases.places import (
    CITY,
    Failing,
    Place,
    PowerCut,
    particulars,
    record_codes,
    rows_in,
)
from tests.usecases.test_import import HEADER, line
from tests.usecases.test_without_pins import give_up, receive, take_up, without

At = Callable[[str], Place]


@dataclass(frozen=True)
class Doing:
    """A use case: at which stage, what is done, and what the journal says of it."""

    stage: str
    do: Callable[[Place], object]
    action: str
    actor: str
    about: tuple[str, ...] = ("res-",)
    chain: str = CITY
    chips: bool = False


def _another(place: Place) -> dict[str, str]:
    return particulars(record_code=next(record_codes()))


DOINGS = {
    "register": Doing(
        "registered",
        lambda p: p.register(_another(p)),
        "register_resident",
        "counter",
    ),
    "import a line": Doing(
        "registered",
        lambda p: list(
            import_residents([HEADER, line(record_code=next(record_codes()))], p.box)
        ),
        "register_resident",
        "counter",
    ),
    "leave": Doing(
        "active",
        lambda p: p.leave(),
        "leave_register",
        "counter",
        ("res-", "", "cert-", "cert-"),
    ),
    "assign": Doing("registered", lambda p: p.number(), "assign_number", "box"),
    "notice": Doing(
        "numbered", lambda p: p.notice(), "issue_notice", "box", ("res-", "ntc-")
    ),
    "note": Doing(
        "noticed",
        lambda p: note_notice(p.hero, NoticeEvent.DELIVERED, p.box),
        "note_notice",
        "post",
        ("res-", "ntc-"),
    ),
    "open": Doing(
        "noticed",
        lambda p: p.open(),
        "open_application",
        "resident",
        ("res-", "app-"),
    ),
    "submit": Doing(
        "opened",
        lambda p: p.submit(),
        "submit_application",
        "resident",
        ("res-", "app-"),
    ),
    "produce": Doing(
        "applied",
        lambda p: p.produce(),
        "produce_card",
        "production",
        ("res-", "app-", "", "cert-", "cert-"),
        chips=True,
    ),
    "hand over": Doing(
        "produced",
        lambda p: p.hand_over(),
        "hand_over",
        "counter",
        ("res-", "", "dlv-"),
        chips=True,
    ),
    "hand over without PINs": Doing(
        "produced",
        receive,
        "hand_over",
        "counter",
        ("res-", "", "dlv-", "cert-"),
        chips=True,
    ),
    "give up PINs": Doing(
        "active", give_up, "give_up_pins", "counter", ("res-", "", "cert-"), chips=True
    ),
    "take up PINs": Doing(
        "without PINs", take_up, "take_up_pins", "counter", ("res-", ""), chips=True
    ),
    "lose": Doing(
        "active",
        lambda p: p.lose(),
        "report_lost",
        "hotline",
        ("res-", "", "cert-", "cert-", "loss-"),
    ),
    "find": Doing(
        "suspended",
        lambda p: p.find(),
        "report_found",
        "counter",
        ("res-", "", "cert-", "cert-", "loss-"),
    ),
    "reissue": Doing(
        "found",
        lambda p: p.reissue(),
        "reissue_certificates",
        "counter",
        ("res-", "", "cert-", "cert-"),
        chips=True,
    ),
    "publish": Doing(
        "active",
        lambda p: publish_list("signature-01", p.box, actor="operator"),
        "publish_list",
        "operator",
        ("signature-01",),
        NATIONWIDE,
    ),
    "publish a part": Doing(
        "active",
        lambda p: publish_list("signature-01", p.box, municipality=CITY),
        "publish_list",
        "box",
        ("signature-01",),
    ),
    "the list of the day": Doing(
        "active",
        lambda p: current_list("authentication-01", p.box),
        "publish_list",
        "box",
        ("authentication-01",),
        NATIONWIDE,
    ),
}


def journal(place: Place) -> list[tuple[object, ...]]:
    return rows_in(place.home.path)["journal"]


def prepared(at: At, doing: Doing) -> Place:
    """At the stage, its mail delivered and read."""
    place = without(at) if doing.stage == "without PINs" else at(doing.stage)
    deliver(place.box)
    return place


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
def test_one_row_for_each(at: At, doing: Doing) -> None:
    """who, what, about whom, in the chain of the municipality"""
    place = prepared(at, doing)
    before = set(journal(place))
    doing.do(place)
    (new,) = set(journal(place)) - before
    chain, sequence, _at, actor, action, *_ = new
    assert (chain, actor, action) == (doing.chain, doing.actor, doing.action)
    rows = rows_in(place.home.path)["journal_subjects"]
    subjects = sorted(
        (int(str(nth)), str(subject))
        for where, row, nth, subject in rows
        if (where, row) == (chain, sequence)
    )
    assert len(subjects) == len(doing.about)
    for (_, subject), wanted in zip(subjects, doing.about, strict=True):
        assert subject.startswith(wanted)
    assert verify_journal(place.box) == []


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
def test_all_of_it_or_nothing(at: At, doing: Doing) -> None:
    """the box dies at the commit: no row of any table, no letter; done again it is
    done once"""
    place = prepared(at, doing)
    token_ready = place.kept()
    with pytest.raises(PowerCut):
        doing.do(place.with_store(Failing(place.box.store)))
    after = place.kept()
    if doing.chips:
        token_ready["cards"] = after["cards"] = None
    assert after == token_ready
    before = set(journal(place))
    doing.do(place)
    assert len(set(journal(place)) - before) == 1


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
def test_dead_after_the_commit(at: At, doing: Doing) -> None:
    """the box dies right behind the commit: it was done, once, and whatever is to go
    out goes out when the box lives again"""
    place = prepared(at, doing)
    before = set(journal(place))
    with suppress(PowerCut):
        doing.do(place.with_store(Failing(place.box.store, 2)))
    assert len(set(journal(place)) - before) == 1
    deliver(place.box)
    with place.box.store.look() as work:
        assert not list(work.outbox.waiting())
    assert verify_journal(place.box) == []


def test_a_clock_turned(at: At) -> None:
    """one row, in the nationwide chain, at the new time"""
    place = at("registered")
    moment = place.box.clock.now() + timedelta(days=100)
    turns: tuple[Callable[[], None], ...] = (
        lambda: turn_clock(moment, place.box, place.home.clock),
        lambda: follow_clock(place.box, place.home.clock),
    )
    for turn in turns:
        before = set(journal(place))
        turn()
        (new,) = set(journal(place)) - before
        assert (new[0], new[3], new[4]) == (NATIONWIDE, "operator", "turn_clock")


def test_a_box_is_opened_once(place: Place) -> None:
    """the authorities are there; opening again changes nothing"""
    before = place.kept()
    assert not open_box(place.box).made
    assert place.kept() == before
    assert [row[4] for row in journal(place)] == ["open_box"]


def test_no_list_of_an_authority_that_is_not_there(at: At) -> None:
    """and nothing written about it"""
    place = at("active")
    before = place.kept()
    for make in (publish_list, current_list):
        with pytest.raises(Missing):
            make("signature-99", place.box)
    assert place.kept() == before


def test_a_list_holds_until_midnight(at: At) -> None:
    """made once a day, whoever asks, and anew from the first second of the next"""
    place = at("active").on("2026-11-20T00:00:00")
    first = current_list("signature-01", place.box)
    assert current_list("signature-01", place.on("2026-11-20T23:59:59").box) == first
    next_day = current_list("signature-01", place.on("2026-11-21T00:00:00").box)
    assert next_day.number == first.number + 1
    place.on("2026-11-20T12:00:00")
    assert publish_list("signature-01", place.box).number == next_day.number + 1


def test_what_goes_out_goes_out_once(at: At) -> None:
    """delivering again finds nothing; the content is forgotten"""
    place = at("numbered")
    place.notice()
    assert deliver(place.box) == 1
    before = place.kept()
    assert deliver(place.box) == 0
    assert place.kept() == before


def test_a_delivery_that_was_not_noted_is_done_again(at: At) -> None:
    """the letter is the same one, not a second"""
    place = at("numbered")
    place.notice()
    with pytest.raises(PowerCut):
        deliver(place.with_store(Failing(place.box.store)).box)
    letters = place.kept()["post"]
    assert deliver(place.box) == 1
    assert place.kept()["post"] == letters


def test_somebody_who_leaves_may_die_abroad(at: At) -> None:
    """two rows for two events"""
    place = at("registered")
    before = len(journal(place))
    place.leave()
    place.leave(ResidentEvent.DIED)
    assert len(journal(place)) == before + 2
