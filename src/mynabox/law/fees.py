"""What a card costs (再交付手数料); the municipality sets it (R167)."""

from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import integer, word, words
from mynabox.law.days import age_on
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

FeeReason: TypeAlias = Literal[
    "first", "lost", "damaged_own_fault", "expired", "renewal", "stay_lapsed",
    "no_space", "disaster", "stolen", "office_error", "number_changed",
    "returned_from_abroad", "continued_use_missed", "handed_back", "record_deleted",
]  # fmt: skip


def reissue_fee(
    reason: FeeReason,
    certificates: bool = True,
    old_card: bool = True,
    municipality: str | None = None,
) -> Answer[int]:
    """The fee in yen for a card issued for a reason.

    ``certificates``: with certificates on it; ``old_card``: the old one is
    handed in. Where renewal is free, it is so against the old card (R163).
    """
    how = word("fees", reason).only
    card = integer("fees", "card").only_in(municipality)
    extra = integer("fees", "certificates").only_in(municipality)
    free = how.value == "free" or (how.value == "free_if_returned" and old_card)
    if free:
        return answer(0, how)
    grounds: list[Cited[object] | str] = [how, card]
    if how.value == "free_if_returned":
        grounds += ["R055", "R163"]
    if not certificates:
        return answer(card.value, *grounds)
    return answer(card.value + extra.value, *grounds, extra)


def certificate_fee(
    reason: str, with_lost_card: bool = False, municipality: str | None = None
) -> Answer[int]:
    """The fee in yen for certificates alone: free, but for a lost card's (R165)."""
    free = words("fees", "certificates_alone").only
    extra = integer("fees", "certificates").only_in(municipality)
    if with_lost_card:
        return answer(extra.value, extra, free)
    if reason not in free.value:
        raise BadArgument("reason", Accepts("one_of", words=free.value))
    return answer(0, free, "R141")


def express_issue(reason: str, on: date) -> Answer[Verdict]:
    """Whether a card is made within days for a reason (特急発行, R061)."""
    free = words("fees", "express_free").on(on)
    charged = words("fees", "express_charged").on(on)
    if reason in free.value or reason in charged.value:
        return answer(Verdict(True), free, charged)
    listed = (*free.value, *charged.value)
    refused = Reason("express.not_for_this", "R061", {"listed": listed})
    return answer(Verdict(False, (refused,)), free, charged, next="card.apply_plainly")


def is_infant(born: date, on: date) -> Answer[bool]:
    """Whether a child is so young that its first card is made within days (R061)."""
    below = integer("fees", "express_infant_below_age").on(on)
    return answer(age_on(born, on) < below.value, below)


def express_fee(
    reason: str,
    on: date,
    certificates: bool = True,
    municipality: str | None = None,
) -> Answer[int]:
    """The whole fee in yen for express issue: the reissue and the surcharge (R166)."""
    free = words("fees", "express_free").on(on)
    charged = words("fees", "express_charged").on(on)
    if reason in free.value:
        return answer(0, free)
    if reason not in charged.value:
        raise BadArgument(
            "reason", Accepts("one_of", words=(*free.value, *charged.value))
        )
    card = integer("fees", "card").only_in(municipality)
    extra = integer("fees", "certificates").only_in(municipality)
    surcharge = integer("fees", "express").on(on)
    whole = card.value + surcharge.value + (extra.value if certificates else 0)
    return answer(whole, card, extra, surcharge)
