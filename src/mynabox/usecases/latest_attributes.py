"""A verifier is told a person's four items as the register has them today
(最新の基本4情報), with the person's consent and only with it."""

from dataclasses import dataclass, field
from datetime import datetime

from mynabox.lifecycle.consent import Consent
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident, ResidentState, Sex
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.ports import Box, Work
from mynabox.usecases.check_certificate import demand_right
from mynabox.usecases.consents import demand_consent
from mynabox.usecases.link_certificates import CertificateName, named
from mynabox.usecases.verify_signature import FourItems

SEX_CODES = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The four items, as of when, and on which consent."""

    items: FourItems = field(repr=False)
    as_of: datetime
    consent: Consent


def latest_attributes(
    name: CertificateName | None, user: str | None, verifier: Verifier, box: Box
) -> Latest:
    """Tell a verifier the four items of today of the holder of a certificate, or of a
    person whom it knows (right ``linking``).

    The certificate may have ended: that is when it is asked for. Raises ``Refused``
    without a consent that holds, and for a person who left the register.
    """
    demand_right(verifier, Right.ATTRIBUTES)
    at = box.clock.now()
    with box.store.work() as work:
        resident, subject = _whom(name, user, verifier, work)
        consent = demand_consent(resident, verifier, work, box)
        person = work.residents.get(resident)
        if person.state is not ResidentState.REGISTERED:
            raise Refused("consent.none")
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=verifier.actor,
                action="tell_attributes",
                subjects=(person.id, verifier.id, consent.id, *subject),
                facts={},
            )
        )
    return Latest(items=in_register(person), as_of=at, consent=consent)


def in_register(person: Resident) -> FourItems:
    """A person's four items as the register has them."""
    return FourItems(
        name=person.name,
        born=person.born.isoformat(),
        sex=SEX_CODES[person.sex],
        address=person.address,
    )


def _whom(
    name: CertificateName | None, user: str | None, verifier: Verifier, work: Work
) -> tuple[str, tuple[str, ...]]:
    """The person, and what they were named by for the journal."""
    if name is not None:
        certificate = named(name, verifier, work)
        return certificate.resident, (f"cert-{certificate.serial}",)
    demand_right(verifier, Right.LINKING)
    known = work.users.by_id(verifier.id, user or "")
    if known is None:
        raise Refused("consent.none")
    return known.resident, ()
