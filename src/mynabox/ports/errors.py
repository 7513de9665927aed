"""What the world and the store answer when it cannot be."""


class Duplicate(Exception):
    """A unique index refused a row; ``what`` names the thing that exists."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Busy(Exception):
    """Somebody else keeps what one waited for; nothing was changed, try again."""


class KeysUnavailable(Busy):
    """The keys cannot be used now (an HSM is gone, a passphrase is missing); nothing
    was changed, and it can be tried again. The text says what to do."""


class Damaged(Exception):
    """A thing is not what this box made of it. It is left as it is; the text names it
    and says what to do."""


class Missing(Exception):
    """There is no such thing; ``what`` and ``key`` say which."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"no {what} {key}")
        self.what = what
        self.key = key
