"""An authority from its ceremony to its restore, and every judge at every stop.

ceremony -> issue -> renew -> move -> hold -> rollover -> restore

OpenSSL, GnuTLS, pyhanko-certvalidator and the box's own relying party must agree
about every certificate. GnuTLS knows no time but the machine's, so the journey ends
on the machine's day; about lists of the day before it is not asked.

So must Java's CertPathValidator and Go's crypto/x509 on a machine that has a JDK or Go;
the head of the test run says which judges there are.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from mynabox.law.days import JST
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.crl import REASON_CODES
from mynabox.pki.evidence import CrlEvidence, OcspEvidence
from mynabox.pki.text import pem
from mynabox.pki.verify import Anchor, Outcome, verify
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.settings import Settings
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.hold_ceremony import Ceremony, hold_ceremony
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.show import list_authorities
from mynabox.usecases.status import answer_ocsp, publish_list
from mynabox.usecases.verify_authorities import verify_authorities
from mynabox.wiring import Home, back_up, machine_now, open_home, restore
from tests.boxes import run, seconds_since_epoch, tool
from tests.machine import OTHER_JUDGES
from tests.usecases.places import Place, Standing, foreigner

pytestmark = pytest.mark.interop

WORDS = "見本 journey"
HERE = Path(__file__).parent / "judges"
_NUMBERS = {reason.value: code for reason, code in REASON_CODES.items()}


@dataclass(frozen=True)
class Case:
    """One certificate, its issuer, and what the box says of it now."""

    certificate: Certificate
    issuer: Authority
    at: datetime
    ocsp: bytes
    listed: bytes
    folder: Path

    def file(self, name: str, label: str, encoded: bytes) -> Path:
        path = self.folder / f"{self.certificate.serial}-{name}.pem"
        path.write_text(pem(label, encoded))
        return path

    def der(self, name: str, encoded: bytes) -> Path:
        path = self.folder / f"{self.certificate.serial}-{name}.der"
        path.write_bytes(encoded)
        return path

    @property
    def leaf(self) -> Path:
        return self.file("leaf", "CERTIFICATE", self.certificate.der)

    @property
    def authority(self) -> Path:
        return self.file("ca", "CERTIFICATE", self.issuer.der)


def by_the_box(case: Case) -> set[str]:
    found = set()
    for evidence in (
        OcspEvidence(response=case.ocsp),
        CrlEvidence(encoded=case.listed),
    ):
        verdict = verify(
            case.certificate.der,
            anchors=[Anchor(case.issuer.kind, case.issuer.der)],
            kind=case.certificate.kind,
            at=case.at,
            evidence=(evidence,),
        )
        stopped = verdict.outcome in (Outcome.REVOKED, Outcome.HELD)
        found.add(f"revoked {verdict.reason}" if stopped else verdict.outcome.value)
    return found


def by_openssl(case: Case) -> set[str]:
    openssl = tool("openssl", "openssl")
    at = seconds_since_epoch(case.at)
    answer = case.der("ocsp", case.ocsp)
    said = run(
        *(openssl, "ocsp", "-respin", answer, "-issuer", case.authority),
        *("-cert", case.leaf, "-no_nonce", "-CAfile", case.authority),
        *("-attime", at, "-validity_period", "1000000000"),
    )
    whole = said.stdout + said.stderr
    assert "Response verify OK" in whole, whole
    found = set()
    if f"{case.leaf}: good" in whole:
        found.add("good")
    elif f"{case.leaf}: revoked" in whole:
        found.add("revoked " + whole.partition("Reason: ")[2].split()[0])
    listed = case.file("crl", "X509 CRL", case.listed)
    done = run(
        *(openssl, "verify", "-crl_check", "-partial_chain", "-attime", at),
        *("-CRLfile", listed, "-CAfile", case.authority, case.leaf),
        expect=None,
    )
    said_of_list = done.stdout + done.stderr
    if ": OK" in said_of_list:
        found.add("good")
    elif "certificate revoked" in said_of_list:
        text = run(openssl, "crl", "-in", listed, "-noout", "-text").stdout
        serial = f"{case.certificate.serial:X}"
        serial = serial if len(serial) % 2 == 0 else f"0{serial}"
        entry = text.partition(f"Serial Number: {serial}\n")[2]
        named = entry.partition("CRL Reason Code:")[2].split("\n")[1].strip()
        reasons = {
            "Certificate Hold": "certificateHold",
            "Superseded": "superseded",
            "Affiliation Changed": "affiliationChanged",
        }
        found.add(f"revoked {reasons[named]}")
    else:
        found.add("refused: " + said_of_list)
    return found


def by_gnutls(case: Case) -> set[str]:
    """GnuTLS tells no reasons."""
    ocsptool, certtool = tool("ocsptool", "gnutls-bin"), tool("certtool", "gnutls-bin")
    said = run(
        *(ocsptool, "--verify-response", "--load-response"),
        *(case.der("ocsp", case.ocsp), "--load-trust", case.authority),
        expect=None,
    ).stdout
    assert "Verifying OCSP Response: Success" in said, said
    found = set()
    if "Certificate Status: good" in said:
        found.add("good")
    elif "Certificate Status: revoked" in said:
        found.add("revoked")
    if machine_now().date() == case.at.date():
        listed = case.file("crl", "X509 CRL", case.listed)
        whole = run(
            *(certtool, "--verify", "--load-ca-certificate", case.authority),
            *("--load-crl", listed, "--infile", case.leaf),
            expect=None,
        )
        text = whole.stdout.partition("Chain verification output: ")[2]
        if text.startswith("Verified."):
            found.add("good")
        elif "revoked" in text:
            info = run(certtool, "--crl-info", "--infile", listed).stdout
            assert f"{case.certificate.serial:x}" in info
            found.add("revoked")
        else:
            found.add("refused: " + whole.stdout + whole.stderr)
    return found


def _camel(reason: str) -> str:
    known = {one.lower(): one for one in _NUMBERS}
    return known.get(reason.replace(" ", "").lower(), reason)


def by_certvalidator(case: Case) -> set[str]:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(case.issuer.der)],
        ocsps=[asn1_ocsp.OCSPResponse.load(case.ocsp)],
        crls=[asn1_crl.CertificateList.load(case.listed)],
        moment=case.at,
        time_tolerance=timedelta(0),
        revocation_mode="require",
        allow_fetching=False,
    )
    validator = CertificateValidator(
        asn1_x509.Certificate.load(case.certificate.der), validation_context=context
    )
    try:
        asyncio.run(validator.async_validate_usage({"digital_signature"}))
    except RevokedError as stop:
        return {"revoked " + _camel(str(stop.reason.native).replace("_", ""))}
    except (ValidationError, PathError) as error:
        return {f"refused: {error}"}
    return {"good"}


def _by_program(case: Case, *command: str) -> set[str]:
    said = run(
        *command,
        case.der("leaf", case.certificate.der),
        case.der("ca", case.issuer.der),
        case.der("crl", case.listed),
        seconds_since_epoch(case.at),
    ).stdout.strip()
    if said.startswith("revoked "):
        reason = said.removeprefix("revoked ")
        numbers = {str(code): name for name, code in _NUMBERS.items()}
        java = {one.upper(): one for one in _NUMBERS}
        plain = reason.replace("_", "")
        return {f"revoked {numbers.get(reason) or java.get(plain, reason)}"}
    return {said}


JUDGES: dict[str, Callable[[Case], set[str]]] = {
    "the box": by_the_box,
    "OpenSSL": by_openssl,
    "GnuTLS": by_gnutls,
    "certvalidator": by_certvalidator,
}


@pytest.fixture(scope="module")
def judges(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Callable[[Case], set[str]]]:
    """Everybody who judges on this machine; other languages' programs are built once."""
    there, folder = dict(JUDGES), tmp_path_factory.mktemp("judges")
    if "Java" in OTHER_JUDGES:
        run("javac", "-d", folder, HERE / "Verify.java")
        java = ("java", "-XX:TieredStopAtLevel=1", "-cp", str(folder), "Verify")
        there["Java"] = lambda case: _by_program(case, *java)
    if "Go" in OTHER_JUDGES:
        built = folder / "verify"
        run(
            *("go", "build", "-o", built, HERE / "verify.go"),
            env={"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"},
        )
        there["Go"] = lambda case: _by_program(case, str(built))
    return there


