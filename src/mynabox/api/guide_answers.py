"""The guide asked in words, and its answers as plain values with their texts.

Like :mod:`mynabox.api.law_answers`, for the command line as well: no web framework.
"""

from collections.abc import Mapping
from datetime import datetime

from mynabox.guide import Guidance, Line, answer, situation, to_json
from mynabox.law.accepts import Accepts
from mynabox.law.arguments import moment
from mynabox.law.errors import BadArgument, LawError
from mynabox.locale import LANGUAGES, negotiate, say


def ask_guide(
    topic: str,
    facts: Mapping[str, str],
    *,
    at: str | None,
    language: str,
    now: datetime,
) -> Guidance:
    """The answer to a situation told in words.

    ``at`` is an ISO moment, ``now`` if left out. Raises ``BadArgument`` that says
    which word is wrong and what is accepted.
    """
    try:
        here = now if at is None else moment(at)
    except (ValueError, OverflowError):
        moments = Accepts("moment", moment="2026-11-21T02:00")
        raise BadArgument("at", moments) from None
    if negotiate(language) != language:
        raise BadArgument("language", Accepts("one_of", words=LANGUAGES))
    try:
        return answer(situation(topic, at=here, language=language, facts=facts))
    except LawError:
        raise
    except (ValueError, OverflowError):
        days = Accepts("calendar")
        raise BadArgument("facts", days) from None


def line_text(line: Line, language: str) -> str:
    """A line in words, without its last day."""
    return say(language, line.message, **line.values)


def guide_json(guidance: Guidance) -> dict[str, object]:
    """An answer with its texts, the same on the command line and over HTTP."""
    language = guidance.language
    plain = to_json(guidance)
    for part in guidance.order:
        plain[part] = [
            {**known, "text": line_text(line, language)}
            for known, line in zip(_list(plain[part]), guidance.part(part), strict=True)
        ]
    plain["asks"] = [
        {**known, "text": say(language, str(known["message"]))}
        for known in _list(plain["asks"])
    ]
    return {
        **plain,
        "title": say(language, f"topic.{guidance.topic}"),
        "order": list(guidance.order),
        "why": [
            {"rule": rule, "statement": say(language, f"rule.{rule}")}
            for rule in guidance.rules
        ],
    }


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value
