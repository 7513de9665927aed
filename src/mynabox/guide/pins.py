"""PINs that are forgotten, locked, or to be changed."""

from datetime import date

from mynabox.guide.errands import bring_for, office, steps_of
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Pin, Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line, named
from mynabox.law.book import counts, integer, words
from mynabox.law.certificates import home_use_needs
from mynabox.law.pins import card_without_pins, pin_reset, pin_tries

_AT_STORE = ("signature", "authentication")


def pin_reset_needed(here: Situation) -> Parts:
    """A PIN is forgotten or locked: the counter, or app and store (R073 to R079)."""
    asks: list[str] = ["pin"] if here.pin is None else []
    at_store = here.pin in (None, *_AT_STORE)
    if at_store and here.other_pin_known is None:
        asks.append("other_pin_known")
    if here.municipality is None:
        asks.append("municipality")
    counter = pin_reset(here.pin or "authentication", "counter", here.at)
    return Parts(
        holds=(_locks(here.pin), line("guide.pin.city_cannot_tell", "R075")),
        steps=(
            line("guide.pin.counter", counter),
            _new_form(here.pin),
            *_store(here),
        ),
        bring=bring_for(
            "pin_reset", purpose="pin_reset", municipality=here.municipality
        ),
        where=office(here),
        lines=telephone(here, "card"),
        notes=(
            line("guide.pin.not_the_card", "R076"),
            line("guide.lost.pins_secret", "R265"),
            *_without(here),
        ),
        asks=tuple(asks),
    )


def _without(here: Situation) -> tuple[Line, ...]:
    """That a card can be had without PINs, from the day on from which it can (R081)."""
    verdict = card_without_pins(here.at, ("authentication",))
    return (line("guide.pin.without", verdict),) if verdict.value.allowed else ()


def _locks(pin: Pin | None) -> Line:
    if pin is None:
        four, six = pin_tries("authentication"), pin_tries("signature")
        return line(
            "guide.pin.locks_both",
            four,
            six,
            tries=four.value,
            signature_tries=six.value,
        )
    tries = pin_tries(pin)
    return line("guide.pin.locks", tries, tries=tries.value)


def _new_form(pin: Pin | None) -> Line:
    few = counts("pins", "min_length").only
    many = counts("pins", "max_length").only
    if pin is None:
        return _all_four()
    least, most = few.value[pin], many.value[pin]
    if pin == "signature":
        return line(
            "guide.pin.new_form_signature", few, many, "R072", least=least, most=most
        )
    return line("guide.pin.new_form_four", few, least=least)


def _all_four() -> Line:
    few = counts("pins", "min_length").only
    many = counts("pins", "max_length").only
    return line(
        "guide.pin.four",
        few,
        many,
        "R071",
        "R072",
        four=few.value["authentication"],
        least=few.value["signature"],
        most=many.value["signature"],
    )


def _store(here: Situation) -> tuple[Line, ...]:
    """The way without the office, or why it is closed."""
    if here.pin is None:
        possible = _resettable(here.day)
        if not possible:
            return ()
        return _store_steps(here)
    verdict = pin_reset(
        here.pin,
        "store",
        here.at,
        other_pin_known=here.other_pin_known is not False,
    )
    if verdict.value.allowed:
        return _store_steps(here)
    if "pin_reset.both_unknown" in verdict.value.codes:
        return (line("guide.pin.store_both_unknown", verdict),)
    return (line("guide.pin.store_not_this", verdict),)


def _store_steps(here: Situation) -> tuple[Line, ...]:
    hours = integer("pins", "store_hours").only
    chains = words("pins", "store_chains").on(here.day)
    return (
        line("guide.pin.or_at_store", words("pins", "store_kinds").on(here.day)),
        *steps_of("pin_at_store"),
        line(
            "guide.pin.store_within",
            hours,
            chains,
            hours=hours.value,
            stores=named("store", chains.value),
        ),
    )


def _resettable(day: date) -> tuple[str, ...]:
    return words("pins", "store_kinds").on(day).value


def pin_change(here: Situation) -> Parts:
    """A PIN that is known is changed at home or at the counter (R075, R271)."""
    needs = home_use_needs()
    return Parts(
        holds=(
            line("guide.pin.change_software", "R271"),
            line("guide.pin.change_regularly", "R075", "R265"),
        ),
        steps=(
            line("step.install_software", "R280"),
            line("step.change_pin_with_software", "R271"),
            _new_form(here.pin),
        ),
        bring=(
            line(
                "guide.online.equipment",
                needs,
                equipment=named("equipment", needs.value),
            ),
        ),
        cost=(line("guide.cost.free", "R280"),),
        where=(line("guide.where.online", "R271"), *office(here)),
        lines=telephone(here, "card"),
        asks=("pin",) if here.pin is None else (),
    )
