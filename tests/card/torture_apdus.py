"""Stateful fuzzing of the chip: ``python -m tests.card.torture_apdus COUNT [SEED]``.

Valid, bent and random commands, resets, power cuts and issuer sessions, in one long
conversation after another with a specimen card. After every step:

- the chip answered, with a status word it is known to use;
- no PIN, password, private key or issuer key is in the answer;
- the memory still holds a card, and changed only in commands that may change it;
- no counter of tries rose without a right value or the issuer;
- whatever a PIN guards was given out only after the right PIN.
"""

import hashlib
import sys
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mynabox.card import CARD, Chip
from mynabox.card.image import Image
from mynabox.iso7816 import SW, Command, Malformed
from mynabox.terminal.errors import CardError, IssuerRefused
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from tests.card.specimen import (
    ISSUER_KEY,
    SERIAL,
    Cell,
    InProcess,
    private_keys,
    specimen,
    stream,
)

LIFE = 400
"""Steps before a fresh card is put in, for by then much of it is locked."""

WORDS = {int(word) for word in SW}
WORDS -= {SW.VERIFY_FAILED, SW.METHOD_BLOCKED, SW.FUNCTION_NOT_SUPPORTED}
WORDS |= {0x63C0 | left for left in range(16)}
JPKI, TEXT, FACE = (
    CARD.by_name[name].aid for name in ("jpki", "input-support", "card-face")
)
AIDS = [CARD.default_aid, *(application.aid for application in CARD.applications)]
OPENS = {
    b"1234": {"authentication"},
    b"ABC123": {"signature"},
    b"2468": {"input support"},
    b"5678": {"juki"},
    b"123456789018": {"A"},
    b"55021720352285": {"B"},
    b"550217": {"birth"},
}
"""The only right values, and what they are."""
_ALL_OF_TEXT = {"input support", "A", "B"}
GUARDED = {
    (JPKI, 0x2A, 0x97): {"authentication"},
    (JPKI, 0x2A, 0x9A): {"signature"},
    (JPKI, 0xB0, 0x81): {"signature"},
    (TEXT, 0xB0, 0x81): {"input support", "A"},
    (TEXT, 0xB0, 0x82): {"input support", "B"},
    **{(TEXT, 0xB0, file): _ALL_OF_TEXT for file in (0x83, 0x86, 0x87)},
    (FACE, 0xB0, 0x81): {"birth"},
    (FACE, 0xB0, 0x82): {"A", "B"},
    (FACE, 0xB0, 0x85): {"A"},
}
"""By application, instruction and file: any one of these opens it."""
SET_SESSION_KEY, *PROTECTED = (
    (Path(__file__).parent / "data" / "secure_messaging.hex").read_text().split()
)
"""A seed under the specimen's key, and what a session by it begins with."""

