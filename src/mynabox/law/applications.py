"""Applying for a card: the application ID, the form, the channels (交付申請)."""

from datetime import date

from mynabox.law.accepts import Accepts, either
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import integer, integers, words
from mynabox.law.days import plus_days, plus_months
from mynabox.law.errors import BadArgument
from mynabox.law.numbers import is_digits, mod_check
from mynabox.law.rulebook import answer
from mynabox.law.validity import renewal_opens

_SEPARATORS = str.maketrans("", "", " -　‐－")


def application_id_make(body22: str) -> Answer[str]:
    """An application ID (申請書ID) of our own: 22 digits and our check digit.

    How genuine IDs are built is not public; readers of genuine forms must
    treat them as opaque.
    """
    length = integer("application", "id_length").only
    weights = integers("application", "id_check_weights").only
    modulus = integer("application", "id_check_modulus").only
    if not is_digits(body22) or len(body22) != length.value - 1:
        raise BadArgument("body22", Accepts("digits", count=length.value - 1))
    check = _id_check(body22, weights.value, modulus.value)
    return answer(f"{body22}{check}", length, weights, modulus)


def application_id_valid(id: str) -> Answer[bool]:
    """Whether 23 digits carry our check digit."""
    length = integer("application", "id_length").only
    weights = integers("application", "id_check_weights").only
    modulus = integer("application", "id_check_modulus").only
    good = (
        is_digits(id)
        and len(id) == length.value
        and int(id[-1]) == _id_check(id[:-1], weights.value, modulus.value)
    )
    return answer(good, length, weights, modulus)


def application_id_clean(text: str) -> Answer[str | Verdict]:
    """The 23 digits of an ID typed with spaces or hyphens, or why it is none."""
    length = integer("application", "id_length").only
    digits = text.translate(_SEPARATORS)
    if is_digits(digits) and len(digits) == length.value:
        return answer(digits, length)
    wrong = (
        Reason(
            "application.id_length",
            "R025",
            {"expected": length.value, "found": len(digits)},
        )
        if is_digits(digits)
        else Reason("application.id_not_digits", "R025")
    )
    return answer(Verdict(False, (wrong,)), length, next="application.read_id_again")


def application_id_grouped(id: str) -> Answer[str]:
    """The ID as it is printed, in groups of 4-4-4-4-4-3."""
    groups = integers("application", "id_groups").only
    if not is_digits(id) or len(id) != sum(groups.value):
        raise BadArgument("id", Accepts("digits", count=sum(groups.value)))
    parts, start = [], 0
    for size in groups.value:
        parts.append(id[start : start + size])
        start += size
    return answer(" ".join(parts), groups)


def _id_check(digits: str, weights: tuple[int, ...], modulus: int) -> int:
    spread = [weights[i % len(weights)] for i in range(len(digits))]
    return mod_check(digits, tuple(reversed(spread)), modulus)


def application_form_usable(
    printed_stay_until: date | None, on: date, changed: bool | tuple[str, ...]
) -> Answer[Verdict]:
    """Whether a pre-printed form may still be sent on a day (交付申請書).

    ``changed`` names what changed since it was printed (name, address, stay),
    or says only that something did. Permission with a reason is a warning:
    with less than about a month of stay left, renew the status first.
    """
    particulars = words("application", "form_particulars").only
    months = integer("application", "form_stay_months").on(on)
    days = integer("application", "form_stay_days").on(on)
    named = changed if isinstance(changed, tuple) else ()
    unknown = sorted(set(named) - set(particulars.value))
    if unknown:
        raise BadArgument(
            "changed",
            either((Accepts("truth"), Accepts("one_of", words=particulars.value))),
        )
    reasons = []
    if changed:
        reasons.append(Reason("form.changed", "R026", {"changed": named}))
    ended = printed_stay_until is not None and on > printed_stay_until
    if ended and printed_stay_until is not None:
        reasons.append(Reason("form.stay_ended", "R027", {"ended": printed_stay_until}))
    if reasons:
        return answer(
            Verdict(False, tuple(reasons)),
            particulars,
            "R027",
            next="form.fetch_new_at_counter",
        )
    if printed_stay_until is None:
        return answer(Verdict(True), particulars)
    month = max(plus_months(on, months.value), plus_days(on, days.value))
    if printed_stay_until <= month:
        soon = Reason("form.stay_ends_soon", "R028", {"ends": printed_stay_until})
        return answer(
            Verdict(True, (soon,)),
            particulars,
            "R027",
            months,
            days,
            next="form.renew_stay_first",
        )
    return answer(Verdict(True), particulars, "R027", months, days)


def second_application(expiry: date, on: date, reason: str | None) -> Answer[Verdict]:
    """Whether the holder of a card valid until ``expiry`` may apply for another."""
    reasons = words("application", "replacement_reasons").only
    if reason is not None and reason not in reasons.value:
        raise BadArgument(
            "reason", either((Accepts("none"), Accepts("one_of", words=reasons.value)))
        )
    opens = renewal_opens(expiry).value
    if reason is not None or on >= opens:
        return answer(Verdict(True), reasons, "R098")
    refused = Reason("application.holds_valid_card", "R030", {"opens": opens})
    return answer(
        Verdict(False, (refused,)), reasons, "R098", next="renewal.wait_until_open"
    )
