"""What ``db check`` compares within the register."""

from collections.abc import Iterator

from mynabox.lifecycle.resident import Relation, Resident, ResidentState
from mynabox.lifecycle.search_keys import every_key
from mynabox.ports import Work
from mynabox.usecases.findings import Finding


def register_findings(person: Resident, work: Work) -> Iterator[Finding]:
    """A person must be found under their names, former ones too; every former reading
    must be there; a household lives at one address."""

    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=person.id, says=says)

    history = work.residents.history(person.id)
    wanted = {(kind.value, key) for kind, key in every_key(person, history)}
    lacking = wanted - work.residents.keys(person.id)
    if lacking:
        yield finding(
            "search_keys", f"cannot be found under {len(lacking)} of the own words"
        )
    if [one.nth for one in history] != list(range(1, len(history) + 1)):
        yield finding("history", "lacks a former reading of the record")
    if (
        person.household is None
        or person.relation is not Relation.HEAD
        or person.state is not ResidentState.REGISTERED
    ):
        return
    for other in work.residents.household(person.municipality, person.household):
        if other.address != person.address:
            yield finding("household", f"does not live together with {other.id}")
