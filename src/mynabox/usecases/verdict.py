"""From a verdict of the rulebook to a refusal."""

from mynabox.law.answer import Answer, Fact, Verdict
from mynabox.lifecycle.life import Refused


def demand(answer: Answer[Verdict]) -> None:
    """Raise ``Refused`` with the first reason unless the verdict allows it."""
    if not answer.value.allowed:
        raise refused(answer.value)


def refused(verdict: Verdict) -> Refused:
    """The refusal that a verdict amounts to.

    It carries the first reason; the others ride along as the fact ``also``, so
    that a person can mend everything at once.
    """
    first, *others = verdict.reasons
    facts = {key: _text(value) for key, value in first.facts.items()}
    if others:
        facts["also"] = " ".join(reason.code for reason in others)
    rules = tuple(dict.fromkeys(reason.rule for reason in verdict.reasons))
    return Refused(first.code, rules=rules, **facts)


def _text(value: Fact) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
