"""What falls due by itself: letters before an expiry, each once and on its day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pypdfium2
import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.outgoing import Carrier
from mynabox.ports import Box, KeysUnavailable
from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.box_duties import JOBS, do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.duties import NoProgress, Ran, StandingClock, run_duties
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import show_card, verify_journal
from mynabox.usecases.status import publish_list
from mynabox.usecases.turn_clock import turn_clock
from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.usecases.places import Failing, PowerCut

CERTIFICATES_END = date(2031, 4, 12)
CARD_ENDS = date(2036, 4, 12)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with box_in(tmp_path_factory.mktemp("duties") / "box", at=NOW) as opened:
        yield opened


def on(moment: datetime, box: Box) -> Box:
    return replace(box, clock=StandingClock(moment))


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), JST)


def letters(box: Box) -> list[str]:
    """What was posted, oldest first, as (day, kind)."""
    deliver(box, limit=1000)
    with box.store.look() as work:
        sent = reversed(list(work.outbox.sent(carrier=Carrier.POST, limit=1000)))
        return [
            f"{one.created:%Y-%m-%d} {one.title}"
            for one in sent
            if one.title == "ending"
        ]


def said(box: Box) -> str:
    """The text of the newest letter, without its spaces."""
    with box.store.look() as work:
        newest = next(iter(work.outbox.sent(carrier=Carrier.POST, limit=1)))
    page = pypdfium2.PdfDocument(box.post.read(newest.id))[0]
    return "".join(str(page.get_textpage().get_text_range()).split())


DAYS = {
    "a minute before the letter about the certificates": (
        at(date(2031, 1, 12), 8, 59),
        [],
    ),
    "at nine o'clock three months before they end": (
        at(date(2031, 1, 12), 9),
        ["2031-01-12 ending"],
    ),
    "on their last day": (at(CERTIFICATES_END, 23, 59), ["2031-01-12 ending"]),
    "a minute before the letter about the card": (
        at(date(2036, 1, 12), 8, 59),
        ["2031-01-12 ending"],
    ),
    "at nine o'clock three months before the card ends": (
        at(date(2036, 1, 12), 9),
        ["2031-01-12 ending", "2036-01-12 ending"],
    ),
    "twenty years later": (
        at(date(2046, 1, 12)),
        ["2031-01-12 ending", "2036-01-12 ending"],
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_letters_of_a_life(home: Home, name: str) -> None:
    """R099: three months before the certificates and before the card end"""
    moment, expected = DAYS[name]
    stage("fresh", home.box)
    assert do_duties(home.box) == ()
    do_duties(on(moment, home.box))
    assert letters(on(moment, home.box)) == expected
    assert do_duties(on(moment, home.box)) == ()
    assert letters(on(moment, home.box)) == expected


def test_ten_years_at_once_and_day_by_day_are_the_same(home: Home) -> None:
    """every duty on its own day, in order"""
    stage("fresh", home.box)
    do_duties(home.box)
    ran = do_duties(on(at(date(2036, 12, 1)), home.box))
    assert ran == (
        Ran(
            job="tell_of_authentication_certificate",
            at=at(date(2031, 1, 12), 9),
            done=1,
        ),
        Ran(job="tell_of_signature_certificate", at=at(date(2031, 1, 12), 9), done=1),
        Ran(job="tell_of_card", at=at(date(2036, 1, 12), 9), done=1),
        Ran(job="card_over", at=at(CARD_ENDS + timedelta(days=1)), done=1),
    )
    assert verify_journal(home.box) == []


@pytest.mark.parametrize("after", range(5))
def test_a_run_that_is_broken_off_goes_on(home: Home, after: int) -> None:
    """what was done before is not done again, and nothing is left out"""
    stage("fresh", home.box)
    do_duties(home.box)
    then = on(at(date(2036, 12, 1)), home.box)
    seen: list[Ran] = []
    first = do_duties(then, tell=seen.append, stop=lambda: len(seen) >= after)
    assert len(first) == min(after, 4)
    second = do_duties(then)
    assert len(first) + len(second) == 4
    assert letters(then) == ["2031-01-12 ending", "2036-01-12 ending"]


def test_a_run_that_dies_after_its_letter_does_not_write_it_again(home: Home) -> None:
    """the note that a duty is done is in the transaction of its letter"""
    stage("fresh", home.box)
    do_duties(home.box)
    then = on(at(date(2031, 1, 12), 9), home.box)
    for job in JOBS:  # the job's work, without the runner's note of how far it came
        job.run(then)
    assert len(letters(then)) == 1
    assert [ran.done for ran in do_duties(then)] == []
    assert len(letters(then)) == 1


def test_four_at_once_do_everything_once(home: Home) -> None:
    """the store takes the note of a duty once"""
    stage("fresh", home.box)
    do_duties(home.box)
    then = on(at(date(2036, 12, 1)), home.box)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: do_duties(then), range(4)))
    assert letters(then) == ["2031-01-12 ending", "2036-01-12 ending"]
    assert verify_journal(home.box) == []


def test_a_clock_turned_back_and_on_again_sends_no_second_letter(home: Home) -> None:
    stage("fresh", home.box)
    for moment in (NOW, at(date(2031, 2, 1)), NOW, at(date(2031, 2, 2))):
        do_duties(on(moment, home.box))
    assert letters(on(at(date(2031, 2, 2)), home.box)) == ["2031-01-12 ending"]


def test_certificates_renewed_in_time_bring_no_letter_about_the_former(
    home: Home,
) -> None:
    """the new ones end with the card, whose letter speaks for them"""
    serial = stage("fresh", home.box).serial
    do_duties(home.box)
    renewal = on(at(date(2031, 1, 12), 8, 30), home.box)
    renew_certificates(RenewCertificates(serial=serial, pins=SPECIMEN_PINS), renewal)
    then = on(at(date(2036, 12, 1)), home.box)
    do_duties(then)
    assert letters(then) == ["2036-01-12 ending"]
    assert "電子証明書の有効期限が近づいています" not in said(then)


def test_a_lost_card_brings_letters_all_the_same(home: Home) -> None:
    """it is only suspended; but its certificates are on hold and have no renewal"""
    card = stage("fresh", home.box)
    do_duties(home.box)
    report_lost(show_card(card.serial, home.box).card.resident, home.box)
    then = on(at(date(2036, 2, 1)), home.box)
    do_duties(then)
    assert letters(then) == ["2036-01-12 ending"]


def test_the_letter_about_certificates_says_what_to_do(home: Home) -> None:
    stage("fresh", home.box)
    do_duties(home.box)
    then = on(at(date(2031, 1, 12), 9), home.box)
    do_duties(then)
    deliver(then)
    text = said(then)
    for part in (
        "電子証明書の有効期限が近づいています",
        "Thecertificatesonyourcardwillexpiresoon",
        "（2031-04-12）",
        "（2031-01-12）",
        "（2036-04-12）",
        "SPECIMEN",
    ):
        assert part in text, text


def test_a_stay_that_ends_is_told_by_a_letter_of_our_own(home: Home) -> None:
    """R121: the genuine system sends none; it comes late rather than not at all"""
    stage("stay-ending-in-20-days", home.box)
    ran = do_duties(home.box)
    assert [one.job for one in ran] == [
        "tell_of_card",
        "tell_of_authentication_certificate",
        "tell_of_signature_certificate",
        "tell_of_stay",
    ]
    assert letters(home.box) == [f"{NOW:%Y-%m-%d} ending"]
    text = said(home.box)
    assert "Thờihạnlưutrúvàthẻcủabạnsắphết" in text
    assert "在留期間の満了日が近づいています" in text
    assert "特例延長" in text
    then = on(NOW + timedelta(days=40), home.box)
    assert [one.job for one in do_duties(then)] == ["card_over"]
    assert letters(then) == [f"{NOW:%Y-%m-%d} ending"]


def test_the_first_turn_of_a_clock_leaves_nothing_out(home: Home) -> None:
    """though no duty was ever looked for before it"""
    stage("fresh", home.box)
    turn_clock(at(date(2036, 12, 1)), home.box, home.clock)
    do_duties(home.box)
    assert letters(home.box) == ["2031-01-12 ending", "2036-01-12 ending"]


def newest_list(box: Box, issuer: str = "signature-01") -> tuple[int, date]:
    with box.store.look() as work:
        found = work.statuses.latest_list(issuer)
    assert found is not None
    return found.number, found.this_update.astimezone(JST).date()


def test_a_list_is_followed_by_the_next_days(home: Home) -> None:
    """at midnight, one for each authority of which there is one; of days that are over
    none is made afterwards"""
    do_duties(home.box)
    publish_list("signature-01", home.box)
    first, day = newest_list(home.box)
    assert day == NOW.date()
    tomorrow = day + timedelta(days=1)
    assert do_duties(on(at(day, 23, 59), home.box)) == ()
    midnight = at(tomorrow)
    assert do_duties(on(midnight, home.box)) == (
        Ran(job="publish_lists", at=midnight, done=1),
    )
    assert newest_list(home.box) == (first + 1, tomorrow)
    assert do_duties(on(at(tomorrow, 12), home.box)) == ()
    later = on(at(date(2027, 3, 1), 15), home.box)
    assert [(ran.job, ran.at) for ran in do_duties(later)] == [
        ("publish_lists", at(date(2027, 3, 1)))
    ]
    assert newest_list(home.box) == (first + 2, date(2027, 3, 1))
    assert do_duties(on(at(date(2099, 1, 1)), home.box)) == ()


class Locked:
    """Keys behind a passphrase that nobody has typed."""

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        raise KeysUnavailable("locked")

    def public_key(self, key: str) -> bytes:
        raise KeysUnavailable("locked")

    def sign(self, key: str, data: bytes) -> bytes:
        raise KeysUnavailable("locked")


def test_keys_that_are_locked_hold_up_no_other_duty(home: Home) -> None:
    """the list is made when somebody asks for it"""
    stage("fresh", home.box)
    do_duties(home.box)
    publish_list("signature-01", home.box)
    then = on(at(date(2031, 1, 12), 9), home.box)
    ran = do_duties(replace(then, signer=Locked()))
    assert [one.job for one in ran] == [
        "publish_lists",
        "tell_of_authentication_certificate",
        "tell_of_signature_certificate",
    ]
    assert [one.done for one in ran] == [0, 1, 1]
    assert newest_list(home.box)[1] == NOW.date()


def test_a_turn_of_the_clock_that_dies_leaves_nothing_out(home: Home) -> None:
    """it is turned once more"""
    stage("fresh", home.box)
    then = at(date(2036, 12, 1))
    dying = replace(home.box, store=Failing(home.box.store))
    with pytest.raises(PowerCut):
        turn_clock(then, dying, home.clock)
    turn_clock(then, home.box, home.clock)
    do_duties(home.box)
    assert letters(home.box) == ["2031-01-12 ending", "2036-01-12 ending"]


def test_a_job_that_never_gets_done_stops_the_run(home: Home) -> None:
    """instead of running for ever"""

    class Idle:
        name = "idle"

        def next(self, work: object, *, since: datetime) -> datetime | None:
            return since

        def run(self, box: Box) -> int:
            return 0

    with pytest.raises(NoProgress, match="idle"):
        run_duties(home.box, (Idle(),))
