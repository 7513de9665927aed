"""What travels to the API and back, as types.

Written by ``tools/client/generate.py`` from the API's description: not by hand.
"""

from typing import Any, Literal, NotRequired, TypedDict


class ChainedRow(TypedDict):
    """A row of the journal as it was chained: all that its hash is made of."""

    municipality: str
    sequence: int
    at: str
    actor: str
    action: str
    subjects: list[str]
    facts: dict[str, str]
    previous: str
    hash: str
    nth: NotRequired[int | None]


class LookAnswer(TypedDict):
    """One time that somebody saw the number."""

    at: str
    who: str
    for_whom: str
    purpose: str
    what: str
    row: ChainedRow


class HeadAnswer(TypedDict):
    """The sealed end of a chain at this moment."""

    municipality: str
    sequence: int
    hash: str
    seal: str


class AccessLogAnswer(TypedDict):
    """Who saw a person's number, oldest first. Kept, it can be checked later against
    the box (`mynabox log verify --resident ... --copy FILE`)."""

    resident: str
    looks: list[LookAnswer]
    heads: list[HeadAnswer]


class AgreeAsk(TypedDict):
    """What the clerk noted when the applicant came (R051, R052, R054)."""

    documents: list[str]
    pins_handed_in: bool
    by_agent: NotRequired[bool]


Applicant = Literal["holder", "statutory_representative", "agent"]
"""Who applies: the holder, or somebody for them (R058)."""

Channel = Literal["smartphone", "computer", "photo_booth", "post", "counter"]
"""The way an application came in (R021)."""

ApplicationState = Literal[
    "opened", "received", "in_review", "sent_back", "produced", "withdrawn"
]
"""Where an application stands."""

HeadCover = Literal["religious", "medical"]
"""Why the head is covered on the photo (R044)."""

Fault = Literal[
    "background",
    "unclear",
    "hat",
    "sunglasses",
    "wrong_size",
    "too_old",
    "no_photo",
    "not_the_applicant",
    "unsigned",
    "no_representative",
    "form_changed",
    "stay_ended",
]
"""Why an application is sent back (不備); all of it can be mended."""


class ApplicationAnswer(TypedDict):
    """An application for a card. Photo, mail address and link are not part of it."""

    id: str
    resident: str
    application_id: str
    channel: Channel
    state: ApplicationState
    opened: str
    received: str | None
    photo_taken: str | None
    signature_certificate: bool
    authentication_certificate: bool
    applicant: Applicant
    identified: bool
    head_cover: HeadCover | None
    concerns: list[str]
    reviewed: str | None
    faults: list[Fault]


class ApplicationsAnswer(TypedDict):
    """One page of the applications that no clerk has looked at."""

    applications: list[ApplicationAnswer]
    next: str | None


Office = Literal["section", "main"]
"""The counters of a municipality, as the rulebook's hours name them."""

AppointmentState = Literal["booked", "kept", "missed", "cancelled"]
"""What became of an appointment."""


class AppointmentAnswer(TypedDict):
    """One place of one hour at the counter."""

    id: str
    card: str
    resident: str
    municipality: str
    office: Office
    begins: str
    ends: str
    place: int
    places: int
    state: AppointmentState
    reminded: str | None


ApprovalKind = Literal["number_change", "revocation"]
"""What is asked for."""

ApprovalState = Literal["requested", "approved", "declined", "expired"]
"""Where a request stands."""


class ApprovalAnswer(TypedDict):
    """A request, and what was decided."""

    id: str
    kind: ApprovalKind
    subject: str
    municipality: str
    ground: str
    reason: str
    requested_by: str
    requested: str
    expires: str
    decided_by: str | None
    decided: str | None
    state: ApprovalState


class ArgumentAnswer(TypedDict):
    """One argument of a function."""

    name: str
    accepted: str
    needed: bool


class ArrivalAsk(TypedDict):
    """What the post says of a mailed card."""

    received: bool


class AskAnswer(TypedDict):
    """A fact that would make the answer more exact."""

    fact: str
    message: str
    text: str


class AssignedAnswer(TypedDict):
    """That the person has a number, but not which."""

    resident: str
    assigned: str


class FourItemsAnswer(TypedDict):
    """The four items of information."""

    name: str
    born: str
    sex: str
    address: str


