"""Certificates at a store (R178, R220 to R233)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.days import JST
from mynabox.law.kiosks import (
    CertificateName,
    kiosk_certificate,
    kiosk_fee,
    kiosk_form,
    kiosk_notes,
    kiosk_open,
    kiosk_opens_next,
    kiosk_registration_days,
    kiosk_store,
)

T = datetime.fromisoformat
TSUKUBA, KIYOSE = "082201", "132217"


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2023-10-01T06:29:59", False),
        ("2023-10-01T06:30", True),
        ("2023-10-01T22:59:59", True),
        ("2023-10-01T23:00", False),
        ("2023-11-03T12:00", True),  # holidays do not matter
        ("2023-12-28T22:00", True),
        ("2023-12-29T12:00", False),
        ("2024-01-02T12:00", False),
        ("2024-01-03T22:59", False),
        ("2024-01-04T06:30", True),
        ("2035-01-05T12:00", True),
    ],
)
def test_hours(at: str, is_open: bool) -> None:
    answer = kiosk_open(T(at), TSUKUBA)
    assert answer.value is is_open
    assert answer.rules == ("R220",)
    assert [d.source for d in answer.disputes] == ["seed 003:249"]
    assert kiosk_open(T(at)).value is is_open


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2023-10-01T23:00", "2023-10-02T06:30"),
        ("2023-12-28T23:00", "2024-01-04T06:30"),
        ("2023-10-01T12:34", "2023-10-01T12:34"),
    ],
)
def test_next_opening(at: str, opens: str) -> None:
    assert kiosk_opens_next(T(at)).value == T(opens).replace(tzinfo=JST)
    assert kiosk_opens_next(T(at), TSUKUBA).rules == ("R220",)


@given(st.integers(0, 7 * 24 * 60 - 1))
def test_hours_tile_the_week(minute: int) -> None:
    at = T("2023-10-02T00:00").replace(tzinfo=JST) + timedelta(minutes=minute)
    opens = kiosk_opens_next(at).value
    assert opens is not None
    assert (opens == at) is kiosk_open(at).value
    assert opens - at <= timedelta(hours=7, minutes=30)


RESIDENT: dict[str, Any] = {
    "residence": TSUKUBA, "honseki": TSUKUBA, "nationality": "japanese", "age": 30,
}  # fmt: skip
AWAY = RESIDENT | {"honseki": KIYOSE}
FOREIGN = RESIDENT | {"honseki": None, "nationality": "nepali"}
ABROAD = RESIDENT | {"residence": None}

PEOPLE: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("residence_record", RESIDENT, ()),
    ("seal", RESIDENT, ()),
    ("tax", RESIDENT, ()),
    ("koseki_annex", RESIDENT, ()),
    ("koseki", RESIDENT, ()),
    ("residence_record", FOREIGN, ()),
    ("koseki", FOREIGN, ("kiosk.no_honseki", "kiosk.japanese_only")),
    ("koseki_annex", FOREIGN, ("kiosk.no_honseki",)),
    ("koseki", RESIDENT | {"nationality": "nepali"}, ("kiosk.japanese_only",)),
    ("koseki_annex", RESIDENT | {"nationality": "nepali"}, ()),
    ("koseki", RESIDENT | {"nationality": "JP"}, ()),
    ("residence_record", ABROAD, ("kiosk.no_residence",)),
    ("koseki", AWAY, ("kiosk.register_use_first",)),  # R223
    ("koseki_annex", AWAY, ("kiosk.register_use_first",)),
    ("koseki", AWAY | {"registered_use": True}, ()),
    ("residence_record", AWAY, ()),
    ("seal", RESIDENT | {"seal_registered": False}, ("kiosk.no_seal",)),
    ("tax", RESIDENT | {"seal_registered": False}, ()),
    ("tax", RESIDENT | {"taxed_here": False}, ("kiosk.no_tax_data",)),
    ("seal", RESIDENT | {"taxed_here": False}, ()),
    ("residence_record", RESIDENT | {"age": 14}, ("kiosk.too_young",)),  # R226
    ("residence_record", RESIDENT | {"age": 15}, ()),
    ("seal", RESIDENT | {"certificate_valid": False}, ("kiosk.no_valid_certificate",)),
    ("seal", RESIDENT | {"move_out_notified": True}, ("kiosk.between_municipalities",)),
    ("residence_record", RESIDENT | {"without_pins": True}, ("face_only.not_for_this",)),
    ("tax", RESIDENT | {"age": 3, "taxed_here": False, "move_out_notified": True, "certificate_valid": False},
     ("kiosk.no_valid_certificate", "kiosk.too_young", "kiosk.between_municipalities", "kiosk.no_tax_data")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "person", "codes"), PEOPLE)
def test_who_gets_what(
    kind: CertificateName, person: dict[str, Any], codes: tuple[str, ...]
) -> None:
    answer = kiosk_certificate(kind, **person)
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.next == ("kiosk.go_to_counter" if codes else None)


def test_rules_and_facts() -> None:
    own = kiosk_certificate("koseki", **RESIDENT)
    assert own.rules == ("R222", "R226")
    without = kiosk_certificate("koseki", **RESIDENT, without_pins=True)
    assert without.rules == ("R222", "R226", "R081")
    away = kiosk_certificate(
        "koseki", **(AWAY | {"residence": KIYOSE, "honseki": TSUKUBA})
    )
    assert away.rules == ("R222", "R226", "R223")
    assert away.value.reasons[0].rule == "R223"
    elsewhere = kiosk_certificate("seal", **(RESIDENT | {"residence": KIYOSE}))
    assert elsewhere.rules == ("R233", "R222", "R226")
    young = kiosk_certificate("seal", **(RESIDENT | {"age": 14})).value.reasons[0]
    assert (young.rule, dict(young.facts)) == ("R226", {"from": 15})
    for change, rule in (
        ({"certificate_valid": False}, "R226"),
        ({"move_out_notified": True}, "R178"),
        ({"seal_registered": False}, "R222"),
    ):
        reasons = kiosk_certificate("seal", **(RESIDENT | change)).value.reasons
        assert reasons[0].rule == rule
    for person in (FOREIGN, RESIDENT | {"nationality": "nepali"}):
        refused = kiosk_certificate("koseki", **person)
        assert {r.rule for r in refused.value.reasons} == {"R222"}
    untaxed = kiosk_certificate("tax", **(RESIDENT | {"taxed_here": False}))
    assert untaxed.value.reasons[0].rule == "R222"


def test_a_municipality_may_offer_less() -> None:
    less = kiosk_certificate("koseki", **RESIDENT, offered=("residence_record", "seal"))
    assert less.value.codes == ("kiosk.not_offered",)
    assert less.value.reasons[0].rule == "R233"
    assert less.value.reasons[0].facts == {"kind": "koseki"}
    same = kiosk_certificate("seal", **RESIDENT, offered=("residence_record", "seal"))
    assert same.value.allowed
    assert not kiosk_certificate("seal", **RESIDENT, offered=()).value.allowed


def test_a_pending_notice_warns() -> None:
    answer = kiosk_certificate("residence_record", **RESIDENT, pending_notice=True)
    assert answer.value.allowed
    assert answer.value.codes == ("kiosk.may_be_stale",)
    assert answer.value.reasons[0].rule == "R231"
    assert answer.rules == ("R222", "R226", "R231")


@pytest.mark.parametrize(
    ("kind", "yen"),
    [
        ("residence_record", 150),
        ("seal", 150),
        ("tax", 150),
        ("koseki_annex", 150),
        ("koseki", 350),
    ],
)
def test_fees(kind: CertificateName, yen: int) -> None:
    assert kiosk_fee(kind).value == yen
    assert kiosk_fee(kind, 3).value == 3 * yen
    assert kiosk_fee(kind, municipality=TSUKUBA).value == yen
    assert kiosk_fee(kind).rules == ("R221", "R227")
    assert "those of Tsukuba" in str(kiosk_fee(kind).citations[0].text)
    own = kiosk_fee(kind, municipality=TSUKUBA).citations[0].text
    assert "those of Tsukuba" not in str(own)


@pytest.mark.parametrize(
    ("form", "allowed"),
    [
        ("address_history", False),
        ("my_number", False),
        ("free_of_charge", False),
        ("plain", True),
    ],
)
def test_forms(form: str, allowed: bool) -> None:
    answer = kiosk_form(form)
    assert answer.value.allowed is allowed
    assert answer.rules == ("R228",)
    if not allowed:
        assert answer.value.codes == ("kiosk.counter_only",)
        assert answer.value.reasons[0].rule == "R228"
        assert answer.value.reasons[0].facts == {"form": form}
        assert answer.next == "kiosk.go_to_counter"


@pytest.mark.parametrize(
    ("name", "issues"),
    [
        ("seven_eleven", True),
        ("lawson", True),
        ("lawson_100", False),
        ("Lawson 100", False),
        ("7-Eleven", True),
        ("FamilyMart", True),
        ("セブン-イレブン", True),
        ("aeon", True),
        ("bakery", False),
    ],
)
def test_stores(name: str, issues: bool) -> None:
    assert kiosk_store(name).value is issues
    assert kiosk_store(name).rules == ("R224",)


def test_notes_and_registration() -> None:
    notes = kiosk_notes()
    assert {"no_refund", "not_stapled", "running_number"} <= set(notes.value)
    assert notes.rules == ("R227", "R229", "R230", "R232", "R279")
    assert kiosk_registration_days().value == (1, 3)
    assert kiosk_registration_days().rules == ("R223", "R138")
