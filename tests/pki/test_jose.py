"""Certificates that come as text or encrypted, and everything that is none."""

import contextlib
import json
import zlib
from base64 import b64encode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from mynabox.pki.jose import (
    NotReadable,
    certificate_in,
    decrypt,
    new_key,
    public_jwk,
    seal,
    unseal,
)

KEY, OTHER = new_key(), new_key()
DER = b"\x30\x03\x02\x01\x05"
BODY = b64encode(DER).decode()
PEM = f"-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n"


def url64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def made(
    content: bytes = PEM.encode(),
    *,
    to: bytes = KEY,
    secret: bytes = bytes(32),
    sha1: bool = False,
    **header: object,
) -> str:
    said = {"alg": "RSA-OAEP-256", "enc": "A256GCM", **header}
    protected = url64(json.dumps(said).encode())
    sealed = AESGCM(secret).encrypt(bytes(12), content, protected.encode())
    digest = SHA1() if sha1 else SHA256()
    oaep = OAEP(mgf=MGF1(digest), algorithm=digest, label=None)
    public = load_der_private_key(to, None).public_key()
    wrapped = public.encrypt(secret, oaep)  # type: ignore[union-attr]
    parts = (wrapped, bytes(12), sealed[:-16], sealed[-16:])
    return ".".join([protected, *map(url64, parts)])


def squeezed(content: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(content) + squeezer.flush()


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\\n"),
        BODY,
        f" {BODY}\n",
        json.dumps({"claim": PEM}),
        '{ "claim": "' + PEM + '" }',
        made(),
        made(BODY.encode()),
        made(json.dumps({"claim": PEM}).encode()),
        made(squeezed(PEM.encode()), zip="DEF"),
        made(secret=bytes(16), enc="A128GCM"),
        made(cty="x", kid="y"),
    ],
)
def test_every_way_in_which_a_certificate_comes(text: str) -> None:
    assert certificate_in(text, key=KEY) == DER


@pytest.mark.parametrize(
    "text",
    [
        "not base64!",
        "証明書",
        "{",
        "{}",
        "[1]",
        '{"claim": 3}',
        "a.b.c.d.e",
        "....",
        made(to=OTHER),
        made(sha1=True),
        made(alg="RSA1_5"),
        made(alg="none"),
        made(enc="A256CBC-HS512"),
        made(enc="none"),
        made(zip="GZ"),
        made(crit=["x"]),
        made(zip="DEF"),
        made(squeezed(b"0" * 70_000), zip="DEF"),
        made(squeezed(b"0" * 70_000)[:-2], zip="DEF"),
        made(secret=bytes(16)),
        made()[:-2],
        made(b"\xff\xfe"),
    ],
)
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(NotReadable):
        certificate_in(text, key=KEY)


def test_one_changed_character_is_found() -> None:
    token = made()
    for place in range(0, len(token), 37):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(NotReadable):
            decrypt(token[:place] + other + token[place + 1 :], key=KEY)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=200) | st.lists(st.binary(max_size=40), min_size=5, max_size=5))
def test_nothing_else_is_ever_raised(found: str | list[bytes]) -> None:
    text = found if isinstance(found, str) else ".".join(map(url64, found))
    with contextlib.suppress(NotReadable):
        certificate_in(text, key=KEY)


def test_a_seal_opens_with_its_key_alone() -> None:
    sealed = seal(KEY, key=bytes(32), nonce=bytes(12))
    assert KEY not in sealed and unseal(sealed, key=bytes(32)) == KEY
    with pytest.raises(NotReadable):
        unseal(sealed, key=bytes(31) + b"\1")
    with pytest.raises(NotReadable):
        unseal(b"", key=bytes(32))
    with pytest.raises(ValueError, match="12 octets"):
        seal(b"", key=bytes(32), nonce=b"")
    assert set(public_jwk(KEY)) == {"kty", "use", "alg", "n", "e"}
