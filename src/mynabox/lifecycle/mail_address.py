"""Mail addresses that the box sends to: the plain form that every mail system takes."""

import re

LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254
"""Octets; RFC 5321 section 4.5.3.1 and its erratum 1690."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


def is_mail_address(text: str) -> bool:
    """Whether ``text`` is a dot-atom address at a domain name (RFC 5322 3.4.1).

    Quoted local parts, comments, address literals and letters beyond ASCII are
    left out on purpose: they are legal or half-legal, and often mistakes.
    """
    return (
        len(text) <= LONGEST_ADDRESS
        and len(text.partition("@")[0]) <= LONGEST_LOCAL_PART
        and _PLAIN.fullmatch(text) is not None
    )
