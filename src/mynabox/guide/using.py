"""Using the card: health card, online procedures, and the points of the past."""

from datetime import date

from mynabox.guide.errands import office, steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line, named
from mynabox.law import book
from mynabox.law.book import counts, integer
from mynabox.law.certificates import certificates_needed, home_use_needs
from mynabox.law.days import plus_months
from mynabox.law.health import (
    health_card,
    health_not_brought,
    health_reader_ways,
    health_still_notified,
    paper_health_card_issued,
)
from mynabox.law.moving import move_out_online
from mynabox.law.points import points as points_due
from mynabox.law.points import points_services
from mynabox.law.stay import online_stay_procedures
from mynabox.law.validity import signature_certificate


def health(here: Situation) -> Parts:
    """The card as a health insurance card (R250 to R255)."""
    paper = paper_health_card_issued(here.day)
    ways = health_reader_ways()
    digits = counts("pins", "min_length").only
    holds: list[Line] = []
    if here.health_registered:
        holds += _health_state(here)
    holds.append(
        line(
            "guide.health.reader",
            ways,
            digits=digits.value["authentication"],
        )
    )
    if not paper.value:
        holds.append(line("guide.health.paper_ended", paper))
    todo = (
        ("use_at_clinic",)
        if here.health_registered
        else ("register_in_person_or_online", "use_at_clinic")
    )
    asks = [] if here.health_registered is not None else ["health_registered"]
    if here.health_registered and here.certificate_expiry is None:
        asks.append("certificate_expiry")
    return Parts(
        holds=tuple(holds),
        steps=steps_of("health_register", only=todo),
        bring=(line("bring.my_number_card", "R250"),),
        lines=telephone(here, "general" if here.language == "ja" else "system"),
        notes=(
            line("guide.health.notices", health_still_notified()),
            line("guide.health.no_limit_paper", health_not_brought()),
        ),
        asks=tuple(asks),
    )


def _health_state(here: Situation) -> list[Line]:
    if here.certificate_expiry is None:
        return [line("guide.health.registered", "R250")]
    expiry = here.certificate_expiry
    verdict = health_card(here.day, True, expiry)
    if not verdict.value.allowed:
        return [line("guide.health.certificate_over", verdict, expiry=expiry)]
    if verdict.value.reasons:
        months = integer("health", "grace_months").on(here.day)
        return [
            line(
                "guide.health.certificate_ended",
                verdict,
                expiry=expiry,
                until=plus_months(expiry, months.value),
            )
        ]
    return [line("guide.health.registered", verdict)]


def online(here: Situation) -> Parts:
    """Online procedures and e-Tax (R130, R139, R120, R175)."""
    both = certificates_needed("etax")
    needs = home_use_needs()
    few = counts("pins", "min_length").only
    many = counts("pins", "max_length").only
    age = integer("certificates", "signature_age").on(here.day)
    young = (
        here.born is not None and not signature_certificate(here.born, here.day).value
    )
    moving = move_out_online(here.day)
    holds = [
        line("guide.online.both", both),
        line(
            "guide.online.signature",
            both,
            few,
            many,
            least=few.value["signature"],
            most=many.value["signature"],
        ),
        line(
            "guide.online.authentication",
            both,
            few,
            digits=few.value["authentication"],
        ),
        line("guide.online.stay", online_stay_procedures()),
        *((line("guide.online.move_out", moving),) if moving.value else ()),
    ]
    if young:
        holds.insert(0, line("guide.online.under_age", age, age=age.value))
    return Parts(
        holds=tuple(holds),
        steps=(
            line("step.install_software", needs),
            line("guide.online.check_dates", "R131", "R132"),
        ),
        bring=(
            line("bring.my_number_card", "R139"),
            line("bring.pins", "R139"),
            line(
                "guide.online.equipment",
                needs,
                equipment=named("equipment", needs.value),
            ),
        ),
        cost=(line("guide.cost.free", "R280"),),
        where=(line("guide.where.online", "R139"),),
        lines=telephone(here, "card"),
    )


def points(here: Situation) -> Parts:
    """The points campaign, which is over (R240 to R247)."""
    apply_by = book.day("points", "application_deadline").values[-1]
    claim_by = book.day("points", "claim_deadline").values[-1]
    most = integer("points", "maximum").only
    running = here.day <= claim_by.value
    holds = [
        line("guide.points.card_until", apply_by, until=apply_by.value),
        line("guide.points.moved", "R243", "R244", "R245"),
        line("guide.points.most", most, points=most.value),
        line("guide.points.one_service", points_services()),
    ]
    ended = line(
        "guide.points.claim_until" if running else "guide.points.ended",
        claim_by,
        until=claim_by.value,
    )
    result = _points_had(here)
    return Parts(
        holds=(ended, *result, *holds),
        steps=steps_of("claim_points") if running else (),
        lines=telephone(here, "points" if running else "card"),
        where=office(here) if running else (),
        asks=tuple(
            fact for fact in ("applied", "claimed") if getattr(here, fact) is None
        ),
    )


def _points_had(here: Situation) -> tuple[Line, ...]:
    applied: date | None = here.applied
    if applied is None or here.claimed is None:
        return ()
    cap = integer("points", "spend_cap").only
    every = ("purchase", "health_card", "account")
    total = points_due(applied, here.claimed, every, spend=cap.value)
    if not total.value:
        return (line("guide.points.none", total),)
    return (line("guide.points.amount", total, points=total.value),)
