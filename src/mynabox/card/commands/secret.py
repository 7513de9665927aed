"""VERIFY and the two commands by which a holder changes a secret."""

import hmac

from mynabox.card.core import Core, Refused
from mynabox.card.image import Place, SecretCell
from mynabox.card.layout import ChangedBy, Sealed, SecretFile
from mynabox.iso7816 import SW, Command
from mynabox.iso7816.status import wrong_with

_LONGEST = 16


def verify(core: Core, command: Command) -> bytes:
    """``00 20 00 80`` (current secret) or ``80|sfi``.

    Four bytes alone ask for the tries left, cost none, and say 63Cx even when the
    secret was already presented. A try is taken away and written down before the
    comparison, and given back after a right one: power lost in between costs a try.
    """
    if command.p1:
        raise Refused(SW.WRONG_PARAMETERS)
    file = _named(core, command.p2)
    if isinstance(file, Sealed):
        raise Refused(wrong_with(0) if command.case == 1 else core.profile.locked)
    place = core.place(file)
    tries = core.image.secrets[place].tries
    if command.case == 1:
        raise Refused(SW.VERIFY_FAILED if tries.unlimited else wrong_with(tries.left))
    if not 1 <= len(command.data) <= _LONGEST:
        raise Refused(SW.WRONG_LENGTH)
    if tries.unlimited:
        return _verify_without_limit(core, file, command.data)
    if not tries.left:
        raise Refused(core.profile.locked)
    spent = tries.spent()
    core.keep(core.image.with_tries(place, spent))
    if not _same(core, place, command.data):
        _wrong(core, file)
        raise Refused(wrong_with(spent.left))
    core.keep(core.image.with_tries(place, tries.full()))
    core.state.presented.add(file.fid)
    return b""


def _verify_without_limit(core: Core, file: SecretFile, value: bytes) -> bytes:
    """Nothing to count, nothing to write: 6300 for a wrong value."""
    if not _same(core, core.place(file), value):
        _wrong(core, file)
        raise Refused(SW.VERIFY_FAILED)
    core.state.presented.add(file.fid)
    return b""


def _wrong(core: Core, file: SecretFile) -> None:
    if core.profile.wrong_verify_clears:
        core.state.presented.discard(file.fid)


def change_reference_data(core: Core, command: Command) -> bytes:
    """``00 24 01 80``: a new value, once the old one has been presented."""
    return _change(core, command, 0x01, ChangedBy.CHANGE_REFERENCE_DATA)


def change_key(core: Core, command: Command) -> bytes:
    """``80 32 00 80``: the same under JICSAP's name, in the juki and common DFs."""
    return _change(core, command, 0x00, ChangedBy.CHANGE_KEY)


def _change(core: Core, command: Command, p1: int, by: ChangedBy) -> bytes:
    if command.p1 != p1:
        raise Refused(SW.WRONG_PARAMETERS)
    file = _named(core, command.p2)
    if isinstance(file, Sealed) or file.changed_by is not by:
        raise Refused(SW.CONDITIONS_NOT_SATISFIED)
    if file.fid not in core.state.presented:
        raise Refused(SW.SECURITY_NOT_SATISFIED)
    if not 1 <= len(command.data) <= _LONGEST:
        raise Refused(SW.WRONG_LENGTH)
    if not file.form.fits(command.data):
        raise Refused(core.profile.bad_new_value)
    place = core.place(file)
    tries = core.image.secrets[place].tries
    core.keep(core.image.with_secret(place, SecretCell(command.data, tries)))
    return b""


def _named(core: Core, p2: int) -> SecretFile | Sealed:
    """The secret P2 names. Naming it by number leaves the current file alone."""
    if not p2 & 0x80 or p2 & 0x60:
        raise Refused(SW.WRONG_PARAMETERS)
    application, sfi = core.state.application, p2 & 0x1F
    if sfi:
        file = None if application is None else application.by_sfi.get(sfi)
        if file is None:
            raise Refused(SW.REFERENCE_NOT_FOUND)
    else:
        file = core.state.file
        if file is None:
            raise Refused(SW.NO_CURRENT_FILE)
    if isinstance(file, SecretFile) or (isinstance(file, Sealed) and file.locked):
        return file
    raise Refused(SW.INCOMPATIBLE_FILE)


def _same(core: Core, place: Place, value: bytes) -> bool:
    """Compare in a time that does not depend on what is right, nor on its length."""
    known = core.image.secrets[place].value
    padded = _padded(b"" if known is None else known)
    return hmac.compare_digest(_padded(value), padded)


def _padded(value: bytes) -> bytes:
    return bytes((len(value),)) + value.ljust(_LONGEST, b"\x00")
