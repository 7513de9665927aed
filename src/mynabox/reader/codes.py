"""The words in which PC/SC refuses (``pcsclite.h``)."""

from enum import IntEnum


class Code(IntEnum):
    """A PC/SC return code; the names are those a programmer looks up."""

    SCARD_S_SUCCESS = 0
    SCARD_F_INTERNAL_ERROR = 0x80100001
    SCARD_E_INVALID_HANDLE = 0x80100003
    SCARD_E_INVALID_PARAMETER = 0x80100004
    SCARD_E_NO_MEMORY = 0x80100006
    SCARD_E_INSUFFICIENT_BUFFER = 0x80100008
    SCARD_E_UNKNOWN_READER = 0x80100009
    SCARD_E_CANCELLED = 0x80100002
    SCARD_E_SHARING_VIOLATION = 0x8010000B
    SCARD_E_NO_SMARTCARD = 0x8010000C
    SCARD_E_PROTO_MISMATCH = 0x8010000F
    SCARD_E_INVALID_VALUE = 0x80100011
    SCARD_E_NOT_TRANSACTED = 0x80100016
    SCARD_E_SERVICE_STOPPED = 0x8010001E
    SCARD_E_UNSUPPORTED_FEATURE = 0x8010001F
    SCARD_W_UNRESPONSIVE_CARD = 0x80100066
    SCARD_W_UNPOWERED_CARD = 0x80100067
    SCARD_W_RESET_CARD = 0x80100068
    SCARD_W_REMOVED_CARD = 0x80100069


class Refused(Exception):
    """PC/SC says no; ``code`` is what the client is told."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


class Wait(Exception):
    """Somebody else holds the reader; ask again when woken.

    ``patience`` is how many seconds the question may be kept before it is answered
    with a sharing violation, or ``None`` if it waits for as long as it takes.
    """

    def __init__(self, patience: float | None) -> None:
        super().__init__("the reader is held by another client")
        self.patience = patience
