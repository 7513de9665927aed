"""Agents with the holder's answer, passwords set anew at a store, and batches, told over
HTTP in both databases; everything agrees at the end."""

from contextlib import closing
from datetime import timedelta

import pytest

from mynabox.sandbox.scenarios import stage
from mynabox.terminal.errors import WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from tests.journeys.offices import PINS, Office, codes_on, day, words_of
from tests.journeys.test_to_the_holder import RECORD_CODES

AGENT = {
    "kind": "agent",
    "name": "箱田 花子",
    "documents": ["drivers_licence", "passport", "power_of_attorney"],
}
HOLDER = {"documents": ["drivers_licence", "insurance_card"], "pins": PINS}


def test_an_agent_with_the_inquiry_letter(office: Office) -> None:
    """R056-R059: the first visit asks, the letter goes to the holder, the second visit
    brings the answer; without its code nobody receives the card"""
    office.at(day("2026-11-20T15:00"))
    serial = office.produced(office.applied(office.registered()))
    url = f"/cards/{serial}/inquiries"
    assert office.no(url, agent="箱田 花子", reason="busy") == "agent.reason_refused"
    sent = office.post(url, agent="箱田 花子", reason="hospital")
    assert (sent["state"], sent["until"]) == ("sent", "2026-12-20")
    (letter,) = office.papers("inquiry")
    assert "箱田花子" in words_of(letter)
    (code,) = codes_on(letter)
    assert code not in str(sent)
    hand = f"/cards/{serial}/handover"
    office.at(day("2026-12-01T10:00"))
    assert office.no(hand, **HOLDER, visitor=AGENT) == "inquiry.unknown"
    grouped = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    office.post(hand, **HOLDER, visitor={**AGENT, "inquiry": grouped})
    assert office.state(serial) == "active"
    assert office.actions(serial)[-2:] == ["send_inquiry", "hand_over"]
    told = str(office.get(f"/journal/{serial}"))
    assert code not in told


@pytest.mark.parametrize(
    ("born", "present", "answer"),
    [
        ("2011-11-21", False, "hand_over.holder_must_come"),
        ("2011-11-21", True, "active"),
        ("2020-04-02", False, "active"),
    ],
    ids=["a child of 14 stays at home", "a child of 14 comes along", "before school"],
)
def test_a_child_and_a_parent(
    office: Office, born: str, present: bool, answer: str
) -> None:
    """R056, R058: nobody under fifteen comes alone; who goes to school comes along"""
    office.at(day("2026-11-20T15:00"))
    person = office.registered(born=born)
    parent = {"applicant": "statutory_representative", "applicant_name": "箱田 親"}
    serial = office.produced(office.applied(person, **parent))
    hand = f"/cards/{serial}/handover"
    child = {
        "documents": ["insurance_card", "student_card"],
        "pins": {kind: pin for kind, pin in PINS.items() if kind != "signature"},
    }
    assert office.no(hand, **child) == "hand_over.representative_needed"
    visitor = {
        "kind": "statutory_representative",
        "name": "箱田 親",
        "documents": ["drivers_licence"],
        "holder_present": present,
    }
    if answer == "active":
        office.post(hand, **child, visitor=visitor)
        assert office.state(serial) == "active"
        (only,) = office.get(f"/cards/{serial}/certificates")
        assert (only["kind"], only["state"]) == ("authentication", "active")
    else:
        assert office.no(hand, **child, visitor=visitor) == answer
        assert office.state(serial) == "produced"


@pytest.mark.parametrize(("minutes", "late"), [(-1, False), (1, True)])
def test_a_password_set_anew_at_a_store(
    office: Office, minutes: int, late: bool
) -> None:
    """R077: with the PIN and the face in the app, then within twenty-four hours; the
    box's clock goes on meanwhile"""
    serial = stage("fresh", office.home.box).serial
    begun = day("2026-11-20T15:00")
    office.at(begun)
    app = f"/cards/{serial}/pins/reservation"
    known = {"kind": "signature", "other": PINS["authentication"]}
    assert office.no(app, **known, same_face=False) == "pin_reset.other_face"
    assert office.no(app, **{**known, "other": "0000"}, same_face=True) == (
        "authority.wrong_pin"
    )
    office.post(app, **known, same_face=True)
    office.at(begun + timedelta(hours=24, minutes=minutes))
    store = f"/cards/{serial}/pins/at-store"
    new = {**known, "new": "NEW123", "store": "lawson"}
    if late:
        assert office.no(store, **new) == "pin_reset.store_too_late"
    else:
        assert office.post(store, **new)["state"] == "done"
    with closing(office.home.cards.connect(serial)) as connection:
        session = JpkiSession(connection)
        if late:
            with pytest.raises(WrongPin):
                session.verify(Kind.SIGNATURE, "NEW123")
        else:
            session.verify(Kind.SIGNATURE, "NEW123")
    told = str(office.get(f"/journal/{serial}"))
    assert "NEW123" not in told


def test_a_batch_with_its_progress(office: Office) -> None:
    """three are ordered, express first; one cannot be made and says why"""
    office.at(day("2026-11-20T15:00"))
    people = [office.registered(record_code=code) for code in RECORD_CODES[:3]]
    rapid = {"reason": "no_space", "documents": ["passport"], "express": True}
    applications = [office.applied(one) for one in people]
    assert office.no(f"/residents/{people[2]}/card-requests", **rapid) == (
        "card_request.reason_does_not_fit"
    )
    ordered = office.post("/batches", applications=applications)
    assert (ordered["of_all"], ordered["waiting"]) == (3, 3)
    office.post(f"/residents/{people[1]}/departure", event="left_japan")
    assert office.at(day("2026-11-20T15:05")) == ["produce_batch"]
    done = office.get(f"/batches/{ordered['id']}")
    assert (done["produced"], done["refused"], done["waiting"]) == (2, 1, 0)
    assert [one["refused"] for one in done["items"]].count(
        "production.application_not_ready"
    ) == 1
    assert len(office.papers("postcard")) == 2
    for item in done["items"]:
        if item["card"]:
            assert office.state(item["card"]) == "produced"