class AttributesAnswer(TypedDict):
    """The register's four items."""

    items: FourItemsAnswer
    as_of: str
    consent_until: str


class CertificateAsk(TypedDict):
    """A certificate: its DER, or its issuance number with the right to that."""

    certificate: NotRequired[str | None]
    issuance_number: NotRequired[str | None]


class AttributesAsk(TypedDict):
    """Whose four items: by a certificate, or by your name for the person."""

    certificate: NotRequired[CertificateAsk | None]
    user: NotRequired[str | None]


CertificateKind = Literal["signature", "authentication"]
"""The two kinds a card carries (R130)."""


class AuthorityAnswer(TypedDict):
    """One generation of one of the two CAs."""

    name: str
    kind: CertificateKind
    generation: int
    not_before: str
    not_after: str
    pem: str


ItemState = Literal["waiting", "produced", "refused"]
"""What became of one application of a batch."""


class ItemAnswer(TypedDict):
    """One application of a batch."""

    application: str
    state: ItemState
    card: str | None
    refused: str
    done: str | None


class BatchAnswer(TypedDict):
    """How far a batch has come."""

    id: str
    ordered: str
    of_all: int
    produced: int
    refused: int
    waiting: int
    items: list[ItemAnswer]


class BatchAsk(TypedDict):
    """The applications whose cards are to be produced."""

    applications: list[str]


Sex = Literal["male", "female", "unknown"]
"""Sex as the register writes it."""

HouseholdRelation = Literal[
    "head", "spouse", "child", "parent", "sibling", "relative", "housemate"
]
"""What a person is to the head of their household (世帯主との続柄)."""


class BirthAsk(TypedDict):
    """A child that was born."""

    name: str
    kana: NotRequired[str | None]
    roman: NotRequired[str | None]
    born: str
    sex: Sex
    nationality: NotRequired[str]
    relation: NotRequired[HouseholdRelation]


class BookAsk(TypedDict):
    """The hour that the holder wants."""

    begins: str
    office: NotRequired[Office]


class BringAsk(TypedDict):
    """The card is on the counter; its four digits (住民基本台帳用) are typed, but not of a
    card without PINs (R081)."""

    pin: NotRequired[str | None]
    by_household: NotRequired[bool]


CardState = Literal["produced", "active", "suspended", "void"]
"""What a card is. That it has expired is computed, not stored (R094)."""


class CardAnswer(TypedDict):
    """A card as the register knows it."""

    serial: str
    resident: str
    application: str
    issued: str
    expires: str
    state: CardState
    since: str
    without_pins: bool


CardReason = Literal[
    "first",
    "lost",
    "damaged_own_fault",
    "expired",
    "renewal",
    "stay_lapsed",
    "no_space",
    "disaster",
    "stolen",
    "office_error",
    "number_changed",
    "returned_from_abroad",
    "continued_use_missed",
    "handed_back",
    "record_deleted",
]
"""Why, in the words of the rulebook's fees (R160-R164)."""

RequestState = Literal["asked", "done", "given_up"]
"""Where a request stands."""

FeeState = Literal["due", "waived", "paid", "cancelled", "refunded"]
"""Where a fee stands."""

Means = Literal["cash", "card", "code"]
"""How it was paid."""


class FeeAnswer(TypedDict):
    """A fee, in yen."""

    id: str
    number: str
    request: str
    resident: str
    amount: int
    card: int
    certificates: int
    express: int
    rules: list[str]
    state: FeeState
    settled: str | None
    means: Means | None


class CardRequestAnswer(TypedDict):
    """A request for another card, and what it costs."""

    id: str
    resident: str
    reason: CardReason
    card: str | None
    old_card: bool
    express: str
    asked: str
    state: RequestState
    fee: FeeAnswer


class CardRequestAsk(TypedDict):
    """Why the holder wants another card (R160-R164)."""

    reason: CardReason
    documents: list[str]
    old_card: NotRequired[bool]
    certificates: NotRequired[bool]
    express: NotRequired[bool]
    express_for: NotRequired[
        Literal["", "infant", "from_abroad", "newly_registered", "released"]
    ]


class CardsAnswer(TypedDict):
    """One page of the cards."""

    cards: list[CardAnswer]
    next: str | None


