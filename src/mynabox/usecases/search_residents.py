"""Look for people of the register by name, address, birth date or number (検索)."""

from collections.abc import Sequence
from dataclasses import dataclass

from mynabox.law.municipality import Municipality, UnknownMunicipality
from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.search_keys import address_words, words
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box, Wanted
from mynabox.usecases.number_looks import demand_purpose


def search_residents(
    wanted: Wanted,
    box: Box,
    *,
    municipality: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Sequence[Resident]:
    """People who are all that is wanted, whatever their state, by id behind ``after``.

    An address may begin behind prefecture and municipality if one municipality is
    asked. Raises ``Refused`` if nothing that can be looked for is given.
    """
    place = None if municipality is None else _known(municipality)
    address = wanted.address
    if not words(wanted.name or "") and not address_words(address or ""):
        if wanted.born is None:
            raise Refused("search.nothing_asked", rules=("R264",))
        address = None
    with box.store.look() as work:
        found = work.residents.find(
            wanted, municipality=municipality, after=after, limit=limit
        )
        if found or not address or place is None:
            return found
        whole = Wanted(
            name=wanted.name,
            former_names=wanted.former_names,
            address=f"{place.prefecture}{place.name}{address}",
            born=wanted.born,
        )
        return work.residents.find(
            whole, municipality=municipality, after=after, limit=limit
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FindByNumber:
    """Whose number it is, for whom and for what somebody wants to know (R011)."""

    number: IndividualNumber
    requester: str
    purpose: str


def find_by_number(
    ask: FindByNumber,
    box: Box,
    *,
    municipality: str | None = None,
    actor: str = "counter",
) -> Resident | None:
    """The person whose number it is or was, in the register of the municipality asked.

    A look at a number: refused without a purpose of the law, and told in the journal
    whether somebody was found or not, so that the owner can read it.
    """
    demand_purpose(ask.requester, ask.purpose)
    if municipality is not None:
        _known(municipality)
    at = box.clock.now()
    with box.store.work() as work:
        owner = work.numbers.owner(ask.number)
        person = None if owner is None else work.residents.get(owner.resident)
        if person is not None and municipality not in (None, person.municipality):
            person = None
        work.journal.write(
            Entry(
                municipality=(
                    municipality or NATIONWIDE
                    if person is None
                    else person.municipality
                ),
                at=at,
                actor=actor,
                action="find_by_number",
                subjects=() if person is None else (person.id,),
                facts={
                    "requester": ask.requester,
                    "purpose": ask.purpose,
                    "what": "register",
                },
            )
        )
    return person


def _known(code: str) -> Municipality:
    try:
        return municipality_of(code)
    except UnknownMunicipality:
        raise Refused(
            "register.municipality_unknown", rules=("R270",), municipality=code
        ) from None
