"""``mynabox ask``: the guide at the command line."""

import sys
from collections.abc import Mapping
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from mynabox.api.acceptance import accepted_in
from mynabox.api.guide_answers import ask_guide, guide_json, line_text
from mynabox.cli import screen
from mynabox.cli.envelope import envelope
from mynabox.cli.law import LanguageOption, present, wished
from mynabox.cli.options import HomeOption, JsonOption
from mynabox.guide import (
    FACTS,
    TOPICS,
    Guidance,
    Line,
    accepted,
    accepted_in_words,
    is_day,
    name_of,
)
from mynabox.law.errors import BadArgument
from mynabox.locale import FALLBACK, LANGUAGES, say

_HELP = f"""Ask what to do: by when, where, with what, at what cost, and why.

Without a TOPIC, at a terminal, it asks for everything it needs. A fact that is not
told is not guessed: the answer says which facts would make it more exact.

TOPIC is one of: {", ".join(TOPICS)}

Examples:

\b
  mynabox ask
  mynabox ask lost --language vi --at 2026-11-21T02:00
  mynabox ask moved_in --moved-in 2023-10-05 --planned-move-out 2023-10-01
  mynabox ask renew_card --card-expiry 2027-05-31 --language ja
  mynabox ask pin_locked --pin signature --municipality Tsukuba --json
"""


def _run(
    topic: str | None,
    language: str,
    at: str | None,
    home: Path | None,
    json: bool,
    facts: Mapping[str, str],
) -> None:
    language = wished(language)
    now = present(home)
    known = dict(facts)
    if topic is None:
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"one of {', '.join(TOPICS)}", param_hint="TOPIC")
        language = _choose_language(language)
        topic = _choose_topic(language)
        known = _converse(topic, known, at=at, language=language, home=home)
    try:
        found = ask_guide(topic, known, at=at, language=language, now=now)
    except BadArgument as wrong:
        raise typer.BadParameter(
            accepted_in(language, wrong.accepted), param_hint=_flag(wrong.argument)
        ) from None
    if json:
        screen.as_json(guide_json(found))
    else:
        tell(found)


def _flag(argument: str) -> str:
    if argument == "topic":
        return "TOPIC"
    return f"--{argument.replace('_', '-')}"


def _command() -> Any:
    """The command; its options are the facts of the guide, one each."""

    def ask(**given: Any) -> None:
        own = {name: given.pop(name) for name in ("topic", "language", "at")}
        home, json = given.pop("home"), given.pop("json")
        facts = {name: text for name, text in given.items() if text is not None}
        _run(home=home, json=json, facts=facts, **own)

    optional = str | None
    kinds: dict[str, Any] = {
        "topic": Annotated[
            optional, typer.Argument(metavar="[TOPIC]", show_default=False)
        ],
        "language": LanguageOption,
        "at": Annotated[
            optional,
            typer.Option(
                "--at",
                help="Moment such as 2026-11-21T02:00, Japan time (default: the "
                "box's clock, else the machine's).",
                show_default=False,
            ),
        ],
        **{fact: Annotated[optional, _option(fact)] for fact in FACTS},
        "home": HomeOption,
        "json": JsonOption,
    }
    defaults: dict[str, Any] = {"language": FALLBACK, "json": False}
    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=defaults.get(name),
            annotation=kind,
        )
        for name, kind in kinds.items()
    ]
    ask.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    ask.__annotations__ = kinds
    ask.__doc__ = _HELP
    return ask


def _option(fact: str) -> Any:
    return typer.Option(
        _flag(fact),
        help=f"{say('en', f'ask.{fact}')} {accepted_in_words(fact)}.",
        show_default=False,
    )


ask = _command()


def tell(found: Guidance) -> None:
    """The whole answer in words, with its envelope."""
    language = found.language
    screen.line(say(language, f"topic.{found.topic}"))
    screen.line(say(language, "envelope.as_of", moment=found.at))
    for part in found.order:
        lines = found.part(part)
        if lines:
            screen.line()
            screen.line(say(language, f"heading.{part}"))
        for number, each in enumerate(lines, 1):
            mark = f"{number}." if part == "steps" else "-"
            screen.line(f"  {mark} {_with_day(each, language)}")
    if found.parts.asks:
        screen.line()
        screen.line(say(language, "heading.asks"))
        for fact in found.parts.asks:
            screen.line(f"  - {say(language, f'ask.{fact}')} ({_flag(fact)})")
    envelope(language, found.rules, found.citations, found.disputes)
    screen.line()
    screen.line(say(language, "notice.not_official"))


def _with_day(each: Line, language: str) -> str:
    text = line_text(each, language)
    if each.due is None:
        return text
    message = "due.overdue" if each.overdue else "due.by"
    return f"{text} [{say(language, message, day=each.due)}]"


def _choose_language(language: str) -> str:
    names = [say(tag, f"language.{tag}") for tag in LANGUAGES]
    number = _choose(say(language, "prompt.language"), names, language)
    return LANGUAGES[number]


def _choose_topic(language: str) -> str:
    titles = [say(language, f"topic.{topic}") for topic in TOPICS]
    return TOPICS[_choose(say(language, "prompt.topic"), titles, language)]


def _choose(question: str, choices: list[str], language: str) -> int:
    screen.line(question)
    for number, choice in enumerate(choices, 1):
        screen.line(f"  {number:2}  {choice}")
    while True:
        typed = typer.prompt(say(language, "prompt.number")).strip()
        if typed.isdecimal() and 1 <= int(typed) <= len(choices):
            return int(typed) - 1
        range_ = f"1 – {len(choices)}"
        screen.line(say(language, "prompt.not_understood", accepted=range_))


def _converse(
    topic: str,
    known: dict[str, str],
    *,
    at: str | None,
    language: str,
    home: Path | None,
) -> dict[str, str]:
    """Ask for what would make the answer more exact, until nothing is left."""
    now = present(home)
    skipped: set[str] = set()
    while True:
        found = ask_guide(topic, known, at=at, language=language, now=now)
        open_facts = [fact for fact in found.parts.asks if fact not in skipped]
        if not open_facts:
            return known
        fact = open_facts[0]
        typed = _ask_fact(fact, language)
        if not typed:
            skipped.add(fact)
            continue
        try:
            ask_guide(topic, {**known, fact: typed}, at=at, language=language, now=now)
        except BadArgument as wrong:
            accepted = accepted_in(language, wrong.accepted)
            text = say(language, "prompt.not_understood", accepted=accepted)
            screen.line(text)
            continue
        known[fact] = typed


def _ask_fact(fact: str, language: str) -> str:
    words = accepted(fact)
    screen.line()
    screen.line(say(language, f"ask.{fact}"))
    if is_day(fact):
        hint = say(language, "prompt.date")
    elif words == ("yes", "no"):
        hint = say(language, "prompt.yes_no")
    else:
        hint = say(language, "prompt.skip")
        for number, word in enumerate(words, 1):
            screen.line(f"  {number:2}  {say(language, name_of(fact, word))}")
    typed: str = typer.prompt(hint, default="", show_default=False).strip()
    if typed.isdecimal() and words and 1 <= int(typed) <= len(words):
        return words[int(typed) - 1]
    return typed