class CarriedOutAnswer(TypedDict):
    """A request that was approved, and what it did."""

    approval: ApprovalAnswer
    cards: list[str]
    certificates: list[str]
    notice: str | None


Cause = Literal[
    "registered",
    "born",
    "changed",
    "corrected",
    "household",
    "residence",
    "guardianship",
    "moved_within",
    "moved_in",
    "left",
    "returned",
]
"""Why a record reads as it does: what its last change was (異動事由)."""

CertificateState = Literal["issued", "active", "on_hold", "revoked"]
"""What a certificate is. That it has expired is computed, not stored."""

StopReason = Literal[
    "unspecified",
    "keyCompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
]
"""Why a certificate is no longer good: the crlReason names of RFC 5280."""


class CertificateAnswer(TypedDict):
    """A certificate and where it stands."""

    serial: str
    kind: CertificateKind
    issuer: str
    card: str
    resident: str
    not_before: str
    not_after: str
    state: CertificateState
    stopped: str | None
    reason: StopReason | None
    pem: str


class ChallengeAnswer(TypedDict):
    """What is to be signed."""

    challenge: str
    prefix: str
    expires: str


Source = Literal["ocsp", "crl"]
"""Where the box looks."""


class CheckAsk(TypedDict):
    """A certificate to be checked."""

    certificate: NotRequired[str | None]
    issuance_number: NotRequired[str | None]
    source: NotRequired[Source]
    at: NotRequired[str | None]
    freshest: NotRequired[int | None]
    ocsp_answer: NotRequired[str | None]
    crl: NotRequired[str | None]
    use: CertificateKind


class CitationAnswer(TypedDict):
    """Where something comes from; ``source`` as ``docs/sources.md`` lists it."""

    rule: str
    source: str
    text: NotRequired[str | None]


class ClockAnswer(TypedDict):
    """The box's own time."""

    now: str
    today: str


class CmsAsk(TypedDict):
    """A CMS document."""

    source: NotRequired[Source]
    at: NotRequired[str | None]
    freshest: NotRequired[int | None]
    ocsp_answer: NotRequired[str | None]
    crl: NotRequired[str | None]
    signed: str
    document: NotRequired[str | None]


ConsentState = Literal["active", "revoked"]
"""Whether it was taken back. That its term is over is computed."""


class ConsentAnswer(TypedDict):
    """A consent."""

    id: str
    verifier: str
    purpose: str
    given: str
    expires: str
    ended: str | None
    state: ConsentState


class ConsentAsk(TypedDict):
    """Who may be told."""

    verifier: str


class CopyAsk(TypedDict):
    """A copy that somebody wants to make of a card (R260, R261)."""

    side: Literal["front", "back"]
    requester: str
    purpose: str
    consent: NotRequired[bool]


class DamageAnswer(TypedDict):
    """One thing that is wrong with the journal."""

    municipality: str
    sequence: int
    what: str


class HourAnswer(TypedDict):
    """An hour in which the counter takes visitors by appointment."""

    begins: str
    places: int
    free: int


class DayAnswer(TypedDict):
    """A day of a counter."""

    hours: list[HourAnswer]
    appointments: list[AppointmentAnswer]


DeliveryWay = Literal["pickup", "mail"]
"""Called to the counter by postcard (R050), or mailed home (R051)."""

DeliveryState = Literal[
    "agreed", "waiting", "on_the_way", "came_back", "received", "ended"
]
"""Where the card is on its way."""


class DeliveryAnswer(TypedDict):
    """One card's way to its holder."""

    id: str
    application: str
    resident: str
    card: str | None
    way: DeliveryWay
    state: DeliveryState
    since: str
    until: str | None
    reminded: str | None


class DeliveriesAnswer(TypedDict):
    """One page of deliveries."""

    deliveries: list[DeliveryAnswer]
    next: str | None


ResidentEvent = Literal["left_japan", "status_lost", "returned", "died"]
"""What happens to a record."""


class DepartureAsk(TypedDict):
    """Why a person leaves the register."""

    event: ResidentEvent


class DiscardAsk(TypedDict):
    """Why a card that was never handed over is discarded (R156)."""

    reason: str


class DisputeAnswer(TypedDict):
    """Another source says something else, and why it is not followed."""

    rule: str
    says: str
    source: str
    why_not: str


