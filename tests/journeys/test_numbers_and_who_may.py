"""Numbers told, asked for, seen, leaked and changed, by people with roles and the typed
client, in a file and in PostgreSQL; the paper of a number before and after 2020-05-25."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

import pytest

from mynabox.client import Client
from mynabox.client.models import PinsAsk, RequestAsk
from mynabox.law.days import JST
from mynabox.lifecycle.certificate import StopReason
from mynabox.lifecycle.journal import Entry, row_hash
from mynabox.lifecycle.staff import Role
from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.usecases.prove_resident import sign_with_card, told
from mynabox.usecases.staff_accounts import add_staff, give_token
from mynabox.wiring import Home
from mynabox.wiring.rotation import rotate_number_keys
from tests.boxes import NOW
from tests.journeys.homes import reasons
from tests.site import NEWCOMER, client_of, program_of, says

CITY, ELSEWHERE = NEWCOMER["municipality"], "011002"
PINS = cast(PinsAsk, {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()})
LEAK: RequestAsk = {
    "ground": "leaked_and_likely_misused",
    "reason": "a list was left on a train",
}
TAX = {"requester": "employer", "purpose": "year_end_tax"}
SHOP = {"requester": "video_shop", "purpose": "membership card"}
DESK = {"requester": "municipality", "purpose": "correction"}


class Office:
    """A box that asks everybody who they are, and a program of each who works there."""

    def __init__(self, home: Home) -> None:
        site = replace(home.box.site, authority="required")
        self.home = replace(home, box=replace(home.box, site=site))
        self.of: dict[str, Client] = {}
        for name, roles, place in (
            ("clerk", [Role.CLERK], CITY),
            ("supervisor", [Role.SUPERVISOR], CITY),
            ("deputy", [Role.SUPERVISOR], CITY),
            ("production", [Role.PRODUCTION], CITY),
            ("auditor", [Role.AUDITOR], CITY),
            ("stranger", list(Role), ELSEWHERE),
        ):
            add_staff(name, roles, home.box, municipality=place)
            token = give_token(name, "", home.box).secret
            self.of[name] = program_of(self.home, token=token)

    def __getattr__(self, name: str) -> Client:
        return self.of[name]

    def holder(self, serial: str) -> Client:
        """The holder's program, opened with the card in the box's reader."""
        if serial not in self.home.box.cards.tray():
            self.home.box.cards.insert(serial)
        pin = SPECIMEN_PINS["authentication"]
        proof = sign_with_card(serial, pin, self.home.box)
        opened = program_of(self.home).open_resident_session(
            challenge=told(proof.challenge),
            certificate=told(proof.certificate),
            signature=told(proof.signature),
        )
        return program_of(self.home, token=opened["token"])


@pytest.fixture
def office(home: Home) -> Office:
    return Office(home)


def looks(log: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Who, for whom, for what; and that each row is what its hash says."""
    for look in log["looks"]:
        row = look["row"]
        entry = Entry(
            municipality=row["municipality"],
            at=datetime.fromisoformat(row["at"]),
            actor=row["actor"],
            action=row["action"],
            subjects=tuple(row["subjects"]),
            facts=row["facts"],
        )
        chained = row_hash(
            entry,
            sequence=row["sequence"],
            previous=row["previous"],
            nth=row["nth"],
        )
        assert chained == row["hash"]
    return [(one["who"], one["for_whom"], one["purpose"]) for one in log["looks"]]


@pytest.mark.parametrize(
    ("assigned", "kind", "proves", "again"),
    [
        ("2020-05-24", "notification_card", True, True),
        ("2020-05-25", "notice", False, False),
    ],
)
def test_the_paper_of_the_day(
    home: Home, assigned: str, kind: str, proves: bool, again: bool
) -> None:
    """R007-R009: by the day of the number; a notification card proves it while nothing
    on it has changed, and was issued again until the day before the cut alone"""
    box = program_of(home)
    first = datetime.fromisoformat(f"{assigned}T10:00:00").replace(tzinfo=JST)
    home.clock.set(first)
    newcomer = {**NEWCOMER, "registered": "2020-05-01"}
    person = box.register_resident(**newcomer)["resident"]["id"]
    box.assign_number(person)
    assert box.issue_notice(person)["kind"] == kind
    for event in ("absent", "redelivery_asked", "absent", "collected"):
        box.note_notice(person, event=event)
    if again:
        assert box.issue_notice(person)["kind"] == kind
        home.clock.set(datetime(2020, 5, 25, tzinfo=JST))
    with says("notice.never_reissued"):
        box.issue_notice(person)
    assert box.prove_number(person)["allowed"] is proves
    box.change_particulars(person, address="茨城県つくば市天王台一丁目1番地1")
    judged = box.prove_number(person)
    assert (judged["allowed"], judged["reasons"]) == (
        False,
        ["notice.differs_from_register" if proves else "notice.proves_nothing"],
    )


