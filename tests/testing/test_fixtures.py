"""What the shipped fixtures give, beyond what the example project uses."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.adapters.trays import CardSilent
from mynabox.law.days import JST
from mynabox.terminal.connection import CardRemoved
from mynabox.testing.session import (
    Authorities,
    BoxClock,
    CardReader,
    MyNumberCard,
    SessionBox,
)

pytestmark = pytest.mark.xdist_group("fixtures")

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
READ = bytes.fromhex("00B0860010")


def test_without_a_marker_it_is_the_fresh_card(my_number_card: MyNumberCard) -> None:
    assert my_number_card.scenario == "fresh"
    assert my_number_card.pins["authentication"] == "1234"
    assert my_number_card.tries["signature"] == 5
    assert my_number_card.attributes.name == "箱見 ひらき"
    assert json.loads(json.dumps(my_number_card.as_json()))["number"] == (
        my_number_card.number
    )


@pytest.mark.my_number_card("locked-auth")
def test_the_marker_says_which(my_number_card: MyNumberCard) -> None:
    assert my_number_card.scenario == "locked-auth"
    assert my_number_card.tries["authentication"] == 0


@pytest.mark.my_number_card("fresh", commands=1)
def test_the_marker_says_what_goes_wrong(my_number_card: MyNumberCard) -> None:
    card = my_number_card.connect()
    assert card.transmit(SELECT) == b"\x90\x00"
    with pytest.raises(CardRemoved):
        card.transmit(READ)
    card.close()


def test_a_card_that_does_not_answer(lay_card: Callable[..., MyNumberCard]) -> None:
    card = lay_card("fresh", reads=0, failure="silence").connect()
    card.transmit(SELECT)
    with pytest.raises(CardSilent):
        card.transmit(READ)
    card.close()


def test_an_unknown_card(lay_card: Callable[..., MyNumberCard]) -> None:
    with pytest.raises(LookupError):
        lay_card("frsh")


def test_secrets_do_not_show(my_number_card: MyNumberCard) -> None:
    shown = repr(my_number_card)
    for secret in (
        my_number_card.number,
        "1234",
        "ABC123",
        my_number_card.verification_b,
        my_number_card.attributes.name,
    ):
        assert secret is not None
        assert secret not in shown


def test_the_reader_is_where_programs_look(card_reader: CardReader) -> None:
    assert card_reader.socket.is_socket()
    assert os.environ["PCSCLITE_CSOCK_NAME"] == str(card_reader.socket.absolute())
    assert (
        card_reader.environment["PCSCLITE_CSOCK_NAME"]
        == (os.environ["PCSCLITE_CSOCK_NAME"])
    )


@pytest.mark.parametrize(
    ("my_number_card", "status"),
    [("fresh", "good"), ("revoked", "revoked")],
    indirect=["my_number_card"],
)
def test_the_authorities_answer_without_a_network(
    my_number_card: MyNumberCard, jpki_ca: Authorities, status: str
) -> None:
    known = my_number_card.certificates["authentication"]
    certificate = x509.load_pem_x509_certificate(known.pem.encode())
    issuer = x509.load_pem_x509_certificate(known.authority_pem.encode())
    request = (
        ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()
    )
    answer = ocsp.load_der_ocsp_response(
        jpki_ca.ocsp(request.public_bytes(Encoding.DER))
    )
    assert answer.certificate_status.name.lower() == status
    revoked = any(
        x509.load_der_x509_crl(crl).get_revoked_certificate_by_serial_number(
            certificate.serial_number
        )
        for crl in jpki_ca.crls("authentication")
    )
    assert revoked is (status == "revoked")


def test_authorities_by_kind(jpki_ca: Authorities) -> None:
    kinds = jpki_ca.der("authentication"), jpki_ca.der("signature")
    assert sorted(kinds[0] + kinds[1]) == sorted(jpki_ca.der())
    assert jpki_ca.pem().count("BEGIN CERTIFICATE") == len(jpki_ca.der())


class TestClock:
    """The clock is turned, and back after each test."""

    def test_it_is_turned(self, box_clock: BoxClock) -> None:
        box_clock.set(datetime(2036, 2, 29, 12, 0, tzinfo=JST))
        box_clock.advance(days=1, hours=2)
        now = box_clock.now()
        assert datetime(2036, 3, 1, 14, 0, tzinfo=JST) <= now
        assert now < datetime(2036, 3, 1, 14, 1, tzinfo=JST)

    def test_it_follows_the_machine_again(
        self, box_clock: BoxClock, my_number_box: SessionBox
    ) -> None:
        assert box_clock.now() < datetime(2036, 1, 1, tzinfo=JST)
        ahead = my_number_box.clock().now() - box_clock.now()
        assert abs(ahead) < timedelta(seconds=5)
