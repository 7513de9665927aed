"""The issuer's commands: mutual authentication, then sealed commands of class 84.

This part of the interface is ours (no public document describes the genuine one);
docs/card.md is its specification.
"""

import hmac
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mynabox.card.core import Core, Refused
from mynabox.card.image import Counter, Image, Place, SecretCell
from mynabox.card.issuer_channel import (
    RANDOM_BYTES,
    TAG_BYTES,
    IssuerChannel,
    expected_proof,
    own_proof,
)
from mynabox.card.layout import File, KeyFile, Records, SecretFile, Transparent
from mynabox.iso7816 import SW, Command
from mynabox.iso7816.status import wrong_with
from mynabox.iso7816.tlv import Tlv, TlvError, encode_ber, parse_ber

_LONGEST_FILE = 0x7FFF
_DF_NAME, _FILE_ID, _CONTENT, _ORDER = 0x84, 0x83, 0x53, 0xE0


def mutual_authenticate(core: Core, command: Command) -> bytes:
    """``80 82 00 00``: the host's random and proof in, the chip's proof out.

    Uses up the 16-byte challenge given out last. Wrong proofs are counted as wrong
    PINs are, before the comparison; at zero the issuer is shut out for ever (6984).
    """
    if command.p1 or command.p2:
        raise Refused(SW.WRONG_PARAMETERS)
    if len(command.data) != 2 * RANDOM_BYTES or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    state = core.state
    state.channel = None
    card, state.challenge = state.challenge, None
    tries = core.image.issuer_tries
    if not tries.left:
        raise Refused(SW.REFERENCE_BLOCKED)
    if card is None or len(card) != RANDOM_BYTES:
        raise Refused(SW.CONDITIONS_NOT_SATISFIED)
    host, proof = command.data[:RANDOM_BYTES], command.data[RANDOM_BYTES:]
    core.keep(replace(core.image, issuer_tries=tries.spent()))
    key, serial = core.image.issuer_key, core.image.serial
    expected = expected_proof(key, card=card, host=host, serial=serial)
    if not hmac.compare_digest(proof, expected):
        raise Refused(wrong_with(tries.left - 1))
    core.keep(replace(core.image, issuer_tries=tries.full()))
    state.channel = IssuerChannel(key, card=card, host=host)
    return own_proof(key, card=card, host=host)


def sealed(core: Core, command: Command) -> bytes:
    """Class 84: open, do, seal the answer. Any refusal ends the session."""
    channel, core.state.channel = core.state.channel, None
    if channel is None:
        raise Refused(SW.SECURITY_NOT_SATISFIED)
    if len(command.data) < TAG_BYTES or command.le is None:
        raise Refused(SW.SECURE_DATA_WRONG)
    header = bytes((command.cla, command.ins, command.p1, command.p2))
    content = channel.open(header, command.data)
    if content is None:
        raise Refused(SW.SECURE_DATA_WRONG)
    p1p2 = command.p1 << 8 | command.p2
    answer = _ordered(core, command.ins, p1p2, content)
    if not core.image.ended:
        core.state.channel = channel
    return channel.seal(header, answer, SW.OK)


def _ordered(core: Core, ins: int, p1p2: int, content: bytes) -> bytes:
    """Do one order, or several as one: one write, whole or not at all."""
    before = core.image
    after, answer = SEALED[ins](core, before, p1p2, content)
    core.keep(after)
    presented_in = core.state.presented_in
    if presented_in is not None:
        for fid in tuple(core.state.presented):
            place = (presented_in.name, fid)
            if after.secrets[place] is not before.secrets[place]:
                core.state.presented.discard(fid)
    return answer


