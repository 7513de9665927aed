"""The issuer's session with one of our cards (docs/card.md): personalise, unlock, end.

Written from the document, sharing no code with the chip. Any refusal ends the
session on the card's side: open a new one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.cmac import CMAC

from mynabox.iso7816 import SW, Command, tries_left
from mynabox.iso7816.apdu import EXTENDED_LE
from mynabox.iso7816.tlv import TlvError, encode_ber, parse_ber
from mynabox.terminal import card_face, card_record, input_support, jpki
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import (
    CardError,
    CardNonsense,
    CardUnproven,
    IssuerRefused,
)

_EXPIRY_OBJECT = 0x00F2
_TOGETHER = 0x10
_GATHERED = frozenset((0x2C, 0xD6, 0xDA))


class CardApplication(Enum):
    """The applications an issuer writes to, by AID."""

    JPKI = jpki.AID
    INPUT_SUPPORT = input_support.AID
    CARD_FACE = card_face.AID
    CARD_RECORD = card_record.COMMON_AID
    JUKI = card_record.JUKI_AID


Place = tuple[CardApplication, int]
"""An application and a file in it."""


class CardSecret(Enum):
    """The secrets a holder chooses (the four of R070) or has printed, with their files.

    The juki PIN is on the card twice, and so are the printed numbers: both copies are
    set together, those in applications a card has not are left out.
    """

    AUTHENTICATION = ((CardApplication.JPKI, 0x18),)
    SIGNATURE = ((CardApplication.JPKI, 0x1B),)
    JUKI = ((CardApplication.CARD_RECORD, 0x1C), (CardApplication.JUKI, 0x1C))
    INPUT_SUPPORT = ((CardApplication.INPUT_SUPPORT, 0x11),)
    NUMBER_A = (
        (CardApplication.INPUT_SUPPORT, 0x14),
        (CardApplication.CARD_FACE, 0x13),
    )
    NUMBER_B = (
        (CardApplication.INPUT_SUPPORT, 0x15),
        (CardApplication.CARD_FACE, 0x12),
    )
    BIRTH = ((CardApplication.CARD_FACE, 0x11),)


class IssuerSession:
    """One issuer session; ``key`` is the card's AES-256 key, ``serial`` its 16 digits.

    ``random`` must never repeat itself. Authenticates on the first command, or when
    told to.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        key: bytes,
        serial: str,
        random: Callable[[int], bytes],
    ) -> None:
        self._card = Dialogue(connection)
        self._key = key
        self._serial = serial.encode("ascii")
        self._random = random
        self._cipher: AESGCM | None = None
        self._count = 0
        self._gathered: list[bytes] | None = None

    def authenticate(self) -> None:
        """Prove the key to the card and have the card prove it back.

        Raises IssuerRefused (a wrong key costs one of the card's few tries) or
        CardUnproven.
        """
        self._cipher = self._open()

    def _open(self) -> AESGCM:
        challenge = self._card.ask(Command(0x00, 0x84, 0x00, 0x00, b"", 16))
        if challenge.sw != SW.OK or len(challenge.data) != 16:
            raise CardError("GET CHALLENGE", challenge.sw)
        ours, theirs = self._random(16), challenge.data
        proof = self._cmac(b"mynabox issuer", theirs, ours, self._serial)
        answer = self._card.ask(Command(0x80, 0x82, 0x00, 0x00, ours + proof, 16))
        if answer.sw == SW.REFERENCE_BLOCKED:
            raise IssuerRefused(answer.sw, 0)
        if (left := tries_left(answer.sw)) is not None:
            raise IssuerRefused(answer.sw, left)
        if answer.sw != SW.OK:
            raise CardError("MUTUAL AUTHENTICATE", answer.sw)
        expected = self._cmac(b"mynabox card", ours, theirs)
        if not compare_digest(answer.data, expected):
            raise CardUnproven("the card's proof is wrong")
        context = b"mynabox session\x00" + theirs + ours + b"\x01\x00"
        session_key = self._cmac(b"\x01", context) + self._cmac(b"\x02", context)
        self._count = 0
        return AESGCM(session_key)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Orders within the block go to the card as one when it ends: one write of its
        memory, whole or not at all. Orders that answer something cannot be among them,
        nor secrets in applications that the card has not. Nothing is sent if the block
        raises."""
        if self._gathered is not None:
            raise ValueError("orders are gathered already")
        self._gathered = []
        try:
            yield
            orders = b"".join(self._gathered)
        finally:
            self._gathered = None
        if orders:
            self._order("ORDERS TOGETHER", _TOGETHER, 0, orders)

    def write_file(self, application: CardApplication, fid: int, data: bytes) -> None:
        """Replace a transparent file; empty data make it unwritten again."""
        self._order("WRITE FILE", 0xD6, 0, _template(application, fid, (data,)))

    def write_records(
        self, application: CardApplication, fid: int, records: Sequence[bytes]
    ) -> None:
        """Replace all records of a record file."""
        self._order("WRITE RECORDS", 0xD6, 0, _template(application, fid, records))

    def generate_key(self, application: CardApplication, fid: int) -> bytes:
        """Have the chip make a key; the public half as SubjectPublicKeyInfo DER."""
        return self._order("GENERATE KEY", 0x46, 0, _template(application, fid, ()))

    def generate_keys(self, places: Sequence[Place]) -> list[bytes]:
        """Have the chip make several keys, all of them or none; their public halves."""
        orders = b"".join(
            _wrapped(0x46, 0, _template(*place, contents=())) for place in places
        )
        answers = self._order("GENERATE KEYS", _TOGETHER, 0, orders)
        try:
            found = [each.value for each in parse_ber(answers)]
        except TlvError as error:
            raise CardNonsense(f"keys: {error}") from None
        if len(found) != len(places):
            raise CardNonsense(f"{len(found)} keys for {len(places)}")
        return found

    def set_pin(self, secret: CardSecret, value: str) -> None:
        """Set a new value and give all tries back; CardError 6A80 for a bad form."""
        self._secret(secret, (value.encode(),))

    def take_pin(self, secret: CardSecret) -> None:
        """Take a secret away: nothing that anybody types opens it, and no try comes
        back, until the issuer sets a new value."""
        self._secret(secret, ())

    def _secret(self, secret: CardSecret, values: Sequence[bytes]) -> None:
        absent = []
        for application, fid in secret.value:
            content = _template(application, fid, values)
            try:
                self._order("SET SECRET", 0x2C, 0, content)
            except CardError as error:
                if error.sw != SW.FILE_NOT_FOUND:
                    raise
                absent.append(error)
        if len(absent) == len(secret.value):
            raise absent[0]

    def set_pins(self, values: Mapping[CardSecret, str]) -> None:
        """As :meth:`set_pin` for each, in one write if the card has every application
        that they lie in; then one bad form and none is set."""
        self._secrets({one: (value.encode(),) for one, value in values.items()})

    def take_pins(self, secrets: Iterable[CardSecret]) -> None:
        """As :meth:`take_pin` for each, in one write as :meth:`set_pins` does."""
        self._secrets(dict.fromkeys(secrets, ()))

    def _secrets(self, values: Mapping[CardSecret, Sequence[bytes]]) -> None:
        try:
            with self.together():
                for secret, value in values.items():
                    self._secret(secret, value)
        except CardError as error:
            if error.sw != SW.FILE_NOT_FOUND:
                raise
            for secret, value in values.items():
                self._secret(secret, value)

    def set_expiry(self, day: date) -> None:
        """Write the card's last day of validity."""
        self.put_data(_EXPIRY_OBJECT, f"{day:%Y%m%d}".encode("ascii"))

    def put_data(self, tag: int, value: bytes) -> None:
        """Set a data object of GET DATA; empty takes it away."""
        self._order("PUT DATA", 0xDA, tag, value)

    def terminate(self) -> None:
        """Empty the card for good."""
        self._order("TERMINATE", 0xFE, 0, b"")
        self._cipher = None

    def _order(self, name: str, ins: int, p1p2: int, content: bytes) -> bytes:
        if self._gathered is not None:
            if ins not in _GATHERED:
                raise ValueError(f"{name} cannot be given together with others")
            self._gathered.append(_wrapped(ins, p1p2, content))
            return b""
        cipher = self._cipher or self._open()
        self._cipher = None
        self._count += 1
        number = self._count.to_bytes(8)
        p1, p2 = p1p2 >> 8, p1p2 & 0xFF
        header = bytes((0x84, ins, p1, p2))
        sealed = cipher.encrypt(b"CMD\x00" + number, content, header)
        answer = self._card.ask(Command(0x84, ins, p1, p2, sealed, EXTENDED_LE, True))
        if answer.sw != SW.OK:
            raise CardError(name, answer.sw)
        try:
            opened = cipher.decrypt(
                b"ANS\x00" + number, answer.data, header + SW.OK.to_bytes(2)
            )
        except InvalidTag:
            raise CardUnproven(f"the answer to {name} is not the card's") from None
        self._cipher = cipher
        return opened

    def _cmac(self, *parts: bytes) -> bytes:
        mac = CMAC(AES256(self._key))
        for part in parts:
            mac.update(part)
        return mac.finalize()


def _wrapped(ins: int, p1p2: int, content: bytes) -> bytes:
    return encode_ber(0xE0, bytes((ins,)) + p1p2.to_bytes(2) + content)


def _template(
    application: CardApplication, fid: int, contents: Sequence[bytes]
) -> bytes:
    aid: bytes = application.value
    named = encode_ber(0x84, aid) + encode_ber(0x83, fid.to_bytes(2))
    return named + b"".join(encode_ber(0x53, each) for each in contents)
