"""Wire models: what travels in the JSON of the API, and nothing else.

Inside the box everything speaks in the frozen values of ``mynabox.lifecycle``;
these models are built from them at the very edge. Members that hold a secret are
``SecretStr`` on the way in, and only :class:`NumberAnswer` has one on the way out.
"""

import re
import ssl
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.lifecycle.journal import Damage, Row
from mynabox.lifecycle.loss import Told
from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
)
from mynabox.lifecycle.resident import (
    Cause,
    HouseholdRelation,
    ResidenceStatus,
    Resident,
    ResidentEvent,
    ResidentState,
    Sex,
)
from mynabox.usecases.import_residents import Line
from mynabox.usecases.register_resident import Taken
from mynabox.usecases.visitors import VisitorKind

_ID = r"^[a-z]{1,8}-[a-z0-9]{1,32}$"
_SERIAL = r"^[0-9]{16}$"

ResidentId = Annotated[
    str, Path(pattern=_ID, description="The box's own id of a person: `res-…`")
]
Serial = Annotated[
    str, Path(pattern=_SERIAL, description="Sixteen-digit manufacturing number")
]
IssuanceNumber = Annotated[
    str, Path(pattern=r"^[0-9]{1,18}$", description="Issuance number, decimal")
]
Subject = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9-]{1,64}$",
        description="Id of a resident, application, card, certificate (`cert-…`) …",
    ),
]
_Text = Annotated[str, Field(max_length=1000)]


def _written_day(value: object) -> object:
    """Only ``2026-11-20``: a number is no day, though it could be read as one."""
    if isinstance(value, date) or (
        isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    ):
        return value
    raise ValueError("a day is written 2026-11-20")


Day = Annotated[date, BeforeValidator(_written_day)]
_Documents = Annotated[
    list[Annotated[str, Field(max_length=50)]],
    Field(
        max_length=20,
        description="What the person shows, in the rulebook's words",
        examples=[["passport"], ["insurance_card", "student_card"]],
    ),
]


class Wire(BaseModel):
    """What all wire models have in common: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- The register ----------------------------------------------------------


class ResidentAnswer(BaseModel):
    """A person in the resident register. The Individual Number is not part of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    record_code: str
    municipality: str
    name: str
    kana: str | None
    roman: str | None
    alias: str | None
    born: date
    sex: Sex
    address: str
    nationality: str
    residence_status: ResidenceStatus
    stay_until: date | None
    registered: date
    state: ResidentState
    household: str | None = Field(description="The municipality's name of it, if known")
    relation: HouseholdRelation | None = Field(description="What they are to its head")
    since: date | None = Field(description="From which day on the record reads so")
    cause: Cause = Field(description="What made it read so")
    guardian: str | None = Field(
        description="The statutory representative of an adult ward (R058)"
    )
    ward_since: date | None = Field(description="Day from which on they are a ward")

    @classmethod
    def of(cls, resident: Resident) -> Self:
        return cls.model_validate(resident)


class ResidentsAnswer(BaseModel):
    """One page of the register."""

    residents: list[ResidentAnswer]
    next: str | None = Field(description="`after` of the next page, if there is one")


class RegisterAsk(Wire):
    """A person to be entered; the members are the columns of a register file.

    Every rule about them is checked by the register, so a value that is wrong is
    refused with a code of its own.
    """

    record_code: _Text
    municipality: _Text
    name: _Text
    kana: _Text = ""
    roman: _Text = ""
    alias: _Text = ""
    born: _Text = Field(examples=["2000-01-31"])
    sex: _Text = Field(examples=["female"])
    address: _Text
    nationality: _Text = Field(examples=["JPN"])
    residence_status: _Text = Field(examples=["japanese"])
    stay_until: _Text = ""
    registered: _Text = Field(examples=["2026-04-01"])
    number: Annotated[SecretStr, Field(max_length=20)] = Field(
        default=SecretStr(""),
        description="The Individual Number the person brings along, if any",
    )
    household: _Text = Field(default="", examples=["H-0001"])
    relation: _Text = Field(default="", examples=["head"])
    guardian: _Text = Field(
        default="", description="Of an adult ward: the statutory representative"
    )
    ward_since: _Text = Field(default="", examples=["2026-04-01"])

    def columns(self) -> Mapping[str, str]:
        """The line of the register file that says the same."""
        values = self.model_dump(exclude={"number"})
        return {
            column: self.number.get_secret_value()
            if column == "number"
            else values[column]
            for column in COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS
        }