_AIDS = [application.aid.hex() for application in CARD.applications]
_JPKI_FIRST = [JPKI.hex()] * 8 + _AIDS
_HASH = "41" * 32
_GROUPS: list[tuple[int, list[str]]] = [
    (7, [f"00A4040C0A{aid}" for aid in _JPKI_FIRST]),
    (1, [f"00A404000A{aid}00" for aid in _JPKI_FIRST]),
    (1, ["00A4040C07A0000001510000", "00A4040202D392", "00A40000", "00A4000C023F00"]),
    (12, [f"00A4020C02{fid:04X}" for fid in (0x01, 0x17, 0x18, 0x1A, 0x1B, 0x0A)]),
    (2, [f"00A4020C02{fid:04X}" for fid in range(0x1F)]),
    (8, ["00B0000000", "00B0000008", "00B00000000000", "00B2010400", "00B2010C00"]),
    (6, [f"00B0{0x80 | sfi:02X}0000" for sfi in range(0x1F)]),
    (8, ["00B0810000", "00B0820000", "00B08A00000000"]),
    (6, ["00200080", *(f"002000{0x80 | sfi:02X}" for sfi in (0x11, 0x14, 0x18, 0x1B))]),
    (12, ["002000800431323334", "002000980431323334", "0020009B06414243313233"]),
    (3, ["002000910432343638", "0020009C0435363738"]),
    (4, ["002000980430303030", "0020009B06303030303030", "0020009C0430303030"]),
    (3, ["002401980431323334", "0024019B06414243313233", "8032009C0435363738"]),
    (10, [f"802A00{key}20{_HASH}00" for key in ("80", "97", "9A", "00")]),
    (3, [f"802A{mode:02X}9720{_HASH}00" for mode in range(7)]),
    (3, ["002000940C313233343536373839303138", "0020009106353530323137"]),
    (2, ["002000930C313233343536373839303138"]),
    (2, ["002000950E3535303231373230333532323835"]),
    (2, ["002000920E3535303231373230333532323835"]),
    (6, [f"00A4040C0A{aid.hex()}" for aid in (TEXT, FACE)]),
    (4, ["00B0830000", "00B0840000", "00B0850000", "00B0860000", "00B0870000"]),
    (4, [SET_SESSION_KEY]),
    (8, PROTECTED),
    (2, ["0088009908" + "41" * 8 + "00", "0084000010", "0084000000"]),
    (2, ["00CA004500", "00CA00F200", "80AE0000", "80FC0000"]),
    (1, [f"80820000{_HASH}00", f"80820000{'41' * 33}00"]),
    (1, [f"84D6000020{_HASH}00", "84FE000010" + "41" * 16 + "00"]),
]
VALID = [
    bytes.fromhex(text)
    for weight, texts in _GROUPS
    for at in range(weight * 60 // len(texts) * len(texts))
    for text in (texts[at % len(texts)],)
]
"""Commands a terminal sends, each group as often as its weight says."""


class Dice:
    """Numbers that look random and are the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._block = 0
        self._bytes = b""
        self._at = 0

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._bytes):
            self._block += 1
            name = f"{self._seed} {self._block}".encode()
            self._bytes = hashlib.shake_256(name).digest(1 << 16)
            self._at = 0
        self._at += size
        return self._bytes[self._at - size : self._at]

    def below(self, limit: int) -> int:
        return int.from_bytes(self.take(3)) % limit

    def choice(self, options: Sequence[bytes]) -> bytes:
        return options[self.below(len(options))]


def bent(raw: bytes, dice: Dice) -> bytes:
    """One of the ways a command goes wrong."""
    at = dice.below(len(raw))
    match dice.below(7):
        case 0:
            return raw[:at] + dice.take(1) + raw[at + 1 :]
        case 1:
            return raw[:at]
        case 2:
            return raw + dice.take(1 + dice.below(3))
        case 3:
            return raw[:at] + dice.take(1 + dice.below(4)) + raw[at:]
        case 4:
            return raw[:2] + dice.take(2) + raw[4:]
        case 5:
            return raw[:at] + bytes((raw[at] ^ 1 << dice.below(8),)) + raw[at + 1 :]
        case _:
            return raw[: 4 + dice.below(2)] + dice.choice(VALID)[4:]


@dataclass
class Seen:
    """What one conversation has shown so far."""

    tries: dict[tuple[str, int], int]
    issuer: int
    presented: set[str] = field(default_factory=set)
    """What may be open, by what an onlooker knows."""


class Broken(AssertionError):
    """An invariant does not hold."""


def never_shown() -> list[bytes]:
    """Values no answer may contain, long enough never to turn up by chance."""
    secrets = [b"ABC123", b"55021720352285", ISSUER_KEY]
    for key in private_keys():
        numbers = key.private_numbers()
        for number in (numbers.p, numbers.q, numbers.d, numbers.dmp1, numbers.iqmp):
            whole = number.to_bytes((number.bit_length() + 7) // 8)
            secrets.append(whole[:24])
    return secrets


class Conversation:
    """One card's life under torture."""

    def __init__(self, dice: Dice, name: str, words: Tally[int]) -> None:
        self.dice = dice
        self.words = words
        self.opens = dict(OPENS)
        self.aid: bytes | None = CARD.default_aid
        self.cell = Cell(specimen())
        self.card = InProcess(
            Chip(
                self.cell,
                random=stream(name),
                make_key=lambda: private_keys()[dice.below(4)],
            )
        )
        self.secrets = never_shown()
        image = Image.decode(self.cell.image)
        self.seen = Seen(
            {place: cell.tries.left for place, cell in image.secrets.items()},
            image.issuer_tries.left,
        )

    def step(self) -> None:
        pick = self.dice.below(1000)
        if pick < 585:
            self.send(self.dice.choice(VALID))
        elif pick < 600:
            self.protected_run()
        elif pick < 900:
            self.send(bent(self.dice.choice(VALID), self.dice))
        elif pick < 960:
            self.send(self.dice.take(self.dice.below(40)))
        elif pick < 970:
            self.card.chip.warm_reset()
        elif pick < 980:
            self.card.chip.power_off()
            self.seen.presented.clear()
            self.aid = CARD.default_aid
            self.card.chip.power_on()
        elif pick < 990:
            self.card.chip.reload()
        else:
            self.issue()

    def protected_run(self) -> None:
        """A session of secure messaging as it goes, or with one command gone wrong."""
        opening = ["00A4040C0A" + TEXT.hex(), "002000910432343638", SET_SESSION_KEY]
        run = [bytes.fromhex(text) for text in (*opening, *PROTECTED)]
        spoilt = self.dice.below(2 * len(run))
        for number, raw in enumerate(run):
            self.send(bent(raw, self.dice) if number == spoilt else raw)

    def send(self, raw: bytes) -> None:
        writes = self.cell.writes
        answer = self.card.chip.transmit(raw)
        self.check(raw, answer, self.cell.writes - writes)

    def check(self, raw: bytes, answer: bytes, writes: int) -> None:
        sw = int.from_bytes(answer[-2:])
        self.words[sw] += 1
        if len(answer) < 2 or sw not in WORDS or (sw != SW.OK and len(answer) > 2):
            raise Broken(f"{raw.hex()}: answer {answer.hex()}")
        if any(secret in answer for secret in self.secrets):
            raise Broken(f"{raw.hex()}: a secret in the answer")
        try:
            command = Command.parse(raw)
        except Malformed:
            if sw not in (SW.WRONG_LENGTH, SW.CONDITIONS_NOT_SATISFIED) or writes:
                raise Broken(f"{raw.hex()}: no command, yet {sw:04X}") from None
            return
        self.follow(command, sw)
        if writes:
            self.memory(raw, command, sw)

    def follow(self, command: Command, sw: int) -> None:
        """What an onlooker learns of the status, and whether it was respected."""
        head = (command.cla, command.ins)
        presented = self.seen.presented
        if sw == SW.OK and head == (0x00, 0xA4) and command.p1 == 0x04:
            before, self.aid = self.aid, None
            if not command.p2 & 2:
                self.aid = next(a for a in AIDS if a.startswith(command.data))
                if before not in (None, self.aid):
                    presented.clear()
        elif head == (0x08, 0xA4) and sw == SW.OK and command.p1 == 0x04:
            self.aid = None
        elif head == (0x08, 0x20) and sw == SW.OK:
            presented |= _ALL_OF_TEXT
        elif head == (0x00, 0x20) and sw == SW.OK:
            if command.data not in self.opens:
                raise Broken("VERIFY took a wrong value")
            presented |= self.opens[command.data]
        elif head in ((0x00, 0x24), (0x80, 0x32)) and sw == SW.OK:
            # bent commands change PINs too; which one, an onlooker cannot always say
            self.opens[command.data] = set().union(*OPENS.values())
        elif head in ((0x80, 0x2A), (0x00, 0xB0)) and sw == SW.OK and self.aid:
            named = command.p2 if command.ins == 0x2A else command.p1
            opened_by = GUARDED.get((self.aid, command.ins, named))
            if opened_by is not None and presented.isdisjoint(opened_by):
                raise Broken(f"{command}: given out without its PIN")

    def memory(self, raw: bytes, command: Command, sw: int) -> None:
        head = (command.cla, command.ins)
        verifies = head in ((0, 0x20), (8, 0x20))
        allowed = verifies or head in ((0, 0x24), (0x80, 0x32), (0x80, 0x82))
        if not allowed and command.cla != 0x84:
            raise Broken(f"{raw.hex()}: wrote the memory")
        image = Image.decode(self.cell.image)
        issuer = command.cla == 0x84 and sw == SW.OK
        right = verifies and sw == SW.OK
        for place, cell in image.secrets.items():
            left = cell.tries.left
            if left > self.seen.tries[place] and not (right or issuer):
                raise Broken(f"{raw.hex()}: {place} gained a try")
            if verifies and sw & 0xFFF0 == 0x63C0 and not right:
                lost = self.seen.tries[place] - left
                if lost not in (0, 1):
                    raise Broken(f"{raw.hex()}: {place} lost {lost} tries")
            self.seen.tries[place] = left
        gained = image.issuer_tries.left > self.seen.issuer
        if gained and not (head == (0x80, 0x82) and sw == SW.OK):
            raise Broken(f"{raw.hex()}: the issuer gained a try")
        self.seen.issuer = image.issuer_tries.left

    def issue(self) -> None:
        """An issuer does something, right or wrong, over the same line."""
        dice, outer = self.dice, self

        class Line(InProcess):
            def transmit(self, command: bytes) -> bytes:
                writes = outer.cell.writes
                if dice.below(20) == 0:
                    command = bent(command, dice)
                answer = outer.card.chip.transmit(command)
                outer.check(command, answer, outer.cell.writes - writes)
                return answer

        line = Line.__new__(Line)
        session = IssuerSession(
            line,
            key=ISSUER_KEY if dice.below(8) else bytes(32),
            serial=SERIAL,
            random=dice.take,
        )
        applications = list(CardApplication)
        application = applications[dice.below(len(applications))]
        fid = 1 + dice.below(0x1E)
        size = dice.below(600)
        orders: list[Callable[[], object]] = [
            lambda: session.write_file(application, fid, dice.take(size)),
            lambda: session.write_records(application, fid, [b"\x01\x01A"] * 3),
            lambda: session.generate_key(application, fid),
            lambda: session.set_pin(CardSecret.AUTHENTICATION, "1234"),
            lambda: session.set_pin(CardSecret.SIGNATURE, "ABC123"),
            lambda: session.set_pin(CardSecret.JUKI, "5678"),
            lambda: session.set_pin(CardSecret.NUMBER_A, "123456789018"),
            lambda: session.set_pin(CardSecret.NUMBER_B, "55021720352285"),
            lambda: session.set_pin(CardSecret.BIRTH, "550217"),
            lambda: session.generate_keys([(application, fid)] * dice.below(3)),
            lambda: together(session),
            lambda: session.put_data(dice.below(0x100), dice.take(8)),
            lambda: session.terminate() if dice.below(10) == 0 else None,
        ]

        def together(session: IssuerSession) -> None:
            with session.together():
                session.write_file(application, fid, dice.take(size))
                session.set_pin(CardSecret.INPUT_SUPPORT, "2468")
                session.put_data(0x00F2, dice.take(8))

        try:
            for _ in range(1 + dice.below(3)):
                orders[dice.below(len(orders))]()
        except (CardError, IssuerRefused):
            return


def torture(count: int, seed: str = "mynabox") -> Tally[int]:
    """Run ``count`` steps; how often each status word was seen. Raises Broken."""
    dice, words = Dice(seed), Tally[int]()
    conversation = Conversation(dice, seed, words)
    for step in range(count):
        if step % LIFE == 0:
            conversation = Conversation(dice, f"{seed} {step}", words)
        conversation.step()
    return words


def main(arguments: Sequence[str]) -> None:
    """Count and seed from the command line."""
    count = int(arguments[0]) if arguments else 20_000
    words = torture(count, *arguments[1:2])
    report = ", ".join(f"{sw:04X}: {times}" for sw, times in sorted(words.items()))
    sys.stdout.write(f"{count} steps, every invariant held. {report}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
