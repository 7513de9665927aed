"""The four items: birth dates, sex codes, limits."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.pki import der
from mynabox.pki.holder import (
    BirthDate,
    Holder,
    NotHoldable,
    alternative_name,
    era_digit,
)

PLACE = "東京都清瀬市観布子南１２－７－２０２"


@pytest.mark.parametrize(
    ("born", "code"),
    [
        (BirthDate(1980, 2, 17), "319800217"),
        (BirthDate(1868, 1, 24), "018680124"),
        (BirthDate(1912, 7, 29), "119120729"),
        (BirthDate(1912, 7, 30), "219120730"),
        (BirthDate(1926, 12, 24), "219261224"),
        (BirthDate(1926, 12, 25), "319261225"),
        (BirthDate(1989, 1, 7), "319890107"),
        (BirthDate(1989, 1, 8), "419890108"),
        (BirthDate(2019, 4, 30), "420190430"),
        (BirthDate(2019, 5, 1), "520190501"),
        (BirthDate(2024, 2, 29), "520240229"),
        (BirthDate(1955, 6), "319550600"),
        (BirthDate(1955), "319550000"),
        (BirthDate(1989), "019890000"),
        (BirthDate(1989, 1), "019890100"),
        (BirthDate(1926, 12), "019261200"),
        (BirthDate(0), "000000000"),
    ],
)
def test_a_birth_date_is_an_era_digit_and_a_gregorian_date(
    born: BirthDate, code: str
) -> None:
    assert born.code() == code


@pytest.mark.parametrize(
    "born",
    [
        BirthDate(2023, 2, 29),
        BirthDate(2023, 13, 1),
        BirthDate(2023, 0, 5),
        BirthDate(0, 5),
        BirthDate(-1, 1, 1),
        BirthDate(20230, 1, 1),
        BirthDate(2023, 100, 1),
    ],
)
def test_a_day_no_calendar_has_is_refused(born: BirthDate) -> None:
    with pytest.raises(NotHoldable):
        born.code()


@given(st.dates())
def test_every_day_has_a_code_of_nine_digits(day: date) -> None:
    code = BirthDate.of(day).code()
    assert len(code) == 9
    assert code[1:] == f"{day.year:04d}{day.month:02d}{day.day:02d}"
    assert code[0] == str(era_digit(day))


@given(st.dates(min_value=date(1868, 1, 25)), st.dates(min_value=date(1868, 1, 25)))
def test_eras_follow_one_another(one: date, other: date) -> None:
    early, late = sorted((one, other))
    assert 1 <= era_digit(early) <= era_digit(late) <= 5


def holder(**changes: str) -> Holder:
    values = {"name": "見本　花子", "sex": "2", "address": PLACE} | changes
    return Holder(born=BirthDate(1990, 5, 1), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("sex", ["1", "2", "3", "9"])
def test_known_sex_codes_are_written(sex: str) -> None:
    assert der.utf8(sex) in alternative_name(holder(sex=sex))


@pytest.mark.parametrize(
    "change",
    [
        {"sex": "0"},
        {"sex": ""},
        {"sex": "男"},
        {"name": ""},
        {"name": "　 "},
        {"address": ""},
        {"address": "あ" * 201},
    ],
)
def test_what_a_certificate_cannot_hold_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(NotHoldable):
        alternative_name(holder(**change))


@given(name=st.text(min_size=1, max_size=60), address=st.text(min_size=1, max_size=60))
def test_any_name_and_address_make_six_items_in_order(name: str, address: str) -> None:
    if not name.strip() or not address.strip():
        return
    entries = der.read(alternative_name(holder(name=name, address=address))).children()
    items = [entry.children() for entry in entries]
    assert [oid.content[-1] for oid, _ in items] == [1, 4, 3, 5, 2, 6]
    texts = [value.only_child().content.decode() for _, value in items]
    assert len(texts[0]) == len(texts[4])
    assert len(texts[3]) == len(texts[5])


def test_a_longest_address_fits() -> None:
    assert alternative_name(holder(address="あ" * 200))


def test_nothing_of_the_holder_reaches_a_log() -> None:
    assert repr(holder()) == str(holder()) == "Holder(····)"
