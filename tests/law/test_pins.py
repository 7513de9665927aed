"""The four secrets of a card (R070 to R082)."""

from datetime import UTC, datetime

import pytest

from mynabox.law.errors import BadArgument
from mynabox.law.pins import (
    PinKind,
    ResetPlace,
    card_without_pins,
    health_terminal_tries,
    pin_form,
    pin_not_needed_card,
    pin_reset,
    pin_tries,
    pins_may_be_equal,
    without_pins_note,
)

T = datetime.fromisoformat

FORMS = [
    ("authentication", "1234", ()),
    ("juki", "0000", ()),
    ("input_support", "9999", ()),
    ("authentication", "123", ("pin.length",)),
    ("authentication", "12345", ("pin.length",)),
    ("juki", "12345", ("pin.length",)),
    ("input_support", "12345", ("pin.length",)),
    ("juki", "12a4", ("pin.digits_only",)),
    ("juki", "１２３４", ("pin.digits_only",)),
    ("input_support", "", ("pin.length", "pin.digits_only")),
    ("signature", "ABC123", ()),
    ("signature", "ABC12", ("pin.length",)),
    ("signature", "ABCDEFGH12345678", ()),
    ("signature", "ABCDEFGH123456789", ("pin.length",)),
    ("signature", "abc123", ("pin.upper_case_only",)),
    ("signature", "ABC12z", ("pin.upper_case_only",)),
    ("signature", "aBC123", ("pin.upper_case_only",)),
    ("signature", "ABCDEF", ("pin.needs_digit",)),
    ("signature", "123456", ("pin.needs_letter",)),
    ("signature", "ABC-123", ("pin.letters_and_digits_only",)),
    ("signature", "ＡＢＣ１２３", ("pin.letters_and_digits_only",)),
    ("signature", "ab", ("pin.length", "pin.upper_case_only")),
    ("signature", "A1Z0Y9", ()),
]


@pytest.mark.parametrize(("kind", "value", "codes"), FORMS)
def test_form(kind: PinKind, value: str, codes: tuple[str, ...]) -> None:
    answer = pin_form(kind, value)
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.rules == (("R070", "R072") if kind == "signature" else ("R070",))
    for reason in answer.value.reasons:
        assert value == "" or value not in str(reason)


def test_form_reasons_name_rule_and_lengths() -> None:
    short = pin_form("signature", "A1").value.reasons[0]
    assert (short.rule, dict(short.facts)) == ("R070", {"from": 6, "to": 16})
    long = pin_form("juki", "12345").value.reasons[0]
    assert (long.rule, dict(long.facts)) == ("R070", {"from": 4, "to": 4})
    assert pin_form("juki", "abcd").value.reasons[0].rule == "R070"
    for value in ("abc123", "ABC-123", "123456", "ABCDEF"):
        assert pin_form("signature", value).value.reasons[0].rule == "R072"
    assert [d.source for d in pin_form("signature", "ABC123").disputes] == [
        "seed 004:56"
    ]


@pytest.mark.parametrize(
    ("kind", "tries", "rules"),
    [
        ("signature", 5, ("R073",)),
        ("authentication", 3, ("R073", "R074")),
        ("juki", 3, ("R073", "R074")),
        ("input_support", 3, ("R073", "R074")),
    ],
)
def test_tries(kind: PinKind, tries: int, rules: tuple[str, ...]) -> None:
    answer = pin_tries(kind)
    assert answer.value == tries
    assert answer.rules == rules
    assert answer.disputes[0].source == "seed 003:153"


def test_the_three_short_ones_may_be_equal() -> None:
    assert pins_may_be_equal(("authentication", "juki", "input_support")).value
    assert not pins_may_be_equal(("authentication", "signature")).value
    assert pins_may_be_equal(("juki",)).rules == ("R071",)


COUNTER = [
    # documents, in person, codes
    (("my_number_card",), True, ("pin_reset.card_is_not_enough",)),
    (("card",), True, ("pin_reset.card_is_not_enough",)),
    ((), True, ("pin_reset.no_document",)),
    (("residence_record",), True, ("pin_reset.no_document",)),
    (("drivers_licence",), True, ()),
    (("license", "card"), True, ()),
    (("insurance_card",), True, ()),
    (("drivers_licence",), False, ("pin_reset.in_person",)),
    ((), False, ("pin_reset.in_person", "pin_reset.no_document")),
]


@pytest.mark.parametrize(("documents", "in_person", "codes"), COUNTER)
@pytest.mark.parametrize("kind", ["signature", "authentication", "juki"])
def test_reset_at_the_counter(
    kind: PinKind, documents: tuple[str, ...], in_person: bool, codes: tuple[str, ...]
) -> None:
    answer = pin_reset(
        kind, "counter", T("2023-10-02T10:00"), documents, in_person=in_person
    )
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.rules == ("R076",)
    assert {r.rule for r in answer.value.reasons} <= {"R076"}
    assert answer.next == ("pin_reset.bring_document" if codes else None)


