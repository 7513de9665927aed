"""Tell a body that the law allows it an Individual Number, and write that down."""

from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Box
from mynabox.usecases.number_looks import look_at_number


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
    with box.store.work() as work:
        return look_at_number(
            resident,
            work,
            requester=requester,
            purpose=purpose,
            what=what,
            actor=actor,
            at=box.clock.now(),
        )
