"""Passkeys: what opens, and everything that does not. (A real browser's are in the
journeys.)"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.staff import NotSignedIn, Role
from mynabox.usecases.acting import Actor, channel, of_staff
from mynabox.usecases.passkeys import (
    begin_registration,
    begin_sign_in,
    register,
    sign_in_with_passkey,
)
from mynabox.usecases.sign_in import sign_in, whose
from mynabox.usecases.staff_accounts import add_staff, end_staff
from tests.usecases.places import CITY, Place

SITE, ORIGIN = "localhost", "http://localhost:8780"
PASSWORD = "correct horse battery"
PRESENT, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """An authenticator with one key, which does as it is told."""

    site: str = SITE
    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED
    count: int = 0
    kind: str | None = None
    credential: bytes = b"c" * 32
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: str) -> str:
        """A new credential, attested by nobody."""
        point = self.key.public_key().public_numbers()
        public = encode_cbor(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: point.x.to_bytes(32),
                -3: point.y.to_bytes(32),
            }
        )
        data = (
            self._data(self.flags | NEW_KEY)
            + bytes(16)
            + len(self.credential).to_bytes(2)
            + self.credential
            + public
        )
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._said(
            clientDataJSON=self._client(options, "webauthn.create"),
            attestationObject=attested,
        )

    def sign(self, options: str) -> str:
        """An answer to the sign-in page."""
        self.count += 1
        client = self._client(options, "webauthn.get")
        data = self._data(self.flags)
        signature = self.key.sign(
            data + sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._said(
            clientDataJSON=client, authenticatorData=data, signature=signature
        )

    def _data(self, flags: int) -> bytes:
        site = sha256(self.site.encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, options: str, kind: str) -> bytes:
        return json.dumps(
            {
                "type": self.kind or kind,
                "challenge": json.loads(options)["challenge"],
                "origin": self.origin,
                "crossOrigin": False,
            }
        ).encode()

    def _said(self, **response: bytes) -> str:
        name = bytes_to_base64url(self.credential)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {
                    key: bytes_to_base64url(value) for key, value in response.items()
                },
            }
        )


@pytest.fixture
def hanako(place: Place) -> Actor:
    return of_staff(
        add_staff(
            "hanako", [Role.CLERK], place.box, municipality=CITY, password=PASSWORD
        )
    )


def registered(place: Place, actor: Actor, device: Device, options: str = "") -> Any:
    asked = options or begin_registration(actor, SITE, place.box)
    return register(
        actor, device.make(asked), label=" laptop ", site=SITE, origin=ORIGIN,
        box=place.box,
    )  # fmt: skip


def entered(place: Place, said: str) -> Any:
    return sign_in_with_passkey(said, site=SITE, origin=ORIGIN, box=place.box)


def not_accepted(
    attempt: Callable[[], object], code: str = "authority.passkey_refused"
) -> None:
    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == code


def test_it_opens_what_the_password_opens(place: Place, hanako: Actor) -> None:
    device = Device()
    kept = registered(place, hanako, device)
    assert (kept.label, kept.staff) == ("laptop", hanako.staff)
    for _ in range(2):
        opened = entered(place, device.sign(begin_sign_in(SITE, place.box)))
        assert whose(opened.secret, place.box) == hanako
    with place.box.store.look() as work:
        known = work.passkeys.find(kept.credential)
    assert known is not None
    assert known.count == device.count == 2


def test_the_page_is_asked_for_a_gesture_and_told_nothing(
    place: Place, hanako: Actor
) -> None:
    registered(place, hanako, Device())
    asked = json.loads(begin_sign_in(SITE, place.box))
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == SITE
    assert not asked["allowCredentials"]
    making = json.loads(begin_registration(hanako, SITE, place.box))
    assert len(making["excludeCredentials"]) == 1
    assert making["authenticatorSelection"]["residentKey"] == "required"
    assert len(base64url_to_bytes(making["challenge"])) == 32


def test_one_key_is_registered_once(place: Place, hanako: Actor) -> None:
    device = Device()
    registered(place, hanako, device)
    taro = of_staff(add_staff("taro", [Role.CLERK], place.box))
    for actor in (hanako, taro):
        not_accepted(
            lambda actor=actor: registered(place, actor, device),  # type: ignore[misc]
            "authority.passkey_known",
        )


def test_who_is_not_named_has_no_passkey(place: Place) -> None:
    with pytest.raises(NotSignedIn):
        begin_registration(channel("web"), SITE, place.box)


WRONG: list[dict[str, object]] = [
    {"site": "elsewhere.invalid"},
    {"origin": "http://elsewhere.invalid"},
    {"origin": "http://localhost:8781"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"kind": "webauthn.other"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_not_registered(
    place: Place, hanako: Actor, wrong: dict[str, Any]
) -> None:
    """made for another site, or without the gesture"""
    not_accepted(lambda: registered(place, hanako, Device(**wrong)))


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_does_not_sign_in(
    place: Place, hanako: Actor, wrong: dict[str, Any]
) -> None:
    device = Device()
    registered(place, hanako, device)
    said = replace(device, **wrong).sign(begin_sign_in(SITE, place.box))
    not_accepted(lambda: entered(place, said))


def test_another_key_does_not_sign_in(place: Place, hanako: Actor) -> None:
    """nor a credential that nobody registered"""
    device = Device()
    registered(place, hanako, device)
    stranger = Device()
    not_accepted(lambda: entered(place, stranger.sign(begin_sign_in(SITE, place.box))))
    unknown = replace(device, credential=b"x" * 32)
    not_accepted(lambda: entered(place, unknown.sign(begin_sign_in(SITE, place.box))))


def test_an_answer_counts_once_and_soon(place: Place, hanako: Actor) -> None:
    device = Device()
    registered(place, hanako, device)
    said = device.sign(begin_sign_in(SITE, place.box))
    entered(place, said)
    not_accepted(lambda: entered(place, said))
    late = device.sign(begin_sign_in(SITE, place.box))
    place.machine.moment += timedelta(minutes=5)
    not_accepted(lambda: entered(place, late))


def test_a_challenge_is_for_one_thing_and_one_person(
    place: Place, hanako: Actor
) -> None:
    taro = of_staff(add_staff("taro", [Role.CLERK], place.box))
    device = Device()
    his = begin_registration(taro, SITE, place.box)
    not_accepted(lambda: registered(place, hanako, device, his))
    entering = begin_sign_in(SITE, place.box)
    not_accepted(lambda: registered(place, hanako, device, entering))
    registered(place, hanako, device)
    making = begin_registration(hanako, SITE, place.box)
    not_accepted(lambda: entered(place, device.sign(making)))


def test_a_count_that_goes_back_is_a_copy(place: Place, hanako: Actor) -> None:
    device = Device(count=5)
    registered(place, hanako, device)
    copy = replace(device, count=2)
    not_accepted(lambda: entered(place, copy.sign(begin_sign_in(SITE, place.box))))
    entered(place, device.sign(begin_sign_in(SITE, place.box)))


def test_an_account_that_does_not_open(place: Place, hanako: Actor) -> None:
    device = Device()
    registered(place, hanako, device)
    end_staff("hanako", place.box)
    said = device.sign(begin_sign_in(SITE, place.box))
    not_accepted(lambda: entered(place, said), "authority.passkey_refused")


def test_wrong_passwords_make_no_passkey_wait(place: Place, hanako: Actor) -> None:
    device = Device()
    registered(place, hanako, device)
    for _ in range(7):
        with pytest.raises(Refused):
            sign_in("hanako", "wrong horse battery", place.box)
    entered(place, device.sign(begin_sign_in(SITE, place.box)))


@pytest.mark.parametrize(
    "said",
    ["", "{}", "[1]", "null", "{" * 5000, "[" * 100_000, '{"rawId": 7, "response": {}}',
     '{"response": {"clientDataJSON": "AAAA"}}', '{"response": {"clientDataJSON": 1}}'],
)  # fmt: skip
def test_what_is_no_answer(place: Place, hanako: Actor, said: str) -> None:
    not_accepted(lambda: entered(place, said))
    not_accepted(
        lambda: register(
            hanako, said, label="", site=SITE, origin=ORIGIN, box=place.box
        )
    )
