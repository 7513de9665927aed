"""A conversation with a card as lines of text, and a card made to repeat it.

``> bytes`` is a command, ``< bytes`` its answer, ``# `` a remark, ``! power on``,
``! power off`` and ``! warm reset`` what was done to the card. Bytes are hexadecimal,
``"text"`` is ASCII, ``..`` any byte, ``AA*3`` three times AA. ``{authentication}`` is a
secret with the length before it, as it stands in a command; whoever replays the lines
says what it is. ``{new-authentication}`` is the value it was changed to, and
``{wrong-authentication}`` one that the card did not take.

What is recorded tells no secret and no private file: values presented are named, data
that were signed are as many times 41, and of answers that are not public only the
length remains. What nobody could say again (an issuer's orders, anything under a
session key) is left out, with a remark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mynabox.iso7816 import Command
from mynabox.iso7816.apdu import Malformed
from mynabox.terminal import card_face, card_record, input_support, jpki
from mynabox.terminal.connection import Connection
from mynabox.terminal.issuer import CardSecret

_TOKEN = re.compile(
    r'"([^"]*)"|\{([a-z0-9-]+)\}|([0-9A-F]{2}|\.\.)(?:\*(\d+))?(?=\s|$)|(\S+)'
)
_SELECT, _VERIFY, _CHALLENGE, _GET_DATA = 0xA4, 0x20, 0x84, 0xCA
_READS = frozenset((0xB0, 0xB2))
_CHANGES = frozenset(((0x00, 0x24), (0x80, 0x32)))
_SIGNS = frozenset((0x2A, 0x88))
_UNREPEATABLE = frozenset((0x04, 0x08, 0x0C, 0x84))
"""Classes of secure messaging and of the issuer's sealed commands."""
_ISSUER = frozenset(((0x80, 0x82), (0x80, 0xAE)))
_ATR_OBJECT = 0x5F51

_PUBLIC: Mapping[bytes, frozenset[int]] = {
    jpki.AID: frozenset((0x02, 0x06, 0x08, 0x0B)),
    input_support.AID: frozenset((0x04, 0x05, 0x08)),
    card_face.AID: frozenset((0x03, 0x04, 0x06)),
}
"""Files that say nothing of their holder: authorities, versions, token information."""

_SECRETS: Mapping[tuple[bytes, int], str] = {
    (application.value, file): secret.name.lower().replace("_", "-")
    for secret in CardSecret
    for application, file in secret.value
}
"""By application and file, what a secret is called in a transcript."""

_AIDS = (
    jpki.AID,
    input_support.AID,
    card_face.AID,
    card_record.COMMON_AID,
    card_record.JUKI_AID,
)
_UNNAMED = "secret"


class BadTranscript(ValueError):
    """A line that cannot be understood or replayed; the text names it."""


class Scribe:
    """Takes a conversation down, command by command, with everything secret masked."""

    def __init__(self) -> None:
        self._application: bytes | None = None
        self._file: int | None = None
        self._changed: set[str] = set()

    def powered(self) -> str:
        """The card was powered up."""
        self._application = self._file = None
        return "! power on"

    def unpowered(self) -> str:
        """The power was taken away."""
        return "! power off"

    def reset(self, *, cold: bool) -> str:
        """The card was reset."""
        self._application = self._file = None
        return "! power on" if cold else "! warm reset"

    def heard(self, raw: bytes, answer: bytes) -> list[str]:
        """The lines of one command and its answer."""
        try:
            command = Command.parse(raw)
        except Malformed as error:
            return [f"# left out: bytes that are no command ({error.fault})"]
        if command.cla in _UNREPEATABLE or (command.cla, command.ins) in _ISSUER:
            self._select_in(command)
            return [
                f"# left out: {raw[:4].hex(' ').upper()}, which nobody could repeat"
            ]
        good = answer[-2:] == b"\x90\x00"
        if good and command.ins == _SELECT:
            self._select(command)
        elif good:
            self._select_in(command)
        shown = self._answer(command, answer)
        return [f"> {self._command(command, raw, good=good)}", f"< {shown}"]

    def _select(self, command: Command) -> None:
        if command.p1 == 0x04:
            self._file = None
            self._application = next(
                (aid for aid in _AIDS if command.data and aid.startswith(command.data)),
                None,
            )
        elif command.p1 == 0x02 and len(command.data) == 2:
            self._file = int.from_bytes(command.data)

    def _select_in(self, command: Command) -> None:
        """A short identifier in a command selects the file as well."""
        short = self._short(command)
        if short is not None:
            self._file = short

    @staticmethod
    def _short(command: Command) -> int | None:
        match command.ins:
            case 0xB0 if command.p1 & 0x80:
                return command.p1 & 0x1F
            case 0xB2 if command.p2 >> 3:
                return command.p2 >> 3
            case 0x20 | 0x24 | 0x2A | 0x32 | 0x88 if command.p2 & 0x1F:
                return command.p2 & 0x1F
        return None

    def _command(self, command: Command, raw: bytes, *, good: bool) -> str:
        if not command.data:
            return _spelt(raw)
        head = raw[:4].hex(" ").upper()
        tail = "" if command.le is None else " 00"
        if command.ins == _VERIFY or (command.cla, command.ins) in _CHANGES:
            return f"{head} {{{self._value(command, good=good)}}}"
        if command.ins in _SIGNS:
            size = len(command.data)
            if command.extended:
                return f"{head} 00 {_spelt(size.to_bytes(2))} 41*{size} 00 00"
            return f"{head} {size:02X} 41*{size}{tail}"
        if command.ins in (_SELECT, *_READS, _CHALLENGE, _GET_DATA):
            return _spelt(raw)
        size = len(command.data)
        return f"{head} {size:02X} 00*{size}{tail}"

    def _value(self, command: Command, *, good: bool) -> str:
        """What a presented value is called: a wrong one, the first or the second."""
        name = self._secret(command)
        if not good:
            return f"wrong-{name}"
        if command.ins != _VERIFY:
            self._changed.add(name)
        return f"new-{name}" if name in self._changed else name

    def _secret(self, command: Command) -> str:
        file = self._short(command) or self._file
        if self._application is None or file is None:
            return _UNNAMED
        return _SECRETS.get((self._application, file), _UNNAMED)

    def _answer(self, command: Command, answer: bytes) -> str:
        data, word = answer[:-2], answer[-2:].hex(" ").upper()
        if not data:
            return word
        if self._public(command):
            return f"{_spelt(data)} {word}"
        return f"..*{len(data)} {word}"

    def _public(self, command: Command) -> bool:
        if command.ins == _SELECT:
            return True
        if command.ins == _GET_DATA:
            return command.p1 << 8 | command.p2 == _ATR_OBJECT
        if command.ins != 0xB0 or self._application is None:
            return False
        return self._file in _PUBLIC.get(self._application, frozenset())


