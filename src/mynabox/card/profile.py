"""A kind of card as data: its applications, its behaviour at the edges, its sources.

What is not certain carries its source and how sure it is, either in the docstring of
its field or, where somebody outside the chip needs the value, as a :class:`Fact`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from mynabox.card.layout import Application, SecretFile
from mynabox.iso7816 import SW

T = TypeVar("T")


class Confidence(StrEnum):
    """How sure a fact is."""

    MEASURED = "measured"
    """On physical cards, by the author of a public client."""
    SEEN = "seen"
    """In a client's source, or stated by the authority that issues the cards."""
    LOW = "low"
    """Told once, or by analogy: may well be otherwise."""
    OURS = "ours"
    """Nobody knows; a choice of this program."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value that other cards might have otherwise."""

    value: T
    source: str
    confidence: Confidence


class KeyType(StrEnum):
    """What the keys of a card are."""

    RSA_2048 = "RSA-2048"
    P_384 = "P-384"
    """Announced for the coming card; its commands are public nowhere."""


class BirthYear(StrEnum):
    """How a birth year becomes the two digits that begin verification number B."""

    ERA = "era"
    """Of the Japanese era: 1980 is 55."""
    GREGORIAN = "gregorian"
    """The last two: 1980 is 80."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """What whoever makes and fills a card of a kind has to know of it."""

    key_type: KeyType = KeyType.RSA_2048
    printed_tries: Fact[int]
    """Wrong tries in a row that lock number A, number B or the birth key."""
    issuer_tries: Fact[int]
    """Wrong issuer authentications that close a chip to its issuer."""
    foreign_birth_year: Fact[BirthYear]
    """The year in number B of a person who is not Japanese; for Japanese people it
    is that of the era (measured)."""
    long_lengths: Fact[bool]
    """Whether the attributes' outer length is written on two bytes behind 82."""
    lower_chain: Fact[bool]
    """Whether GET DATA 7F21 answers the lower of two CV certificates."""
    ca_generation: Fact[int]
    """Which generation of the authorities' keys such cards carry, counted from 1:
    all generations share one name."""
    municipality_key_digits: Fact[tuple[str, str]]
    """The two digits behind the municipality's code in the name of its CV key, for
    the card-face and for the input-support application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """What JPKI EF 0006 (a PKCS#11 CK_TOKEN_INFO) says of a kind of card."""

    label: str
    manufacturer: str
    model: str
    hardware: str
    firmware: str


class AtrObject(StrEnum):
    """Where GET DATA answers the contact ATR."""

    DEFAULT = "default DF"
    APPLICATION = "an application"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of card: its applications and how it behaves at the edges.

    Where each behaviour comes from and how sure it is: ``profiles/behaviour.py``.

    ``name`` is what images carry: once there, it stands for the same card for ever.
    """

    name: str
    atr: bytes
    """What the reader reports: a contactless one makes it up from the card's ATQB."""
    applications: tuple[Application, ...]
    default_aid: bytes
    """The default DF: the one GET DATA works in."""
    token: TokenInfo
    token_file: tuple[str, int]
    """Application and file of the token information, written at manufacture."""
    objects: frozenset[int]
    """Tags of GET DATA that an issuer may set."""
    serial_object: int
    """The tag of GET DATA that answers the card's serial."""
    atr_object: int
    """The tag of GET DATA that answers the contact ATR without its first byte."""
    production: Production
    future: str = ""
    """Why no such card can be made yet; empty for kinds that can."""
    contact_atr: bytes | None = None
    """The contact ATR where ``atr`` is another."""
    atr_object_in: AtrObject = AtrObject.DEFAULT
    """Measured: on some cards the default DF answers it, on others an application."""
    warm_reset_clears: bool = False
    """Measured by a client's author on physical cards: a warm reset clears nothing."""
    first_command_fails: bool = False
    """Measured on one physical card: the first command after power-up is 6F00."""
    wrong_verify_clears: bool = True
    """Unmeasured: a wrong value takes back the status an earlier right one gave."""
    reselecting_ends_session: bool = True
    """A client's author writes that selecting an application ends secure messaging,
    and also that it lives as long as a security status, which outlives selecting the
    same one again. Low confidence."""
    locked: int = SW.REFERENCE_BLOCKED
    """Measured: 6984 to VERIFY of a locked secret. Three clients expect 6983."""
    several_records: bool = True
    """JICSAP 1.1 §6.4.4 leaves reading several records at once (6A81) to the card."""
    bad_new_value: int = SW.WRONG_DATA
    """Unmeasured: the answer to a new secret of the wrong form."""
    unwritten_file: int = SW.FILE_NOT_FOUND
    """Unmeasured: reading a file that holds nothing (no signature certificate)."""
    unwritten_key: int = SW.CONDITIONS_NOT_SATISFIED
    """Unmeasured: using a key file that holds no key."""
    ended: int = SW.CONDITIONS_NOT_SATISFIED
    """Ours: the answer to everything once the issuer has ended the card."""
    file_without_application: int = SW.NO_CURRENT_FILE
    """Unmeasured: selecting a file while the default DF is current."""
    sign_without_le: int = SW.WRONG_LENGTH
    """Unmeasured: asking for a signature without saying how long; 9000 signs."""
    answers_fci: bool = True
    """Whether SELECT that asks for it answers control information: the name alone, as
    what genuine cards put there is not known."""
    by_name: Mapping[str, Application] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name = {each.name: each for each in self.applications}
        object.__setattr__(self, "by_name", MappingProxyType(by_name))

    def secrets(self) -> dict[tuple[str, int], SecretFile]:
        """Every secret file of the card by application and file."""
        return {
            (each.name, file.fid): file
            for each in self.applications
            for file in each.files
            if isinstance(file, SecretFile)
        }
