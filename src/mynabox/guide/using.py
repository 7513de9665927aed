"""Using the card: certificates at a store, health card, online procedures, points."""

from datetime import date, time

from mynabox.guide.errands import bring_for, office, steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, Money, Named, line, named, reason_line
from mynabox.law import book
from mynabox.law.answer import Answer, Verdict
from mynabox.law.book import counts, integer, word, words
from mynabox.law.certificates import certificates_needed, home_use_needs
from mynabox.law.days import age_on, plus_months
from mynabox.law.health import (
    health_card,
    health_not_brought,
    health_reader_ways,
    health_still_notified,
    paper_health_card_issued,
)
from mynabox.law.kiosks import (
    kiosk_certificate,
    kiosk_open,
    kiosk_opens_next,
)
from mynabox.law.moving import move_out_online
from mynabox.law.points import points as points_due
from mynabox.law.points import points_services
from mynabox.law.stay import online_stay_procedures
from mynabox.law.validity import signature_certificate


def at_store(here: Situation) -> Parts:
    """Certificates at a convenience store (R220 to R233)."""
    asks = [
        fact for fact in ("certificate", "municipality") if getattr(here, fact) is None
    ]
    verdict = _verdict(here, asks)
    stores = words("kiosk", "stores").only
    without = words("kiosk", "stores_without").only
    notes = (
        line("guide.store.counter_only", "R228"),
        line("guide.change.certificate_delay", "R231"),
    )
    if verdict is not None and not verdict.value.allowed:
        reasons = verdict.value.reasons
        return Parts(
            holds=(
                line("guide.store.cannot", verdict, certificate=_wanted(here)),
                *(reason_line(reason, verdict) for reason in reasons),
            ),
            steps=tuple(reason_line(r, verdict, to_do=True) for r in reasons),
            where=office(here),
            lines=telephone(here, "card"),
            notes=notes,
            asks=tuple(asks),
        )
    return Parts(
        holds=(
            _store_hours(here),
            _which(here, verdict),
            line("guide.store.needs", "R226"),
        ),
        steps=steps_of("kiosk"),
        bring=bring_for("kiosk"),
        cost=_store_cost(here),
        where=(
            line("guide.store.stores", stores, stores=named("store", stores.value)),
            line(
                "guide.store.not_these", without, stores=named("store", without.value)
            ),
        ),
        lines=telephone(here, "card"),
        notes=(
            line("guide.store.no_refund", "R227"),
            *notes,
            line("guide.store.sheets", "R229"),
            line("guide.store.same_validity", "R230"),
        ),
        asks=tuple(asks),
    )


def _store_hours(here: Situation) -> Line:
    now = kiosk_open(here.at, here.municipality)
    hours = word("kiosk", "hours").on(here.day, here.municipality)
    begin, end = (time.fromisoformat(part) for part in hours.value.split("-"))
    if now.value:
        return line("guide.store.open", now, opens=begin, closes=end)
    later = kiosk_opens_next(here.at, here.municipality)
    if later.value is None:
        return line("guide.store.hours", hours, opens=begin, closes=end)
    return line("guide.store.closed", now, later, opens=later.value)


def _verdict(here: Situation, asks: list[str]) -> Answer[Verdict] | None:
    """Whether the wanted certificate can be had; asks for what would decide it."""
    if here.certificate is None:
        return None
    if here.certificate in ("koseki_annex", "koseki") and here.japanese is None:
        asks.append("residence_status")
    if here.born is None:
        asks.append("born")
    home = here.municipality or "unknown"
    return kiosk_certificate(
        here.certificate,
        residence=home,
        honseki=here.honseki or (None if here.japanese is False else home),
        nationality="other" if here.japanese is False else "japanese",
        age=_age(here),
        registered_use=bool(here.registered_use),
        certificate_valid=here.certificate_expiry is None
        or here.day <= here.certificate_expiry,
    )


def _which(here: Situation, verdict: Answer[Verdict] | None) -> Line:
    if verdict is not None:
        return line("guide.store.can", verdict, certificate=_wanted(here))
    kinds = words("kiosk", "kinds").only_in(here.municipality)
    listed = named("kiosk", kinds.value)
    return line("guide.store.kinds", kinds, "R233", certificates=listed)


def _wanted(here: Situation) -> Named:
    return named("kiosk", () if here.certificate is None else (here.certificate,))


def _age(here: Situation) -> int:
    least = integer("kiosk", "min_age").only
    return least.value if here.born is None else age_on(here.born, here.day)


def _store_cost(here: Situation) -> tuple[Line, ...]:
    kinds = words("kiosk", "kinds").only_in(here.municipality)
    wanted = kinds.value if here.certificate is None else (here.certificate,)
    fees = counts("kiosk", "fees").only_in(here.municipality)
    each = tuple(
        line(
            "guide.store.fee",
            fees,
            certificate=named("kiosk", (kind,)),
            fee=Money(fees.value[kind]),
        )
        for kind in wanted
    )
    if fees.municipality is not None:
        return each
    return (*each, line("guide.cost.city_sets", "R167", "R221"))


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
