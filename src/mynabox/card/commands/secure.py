"""SET SESSION KEY, and commands under the session it opens (classes 08 and 0C)."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.card.core import Core, Refused
from mynabox.card.layout import KeyFile
from mynabox.card.secure_messaging import NotOpened, SecureSession, seed_in
from mynabox.iso7816 import SW, Command

_OAEP = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
_SELECT = 0xA4
_WITH_CHECKSUM = 0x0C

Does = Callable[[Core, Command], bytes]


def set_session_key(core: Core, command: Command) -> bytes:
    """``80 AE 00 00``: a seed under the transport key, RSA-OAEP with SHA-256.

    Looked at in this order: the PIN (6982, whatever else is wrong), the number
    against the modulus (6F00), what is inside (6A80). A session open before is gone
    once the PIN was there.
    """
    application = core.state.application
    if application is None:
        raise Refused(SW.INS_NOT_SUPPORTED)
    if application.transport_key is None:
        head = (command.cla, command.ins)
        raise Refused(application.refusals.get(head, SW.INS_NOT_SUPPORTED))
    file = application.by_fid[application.transport_key]
    if not isinstance(file, KeyFile) or not file.use.met(core.state.presented):
        raise Refused(SW.SECURITY_NOT_SATISFIED)
    core.state.secure = None
    if command.p1 or command.p2:
        raise Refused(SW.WRONG_PARAMETERS)
    key = core.private_key(core.place(file))
    if key is None:
        raise Refused(core.profile.unwritten_key)
    if len(command.data) != key.key_size // 8:
        raise Refused(SW.WRONG_LENGTH)
    if int.from_bytes(command.data) >= key.public_key().public_numbers().n:
        raise Refused(SW.NO_DIAGNOSIS)
    try:
        seed = seed_in(key.decrypt(command.data, _OAEP))
    except ValueError:
        seed = None
    if seed is None:
        raise Refused(SW.WRONG_DATA)
    core.state.secure = SecureSession(seed)
    return b""


def protected(does: Does) -> Does:
    """A command that may travel under class 08; there is no key for 0C's checksum.

    Nothing but what the application says of the command inside leaves the session
    open: 6987 and 6988 end it, and then everything is 69FC.
    """

    def command_inside(core: Core, command: Command) -> bytes:
        session = core.state.secure
        if session is None:
            nowhere = command.ins == _SELECT
            raise Refused(
                SW.SECURE_MESSAGING_UNKNOWN if nowhere else SW.NO_SECURE_SESSION
            )
        if session.broken:
            raise Refused(SW.NO_SECURE_SESSION)
        if command.cla == _WITH_CHECKSUM:
            session.broken = True
            raise Refused(SW.SECURE_DATA_MISSING)
        try:
            inside = session.open(command)
        except NotOpened:
            raise Refused(SW.SECURE_DATA_WRONG) from None
        answer = session.seal(does(core, inside))
        if len(answer) > (command.le or 0):
            raise Refused(SW.WRONG_LENGTH)
        return answer

    return command_inside
