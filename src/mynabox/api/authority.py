"""Who asks: checked for every operation of the API in this one place.

What an operation is called (its ``operation_id``) is its row in the table of
permissions. A route that acts for somebody declares a parameter ``by: By`` and uses
``by.box``, so that the journal bears their name and other municipalities stay shut.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute

from mynabox.lifecycle.permission import permission
from mynabox.lifecycle.staff import NotSignedIn
from mynabox.ports import Box, Missing, Work
from mynabox.usecases.acting import Acting, acting_in, nobody, permit
from mynabox.usecases.produce_batch import progress_of
from mynabox.usecases.register_verifier import count_call
from mynabox.usecases.sign_in import actor_of

CHANNEL = "api"
_KEY = re.compile(r"[a-z0-9-]{1,64}")
_SERIAL = re.compile(r"[0-9]{1,18}")


def _who(request: Request) -> Acting:
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    box: Box = request.app.state.box
    if not route.include_in_schema:  # the page about the API, and the way to it
        return Acting(nobody(CHANNEL), box)
    action = str(route.operation_id)
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    given = secret.strip() if kind.lower() == "bearer" else None
    if kind and not given:
        raise NotSignedIn("authority.bearer_only")
    actor = actor_of(given, box, through=CHANNEL)
    about = _about(request.path_params, box)
    permit(actor, action, municipality=about.municipality, resident=about.resident)
    if actor.verifier is not None:
        count_call(actor.verifier, box)
    also = () if about.begun_in is None else (about.begun_in,)
    return Acting(actor, acting_in(box, actor, action, also=also), given)


By = Annotated[Acting, Depends(_who)]
"""Who asks, as a parameter of a route."""

CHECKED = Depends(_who)
"""For the whole application: no operation without a permission."""


def demand_rows(router: APIRouter) -> None:
    """Raise ``NoSuchAction`` for an operation that the table does not know."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            permission(str(route.operation_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """Whom a request is about, as far as its path tells.

    ``municipality``  where they live
    ``begun_in``      where what the path names was begun
    """

    municipality: str | None = None
    resident: str | None = None
    begun_in: str | None = None


def _about(parts: dict[str, str], box: Box) -> _About:
    """What a path names; the route itself says so if there is no such thing."""
    for part, find in FOUND_BY.items():
        if _KEY.fullmatch(parts.get(part, "")):
            try:
                with box.store.look() as work:
                    return find(work, parts[part])
            except Missing:
                return _About()
    return _About()


def _resident(work: Work, key: str) -> _About:
    person = work.residents.by_record_code(key) or work.residents.get(key)
    return _About(municipality=person.municipality, resident=person.id)


def _card(work: Work, serial: str) -> _About:
    card = work.cards.get(serial)
    return _of(work, card.resident, begun_in=card.municipality)


def _application(work: Work, key: str) -> _About:
    application = work.applications.get(key)
    return _of(work, application.resident, begun_in=application.municipality)


def _certificate(work: Work, key: str) -> _About:
    found = work.certificates.find(int(key)) if _SERIAL.fullmatch(key) else None
    if found is None:
        raise Missing("certificate", key)
    return _of(work, found.resident, begun_in=found.municipality)


def _approval(work: Work, key: str) -> _About:
    return _About(municipality=work.approvals.get(key).municipality)


def _verifier(work: Work, key: str) -> _About:
    return _About()  # of no municipality


def _loss(work: Work, receipt: str) -> _About:
    loss = work.losses.get(receipt)
    return _of(work, loss.resident, begun_in=loss.municipality)


def _card_request(work: Work, key: str) -> _About:
    request = work.card_requests.get(key)
    return _of(work, request.resident, begun_in=request.municipality)


def _batch(work: Work, key: str) -> _About:
    return _About(municipality=progress_of(key, work).items[0].municipality)


def _fee(work: Work, key: str) -> _About:
    fee = work.fees.get(key)
    return _of(work, fee.resident, begun_in=fee.municipality)


def _of(work: Work, resident: str, *, begun_in: str) -> _About:
    place = work.residents.get(resident).municipality
    return _About(municipality=place, resident=resident, begun_in=begun_in)


FOUND_BY: dict[str, Callable[[Work, str], _About]] = {
    "resident": _resident,
    "serial": _card,
    "application": _application,
    "issuance_number": _certificate,
    "approval": _approval,
    "verifier": _verifier,
    "receipt": _loss,
    "card_request": _card_request,
    "fee": _fee,
    "batch": _batch,
}
"""What the parts of a path name, and how whom it is about is found."""
