"""A verifier's users, in the way of the public description of a platform that stands
between identity providers and the status services: registered with the signature
certificate, logged in with the other one, told when the former has ended.

The nonce is the verifier's own here, so the box cannot bind it to an origin. It holds
that a verifier shows the same nonce for the same purpose once.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.verifier import KnownUser, LoginChallenge, Right, Verifier
from mynabox.pki import jose
from mynabox.pki.algorithms import verify_digest
from mynabox.ports import Box, Duplicate, Work
from mynabox.usecases.check_certificate import (
    Checked,
    Status,
    Wanted,
    entry,
    judge,
    note,
)
from mynabox.usecases.log_in import know
from mynabox.usecases.verify_signature import FourItems, holds, named_in

_KEY = "encryption key of the platform"
_SEAL_NONCE = 12
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
_NEEDED = {
    CertificateKind.SIGNATURE: frozenset({Right.SIGNATURE, Right.LINKING}),
    CertificateKind.AUTHENTICATION: frozenset({Right.AUTHENTICATION, Right.LINKING}),
}


class Outcome(StrEnum):
    """What comes of a request."""

    SUCCESS = "success"
    NOT_PROVEN = "not_proven"
    """The signature or its certificate is not good, or the nonce was shown before."""
    UNKNOWN_USER = "unknown_user"
    """This verifier has no such user, so there is no earlier certificate either."""
    DUPLICATE = "duplicate"
    """The person is this verifier's user already."""
    GONE = "gone"
    """The signature certificate that is known of the user has ended."""
    UNAVAILABLE = "unavailable"
    """The status cannot be had now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a verifier forwards.

    ``certificate``  as it came: PEM, base64, or encrypted to the box
    ``text``         the nonce, or its SHA-256 in hex
    ``signature``    the card's, over the nonce or over ``text``
    """

    certificate: str = field(repr=False)
    text: str = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes of it; ``cause`` is a stable word for the verifier's log."""

    outcome: Outcome
    cause: str = ""
    user: str = ""
    items: FourItems | None = field(default=None, repr=False)


def register_user(proof: Proof, verifier: Verifier, box: Box) -> Answer:
    """Register the holder of a signature certificate as this verifier's user."""
    return _with_signature(proof, verifier, box, action="register_user", again=False)


def replace_certificate(proof: Proof, verifier: Verifier, box: Box) -> Answer:
    """A user shows a new signature certificate in place of the one known of them."""
    return _with_signature(
        proof, verifier, box, action="replace_user_certificate", again=True
    )


def log_user_in(proof: Proof, verifier: Verifier, box: Box) -> Answer:
    """A user logs in with the authentication certificate; what is known of them is
    their signature certificate's word, as long as that one is good."""
    kind, action = CertificateKind.AUTHENTICATION, "log_user_in"
    at = box.clock.now()
    checked, refused = _proven(proof, kind, action, verifier, box, at=at)
    if refused is not None or checked.certificate is None:
        return _closed(checked, refused, action, verifier, box)
    with box.store.look() as work:
        known = work.users.of(verifier.id, checked.certificate.resident)
        shown = _shown(known, work)
    if known is None or shown is None:
        unknown = Answer(outcome=Outcome.UNKNOWN_USER, cause="unknown_user")
        return _closed(checked, unknown, action, verifier, box)
    beside = judge(shown.der, CertificateKind.SIGNATURE, box, wanted=Wanted())
    if not beside.good or beside.facts is None:
        over = beside.status is not Status.UNKNOWN
        outcome = Outcome.GONE if over else Outcome.UNAVAILABLE
        answer = Answer(outcome=outcome, cause=f"signature_{beside.status.value}")
        return _closed(checked, answer, action, verifier, box)
    found = Answer(outcome=Outcome.SUCCESS, user=known.id, items=named_in(beside.facts))
    return _closed(checked, found, action, verifier, box)


def encryption_key(box: Box) -> dict[str, str]:
    """The public key to which certificates can be encrypted, as a JWK."""
    return jose.public_jwk(_private_key(box))


