"""Boxes of every shape, and one whose keys are in a token, walked to a used card."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mynabox.adapters.clock import BoxClock
from mynabox.adapters.keys.pkcs11 import TokenKeys
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.life import Refused
from mynabox.pki.evidence import CrlEvidence
from mynabox.pki.lint import Role, lint
from mynabox.pki.profile import Profile, production_shape, specimen
from mynabox.pki.reading import read_certificate
from mynabox.pki.verify import Anchor, Outcome, verify
from mynabox.ports import KeysUnavailable
from mynabox.settings import Settings
from mynabox.usecases.certify import profile_of
from mynabox.usecases.open_box import open_box
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.status import answer_ocsp
from mynabox.usecases.verify_authorities import verify_authorities
from mynabox.wiring import back_up, make_app, open_home, restore
from mynabox.wiring.home import SHAPE
from tests.usecases.places import Place, Standing, particulars

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)


@contextmanager
def place_of(settings: Settings) -> Iterator[Place]:
    """A box of these settings on a clock that stands."""
    home = open_home(settings, create=True)
    machine = Standing()
    clock = BoxClock(home.path / "clock.json", machine=machine)
    home = replace(home, clock=clock, box=replace(home.box, clock=clock))
    try:
        open_box(home.box)
        yield Place(home, home.box, machine)
    finally:
        home.close()


def hero_in(place: Place) -> Place:
    hero = place.enter(particulars())
    hero.have_card(produced="2026-06-01", collected="2026-06-10")
    return hero


SHAPES: list[tuple[dict[str, Any], Callable[[], Profile]]] = [
    ({}, specimen),
    ({"with_uri": True}, specimen),
    ({"production_shape": True}, production_shape),
    ({"production_shape": True, "with_uri": True}, production_shape),
    ({"next_card": True}, lambda: specimen().for_next_card()),
]


@pytest.mark.parametrize(
    ("settings", "shape"), SHAPES, ids=[" ".join(one[0]) or "usual" for one in SHAPES]
)
def test_a_box_of_each_shape(
    tmp_path: Path, settings: dict[str, Any], shape: Callable[[], Profile]
) -> None:
    """policies, names and pointers end to end; each pointer leads to its service"""
    with place_of(Settings(home=tmp_path / "box", **settings)) as place:
        hero = hero_in(place)
        profile = profile_of(place.box)
        assert replace(profile, addresses=None) == shape()
        with place.box.store.look() as work:
            authorities = {one.name: one for one in work.statuses.authorities()}
        anchors = [Anchor(one.kind, one.der) for one in authorities.values()]
        client = TestClient(make_app(place.home), base_url=place.box.site.address)
        for certificate in hero.certificates:
            issuer = authorities[certificate.issuer].der
            assert (
                lint(
                    certificate.der,
                    issuer=issuer,
                    role=Role(certificate.kind.value),
                    profile=profile,
                )
                == ()
            )
            facts = read_certificate(certificate.der)
            assert facts.policies == {shape().policy(certificate.kind)}
            pointers = [
                one for one in facts.distribution_points if isinstance(one, str)
            ]
            with_uri = bool(settings.get("with_uri"))
            assert (len(pointers), len(facts.ocsp_addresses)) == (with_uri, with_uri)
            for pointer in pointers:
                verdict = verify(
                    certificate.der,
                    anchors=anchors,
                    kind=certificate.kind,
                    at=place.box.clock.now(),
                    evidence=(CrlEvidence(encoded=client.get(pointer).content),),
                )
                assert verdict.outcome is Outcome.GOOD
        assert verify_authorities(place.box).mismatches == ()


def test_pointers_of_an_older_generation_stay_its_own(tmp_path: Path) -> None:
    """after a rollover, the older certificate's pointer still leads to its list"""
    with place_of(Settings(home=tmp_path / "box", with_uri=True)) as place:
        hero = hero_in(place)
        roll_over(CertificateKind.SIGNATURE, place.box)
        with place.box.store.look() as work:
            anchors = [Anchor(one.kind, one.der) for one in work.statuses.authorities()]
        client = TestClient(make_app(place.home), base_url=place.box.site.address)
        certificate = next(
            one for one in hero.certificates if one.kind is CertificateKind.SIGNATURE
        )
        points = read_certificate(certificate.der).distribution_points
        (pointer,) = (one for one in points if isinstance(one, str))
        assert "/crl/signature-01/" in pointer
        verdict = verify(
            certificate.der,
            anchors=anchors,
            kind=certificate.kind,
            at=place.box.clock.now(),
            evidence=(CrlEvidence(encoded=client.get(pointer).content),),
        )
        assert verdict.outcome is Outcome.GOOD


