"""Verifiers: who is let in, what they are told, and everything they are refused."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn
from mynabox.lifecycle.verifier import Right, TooMany, Verifier
from mynabox.pki.evidence import CrlEvidence
from mynabox.ports import Box, Duplicate, KeysUnavailable, Missing
from mynabox.terminal.jpki import Kind
from mynabox.usecases.acting import channel, of_verifier, permit
from mynabox.usecases.check_certificate import (
    Source,
    Status,
    Wanted,
    check_certificate,
)
from mynabox.usecases.consents import give_consent, list_consents, revoke_consent
from mynabox.usecases.latest_attributes import latest_attributes
from mynabox.usecases.link_certificates import (
    CertificateName,
    Relation,
    link_certificates,
)
from mynabox.usecases.log_in import LogIn, ask_to_log_in, log_in, to_sign
from mynabox.usecases.register_verifier import (
    RegisterVerifier,
    count_call,
    end_verifier,
    list_verifiers,
    register_verifier,
    renew_verifier_key,
)
from mynabox.usecases.sign_in import of_resident, whose
from mynabox.usecases.status import current_list
from mynabox.usecases.verify_signature import verify_cms, verify_pdf, verify_raw
from tests.relying import ORIGIN, Holder, plain_pdf
from tests.usecases.places import Place, refused

At = Callable[[str], Place]
SIGNATURE, AUTHENTICATION = CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION
NOW = Wanted()


def verifier(place: Place, *rights: Right, **other: object) -> Verifier:
    said = RegisterVerifier(
        name="bank",
        purpose="opening accounts",
        origins=(ORIGIN,),
        rights=frozenset(rights or Right),
    )
    return register_verifier(replace(said, **other), place.box).verifier  # type: ignore[arg-type]


def holder(place: Place) -> Holder:
    return Holder(place.home, place.card.serial)


def answered(place: Place, bank: Verifier, *, seen_at: str = ORIGIN) -> LogIn:
    asked = ask_to_log_in(ORIGIN, bank, place.box)
    card = holder(place)
    return LogIn(
        challenge=asked.challenge,
        origin=ORIGIN,
        certificate=card.certificate(Kind.AUTHENTICATION),
        signature=card.sign(Kind.AUTHENTICATION, to_sign(seen_at, asked.challenge)),
    )


def why(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == "verifier.login_refused"
    return caught.value.facts["why"]


# Registration


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"name": "Bank"}, "name"),
        ({"name": "b"}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"purpose": "  "}, "purpose"),
        ({"purpose": "x" * 201}, "purpose"),
        ({"origins": ("https://bank.example/",)}, "origin"),
        ({"origins": ("bank.example",)}, "origin"),
        ({"origins": ("https://a b",)}, "origin"),
        ({"origins": (ORIGIN,) * 21}, "origin"),
        ({"rights": frozenset()}, "right"),
        ({"per_minute": 0}, "per_minute"),
        ({"per_minute": limits().verifier_calls_most + 1}, "per_minute"),
    ],
)
def test_what_a_registration_must_say(
    place: Place, wrong: dict[str, object], what: str
) -> None:
    error = refused(place, lambda: verifier(place, **wrong), "verifier.particulars")
    assert error.facts == {"what": what}


def test_a_key_is_told_once_and_opens_until_it_is_renewed_or_ended(
    place: Place,
) -> None:
    made = register_verifier(
        RegisterVerifier(name="bank", purpose="x", rights=frozenset({Right.LINKING})),
        place.box,
    )
    assert made.key not in repr(made) and made.key not in repr(place.kept())
    actor = whose(made.key, place.box)
    assert actor is not None and actor.verifier == made.verifier
    assert actor.name == "verifier:bank"
    with pytest.raises(Duplicate, match="verifier"):
        verifier(place)
    renewed = renew_verifier_key("bank", place.box)
    assert whose(made.key, place.box) is None
    assert whose(renewed.key, place.box) is not None
    end_verifier(made.verifier.id, place.box)
    assert whose(renewed.key, place.box) is None
    refused(
        place,
        lambda: end_verifier("bank", place.box),
        "verifier.not_possible_now",
        "R130",
    )
    assert [one.state.value for one in list_verifiers(place.box)] == ["ended"]
    with pytest.raises(Duplicate, match="verifier"):
        verifier(place)


def test_who_is_let_in(place: Place) -> None:
    """nobody without a key, in an open box either; a verifier to nothing else"""
    bank = verifier(place, Right.AUTHENTICATION)
    permit(of_verifier(bank), "beginLogIn")
    with pytest.raises(NotPermitted) as caught:
        permit(of_verifier(bank), "verifyCms")
    assert caught.value.code == "verifier.right_missing"
    assert caught.value.facts == {"right": "signature"}
    with pytest.raises(NotSignedIn) as nobody:
        permit(channel("api"), "beginLogIn")
    assert nobody.value.code == "verifier.key_needed"
    with pytest.raises(NotPermitted) as another:
        permit(of_resident("res-1"), "beginLogIn")
    assert another.value.code == "verifier.key_needed"
    for action in ("getResident", "giveConsent", "registerVerifier", "getAccessLog"):
        with pytest.raises(NotPermitted):
            permit(of_verifier(bank), action, resident="res-1")


def test_so_many_calls_a_minute(place: Place) -> None:
    place.on("2026-04-01T10:00:10")
    bank = verifier(place, per_minute=3)
    for _ in range(3):
        count_call(bank, place.box)
    with pytest.raises(TooMany) as caught:
        count_call(bank, place.box)
    assert caught.value.code == "verifier.too_many"
    assert caught.value.facts == {"most": "3", "seconds": "50"}
    other = verifier(place, name="shop")
    count_call(other, place.box)
    place.on("2026-04-01T10:01:00")
    count_call(bank, place.box)


# Status


def test_only_what_is_vouched_for_now_is_good(at: At) -> None:
    """one certificate, by each source and at each moment"""
    place = at("active")
    bank = verifier(place)
    (signature,) = [one for one in place.certificates if one.kind is SIGNATURE]

    def status(wanted: Wanted = NOW, encoded: bytes = signature.der) -> tuple[str, str]:
        found = check_certificate(encoded, SIGNATURE, bank, place.box, wanted=wanted)
        return found.status.value, found.cause

    now = place.box.clock.now()
    assert status() == ("good", "good")
    assert status(Wanted(source=Source.CRL)) == ("good", "good")
    assert status(Wanted(at=now + timedelta(seconds=1))) == (
        "unknown",
        "moment_to_come",
    )
    before = signature.not_before - timedelta(seconds=1)
    assert status(Wanted(at=before)) == ("unknown", "not_yet_valid")
    assert status(encoded=b"") == ("unknown", "unreadable")
    assert status(encoded=signature.der[:-1]) == ("unknown", "unreadable")
    changed = signature.der[:-1] + bytes([signature.der[-1] ^ 1])
    assert status(encoded=changed) == ("unknown", "untrusted")

    # a list that is fresh enough by itself may still be too old for the verifier
    current_list(signature.issuer, place.box, municipality=signature.municipality)
    place.machine.moment += timedelta(hours=2)
    by_list = Wanted(source=Source.CRL)
    assert status(by_list) == ("good", "good")
    assert status(replace(by_list, freshest=7200)) == ("good", "good")
    assert status(replace(by_list, freshest=7199)) == ("unknown", "too_old")

    # stale evidence that is brought along is no evidence
    old = current_list(signature.issuer, place.box, municipality=signature.municipality)
    brought = Wanted(evidence=CrlEvidence(encoded=old.der))
    assert status(brought) == ("good", "good")
    place.machine.moment += timedelta(days=1)
    assert status(brought) == ("unknown", "stale")
    assert status(by_list) == ("good", "good")

    place.lose()
    held = check_certificate(signature.der, SIGNATURE, bank, place.box)
    assert (held.status, held.reason) == (Status.HELD, "certificateHold")
    assert held.stopped == place.box.clock.now().replace(microsecond=0)
    assert held.known_from is not None and held.known_until is not None

    place.on(f"{signature.not_after:%Y-%m-%d}T23:59:59")
    assert status()[0] == "held"
    place.machine.moment += timedelta(seconds=1)
    assert status() == ("expired", "expired")


def test_the_other_kind_is_not_taken(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    (log_in_with,) = [one for one in place.certificates if one.kind is AUTHENTICATION]
    found = check_certificate(log_in_with.der, SIGNATURE, bank, place.box)
    assert (found.status, found.cause) == (Status.UNKNOWN, "crossed_hierarchy")


def test_by_issuance_number_with_the_right_alone(at: At) -> None:
    place = at("active")
    serial = place.certificates[0].serial
    kind = place.certificates[0].kind
    bank = verifier(place, Right.SIGNATURE, Right.AUTHENTICATION)

    def ask(who: Verifier, number: int) -> Status:
        return check_certificate(
            None, kind, who, place.box, issuance_number=number
        ).status

    error = refused(place, lambda: ask(bank, serial), "verifier.right_missing")
    assert error.facts == {"right": "issuance_number"}
    able = verifier(place, name="court")
    assert ask(able, serial) is Status.GOOD
    assert ask(able, serial + 1000) is Status.UNKNOWN
    assert ask(able, 10**18 - 1) is Status.UNKNOWN


class Gone:
    """An HSM that was unplugged."""

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        raise KeysUnavailable("no token")

    def public_key(self, key: str) -> bytes:
        raise KeysUnavailable("no token")

    def sign(self, key: str, data: bytes) -> bytes:
        raise KeysUnavailable("no token")


def test_without_the_responders_keys_nothing_is_good(at: At) -> None:
    """neither status nor log-in; the challenge is used up all the same"""
    place = at("active")
    bank = verifier(place)
    certificate = holder(place).certificate(Kind.AUTHENTICATION)
    broken: Box = replace(place.box, signer=Gone())
    found = check_certificate(certificate, AUTHENTICATION, bank, broken)
    assert (found.status, found.cause) == (Status.UNKNOWN, "responder_try_later")
    given = answered(place, bank)
    assert why(lambda: log_in(given, bank, broken)) == "unknown"
    assert why(lambda: log_in(given, bank, place.box)) == "challenge_used"


# Signatures


def test_signed_octets_and_what_was_changed(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    card = holder(place)
    data, certificate = b"challenge of ours", card.certificate(Kind.SIGNATURE)
    signature = card.sign(Kind.SIGNATURE, data)

    def judged(data: bytes, kind: CertificateKind = SIGNATURE) -> tuple[bool, str]:
        (seen,) = verify_raw(
            data, signature, certificate, kind, bank, place.box, wanted=NOW
        ).signatures
        assert (seen.holder is None) == bool(seen.cause)
        return seen.valid, seen.cause or seen.checked.cause

    assert judged(data) == (True, "good")
    assert judged(data + b"!") == (False, "signature")
    assert judged(data, AUTHENTICATION) == (False, "crossed_hierarchy")
    signed = card.sign_cms(b"contract", at=place.box.clock.now())
    good = verify_cms(signed, b"contract", bank, place.box, wanted=NOW)
    named = good.signatures[0].holder
    assert good.valid and named is not None and "箱田" in named.name
    assert "箱田" not in repr(good)
    other = verify_cms(signed, b"another", bank, place.box, wanted=NOW)
    assert (other.valid, other.signatures) == (False, ())
    assert other.cause == "the document was changed"
    nothing = verify_cms(b"\x30\x00", None, bank, place.box, wanted=NOW)
    assert not nothing.valid and nothing.cause
    place.machine.moment += timedelta(minutes=1)
    place.lose()
    lost = verify_cms(signed, b"contract", bank, place.box, wanted=NOW)
    assert not lost.valid and not lost.signatures[0].cause
    before = Wanted(at=good.signatures[0].checked.checked)
    assert verify_cms(signed, b"contract", bank, place.box, wanted=before).valid


def added_later(signed: bytes) -> bytes:
    """The document with another page's worth of drawing appended as a revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_as_it_was_signed_changed_or_added_to(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    signed = holder(place).sign_pdf(plain_pdf())

    def judged(document: bytes) -> tuple[bool, str, bool]:
        found = verify_pdf(document, bank, place.box, wanted=NOW)
        if not found.signatures:
            return found.valid, found.cause, False
        (seen,) = found.signatures
        assert seen.place == "Holder"
        assert (seen.holder is None) == bool(seen.cause)
        return seen.valid, seen.cause, seen.covers_all

    assert judged(signed) == (True, "", True)
    assert judged(signed.replace(b"0 0 1 rg", b"1 0 0 rg", 1)) == (
        *(False, "document_changed"),
        True,
    )
    assert judged(added_later(signed)) == (False, "changed_afterwards", False)
    assert judged(plain_pdf()) == (False, "nobody signed", False)
    assert judged(b"%PDF-1.7 no more") == (False, "unreadable", False)
    assert judged(b"") == (False, "unreadable", False)


