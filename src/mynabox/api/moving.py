"""Moving with the card, and a longer stay on it: the counter's work over HTTP."""

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    CardAnswer,
    CertificateAnswer,
    Day,
    ResidentAnswer,
    ResidentId,
    Serial,
    Wire,
)
from mynabox.lifecycle.card_note import CardNote, NoteKind
from mynabox.lifecycle.move import Move, MoveState
from mynabox.lifecycle.resident import HouseholdRelation
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.card_lines import card_lines, list_moves
from mynabox.usecases.extend_card import (
    ExtendCard,
    ExtendSpecially,
    extend_card,
    extend_specially,
)
from mynabox.usecases.move_in import MoveIn, move_in
from mynabox.usecases.move_out import MoveOut, cancel_move_out, move_out
from mynabox.usecases.take_over_card import BringCard, take_over_card
from mynabox.usecases.update_card import update_card

_Municipality = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class MoveOutAsk(Wire):
    """When they leave, whither, and who goes along."""

    planned: Day
    to: _Municipality | None = None
    together: list[Annotated[str, Field(pattern=r"^[a-z]{1,8}-[a-z0-9]{1,32}$")]] = (
        Field(default_factory=list, max_length=20)
    )
    abroad: bool = False
    continuing: bool = Field(
        default=False, description="The card goes on abroad (R154)"
    )


class MoveInAsk(Wire):
    """Where they live now, and since when."""

    municipality: _Municipality
    address: Annotated[str, Field(min_length=1, max_length=300)]
    moved_in: Day
    household: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")] | None = None
    relation: HouseholdRelation | None = None


class BringAsk(Wire):
    """The card is on the counter; its four digits (住民基本台帳用) are typed, but not of
    a card without PINs (R081)."""

    pin: SecretStr | None = None
    by_household: bool = False

    @property
    def typed(self) -> Pin | None:
        """What was typed, if anything."""
        return None if self.pin is None else Pin(self.pin.get_secret_value())


class ExtendAsk(BringAsk):
    """``certificates``: new ones in the same visit, for the holder alone (R118)."""

    certificates: bool = False


class SpecialAsk(BringAsk):
    """What shows that an application is pending (R116)."""

    proof: Annotated[str, Field(max_length=50)] = Field(
        examples=["stamped_residence_card"]
    )


class MoveAnswer(BaseModel):
    """A move and the clock that runs with it."""

    id: str
    resident: str
    municipality: str
    to: str | None
    planned: Day
    told: Day
    moved_in: Day | None
    notified: Day | None
    due: Day | None = Field(description="Last day of the clock that runs")
    abroad: bool
    continuing: bool
    state: MoveState

    @classmethod
    def of(cls, move: Move) -> Self:
        return cls.model_validate(move, from_attributes=True)


class MovedInAnswer(BaseModel):
    """The person as registered now, and the move."""

    resident: ResidentAnswer
    move: MoveAnswer


class NoteAnswer(BaseModel):
    """A line on the card."""

    nth: int
    day: Day
    kind: NoteKind
    text: str

    @classmethod
    def of(cls, note: CardNote) -> Self:
        return cls.model_validate(note, from_attributes=True)


class LinesAnswer(BaseModel):
    """The field for later changes."""

    lines: list[NoteAnswer]
    left: int = Field(description="Lines that are free; none: replaced free (R122)")
    due: list[NoteKind] = Field(description="What is to be written yet (R170)")


class ExtendedAnswer(BaseModel):
    """The card with its new last day, and what was issued with it."""

    card: CardAnswer
    certificates: list[CertificateAnswer]


