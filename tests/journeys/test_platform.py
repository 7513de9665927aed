"""A client built against the public description of mynumbercard-idp's platform, with no
more than another address: 200, 400, 401, 404, 409 and 410 mean what they mean there."""

import json
import zlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from fastapi.testclient import TestClient

from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.jpki import Kind
from mynabox.usecases.deliver import deliver
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.relying import Holder, registered
from tests.site import API, client_of

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
RIGHTS = ["signature", "authentication", "linking"]
SIGN, USER = "encryptedCertificateForSign", "encryptedCertificateForUser"
NONCES = (f"nonce-{number}" for number in count())


def pem(der: bytes) -> str:
    body = b64encode(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"


def url64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def jwe(content: bytes, key: dict[str, str], enc: str, *, deflate: bool) -> str:
    """A compact JWE as Keycloak (CBC, deflated) and phone apps (GCM) make one."""
    numbers = [
        int.from_bytes(urlsafe_b64decode(key[name] + "==")) for name in ("e", "n")
    ]
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    header = {"alg": "RSA-OAEP-256", "enc": enc} | ({"zip": "DEF"} if deflate else {})
    protected = url64(json.dumps(header).encode())
    if deflate:
        squeezer = zlib.compressobj(wbits=-15)
        content = squeezer.compress(content) + squeezer.flush()
    secret = bytes(range(32))
    if enc == "A256GCM":
        iv = bytes(12)
        sealed = AESGCM(secret).encrypt(iv, content, protected.encode())
        body, tag = sealed[:-16], sealed[-16:]
    else:
        iv = bytes(16)
        padder = PKCS7(128).padder()
        padded = padder.update(content) + padder.finalize()
        cipher = Cipher(algorithms.AES(secret[16:]), modes.CBC(iv)).encryptor()
        body = cipher.update(padded) + cipher.finalize()
        mac = HMAC(secret[:16], SHA256())
        mac.update(protected.encode() + iv + body + (len(protected) * 8).to_bytes(8))
        tag = mac.finalize()[:16]
    oaep = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
    wrapped = public.encrypt(secret, oaep)
    return ".".join([protected, *map(url64, (wrapped, iv, body, tag))])


@dataclass(frozen=True)
class Idp:
    """An identity provider; ``key`` came to it with the platform's address."""

    client: TestClient
    key: str
    name: str = "bank"

    def call(self, action: str, body: Any) -> Any:
        return self.client.post(
            f"/platform/verify/{action}", json=body, auth=(self.name, self.key)
        )

    def ask(
        self,
        action: str,
        holder: Holder,
        kind: Kind,
        *,
        nonce: str = "",
        certificate: str = "",
        hashed: bool = True,
        name: str = "",
    ) -> tuple[int, Any]:
        nonce = nonce or next(NONCES)
        text = sha256(nonce.encode()).hexdigest() if hashed else nonce
        answer = self.call(
            action,
            {
                "requestInfo": {
                    "transactionId": "87e46dbe-9ce7-4bab-97a6-bb0d53e61db5",
                    "recipient": "JPKI",
                    "sender": "ID123",
                    "ts": "2023-06-16 17:30:00.123",
                },
                name or (SIGN if kind is Kind.SIGNATURE else USER): certificate
                or pem(holder.certificate(kind)),
                "applicantData": text,
                "sign": b64encode(holder.sign(kind, nonce.encode())).decode(),
            },
        )
        told = answer.json()
        assert set(told) <= {"responseInfo", "status", "applicantId", "identityInfo"}
        assert told["responseInfo"] | {"ts": ""} == {
            "transactionId": "87e46dbe-9ce7-4bab-97a6-bb0d53e61db5",
            "recipient": "ID123",
            "sender": "JPKI",
            "ts": "",
        }
        done = answer.status_code == 200
        assert told["status"]["status"] == ("SUCCESS" if done else "FAILED")
        return answer.status_code, told


def test_registered_logged_in_told_that_it_is_gone_and_replaced(home: Home) -> None:
    client = client_of(home)
    holder = Holder(home, stage("fresh", home.box).serial)
    resident = client.get(f"{API}/cards/{holder.serial}").json()["resident"]
    idp = Idp(client, registered(client, rights=RIGHTS).key)
    (jwk,) = client.get("/platform/key/jwks.json").json()["keys"]
    assert (jwk["kty"], jwk["alg"]) == ("RSA", "RSA-OAEP-256")

    assert idp.ask("login", holder, Kind.AUTHENTICATION)[0] == 404
    assert idp.ask("replacement", holder, Kind.SIGNATURE)[0] == 404

    # the phone's way: {"claim": PEM}, encrypted; another key's is not readable
    claim = json.dumps({"claim": pem(holder.certificate(Kind.SIGNATURE))}).encode()
    other = {
        **jwk,
        "n": url64(
            rsa.generate_private_key(65537, 2048)
            .public_key()
            .public_numbers()
            .n.to_bytes(256)
        ),
    }
    stranger = jwe(claim, other, "A256GCM", deflate=False)
    assert (
        idp.ask("registration", holder, Kind.SIGNATURE, certificate=stranger)[0] == 401
    )
    sealed = jwe(claim, jwk, "A256GCM", deflate=False)
    status, told = idp.ask("registration", holder, Kind.SIGNATURE, certificate=sealed)
    assert status == 200, told
    user = told["identityInfo"]["tisUserId"]
    assert set(told["identityInfo"]) == {
        "tisUserId", "name", "dateOfBirth", "gender", "address",
    }  # fmt: skip
    assert told["identityInfo"]["dateOfBirth"] == "1988-04-12"
    assert idp.ask("registration", holder, Kind.SIGNATURE)[0] == 409

    status, told = idp.ask("login", holder, Kind.AUTHENTICATION, nonce="once")
    assert (status, told["identityInfo"]["tisUserId"]) == (200, user)
    again, told = idp.ask("login", holder, Kind.AUTHENTICATION, nonce="once")
    assert (again, told["status"]["errorInfo"]["message"]) == (401, "nonce_used")

    # moved: on the next day the signature certificate is gone, the person is not
    client.post(
        f"{API}/residents/{resident}/particulars",
        json={"address": "茨城県つくば市箱の内七丁目7番地7"},
    )
    home.clock.set((NOW + timedelta(days=1)).replace(hour=9))
    status, told = idp.ask("login", holder, Kind.AUTHENTICATION, nonce="both")
    assert (status, told["status"]["errorInfo"]["reason"]) == (410, "410 Gone")
    assert idp.ask("replacement", holder, Kind.SIGNATURE)[0] == 401
    client.post(
        f"{API}/cards/{holder.serial}/certificates", json={"documents": ["passport"]}
    )
    deliver(home.box)
    deflated = jwe(
        json.dumps({"claim": pem(holder.certificate(Kind.SIGNATURE))}).encode(),
        jwk,
        "A128CBC-HS256",
        deflate=True,
    )
    status, told = idp.ask(
        "replacement", holder, Kind.SIGNATURE, nonce="both", certificate=deflated
    )
    assert status == 200, told
    assert told["identityInfo"]["tisUserId"] == user
    assert (
        told["identityInfo"]["address"].endswith("７－７")
        or "７" in (told["identityInfo"]["address"])
    )
    assert idp.ask("login", holder, Kind.AUTHENTICATION)[0] == 200

    # lost: held, and so not proven
    client.post(f"{API}/residents/{resident}/lost")
    status, told = idp.ask("login", holder, Kind.AUTHENTICATION)
    assert (status, told["status"]["errorInfo"]["message"]) == (401, "held")
    deliver(home.box)


def test_what_is_not_let_in(home: Home) -> None:
    client = client_of(home)
    holder = Holder(home, stage("fresh", home.box).serial)
    idp = Idp(client, registered(client, rights=RIGHTS).key)
    wrongs: tuple[dict[str, Any], ...]
    wrongs = ({}, {"auth": ("bank", "x")}, {"auth": ("shop", idp.key)})
    for wrong in wrongs:
        answer = client.post("/platform/verify/login", json={}, **wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
    body: Any
    for body in ({}, [], {"requestInfo": {}}, "x"):
        assert idp.call("login", body).status_code == 400
    large = client.post("/platform/verify/login", content=b"x" * 70_000)
    assert large.status_code == 413
    # signed was the text itself; the former edition's names and its id
    former = "encryptedDigitalSignatureCertificate"
    status, told = idp.ask(
        "registration", holder, Kind.SIGNATURE, hashed=False, name=former
    )
    assert status == 200 and set(told["identityInfo"]) >= {"uniqueId"}
    other_key = pem(holder.certificate(Kind.AUTHENTICATION))
    assert (
        idp.ask("registration", holder, Kind.SIGNATURE, certificate=other_key)[0] == 401
    )
    for certificate in ("x", "a.b.c.d.e", "{}", '{"claim": 3}', pem(b"0")):
        status, _ = idp.ask(
            "login", holder, Kind.AUTHENTICATION, certificate=certificate
        )
        assert status == 401
    # without the right to link, or too often
    less = registered(client, "less", ["authentication"], per_minute=1)
    plain = Idp(client, less.key, "less")
    home.clock.set(NOW.replace(second=1))
    status, told = plain.ask("login", holder, Kind.AUTHENTICATION)
    assert (status, told["status"]["errorInfo"]["message"]) == (401, "right_missing")
    assert plain.ask("login", holder, Kind.AUTHENTICATION)[0] == 503
    assert less.ask("challenges", origin="https://x").status_code == 429
