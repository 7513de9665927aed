"""A holder logs in to a verifier with their card (利用者証明).

The verifier asks the box for a challenge; the holder's program has the card sign it
together with the origin that it sees itself at. A challenge is one verifier's, of one
of its origins, for some minutes, and counts once: what was signed for one site is worth
nothing at another, and nothing the second time.
"""

from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.verifier import KnownUser, LoginChallenge, Right, Verifier
from mynabox.ports import Box, Work
from mynabox.usecases.check_certificate import (
    Checked,
    Wanted,
    demand_right,
    entry,
    judge,
    note,
)
from mynabox.usecases.verify_signature import holds

CHALLENGE_BYTES = 32
PREFIX = b"mynabox log-in\n"
"""Comes before origin and challenge in what is signed, so that nobody can be made to
sign something else with it."""

PSEUDONYMS = "pseudonyms of verifiers"
"""The box's secret from which a verifier's names for certificates are made."""

_PSEUDONYM_BYTES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedToLogIn:
    """What is to be signed: :func:`to_sign` of these."""

    challenge: bytes
    origin: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """What the card answered.

    ``origin``     where the verifier says that the holder is
    ``signature``  PKCS #1 v1.5 with SHA-256 over :func:`to_sign`
    """

    challenge: bytes
    origin: str
    certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """Who it is, as this verifier knows them.

    ``subject``  a name for the certificate, this verifier's alone
    ``user``     a name for the person, whatever their certificate (right ``linking``)
    ``new``      whether the verifier knows the person only since now
    """

    checked: Checked
    subject: str
    user: str | None = None
    new: bool = False


def to_sign(origin: str, challenge: bytes) -> bytes:
    """The octets that a card signs to log in."""
    return PREFIX + origin.encode() + b"\n" + challenge


def ask_to_log_in(origin: str, verifier: Verifier, box: Box) -> AskedToLogIn:
    """A challenge for a holder at one of the verifier's origins."""
    demand_right(verifier, Right.AUTHENTICATION)
    if origin not in verifier.origins:
        raise Refused("verifier.login_refused", why="other_origin")
    at = box.clock.now()
    asked = AskedToLogIn(
        challenge=box.random(CHALLENGE_BYTES),
        origin=origin,
        expires=at + timedelta(minutes=limits().challenge_minutes),
    )
    with box.store.work() as work:
        work.logins.forget(before=at)
        work.logins.ask(
            LoginChallenge(
                verifier=verifier.id,
                hash=sha256(asked.challenge).hexdigest(),
                origin=origin,
                asked=at,
                expires=asked.expires,
            )
        )
    return asked


def log_in(answer: LogIn, verifier: Verifier, box: Box) -> LoggedIn:
    """Take the card's answer; raises ``Refused`` unless it proves who is there.

    The challenge is used up by this, whatever becomes of it.
    """
    demand_right(verifier, Right.AUTHENTICATION)
    at = box.clock.now()
    _take(answer, verifier, box, at=at)
    checked = judge(
        answer.certificate, CertificateKind.AUTHENTICATION, box, wanted=Wanted()
    )
    why = ""
    if not holds(
        checked.facts,
        signature=answer.signature,
        data=to_sign(answer.origin, answer.challenge),
    ):
        why = "signature"
    elif not checked.good or checked.certificate is None:
        why = checked.status.value
    row = entry(checked, "verifier_log_in", verifier, accepted="no" if why else "yes")
    if why or checked.certificate is None:
        note(row, box)
        raise Refused("verifier.login_refused", why=why)
    known, new = None, False
    with box.store.work() as work:
        if Right.LINKING in verifier.rights:
            known, new = know(checked.certificate, verifier, work, box, at=at)
        work.journal.write(row)
    return LoggedIn(
        checked=checked,
        subject=pseudonym(checked.certificate, verifier, box),
        user=None if known is None else known.id,
        new=new,
    )


def pseudonym(certificate: Certificate, verifier: Verifier, box: Box) -> str:
    """A verifier's name for a certificate: always the same, and no other verifier's."""
    said = f"{verifier.id}|{certificate.serial}".encode()
    digest = box.vault.derive(PSEUDONYMS, said)[:_PSEUDONYM_BYTES]
    return f"sub-{b32encode(digest).decode().lower()}"


def know(
    certificate: Certificate, verifier: Verifier, work: Work, box: Box, *, at: datetime
) -> tuple[KnownUser, bool]:
    """The person as the verifier knows them, and whether it is only since now."""
    found = work.users.of(verifier.id, certificate.resident)
    if found is not None:
        return found, False
    made = KnownUser(
        verifier=verifier.id,
        resident=certificate.resident,
        id=make_id("usr", box.random(ID_BYTES)),
        since=at,
    )
    work.users.add(made)
    return made, True


def _take(answer: LogIn, verifier: Verifier, box: Box, *, at: datetime) -> None:
    """Use the challenge up; raises ``Refused`` unless it was open, and of this origin."""
    with box.store.work() as work:
        hash = sha256(answer.challenge).hexdigest()
        asked = work.logins.take(verifier.id, hash, at=at)
    why = ""
    if asked is None:
        why = "challenge_unknown"
    elif asked.used is not None:
        why = "challenge_used"
    elif not asked.asked <= at < asked.expires:
        why = "challenge_expired"
    elif asked.origin != answer.origin:
        why = "other_origin"
    if why:
        raise Refused("verifier.login_refused", why=why)
