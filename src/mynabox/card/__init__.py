"""The virtual chip: bytes in, bytes out."""
