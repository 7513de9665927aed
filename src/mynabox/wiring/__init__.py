"""Puts a box together: the only package that knows which adapter does what.

What it offers is loaded when it is asked for: who only asks what time it is in a box
need not wait for the parts that serve one.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mynabox.adapters.trays import Faults
    from mynabox.wiring.backup import back_up, restore
    from mynabox.wiring.home import TROUBLES, BoxTrouble, Home, only_server, open_home
    from mynabox.wiring.machine import Finding, examine_machine
    from mynabox.wiring.moment import machine_now
    from mynabox.wiring.responding import respond
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
    "respond",
    "restore",
    "serve",
    "web_server",
]

_WHERE = {
    "mynabox.adapters.trays": ("Faults",),
    "mynabox.wiring.backup": ("back_up", "restore"),
    "mynabox.wiring.home": (
        *("TROUBLES", "BoxTrouble", "Home", "only_server", "open_home"),
    ),
    "mynabox.wiring.machine": ("Finding", "examine_machine"),
    "mynabox.wiring.moment": ("machine_now",),
    "mynabox.wiring.responding": ("respond",),
    "mynabox.wiring.serving": (
        *("CARD_FAILURES", "NoPcsc", "is_served", "make_app", "over_pcsc"),
        *("reader_daemon", "reader_names", "serve", "web_server"),
    ),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(module), name)
    globals()[name] = found
    return found
