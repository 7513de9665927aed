"""The chip's inside as its commands see it: the image, the volatile state, refusals."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from mynabox.card.image import Image, ImageDamaged, Place
from mynabox.card.issuer_channel import IssuerChannel
from mynabox.card.layout import Application, File
from mynabox.card.memory import Memory, MemoryFailed
from mynabox.card.profile import Profile
from mynabox.card.secure_messaging import SecureSession
from mynabox.iso7816 import SW


class Refused(Exception):
    """A command ends with a status word other than 9000."""

    def __init__(self, sw: int) -> None:
        super().__init__(sw)
        self.sw = sw

    def __str__(self) -> str:
        return f"{self.sw:04X}"


@dataclass(slots=True)
class State:
    """What is lost without power."""

    application: Application | None = None
    """The current DF; None is the default DF."""
    file: File | None = None
    """The current EF."""
    presented_in: Application | None = None
    """The application that ``presented`` speaks of."""
    presented: set[int] = field(default_factory=set)
    """Secret files whose right value was given."""
    challenge: bytes | None = None
    """The last random bytes given out, until they are used."""
    channel: IssuerChannel | None = None
    """The open issuer session."""
    secure: SecureSession | None = None
    """Secure messaging, from SET SESSION KEY on; it stays here once broken."""

    def enter(self, application: Application | None, *, ends_session: bool) -> None:
        """Make a DF current: leaving an application forgets what was presented there.

        Selecting the same application again keeps it (JICSAP 1.1 §5.1.3);
        ``ends_session`` says whether it ends secure messaging.
        """
        if application is not self.presented_in:
            self.presented.clear()
            self.presented_in = application
            self.secure = None
        elif ends_session:
            self.secure = None
        self.application = application
        self.file = None


class Core:
    """One powered chip: its memory, what it knows of it, and its state."""

    def __init__(
        self,
        *,
        memory: Memory,
        profile: Profile,
        random: Callable[[int], bytes],
        make_key: Callable[[], RSAPrivateKey],
    ) -> None:
        self.profile = profile
        self.random = random
        self.make_key = make_key
        self.state = State()
        self._memory = memory
        self._image: Image | None = self._load()
        self._keys: dict[Place, tuple[bytes, RSAPrivateKey]] = {}

    @property
    def image(self) -> Image:
        """The memory's content; after a failed write it is unknown."""
        if self._image is None:
            raise MemoryFailed
        return self._image

    def keep(self, image: Image) -> None:
        """Write a new content and go on with it.

        If the write does not come back in good order, nobody knows which content the
        memory has: the chip stays mute until it reads its memory again.
        """
        self._image = None
        try:
            self._memory.write(image.encode())
        except Exception as error:
            raise MemoryFailed from error
        self._image = image

    def reload(self) -> None:
        """Read the memory again, keeping the state as far as it still makes sense."""
        before, self._image = self._image, None
        after = self._load()
        state = self.state
        if before is None or after.serial != before.serial or after.ended:
            self.state = State()
        else:
            if state.presented_in is not None:
                name = state.presented_in.name
                for fid in tuple(state.presented):
                    cell = after.secrets[name, fid]
                    known = before.secrets[name, fid].value
                    locked = not (cell.tries.left or cell.tries.unlimited)
                    if cell.value != known or locked:
                        state.presented.discard(fid)
                        state.secure = None
            if after.issuer_key != before.issuer_key or not after.issuer_tries.left:
                state.channel = None
        self._image = after

    def place(self, file: File) -> Place:
        """Where a file of the current application keeps its content."""
        application = self.state.application
        if application is None:
            raise Refused(SW.NO_CURRENT_FILE)
        return application.name, file.fid

    def private_key(self, place: Place) -> RSAPrivateKey | None:
        """The key of a key file, parsed once."""
        der = self.image.keys.get(place)
        if der is None:
            return None
        known = self._keys.get(place)
        if known is not None and known[0] == der:
            return known[1]
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            raise Refused(SW.CONDITIONS_NOT_SATISFIED)
        self._keys[place] = (der, key)
        return key

    def _load(self) -> Image:
        image = Image.decode(self._memory.read())
        if image.profile != self.profile.name:
            raise ImageDamaged(f"a card of profile {image.profile!r}")
        if image.secrets.keys() != self.profile.secrets().keys():
            raise ImageDamaged("its secrets are not those of its profile")
        return image
