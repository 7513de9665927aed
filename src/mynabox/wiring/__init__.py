"""Puts a box together: the only package that knows which adapter does what."""

from mynabox.adapters.trays import Faults
from mynabox.wiring.backup import back_up, restore
from mynabox.wiring.home import TROUBLES, BoxTrouble, Home, only_server, open_home
from mynabox.wiring.machine import Finding, examine_machine, machine_now
from mynabox.wiring.serving import (
    CARD_FAILURES,
    NoPcsc,
    is_served,
    make_app,
    over_pcsc,
    reader_daemon,
    reader_names,
    serve,
    web_server,
)

__all__ = [
    "CARD_FAILURES",
    "TROUBLES",
    "BoxTrouble",
    "Faults",
    "Finding",
    "Home",
    "NoPcsc",
    "back_up",
    "examine_machine",
    "is_served",
    "machine_now",
    "make_app",
    "only_server",
    "open_home",
    "over_pcsc",
    "reader_daemon",
    "reader_names",
    "restore",
    "serve",
    "web_server",
]
