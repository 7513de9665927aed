"""Wire models of what verifiers ask and are told."""

from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, model_validator

from mynabox.api.schema import Wire
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.pki.evidence import CrlEvidence, Evidence, OcspEvidence
from mynabox.usecases.check_certificate import Checked, Source, Status, Wanted
from mynabox.usecases.latest_attributes import Latest
from mynabox.usecases.link_certificates import CertificateName, Linked, Relation
from mynabox.usecases.log_in import LoggedIn
from mynabox.usecases.verify_signature import FourItems, Seen, Verified

_LONGEST_DOCUMENT = 6_000_000
"""Characters of base64url; the box takes no longer request."""


def _whole(text: str) -> str:
    if len(text) % 4 == 1:
        raise ValueError("not base64url")
    return text


_BASE64URL = r"^[A-Za-z0-9_-]*$"
Octets = Annotated[
    str, Field(pattern=_BASE64URL, max_length=8000), AfterValidator(_whole)
]
"""Some octets, base64url without padding."""
Document = Annotated[
    str,
    Field(pattern=_BASE64URL, max_length=_LONGEST_DOCUMENT),
    AfterValidator(_whole),
]
"""Many octets, base64url without padding."""
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", description="Decimal")]


def octets(text: str) -> bytes:
    """The octets behind base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _HowAsk(Wire):
    """How a certificate is to be checked."""

    source: Source = Field(default=Source.OCSP, description="Where the box looks")
    at: AwareDatetime | None = Field(
        default=None,
        description="Moment for which it must have been good; now unless told. "
        "Nobody but you vouches for it",
    )
    freshest: int | None = Field(
        default=None,
        ge=0,
        le=31_536_000,
        description="Seconds that the source's knowledge may be old at most",
    )
    ocsp_answer: Octets | None = Field(
        default=None, description="An OCSP answer you have: the box asks nobody then"
    )
    crl: Document | None = Field(default=None, description="A CRL you have, likewise")

    def wanted(self) -> Wanted:
        """As the box's own value."""
        evidence: Evidence | None = None
        if self.ocsp_answer is not None:
            evidence = OcspEvidence(response=octets(self.ocsp_answer))
        elif self.crl is not None:
            evidence = CrlEvidence(encoded=octets(self.crl))
        return Wanted(
            source=self.source, at=self.at, freshest=self.freshest, evidence=evidence
        )


class CertificateAsk(Wire):
    """A certificate: its DER, or its issuance number with the right to that."""

    certificate: Octets | None = Field(default=None, description="DER")
    issuance_number: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.certificate is None) == (self.issuance_number is None):
            raise ValueError("either certificate or issuance_number")
        return self

    def name(self) -> CertificateName:
        """As the box's own value."""
        if self.issuance_number is not None:
            return CertificateName(issuance_number=int(self.issuance_number))
        return CertificateName(encoded=octets(self.certificate or ""))


class CheckAsk(_HowAsk, CertificateAsk):
    """A certificate to be checked."""

    use: CertificateKind = Field(description="What it is to be good for")


class CmsAsk(_HowAsk):
    """A CMS document."""

    signed: Document = Field(description="SignedData (RFC 5652), DER")
    document: Document | None = Field(
        default=None, description="What was signed, where the signature is detached"
    )


class PdfAsk(_HowAsk):
    """A PDF."""

    document: Document


class RawAsk(_HowAsk):
    """A bare signature of a card."""

    data: Document = Field(description="What was signed")
    signature: Octets = Field(description="PKCS #1 v1.5 with SHA-256")
    certificate: Octets = Field(description="DER")
    use: CertificateKind


class SourceAnswer(BaseModel):
    """What the answer rests on."""

    what: Source | None = Field(description="null: what you brought along")
    this_update: datetime = Field(description="From when on it is known")
    next_update: datetime = Field(description="Until when it may be relied on")


class StatusAnswer(BaseModel):
    """Whether a certificate is good. Only `good` is good."""

    status: Status
    cause: str = Field(description="Stable word", examples=["good", "stale"])
    use: CertificateKind
    reason: str | None = Field(description="CRLReason of RFC 5280")
    stopped_at: datetime | None = Field(description="When it was revoked or held")
    checked_at: datetime = Field(description="On the box's clock")
    source: SourceAnswer | None = Field(description="null: nobody vouched")
    issuance_number: str | None = Field(description="With the right to it alone")

    @classmethod
    def of(cls, checked: Checked, verifier: Verifier) -> Self:
        """The answer for what was found."""
        source, number = None, None
        if checked.known_from is not None and checked.known_until is not None:
            source = SourceAnswer(
                what=checked.source,
                this_update=checked.known_from,
                next_update=checked.known_until,
            )
        if Right.ISSUANCE_NUMBER in verifier.rights and checked.certificate:
            number = str(checked.certificate.serial)
        return cls(
            status=checked.status,
            cause=checked.cause,
            use=checked.kind,
            reason=checked.reason,
            stopped_at=checked.stopped,
            checked_at=checked.checked,
            source=source,
            issuance_number=number,
        )


