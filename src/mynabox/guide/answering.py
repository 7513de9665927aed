"""The answer to a situation: the topic's parts, notes on quality, and the envelope."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from mynabox.guide import (
    applying,
    asked,
    losing,
    moving,
    pins,
    renewing,
    staying,
    store,
    using,
)
from mynabox.guide.guidance import PARTS, Guidance, Parts
from mynabox.guide.situation import Situation, Topic
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line
from mynabox.law import rulebook
from mynabox.law.answer import Citation, Dispute
from mynabox.law.days import in_japan
from mynabox.law.errors import NotInForce
from mynabox.law.parameter import Cited

_TOPICS: Mapping[Topic, Callable[[Situation], Parts]] = {
    "notice_not_come": applying.notice_not_come,
    "apply": applying.apply,
    "form_unusable": applying.form_unusable,
    "photo": applying.photo,
    "pick_up": applying.pick_up,
    "pin_forgotten": pins.pin_reset_needed,
    "pin_locked": pins.pin_reset_needed,
    "pin_change": pins.pin_change,
    "renew_card": renewing.renew_card,
    "renew_certificate": renewing.renew_certificate,
    "stay_extended": staying.stay_extended,
    "stay_pending": staying.stay_pending,
    "moved_in": moving.moved_in,
    "moved_out": moving.moved_out,
    "moved_within": moving.particulars,
    "renamed": moving.particulars,
    "lost": losing.lost,
    "stolen": losing.lost,
    "found": losing.found,
    "number_misused": losing.number_misused,
    "damaged": losing.damaged,
    "certificates_at_store": store.at_store,
    "health_card": using.health,
    "online": using.online,
    "asked_for_number": asked.asked_for_number,
    "asked_for_copy": asked.asked_for_copy,
    "points": using.points,
}


def answer(situation: Situation) -> Guidance:
    """What a person in this situation should know and do.

    A fact that is missing is asked for, never guessed; a day that no rule reaches
    is said so. Wrong arguments raise ``BadArgument``.
    """
    try:
        parts = _TOPICS[situation.topic](situation)
    except NotInForce as unknown:
        parts = Parts(
            lines=telephone(situation, "card"),
            notes=(line("guide.note.no_answer_that_day", day=unknown.day),),
        )
    body = tuple(chain.from_iterable(getattr(parts, name) for name in PARTS))
    citations = _each(chain.from_iterable(found.citations for found in body))
    disputes = _each(chain.from_iterable(found.disputes for found in body))
    whole = replace(
        parts,
        notes=(*parts.notes, *_quality(citations, disputes)),
        asks=_each(f for f in parts.asks if getattr(situation, f) is None),
    )
    return Guidance(
        topic=situation.topic,
        language=situation.language,
        at=in_japan(situation.at),
        parts=whole,
        rules=tuple(dict.fromkeys(rule for found in body for rule in found.rules)),
        citations=citations,
        disputes=disputes,
    )


T = TypeVar("T")


def _each(found: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))


def _quality(
    citations: tuple[Citation, ...], disputes: tuple[Dispute, ...]
) -> tuple[Line, ...]:
    """How far the answer can be relied on: weak sources, and disagreements."""
    cited = [
        value
        for rule in dict.fromkeys(citation.rule for citation in citations)
        for value in rulebook.page(rule).values
        if value.citation in citations
    ]
    notes = [
        line(message, rules=", ".join(rules))
        for message, rules in (
            ("guide.note.low_confidence", _rules(cited, "low")),
            ("guide.note.medium_confidence", _rules(cited, "medium")),
            ("guide.note.disputed", _each(dispute.rule for dispute in disputes)),
        )
        if rules
    ]
    return (*notes, line("guide.note.office_decides"))


def _rules(cited: list[Cited[object]], confidence: str) -> tuple[str, ...]:
    return _each(value.rule for value in cited if value.confidence == confidence)
