"""What happens, as a stream of server-sent events that can be taken up anywhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from mynabox.api.authority import By
from mynabox.law.accepts import Accepts
from mynabox.law.errors import BadArgument
from mynabox.ports import Box
from mynabox.usecases.events import Event, events_after, last_event

LONGEST = 600
"""Seconds for which a stream stays open; whoever follows comes again, and is asked
again who they are."""

PAUSE, HEARTBEAT = 0.25, 15.0
"""Seconds between two looks at the chain, and between signs of life."""

_AGAIN = "retry: 1000\n\n"
_ALIVE = ": nothing new\n\n"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `id` is the place in the chain, `event` the action, "
        "`data` a JSON object with `municipality`, `sequence`, `at`, `action` and "
        "`subjects`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def routes(box: Box) -> APIRouter:
    """Routes of the events."""
    router = APIRouter(tags=["events"])

    @router.get(
        "/events",
        operation_id="followEvents",
        response_class=StreamingResponse,
        responses=_STREAM,
    )
    def followed(
        by: By,
        municipality: Annotated[
            str | None,
            Query(
                pattern=r"^[0-9]{6}$",
                description="Six-digit code; may be left out by staff of one",
            ),
        ] = None,
        seconds: Annotated[
            int,
            Query(
                ge=0,
                le=LONGEST,
                description="How long the stream stays open for what is to come; 0 "
                "tells what there is",
            ),
        ] = 0,
        last_event_id: Annotated[
            str | None,
            Header(
                pattern=r"^[0-9]{6}\.[0-9]{1,15}$",
                description="`id` of the last event that was heard; `….0` tells "
                "everything from the beginning; without it, what comes from now on",
            ),
        ] = None,
    ) -> StreamingResponse:
        """Follow what happens in a municipality (`text/event-stream`): every row of its
        journal in order, once, without names and numbers. A stream that ends or breaks
        off is taken up with the `id` of the last event as `Last-Event-ID`, as browsers
        do by themselves."""
        chain = by.within(municipality)
        if chain is None:
            raise BadArgument("municipality", Accepts("code"))
        if last_event_id is None:
            place = last_event(chain, by.box)
        else:
            place = _place(last_event_id, chain)
            events_after(chain, place, by.box, limit=1)
        return StreamingResponse(
            _told(by.box, chain, place, seconds),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return router


def _place(last_event_id: str, chain: str) -> int:
    of, _, sequence = last_event_id.partition(".")
    if of != chain:
        raise BadArgument("Last-Event-ID", Accepts("in_chain", chain=chain))
    return int(sequence)


async def _told(box: Box, chain: str, place: int, seconds: int) -> AsyncIterator[str]:
    """The stream. It holds no thread and no transaction while nothing happens."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    quiet_since = clock()
    yield f"{_AGAIN}id: {chain}.{place}\n\n"
    while True:
        found = await run_in_threadpool(events_after, chain, place, box)
        for event in found:
            yield _written(event)
            place, quiet_since = event.sequence, clock()
        if found:
            continue
        if clock() >= until:
            return
        if clock() - quiet_since >= HEARTBEAT:
            quiet_since = clock()
            yield _ALIVE
        await asyncio.sleep(min(PAUSE, until - clock()))


def _written(event: Event) -> str:
    data = {
        "municipality": event.municipality,
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "action": event.action,
        "subjects": list(event.subjects),
    }
    return (
        f"id: {event.municipality}.{event.sequence}\nevent: {event.action}\n"
        f"data: {json.dumps(data)}\n\n"
    )
