"""The register's changes: births, households, residence, former records, searches."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    Day,
    PurposeAsk,
    ResidentAnswer,
    ResidentId,
    ResidentsAnswer,
    Wire,
)
from mynabox.law.numbers import number_valid
from mynabox.lifecycle.guardianship import GuardianshipEvent
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import (
    FormerRecord,
    HouseholdRelation,
    ResidenceStatus,
    Sex,
)
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box, Wanted
from mynabox.usecases.change_household import (
    ChangeHousehold,
    change_household,
    household_of,
)
from mynabox.usecases.change_residence import ChangeResidence, change_residence
from mynabox.usecases.note_guardianship import (
    NoteGuardianship,
    note_guardianship,
)
from mynabox.usecases.register_birth import RegisterBirth, register_birth
from mynabox.usecases.search_residents import (
    FindByNumber,
    find_by_number,
    search_residents,
)
from mynabox.usecases.show import resident_history

_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Nationality = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
_Municipality = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class BirthAsk(Wire):
    """A child that was born."""

    name: _Name
    kana: _Name | None = None
    roman: _Name | None = None
    born: Day
    sex: Sex
    nationality: _Nationality = "JPN"
    relation: HouseholdRelation = Field(
        default=HouseholdRelation.CHILD,
        description="What the child is to the household's head",
    )


class HouseholdAsk(Wire):
    """Which household, and as what."""

    household: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")] | None = Field(
        default=None, description="Left out: a new one is made"
    )
    relation: HouseholdRelation
    former_head: HouseholdRelation = Field(
        default=HouseholdRelation.RELATIVE,
        description="What the head of before is to a new one",
    )
    happened: Day | None = None


class ResidenceAsk(Wire):
    """What the immigration agency decided (R110-R114)."""

    residence_status: ResidenceStatus
    nationality: _Nationality | None = None
    stay_until: Day | None = None
    decided: Day | None = Field(default=None, description="Today unless told")


class GuardianshipAsk(Wire):
    """What a certificate of registered matters says (登記事項証明書, R058)."""

    event: GuardianshipEvent
    guardian: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Who the guardian is; left out: as before"
    )
    happened: Day | None = Field(
        default=None,
        description="Day of what happened; of a correction the right first day, if "
        "that was wrong. Today unless told",
    )
    paper_issued: Day = Field(description="Day on which that certificate was issued")


class SearchAsk(Wire):
    """Whom to look for; all that is given must be so. Words of a name may be in kanji,
    kana or Roman letters, in any order, and be cut short."""

    name: Annotated[str, Field(max_length=300)] | None = Field(
        default=None, examples=["はこだ たろう"]
    )
    former_names: bool = True
    address: Annotated[str, Field(max_length=300)] | None = Field(
        default=None, description="How it begins", examples=["茨城県つくば市"]
    )
    born: Day | None = None
    municipality: _Municipality | None = None
    after: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,64}$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NumberSearchAsk(PurposeAsk):
    """A number, and for whom and for what its owner is looked for (R011)."""

    number: Annotated[SecretStr, Field(max_length=20)]
    municipality: _Municipality | None = None


class FormerAnswer(BaseModel):
    """How a record read before a change."""

    nth: int
    until: date | None = Field(description="Day of the change that ended it")
    record: ResidentAnswer

    @classmethod
    def of(cls, former: FormerRecord) -> Self:
        return cls(
            nth=former.nth,
            until=former.until,
            record=ResidentAnswer.of(former.record),
        )


def routes(box: Box) -> APIRouter:
    """Routes of the register's changes and searches."""
    router = APIRouter(tags=["residents"])

    @router.post("/residents/search", operation_id="searchResidents")
    def searched(by: By, ask: SearchAsk) -> ResidentsAnswer:
        """Look for people by name (of today or before), address or birth date."""
        found = search_residents(
            Wanted(
                name=ask.name,
                former_names=ask.former_names,
                address=ask.address,
                born=ask.born,
            ),
            by.box,
            municipality=by.within(ask.municipality),
            after=ask.after,
            limit=ask.limit + 1,
        )
        page = found[: ask.limit]
        return ResidentsAnswer(
            residents=[ResidentAnswer.of(person) for person in page],
            next=page[-1].id if len(found) > ask.limit else None,
        )

    @router.post("/residents/search/number", operation_id="findByNumber")
    def found(by: By, ask: NumberSearchAsk) -> ResidentsAnswer:
        """Look for the owner of a number: a look at a number, which wants a purpose of
        the law (R011) and is told in the owner's access log."""
        digits = ask.number.get_secret_value().replace(" ", "").replace("-", "")
        if not number_valid(digits).value:
            raise Refused("register.number_check_digit", rules=("R001",))
        person = find_by_number(
            FindByNumber(
                number=IndividualNumber(digits),
                requester=ask.requester,
                purpose=ask.purpose,
            ),
            by.box,
            municipality=by.within(ask.municipality),
        )
        return ResidentsAnswer(
            residents=[] if person is None else [ResidentAnswer.of(person)], next=None
        )

    @router.post(
        "/residents/{resident}/births",
        operation_id="registerBirth",
        status_code=201,
        responses=answers(404, 409),
    )
    def born(by: By, resident: ResidentId, ask: BirthAsk) -> ResidentAnswer:
        """A child of this person is born into the household (R001)."""
        child = register_birth(
            RegisterBirth(
                parent=resident,
                name=ask.name,
                kana=ask.kana,
                roman=ask.roman,
                born=ask.born,
                sex=ask.sex,
                nationality=ask.nationality,
                relation=ask.relation,
            ),
            by.box,
        )
        return ResidentAnswer.of(child)

    @router.get(
        "/residents/{resident}/household",
        operation_id="getHousehold",
        responses=answers(404),
    )
    def household(by: By, resident: ResidentId) -> list[ResidentAnswer]:
        """Everybody of the person's household, the head first."""
        return [ResidentAnswer.of(one) for one in household_of(resident, by.box)]

    @router.post(
        "/residents/{resident}/household",
        operation_id="changeHousehold",
        responses=answers(404, 409),
    )
    def moved_together(
        by: By, resident: ResidentId, ask: HouseholdAsk
    ) -> list[ResidentAnswer]:
        """Join, leave or lead a household; everybody whose record changed."""
        changed = change_household(
            ChangeHousehold(
                resident=resident,
                household=ask.household,
                relation=ask.relation,
                former_head=ask.former_head,
                happened=ask.happened,
            ),
            by.box,
        )
        return [ResidentAnswer.of(one) for one in changed]

    @router.get(
        "/residents/{resident}/history",
        operation_id="getHistory",
        responses=answers(404),
    )
    def history(by: By, resident: ResidentId) -> list[FormerAnswer]:
        """How the person's record read before each change, oldest first."""
        return [FormerAnswer.of(one) for one in resident_history(resident, by.box)]

    @router.post(
        "/residents/{resident}/residence",
        operation_id="changeResidence",
        responses=answers(404),
    )
    def resides(by: By, resident: ResidentId, ask: ResidenceAsk) -> ResidentAnswer:
        """Nationality, status of residence or period of stay change. The card does not
        follow by itself (R114)."""
        return ResidentAnswer.of(
            change_residence(
                ChangeResidence(
                    resident=resident,
                    residence_status=ask.residence_status,
                    nationality=ask.nationality,
                    stay_until=ask.stay_until,
                    decided=ask.decided,
                ),
                by.box,
            )
        )

    @router.post(
        "/residents/{resident}/guardianship",
        operation_id="noteGuardianship",
        responses=answers(404, 409),
    )
    def guarded(by: By, resident: ResidentId, ask: GuardianshipAsk) -> ResidentAnswer:
        """The person became an adult ward, has another guardian, or is a ward no more.
        The guardian acts for a ward (R058), who is given no signature certificate
        (R135): one that is not handed over yet, or was issued on the first day or
        later, is revoked."""
        return ResidentAnswer.of(
            note_guardianship(
                NoteGuardianship(
                    resident=resident,
                    event=ask.event,
                    guardian=ask.guardian,
                    happened=ask.happened,
                    paper_issued=ask.paper_issued,
                ),
                by.box,
            )
        )

    return router