def test_asked_for_copied_and_read_by_its_owner(home: Home, office: Office) -> None:
    """R011, R260, R261: by purpose, written down whatever the answer is; the owner
    reads who saw the number, and can check every row"""
    serial = stage("fresh", home.box).serial
    person = office.clerk.get_card(serial).value["resident"]
    before = looks(office.auditor.get_access_log(person))
    asked: list[tuple[dict[str, str], bool]] = [(TAX, True), (SHOP, False)]
    for ask, allowed in asked:
        answer = office.clerk.judge_number_request(person, **ask)
        assert answer["allowed"] is allowed
    copies: list[tuple[Literal["front", "back"], str, bool, bool]] = [
        ("front", "identity", True, True),
        ("front", "identity", False, False),
        ("back", "identity", True, False),
        ("back", "year_end_tax", False, True),
    ]
    for side, purpose, consent, allowed in copies:
        copied = office.clerk.judge_copy(
            serial,
            side=side,
            requester="employer",
            purpose=purpose,
            consent=consent,
        )
        assert copied["allowed"] is allowed, (side, purpose, consent)
    number = office.clerk.disclose_number(person, **TAX)["number"]
    with says("number.no_statutory_purpose"):
        office.clerk.disclose_number(person, **SHOP)
    found = office.clerk.find_by_number(number=number, **DESK)
    assert [one["id"] for one in found["residents"]] == [person]
    with says("number.no_statutory_purpose"):
        office.clerk.find_by_number(number=number, **SHOP)
    assert office.stranger.find_by_number(number=number, **DESK)["residents"] == []
    with says("authority.other_municipality", 403):
        office.stranger.disclose_number(person, **TAX)
    with says("authority.not_your_task", 403):
        office.production.disclose_number(person, **TAX)
    with says("authority.sign_in_first", 401):
        program_of(office.home).disclose_number(person, **TAX)
    log = office.holder(serial).get_access_log(person)
    assert looks(log)[len(before) :] == [
        ("staff:clerk", "employer", "year_end_tax"),
        ("staff:clerk", "employer", "year_end_tax"),
        ("staff:clerk", "municipality", "correction"),
    ]
    assert number not in str(log)
    rows = [row["action"] for row in office.auditor.list_journal(person)]
    assert rows.count("judge_request") == 2
    assert rows.count("judge_copy") == 3
    assert office.auditor.verify_journal()["sound"]
    other = office.clerk.register_resident(
        **{**NEWCOMER, "record_code": "20000000010"}
    )["resident"]["id"]
    with says("authority.not_yours", 403):
        office.holder(serial).get_access_log(other)


