"""Steps, things to bring and places, as lines; shared by the topics."""

from collections.abc import Mapping
from datetime import date

from mynabox.guide.situation import Situation
from mynabox.guide.words import Line, Money, line, named
from mynabox.law.book import integer, mapping
from mynabox.law.counters import Office, counter_open, counter_opens_next
from mynabox.law.errands import steps, what_to_bring
from mynabox.law.errors import NotInForce
from mynabox.law.fees import FeeReason, reissue_fee
from mynabox.law.identity import identity_documents

_OFFICES: tuple[Office, ...] = ("main", "section")
_NO_DUES: Mapping[str, date] = {}


def steps_of(
    procedure: str,
    *,
    on: date | None = None,
    due: Mapping[str, date] = _NO_DUES,
    only: tuple[str, ...] | None = None,
) -> tuple[Line, ...]:
    """The steps of a procedure as lines; ``due`` gives steps their last day."""
    listed = steps(procedure)
    return tuple(
        line(f"step.{word}", listed, due=due.get(word), on=on)
        for word in listed.value
        if only is None or word in only
    )


def bring_for(
    errand: str, *, purpose: str | None = None, municipality: str | None = None
) -> tuple[Line, ...]:
    """What to bring for an errand; identity documents by the sets that suffice."""
    listed = what_to_bring(errand)
    return tuple(
        identity(purpose, municipality)
        if purpose is not None
        and word in ("identity_documents", "identity_document_other_than_card")
        else line(f"bring.{word}", listed)
        for word in listed.value
    )


def identity(purpose: str, municipality: str | None = None) -> Line:
    """The sets of documents that suffice for a purpose."""
    found = identity_documents((), purpose, municipality)
    sets = found.value.reasons[0].facts["sets"]
    assert isinstance(sets, tuple)
    message = "guide.bring.identity"
    if purpose == "pin_reset":
        message = "guide.bring.identity_not_card"
    return line(message, found, sets=named("set", sets, "or"))


def card_cost(
    reason: FeeReason, *, old_card: bool, here: Situation
) -> tuple[Line, ...]:
    """What a card costs for a reason: nothing, or card and certificates apart."""
    total = reissue_fee(reason, old_card=old_card, municipality=here.municipality)
    if not total.value:
        return (line("guide.cost.free", total),)
    bare = reissue_fee(reason, False, old_card, here.municipality)
    whole = line(
        "guide.cost.total",
        total,
        fee=Money(total.value),
        card_fee=Money(bare.value),
        certificate_fee=Money(total.value - bare.value),
    )
    return (whole, *city_sets(here))


def fee(reason: FeeReason, *, old_card: bool, here: Situation) -> Money:
    """The whole fee for a card issued for a reason."""
    found = reissue_fee(reason, old_card=old_card, municipality=here.municipality)
    return Money(found.value)


def city_sets(here: Situation) -> tuple[Line, ...]:
    """That another municipality may ask another fee, where we know only a usual one."""
    known = integer("fees", "card").only_in(here.municipality)
    if known.municipality is not None:
        return ()
    return (line("guide.cost.city_sets", "R167"),)


def office(here: Situation, *, message: str = "guide.where.city") -> tuple[Line, ...]:
    """The municipal office, and when it is open if its own hours are known."""
    place = (line(message, "R273"),)
    if here.municipality is None:
        return (*place, line("guide.where.hours_not_known"))
    hours = tuple(
        found
        for name in _OFFICES
        if (found := _opening(here, here.municipality, name)) is not None
    )
    return place + (hours or (line("guide.where.hours_not_known"),))


def _opening(here: Situation, municipality: str, name: Office) -> Line | None:
    try:
        if mapping("counters", name).on(here.day, municipality).municipality is None:
            return None
        now = counter_open(municipality, name, here.at)
        what = named("office", (name,))
        if now.value:
            return line("guide.where.office_open", now, office=what)
        later = counter_opens_next(municipality, name, here.at)
    except NotInForce as unknown:
        return line("guide.line.not_known", day=unknown.day)
    if later.value is None:
        return None
    return line("guide.where.office_opens", now, later, office=what, opens=later.value)
