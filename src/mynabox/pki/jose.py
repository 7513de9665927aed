"""Certificates that come encrypted to the box (JWE, RFC 7516) or as text, as phone
apps and identity providers send them."""

import hmac
import json
import zlib
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

_GCM = {"A128GCM": 16, "A256GCM": 32}
_CBC: dict[str, tuple[int, HashAlgorithm]] = {
    "A128CBC-HS256": (16, SHA256()),
    "A256CBC-HS512": (32, SHA512()),
}
_OAEP = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
_KEY_BITS = 2048
_LONGEST = 64 * 1024
"""Octets of what was encrypted, inflated: a certificate is a few thousand."""

_SEAL_NONCE = 12


class NotReadable(ValueError):
    """This text is no certificate, or is not encrypted to this key."""


def new_key() -> bytes:
    """A fresh RSA key to which others encrypt, PKCS #8 in DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_jwk(key: bytes) -> dict[str, str]:
    """The public half of a key as a JWK (RFC 7517)."""
    numbers = _private(key).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "enc",
        "alg": "RSA-OAEP-256",
        "n": _encoded(numbers.n.to_bytes(_KEY_BITS // 8)),
        "e": _encoded(numbers.e.to_bytes(3)),
    }


def seal(data: bytes, *, key: bytes, nonce: bytes) -> bytes:
    """Data under a 32-byte key of the box (AES-256-GCM); ``nonce`` has 12 octets."""
    if len(nonce) != _SEAL_NONCE:
        raise ValueError("a nonce has 12 octets")
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def unseal(sealed: bytes, *, key: bytes) -> bytes:
    """What :func:`seal` sealed; raises ``NotReadable``."""
    try:
        return AESGCM(key).decrypt(sealed[:_SEAL_NONCE], sealed[_SEAL_NONCE:], None)
    except (InvalidTag, ValueError) as error:
        raise NotReadable("sealed with another key") from error


def certificate_in(text: str, *, key: bytes) -> bytes:
    """The certificate in a text, DER: PEM, base64, or a compact JWE around either or
    around ``{"claim": PEM}``. Raises ``NotReadable`` and nothing else."""
    try:
        if text.count(".") == 4:
            text = decrypt(text.strip(), key=key).decode()
        if text.lstrip().startswith("{"):
            claimed = json.loads(text, strict=False)
            text = claimed["claim"] if isinstance(claimed, dict) else ""
        if not isinstance(text, str):
            raise NotReadable("the claim is no text")
        return _from_text(text)
    except NotReadable:
        raise
    except (ValueError, KeyError, RecursionError) as error:
        raise NotReadable("not a certificate") from error


def decrypt(token: str, *, key: bytes) -> bytes:
    """The content of a compact JWE with RSA-OAEP-256; raises ``NotReadable``."""
    try:
        return _decrypt(token, _private(key))
    except NotReadable:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotReadable("not a JWE") from error
    except (InvalidTag, zlib.error) as error:
        raise NotReadable("encrypted to another key, or changed") from error


def _decrypt(token: str, key: rsa.RSAPrivateKey) -> bytes:
    protected, wrapped, iv, body, tag = token.split(".")
    header = json.loads(_octets(protected))
    if not isinstance(header, dict) or header.get("alg") != "RSA-OAEP-256":
        raise NotReadable("encrypted in a way that is not accepted")
    if "crit" in header or header.get("zip") not in (None, "DEF"):
        raise NotReadable("a header that is not understood")
    content_key = key.decrypt(_octets(wrapped), _OAEP)
    content = _content(
        str(header.get("enc")),
        content_key,
        iv=_octets(iv),
        body=_octets(body),
        tag=_octets(tag),
        bound=protected.encode("ascii"),
    )
    return _inflated(content) if header.get("zip") else content


def _content(
    name: str, key: bytes, *, iv: bytes, body: bytes, tag: bytes, bound: bytes
) -> bytes:
    if name in _GCM:
        if len(key) != _GCM[name]:
            raise NotReadable("a content key of the wrong length")
        return AESGCM(key).decrypt(iv, body + tag, bound)
    if name not in _CBC:
        raise NotReadable("a cipher that is not accepted")
    size, digest = _CBC[name]
    if len(key) != 2 * size:
        raise NotReadable("a content key of the wrong length")
    mac = HMAC(key[:size], digest)
    mac.update(bound + iv + body + (len(bound) * 8).to_bytes(8))
    if len(tag) != size:
        raise NotReadable("a tag of the wrong length")
    if not hmac.compare_digest(mac.finalize()[:size], tag):
        raise NotReadable("encrypted to another key, or changed")
    opened = Cipher(AES(key[size:]), CBC(iv)).decryptor()
    padded = opened.update(body) + opened.finalize()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _inflated(content: bytes) -> bytes:
    """Raw DEFLATE, bounded: a small text can inflate to fill any memory."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    found = inflater.decompress(content, _LONGEST)
    if not inflater.eof:
        raise NotReadable("longer than any certificate")
    return found


def _from_text(text: str) -> bytes:
    body = text.replace("\\n", "\n").strip()
    if body.startswith("-----BEGIN"):
        lines = [line.strip() for line in body.splitlines()]
        body = "".join(line for line in lines if not line.startswith("-----"))
    try:
        return b64decode("".join(body.split()).encode("ascii"), validate=True)
    except (NotBase64, UnicodeEncodeError) as error:
        raise NotReadable("not base64") from error


def _private(key: bytes) -> rsa.RSAPrivateKey:
    found = load_der_private_key(key, None)
    if not isinstance(found, rsa.RSAPrivateKey):
        raise NotReadable("not an RSA key")
    return found


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")
