"""When a program may be told an Individual Number, and that it was.

Only bodies with a purpose named by statute may ask for a number (R011). The box
cannot check who asks; it demands to be told, and writes it down for the holder.
"""

from mynabox.law.privacy import number_request
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Box


def demand_purpose(*, requester: str, purpose: str) -> None:
    """Refuse unless this kind of body may ask for a number for this purpose."""
    if not number_request(requester=requester, purpose=purpose).value.allowed:
        raise Refused("number.no_statutory_purpose", rules=("R011",))


def note_disclosure(
    resident: Resident, *, requester: str, purpose: str, what: str, box: Box
) -> None:
    """Write into the journal that the number is about to be told."""
    with box.store.work() as work:
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=box.clock.now(),
                actor=f"api:{requester}",
                action="disclose_number",
                subjects=(resident.id,),
                facts={"purpose": purpose, "what": what},
            )
        )
