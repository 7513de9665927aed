"""The doorman meets every kind of card. Fixtures come with mynabox; see
docs/testing-with-mynabox.md there."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from cryptography import x509
from doorman import Refused, admit


@pytest.fixture
def door(jpki_ca, box_clock) -> Callable[..., int]:
    """The door, as it stands before whoever comes with a card."""

    def come(card, pin: str | None = None) -> int:
        connection = card.connect()
        try:
            return admit(
                connection.transmit,
                pin or card.pins["authentication"],
                authorities=x509.load_pem_x509_certificates(jpki_ca.pem().encode()),
                ocsp_url=jpki_ca.ocsp_url,
                at=box_clock.now(),
            )
        finally:
            connection.close()

    return come


@pytest.mark.parametrize(
    "my_number_card", ["fresh", "renewed", "moved", "minor", "long-name"], indirect=True
)
def test_a_good_certificate_opens_the_door(my_number_card, door) -> None:
    known = my_number_card.certificates["authentication"].issuance_number
    assert door(my_number_card) == known


@pytest.mark.parametrize(
    ("my_number_card", "why"),
    [
        ("locked-auth", "the PIN is locked"),
        ("one-try-left", "one try is left: not here"),
        ("expired", "the certificate is not valid now"),
        ("revoked", "the certificate is revoked"),
        ("held", "the certificate is revoked"),
        ("wrong-ca-generation", "nobody we trust has issued the certificate"),
    ],
    indirect=["my_number_card"],
)
def test_why_the_door_stays_shut(my_number_card, door, why: str) -> None:
    with pytest.raises(Refused, match=why):
        door(my_number_card)


def test_a_wrong_pin_costs_a_try(my_number_card, door) -> None:
    for _ in range(2):
        with pytest.raises(Refused, match="the PIN is wrong"):
            door(my_number_card, "9999")
    with pytest.raises(Refused, match="one try is left"):
        door(my_number_card)


@pytest.mark.my_number_card("fresh", reads=3)
def test_a_card_that_cannot_be_read(my_number_card, door) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        door(my_number_card)


def test_five_birthdays_later(my_number_card, door, box_clock) -> None:
    last = my_number_card.certificates["authentication"].not_after
    box_clock.set(last)
    box_clock.advance(minutes=-1)
    assert door(my_number_card)
    box_clock.advance(minutes=2)
    with pytest.raises(Refused, match="not valid now"):
        door(my_number_card)


def test_a_card_is_changed_while_the_door_waits(lay_card, door) -> None:
    assert door(lay_card("fresh")) != door(lay_card("permanent-resident"))


def test_other_programs_see_the_card(my_number_card, card_reader) -> None:
    """Any PC/SC program of this session does; here mynabox's own, in a process of
    its own."""
    said = subprocess.run(
        [sys.executable, "-m", "mynabox", "card", "read", "--json"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(said.stdout)["atr"] == my_number_card.atr.hex().upper()
    assert my_number_card.reader == card_reader.name
