"""Guardianship of an adult (成年後見) as the register knows it."""

from enum import StrEnum

from mynabox.lifecycle.life import Life


class GuardianshipState(StrEnum):
    """Whether somebody is a ward (成年被後見人)."""

    NONE = "none"
    WARD = "ward"


class GuardianshipEvent(StrEnum):
    """What a certificate of registered matters (登記事項証明書) tells the register."""

    BEGAN = "began"
    GUARDIAN_CHANGED = "guardian_changed"
    CORRECTED = "corrected"
    """The guardian's name or the first day was entered wrongly."""
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    """It was entered for somebody who is no ward."""


GUARDIANSHIP = Life(
    name="guardianship",
    first=GuardianshipState.NONE,
    steps={
        (GuardianshipState.NONE, GuardianshipEvent.BEGAN): GuardianshipState.WARD,
        **{
            (GuardianshipState.WARD, event): GuardianshipState.WARD
            for event in (
                GuardianshipEvent.GUARDIAN_CHANGED,
                GuardianshipEvent.CORRECTED,
            )
        },
        **{
            (GuardianshipState.WARD, event): GuardianshipState.NONE
            for event in (GuardianshipEvent.ENDED, GuardianshipEvent.WITHDRAWN)
        },
    },
    rules=("R058",),
)
