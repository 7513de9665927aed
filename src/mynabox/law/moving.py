"""Moving, and keeping the card up to date (転入, 継続利用, 券面記載事項の変更)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import flag, integer, words
from mynabox.law.calendars import in_new_year, is_weekend_or_holiday
from mynabox.law.days import plus_days
from mynabox.law.errors import NotInForce
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

CardCondition: TypeAlias = Literal["valid", "expired", "suspended", "void"]


def closed_day(day: date) -> bool:
    """Whether municipal offices are closed on a day by law (閉庁日)."""
    return in_new_year(day, words("calendar", "new_year")) or is_weekend_or_holiday(day)


def next_open_day(day: date) -> Answer[date]:
    """The day itself, or the next one on which municipal offices are open."""
    span = words("calendar", "new_year").on(day)
    while closed_day(day):
        day += timedelta(days=1)
    return answer(day, span, "R208")


def particulars_due(changed: date) -> Answer[date]:
    """The last day to have a new name or address written on the card (R170)."""
    days = integer("moving", "particulars_days").on(changed)
    return _due(plus_days(changed, days.value), days)


def move_in_due(moved_in: date, planned_move_out: date) -> Answer[date]:
    """The last day to notify moving in so that the card lives on (R171).

    The earlier of the two terms: from living there, and from the day on which
    the old municipality was told one would leave.
    """
    lived = integer("moving", "move_in_days").on(moved_in)
    planned = integer("moving", "planned_days").on(planned_move_out)
    first = plus_days(moved_in, lived.value)
    second = plus_days(planned_move_out, planned.value)
    return _due(min(first, second), lived, planned, "R173")


def move_in_last(planned_move_out: date) -> Answer[date]:
    """The last day to notify moving in, by the planned day of moving out (R171).

    For whoever has not said yet since when they live there.
    """
    planned = integer("moving", "planned_days").on(planned_move_out)
    return _due(plus_days(planned_move_out, planned.value), planned, "R173")


def notes_lines(issued: date) -> Answer[int]:
    """How many lines a card has for later changes (追記欄)."""
    lines = integer("moving", "notes_lines").on(issued)
    return answer(lines.value, lines, "R170", next="card.replace_free")


def _due(day: date, *grounds: Cited[object] | str) -> Answer[date]:
    """A term for a notice: if it ends on a closed day, both days are told (A18)."""
    moves = flag("calendar", "deadline_moves").only
    try:
        later = next_open_day(day).value
    except NotInForce:
        return answer(day, *grounds)
    return settled(day, later, moves, *grounds)


def settled(
    day: date, later: date, moves: Cited[bool], *grounds: Cited[object] | str
) -> Answer[date]:
    """The day to tell when a term ends on ``day`` and ``later`` is open.

    ``moves`` is the parameter that decides; the other day is told as a dispute.
    """
    if later == day:
        return answer(day, *grounds)
    if moves.value:
        return answer(later, *grounds, "R208")
    told = tuple(replace(d, says=later.isoformat()) for d in moves.disputes)
    return answer(day, *grounds, disputes=told)


def continued_use_until(notice: date) -> Answer[date]:
    """The last day to have the card taken over after the notice of moving in (R172).

    This term voids the card, so it does not move on a closed day.
    """
    days = integer("moving", "continued_use_days").on(notice)
    return answer(plus_days(notice, days.value), days, "R173")


def continued_use(
    moved_in: date,
    planned_move_out: date,
    notice: date,
    on: date,
    card: CardCondition = "valid",
    moved_again: bool = False,
) -> Answer[Verdict]:
    """Whether a card can be taken over by the new municipality on a day (継続利用)."""
    reasons = []
    due = move_in_due(moved_in, planned_move_out)
    until = continued_use_until(notice)
    if card != "valid":
        reasons.append(Reason("move.card_not_valid", "R176", {"card": card}))
    if moved_again:
        reasons.append(Reason("move.moved_again", "R174"))
    if notice > due.value:
        reasons.append(Reason("move.notice_too_late", "R171", {"due": due.value}))
    if on > until.value:
        late = Reason("move.continued_use_too_late", "R172", {"until": until.value})
        reasons.append(late)
    grounds: list[Cited[object] | str] = [
        "R171", "R172", "R173", "R174", "R176", "R177",
    ]  # fmt: skip
    if reasons:
        return answer(
            Verdict(False, tuple(reasons)),
            *grounds,
            "R281",
            next="move.hand_card_back",
        )
    return answer(Verdict(True), *grounds, next="move.issue_new_signature_certificate")


def household_may(errand: str) -> Answer[Verdict]:
    """Whether someone of the same household may run an errand with the PIN (R060)."""
    errands = words("moving", "household_errands").only
    if errand in errands.value:
        return answer(Verdict(True), errands, next="household.bring_card_and_pin")
    alone = Reason("household.holder_only", "R060", {"errand": errand})
    return answer(Verdict(False, (alone,)), errands, next="household.holder_comes")


def move_out_online(on: date) -> Answer[bool]:
    """Whether moving out can be notified online with the card (R175)."""
    gate = flag("moving", "online_move_out").on(on)
    return answer(gate.value, gate)


def emigration(
    leaves: date, procedure_done: date | None, japanese: bool
) -> Answer[Literal["emigrated", "emigrated_continuing"]]:
    """Which event leaving Japan is for the card: it goes on only after R154.

    The procedure is done by the day before, by Japanese nationals.
    """
    gate = flag("moving", "emigration_continuing").on(leaves)
    done = procedure_done is not None and procedure_done < leaves
    goes_on = gate.value and japanese and done
    return answer("emigrated_continuing" if goes_on else "emigrated", gate, "R151")
