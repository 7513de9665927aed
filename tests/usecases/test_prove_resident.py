"""A resident shows with the card who they are; nobody else can."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.acting import nobody, permit
from mynabox.usecases.prove_resident import (
    PREFIX,
    Proof,
    ask_resident,
    open_resident_session,
    sign_with_card,
)
from mynabox.usecases.sign_in import whose
from tests.usecases.places import Place

At = Callable[[str], Place]
PIN = SPECIMEN_PINS["authentication"]


def insert(place: Place) -> Place:
    place.box.cards.insert(place.card.serial)
    return place


def proof(place: Place) -> Proof:
    return sign_with_card(place.card.serial, PIN, place.box)


def refused_as(attempt: Callable[[], object], code: str) -> Refused:
    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == code
    assert PIN.characters not in repr(caught.value)
    return caught.value


def test_the_holder_reads_their_own_log_and_nobody_elses(at: At) -> None:
    place = insert(at("active"))
    opened = open_resident_session(proof(place), place.box)
    actor = whose(opened.secret, place.box)
    assert actor is not None
    assert actor.resident == place.resident.id
    assert actor.name == f"resident:{place.resident.id}"
    permit(actor, "getAccessLog", resident=place.resident.id)
    for other in ("res-other", None):
        with pytest.raises(NotPermitted, match="not_yours"):
            permit(actor, "getAccessLog", resident=other)
    for action in ("getResident", "discloseNumber", "approveRequest"):
        with pytest.raises(NotPermitted, match="not_your_task"):
            permit(actor, action, resident=place.resident.id)
    last = place.shown().journal[-1].entry
    assert (last.action, last.actor) == ("resident_session", actor.name)


@pytest.mark.parametrize(
    ("after", "known"),
    [(timedelta(minutes=29), True), (timedelta(minutes=30), False)],
)
def test_it_lasts_half_an_hour(at: At, after: timedelta, known: bool) -> None:
    place = insert(at("active"))
    opened = open_resident_session(proof(place), place.box)
    place.machine.moment += after
    assert (whose(opened.secret, place.box) is not None) == known


def by_key(place: Place, kind: Kind, data: bytes) -> tuple[bytes, bytes]:
    """Certificate and signature of the card, by one of its keys."""
    session = JpkiSession(place.box.cards.connect(place.card.serial))
    session.verify(kind, SPECIMEN_PINS[kind.value].characters)
    return session.certificate(kind), session.sign(kind, data)


def test_a_proof_counts_once(at: At) -> None:
    place = insert(at("active"))
    given = proof(place)
    open_resident_session(given, place.box)
    refused_as(
        lambda: open_resident_session(given, place.box), "authority.resident_proof"
    )


def test_a_proof_counts_soon(at: At) -> None:
    place = insert(at("active"))
    given = proof(place)
    place.machine.moment += timedelta(minutes=5)
    refused_as(
        lambda: open_resident_session(given, place.box), "authority.resident_proof"
    )


FALSE: dict[str, Callable[[Place, Proof], Proof]] = {
    "a challenge of one's own": lambda place, given: replace(
        given, challenge=bytes(32)
    ),
    "a signature over the challenge alone": lambda place, given: replace(
        given, signature=by_key(place, Kind.AUTHENTICATION, given.challenge)[1]
    ),
    "the signature of another challenge": lambda place, given: replace(
        given, challenge=ask_resident(place.box).challenge
    ),
    "the other key and its certificate": lambda place, given: _with_signature_key(
        place, given
    ),
    "the other certificate": lambda place, given: replace(
        given, certificate=by_key(place, Kind.SIGNATURE, b"")[0]
    ),
    "no signature": lambda place, given: replace(given, signature=b""),
    "a certificate that is none": lambda place, given: replace(
        given, certificate=b"\x30\x03\x02\x01\x01"
    ),
    "nothing at all": lambda place, given: Proof(
        challenge=b"", certificate=b"", signature=b""
    ),
    "a certificate with an octet changed": lambda place, given: replace(
        given, certificate=given.certificate[:-1] + bytes((given.certificate[-1] ^ 1,))
    ),
}


def _with_signature_key(place: Place, given: Proof) -> Proof:
    certificate, signature = by_key(place, Kind.SIGNATURE, PREFIX + given.challenge)
    return Proof(
        challenge=given.challenge, certificate=certificate, signature=signature
    )


@pytest.mark.parametrize("how", FALSE)
def test_what_proves_nothing(at: At, how: str) -> None:
    place = insert(at("active"))
    given = FALSE[how](place, proof(place))
    refused_as(
        lambda: open_resident_session(given, place.box), "authority.resident_proof"
    )
    with place.box.store.look() as work:
        assert not work.sessions.of(place.resident.id)


@pytest.mark.parametrize("what", ["lost", "lapsed"])
def test_a_card_that_is_not_good(at: At, what: str) -> None:
    place = insert(at("active"))
    given = proof(place)
    if what == "lost":
        place.lose()
    else:
        place.on("2039-01-01")
        given = proof(place)
    refused_as(
        lambda: open_resident_session(given, place.box), "authority.card_not_good"
    )


def test_a_wrong_pin_costs_a_try_until_it_locks(at: At) -> None:
    """R073"""
    place = insert(at("active"))
    left = []
    for _ in range(2):
        said = refused_as(
            lambda: sign_with_card(place.card.serial, Pin("0000"), place.box),
            "authority.wrong_pin",
        )
        left.append(said.facts["tries"])
    assert left == ["2", "1"]
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            sign_with_card(place.card.serial, Pin("0000"), place.box)
    assert caught.value.code == "authority.pin_locked"
    refused_as(lambda: proof(place), "authority.pin_locked")


@pytest.mark.parametrize("pin", ["", "1" * 17])
def test_what_is_no_pin(at: At, pin: str) -> None:
    place = insert(at("active"))
    refused_as(
        lambda: sign_with_card(place.card.serial, Pin(pin), place.box),
        "authority.resident_proof",
    )


def test_a_card_that_is_not_in_the_reader(at: At) -> None:
    place = at("active")
    place.box.cards.eject()
    refused_as(lambda: proof(place), "authority.no_card_in_reader")


def test_nobody_is_asked_to_sign_in_where_anyone_may() -> None:
    permit(nobody("api"), "getClock")
    with pytest.raises(NotSignedIn):
        permit(nobody("api"), "getResident")
