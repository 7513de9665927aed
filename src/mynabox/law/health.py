"""The card as a health card (マイナ保険証)."""

from datetime import date

from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import flag, integer, words
from mynabox.law.days import plus_months
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer


def health_card(
    on: date, registered: bool, certificate_expiry: date
) -> Answer[Verdict]:
    """Whether the card shows one's insurance at a clinic on a day.

    It must have been registered for it (R250). After the certificate's last day
    it shows eligibility only, for a few months more (R254): a permission with
    that reason.
    """
    start = flag("health", "start").on(on)
    months = integer("health", "grace_months").on(on)
    grounds: list[Cited[object] | str] = [start, months]
    if not registered:
        first = Reason("health.register_first", "R250")
        return answer(Verdict(False, (first,)), *grounds, next="health.register")
    if on <= certificate_expiry:
        return answer(Verdict(True), start)
    until = plus_months(certificate_expiry, months.value)
    if on <= until:
        only = Reason("health.eligibility_only", "R254", {"until": until})
        return answer(Verdict(True, (only,)), *grounds, next="health.renew_certificate")
    ended = Reason("health.certificate_ended", "R254", {"ended": certificate_expiry})
    return answer(
        Verdict(False, (ended,)),
        *grounds,
        "R253",
        next="health.use_eligibility_certificate",
    )


def insurance_proofs(on: date) -> Answer[tuple[str, ...]]:
    """What shows one's insurance at a clinic on a day (R253)."""
    accepted = words("health", "accepted").on(on)
    return answer(accepted.value, accepted, "R287")


def paper_health_card_issued(on: date) -> Answer[bool]:
    """Whether paper health cards are issued on a day (R253)."""
    issued = flag("health", "paper_cards_issued").on(on)
    return answer(issued.value, issued)


def health_reader_ways(without_pins: bool = False) -> Answer[tuple[str, ...]]:
    """How the holder is known at a clinic (R255); of a card without PINs (R081)."""
    ways = words("health", "ways_without_pins" if without_pins else "ways").only
    return answer(ways.value, ways)


def health_still_notified() -> Answer[tuple[str, ...]]:
    """What is notified as before in spite of the card (R251)."""
    kept = words("health", "still_notified").only
    return answer(kept.value, kept)


def health_not_brought() -> Answer[tuple[str, ...]]:
    """What need not be brought to a clinic with the card (R252)."""
    papers = words("health", "not_brought").only
    return answer(papers.value, papers)
