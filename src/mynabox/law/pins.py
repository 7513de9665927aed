"""The four secrets of a card: form, tries and resets (暗証番号)."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import counts, day, flag, integer, word, words
from mynabox.law.days import in_japan
from mynabox.law.identity import identity_documents, named
from mynabox.law.numbers import is_digits
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

PinKind: TypeAlias = Literal["signature", "authentication", "juki", "input_support"]
ResetPlace: TypeAlias = Literal["counter", "store", "convenience_store"]

_UPPER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DECIMAL = frozenset("0123456789")


def pin_form(kind: PinKind, value: str) -> Answer[Verdict]:
    """Whether a secret has the form its kind asks for.

    The reasons never repeat the secret or its length.
    """
    shortest = counts("pins", "min_length").only
    longest = counts("pins", "max_length").only
    mix = flag("pins", "signature_mix").only
    reasons = []
    few, many = shortest.value[kind], longest.value[kind]
    if not few <= len(value) <= many:
        reasons.append(Reason("pin.length", "R070", {"from": few, "to": many}))
    if kind != "signature":
        if not is_digits(value):
            reasons.append(Reason("pin.digits_only", "R070"))
        return answer(Verdict(not reasons, tuple(reasons)), shortest)
    characters = set(value)
    if any("a" <= character <= "z" for character in characters):
        reasons.append(Reason("pin.upper_case_only", mix.rule))
    elif not characters <= _UPPER | _DECIMAL:
        reasons.append(Reason("pin.letters_and_digits_only", mix.rule))
    elif mix.value and not characters & _UPPER:
        reasons.append(Reason("pin.needs_letter", mix.rule))
    elif mix.value and not characters & _DECIMAL:
        reasons.append(Reason("pin.needs_digit", mix.rule))
    return answer(Verdict(not reasons, tuple(reasons)), shortest, mix)


def pin_tries(kind: PinKind) -> Answer[int]:
    """Wrong tries in a row after which a secret locks; a right one starts afresh."""
    tries = counts("pins", "tries").only
    return answer(tries.value[kind], tries, *(() if kind == "signature" else ("R074",)))


def pins_may_be_equal(kinds: tuple[PinKind, ...]) -> Answer[bool]:
    """Whether these secrets may be set to the same value."""
    equal = words("pins", "equal_kinds").only
    return answer(set(kinds) <= set(equal.value), equal)


def pin_reset(
    kind: PinKind,
    place: ResetPlace,
    at: datetime,
    documents: tuple[str, ...] = (),
    app_done: datetime | None = None,
    other_pin_known: bool = True,
    in_person: bool = True,
) -> Answer[Verdict]:
    """Whether a forgotten or locked secret can be reset there and then.

    At the counter of the city of residence: in person, with a document other
    than the card itself. At a store: only the secrets listed on that day,
    after the app (which asks for the other certificate's PIN and the face),
    within the hours allowed from ``app_done``.
    """
    if place == "counter":
        return _at_counter(documents, in_person)
    return _at_store(kind, at, app_done, other_pin_known)


def _at_counter(documents: tuple[str, ...], in_person: bool) -> Answer[Verdict]:
    shown = identity_documents(documents, "pin_reset")
    reasons = []
    if not in_person:
        reasons.append(Reason("pin_reset.in_person", "R076"))
    if not shown.value.allowed:
        card_only = "my_number_card" in named(documents)
        code = "pin_reset.card_is_not_enough" if card_only else "pin_reset.no_document"
        reasons.append(Reason(code, "R076"))
    return answer(
        Verdict(not reasons, tuple(reasons)),
        words("identity", "pin_reset").only,
        next="pin_reset.bring_document" if reasons else None,
    )


def _at_store(
    kind: PinKind, at: datetime, app_done: datetime | None, other_pin_known: bool
) -> Answer[Verdict]:
    moment = in_japan(at)
    kinds = words("pins", "store_kinds").on(moment.date())
    hours = integer("pins", "store_hours").only
    grounds: list[Cited[object] | str] = [kinds, hours]
    counter = "pin_reset.go_to_counter"
    if kind in ("juki", "input_support"):
        never = Reason("pin_reset.never_at_store", "R079")
        return answer(Verdict(False, (never,)), "R079", kinds, next=counter)
    if kind not in kinds.value:
        not_yet = Reason("pin_reset.not_at_store_then", kinds.rule)
        return answer(Verdict(False, (not_yet,)), kinds, next=counter)
    if not other_pin_known:
        both = Reason("pin_reset.both_unknown", "R078")
        return answer(Verdict(False, (both,)), *grounds, "R078", next=counter)
    if app_done is None:
        return answer(Verdict(True), *grounds, next="pin_reset.app_first")
    began = in_japan(app_done)
    if not began <= moment <= began + timedelta(hours=hours.value):
        late = Reason("pin_reset.store_too_late", "R077", {"hours": hours.value})
        return answer(Verdict(False, (late,)), *grounds, next="pin_reset.app_again")
    return answer(Verdict(True), *grounds)


def card_without_pins(at: datetime, certificates: tuple[str, ...]) -> Answer[Verdict]:
    """Whether a card can be had without PINs (顔認証マイナンバーカード) on a day (R081).

    ``certificates``  kinds that the card carries and that are good
    """
    start = day("pins", "face_only_card").only
    needed = words("pins", "face_only_certificates").only
    reasons = []
    if in_japan(at).date() < start.value:
        reasons.append(Reason("face_only.not_yet", start.rule, {"from": start.value}))
    if not set(needed.value) <= set(certificates):
        reasons.append(Reason("face_only.needs_authentication", needed.rule))
    return answer(Verdict(not reasons, tuple(reasons)), start, needed)


def without_pins_note(*, ended: bool = False) -> Answer[str]:
    """What is written on a card that is one without PINs, or no longer is (R081)."""
    note = word("pins", "face_only_note_ended" if ended else "face_only_note").only
    return answer(note.value, note)


def pin_not_needed_card(use: str) -> Answer[Verdict]:
    """Whether a card without PINs serves a use: not where a PIN is asked for (R081)."""
    refused = words("pins", "face_only_refusals").only
    if use in refused.value:
        reason = Reason("face_only.not_for_this", refused.rule, {"use": use})
        return answer(Verdict(False, (reason,)), refused)
    return answer(Verdict(True), refused)


def health_terminal_tries(way: Literal["pin", "face"]) -> Answer[int]:
    """Failed tries at a health-insurance terminal before it asks a person (R082)."""
    tries = counts("pins", "health_terminal_tries").only
    return answer(tries.value[way], tries)
