"""The wire models of a "no" (RFC 9457), and which a route may answer with."""

from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """An answer that is a "no" (RFC 9457).

    ``code`` is stable and meant for programs; ``detail`` and ``next`` are sentences
    in the language that the request asked for (``Accept-Language``).
    """

    type: str = Field(description="`urn:mynabox:problem:` and the code")
    title: str = Field(description="What kind of problem this is, in English")
    status: int
    detail: str = Field(description="What is wrong, in the language asked for")
    code: str = Field(examples=["application.id_unknown"])
    rules: list[str] = Field(description="Rules it rests on", examples=[["R025"]])
    facts: dict[str, str] = Field(description="What the sentence is about")
    next: str | None = Field(default=None, description="What can be done now")
    errors: list["Wrong"] | None = Field(
        default=None, description="Which members of the request cannot be read"
    )


class Wrong(BaseModel):
    """One member of a request that cannot be read; its value is never repeated."""

    where: list[str | int]
    code: str
    what: str


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for the API's description."""
    return {
        status: {
            "description": _DESCRIPTIONS[status],
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"}
                }
            },
        }
        for status in statuses
    }


_DESCRIPTIONS = {
    400: "The request cannot be read at all",
    401: "Not signed in, or a token that opens nothing (any more)",
    403: "Signed in, but without the role, or for another municipality",
    404: "There is no such thing",
    409: "Such a thing is there already",
    412: "It is not any more as `If-Match` says it was read",
    413: "The request is longer than the box takes",
    415: "The request is of a media type that this route does not take",
    422: "Refused: by the rules, or because the request has the wrong shape",
    429: "More often than one may; `Retry-After` says when one may again",
    500: "Something broke that should not; the box's log says where",
    503: "The store was busy for too long; ask again",
}
