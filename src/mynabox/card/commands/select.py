"""SELECT: applications by AID, files by identifier, and the idle master file."""

from collections.abc import Sequence

from mynabox.card.core import Core, Refused
from mynabox.card.layout import Application
from mynabox.iso7816 import SW, Command
from mynabox.iso7816.tlv import encode_ber

_NO_FCI = 0x0C
_NEXT = 0x02


def select(core: Core, command: Command) -> bytes:
    """``00 A4``: P1 04 an application, 02 a file of the current one, 00 the MF."""
    if command.p1 == 0x04:
        return _application(core, command)
    if command.p1 == 0x02:
        return _file(core, command)
    if command.p1 == 0x00:
        return _master_file(core, command)
    raise Refused(SW.WRONG_PARAMETERS)


def _application(core: Core, command: Command) -> bytes:
    """By AID or the beginning of one; P2 02 goes on to the next that fits."""
    if command.p2 & ~(_NO_FCI | _NEXT) or command.p2 & _NO_FCI not in (0, _NO_FCI):
        raise Refused(SW.WRONG_PARAMETERS)
    wanted = command.data
    if not 1 <= len(wanted) <= 16:
        raise Refused(SW.WRONG_LENGTH)
    candidates: Sequence[Application | None] = (None, *core.profile.applications)
    if command.p2 & _NEXT:
        candidates = candidates[candidates.index(core.state.application) + 1 :]
    for candidate in candidates:
        aid = core.profile.default_aid if candidate is None else candidate.aid
        if aid.startswith(wanted):
            ends = core.profile.reselecting_ends_session
            core.state.enter(candidate, ends_session=ends)
            return _fci(core, command, encode_ber(0x84, aid))
    raise Refused(SW.FILE_NOT_FOUND)


def _file(core: Core, command: Command) -> bytes:
    application = core.state.application
    if command.p2 not in (0x00, _NO_FCI):
        raise Refused(SW.WRONG_PARAMETERS)
    if application is None:
        raise Refused(core.profile.file_without_application)
    if len(command.data) != 2:
        raise Refused(SW.WRONG_LENGTH)
    file = application.by_fid.get(command.data[0] << 8 | command.data[1])
    if file is None:
        raise Refused(SW.FILE_NOT_FOUND)
    core.state.file = file
    return _fci(core, command, encode_ber(0x83, command.data))


def _master_file(core: Core, command: Command) -> bytes:
    """Measured: 6A86 in the default DF, 9000 without effect inside an application."""
    if command.data:
        raise Refused(SW.FILE_NOT_FOUND)
    if core.state.application is None:
        raise Refused(SW.WRONG_PARAMETERS)
    return b""


def _fci(core: Core, command: Command, content: bytes) -> bytes:
    """Genuine contents are not known: the name alone, and only where asked for."""
    if not core.profile.answers_fci or command.p2 & _NO_FCI or command.le is None:
        return b""
    return encode_ber(0x6F, content)[: command.le]
