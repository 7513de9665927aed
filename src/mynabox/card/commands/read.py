"""READ BINARY, READ RECORD, GET DATA and GET CHALLENGE."""

from mynabox.card.core import Core, Refused
from mynabox.card.layout import Access, File, Presence, Records, Transparent
from mynabox.card.profile import AtrObject
from mynabox.iso7816 import SW, Command


def read_binary(core: Core, command: Command) -> bytes:
    """``00 B0``: from the current file, or P1 ``80|sfi`` makes another one current.

    Shorter than asked for at the end of the file; 6B00 from the end on.
    """
    if command.data or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise Refused(SW.WRONG_PARAMETERS)
        file = _by_sfi(core, command.p1 & 0x1F)
        offset = command.p2
    else:
        file = _current(core)
        offset = command.p1 << 8 | command.p2
    if not isinstance(file, Transparent | Presence):
        raise Refused(SW.INCOMPATIBLE_FILE)
    _demand(core, file.read)
    content = _content(core, file)
    if offset >= len(content):
        raise Refused(SW.OFFSET_OUTSIDE)
    return content[offset : offset + command.le]


def read_record(core: Core, command: Command) -> bytes:
    """``00 B2``: P1 the record's number; P2 ``sfi<<3|4`` one, ``|5`` all from it."""
    if command.data or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    sfi, mode = command.p2 >> 3, command.p2 & 0x07
    if mode not in (4, 5):
        raise Refused(SW.WRONG_PARAMETERS)
    file = _by_sfi(core, sfi) if sfi else _current(core)
    if not isinstance(file, Records):
        raise Refused(SW.INCOMPATIBLE_FILE)
    _demand(core, file.read)
    if mode == 5 and not core.profile.several_records:
        raise Refused(SW.FUNCTION_NOT_SUPPORTED)
    records = core.image.records.get(core.place(file), ())
    if not 1 <= command.p1 <= len(records):
        raise Refused(SW.RECORD_NOT_FOUND)
    last = command.p1 if mode == 4 else len(records)
    return b"".join(records[command.p1 - 1 : last])[: command.le]


def get_data(core: Core, command: Command) -> bytes:
    """``00 CA``: data objects, in the default DF only; too short an Le is 6700."""
    if command.data or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    value = _object(core, command.p1 << 8 | command.p2)
    if value is None:
        raise Refused(SW.REFERENCE_NOT_FOUND)
    if len(value) > command.le:
        raise Refused(SW.WRONG_LENGTH)
    return value


def get_challenge(core: Core, command: Command) -> bytes:
    """``00 84 00 00``: 1 to 256 random bytes; the extended form is refused 6985."""
    if command.p1 or command.p2:
        raise Refused(SW.WRONG_PARAMETERS)
    if command.extended:
        raise Refused(SW.CONDITIONS_NOT_SATISFIED)
    if command.data or command.le is None:
        raise Refused(SW.WRONG_LENGTH)
    core.state.challenge = core.random(command.le)
    return core.state.challenge


def _object(core: Core, tag: int) -> bytes | None:
    profile, inside = core.profile, core.state.application is not None
    if tag == profile.atr_object:
        here = AtrObject.APPLICATION if inside else AtrObject.DEFAULT
        if profile.atr_object_in not in (here, AtrObject.ANYWHERE):
            return None
        return (profile.contact_atr or profile.atr)[1:]
    if inside:
        return None
    if tag == profile.serial_object:
        return core.image.serial.encode("ascii")
    return core.image.objects.get(tag)


def _by_sfi(core: Core, sfi: int) -> File:
    application = core.state.application
    if application is None:
        raise Refused(SW.NO_CURRENT_FILE)
    file = application.by_sfi.get(sfi)
    if file is None:
        raise Refused(SW.FILE_NOT_FOUND)
    core.state.file = file
    return file


def _current(core: Core) -> File:
    if core.state.file is None:
        raise Refused(SW.NO_CURRENT_FILE)
    return core.state.file


def _demand(core: Core, access: Access) -> None:
    if not access.met(core.state.presented):
        raise Refused(SW.SECURITY_NOT_SATISFIED)


def _content(core: Core, file: Transparent | Presence) -> bytes:
    application, fid = core.place(file)
    files = core.image.files
    if isinstance(file, Presence):
        seen = (
            file.present if (application, each) in files else file.absent
            for each in file.of
        )
        return bytes(seen) + file.tail
    content = files.get((application, fid))
    if content is None:
        raise Refused(core.profile.unwritten_file)
    return content
