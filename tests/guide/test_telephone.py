"""Which line answers: language by language, on both sides of every hour."""

from datetime import datetime

import pytest

from mynabox.guide import Guidance, answer, situation
from mynabox.guide.guidance import plain
from mynabox.locale import LANGUAGES


def lines(topic: str, language: str, at: str, **facts: str) -> list[tuple[str, str]]:
    """The telephone lines of an answer as (message, number)."""
    found = guidance(topic, language, at, **facts)
    return [
        (line.message.removeprefix("guide.line."), str(line.values.get("line", "")))
        for line in found.parts.lines
    ]


def guidance(topic: str, language: str, at: str, **facts: str) -> Guidance:
    return answer(
        situation(topic, at=datetime.fromisoformat(at), language=language, facts=facts)
    )


JA, CENTRE, SPARE = "0120-95-0178", "0570-783-578", "050-3818-1250"
FOREIGN, PAID, SYSTEM = "0120-0178-27", "0570-064-738", "0120-0178-26"
FAX, ABROAD, TSUKUBA = "0120-601-785", "03-6734-0170", "029-883-1111"


@pytest.mark.parametrize(
    ("language", "at", "first"),
    [
        # English: round the clock for loss, 9:30-20:00 for the rest (R192)
        ("en", "2023-11-02T19:59", ("open", FOREIGN)),
        ("en", "2023-11-02T20:00", ("only_loss", FOREIGN)),
        ("en", "2023-11-03T09:29", ("only_loss", FOREIGN)),
        ("en", "2023-11-03T09:30", ("open", FOREIGN)),
        # Japanese general line: holidays end at 17:30 (R190)
        ("ja", "2023-11-02T17:30", ("open", JA)),
        ("ja", "2023-11-03T17:29", ("open", JA)),
        ("ja", "2023-11-03T17:30", ("only_loss", JA)),
        ("ja", "2023-12-29T10:00", ("only_loss", JA)),
        # Thai, Nepali, Indonesian from 9:00 to 18:00 (R194), in 2022 from 9:30 (R195)
        ("th", "2023-11-02T08:59", ("opens", FOREIGN)),
        ("ne", "2023-11-02T09:00", ("open", FOREIGN)),
        ("id", "2023-11-02T17:59", ("open", FOREIGN)),
        ("id", "2023-11-02T18:00", ("opens", FOREIGN)),
        ("th", "2022-11-02T09:15", ("opens", FOREIGN)),
        # Vietnamese and Filipino from 10:00 to 19:00 (R197)
        ("vi", "2023-11-02T09:59", ("opens", FOREIGN)),
        ("fil", "2023-11-02T18:59", ("open", FOREIGN)),
        ("vi", "2023-11-02T19:00", ("opens", FOREIGN)),
    ],
)
def test_the_first_line_on_the_card(
    language: str, at: str, first: tuple[str, str]
) -> None:
    assert lines("online", language, at)[0] == first


@pytest.mark.parametrize(
    ("language", "at", "opens"),
    [
        ("th", "2023-11-02T08:59", "2023-11-02T09:00:00+09:00"),
        ("th", "2023-11-02T18:00", "2023-11-03T09:00:00+09:00"),
        ("vi", "2023-12-31T19:00", "2024-01-01T10:00:00+09:00"),
        ("ja", "2023-11-03T17:30", "2023-11-04T09:30:00+09:00"),
        ("ja", "2023-12-28T20:00", "2024-01-04T09:30:00+09:00"),
        ("es", "2023-11-02T23:00", "2023-11-03T09:30:00+09:00"),
    ],
)
def test_a_closed_line_says_when_it_opens(language: str, at: str, opens: str) -> None:
    found = guidance("online", language, at)
    said = [line for line in found.parts.lines if line.message == "guide.line.opens"]
    assert plain(said[0].values["opens"]) == opens


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hour", range(24))
def test_a_loss_can_be_reported_at_every_hour_in_every_language(
    language: str, hour: int
) -> None:
    """If not in one's own language, then with a helper, and the answer says so."""
    found = guidance("lost", language, f"2023-11-02T{hour:02d}:30")
    said = {line.message for line in found.parts.lines}
    own = "guide.line.loss_open" in said
    helped = "guide.line.other_languages" in said
    assert own != helped
    advice = {line.message for line in found.parts.meanwhile}
    assert ("guide.lost.meanwhile_helper" in advice) == helped
    assert found.order.index("lines") < found.order.index("cost")


@pytest.mark.parametrize(
    ("language", "at", "own"),
    [
        ("th", "2023-11-02T08:59", False),
        ("th", "2023-11-02T09:00", True),
        ("vi", "2023-11-02T18:59", True),
        ("vi", "2023-11-02T19:00", False),
        ("fil", "2023-11-02T03:00", False),
        ("en", "2023-11-02T03:00", True),
        ("ko", "2024-01-01T03:00", True),
        ("zh-Hans", "2023-11-02T03:00", True),
        ("zh-Hant", "2023-11-02T03:00", True),
        ("ja", "2024-01-01T03:00", True),
    ],
)
def test_who_takes_a_loss_in_which_language(language: str, at: str, own: bool) -> None:
    found = lines("lost", language, at)
    assert (found[0][0] == "loss_open") == own
    if not own:
        assert ("other_languages", JA) in found
        assert ("other_languages", FOREIGN) in found


def test_japanese_callers_get_the_menu_key_the_paid_lines_and_the_fax() -> None:
    assert lines("lost", "ja", "2023-11-02T03:00") == [
        ("loss_open", JA),
        ("menu", JA),
        ("loss_open", CENTRE),
        ("charged", CENTRE),
        ("loss_open", SPARE),
        ("charged", SPARE),
        ("fax", FAX),
        ("abroad", ABROAD),
    ]


def test_the_paid_line_stands_last_for_when_the_free_one_cannot_be_reached() -> None:
    assert lines("online", "en", "2023-11-02T12:00") == [
        ("open", FOREIGN),
        ("fallback", PAID),
    ]
    assert lines("online", "ja", "2023-11-02T12:00")[-1] == ("fallback", CENTRE)


def test_questions_on_the_number_go_to_the_line_on_the_system() -> None:
    assert lines("asked_for_number", "ne", "2023-11-02T12:00") == [("open", SYSTEM)]
    assert lines("asked_for_number", "ne", "2024-01-02T12:00") == [("opens", SYSTEM)]


def test_a_city_with_its_own_desk_is_named() -> None:
    """Monday to Friday, 8:45 to 16:30 (R205)."""
    open_now = lines("online", "ja", "2023-11-02T16:29", municipality="Tsukuba")
    assert ("city", TSUKUBA) in lines(
        "pin_locked", "ja", "2023-11-02T16:29", municipality="つくば市"
    )
    assert ("open", TSUKUBA) in open_now
    closed = lines("online", "ja", "2023-11-02T16:30", municipality="082201")
    assert ("opens", TSUKUBA) in closed
    assert not any(
        number == TSUKUBA for _, number in lines("online", "ja", "2023-11-02T16:29")
    )


def test_hours_beyond_the_announced_holidays_are_not_made_up() -> None:
    assert lines("asked_for_number", "en", "2040-05-03T12:00") == [("not_known", "")]


def test_before_the_first_known_hours_nothing_is_made_up() -> None:
    found = guidance("lost", "en", "2016-05-03T12:00")
    assert [line.message for line in found.parts.lines] == ["guide.line.not_known"]
