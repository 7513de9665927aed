"""Verification as relying parties do it: chain, moment, usage, status.

The issuer is found by key identifier and signature, never by name: all generations
of a CA share one name. The two hierarchies do not cross. Whatever is not proven
good is not good: no evidence, stale evidence and foreign evidence end in *unknown*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.evidence import (
    Evidence,
    SaysGood,
    SaysStopped,
    Silent,
    Window,
    hear,
)
from mynabox.pki.guard import Genuine, refuse_genuine
from mynabox.pki.reading import CertificateFacts, NotACertificate, read_certificate
from mynabox.pki.template import CLIENT_AUTH

_HOLD = "certificateHold"
_ANY_USAGE = "2.5.29.37.0"
_USAGES = {
    CertificateKind.SIGNATURE: frozenset({"digitalSignature", "nonRepudiation"}),
    CertificateKind.AUTHENTICATION: frozenset({"digitalSignature"}),
}


class Outcome(StrEnum):
    """What a relying party is told. Only GOOD is good."""

    GOOD = "good"
    REVOKED = "revoked"
    HELD = "held"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNKNOWN = "unknown"
    """The chain holds, but nobody vouched for the status."""
    REFUSED = "refused"
    """Not a certificate of these authorities for this use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome with the facts it rests on."""

    outcome: Outcome
    cause: str
    """A stable code for programs, e.g. ``stale`` or ``crossed_hierarchy``."""
    certificate: CertificateFacts | None = None
    stopped_at: datetime | None = None
    """When it was revoked or held; also set where that lies after the moment asked."""
    reason: str | None = None
    """The CRLReason, as RFC 5280 names it."""
    window: Window | None = None
    """Between which updates the evidence speaks."""

    @property
    def good(self) -> bool:
        """Whether the certificate may be relied on."""
        return self.outcome is Outcome.GOOD


@dataclass(frozen=True, slots=True)
class Anchor:
    """A CA certificate that is trusted for one of the two kinds."""

    kind: CertificateKind
    encoded: bytes

    def __post_init__(self) -> None:
        facts = self.facts
        refuse_genuine(facts)
        if not (
            facts.is_ca
            and facts.key_usage is not None
            and "keyCertSign" in facts.key_usage
            and facts.issued_with(facts.public_key)
        ):
            raise NotACertificate("not a self-signed CA certificate")

    @property
    def facts(self) -> CertificateFacts:
        """The CA certificate, read."""
        return read_certificate(self.encoded)


def verify(
    certificate: bytes,
    *,
    anchors: Iterable[Anchor],
    kind: CertificateKind,
    at: datetime,
    asked_at: datetime | None = None,
    evidence: Sequence[Evidence] = (),
    policies: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge one card certificate for the use of *kind*; never raises for its bytes.

    ``at``        the moment it must be good for (log-in: now; a document: when signed)
    ``asked_at``  the moment of asking, against which evidence must be fresh; ``at``
                  unless told
    ``evidence``  what was obtained from responders or lists; none means unreachable.
                  One witness that says "stopped" outweighs any that say "good"
    ``policies``  accepted policy OIDs; empty accepts any
    """
    try:
        leaf = read_certificate(certificate)
        refuse_genuine(leaf)
    except Genuine:
        return Verdict(outcome=Outcome.REFUSED, cause="genuine_service")
    except NotACertificate:
        return Verdict(outcome=Outcome.REFUSED, cause="unreadable")
    found = _issuer(leaf, tuple(anchors))
    cause = _objection(leaf, found, kind, at, policies)
    if found is None or cause is not None:
        refusal = cause or "untrusted"
        return Verdict(outcome=Outcome.REFUSED, cause=refusal, certificate=leaf)
    if at < leaf.not_before:
        outcome = Outcome.NOT_YET_VALID
        return Verdict(outcome=outcome, cause=outcome.value, certificate=leaf)
    if at > leaf.not_after:
        outcome = Outcome.EXPIRED
        return Verdict(outcome=outcome, cause=outcome.value, certificate=leaf)
    return _status(leaf, found.facts, at, asked_at or at, evidence)


def _issuer(leaf: CertificateFacts, anchors: Sequence[Anchor]) -> Anchor | None:
    wanted = leaf.authority_key_identifier
    for anchor in anchors:
        if wanted in (None, anchor.facts.key_identifier) and leaf.issued_with(
            anchor.facts.public_key
        ):
            return anchor
    return None


def _objection(
    leaf: CertificateFacts,
    anchor: Anchor | None,
    kind: CertificateKind,
    at: datetime,
    policies: frozenset[str],
) -> str | None:
    """Why this chain does not hold, as a code; None where it does."""
    if anchor is None:
        return "untrusted"
    if anchor.kind is not kind:
        return "crossed_hierarchy"
    if leaf.issuer != anchor.facts.subject:
        return "wrong_issuer_name"
    if leaf.is_ca:
        return "not_end_entity"
    if leaf.not_understood:
        return "critical_extension"
    if leaf.key_usage is None or not _USAGES[kind] <= leaf.key_usage:
        return "wrong_key_usage"
    usages = leaf.extended_key_usage
    if usages is not None and not usages & {CLIENT_AUTH, _ANY_USAGE}:
        return "wrong_extended_key_usage"
    if policies and not policies & leaf.policies:
        return "wrong_policy"
    if not anchor.facts.not_before <= at <= anchor.facts.not_after:
        return "authority_out_of_date"
    return None


def _status(
    leaf: CertificateFacts,
    authority: CertificateFacts,
    at: datetime,
    asked_at: datetime,
    evidence: Sequence[Evidence],
) -> Verdict:
    statements = [
        hear(one, certificate=leaf, authority=authority, at=asked_at)
        for one in evidence
    ]
    stops = [one for one in statements if isinstance(one, SaysStopped)]
    if stops:
        return _stopped(leaf, min(stops, key=lambda one: one.at), at)
    goods = [one for one in statements if isinstance(one, SaysGood)]
    if not goods:
        causes = [one.cause for one in statements if isinstance(one, Silent)]
        cause = causes[0] if causes else "no_evidence"
        return Verdict(outcome=Outcome.UNKNOWN, cause=cause, certificate=leaf)
    if asked_at > leaf.not_after:
        return Verdict(
            outcome=Outcome.UNKNOWN, cause="asked_after_expiry", certificate=leaf
        )
    latest = max(goods, key=lambda one: one.window.this_update)
    return Verdict(
        outcome=Outcome.GOOD, cause="good", certificate=leaf, window=latest.window
    )


def _stopped(leaf: CertificateFacts, stop: SaysStopped, at: datetime) -> Verdict:
    if stop.at > at:
        outcome, cause = Outcome.GOOD, "stopped_later"
    elif stop.reason == _HOLD:
        outcome, cause = Outcome.HELD, "held"
    else:
        outcome, cause = Outcome.REVOKED, "revoked"
    return Verdict(
        outcome=outcome,
        cause=cause,
        certificate=leaf,
        stopped_at=stop.at,
        reason=stop.reason,
        window=stop.window,
    )