def test_it_leaked_and_two_agree(home: Home, office: Office) -> None:
    """R003, R152: with documents, by two, with everything that hangs on the number; a
    new card bears the new one; then its certificates are revoked by two; then the keys
    under which numbers lie are others"""
    serial = stage("fresh", home.box).serial
    clerk, person = office.clerk, office.clerk.get_card(serial).value["resident"]
    old = clerk.disclose_number(person, **TAX)["number"]
    with says("number.not_on_wish"):
        clerk.request_number_change(person, ground="prefer_other", reason="unlucky")
    with says("identity.not_enough"):
        clerk.request_number_change(person, **LEAK)
    with says("approval.reason"):
        clerk.request_number_change(
            person, ground=LEAK["ground"], reason=" ", documents=["passport"]
        )
    asked = clerk.request_number_change(person, **LEAK, documents=["passport"])
    with says("approval.waiting_already"):
        office.supervisor.request_number_change(person, **LEAK, ex_officio=True)
    with says("authority.not_your_task", 403):
        clerk.approve_request(asked["id"])
    with says("authority.other_municipality", 403):
        office.stranger.approve_request(asked["id"])
    seen = office.supervisor.get_approval(asked["id"])
    done = office.supervisor.approve_request(asked["id"], if_match=seen.etag)
    assert done["cards"] == [serial]
    assert clerk.get_card(serial).value["state"] == "void"
    assert reasons(serial, home.box) == [StopReason.AFFILIATION_CHANGED] * 2
    assert [one["state"] for one in clerk.list_notices(person)][-1] == "posted"
    with says("approval.not_possible_now"):
        office.deputy.approve_request(asked["id"])
    new = clerk.disclose_number(person, **TAX)["number"]
    assert new != old
    for number in (old, new):  # R002: for ever its owner's
        (owner,) = clerk.find_by_number(number=number, **DESK)["residents"]
        assert owner["id"] == person
    with says("card.number_of_before"):
        clerk.get_card_back(serial, **TAX)

    form = list(clerk.list_notices(person))[-1]["application_id"]
    applied = clerk.apply_at_counter(
        person,
        application_id=form,
        photo=specimen_portrait(),
        photo_taken=NOW.date().isoformat(),
    )
    again = office.production.produce_card(application=applied["id"])["card"]["serial"]
    clerk.hand_over_card(again, documents=["passport"], pins=PINS)
    assert clerk.get_card_back(again, **TAX).startswith(b"\x89PNG")

    revoke = {"ground": "key_unsafe", "reason": "seen by others"}
    with says("revocation.no_ground"):
        clerk.request_revocation(again, ground="I want to", reason="x")
    own = office.supervisor.request_revocation(again, **revoke)
    with says("authority.four_eyes", 403):
        office.supervisor.approve_request(own["id"])
    assert office.deputy.decline_request(own["id"])["state"] == "declined"
    late = clerk.request_revocation(again, **revoke)
    home.clock.set(NOW + timedelta(days=15))
    with says("approval.expired"):
        office.deputy.approve_request(late["id"])
    wanted = clerk.request_revocation(again, **revoke)
    assert len(office.deputy.approve_request(wanted["id"])["certificates"]) == 2
    assert reasons(again, home.box) == [StopReason.KEY_COMPROMISE] * 2
    assert clerk.get_card(again).value["state"] == "active"

    rotate_number_keys(office.home, lambda done, of: None)
    assert clerk.disclose_number(person, **TAX)["number"] == new
    assert clerk.find_by_number(number=old, **DESK)["residents"]
    assert office.auditor.verify_journal()["sound"]


def test_nobody_is_let_in_unnamed(office: Office) -> None:
    """whatever opens the page of staff: neither a wrong token nor none"""
    for token in ("", "Bearer", "Bearer x", "Basic eDp5"):
        headers = {"authorization": token} if token else {}
        with client_of(office.home, **headers) as client:
            answer = client.get("/api/v1/residents/export")
        assert answer.status_code == 401, token
        assert answer.json()["next"]
    with says("authority.not_your_task", 403):
        office.clerk.export_residents()
    assert office.supervisor.export_residents().startswith(b"record_code,")
    assert office.stranger.export_residents().count(b"\n") == 1


def test_two_clerks_and_an_answer_that_was_lost(office: Office) -> None:
    """signed in with a password; the later of two who read the same is told, what is
    asked again is done once, pages leave nobody out, and everything is heard of"""
    words = "correct horse battery"
    add_staff(
        "hanako", [Role.CLERK], office.home.box, municipality=CITY, password=words
    )
    with says("authority.wrong_name_or_password"):
        program_of(office.home).sign_in(name="hanako", password="wrong horse battery")
    session = program_of(office.home).sign_in(name="hanako", password=words)
    hanako = program_of(office.home, token=session["token"])
    assert hanako.who_am_i()["actor"] == "staff:hanako"
    people = []
    for code in ("20000000001", "20000000010", "20000000028"):
        newcomer = {**NEWCOMER, "record_code": code}
        entered = hanako.register_resident(**newcomer)
        people.append(entered["resident"]["id"])
    assert [one["id"] for one in hanako.list_residents(limit=1)] == sorted(people)
    person = people[0]
    seen = hanako.get_resident(person).etag
    assert office.clerk.get_resident(person).etag == seen
    for _ in range(2):
        changed = office.clerk.change_particulars(
            person, kana="ハコダ タロー", if_match=seen, idempotency_key="one-change"
        )
        assert changed["kana"] == "ハコダ タロー"
    with says("api.changed_meanwhile", 412):
        hanako.change_particulars(person, kana="ハコタ タロウ", if_match=seen)
    with says("api.key_reused"):
        office.clerk.change_particulars(person, kana="", idempotency_key="one-change")
    assert len(hanako.get_history(person)) == 1
    told_of = hanako.follow_events(seconds=0, last_event_id=f"{CITY}.0")
    heard = [one.action for one in told_of if person in one.subjects]
    assert heard == ["register_resident", "change_particulars"]
    hanako.sign_out()
    with says("authority.session_over", 401):
        hanako.who_am_i()