def _together(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 10 0000``: orders as ``E0 { INS P1 P2 content }``; a ``53`` answers each."""
    if p1p2:
        raise Refused(SW.WRONG_PARAMETERS)
    answers = b""
    for order in _parsed(content):
        head = order.value[:3]
        if order.tag != _ORDER or len(head) < 3 or head[0] not in _SEVERAL:
            raise Refused(SW.WRONG_DATA)
        does = SEALED[head[0]]
        image, answer = does(core, image, int.from_bytes(head[1:]), order.value[3:])
        answers += encode_ber(_CONTENT, answer)
    return image, answers


def _write_file(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 D6 0000``: replace a file: one ``53`` for bytes, one for each record."""
    place, file, values = _target(core, p1p2, content)
    if isinstance(file, Transparent):
        if len(values) != 1 or len(values[0]) > _LONGEST_FILE:
            raise Refused(SW.WRONG_DATA)
        return image.with_file(place, values[0]), b""
    if isinstance(file, Records):
        if len(values) > 254 or not all(values):
            raise Refused(SW.WRONG_DATA)
        return image.with_records(place, values), b""
    raise Refused(SW.INCOMPATIBLE_FILE)


def _generate_key(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 46 0000``: a new RSA-2048 key inside the chip; answers its public half."""
    place, file, values = _target(core, p1p2, content)
    if not isinstance(file, KeyFile):
        raise Refused(SW.INCOMPATIBLE_FILE)
    if values:
        raise Refused(SW.WRONG_DATA)
    key = core.make_key()
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return image.with_key(place, der), spki


def _set_secret(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 2C 0000``: a new PIN, password or number, with all its tries (R076); without
    a value it is taken away, and no value opens it until one is set again (R081)."""
    place, file, values = _target(core, p1p2, content)
    if not isinstance(file, SecretFile):
        raise Refused(SW.INCOMPATIBLE_FILE)
    if not values:
        gone = SecretCell(None, Counter(0, image.secrets[place].tries.limit))
        return image.with_secret(place, gone), b""
    if len(values) != 1 or not file.form.fits(values[0]):
        raise Refused(core.profile.bad_new_value)
    tries = image.secrets[place].tries
    return image.with_secret(place, SecretCell(values[0], tries.full())), b""


def _put_data(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 DA tag``: set a data object such as the expiry; empty takes it away."""
    if p1p2 not in core.profile.objects:
        raise Refused(SW.REFERENCE_NOT_FOUND)
    if len(content) > _LONGEST_FILE:
        raise Refused(SW.WRONG_DATA)
    return image.with_object(p1p2, content), b""


def _terminate(
    core: Core, image: Image, p1p2: int, content: bytes
) -> tuple[Image, bytes]:
    """``84 FE 0000``: empty the card for good; only its serial stays in memory."""
    if p1p2:
        raise Refused(SW.WRONG_PARAMETERS)
    if content:
        raise Refused(SW.WRONG_DATA)
    return image.emptied(), b""


TOGETHER = 0x10
_SEVERAL = frozenset((0x2C, 0x46, 0xD6, 0xDA))
"""Orders that may be given together."""

SEALED: dict[int, Callable[[Core, Image, int, bytes], tuple[Image, bytes]]] = {
    TOGETHER: _together,
    0x2C: _set_secret,
    0x46: _generate_key,
    0xD6: _write_file,
    0xDA: _put_data,
    0xFE: _terminate,
}


def _target(
    core: Core, p1p2: int, content: bytes
) -> tuple[Place, File, tuple[bytes, ...]]:
    """The file a template names (84 AID, 83 identifier) and its 53 values."""
    if p1p2:
        raise Refused(SW.WRONG_PARAMETERS)
    objects = _parsed(content)
    tags = [each.tag for each in objects]
    if tags[:2] != [_DF_NAME, _FILE_ID] or set(tags[2:]) - {_CONTENT}:
        raise Refused(SW.WRONG_DATA)
    aid, fid, *values = (each.value for each in objects)
    for application in core.profile.applications:
        if application.aid == aid:
            file = application.by_fid.get(int.from_bytes(fid))
            if file is not None:
                return (application.name, file.fid), file, tuple(values)
    raise Refused(SW.FILE_NOT_FOUND)


def _parsed(content: bytes) -> list[Tlv]:
    try:
        return parse_ber(content)
    except TlvError:
        raise Refused(SW.WRONG_DATA) from None
