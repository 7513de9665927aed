"""New keys for the Individual Numbers of a box, and the old ones destroyed."""

from collections.abc import Callable

from mynabox.adapters.store.sealing import secret_name
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.wiring.home import Home


def rotate_number_keys(home: Home, tell: Callable[[int, int], object]) -> int:
    """Seal every number anew, or finish what was broken off; the new key's name.

    Nothing stands still meanwhile. When it is done, the old key's secret is taken
    away for good: a copy of the database from before opens with a backup of the box
    alone. Raises as the store does.
    """
    old, new = home.store.rotate_number_keys(tell)
    home.keys.forget(secret_name(old))
    with home.store.work() as work:
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=home.clock.now(),
                actor="operator",
                action="rotate_number_keys",
                subjects=(),
                facts={"old": str(old), "new": str(new)},
            )
        )
    return new
