"""What a check of the box finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit.

    ``code``  what is wrong, a stable word
    ``what``  the thing: a resident, card, certificate, letter, journal row ...
    ``says``  both sides of the contradiction, in a sentence
    """

    code: str
    what: str
    says: str
