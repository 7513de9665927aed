"""Puts a box together: the only package that knows which adapter does what."""

from mynabox.wiring.backup import back_up, restore
from mynabox.wiring.home import TROUBLES, BoxTrouble, Home, only_server, open_home
from mynabox.wiring.machine import Finding, examine_machine, machine_now
from mynabox.wiring.serving import NoPcsc, make_app, over_pcsc, reader_daemon, serve

__all__ = [
    "TROUBLES",
    "BoxTrouble",
    "Finding",
    "Home",
    "NoPcsc",
    "back_up",
    "examine_machine",
    "machine_now",
    "make_app",
    "only_server",
    "open_home",
    "over_pcsc",
    "reader_daemon",
    "restore",
    "serve",
]
