"""pyHanko signs a PDF through PKCS#11; pyhanko-certvalidator judges it, with what
the box says, before and after the card is stopped."""

import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.settings import Settings
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import list_authorities, show_resident
from mynabox.usecases.status import publish_list
from mynabox.wiring import Home, open_home
from tests.boxes import PROGRAM, Served, run, served
from tests.interop.readers import BOX, ROADS, Reader, SystemReader, started

pytestmark = pytest.mark.interop

HOLDER = "31415926530"
TOKEN = "JPKI (Digital Signature PIN)"
LABEL = "Digital Signature"
HERE = Path(__file__)


@dataclass(frozen=True)
class Desk:
    """A served box at the machine's own time, a card in a reader, and a folder."""

    home: Home
    served: Served
    folder: Path
    reader: Reader

    @property
    def authority(self) -> bytes:
        return next(
            one.der
            for one in list_authorities(self.home.box)
            if one.kind is CertificateKind.SIGNATURE
        )

    @property
    def certificate(self) -> bytes:
        """The signature certificate that the card carries now."""
        return next(
            one.der
            for one in reversed(
                show_resident(HOLDER, self.home.box).cards[-1].certificates
            )
            if one.kind is CertificateKind.SIGNATURE
            and one.state is not CertificateState.REVOKED
        )

    def sign(self) -> bytes:
        """A PDF with a signature by the card."""
        plain, signed = self.folder / "plain.pdf", self.folder / "signed.pdf"
        writer = PdfFileWriter(stream_xrefs=False)
        drawing = StreamObject(stream_data=b"q 0 0 1 rg 50 50 100 100 re f Q")
        writer.insert_page(
            PageObject(contents=writer.add_object(drawing), media_box=(0, 0, 200, 200))
        )
        with plain.open("wb") as file:
            writer.write(file)
        ca = self.folder / "ca.der"
        ca.write_bytes(self.authority)
        done = self.reader.run(
            *(sys.executable, str(HERE.with_name("pyhanko_program.py")), module()),
            *(TOKEN, "ABC123", LABEL, str(ca), str(plain), str(signed)),
            plainly=False,
        )
        assert done.status == 0, done.text
        return signed.read_bytes()

    def ocsp(self) -> bytes:
        """What the box's responder says of the certificate, over HTTP."""
        leaf = x509.load_der_x509_certificate(self.certificate)
        issuer = x509.load_der_x509_certificate(self.authority)
        asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, SHA256())
        request = Request(
            f"{self.served.address}/ocsp",
            data=asked.build().public_bytes(Encoding.DER),
            headers={"Content-Type": "application/ocsp-request"},
        )
        with urlopen(request, timeout=20) as answer:
            return bytes(answer.read())

    def crl(self) -> bytes:
        """The list that holds now, over HTTP."""
        address = f"{self.served.address}/crl/signature-01.crl"
        with urlopen(address, timeout=20) as answer:
            return bytes(answer.read())

    def judge(
        self,
        signed: bytes,
        *,
        ocsps: tuple[bytes, ...] = (),
        crls: tuple[bytes, ...] = (),
    ) -> PdfSignatureStatus:
        """What pyHanko makes of the signature; without a status it trusts nothing."""
        (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
        return validate_pdf_signature(
            embedded,
            ValidationContext(
                trust_roots=[asn1.Certificate.load(self.authority)],
                ocsps=ocsps,
                crls=crls,
                revocation_mode="require",
                allow_fetching=False,
            ),
        )


def module() -> str:
    found = sorted(Path("/usr/lib").glob("*/opensc-pkcs11.so"))
    assert found, "opensc-pkcs11.so is missing: apt-get install opensc-pkcs11"
    return str(found[0])


@pytest.fixture(scope="module", params=ROADS)
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A demo's box, and the road on which pyHanko reaches its card. Its certificates tell where OCSP is (a setting of the box):
    pyhanko-certvalidator looks at no OCSP answer about a certificate that does not."""
    folder = tmp_path_factory.mktemp("desk")
    told = ("demo", "--exit", "--quiet", "--home", folder / "box")
    run("env", "MYNABOX_WITH_URI=true", PROGRAM, *told)
    home = open_home(Settings(home=folder / "box"))
    with ExitStack() as opened:
        opened.callback(home.close)
        there = opened.enter_context(served(folder / "box"))
        if request.param == BOX:
            reader = Reader(folder / "box")
            reader.socket = Path(there.socket)
            opened.callback(shutil.rmtree, reader.work)
        else:
            words = (str(PROGRAM), "reader", "vpcd", "--home", str(folder / "box"))
            reader = opened.enter_context(started(SystemReader(folder / "box", *words)))
        yield Desk(home, there, folder, reader)


def test_without_any_status_nothing_is_trusted(desk: Desk) -> None:
    """a signature alone proves little to whoever demands a status"""
    status = desk.judge(desk.sign())
    assert status.intact and status.valid
    assert not status.trusted


def test_a_changed_document_is_found(desk: Desk) -> None:
    """one letter of it, behind the signature's back"""
    signed = desk.sign().replace(b"0 0 1 rg", b"1 0 0 rg", 1)
    status = desk.judge(signed, ocsps=(desk.ocsp(),))
    assert not status.intact and not status.bottom_line


def test_a_signature_that_holds_until_the_card_is_lost(desk: Desk) -> None:
    """good by OCSP and by CRL; after the hotline's suspension refused by OCSP at
    once, and by the next list"""
    signed = desk.sign()
    good, listed = desk.ocsp(), desk.crl()
    for status in (
        desk.judge(signed, ocsps=(good,)),
        desk.judge(signed, crls=(listed,)),
    ):
        assert status.bottom_line, status.pretty_print_details()
        assert status.intact and status.valid and status.trusted
        assert status.signing_cert.dump() == desk.certificate

    report_lost(show_resident(HOLDER, desk.home.box).resident.id, desk.home.box)

    stopped = desk.judge(signed, ocsps=(desk.ocsp(),))
    assert stopped.intact and stopped.valid
    assert not stopped.trusted and not stopped.bottom_line
    assert stopped.revocation_details is not None
    assert stopped.revocation_details.revocation_reason.native == "certificate_hold"

    assert desk.judge(signed, crls=(desk.crl(),)).trusted  # the list of this morning
    publish_list("signature-01", desk.home.box)
    stopped = desk.judge(signed, crls=(desk.crl(),))
    assert not stopped.trusted and not stopped.bottom_line
    assert stopped.revocation_details is not None
    assert stopped.revocation_details.revocation_reason.native == "certificate_hold"
