"""Every operation of the API as a method.

Written by ``tools/client/generate.py`` from the API's description: not by hand.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from mynabox.client.calling import Caller, Event, Versioned, given, quoted
from mynabox.client.models import (
    AccessLogAnswer,
    Applicant,
    ApplicationAnswer,
    AppointmentAnswer,
    ApprovalAnswer,
    AssignedAnswer,
    AttributesAnswer,
    AuthorityAnswer,
    BatchAnswer,
    CardAnswer,
    CardReason,
    CardRequestAnswer,
    CarriedOutAnswer,
    CertificateAnswer,
    CertificateAsk,
    CertificateKind,
    ChallengeAnswer,
    ClockAnswer,
    ConsentAnswer,
    DayAnswer,
    DeliveryAnswer,
    DeliveryState,
    ExtendedAnswer,
    Fault,
    FeeAnswer,
    FormAnswer,
    FormerAnswer,
    FunctionAnswer,
    GuardianshipEvent,
    GuideAnswer,
    HeadCover,
    HouseholdRelation,
    ImportAnswer,
    InquiryAnswer,
    JudgedAnswer,
    LawAnswer,
    LinesAnswer,
    LinkAnswer,
    LoggedInAnswer,
    LoginChallengeAnswer,
    LossAnswer,
    Means,
    MoveAnswer,
    MovedInAnswer,
    NoticeAnswer,
    NoticeEvent,
    NumberAnswer,
    Office,
    PinsAsk,
    ProducedAnswer,
    Proof,
    RepresentativeAsk,
    ResidenceStatus,
    ResidentAnswer,
    ResidentEvent,
    ResidentsAnswer,
    Right,
    RowAnswer,
    RuleAnswer,
    RulePageAnswer,
    SchemaApplyingStatusAnswer,
    SchemaRegisteredAnswer,
    SchemaRelyingStatusAnswer,
    SessionAnswer,
    Sex,
    Source,
    StoreResetAnswer,
    SuspendedAnswer,
    Told,
    TopicAnswer,
    UsableAnswer,
    VerificationAnswer,
    VerifiedAnswer,
    VerifierAnswer,
    VerifiersRegisteredAnswer,
    VisitorAsk,
    WhoAnswer,
)


class Client(Caller):
    """A box, asked over HTTP; what it refuses is raised as ``Problem``.

    ``idempotency_key``  of one's own, for repeating a change in another
    process; without it every call has a new one and is repeated by itself
    ``if_match``  the ``etag`` of what was read: refused if it changed since
    """

    def list_residents(
        self, *, municipality: str | None = None, limit: int | None = None
    ) -> Iterator[ResidentAnswer]:
        """People in the register, in the order of their ids."""
        return self._pages(
            "/residents", "residents", **given(municipality=municipality, limit=limit)
        )

    def register_resident(
        self,
        *,
        record_code: str,
        municipality: str,
        name: str,
        born: str,
        sex: str,
        address: str,
        nationality: str,
        residence_status: str,
        registered: str,
        kana: str | None = None,
        roman: str | None = None,
        alias: str | None = None,
        stay_until: str | None = None,
        number: str | None = None,
        household: str | None = None,
        relation: str | None = None,
        guardian: str | None = None,
        ward_since: str | None = None,
        idempotency_key: str | None = None,
    ) -> SchemaRegisteredAnswer:
        """Enter a person, or take one back who has returned from abroad (R002)."""
        answer: SchemaRegisteredAnswer = self._change(
            "/residents",
            key=idempotency_key,
            json=given(
                record_code=record_code,
                municipality=municipality,
                name=name,
                kana=kana,
                roman=roman,
                alias=alias,
                born=born,
                sex=sex,
                address=address,
                nationality=nationality,
                residence_status=residence_status,
                stay_until=stay_until,
                registered=registered,
                number=number,
                household=household,
                relation=relation,
                guardian=guardian,
                ward_since=ward_since,
            ),
        )
        return answer

    def import_residents(
        self, *, file: bytes, idempotency_key: str | None = None
    ) -> ImportAnswer:
        """Enter many people. Every line is taken or refused by itself; a line that was
        taken is durable even if the request breaks off later."""
        answer: ImportAnswer = self._change(
            "/residents/import",
            key=idempotency_key,
            content=file,
            media_type="text/csv",
        )
        return answer

    def export_residents(self, *, municipality: str | None = None) -> bytes:
        """Everybody who is registered now, as `importResidents` takes them: without
        Individual Numbers. The journal says who asked."""
        answer: bytes = self._ask(
            "GET", "/residents/export", params=given(municipality=municipality)
        )
        return answer

    def get_resident(self, resident: str) -> Versioned[ResidentAnswer]:
        """One person."""
        return self._read(f"/residents/{quoted(resident)}")

    def leave_register(
        self,
        resident: str,
        *,
        event: ResidentEvent,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentAnswer:
        """The person leaves the register; card and certificates end (R151)."""
        answer: ResidentAnswer = self._change(
            f"/residents/{quoted(resident)}/departure",
            key=idempotency_key,
            if_match=if_match,
            json=given(event=event),
        )
        return answer

    def list_notices(
        self, resident: str, *, limit: int | None = None
    ) -> Iterator[NoticeAnswer]:
        """The person's notices, oldest first; each bears an application ID."""
        return self._pages(
            f"/residents/{quoted(resident)}/notices", None, **given(limit=limit)
        )

    def issue_notice(
        self,
        resident: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> NoticeAnswer:
        """Issue the notice of the number and post it (R004); once only (R008)."""
        answer: NoticeAnswer = self._change(
            f"/residents/{quoted(resident)}/notices",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def note_notice(
        self,
        resident: str,
        *,
        event: NoticeEvent,
        documents: list[str] | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> NoticeAnswer:
        """Note what became of the letter (R005, R006); what is handed out at the office
        wants documents (R054)."""
        answer: NoticeAnswer = self._change(
            f"/residents/{quoted(resident)}/notices/events",
            key=idempotency_key,
            if_match=if_match,
            json=given(event=event, documents=documents),
        )
        return answer

    def prove_number(
        self,
        resident: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> JudgedAnswer:
        """Whether the paper that told the number proves it today: a notice never does
        (R008), a notification card while it equals the register (R009)."""
        answer: JudgedAnswer = self._change(
            f"/residents/{quoted(resident)}/notices/proof",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def search_residents(
        self,
        *,
        name: str | None = None,
        former_names: bool | None = None,
        address: str | None = None,
        born: str | None = None,
        municipality: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> ResidentsAnswer:
        """Look for people by name (of today or before), address or birth date."""
        answer: ResidentsAnswer = self._ask(
            "POST",
            "/residents/search",
            json=given(
                name=name,
                former_names=former_names,
                address=address,
                born=born,
                municipality=municipality,
                after=after,
                limit=limit,
            ),
        )
        return answer

    def find_by_number(
        self,
        *,
        requester: str,
        purpose: str,
        number: str,
        municipality: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentsAnswer:
        """Look for the owner of a number: a look at a number, which wants a purpose of
        the law (R011) and is told in the owner's access log."""
        answer: ResidentsAnswer = self._change(
            "/residents/search/number",
            key=idempotency_key,
            json=given(
                requester=requester,
                purpose=purpose,
                number=number,
                municipality=municipality,
            ),
        )
        return answer

    def register_birth(
        self,
        resident: str,
        *,
        name: str,
        born: str,
        sex: Sex,
        kana: str | None = None,
        roman: str | None = None,
        nationality: str | None = None,
        relation: HouseholdRelation | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentAnswer:
        """A child of this person is born into the household (R001)."""
        answer: ResidentAnswer = self._change(
            f"/residents/{quoted(resident)}/births",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                name=name,
                kana=kana,
                roman=roman,
                born=born,
                sex=sex,
                nationality=nationality,
                relation=relation,
            ),
        )
        return answer

    def get_household(self, resident: str) -> list[ResidentAnswer]:
        """Everybody of the person's household, the head first."""
        answer: list[ResidentAnswer] = self._ask(
            "GET", f"/residents/{quoted(resident)}/household"
        )
        return answer

    def change_household(
        self,
        resident: str,
        *,
        relation: HouseholdRelation,
        household: str | None = None,
        former_head: HouseholdRelation | None = None,
        happened: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[ResidentAnswer]:
        """Join, leave or lead a household; everybody whose record changed."""
        answer: list[ResidentAnswer] = self._change(
            f"/residents/{quoted(resident)}/household",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                household=household,
                relation=relation,
                former_head=former_head,
                happened=happened,
            ),
        )
        return answer

    def get_history(self, resident: str) -> list[FormerAnswer]:
        """How the person's record read before each change, oldest first."""
        answer: list[FormerAnswer] = self._ask(
            "GET", f"/residents/{quoted(resident)}/history"
        )
        return answer

    def change_residence(
        self,
        resident: str,
        *,
        residence_status: ResidenceStatus,
        nationality: str | None = None,
        stay_until: str | None = None,
        decided: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentAnswer:
        """Nationality, status of residence or period of stay change. The card does not
        follow by itself (R114)."""
        answer: ResidentAnswer = self._change(
            f"/residents/{quoted(resident)}/residence",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                residence_status=residence_status,
                nationality=nationality,
                stay_until=stay_until,
                decided=decided,
            ),
        )
        return answer

    def note_guardianship(
        self,
        resident: str,
        *,
        event: GuardianshipEvent,
        paper_issued: str,
        guardian: str | None = None,
        happened: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentAnswer:
        """The person became an adult ward, has another guardian, or is a ward no more.
        The guardian acts for a ward (R058), who is given no signature certificate
        (R135): one that is not handed over yet, or was issued on the first day or
        later, is revoked."""
        answer: ResidentAnswer = self._change(
            f"/residents/{quoted(resident)}/guardianship",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                event=event,
                guardian=guardian,
                happened=happened,
                paper_issued=paper_issued,
            ),
        )
        return answer

    def assign_number(
        self,
        resident: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> AssignedAnswer:
        """Give the person a number, or keep the one they have (R001, R002). The answer
        does not tell it."""
        answer: AssignedAnswer = self._change(
            f"/residents/{quoted(resident)}/number",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def disclose_number(
        self,
        resident: str,
        *,
        requester: str,
        purpose: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> NumberAnswer:
        """Tell the person's number to a body with a purpose of the law (R011). The
        journal keeps who asked and why."""
        answer: NumberAnswer = self._change(
            f"/residents/{quoted(resident)}/number/disclosure",
            key=idempotency_key,
            if_match=if_match,
            json=given(requester=requester, purpose=purpose),
        )
        return answer

    def judge_number_request(
        self,
        resident: str,
        *,
        requester: str,
        purpose: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> JudgedAnswer:
        """Whether a body may ask this person for the number (R011). Nothing is told;
        that it was asked is written down, whatever the answer is."""
        answer: JudgedAnswer = self._change(
            f"/residents/{quoted(resident)}/number/requests",
            key=idempotency_key,
            if_match=if_match,
            json=given(requester=requester, purpose=purpose),
        )
        return answer

    def judge_copy(
        self,
        serial: str,
        *,
        side: Literal["front", "back"],
        requester: str,
        purpose: str,
        consent: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> JudgedAnswer:
        """Whether a side of the card may be copied (R260, R261). A copy of the back that
        may be made stands in the holder's access log."""
        answer: JudgedAnswer = self._change(
            f"/cards/{quoted(serial)}/copies",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                side=side, requester=requester, purpose=purpose, consent=consent
            ),
        )
        return answer

    def open_application(
        self,
        *,
        application_id: str,
        email: str,
        channel: Literal["smartphone", "computer"] | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """Begin an application: the link to its second page goes out by mail, and only
        there is the token that `submitApplication` wants. Also to mend one that was
        sent back."""
        answer: ApplicationAnswer = self._change(
            "/applications",
            key=idempotency_key,
            json=given(application_id=application_id, email=email, channel=channel),
        )
        return answer

    def list_applications_to_review(
        self, *, municipality: str | None = None, limit: int | None = None
    ) -> Iterator[ApplicationAnswer]:
        """Applications that came in and that no clerk has looked at, oldest first."""
        return self._pages(
            "/applications",
            "applications",
            **given(municipality=municipality, limit=limit),
        )

    def submit_application(
        self,
        *,
        token: str,
        born: str,
        photo_taken: str | None = None,
        photo: bytes | None = None,
        signature_certificate: bool | None = None,
        authentication_certificate: bool | None = None,
        applicant: Applicant | None = None,
        applicant_name: str | None = None,
        head_cover: HeadCover | None = None,
        substitutes: list[str] | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """Send the form with its photo. A refusal changes nothing: mend what it says and
        send again."""
        answer: ApplicationAnswer = self._change(
            "/applications/submission",
            key=idempotency_key,
            data=given(
                token=token,
                born=born,
                photo_taken=photo_taken,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=substitutes,
            ),
            files={one: (one, file) for one, file in given(photo=photo).items()},
        )
        return answer

    def get_application_status(
        self, *, application_id: str
    ) -> list[SchemaApplyingStatusAnswer]:
        """How the applications under an application ID stand, oldest first."""
        answer: list[SchemaApplyingStatusAnswer] = self._ask(
            "POST", "/applications/status", json=given(application_id=application_id)
        )
        return answer

    def withdraw_by_link(
        self, *, token: str, idempotency_key: str | None = None
    ) -> ApplicationAnswer:
        """The applicant withdraws the application with its mailed link."""
        answer: ApplicationAnswer = self._change(
            "/applications/withdrawal", key=idempotency_key, json=given(token=token)
        )
        return answer

    def apply_at_booth(
        self,
        *,
        application_id: str,
        born: str,
        paid: bool,
        photo: bytes | None = None,
        signature_certificate: bool | None = None,
        authentication_certificate: bool | None = None,
        applicant: Applicant | None = None,
        applicant_name: str | None = None,
        head_cover: HeadCover | None = None,
        substitutes: list[str] | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """What a photo booth sends after it took the photo (R024)."""
        answer: ApplicationAnswer = self._change(
            "/applications/booth",
            key=idempotency_key,
            data=given(
                application_id=application_id,
                born=born,
                paid=paid,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=substitutes,
            ),
            files={one: (one, file) for one, file in given(photo=photo).items()},
        )
        return answer

    def receive_form(
        self,
        *,
        scan: bytes,
        signed: bool | None = None,
        photo_taken: str | None = None,
        applicant: Applicant | None = None,
        applicant_name: str | None = None,
        head_cover: HeadCover | None = None,
        substitutes: list[str] | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """Take in a form that came by post: its codes say whose it is, the photo and the
        ticked boxes are read from the scan; what is handwritten is typed. What is
        wrong with it is sent back to the applicant by letter."""
        answer: ApplicationAnswer = self._change(
            "/applications/post",
            key=idempotency_key,
            data=given(
                signed=signed,
                photo_taken=photo_taken,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=substitutes,
            ),
            files={one: (one, file) for one, file in given(scan=scan).items()},
        )
        return answer

    def apply_at_counter(
        self,
        resident: str,
        *,
        application_id: str | None = None,
        documents: list[str] | None = None,
        photo: bytes | None = None,
        photo_taken: str | None = None,
        signature_certificate: bool | None = None,
        authentication_certificate: bool | None = None,
        applicant: Applicant | None = None,
        applicant_name: str | None = None,
        head_cover: HeadCover | None = None,
        substitutes: list[str] | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """Apply at the counter, without the number and, if need be, without a form; with
        documents, who they are is checked now (R051)."""
        answer: ApplicationAnswer = self._change(
            f"/residents/{quoted(resident)}/applications",
            key=idempotency_key,
            if_match=if_match,
            data=given(
                application_id=application_id,
                documents=documents,
                photo_taken=photo_taken,
                signature_certificate=signature_certificate,
                authentication_certificate=authentication_certificate,
                applicant=applicant,
                applicant_name=applicant_name,
                head_cover=head_cover,
                substitutes=substitutes,
            ),
            files={one: (one, file) for one, file in given(photo=photo).items()},
        )
        return answer

    def get_application_photo(self, application: str) -> bytes:
        """The photo of an application."""
        answer: bytes = self._ask("GET", f"/applications/{quoted(application)}/photo")
        return answer

    def accept_application(
        self,
        application: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """The clerk finds nothing wrong (R042, R043)."""
        answer: ApplicationAnswer = self._change(
            f"/applications/{quoted(application)}/acceptance",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def send_back_application(
        self,
        application: str,
        *,
        faults: list[Fault],
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """Send it back with every reason; the applicant hears of it by mail with a new
        link, or by letter, and applies once more on any channel."""
        answer: ApplicationAnswer = self._change(
            f"/applications/{quoted(application)}/return",
            key=idempotency_key,
            if_match=if_match,
            json=given(faults=faults),
        )
        return answer

    def withdraw_application(
        self,
        application: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationAnswer:
        """The applicant withdraws it at the counter, before the card is produced."""
        answer: ApplicationAnswer = self._change(
            f"/applications/{quoted(application)}/withdrawal",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def get_application(self, application: str) -> Versioned[ApplicationAnswer]:
        """One application."""
        return self._read(f"/applications/{quoted(application)}")

    def print_form(
        self,
        resident: str,
        *,
        post: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> FormAnswer:
        """Print a form with today's particulars and a new application ID (R025, R026);
        its paper is posted, or had from `getFormPaper`."""
        answer: FormAnswer = self._change(
            f"/residents/{quoted(resident)}/forms",
            key=idempotency_key,
            if_match=if_match,
            json=given(post=post),
        )
        return answer

    def list_forms(
        self, resident: str, *, limit: int | None = None
    ) -> Iterator[FormAnswer]:
        """The person's forms that were printed by themselves, oldest first. The one
        printed with the notice is among the notices."""
        return self._pages(
            f"/residents/{quoted(resident)}/forms", None, **given(limit=limit)
        )

    def get_form_paper(self, *, application_id: str) -> bytes:
        """The form as a PDF, as long as it can be used."""
        answer: bytes = self._ask(
            "POST", "/forms/paper", json=given(application_id=application_id)
        )
        return answer

    def check_form(self, *, application_id: str) -> UsableAnswer:
        """Whether the form can be sent today (R026, R027); usable with a reason is
        advice, as where the stay ends soon (R028)."""
        answer: UsableAnswer = self._ask(
            "POST", "/forms/check", json=given(application_id=application_id)
        )
        return answer

    def list_cards(self, *, limit: int | None = None) -> Iterator[CardAnswer]:
        """Cards, in the order of their manufacturing numbers."""
        return self._pages("/cards", "cards", **given(limit=limit))

    def produce_card(
        self, *, application: str, idempotency_key: str | None = None
    ) -> ProducedAnswer:
        """Produce the card of an application that was received (R050)."""
        answer: ProducedAnswer = self._change(
            "/cards", key=idempotency_key, json=given(application=application)
        )
        return answer

    def get_card(self, serial: str) -> Versioned[CardAnswer]:
        """One card."""
        return self._read(f"/cards/{quoted(serial)}")

    def hand_over_card(
        self,
        serial: str,
        *,
        documents: list[str],
        pins: PinsAsk | None = None,
        without_pins: bool | None = None,
        old_card: bool | None = None,
        visitor: VisitorAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Check who came (R053, R054), set the PINs (R070), or none (R081), make the
        card live."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/handover",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                documents=documents,
                pins=pins,
                without_pins=without_pins,
                old_card=old_card,
                visitor=visitor,
            ),
        )
        return answer

    def report_lost(
        self,
        resident: str,
        *,
        told: Told | None = None,
        caller: str | None = None,
        callback: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> SuspendedAnswer:
        """Stop the person's card and put its certificates on hold (R148, R180), at any
        hour. The receipt is for whoever calls back."""
        answer: SuspendedAnswer = self._change(
            f"/residents/{quoted(resident)}/lost",
            key=idempotency_key,
            if_match=if_match,
            json=given(told=told, caller=caller, callback=callback),
        )
        return answer

    def report_found(
        self,
        serial: str,
        *,
        documents: list[str],
        place: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Lift the suspension; certificates on hold end for good (R149)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/found",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, place=place),
        )
        return answer

    def list_certificates(
        self, serial: str, *, limit: int | None = None
    ) -> Iterator[CertificateAnswer]:
        """Every certificate ever written to the card, oldest first."""
        return self._pages(
            f"/cards/{quoted(serial)}/certificates", None, **given(limit=limit)
        )

    def reissue_certificates(
        self,
        serial: str,
        *,
        documents: list[str],
        kinds: list[CertificateKind] | None = None,
        representative: RepresentativeAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[CertificateAnswer]:
        """Issue new certificates for a card that has lost its old ones (R141)."""
        answer: list[CertificateAnswer] = self._change(
            f"/cards/{quoted(serial)}/certificates",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, kinds=kinds, representative=representative),
        )
        return answer

    def get_certificate(self, issuance_number: str) -> CertificateAnswer:
        """One certificate by its issuance number."""
        answer: CertificateAnswer = self._ask(
            "GET", f"/certificates/{quoted(issuance_number)}"
        )
        return answer

    def get_card_front(self, serial: str) -> bytes:
        """The front of the card as a specimen picture."""
        answer: bytes = self._ask("GET", f"/cards/{quoted(serial)}/front")
        return answer

    def get_card_back(
        self,
        serial: str,
        *,
        requester: str,
        purpose: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> bytes:
        """The back of the card. It shows the Individual Number, so it wants a purpose of
        the law (R011, R261) and the journal keeps who asked and why."""
        answer: bytes = self._change(
            f"/cards/{quoted(serial)}/back",
            key=idempotency_key,
            if_match=if_match,
            json=given(requester=requester, purpose=purpose),
        )
        return answer

    def reset_pins(
        self,
        serial: str,
        *,
        documents: list[str],
        pins: PinsAsk,
        representative: RepresentativeAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Set forgotten or locked PINs anew (R076); each has all its tries again."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/pins",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, pins=pins, representative=representative),
        )
        return answer

    def give_up_pins(
        self,
        serial: str,
        *,
        documents: list[str],
        representative: RepresentativeAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Make a card in use one without PINs (R081): its signature certificate ends,
        and its face says so. Health-card use goes on."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/pins/none",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, representative=representative),
        )
        return answer

    def take_up_pins(
        self,
        serial: str,
        *,
        documents: list[str],
        pins: PinsAsk,
        representative: RepresentativeAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Set PINs in a card without PINs (R081). A signature certificate is issued
        afterwards (`reissueCertificates`), and then its password set (`resetPins`)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/pins/again",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, pins=pins, representative=representative),
        )
        return answer

    def renew_certificates(
        self,
        serial: str,
        *,
        pins: PinsAsk | None = None,
        representative: RepresentativeAsk | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[CertificateAnswer]:
        """Renew the certificates in their window, with the card and its PINs (R137)."""
        answer: list[CertificateAnswer] = self._change(
            f"/cards/{quoted(serial)}/certificates/renewal",
            key=idempotency_key,
            if_match=if_match,
            json=given(pins=pins, representative=representative),
        )
        return answer

    def stop_certificates(
        self,
        serial: str,
        *,
        documents: list[str],
        kinds: list[CertificateKind] | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[CertificateAnswer]:
        """The holder gives certificates up (R147); the card stays in use."""
        answer: list[CertificateAnswer] = self._change(
            f"/cards/{quoted(serial)}/certificates/stop",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents, kinds=kinds),
        )
        return answer

    def report_compromise(
        self,
        serial: str,
        *,
        documents: list[str],
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[CertificateAnswer]:
        """A private key of the card is no longer safe: both certificates end (R157)."""
        answer: list[CertificateAnswer] = self._change(
            f"/cards/{quoted(serial)}/certificates/compromise",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents),
        )
        return answer

    def return_card(
        self,
        serial: str,
        *,
        documents: list[str],
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """The card is handed back, and its certificates end with it (R153, R179)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/return",
            key=idempotency_key,
            if_match=if_match,
            json=given(documents=documents),
        )
        return answer

    def discard_card(
        self,
        serial: str,
        *,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """A card that nobody received is discarded (R156)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/discard",
            key=idempotency_key,
            if_match=if_match,
            json=given(reason=reason),
        )
        return answer

    def change_particulars(
        self,
        resident: str,
        *,
        name: str | None = None,
        kana: str | None = None,
        roman: str | None = None,
        alias: str | None = None,
        address: str | None = None,
        municipality: str | None = None,
        born: str | None = None,
        sex: Sex | None = None,
        happened: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ResidentAnswer:
        """A new name or address in the register: the signature certificate ends with the
        next day (R145). A birth date or sex put right: it ends at once (R146)."""
        answer: ResidentAnswer = self._change(
            f"/residents/{quoted(resident)}/particulars",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                name=name,
                kana=kana,
                roman=roman,
                alias=alias,
                address=address,
                municipality=municipality,
                born=born,
                sex=sex,
                happened=happened,
            ),
        )
        return answer

    def agree_delivery(
        self,
        application: str,
        *,
        documents: list[str],
        pins_handed_in: bool,
        by_agent: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> DeliveryAnswer:
        """Agree with an applicant who came in person how the card will reach them: by
        mail where the rules allow it, else at the counter."""
        answer: DeliveryAnswer = self._change(
            f"/applications/{quoted(application)}/delivery",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                documents=documents, pins_handed_in=pins_handed_in, by_agent=by_agent
            ),
        )
        return answer

    def list_deliveries(
        self, *, state: DeliveryState | None = None, limit: int | None = None
    ) -> Iterator[DeliveryAnswer]:
        """Deliveries, of one state if told; those that wait say until when."""
        return self._pages(
            "/deliveries", "deliveries", **given(state=state, limit=limit)
        )

    def get_delivery(self, serial: str) -> DeliveryAnswer:
        """How a card reaches its holder."""
        answer: DeliveryAnswer = self._ask("GET", f"/cards/{quoted(serial)}/delivery")
        return answer

    def send_card(
        self,
        serial: str,
        *,
        pins: PinsAsk,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> DeliveryAnswer:
        """Set the PINs and mail the card to the holder's home (R051, R052)."""
        answer: DeliveryAnswer = self._change(
            f"/cards/{quoted(serial)}/delivery/posting",
            key=idempotency_key,
            if_match=if_match,
            json=given(pins=pins),
        )
        return answer

    def note_delivery(
        self,
        serial: str,
        *,
        received: bool,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> DeliveryAnswer:
        """The mailed card was received, which makes it good (void if its last day is
        over, R094), or it came back."""
        answer: DeliveryAnswer = self._change(
            f"/cards/{quoted(serial)}/delivery/events",
            key=idempotency_key,
            if_match=if_match,
            json=given(received=received),
        )
        return answer

    def call_holder(
        self,
        serial: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> DeliveryAnswer:
        """Post another postcard: the holder comes to the counter (R050)."""
        answer: DeliveryAnswer = self._change(
            f"/cards/{quoted(serial)}/delivery/call",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def show_counter_day(
        self, *, municipality: str, day: str, office: Office | None = None
    ) -> DayAnswer:
        """A counter's hours of a day with the places still free, and who comes."""
        answer: DayAnswer = self._ask(
            "GET",
            "/appointments",
            params=given(municipality=municipality, day=day, office=office),
        )
        return answer

    def list_appointments(
        self, serial: str, *, limit: int | None = None
    ) -> Iterator[AppointmentAnswer]:
        """Every appointment ever made for a card, by the hour."""
        return self._pages(
            f"/cards/{quoted(serial)}/appointments", None, **given(limit=limit)
        )

    def book_appointment(
        self,
        serial: str,
        *,
        begins: str,
        office: Office | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> AppointmentAnswer:
        """Give the holder a place at the counter; one booked before is given up."""
        answer: AppointmentAnswer = self._change(
            f"/cards/{quoted(serial)}/appointments",
            key=idempotency_key,
            if_match=if_match,
            json=given(begins=begins, office=office),
        )
        return answer

    def cancel_appointment(
        self,
        serial: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> AppointmentAnswer:
        """Give up the place that is booked."""
        answer: AppointmentAnswer = self._change(
            f"/cards/{quoted(serial)}/appointments/cancellation",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def get_loss(self, receipt: str) -> LossAnswer:
        """What is known of a loss, for whoever calls back with its receipt."""
        answer: LossAnswer = self._ask("GET", f"/losses/{quoted(receipt)}")
        return answer

    def note_proof(
        self,
        receipt: str,
        *,
        proof: Proof,
        authority: str,
        number: str,
        day: str,
        idempotency_key: str | None = None,
    ) -> LossAnswer:
        """The police's or the fire office's paper is shown; the receipt for the report
        is posted."""
        answer: LossAnswer = self._change(
            f"/losses/{quoted(receipt)}/proof",
            key=idempotency_key,
            json=given(proof=proof, authority=authority, number=number, day=day),
        )
        return answer

    def request_card(
        self,
        resident: str,
        *,
        reason: CardReason,
        documents: list[str],
        old_card: bool | None = None,
        certificates: bool | None = None,
        express: bool | None = None,
        express_for: Literal[
            "", "infant", "from_abroad", "newly_registered", "released"
        ]
        | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardRequestAnswer:
        """Ask for another card in place of the one there is or was. The slip for the fee
        is posted; after this an application is received."""
        answer: CardRequestAnswer = self._change(
            f"/residents/{quoted(resident)}/card-requests",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                reason=reason,
                documents=documents,
                old_card=old_card,
                certificates=certificates,
                express=express,
                express_for=express_for,
            ),
        )
        return answer

    def list_card_requests(
        self, resident: str, *, limit: int | None = None
    ) -> Iterator[CardRequestAnswer]:
        """A person's requests for another card, oldest first."""
        return self._pages(
            f"/residents/{quoted(resident)}/card-requests", None, **given(limit=limit)
        )

    def withdraw_card_request(
        self, card_request: str, *, idempotency_key: str | None = None
    ) -> CardRequestAnswer:
        """The holder does not want it after all; what was paid goes back."""
        answer: CardRequestAnswer = self._change(
            f"/card-requests/{quoted(card_request)}/withdrawal", key=idempotency_key
        )
        return answer

    def get_fee(self, fee: str) -> FeeAnswer:
        """One fee."""
        answer: FeeAnswer = self._ask("GET", f"/fees/{quoted(fee)}")
        return answer

    def pay_fee(
        self,
        fee: str,
        *,
        amount: int,
        means: Means | None = None,
        idempotency_key: str | None = None,
    ) -> FeeAnswer:
        """The fee is paid, once and whole; the receipt is posted."""
        answer: FeeAnswer = self._change(
            f"/fees/{quoted(fee)}/payment",
            key=idempotency_key,
            json=given(amount=amount, means=means),
        )
        return answer

    def send_inquiry(
        self,
        serial: str,
        *,
        agent: str,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> InquiryAnswer:
        """Ask the holder by letter whether this agent may receive the card (R056, R059).
        The code in it comes back with the answer, to `handOverCard`."""
        answer: InquiryAnswer = self._change(
            f"/cards/{quoted(serial)}/inquiries",
            key=idempotency_key,
            if_match=if_match,
            json=given(agent=agent, reason=reason),
        )
        return answer

    def reserve_reset(
        self,
        serial: str,
        *,
        kind: Literal["signature", "authentication", "juki", "input_support"],
        other: str,
        same_face: bool,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> StoreResetAnswer:
        """In the app: the other secret and the face show who asks (R077, R078)."""
        answer: StoreResetAnswer = self._change(
            f"/cards/{quoted(serial)}/pins/reservation",
            key=idempotency_key,
            if_match=if_match,
            json=given(kind=kind, other=other, same_face=same_face),
        )
        return answer

    def reset_at_store(
        self,
        serial: str,
        *,
        kind: Literal["signature", "authentication", "juki", "input_support"],
        other: str,
        new: str,
        store: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> StoreResetAnswer:
        """At the terminal in a store, within the hours after the app (R077)."""
        answer: StoreResetAnswer = self._change(
            f"/cards/{quoted(serial)}/pins/at-store",
            key=idempotency_key,
            if_match=if_match,
            json=given(kind=kind, other=other, new=new, store=store),
        )
        return answer

    def order_batch(
        self, *, applications: list[str], idempotency_key: str | None = None
    ) -> BatchAnswer:
        """Order many cards at once; the box produces them one after the other, express
        ones first (R061)."""
        answer: BatchAnswer = self._change(
            "/batches", key=idempotency_key, json=given(applications=applications)
        )
        return answer

    def get_batch(self, batch: str) -> BatchAnswer:
        """How far a batch has come."""
        answer: BatchAnswer = self._ask("GET", f"/batches/{quoted(batch)}")
        return answer

    def get_moves(self, resident: str) -> list[MoveAnswer]:
        """The person's moves, oldest first."""
        answer: list[MoveAnswer] = self._ask(
            "GET", f"/residents/{quoted(resident)}/moves"
        )
        return answer

    def move_out(
        self,
        resident: str,
        *,
        planned: str,
        to: str | None = None,
        together: list[str] | None = None,
        abroad: bool | None = None,
        continuing: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> list[MoveAnswer]:
        """Notify moving out (R171), or leaving Japan (R151, R154)."""
        answer: list[MoveAnswer] = self._change(
            f"/residents/{quoted(resident)}/move-out",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                planned=planned,
                to=to,
                together=together,
                abroad=abroad,
                continuing=continuing,
            ),
        )
        return answer

    def cancel_move_out(
        self,
        resident: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> MoveAnswer:
        """The person stays after all."""
        answer: MoveAnswer = self._change(
            f"/residents/{quoted(resident)}/move-out/cancellation",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def move_in(
        self,
        resident: str,
        *,
        municipality: str,
        address: str,
        moved_in: str,
        household: str | None = None,
        relation: HouseholdRelation | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> MovedInAnswer:
        """Notify moving in (R171): too late, and the card is void (R173)."""
        answer: MovedInAnswer = self._change(
            f"/residents/{quoted(resident)}/move-in",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                municipality=municipality,
                address=address,
                moved_in=moved_in,
                household=household,
                relation=relation,
            ),
        )
        return answer

    def take_over_card(
        self,
        serial: str,
        *,
        pin: str | None = None,
        by_household: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """The new municipality takes the card over (R172-R177)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/continued-use",
            key=idempotency_key,
            if_match=if_match,
            json=given(pin=pin, by_household=by_household),
        )
        return answer

    def update_card(
        self,
        serial: str,
        *,
        pin: str | None = None,
        by_household: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Write a new name or address on the card and into its chip (R170)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/particulars",
            key=idempotency_key,
            if_match=if_match,
            json=given(pin=pin, by_household=by_household),
        )
        return answer

    def extend_card(
        self,
        serial: str,
        *,
        pin: str | None = None,
        by_household: bool | None = None,
        certificates: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ExtendedAnswer:
        """Carry a longer period of stay over to the card (R114, R115)."""
        answer: ExtendedAnswer = self._change(
            f"/cards/{quoted(serial)}/extension",
            key=idempotency_key,
            if_match=if_match,
            json=given(pin=pin, by_household=by_household, certificates=certificates),
        )
        return answer

    def extend_specially(
        self,
        serial: str,
        *,
        proof: str,
        pin: str | None = None,
        by_household: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CardAnswer:
        """Let the card go on while an application for the stay is pending (R116)."""
        answer: CardAnswer = self._change(
            f"/cards/{quoted(serial)}/special-extension",
            key=idempotency_key,
            if_match=if_match,
            json=given(pin=pin, by_household=by_household, proof=proof),
        )
        return answer

    def get_card_lines(self, serial: str) -> LinesAnswer:
        """The field for later changes: what is written, what is free, what is due."""
        answer: LinesAnswer = self._ask("GET", f"/cards/{quoted(serial)}/lines")
        return answer

    def list_authorities(
        self, *, limit: int | None = None
    ) -> Iterator[AuthorityAnswer]:
        """Every CA generation of the box, oldest first."""
        return self._pages("/authorities", None, **given(limit=limit))

    def get_clock(self) -> ClockAnswer:
        """What time it is in the box. Only the command line can turn it."""
        answer: ClockAnswer = self._ask("GET", "/clock")
        return answer

    def verify_journal(self) -> VerificationAnswer:
        """Go over every row of every chain and say what is wrong."""
        answer: VerificationAnswer = self._ask("POST", "/journal/verification")
        return answer

    def list_journal(
        self, subject: str, *, limit: int | None = None
    ) -> Iterator[RowAnswer]:
        """Rows that touched a resident, an application, a card …, oldest first; to an
        auditor of one municipality, those of its own chain."""
        return self._pages(f"/journal/{quoted(subject)}", None, **given(limit=limit))

    def list_law(self) -> list[FunctionAnswer]:
        """Every function of the rulebook, with its arguments."""
        answer: list[FunctionAnswer] = self._ask("GET", "/law")
        return answer

    def list_rules(self) -> list[RuleAnswer]:
        """Every rule in a sentence, in the language asked for."""
        answer: list[RuleAnswer] = self._ask("GET", "/law/rules")
        return answer

    def show_rule(self, rule: str) -> RulePageAnswer:
        """A rule with its values, days, sources, disputes and open questions."""
        answer: RulePageAnswer = self._ask("GET", f"/law/rules/{quoted(rule)}")
        return answer

    def call_law(
        self, name: str, *, arguments: Mapping[str, str] | None = None
    ) -> LawAnswer:
        """Ask a function of the rulebook. A refusal is an answer, not an error; an
        argument that is wrong is a problem that says which."""
        answer: LawAnswer = self._ask(
            "GET", f"/law/{quoted(name)}", params=dict(arguments or {})
        )
        return answer

    def call_law_in_body(self, name: str, *, arguments: Mapping[str, str]) -> LawAnswer:
        """The same with the arguments in the body: for numbers and PINs."""
        answer: LawAnswer = self._ask(
            "POST", f"/law/{quoted(name)}", json=dict(arguments)
        )
        return answer

    def list_topics(self) -> list[TopicAnswer]:
        """What the guide knows about."""
        answer: list[TopicAnswer] = self._ask("GET", "/guide/topics")
        return answer

    def ask_guide(
        self,
        *,
        topic: Literal[
            "notice_not_come",
            "apply",
            "form_unusable",
            "photo",
            "pick_up",
            "pin_forgotten",
            "pin_locked",
            "pin_change",
            "renew_card",
            "renew_certificate",
            "stay_extended",
            "stay_pending",
            "moved_in",
            "moved_out",
            "moved_within",
            "renamed",
            "lost",
            "stolen",
            "found",
            "number_misused",
            "damaged",
            "certificates_at_store",
            "health_card",
            "online",
            "asked_for_number",
            "asked_for_copy",
            "points",
        ],
        language: Literal[
            "ja",
            "en",
            "zh-Hans",
            "zh-Hant",
            "ko",
            "es",
            "pt",
            "th",
            "ne",
            "id",
            "vi",
            "fil",
        ]
        | None = None,
        at: str | None = None,
        municipality: str | None = None,
        born: str | None = None,
        residence_status: Literal[
            "japanese",
            "permanent",
            "special_permanent",
            "highly_skilled_2",
            "mid_long_term",
            "temporary_refuge",
            "provisional_stay",
            "birth_transitional",
        ]
        | None = None,
        stay_until: str | None = None,
        new_stay_until: str | None = None,
        registered: str | None = None,
        applied: str | None = None,
        issued: str | None = None,
        card_expiry: str | None = None,
        certificate_expiry: str | None = None,
        channel: Literal["smartphone", "computer", "booth", "mail", "counter"]
        | None = None,
        changed: Literal["yes", "no"] | None = None,
        taken: str | None = None,
        pin: Literal["authentication", "signature", "juki", "input_support"]
        | None = None,
        other_pin_known: Literal["yes", "no"] | None = None,
        changed_on: str | None = None,
        moved_in: str | None = None,
        planned_move_out: str | None = None,
        notice_given: str | None = None,
        abroad: Literal["yes", "no"] | None = None,
        old_card: Literal["yes", "no"] | None = None,
        certificate: Literal[
            "residence_record", "seal", "tax", "koseki_annex", "koseki"
        ]
        | None = None,
        honseki: str | None = None,
        registered_use: Literal["yes", "no"] | None = None,
        cause: Literal["own_fault", "disaster", "no_space", "office_error"]
        | None = None,
        health_registered: Literal["yes", "no"] | None = None,
        requester: Literal[
            "employer",
            "municipality",
            "government",
            "tax_office",
            "pension_office",
            "health_insurer",
            "employment_office",
            "bank",
            "securities_company",
            "insurance_company",
            "school",
            "other",
        ]
        | None = None,
        purpose: Literal[
            "tax",
            "social_security",
            "disaster",
            "year_end_tax",
            "employment_insurance",
            "pension",
            "health_insurance",
            "child_care",
            "nursing_care",
            "welfare",
            "account",
            "scholarship",
            "number",
            "identity",
            "other",
        ]
        | None = None,
        side: Literal["front", "back"] | None = None,
        consent: Literal["yes", "no"] | None = None,
        claimed: str | None = None,
    ) -> GuideAnswer:
        """What holds, what to do by when, where, with what, at what cost, who answers
        the telephone now in the reader's language, and why. Facts that are not known
        are left out; `asks` says which would make the answer more exact."""
        answer: GuideAnswer = self._ask(
            "GET",
            "/guide",
            params=given(
                topic=topic,
                language=language,
                at=at,
                municipality=municipality,
                born=born,
                residence_status=residence_status,
                stay_until=stay_until,
                new_stay_until=new_stay_until,
                registered=registered,
                applied=applied,
                issued=issued,
                card_expiry=card_expiry,
                certificate_expiry=certificate_expiry,
                channel=channel,
                changed=changed,
                taken=taken,
                pin=pin,
                other_pin_known=other_pin_known,
                changed_on=changed_on,
                moved_in=moved_in,
                planned_move_out=planned_move_out,
                notice_given=notice_given,
                abroad=abroad,
                old_card=old_card,
                certificate=certificate,
                honseki=honseki,
                registered_use=registered_use,
                cause=cause,
                health_registered=health_registered,
                requester=requester,
                purpose=purpose,
                side=side,
                consent=consent,
                claimed=claimed,
            ),
        )
        return answer

    def who_am_i(self) -> WhoAnswer:
        """Who the box takes the asker for."""
        answer: WhoAnswer = self._ask("GET", "/session")
        return answer

    def sign_in(self, *, name: str, password: str) -> SessionAnswer:
        """Sign a member of staff in. After wrong passwords in a row one waits."""
        answer: SessionAnswer = self._ask(
            "POST", "/session", json=given(name=name, password=password)
        )
        return answer

    def sign_out(self) -> None:
        """End the session (or take back the token) that this request came with."""
        self._ask("DELETE", "/session")

    def request_number_change(
        self,
        resident: str,
        *,
        ground: str,
        reason: str,
        documents: list[str] | None = None,
        ex_officio: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApprovalAnswer:
        """Ask for a new number because the present one leaked (R003), with documents of
        who asks unless the office itself does. Nothing changes until somebody else
        approves."""
        answer: ApprovalAnswer = self._change(
            f"/residents/{quoted(resident)}/number/change",
            key=idempotency_key,
            if_match=if_match,
            json=given(
                ground=ground, reason=reason, documents=documents, ex_officio=ex_officio
            ),
        )
        return answer

    def request_revocation(
        self,
        serial: str,
        *,
        ground: str,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApprovalAnswer:
        """Ask that a card's certificates be revoked though its holder did not ask
        (R157). Nothing changes until somebody else approves."""
        answer: ApprovalAnswer = self._change(
            f"/cards/{quoted(serial)}/revocation",
            key=idempotency_key,
            if_match=if_match,
            json=given(ground=ground, reason=reason),
        )
        return answer

    def list_approvals(
        self, *, waiting: bool | None = None, limit: int | None = None
    ) -> Iterator[ApprovalAnswer]:
        """Requests of one's own municipality, oldest first."""
        return self._pages("/approvals", None, **given(waiting=waiting, limit=limit))

    def get_approval(self, approval: str) -> Versioned[ApprovalAnswer]:
        """One request."""
        return self._read(f"/approvals/{quoted(approval)}")

    def approve_request(
        self,
        approval: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> CarriedOutAnswer:
        """Approve somebody else's request and carry it out at once: a new number makes
        the card void, ends its certificates and posts a new notice (R152)."""
        answer: CarriedOutAnswer = self._change(
            f"/approvals/{quoted(approval)}/approval",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def decline_request(
        self,
        approval: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApprovalAnswer:
        """Decline somebody else's request."""
        answer: ApprovalAnswer = self._change(
            f"/approvals/{quoted(approval)}/refusal",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer

    def begin_resident_session(self) -> ChallengeAnswer:
        """Something for a resident's card to sign: `prefix` and then the octets of
        `challenge`, with the key of the user authentication certificate."""
        answer: ChallengeAnswer = self._ask("POST", "/resident-session/challenge")
        return answer

    def open_resident_session(
        self, *, challenge: str, certificate: str, signature: str
    ) -> SessionAnswer:
        """Open a session for the holder of the certificate. A challenge counts once."""
        answer: SessionAnswer = self._ask(
            "POST",
            "/resident-session",
            json=given(
                challenge=challenge, certificate=certificate, signature=signature
            ),
        )
        return answer

    def get_access_log(self, resident: str) -> AccessLogAnswer:
        """Who saw the person's Individual Number, when, for whom and for what; with the
        rows of the journal that prove it. For residents: their own."""
        answer: AccessLogAnswer = self._ask(
            "GET", f"/residents/{quoted(resident)}/access-log"
        )
        return answer

    def follow_events(
        self,
        *,
        municipality: str | None = None,
        seconds: int | None = None,
        last_event_id: str | None = None,
    ) -> Iterator[Event]:
        """Follow what happens in a municipality (`text/event-stream`): every row of its
        journal in order, once, without names and numbers. A stream that ends or
        breaks off is taken up with the `id` of the last event as `Last-Event-ID`, as
        browsers do by themselves."""
        return self._follow(
            "/events", last_event_id, given(municipality=municipality, seconds=seconds)
        )

    def register_verifier(
        self,
        *,
        name: str,
        purpose: str,
        rights: list[Right],
        origins: list[str] | None = None,
        per_minute: int | None = None,
    ) -> VerifiersRegisteredAnswer:
        """Register a verifier. Nobody else is told anything of a certificate, in an open
        box either."""
        answer: VerifiersRegisteredAnswer = self._ask(
            "POST",
            "/verifiers",
            json=given(
                name=name,
                purpose=purpose,
                origins=origins,
                rights=rights,
                per_minute=per_minute,
            ),
        )
        return answer

    def list_verifiers(self, *, limit: int | None = None) -> Iterator[VerifierAnswer]:
        """Every verifier, by name."""
        return self._pages("/verifiers", None, **given(limit=limit))

    def get_verifier(self, verifier: str) -> VerifierAnswer:
        """One verifier."""
        answer: VerifierAnswer = self._ask("GET", f"/verifiers/{quoted(verifier)}")
        return answer

    def end_verifier(
        self, verifier: str, *, idempotency_key: str | None = None
    ) -> VerifierAnswer:
        """End a registration for good; its name stays taken."""
        answer: VerifierAnswer = self._change(
            f"/verifiers/{quoted(verifier)}", key=idempotency_key
        )
        return answer

    def renew_verifier_key(self, verifier: str) -> VerifiersRegisteredAnswer:
        """Give a verifier another key; the one of before opens nothing any more."""
        answer: VerifiersRegisteredAnswer = self._ask(
            "POST", f"/verifiers/{quoted(verifier)}/key"
        )
        return answer

    def check_certificate(
        self,
        *,
        use: CertificateKind,
        certificate: str | None = None,
        issuance_number: str | None = None,
        source: Source | None = None,
        at: str | None = None,
        freshest: int | None = None,
        ocsp_answer: str | None = None,
        crl: str | None = None,
    ) -> SchemaRelyingStatusAnswer:
        """Whether a certificate is good, why not, and how fresh the source is. What is
        stale, foreign or not there is `unknown`, never good."""
        answer: SchemaRelyingStatusAnswer = self._ask(
            "POST",
            "/relying/certificates",
            json=given(
                certificate=certificate,
                issuance_number=issuance_number,
                source=source,
                at=at,
                freshest=freshest,
                ocsp_answer=ocsp_answer,
                crl=crl,
                use=use,
            ),
        )
        return answer

    def verify_cms(
        self,
        *,
        signed: str,
        source: Source | None = None,
        at: str | None = None,
        freshest: int | None = None,
        ocsp_answer: str | None = None,
        crl: str | None = None,
        document: str | None = None,
    ) -> VerifiedAnswer:
        """Judge every signature of a CMS document."""
        answer: VerifiedAnswer = self._ask(
            "POST",
            "/relying/signatures/cms",
            json=given(
                source=source,
                at=at,
                freshest=freshest,
                ocsp_answer=ocsp_answer,
                crl=crl,
                signed=signed,
                document=document,
            ),
        )
        return answer

    def verify_pdf(
        self,
        *,
        document: str,
        source: Source | None = None,
        at: str | None = None,
        freshest: int | None = None,
        ocsp_answer: str | None = None,
        crl: str | None = None,
    ) -> VerifiedAnswer:
        """Judge every signature of a PDF (PAdES), and whether the document was changed
        after it."""
        answer: VerifiedAnswer = self._ask(
            "POST",
            "/relying/signatures/pdf",
            json=given(
                source=source,
                at=at,
                freshest=freshest,
                ocsp_answer=ocsp_answer,
                crl=crl,
                document=document,
            ),
        )
        return answer

    def verify_raw(
        self,
        *,
        data: str,
        signature: str,
        certificate: str,
        use: CertificateKind,
        source: Source | None = None,
        at: str | None = None,
        freshest: int | None = None,
        ocsp_answer: str | None = None,
        crl: str | None = None,
    ) -> VerifiedAnswer:
        """Judge a bare signature of a card over octets that you made yourself."""
        answer: VerifiedAnswer = self._ask(
            "POST",
            "/relying/signatures/raw",
            json=given(
                source=source,
                at=at,
                freshest=freshest,
                ocsp_answer=ocsp_answer,
                crl=crl,
                data=data,
                signature=signature,
                certificate=certificate,
                use=use,
            ),
        )
        return answer

    def begin_log_in(self, *, origin: str) -> LoginChallengeAnswer:
        """Something for a holder's card to sign at one of your origins, once, within
        some minutes."""
        answer: LoginChallengeAnswer = self._ask(
            "POST", "/relying/challenges", json=given(origin=origin)
        )
        return answer

    def log_in(
        self, *, challenge: str, origin: str, certificate: str, signature: str
    ) -> LoggedInAnswer:
        """Take the card's answer. The challenge is used up by it, whatever comes of it."""
        answer: LoggedInAnswer = self._ask(
            "POST",
            "/relying/log-ins",
            json=given(
                challenge=challenge,
                origin=origin,
                certificate=certificate,
                signature=signature,
            ),
        )
        return answer

    def link_certificates(
        self, *, earlier: CertificateAsk, later: str, use: CertificateKind
    ) -> LinkAnswer:
        """Whether two certificates are one person's: an old one and the one that
        replaced it, or those of both kinds."""
        answer: LinkAnswer = self._ask(
            "POST", "/relying/links", json=given(earlier=earlier, later=later, use=use)
        )
        return answer

    def get_latest_attributes(
        self, *, certificate: CertificateAsk | None = None, user: str | None = None
    ) -> AttributesAnswer:
        """The register's four items of today, with the holder's consent alone."""
        answer: AttributesAnswer = self._ask(
            "POST",
            "/relying/attributes",
            json=given(certificate=certificate, user=user),
        )
        return answer

    def give_consent(
        self,
        resident: str,
        *,
        verifier: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ConsentAnswer:
        """Consent that a verifier is told the four items that the register has of you at
        any time of the next ten years."""
        answer: ConsentAnswer = self._change(
            f"/residents/{quoted(resident)}/consents",
            key=idempotency_key,
            if_match=if_match,
            json=given(verifier=verifier),
        )
        return answer

    def list_consents(
        self, resident: str, *, limit: int | None = None
    ) -> Iterator[ConsentAnswer]:
        """What was consented to, oldest first."""
        return self._pages(
            f"/residents/{quoted(resident)}/consents", None, **given(limit=limit)
        )

    def revoke_consent(
        self,
        resident: str,
        verifier: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ConsentAnswer:
        """Take a consent back; nothing is told any more from now on."""
        answer: ConsentAnswer = self._change(
            f"/residents/{quoted(resident)}/consents/{quoted(verifier)}",
            key=idempotency_key,
            if_match=if_match,
        )
        return answer