class DocumentsAsk(TypedDict):
    """What the holder shows (R053, R054)."""

    documents: list[str]


class ExtendAsk(TypedDict):
    """``certificates``: new ones in the same visit, for the holder alone (R118)."""

    pin: NotRequired[str | None]
    by_household: NotRequired[bool]
    certificates: NotRequired[bool]


class ExtendedAnswer(TypedDict):
    """The card with its new last day, and what was issued with it."""

    card: CardAnswer
    certificates: list[CertificateAnswer]


class FormAnswer(TypedDict):
    """A form that was printed by itself."""

    id: str
    resident: str
    application_id: str
    issued: str


class FormAsk(TypedDict):
    """Print a form; it is handed out, or posted."""

    post: NotRequired[bool]


class FormIdAsk(TypedDict):
    """The form with this application ID. By POST, so that no log keeps the ID."""

    application_id: str


ResidenceStatus = Literal[
    "japanese",
    "permanent",
    "special_permanent",
    "highly_skilled_2",
    "mid_long_term",
    "temporary_refuge",
    "provisional_stay",
    "birth_transitional",
]
"""What decides how long a card may last (R110-R113)."""

ResidentState = Literal["registered", "abroad", "deleted", "dead"]
"""Where a person's record stands."""


class ResidentAnswer(TypedDict):
    """A person in the resident register. The Individual Number is not part of it."""

    id: str
    record_code: str
    municipality: str
    name: str
    kana: str | None
    roman: str | None
    alias: str | None
    born: str
    sex: Sex
    address: str
    nationality: str
    residence_status: ResidenceStatus
    stay_until: str | None
    registered: str
    state: ResidentState
    household: str | None
    relation: HouseholdRelation | None
    since: str | None
    cause: Cause
    guardian: str | None
    ward_since: str | None


class FormerAnswer(TypedDict):
    """How a record read before a change."""

    nth: int
    until: str | None
    record: ResidentAnswer


class FoundAsk(TypedDict):
    """A suspended card was found and is brought back."""

    documents: list[str]
    place: NotRequired[str]


class FunctionAnswer(TypedDict):
    """One function of the rulebook."""

    name: str
    summary: str
    arguments: list[ArgumentAnswer]


class RepresentativeAsk(TypedDict):
    """The statutory representative of a child or an adult ward (R136)."""

    name: str
    documents: list[str]


class GiveUpAsk(TypedDict):
    """What the holder shows, and who acts for a child or an adult ward (R136)."""

    documents: list[str]
    representative: NotRequired[RepresentativeAsk | None]


GuardianshipEvent = Literal[
    "began", "guardian_changed", "corrected", "ended", "withdrawn"
]
"""What a certificate of registered matters (登記事項証明書) tells the register."""


class GuardianshipAsk(TypedDict):
    """What a certificate of registered matters says (登記事項証明書, R058)."""

    event: GuardianshipEvent
    guardian: NotRequired[str | None]
    happened: NotRequired[str | None]
    paper_issued: str


class GuideLineAnswer(TypedDict):
    """One line: the message's id with its values, and the same in words."""

    message: str
    values: dict[str, Any]
    text: str
    due: str | None
    overdue: bool
    rules: list[str]


class RuleTextAnswer(TypedDict):
    """A rule that the answer rests on, in words."""

    rule: str
    statement: str


class GuideAnswer(TypedDict):
    """An answer with its envelope: as-of day, rules, sources and disputes."""

    topic: str
    title: str
    language: str
    at: str
    as_of: str
    order: list[str]
    holds: list[GuideLineAnswer]
    steps: list[GuideLineAnswer]
    bring: list[GuideLineAnswer]
    cost: list[GuideLineAnswer]
    where: list[GuideLineAnswer]
    lines: list[GuideLineAnswer]
    meanwhile: list[GuideLineAnswer]
    notes: list[GuideLineAnswer]
    asks: list[AskAnswer]
    rules: list[str]
    why: list[RuleTextAnswer]
    citations: list[CitationAnswer]
    disputes: list[DisputeAnswer]


class PinsAsk(TypedDict):
    """The secrets that the holder typed (R070)."""

    authentication: NotRequired[str | None]
    juki: NotRequired[str | None]
    input_support: NotRequired[str | None]
    signature: NotRequired[str | None]


