"""Certificates at a convenience store (R220 to R233)."""

from datetime import time

from mynabox.guide.errands import bring_for, office, steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, Money, Named, line, named, reason_line
from mynabox.law.answer import Answer, Verdict
from mynabox.law.book import counts, integer, word, words
from mynabox.law.days import age_on
from mynabox.law.kiosks import kiosk_certificate, kiosk_open, kiosk_opens_next


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
