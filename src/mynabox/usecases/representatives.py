"""Who acts for children and for adult wards (法定代理人, R058, R136)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mynabox.law.identity import identity_documents
from mynabox.law.validity import pin_setter
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.search_keys import normalised
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """A statutory representative at the counter, with a card that is in use.

    ``name``       for an adult ward the guardian's, as the register has it
    ``documents``  the representative's own, in the rulebook's words
    """

    name: str
    documents: tuple[str, ...]


def is_guardian(resident: Resident, name: str) -> bool:
    """Whether this is the name of the guardian whom the register knows, however wide
    its letters and spaces are; true of everybody where it knows none."""
    return resident.guardian is None or _as_one(name) == _as_one(resident.guardian)


def demand_guardian(resident: Resident, name: str) -> None:
    """Refuse a representative of an adult ward who is not the guardian (R058). The
    refusal does not tell who is."""
    if not is_guardian(resident, name):
        raise Refused("representative.not_the_guardian", rules=("R058",))


def demand_represented(
    resident: Resident, representative: Representative | None, *, on: date
) -> Mapping[str, str]:
    """Refuse who may not set PINs or have certificates issued (R136): a child below the
    age, and an adult ward, through the representative alone; others by themselves.
    What the journal says of it."""
    needed = pin_setter(resident.born, on, ward=resident.ward).value == "representative"
    if representative is None:
        if needed:
            raise Refused("representative.needed", rules=("R136",))
        return {}
    if not needed:
        raise Refused("representative.none", rules=("R136",))
    demand_guardian(resident, representative.name)
    demand(identity_documents(representative.documents, "identity"))
    return {
        "representative": "statutory_representative",
        "representative_documents": ", ".join(representative.documents),
    }


def _as_one(name: str) -> str:
    return "".join(normalised(name).split())
