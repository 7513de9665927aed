"""Lost, suspended, found, certified anew."""

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.lifecycle.card import CardEvent, CardState
from mynabox.lifecycle.certificate import (
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.ports import Missing
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import report_lost
from tests.usecases.places import (
    LICENCE,
    Meanwhile,
    Place,
    foreigner,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]
BOTH = {CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION}


@pytest.mark.parametrize(
    "moment",
    [
        "2026-07-01T23:59:59",
        "2026-07-02T00:00:00",
        "2027-01-01T03:00:00",
        "2026-09-22T12:00:00",
    ],
)
def test_the_hotline_takes_the_call_at_any_hour(at: At, moment: str) -> None:
    """R180: nights, New Year, holidays; card and both certificates stop at once"""
    place = at("active").on(moment)
    done = place.lose()
    assert place.card.state is CardState.SUSPENDED
    assert set(done.certificates) == {one.serial for one in place.certificates}
    for certificate in place.certificates:
        assert certificate.state is CertificateState.ON_HOLD
        assert certificate.reason is StopReason.CERTIFICATE_HOLD
        assert certificate.stopped == place.box.clock.now()


@pytest.mark.parametrize("stage", ["registered", "noticed", "applied", "produced"])
def test_without_a_card_there_is_nothing_to_stop(at: At, stage: str) -> None:
    """before the card is in the holder's hand"""
    place = at(stage)
    refused(place, place.lose, "lost.no_card", "R180")


def test_what_is_stopped_already_stays_as_it_is(at: At) -> None:
    """the second call changes neither the moment nor the hold"""
    place = at("suspended")
    said = refused(
        place,
        place.lose,
        "lost.already_stopped",
        "R180",
    )
    assert said.facts == {"since": "2026-07-01 23:40"}


def test_a_card_that_ended_cannot_be_lost(at: At) -> None:
    """gone with the holder's record"""
    place = at("active")
    place.leave()
    refused(place, place.lose, "lost.no_card", "R180")


def test_nobody_knows_the_caller(at: At) -> None:
    """a person that is not in the register"""
    place = at("active")
    before = place.kept()
    with pytest.raises(Missing):
        report_lost("res-nobody", place.box)
    assert place.kept() == before


FOUND_REFUSALS: list[
    tuple[str, str, Callable[[Place], object], str, tuple[str, ...]]
] = [
    (
        "the hotline cannot lift it",
        "suspended",
        lambda place: place.find(place="hotline"),
        "found.only_at_the_counter",
        ("R185",),
    ),
    (
        "any other place neither",
        "suspended",
        lambda place: place.find(place="Counter"),
        "found.only_at_the_counter",
        ("R185",),
    ),
    (
        "without a document",
        "suspended",
        lambda place: place.find(documents=()),
        "identity.not_enough",
        ("R267",),
    ),
    (
        "one document without a photograph",
        "suspended",
        lambda place: place.find(documents=("student_card",)),
        "identity.not_enough",
        ("R267",),
    ),
    (
        "a card that was not suspended",
        "active",
        lambda place: place.find(),
        "card.not_possible_now",
        ("R030", "R050", "R148", "R149", "R185"),
    ),
    (
        "a card that waits for its holder",
        "produced",
        lambda place: place.find(),
        "card.not_possible_now",
        ("R030", "R050", "R148", "R149", "R185"),
    ),
]


@pytest.mark.parametrize(
    ("stage", "attempt", "code", "rules"),
    [row[1:] for row in FOUND_REFUSALS],
    ids=[row[0] for row in FOUND_REFUSALS],
)
def test_found_refused(
    at: At,
    stage: str,
    attempt: Callable[[Place], object],
    code: str,
    rules: tuple[str, ...],
) -> None:
    """the suspension stays"""
    place = at(stage)
    refused(place, lambda: attempt(place), code, *rules)


def test_found_an_unknown_card(at: At) -> None:
    """a serial nobody has made"""
    place = at("suspended")
    before = place.kept()
    with pytest.raises(Missing):
        report_found(ReportFound(serial="1" * 16, documents=LICENCE), place.box)
    assert place.kept() == before


def test_found_makes_the_card_active_but_never_lifts_a_hold(at: At) -> None:
    """R149, A17: the held certificates end for good, with the moment of the hold"""
    place = at("suspended")
    held = {one.serial: one.stopped for one in place.certificates}
    place.on("2026-07-02").find()
    assert place.card.state is CardState.ACTIVE
    for certificate in place.certificates:
        assert certificate.state is CertificateState.REVOKED
        assert certificate.reason is StopReason.CERTIFICATE_HOLD
        assert certificate.stopped == held[certificate.serial]


@pytest.mark.parametrize(
    ("moment", "possible"),
    [
        ("2026-12-31T23:59:59", True),
        ("2027-01-31T23:59:59", True),
        ("2027-02-01T00:00:00", False),
    ],
)
def test_found_and_certified_until_the_last_second_of_the_card(
    place: Place, moment: str, possible: bool
) -> None:
    """R094, R176: the day of expiry is the last, for finding and for new keys"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.have_card(produced="2026-04-10", collected="2026-04-12")
    hero.lose()
    hero.on(moment)
    if possible:
        assert hero.find().state is CardState.ACTIVE
        assert {one.kind for one in hero.reissue()} == BOTH
        return
    said = refused(hero, hero.find, "card.expired", "R094")
    assert said.facts == {"expires": "2027-01-31"}
    said = refused(hero, hero.reissue, "card.not_valid", "R094", "R176")
    assert said.facts["expires"] == "2027-01-31"


@pytest.mark.parametrize(
    ("moment", "possible"),
    [("2027-01-31T23:59:59", True), ("2027-02-01T00:00:00", False)],
)
def test_new_certificates_until_the_last_second_of_an_active_card(
    place: Place, moment: str, possible: bool
) -> None:
    """R094: an active card whose certificates ended, on both sides of midnight"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.have_card(produced="2026-04-10", collected="2026-04-12")
    hero.lose()
    hero.find()
    hero.on(moment)
    if possible:
        assert all(
            one.not_after.date().isoformat() == "2027-01-31" for one in hero.reissue()
        )
        return
    said = refused(hero, hero.reissue, "card.not_valid", "R094", "R176")
    assert said.facts == {"state": "active", "expires": "2027-01-31"}


REISSUE_REFUSALS: list[
    tuple[str, str, Callable[[Place], object], str, tuple[str, ...]]
] = [
    (
        "without a document",
        "found",
        lambda place: place.reissue(documents=()),
        "identity.not_enough",
        ("R267",),
    ),
    (
        "for a suspended card",
        "suspended",
        lambda place: place.reissue(),
        "card.not_valid",
        ("R094", "R176"),
    ),
    (
        "for a card that still waits",
        "produced",
        lambda place: place.reissue(),
        "card.not_valid",
        ("R094", "R176"),
    ),
    (
        "nothing is lacking",
        "active",
        lambda place: place.reissue(),
        "certificates.none_lacking",
        ("R165",),
    ),
    (
        "one that is still good, by name",
        "active",
        lambda place: place.reissue(CertificateKind.SIGNATURE),
        "certificates.still_good",
        ("R150",),
    ),
    (
        "a second time",
        "reissued",
        lambda place: place.reissue(*BOTH),
        "certificates.still_good",
        ("R150",),
    ),
]


@pytest.mark.parametrize(
    ("stage", "attempt", "code", "rules"),
    [row[1:] for row in REISSUE_REFUSALS],
    ids=[row[0] for row in REISSUE_REFUSALS],
)
def test_reissue_refused(
    at: At,
    stage: str,
    attempt: Callable[[Place], object],
    code: str,
    rules: tuple[str, ...],
) -> None:
    """the chip keeps its keys as well"""
    place = at(stage)
    refused(place, lambda: attempt(place), code, *rules)


def test_reissue_after_the_end_of_the_card(at: At) -> None:
    """gone with the holder's record"""
    place = at("found")
    place.leave()
    refused(place, place.reissue, "card.not_valid", "R094", "R176")


@pytest.mark.parametrize(
    ("day", "allowed"), [("2027-06-14", False), ("2027-06-15", True)]
)
def test_who_turns_fifteen_may_sign(place: Place, day: str, allowed: bool) -> None:
    """R135: born 2012-06-15; the card itself was made without a signature key"""
    hero = place.enter(particulars(born="2012-06-15", record_code=next(record_codes())))
    hero.have_card(produced="2026-04-10", collected="2026-04-12")
    assert [one.kind for one in hero.certificates] == [CertificateKind.AUTHENTICATION]
    hero.on(day)
    if allowed:
        issued = hero.reissue(CertificateKind.SIGNATURE)
        assert [one.kind for one in issued] == [CertificateKind.SIGNATURE]
        return
    ask = CertificateKind.SIGNATURE
    by = "箱田 親"
    refused(hero, lambda: hero.reissue(ask), "representative.needed", "R136")
    refused(
        hero,
        lambda: hero.reissue(ask, represented=by),
        "certificates.too_young",
        "R135",
    )
    refused(
        hero,
        lambda: hero.reissue(represented=by),
        "certificates.none_lacking",
        "R165",
    )


def test_only_what_is_lacking_is_issued(at: At) -> None:
    """one kind wished for, then the other"""
    place = at("found")
    first = place.reissue(CertificateKind.AUTHENTICATION)
    assert [one.kind for one in first] == [CertificateKind.AUTHENTICATION]
    second = place.reissue()
    assert [one.kind for one in second] == [CertificateKind.SIGNATURE]
    assert all(one.state is CertificateState.ACTIVE for one in (*first, *second))


def _stop_holder(place: Place) -> None:
    with place.box.store.work() as work:
        work.residents.save(place.resident.after(ResidentEvent.LEFT_JAPAN))


def _suspend(place: Place) -> None:
    with place.box.store.work() as work:
        at = place.box.clock.now()
        work.cards.save(place.card.after(CardEvent.REPORTED_LOST, at=at))


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize(
    ("happens", "codes"),
    [
        (_suspend, {"card.not_valid"}),
        (_stop_holder, {"application.not_registered"}),
        (
            lambda place: place.reissue(),
            {"certificates.none_lacking", "certificates.still_good"},
        ),
    ],
    ids=["the card was lost", "the holder left", "another clerk was faster"],
)
def test_keys_and_certificates_stay_together(
    at: At, happens: Callable[[Place], object], codes: set[str], looks: int
) -> None:
    """whoever is late is refused and leaves the keys of the chip alone"""
    place = at("found")
    after: dict[str, object] = {}

    def meanwhile() -> None:
        happens(place)
        after.update(place.kept())

    with pytest.raises(Refused) as caught:
        place.with_store(Meanwhile(place.box.store, meanwhile, looks)).reissue()
    assert caught.value.code in codes
    assert place.kept() == after


def test_the_certificates_are_those_of_the_keys_in_the_chip(at: At) -> None:
    """after every change the card signs under the certificate it carries"""
    for stage in ("active", "reissued"):
        place = at(stage)
        connection = place.box.cards.connect(place.card.serial)
        session = JpkiSession(connection)
        session.verify(Kind.SIGNATURE, "ABC123")
        carried = session.certificate(Kind.SIGNATURE)
        known = [
            one
            for one in place.certificates
            if one.kind is CertificateKind.SIGNATURE
            and one.state is CertificateState.ACTIVE
        ]
        assert [one.der for one in known] == [carried]
        key = x509.load_der_x509_certificate(carried).public_key()
        assert isinstance(key, RSAPublicKey)
        signed = session.sign(Kind.SIGNATURE, b"a document")
        key.verify(signed, b"a document", PKCS1v15(), SHA256())
        connection.close()