def _spelt(data: bytes) -> str:
    """Bytes in hexadecimal; eight and more times the same one as ``FF*8``."""
    runs: list[tuple[int, int]] = []
    for byte in data:
        if runs and runs[-1][0] == byte:
            runs[-1] = (byte, runs[-1][1] + 1)
        else:
            runs.append((byte, 1))
    return " ".join(
        f"{byte:02X}*{count}" if count >= 8 else " ".join([f"{byte:02X}"] * count)
        for byte, count in runs
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One exchange of a replay: what was expected, what came, and where it stands.

    ``line`` counts from 1; ``expected`` is the line's own text, ``answer`` shows the
    length and the status word alone where the text does not show more.
    """

    line: int
    command: str
    expected: str
    answer: str
    agrees: bool


def secrets_in(lines: Iterable[str]) -> tuple[str, ...]:
    """The names of the secrets that a transcript needs, in the order of first use."""
    found: dict[str, None] = {}
    for line in lines:
        if line.startswith(">"):
            found.update((name, None) for _, name, *_ in _TOKEN.findall(line) if name)
    return tuple(found)


def replay(
    connection: Connection, lines: Iterable[str], *, secrets: Mapping[str, str]
) -> Iterator[Step]:
    """Say every command again and compare the answers, one step after the other.

    ``secrets``  values by name, see :func:`secrets_in`

    Raises :class:`BadTranscript` before the first command if a line cannot be
    understood or a secret is missing. Secrets are presented as they come: it is for
    the caller to know that the card has tries left.
    """
    said = _parse(tuple(lines), secrets)
    return _replayed(connection, said)


@dataclass(frozen=True, slots=True)
class _Said:
    line: int
    text: str
    sign: str
    content: tuple[int | None, ...]


def _parse(lines: tuple[str, ...], secrets: Mapping[str, str]) -> tuple[_Said, ...]:
    found = []
    waiting = False
    for number, line in enumerate(lines, 1):
        sign, rest = line[:1], line[1:].strip()
        if sign in ("", "#"):
            continue
        if sign == "!" and rest in ("power on", "power off", "warm reset"):
            content: tuple[int | None, ...] = ()
        elif sign in ("<", ">") and waiting is (sign == "<"):
            content = _bytes(number, rest, secrets)
            if sign == ">" and None in content:
                raise BadTranscript(f"line {number}: a command with bytes left open")
            waiting = sign == ">"
        else:
            raise BadTranscript(f"line {number}: {line[:40]!r} is not understood here")
        found.append(_Said(number, rest, sign, content))
    if waiting:
        raise BadTranscript("the last command has no answer")
    return tuple(found)


def _bytes(
    number: int, text: str, secrets: Mapping[str, str]
) -> tuple[int | None, ...]:
    found: list[int | None] = []
    for quoted, name, byte, times, other in _TOKEN.findall(text):
        if other:
            raise BadTranscript(f"line {number}: what is {other!r}?")
        if name:
            if name not in secrets:
                raise BadTranscript(f"line {number}: the value of {{{name}}} is needed")
            value = secrets[name].encode("ascii")
            found += [len(value), *value]
        elif byte:
            found += [None if byte == ".." else int(byte, 16)] * int(times or 1)
        else:
            found += quoted.encode("ascii")
    return tuple(found)


def _replayed(connection: Connection, said: tuple[_Said, ...]) -> Iterator[Step]:
    command, answer = "", b""
    for each in said:
        match each.sign:
            case "!":
                if each.text != "power off":
                    connection.reset(cold=each.text == "power on")
            case ">":
                command = each.text
                answer = connection.transmit(
                    bytes(b for b in each.content if b is not None)
                )
            case _:
                agrees = len(answer) == len(each.content) and all(
                    want is None or got == want
                    for got, want in zip(answer, each.content, strict=True)
                )
                yield Step(each.line, command, each.text, _told(answer, each), agrees)


def _told(answer: bytes, expected: _Said) -> str:
    if None in expected.content and len(answer) > 2:
        return f"..*{len(answer) - 2} {answer[-2:].hex(' ').upper()}"
    return _spelt(answer)
