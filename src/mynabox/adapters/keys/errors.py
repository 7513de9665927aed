"""What can be wrong with a key store, in words an operator can act on.

    KeyStoreError
    ├── NoSuchKey (also a KeyError)
    ├── BoxKeyMissing
    ├── TornFile
    ├── ForeignFile
    ├── UnsafeFile
    ├── UnreadableFile
    ├── ReadOnlyStore
    ├── PassphraseNeeded (also a KeysUnavailable of the ports)
    ├── WrongPassphrase (also a KeysUnavailable)
    └── TokenTrouble (also a KeysUnavailable): see ``pkcs11``

No message holds a key, a secret, or any octet of one.
"""

from pathlib import Path
from typing import ClassVar

from mynabox.ports import KeysUnavailable


class KeyStoreError(Exception):
    """Something is wrong with the file or folder ``path``."""

    advice: ClassVar[str] = "something is wrong with it"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: {self.advice}")
        self.path = path


class NoSuchKey(KeyStoreError, KeyError):
    """No key has this label yet."""

    advice: ClassVar[str] = "there is no such key; it has not been created"

    def __str__(self) -> str:
        return str(self.args[0])


class BoxKeyMissing(KeyStoreError):
    """Sealed files exist, but the key that opens them is gone."""

    advice: ClassVar[str] = (
        "the box key is missing although sealed files exist; restore it from the "
        "backup of this box (a new one could not open them)"
    )


class TornFile(KeyStoreError):
    """Cut off, overwritten, or altered."""

    advice: ClassVar[str] = "the file is damaged; restore it from a backup"


class ForeignFile(KeyStoreError):
    """Whole, but of another box, or under another name than it was made for."""

    advice: ClassVar[str] = (
        "the file was sealed by another box, or for another name; put back the file "
        "that belongs here"
    )


class UnsafeFile(KeyStoreError):
    """The box key can be read by others on this machine."""

    advice: ClassVar[str] = "others can read this file; run chmod 600 on it"


class UnreadableFile(KeyStoreError):
    """The operating system does not let us read it."""

    advice: ClassVar[str] = "the file cannot be read by this user"


class ReadOnlyStore(KeyStoreError):
    """The folder takes no new file."""

    advice: ClassVar[str] = (
        "nothing can be written here (read-only, full, or owned by someone else)"
    )


class PassphraseNeeded(KeyStoreError, KeysUnavailable):
    """The keys of the box open with a passphrase, and none was given."""

    advice: ClassVar[str] = (
        "the keys of this box are locked with a passphrase; give it as "
        "MYNABOX_PASSPHRASE, or on a terminal when asked"
    )


class WrongPassphrase(KeyStoreError, KeysUnavailable):
    """Another passphrase locked the keys (or the file was altered)."""

    advice: ClassVar[str] = "the passphrase does not open the keys of this box"
