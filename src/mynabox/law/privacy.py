"""Who may ask for the number, and who may copy the card (番号法)."""

from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import flag, mapping, words
from mynabox.law.rulebook import answer

Side: TypeAlias = Literal["front", "back"]


def number_request(requester: str, purpose: str) -> Answer[Verdict]:
    """Whether a body may ask a person for the number, for a purpose.

    Only the bodies listed, each for its purposes in the law; anyone else, and
    any other purpose, is refused. Words may be written with spaces or hyphens.
    """
    bodies = mapping("privacy", "requesters").only
    asks, what_for = _named(requester, "requester_words"), _purpose(purpose)
    purposes = bodies.value.get(asks, "").split()
    if what_for in purposes:
        return answer(Verdict(True), bodies, "R012", next="number.check_who_asks")
    if purposes:
        reason = Reason("number.not_for_this", "R011", {"for": tuple(purposes)})
    else:
        reason = Reason("number.not_by_this_body", "R011")
    return answer(
        Verdict(False, (reason,)), bodies, "R012", next="number.do_not_tell_it"
    )


def number_requesters() -> Answer[tuple[str, ...]]:
    """The bodies that may ask for the number (R011)."""
    bodies = mapping("privacy", "requesters").only
    return answer(tuple(bodies.value), bodies, "R284")


def copy_card(side: Side, purpose: str, consent: bool) -> Answer[Verdict]:
    """Whether a side of the card may be copied (R260, R261).

    The front by anyone with the holder's consent. The back, which shows the
    number, only for purposes of the number; consent does not matter there.
    """
    purposes = words("privacy", "number_purposes").only
    if side == "front":
        if consent:
            return answer(Verdict(True), "R260")
        without = Reason("copy.needs_consent", "R260")
        return answer(Verdict(False, (without,)), "R260", next="copy.ask_the_holder")
    if _purpose(purpose) in purposes.value:
        return answer(Verdict(True), purposes)
    shut = Reason("copy.back_only_for_number", "R261")
    return answer(
        Verdict(False, (shut,)), purposes, "R262", next="copy.front_in_the_sleeve"
    )


def _purpose(text: str) -> str:
    return _named(text, "purpose_words")


def _named(text: str, words_of: str) -> str:
    """A word as the lists know it; everyday words stand for theirs."""
    plain = _plain(text)
    return mapping("privacy", words_of).only.value.get(plain, plain)


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def sleeve_hides() -> Answer[tuple[str, ...]]:
    """The fields that the sleeve hides (R262)."""
    fields = words("privacy", "sleeve_hides").only
    return answer(fields.value, fields)


def card_shows(side: Side) -> Answer[tuple[str, ...]]:
    """What a side of the card shows (R268)."""
    shown = words("privacy", f"face_{side}").only
    return answer(shown.value, shown, "R286")


def chip_holds(kind: str) -> Answer[bool]:
    """Whether the chip holds a kind of data: no tax, no pension (R263)."""
    held = words("privacy", "chip_holds").only
    absent = words("privacy", "chip_holds_not").only
    return answer(_plain(kind) in held.value, held, absent, "R264")


def vaccination_app(on: date) -> Answer[bool]:
    """Whether a phone shows vaccination against COVID-19 with the card (R269)."""
    gate = flag("privacy", "vaccination_app").on(on)
    return answer(gate.value, gate)
