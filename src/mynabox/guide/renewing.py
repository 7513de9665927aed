"""Renewing the card and its certificates."""

from datetime import date

from mynabox.guide.errands import (
    bring_for,
    card_cost,
    city_sets,
    fee,
    office,
    steps_of,
)
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line
from mynabox.law.book import integer, words
from mynabox.law.certificates import certificate_expiry
from mynabox.law.errands import card_expected
from mynabox.law.fees import FeeReason
from mynabox.law.validity import card_expiry, renewal_letter, renewal_opens


def ends(here: Situation) -> tuple[date | None, tuple[Line, ...], tuple[str, ...]]:
    """The card's last day: as told, else computed; the line on it; what to ask."""
    if here.card_expiry is not None:
        told = line("guide.renew_card.valid_until", "R094", expiry=here.card_expiry)
        return here.card_expiry, (told,), ()
    needed = ["born", "applied", "issued", "residence_status"]
    if here.residence_status is not None and ends_with_stay(here):
        needed.append("stay_until")
    lacking = tuple(fact for fact in needed if getattr(here, fact) is None)
    if (
        lacking
        or here.born is None
        or here.applied is None
        or here.issued is None
        or here.residence_status is None
    ):
        return None, (), ("card_expiry",)
    found = card_expiry(
        here.born, here.applied, here.issued, here.residence_status, here.stay_until
    )
    computed = line("guide.renew_card.computed", found, expiry=found.value)
    return found.value, (computed,), ()


def ends_with_stay(here: Situation) -> bool:
    """Whether the status of residence ends the card with the period of stay."""
    free = words("validity", "permanent_statuses").only.value
    return here.residence_status is not None and here.residence_status not in free


def renew_card(here: Situation) -> Parts:
    """The card's last day comes near, or has passed (R097 to R099, R163)."""
    expiry, holds, asks = ends(here)
    if expiry is None:
        return _renewal(here, holds=(_window_rule(),), asks=asks)
    if here.day > expiry:
        return _card_over(here, expiry)
    stay = ends_with_stay(here) and here.stay_until is not None
    if stay and here.stay_until is not None and here.stay_until <= expiry:
        return _cardends_with_stay(here, expiry, holds)
    opens = renewal_opens(expiry)
    letters = renewal_letter(expiry)
    first, last = letters.value
    open_now = here.day >= opens.value
    window = (
        line("guide.renew_card.open_now", opens)
        if open_now
        else line("guide.renew_card.opens", opens, opens=opens.value)
    )
    letter = line("guide.renew_card.letter", letters, first=first, last=last)
    return _renewal(here, holds=(*holds, window, letter), due=expiry, open_now=open_now)


def _window_rule() -> Line:
    months = integer("validity", "renewal_window_months").only
    return line("guide.renew_card.window_rule", months, months=months.value)


def _renewal(
    here: Situation,
    *,
    holds: tuple[Line, ...],
    due: date | None = None,
    open_now: bool = False,
    asks: tuple[str, ...] = (),
) -> Parts:
    """A new card against the old one, as for the first."""
    cost = card_cost("renewal", old_card=here.old_card is not False, here=here)
    if here.old_card is None:
        dear = fee("renewal", old_card=False, here=here)
        lost = line("guide.cost.if_not_returned", "R163", fee=dear)
        cost = (*cost, lost, *city_sets(here))
        asks = (*asks, "old_card")
    expected = card_expected(here.day)
    return Parts(
        holds=holds,
        steps=(
            line("guide.renew_card.apply", "R098", due=due, on=here.day),
            *steps_of("pickup"),
            line("guide.renew_card.hand_back", "R163"),
        ),
        bring=(
            line("guide.bring.photo", "R040"),
            *bring_for("card_renewal", purpose="pickup"),
        ),
        cost=cost,
        where=office(here),
        lines=telephone(here, "card"),
        meanwhile=(
            (line("guide.apply.eta", expected, day=expected.value),) if open_now else ()
        ),
        asks=asks,
    )


def _card_over(here: Situation, expiry: date) -> Parts:
    reason: FeeReason = "stay_lapsed" if ends_with_stay(here) else "expired"
    return Parts(
        holds=(line("guide.renew_card.expired", "R097", expiry=expiry),),
        steps=steps_of("apply_counter") + steps_of("pickup"),
        bring=(
            line("guide.bring.photo", "R040"),
            *bring_for("card_renewal", purpose="pickup"),
        ),
        cost=card_cost(reason, old_card=here.old_card is not False, here=here),
        where=office(here),
        lines=telephone(here, "card"),
    )


def _cardends_with_stay(
    here: Situation, expiry: date, holds: tuple[Line, ...]
) -> Parts:
    lapse = fee("stay_lapsed", old_card=True, here=here)
    due = {"extend_card": expiry}
    return Parts(
        holds=(
            *holds,
            line("guide.renew_card.stay_decides", "R110", "R114", expiry=expiry),
            line("guide.stay.no_letter", "R121"),
            line("guide.stay.lapse_cost", "R164", "R119", fee=lapse),
        ),
        steps=steps_of("stay_extended", on=here.day, due=due),
        bring=bring_for("stay_extension"),
        where=(line("guide.where.immigration", "R282"), *office(here)),
        lines=telephone(here, "card"),
    )


def renew_certificate(here: Situation) -> Parts:
    """The certificates' last day comes near, or has passed (R131 to R141)."""
    expiry = here.certificate_expiry
    if expiry is None:
        return Parts(
            holds=(_window_rule(),),
            steps=(line("guide.renew_certificate.counter", "R137"),),
            bring=bring_for("certificate_renewal"),
            cost=(line("guide.cost.free", "R165"),),
            where=office(here),
            lines=telephone(here, "card"),
            asks=("certificate_expiry",),
        )
    if here.card_expiry is not None and here.card_expiry <= expiry:
        message = "guide.renew_certificate.card_first"
        card = line(message, "R132", card_expiry=here.card_expiry)
        whole = renew_card(here)
        return Parts(
            holds=(card, *whole.holds),
            steps=whole.steps,
            bring=whole.bring,
            cost=whole.cost,
            where=whole.where,
            lines=whole.lines,
            meanwhile=whole.meanwhile,
            asks=whole.asks,
        )
    opens = renewal_opens(expiry)
    over = here.day > expiry
    if over:
        holds = [line("guide.renew_certificate.expired", "R141", expiry=expiry)]
    else:
        holds = [line("guide.renew_certificate.valid_until", "R131", expiry=expiry)]
        holds.append(
            line("guide.renew_certificate.open_now", opens)
            if here.day >= opens.value
            else line("guide.renew_certificate.opens", opens, opens=opens.value)
        )
    return Parts(
        holds=(*holds, *_new_end(here, expiry, opens.value)),
        steps=(
            line(
                "guide.renew_certificate.counter",
                "R137",
                due=None if over else expiry,
                on=here.day,
            ),
        ),
        bring=bring_for("certificate_renewal"),
        cost=(line("guide.cost.free", "R165", "R141"),),
        where=office(here),
        lines=telephone(here, "card"),
        notes=(line("guide.renew_certificate.store_again", "R138"),),
    )


def _new_end(here: Situation, expiry: date, opens: date) -> tuple[Line, ...]:
    """How long new certificates would last, if all it takes is known."""
    if here.born is None or here.card_expiry is None or here.day < opens:
        return ()
    new = certificate_expiry(
        "authentication",
        here.born,
        issued=here.day,
        card_expiry=here.card_expiry,
        renewed_from=expiry,
    )
    return (line("guide.renew_certificate.new_until", new, until=new.value),)
