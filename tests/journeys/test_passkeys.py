"""A passkey in a real browser, with a virtual authenticator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from mynabox.lifecycle.staff import Role
from mynabox.usecases.staff_accounts import add_staff
from mynabox.wiring import Home
from tests.site import served_site

Window = Callable[..., Page]
pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Site:
    """A served box with a member of staff, by the name that passkeys want."""

    home: Home
    address: str


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served_site(tmp_path / "box") as (home, address):
        add_staff("hanako", [Role.CLERK], home.box, password=PASSWORD)
        yield Site(home, address.replace("127.0.0.1", "localhost"))


def with_authenticator(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """A device of this page's own that holds passkeys and asks nobody."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added: dict[str, Any] = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, str(added["authenticatorId"])


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/staff/sign-in")
    page.fill("#name", "hanako")
    page.fill("#password", PASSWORD)
    page.locator("#main button[type=submit]").click()
    expect(page).to_have_url(f"{site.address}/staff")


def register(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.fill("#label", "my laptop")
    page.click("#passkey-register")
    expect(page.locator("#passkeys")).to_contain_text("my laptop")


def leave(page: Page) -> None:
    page.locator("#main form[action^='/staff/sign-out'] button").click()


def test_registered_once_and_used_in_place_of_the_password(
    site: Site, window: Window
) -> None:
    page = window(locale="en-GB")
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    devtools, authenticator = with_authenticator(page)
    register(page, site)
    leave(page)
    page.goto(f"{site.address}/staff/sign-in?next=/residents")
    page.click("#passkey-sign-in")
    expect(page).to_have_url(f"{site.address}/residents")
    held = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    (credential,) = held["credentials"]
    assert credential["rpId"] == "localhost"
    with site.home.box.store.look() as work:
        hanako = work.staff.by_name("hanako")
        assert hanako is not None
        (kept,) = work.passkeys.of(hanako.id)
        rows = [
            (row.entry.action, row.entry.facts.get("how"))
            for row in work.journal.about(hanako.id)
        ]
    assert kept.label == "my laptop"
    assert kept.count == credential["signCount"] > 0
    assert rows == [
        ("staff_add", None),
        ("staff_sign_in", "password"),
        ("staff_passkey", None),
        ("staff_sign_out", None),
        ("staff_sign_in", "passkey"),
    ]
    assert trouble == []


def test_a_device_that_is_known_is_not_registered_again(
    site: Site, window: Window
) -> None:
    page = window(locale="en-GB")
    with_authenticator(page)
    register(page, site)
    page.click("#passkey-register")
    expect(page.locator("#passkey-refused")).to_contain_text("No passkey was given")


def test_an_answer_counts_once(site: Site, window: Window) -> None:
    """sent again, it opens nothing"""
    page = window(locale="en-GB")
    with_authenticator(page)
    register(page, site)
    leave(page)
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(str(request.post_data))
            if request.url.endswith("/sign-in/passkey")
            else None
        ),
    )
    page.goto(f"{site.address}/staff/sign-in")
    page.click("#passkey-sign-in")
    expect(page).to_have_url(f"{site.address}/staff")
    (body,) = sent
    answer = page.request.post(
        f"{site.address}/staff/sign-in/passkey",
        data=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 422
    assert "was not accepted" in answer.json()["refused"]


def test_a_copied_device_is_found_by_its_count(site: Site, window: Window) -> None:
    """the count of signatures went on elsewhere, and this one lags behind"""
    page = window(locale="en-GB")
    devtools, authenticator = with_authenticator(page)
    register(page, site)
    leave(page)
    held = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})[
        "credentials"
    ][0]
    page.goto(f"{site.address}/staff/sign-in")
    page.click("#passkey-sign-in")
    expect(page).to_have_url(f"{site.address}/staff")
    leave(page)
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})
    devtools.send(
        "WebAuthn.addCredential",
        {"authenticatorId": authenticator, "credential": {**held, "signCount": 0}},
    )
    page.goto(f"{site.address}/staff/sign-in")
    page.click("#passkey-sign-in")
    expect(page.locator("#passkey-refused")).to_contain_text("was not accepted")


def test_a_device_without_passkeys_is_told_in_words(site: Site, window: Window) -> None:
    page = window(locale="ja-JP")
    with_authenticator(page)
    page.goto(f"{site.address}/staff/sign-in")
    page.click("#passkey-sign-in")
    expect(page.locator("#passkey-refused")).to_contain_text(
        "パスキーを使えませんでした"
    )


@pytest.mark.parametrize("path", ["/staff/sign-in", "/me", "/staff"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(site: Site, window: Window, axe: str, path: str, scheme: str) -> None:
    page = window(color_scheme=scheme, locale="en-GB", bypass_csp=True)
    if path == "/staff":
        sign_in(page, site)
    page.goto(f"{site.address}{path}")
    page.add_script_tag(content=axe)
    found = page.evaluate("axe.run(document)")
    assert [one["id"] for one in found["violations"]] == []
