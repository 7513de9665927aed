"""A verifier asks whether a certificate is good: by OCSP or CRL, now or for an earlier
moment, and fails closed.

The box asks its own responder or takes its own list as anybody would, and judges with
what came back (:mod:`mynabox.pki.verify`): an answer that is stale, foreign or absent
is never "good".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.staff import NotPermitted
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.pki.evidence import CrlEvidence, Evidence, OcspEvidence
from mynabox.pki.ocsp import issuer_hashes
from mynabox.pki.ocsp_request import make_request
from mynabox.pki.reading import CertificateFacts, NotACertificate, read_certificate
from mynabox.pki.verify import Anchor, Outcome, Verdict, verify
from mynabox.ports import Box, Work
from mynabox.usecases.status import answer_ocsp, current_list

NONCE_BYTES = 32
_BIGGEST_SERIAL = 2**63
_OF_KIND = {
    CertificateKind.SIGNATURE: Right.SIGNATURE,
    CertificateKind.AUTHENTICATION: Right.AUTHENTICATION,
}


class Source(StrEnum):
    """Where the box looks."""

    OCSP = "ocsp"
    CRL = "crl"


class Status(StrEnum):
    """What a verifier is told. Only GOOD may be relied on."""

    GOOD = "good"
    REVOKED = "revoked"
    HELD = "held"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_STATUSES = {
    Outcome.GOOD: Status.GOOD,
    Outcome.REVOKED: Status.REVOKED,
    Outcome.HELD: Status.HELD,
    Outcome.EXPIRED: Status.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How it is to be checked.

    ``source``    where to look
    ``at``        the moment for which it must have been good; None: now
    ``freshest``  seconds that the source's knowledge may be old at most; None: as long
                  as the source itself says that it holds
    ``evidence``  an OCSP answer or a CRL that the verifier brings along; nothing is
                  asked of the box's own services then
    """

    source: Source = Source.OCSP
    at: datetime | None = None
    freshest: int | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answer, and on what it rests.

    ``cause``         a stable word for programs: ``good``, ``held``, ``stale``,
                      ``crossed_hierarchy``, ``never_issued`` ...
    ``reason``        the CRLReason as RFC 5280 names it
    ``stopped``       when it was revoked or held
    ``source``        where the box looked; None if what was brought along decided
    ``known_from``    from when on, and until when, the source speaks
    ``facts``         the certificate, read
    ``certificate``   what the box has of it, if it is one of its own
    """

    status: Status
    cause: str
    kind: CertificateKind
    source: Source | None
    checked: datetime
    reason: str | None = None
    stopped: datetime | None = None
    known_from: datetime | None = None
    known_until: datetime | None = None
    facts: CertificateFacts | None = None
    certificate: Certificate | None = None

    @property
    def good(self) -> bool:
        """Whether it may be relied on."""
        return self.status is Status.GOOD


def check_certificate(
    encoded: bytes | None,
    kind: CertificateKind,
    verifier: Verifier,
    box: Box,
    *,
    issuance_number: int | None = None,
    wanted: Wanted | None = None,
) -> Checked:
    """Check one certificate for a verifier, and write down that it was asked for.

    ``encoded``          the certificate; None where only its number is known
    ``issuance_number``  for verifiers with the right to it
    """
    demand_right(verifier, _OF_KIND[kind])
    if issuance_number is not None:
        demand_right(verifier, Right.ISSUANCE_NUMBER)
        found = _by_number(issuance_number, box)
        if found is None:
            checked = _nothing(kind, box.clock.now(), "never_issued")
            note(entry(checked, "check_certificate", verifier), box)
            return checked
        encoded = found.der
    checked = judge(encoded or b"", kind, box, wanted=wanted or Wanted())
    note(entry(checked, "check_certificate", verifier), box)
    return checked


def judge(
    encoded: bytes, kind: CertificateKind, box: Box, *, wanted: Wanted
) -> Checked:
    """Judge one certificate of these authorities; never raises for its bytes."""
    now = box.clock.now()
    if wanted.at is not None and wanted.at > now:
        return _nothing(kind, now, "moment_to_come")
    try:
        facts = read_certificate(encoded)
    except NotACertificate:
        return _nothing(kind, now, "unreadable")
    with box.store.look() as work:
        known = own_certificate(facts, work)
        anchors = [Anchor(one.kind, one.der) for one in work.statuses.authorities()]
    evidence: Sequence[Evidence] = ()
    if wanted.evidence is not None:
        evidence = (wanted.evidence,)
    elif known is not None:
        evidence = (_asked(known, wanted.source, box),)
    verdict = verify(
        encoded,
        anchors=anchors,
        kind=kind,
        at=wanted.at or now,
        asked_at=now,
        evidence=evidence,
    )
    source = wanted.source if known is not None and wanted.evidence is None else None
    return _told(verdict, kind, now, known, source, wanted.freshest)


def own_certificate(facts: CertificateFacts, work: Work) -> Certificate | None:
    """What the register has of a certificate, octet for octet."""
    if facts.serial >= _BIGGEST_SERIAL:
        return None
    found = work.certificates.find(facts.serial)
    return found if found is not None and found.der == facts.encoded else None


def demand_right(verifier: Verifier, right: Right) -> None:
    """Raise ``NotPermitted`` unless the verifier has this right."""
    if right not in verifier.rights:
        raise NotPermitted("verifier.right_missing", right=right.value)


def demand_own(encoded: bytes, work: Work) -> Certificate:
    """The register's certificate; raises ``Refused`` for any other's."""
    try:
        found = own_certificate(read_certificate(encoded), work)
    except NotACertificate:
        raise Refused("verifier.certificate", why="unreadable") from None
    if found is None:
        raise Refused("verifier.certificate", why="never_issued")
    return found


def entry(
    checked: Checked,
    action: str,
    verifier: Verifier,
    *,
    also: tuple[str, ...] = (),
    **facts: str,
) -> Entry:
    """A journal row: who asked about which certificate, and what was answered."""
    known = checked.certificate
    subjects: tuple[str, ...] = (verifier.id, *also)
    if known is not None:
        subjects = (*subjects, f"cert-{known.serial}")
    return Entry(
        municipality=NATIONWIDE if known is None else known.municipality,
        at=checked.checked,
        actor=verifier.actor,
        action=action,
        subjects=subjects,
        facts={
            "kind": checked.kind.value,
            "status": checked.status.value,
            "cause": checked.cause,
            **facts,
        },
    )


def note(row: Entry, box: Box) -> None:
    """Write one row down, where nothing else is written."""
    with box.store.work() as work:
        work.journal.write(row)


def _by_number(number: int, box: Box) -> Certificate | None:
    with box.store.look() as work:
        return work.certificates.find(number) if number < _BIGGEST_SERIAL else None


def _asked(known: Certificate, source: Source, box: Box) -> Evidence:
    """What the box's own services say of a certificate of its own."""
    if source is Source.CRL:
        found = current_list(known.issuer, box, municipality=known.municipality)
        return CrlEvidence(encoded=found.der)
    nonce = box.random(NONCE_BYTES)
    with box.store.look() as work:
        issuer = next(
            one.der for one in work.statuses.authorities() if one.name == known.issuer
        )
    name_hash, key_hash = issuer_hashes(issuer, "sha256")
    request = make_request(
        issuer_name_hash=name_hash,
        issuer_key_hash=key_hash,
        serial=known.serial,
        nonce=nonce,
    )
    return OcspEvidence(response=answer_ocsp(request, box).answer.encoded, nonce=nonce)


def _told(
    verdict: Verdict,
    kind: CertificateKind,
    now: datetime,
    known: Certificate | None,
    source: Source | None,
    freshest: int | None,
) -> Checked:
    status = _STATUSES.get(verdict.outcome, Status.UNKNOWN)
    cause = verdict.cause
    window = verdict.window
    if status is Status.GOOD and _too_old(verdict, now, freshest):
        status, cause = Status.UNKNOWN, "too_old"
    return Checked(
        status=status,
        cause=cause,
        kind=kind,
        source=source,
        checked=now,
        reason=verdict.reason,
        stopped=verdict.stopped_at,
        known_from=None if window is None else window.this_update,
        known_until=None if window is None else window.next_update,
        facts=verdict.certificate,
        certificate=known,
    )


def _too_old(verdict: Verdict, now: datetime, freshest: int | None) -> bool:
    if freshest is None:
        return False
    window = verdict.window
    return window is None or now - window.this_update > timedelta(seconds=freshest)


def _nothing(kind: CertificateKind, now: datetime, cause: str) -> Checked:
    return Checked(
        status=Status.UNKNOWN, cause=cause, kind=kind, source=None, checked=now
    )
