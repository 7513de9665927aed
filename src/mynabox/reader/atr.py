"""Which transmission protocols an answer to reset offers (ISO/IEC 7816-3, 8.2)."""

from enum import IntFlag


class Protocol(IntFlag):
    """Transmission protocols as PC/SC numbers them."""

    UNDEFINED = 0
    T0 = 1
    T1 = 2
    RAW = 4
    ANY_OLD = 0x1000
    """What programs of the nineties asked for when T=0 and T=1 would both do."""


_BY_NUMBER = {0: Protocol.T0, 1: Protocol.T1}


def offered(atr: bytes) -> Protocol:
    """The protocols named by the interface bytes TD1, TD2 ...; T=0 if there is none."""
    found = Protocol.UNDEFINED
    position, indicator = 1, atr[1] if len(atr) > 1 else 0
    while True:
        present = indicator >> 4
        if not present & 0b1000:
            return found or Protocol.T0
        position += present.bit_count()
        if position >= len(atr):
            return found or Protocol.T0
        indicator = atr[position]
        found |= _BY_NUMBER.get(indicator & 0x0F, Protocol.UNDEFINED)


def chosen(atr: bytes, wanted: Protocol) -> Protocol | None:
    """The protocol to talk, T=1 before T=0, or ``None`` if none of ``wanted`` is
    offered. RAW needs no negotiation."""
    if wanted & Protocol.RAW:
        return Protocol.RAW
    if wanted & Protocol.ANY_OLD:
        wanted |= Protocol.T0 | Protocol.T1
    common = wanted & offered(atr)
    return next((p for p in (Protocol.T1, Protocol.T0) if p & common), None)
