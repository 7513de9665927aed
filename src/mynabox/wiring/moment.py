"""What time it is on this machine."""

from datetime import datetime

from mynabox.adapters.clock import MachineClock


def machine_now() -> datetime:
    """The machine's own time, in Japan standard time."""
    return MachineClock().now()
