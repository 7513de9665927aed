"""The application and every page in a real browser: by keyboard, on a phone, in the
dark, without scripts, and checked by axe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from mynabox.lifecycle.notice import Notice
from mynabox.sandbox.specimen import SPECIMEN_MAIL, specimen_portrait
from mynabox.usecases.deliver import deliver
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.site import served_site, token_in, with_notice

Window = Callable[..., Page]
pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1200, "height": 900}
TAKEN = NOW - timedelta(days=10)
LANGUAGES = {"en": "en-GB", "ja": "ja-JP"}


@dataclass(frozen=True)
class Site:
    """A served box with somebody who may apply."""

    home: Home
    address: str
    notice: Notice


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served_site(tmp_path / "box") as (home, address):
        yield Site(home, address, with_notice(home))


def fill_form(page: Page, photo: Path) -> None:
    for field, value in {
        "born-year": "1990",
        "born-month": "3",
        "born-day": "31",
        "photo_taken-year": str(TAKEN.year),
        "photo_taken-month": str(TAKEN.month),
        "photo_taken-day": str(TAKEN.day),
    }.items():
        page.fill(f"#{field}", value)
    page.set_input_files("#photo", photo)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_apply(
    site: Site, window: Window, tmp_path: Path, language: str, scripts: bool
) -> None:
    photo = tmp_path / "portrait.jpg"
    photo.write_bytes(specimen_portrait())
    page = window(
        viewport=PHONE, locale=LANGUAGES[language], java_script_enabled=scripts
    )
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(site.address)
            else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{site.address}/apply?id={site.notice.application_id}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#application_id")).to_have_value(site.notice.application_id)
    expect(page.locator("#application_id")).not_to_be_editable()

    page.fill("#email", "not an address")
    page.press("#email", "Enter")
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.fill("#email", SPECIMEN_MAIL)
    page.press("#email", "Enter")
    page.wait_for_url("**/apply/sent")

    page.locator("main a[href*='/sandbox/mail']").click()
    page.locator("tbody a").first.click()
    page.locator(".box-mail a").first.click()
    page.wait_for_url("**/apply/*")
    page.locator("main button").click()
    expect(page.locator(".govuk-error-summary li")).to_have_count(3)
    fill_form(page, photo)
    page.check("#decline_signature")
    page.locator("main button").click()
    page.wait_for_url("**/done")
    expect(page.locator(".govuk-panel--confirmation")).to_be_visible()

    page.locator("main a[href*='/apply/status']").click()
    page.fill("#application_id", site.notice.application_id)
    page.press("#application_id", "Enter")
    expect(page.locator(".box-steps__step")).to_have_count(4)
    expect(page.locator("[aria-current=step]")).to_have_count(1)
    assert elsewhere == []
    assert token_in(site.home) not in page.url


def test_by_keyboard_alone(site: Site, window: Window) -> None:
    page = window(viewport=DESK, locale="en-GB")
    page.goto(f"{site.address}/apply")
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#application_id")).to_be_focused()
    page.keyboard.type(site.notice.application_id)
    page.keyboard.press("Tab")
    page.keyboard.type(SPECIMEN_MAIL)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/sent")


def test_the_language_can_be_chosen(site: Site, window: Window) -> None:
    page = window(locale="en-GB")
    page.goto(f"{site.address}/apply?id={site.notice.application_id}")
    page.get_by_role("link", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("#application_id")).to_have_value(site.notice.application_id)
    page.fill("#email", SPECIMEN_MAIL)
    page.locator("main button").click()
    page.wait_for_url("**/apply/sent?lang=ja")
    expect(page.locator("html")).to_have_attribute("lang", "ja")


@pytest.mark.parametrize(
    ("language", "scheme", "viewport"),
    [
        ("en", "light", PHONE),
        ("en", "dark", DESK),
        ("ja", "light", DESK),
        ("ja", "dark", PHONE),
    ],
    ids=["en-light-phone", "en-dark-desk", "ja-light-desk", "ja-dark-phone"],
)
def test_axe_finds_nothing(
    site: Site,
    window: Window,
    axe: str,
    language: str,
    scheme: str,
    viewport: ViewportSize,
) -> None:
    """every pair of language, colours and width"""
    open_application(
        OpenApplication(application_id=site.notice.application_id, email=SPECIMEN_MAIL),
        site.home.box,
    )
    deliver(site.home.box)
    # the policy of the pages would stop the checker itself
    page = window(
        viewport=viewport,
        locale=LANGUAGES[language],
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )

    def check(name: str) -> None:
        page.evaluate(axe)
        found = page.evaluate("axe.run()")
        wrong = {
            rule["id"]: [node["html"] for node in rule["nodes"]]
            for rule in found["violations"]
        }
        assert wrong == {}, name
        assert len(found["passes"]) > 10
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], f"{name} is wider than the screen"

    for path in (
        "/",
        f"/apply?id={site.notice.application_id}",
        "/apply/sent",
        "/apply/status",
        "/residents",
        f"/residents/{site.notice.resident}",
        "/sandbox/mail",
        "/sandbox/post",
        "/no-such-page",
        "/api/v1/docs",
    ):
        page.goto(f"{site.address}{path}")
        check(path)

    def follow(selector: str) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    page.goto(f"{site.address}/sandbox/mail")
    follow("tbody a")
    check("a mail")
    follow(".box-mail a")
    check("form")
    page.locator("main details summary").click()
    check("form with its photo rules open")
    follow("main button")
    check("form with mistakes")
    page.goto(f"{site.address}/apply/status")
    page.fill("#application_id", site.notice.application_id)
    follow("main button")
    check("standing")
