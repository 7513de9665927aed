"""What the use cases need of the world, as small protocols.

Everything here can be had from an adapter (``wiring`` puts one together) or, in a test,
from the simulators that ship with the product.
"""

from mynabox.ports.authority import Approvals, Passkeys, Sessions, StaffAccounts
from mynabox.ports.box import Box, Progress, Site, Store, Work
from mynabox.ports.due import DueWork, Ending, EndingKind
from mynabox.ports.errors import Busy, Damaged, Duplicate, KeysUnavailable, Missing
from mynabox.ports.kept import Kept
from mynabox.ports.moving import CardNotes, Moves
from mynabox.ports.once import KeptAnswers
from mynabox.ports.records import (
    Applications,
    Certificates,
    Forms,
    IssuedCards,
    Journal,
    Notices,
    Numbers,
    Outbox,
    Packed,
    Residents,
    StatusLists,
    Stop,
    Wanted,
    written,
)
from mynabox.ports.relying import Consents, KnownUsers, Logins, Verifiers
from mynabox.ports.watching import StatusRow, StatusWatch
from mynabox.ports.world import (
    Cards,
    CardStock,
    Clock,
    FreshKeys,
    Mail,
    Post,
    Random,
    SettableClock,
    Signer,
    Turning,
    Vault,
)

__all__ = [
    "Applications",
    "Approvals",
    "Box",
    "Busy",
    "CardNotes",
    "CardStock",
    "Cards",
    "Certificates",
    "Clock",
    "Consents",
    "Damaged",
    "DueWork",
    "Duplicate",
    "Ending",
    "EndingKind",
    "Forms",
    "FreshKeys",
    "IssuedCards",
    "Journal",
    "Kept",
    "KeptAnswers",
    "KeysUnavailable",
    "KnownUsers",
    "Logins",
    "Mail",
    "Missing",
    "Moves",
    "Notices",
    "Numbers",
    "Outbox",
    "Packed",
    "Passkeys",
    "Post",
    "Progress",
    "Random",
    "Residents",
    "Sessions",
    "SettableClock",
    "Signer",
    "Site",
    "StaffAccounts",
    "StatusLists",
    "StatusRow",
    "StatusWatch",
    "Stop",
    "Store",
    "Turning",
    "Vault",
    "Verifiers",
    "Wanted",
    "Work",
    "written",
]
