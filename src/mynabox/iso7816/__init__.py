"""The wire format that a card and a terminal share: APDU, TLV, status words."""
