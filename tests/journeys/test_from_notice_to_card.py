"""From the QR code of a printed notice to a card in use, over HTTP."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import zxingcpp

from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS, specimen_portrait
from tests.boxes import NOW, box_in
from tests.site import API, client_of, with_notice

TAKEN = NOW - timedelta(days=10)


def code_on(letter: bytes) -> str:
    """The text of the QR code on the first page of a PDF that leads to the site."""
    document = pypdfium2.PdfDocument(letter)
    try:
        picture = document[0].render(scale=4).to_pil()
    finally:
        document.close()
    texts: list[str] = [code.text for code in zxingcpp.read_barcodes(picture)]
    return next(text for text in texts if text.startswith("http"))


def test_from_notice_to_card(tmp_path: Path) -> None:
    with box_in(tmp_path / "box", at=NOW) as home:
        notice = with_notice(home)
        client = client_of(home)

        post = client.get("/sandbox/post").text
        letters = re.findall(r'href="(/sandbox/post/[^"]+\.pdf)"', post)
        (letter,) = letters
        address = urlsplit(code_on(client.get(letter).content))
        assert address.path == "/apply"
        first = client.get(f"{address.path}?{address.query}")
        assert notice.application_id in first.text

        client.post(
            f"{address.path}?{address.query}",
            data={"application_id": notice.application_id, "email": SPECIMEN_MAIL},
        )
        mails = client.get("/sandbox/mail").text
        (mail,) = re.findall(r'href="(/sandbox/mail/[^"]+)"', mails)
        (link,) = set(re.findall(r'href="(/apply/[^"?]{20,})"', client.get(mail).text))
        done = client.post(
            link,
            data={
                "born-year": "1990",
                "born-month": "3",
                "born-day": "31",
                "photo_taken-year": str(TAKEN.year),
                "photo_taken-month": str(TAKEN.month),
                "photo_taken-day": str(TAKEN.day),
            },
            files={"photo": ("p.jpg", specimen_portrait(), "image/jpeg")},
        )
        assert done.url.path == f"{link}/done"

        def standing() -> list[str]:
            text = client.post(
                "/apply/status", data={"application_id": notice.application_id}
            ).text
            return re.findall(r'box-steps__state">([^<]+)<', text)

        now, later = "This is what comes next", "Not yet"
        assert standing() == ["Done", "Done", now, later]
        page = client.get(f"/residents/{notice.resident}").text
        assert "Card produced" not in page

        journal = client.get(f"{API}/journal/{notice.resident}").json()
        (application,) = {
            subject
            for row in journal
            for subject in row["subjects"]
            if subject.startswith("app-")
        }
        produced = client.post(f"{API}/cards", json={"application": application})
        serial = produced.json()["card"]["serial"]
        assert standing() == ["Done", "Done", "Done", now]
        handed_over = client.post(
            f"{API}/cards/{serial}/handover",
            json={
                "documents": ["drivers_licence"],
                "pins": {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()},
            },
        )
        assert handed_over.json()["state"] == "active"
        assert standing() == ["Done"] * 4
        titles = re.findall(r">([^<]+) \(PDF\)<", client.get("/sandbox/post").text)
        assert titles == [
            "Postcard: your card is ready",
            "Notice of the Individual Number",
        ]
