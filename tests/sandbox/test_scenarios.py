"""Every named specimen card is what its documentation says: asked of the card itself
through the terminal, and of the responder."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import cache

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.law.days import JST
from mynabox.law.numbers import number_valid, record_code_valid
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, StopReason
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.sandbox.scenarios import (
    NotStageable,
    Staged,
    UnknownScenario,
    scenarios,
    stage,
    staged_json,
)
from mynabox.terminal.card_face import CardFaceSession, Opener
from mynabox.terminal.card_record import COMMON_AID, JUKI_AID, JukiPinSession
from mynabox.terminal.errors import (
    ApplicationMissing,
    NotGenuine,
    NothingThere,
    PinLocked,
    WrongPin,
)
from mynabox.terminal.genuineness import verify_face, verify_particulars
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.card_lines import card_lines
from mynabox.usecases.card_seal import cv_roots
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import list_authorities, show_card, verify_journal
from mynabox.usecases.status import answer_ocsp
from mynabox.wiring import Home
from tests.boxes import NOW, box_in

pytestmark = pytest.mark.xdist_group("scenarios")
"""One box has them all: they are made once."""

NAMES = tuple(scenarios())
CARDS = tuple(name for name in NAMES if not name.startswith("phone-"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with box_in(tmp_path_factory.mktemp("scenarios") / "box", at=NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def staged(home: Home) -> Callable[[str], Staged]:
    """The cards, each made when it is first asked for and then left as it is."""
    return cache(lambda name: stage(name, home.box))


def asked_ocsp(home: Home, der: bytes, authority: bytes) -> str:
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(
            x509.load_der_x509_certificate(der),
            x509.load_der_x509_certificate(authority),
            SHA1(),
        )
        .build()
    )
    given = answer_ocsp(request.public_bytes(Encoding.DER), home.box)
    found = ocsp.load_der_ocsp_response(given.answer.encoded)
    if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return found.response_status.name.lower()
    if found.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return "good"
    assert found.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert found.revocation_reason is not None
    return f"revoked {found.revocation_reason.value}"


def opened(session: JpkiSession, kind: Kind, one: Staged) -> bytes:
    """The certificate on the chip; its PIN is presented unless it is locked."""
    pin = one.pins[kind.value]
    if pin is not None and session.tries_left(kind):
        session.verify(kind, pin, last_try=True)
    return session.certificate(kind)


@pytest.mark.parametrize("name", NAMES)
def test_tries(name: str, home: Home, staged: Callable[[str], Staged]) -> None:
    one = stage(name, home.box)
    assert one.serial == staged(name).serial
    with closing(home.cards.connect(one.serial)) as connection:
        session = JpkiSession(connection)
        left = {kind.value: session.tries_left(kind) for kind in Kind}
        if name in CARDS:
            left["input_support"] = InputSupportSession(connection).tries_left()
            left["juki"] = JukiPinSession(connection, JUKI_AID).tries_left()
            assert left["juki"] == JukiPinSession(connection, COMMON_AID).tries_left()
    assert left == dict(one.scenario.tries)


@pytest.mark.parametrize("name", NAMES)
def test_certificates_and_what_is_known_of_them(
    name: str, home: Home, staged: Callable[[str], Staged]
) -> None:
    one = staged(name)
    now = home.clock.now()
    with closing(home.cards.connect(one.serial)) as connection:
        session = JpkiSession(connection)
        for kind in CertificateKind:
            status = one.scenario.status[kind]
            at = Kind(kind.value)
            assert session.has_certificate(at) is (status != "none")
            if status == "none":
                assert kind not in one.certificates
                continue
            known = one.certificates[kind]
            assert session.ca_certificate(at) == known.authority
            free = name in CARDS and kind is CertificateKind.AUTHENTICATION
            if free or one.scenario.tries[kind.value]:
                assert opened(session, at, one) == known.der
            facts = x509.load_der_x509_certificate(known.der)
            assert facts.serial_number == known.issuance_number
            facts.verify_directly_issued_by(
                x509.load_der_x509_certificate(known.authority)
            )
            published = {each.der for each in list_authorities(home.box)}
            assert (known.authority in published) is (status != "unauthorized")
            assert (facts.not_valid_after_utc < now) is (status == "over")
            answer = asked_ocsp(home, known.der, known.authority)
            assert answer == ("good" if status == "over" else status)


def open_particulars(session: InputSupportSession, one: Staged) -> None:
    """With the PIN, or with what is printed on a card without PINs."""
    pin = one.pins["input_support"]
    if pin is not None:
        session.verify(pin)
        return
    assert one.scenario.without_pins
    session.verify_number_a(one.verification_a or "")
    session.verify_number_b(one.verification_b or "")


@pytest.mark.parametrize("name", CARDS)
def test_what_the_card_says_of_its_holder(
    name: str, home: Home, staged: Callable[[str], Staged]
) -> None:
    one = staged(name)
    told = one.attributes
    assert told["name"] == one.scenario.person["name"]
    assert told["address"] == one.scenario.person["address"]
    with closing(home.cards.connect(one.serial)) as connection:
        session = InputSupportSession(connection)
        open_particulars(session, one)
        said = session.attributes()
        assert session.number() == one.number.digits == one.scenario.person["number"]
        born = one.scenario.altered_birth or one.scenario.born
        assert (said.name, said.address) == (told["name"], told["address"])
        assert (said.birth, said.sex) == (
            f"{born:%Y%m%d}",
            {"male": "1", "female": "2"}[told["sex"]],
        )
        face = CardFaceSession(connection)
        face.verify(Opener.NUMBER_A, one.verification_a or "")
        face.verify(Opener.NUMBER_B, one.verification_b or "")
        face.verify(Opener.BIRTH, one.birth or "")
    shown = show_card(one.serial, home.box)
    assert shown.card.state is one.scenario.card
    assert shown.card.expires == one.expires


@pytest.mark.parametrize("name", CARDS)
def test_only_forged_faces_are_found_forged(
    name: str, home: Home, staged: Callable[[str], Staged]
) -> None:
    one = staged(name)
    roots = cv_roots(home.box)
    with closing(home.cards.connect(one.serial)) as connection:
        face = CardFaceSession(connection)
        face.verify(Opener.NUMBER_A, one.verification_a or "")
        if name in ("tampered-face", "wrong-cv-root"):
            with pytest.raises(NotGenuine):
                verify_face(face, roots=roots, random=home.box.random)
        else:
            found = verify_face(face, roots=roots, random=home.box.random)
            assert found.born == f"{one.scenario.born:%Y%m%d}"
        support = InputSupportSession(connection)
        open_particulars(support, one)
        if name in ("tampered-face", "wrong-cv-root"):
            with pytest.raises(NotGenuine):
                verify_particulars(support, roots=roots, random=home.box.random)
        else:
            said = verify_particulars(support, roots=roots, random=home.box.random)
            assert said.number == one.number.digits


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("fresh", "JPKIAPICCTOKEN2"),
        ("phone-android", "JPKIAPGPSETOKEN"),
        ("phone-iphone", "JPKIAPIOSTOKEN"),
    ],
)
def test_tokens(
    name: str, label: str, home: Home, staged: Callable[[str], Staged]
) -> None:
    one = staged(name)
    with closing(home.cards.connect(one.serial)) as connection:
        assert JpkiSession(connection).token().label == label
        if name != "fresh":
            assert (one.verification_a, one.verification_b, one.birth) == (None,) * 3
            assert one.pins["juki"] is one.pins["input_support"] is None
            with pytest.raises(ApplicationMissing):
                InputSupportSession(connection)


def test_the_locked_are_locked(home: Home) -> None:
    for name, kind in (
        ("locked-auth", Kind.AUTHENTICATION),
        ("locked-signature", Kind.SIGNATURE),
    ):
        one = stage(name, home.box)
        pin = one.pins[kind.value] or ""
        with (
            closing(home.cards.connect(one.serial)) as connection,
            pytest.raises(PinLocked),
        ):
            JpkiSession(connection).verify(kind, pin)


def test_without_pins_nothing_is_typed(home: Home) -> None:
    """R081: as often as it is laid in; the register and its face say so"""
    for _ in range(2):
        one = stage("without-pins", home.box)
        assert set(one.pins.values()) == {None}
        assert show_card(one.serial, home.box).card.without_pins
        (line,) = card_lines(one.serial, home.box).lines
        assert line.text == "顔認証"
        with (
            closing(home.cards.connect(one.serial)) as connection,
            pytest.raises(PinLocked),
        ):
            JpkiSession(connection).verify(Kind.AUTHENTICATION, "1234")


def test_a_child_signs_nothing(home: Home, staged: Callable[[str], Staged]) -> None:
    one = staged("minor")
    assert one.pins["signature"] is None
    with (
        closing(home.cards.connect(one.serial)) as connection,
        pytest.raises((NothingThere, PinLocked)),
    ):
        JpkiSession(connection).verify(Kind.SIGNATURE, "ABC123")


def test_days(staged: Callable[[str], Staged]) -> None:
    """What the catalogue says of days, for a box in which it is 20 November 2026."""
    today = NOW.date()
    assert staged("expired").expires == date(2026, 1, 10)
    assert staged("stay-ending-in-20-days").expires == today + timedelta(days=20)
    assert staged("permanent-resident").expires == date(2036, 10, 7)
    assert staged("permanent-resident").birth == "871007"
    assert staged("fresh").birth == "630412"
    assert staged("minor").expires == date(2031, 5, 5)
    assert staged("renewed").expires == date(2032, 1, 10)


def test_the_renewed_card_has_left_its_former_certificates_behind(
    staged: Callable[[str], Staged],
) -> None:
    one = staged("renewed")
    assert {former.kind for former in one.former} == set(CertificateKind)
    for former in one.former:
        now = one.certificates[former.kind]
        assert former.reason is StopReason.SUPERSEDED
        assert former.stopped == now.not_before
        assert former.not_after < now.not_after
        assert now.not_after.date() == date(2032, 1, 10)


def test_substitutes_stand_in_the_signature_certificate(
    staged: Callable[[str], Staged],
) -> None:
    der = staged("substitute-characters").certificates[CertificateKind.SIGNATURE].der
    alternative = asn1_x509.Certificate.load(der).subject_alt_name_value.dump()
    assert "吉見".encode() in alternative
    assert "橋ハイツ".encode() in alternative
    assert "𠮷".encode() not in alternative


@pytest.mark.parametrize("name", ["fresh", "one-try-left", "tampered-face"])
def test_asked_again_it_is_the_same_card_in_its_documented_state(
    name: str, home: Home
) -> None:
    before = stage(name, home.box)
    with closing(home.cards.connect(before.serial)) as connection:
        session = JpkiSession(connection)
        session.change_pin(
            Kind.AUTHENTICATION,
            old=before.pins["authentication"] or "",
            new="8642",
            last_try=True,
        )
        support = InputSupportSession(connection)
        for _ in range(3):
            with pytest.raises((WrongPin, PinLocked)):
                support.verify("0000", last_try=True)
    after = stage(name, home.box)
    assert staged_json(after, reader="") == staged_json(before, reader="")
    with closing(home.cards.connect(after.serial)) as connection:
        JpkiSession(connection).verify(Kind.AUTHENTICATION, "1234", last_try=True)
        InputSupportSession(connection).verify("3456")


def test_what_cannot_be_undone_takes_a_new_card_for_the_same_person(home: Home) -> None:
    before = stage("one-try-left", home.box)
    report_lost(before.resident, home.box)
    after = stage("one-try-left", home.box)
    assert after.serial != before.serial
    assert after.resident == before.resident
    assert after.number == before.number
    assert show_card(before.serial, home.box).card.state is CardState.VOID
    assert after.certificates.keys() == before.certificates.keys()
    assert stage("one-try-left", home.box).serial == after.serial


def test_who_has_died_has_no_card_any_more(home: Home) -> None:
    one = stage("locked-signature", home.box)
    leave_register(one.resident, ResidentEvent.DIED, home.box)
    with pytest.raises(NotStageable, match="died"):
        stage("locked-signature", home.box)


def test_the_boxs_clock_and_journal_are_as_they_were(
    home: Home, staged: Callable[[str], Staged]
) -> None:
    for name in NAMES:
        if name != "locked-signature":
            staged(name)
    assert abs(home.clock.now() - NOW) < timedelta(minutes=5)
    assert verify_journal(home.box) == []
    until = home.clock.now() + timedelta(days=6 * 366)
    for kind in CertificateKind:
        known = [one for one in list_authorities(home.box) if one.kind is kind]
        newest = max(known, key=lambda one: one.generation)
        assert newest.not_after > until, "today's certificates would be cut short"


def test_the_tray_holds_the_last_one(home: Home) -> None:
    one = stage("fresh", home.box)
    assert home.cards.tray() == (one.serial,)


def test_an_unknown_name(home: Home) -> None:
    with pytest.raises(UnknownScenario):
        stage("frsh", home.box)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("expired", datetime(2025, 6, 1, tzinfo=JST)),
        ("renewed", datetime(2023, 1, 4, tzinfo=JST)),
    ],
)
def test_a_box_that_is_too_early(
    name: str, moment: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        box_in(tmp_path_factory.mktemp("early") / "box", at=moment) as early,
        pytest.raises(NotStageable, match="too early"),
    ):
        stage(name, early.box)


def test_people_are_nobody_twice() -> None:
    people = [one.person for one in scenarios().values()]
    for column in ("number", "record_code", "name", "address"):
        assert len({person[column] for person in people}) == len(people) == 20
    for person in people:
        assert number_valid(person["number"]).value
        assert record_code_valid(person["record_code"]).value


def test_secrets_do_not_show(staged: Callable[[str], Staged]) -> None:
    one = staged("fresh")
    for told in (repr(one), str(one), repr(one.scenario)):
        for secret in (one.number.digits, "1234", "ABC123", one.verification_b or ""):
            assert secret not in told
