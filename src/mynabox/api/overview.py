"""A page for people who write programs: every operation of the API at a glance.

The usual viewers of OpenAPI come as scripts from elsewhere; this page needs neither
scripts nor a network. It is in English, as the names of the operations are.
"""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response


def routes() -> APIRouter:
    """The page itself, and a way to it from the API's root."""
    router = APIRouter(include_in_schema=False)
    template = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("overview.html")

    @router.get("/")
    def root(request: Request) -> Response:
        return RedirectResponse(f"{request.scope['root_path']}/docs", 303)

    @router.get("/docs")
    def overview(request: Request) -> Response:
        described: dict[str, Any] = request.app.openapi()
        return HTMLResponse(
            template.render(
                about=described["info"]["description"].split("\n\n"),
                base=request.scope["root_path"],
                topics=_by_topic(described),
            )
        )

    return router


def _by_topic(described: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    topics: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            topics.setdefault(operation["tags"][0], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "name": operation["operationId"],
                    "says": operation["description"],
                    "takes": ", ".join(
                        operation.get("requestBody", {}).get("content", {})
                    ),
                    "answers": ", ".join(operation["responses"]),
                }
            )
    return topics
