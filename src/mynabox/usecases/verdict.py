"""From a verdict of the rulebook to a refusal."""

from mynabox.law.answer import Answer, Verdict
from mynabox.lifecycle.life import Refused


def demand(answer: Answer[Verdict]) -> None:
    """Raise ``Refused`` with the first reason unless the verdict allows it.

    The other reasons ride along as the fact ``also``, so that a person can mend
    everything at once.
    """
    if answer.value.allowed:
        return
    first, *others = answer.value.reasons
    facts = {key: str(value) for key, value in dict(first.facts).items()}
    if others:
        facts["also"] = " ".join(reason.code for reason in others)
    rules = tuple(dict.fromkeys(reason.rule for reason in answer.value.reasons))
    raise Refused(first.code, rules=rules, **facts)
