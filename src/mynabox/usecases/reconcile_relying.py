"""What can disagree among verifiers, their users and consents (``db check``)."""

from collections.abc import Iterator

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.consent import Consent
from mynabox.lifecycle.verifier import KnownUser, Verifier
from mynabox.ports import Box, Work
from mynabox.usecases.consents import years_after
from mynabox.usecases.findings import Finding


def _finding(code: str, what: str, says: str) -> Finding:
    return Finding(code=code, what=what, says=says)


def relying_findings(box: Box) -> Iterator[Finding]:
    """Everything about verifiers that does not fit."""
    with box.store.look() as work:
        for verifier in work.verifiers.list():
            yield from _verifier(verifier, work)
        for challenge in work.logins.late():
            yield _finding(
                "challenge_late",
                challenge.verifier,
                "a challenge was taken after it had expired",
            )
        for user in work.users.list():
            yield from _user(user, work)
        for consent in work.consents.list():
            yield from _consent(consent, work)


def _verifier(verifier: Verifier, work: Work) -> Iterator[Finding]:
    rows = [row.entry for row in work.journal.about(verifier.id, limit=10_000_000)]
    said = [row for row in rows if row.action == "register_verifier"]
    if not said:
        yield _finding("verifier_unsaid", verifier.name, "nobody registered it")
        return
    rights = " ".join(sorted(right.value for right in verifier.rights))
    told = said[0].facts.get("rights", "")
    if " ".join(sorted(told.split())) != rights:
        yield _finding(
            "verifier_rights",
            verifier.name,
            f"has the rights {rights}, but was registered with {told}",
        )
    ended = any(row.action == "end_verifier" for row in rows)
    if ended != (verifier.state.value == "ended"):
        yield _finding(
            "verifier_state",
            verifier.name,
            f"is {verifier.state}, but the journal says otherwise",
        )


def _user(user: KnownUser, work: Work) -> Iterator[Finding]:
    if user.signature is None:
        return
    shown = work.certificates.find(user.signature)
    if (
        shown is None
        or shown.resident != user.resident
        or shown.kind is not CertificateKind.SIGNATURE
    ):
        yield _finding(
            "user_certificate",
            user.id,
            f"is known by the certificate {user.signature}, which is not theirs",
        )


def _consent(consent: Consent, work: Work) -> Iterator[Finding]:
    actions = {row.entry.action for row in work.journal.about(consent.id)}
    if "give_consent" not in actions:
        yield _finding("consent_unsaid", consent.id, "nobody gave it")
    if consent.expires != years_after(consent.given):
        yield _finding(
            "consent_term",
            consent.id,
            f"lasts from {consent.given} to {consent.expires}",
        )
    if "revoke_consent" in actions and consent.ended is None:
        yield _finding("consent_state", consent.id, "was taken back, and stands")
