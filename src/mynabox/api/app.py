"""The API as one application, to be mounted under ``/api/v1``."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mynabox.api import (
    access,
    applications,
    approvals,
    authorities,
    cards,
    consents,
    counter,
    deliveries,
    events,
    fees,
    forms,
    guide,
    journal,
    law,
    moving,
    numbers,
    overview,
    procedures,
    register,
    relying,
    residents,
    sessions,
    verifiers,
)
from mynabox.api.authority import CHECKED, demand_rows
from mynabox.api.keyed import take_keys
from mynabox.api.limit import BodyLimit, longest_body
from mynabox.api.matching import match_versions
from mynabox.api.problem import answer_with_problems
from mynabox.api.refusal import Problem, answers
from mynabox.lifecycle.permission import permission
from mynabox.ports import Box

VERSION = "1"
TOPICS = (
    residents,
    register,
    numbers,
    applications,
    forms,
    cards,
    counter,
    deliveries,
    fees,
    procedures,
    moving,
    authorities,
    journal,
    law,
    guide,
    sessions,
    approvals,
    access,
    events,
    verifiers,
    relying,
    consents,
)
"""Modules whose operations make up the API."""
_DESCRIPTION = """\
A sandbox of the Japanese Individual Number Card system: register people, issue
numbers, take applications, produce cards and hand them over, stop and reissue them.

Every refusal is `application/problem+json` with a stable `code`, the `rules` it rests
on, and a sentence in the language of `Accept-Language`. Individual Numbers, PINs and
the tokens of mailed links travel in bodies, never in URLs.

A box with authority `open` asks nobody who they are, so it listens on the loopback
interface. With authority `required`, send `Authorization: Bearer` and the token that
`signIn` or `mynabox staff token` gave; who may do what is a table of the manual.
"""


def create_api(box: Box) -> FastAPI:
    """The API of a box. Status services (OCSP, CRL) are not part of it."""
    app = FastAPI(
        title="mynabox",
        version=VERSION,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=answers(400, 401, 403, 413, 422, 500, 503),
        separate_input_output_schemas=False,
        dependencies=[CHECKED],
    )
    app.state.box = box
    answer_with_problems(app)
    app.add_middleware(BodyLimit, longest=longest_body())
    app.include_router(overview.routes())
    for topic in TOPICS:
        router = topic.routes(box)
        demand_rows(router)
        match_versions(router)
        take_keys(router)
        app.include_router(router)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, box)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _described(app: FastAPI, box: Box) -> dict[str, Any]:
    """The OpenAPI description, with our problems in place of FastAPI's."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/api/v1"}],
    )
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    described["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "From `signIn`, `openResidentSession`, `mynabox staff "
            "token`; or a verifier's API key",
        }
    }
    for methods in described["paths"].values():
        for operation in methods.values():
            rule = permission(operation["operationId"])
            needed: dict[str, list[str]] = {"token": []}
            optional = rule.anyone or (
                box.site.authority == "open" and not rule.verifier
            )
            operation["security"] = [{}, needed] if optional else [needed]
    return described
