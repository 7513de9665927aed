"""Lines of a conversation, for eyes: no PIN, no digest, no private file in them."""

from mynabox.card.layout import File, Transparent
from mynabox.iso7816 import Command
from mynabox.iso7816.apdu import Malformed

_SHOWN_INS = frozenset((0x84, 0xA4, 0xB0, 0xB2, 0xCA, 0xCB))
"""Data of any other instruction, known or not, may be a secret."""
_SEALED_CLA = 0x84
_SHOWN = 48


def command_line(raw: bytes) -> str:
    """``> `` and the command; whatever cannot be understood is hidden but its head."""
    try:
        command = Command.parse(raw)
    except Malformed as error:
        return f"> {raw[:4].hex(' ').upper()} [{error.fault}]"
    if command.data and (command.ins not in _SHOWN_INS or command.cla == _SEALED_CLA):
        return f"> {raw[:4].hex(' ').upper()} [masked]"
    return "> " + _hex(raw)


def answer_line(raw: bytes, answer: bytes, file: File | None) -> str:
    """``< `` and the answer; ``file`` is the current one after the command."""
    private = raw[1:2] == b"\xb0" and isinstance(file, Transparent) and file.private
    if len(answer) > 2 and (private or raw[:1] == bytes((_SEALED_CLA,))):
        return f"< [masked] {answer[-2:].hex(' ').upper()}"
    return "< " + _hex(answer)


def _hex(raw: bytes) -> str:
    if len(raw) <= _SHOWN:
        return raw.hex(" ").upper()
    head, tail = raw[: _SHOWN - 2].hex(" ").upper(), raw[-2:].hex(" ").upper()
    return f"{head} .. {tail} ({len(raw)} bytes)"
