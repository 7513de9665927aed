"""Mistakes on the two pages of the application: what is said, and where."""

from datetime import timedelta
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.guardianship import GuardianshipEvent
from mynabox.sandbox.specimen import SPECIMEN_MAIL, specimen_portrait
from mynabox.usecases.note_guardianship import NoteGuardianship, note_guardianship
from mynabox.usecases.show import show_resident
from tests.boxes import NOW
from tests.site import token_in
from tests.web.conftest import Notified

TAKEN = NOW - timedelta(days=30)
GOOD = {
    "born-year": "1990",
    "born-month": "3",
    "born-day": "31",
    "photo_taken-year": str(TAKEN.year),
    "photo_taken-month": str(TAKEN.month),
    "photo_taken-day": str(TAKEN.day),
}


def jpeg(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.effect_noise((width, height), 90).save(file, "JPEG", quality=95)
    return file.getvalue()


def opened(notified: Notified) -> str:
    """The address of the second page."""
    answer = notified.client.post(
        "/apply",
        data={"application_id": notified.application_id, "email": SPECIMEN_MAIL},
    )
    assert answer.status_code == 200
    assert "Check your mail" in answer.text
    return f"/apply/{token_in(notified.home)}"


def send(
    client: TestClient, path: str, photo: bytes | None = None, /, **changed: str
) -> str:
    fields = {**GOOD, **{name.replace("__", "-"): v for name, v in changed.items()}}
    answer = client.post(
        path,
        data=fields,
        files={"photo": ("p.jpg", photo or specimen_portrait(), "image/jpeg")},
    )
    return answer.text


@pytest.mark.parametrize(
    ("application_id", "email", "field", "says"),
    [
        ("", SPECIMEN_MAIL, "application_id", ""),
        ("123", SPECIMEN_MAIL, "application_id", "23"),
        ("Ｚ" * 23, SPECIMEN_MAIL, "application_id", "digits"),
        ("1" * 23, SPECIMEN_MAIL, "application_id", ""),
        ("{known}", "", "email", ""),
        ("{known}", "no address", "email", ""),
        ("{known}", "a@b@c", "email", ""),
    ],
)
def test_mistakes_on_the_first_page(
    notified: Notified, application_id: str, email: str, field: str, says: str
) -> None:
    sent = application_id.format(known=notified.application_id)
    answer = notified.client.post(
        "/apply", data={"application_id": sent, "email": email}
    )
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert f'<li><a href="#{field}">' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert says in answer.text
    assert f'value="{email}"' in answer.text, "what was typed is still there"
    shown = show_resident(notified.resident, notified.home.box)
    assert shown.applications == ()


def test_the_id_of_the_code_is_locked(notified: Notified) -> None:
    first = notified.client.get("/apply", params={"id": notified.application_id}).text
    assert f'value="{notified.application_id}"' in first
    assert "readonly" in first
    for broken in ("123", "<script>", "1" * 23):
        page = notified.client.get("/apply", params={"id": broken}).text
        assert "readonly" not in page
        assert "<script>" not in page


def test_the_way_of_application_is_noted(notified: Notified) -> None:
    notified.client.post(
        f"/apply?id={notified.application_id}",
        data={"application_id": notified.application_id, "email": SPECIMEN_MAIL},
    )
    (application,) = show_resident(notified.resident, notified.home.box).applications
    assert application.channel.value == "smartphone"


@pytest.mark.parametrize(
    ("changed", "anchor", "says"),
    [
        ({"born__year": ""}, "born-year", "Enter your birth date"),
        ({"born__month": "13"}, "born-year", "Enter your birth date"),
        ({"born__day": "x"}, "born-year", "Enter your birth date"),
        ({"born__day": "²"}, "born-year", "Enter your birth date"),
        ({"born__year": "1991"}, "born-year", ""),
        ({"photo_taken__day": ""}, "photo_taken-year", "day on which the photo"),
        ({"photo_taken__year": "2020"}, "photo_taken-year", "6 months"),
        ({"photo_taken__year": "2099"}, "photo_taken-year", ""),
    ],
)
def test_mistakes_on_the_second_page(
    notified: Notified, changed: dict[str, str], anchor: str, says: str
) -> None:
    path = opened(notified)
    text = send(notified.client, path, None, **changed)
    assert f'<a href="#{anchor}">' in text
    assert says in text
    (application,) = show_resident(notified.resident, notified.home.box).applications
    assert application.state is ApplicationState.OPENED
    assert "Application received" in send(notified.client, path)


@pytest.mark.parametrize(
    ("photo", "says"),
    [
        (b"GIF89a not a photo", ""),
        (jpeg(479, 700), "480"),
        (jpeg(600, 600)[: 1024 * 10], ""),
        (b"\xff" * (9 * 1024 * 1024), "larger than 7 MB"),
    ],
    ids=["no picture", "too small", "cut short", "too long"],
)
def test_photos_that_are_sent_back(notified: Notified, photo: bytes, says: str) -> None:
    path = opened(notified)
    text = send(notified.client, path, photo)
    assert '<a href="#photo">' in text
    assert says in text
    assert "Application received" in send(notified.client, path)


def test_no_photo_at_all(notified: Notified) -> None:
    answer = notified.client.post(opened(notified), data=GOOD)
    assert answer.status_code == 422
    assert "Choose the file with your photo" in answer.text


@pytest.mark.parametrize(
    "born",
    [
        ("1990", "3", "31"),
        ("１９９０", "３", "３１"),
        ("१९९०", "०३", "३१"),
        ("1990年", "3月", "31日"),
        (" 1990 ", "03", "31"),
    ],
)
def test_digits_of_every_script(notified: Notified, born: tuple[str, str, str]) -> None:
    year, month, day = born
    text = send(
        notified.client,
        opened(notified),
        born__year=year,
        born__month=month,
        born__day=day,
    )
    assert "Application received" in text


def test_certificates_can_be_declined(notified: Notified) -> None:
    text = send(notified.client, opened(notified), decline_signature="yes")
    assert text.count("No, declined") == 1
    (application,) = show_resident(notified.resident, notified.home.box).applications
    assert not application.signature_certificate
    assert application.authentication_certificate


def test_the_link_afterwards(notified: Notified) -> None:
    path = opened(notified)
    early = notified.client.get(f"{path}/done", follow_redirects=False)
    assert (early.status_code, early.headers["location"]) == (303, path)
    send(notified.client, path)
    late = notified.client.get(path, follow_redirects=False)
    assert (late.status_code, late.headers["location"]) == (303, f"{path}/done")
    again = notified.client.post(
        path, data=GOOD, files={"photo": ("p.jpg", specimen_portrait(), "image/jpeg")}
    )
    assert again.status_code == 422
    second = notified.client.post(
        "/apply",
        data={"application_id": notified.application_id, "email": SPECIMEN_MAIL},
    )
    assert second.status_code == 422
    assert "<h1" in second.text


@pytest.mark.parametrize("typed", ["{id}", " {id} ", "{grouped}", "{hyphens}"])
def test_status(notified: Notified, typed: str) -> None:
    known = notified.application_id
    text = typed.format(
        id=known,
        grouped=f"{known[:4]} {known[4:]}",
        hyphens=f"{known[:4]}-{known[4:]}",
    )
    before = notified.client.post("/apply/status", data={"application_id": text})
    assert before.status_code == 422
    assert "Nothing has been applied for" in before.text
    path = opened(notified)
    send(notified.client, path)
    after = notified.client.post("/apply/status", data={"application_id": text})
    assert after.status_code == 200
    assert after.text.count(">Done<") == 2
    assert after.text.count('aria-current="step"') == 1


@pytest.mark.parametrize("typed", ["", "12", "x" * 23, "1" * 23])
def test_status_of_nothing(notified: Notified, typed: str) -> None:
    answer = notified.client.post("/apply/status", data={"application_id": typed})
    assert answer.status_code == 422
    assert 'href="#application_id"' in answer.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "applicant"),
        (
            {"applicant": "statutory_representative", "applicant_name": "箱田 親"},
            "applicant_name",
        ),
    ],
    ids=["the ward alone", "not the guardian"],
)
def test_who_applies_for_an_adult_ward(
    notified: Notified, said: dict[str, str], field: str
) -> None:
    """R058; the page does not tell who the guardian is"""
    box = notified.home.box
    ask = NoteGuardianship(
        resident=notified.resident,
        event=GuardianshipEvent.BEGAN,
        guardian="後見 花子",
        paper_issued=box.clock.now().date(),
    )
    note_guardianship(ask, box)
    page = send(notified.client, opened(notified), None, **said)
    assert f'<li><a href="#{field}">' in page
    assert f'id="{field}-error"' in page
    assert "花子" not in page
