"""The short form of the torture of entrances, and what is too long for them."""

from tests.api.torture_entrances import torture


def test_bent_requests_get_known_answers() -> None:
    found = torture(1_000, seed=7)
    assert sum(found.answers.values()) == 1_000
    assert all(status < 500 for _, status in found.answers)
    assert len({name for name, _ in found.answers}) > 1
