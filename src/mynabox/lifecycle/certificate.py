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
    HOLD_ENDED = "hold_ended"
    CONTENT_CHANGED = "content_changed"
    RENEWED = "renewed"
    STOPPED = "stopped"
    LAPSED = "lapsed"
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
            (
                CertificateState.ON_HOLD,
                CertificateEvent.HOLD_ENDED,
                CertificateState.REVOKED,
            ),
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
                    CertificateEvent.LAPSED,
                    CertificateEvent.KEY_COMPROMISED,
                )
            ),
        )
    },
    rules=("R145", "R147", "R148", "R149", "R150", "R153", "R156", "R157"),
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
    CertificateEvent.HOLD_ENDED: StopReason.CERTIFICATE_HOLD,
    CertificateEvent.CONTENT_CHANGED: StopReason.AFFILIATION_CHANGED,
    CertificateEvent.RENEWED: StopReason.SUPERSEDED,
    CertificateEvent.STOPPED: StopReason.CESSATION_OF_OPERATION,
    CertificateEvent.LAPSED: StopReason.CESSATION_OF_OPERATION,
    CertificateEvent.KEY_COMPROMISED: StopReason.KEY_COMPROMISE,
}
"""What each ending event is called in CRL and OCSP (profile section 1.5).

A hold is never lifted: when it ends, the certificate is revoked and keeps the reason
of the hold (R149). A certificate that lapses before its own last day, because its
card was handed back (R153), is no longer needed: cessationOfOperation.
"""


class Standing(StrEnum):
    """What a certificate is worth at a moment, as relying parties are told."""

    NOT_YET_VALID = "not_yet_valid"
    GOOD = "good"
    HELD = "held"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    """Its own last day is over (R153)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate.

    ``serial``      issuance number (発行番号), unique over both hierarchies
    ``issuer``      name of the CA generation that signed it
    ``stopped``     when it ceases to be good; a hold that ends in revocation keeps
                    the moment of the hold. It may lie ahead: a change of address
                    stops the signature certificate on the next day (R145)
    ``recorded``    when the present state was recorded
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
    recorded: datetime | None = None

    def after(
        self,
        event: CertificateEvent,
        *,
        at: datetime,
        effective: datetime | None = None,
    ) -> "Certificate":
        """The certificate after ``event``; raises ``Refused`` if it cannot be.

        ``effective``  from when on it stops the certificate, if later than ``at``
        """
        state = CERTIFICATE.after(self.state, event)
        reason = REASONS.get(event)
        if reason is None:
            return replace(self, state=state, recorded=at)
        return replace(
            self,
            state=state,
            reason=reason,
            stopped=self.stopped or effective or at,
            recorded=at,
        )

    def pending_at(self, moment: datetime) -> bool:
        """Whether its revocation is recorded but has not taken effect yet."""
        return (
            self.state is CertificateState.REVOKED
            and self.stopped is not None
            and not self.stopped_by(moment, now=moment)
        )

    def brought_forward(self, *, at: datetime) -> "Certificate":
        """A revocation that was to come takes effect now, because something else
        happened meanwhile; anything else stays as it is."""
        if self.stopped is None or not self.pending_at(at):
            return self
        return replace(self, stopped=max(at, self.recorded or at), recorded=at)

    def stopped_by(self, moment: datetime, *, now: datetime | None = None) -> bool:
        """Whether it was stopped at ``moment``.

        With ``now``, the moment of asking, a clock that was turned back revives
        nothing: a stop that had taken effect when it was recorded is in effect even
        if that moment has not come again yet.
        """
        return stop_in_force(self.stopped, self.recorded, moment, now=now)

    def standing(self, moment: datetime) -> Standing:
        """What it is worth at ``moment``; that it has run out is computed here and
        stored nowhere."""
        if self.stopped_by(moment):
            held = self.state is CertificateState.ON_HOLD
            return Standing.HELD if held else Standing.REVOKED
        if moment < self.not_before:
            return Standing.NOT_YET_VALID
        return Standing.GOOD if moment <= self.not_after else Standing.LAPSED

    def good_at(self, moment: datetime) -> bool:
        """Whether a signature made at ``moment`` rests on a good certificate."""
        return self.standing(moment) is Standing.GOOD


def stop_in_force(
    stopped: datetime | None,
    recorded: datetime | None,
    moment: datetime,
    *,
    now: datetime | None = None,
) -> bool:
    """:meth:`Certificate.stopped_by`, of the two moments that decide it."""
    if stopped is None:
        return False
    if stopped <= moment:
        return True
    known = recorded or stopped
    return now is not None and stopped <= known and known > now
