"""How sure each behaviour of a kind of card is: by the field of ``Profile``.

No genuine card was at hand. A field without an entry here is structure (names, files,
answers to reset), whose sources stand where it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mynabox.card.profile import Confidence


@dataclass(frozen=True, slots=True)
class Told:
    """Who told of a behaviour, and how sure that makes it."""

    source: str
    confidence: Confidence


BEHAVIOUR: Final[Mapping[str, Told]] = MappingProxyType(
    {
        "atr_object_in": Told(
            "myna-card: on some cards the default DF, on others an application",
            Confidence.MEASURED,
        ),
        "warm_reset_clears": Told(
            "myna-card: SCARD_RESET kept what was presented, only a power-off did not;"
            " OpenSC presents its PIN again after a reset, which fits both",
            Confidence.MEASURED,
        ),
        "first_command_fails": Told(
            "myna-card, on one physical card: it sends a command to throw away",
            Confidence.MEASURED,
        ),
        "wrong_verify_clears": Told(
            "nobody: what a wrong value does to an earlier right one",
            Confidence.OURS,
        ),
        "reselecting_ends_session": Told(
            "myna-card says so in one place and the contrary in another",
            Confidence.LOW,
        ),
        "locked": Told(
            "myna-card measured 6984, the Go version of myna expects it; nunnun,"
            " luli and pyjpki expect 6983",
            Confidence.MEASURED,
        ),
        "several_records": Told(
            "JICSAP 1.1 section 6.4.4 leaves it to the card", Confidence.LOW
        ),
        "bad_new_value": Told("nobody", Confidence.OURS),
        "unwritten_file": Told(
            "nobody: a child's card has no signature certificate to read",
            Confidence.OURS,
        ),
        "unwritten_key": Told("nobody", Confidence.OURS),
        "ended": Told("a command of this program's own", Confidence.OURS),
        "file_without_application": Told(
            "myna's stand-in for a card answers 6986", Confidence.LOW
        ),
        "sign_without_le": Told("nobody: every client sends Le 00", Confidence.OURS),
        "answers_fci": Told(
            "jsapdu and myna-card ask for it and get 9000; what it holds nobody says",
            Confidence.LOW,
        ),
    }
)