def _with_signature(
    proof: Proof, verifier: Verifier, box: Box, *, action: str, again: bool
) -> Answer:
    at = box.clock.now()
    kind = CertificateKind.SIGNATURE
    checked, refused = _proven(proof, kind, action, verifier, box, at=at)
    certificate = checked.certificate
    if refused is not None or certificate is None or checked.facts is None:
        return _closed(checked, refused, action, verifier, box)
    with box.store.work() as work:
        before = _shown(work.users.of(verifier.id, certificate.resident), work)
        if again and before is None:
            answer = Answer(outcome=Outcome.UNKNOWN_USER, cause="unknown_user")
        elif not again and before is not None:
            answer = Answer(outcome=Outcome.DUPLICATE, cause="duplicate")
        else:
            known, _ = know(certificate, verifier, work, box, at=at)
            work.users.save(replace(known, signature=certificate.serial))
            answer = Answer(
                outcome=Outcome.SUCCESS, user=known.id, items=named_in(checked.facts)
            )
        work.journal.write(
            entry(checked, action, verifier, outcome=answer.outcome.value)
        )
    return answer


def _proven(
    proof: Proof,
    kind: CertificateKind,
    action: str,
    verifier: Verifier,
    box: Box,
    *,
    at: datetime,
) -> tuple[Checked, Answer | None]:
    """The certificate as judged, and the refusal unless everything is proven."""
    try:
        encoded = jose.certificate_in(proof.certificate, key=_private_key(box))
    except jose.NotReadable:
        encoded = b""
    checked = judge(encoded, kind, box, wanted=Wanted())
    if not _NEEDED[kind] <= verifier.rights:
        return checked, _not_proven("right_missing")
    if checked.facts is None:
        return checked, _not_proven(checked.cause)
    if not _signed(proof, checked):
        return checked, _not_proven("signature")
    if checked.cause.startswith("responder_"):
        return checked, Answer(outcome=Outcome.UNAVAILABLE, cause=checked.cause)
    if not checked.good:
        return checked, _not_proven(checked.status.value)
    if not _first_time(proof, action, verifier, box, at=at):
        return checked, _not_proven("nonce_used")
    return checked, None


def _signed(proof: Proof, checked: Checked) -> bool:
    """Signed was the text itself, or that whose digest the text is."""
    facts = checked.facts
    if holds(facts, signature=proof.signature, data=proof.text.encode()):
        return True
    if facts is None or not _DIGEST.fullmatch(proof.text):
        return False
    return verify_digest(
        facts.public_key, signature=proof.signature, digest=bytes.fromhex(proof.text)
    )


def _first_time(
    proof: Proof, action: str, verifier: Verifier, box: Box, *, at: datetime
) -> bool:
    """Whether this verifier shows this nonce for this purpose for the first time."""
    said = f"{action}\n{proof.text.lower()}".encode()
    try:
        with box.store.work() as work:
            work.logins.ask(
                LoginChallenge(
                    verifier=verifier.id,
                    hash=sha256(said).hexdigest(),
                    origin="",
                    asked=at,
                    expires=at + timedelta(minutes=limits().challenge_minutes),
                    used=at,
                )
            )
    except Duplicate:
        return False
    return True


def _shown(known: KnownUser | None, work: Work) -> Certificate | None:
    """The signature certificate that a user showed last."""
    if known is None or known.signature is None:
        return None
    return work.certificates.find(known.signature)


def _closed(
    checked: Checked,
    answer: Answer | None,
    action: str,
    verifier: Verifier,
    box: Box,
) -> Answer:
    told = answer or _not_proven("unknown")
    note(entry(checked, action, verifier, outcome=told.outcome.value), box)
    return told


def _not_proven(cause: str) -> Answer:
    return Answer(outcome=Outcome.NOT_PROVEN, cause=cause)


def _private_key(box: Box) -> bytes:
    """The box's key for what is encrypted to it; made on first use, kept sealed."""
    under = box.vault.derive(_KEY, b"seal")
    with box.store.look() as work:
        sealed = work.verifiers.secret(_KEY)
    if sealed is None:
        made = jose.seal(jose.new_key(), key=under, nonce=box.random(_SEAL_NONCE))
        with box.store.work() as work:
            sealed = work.verifiers.keep_secret(_KEY, made)
    return jose.unseal(sealed, key=under)
