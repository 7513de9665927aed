"""What to do in which order, and what to bring (手続きの流れ, 持ち物)."""

from datetime import date

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import integer, parameters, words
from mynabox.law.days import plus_months
from mynabox.law.errors import BadArgument
from mynabox.law.rulebook import answer

_BESIDE = {
    "apply_smartphone": ("R022", "R274"),
    "apply_mail": ("R275",),
    "lost": ("R180", "R181", "R278"),
    "found": ("R149",),
    "move": ("R172", "R177", "R281"),
    "change_particulars": ("R177",),
    "stay_extended": ("R118", "R282"),
    "asked_for_number": ("R011",),
}
"""Rules that bear on a procedure beside the one its steps come from."""


def steps(procedure: str) -> Answer[tuple[str, ...]]:
    """The steps of a procedure, in order."""
    if procedure not in parameters("steps"):
        raise BadArgument("procedure", Accepts("one_of", words=parameters("steps")))
    listed = words("steps", procedure).only
    return answer(listed.value, listed, *_BESIDE.get(procedure, ()))


def what_to_bring(errand: str) -> Answer[tuple[str, ...]]:
    """What to bring for an errand."""
    if errand not in parameters("bring"):
        raise BadArgument("errand", Accepts("one_of", words=parameters("bring")))
    listed = words("bring", errand).only
    return answer(listed.value, listed)


def channels(on: date) -> Answer[tuple[str, ...]]:
    """The ways to apply for a card on a day (R021)."""
    listed = words("application", "channels").on(on)
    return answer(listed.value, listed, "R020", "R275")


def channel_speaks(channel: str, language: str, on: date) -> Answer[Verdict]:
    """Whether a channel can be used in a language: a warning, never a bar (R022)."""
    known = words("application", "channels").on(on)
    if channel not in known.value:
        raise BadArgument("channel", Accepts("one_of", words=known.value))
    japanese = words("application", "japanese_only_channels").on(on)
    if channel in japanese.value and language != "ja":
        warning = Reason("channel.japanese_only", "R022", {"channel": channel})
        return answer(
            Verdict(True, (warning,)), japanese, next="channel.paper_in_your_language"
        )
    return answer(Verdict(True), japanese)


def may_apply(registered: bool) -> Answer[Verdict]:
    """Whether a person can apply for a card: only with a resident record (R029)."""
    if registered:
        return answer(Verdict(True), "R029", "R020")
    first = Reason("application.no_resident_record", "R029")
    return answer(Verdict(False, (first,)), "R029", next="application.register_first")


def card_expected(applied: date) -> Answer[date]:
    """About when the postcard or the card comes: no promise (R032)."""
    months = integer("application", "eta_months").on(applied)
    return answer(plus_months(applied, months.value), months)


def pin_duties() -> Answer[tuple[str, ...]]:
    """What the holder does with the PINs (R075, R265)."""
    duties = words("pins", "duties").only
    return answer(duties.value, duties, "R265", "R271", "R283")


def unhold(place: str) -> Answer[Verdict]:
    """Whether a suspension is lifted there: at the counter only (R185)."""
    if place == "counter":
        return answer(Verdict(True), "R185", "R149", next="found.new_certificates")
    only = Reason("found.counter_only", "R185", {"place": place})
    return answer(Verdict(False, (only,)), "R185", next="found.bring_card_to_counter")
