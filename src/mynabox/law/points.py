"""The second round of points (マイナポイント第2弾), which ended in September 2023."""

from datetime import date

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.book import day, integer, word, words
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

_ITEMS = ("purchase", "health_card", "account")


def points(
    applied: date,
    claimed: date,
    items: tuple[str, ...],
    spend: int = 0,
    earlier: int = 0,
    as_of: date | None = None,
) -> Answer[int]:
    """The points in yen that a person gets for a claim.

    ``applied``: day the card was applied for; ``items``: of purchase,
    health_card, account; ``spend``: yen charged or bought; ``earlier``: points
    had in the first round. ``as_of`` asks under the deadlines announced by that
    day; without it the last ones hold (R244, R245). Too late is 0 points, and
    ``next`` says why. A claim after the round raises nothing: it is too late.
    """
    unknown = set(items) - set(_ITEMS)
    if unknown:
        raise BadArgument("items", Accepts("one_of", words=_ITEMS))
    if spend < 0:
        raise BadArgument("spend", Accepts("at_least", least=0))
    if earlier < 0:
        raise BadArgument("earlier", Accepts("at_least", least=0))
    if claimed < applied:
        raise BadArgument("claimed", Accepts("day_not_before", other="applied"))
    apply_by = _deadline("application_deadline", as_of)
    claim_by = _deadline("claim_deadline", as_of)
    if applied > apply_by.value:
        return answer(0, apply_by, next="points.application_too_late")
    if claimed > claim_by.value:
        return answer(0, apply_by, claim_by, next="points.claim_too_late")
    most = integer("points", "maximum").only
    total = 0
    grounds: list[Cited[object] | str] = [apply_by, claim_by, most]
    if "purchase" in items:
        total += _purchase(claimed, spend, earlier, grounds)
    for item in ("health_card", "account"):
        start = day("points", "registration_start").only
        if item in items and claimed >= start.value:
            given = integer("points", item).only
            grounds += [given, start]
            total += given.value
    return answer(min(total, most.value), *grounds)


def _deadline(key: str, as_of: date | None) -> Cited[date]:
    rule = day("points", key)
    return rule.values[-1] if as_of is None else rule.on(as_of)


def _purchase(
    claimed: date, spend: int, earlier: int, grounds: list[Cited[object] | str]
) -> int:
    """A share of what was spent, up to a cap, less what the first round gave."""
    start = day("points", "purchase_start").only
    rate = integer("points", "rate_percent").only
    cap = integer("points", "spend_cap").only
    rounding = word("points", "rounding").only
    grounds += [start, rate, cap, rounding]
    if claimed < start.value:
        return 0
    full = cap.value * rate.value // 100
    yen = share(min(spend, cap.value), rate.value, rounding.value)
    return min(yen, max(0, full - earlier))


def share(yen: int, percent: int, rounding: str) -> int:
    """So many per cent of an amount in whole yen, rounded ``down`` or ``up``."""
    whole, rest = divmod(yen * percent, 100)
    return whole + 1 if rest and rounding == "up" else whole


def points_services() -> Answer[int]:
    """How many payment services a person may choose (R246)."""
    number = integer("points", "services").only
    return answer(number.value, number)


def points_ways() -> Answer[tuple[str, ...]]:
    """The ways to claim (R247)."""
    ways = words("points", "ways").only
    return answer(ways.value, ways)
