"""Every look at an Individual Number has a purpose and leaves a row in the journal.

Whoever needs a number for showing it to somebody goes through :func:`look_at_number`.
What the box itself does with a number in a procedure (printing a notice, writing a
chip) is told by the procedure's own row; which rows are looks, and for what, is the
table ``[looks]`` of ``permissions.toml``.
"""

from datetime import datetime

from mynabox.law.privacy import number_request
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import own_purposes
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Work

OWN = "municipality"
"""The body whose staff work with the box."""


def demand_purpose(requester: str, purpose: str) -> None:
    """Raise ``Refused`` unless the law lets this body have numbers for this purpose
    (R011), or it is one of the office's own duties with numbers."""
    if requester == OWN and purpose in own_purposes():
        return
    if not number_request(requester=requester, purpose=purpose).value.allowed:
        raise Refused("number.no_statutory_purpose", rules=("R011",))


def look_at_number(
    resident: str,
    work: Work,
    *,
    requester: str,
    purpose: str,
    what: str,
    actor: str,
    at: datetime,
) -> IndividualNumber:
    """The person's number, and a row that says who looked, for whom, why, at what.

    The last thing of a transaction. Raises ``Refused``, ``Missing``.
    """
    demand_purpose(requester, purpose)
    person = work.residents.get(resident)
    current = work.numbers.current(person.id)
    if current is None:
        raise Refused("notice.no_number_yet", rules=("R001",))
    work.journal.write(
        Entry(
            municipality=person.municipality,
            at=at,
            actor=actor,
            action="disclose_number",
            subjects=(person.id,),
            facts={"requester": requester, "purpose": purpose, "what": what},
        )
    )
    return current.number
