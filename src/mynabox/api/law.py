"""The rulebook over HTTP: every rule, and every function by name.

A function that judges a number or a PIN can be called with ``POST`` too, so that
neither need stand in an address.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from mynabox.api.language import wished_language
from mynabox.api.law_answers import ask_law, functions, law_json
from mynabox.api.refusal import answers
from mynabox.law import registry, rulebook
from mynabox.locale import say
from mynabox.ports import Box


class CitationAnswer(BaseModel):
    """Where something comes from; ``source`` as ``docs/sources.md`` lists it."""

    rule: str = Field(examples=["R090"])
    source: str = Field(examples=["seed 003:181"])
    text: str | None = None


class DisputeAnswer(BaseModel):
    """Another source says something else, and why it is not followed."""

    rule: str
    says: str
    source: str
    why_not: str


class LawAnswer(BaseModel):
    """An answer of the rulebook. A refusal is a value (``allowed`` false)."""

    as_of: date = Field(description="Day on which it was asked")
    value: Any = Field(description="Days in ISO form; whatever the function tells")
    rules: list[str]
    citations: list[CitationAnswer]
    disputes: list[DisputeAnswer]
    next: str | None = Field(description="Id of the message that says what to do now")
    next_text: str | None = Field(description="The same in the language asked for")


class ArgumentAnswer(BaseModel):
    """One argument of a function."""

    name: str
    accepted: str
    needed: bool


class FunctionAnswer(BaseModel):
    """One function of the rulebook."""

    name: str
    summary: str
    arguments: list[ArgumentAnswer]


class RuleAnswer(BaseModel):
    """One rule in a sentence."""

    rule: str
    statement: str
    source: str


class RulePageAnswer(BaseModel):
    """All that is known of a rule; see ``mynabox law show``."""

    model_config = ConfigDict(populate_by_name=True)

    rule: str
    statement: str
    source: str
    from_: date = Field(alias="from")
    until: date | None
    values: list[dict[str, Any]]
    disputes: list[DisputeAnswer]
    questions: list[dict[str, Any]]


_ARGUMENTS = {
    "name": "arguments",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": "Arguments in words, as `GET /law` lists them: days such as "
    "`2026-11-21`, moments such as `2026-11-21T09:30` (Japan), `yes` or `no`, lists "
    "with commas. `at` and `on` may be left out: then it is the box's clock.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    "example": {
        "born": "2003-06-01",
        "applied": "2022-04-01",
        "issued": "2022-04-10",
        "residence_status": "japanese",
    },
}
_Name = Annotated[str, Path(examples=["card_expiry"], max_length=100)]


def routes(box: Box) -> APIRouter:
    """Routes of the rulebook."""
    router = APIRouter(tags=["law"])

    @router.get("/law", operation_id="listLaw")
    def listed() -> list[FunctionAnswer]:
        """Every function of the rulebook, with its arguments."""
        return [
            FunctionAnswer.model_validate(asdict(function)) for function in functions()
        ]

    @router.get("/law/rules", operation_id="listRules")
    def rules(request: Request) -> list[RuleAnswer]:
        """Every rule in a sentence, in the language asked for."""
        language = wished_language(request)
        return [
            RuleAnswer(
                rule=rule, statement=say(language, f"rule.{rule}"), source=found.source
            )
            for rule, found in rulebook.statements().items()
        ]

    @router.get("/law/rules/{rule}", operation_id="showRule")
    def rule_page(
        rule: Annotated[str, Path(examples=["R090"], max_length=100)], request: Request
    ) -> RulePageAnswer:
        """A rule with its values, days, sources, disputes and open questions."""
        page = registry.show(rule)
        statement = say(wished_language(request), f"rule.{rule}")
        return RulePageAnswer.model_validate({**page, "statement": statement})

    @router.get(
        "/law/{name}",
        operation_id="callLaw",
        openapi_extra={"parameters": [_ARGUMENTS]},
    )
    def called(name: _Name, request: Request) -> LawAnswer:
        """Ask a function of the rulebook. A refusal is an answer, not an error; an
        argument that is wrong is a problem that says which."""
        return _answered(name, dict(request.query_params), request)

    @router.post(
        "/law/{name}", operation_id="callLawInBody", responses=answers(413, 415)
    )
    def called_in_body(
        name: _Name, arguments: dict[str, str], request: Request
    ) -> LawAnswer:
        """The same with the arguments in the body: for numbers and PINs."""
        return _answered(name, arguments, request)

    def _answered(
        name: str, arguments: Mapping[str, str], request: Request
    ) -> LawAnswer:
        now = box.clock.now()
        found = ask_law(name, arguments, now=now)
        return LawAnswer.model_validate(
            law_json(found, as_of=now.date(), language=wished_language(request))
        )

    return router
