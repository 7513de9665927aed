"""Somebody who left Japan is back and registers with the particulars of before."""

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import Registration
from mynabox.ports import Box
from mynabox.usecases.register_resident import Registered, register_resident


def register_again(resident: str, box: Box, *, actor: str = "counter") -> Registered:
    """Enter the person anew as of today; the number stays the same (R002).

    Refused once the period of stay of before is over (R124): whoever comes back with other particulars is registered with these
    (:func:`mynabox.usecases.register_resident.register_resident`).
    """
    today = box.clock.now().date()
    with box.store.look() as work:
        person = work.residents.get(resident)
    if person.stay_until is not None and person.stay_until < today:
        raise Refused(
            "register.stay_over", rules=("R124",), until=person.stay_until.isoformat()
        )
    return register_resident(
        Registration(
            record_code=person.record_code,
            municipality=person.municipality,
            name=person.name,
            kana=person.kana,
            roman=person.roman,
            alias=person.alias,
            born=person.born,
            sex=person.sex,
            address=person.address,
            nationality=person.nationality,
            residence_status=person.residence_status,
            stay_until=person.stay_until,
            registered=today,
        ),
        box,
        actor=actor,
    )
