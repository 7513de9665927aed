"""What can go wrong in talking to a card; every error carries the facts.

    CardError              an unexpected status word
    ├── ApplicationMissing the card does not have this application
    ├── NothingThere       the file or key exists or not, but holds nothing to give
    ├── PinRequired        a PIN or number has to be presented first
    ├── WrongPin           a wrong value; says the tries left
    ├── PinLocked          no tries left; only the issuer can set a new one
    └── SessionLost        the card no longer knows the session of secure messaging
    LastTry                refused here, before the card was asked: one try left
    IssuerRefused          the card does not accept the issuer's key
    CardUnproven           the card's own proof or a protected answer does not verify
    CardNonsense           an answer that no card of this kind gives
    NotGenuine             a signature does not hold: says of what, and why
    UnknownAuthority       signed by an authority the caller did not name: not checked

``CardRemoved`` (mynabox.terminal.connection) passes through from the connection.
"""

from mynabox.iso7816 import meaning


class CardError(Exception):
    """The card answered ``sw`` to ``command`` (its name, never its data)."""

    def __init__(self, command: str, sw: int) -> None:
        super().__init__(f"{command}: {sw:04X}, {meaning(sw)}")
        self.command = command
        self.sw = sw


class ApplicationMissing(CardError):
    """The card does not have this application."""


class NothingThere(CardError):
    """The file or key holds nothing, such as a signature certificate not issued."""


class PinRequired(CardError):
    """A PIN or number has to be presented first."""


class WrongPin(CardError):
    """The value was wrong; ``tries_left`` more before the card locks it."""

    def __init__(self, command: str, sw: int, tries_left: int) -> None:
        super().__init__(command, sw)
        self.tries_left = tries_left


class PinLocked(CardError):
    """No tries are left."""


class SessionLost(CardError):
    """Secure messaging is over; nothing can be repaired, open a new session."""


class LastTry(Exception):
    """One try is left and the caller has not said ``last_try=True``."""

    tries_left = 1

    def __init__(self) -> None:
        super().__init__("one try is left; a wrong value would lock the card's PIN")


class IssuerRefused(Exception):
    """The issuer's proof was wrong (``tries_left``), or its access is closed (0)."""

    def __init__(self, sw: int, tries_left: int) -> None:
        super().__init__(f"{sw:04X}: issuer access refused, tries left: {tries_left}")
        self.sw = sw
        self.tries_left = tries_left


class CardUnproven(Exception):
    """The card did not prove that it knows the key; nothing it said is to be used."""


class CardNonsense(Exception):
    """An answer of a form that no card of this kind gives."""


class NotGenuine(Exception):
    """What a card says of ``what`` does not hold; nothing of it is to be believed."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class UnknownAuthority(Exception):
    """``name`` (16 bytes) names a key that the caller has not: nothing was checked."""

    def __init__(self, name: bytes) -> None:
        super().__init__(f"no root is named {name[:7].decode('ascii', 'replace')}")
        self.name = name