VisitorKind = Literal["statutory_representative", "agent"]
"""Who comes for somebody else."""


class VisitorAsk(TypedDict):
    """Somebody who comes for the holder, or along with a child (R056-R058)."""

    kind: VisitorKind
    name: str
    documents: list[str]
    holder_present: NotRequired[bool]
    inquiry: NotRequired[str]


class HandOverAsk(TypedDict):
    """What happens at the counter."""

    documents: list[str]
    pins: NotRequired[PinsAsk]
    without_pins: NotRequired[bool]
    old_card: NotRequired[bool]
    visitor: NotRequired[VisitorAsk | None]


class HouseholdAsk(TypedDict):
    """Which household, and as what."""

    household: NotRequired[str | None]
    relation: HouseholdRelation
    former_head: NotRequired[HouseholdRelation]
    happened: NotRequired[str | None]


Taken = Literal["registered", "returned", "already_there"]
"""What became of a registration."""


class SchemaLineAnswer(TypedDict):
    """What became of one line of a register file."""

    line: int
    taken: Taken | None
    resident: str | None
    remarks: list[str]
    refused: str | None
    rules: list[str]
    facts: dict[str, str]
    detail: str | None
    next: str | None


class ImportAnswer(TypedDict):
    """What became of a register file."""

    taken: int
    refused: int
    lines: list[SchemaLineAnswer]


InquiryState = Literal["sent", "answered", "replaced"]
"""What became of a letter of inquiry."""


class InquiryAnswer(TypedDict):
    """A letter of inquiry. Its code is in the letter alone."""

    id: str
    card: str
    agent: str
    reason: str
    sent: str
    until: str
    state: InquiryState


class InquiryAsk(TypedDict):
    """Who is to receive the card, and why the holder cannot (R056)."""

    agent: str
    reason: str


class JudgedAnswer(TypedDict):
    """Whether the rules allow it. Asking is written down; a "no" is an answer."""

    allowed: bool
    reasons: list[str]
    rules: list[str]
    next: str | None


class LawAnswer(TypedDict):
    """An answer of the rulebook. A refusal is a value (``allowed`` false)."""

    as_of: str
    value: Any
    rules: list[str]
    citations: list[CitationAnswer]
    disputes: list[DisputeAnswer]
    next: str | None
    next_text: str | None


NoteKind = Literal[
    "name", "address", "stay", "correction", "special", "without_pins", "with_pins"
]
"""What a line is about."""


class NoteAnswer(TypedDict):
    """A line on the card."""

    nth: int
    day: str
    kind: NoteKind
    text: str


class LinesAnswer(TypedDict):
    """The field for later changes."""

    lines: list[NoteAnswer]
    left: int
    due: list[NoteKind]


Relation = Literal["same_certificate", "renewed", "other_kind", "strangers"]
"""How two certificates hang together."""

Status = Literal["good", "revoked", "held", "expired", "unknown"]
"""What a verifier is told. Only GOOD may be relied on."""


class SourceAnswer(TypedDict):
    """What the answer rests on."""

    what: Source | None
    this_update: str
    next_update: str


class SchemaRelyingStatusAnswer(TypedDict):
    """Whether a certificate is good. Only `good` is good."""

    status: Status
    cause: str
    use: CertificateKind
    reason: str | None
    stopped_at: str | None
    checked_at: str
    source: SourceAnswer | None
    issuance_number: str | None


class LinkAnswer(TypedDict):
    """How two certificates hang together."""

    same_person: bool | None
    relation: Relation | None
    latest: bool
    certificate: SchemaRelyingStatusAnswer


class LinkAsk(TypedDict):
    """Two certificates."""

    earlier: CertificateAsk
    later: str
    use: CertificateKind


class LogInAsk(TypedDict):
    """What the card answered."""

    challenge: str
    origin: str
    certificate: str
    signature: str


class LoggedInAnswer(TypedDict):
    """Who it is, as you know them."""

    subject: str
    user: str | None
    new: bool
    certificate: SchemaRelyingStatusAnswer


class LoginChallengeAnswer(TypedDict):
    """What the card is to sign: `prefix`, `origin`, a line feed, and the octets of
    `challenge`. The holder's program takes the origin from where it is itself."""

    challenge: str
    origin: str
    prefix: str
    expires: str