def test_delta_lists_over_http(tmp_path: Path) -> None:
    with place_of(Settings(home=tmp_path / "box")) as place:
        hero = hero_in(place)
        client = TestClient(make_app(place.home), base_url=place.box.site.address)
        for path in ("signature-01.crl", "signature-01/082201.crl", "signature.crl"):
            base = client.get(f"/crl/{path}").content
            before = client.get(f"/crl/delta/{path}")
            assert before.status_code == 200
            assert before.headers["content-type"] == "application/pkix-crl"
            assert before.content != base
        hero.lose()
        with place.box.store.look() as work:
            anchors = [Anchor(one.kind, one.der) for one in work.statuses.authorities()]
        evidence = CrlEvidence(
            encoded=client.get("/crl/signature-01.crl").content,
            delta=client.get("/crl/delta/signature-01.crl").content,
        )
        (certificate,) = (
            one for one in hero.certificates if one.kind is CertificateKind.SIGNATURE
        )
        verdict = verify(
            certificate.der,
            anchors=anchors,
            kind=certificate.kind,
            at=place.box.clock.now(),
            evidence=(evidence,),
        )
        assert verdict.outcome is Outcome.HELD
        for unknown in ("nothing.crl", "signature-01/131016.crl", "delta.crl"):
            assert client.get(f"/crl/delta/{unknown}").status_code == 404


def test_a_box_is_opened_in_its_own_shape_only(tmp_path: Path) -> None:
    with place_of(Settings(home=tmp_path / "box", production_shape=True)):
        pass
    with (
        pytest.raises(Refused) as caught,
        place_of(Settings(home=tmp_path / "box", production_shape=False)),
    ):
        pass
    assert caught.value.code == "ca.other_shape"


@pytest.fixture
def token(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Settings of a box whose authorities' keys are in a SoftHSM token."""
    library = next((Path(one) for one in MODULES if Path(one).exists()), None)
    tool = shutil.which("softhsm2-util")
    assert library and tool, "SoftHSM is missing: apt-get install softhsm2"
    conf = tmp_path / "softhsm2.conf"
    (tmp_path / "tokens").mkdir()
    conf.write_text(
        f"directories.tokendir = {tmp_path}/tokens\n"
        "objectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    subprocess.run(
        [
            *(tool, "--init-token", "--free", "--label", "mynabox"),
            *("--pin", "135792468", "--so-pin", "975318642"),
        ],
        check=True,
        capture_output=True,
    )
    yield {"hsm_library": library, "hsm_token": "mynabox", "hsm_pin": "135792468"}
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.mark.interop
@pytest.mark.xdist_group("token")
def test_a_box_with_its_keys_in_a_token(tmp_path: Path, token: dict[str, Any]) -> None:
    """nothing of the authorities' keys is in the home; pulled out in the middle of
    production nothing is half-issued, and put back everything goes on"""
    settings = Settings(home=tmp_path / "box", **token)
    with place_of(settings) as place:
        assert isinstance(place.box.signer, TokenKeys)
        assert not list((place.home.path / "keys").glob("*"))
        hero = place.enter(particulars())
        hero.apply()
        hero.on("2026-06-01")
        before = hero.kept()
        away = tmp_path / "away"
        (tmp_path / "tokens").rename(away)
        with pytest.raises(KeysUnavailable, match="connect it again"):
            hero.produce()
        assert answer_ocsp(b"", place.box).answer.encoded.hex() == "30030a0103"
        client = TestClient(make_app(place.home), base_url=place.box.site.address)
        assert client.get("/crl/signature-01.crl").status_code == 503
        after = hero.kept()
        before["cards"] = after["cards"] = None
        assert after == before
        away.rename(tmp_path / "tokens")
        produced = hero.produce()
        assert {one.state for one in produced.certificates} == {CertificateState.ISSUED}
        hero.on("2026-06-10").hand_over()
        assert client.get("/crl/signature-01.crl").status_code == 200
        assert verify_authorities(place.box).mismatches == ()
        assert "signature-01" in place.box.signer.labels()
        place.box.signer.close()


@pytest.mark.parametrize("name", SHAPE)
def test_a_box_keeps_its_shape(tmp_path: Path, name: str) -> None:
    """whoever opens it later need not know, and may say otherwise; so out of a backup"""
    folder, file = tmp_path / "box", tmp_path / "file"
    made = Settings(home=folder).model_copy(update={name: True})
    with place_of(made) as place:
        back_up(place.home, file, passphrase="a specimen passphrase")
    restore(file, Settings(home=tmp_path / "again"), passphrase="a specimen passphrase")
    for home in (folder, tmp_path / "again"):
        for settings, kept in (
            (Settings(home=home), True),
            (Settings(home=home).model_copy(update={name: False}), False),
            (Settings(home=home), True),
        ):
            opened = open_home(settings)
            site = opened.box.site
            opened.close()
            assert [getattr(site, one) for one in SHAPE] == [
                kept and one == name for one in SHAPE
            ]
