"""Carrying a longer or a pending period of stay over to the card (R114 to R119)."""

from datetime import date

from mynabox.guide.errands import (
    bring_for,
    card_cost,
    city_sets,
    fee,
    identity,
    office,
    steps_of,
)
from mynabox.guide.guidance import Parts
from mynabox.guide.renewing import ends_with_stay
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line
from mynabox.law.answer import Answer, Verdict
from mynabox.law.stay import extended_expiry, special_extension
from mynabox.law.validity import card_expiry


def stay_extended(here: Situation) -> Parts:
    """The stay was extended: the card does not follow by itself (R114 to R119)."""
    if here.residence_status is not None and not ends_with_stay(here):
        permanent = line("guide.stay.permanent", "R111")
        return Parts(holds=(permanent,), lines=telephone(here, "card"))
    if here.card_expiry is None:
        return Parts(
            holds=(line("guide.stay.not_automatic", "R114"),),
            steps=steps_of("stay_extended", only=("bring_residence_card",)),
            bring=bring_for("stay_extension"),
            where=office(here),
            lines=telephone(here, "card"),
            asks=("card_expiry", "new_stay_until"),
        )
    if here.day > here.card_expiry:
        return _lapsed(here, "guide.stay.lapsed", here.card_expiry)
    cost = fee("stay_lapsed", old_card=True, here=here)
    due = here.card_expiry
    return Parts(
        holds=(
            line("guide.stay.not_automatic", "R114"),
            *_new_limit(here),
            line("guide.stay.no_letter", "R121"),
        ),
        steps=(
            *steps_of(
                "stay_extended",
                on=here.day,
                due={"bring_residence_card": due},
                only=("bring_residence_card", "extend_card"),
            ),
            line("guide.stay.certificates_too", "R118"),
        ),
        bring=bring_for("stay_extension"),
        cost=(
            line("guide.stay.lapse_cost", "R119", "R164", fee=cost),
            *city_sets(here),
        ),
        where=office(here),
        lines=telephone(here, "card"),
        asks=() if here.new_stay_until else ("new_stay_until",),
    )


def _new_limit(here: Situation) -> tuple[Line, ...]:
    """To which day the card would be extended, as far as it can be told."""
    if here.new_stay_until is None:
        return ()
    if here.born is None or here.applied is None or here.issued is None:
        until = extended_expiry(here.new_stay_until, here.new_stay_until)
        return (line("guide.stay.new_expiry_at_most", until, expiry=until.value),)
    limit = card_expiry(here.born, here.applied, here.issued, "permanent")
    until = extended_expiry(limit.value, here.new_stay_until)
    capped = until.value < here.new_stay_until
    message = "guide.stay.new_expiry_capped" if capped else "guide.stay.new_expiry"
    return (line(message, until, limit, expiry=until.value),)


def stay_pending(here: Situation) -> Parts:
    """The decision on the stay is awaited: a special extension (R116, R117)."""
    if here.card_expiry is None:
        return Parts(
            steps=(line("step.request_special_extension", "R116"),),
            bring=bring_for("special_extension"),
            where=office(here),
            lines=telephone(here, "card"),
            notes=(line("guide.stay.pending_once", "R117"),),
            asks=("card_expiry",),
        )
    found: Answer[date | Verdict] = special_extension(here.card_expiry, here.day)
    if isinstance(found.value, Verdict):
        return _lapsed(here, "guide.stay.pending_too_late", here.card_expiry)
    return Parts(
        holds=(line("guide.stay.pending_until", found, until=found.value),),
        steps=(
            line(
                "step.request_special_extension",
                found,
                due=here.card_expiry,
                on=here.day,
            ),
        ),
        bring=bring_for("special_extension"),
        where=office(here),
        lines=telephone(here, "card"),
        notes=(
            line("guide.stay.pending_once", "R117"),
            line("guide.stay.certificates_too", "R118"),
        ),
    )


def _lapsed(here: Situation, message: str, expiry: date) -> Parts:
    """The card lapsed with the stay: a new one, for a fee (R119, R164)."""
    cost = fee("stay_lapsed", old_card=True, here=here)
    return Parts(
        holds=(line(message, "R114", "R116", "R119", expiry=expiry, fee=cost),),
        steps=steps_of("apply_counter") + steps_of("pickup"),
        bring=(
            identity("pickup", here.municipality),
            line("guide.bring.photo", "R040"),
            line("guide.bring.old_card_too", "R055"),
        ),
        cost=card_cost("stay_lapsed", old_card=True, here=here),
        where=office(here),
        lines=telephone(here, "card"),
    )
