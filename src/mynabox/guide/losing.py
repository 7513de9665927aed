"""A card that is lost, stolen, found again or damaged, and a misused number."""

from mynabox.guide.errands import (
    bring_for,
    card_cost,
    fee,
    identity,
    office,
    steps_of,
)
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import answers_now, spoken, telephone
from mynabox.guide.words import Line, line, named
from mynabox.law.errands import card_expected, unhold
from mynabox.law.events import event_effects
from mynabox.law.fees import FeeReason
from mynabox.law.notices import number_change

_CAUSES: dict[str, FeeReason] = {
    "own_fault": "damaged_own_fault",
    "disaster": "disaster",
    "no_space": "no_space",
    "office_error": "office_error",
}


def lost(here: Situation) -> Parts:
    """The card is gone: stop it by telephone now (R180 to R184)."""
    stolen = here.topic == "stolen"
    effects = event_effects("lost")
    expected = card_expected(here.day)
    bring = bring_for("reissue_lost", purpose="reissue", municipality=here.municipality)
    if stolen:
        bring = tuple(thing for thing in bring if thing.message != "bring.fee")
    return Parts(
        holds=(line("guide.lost.effect", effects, "R278"),),
        steps=steps_of("lost"),
        bring=bring,
        cost=(
            line("guide.cost.phone", "R190"),
            *card_cost("stolen" if stolen else "lost", old_card=False, here=here),
            *(_charged_after_all(here) if stolen else ()),
        ),
        where=(line("guide.where.police", "R181"), *office(here)),
        lines=telephone(here, "suspension"),
        meanwhile=(
            *_meanwhile(here),
            line("guide.apply.eta", expected, day=expected.value),
        ),
        notes=(
            line("guide.lost.if_found", unhold("telephone")),
            line("guide.lost.pins_secret", "R265"),
        ),
        asks=("municipality",) if here.municipality is None else (),
    )


def _charged_after_all(here: Situation) -> tuple[Line, ...]:
    """The guide of Tsukuba prints one fee for loss and theft alike (seed 003:334)."""
    as_lost = fee("lost", old_card=False, here=here)
    return (line("guide.cost.theft", "R161", "R167", fee=as_lost),)


def _meanwhile(here: Situation) -> tuple[Line, ...]:
    """What to do when nobody answers in the person's language at this hour (A19)."""
    if answers_now(here, "suspension"):
        return ()
    name = named("language", (spoken(here.language),))
    return (
        line("guide.lost.meanwhile_helper", "R180", "R181", language=name),
        line("guide.lost.meanwhile_say", "R180"),
    )


def found(here: Situation) -> Parts:
    """A suspended card turned up: the counter makes it active (R149, R185)."""
    return Parts(
        holds=(
            line("guide.lost.if_found", unhold("telephone")),
            line("guide.found.new_certificates", event_effects("found")),
        ),
        steps=steps_of("found"),
        bring=bring_for("found", purpose="identity"),
        cost=(line("guide.cost.free", "R165"),),
        where=office(here),
        lines=telephone(here, "card"),
        notes=(line("guide.found.replaced", "R030", "R055"),),
    )


def number_misused(here: Situation) -> Parts:
    """The number may be in wrong hands (R003, R152)."""
    change = number_change("leaked_and_likely_misused")
    return Parts(
        holds=(
            line("guide.misused.change", change),
            line("guide.misused.no_wish", "R002", "R003"),
            line("guide.misused.card_ends", event_effects("number_changed"), "R162"),
        ),
        steps=(
            line("step.request_number_change", change),
            line("step.hand_card_back", "R152"),
        ),
        bring=(identity("number_change", here.municipality),),
        cost=card_cost("number_changed", old_card=True, here=here),
        where=office(here),
        lines=telephone(here, "system"),
        notes=(line("guide.misused.not_all_leaks", "R264"),),
        asks=("municipality",) if here.municipality is None else (),
    )


def damaged(here: Situation) -> Parts:
    """The card is broken, burnt or full (R161, R162, R183)."""
    burnt = here.cause == "disaster"
    errand = "reissue_fire" if burnt else "reissue_damaged"
    reason = _CAUSES[here.cause or "own_fault"]
    expected = card_expected(here.day)
    holds = (line("guide.damaged.disaster", "R183"),) if here.cause is None else ()
    return Parts(
        holds=holds,
        steps=(
            *steps_of("lost", only=("apply_for_reissue",)),
            *steps_of("pickup"),
        ),
        bring=(
            *bring_for(errand, purpose="reissue", municipality=here.municipality),
            line("guide.bring.photo", "R040"),
        ),
        cost=card_cost(reason, old_card=not burnt, here=here),
        where=office(here),
        lines=telephone(here, "card"),
        meanwhile=(
            line("guide.apply.eta", expected, day=expected.value),
            line("guide.damaged.health", "R032"),
        ),
        asks=("cause",) if here.cause is None else (),
    )
