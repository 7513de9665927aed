"""Secure messaging with the input-support application: commands in envelopes.

It hides what is read and what is presented from the line, and proves nothing: there
is no checksum. It opens after the PIN, which therefore travels in clear; number A,
which is the Individual Number, need not.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.iso7816 import SW, Answer, Command
from mynabox.iso7816.apdu import EXTENDED_LE
from mynabox.iso7816.tlv import TlvError, encode_ber, read_ber
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardError, CardNonsense, PinRequired, SessionLost

_SEED, _BLOCK = 32, 16
_ENDS = frozenset(
    (
        SW.SECURE_MESSAGING_UNKNOWN,
        SW.SECURE_DATA_MISSING,
        SW.SECURE_DATA_WRONG,
        SW.NO_SECURE_SESSION,
    )
)
_VERIFY, _SELECT, _READ = 0x20, 0xA4, 0xB0


class SecureDialogue(Dialogue):
    """A dialogue whose VERIFY, SELECT and READ BINARY travel encrypted.

    Anything else, and the query of tries, which hides nothing, goes as it is and does
    not count. Raises SessionLost once the card no longer knows the session.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        transport_key: RSAPublicKey,
        random: Callable[[int], bytes],
    ) -> None:
        super().__init__(connection)
        seed = random(_SEED)
        message = encode_ber(0xA0, encode_ber(0x80, seed))
        oaep = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
        delivered = transport_key.encrypt(message, oaep)
        answer = super().ask(Command(0x80, 0xAE, 0x00, 0x00, delivered))
        if answer.sw == SW.SECURITY_NOT_SATISFIED:
            raise PinRequired("SET SESSION KEY", answer.sw)
        if answer.sw != SW.OK:
            raise CardError("SET SESSION KEY", answer.sw)
        self._key = seed[:_BLOCK]
        self._sent = 0

    def ask(self, command: Command) -> Answer:
        """Send one command, in an envelope where there is something to hide."""
        if command.cla or command.ins not in (_VERIFY, _SELECT, _READ):
            return super().ask(command)
        if command.ins == _READ:
            if command.le is None:
                raise ValueError("READ BINARY asks for bytes")
            wanted = command.le & 0xFFFF
            hidden, le = encode_ber(0x96, wanted.to_bytes(3)), EXTENDED_LE
        elif command.data:
            hidden, le = b"", None
        else:
            return super().ask(command)
        self._sent += 1
        if not hidden:
            hidden = encode_ber(0x86, b"\x01" + self._encrypted(command.data))
        answer = super().ask(
            Command(0x08, command.ins, command.p1, command.p2, hidden, le)
        )
        if answer.sw in _ENDS:
            raise SessionLost("protected command", answer.sw)
        if answer.sw != SW.OK or not answer.data:
            return answer
        return Answer(self._content(answer.data), answer.sw)

    def _encrypted(self, content: bytes) -> bytes:
        cipher = self._cipher().encryptor()
        padded = content + b"\x80"
        padded += bytes(-len(padded) % _BLOCK)
        return cipher.update(padded) + cipher.finalize()

    def _content(self, envelope: bytes) -> bytes:
        try:
            found, end = read_ber(envelope)
        except TlvError as error:
            raise CardNonsense(f"protected answer: {error}") from None
        cryptogram = found.value[1:]
        if (
            found.tag != 0x86
            or end != len(envelope)
            or found.value[:1] != b"\x01"
            or not cryptogram
            or len(cryptogram) % _BLOCK
        ):
            raise CardNonsense("protected answer: not one padded cryptogram")
        cipher = self._cipher().decryptor()
        padded = cipher.update(cryptogram) + cipher.finalize()
        content = padded.rstrip(b"\x00")
        if content[-1:] != b"\x80":
            raise CardNonsense("protected answer: no padding; numbers out of step?")
        return content[:-1]

    def _cipher(self) -> Cipher[CBC]:
        first = Cipher(AES(self._key), CBC(bytes(_BLOCK))).encryptor()
        return Cipher(AES(self._key), CBC(first.update(self._sent.to_bytes(_BLOCK))))
