"""Named specimen cards for tests: fixed people, documented states.

Each is made by the box's ordinary procedures, from the register to the counter; what
no procedure makes (a forged face, a strange authority) is done to a card that they
made. :func:`stage` lays one in the reader; asking again for the same one in the same
box gives the same card, brought back to its documented state.
"""

from mynabox.sandbox.scenarios.catalogue import Scenario, scenarios
from mynabox.sandbox.scenarios.staging import (
    NotStageable,
    OnCard,
    Staged,
    UnknownScenario,
    stage,
)
from mynabox.sandbox.scenarios.told import staged_json

__all__ = [
    "NotStageable",
    "OnCard",
    "Scenario",
    "Staged",
    "UnknownScenario",
    "scenarios",
    "stage",
    "staged_json",
]
