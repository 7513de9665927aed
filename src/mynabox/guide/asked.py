"""Someone asks for the number, or wants to copy the card (R011, R260, R261)."""

from mynabox.guide.errands import steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation, accepted
from mynabox.guide.telephone import telephone
from mynabox.guide.words import line, named
from mynabox.law.privacy import (
    copy_card,
    number_request,
    number_requesters,
    sleeve_hides,
)


def asked_for_number(here: Situation) -> Parts:
    """Whether a body may ask for the number for a purpose."""
    bodies = number_requesters()
    known = tuple(body for body in bodies.value if body in accepted("requester"))
    listed = named("requester", known)
    asks = tuple(
        fact for fact in ("requester", "purpose") if getattr(here, fact) is None
    )
    who = line("guide.number.bodies", bodies, requesters=listed)
    areas = line(
        "guide.number.areas",
        "R011",
        areas=named("purpose", ("social_security", "tax", "disaster")),
    )
    show = line("guide.number.show", "R013", "R010", "R285")
    subject = telephone(here, "system")
    if here.requester is None or here.purpose is None:
        return Parts(
            holds=(areas, who),
            steps=steps_of("asked_for_number"),
            lines=subject,
            notes=(show,),
            asks=asks,
        )
    verdict = number_request(here.requester, here.purpose)
    if verdict.value.allowed:
        return Parts(
            holds=(line("guide.number.may", verdict),),
            steps=steps_of("asked_for_number"),
            bring=(line("bring.my_number_card", "R013", "R285"),),
            lines=subject,
            notes=(show,),
        )
    return Parts(
        holds=(line("guide.number.may_not", verdict), areas, who),
        steps=(line("step.refuse", verdict),),
        lines=subject,
    )


def asked_for_copy(here: Situation) -> Parts:
    """Whether a side of the card may be copied."""
    front = line("guide.copy.front", "R260")
    back = line("guide.copy.back", "R261")
    sleeve = line("guide.copy.sleeve", sleeve_hides())
    deciding = {None: "side", "front": "consent", "back": "purpose"}[here.side]
    asks = (deciding,) if getattr(here, deciding) is None else ()
    lines = telephone(here, "system")
    if here.side is None or asks:
        return Parts(holds=(front, back), lines=lines, notes=(sleeve,), asks=asks)
    verdict = copy_card(here.side, here.purpose or "other", bool(here.consent))
    outcome, step = "guide.copy.may_not", "step.refuse"
    if verdict.value.allowed:
        outcome, step = "guide.copy.may", "step.say_yes"
    return Parts(
        holds=(line(outcome, verdict), front if here.side == "front" else back),
        steps=(line(step, verdict),),
        lines=lines,
        notes=(sleeve,),
    )
