"""What can be wrong with a store as a whole."""

from mynabox.ports import Busy


class BoxUnusable(Exception):
    """There is no usable box at this place; ``reason`` says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NewerBox(BoxUnusable):
    """The box was written by a newer mynabox than this one.

    ``found``  revision of the box's tables
    ``known``  newest revision that this program knows
    """

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"the box was written by a newer mynabox (its tables are at {found}, "
            f"this program knows {known}): use that version, or a new box"
        )
        self.found = found
        self.known = known


class NoTurn(Busy):
    """Another writer kept the store for longer than one is ready to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"another writer has kept the store for {seconds:g} s; nothing was "
            "written: try again, and look for a program that hangs"
        )


class StoreAway(Busy):
    """The store cannot be read now; nothing is known for sure, try again."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the store cannot be read ({why}): try again")


class RowProtected(Exception):
    """The database refuses to change a row that must stay as it is.

    The lives' tables refuse such a step first, so this is a mistake of the program
    (or somebody at work with a database tool); ``rule`` is the guard's sentence.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class NotWriting(Exception):
    """Something tried to write inside ``look()``."""

    def __init__(self) -> None:
        super().__init__("look() is for reading: use work() to write")
