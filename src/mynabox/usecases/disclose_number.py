"""Tell a body that the law allows it an Individual Number, and write that down."""

from mynabox.law.privacy import number_request
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box


def disclose_number(
    resident: str,
    box: Box,
    *,
    requester: str,
    purpose: str,
    what: str = "number",
    actor: str = "counter",
) -> IndividualNumber:
    """The person's number, for a purpose named by statute (R011).

    The box cannot check for which body it is asked; it demands to be told, and the
    holder can read in the access log who looked, for whom and why. ``what`` says on
    what it was seen.
    """
    if not number_request(requester=requester, purpose=purpose).value.allowed:
        raise Refused("number.no_statutory_purpose", rules=("R011",))
    with box.store.work() as work:
        person = work.residents.get(resident)
        current = work.numbers.current(resident)
        if current is None:
            raise Refused("notice.no_number_yet", rules=("R001",))
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=box.clock.now(),
                actor=actor,
                action="disclose_number",
                subjects=(resident,),
                facts={"requester": requester, "purpose": purpose, "what": what},
            )
        )
        return current.number
