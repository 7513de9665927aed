"""Answers for residents and support desks.

A situation in, message ids with values and citations out; no text, no clock. The
catalogues of :mod:`mynabox.locale` say the messages in twelve languages.
"""

from mynabox.guide.answering import answer
from mynabox.guide.guidance import PARTS, Guidance, Parts, to_json
from mynabox.guide.situation import (
    FACTS,
    TOPICS,
    Situation,
    accepted,
    accepted_in_words,
    is_day,
    name_of,
    situation,
)
from mynabox.guide.words import Line, Money, Named

__all__ = [
    "FACTS",
    "PARTS",
    "TOPICS",
    "Guidance",
    "Line",
    "Money",
    "Named",
    "Parts",
    "Situation",
    "accepted",
    "accepted_in_words",
    "answer",
    "is_day",
    "name_of",
    "situation",
    "to_json",
]