Told = Literal["telephone", "fax", "counter"]
"""The way the report came (R180, R186)."""

Proof = Literal["police", "fire"]
"""Papers that show how a card was lost (R181, R183)."""

LossState = Literal["reported", "found", "replaced", "ended"]
"""What became of a lost card."""


class LossAnswer(TypedDict):
    """One loss of one card."""

    receipt: str
    card: str
    resident: str
    municipality: str
    reported: str
    told: Told
    caller: str
    callback: str
    proof: Proof | None
    authority: str
    number: str
    proved: str | None
    state: LossState


class LossProofAsk(TypedDict):
    """A paper that shows how a card was lost (R181, R183)."""

    proof: Proof
    authority: str
    number: str
    day: str


class LostAsk(TypedDict):
    """Who reported the loss, and how they can be called back."""

    told: NotRequired[Told]
    caller: NotRequired[str]
    callback: NotRequired[str]


MoveState = Literal["announced", "overdue", "arrived", "settled", "lapsed", "cancelled"]
"""Where a move stands."""


class MoveAnswer(TypedDict):
    """A move and the clock that runs with it."""

    id: str
    resident: str
    municipality: str
    to: str | None
    planned: str
    told: str
    moved_in: str | None
    notified: str | None
    due: str | None
    abroad: bool
    continuing: bool
    state: MoveState


class MoveInAsk(TypedDict):
    """Where they live now, and since when."""

    municipality: str
    address: str
    moved_in: str
    household: NotRequired[str | None]
    relation: NotRequired[HouseholdRelation | None]


class MoveOutAsk(TypedDict):
    """When they leave, whither, and who goes along."""

    planned: str
    to: NotRequired[str | None]
    together: NotRequired[list[str]]
    abroad: NotRequired[bool]
    continuing: NotRequired[bool]


class MovedInAnswer(TypedDict):
    """The person as registered now, and the move."""

    resident: ResidentAnswer
    move: MoveAnswer


NoticeKind = Literal["notification_card", "notice"]
"""Which of the two papers it is (R007)."""

NoticeState = Literal["issued", "posted", "at_post_office", "received", "returned"]
"""Where the letter is."""


class NoticeAnswer(TypedDict):
    """The notice of the number, with the application form printed with it."""

    id: str
    resident: str
    application_id: str
    issued: str
    kind: NoticeKind
    state: NoticeState
    since: str | None
    kept_until: NotRequired[str | None]
    next: NotRequired[list[str]]


NoticeEvent = Literal[
    "posted",
    "absent",
    "redelivery_asked",
    "collected",
    "delivered",
    "sent_back",
    "handed_out",
]
"""What happens to the letter, which goes by simple registered mail (簡易書留)."""


class NoticeEventAsk(TypedDict):
    """What became of the letter."""

    event: NoticeEvent
    documents: NotRequired[list[str]]


class NumberAnswer(TypedDict):
    """A person's Individual Number."""

    resident: str
    number: str


class NumberChangeAsk(TypedDict):
    """Why a number is to be changed, and who asks (R003)."""

    ground: str
    reason: str
    documents: NotRequired[list[str]]
    ex_officio: NotRequired[bool]


class NumberSearchAsk(TypedDict):
    """A number, and for whom and for what its owner is looked for (R011)."""

    requester: str
    purpose: str
    number: str
    municipality: NotRequired[str | None]


class OpenAsk(TypedDict):
    """The first page of an application over the web (R023, R025)."""

    application_id: str
    email: str
    channel: NotRequired[Literal["smartphone", "computer"]]


class OriginAsk(TypedDict):
    """Where the holder is to log in."""

    origin: str


class ParticularsAsk(TypedDict):
    """What is new; left out where nothing changes. A municipality comes only
    together with an address."""

    name: NotRequired[str | None]
    kana: NotRequired[str | None]
    roman: NotRequired[str | None]
    alias: NotRequired[str | None]
    address: NotRequired[str | None]
    municipality: NotRequired[str | None]
    born: NotRequired[str | None]
    sex: NotRequired[Sex | None]
    happened: NotRequired[str | None]


class PayAsk(TypedDict):
    """What was taken at the counter."""

    amount: int
    means: NotRequired[Means]


