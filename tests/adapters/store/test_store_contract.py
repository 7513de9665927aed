"""What every store does, whichever database is under it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mynabox.adapters.store import NotWriting, SqlStore
from mynabox.law.days import JST
from mynabox.lifecycle.application import (
    Applicant,
    ApplicationEvent,
    Fault,
    HeadCover,
)
from mynabox.lifecycle.authority import Responder, RevocationList
from mynabox.lifecycle.card import CardEvent, CardState
from mynabox.lifecycle.certificate import (
    CertificateEvent,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.notice import NoticeEvent
from mynabox.lifecycle.number import SHARD_SIZE, NumberState
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.resident import ResidenceStatus, ResidentEvent, Sex
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Duplicate, Missing, Store, Work

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)
LATER = NOON + timedelta(hours=1)
YOKOHAMA, SAPPORO = "141003", "011002"


def test_a_store_is_the_store_of_the_ports(store: SqlStore) -> None:
    as_port: Store = store
    with as_port.work() as work:
        as_work: Work = work
        assert list(as_work.journal.heads()) == []


# What is written comes back


def test_a_person_comes_back_as_entered(store: SqlStore, specimens: Any) -> None:
    plain = specimens.resident()
    full = specimens.resident(
        name="髙橋﨑\U00020bb7\U000e0100",  # kanji that normalisation would change
        kana=None,
        roman="NGUYỄN VĂN A",
        alias="見本　太郎",
        sex=Sex.UNKNOWN,
        nationality="VNM",
        residence_status=ResidenceStatus.MID_LONG_TERM,
        stay_until=date(2027, 2, 28),
    )
    with store.work() as work:
        work.residents.add(plain)
        work.residents.add(full)
    with store.look() as work:
        assert work.residents.get(plain.id) == plain
        assert work.residents.get(full.id) == full
        assert work.residents.by_record_code(full.record_code) == full
        assert work.residents.by_record_code("99999999999") is None


def test_everything_of_a_holder_comes_back(store: SqlStore, holder: Any) -> None:
    with store.look() as work:
        assert work.numbers.current(holder.resident.id) == holder.assignment
        assert work.numbers.owner(holder.assignment.number) == holder.assignment
        assert work.notices.of(holder.resident.id) == [holder.notice]
        form = holder.notice.application_id
        assert work.notices.by_application_id(form) == holder.notice
        assert work.applications.get(holder.application.id) == holder.application
        link = holder.application.link_hash
        assert work.applications.by_link(link) == holder.application
        assert work.applications.of(holder.resident.id) == [holder.application]
        assert work.cards.get(holder.card.serial) == holder.card
        assert work.cards.of(holder.resident.id) == [holder.card]
        serial = holder.certificate.serial
        assert work.certificates.find(serial) == holder.certificate
        assert work.certificates.of_card(holder.card.serial) == [holder.certificate]


def test_what_is_saved_comes_back(store: SqlStore, holder: Any) -> None:
    person = replace(
        holder.resident.after(ResidentEvent.LEFT_JAPAN),
        municipality=SAPPORO,
        alias="見本　次郎",
    )
    notice = holder.notice.after(NoticeEvent.POSTED, on=LATER.date())
    application = replace(
        holder.application.after(ApplicationEvent.SUBMITTED),
        received=LATER,
        photo=b"\xff\xd8\x00photo",
        photo_taken=date(2026, 11, 1),
        signature_certificate=False,
        substitutes={"𠮷": "吉"},
        applicant=Applicant.REPRESENTATIVE,
        applicant_name="箱田 親",
        identified=True,
        head_cover=HeadCover.MEDICAL,
        concerns=("head_cover", "unclear"),
        reviewed=LATER,
        faults=(Fault.HAT, Fault.UNSIGNED),
    )
    card = holder.card.after(CardEvent.HANDED_OVER, at=LATER)
    certificate = holder.certificate.after(
        CertificateEvent.HANDED_OVER, at=LATER
    ).after(CertificateEvent.HELD, at=LATER)
    with store.work() as work:
        work.residents.save(person)
        work.notices.save(notice)
        work.applications.save(application)
        work.cards.save(card)
        work.certificates.save(certificate)
    with store.look() as work:
        assert work.residents.get(person.id) == person
        assert work.notices.of(person.id) == [notice]
        assert work.applications.get(application.id) == application
        assert work.cards.get(card.serial) == card
        assert work.certificates.find(certificate.serial) == certificate


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (NOON, "2026-11-20T12:00:00+09:00"),
        (
            datetime(2026, 11, 20, 1, 2, 3, 456789, UTC),
            "2026-11-20T10:02:03.456789+09:00",
        ),
        (datetime(2026, 12, 31, 20, tzinfo=UTC), "2027-01-01T05:00:00+09:00"),
        (datetime(950, 1, 1, tzinfo=JST), "0950-01-01T00:00:00+09:00"),
    ],
)
def test_moments_come_back_in_japans_zone(
    store: SqlStore, holder: Any, given: datetime, seen: str
) -> None:
    with store.work() as work:
        work.cards.save(replace(holder.card, since=given))
        since = work.cards.get(holder.card.serial).since
    assert since == given
    assert since.isoformat() == seen


def test_a_moment_without_a_zone_is_refused(store: SqlStore, holder: Any) -> None:
    naive = NOON.replace(tzinfo=None)
    with store.work() as work, pytest.raises(Exception, match="needs a zone"):
        work.cards.save(replace(holder.card, since=naive))


# What is not there


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda work, _: work.residents.get("res-none"), "resident"),
        (lambda work, _: work.applications.get("app-none"), "application"),
        (lambda work, _: work.cards.get("0000"), "card"),
        (lambda work, it: work.residents.save(it.resident()), "resident"),
        (lambda work, it: work.numbers.save(it.assignment(it.resident())), "number"),
        (lambda work, it: work.notices.save(it.notice(it.resident())), "notice"),
        (
            lambda work, it: work.applications.save(it.application(it.resident())),
            "application",
        ),
        (
            lambda work, it: work.cards.save(it.card(it.application(it.resident()))),
            "card",
        ),
        (lambda work, it: work.numbers.add(it.assignment(it.resident())), "resident"),
        (lambda work, it: work.notices.add(it.notice(it.resident())), "resident"),
        (
            lambda work, it: work.applications.add(it.application(it.resident())),
            "resident",
        ),
        (lambda work, _: work.outbox.delivered("out-none", at=NOON), "outgoing"),
    ],
)
def test_a_thing_that_is_not_there_is_missing(
    store: SqlStore, specimens: Any, ask: Callable[[Work, Any], object], what: str
) -> None:
    with store.work() as work, pytest.raises(Missing) as missing:
        ask(work, specimens)
    assert missing.value.what == what


def test_a_row_that_points_at_nothing_says_at_what(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    card = replace(specimens.card(holder.application), application="app-none")
    certificate = replace(specimens.certificate(holder.card), issuer="signature-99")
    orphan = replace(specimens.certificate(holder.card), card="9" * 16)
    with store.work() as work:
        with pytest.raises(Missing, match="no application app-none"):
            work.cards.add(replace(card, state=CardState.VOID))
        with pytest.raises(Missing, match="no authority signature-99"):
            work.certificates.add(
                replace(certificate, kind=CertificateKind.AUTHENTICATION)
            )
        with pytest.raises(Missing, match="no card 9999"):
            work.certificates.add(orphan)


def test_questions_without_an_answer(store: SqlStore) -> None:
    with store.look() as work:
        assert work.numbers.current("res-none") is None
        assert work.numbers.owner(IndividualNumber("123456789018")) is None
        assert work.notices.by_application_id("0") is None
        assert work.applications.by_link("0") is None
        assert work.certificates.find(1) is None
        assert work.certificates.find(2**159) is None
        assert work.statuses.latest_list("signature-01") is None
        assert list(work.journal.chain(YOKOHAMA)) == []
        assert list(work.journal.municipalities()) == []


# What exists already


@pytest.mark.parametrize(
    ("again", "what"),
    [
        (lambda w, it, h: w.residents.add(h.resident), "resident"),
        (
            lambda w, it, h: w.residents.add(
                it.resident(record_code=h.resident.record_code)
            ),
            "record code",
        ),
        (
            lambda w, it, h: w.numbers.add(
                replace(h.assignment, state=NumberState.RETIRED)
            ),
            "number",
        ),
        (lambda w, it, h: w.numbers.add(it.assignment(h.resident)), "current number"),
        (
            lambda w, it, h: w.notices.add(
                it.notice(h.resident, application_id=h.notice.application_id)
            ),
            "application ID",
        ),
        (
            lambda w, it, h: w.notices.add(it.notice(h.resident, id=h.notice.id)),
            "notice",
        ),
        (
            lambda w, it, h: w.applications.add(
                it.application(h.resident, id=h.application.id)
            ),
            "application",
        ),
        (
            lambda w, it, h: w.applications.add(
                it.application(h.resident, link_hash=h.application.link_hash)
            ),
            "link",
        ),
        (lambda w, it, h: w.cards.add(it.card(h.application)), "produced card"),
        (
            lambda w, it, h: w.cards.add(
                it.card(h.application, CardState.VOID, serial=h.card.serial)
            ),
            "card",
        ),
        (
            lambda w, it, h: w.certificates.add(it.certificate(h.card)),
            "certificate of the card",
        ),
        (
            lambda w, it, h: w.certificates.add(
                it.certificate(
                    h.card,
                    serial=h.certificate.serial,
                    kind=CertificateKind.AUTHENTICATION,
                )
            ),
            "certificate",
        ),
        (
            lambda w, it, h: w.statuses.add_authority(it.authority(generation=2)),
            "authority",
        ),
        (
            lambda w, it, h: w.statuses.add_authority(it.authority("signature-02")),
            "generation",
        ),
    ],
)
def test_a_unique_thing_is_a_duplicate_the_second_time(
    store: SqlStore,
    holder: Any,
    specimens: Any,
    again: Callable[[Work, Any, Any], None],
    what: str,
) -> None:
    with store.work() as work:
        with pytest.raises(Duplicate) as duplicate:
            again(work, specimens, holder)
        # The transaction goes on as if nothing had been tried.
        work.residents.add(extra := specimens.resident())
    assert duplicate.value.what == what
    assert duplicate.value.__cause__ is None
    with store.look() as work:
        assert work.residents.get(extra.id) == extra
        assert work.cards.of(holder.resident.id) == [holder.card]


@pytest.mark.parametrize("first", [CardState.ACTIVE, CardState.SUSPENDED])
@pytest.mark.parametrize("second", [CardState.ACTIVE, CardState.SUSPENDED])
def test_a_person_has_one_card_in_use(
    store: SqlStore, holder: Any, specimens: Any, first: CardState, second: CardState
) -> None:
    new = specimens.card(holder.application)
    with store.work() as work:
        work.cards.save(replace(holder.card, state=first))
        work.cards.add(new)  # a produced one beside it is right: it waits
        with pytest.raises(Duplicate) as by_save:
            work.cards.save(replace(new, state=second))
        with pytest.raises(Duplicate) as by_add:
            work.cards.add(specimens.card(holder.application, second))
        work.cards.save(replace(holder.card, state=CardState.VOID))
        work.cards.save(replace(new, state=second))
    assert by_save.value.what == by_add.value.what == "card in use"


def test_a_new_certificate_waits_for_the_old_one_to_end(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    renewed = specimens.certificate(holder.card)
    old = holder.certificate.after(CertificateEvent.RENEWED, at=LATER)
    with store.work() as work:
        with pytest.raises(Duplicate):
            work.certificates.add(renewed)
        work.certificates.save(old)
        work.certificates.add(renewed)
        assert work.certificates.of_card(holder.card.serial) == [old, renewed]


def test_a_changed_number_leaves_the_old_one_known(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    old = replace(holder.assignment, state=NumberState.RETIRED)
    new = specimens.assignment(holder.resident)
    with store.work() as work:
        work.numbers.save(old)
        assert work.numbers.current(holder.resident.id) is None
        work.numbers.add(new)
    with store.look() as work:
        assert work.numbers.current(holder.resident.id) == new
        assert work.numbers.owner(old.number) == old


# Counters


def test_every_municipality_draws_from_a_shard_of_its_own(store: SqlStore) -> None:
    drawn = []
    with store.work() as work:
        for municipality in (YOKOHAMA, SAPPORO, YOKOHAMA, YOKOHAMA, SAPPORO):
            drawn.append(work.numbers.reserve(municipality))
    with store.work() as work:
        drawn.append(work.numbers.reserve(YOKOHAMA))
    assert drawn == [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (0, 3)]


def test_a_used_up_shard_is_followed_by_another(
    store: SqlStore, raw: Callable[..., object]
) -> None:
    with store.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, 0)
        assert work.numbers.reserve(SAPPORO) == (1, 0)
    raw(f"UPDATE shards SET next_counter = {SHARD_SIZE - 1} WHERE shard = 0")
    with store.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, SHARD_SIZE - 1)
        assert work.numbers.reserve(YOKOHAMA) == (2, 0)
        assert work.numbers.reserve(YOKOHAMA) == (2, 1)


def test_a_counter_is_given_back_by_a_transaction_that_fails(store: SqlStore) -> None:
    with pytest.raises(LookupError), store.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, 0)
        assert work.certificates.next_serial() == 1
        raise LookupError
    with store.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, 0)
        assert [work.certificates.next_serial() for _ in range(3)] == [1, 2, 3]
    with store.work() as work:
        assert work.certificates.next_serial() == 4


# Pages and orders


def test_people_and_cards_are_listed_in_pages(
    store: SqlStore, specimens: Any, another_holder: Callable[[], Any]
) -> None:
    holders = [another_holder() for _ in range(5)]
    with store.work() as work:
        moved = replace(holders[2].resident, municipality=SAPPORO)
        work.residents.save(moved)
    with store.look() as work:
        ids = [holder.resident.id for holder in holders]
        first = list(work.residents.list(limit=2))
        rest = list(work.residents.list(after=first[-1].id))
        assert [person.id for person in first + rest] == sorted(ids)
        assert list(work.residents.list(municipality=SAPPORO)) == [moved]
        assert len(list(work.residents.list(municipality=YOKOHAMA))) == 4
        serials = sorted(holder.card.serial for holder in holders)
        page = [card.serial for card in work.cards.list(limit=3)]
        page += [card.serial for card in work.cards.list(after=page[-1])]
        assert page == serials


def test_things_keep_the_order_of_their_coming_when_the_clock_is_turned_back(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    past = NOON - timedelta(days=4000)
    second = specimens.application(holder.resident, id="app-000", opened=past)
    card = specimens.card(second, CardState.ACTIVE, serial="0", issued=past.date())
    notice = specimens.notice(holder.resident, id="not-000", issued=past.date())
    sent = [specimens.outgoing(id=f"out-{name}") for name in "cab"]
    with store.work() as work:
        work.applications.add(second)
        work.cards.add(card)
        work.notices.add(notice)
        for each, at in zip(sent, (NOON, past, LATER), strict=True):
            work.outbox.add(replace(each, created=at))
        work.statuses.add_authority(specimens.authority("authentication-01"))
        assert work.applications.of(holder.resident.id) == [holder.application, second]
        assert work.cards.of(holder.resident.id) == [holder.card, card]
        assert work.notices.of(holder.resident.id) == [holder.notice, notice]
        assert [each.id for each in work.outbox.waiting()] == [
            "out-c",
            "out-a",
            "out-b",
        ]
        assert [each.name for each in work.statuses.authorities()] == [
            "signature-01",
            "authentication-01",
        ]


def test_an_application_without_a_link_is_not_found_by_the_empty_link(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    with store.work() as work:
        work.applications.add(specimens.application(holder.resident, link_hash=""))
        work.applications.add(specimens.application(holder.resident, link_hash=""))
        assert work.applications.by_link("") is None


# The CAs


def test_stopped_certificates_are_told_by_serial(
    store: SqlStore, specimens: Any, another_holder: Callable[[], Any]
) -> None:
    holders = [another_holder() for _ in range(4)]
    held = (
        holders[3]
        .certificate.after(CertificateEvent.HANDED_OVER, at=NOON)
        .after(CertificateEvent.HELD, at=LATER)
    )
    revoked = holders[1].certificate.after(CertificateEvent.KEY_COMPROMISED, at=LATER)
    other = specimens.certificate(
        holders[0].card,
        CertificateState.REVOKED,
        kind=CertificateKind.AUTHENTICATION,
        issuer="authentication-01",
        municipality=SAPPORO,
    )
    elsewhere = specimens.certificate(
        holders[2].card, CertificateState.REVOKED, serial=2**62, municipality=SAPPORO
    )
    with store.work() as work:
        work.statuses.add_authority(specimens.authority("authentication-01"))
        work.certificates.save(held)
        work.certificates.save(revoked)
        work.certificates.add(other)
        work.certificates.add(elsewhere)
    with store.look() as work:
        told = work.statuses.stopped
        assert list(told("signature-01")) == [revoked, held, elsewhere]
        assert list(told("signature-01", municipality=SAPPORO)) == [elsewhere]
        assert list(told("authentication-01")) == [other]
        assert list(told("signature-99")) == []


def test_lists_and_responders(store: SqlStore, specimens: Any) -> None:
    def crl(number: int, municipality: str | None = None) -> RevocationList:
        return RevocationList(
            issuer="signature-01",
            municipality=municipality,
            number=number,
            this_update=NOON,
            next_update=LATER,
            der=b"crl",
        )

    def responder(key: str, issuer: str = "signature-01") -> Responder:
        return Responder(
            issuer=issuer, key=key, der=b"der", not_before=NOON, not_after=LATER
        )

    with store.work() as work:
        work.statuses.add_authority(specimens.authority())
        for each in (crl(2), crl(1), crl(1, YOKOHAMA), crl(9, SAPPORO)):
            work.statuses.add_list(each)
        for again in (crl(2), crl(9, SAPPORO)):
            with pytest.raises(Duplicate, match="revocation list"):
                work.statuses.add_list(again)
        work.statuses.add_responder(responder("z"))
        work.statuses.add_responder(responder("a"))
        with pytest.raises(Missing, match="no authority signature-99"):
            work.statuses.add_responder(responder("a", "signature-99"))
    with store.look() as work:
        assert work.statuses.latest_list("signature-01") == crl(2)
        of_yokohama = work.statuses.latest_list("signature-01", municipality=YOKOHAMA)
        assert of_yokohama == crl(1, YOKOHAMA)
        assert work.statuses.responders("signature-01") == [
            responder("z"),
            responder("a"),
        ]
        assert work.statuses.responders("authentication-01") == []


# The outbox


def test_a_delivered_thing_is_remembered_without_its_content(
    store: SqlStore, specimens: Any
) -> None:
    letter = specimens.outgoing()
    mail = specimens.outgoing(carrier=Carrier.MAIL, to="hanako@example.jp")
    chip = specimens.outgoing(carrier=Carrier.CHIP)
    with store.work() as work:
        for each in (letter, mail, chip):
            work.outbox.add(each)
        with pytest.raises(Duplicate, match="outgoing"):
            work.outbox.add(letter)
        assert work.outbox.waiting(limit=2) == [letter, mail]
    with store.work() as work:
        work.outbox.delivered(letter.id, at=NOON)
        work.outbox.delivered(mail.id, at=LATER)
        work.outbox.delivered(letter.id, at=LATER)  # the first delivery counts
    gone = replace(letter, content=b"", delivered=NOON)
    with store.look() as work:
        assert work.outbox.waiting() == [chip]
        assert work.outbox.sent() == [replace(mail, content=b"", delivered=LATER), gone]
        assert work.outbox.sent(carrier=Carrier.POST) == [gone]
        assert len(list(work.outbox.sent(limit=1))) == 1


# Transactions


def test_what_raises_leaves_nothing(store: SqlStore, specimens: Any) -> None:
    person = specimens.resident()
    with pytest.raises(LookupError), store.work() as work:
        work.residents.add(person)
        work.journal.write(specimens.entry(person.id))
        assert work.residents.get(person.id) == person
        raise LookupError
    with store.look() as work, pytest.raises(Missing):
        work.residents.get(person.id)
    with store.look() as work:
        assert list(work.journal.heads()) == []


def test_a_look_sees_one_moment(store: SqlStore, specimens: Any) -> None:
    first, second = specimens.resident(), specimens.resident()
    with store.work() as work:
        work.residents.add(first)
    with store.look() as look:
        assert len(list(look.residents.list())) == 1
        with store.work() as work:
            work.residents.add(second)
        assert len(list(look.residents.list())) == 1
    with store.look() as look:
        assert len(list(look.residents.list())) == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda work, it: work.residents.add(it.resident()),
        lambda work, it: work.residents.save(it.resident()),
        lambda work, it: work.numbers.reserve(YOKOHAMA),
        lambda work, it: work.certificates.next_serial(),
        lambda work, it: work.journal.write(it.entry("res-1")),
        lambda work, it: work.outbox.delivered("out-1", at=NOON),
    ],
)
def test_a_look_does_not_write(
    store: SqlStore, specimens: Any, write: Callable[[Work, Any], object]
) -> None:
    with store.look() as work, pytest.raises(NotWriting):
        write(work, specimens)


def test_work_inside_work_is_refused_at_once(store: SqlStore) -> None:
    with store.work(), pytest.raises(RuntimeError, match="inside"), store.work():
        pytest.fail("two transactions at a time")
    with store.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, 0)