class RegisteredAnswer(BaseModel):
    """The person's record, and how it came about."""

    resident: ResidentAnswer
    how: Taken
    remarks: list[str] = Field(description="Codes of what is odd, but accepted")


class LineAnswer(BaseModel):
    """What became of one line of a register file."""

    line: int
    taken: Taken | None
    resident: str | None
    remarks: list[str]
    refused: str | None = Field(description="Code of the refusal")
    rules: list[str]
    facts: dict[str, str]
    detail: str | None = Field(description="The refusal in the language asked for")
    next: str | None = Field(description="What to do about it, in that language")

    @classmethod
    def of(cls, line: Line, *, detail: str | None, todo: str | None) -> Self:
        return cls(
            line=line.line,
            taken=line.taken,
            resident=line.resident,
            remarks=list(line.remarks),
            refused=line.refused.code if line.refused else None,
            rules=list(line.refused.rules) if line.refused else [],
            facts=dict(line.refused.facts) if line.refused else {},
            detail=detail,
            next=todo,
        )


class ImportAnswer(BaseModel):
    """What became of a register file."""

    taken: int
    refused: int
    lines: list[LineAnswer]


class PurposeAsk(Wire):
    """Who needs a person's number, and what for (R011)."""

    requester: Annotated[str, Field(max_length=50)] = Field(
        description="What kind of body asks", examples=["employer"]
    )
    purpose: Annotated[str, Field(max_length=50)] = Field(
        description="What the number is needed for", examples=["year_end_tax"]
    )


class AssignedAnswer(BaseModel):
    """That the person has a number, but not which."""

    resident: str
    assigned: datetime


class NumberAnswer(BaseModel):
    """A person's Individual Number."""

    resident: str
    number: str = Field(description="Twelve digits")


class DepartureAsk(Wire):
    """Why a person leaves the register."""

    event: ResidentEvent


# --- Cards ---------------------------------------------------------------------


class ProduceAsk(Wire):
    """Produce the card of an application."""

    application: Annotated[str, Field(pattern=_ID)]


class CardAnswer(BaseModel):
    """A card as the register knows it."""

    model_config = ConfigDict(from_attributes=True)

    serial: str
    resident: str
    application: str
    issued: date
    expires: date
    state: CardState
    since: datetime
    without_pins: bool = Field(
        description="A card without PINs (顔認証マイナンバーカード, R081)"
    )

    @classmethod
    def of(cls, card: Card) -> Self:
        return cls.model_validate(card)


class CardsAnswer(BaseModel):
    """One page of the cards."""

    cards: list[CardAnswer]
    next: str | None = Field(description="`after` of the next page, if there is one")


class CertificateAnswer(BaseModel):
    """A certificate and where it stands."""

    serial: str = Field(description="Issuance number, decimal")
    kind: CertificateKind
    issuer: str
    card: str
    resident: str
    not_before: datetime
    not_after: datetime
    state: CertificateState
    stopped: datetime | None
    reason: StopReason | None
    pem: str

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        return cls(
            serial=str(certificate.serial),
            kind=certificate.kind,
            issuer=certificate.issuer,
            card=certificate.card,
            resident=certificate.resident,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            state=certificate.state,
            stopped=certificate.stopped,
            reason=certificate.reason,
            pem=ssl.DER_cert_to_PEM_cert(certificate.der),
        )


class ProducedAnswer(BaseModel):
    """A card that waits for its holder."""

    card: CardAnswer
    certificates: list[CertificateAnswer]


class PinsAsk(Wire):
    """The secrets that the holder typed (R070)."""

    authentication: SecretStr | None = None
    juki: SecretStr | None = None
    input_support: SecretStr | None = None
    signature: SecretStr | None = None

    def given(self) -> Mapping[str, SecretStr]:
        """Only the secrets that were sent."""
        return {
            kind: secret
            for kind in type(self).model_fields
            if (secret := getattr(self, kind)) is not None
        }