class PdfAsk(TypedDict):
    """A PDF."""

    source: NotRequired[Source]
    at: NotRequired[str | None]
    freshest: NotRequired[int | None]
    ocsp_answer: NotRequired[str | None]
    crl: NotRequired[str | None]
    document: str


class ProduceAsk(TypedDict):
    """Produce the card of an application."""

    application: str


class ProducedAnswer(TypedDict):
    """A card that waits for its holder."""

    card: CardAnswer
    certificates: list[CertificateAnswer]


class ProofAsk(TypedDict):
    """What the card answered."""

    challenge: str
    certificate: str
    signature: str


class PurposeAsk(TypedDict):
    """Who needs a person's number, and what for (R011)."""

    requester: str
    purpose: str


class RawAsk(TypedDict):
    """A bare signature of a card."""

    source: NotRequired[Source]
    at: NotRequired[str | None]
    freshest: NotRequired[int | None]
    ocsp_answer: NotRequired[str | None]
    crl: NotRequired[str | None]
    data: str
    signature: str
    certificate: str
    use: CertificateKind


class RegisterAsk(TypedDict):
    """A person to be entered; the members are the columns of a register file. Every
    rule about them is checked by the register, so a value that is wrong is
    refused with a code of its own."""

    record_code: str
    municipality: str
    name: str
    kana: NotRequired[str]
    roman: NotRequired[str]
    alias: NotRequired[str]
    born: str
    sex: str
    address: str
    nationality: str
    residence_status: str
    stay_until: NotRequired[str]
    registered: str
    number: NotRequired[str]
    household: NotRequired[str]
    relation: NotRequired[str]
    guardian: NotRequired[str]
    ward_since: NotRequired[str]


Right = Literal[
    "signature", "authentication", "linking", "attributes", "issuance_number"
]
"""What a verifier may learn."""


class RegisterVerifierAsk(TypedDict):
    """What a verifier says of itself."""

    name: str
    purpose: str
    origins: NotRequired[list[str]]
    rights: list[Right]
    per_minute: NotRequired[int | None]


class ReissueAsk(TypedDict):
    """Without ``kinds``, every certificate that the card lacks and may have."""

    documents: list[str]
    kinds: NotRequired[list[CertificateKind] | None]
    representative: NotRequired[RepresentativeAsk | None]


class RenewAsk(TypedDict):
    """The PIN of each certificate that is renewed, as the holder types it; none for
    a card without PINs (R081)."""

    pins: NotRequired[PinsAsk]
    representative: NotRequired[RepresentativeAsk | None]


class RequestAsk(TypedDict):
    """Why something is asked for."""

    ground: str
    reason: str


class ReserveAsk(TypedDict):
    """What happens in the app."""

    kind: Literal["signature", "authentication", "juki", "input_support"]
    other: str
    same_face: bool


class ResetPinsAsk(TypedDict):
    """The secrets that are to be set anew, as the holder types them (R076)."""

    documents: list[str]
    pins: PinsAsk
    representative: NotRequired[RepresentativeAsk | None]


class ResidenceAsk(TypedDict):
    """What the immigration agency decided (R110-R114)."""

    residence_status: ResidenceStatus
    nationality: NotRequired[str | None]
    stay_until: NotRequired[str | None]
    decided: NotRequired[str | None]


class ResidentsAnswer(TypedDict):
    """One page of the register."""

    residents: list[ResidentAnswer]
    next: str | None


Role = Literal["clerk", "supervisor", "production", "hotline", "operator", "auditor"]
"""What somebody is there for; an account can have several."""


class RowAnswer(TypedDict):
    """A row of the journal at its place in the chain."""

    municipality: str
    sequence: int
    at: str
    actor: str
    action: str
    subjects: list[str]
    facts: dict[str, str]
    previous: str
    hash: str
    nth: NotRequired[int | None]


class RuleAnswer(TypedDict):
    """One rule in a sentence."""

    rule: str
    statement: str
    source: str


RulePageAnswer = TypedDict(
    "RulePageAnswer",
    {
        "rule": "str",
        "statement": "str",
        "source": "str",
        "from": "str",
        "until": "str | None",
        "values": "list[dict[str, Any]]",
        "disputes": "list[DisputeAnswer]",
        "questions": "list[dict[str, Any]]",
    },
)
"""All that is known of a rule; see ``mynabox law show``."""


