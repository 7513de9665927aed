"""Status words: SW1 SW2 as one number (ISO/IEC 7816-4 §5.6, JICSAP 1.1)."""

from enum import IntEnum

_TRIES = 0x63C0


class SW(IntEnum):
    """The words a card of this family answers."""

    OK = 0x9000
    VERIFY_FAILED = 0x6300
    MEMORY_FAILURE = 0x6581
    SESSION_KEY_REFUSED = 0x66F1
    WRONG_LENGTH = 0x6700
    SECURE_MESSAGING_UNKNOWN = 0x6882
    INCOMPATIBLE_FILE = 0x6981
    SECURITY_NOT_SATISFIED = 0x6982
    METHOD_BLOCKED = 0x6983
    REFERENCE_BLOCKED = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    SECURE_DATA_MISSING = 0x6987
    SECURE_DATA_WRONG = 0x6988
    NO_SECURE_SESSION = 0x69FC
    WRONG_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    WRONG_PARAMETERS = 0x6A86
    REFERENCE_NOT_FOUND = 0x6A88
    OFFSET_OUTSIDE = 0x6B00
    INS_NOT_SUPPORTED = 0x6D00
    CLA_NOT_SUPPORTED = 0x6E00
    NO_DIAGNOSIS = 0x6F00

    @property
    def meaning(self) -> str:
        """What the word says, in a few words for logs and errors."""
        return _MEANINGS[self]


_MEANINGS = {
    SW.OK: "done",
    SW.VERIFY_FAILED: "wrong value; this secret has no try limit",
    SW.MEMORY_FAILURE: "the card could not write its memory",
    SW.SESSION_KEY_REFUSED: "this application takes no session key",
    SW.WRONG_LENGTH: "wrong length",
    SW.SECURE_MESSAGING_UNKNOWN: "no secure messaging here",
    SW.INCOMPATIBLE_FILE: "the command does not fit the kind of file",
    SW.SECURITY_NOT_SATISFIED: "a PIN or key has to be presented first",
    SW.METHOD_BLOCKED: "authentication method blocked",
    SW.REFERENCE_BLOCKED: "locked: no tries left",
    SW.CONDITIONS_NOT_SATISFIED: "conditions of use not satisfied",
    SW.NO_CURRENT_FILE: "no file is selected",
    SW.SECURE_DATA_MISSING: "data objects of secure messaging are missing",
    SW.NO_SECURE_SESSION: "no session of secure messaging is open",
    SW.SECURE_DATA_WRONG: "protected data do not verify; the session is over",
    SW.WRONG_DATA: "data of the wrong form",
    SW.FUNCTION_NOT_SUPPORTED: "function not supported",
    SW.FILE_NOT_FOUND: "no such application or file",
    SW.RECORD_NOT_FOUND: "no such record",
    SW.WRONG_PARAMETERS: "P1 or P2 not accepted",
    SW.REFERENCE_NOT_FOUND: "no such key, secret or data object",
    SW.OFFSET_OUTSIDE: "offset at or beyond the end of the file",
    SW.INS_NOT_SUPPORTED: "instruction unknown",
    SW.CLA_NOT_SUPPORTED: "class unknown",
    SW.NO_DIAGNOSIS: "no precise diagnosis",
}


def wrong_with(left: int) -> int:
    """The word ``63Cx`` for a wrong value with ``left`` tries (0..15) remaining."""
    if not 0 <= left <= 15:
        raise ValueError(f"63Cx cannot say {left} tries")
    return _TRIES | left


def tries_left(sw: int) -> int | None:
    """The x of a word ``63Cx``, or ``None`` for any other word."""
    return sw & 0x0F if sw & 0xFFF0 == _TRIES else None


def meaning(sw: int) -> str:
    """What any status word says; an unknown word is shown as a number."""
    if (left := tries_left(sw)) is not None:
        return f"wrong value; tries left: {left}"
    if sw in _MEANINGS:
        return SW(sw).meaning
    return f"status {sw:04X}"
