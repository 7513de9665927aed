"""What is signed on a card's two face applications: built here, read elsewhere.

The builders are for whoever fills a card. Reading and checking is written apart from
them (``card_face``, ``genuineness``), so that a mistake does not cancel itself out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from mynabox.iso7816.tlv import encode_ber

Sign = Callable[[bytes], bytes]
"""Puts a DigestInfo under PKCS#1 v1.5 padding and signs it."""

_SHA256 = bytes.fromhex("300D06096086480165030402010500")
"""AlgorithmIdentifier of SHA-256."""
_OPAQUE_BYTES, _UNKNOWN_BYTES = 256, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceContent:
    """What the face file holds of the holder and the card.

    Pictures as the face has them: PNG of one bit, the photograph JPEG 2000 (empty on
    a card without one). ``born`` and ``expiry`` are YYYYMMDD, ``sex`` one digit,
    ``public_key`` the card's own as tags 90 and 91.
    """

    born: str = field(repr=False)
    sex: str = field(repr=False)
    public_key: bytes
    name: bytes = field(repr=False)
    address: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    expiry: str
    security_code: bytes = field(repr=False)


def digest_info(*parts: bytes) -> bytes:
    """One DigestInfo over the SHA-256 of each part, one digest after the other."""
    digests = b"".join(map(sha256, parts))
    return encode_ber(0x30, _SHA256 + encode_ber(0x04, digests))


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()


def age_file(*, born: str, public_key: bytes, sign: Sign) -> bytes:
    """Card face EF 0001: the birth date, signed with the card's key."""
    return _signed(
        0xFF10, [(0xDF11, born.encode("ascii")), (0xDF12, public_key)], 0xDF13, sign
    )


def number_picture_file(*, picture: bytes, public_key: bytes, sign: Sign) -> bytes:
    """Card face EF 0005: the number as it is printed, signed with the card's key."""
    return _signed(0xFF40, [(0xDF41, picture), (0xDF42, public_key)], 0xDF43, sign)


def face_file(content: FaceContent, *, sign: Sign) -> bytes:
    """Card face EF 0002: a table of offsets, then what is on the face.

    One signature stands over three digests, so that it can be checked by someone who
    is given the first group and only the digests of the pictures. The expiry and the
    security code come behind it and are not signed.
    """
    first = [
        encode_ber(0xDF22, content.born.encode("ascii")),
        encode_ber(0xDF23, content.sex.encode("ascii")),
        encode_ber(0xDF24, content.public_key),
    ]
    texts = [encode_ber(0xDF25, content.name), encode_ber(0xDF26, content.address)]
    photo = [encode_ber(0xDF27, content.photo)]
    groups = [b"".join(group) for group in (first, texts, photo)]
    signature = encode_ber(0xDF28, sign(digest_info(*groups)))
    behind = [
        encode_ber(0xDF29, content.expiry.encode("ascii")),
        encode_ber(0xDF2A, content.security_code),
    ]
    return with_offsets(0xFF20, 0xDF21, [*first, *texts, *photo, signature, *behind])


def face_information_file(
    *, named: bytes, municipality: str, opaque_named: bytes, opaque: bytes
) -> bytes:
    """Card face EF 0003: the version, key names and the municipality's five digits.

    ``opaque`` is 256 bytes whose meaning nobody knows.
    """
    if len(opaque) != _OPAQUE_BYTES:
        raise ValueError("the opaque block has 256 bytes")
    return _template(
        0xFF30,
        (0xDF31, bytes.fromhex("06030E01")),
        (0xDF32, named),
        (0xDF33, b"\x00"),
        (0xDF34, municipality.encode("ascii")),
        (0xDF35, opaque_named + opaque),
    )


def digests_file(*, number: bytes, attributes: bytes, sign: Sign) -> bytes:
    """Input support EF 0003, 336 bytes: digests of EF 0001 and 0002, signed.

    ``number`` is its file with the filler; of ``attributes`` what follows its table
    of offsets.
    """
    parts = [(0xDF31, sha256(number)), (0xDF32, sha256(attributes))]
    return _signed(0xFF30, parts, 0xDF33, sign)


def text_information_file(*, named: bytes, unknown: bytes) -> bytes:
    """Input support EF 0005: version, a key name and 32 bytes nobody has explained.

    Lengths are written longer than they need be, and filler follows up to 256 bytes.
    """
    if len(unknown) != _UNKNOWN_BYTES:
        raise ValueError("the unexplained value has 32 bytes")
    body = (
        encode_ber(0xDF41, bytes.fromhex("01030E01"))
        + encode_ber(0xDF42, named)
        + encode_ber(0xDF43, unknown.ljust(128, b"\xff"), length_bytes=2)
    )
    return encode_ber(0xFF40, body, length_bytes=2).ljust(256, b"\xff")


def transport_key_file(public_key: bytes) -> bytes:
    """Input support EF 0006: the key that SET SESSION KEY encrypts to."""
    return encode_ber(0xA1, public_key)


def card_key_file(*, public_key: bytes, sign: Sign) -> bytes:
    """Input support EF 0007: the key of EF 0013, signed."""
    return _signed(0xFF50, [(0xDF51, public_key)], 0xDF52, sign)


FILLER_FILE = b"\xff" * 16
"""Input support EF 0008 and card face EF 0006."""


def with_offsets(
    tag: int, table: int, parts: Sequence[bytes], *, length_bytes: int | None = None
) -> bytes:
    """A template that begins with a table of where in the file each part starts."""
    blank = encode_ber(table, bytes(2 * len(parts)))
    shape = encode_ber(tag, blank + b"".join(parts), length_bytes=length_bytes)
    at = len(shape) - sum(map(len, parts))
    starts = b""
    for part in parts:
        starts += at.to_bytes(2)
        at += len(part)
    body = encode_ber(table, starts) + b"".join(parts)
    return encode_ber(tag, body, length_bytes=length_bytes)


def _signed(
    tag: int, parts: Sequence[tuple[int, bytes]], signature: int, sign: Sign
) -> bytes:
    covered = b"".join(encode_ber(each, value) for each, value in parts)
    signed = encode_ber(signature, sign(digest_info(covered)))
    return encode_ber(tag, covered + signed)


def _template(tag: int, *parts: tuple[int, bytes]) -> bytes:
    return encode_ber(tag, b"".join(encode_ber(each, value) for each, value in parts))
