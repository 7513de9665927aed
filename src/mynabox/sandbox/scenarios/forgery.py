"""What no procedure does to a card, done to a specimen so that verifiers can be tested.

Every forgery is made with the box's own power over its chips and with keys of its own,
called ``stranger-...``, which nothing of the box publishes or trusts.
"""

from collections.abc import Iterable
from datetime import date

from asn1crypto import core, x509

from mynabox.iso7816.tlv import encode_ber
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.algorithms import key_identifier
from mynabox.pki.certificate import ca_certificate
from mynabox.ports import Box
from mynabox.terminal import card_face, input_support
from mynabox.terminal.card_face import CardFaceSession, Opener
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.issuer import CardApplication
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.certify import profile_of
from mynabox.usecases.chip import issuer_session, write_chip_file

_DATE = "%Y%m%d"
_CERTIFICATE, _BODY, _SIGNATURE = 0x7F21, 0x5F4E, 0x5F37
_BIRTHS = (
    (CardApplication.CARD_FACE, card_face.AGE_FILE, b"\xdf\x11\x08"),
    (CardApplication.CARD_FACE, card_face.FACE_FILE, b"\xdf\x22\x08"),
    (CardApplication.INPUT_SUPPORT, input_support.ATTRIBUTES_FILE, b"\xdf\x24\x08"),
)
"""Where a birth date stands on a card, with the tag and length before it."""


def alter_birth(
    serial: str, *, born: date, altered: date, opener: dict[Opener, str], box: Box
) -> None:
    """Write another birth date over the signed one, wherever it stands; the signatures
    stay. A card that was altered before stays as it is.

    ``opener``  what is printed on the card and opens its files
    """
    files = _births(serial, opener, box)
    before, after = (f"{day:{_DATE}}".encode("ascii") for day in (born, altered))
    with issuer_session(serial, box) as session:
        for (application, file, tag), content in files.items():
            forged = content.replace(tag + before, tag + after)
            if forged != content:
                session.write_file(application, file, forged)


def _births(
    serial: str, opener: dict[Opener, str], box: Box
) -> dict[tuple[CardApplication, int, bytes], bytes]:
    connection = box.cards.connect(serial)
    try:
        found = {}
        for place in _BIRTHS:
            application, file, _ = place
            if application is CardApplication.CARD_FACE:
                face = CardFaceSession(connection)
                for secret, value in opener.items():
                    face.verify(secret, value)
            else:
                text = InputSupportSession(connection)
                text.verify_number_b(opener[Opener.NUMBER_B])
            found[place] = Dialogue(connection).read_object(file)
        return found
    finally:
        connection.close()


def certify_by_stranger(
    serial: str, certificates: Iterable[Certificate], box: Box
) -> None:
    """Sign the card's certificates again, as an authority of the same name would that
    has another key, and put that authority's certificate beside them.

    Issuance numbers, keys and names stay. A card that has them already stays as it is.
    """
    with box.store.look() as work:
        published = {known.der for known in work.statuses.authorities()}
    connection = box.cards.connect(serial)
    try:
        session = JpkiSession(connection)
        present = {kind: session.ca_certificate(Kind(kind)) for kind in CertificateKind}
    finally:
        connection.close()
    for certificate in certificates:
        kind = certificate.kind
        if present[kind] not in published:
            continue
        stranger = _stranger(kind, certificate, box)
        for name, content in (
            (f"{kind.value}-authority", stranger),
            (f"{kind.value}-certificate", _signed_again(certificate, box)),
        ):
            write_chip_file(serial, name=name, content=content, box=box)


def _label(kind: CertificateKind) -> str:
    return f"stranger-{kind.value}"


def _stranger(kind: CertificateKind, certificate: Certificate, box: Box) -> bytes:
    """The strange authority's own certificate."""
    label = _label(kind)
    with box.store.work() as work:
        number = work.certificates.next_serial()
    return ca_certificate(
        profile_of(box),
        kind,
        public_key=box.signer.create(label),
        sign=lambda data: box.signer.sign(label, data),
        serial=number,
        issued=certificate.not_before,
    )


def _signed_again(certificate: Certificate, box: Box) -> bytes:
    label = _label(certificate.kind)
    forged = x509.Certificate.load(certificate.der)
    signed = forged["tbs_certificate"]
    for extension in signed["extensions"]:
        if extension["extn_id"].native == "authority_key_identifier":
            named = x509.AuthorityKeyIdentifier(
                {"key_identifier": key_identifier(box.signer.create(label))}
            )
            extension["extn_value"] = core.ParsableOctetString(named.dump())
    forged["signature_value"] = box.signer.sign(label, signed.dump(force=True))
    return bytes(forged.dump(force=True))


def certify_municipality_by_stranger(serial: str, box: Box) -> None:
    """Have roots of the right names, but not the box's, certify the key that signed
    the card's face; every signature below them stays good."""
    connection = box.cards.connect(serial)
    try:
        certificates = {
            CardApplication.CARD_FACE: CardFaceSession(connection).certificate(),
            CardApplication.INPUT_SUPPORT: InputSupportSession(
                connection
            ).certificate(),
        }
    finally:
        connection.close()
    files = {
        CardApplication.CARD_FACE: card_face.CERTIFICATE_FILE,
        CardApplication.INPUT_SUPPORT: input_support.CERTIFICATE_FILE,
    }
    with issuer_session(serial, box) as session:
        for application, found in certificates.items():
            label = f"stranger-cv-{found.issuer[:7].decode('ascii')}"
            box.signer.create(label)
            forged = encode_ber(_BODY, found.covered)
            forged += encode_ber(_SIGNATURE, box.signer.sign(label, found.covered))
            session.write_file(
                application, files[application], encode_ber(_CERTIFICATE, forged)
            )
