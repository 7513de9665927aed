"""The guard rail: nothing genuine enters a box, nothing of a box looks genuine."""

import hashlib
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mynabox.pki import der
from mynabox.pki.names import Name
from mynabox.pki.reading import CertificateFacts, NotACertificate


class Genuine(ValueError):
    """Refused: this bears a mark of the genuine service."""


@dataclass(frozen=True, slots=True)
class _Marks:
    organisation: str
    unit: str
    key_identifiers: frozenset[bytes]
    fingerprints: frozenset[bytes]


@cache
def _marks() -> _Marks:
    text = (files("mynabox.pki") / "data" / "genuine.toml").read_text("utf-8")
    table = tomllib.loads(text)
    roots = table["root"]
    return _Marks(
        _plain(table["organisation"]),
        _plain(table["unit"]),
        frozenset(
            bytes.fromhex(root["key_identifier"])
            for root in roots
            if "key_identifier" in root
        ),
        frozenset(bytes.fromhex(root["fingerprint"]) for root in roots),
    )


def _plain(text: str) -> str:
    """A form in which look-alikes of a name are equal (for comparison alone)."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def refuse_official_name(name: Name) -> None:
    """Raise ``Genuine`` for a name under O=JPKI or of the agency that runs it."""
    _refuse_values([(kind, value) for kind, value in name.attributes])


def refuse_genuine(certificate: CertificateFacts) -> None:
    """Raise ``Genuine`` for a certificate of the genuine service, root or leaf.

    Recognised by fingerprint, by its own or its issuer's key identifier, and by the
    official names as subject or issuer. The test environment of the service itself
    is caught by the agency's name.
    """
    marks = _marks()
    if hashlib.sha256(certificate.encoded).digest() in marks.fingerprints:
        raise Genuine("this is a root certificate of the genuine service")
    keys = {certificate.key_identifier, certificate.authority_key_identifier}
    if keys & marks.key_identifiers:
        raise Genuine("this certificate names a key of the genuine service")
    for name in (certificate.subject, certificate.issuer):
        _refuse_values(_values(name))


def _refuse_values(attributes: list[tuple[str, str]]) -> None:
    marks = _marks()
    for kind, value in attributes:
        plain = _plain(value)
        if (kind == "O" and plain == marks.organisation) or plain == marks.unit:
            raise Genuine("this name belongs to the genuine service")


def _values(encoded_name: bytes) -> list[tuple[str, str]]:
    """Attributes as (``O`` or nothing, text); raises ``NotACertificate``."""
    found = []
    try:
        for rdn in der.read(encoded_name).children():
            for attribute in rdn.children():
                kind, value = attribute.children()
                is_organisation = kind.encoded == der.oid("2.5.4.10")
                found.append(("O" if is_organisation else "", _text(value)))
    except ValueError as error:
        raise NotACertificate("a name that cannot be read") from error
    return found


def _text(value: der.Element) -> str:
    """The text of a directory string; BMPString (tag 30) is UTF-16, all else UTF-8."""
    encoding = "utf-16-be" if value.tag == 30 else "utf-8"
    return value.content.decode(encoding, "replace")
