"""How a value of the rulebook, and what it rests on, are told at a terminal."""

from collections.abc import Iterable
from datetime import date, datetime

from mynabox.cli import screen
from mynabox.law.answer import Citation, Dispute, Verdict
from mynabox.law.events import Effects
from mynabox.locale import day, knows, moment, say


def in_words(value: object, language: str) -> Iterable[str]:
    """A value in one or more lines."""
    match value:
        case Verdict():
            outcome = "allowed" if value.allowed else "refused"
            yield say(language, f"verdict.{outcome}")
            for reason in value.reasons:
                facts = dict(reason.facts)
                yield f"  - {say(language, reason.code, **facts)}"
                yield f"    {say(language, f'{reason.code}.do', **facts)}"
        case bool():
            yield say(language, "verdict.yes" if value else "verdict.no")
        case datetime():
            yield f"{moment(language, value)} ({value.isoformat()})"
        case date():
            yield f"{day(language, value)} ({value.isoformat()})"
        case Effects():
            for named, effect in (
                ("certificate.kind.signature", value.signature),
                ("certificate.kind.authentication", value.authentication),
                ("document.my_number_card", value.card),
            ):
                text = say(language, f"effect.{effect.state}")
                why = "" if effect.reason is None else f" ({effect.reason})"
                yield f"{say(language, named)}: {text}{why}"
        case tuple():
            for item in value:
                yield from in_words(item, language)
        case str() if knows(f"verdict.{value}"):
            yield f"{say(language, f'verdict.{value}')} ({value})"
        case None:
            yield "-"
        case _:
            yield str(value)


def envelope(
    language: str,
    rules: Iterable[str],
    citations: Iterable[Citation],
    disputed: Iterable[Dispute],
) -> None:
    """The rules an answer rests on in words, their sources, and who disagrees."""
    heading(language, "heading.why")
    for rule in rules:
        screen.line(f"  {rule}  {say(language, f'rule.{rule}')}")
    heading(language, "heading.sources")
    for citation in dict.fromkeys((c.rule, c.source) for c in citations):
        rule, source = citation
        screen.line(f"  {say(language, 'citation.line', rule=rule, source=source)}")
    disputes(language, disputed)


def disputes(language: str, found: Iterable[Dispute]) -> None:
    """What other sources say, and why it is not followed, in the English of the book."""
    listed = list(found)
    if not listed:
        return
    heading(language, "heading.disputes")
    if language != "en":
        screen.line(f"  ({say(language, 'notice.in_english')})")
    for dispute in listed:
        screen.line(
            "  "
            + say(
                language,
                "dispute.line",
                rule=dispute.rule,
                source=dispute.source,
                says=dispute.says,
            )
        )
        why = say(language, "dispute.why_not", why=dispute.why_not)
        screen.line(f"      {why}")


def heading(language: str, message: str) -> None:
    """A heading with an empty line above it."""
    screen.line()
    screen.line(say(language, message))