@dataclass
class Journey:
    """The box on its way, and what every certificate should be by now."""

    place: Place
    folder: Path
    judges: Mapping[str, Callable[[Case], set[str]]]

    def certificates(self) -> list[Certificate]:
        shown = self.place.shown()
        return [one for card in shown.cards for one in card.certificates]

    def judged(self, *expected: str) -> None:
        """All judges say this of the certificates, oldest first.

        A second later: Java takes a stop at the very second asked about for a later
        one.
        """
        self.place.machine.moment += timedelta(seconds=1)
        box = self.place.box
        authorities = {one.name: one for one in list_authorities(box)}
        lists = {name: publish_list(name, box).der for name in authorities}
        certificates = self.certificates()
        assert len(certificates) == len(expected)
        for certificate, says in zip(certificates, expected, strict=True):
            case = self.case(certificate, authorities[certificate.issuer], lists)
            said = {name: judge(case) for name, judge in self.judges.items()}
            meant = {name: {says} for name in self.judges}
            meant["GnuTLS"] = {says.partition(" ")[0]}
            assert said == meant

    def case(
        self, certificate: Certificate, issuer: Authority, lists: dict[str, bytes]
    ) -> Case:
        openssl, box = tool("openssl", "openssl"), self.place.box
        case = Case(
            certificate=certificate,
            issuer=issuer,
            at=box.clock.now(),
            ocsp=b"",
            listed=lists[issuer.name],
            folder=self.folder,
        )
        request = self.folder / "request.der"
        run(
            *(openssl, "ocsp", "-issuer", case.authority, "-cert", case.leaf),
            *("-no_nonce", "-reqout", request),
        )
        return replace(case, ocsp=answer_ocsp(request.read_bytes(), box).answer.encoded)