def routes(box: Box) -> APIRouter:
    """Routes of moves and of what is written on cards."""
    router = APIRouter(tags=["moving"])
    person, card = "/residents/{resident}", "/cards/{serial}"

    @router.get(f"{person}/moves", operation_id="getMoves", responses=answers(404))
    def moves(by: By, resident: ResidentId) -> list[MoveAnswer]:
        """The person's moves, oldest first."""
        return [MoveAnswer.of(move) for move in list_moves(resident, by.box)]

    @router.post(
        f"{person}/move-out",
        operation_id="moveOut",
        status_code=201,
        responses=answers(404, 409),
    )
    def out(by: By, resident: ResidentId, ask: MoveOutAsk) -> list[MoveAnswer]:
        """Notify moving out (R171), or leaving Japan (R151, R154)."""
        moved = move_out(
            MoveOut(
                resident=resident,
                planned=ask.planned,
                to=ask.to,
                together=tuple(ask.together),
                abroad=ask.abroad,
                continuing=ask.continuing,
            ),
            by.box,
        )
        return [MoveAnswer.of(move) for move in moved]

    @router.post(
        f"{person}/move-out/cancellation",
        operation_id="cancelMoveOut",
        responses=answers(404),
    )
    def stays(by: By, resident: ResidentId) -> MoveAnswer:
        """The person stays after all."""
        return MoveAnswer.of(cancel_move_out(resident, by.box))

    @router.post(
        f"{person}/move-in", operation_id="moveIn", responses=answers(404, 409)
    )
    def entered(by: By, resident: ResidentId, ask: MoveInAsk) -> MovedInAnswer:
        """Notify moving in (R171): too late, and the card is void (R173)."""
        done = move_in(
            MoveIn(
                resident=resident,
                municipality=ask.municipality,
                address=ask.address,
                moved_in=ask.moved_in,
                household=ask.household,
                relation=ask.relation,
            ),
            by.box,
        )
        return MovedInAnswer(
            resident=ResidentAnswer.of(done.resident), move=MoveAnswer.of(done.move)
        )

    @router.post(
        f"{card}/continued-use",
        operation_id="takeOverCard",
        responses=answers(404, 409),
    )
    def taken(by: By, serial: Serial, ask: BringAsk) -> CardAnswer:
        """The new municipality takes the card over (R172-R177)."""
        return CardAnswer.of(take_over_card(_brought(serial, ask), by.box))

    @router.post(
        f"{card}/particulars", operation_id="updateCard", responses=answers(404, 409)
    )
    def updated(by: By, serial: Serial, ask: BringAsk) -> CardAnswer:
        """Write a new name or address on the card and into its chip (R170)."""
        return CardAnswer.of(update_card(_brought(serial, ask), by.box))

    @router.post(
        f"{card}/extension", operation_id="extendCard", responses=answers(404, 409)
    )
    def extended(by: By, serial: Serial, ask: ExtendAsk) -> ExtendedAnswer:
        """Carry a longer period of stay over to the card (R114, R115)."""
        done = extend_card(
            ExtendCard(
                serial=serial,
                pin=ask.typed,
                by_household=ask.by_household,
                certificates=ask.certificates,
            ),
            by.box,
        )
        return ExtendedAnswer(
            card=CardAnswer.of(done.card),
            certificates=[CertificateAnswer.of(one) for one in done.certificates],
        )

    @router.post(
        f"{card}/special-extension",
        operation_id="extendSpecially",
        responses=answers(404, 409),
    )
    def specially(by: By, serial: Serial, ask: SpecialAsk) -> CardAnswer:
        """Let the card go on while an application for the stay is pending (R116)."""
        return CardAnswer.of(
            extend_specially(
                ExtendSpecially(
                    serial=serial,
                    pin=ask.typed,
                    proof=ask.proof,
                    by_household=ask.by_household,
                ),
                by.box,
            )
        )

    @router.get(f"{card}/lines", operation_id="getCardLines", responses=answers(404))
    def lines(by: By, serial: Serial) -> LinesAnswer:
        """The field for later changes: what is written, what is free, what is due."""
        said = card_lines(serial, by.box)
        return LinesAnswer(
            lines=[NoteAnswer.of(note) for note in said.lines],
            left=said.left,
            due=list(said.due),
        )

    return router


def _brought(serial: str, ask: BringAsk) -> BringCard:
    return BringCard(
        serial=serial,
        pin=ask.typed,
        by_household=ask.by_household,
    )
