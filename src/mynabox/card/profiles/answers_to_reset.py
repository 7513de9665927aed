"""Answers to reset seen of these cards (OpenSC's tables and issues).

A contactless reader makes its ATR up from the card's answer to REQB; clients that
know a card by its ATR therefore know some readers only.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mynabox.card.profile import Confidence, Fact


def _atr(text: str, source: str) -> Fact[bytes]:
    return Fact(bytes.fromhex(text), source, Confidence.SEEN)


ATRS: Mapping[str, Fact[bytes]] = MappingProxyType(
    {
        "contact-jukicard": _atr("3BE000FF8131FE4514", "OpenSC card-jpki.c"),
        "contact-73c6-a": _atr(
            "3BDA13FF8131FB468012392F31C173C601C03B", "OpenSC pull request 3744"
        ),
        "contact-73c6-b": _atr(
            "3BC5FF8131FB458073C6010000", "OpenSC pull request 3744"
        ),
        "contact-4200-a": _atr(
            "3BF59100FF918171FE400042000100D1D6", "OpenSC issue 3021"
        ),
        "contact-4200-b": _atr(
            "3BF59100FF918171FE4000420001B3A115",
            "OpenSC issue 3021",
        ),
        "contactless-e0b3": _atr(
            "3B888001000005E0B381A1007F",
            "OpenSC win32/customactions.cpp",
        ),
        "contactless-41e0": _atr(
            "3B888001000041E0B381A1003B", "OpenSC win32/customactions.cpp"
        ),
        "contactless-4b51-a": _atr(
            "3B888001004B51FF0081D100BC", "OpenSC win32/customactions.cpp"
        ),
        "contactless-4b51-b": _atr(
            "3B888001004B51FFB381D1000F", "OpenSC win32/customactions.cpp"
        ),
    }
)
"""By a name of our own: how the card was reached, and bytes it is known by."""
