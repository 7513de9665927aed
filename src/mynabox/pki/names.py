"""X.501 names as the service's certificates encode them.

One attribute per RDN; the country is a PrintableString, all else UTF8String.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from mynabox.law.municipality import Municipality
from mynabox.pki import der

JST = timezone(timedelta(hours=9), "JST")
"""Japanese standard time, in which the service counts its days."""

SEQUENCE = slice(14, 19)
"""Where the five digits of sequence stand in a common name."""
SEQUENCES = 100_000
"""How many requests of one counter and one second have a sequence of their own."""

_TYPES = {
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: (short type, value) pairs in encoding order."""

    attributes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return ", ".join(f"{kind}={value}" for kind, value in self.attributes)

    def encode(self) -> bytes:
        """The Name in DER."""
        return der.sequence(
            *(
                der.set_of(
                    der.sequence(
                        der.oid(_TYPES[kind]),
                        der.printable(value) if kind == "C" else der.utf8(value),
                    )
                )
                for kind, value in self.attributes
            )
        )

    def general(self) -> bytes:
        """The GeneralName ``directoryName`` (an explicit tag, being a CHOICE)."""
        return der.explicit(4, self.encode())


def signature_subject(common_name: str, municipality: Municipality) -> Name:
    """Subject of a signature certificate: it names where the holder lives."""
    return Name(
        (
            ("C", "JP"),
            ("L", municipality.roman_prefecture),
            ("L", municipality.roman_name),
            ("CN", common_name),
        )
    )


def authentication_subject(common_name: str) -> Name:
    """Subject of a user authentication certificate: no place in it."""
    return Name((("C", "JP"), ("CN", common_name)))


def common_name(*, requested: datetime, counter: str, sequence: int | None) -> str:
    """The CN: an identifier of the request, telling nothing about the holder.

    Read as: 14 digits of the request's Japanese time, five digits of sequence, and
    the nine characters of the counter that sent it, which begin with the five-digit
    municipality code (28 characters). The one published certificate of a test card
    has 14 + 9 characters and no sequence; ``sequence=None`` gives that form.
    """
    if requested.tzinfo is None:
        raise ValueError("the moment of the request needs its time zone")
    if len(counter) != 9 or not (counter.isascii() and counter.isalnum()):
        raise ValueError("a counter id is nine ASCII letters or digits")
    if sequence is not None and not 0 <= sequence < SEQUENCES:
        raise ValueError("a sequence has five digits")
    middle = "" if sequence is None else f"{sequence:05d}"
    return f"{requested.astimezone(JST):%Y%m%d%H%M%S}{middle}{counter}"
