"""What the program says when a command comes to nothing, and how it ends.

Loaded when that happens: it knows every trouble there is, and who raises one has
loaded what it belongs to.
"""

import sys

from mynabox.cli import screen
from mynabox.lifecycle.life import Refused
from mynabox.ports import Duplicate, Missing
from mynabox.wiring import TROUBLES

REFUSED, UNUSABLE = 1, 2


def told(error: Exception) -> int | None:
    """Say it in one sentence; the exit status, or none for what nobody expected."""
    match error:
        case Refused():
            screen.trouble(screen.refusal(error))
            return REFUSED
        case Missing():
            screen.trouble(f"there is no {error.what} {error.key} in this box")
            return REFUSED
        case Duplicate():
            screen.trouble(f"there is such a {error.what} already")
            return REFUSED
        case BrokenPipeError():
            sys.stderr.close()
            return UNUSABLE
        case _ if isinstance(error, TROUBLES):
            screen.trouble(str(error))
            return UNUSABLE
        case OSError():
            where = error.filename or "input and output"
            screen.trouble(f"{where}: {error.strerror}")
            return UNUSABLE
        case _:
            return None