STORE = [
    # kind, at, app done, other known, codes, rules, next
    ("signature", "2023-10-02T10:00", "2023-10-01T10:00", True, (), ("R077",), None),
    ("signature", "2023-10-02T10:00", "2023-10-02T10:00", True, (), ("R077",), None),
    ("signature", "2023-10-02T10:01", "2023-10-01T10:00", True, ("pin_reset.store_too_late",), ("R077",), "pin_reset.app_again"),
    ("signature", "2023-10-02T10:00", "2023-10-02T10:01", True, ("pin_reset.store_too_late",), ("R077",), "pin_reset.app_again"),
    ("signature", "2023-10-02T10:00", None, True, (), ("R077",), "pin_reset.app_first"),
    ("signature", "2023-10-02T10:00", None, False, ("pin_reset.both_unknown",), ("R077", "R078"), "pin_reset.go_to_counter"),
    ("authentication", "2024-08-31T23:59", None, True, ("pin_reset.not_at_store_then",), ("R077",), "pin_reset.go_to_counter"),
    ("authentication", "2024-09-01T00:00", None, True, (), ("R078", "R077"), "pin_reset.app_first"),
    ("signature", "2022-02-28T12:00", None, True, ("pin_reset.not_at_store_then",), ("R077",), "pin_reset.go_to_counter"),
    ("signature", "2022-03-01T12:00", None, True, (), ("R077",), "pin_reset.app_first"),
    ("juki", "2024-09-01T12:00", None, True, ("pin_reset.never_at_store",), ("R079", "R078"), "pin_reset.go_to_counter"),
    ("input_support", "2024-09-01T12:00", None, True, ("pin_reset.never_at_store",), ("R079", "R078"), "pin_reset.go_to_counter"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "at", "done", "known", "codes", "rules", "next"), STORE
)
def test_reset_at_a_store(
    kind: PinKind,
    at: str,
    done: str | None,
    known: bool,
    codes: tuple[str, ...],
    rules: tuple[str, ...],
    next: str | None,
) -> None:
    answer = pin_reset(
        kind,
        "store",
        T(at),
        app_done=None if done is None else T(done),
        other_pin_known=known,
    )
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.rules == rules
    assert answer.next == next


def test_the_holder_comes_in_person_unless_said() -> None:
    at = T("2023-10-02T10:00")
    assert pin_reset("juki", "counter", at, ("passport",)).value.allowed


def test_a_store_has_two_names() -> None:
    at = T("2023-10-02T10:00")
    assert pin_reset("juki", "convenience_store", at) == pin_reset("juki", "store", at)


def test_reasons_at_a_store_name_their_rule() -> None:
    def reason(kind: PinKind, at: str, **more: object) -> tuple[str, dict[str, object]]:
        place: ResetPlace = "store"
        found = pin_reset(kind, place, T(at), **more).value.reasons[0]  # type: ignore[arg-type]
        return found.rule, dict(found.facts)

    assert reason("juki", "2024-09-01T12:00") == ("R079", {})
    assert reason("authentication", "2024-08-01T12:00") == ("R077", {})
    assert reason("signature", "2024-09-01T12:00", other_pin_known=False)[0] == "R078"
    late = reason("signature", "2023-10-02T10:01", app_done=T("2023-10-01T10:00"))
    assert late == ("R077", {"hours": 24})


def test_a_foreign_clock_is_read_as_japanese() -> None:
    """15:00 UTC of the last day of August is the first of September in Japan."""
    at = datetime(2024, 8, 31, 15, 0, tzinfo=UTC)
    assert pin_reset("authentication", "store", at).value.allowed
    done = datetime(2024, 8, 31, 15, 0, tzinfo=UTC)
    answer = pin_reset("authentication", "store", at, app_done=done)
    assert answer.value.allowed


@pytest.mark.parametrize(
    ("use", "allowed"),
    [
        ("kiosk", False),
        ("portal_login", False),
        ("electronic_application", False),
        ("signature_certificate", False),
        ("pin_entry", False),
        ("pin_change", False),
        ("store_reset", False),
        ("health_card", True),
        ("identity", True),
    ],
)
def test_what_a_card_without_pins_is_for(use: str, allowed: bool) -> None:
    answer = pin_not_needed_card(use)
    assert answer.value.allowed is allowed
    assert answer.rules == ("R081",)
    if not allowed:
        assert answer.value.reasons[0].code == "face_only.not_for_this"
        assert answer.value.reasons[0].rule == "R081"
        assert answer.value.reasons[0].facts == {"use": use}


@pytest.mark.parametrize(
    ("at", "certificates", "codes"),
    [
        ("2023-12-15T00:00", ("authentication",), []),
        ("2023-12-14T23:59:59", ("authentication",), ["face_only.not_yet"]),
        ("2023-12-15T00:00", (), ["face_only.needs_authentication"]),
        ("2023-12-15T00:00", ("signature",), ["face_only.needs_authentication"]),
        (
            "2023-12-14T23:59:59",
            (),
            ["face_only.not_yet", "face_only.needs_authentication"],
        ),
    ],
)
def test_who_can_have_a_card_without_pins(
    at: str, certificates: tuple[str, ...], codes: list[str]
) -> None:
    """from its day on, with the certificate that health-card readers ask for"""
    answer = card_without_pins(T(at), certificates)
    assert [reason.code for reason in answer.value.reasons] == codes
    assert answer.value.allowed is (codes == [])
    assert answer.rules == ("R081",)


def test_the_day_is_the_day_in_japan() -> None:
    """15:00 UTC of the 14th is the 15th"""
    at = datetime(2023, 12, 14, 15, 0, tzinfo=UTC)
    assert card_without_pins(at, ("authentication",)).value.allowed


def test_what_stands_on_a_card_without_pins() -> None:
    assert without_pins_note().value == "顔認証"
    ended = without_pins_note(ended=True)
    assert ended.value not in ("", "顔認証")
    assert [cited.source for cited in ended.citations] == ["design"]


def test_health_terminal() -> None:
    assert health_terminal_tries("pin").value == 3
    assert health_terminal_tries("face").value == 10
    assert health_terminal_tries("face").rules == ("R082",)


def test_unknown_documents_are_named() -> None:
    with pytest.raises(BadArgument, match="'documents': one of my_number_card"):
        pin_reset("juki", "counter", T("2023-10-02T10:00"), ("library_card",))
