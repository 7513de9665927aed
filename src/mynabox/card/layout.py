"""What an application on a card consists of, as data: files and who may use them.

No number of tries is here: those are chosen by the issuer and come with the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Secret(StrEnum):
    """What a secret is for: the issuer gives the number of tries by these names."""

    AUTHENTICATION = "authentication"
    """利用者証明用電子証明書の暗証番号: 4 digits."""
    SIGNATURE = "signature"
    """署名用電子証明書の暗証番号: 6 to 16 letters and digits."""
    JUKI = "juki"
    """住民基本台帳用の暗証番号: 4 digits, kept twice on the card."""
    INPUT_SUPPORT = "input_support"
    """券面事項入力補助用の暗証番号: 4 digits."""
    NUMBER_A = "number_a"
    """照合番号A: the twelve digits of the Individual Number."""
    NUMBER_B = "number_b"
    """照合番号B: birth, expiry and security code as printed, 14 digits."""
    BIRTH = "birth"
    """生年月日: the six digits number B begins with; opens the age record alone."""


_DIGITS = frozenset(b"0123456789")
_LETTERS_AND_DIGITS = _DIGITS | frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Form:
    """The form a new value of a secret must have."""

    shortest: int
    longest: int
    characters: frozenset[int]

    def fits(self, value: bytes) -> bool:
        """Whether ``value`` may become the secret."""
        return (
            self.shortest <= len(value) <= self.longest
            and frozenset(value) <= self.characters
        )


def digits(count: int) -> Form:
    """Exactly ``count`` ASCII digits."""
    return Form(count, count, _DIGITS)


PASSWORD = Form(6, 16, _LETTERS_AND_DIGITS)
"""The signature password's form (R072): which mix it needs is the counter's rule."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may: anyone, or whoever has presented one of some secrets (an OR-set)."""

    anyone: bool
    by: frozenset[int] = frozenset()

    def met(self, presented: set[int]) -> bool:
        """Whether the secrets presented so far open this."""
        return self.anyone or not self.by.isdisjoint(presented)


FREE = Access(True)
CLOSED = Access(False)


def opened_by(*fids: int) -> Access:
    """Open once any one of these secret files has been presented."""
    return Access(False, frozenset(fids))


class ChangedBy(StrEnum):
    """The command that lets the holder choose a new value."""

    CHANGE_REFERENCE_DATA = "00 24 01"
    CHANGE_KEY = "80 32 00"
    ISSUER_ONLY = "-"


@dataclass(frozen=True, slots=True)
class Transparent:
    """A file of bytes. ``private`` keeps its content out of the trace."""

    fid: int
    read: Access
    private: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """A computed file: one byte for each named file, present or absent, then ``tail``.

    JPKI EF 0008 says ``8F 8F 00`` on a card with both certificates; what a card
    without one says is not known (low confidence, hence a value of the profile).
    """

    fid: int
    read: Access
    of: tuple[int, ...]
    present: int
    absent: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Records:
    """A file of records in JICSAP's simple TLV form."""

    fid: int
    read: Access


@dataclass(frozen=True, slots=True)
class SecretFile:
    """An internal file holding a PIN, password or verification number (PIN IEF)."""

    fid: int
    secret: Secret
    form: Form
    changed_by: ChangedBy


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An internal file holding an RSA private key (鍵IEF).

    ``signs``: for COMPUTE DIGITAL SIGNATURE; ``answers``: for INTERNAL AUTHENTICATE;
    neither: to open what SET SESSION KEY brings.
    """

    fid: int
    use: Access
    signs: bool = True
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """An internal file that exists and does nothing a terminal can see.

    ``locked`` ones look like a secret for ever out of tries.
    """

    fid: int
    locked: bool = False


File = Transparent | Presence | Records | SecretFile | KeyFile | Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application (DF) with its files, found by AID."""

    name: str
    aid: bytes
    files: tuple[File, ...]
    default_key: int | None = None
    """The key that ``P2 = 00`` of COMPUTE DIGITAL SIGNATURE names."""
    transport_key: int | None = None
    """The key that opens what SET SESSION KEY brings; None: no secure messaging."""
    refusals: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """(CLA, INS) of commands this application answers with a fixed word."""
    by_fid: Mapping[int, File] = field(init=False, repr=False)
    by_sfi: Mapping[int, File] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_fid = {file.fid: file for file in self.files}
        by_sfi = {file.fid & 0x1F: file for file in self.files}
        if len(by_sfi) != len(self.files):
            raise ValueError(f"{self.name}: two files share an identifier")
        object.__setattr__(self, "by_fid", MappingProxyType(by_fid))
        object.__setattr__(self, "by_sfi", MappingProxyType(by_sfi))
