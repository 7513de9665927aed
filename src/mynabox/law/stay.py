"""Cards of foreign residents: carrying a longer stay over (在留期間と有効期間)."""

from datetime import date

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import flag, integer, words
from mynabox.law.days import plus_months
from mynabox.law.errors import BadArgument
from mynabox.law.rulebook import answer


def special_extension(
    expiry: date,
    requested: date,
    decided: date | None = None,
    already_extended: bool = False,
) -> Answer[date | Verdict]:
    """The last day of a card while an application for the stay is pending (特例延長).

    ``expiry`` plus the months allowed, or ``decided`` (the day of the decision)
    if that comes first; refused once the card has expired, and a second time.
    """
    months = integer("stay", "special_extension_months").on(requested)
    times = integer("stay", "special_extensions").only
    if requested > expiry:
        late = Reason("stay.card_expired", "R116", {"expired": expiry})
        return answer(Verdict(False, (late,)), months, "R119", next="card.apply_anew")
    if already_extended:
        again = Reason("stay.extended_once", "R117", {"times": times.value})
        return answer(
            Verdict(False, (again,)), times, next="stay.come_with_the_decision"
        )
    if decided is not None and decided < requested:
        raise BadArgument("decided", Accepts("day_not_before", other="requested"))
    limit = plus_months(expiry, months.value)
    until = limit if decided is None else max(expiry, min(decided, limit))
    return answer(
        until, months, times, "R118", next="stay.come_back_after_the_decision"
    )


def special_extension_proofs() -> Answer[tuple[str, ...]]:
    """What proves the pending application; one of these is shown (R116)."""
    proofs = words("stay", "special_extension_proofs").only
    return answer(proofs.value, proofs)


def extended_expiry(original_limit: date, new_stay_until: date) -> Answer[date]:
    """The last day of a card whose holder's stay was extended (R115).

    ``original_limit`` is the birthday counted from the first issue. The
    certificates are not extended with it: new ones are issued (R118).
    """
    return answer(
        min(original_limit, new_stay_until),
        "R115",
        "R118",
        next="stay.issue_new_certificates",
    )


def stay_extension(expiry: date, on: date, space_left: bool = True) -> Answer[Verdict]:
    """Whether a longer stay can be carried over to a card on a day (R114, R122).

    It is not done by itself: the holder comes while the card is valid.
    """
    if on > expiry:
        lapsed = Reason("stay.card_expired", "R114", {"expired": expiry})
        return answer(Verdict(False, (lapsed,)), "R114", "R119", next="card.apply_anew")
    if not space_left:
        full = Reason("stay.no_space", "R122")
        return answer(Verdict(False, (full,)), "R122", "R162", next="card.replace_free")
    return answer(Verdict(True), "R114", "R121", next="stay.bring_residence_card")


def combined_card(on: date) -> Answer[bool]:
    """Whether residence card and Individual Number Card can be one (特定在留カード)."""
    gate = flag("stay", "combined_card").on(on)
    return answer(gate.value, gate)


def online_stay_procedures() -> Answer[tuple[str, ...]]:
    """The procedures of residence that the card opens online (R120)."""
    kinds = words("stay", "online_procedures").only
    return answer(kinds.value, kinds, "R282")
