"""What each event does (R124, R145 to R157)."""

from datetime import date

import pytest

from mynabox.law.errors import BadArgument
from mynabox.law.events import Effect, event_effects, event_names, revocation_shows

CHANGED = "revoked affiliationChanged"
CEASED = "revoked cessationOfOperation"

ROWS = [
    # event, rule, signature, authentication, card
    ("address_changed", "R145", CHANGED, "good", "update"),
    ("name_changed", "R145", CHANGED, "good", "update"),
    ("corrected", "R146", CHANGED, "good", "update"),
    ("stopped_by_holder", "R147", CEASED, CEASED, "active"),
    ("without_pins", "R081", CEASED, "good", "active"),
    ("lost", "R148", "hold", "hold", "suspended"),
    ("found", "R149", "revoked certificateHold", "revoked certificateHold", "active"),
    ("renewed", "R150", "revoked superseded", "revoked superseded", "active"),
    ("died", "R151", CEASED, CEASED, "void"),
    ("record_deleted", "R151", CEASED, CEASED, "void"),
    ("emigrated", "R151", CEASED, CEASED, "void"),
    ("emigrated_continuing", "R154", CHANGED, "good", "active"),
    ("number_changed", "R152", CHANGED, CHANGED, "void"),
    ("record_code_changed", "R152", CHANGED, CHANGED, "void"),
    ("expired", "R153", "lapsed", "lapsed", "void"),
    ("returned", "R153", "lapsed", "lapsed", "void"),
    ("continued_use_missed", "R155", CHANGED, "lapsed", "void"),
    ("discarded", "R156", "revoked unspecified", "revoked unspecified", "void"),
    ("key_compromised", "R157", "revoked keyCompromise", "revoked keyCompromise", "active"),
    ("status_lost", "R124", CEASED, CEASED, "void"),
    ("guardianship_began", "R135", "good", "good", "active"),
    ("issued_to_ward", "R135", CHANGED, "good", "active"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "rule", "signature", "authentication", "card"), ROWS)
def test_row(
    event: str, rule: str, signature: str, authentication: str, card: str
) -> None:
    answer = event_effects(event)
    assert str(answer.value.signature) == signature
    assert str(answer.value.authentication) == authentication
    assert str(answer.value.card) == card
    beside = {"stopped_by_holder": ("R272",), "lost": ("R278",)}
    assert answer.rules == (rule, *beside.get(event, ()))


def test_every_event_has_a_row() -> None:
    assert set(event_names()) == {row[0] for row in ROWS}


def test_effects_can_be_acted_on() -> None:
    effects = event_effects("address_changed").value
    assert effects.signature == Effect("revoked", "affiliationChanged")
    assert effects.authentication == Effect("good")
    assert effects.card.reason is None


def test_a_lifted_suspension_is_told_as_a_dispute() -> None:
    assert [d.source for d in event_effects("found").disputes] == ["seed 003:338"]


@pytest.mark.parametrize(
    ("event", "next"),
    [
        ("address_changed", "event.issue_new_signature_certificate"),
        ("name_changed", "event.issue_new_signature_certificate"),
        ("corrected", "event.issue_new_signature_certificate"),
        ("lost", "event.tell_police_and_municipality"),
        ("found", "event.issue_new_certificates"),
        ("number_changed", "event.hand_card_back"),
        ("continued_use_missed", "event.hand_card_back"),
        ("died", None),
    ],
)
def test_what_is_done_next(event: str, next: str | None) -> None:
    assert event_effects(event).next == next


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(
        BadArgument, match="'event': one of address_changed, name_changed"
    ):
        event_effects("married")


def test_a_change_shows_from_the_next_day() -> None:
    answer = revocation_shows(date(2023, 12, 31))
    assert answer.value == date(2024, 1, 1)
    assert answer.rules == ("R145",)
