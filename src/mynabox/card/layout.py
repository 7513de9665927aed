"""What a kind of card consists of, as data: applications, files, conditions, quirks.

A :class:`Profile` describes a generation of cards; no number of tries is in it, for
those are chosen by the issuer and come with the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mynabox.iso7816 import SW


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

    ``signs``: for COMPUTE DIGITAL SIGNATURE; ``answers``: for INTERNAL AUTHENTICATE.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """What JPKI EF 0006 (a PKCS#11 CK_TOKEN_INFO) says of a kind of card."""

    label: str
    manufacturer: str
    model: str
    hardware: str
    firmware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of card: its applications and how it behaves at the edges.

    Each field that is not certain says where it comes from and how sure it is; see
    docs/card.md for the sources.
    """

    name: str
    atr: bytes
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
    """The tag of GET DATA that answers the ATR without its first byte: contactless
    readers make up an ATR of their own."""
    warm_reset_clears: bool = False
    """Measured by a client's author on physical cards: a warm reset clears nothing."""
    first_command_fails: bool = False
    """Measured on one physical card: the first command after power-up is 6F00."""
    wrong_verify_clears: bool = True
    """Unmeasured: a wrong value takes back the status an earlier right one gave."""
    bad_new_value: int = SW.WRONG_DATA
    """Unmeasured: the answer to a new secret of the wrong form."""
    unwritten_file: int = SW.FILE_NOT_FOUND
    """Unmeasured: reading a file that holds nothing (no signature certificate)."""
    unwritten_key: int = SW.CONDITIONS_NOT_SATISFIED
    """Unmeasured: using a key file that holds no key."""
    ended: int = SW.CONDITIONS_NOT_SATISFIED
    """Ours: the answer to everything once the issuer has ended the card."""
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
