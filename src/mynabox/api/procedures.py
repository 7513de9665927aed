"""Letters of inquiry for agents, secrets set anew at a store, and batches of cards."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import Serial, Wire
from mynabox.lifecycle.batch import ItemState
from mynabox.lifecycle.inquiry import Inquiry, InquiryState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.lifecycle.store_reset import StoreReset, StoreResetState
from mynabox.ports import Box
from mynabox.terminal.errors import LastTry, PinLocked, WrongPin
from mynabox.usecases.deliver import deliver
from mynabox.usecases.produce_batch import (
    LONGEST,
    Progress,
    order_batch,
    progress_of,
)
from mynabox.usecases.reset_at_store import (
    ReserveReset,
    ResetAtStore,
    reserve_reset,
    reset_at_store,
)
from mynabox.usecases.send_inquiry import SendInquiry, send_inquiry

_ID = r"^[a-z]{1,8}-[a-z0-9]{1,32}$"
BatchKey = Annotated[str, Path(pattern=_ID, description="Id of a batch: `bat-…`")]
_Kind = Literal["signature", "authentication", "juki", "input_support"]


class InquiryAsk(Wire):
    """Who is to receive the card, and why the holder cannot (R056)."""

    agent: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(max_length=50)] = Field(
        description="In the rulebook's words", examples=["hospital"]
    )


class InquiryAnswer(BaseModel):
    """A letter of inquiry. Its code is in the letter alone."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    card: str
    agent: str
    reason: str
    sent: datetime
    until: date
    state: InquiryState

    @classmethod
    def of(cls, inquiry: Inquiry) -> Self:
        """The answer for a letter of inquiry."""
        return cls.model_validate(inquiry)


class ReserveAsk(Wire):
    """What happens in the app."""

    kind: _Kind = Field(description="The secret that was forgotten")
    other: SecretStr = Field(description="The other one of signature, authentication")
    same_face: bool = Field(description="The app found the face to be the card's")


class StoreResetAsk(Wire):
    """What happens at the terminal in a store."""

    kind: _Kind
    other: SecretStr
    new: SecretStr
    store: Annotated[str, Field(max_length=50)] = Field(examples=["lawson"])


class StoreResetAnswer(BaseModel):
    """A secret that is to be set anew at a store."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    card: str
    kind: str
    app_done: datetime
    state: StoreResetState

    @classmethod
    def of(cls, reset: StoreReset) -> Self:
        """The answer for a reservation."""
        return cls.model_validate(reset)


class BatchAsk(Wire):
    """The applications whose cards are to be produced."""

    applications: list[Annotated[str, Field(pattern=_ID)]] = Field(
        min_length=1, max_length=LONGEST
    )


class ItemAnswer(BaseModel):
    """One application of a batch."""

    model_config = ConfigDict(from_attributes=True)

    application: str
    state: ItemState
    card: str | None
    refused: str = Field(description="The code of the refusal, if there is no card")
    done: datetime | None


class BatchAnswer(BaseModel):
    """How far a batch has come."""

    id: str
    ordered: datetime
    of_all: int
    produced: int
    refused: int
    waiting: int
    items: list[ItemAnswer]

    @classmethod
    def of(cls, progress: Progress) -> Self:
        """The answer for a batch."""
        return cls(
            id=progress.batch,
            ordered=progress.ordered,
            of_all=len(progress.items),
            produced=progress.count(ItemState.PRODUCED),
            refused=progress.count(ItemState.REFUSED),
            waiting=progress.count(ItemState.WAITING),
            items=[ItemAnswer.model_validate(one) for one in progress.items],
        )


def routes(box: Box) -> APIRouter:
    """Routes of inquiries, resets at a store, and batches."""
    router = APIRouter(tags=["procedures"])

    @router.post(
        "/cards/{serial}/inquiries",
        operation_id="sendInquiry",
        status_code=201,
        responses=answers(404, 409),
    )
    def asked(by: By, serial: Serial, ask: InquiryAsk) -> InquiryAnswer:
        """Ask the holder by letter whether this agent may receive the card (R056,
        R059). The code in it comes back with the answer, to `handOverCard`."""
        sent = send_inquiry(
            SendInquiry(serial=serial, agent=ask.agent, reason=ask.reason), by.box
        )
        deliver(box)
        return InquiryAnswer.of(sent)

    @router.post(
        "/cards/{serial}/pins/reservation",
        operation_id="reserveReset",
        status_code=201,
        responses=answers(404, 409),
    )
    def reserved(by: By, serial: Serial, ask: ReserveAsk) -> StoreResetAnswer:
        """In the app: the other secret and the face show who asks (R077, R078)."""
        try:
            done = reserve_reset(
                ReserveReset(
                    serial=serial,
                    kind=ask.kind,
                    other=Pin(ask.other.get_secret_value()),
                    same_face=ask.same_face,
                ),
                by.box,
            )
        except (WrongPin, PinLocked, LastTry) as trouble:
            raise _told(trouble) from None
        return StoreResetAnswer.of(done)

    @router.post(
        "/cards/{serial}/pins/at-store",
        operation_id="resetAtStore",
        responses=answers(404, 409),
    )
    def set_anew(by: By, serial: Serial, ask: StoreResetAsk) -> StoreResetAnswer:
        """At the terminal in a store, within the hours after the app (R077)."""
        try:
            done = reset_at_store(
                ResetAtStore(
                    serial=serial,
                    kind=ask.kind,
                    other=Pin(ask.other.get_secret_value()),
                    new=Pin(ask.new.get_secret_value()),
                    store=ask.store,
                ),
                by.box,
            )
        except (WrongPin, PinLocked, LastTry) as trouble:
            raise _told(trouble) from None
        return StoreResetAnswer.of(done)

    @router.post(
        "/batches",
        operation_id="orderBatch",
        status_code=201,
        responses=answers(404, 409),
    )
    def ordered(by: By, ask: BatchAsk) -> BatchAnswer:
        """Order many cards at once; the box produces them one after the other, express
        ones first (R061)."""
        return BatchAnswer.of(order_batch(ask.applications, by.box))

    @router.get("/batches/{batch}", operation_id="getBatch", responses=answers(404))
    def batch(by: By, batch: BatchKey) -> BatchAnswer:
        """How far a batch has come."""
        with by.box.store.look() as work:
            return BatchAnswer.of(progress_of(batch, work))

    return router


def _told(trouble: WrongPin | PinLocked | LastTry) -> Refused:
    """What a card said of a secret, as a refusal."""
    if isinstance(trouble, WrongPin):
        return Refused(
            "authority.wrong_pin", rules=("R073",), tries=str(trouble.tries_left)
        )
    if isinstance(trouble, PinLocked):
        return Refused("authority.pin_locked", rules=("R073",))
    return Refused("pin.last_try", rules=("R073",))
