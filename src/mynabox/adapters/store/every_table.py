"""All tables of a box: whoever needs them all takes ``METADATA`` from here."""

from mynabox.adapters.store import (
    tables_authority,
    tables_delivery,
    tables_lists,
    tables_once,
    tables_procedures,
    tables_register,
    tables_relying,
    tables_requests,
)
from mynabox.adapters.store.tables import METADATA

MODULES = (
    tables_authority,
    tables_delivery,
    tables_lists,
    tables_once,
    tables_procedures,
    tables_register,
    tables_relying,
    tables_requests,
)
"""Modules that add tables to the first one's; each stands here once."""

__all__ = ["METADATA", "MODULES"]
