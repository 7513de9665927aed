"""Who is told an Individual Number, and that it is written down."""

from collections.abc import Callable

import pytest

from mynabox.usecases.disclose_number import disclose_number
from tests.usecases.places import Place, refused

At = Callable[[str], Place]


@pytest.mark.parametrize(
    ("requester", "purpose", "allowed"),
    [
        ("employer", "tax", True),
        ("bank", "tax", True),
        ("employer", "membership_card", False),
        ("shop", "tax", False),
    ],
)
def test_only_a_purpose_of_the_law_opens_it(
    at: At, requester: str, purpose: str, allowed: bool
) -> None:
    """R011"""
    place = at("numbered")
    if not allowed:
        refused(
            place,
            lambda: disclose_number(
                place.resident.id, place.box, requester=requester, purpose=purpose
            ),
            "number.no_statutory_purpose",
            "R011",
        )
        return
    told = disclose_number(
        place.resident.id, place.box, requester=requester, purpose=purpose
    )
    with place.box.store.look() as work:
        current = work.numbers.current(place.resident.id)
        *_, last = work.journal.about(place.resident.id)
    assert current is not None
    assert told == current.number
    assert last.entry.action == "disclose_number"
    assert last.entry.actor == "counter"
    assert last.entry.facts == {
        "requester": requester,
        "purpose": purpose,
        "what": "number",
    }


def test_nobody_has_a_number_before_it_is_given(at: At) -> None:
    """R001"""
    place = at("registered")
    refused(
        place,
        lambda: disclose_number(
            place.resident.id, place.box, requester="employer", purpose="tax"
        ),
        "notice.no_number_yet",
        "R001",
    )
