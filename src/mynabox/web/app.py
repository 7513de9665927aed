"""The site: its pages, with room for the services that are joined to it."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from mynabox.ports import Box
from mynabox.web.counter import review
from mynabox.web.counter import routes as counter
from mynabox.web.guard import Guard
from mynabox.web.page import HERE, Pages
from mynabox.web.refusals import answer_with_pages, error_page
from mynabox.web.resident import access
from mynabox.web.resident import routes as resident
from mynabox.web.sandbox import routes as sandbox
from mynabox.web.staff import routes as staff


def create_pages(box: Box) -> FastAPI:
    """The pages of a box, behind the guard of the whole site.

    Mount the API on it and include the status services; both are then guarded too."""
    pages = Pages(box)
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(
                Guard,
                site=box.site.address,
                broken=lambda request: error_page(request, 500, pages),
            )
        ],
    )
    answer_with_pages(app, pages)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.state.box = box
    for part in (sandbox, resident, access, counter, review, staff):
        app.include_router(part.routes(box, pages))
    return app
