"""An electronic certificate (電子証明書) from issue to its end."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class CertificateKind(StrEnum):
    """The two kinds a card carries (R130)."""

    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"


class CertificateState(StrEnum):
    """What a certificate is. That it has expired is computed, not stored."""

    ISSUED = "issued"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    REVOKED = "revoked"


class CertificateEvent(StrEnum):
    """What happens to a certificate."""

    HANDED_OVER = "handed_over"
    DISCARDED = "discarded"
    HELD = "held"
    CONTENT_CHANGED = "content_changed"
    RENEWED = "renewed"
    STOPPED = "stopped"
    KEY_COMPROMISED = "key_compromised"


CERTIFICATE = Life(
    name="certificate",
    first=CertificateState.ISSUED,
    steps={
        (state, event): after
        for state, event, after in (
            (
                CertificateState.ISSUED,
                CertificateEvent.HANDED_OVER,
                CertificateState.ACTIVE,
            ),
            (
                CertificateState.ISSUED,
                CertificateEvent.DISCARDED,
                CertificateState.REVOKED,
            ),
            (CertificateState.ACTIVE, CertificateEvent.HELD, CertificateState.ON_HOLD),
            *(
                (state, event, CertificateState.REVOKED)
                for state in (
                    CertificateState.ISSUED,
                    CertificateState.ACTIVE,
                    CertificateState.ON_HOLD,
                )
                for event in (
                    CertificateEvent.CONTENT_CHANGED,
                    CertificateEvent.RENEWED,
                    CertificateEvent.STOPPED,
                    CertificateEvent.KEY_COMPROMISED,
                )
            ),
        )
    },
    rules=("R145", "R147", "R148", "R149", "R150", "R156", "R157"),
)


class StopReason(StrEnum):
    """Why a certificate is no longer good: the crlReason names of RFC 5280."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"


REASONS: dict[CertificateEvent, StopReason] = {
    CertificateEvent.DISCARDED: StopReason.UNSPECIFIED,
    CertificateEvent.HELD: StopReason.CERTIFICATE_HOLD,
    CertificateEvent.CONTENT_CHANGED: StopReason.AFFILIATION_CHANGED,
    CertificateEvent.RENEWED: StopReason.SUPERSEDED,
    CertificateEvent.STOPPED: StopReason.CESSATION_OF_OPERATION,
    CertificateEvent.KEY_COMPROMISED: StopReason.KEY_COMPROMISE,
}
"""What each ending event is called in CRL and OCSP (profile section 1.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate.

    ``serial``      issuance number (発行番号), unique over both hierarchies
    ``issuer``      name of the CA generation that signed it
    ``stopped``     when it first ceased to be good; a hold that ends in revocation
                    keeps the moment of the hold
    """

    serial: int
    kind: CertificateKind
    issuer: str
    card: str
    resident: str
    municipality: str
    not_before: datetime
    not_after: datetime
    der: bytes
    state: CertificateState = CertificateState.ISSUED
    stopped: datetime | None = None
    reason: StopReason | None = None

    def after(self, event: CertificateEvent, *, at: datetime) -> "Certificate":
        """The certificate after ``event``; raises ``Refused`` if it cannot be."""
        state = CERTIFICATE.after(self.state, event)
        reason = REASONS.get(event)
        if reason is None:
            return replace(self, state=state)
        return replace(self, state=state, reason=reason, stopped=self.stopped or at)

    def good_at(self, moment: datetime) -> bool:
        """Whether a signature made at ``moment`` rests on a good certificate."""
        return self.not_before <= moment <= self.not_after and (
            self.stopped is None or moment < self.stopped
        )
