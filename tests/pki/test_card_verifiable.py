"""CV certificates: their bytes, their names, and who reads them otherwise."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mynabox.pki.card_verifiable import (
    CARD_INTERMEDIATE,
    CARD_ISSUER,
    FACE_NAMED,
    FACE_ROOT,
    OPAQUE_NAMED,
    ROOTS,
    SHARED_NAMED,
    TEXT_NAMED,
    KeyName,
    NotOurs,
    card_verifiable_certificate,
    public_key_objects,
    without_template,
)
from mynabox.terminal.card_verifiable import (
    CvCertificate,
    CvKey,
    chain_verified,
    digests_signed_by,
    read_public_key,
    signed_by,
)
from mynabox.terminal.errors import CardNonsense, NotGenuine, UnknownAuthority
from mynabox.terminal.signed_files import digest_info

ISSUER, SUBJECT, OTHER = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)
)
TOWN = KeyName("1322121", group="000")


def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def certificate(
    issuer: KeyName = FACE_ROOT,
    subject: KeyName = TOWN,
    by: rsa.RSAPrivateKey = ISSUER,
    of: rsa.RSAPrivateKey = SUBJECT,
) -> bytes:
    return card_verifiable_certificate(
        issuer=issuer,
        subject=subject,
        public_key=spki(of),
        sign=lambda body: by.sign(body, PKCS1v15(), SHA256()),
    )


def root(key: rsa.RSAPrivateKey = ISSUER, name: KeyName = FACE_ROOT) -> CvKey:
    return CvKey(name.encode(), key.public_key())


def test_a_name_is_sixteen_bytes() -> None:
    assert FACE_ROOT.encode() == b"9000023\x08\x05001\x00\x00\x00\x00"
    assert CARD_INTERMEDIATE.encode() == b"9000021\x08\x05001\x00\x00\x00\xa8"
    assert TOWN.encode() == b"1322121\x08\x05000\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("number", "group", "tail"),
    [
        ("900002", "001", bytes(4)),
        ("90000233", "001", bytes(4)),
        ("900002X", "001", bytes(4)),
        ("９00002３", "001", bytes(4)),
        ("9000023", "01", bytes(4)),
        ("9000023", "001", bytes(3)),
    ],
)
def test_no_name(number: str, group: str, tail: bytes) -> None:
    with pytest.raises(ValueError, match="key name"):
        KeyName(number, group, tail)


@pytest.mark.parametrize(
    "name",
    [
        *ROOTS,
        CARD_INTERMEDIATE,
        CARD_ISSUER,
        FACE_NAMED,
        TEXT_NAMED,
        SHARED_NAMED,
        OPAQUE_NAMED,
    ],
    ids=lambda name: name.number,
)
def test_no_key_of_ours_can_be_taken_for_a_genuine_one(name: KeyName) -> None:
    assert name.number[0] == "9"
    assert not name.genuine_range


@pytest.mark.parametrize("number", ["5000023", "6000033"])
def test_names_of_genuine_keys_are_refused(number: str) -> None:
    genuine = KeyName(number)
    with pytest.raises(NotOurs):
        certificate(issuer=genuine)
    with pytest.raises(NotOurs):
        certificate(subject=genuine)


def test_its_bytes_are_those_of_a_genuine_one() -> None:
    raw = certificate()
    assert len(raw) == 568
    assert raw[:5] == bytes.fromhex("7F21820233")
    assert raw[5:10] == bytes.fromhex("5F4E820129")
    assert raw[10:26] == FACE_ROOT.encode()
    assert raw[26:42] == TOWN.encode()
    assert raw[42:47] == bytes.fromhex("9003010001")
    assert raw[47:51] == bytes.fromhex("91820100")
    modulus = SUBJECT.public_key().public_numbers().n
    assert int.from_bytes(raw[51:307]) == modulus
    assert raw[307:312] == bytes.fromhex("5F37820100")
    ISSUER.public_key().verify(raw[312:], raw[10:307], PKCS1v15(), SHA256())
    assert without_template(raw) == raw[5:]


def test_read_and_checked_with_and_without_its_template() -> None:
    for raw in (certificate(), without_template(certificate())):
        found = CvCertificate.decode(raw).verified([root()])
        assert (found.name, found.number) == (TOWN.encode(), "1322121")
        assert found.key == SUBJECT.public_key()


@pytest.mark.parametrize("at", range(10, 568, 31))
def test_any_byte_changed_is_found(at: int) -> None:
    raw = bytearray(certificate())
    raw[at] ^= 1
    with pytest.raises((NotGenuine, UnknownAuthority, CardNonsense)):
        CvCertificate.decode(bytes(raw)).verified([root()])


def test_an_unknown_authority_is_not_a_bad_signature() -> None:
    decoded = CvCertificate.decode(certificate())
    with pytest.raises(UnknownAuthority) as unknown:
        decoded.verified([root(name=ROOTS[2])])
    assert unknown.value.name == FACE_ROOT.encode()
    with pytest.raises(UnknownAuthority):
        decoded.verified([])
    with pytest.raises(NotGenuine):
        decoded.verified([root(OTHER)])
    assert decoded.verified([root(OTHER), root()]).key == SUBJECT.public_key()


def test_a_chain_needs_its_root_alone() -> None:
    upper = certificate(ROOTS[0], CARD_INTERMEDIATE)
    lower = certificate(CARD_INTERMEDIATE, CARD_ISSUER, by=SUBJECT, of=OTHER)
    chain = [CvCertificate.decode(raw) for raw in (upper, lower)]
    roots = [root(name=ROOTS[0])]
    assert chain_verified(chain, roots).key == OTHER.public_key()
    with pytest.raises(UnknownAuthority):
        chain_verified(chain[::-1], roots)
    with pytest.raises(CardNonsense):
        chain_verified([], roots)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x7f\x21", certificate()[:-1], certificate()[:300], b"\x30\x03abc"],
    ids=range(5),
)
def test_what_is_no_certificate(raw: bytes) -> None:
    with pytest.raises(CardNonsense):
        CvCertificate.decode(raw)


def test_only_rsa_2048_can_be_certified() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    odd = rsa.generate_private_key(public_exponent=3, key_size=2048)
    for key in (small, odd, ec.generate_private_key(ec.SECP384R1())):
        with pytest.raises(ValueError, match="card-verifiable"):
            public_key_objects(spki(key))


def test_keys_survive_being_written() -> None:
    raw = public_key_objects(spki(SUBJECT))
    assert len(raw) == 265
    assert read_public_key(raw) == SUBJECT.public_key()
    for bad in (raw[:5], raw[5:], b"", raw[:-1]):
        with pytest.raises(CardNonsense):
            read_public_key(bad)


def test_three_digests_under_one_signature() -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

    parts = (b"one", b"two", b"three")
    info = digest_info(*parts)
    assert info[:2] == bytes.fromhex("3071")
    assert info[13:19] == bytes.fromhex("020105000460")
    signature = ISSUER.sign(info, PKCS1v15(), NoDigestInfo())
    digests = info[-96:]
    assert digests_signed_by(ISSUER.public_key(), digests, signature)
    assert not digests_signed_by(ISSUER.public_key(), digests[:-1] + b"x", signature)
    assert not digests_signed_by(OTHER.public_key(), digests, signature)
    single = ISSUER.sign(digest_info(b"one"), PKCS1v15(), NoDigestInfo())
    assert signed_by(ISSUER.public_key(), b"one", single)
    assert not signed_by(ISSUER.public_key(), b"two", single)
