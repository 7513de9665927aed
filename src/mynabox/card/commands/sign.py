"""COMPUTE DIGITAL SIGNATURE and INTERNAL AUTHENTICATE: the private keys at work."""

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from mynabox.card.core import Core, Refused
from mynabox.card.layout import KeyFile
from mynabox.iso7816 import SW, Command

_HASH_BYTES = 32
_PADDING_BYTES = 11
_PSS = PSS(mgf=MGF1(SHA256()), salt_length=_HASH_BYTES)


def compute_digital_signature(core: Core, command: Command) -> bytes:
    """``80 2A``: P2 ``80`` the current key, ``80|sfi`` a named one, ``00`` the default.

    P1 00: the data as they are inside PKCS#1 v1.5 padding. 01: their SHA-256, bare.
    02: the data are a SHA-256, the card puts the DigestInfo. 03: hash and DigestInfo.
    04: PSS over a SHA-256. 05: hash and PSS.
    """
    if command.p1 > 0x05:
        raise Refused(SW.WRONG_PARAMETERS)
    file = _named(core, command.p2, zero_is_default=True)
    if not file.signs:
        raise Refused(SW.CONDITIONS_NOT_SATISFIED)
    key = _usable(core, file)
    size = key.key_size // 8
    data = command.data
    if command.le is None and core.profile.sign_without_le != SW.OK:
        raise Refused(core.profile.sign_without_le)
    if not data or (command.le is not None and command.le < size):
        raise Refused(SW.WRONG_LENGTH)
    given_hash = command.p1 in (0x02, 0x04)
    if given_hash and len(data) != _HASH_BYTES:
        raise Refused(SW.WRONG_LENGTH)
    if command.p1 == 0x01:
        data = _sha256(data)
    if command.p1 in (0x00, 0x01):
        if len(data) > size - _PADDING_BYTES:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED)
        return key.sign(data, PKCS1v15(), NoDigestInfo())
    return key.sign(
        data,
        _PSS if command.p1 in (0x04, 0x05) else PKCS1v15(),
        Prehashed(SHA256()) if given_hash else SHA256(),
    )


def internal_authenticate(core: Core, command: Command) -> bytes:
    """``00 88 00``: a key made for it signs the challenge, PKCS#1 v1.5 with SHA-256.

    Of a card's keys one answers; those bound to a PIN say 6982, the others 6985.
    """
    if command.p1:
        raise Refused(SW.WRONG_PARAMETERS)
    file = _named(core, command.p2, zero_is_default=False)
    if not file.answers:
        raise Refused(
            SW.CONDITIONS_NOT_SATISFIED
            if file.use.anyone
            else SW.SECURITY_NOT_SATISFIED
        )
    key = _usable(core, file)
    if not 1 <= len(command.data) <= 255 or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    if command.le < key.key_size // 8:
        raise Refused(SW.WRONG_LENGTH)
    return key.sign(command.data, PKCS1v15(), SHA256())


def _named(core: Core, p2: int, *, zero_is_default: bool) -> KeyFile:
    application = core.state.application
    if p2 == 0x00 and zero_is_default:
        fid = None if application is None else application.default_key
        if application is None or fid is None:
            raise Refused(SW.REFERENCE_NOT_FOUND)
        file = application.by_fid[fid]
    elif not p2 & 0x80 or p2 & 0x60:
        raise Refused(SW.WRONG_PARAMETERS)
    elif sfi := p2 & 0x1F:
        found = None if application is None else application.by_sfi.get(sfi)
        if found is None:
            raise Refused(SW.REFERENCE_NOT_FOUND)
        file = found
    elif core.state.file is None:
        raise Refused(SW.NO_CURRENT_FILE)
    else:
        file = core.state.file
    if not isinstance(file, KeyFile):
        raise Refused(SW.INCOMPATIBLE_FILE)
    return file


def _usable(core: Core, file: KeyFile) -> RSAPrivateKey:
    if not file.use.met(core.state.presented):
        raise Refused(SW.SECURITY_NOT_SATISFIED)
    key = core.private_key(core.place(file))
    if key is None:
        raise Refused(core.profile.unwritten_key)
    return key


def _sha256(data: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()
