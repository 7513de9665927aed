"""Certificates that have expired on a card that goes on (R141, R165)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from mynabox.lifecycle.certificate import CertificateKind, CertificateState, StopReason
from mynabox.lifecycle.life import Refused
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.reset_at_store import ReserveReset, reserve_reset
from tests.usecases.places import Place, refused

LAST = date(2031, 3, 31)


@pytest.mark.parametrize("kinds", [(), (CertificateKind.SIGNATURE,)])
def test_issued_anew_with_a_document(
    at: Callable[[str], Place], kinds: tuple[CertificateKind, ...]
) -> None:
    """on their last day they are still good; from the next on they are had anew, and
    the former ones are superseded"""
    place = at("active").on(LAST.isoformat())
    with pytest.raises(Refused) as good:
        place.reissue(*kinds)
    assert good.value.code == (
        "certificates.still_good" if kinds else "certificates.none_lacking"
    )
    place.on((LAST + timedelta(days=1)).isoformat())
    issued = place.reissue(*kinds)
    wanted = set(kinds) or set(CertificateKind)
    assert {one.kind for one in issued} == wanted
    for one in place.certificates:
        if one.not_after.date() == LAST and one.kind in wanted:
            assert (one.state, one.reason) == (
                CertificateState.REVOKED,
                StopReason.SUPERSEDED,
            )
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def test_no_reset_at_a_store_with_them(at: Callable[[str], Place]) -> None:
    """R077: both certificates must be good"""
    place = at("active").on((LAST + timedelta(days=1)).isoformat())
    ask = ReserveReset(
        serial=place.card.serial,
        kind="signature",
        other=SPECIMEN_PINS["authentication"],
        same_face=True,
    )
    refused(
        place,
        lambda: reserve_reset(ask, place.box),
        "certificate.not_possible_now",
        "R077",
        "R078",
    )
