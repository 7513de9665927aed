"""The four items of information (基本4情報) inside a signature certificate.

They stand in the subject alternative name as six otherNames, in the order cards
show: name .1, birth date .4, sex .3, address .5, flags of the name .2, flags of the
address .6 (profile section 1.3). No certificate holds an Individual Number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from mynabox.locale.eras import era_of
from mynabox.pki import der
from mynabox.pki.profile import number
from mynabox.pki.repertoire import Substituted, substitute

_ARC = "1.2.392.200149.8.5.5"
_OIDS = {arc: der.oid(f"{_ARC}.{arc}") for arc in range(1, 7)}
_LONG = 0x80
"""From here on a length has more than one octet."""
_SEXES = ("1", "2", "3", "9")


class NotHoldable(ValueError):
    """What was given cannot stand in a certificate; the message tells the field."""


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A birth date of which parts may be unknown: 0 stands for an unknown part."""

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def of(cls, day: date) -> "BirthDate":
        """A birth date that is known in full."""
        return cls(day.year, day.month, day.day)

    def code(self) -> str:
        """``EYYYYMMDD``: era digit, Gregorian date, 0 where unknown.

        The era digit is 0 where the year is unknown, or where it changed within
        what is known. Raises ``NotHoldable`` for a day that no calendar has.
        """
        digits = f"{self.year:04d}{self.month:02d}{self.day:02d}"
        if len(digits) != 8 or (self.day and not self.month):
            raise NotHoldable(
                "a birth date is year, month, day, unknown from the right"
            )
        if not self.year:
            if self.month:
                raise NotHoldable("a month of no year")
            return "0" + digits
        try:
            first = date(self.year, self.month or 1, self.day or 1)
            last = first if self.day else _last_day(self.year, self.month)
        except ValueError as error:
            raise NotHoldable("no such day in the calendar") from error
        era = era_digit(first)
        if last is not first and era != era_digit(last):
            era = 0
        return f"{era}{digits}"


def _last_day(year: int, month: int) -> date:
    if month in (0, 12):
        return date(year, 12, 31)
    return date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


def era_digit(day: date) -> int:
    """1 Meiji, 2 Taisho, 3 Showa, 4 Heisei, 5 Reiwa; 0 for a day before them."""
    era = era_of(day)
    return 0 if era is None else era.digit


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holder:
    """The four items as the register holds them, and the substitutes agreed on.

    ``repr()`` hides them.
    """

    name: str
    """Family and given name separated by a space; a Roman name is welcome."""
    born: BirthDate
    sex: str
    """1 male, 2 female, 3 unknown; 9 is read from older certificates."""
    address: str
    """From the prefecture on, without postcode."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Substitute characters the resident asked for, by the register's character."""

    def __repr__(self) -> str:
        return "Holder(····)"

    def certified_name(self) -> Substituted:
        """The name as the certificate writes it."""
        return substitute(self.name, self.chosen)

    def certified_address(self) -> Substituted:
        """The address as the certificate writes it."""
        return substitute(self.address, self.chosen)


def alternative_name(holder: Holder) -> bytes:
    """The SubjectAltName value in DER; raises ``NotHoldable``."""
    if not holder.name.strip() or not holder.address.strip():
        raise NotHoldable("a signature certificate needs a name and an address")
    if holder.sex not in _SEXES:
        raise NotHoldable(f"the sex is written {', '.join(_SEXES)}")
    name, address = holder.certified_name(), holder.certified_address()
    limit = number("address_limit")
    if len(address.text) > limit:
        raise NotHoldable(f"an address has at most {limit} characters")
    return der.sequence(
        _other_name(1, name.text),
        _other_name(4, holder.born.code()),
        _repeated(3, holder.sex),
        _other_name(5, address.text),
        _repeated(2, name.flags),
        _repeated(6, address.flags),
    )


def _other_name(last_arc: int, text: str) -> bytes:
    oid, octets = _OIDS[last_arc], text.encode()
    size = len(octets)
    whole = len(oid) + size + 4
    if whole < _LONG:
        return b"\xa0%c%b\xa0%c\x0c%c%b" % (whole, oid, size + 2, size, octets)
    return der.explicit(0, oid, der.explicit(0, der.tlv(der.UTF8_STRING, octets)))


_repeated = lru_cache(maxsize=1 << 12)(_other_name)
"""Of texts that are the same for very many people: the sexes, and flags of which none
is raised."""
