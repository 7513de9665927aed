"""What making a card of a kind takes, where nobody has published it (see Production)."""

from dataclasses import replace

from mynabox.card.profile import BirthYear, Confidence, Fact, KeyType, Production

NOW = Production(
    printed_tries=Fact(
        10,
        "Digital Agency, page on the card's passcodes; one client library writes 3",
        Confidence.SEEN,
    ),
    issuer_tries=Fact(10, "a choice of ours: the issuer protocol is", Confidence.OURS),
    foreign_birth_year=Fact(
        BirthYear.GREGORIAN,
        "the face prints a foreign resident's birth date without era, and the former"
        " resident-register card used the Gregorian year (Itami city)",
        Confidence.LOW,
    ),
    long_lengths=Fact(
        False, "myna-card, a test card read byte by byte", Confidence.SEEN
    ),
    lower_chain=Fact(
        True, "myna-card: 7F21 is there, except on older cards", Confidence.MEASURED
    ),
    ca_generation=Fact(
        3, "myna-card: J-LIS has published three generations", Confidence.SEEN
    ),
    municipality_key_digits=Fact(
        ("21", "31"),
        "myna-card's test card names 1322121 for the card face; 31 by analogy with"
        " the roots 5000023 and 5000033",
        Confidence.LOW,
    ),
)

OF_2015 = replace(
    NOW,
    lower_chain=Fact(False, "myna-card: absent on older cards", Confidence.MEASURED),
    ca_generation=Fact(1, "myna embeds the authorities of 2015", Confidence.SEEN),
)

OF_2023 = replace(
    NOW,
    long_lengths=Fact(
        True,
        "a report that cards of about 2023 have two more bytes at the head of the"
        " attributes; that these are a length on two bytes is a guess",
        Confidence.LOW,
    ),
)

COMING = replace(
    NOW,
    key_type=KeyType.P_384,
    ca_generation=Fact(
        4, "Digital Agency task force, final report of 2024-03-18", Confidence.LOW
    ),
)