class SchemaApplyingStatusAnswer(TypedDict):
    """How an application stands, as its applicant may know it."""

    application: ApplicationState
    received: str | None
    card: CardState | None
    faults: list[Fault]


class SchemaRegisteredAnswer(TypedDict):
    """The person's record, and how it came about."""

    resident: ResidentAnswer
    how: Taken
    remarks: list[str]


class SearchAsk(TypedDict):
    """Whom to look for; all that is given must be so. Words of a name may be in
    kanji, kana or Roman letters, in any order, and be cut short."""

    name: NotRequired[str | None]
    former_names: NotRequired[bool]
    address: NotRequired[str | None]
    born: NotRequired[str | None]
    municipality: NotRequired[str | None]
    after: NotRequired[str]
    limit: NotRequired[int]


class SendAsk(TypedDict):
    """The PINs, as the clerk reads them off the sealed form."""

    pins: PinsAsk


class SendBackAsk(TypedDict):
    """Why an application is sent back: every reason at once."""

    faults: list[Fault]


class SessionAnswer(TypedDict):
    """A session that was opened."""

    token: str
    expires: str
    actor: str


class SignInAsk(TypedDict):
    """Who one is."""

    name: str
    password: str


class SignatureAnswer(TypedDict):
    """One signature, and what it is worth."""

    valid: bool
    cause: str
    certificate: SchemaRelyingStatusAnswer
    holder: FourItemsAnswer | None
    signed_at: str | None
    field: str
    covers_all: bool


class SpecialAsk(TypedDict):
    """What shows that an application is pending (R116)."""

    pin: NotRequired[str | None]
    by_household: NotRequired[bool]
    proof: str


class StatusAsk(TypedDict):
    """Ask how an application stands. By POST, so that no log keeps the ID."""

    application_id: str


class StopAsk(TypedDict):
    """Which certificates the holder gives up; both unless told (R147)."""

    documents: list[str]
    kinds: NotRequired[list[CertificateKind]]


StoreResetState = Literal["reserved", "done", "replaced"]
"""Where it stands. That its hours are over is computed, not stored."""


class StoreResetAnswer(TypedDict):
    """A secret that is to be set anew at a store."""

    id: str
    card: str
    kind: str
    app_done: str
    state: StoreResetState


class StoreResetAsk(TypedDict):
    """What happens at the terminal in a store."""

    kind: Literal["signature", "authentication", "juki", "input_support"]
    other: str
    new: str
    store: str


class SuspendedAnswer(TypedDict):
    """A card that is stopped, with the number that the hotline reads out."""

    card: CardAnswer
    receipt: str
    certificates: list[str]


class TakeUpAsk(TypedDict):
    """The three secrets of four digits, as the holder types them (R081)."""

    documents: list[str]
    pins: PinsAsk
    representative: NotRequired[RepresentativeAsk | None]


class TokenAsk(TypedDict):
    """The last part of the mailed link."""

    token: str


class TopicAnswer(TypedDict):
    """A topic, with its title in the language asked for."""

    topic: str
    title: str


class UsableAnswer(TypedDict):
    """Whether a form can be sent today (R026-R028)."""

    usable: bool
    reasons: list[str]
    next: str | None


class VerificationAnswer(TypedDict):
    """Whether every chain of the journal is whole."""

    sound: bool
    damage: list[DamageAnswer]


class VerifiedAnswer(TypedDict):
    """What was found in what was handed in."""

    valid: bool
    cause: str
    digest: str
    signatures: list[SignatureAnswer]


VerifierState = Literal["active", "ended"]
"""Whether a verifier is told anything."""


class VerifierAnswer(TypedDict):
    """A registration. The key is not part of it."""

    id: str
    name: str
    purpose: str
    origins: list[str]
    rights: list[Right]
    per_minute: int
    created: str
    state: VerifierState


class VerifiersRegisteredAnswer(TypedDict):
    """A registration with its key."""

    id: str
    name: str
    purpose: str
    origins: list[str]
    rights: list[Right]
    per_minute: int
    created: str
    state: VerifierState
    key: str


class WhoAnswer(TypedDict):
    """Who asks, as the box knows them."""

    actor: str
    roles: list[Role]
    municipality: str | None
    authority: str
