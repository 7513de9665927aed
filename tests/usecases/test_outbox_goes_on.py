"""What cannot be delivered waits; it holds nothing else up and is never forgotten."""

from collections.abc import Callable

import pytest

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.deliver import deliver, waits_for
from mynabox.usecases.hand_over import HandOver, hand_over
from tests.usecases.places import Place

At = Callable[[str], Place]


def on_its_way(place: Place, name: str, carrier: Carrier, to: str, title: str) -> None:
    with place.box.store.work() as work:
        work.outbox.add(
            Outgoing(
                id=f"out-{name}",
                carrier=carrier,
                municipality="082201",
                to=to,
                title=title,
                content=b"text",
                created=place.box.clock.now(),
            )
        )


def waiting(place: Place) -> list[str]:
    with place.box.store.look() as work:
        return [outgoing.id for outgoing in work.outbox.waiting()]


def test_a_mail_that_no_carrier_takes_holds_nothing_up(at: At) -> None:
    """the letter behind it goes out, the mail waits, and somebody is told"""
    place = at("noticed")
    on_its_way(place, "odd", Carrier.MAIL, "a:b;@x.jp", "odd")
    on_its_way(place, "letter", Carrier.POST, "つくば市", "notice")
    told: list[tuple[str, str]] = []

    def trouble(outgoing: Outgoing, error: Exception) -> None:
        told.append((outgoing.id, type(error).__name__))

    assert deliver(place.box, trouble=trouble) == 1
    assert waiting(place) == ["out-odd"]
    assert told == [("out-odd", "ValueError")]
    assert deliver(place.box) == 0
    assert waiting(place) == ["out-odd"]


def test_a_card_is_not_handed_over_before_its_chip_is_written(at: At) -> None:
    """R050: a certificate that did not get into the chip stops the hand-over"""
    place = at("produced")
    on_its_way(place, "file", Carrier.CHIP, place.card.serial, "no such file")
    assert waits_for(place.card.serial, place.box)
    with pytest.raises(Refused) as refused:
        hand_over(
            HandOver(
                serial=place.card.serial,
                documents=("drivers_licence",),
                pins=SPECIMEN_PINS,
            ),
            place.box,
        )
    assert refused.value.code == "hand_over.chip_not_ready"
    assert refused.value.rules == ("R050",)
