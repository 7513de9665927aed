"""``mynabox law``: the rulebook, rule by rule and function by function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mynabox.api.acceptance import accepted_in
from mynabox.api.law_answers import ask_law, functions, law_json
from mynabox.cli import screen
from mynabox.cli.envelope import disputes, envelope, heading, in_words
from mynabox.cli.options import HomeOption, JsonOption, settings_for
from mynabox.law import registry, rulebook
from mynabox.law.answer import Answer
from mynabox.law.errors import BadArgument, NotInForce
from mynabox.locale import LANGUAGES, day, negotiate, say
from mynabox.wiring import machine_now

_HELP = """Ask the rulebook: every rule with its sources, every function by name.

Examples:

\b
  mynabox law list
  mynabox law show R090
  mynabox law card_expiry born=2003-06-01 applied=2022-04-01 issued=2022-04-10 residence_status=japanese
  mynabox law line_open line=0120-0178-27 language=th topic=card at=2026-11-24T08:59 --json

A refusal is an answer (exit status 0); a wrong argument is an error that says
which (exit status 2). at= and on= may be left out: then it is the box's clock.
"""

law = typer.Typer(help=_HELP, no_args_is_help=True)

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        help=f"Language of the answer: {', '.join(LANGUAGES)}, or another tag.",
    ),
]
_Arguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME=VALUE]...", show_default=False),
]


def present(home: Path | None) -> datetime:
    """The time in the box, or the machine's where there is no box.

    A box that was named and cannot be opened is trouble, not ignored.
    """
    settings = settings_for(home)
    if home is None and not (settings.home / "box.toml").exists():
        return machine_now()
    from mynabox.wiring import BoxTrouble, open_home

    try:
        opened = open_home(settings)
    except BoxTrouble:
        if home is not None:
            raise
        return machine_now()
    try:
        return opened.box.clock.now()
    finally:
        opened.close()


def wished(language: str) -> str:
    """One of our languages for a tag of the command line."""
    best = negotiate(language)
    if best == "en" and not language.lower().startswith("en"):
        raise typer.BadParameter(
            f"one of {', '.join(LANGUAGES)}", param_hint="--language"
        )
    return best


@law.command("list")
def listed(json: JsonOption = False) -> None:
    """Every function with its arguments, and every rule in a sentence."""
    known = functions()
    if json:
        screen.as_json(
            {
                "functions": [asdict(function) for function in known],
                "rules": {
                    rule: found.says for rule, found in rulebook.statements().items()
                },
            }
        )
        return
    screen.line("Functions (mynabox law NAME argument=value ...)")
    for function in known:
        arguments = " ".join(
            f"{a.name}=" if a.needed else f"[{a.name}=]" for a in function.arguments
        )
        screen.line(f"  {function.name} {arguments}".rstrip())
        screen.line(f"      {function.summary}")
    screen.line()
    screen.line("Rules (mynabox law show RULE)")
    for rule, found in rulebook.statements().items():
        screen.line(f"  {rule}  {found.says}")


@law.command("show")
def show(
    rule: Annotated[str, typer.Argument(help="Id of a rule, such as R090.")],
    language: LanguageOption = "en",
    json: JsonOption = False,
) -> None:
    """All that is known of a rule: values and their days, sources, disputes.

    Example: mynabox law show R194
    """
    language = wished(language)
    try:
        found = registry.show(rule)
    except BadArgument as wrong:
        raise _bad(wrong, language) from None
    if json:
        screen.as_json({**found, "statement": say(language, f"rule.{rule}")})
        return
    page = rulebook.page(rule)
    screen.line(f"{rule}  {say(language, f'rule.{rule}')}")
    since = day(language, page.statement.since)
    end = page.statement.until
    until = f" – {day(language, end)}" if end is not None else " –"
    screen.line(f"    {page.statement.source}; {since}{until}")
    if page.values:
        heading(language, "heading.values")
    for cited in page.values:
        ends = "" if cited.until is None else day(language, cited.until)
        screen.line(f"  {cited.citation.text}: {_plain(cited.value)}")
        screen.line(
            f"      {day(language, cited.since)} – {ends} {cited.municipality or ''}"
            f" ({cited.source}; {cited.confidence})"
        )
    disputes(language, page.disputes)
    if page.questions:
        heading(language, "heading.questions")
    for question in page.questions:
        screen.line(f"  {question.id}  {question.asks} {question.choice}")


def _make(name: str) -> Callable[..., None]:
    """The command of one function of the rulebook."""

    def command(
        arguments: _Arguments = None,
        language: LanguageOption = "en",
        home: HomeOption = None,
        json: JsonOption = False,
    ) -> None:
        language = wished(language)
        now = present(home)
        try:
            found = ask_law(name, dict(_pairs(arguments or ())), now=now)
        except BadArgument as wrong:
            raise _bad(wrong, language) from None
        except NotInForce as unknown:
            day_asked = unknown.day.isoformat()
            text = say(language, "guide.note.no_answer_that_day", day=day_asked)
            raise typer.BadParameter(f"{text} ({unknown.name})") from None
        if json:
            shown = law_json(found, as_of=now.date(), language=language)
            screen.as_json(shown)
        else:
            _tell(found, as_of=now.date(), language=language)

    return command


def _help(name: str) -> str:
    """What a function tells, and what each of its arguments takes."""
    listed = [
        f"  {argument}={'' if known.needed else ' (optional)'} {known.accepted}"
        for argument, known in registry.arguments_of(name).items()
    ]
    return "\n".join([registry.summary(name), "", "\b", "Arguments:", *listed])


for _name in registry.FUNCTIONS:
    law.command(
        _name,
        help=_help(_name),
        short_help=registry.summary(_name),
    )(_make(_name))


def _pairs(arguments: Iterable[str]) -> Iterable[tuple[str, str]]:
    seen = set()
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise typer.BadParameter(
                "an argument looks like name=value, such as born=2003-06-01"
            )
        if name in seen:
            raise typer.BadParameter("given twice", param_hint=name)
        seen.add(name)
        yield name, value


def _bad(wrong: BadArgument, language: str) -> typer.BadParameter:
    said = accepted_in(language, wrong.accepted)
    return typer.BadParameter(said, param_hint=wrong.argument)


def _tell(answer: Answer[Any], *, as_of: date, language: str) -> None:
    for text in in_words(answer.value, language):
        screen.line(text)
    if answer.next is not None:
        screen.line(f"→ {say(language, answer.next)}")
    screen.line()
    screen.line(say(language, "envelope.as_of_day", day=as_of))
    envelope(language, answer.rules, answer.citations, answer.disputes)


def _plain(value: object) -> str:
    """A value of a parameter file in one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_plain(item)}" for name, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    return str(registry.plain(value))
