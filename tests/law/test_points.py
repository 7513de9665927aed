"""The second round of points (R240 to R247)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.errors import BadArgument, NotYetInForce
from mynabox.law.points import points, points_services, points_ways, share

D = date.fromisoformat
ALL = ("purchase", "health_card", "account")
BOTH = ("health_card", "account")

CLAIMS: list[tuple[str, str, tuple[str, ...], dict[str, Any], int, str | None]] = [
    # applied, claimed, items, more, yen, next
    ("2022-08-01", "2022-12-01", ALL, {"spend": 20000}, 20000, None),  # R240
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 20000}, 5000, None),  # R241
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 19999}, 4999, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 90000}, 5000, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 12345}, 3086, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 4}, 1, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 3}, 0, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {}, 0, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 20000, "earlier": 2000}, 3000, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 8000, "earlier": 2000}, 2000, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 20000, "earlier": 5000}, 0, None),
    ("2022-08-01", "2022-12-01", ("purchase",), {"spend": 20000, "earlier": 6000}, 0, None),
    ("2022-08-01", "2022-12-01", BOTH, {}, 15000, None),  # R242
    ("2022-08-01", "2022-12-01", ("account",), {"spend": 20000}, 7500, None),
    ("2022-08-01", "2022-12-01", (), {"spend": 20000}, 0, None),
    ("2022-01-01", "2022-06-29", BOTH, {}, 0, None),
    ("2022-01-01", "2022-06-30", BOTH, {}, 15000, None),
    ("2022-01-01", "2022-01-01", ("purchase",), {"spend": 400}, 100, None),
    ("2021-12-01", "2021-12-31", ("purchase",), {"spend": 400}, 0, None),
    ("2023-02-28", "2023-09-30", ALL, {"spend": 20000}, 20000, None),  # R244, R245
    ("2023-03-01", "2023-09-30", ALL, {"spend": 20000}, 0, "points.application_too_late"),
    ("2023-02-28", "2023-10-01", ALL, {"spend": 20000}, 0, "points.claim_too_late"),
    # R243: as had been announced on a day
    ("2022-10-01", "2022-10-01", BOTH, {"as_of": D("2022-09-19")}, 0, "points.application_too_late"),
    ("2022-09-30", "2022-10-01", BOTH, {"as_of": D("2022-09-19")}, 15000, None),
    ("2022-10-01", "2022-10-01", BOTH, {"as_of": D("2022-09-20")}, 15000, None),
    ("2023-01-01", "2023-01-05", BOTH, {"as_of": D("2022-12-19")}, 0, "points.application_too_late"),
    ("2023-01-01", "2023-01-05", BOTH, {"as_of": D("2022-12-20")}, 15000, None),
    ("2022-09-30", "2023-03-01", BOTH, {"as_of": D("2022-12-19")}, 0, "points.claim_too_late"),
    ("2022-09-30", "2023-03-01", BOTH, {"as_of": D("2022-12-20")}, 15000, None),
    ("2022-09-30", "2023-05-31", BOTH, {"as_of": D("2023-03-31")}, 15000, None),
    ("2022-09-30", "2023-06-01", BOTH, {"as_of": D("2023-03-31")}, 0, "points.claim_too_late"),
    ("2022-09-30", "2023-06-01", BOTH, {"as_of": D("2023-04-01")}, 15000, None),
    ("2022-09-30", "2022-09-30", BOTH, {"as_of": D("2022-01-01")}, 15000, None),
]  # fmt: skip


@pytest.mark.parametrize(("applied", "claimed", "items", "more", "yen", "next"), CLAIMS)
def test_claims(
    applied: str,
    claimed: str,
    items: tuple[str, ...],
    more: dict[str, Any],
    yen: int,
    next: str | None,
) -> None:
    answer = points(D(applied), D(claimed), items, **more)
    assert answer.value == yen
    assert answer.next == next


def test_what_a_claim_rests_on() -> None:
    whole = points(D("2022-08-01"), D("2022-12-01"), ALL, 20000)
    assert whole.rules == ("R244", "R245", "R240", "R241", "R242")
    assert "seed 001:14" in [d.source for d in whole.disputes]
    late = points(D("2023-03-01"), D("2023-03-01"), ALL)
    assert late.rules == ("R244",)
    later = points(D("2023-02-01"), D("2023-12-01"), ALL)
    assert later.rules == ("R244", "R245")
    printed = points(D("2022-10-01"), D("2022-10-01"), BOTH, as_of=D("2022-09-01"))
    assert printed.rules == ("R243",)
    assert printed.citations[0].source == "seed 001:14"


def test_arguments() -> None:
    with pytest.raises(
        BadArgument, match="'items': one of purchase, health_card, account"
    ):
        points(D("2022-08-01"), D("2022-12-01"), ("lottery",))
    with pytest.raises(BadArgument, match="'spend'"):
        points(D("2022-08-01"), D("2022-12-01"), ALL, spend=-1)
    with pytest.raises(BadArgument, match="'earlier'"):
        points(D("2022-08-01"), D("2022-12-01"), ALL, earlier=-1)
    with pytest.raises(NotYetInForce):
        points(D("2022-08-01"), D("2022-12-01"), ALL, as_of=D("2021-12-31"))


@given(st.sets(st.sampled_from(ALL)), st.integers(0, 10**9), st.integers(0, 10**6))
def test_nobody_gets_more_than_the_maximum(
    items: set[str], spend: int, earlier: int
) -> None:
    yen = points(D("2022-08-01"), D("2022-12-01"), tuple(items), spend, earlier).value
    assert 0 <= yen <= 20000


@pytest.mark.parametrize(
    ("yen", "down", "up"), [(0, 0, 0), (1, 0, 1), (4, 1, 1), (12345, 3086, 3087)]
)
def test_shares_of_a_yen(yen: int, down: int, up: int) -> None:
    """R241: rounded down; no source says so, hence a parameter."""
    assert share(yen, 25, "down") == down
    assert share(yen, 25, "up") == up


def test_services_and_ways() -> None:
    assert points_services().value == 1
    assert points_services().rules == ("R246",)
    assert points_ways().value == ("smartphone", "computer", "support_point")
    assert points_ways().rules == ("R247",)
