"""How long a card lasts and when it may be renewed; who is given what (有効期間)."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.book import integer, integers, words
from mynabox.law.days import (
    nth_birthday_after,
    plus_days,
    plus_months,
    reached,
)
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

ResidenceStatus: TypeAlias = Literal[
    "japanese",
    "permanent",
    "special_permanent",
    "highly_skilled_2",
    "mid_long_term",
    "temporary_refuge",
    "provisional_stay",
    "birth_transitional",
]

_STAY_RULES = {
    "mid_long_term": "R110",
    "temporary_refuge": "R112",
    "provisional_stay": "R112",
    "birth_transitional": "R113",
}


def card_expiry(
    born: date,
    applied: date,
    issued: date,
    residence_status: ResidenceStatus,
    stay_until: date | None = None,
) -> Answer[date]:
    """The last day of a card (カードの有効期間), itself inclusive (R094).

    ``applied`` is the day J-LIS received the application: it picks the age
    threshold and the age (R092). ``issued`` is the day the card was made:
    birthdays count after it (R093). ``stay_until`` is the last day of the
    period of stay; statuses that stay without limit have none, and ignore it.
    """
    in_order(born=born, applied=applied, issued=issued)
    threshold, birthdays = _terms(born, applied)
    limit = nth_birthday_after(born, issued, birthdays.value)
    grounds: list[Cited[object] | str] = [threshold, "R092", birthdays, "R093", "R094"]
    unlimited = words("validity", "permanent_statuses").only
    if residence_status in unlimited.value:
        return answer(limit, *grounds, unlimited)
    if residence_status == "birth_transitional" and stay_until is None:
        days = integer("validity", "transitional_days").on(applied)
        stay_until = plus_days(born, days.value)
        grounds.append(days)
    else:
        grounds.append(_STAY_RULES[residence_status])
    if stay_until is None:
        raise BadArgument("stay_until", Accepts("day_for", status=residence_status))
    if stay_until < issued:
        raise BadArgument("stay_until", Accepts("day_not_before", other="issued"))
    return answer(min(limit, stay_until), *grounds)


def _terms(born: date, applied: date) -> tuple[Cited[int], Cited[int]]:
    """The age threshold of the day, and the birthday a person's card lasts to."""
    threshold = integer("validity", "adult_age").on(applied)
    adult = reached(threshold.value, born, applied)
    key = "adult_birthdays" if adult else "minor_birthdays"
    return threshold, integer("validity", key).on(applied)


def card_expiries(
    cards: Iterable[tuple[date, date, date, ResidenceStatus, date | None]],
) -> Iterator[date]:
    """The last days of many cards, as :func:`card_expiry` gives them one by one.

    A card is the tuple of that function's arguments. The rulebook is asked once
    for each day of application, and no citations are made.
    """
    terms: dict[date, tuple[int, int, int]] = {}
    unlimited = frozenset(words("validity", "permanent_statuses").only.value)
    for born, applied, issued, status, stay_until in cards:
        if status not in unlimited and (stay_until is None or stay_until < issued):
            yield card_expiry(born, applied, issued, status, stay_until).value
            continue
        if not born <= applied <= issued:
            in_order(born=born, applied=applied, issued=issued)
        if applied not in terms:
            terms[applied] = (
                integer("validity", "adult_age").on(applied).value,
                integer("validity", "adult_birthdays").on(applied).value,
                integer("validity", "minor_birthdays").on(applied).value,
            )
        threshold, adult, minor = terms[applied]
        birthdays = adult if reached(threshold, born, applied) else minor
        limit = nth_birthday_after(born, issued, birthdays)
        if status in unlimited or stay_until is None or limit < stay_until:
            yield limit
        else:
            yield stay_until


def next_card_expiry(born: date, applied: date, issued: date) -> Answer[date]:
    """The last day of a card of the announced next generation (R100), in no guide."""
    in_order(born=born, applied=applied, issued=issued)
    _, birthdays = _terms(born, applied)
    extra = integer("validity", "next_card_extra_months").on(issued)
    limit = nth_birthday_after(born, issued, birthdays.value)
    return answer(plus_months(limit, extra.value), birthdays, "R093", extra)


def renewal_opens(expiry: date) -> Answer[date]:
    """The first day on which a card or certificate may be renewed (更新).

    The same-numbered day three months earlier, or that month's last day.
    """
    months = integer("validity", "renewal_window_months").only
    return answer(plus_months(expiry, -months.value), months)


def next_card_renewal_opens(expiry: date) -> Answer[date]:
    """The same for the announced next generation of cards (R100)."""
    months = integer("validity", "next_card_window_months").only
    return answer(plus_months(expiry, -months.value), months)


def renewal_letter(expiry: date) -> Answer[tuple[date, date]]:
    """The first and last day on which the notice of expiry is mailed (R099).

    None is mailed when only the period of stay ends (R121).
    """
    months = integers("validity", "renewal_letter_months").only
    first, last = (plus_months(expiry, -m) for m in months.value)
    return answer((first, last), months, "R121")


def signature_certificate(born: date, on: date, ward: bool = False) -> Answer[bool]:
    """Whether a person is given a signature certificate in principle (R135)."""
    age = integer("certificates", "signature_age").on(on)
    return answer(reached(age.value, born, on) and not ward, age)


def pin_setter(born: date, on: date, ward: bool = False) -> Answer[str]:
    """Who sets the PINs: ``holder`` or ``representative`` (R136)."""
    age = integer("certificates", "pin_age").on(on)
    by_other = ward or not reached(age.value, born, on)
    return answer("representative" if by_other else "holder", age)


def in_order(**days: date) -> None:
    """Refuse days that cannot follow each other, naming the later one."""
    for (earlier, before), (name, after) in pairwise(days.items()):
        if after < before:
            raise BadArgument(name, Accepts("day_not_before", other=earlier))
