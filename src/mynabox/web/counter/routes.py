"""What the counter sees of a person. Nothing is changed here."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mynabox.law.municipality import municipality
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Box, Missing
from mynabox.usecases.show import all_residents, list_residents, show_resident
from mynabox.web.authority import ToResident, ToResidents
from mynabox.web.forms import SentForm, search_key
from mynabox.web.language import chosen
from mynabox.web.page import Pages

PAGE = 50
MOST_FOUND = 50
MOST_READ = 20_000
"""Records that one search by name reads; a longer register wants a record code."""


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of the register."""
    router = APIRouter(include_in_schema=False)

    @router.get("/residents")
    def residents(request: Request, by: ToResidents, after: str = "") -> Response:
        found = list_residents(
            by.box, municipality=by.within(None), after=after, limit=PAGE + 1
        )
        page = found[:PAGE]
        return pages.show(
            request,
            "counter/residents.html",
            residents=page,
            after=page[-1].id if len(found) > PAGE else None,
            sought="",
            cut=False,
            place=_place,
        )

    @router.post("/residents")
    def search(request: Request, by: ToResidents, sent: SentForm) -> Response:
        """By POST, so that no log or history keeps whose record was looked for."""
        sought = sent.text("name")
        if not sought:
            return RedirectResponse(str(request.url), 303)
        found, cut = _search(sought, by.box, municipality=by.within(None))
        return pages.show(
            request,
            "counter/residents.html",
            residents=found,
            after=None,
            sought=sought,
            cut=cut,
            place=_place,
        )

    @router.get("/residents/{resident}")
    def one(request: Request, by: ToResident, resident: str) -> Response:
        shown = show_resident(resident, by.box)
        if shown.resident.id != resident:
            # a record code belongs in no address bar and no log
            language = chosen(request)
            query = f"?lang={language}" if language else ""
            return RedirectResponse(f"/residents/{shown.resident.id}{query}", 303)
        return pages.show(
            request,
            "counter/resident.html",
            shown=shown,
            resident=shown.resident,
            place=_place,
        )

    return router


def _search(
    sought: str, box: Box, *, municipality: str | None
) -> tuple[list[Resident], bool]:
    """People by record code, id, or a part of a name; whether there may be more."""
    try:
        named = show_resident(sought, box).resident
    except Missing:
        pass
    else:
        if municipality in (None, named.municipality):
            return [named], False
    key = search_key(sought)
    found: list[Resident] = []
    for read, person in enumerate(
        all_residents(box, municipality=municipality), start=1
    ):
        names = (person.name, person.kana, person.roman, person.alias)
        if any(key in search_key(name) for name in names if name):
            found.append(person)
        if len(found) == MOST_FOUND or read == MOST_READ:
            return found, True
    return found, False


def _place(code: str) -> str:
    """Prefecture and municipality of a code, or the code where it is unknown."""
    try:
        place = municipality(code)
    except KeyError:
        return code
    return f"{place.prefecture}{place.city}"
