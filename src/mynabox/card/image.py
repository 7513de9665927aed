"""The card's memory as a value, and as bytes.

Format 1: a line ``mynabox-card 1 <CRC-32 of the rest>`` and a JSON object, binary
values in hexadecimal. The checksum tells a torn or foreign file from a card; keeping
it secret and authentic is the business of whoever stores it.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mynabox.card.layout import Secret
from mynabox.card.profile import Profile, TokenInfo

Place = tuple[str, int]
"""An application's name and a file identifier."""

_MAGIC = b"mynabox-card 1 "
_MOST_TRIES = 15


class ImageDamaged(Exception):
    """The bytes are no image of a card this program knows. Says why, shows nothing."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Tries left of a limit. A limit of 0 is none: such a secret never locks."""

    left: int
    limit: int

    @property
    def unlimited(self) -> bool:
        """Whether there is nothing to count."""
        return not self.limit

    def spent(self) -> "Counter":
        """One try fewer."""
        return Counter(self.left - 1, self.limit)

    def full(self) -> "Counter":
        """All tries back."""
        return Counter(self.limit, self.limit)


@dataclass(frozen=True, slots=True)
class SecretCell:
    """A secret and its tries; ``value`` is None until the issuer sets one."""

    value: bytes | None = field(repr=False)
    tries: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """Everything a card remembers without power."""

    profile: str
    serial: str
    """16 ASCII digits, given at manufacture."""
    issuer_key: bytes = field(repr=False)
    """AES-256: opens the issuer commands."""
    issuer_tries: Counter
    secrets: Mapping[Place, SecretCell]
    files: Mapping[Place, bytes] = field(default_factory=dict, repr=False)
    records: Mapping[Place, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    keys: Mapping[Place, bytes] = field(default_factory=dict, repr=False)
    """Private keys, PKCS#8 DER."""
    objects: Mapping[int, bytes] = field(default_factory=dict)
    """Data objects of GET DATA."""
    ended: bool = False

    def with_tries(self, place: Place, tries: Counter) -> "Image":
        """The same card with another counter for one secret."""
        return self.with_secret(place, SecretCell(self.secrets[place].value, tries))

    def with_secret(self, place: Place, cell: SecretCell) -> "Image":
        """The same card with another secret."""
        return replace(self, secrets={**self.secrets, place: cell})

    def with_key(self, place: Place, key: bytes) -> "Image":
        """The same card with another private key."""
        return replace(self, keys={**self.keys, place: key})

    def with_file(self, place: Place, content: bytes) -> "Image":
        """The same card with another file content; empty means unwritten."""
        files = {**self.files, place: content}
        if not content:
            del files[place]
        return replace(self, files=files)

    def with_records(self, place: Place, content: tuple[bytes, ...]) -> "Image":
        """The same card with other records in one file; none means unwritten."""
        records = {**self.records, place: content}
        if not content:
            del records[place]
        return replace(self, records=records)

    def with_object(self, tag: int, value: bytes) -> "Image":
        """The same card with another data object; empty takes it away."""
        objects = {**self.objects, tag: value}
        if not value:
            del objects[tag]
        return replace(self, objects=objects)

    def emptied(self) -> "Image":
        """The card's end: files, keys, secrets and the issuer key are gone."""
        return replace(
            self,
            issuer_key=bytes(32),
            issuer_tries=Counter(0, self.issuer_tries.limit),
            secrets={
                place: SecretCell(None, Counter(0, cell.tries.limit))
                for place, cell in self.secrets.items()
            },
            files={},
            records={},
            keys={},
            objects={},
            ended=True,
        )

    def encode(self) -> bytes:
        """The bytes to keep."""
        body = json.dumps(
            {
                "profile": self.profile,
                "serial": self.serial,
                "ended": self.ended,
                "issuer": [self.issuer_key.hex(), *_counter(self.issuer_tries)],
                "secrets": {
                    _spell(place): [
                        None if cell.value is None else cell.value.hex(),
                        *_counter(cell.tries),
                    ]
                    for place, cell in self.secrets.items()
                },
                "files": {_spell(at): each.hex() for at, each in self.files.items()},
                "records": {
                    _spell(at): [record.hex() for record in each]
                    for at, each in self.records.items()
                },
                "keys": {_spell(at): each.hex() for at, each in self.keys.items()},
                "objects": {f"{tag:04X}": o.hex() for tag, o in self.objects.items()},
            },
            separators=(",", ":"),
        ).encode("ascii")
        return _MAGIC + f"{zlib.crc32(body):08x}\n".encode("ascii") + body

    @classmethod
    def decode(cls, raw: bytes) -> "Image":
        """Read what :meth:`encode` wrote; raises :class:`ImageDamaged`."""
        head, newline, body = raw.partition(b"\n")
        if not newline or not head.startswith(_MAGIC):
            raise ImageDamaged("not a card image of format 1")
        if head[len(_MAGIC) :] != f"{zlib.crc32(body):08x}".encode("ascii"):
            raise ImageDamaged("the checksum does not fit")
        try:
            return cls._from(json.loads(body))
        except (KeyError, TypeError, ValueError) as error:
            raise ImageDamaged(f"unreadable: {type(error).__name__}") from None

    @classmethod
    def _from(cls, tree: Any) -> "Image":
        issuer_key, issuer_left, issuer_limit = tree["issuer"]
        return cls(
            profile=tree["profile"],
            serial=tree["serial"],
            ended=tree["ended"],
            issuer_key=bytes.fromhex(issuer_key),
            issuer_tries=_tries(issuer_left, issuer_limit),
            secrets={
                _place(at): SecretCell(
                    None if value is None else bytes.fromhex(value), _tries(left, limit)
                )
                for at, (value, left, limit) in tree["secrets"].items()
            },
            files=_values(tree["files"]),
            records={
                _place(at): tuple(bytes.fromhex(record) for record in each)
                for at, each in tree["records"].items()
            },
            keys=_values(tree["keys"]),
            objects={int(t, 16): bytes.fromhex(o) for t, o in tree["objects"].items()},
        )


def _spell(place: Place) -> str:
    return f"{place[0]}/{place[1]:04X}"


def _place(spelt: str) -> Place:
    name, _, fid = spelt.partition("/")
    return name, int(fid, 16)


def _values(tree: dict[str, str]) -> dict[Place, bytes]:
    return {_place(at): bytes.fromhex(each) for at, each in tree.items()}


def _counter(tries: Counter) -> tuple[int, int]:
    return tries.left, tries.limit


def _tries(left: int, limit: int) -> Counter:
    if not 0 <= left <= limit <= _MOST_TRIES:
        raise ValueError("tries outside their limit")
    return Counter(left, limit)


def blank_image(
    *,
    profile: Profile,
    serial: str,
    issuer_key: bytes,
    tries: Mapping[Secret, int | None],
    issuer_tries: int,
) -> bytes:
    """The image of a card as it leaves the factory, before personalisation.

    No secret is set, no key made, no certificate and no expiry written: the issuer
    does all that through the chip's issuer commands. ``tries`` says for each secret
    of the profile how many consecutive wrong values lock it (R073, R074); None: it
    never locks. The birth key is the beginning of number B: unless told otherwise it
    has as many tries. ValueError for a kind of card that cannot be made yet.
    """
    if profile.future:
        raise ValueError(f"{profile.name} cannot be made: {profile.future}")
    if len(serial) != 16 or not (serial.isascii() and serial.isdigit()):
        raise ValueError("a serial is 16 ASCII digits")
    if len(issuer_key) != 32:
        raise ValueError("an issuer key has 32 bytes")
    secrets = {
        place: SecretCell(None, Counter(0, _limit_of(file.secret, tries)))
        for place, file in profile.secrets().items()
    }
    image = Image(
        profile=profile.name,
        serial=serial,
        issuer_key=issuer_key,
        issuer_tries=Counter(_limit(issuer_tries), issuer_tries),
        secrets=secrets,
    )
    info = token_info(profile.token, serial)
    return image.with_file(profile.token_file, info).encode()


def _limit_of(secret: Secret, tries: Mapping[Secret, int | None]) -> int:
    if secret is Secret.BIRTH and secret not in tries:
        secret = Secret.NUMBER_B
    limit = tries[secret]
    return 0 if limit is None else _limit(limit)


def _limit(tries: int) -> int:
    if not 1 <= tries <= _MOST_TRIES:
        raise ValueError(f"a limit of tries is 1 to {_MOST_TRIES}, not {tries}")
    return tries


def token_info(token: TokenInfo, serial: str) -> bytes:
    """The 160 bytes of JPKI EF 0006: a CK_TOKEN_INFO, numbers big-endian.

    Flags 0000040D: RNG, login required, user PIN initialised, token initialised.
    One session at most, PINs of 6 to 16 characters, memory sizes not told.
    """
    numbers = (0x40D, 1, 0, 1, 0, 16, 6, *(0xFFFFFFFF,) * 4)
    return b"".join(
        (
            token.label.encode("ascii").ljust(32),
            token.manufacturer.encode("ascii").ljust(32),
            token.model.encode("ascii").ljust(16),
            serial.encode("ascii").ljust(16),
            *(number.to_bytes(4) for number in numbers),
            token.hardware.encode("ascii").ljust(2),
            token.firmware.encode("ascii").ljust(2),
            b"9" * 16,
        )
    )
