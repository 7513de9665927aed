"""Moving, and a change of name (R170 to R178)."""

from datetime import date, timedelta

from mynabox.guide.errands import bring_for, fee, office, steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line
from mynabox.law.book import flag, integer
from mynabox.law.errors import NotInForce
from mynabox.law.moving import (
    closed_day,
    continued_use_until,
    move_in_due,
    move_out_online,
    next_open_day,
    particulars_due,
)


def moved_in(here: Situation) -> Parts:
    """Moved from another municipality: two terms, then the card goes on."""
    asks = tuple(
        fact for fact in ("moved_in", "planned_move_out") if getattr(here, fact) is None
    )
    due: dict[str, date] = {}
    terms: list[Line] = []
    if here.moved_in is not None and here.planned_move_out is not None:
        report = move_in_due(here.moved_in, here.planned_move_out)
        if here.notice_given is None or here.notice_given > report.value:
            due["notify_moving_in"] = report.value
        terms += _closed(report.value)
    else:
        terms.append(_report_rule(here))
    if here.notice_given is not None:
        until = continued_use_until(here.notice_given).value
        due["continued_use"] = until
    else:
        terms.append(_continue_rule(here))
    missed = _missed(here, due)
    lapse = fee("lost", old_card=True, here=here)
    if missed is not None:
        return Parts(
            holds=(line("guide.move.missed", "R173", "R281", day=missed, fee=lapse),),
            steps=(
                *steps_of("move", only=("notify_moving_in",)),
                line("step.hand_card_back", "R281"),
            ),
            bring=bring_for("return"),
            where=office(here, message="guide.where.new_city"),
            lines=telephone(here, "card"),
        )
    todo = ["continued_use", "new_signature_certificate"]
    if here.notice_given is None:
        todo.insert(0, "notify_moving_in")
    return Parts(
        holds=(
            *terms,
            line("guide.move.or_void", "R173", fee=lapse),
            line("guide.change.signature_ends", "R145"),
            line("guide.change.authentication_stays", "R145"),
        ),
        steps=steps_of("move", on=here.day, due=due, only=tuple(todo)),
        bring=(
            *bring_for("continued_use"),
            line("guide.bring.move_out_paper", "R175"),
        ),
        cost=(line("guide.cost.free", "R165"),),
        where=office(here, message="guide.where.new_city"),
        lines=telephone(here, "card"),
        notes=(line("guide.move.store_pause", "R178"),),
        asks=asks,
    )


def _report_rule(here: Situation) -> Line:
    days = integer("moving", "move_in_days").on(here.day)
    planned = integer("moving", "planned_days").on(here.day)
    return line(
        "guide.move.report_rule",
        days,
        planned,
        days=days.value,
        planned_days=planned.value,
    )


def _continue_rule(here: Situation) -> Line:
    days = integer("moving", "continued_use_days").on(here.day)
    return line("guide.move.continue_rule", days, days=days.value)


def _missed(here: Situation, due: dict[str, date]) -> date | None:
    """The term that has passed, if one has: the card is void then (R173)."""
    report = due.get("notify_moving_in")
    handed_in = here.notice_given or here.day
    if report is not None and handed_in > report:
        return report
    until = due.get("continued_use")
    return until if until is not None and here.day > until else None


def _closed(day: date) -> tuple[Line, ...]:
    """Says so when a term ends on a day on which offices are closed (A18)."""
    try:
        if not closed_day(day):
            return ()
        later = next_open_day(day)
    except NotInForce:
        return ()
    return (line("guide.move.closed_day", later, day=day, next=later.value),)


def moved_out(here: Situation) -> Parts:
    """About to leave a municipality, or Japan."""
    if here.abroad:
        return _leaving_japan(here)
    online = move_out_online(here.day)
    holds = [line("guide.move.store_pause", "R178")]
    if online.value:
        holds.insert(0, line("guide.move.out_online", online))
    return Parts(
        holds=tuple(holds),
        steps=steps_of("move"),
        bring=bring_for("continued_use"),
        where=(
            *((line("guide.where.online", online),) if online.value else ()),
            *office(here),
        ),
        lines=telephone(here, "card"),
        notes=(
            line("guide.move.out_household", "R175"),
            _report_rule(here),
            _continue_rule(here),
        ),
        asks=("abroad",) if here.abroad is None else (),
    )


def _leaving_japan(here: Situation) -> Parts:
    """The card ends, unless a Japanese national does the procedure before (R154)."""
    leaves = here.planned_move_out
    gate = flag("moving", "emigration_continuing").on(leaves or here.day)
    may_keep = gate.value and here.japanese is not False
    holds = [line("guide.move.abroad_void", "R151", "R002")]
    steps = [*steps_of("move", only=("notify_moving_out",))]
    if may_keep and leaves is not None:
        until = leaves - timedelta(days=1)
        holds.append(line("guide.move.abroad_continue", gate, day=until))
        steps.append(line("step.continue_abroad", gate, due=until, on=here.day))
    elif may_keep:
        holds.append(line("guide.move.abroad_continue_rule", gate))
        steps.append(line("step.continue_abroad", gate))
    if here.japanese is not True or not may_keep:
        steps.append(line("step.hand_card_back", "R151", "R179"))
    lacking = tuple(
        fact
        for fact in ("residence_status", "planned_move_out")
        if getattr(here, fact) is None
    )
    return Parts(
        holds=tuple(holds),
        steps=tuple(steps),
        bring=bring_for("return"),
        where=office(here),
        lines=telephone(here, "card"),
        asks=lacking,
    )


def particulars(here: Situation) -> Parts:
    """A new address in the same municipality, or a new name (R145, R170)."""
    holds: list[Line] = []
    due: dict[str, date] = {}
    if here.changed_on is None:
        days = integer("moving", "particulars_days").on(here.day)
        holds.append(line("guide.change.rule", days, days=days.value))
    else:
        term = particulars_due(here.changed_on)
        due["notify_change"] = term.value
        if here.day > term.value:
            holds.append(line("guide.change.overdue", term, day=term.value))
        else:
            holds += _closed(term.value)
    renamed = here.topic == "renamed"
    return Parts(
        holds=(
            *holds,
            line("guide.change.signature_ends", "R145"),
            line("guide.change.authentication_stays", "R145"),
        ),
        steps=steps_of("change_particulars", on=here.day, due=due),
        bring=(
            *bring_for("particulars"),
            *((line("guide.bring.name_proof", "R170"),) if renamed else ()),
        ),
        cost=(line("guide.cost.free", "R165"),),
        where=office(here),
        lines=telephone(here, "card"),
        notes=(
            line("guide.change.who", "R060"),
            line("guide.change.certificate_delay", "R231"),
        ),
        asks=("changed_on",) if here.changed_on is None else (),
    )
