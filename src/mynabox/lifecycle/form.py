"""The pre-printed application form (交付申請書)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a form has printed on it: it is unusable once one of the particulars is no
    longer so (R026, R027).

    ``id``  the box's own name for it: that of its notice, or ``frm-…``
    ``application_id``  twenty-three digits (申請書ID); every form has its own (R025)
    """

    id: str
    resident: str
    municipality: str
    application_id: str
    issued: date
    name: str
    address: str
    stay_until: date | None
