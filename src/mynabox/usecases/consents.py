"""A holder consents that a verifier is told their four items of today, and takes it
back."""

from datetime import datetime

from mynabox.lifecycle.consent import Consent, ConsentEvent
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.verifier import Right, Verifier, VerifierState
from mynabox.pki.profile import number
from mynabox.ports import Box, Duplicate, Missing, Work


def give_consent(
    resident: str, verifier: str, box: Box, *, actor: str = "operator"
) -> Consent:
    """Consent for ten years (profile section 1.5); raises ``Duplicate`` ("consent")
    while another one holds."""
    at = box.clock.now()
    with box.store.work() as work:
        person = work.residents.get(resident)
        asking = work.verifiers.get(verifier)
        if person.state is not ResidentState.REGISTERED:
            raise Refused("consent.cannot_be_given")
        if not _may_ask(asking):
            raise Refused("consent.cannot_be_given")
        before = work.consents.standing(asking.id, person.id)
        if before is not None and before.holds_at(at):
            raise Duplicate("consent")
        if before is not None:
            work.consents.save(before.after(ConsentEvent.REPLACED, at=at))
        consent = Consent(
            id=make_id("con", box.random(ID_BYTES)),
            verifier=asking.id,
            resident=person.id,
            municipality=person.municipality,
            given=at,
            expires=years_after(at),
        )
        work.consents.add(consent)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="give_consent",
                subjects=(person.id, asking.id, consent.id),
                facts={"until": consent.expires.isoformat()},
            )
        )
    return consent


def revoke_consent(
    resident: str, verifier: str, box: Box, *, actor: str = "operator"
) -> Consent:
    """Take a consent back, at any time; from now on the verifier is told nothing."""
    at = box.clock.now()
    with box.store.work() as work:
        person = work.residents.get(resident)
        asking = work.verifiers.get(verifier)
        standing = work.consents.standing(asking.id, person.id)
        if standing is None:
            raise Missing("consent", asking.name)
        ended = standing.after(ConsentEvent.REVOKED, at=at)
        work.consents.save(ended)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="revoke_consent",
                subjects=(person.id, asking.id, ended.id),
                facts={},
            )
        )
    return ended


def list_consents(resident: str, box: Box) -> tuple[tuple[Consent, Verifier], ...]:
    """A person's consents with whom they were given to, oldest first."""
    with box.store.look() as work:
        person = work.residents.get(resident)
        return tuple(
            (one, work.verifiers.get(one.verifier))
            for one in work.consents.of(person.id)
        )


def demand_consent(resident: str, verifier: Verifier, work: Work, box: Box) -> Consent:
    """The consent that holds now; raises ``Refused``."""
    found = work.consents.standing(verifier.id, resident)
    if found is None or not found.holds_at(box.clock.now()):
        raise Refused("consent.none")
    return found


def _may_ask(verifier: Verifier) -> bool:
    return (
        verifier.state is VerifierState.ACTIVE and Right.ATTRIBUTES in verifier.rights
    )


def years_after(moment: datetime) -> datetime:
    """The end of a consent given then; of 29 February, 1 March where there is none."""
    year = moment.year + number("consent_years")
    try:
        return moment.replace(year=year)
    except ValueError:
        return moment.replace(year=year, month=3, day=1)