# Log-in


def test_a_log_in_counts_once_at_its_origin_within_minutes(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    given = answered(place, bank)
    assert log_in(given, bank, place.box).checked.good
    assert why(lambda: log_in(given, bank, place.box)) == "challenge_used"

    # what was signed at another site, or for another verifier, is worth nothing
    elsewhere = answered(place, bank, seen_at="https://bank.example.evil")
    assert why(lambda: log_in(elsewhere, bank, place.box)) == "signature"
    shop = verifier(place, name="shop")
    theirs = answered(place, bank)
    assert why(lambda: log_in(theirs, shop, place.box)) == "challenge_unknown"
    moved = verifier(place, name="two", origins=(ORIGIN, "https://two.example"))
    asked = replace(answered(place, moved), origin="https://two.example")
    assert why(lambda: log_in(asked, moved, place.box)) == "other_origin"
    assert (
        why(lambda: ask_to_log_in("https://other.example", bank, place.box))
        == "other_origin"
    )

    late = answered(place, bank)
    place.machine.moment += timedelta(minutes=limits().challenge_minutes)
    assert why(lambda: log_in(late, bank, place.box)) == "challenge_expired"
    early = answered(place, bank)
    place.machine.moment -= timedelta(seconds=1)
    assert why(lambda: log_in(early, bank, place.box)) == "challenge_expired"


def test_the_last_second_of_a_challenge(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    given = answered(place, bank)
    place.machine.moment += timedelta(
        minutes=limits().challenge_minutes, microseconds=-1
    )
    assert log_in(given, bank, place.box).user


@pytest.mark.parametrize(
    ("happens", "said"),
    [(lambda p: p.lose(), "held"), (lambda p: p.leave(), "revoked")],
)
def test_no_log_in_with_a_card_that_was_stopped(
    at: At, happens: Callable[[Place], object], said: str
) -> None:
    place = at("active")
    bank = verifier(place)
    given = answered(place, bank)
    happens(place)
    assert why(lambda: log_in(given, bank, place.box)) == said


def test_no_two_verifiers_know_anybody_by_one_name(at: At) -> None:
    place = at("active")
    bank, shop = verifier(place), verifier(place, name="shop")
    plain = verifier(place, Right.AUTHENTICATION, name="plain")
    one, other = (log_in(answered(place, who), who, place.box) for who in (bank, shop))
    assert one.user != other.user and one.subject != other.subject
    assert one.new and not log_in(answered(place, bank), bank, place.box).new
    unlinked = log_in(answered(place, plain), plain, place.box)
    assert (unlinked.user, unlinked.new) == (None, False)
    less = verifier(place, Right.LINKING, name="less")
    refused(
        place, lambda: ask_to_log_in(ORIGIN, less, place.box), "verifier.right_missing"
    )


# Links


def test_old_and_new_and_of_both_kinds(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    old = {one.kind: one for one in place.certificates}
    place.lose()
    place.find()
    new = {one.kind: one for one in place.reissue()}

    def link(earlier: bytes, kind: CertificateKind) -> tuple[Relation | None, bool]:
        found = link_certificates(
            CertificateName(encoded=earlier), new[kind].der, kind, bank, place.box
        )
        return found.relation, found.latest

    assert link(old[SIGNATURE].der, SIGNATURE) == (Relation.RENEWED, True)
    assert link(old[SIGNATURE].der, AUTHENTICATION) == (Relation.OTHER_KIND, True)
    assert link(new[SIGNATURE].der, SIGNATURE) == (Relation.SAME, True)
    untold = link_certificates(
        CertificateName(encoded=new[SIGNATURE].der),
        old[SIGNATURE].der,
        SIGNATURE,
        bank,
        place.box,
    )
    assert (untold.relation, untold.checked.status) == (None, Status.HELD)
    by_number = CertificateName(issuance_number=old[SIGNATURE].serial)
    found = link_certificates(by_number, new[SIGNATURE].der, SIGNATURE, bank, place.box)
    assert found.relation is Relation.RENEWED
    less = verifier(place, Right.LINKING, name="less")
    for name in (by_number, CertificateName(issuance_number=10**17)):
        refused(
            place,
            lambda name=name: link_certificates(  # type: ignore[misc]
                name, new[SIGNATURE].der, SIGNATURE, less, place.box
            ),
            "verifier.right_missing",
        )
    der = old[SIGNATURE].der
    for earlier in (b"\x30\x00", der[:-1] + bytes([der[-1] ^ 1])):
        with pytest.raises(Refused) as caught:
            link(earlier, SIGNATURE)
        assert caught.value.code == "verifier.certificate"


# Consent


def test_a_consent_lasts_ten_years_and_can_be_taken_back(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    (signature,) = [one for one in place.certificates if one.kind is SIGNATURE]
    by = CertificateName(encoded=signature.der)

    def ask() -> str:
        return latest_attributes(by, None, bank, place.box).items.name

    refused(place, ask, "consent.none")
    given = give_consent(place.hero, "bank", place.box)
    assert given.expires == place.box.clock.now().replace(year=2036)
    assert ask() == "箱田 太郎"
    with pytest.raises(Duplicate, match="consent"):
        give_consent(place.hero, "bank", place.box)
    place.machine.moment = given.expires - timedelta(microseconds=1)
    assert ask() == "箱田 太郎"
    place.machine.moment = given.expires
    refused(place, ask, "consent.none")
    give_consent(place.hero, bank.id, place.box)
    assert ask() == "箱田 太郎"
    revoke_consent(place.hero, "bank", place.box)
    refused(place, ask, "consent.none")
    with pytest.raises(Missing, match="consent"):
        revoke_consent(place.hero, "bank", place.box)
    states = [one.state.value for one, _ in list_consents(place.hero, place.box)]
    assert states == ["revoked", "revoked"]


def test_before_it_was_given_it_does_not_count(at: At) -> None:
    """by a clock that was turned back"""
    place = at("active")
    bank = verifier(place)
    user = log_in(answered(place, bank), bank, place.box).user
    give_consent(place.hero, "bank", place.box)
    latest_attributes(None, user, bank, place.box)
    place.machine.moment -= timedelta(seconds=1)
    refused(
        place, lambda: latest_attributes(None, user, bank, place.box), "consent.none"
    )


def test_who_cannot_consent_and_whom_nobody_asks_about(at: At) -> None:
    place = at("active")
    bank = verifier(place)
    less = verifier(place, Right.SIGNATURE, name="less")
    refused(
        place,
        lambda: give_consent(place.hero, "less", place.box),
        "consent.cannot_be_given",
    )
    refused(
        place,
        lambda: latest_attributes(None, "usr-x", bank, place.box),
        "consent.none",
    )
    for who in (less, verifier(place, Right.ATTRIBUTES, name="nolinks")):
        refused(
            place,
            lambda who=who: latest_attributes(None, "usr-x", who, place.box),  # type: ignore[misc]
            "verifier.right_missing",
        )
    give_consent(place.hero, "bank", place.box)
    certificate = place.certificates[0].der
    place.leave(ResidentEvent.DIED)
    refused(
        place,
        lambda: latest_attributes(
            CertificateName(encoded=certificate), None, bank, place.box
        ),
        "consent.none",
    )
    shop = verifier(place, name="shop")
    refused(
        place,
        lambda: give_consent(place.hero, shop.id, place.box),
        "consent.cannot_be_given",
    )
