"""Whole lives of a small town over HTTP, in whatever order (stateful Hypothesis).

Clerks of its office, one of a neighbouring town and two supervisors do everything that
the API lets them do, right and wrong, some of it twice and some of it at once, while
days pass. After each step the rules that a person's rights hang on must hold, and at
the end of each life of the town the box must tell one story.

``python -m tests.town_over_http EXAMPLES STEPS [--postgresql]`` is the long form.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mynabox.client import Client, Problem
from mynabox.client.models import CertificateKind, PinsAsk, ResidentEvent
from mynabox.law.days import JST
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateState
from mynabox.lifecycle.staff import Role
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import ResidentShown, show_resident
from mynabox.usecases.staff_accounts import add_staff, give_token
from tests.boxes import NOW, box_in
from tests.postgresql import drop_database, empty_database, postgresql_server
from tests.site import LINK, NEWCOMER, client_of
from tests.usecases.places import record_codes

CITY, ELSEWHERE = "082201", "011002"
LAST_YEAR = 2034
PASSPORT, STUDENT = ["passport"], ["student_card"]
PINS = cast(PinsAsk, {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()})
OFFICE = {
    "hanako": ([Role.CLERK, Role.PRODUCTION], CITY),
    "jiro": ([Role.CLERK, Role.PRODUCTION], CITY),
    "stranger": ([Role.CLERK, Role.PRODUCTION], ELSEWHERE),
    "chief": ([Role.SUPERVISOR, Role.CLERK, Role.AUDITOR], CITY),
    "deputy": ([Role.SUPERVISOR, Role.CLERK, Role.AUDITOR], CITY),
}
KINDS_OF_PEOPLE: list[dict[str, str]] = [
    {"born": "1990-03-31"},
    {"born": "2019-11-21", "name": "箱田 小太郎", "kana": "ハコダ コタロウ"},
    {
        "born": "1995-06-01",
        "name": "NGUYEN VAN HAKO",
        "kana": "",
        "roman": "NGUYEN VAN HAKO",
        "nationality": "VNM",
        "residence_status": "mid_long_term",
        "stay_until": "2028-06-30",
    },
]
"""An adult, a child whose card lasts five years, and somebody whose stay ends."""
ALL_THE_WAY = 6
"""Steps from the number to a card that was lost."""
WHO = st.integers(min_value=0, max_value=len(KINDS_OF_PEOPLE) - 1)
CLERK = st.sampled_from(["hanako", "jiro", "jiro", "stranger"])
DOCUMENTS = st.sampled_from([PASSPORT, PASSPORT, STUDENT])
TWICE = st.booleans()
Do = Callable[..., Any]


class Town(RuleBasedStateMachine):
    """Three people, five members of staff, and everything that can happen."""

    server: ClassVar[str | None] = None
    """Where databases are made, if boxes live in PostgreSQL."""

    tally: ClassVar[Counter[str]] = Counter()
    """How often each thing was done or refused, in all towns."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mynabox-town-"))
        self.database = None if self.server is None else empty_database(self.server)
        self.context = box_in(self.folder / "box", at=NOW, database=self.database)
        home = self.context.__enter__()
        site = replace(home.box.site, authority="required")
        box = replace(home.box, site=site)
        self.home = replace(home, box=box)
        self.box = box
        self.http = client_of(self.home)
        for name, (roles, where) in OFFICE.items():
            add_staff(name, roles, box, municipality=where)
        self.people: list[str] = []
        self.numbers: dict[str, list[str]] = {}
        self.void: set[str] = set()
        self.revoked: set[int] = set()
        self.keys = 0
        self.events = f"{CITY}.0"
        self.heard = 0
        self._tokens()

    def _tokens(self) -> None:
        """Everybody's token of today."""
        self.staff = {
            name: Client(
                http=self.http,
                token=give_token(name, "", self.box).secret,
                attempts=1,
            )
            for name in OFFICE
        }

    def teardown(self) -> None:
        try:
            if self.people:
                deliver(self.box)
                assert reconcile(self.box).findings == ()
        finally:
            self.context.__exit__(None, None, None)
            if self.server is not None and self.database is not None:
                drop_database(self.server, self.database)
            shutil.rmtree(self.folder)

    # What is done, and what must be true of every single thing that is done

    def rows(self) -> int:
        with self.box.store.look() as work:
            return work.journal.length(CITY)

    def do(self, call: Do, *asked: Any, twice: bool = False, **more: Any) -> Any:
        """Do it; None if it was refused. One row for what was done, none for what was
        refused; asked again under its key it is the same."""
        self.keys += 1
        key = f"key-{self.keys}"
        before = self.rows()
        try:
            answer = call(*asked, idempotency_key=key, **more)
        except Problem as problem:
            self.tally["refused"] += 1
            assert problem.status in (403, 404, 409, 412, 422), problem
            assert self.rows() == before, problem
            if problem.status in (409, 422) and twice:
                again = self._again(call, *asked, idempotency_key=key, **more)
                assert isinstance(again, Problem)
                assert again.code == problem.code
            return None
        self.tally[call.__name__] += 1
        assert self.rows() - before in (0, 1, 2), call
        if twice:
            after = self.rows()
            assert self._again(call, *asked, idempotency_key=key, **more) == answer
            assert self.rows() == after
        return answer

    @staticmethod
    def _again(call: Do, *asked: Any, **more: Any) -> Any:
        try:
            return call(*asked, **more)
        except Problem as problem:
            return problem

    @initialize(far=st.lists(st.integers(min_value=0, max_value=6), max_size=2))
    def people_arrive(self, far: list[int]) -> None:
        """Each of them has come some way towards a card already, one all the way, so
        that every town has seen a card."""
        for code, kind in zip(record_codes(), KINDS_OF_PEOPLE, strict=False):
            newcomer = {**NEWCOMER, "record_code": code, **kind}
            entered = self.do(
                self.staff["hanako"].register_resident, twice=True, **newcomer
            )
            self.people.append(entered["resident"]["id"])
        self.newcomers = [
            {**NEWCOMER, "record_code": code, **kind}
            for code, kind in zip(record_codes(), KINDS_OF_PEOPLE, strict=False)
        ]
        for who, steps in enumerate([*far, ALL_THE_WAY]):
            way: list[Callable[[], object]] = [
                partial(self.number, who=who, clerk="hanako", twice=False),
                partial(self.notice, who=who, clerk="jiro", twice=False),
                partial(self.apply, who=who, twice=False),
                partial(self.produce, who=who, clerk="hanako", twice=False),
                partial(
                    self.collect, who=who, clerk="jiro", documents=PASSPORT, twice=False
                ),
                partial(self.lose, who=who, clerk="jiro", twice=False),
            ]
            for step in way[:steps]:
                step()

    def shown(self, who: int) -> ResidentShown:
        return show_resident(self.people[who], self.box)

    def serials(self, who: int) -> list[str]:
        return [held.card.serial for held in self.shown(who).cards]

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def number(self, who: int, clerk: str, twice: bool) -> None:
        self.do(self.staff[clerk].assign_number, self.people[who], twice=twice)

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def notice(self, who: int, clerk: str, twice: bool) -> None:
        self.do(self.staff[clerk].issue_notice, self.people[who], twice=twice)

    @rule(who=WHO, twice=TWICE)
    def apply(self, who: int, twice: bool) -> None:
        """Over the web, without an account."""
        shown = self.shown(who)
        if not shown.notices:
            return
        applicant = Client(http=self.http)
        mail = f"person{who}@mynabox.invalid"
        form = shown.notices[-1].application_id
        if not self.do(
            applicant.open_application, application_id=form, email=mail, twice=twice
        ):
            return
        found = [LINK.search(text) for text in self.home.mail.texts(mail)]
        self.do(
            applicant.submit_application,
            token=[match[1] for match in found if match][-1],
            born=shown.resident.born.isoformat(),
            photo_taken=self.box.clock.now().date().isoformat(),
            photo=specimen_portrait(),
            twice=twice,
        )

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def produce(self, who: int, clerk: str, twice: bool) -> None:
        for application in self.shown(who).applications[-1:]:
            call = self.staff[clerk].produce_card
            made = self.do(call, application=application.id, twice=twice)
            if made:
                self.usable(made["card"]["serial"], live=False)

    @rule(who=WHO, clerk=CLERK, documents=DOCUMENTS, twice=TWICE)
    def collect(self, who: int, clerk: str, documents: list[str], twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].hand_over_card
            given = self.do(call, serial, documents=documents, pins=PINS, twice=twice)
            if given:
                self.usable(serial, live=True)

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def lose(self, who: int, clerk: str, twice: bool) -> None:
        self.do(self.staff[clerk].report_lost, self.people[who], twice=twice)

    @rule(who=WHO, clerk=CLERK, documents=DOCUMENTS, twice=TWICE)
    def find(self, who: int, clerk: str, documents: list[str], twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].report_found
            self.do(call, serial, documents=documents, twice=twice)

    @rule(who=WHO, clerk=CLERK, documents=DOCUMENTS, twice=TWICE)
    def reissue(self, who: int, clerk: str, documents: list[str], twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].reissue_certificates
            if self.do(call, serial, documents=documents, twice=twice):
                self.usable(serial, live=True)

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def renew(self, who: int, clerk: str, twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].renew_certificates
            if self.do(call, serial, pins=PINS, twice=twice):
                self.usable(serial, live=True)

    @rule(
        who=WHO,
        clerk=CLERK,
        kinds=st.sampled_from([["signature"], ["authentication"], None]),
        twice=TWICE,
    )
    def stop(
        self, who: int, clerk: str, kinds: list[CertificateKind] | None, twice: bool
    ) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].stop_certificates
            self.do(call, serial, documents=PASSPORT, kinds=kinds, twice=twice)

    @rule(who=WHO, clerk=CLERK, documents=DOCUMENTS, twice=TWICE)
    def set_pins(self, who: int, clerk: str, documents: list[str], twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].reset_pins
            pins = cast(PinsAsk, {"authentication": PINS["authentication"]})
            self.do(call, serial, documents=documents, pins=pins, twice=twice)

    @rule(who=WHO, clerk=CLERK, house=st.integers(1, 3), twice=TWICE)
    def move(self, who: int, clerk: str, house: int, twice: bool) -> None:
        call = self.staff[clerk].change_particulars
        address = f"茨城県つくば市箱の内{house}番地"
        self.do(call, self.people[who], address=address, twice=twice)

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def give_back(self, who: int, clerk: str, twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].return_card
            self.do(call, serial, documents=PASSPORT, twice=twice)

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def discard(self, who: int, clerk: str, twice: bool) -> None:
        for serial in self.serials(who)[-1:]:
            call = self.staff[clerk].discard_card
            self.do(call, serial, reason="not collected", twice=twice)

    @rule(
        who=WHO,
        clerk=CLERK,
        event=st.sampled_from(["left_japan", "left_japan", "died"]),
        twice=TWICE,
    )
    def leave(self, who: int, clerk: str, event: ResidentEvent, twice: bool) -> None:
        self.do(
            self.staff[clerk].leave_register, self.people[who], event=event, twice=twice
        )

    @rule(who=WHO, clerk=CLERK, twice=TWICE)
    def come_back(self, who: int, clerk: str, twice: bool) -> None:
        """R002: under the record code of before, with the number of before."""
        call = self.staff[clerk].register_resident
        known = self.shown(who).resident
        line = {**self.newcomers[who], "address": known.address}
        back = self.do(call, **line, twice=twice)
        if back:
            assert back["resident"]["id"] == self.people[who]

    @rule(who=WHO, twice=TWICE)
    def change_number(self, who: int, twice: bool) -> None:
        """R003: it leaked; one asks, another approves, nobody does both."""
        asked = self.do(
            self.staff["chief"].request_number_change,
            self.people[who],
            ground="leaked_and_likely_misused",
            reason="found on a train",
            ex_officio=True,
            twice=twice,
        )
        if not asked:
            return
        own = self.do(self.staff["chief"].approve_request, asked["id"], twice=twice)
        assert own is None
        done = self.do(self.staff["deputy"].approve_request, asked["id"], twice=twice)
        if done is None:
            self.do(self.staff["deputy"].decline_request, asked["id"], twice=twice)
            return
        with self.box.store.look() as work:
            current = work.numbers.current(self.people[who])
        assert current is not None
        assert current.number.digits not in self.numbers[self.people[who]]
        self.numbers[self.people[who]].append(current.number.digits)

    # Several clerks at once

    @rule(who=WHO, what=st.sampled_from(["lose", "move", "pins", "give_back"]))
    def two_who_read_the_same(self, who: int, what: str) -> None:
        """the second one is told, whatever the first one did"""
        person, (*_, serial) = self.people[who], ["0" * 16, *self.serials(who)]
        acts: dict[str, Callable[[Client, str], Any]] = {
            "lose": lambda by, tag: by.report_lost(person, if_match=tag),
            "move": lambda by, tag: by.change_particulars(
                person, address=f"茨城県つくば市箱の内{tag[1:5]}番地", if_match=tag
            ),
            "pins": lambda by, tag: by.reset_pins(
                serial, documents=PASSPORT, pins=PINS, if_match=tag
            ),
            "give_back": lambda by, tag: by.return_card(
                serial, documents=PASSPORT, if_match=tag
            ),
        }
        first, second = self.staff["hanako"], self.staff["jiro"]
        if what in ("lose", "move"):
            tag = first.get_resident(person).etag
        elif serial.strip("0"):
            tag = first.get_card(serial).etag
        else:
            return
        done = self._again(acts[what], first, tag)
        late = self._again(acts[what], second, tag)
        if not isinstance(done, Problem):
            self.tally["told_late"] += 1
            assert isinstance(late, Problem)
            assert late.code == "api.changed_meanwhile"

    @rule(who=WHO, other=WHO)
    def two_at_once(self, who: int, other: int) -> None:
        """four clerks at the same moment: whatever comes of it, the rules hold"""
        (*_, serial) = ["0" * 16, *self.serials(who)]
        hanako, jiro = self.staff["hanako"], self.staff["jiro"]
        acts: list[Callable[[], Any]] = [
            lambda: hanako.report_lost(self.people[who]),
            lambda: jiro.return_card(serial, documents=PASSPORT),
            lambda: hanako.assign_number(self.people[other]),
            lambda: jiro.hand_over_card(serial, documents=PASSPORT, pins=PINS),
        ]
        with ThreadPoolExecutor(len(acts)) as pool:
            heard = list(pool.map(self._again, acts))
        for one in heard:
            assert not isinstance(one, Problem) or one.status < 500, one

    # Time

    @rule(days=st.sampled_from([1, 30, 40, 400, 1500]))
    def wait(self, days: int) -> None:
        then = self.box.clock.now() + timedelta(days=days)
        if then.year < LAST_YEAR:
            self._now_is(then)

    @rule(who=WHO)
    def to_the_last_day(self, who: int) -> None:
        """R094: a card holds to the end of its last day, and not a moment longer"""
        for held in self.shown(who).cards[-1:]:
            last = held.card.expires
            if last <= self.box.clock.now().date() or last.year >= LAST_YEAR:
                continue
            if held.card.state is not CardState.ACTIVE:
                continue
            self._now_is(
                datetime(last.year, last.month, last.day, 23, 59, 0, tzinfo=JST)
            )
            self.tally["last_days"] += 1
            assert self._holds(held.card.serial, last)
            after = last + timedelta(days=1)
            self._now_is(datetime(after.year, after.month, after.day, tzinfo=JST))
            assert not self._holds(held.card.serial, after)

    def _holds(self, serial: str, today: date) -> bool:
        """Whether the counter takes the card for valid: it would renew certificates
        but for other reasons, if it has them still."""
        assert self.box.clock.now().date() == today
        said = self._again(
            partial(self.staff["hanako"].renew_certificates, serial, pins=PINS)
        )
        return not (isinstance(said, Problem) and said.code == "card.not_valid")

    def _now_is(self, moment: datetime) -> None:
        self.home.clock.set(moment)
        do_duties(self.box)
        deliver(self.box)
        self._tokens()

    # What must hold

    def usable(self, serial: str, *, live: bool) -> None:
        """Issued means usable: in the moment of the answer the chip carries what the
        register knows, the status service knows it, and the holder signs with it."""
        with self.box.store.look() as work:
            certificates = [
                one
                for one in work.certificates.of_card(serial)
                if one.state in (CertificateState.ISSUED, CertificateState.ACTIVE)
            ]
            authorities = {one.name: one.der for one in work.statuses.authorities()}
        with closing(self.box.cards.connect(serial)) as connection:
            session = JpkiSession(connection)
            for one in certificates:
                kind = Kind(one.kind.value)
                if live:
                    session.verify(kind, str(PINS[one.kind.value]))
                    assert session.certificate(kind) == one.der
                    assert len(session.sign(kind, b"what was agreed")) == 256
                leaf = x509.load_der_x509_certificate(one.der)
                issuer = x509.load_der_x509_certificate(authorities[one.issuer])
                asked = ocsp.OCSPRequestBuilder().add_certificate(
                    leaf, issuer, SHA256()
                )
                answer = self.http.post(
                    "/ocsp",
                    content=asked.build().public_bytes(Encoding.DER),
                    headers={"content-type": "application/ocsp-request"},
                )
                told = ocsp.load_der_ocsp_response(answer.content)
                assert told.certificate_status is ocsp.OCSPCertStatus.GOOD

    @invariant()
    def numbers_are_for_life(self) -> None:
        """R002: one number each, the same for ever unless two have agreed on another,
        and none was ever two people's"""
        for person in self.people:
            with self.box.store.look() as work:
                current = work.numbers.current(person)
            if current is None:
                assert person not in self.numbers
            else:
                known = self.numbers.setdefault(person, [current.number.digits])
                assert current.number.digits == known[-1]
        every = [digits for known in self.numbers.values() for digits in known]
        assert len(every) == len(set(every))

    @invariant()
    def nobody_has_two_valid_cards(self) -> None:
        """R030, R094"""
        today = self.box.clock.now().date()
        for who in range(len(self.people)):
            cards = [held.card for held in self.shown(who).cards]
            valid = [card for card in cards if card.valid_on(today)]
            assert len(valid) <= 1
            for card in valid:
                assert today <= card.expires
            assert sum(card.state is CardState.PRODUCED for card in cards) <= 1

    @invariant()
    def what_ended_stays_so(self) -> None:
        for who in range(len(self.people)):
            for held in self.shown(who).cards:
                if held.card.serial in self.void:
                    assert held.card.state is CardState.VOID
                if held.card.state is CardState.VOID:
                    self.void.add(held.card.serial)
                for one in held.certificates:
                    if one.serial in self.revoked:
                        assert one.state is CertificateState.REVOKED
                    if one.state is CertificateState.REVOKED:
                        self.revoked.add(one.serial)
                    if held.card.state is CardState.VOID:
                        assert one.state is CertificateState.REVOKED

    @invariant()
    def events_tell_it_all(self) -> None:
        """whoever follows has heard of every row, in its order, once"""
        if not self.people:
            return
        follower = self.staff["deputy"].follow_events(
            municipality=CITY, last_event_id=self.events, seconds=0
        )
        for event in follower:
            self.heard += 1
            assert event.sequence == self.heard
            self.events = event.id
        assert self.heard == self.rows()


def lives(examples: int, steps: int, *, same: bool = False) -> settings:
    """So many towns, each with so many steps; ``same``: the same ones every time."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        print_blob=not same,
        derandomize=same,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def main(arguments: Sequence[str]) -> int:
    """Run towns as told; 1 if a rule did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.town_over_http")
    parser.add_argument("examples", type=int, nargs="?", default=100)
    parser.add_argument("steps", type=int, nargs="?", default=60)
    parser.add_argument("--postgresql", action="store_true", help="with its own server")
    told = parser.parse_args(arguments)
    with postgresql_server() if told.postgresql else nullcontext() as server:
        Town.server = server
        run_state_machine_as_test(Town, settings=lives(told.examples, told.steps))
    done = ", ".join(f"{what} {many}" for what, many in Town.tally.most_common())
    held = f"{told.examples} towns, {told.steps} steps each: all rules held"
    sys.stdout.write(f"{done}\n{held}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
