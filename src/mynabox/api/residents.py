"""The register: enter, read, import, leave; the notice of the number."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from mynabox.api.authority import By
from mynabox.api.language import wished_language
from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    DepartureAsk,
    ImportAnswer,
    LineAnswer,
    RegisterAsk,
    RegisteredAnswer,
    ResidentAnswer,
    ResidentId,
    ResidentsAnswer,
)
from mynabox.api.schema_applying import JudgedAnswer, NoticeAnswer, NoticeEventAsk
from mynabox.lifecycle.registration import read_registration
from mynabox.locale import knows, say
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.export_residents import export_residents
from mynabox.usecases.import_residents import Line, import_residents
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.judge_number import prove_number
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.note_notice import note_notice
from mynabox.usecases.register_resident import Taken, register_resident
from mynabox.usecases.show import list_residents, show_resident


def routes(box: Box) -> APIRouter:
    """Routes of the register."""
    router = APIRouter(tags=["residents"])

    @router.get("/residents", operation_id="listResidents", responses=LINKED)
    def listed(
        by: By,
        request: Request,
        response: Response,
        municipality: Annotated[
            str | None,
            Query(pattern=r"^[0-9]{6}$", description="Six-digit municipality code"),
        ] = None,
        after: Annotated[
            str,
            Query(
                pattern=r"^[a-z0-9-]{0,64}$",
                description="`next` of the page before, to go on behind it",
            ),
        ] = "",
        limit: Limit = 50,
    ) -> ResidentsAnswer:
        """People in the register, in the order of their ids."""
        found = list_residents(
            by.box, municipality=by.within(municipality), after=after, limit=limit + 1
        )
        page = found[:limit]
        more = page[-1].id if len(found) > limit else None
        link_next(request, response, more)
        return ResidentsAnswer(
            residents=[ResidentAnswer.of(person) for person in page], next=more
        )

    @router.post(
        "/residents",
        operation_id="registerResident",
        status_code=201,
        responses={
            200: {
                "model": RegisteredAnswer,
                "description": "The person was in the register already, or returned",
            },
            **answers(409),
        },
    )
    def registered(by: By, ask: RegisterAsk, response: Response) -> RegisteredAnswer:
        """Enter a person, or take one back who has returned from abroad (R002)."""
        registration = read_registration(ask.columns(), on=by.box.clock.now().date())
        done = register_resident(registration, by.box)
        if done.how is not Taken.REGISTERED:
            response.status_code = 200
        return RegisteredAnswer(
            resident=ResidentAnswer.of(done.resident),
            how=done.how,
            remarks=list(registration.remarks),
        )

    @router.post(
        "/residents/import",
        operation_id="importResidents",
        responses=answers(415),
    )
    def imported(
        by: By,
        request: Request,
        file: Annotated[
            bytes,
            Body(
                media_type="text/csv",
                description="A register file: UTF-8 CSV with the header of docs/register-file.md",
            ),
        ],
    ) -> ImportAnswer:
        """Enter many people. Every line is taken or refused by itself; a line that
        was taken is durable even if the request breaks off later."""
        kind = request.headers.get("content-type", "").partition(";")[0]
        if kind.strip().lower() != "text/csv":
            raise HTTPException(415)
        language = wished_language(request)
        lines = [
            LineAnswer.of(
                line, detail=_said(line, language), todo=_said(line, language, ".do")
            )
            for line in import_residents(_lines(file), by.box)
        ]
        taken = sum(line.refused is None for line in lines)
        return ImportAnswer(taken=taken, refused=len(lines) - taken, lines=lines)

    @router.get(
        "/residents/export",
        operation_id="exportResidents",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"text/csv": {}}, "description": "A register file"}
        },
    )
    def exported(
        by: By,
        municipality: Annotated[
            str | None,
            Query(pattern=r"^[0-9]{6}$", description="Six-digit municipality code"),
        ] = None,
    ) -> StreamingResponse:
        """Everybody who is registered now, as `importResidents` takes them: without
        Individual Numbers. The journal says who asked."""
        lines = export_residents(by.box, municipality=by.within(municipality))
        header = next(lines)  # and with it the journal's row, before anything is told
        return StreamingResponse(
            chain((header,), lines),
            media_type="text/csv; charset=utf-8",
            headers={"cache-control": "no-store"},
        )

    @router.get(
        "/residents/{resident}", operation_id="getResident", responses=answers(404)
    )
    def one(by: By, resident: ResidentId) -> ResidentAnswer:
        """One person."""
        return ResidentAnswer.of(show_resident(resident, by.box).resident)

    @router.post(
        "/residents/{resident}/departure",
        operation_id="leaveRegister",
        responses=answers(404),
    )
    def departed(by: By, resident: ResidentId, ask: DepartureAsk) -> ResidentAnswer:
        """The person leaves the register; card and certificates end (R151)."""
        return ResidentAnswer.of(leave_register(resident, ask.event, by.box))

    @router.get(
        "/residents/{resident}/notices",
        operation_id="listNotices",
        responses={**LINKED, **answers(404)},
    )
    def notices(
        by: By,
        resident: ResidentId,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[NoticeAnswer]:
        """The person's notices, oldest first; each bears an application ID."""
        found = show_resident(resident, by.box).notices
        page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
        link_next(request, response, more)
        return [NoticeAnswer.of(notice) for notice in page]

    @router.post(
        "/residents/{resident}/notices",
        operation_id="issueNotice",
        status_code=201,
        responses=answers(404, 409),
    )
    def notified(by: By, resident: ResidentId) -> NoticeAnswer:
        """Issue the notice of the number and post it (R004); once only (R008)."""
        notice = issue_notice(resident, by.box)
        deliver(box)
        return NoticeAnswer.of(notice)

    @router.post(
        "/residents/{resident}/notices/events",
        operation_id="noteNotice",
        responses=answers(404),
    )
    def noted(by: By, resident: ResidentId, ask: NoticeEventAsk) -> NoticeAnswer:
        """Note what became of the letter (R005, R006); what is handed out at the office
        wants documents (R054)."""
        return NoticeAnswer.of(
            note_notice(resident, ask.event, by.box, documents=tuple(ask.documents))
        )

    @router.post(
        "/residents/{resident}/notices/proof",
        operation_id="proveNumber",
        responses=answers(404),
    )
    def proved(by: By, resident: ResidentId) -> JudgedAnswer:
        """Whether the paper that told the number proves it today: a notice never does
        (R008), a notification card while it equals the register (R009)."""
        return JudgedAnswer.of(prove_number(resident, by.box))

    return router


def _lines(file: bytes) -> Iterator[bytes]:
    yield from file.splitlines(keepends=True)


def _said(line: Line, language: str, what: str = "") -> str | None:
    if line.refused is None or not knows(line.refused.code + what):
        return None
    return say(language, line.refused.code + what, **line.refused.facts)
