"""OpenSSL judges the certificates of the story at every point of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.text import pem
from mynabox.sandbox.story import Setting, steps
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import list_authorities, show_resident
from mynabox.usecases.status import answer_ocsp, current_list
from mynabox.wiring import Home
from tests.boxes import box_in, days, run, seconds_since_epoch, setting_in, tool

pytestmark = pytest.mark.interop


@dataclass(frozen=True)
class Judge:
    """OpenSSL, asked about certificates of a box at the box's time."""

    home: Home
    folder: Path
    openssl: str

    def authority(self, kind: CertificateKind) -> Path:
        path = self.folder / f"{kind.value}-ca.pem"
        for known in list_authorities(self.home.box):
            if known.kind is kind:
                path.write_text(pem("CERTIFICATE", known.der))
        return path

    def leaf(self, certificate: Certificate) -> Path:
        path = self.folder / f"{certificate.serial}.pem"
        path.write_text(pem("CERTIFICATE", certificate.der))
        return path

    def ocsp(self, certificate: Certificate) -> str:
        """What ``openssl ocsp`` makes of the box's answer about a certificate."""
        request, response = self.folder / "ask.der", self.folder / "answer.der"
        authority, leaf = self.authority(certificate.kind), self.leaf(certificate)
        about = ("-issuer", authority, "-cert", leaf)
        run(self.openssl, "ocsp", *about, "-no_nonce", "-reqout", request)
        response.write_bytes(
            answer_ocsp(request.read_bytes(), self.home.box).answer.encoded
        )
        at = seconds_since_epoch(self.home.clock.now())
        said = run(
            *(self.openssl, "ocsp", "-respin", response, *about, "-no_nonce"),
            *("-CAfile", authority, "-attime", at),
            *("-validity_period", "1000000000"),
        )
        whole = said.stdout + said.stderr
        assert "Response verify OK" in whole, whole
        return whole

    def verify_with_list(self, certificate: Certificate) -> str:
        """What ``openssl verify -crl_check`` says with the list that holds now."""
        listed = current_list(certificate.issuer, self.home.box)
        crl = self.folder / "list.pem"
        crl.write_text(pem("X509 CRL", listed.der))
        authority = self.authority(certificate.kind)
        shown = run(
            self.openssl, "crl", "-in", crl, "-noout", "-text", "-CAfile", authority
        )
        assert "verify OK" in shown.stdout + shown.stderr
        done = run(
            *(self.openssl, "verify", "-crl_check", "-CRLfile", crl),
            *("-CAfile", authority),
            *("-attime", seconds_since_epoch(self.home.clock.now())),
            self.leaf(certificate),
            expect=None,
        )
        return done.stdout + done.stderr


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[Judge]:
    with box_in(tmp_path / "box", at=days().registered) as home:
        yield Judge(home, tmp_path, tool("openssl", "openssl"))


def tell(setting: Setting, first: int, last: int) -> None:
    for step in steps()[first - 1 : last]:
        for _ in step.run(setting):
            pass


def certificates(setting: Setting) -> list[Certificate]:
    shown = show_resident(setting.hero, setting.box)
    return list(shown.cards[-1].certificates)


def test_openssl_agrees_at_every_point_of_the_story(judge: Judge) -> None:
    """produced, handed over, suspended, next list, found, reissued"""
    setting = setting_in(judge.home)
    judge.home.clock.set(setting.days.registered)

    tell(setting, 1, 6)
    for certificate in certificates(setting):
        assert f"{certificate.serial}.pem: good" in judge.ocsp(certificate)
        assert ": OK" in judge.verify_with_list(certificate)

    tell(setting, 7, 8)
    for certificate in certificates(setting):
        assert ": good" in judge.ocsp(certificate)
        assert ": OK" in judge.verify_with_list(certificate)

    judge.home.clock.set(setting.days.lost)
    for issuer in ("signature-01", "authentication-01"):
        current_list(issuer, judge.home.box)  # the day's list, made before the call
    report_lost(show_resident(setting.hero, setting.box).resident.id, setting.box)
    for certificate in certificates(setting):
        said = judge.ocsp(certificate)
        assert ": revoked" in said
        assert "Reason: certificateHold" in said
        assert ": OK" in judge.verify_with_list(certificate)  # not in today's list

    judge.home.clock.set(setting.days.next_list)
    for certificate in certificates(setting):
        assert "certificate revoked" in judge.verify_with_list(certificate)

    tell(setting, 10, 10)
    *held, authentication, signature = certificates(setting)
    assert len(held) == 2
    for certificate in held:
        said = judge.ocsp(certificate)
        assert ": revoked" in said
        assert "Reason: certificateHold" in said
    for certificate in (authentication, signature):
        assert ": good" in judge.ocsp(certificate)
        assert ": OK" in judge.verify_with_list(certificate)
    judge.home.clock.set(setting.days.found.replace(hour=0, day=28, month=11))
    for certificate in held:
        assert "certificate revoked" in judge.verify_with_list(certificate)


def test_the_two_hierarchies_never_cross(judge: Judge) -> None:
    """a signature certificate does not verify under the authentication CA"""
    setting = setting_in(judge.home)
    judge.home.clock.set(setting.days.registered)
    tell(setting, 1, 6)
    for certificate in certificates(setting):
        other = next(kind for kind in CertificateKind if kind is not certificate.kind)
        done = run(
            *(judge.openssl, "verify", "-CAfile", judge.authority(other)),
            *("-attime", seconds_since_epoch(judge.home.clock.now())),
            judge.leaf(certificate),
            expect=2,
        )
        assert "unable to get local issuer certificate" in done.stderr


def test_a_number_that_was_never_issued_is_unknown(judge: Judge) -> None:
    """OCSP about a serial of the right CA that no certificate has"""
    setting = setting_in(judge.home)
    judge.home.clock.set(setting.days.registered)
    tell(setting, 1, 6)
    authority = judge.authority(CertificateKind.SIGNATURE)
    request, response = judge.folder / "ask.der", judge.folder / "answer.der"
    about = ("-issuer", authority, "-serial", "999999")
    run(judge.openssl, "ocsp", *about, "-no_nonce", "-reqout", request)
    given = answer_ocsp(request.read_bytes(), judge.home.box)
    response.write_bytes(given.answer.encoded)
    said = run(
        *(judge.openssl, "ocsp", "-respin", response, *about, "-no_nonce"),
        *("-CAfile", authority),
        *("-attime", seconds_since_epoch(judge.home.clock.now())),
        *("-validity_period", "1000000000"),
    )
    assert "999999: unknown" in said.stdout
