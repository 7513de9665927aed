"""Which documents suffice (R010, R013, R053, R054, R076, R183, R184, R267)."""

import pytest

from mynabox.law.errors import BadArgument
from mynabox.law.identity import (
    document_words,
    identity_documents,
    named,
    purposes,
)

SETS = [
    # purpose, documents, enough
    ("pickup", ("passport",), True),  # R053
    ("pickup", ("residence_card",), True),
    ("pickup", ("insurance", "student"), True),  # R054
    ("pickup", ("insurance_card", "pension_book"), True),
    ("pickup", ("student",), False),
    ("pickup", ("student", "student_card"), False),  # the same one twice
    ("pickup", ("notice", "student"), False),  # R008
    ("pickup", ("residence_record",), False),
    ("pickup", (), False),
    ("mail", ("drivers_licence", "pin"), True),
    ("mail", ("drivers_licence",), False),
    ("mail", ("drivers_licence", "passport"), True),
    ("mail", ("drivers_licence", "insurance_card"), True),
    ("mail", ("insurance_card", "pension_book"), False),
    ("mail", ("notice", "insurance_card", "pension_book"), True),
    ("mail", ("notice", "insurance_card"), False),
    ("mail", ("notice", "drivers_licence", "insurance_card"), True),
    ("pin_reset", ("my_number_card",), False),  # R076
    ("pin_reset", ("my_number_card", "insurance_card"), True),
    ("pin_reset", ("drivers_licence",), True),
    ("reissue", ("drivers_licence",), True),
    ("reissue", ("insurance_card", "patient_card"), True),
    ("reissue", ("insurance_card", "student_card"), True),
    ("reissue", ("patient_card",), False),
    ("number_change", ("passport",), True),
    ("identity", ("my_number_card",), True),  # R267
    ("identity", ("student_card",), False),
    ("number_proof", ("my_number_card",), True),  # R013
    ("number_proof", ("juminhyo",), False),
    ("number_proof", ("juminhyo", "passport"), True),
    ("number_proof", ("record_certificate", "insurance_card", "pension_book"), True),
    ("number_proof", ("record_certificate", "insurance_card"), False),
    ("number_proof", ("passport", "drivers_licence"), False),
    ("agent_holder", ("insurance_card", "drivers_licence"), True),
    ("agent_holder", ("insurance_card", "pension_book"), False),
    ("agent_holder", ("face_certificate", "insurance_card", "pension_book"), True),
    ("agent", ("passport", "insurance_card", "power_of_attorney"), True),
    ("agent", ("passport", "insurance_card"), False),
    ("agent", ("passport", "power_of_attorney"), False),
]


@pytest.mark.parametrize(("purpose", "documents", "enough"), SETS)
def test_sets(purpose: str, documents: tuple[str, ...], enough: bool) -> None:
    answer = identity_documents(documents, purpose)
    assert answer.value.allowed is enough
    assert answer.value.codes == (() if enough else ("identity.not_enough",))
    assert answer.next == (None if enough else "identity.bring_one_set")


def test_tsukuba_has_its_own_sets() -> None:
    """R184: an insurance card with a patient card, not with any other."""
    pair = ("insurance_card", "student_card")
    assert identity_documents(pair, "reissue").value.allowed
    refused = identity_documents(pair, "reissue", "082201")
    assert not refused.value.allowed
    assert refused.rules == ("R184",)
    assert refused.value.reasons[0].rule == "R184"
    assert refused.value.reasons[0].facts == {
        "sets": ("A", "insurance_card patient_card")
    }
    tsukuba = ("insurance_card", "patient_card")
    assert identity_documents(tsukuba, "reissue", "082201").value.allowed
    assert identity_documents(pair, "reissue", "132217").rules == ("R183",)
    change = identity_documents(pair, "number_change", "082201")
    assert not change.value.allowed


def test_rules_of_the_answers() -> None:
    assert identity_documents(("passport",), "pickup").rules == ("R054", "R053")
    assert identity_documents(("passport",), "pin_reset").rules == ("R076",)
    assert identity_documents(("card",), "number_proof").rules == ("R013",)
    note = identity_documents(("passport", "pin"), "mail").citations[0].text
    assert "seed 002:66" in str(note)


def test_words() -> None:
    assert named(("card", "my_number_card", "license")) == (
        "my_number_card",
        "drivers_licence",
    )
    assert "power_of_attorney" in document_words()
    assert "pickup" in purposes()
    assert "class_a" not in purposes()
    with pytest.raises(
        BadArgument, match="'documents': one of my_number_card, drivers"
    ):
        identity_documents(("library_card",), "pickup")
    with pytest.raises(BadArgument, match="'purpose': one of pickup, mail"):
        identity_documents(("card",), "party")
    with pytest.raises(BadArgument, match="'papers'"):
        named(("library_card",), "papers")
