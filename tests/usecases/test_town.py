"""A small town lives on, whatever happens in whatever order (stateful).

No sequence of events revives an ended card, gives one person two numbers or two
valid cards, or lets a certificate that was never issued verify.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentEvent, ResidentState
from mynabox.pki.ocsp import Good, Revoked, Unknown
from mynabox.sandbox.specimen import (
    SPECIMEN_PINS,
    specimen_portrait,
    specimen_residents,
)
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.produce_card import produce_card
from mynabox.usecases.register_again import register_again
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import ResidentShown, show_resident, verify_journal
from mynabox.usecases.status import status_of, view
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from tests.boxes import box_in, days

LICENCE = ("drivers_licence",)
PEOPLE = st.integers(min_value=0, max_value=2)


class Town(RuleBasedStateMachine):
    """Three people and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mynabox-town-"))
        self.context = box_in(self.folder / "box", at=days().registered)
        self.home = self.context.__enter__()
        self.box = self.home.box
        self.numbers: dict[str, str] = {}
        self.ended_cards: set[str] = set()
        self.ended_certificates: dict[int, str] = {}

    def teardown(self) -> None:
        self.context.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    @initialize(far=st.integers(min_value=0, max_value=6))
    def people_arrive(self, far: int) -> None:
        """Three people; the first has come some way towards a card already."""
        lines = specimen_residents().splitlines(keepends=True)[:4]
        found = [line.resident for line in import_residents(lines, self.box)]
        self.people = [one for one in found if one is not None]
        way = (
            partial(self.number, who=0),
            partial(self.notice, who=0),
            partial(self.apply, who=0),
            partial(self.produce, who=0),
            partial(self.collect, who=0, documents=LICENCE),
            partial(self.lose, who=0),
        )
        for step in way[:far]:
            step()

    def shown(self, who: int) -> ResidentShown:
        return show_resident(self.people[who], self.box)

    def attempt(self, what: Callable[[], object]) -> None:
        """Do it; a refusal is as good, as long as the invariants hold."""
        with suppress(Refused):
            what()

    @rule(who=PEOPLE)
    def number(self, who: int) -> None:
        self.attempt(lambda: assign_number(self.people[who], self.box))

    @rule(who=PEOPLE)
    def notice(self, who: int) -> None:
        self.attempt(lambda: issue_notice(self.people[who], self.box))

    @rule(who=PEOPLE)
    def apply(self, who: int) -> None:
        shown = self.shown(who)
        if not shown.notices:
            return

        def ask() -> None:
            mail = f"person{who}@mynabox.invalid"
            open_application(
                OpenApplication(
                    application_id=shown.notices[-1].application_id, email=mail
                ),
                self.box,
            )
            deliver(self.box)
            text = self.home.mail.texts(mail)[-1]
            submit_application(
                SubmitApplication(
                    token=text.split()[-1].rpartition("/")[2],
                    born=shown.resident.born,
                    photo=specimen_portrait(),
                    photo_taken=self.box.clock.now().date(),
                ),
                self.box,
            )

        self.attempt(ask)

    @rule(who=PEOPLE)
    def produce(self, who: int) -> None:
        for application in self.shown(who).applications:
            if application.state is ApplicationState.RECEIVED:
                self.attempt(partial(produce_card, application.id, self.box))

    @rule(who=PEOPLE, documents=st.sampled_from([LICENCE, ("student_card",)]))
    def collect(self, who: int, documents: tuple[str, ...]) -> None:
        for held in self.shown(who).cards:
            ask = HandOver(
                serial=held.card.serial, documents=documents, pins=SPECIMEN_PINS
            )
            self.attempt(partial(hand_over, ask, self.box))

    @rule(who=PEOPLE)
    def lose(self, who: int) -> None:
        self.attempt(lambda: report_lost(self.people[who], self.box))

    @rule(who=PEOPLE, place=st.sampled_from(["counter", "hotline"]))
    def find(self, who: int, place: str) -> None:
        for held in self.shown(who).cards:
            ask = ReportFound(serial=held.card.serial, documents=LICENCE, place=place)
            self.attempt(partial(report_found, ask, self.box))

    @rule(who=PEOPLE)
    def reissue(self, who: int) -> None:
        for held in self.shown(who).cards:
            ask = ReissueCertificates(serial=held.card.serial, documents=LICENCE)
            self.attempt(partial(reissue_certificates, ask, self.box))

    @rule(who=PEOPLE, event=st.sampled_from(ResidentEvent), for_good=st.integers(0, 2))
    def leave(self, who: int, event: ResidentEvent, for_good: int) -> None:
        """Abroad, or now and then for good; whoever left may come back."""
        if event is ResidentEvent.RETURNED:
            self.attempt(lambda: register_again(self.people[who], self.box))
        elif event is ResidentEvent.LEFT_JAPAN or for_good == 0:
            self.attempt(lambda: leave_register(self.people[who], event, self.box))

    @rule(days_passed=st.sampled_from([1, 40, 400, 3700]))
    @precondition(lambda self: self.box.clock.now().year < 2034)
    def wait(self, days_passed: int) -> None:
        now = self.box.clock.now()
        self.home.clock.set(now + timedelta(days=days_passed))

    @invariant()
    def a_number_is_for_life(self) -> None:
        for person in getattr(self, "people", []):
            with self.box.store.look() as work:
                current = work.numbers.current(person)
            if current is not None:
                known = self.numbers.setdefault(person, current.number.digits)
                assert current.number.digits == known
            else:
                assert person not in self.numbers
        assert len(set(self.numbers.values())) == len(self.numbers)

    @invariant()
    def nobody_has_two_valid_cards(self) -> None:
        today = self.box.clock.now().date()
        for who in range(len(getattr(self, "people", []))):
            shown = self.shown(who)
            valid = [held for held in shown.cards if held.card.valid_on(today)]
            assert len(valid) <= 1
            if shown.resident.state is not ResidentState.REGISTERED:
                assert not valid

    @invariant()
    def the_end_is_the_end(self) -> None:
        for who in range(len(getattr(self, "people", []))):
            for held in self.shown(who).cards:
                if held.card.serial in self.ended_cards:
                    assert held.card.state is CardState.VOID
                elif held.card.state is CardState.VOID:
                    self.ended_cards.add(held.card.serial)
                for certificate in held.certificates:
                    if certificate.serial in self.ended_certificates:
                        assert certificate.state is CertificateState.REVOKED
                    elif certificate.state is CertificateState.REVOKED:
                        self.ended_certificates[certificate.serial] = held.card.serial
                    if held.card.state is CardState.VOID:
                        assert certificate.state is CertificateState.REVOKED

    @invariant()
    def status_answers_say_what_the_register_says(self) -> None:
        with self.box.store.look() as work:
            seen = view(self.box)
            assert status_of(work, "signature-01", 10**9, seen=seen) == Unknown()
            for who in range(len(getattr(self, "people", []))):
                for held in self.shown(who).cards:
                    for certificate in held.certificates:
                        said = status_of(
                            work, certificate.issuer, certificate.serial, seen=seen
                        )
                        stopped = certificate.state in (
                            CertificateState.ON_HOLD,
                            CertificateState.REVOKED,
                        )
                        assert isinstance(said, Revoked if stopped else Good)
                        for other in work.statuses.authorities():
                            if other.name != certificate.issuer:
                                crossed = status_of(
                                    work, other.name, certificate.serial, seen=seen
                                )
                                assert crossed == Unknown()

    @invariant()
    def the_journal_is_sound(self) -> None:
        assert verify_journal(self.box) == []


TestTown = Town.TestCase
TestTown.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
