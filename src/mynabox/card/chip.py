"""The virtual chip: power, reset, bytes in and bytes out."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa

from mynabox.card import trace as tracing
from mynabox.card.commands import COMMANDS
from mynabox.card.core import Core, Refused, State
from mynabox.card.image import Image, ImageDamaged
from mynabox.card.memory import Memory, MemoryFailed
from mynabox.card.profile import Profile
from mynabox.card.profiles import PROFILES
from mynabox.iso7816 import SW, Command
from mynabox.iso7816.apdu import Malformed

_INSTRUCTIONS = frozenset(ins for _, ins in COMMANDS)
_CLASSES = frozenset(cla for cla, _ in COMMANDS)
_OK = SW.OK.to_bytes(2)


def make_rsa_key() -> rsa.RSAPrivateKey:
    """A fresh RSA-2048 key, from the crypto library's own generator."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Chip:
    """One card. Not thread-safe: whoever shares it between threads locks it.

    ``random`` gives challenges; key generation and PSS salts take the crypto
    library's own. ``make_key`` may hand out keys made beforehand. ``profile``
    overrides the behaviour of the profile the image names (it must have that name).
    ``trace`` receives masked lines.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        random: Callable[[int], bytes],
        profile: Profile | None = None,
        make_key: Callable[[], rsa.RSAPrivateKey] = make_rsa_key,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._memory = memory
        self._random = random
        self._profile = profile
        self._make_key = make_key
        self._trace = trace
        self._core: Core | None = None
        self._fresh = False

    @property
    def powered(self) -> bool:
        """Whether the chip has power."""
        return self._core is not None

    def power_on(self) -> bytes:
        """Power up (again) from nothing; answers the ATR.

        Raises ImageDamaged when the memory holds no card this program knows.
        """
        self._core = None
        profile = self._profile
        if profile is None:
            name = Image.decode(self._memory.read()).profile
            profile = PROFILES.get(name)
            if profile is None:
                raise ImageDamaged(f"a card of the unknown profile {name!r}")
        self._core = Core(
            memory=self._memory,
            profile=profile,
            random=self._random,
            make_key=self._make_key,
        )
        self._fresh = True
        return profile.atr

    def power_off(self) -> None:
        """Take the power away; everything volatile is forgotten."""
        self._core = None

    def warm_reset(self) -> bytes:
        """Reset without taking the power away; answers the ATR.

        The default DF becomes current and an issuer session ends; presented secrets
        are kept for who selects their application again, unless the profile differs.
        """
        core = self._core
        if core is None or core.profile.warm_reset_clears:
            return self.power_on()
        core.reload()
        old, core.state = core.state, State()
        core.state.presented_in, core.state.presented = old.presented_in, old.presented
        return core.profile.atr

    def reload(self) -> None:
        """Read the memory again after someone else has written it.

        Status of a secret that changed or got locked is lost, as is an issuer session
        whose key changed. Without power there is nothing to do.
        """
        if self._core is not None:
            self._core.reload()

    def transmit(self, raw: bytes) -> bytes:
        """Answer one command; any bytes at all get an answer."""
        answer = self._answer(raw)
        if self._trace is not None:
            file = None if self._core is None else self._core.state.file
            self._trace(tracing.command_line(raw))
            self._trace(tracing.answer_line(raw, answer, file))
        return answer

    def _answer(self, raw: bytes) -> bytes:
        core = self._core
        if core is None:
            return SW.NO_DIAGNOSIS.to_bytes(2)
        fresh, self._fresh = self._fresh, False
        if fresh and core.profile.first_command_fails:
            return SW.NO_DIAGNOSIS.to_bytes(2)
        try:
            return self._execute(core, raw) + _OK
        except Refused as refusal:
            return refusal.sw.to_bytes(2)
        except MemoryFailed:
            return SW.MEMORY_FAILURE.to_bytes(2)

    def _execute(self, core: Core, raw: bytes) -> bytes:
        if core.image.ended:
            raise Refused(core.profile.ended)
        try:
            command = Command.parse(raw)
        except Malformed:
            raise Refused(SW.WRONG_LENGTH) from None
        does = COMMANDS.get((command.cla, command.ins))
        if does is not None:
            return does(core, command)
        application = core.state.application
        if application is not None:
            word = application.refusals.get((command.cla, command.ins))
            if word == SW.OK:
                return b""
            if word is not None:
                raise Refused(word)
        if command.cla not in _CLASSES or command.ins in _INSTRUCTIONS:
            raise Refused(SW.CLA_NOT_SUPPORTED)
        raise Refused(SW.INS_NOT_SUPPORTED)