class FourItemsAnswer(BaseModel):
    """The four items of information."""

    name: str
    born: str = Field(examples=["1990-03-31"], description="00 where unknown")
    sex: str = Field(description="1 male, 2 female, 3 or 9 unknown")
    address: str

    @classmethod
    def of(cls, items: FourItems) -> Self:
        """The answer for four items."""
        return cls(
            name=items.name, born=items.born, sex=items.sex, address=items.address
        )


class SignatureAnswer(BaseModel):
    """One signature, and what it is worth."""

    valid: bool = Field(description="It holds, and its certificate is good")
    cause: str = Field(description="Why it does not hold; empty where it does")
    certificate: StatusAnswer
    holder: FourItemsAnswer | None = Field(
        description="Whom the certificate names, where the signature holds"
    )
    signed_at: datetime | None = Field(description="What the signer claims")
    field: str = Field(description="Where it stands in a PDF")
    covers_all: bool = Field(description="Nothing was added to the document since")

    @classmethod
    def of(cls, seen: Seen, verifier: Verifier) -> Self:
        """The answer for a signature."""
        return cls(
            valid=seen.valid,
            cause=seen.cause,
            certificate=StatusAnswer.of(seen.checked, verifier),
            holder=None if seen.holder is None else FourItemsAnswer.of(seen.holder),
            signed_at=seen.signed_at,
            field=seen.place,
            covers_all=seen.covers_all,
        )


class VerifiedAnswer(BaseModel):
    """What was found in what was handed in."""

    valid: bool = Field(description="There are signatures, and every one is valid")
    cause: str = Field(description="Why there is nothing to judge; else empty")
    digest: str = Field(description="SHA-256 of the document, hex")
    signatures: list[SignatureAnswer]

    @classmethod
    def of(cls, verified: Verified, verifier: Verifier) -> Self:
        """The answer for a document."""
        return cls(
            valid=verified.valid,
            cause=verified.cause,
            digest=verified.digest,
            signatures=[
                SignatureAnswer.of(one, verifier) for one in verified.signatures
            ],
        )


class OriginAsk(Wire):
    """Where the holder is to log in."""

    origin: str = Field(max_length=250, examples=["https://bank.example"])


class LoginChallengeAnswer(BaseModel):
    """What the card is to sign: `prefix`, `origin`, a line feed, and the octets of
    `challenge`. The holder's program takes the origin from where it is itself."""

    challenge: str = Field(description="32 octets, base64url without padding")
    origin: str
    prefix: str
    expires: datetime = Field(description="On the box's clock")


class LogInAsk(Wire):
    """What the card answered."""

    challenge: Octets
    origin: str = Field(max_length=250)
    certificate: Octets = Field(description="User authentication certificate, DER")
    signature: Octets = Field(description="PKCS #1 v1.5 with SHA-256")


class LoggedInAnswer(BaseModel):
    """Who it is, as you know them."""

    subject: str = Field(description="Your name for the certificate, nobody else's")
    user: str | None = Field(
        description="Your name for the person, whatever their certificate (`linking`)"
    )
    new: bool = Field(description="You know the person only since now (`linking`)")
    certificate: StatusAnswer

    @classmethod
    def of(cls, logged_in: LoggedIn, verifier: Verifier) -> Self:
        """The answer for a log-in."""
        return cls(
            subject=logged_in.subject,
            user=logged_in.user,
            new=logged_in.new,
            certificate=StatusAnswer.of(logged_in.checked, verifier),
        )


class LinkAsk(Wire):
    """Two certificates."""

    earlier: CertificateAsk
    later: Octets = Field(description="DER")
    use: CertificateKind = Field(description="What the later one is for")


class LinkAnswer(BaseModel):
    """How two certificates hang together."""

    same_person: bool | None = Field(
        description="null: the later one is not good, so nothing is told"
    )
    relation: Relation | None
    latest: bool = Field(description="The later one is the newest of its kind")
    certificate: StatusAnswer

    @classmethod
    def of(cls, linked: Linked, verifier: Verifier) -> Self:
        """The answer for two certificates."""
        relation = linked.relation
        return cls(
            same_person=None
            if relation is None
            else relation is not Relation.STRANGERS,
            relation=relation,
            latest=linked.latest,
            certificate=StatusAnswer.of(linked.checked, verifier),
        )


class AttributesAsk(Wire):
    """Whose four items: by a certificate, or by your name for the person."""

    certificate: CertificateAsk | None = None
    user: Annotated[str, Field(pattern=r"^usr-[a-z0-9]{1,32}$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.certificate is None) == (self.user is None):
            raise ValueError("either certificate or user")
        return self


class AttributesAnswer(BaseModel):
    """The register's four items."""

    items: FourItemsAnswer
    as_of: datetime
    consent_until: datetime

    @classmethod
    def of(cls, latest: Latest) -> Self:
        """The answer for what the register has."""
        return cls(
            items=FourItemsAnswer.of(latest.items),
            as_of=latest.as_of,
            consent_until=latest.consent.expires,
        )