class VisitorAsk(Wire):
    """Somebody who comes for the holder, or along with a child (R056-R058)."""

    kind: VisitorKind
    name: Annotated[str, Field(min_length=1, max_length=100)]
    documents: _Documents = Field(description="The visitor's own")
    holder_present: bool = Field(default=False, description="The holder came along")
    inquiry: Annotated[str, Field(max_length=40)] = Field(
        default="", description="The code of the letter that the holder answered"
    )


class RepresentativeAsk(Wire):
    """The statutory representative of a child or an adult ward (R136)."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="Of an adult ward's guardian as the register has it"
    )
    documents: _Documents = Field(description="The representative's own")


class HandOverAsk(Wire):
    """What happens at the counter."""

    documents: _Documents
    pins: PinsAsk = Field(default_factory=PinsAsk)
    without_pins: bool = Field(
        default=False, description="A card without PINs (R081): none are given then"
    )
    old_card: bool = Field(
        default=True,
        description="false: there is an older card and it is not handed in (R055)",
    )
    visitor: VisitorAsk | None = None


class LostAsk(Wire):
    """Who reported the loss, and how they can be called back."""

    told: Told = Told.TELEPHONE
    caller: Annotated[str, Field(max_length=100)] = Field(
        default="", examples=["the holder"]
    )
    callback: Annotated[str, Field(pattern=r"^[0-9+()-]{0,20}$")] = Field(
        default="", description="A telephone number", examples=["029-000-0000"]
    )


class SuspendedAnswer(BaseModel):
    """A card that is stopped, with the number that the hotline reads out."""

    card: CardAnswer
    receipt: str
    certificates: list[str] = Field(description="Issuance numbers put on hold")


class FoundAsk(Wire):
    """A suspended card was found and is brought back."""

    documents: _Documents
    place: Annotated[str, Field(max_length=20)] = Field(
        default="counter", examples=["counter", "hotline"]
    )


class ReissueAsk(Wire):
    """Without ``kinds``, every certificate that the card lacks and may have."""

    documents: _Documents
    kinds: list[CertificateKind] | None = Field(default=None, max_length=2)
    representative: RepresentativeAsk | None = None


# --- Authorities, journal, clock ------------------------------------------------


class AuthorityAnswer(BaseModel):
    """One generation of one of the two CAs."""

    name: str
    kind: CertificateKind
    generation: int
    not_before: datetime
    not_after: datetime
    pem: str

    @classmethod
    def of(cls, authority: Authority) -> Self:
        return cls(
            name=authority.name,
            kind=authority.kind,
            generation=authority.generation,
            not_before=authority.not_before,
            not_after=authority.not_after,
            pem=ssl.DER_cert_to_PEM_cert(authority.der),
        )


class RowAnswer(BaseModel):
    """A row of the journal at its place in the chain."""

    municipality: str
    sequence: int
    at: datetime
    actor: str
    action: str
    subjects: list[str]
    facts: dict[str, str]
    previous: str
    hash: str
    nth: int | None = Field(
        default=None, description="Number among all rows of the box"
    )

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            municipality=row.entry.municipality,
            sequence=row.sequence,
            at=row.entry.at,
            actor=row.entry.actor,
            action=row.entry.action,
            subjects=list(row.entry.subjects),
            facts=dict(row.entry.facts),
            previous=row.previous,
            hash=row.hash,
            nth=row.nth,
        )


class DamageAnswer(BaseModel):
    """One thing that is wrong with the journal."""

    municipality: str
    sequence: int
    what: str

    @classmethod
    def of(cls, damage: Damage) -> Self:
        return cls(
            municipality=damage.municipality,
            sequence=damage.sequence,
            what=damage.what,
        )


class VerificationAnswer(BaseModel):
    """Whether every chain of the journal is whole."""

    sound: bool
    damage: list[DamageAnswer]


class ClockAnswer(BaseModel):
    """The box's own time."""

    now: datetime
    today: date
