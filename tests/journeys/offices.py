"""What journeys through an office's procedures share: boxes in both databases, people,
papers as they lie in the post, one story at the end."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pypdfium2
import zxingcpp
from fastapi.testclient import TestClient

from mynabox.lifecycle.certificate import StopReason
from mynabox.lifecycle.outgoing import Carrier
from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS, specimen_portrait
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.show import show_card
from mynabox.usecases.status import status_of, view
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.journeys.homes import one_story
from tests.site import API, NEWCOMER, token_in

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
PASSPORT = {"documents": ["passport"]}


class Office:
    """The API of a box, as an office's program uses it."""

    def __init__(self, home: Home, client: TestClient) -> None:
        self.home = home
        self.client = client

    def get(self, path: str, **query: str) -> Any:
        """What is there."""
        answer = self.client.get(f"{API}{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **said: object) -> dict:  # type: ignore[type-arg]
        """It is done; what was answered."""
        answer = self.client.post(f"{API}{path}", json=said)
        assert answer.status_code in (200, 201), answer.text
        found: dict = answer.json()  # type: ignore[type-arg]
        return found

    def no(self, path: str, **said: object) -> str:
        """It is refused; the code."""
        answer = self.client.post(f"{API}{path}", json=said)
        assert answer.status_code == 422, answer.text
        assert answer.json()["next"]
        return str(answer.json()["code"])

    def at(self, moment: datetime) -> list[str]:
        """It is this moment; the duties that were done on the way."""
        self.home.clock.set(moment)
        return [ran.job for ran in do_duties(self.home.box)]

    def registered(self, **other: str) -> str:
        """Somebody in the register, with a number and a notice."""
        person = self.post("/residents", **(NEWCOMER | other))["resident"]["id"]
        self.post(f"/residents/{person}/number")
        self.post(f"/residents/{person}/notices")
        return str(person)

    def applied(self, person: str, **more: str) -> str:
        """The application of this person, received over the web."""
        form = self.get(f"/residents/{person}/notices")[0]["application_id"]
        opened = self.post("/applications", application_id=form, email=SPECIMEN_MAIL)
        sent = self.client.post(
            f"{API}/applications/submission",
            data={
                "token": token_in(self.home),
                "born": self.get(f"/residents/{person}")["born"],
                "photo_taken": self.home.box.clock.now().date().isoformat(),
                **more,
            },
            files={"photo": ("me.jpg", specimen_portrait(), "image/jpeg")},
        )
        assert sent.status_code == 200, sent.text
        return str(opened["id"])

    def applied_in_person(self, person: str) -> str:
        """The application of this person, who came and showed who they are."""
        sent = self.client.post(
            f"{API}/residents/{person}/applications",
            data={
                "documents": ["passport", "pin"],
                "photo_taken": self.home.box.clock.now().date().isoformat(),
            },
            files={"photo": ("me.jpg", specimen_portrait(), "image/jpeg")},
        )
        assert sent.status_code == 201, sent.text
        return str(sent.json()["id"])

    def produced(self, application: str) -> str:
        """The serial of its card."""
        made = self.post("/cards", application=application)
        return str(made["card"]["serial"])

    def state(self, serial: str) -> str:
        """What the register says of a card."""
        card = self.get(f"/cards/{serial}")
        return str(card["state"])

    def ocsp(self, serial: str) -> list[StopReason | str | None]:
        """What OCSP says of each certificate of a card: why it is no longer good."""
        told: list[StopReason | str | None] = []
        with self.home.box.store.look() as work:
            for one in show_card(serial, self.home.box).certificates:
                status = status_of(
                    work, one.issuer, one.serial, seen=view(self.home.box)
                )
                told.append(getattr(status, "reason", None))
        return told

    def papers(self, kind: str) -> list[bytes]:
        """What lies in the post of one kind, oldest first."""
        deliver(self.home.box)
        with self.home.box.store.look() as work:
            sent = [
                one.id
                for one in work.outbox.sent(carrier=Carrier.POST, limit=1000)
                if one.title == kind
            ]
        return [self.home.box.post.read(one) for one in reversed(sent)]

    def actions(self, subject: str) -> list[str]:
        """What the journal says of a thing, in order."""
        rows = self.get(f"/journal/{subject}")
        return [row["action"] for row in rows]

    def one_story(self) -> None:
        """Register, chips, OCSP, papers and journal agree."""
        one_story(self.home)


def words_of(paper: bytes) -> str:
    """Everything that a paper says, without spaces."""
    pages = pypdfium2.PdfDocument(paper)
    text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    assert "SPECIMEN" in text
    return "".join(text.split())


def codes_on(paper: bytes) -> Iterator[str]:
    """What the QR codes of a paper say."""
    for page in pypdfium2.PdfDocument(paper):
        image = page.render(scale=200 / 72).to_pil()
        for found in zxingcpp.read_barcodes(image):
            yield found.text


def day(text: str) -> datetime:
    """A moment in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=NOW.tzinfo)
