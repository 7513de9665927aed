"""What journeys over HTTP end with."""

from mynabox.lifecycle.certificate import StopReason
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import show_card
from mynabox.usecases.status import status_of, view
from mynabox.wiring import Home


def one_story(home: Home) -> None:
    """Register, cards, chips, papers and journal agree."""
    deliver(home.box)
    found = reconcile(home.box).findings
    assert found == (), found


def reasons(serial: str, box: Box) -> list[StopReason | None]:
    """What OCSP says of each certificate of the card."""
    told = []
    with box.store.look() as work:
        for certificate in show_card(serial, box).certificates:
            status = status_of(
                work, certificate.issuer, certificate.serial, seen=view(box)
            )
            told.append(getattr(status, "reason", None))
    return told
