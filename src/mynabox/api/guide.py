"""The guide over HTTP: what to do by when, where, with what, and why."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from mynabox.api.guide_answers import ask_guide, guide_json
from mynabox.api.language import wished_language
from mynabox.api.law import CitationAnswer, DisputeAnswer
from mynabox.guide import FACTS, TOPICS, accepted, accepted_in_words, is_day
from mynabox.locale import LANGUAGES, say
from mynabox.ports import Box


class LineAnswer(BaseModel):
    """One line: the message's id with its values, and the same in words."""

    message: str = Field(examples=["step.notify_moving_in"])
    values: dict[str, Any]
    text: str
    due: date | None = Field(description="Last day on which it can be done")
    overdue: bool
    rules: list[str]


class AskAnswer(BaseModel):
    """A fact that would make the answer more exact."""

    fact: str
    message: str
    text: str


class RuleTextAnswer(BaseModel):
    """A rule that the answer rests on, in words."""

    rule: str
    statement: str


class GuideAnswer(BaseModel):
    """An answer with its envelope: as-of day, rules, sources and disputes."""

    topic: str
    title: str
    language: str
    at: datetime = Field(description="Moment for which the answer holds")
    as_of: date
    order: list[str] = Field(description="The lists, as they should be read")
    holds: list[LineAnswer]
    steps: list[LineAnswer]
    bring: list[LineAnswer]
    cost: list[LineAnswer]
    where: list[LineAnswer]
    lines: list[LineAnswer] = Field(description="Telephones, now and later")
    meanwhile: list[LineAnswer]
    notes: list[LineAnswer]
    asks: list[AskAnswer]
    rules: list[str]
    why: list[RuleTextAnswer]
    citations: list[CitationAnswer]
    disputes: list[DisputeAnswer]


class TopicAnswer(BaseModel):
    """A topic, with its title in the language asked for."""

    topic: str
    title: str


def _parameters() -> list[dict[str, object]]:
    """What may be asked and told, as the description of the API says it."""
    topic: dict[str, object] = {
        "name": "topic",
        "in": "query",
        "required": True,
        "schema": {"type": "string", "enum": list(TOPICS)},
        "example": "lost",
    }
    language: dict[str, object] = {
        "name": "language",
        "in": "query",
        "description": "Left out: the best of Accept-Language",
        "schema": {"type": "string", "enum": list(LANGUAGES)},
    }
    at: dict[str, object] = {
        "name": "at",
        "in": "query",
        "description": "ISO moment, Japanese where it names no zone; left out: the "
        "box's clock",
        "schema": {"type": "string"},
        "example": "2026-11-21T02:00",
    }
    return [topic, language, at, *map(_fact, FACTS)]


def _fact(fact: str) -> dict[str, object]:
    return {
        "name": fact,
        "in": "query",
        "description": f"{say('en', f'ask.{fact}')} ({accepted_in_words(fact)})",
        "schema": _schema(fact),
    }


def _schema(fact: str) -> dict[str, object]:
    if accepted(fact):
        return {"type": "string", "enum": list(accepted(fact))}
    if is_day(fact):
        return {"type": "string", "format": "date"}
    return {"type": "string"}


def routes(box: Box) -> APIRouter:
    """Routes of the guide."""
    router = APIRouter(tags=["guide"])

    @router.get("/guide/topics", operation_id="listTopics")
    def topics(request: Request) -> list[TopicAnswer]:
        """What the guide knows about."""
        language = wished_language(request)
        return [
            TopicAnswer(topic=topic, title=say(language, f"topic.{topic}"))
            for topic in TOPICS
        ]

    @router.get(
        "/guide",
        operation_id="askGuide",
        openapi_extra={"parameters": _parameters()},
    )
    def asked(request: Request) -> GuideAnswer:
        """What holds, what to do by when, where, with what, at what cost, who answers
        the telephone now in the reader's language, and why. Facts that are not known
        are left out; `asks` says which would make the answer more exact."""
        given = dict(request.query_params)
        topic = given.pop("topic", "")
        language = given.pop("language", wished_language(request))
        at = given.pop("at", None)
        guidance = ask_guide(
            topic, given, at=at, language=language, now=box.clock.now()
        )
        return GuideAnswer.model_validate(guide_json(guidance))

    return router