def opened(settings: Settings, machine: Standing) -> Home:
    home = open_home(settings, create=True)
    return replace(home, box=replace(home.box, clock=machine))


def test_every_judge_agrees_at_every_stop(
    tmp_path: Path, judges: Mapping[str, Callable[[Case], set[str]]]
) -> None:
    """issued, renewed, moved, held, rolled over, restored"""
    today = machine_now().replace(microsecond=0)
    yesterday = (today - timedelta(days=1)).replace(hour=12, minute=0, second=0)
    machine = Standing(yesterday)
    folder = tmp_path / "judged"
    folder.mkdir()
    home = opened(Settings(home=tmp_path / "box", with_uri=True), machine)

    hold_ceremony(
        Ceremony(operator="箱田", witnesses=("見本", "只野"), keys_in="sealed files"),
        home.box,
    )
    stay = (yesterday.date() + timedelta(days=60)).isoformat()
    place = Place(home, home.box, machine).enter(foreigner(stay))
    day = yesterday.strftime("%Y-%m-%dT%H:%M:%S")
    place.have_card(produced=day, collected=day)
    journey = Journey(place, folder, judges)
    journey.judged("good", "good")

    machine.moment += timedelta(minutes=1)
    renew_certificates(
        RenewCertificates(serial=place.card.serial, pins=SPECIMEN_PINS), place.box
    )
    superseded = ("revoked superseded",) * 2
    journey.judged(*superseded, "good", "good")

    machine.moment += timedelta(minutes=1)
    change_particulars(
        ChangeParticulars(resident=place.hero, address="茨城県つくば市天王台一丁目"),
        place.box,
    )
    journey.judged(*superseded, "good", "good")
    machine.moment = today - timedelta(minutes=3)
    if machine.moment.date() == yesterday.date():
        machine.moment = today
    journey.judged(*superseded, "good", "revoked affiliationChanged")

    place.lose()
    held = ("revoked certificateHold", "revoked affiliationChanged")
    journey.judged(*superseded, *held)

    for kind in CertificateKind:
        roll_over(kind, place.box)
    place.find()
    place.reissue()
    journey.judged(*superseded, *held, "good", "good")
    newest = journey.certificates()[-2:]
    assert {one.issuer[-2:] for one in newest} == {"02"}
    _wrong_generation(journey)

    file = tmp_path / "box.backup"
    back_up(home, file, passphrase=WORDS, with_chips=True)
    home.close()
    settings = Settings(home=tmp_path / "restored", with_uri=True)
    restore(file, settings, passphrase=WORDS)
    again = opened(settings, machine)
    try:
        assert verify_authorities(again.box).mismatches == ()
        there = replace(place, home=again, box=again.box)
        journey = Journey(there, folder, judges)
        journey.judged(*superseded, *held, "good", "good")
        there.lose()
        there.find()
        there.reissue()
        journey.judged(
            *superseded, *held, *(("revoked certificateHold",) * 2), "good", "good"
        )
    finally:
        again.close()


def _wrong_generation(journey: Journey) -> None:
    """Under the other generation, of the same name, nobody accepts a certificate."""
    box = journey.place.box
    authorities = {one.name: one for one in list_authorities(box)}
    lists = {name: publish_list(name, box).der for name in authorities}
    certificate = journey.certificates()[-1]
    own = journey.case(certificate, authorities[certificate.issuer], lists)
    other = authorities[f"{certificate.kind.value}-01"]
    crossed = next(one for one in authorities.values() if one.kind is not other.kind)
    for wrong in (other, crossed):
        case = replace(own, issuer=wrong, listed=lists[wrong.name])
        assert "good" not in by_the_box(case)
        assert by_certvalidator(case) != {"good"}
        done = run(
            *(tool("openssl", "openssl"), "verify", "-partial_chain", "-attime"),
            *(seconds_since_epoch(case.at), "-CAfile", case.authority, case.leaf),
            expect=None,
        )
        assert done.returncode != 0
        done = run(
            *(tool("certtool", "gnutls-bin"), "--verify", "--load-ca-certificate"),
            *(case.authority, "--infile", case.leaf),
            expect=None,
        )
        assert "Chain verification output: Not verified." in done.stdout


def test_the_stops_lie_in_japan() -> None:
    """next-day effects count days of Japan, wherever the machine stands"""
    assert machine_now().utcoffset() == timedelta(hours=9)
    assert JST.utcoffset(None) == timedelta(hours=9)
