"""One life as requests of the API, in the order in which they are made: for tests that
ask each of them twice, at once, or of a box that is killed in between."""

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS, specimen_portrait
from tests.boxes import NOW
from tests.site import API, NEWCOMER

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
PASSPORT = {"documents": ["passport"]}


@dataclass(frozen=True)
class Ask:
    """One request; ``operation`` as the API's description names it."""

    operation: str
    path: str
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{API}{self.path}"


Life = Generator[Ask, Any, None]
"""Yields requests and is sent the answer to each."""


def life(mailed: Callable[[], str], *, newcomer: dict[str, str] = NEWCOMER) -> Life:
    """From the register to the end of a card; ``mailed`` reads the token in the newest
    mail."""

    def post(operation: str, path: str, body: object = None) -> Ask:
        return Ask(operation, path, {} if body is None else {"json": body})

    entered = yield post("registerResident", "/residents", newcomer)
    person = f"/residents/{entered['resident']['id']}"
    yield post("changeHousehold", f"{person}/household", {"relation": "head"})
    child = {"name": "箱田 一子", "born": newcomer["registered"], "sex": "female"}
    yield post("registerBirth", f"{person}/births", child)
    yield post("assignNumber", f"{person}/number")
    yield post(
        "discloseNumber",
        f"{person}/number/disclosure",
        {"requester": "employer", "purpose": "year_end_tax"},
    )
    notice = yield post("issueNotice", f"{person}/notices")
    yield post("noteNotice", f"{person}/notices/events", {"event": "delivered"})
    yield post("proveNumber", f"{person}/notices/proof")
    gym = {"requester": "gym", "purpose": "membership"}
    yield post("judgeNumberRequest", f"{person}/number/requests", gym)
    yield post("printForm", f"{person}/forms", {"post": True})
    form = {"application_id": notice["application_id"], "email": SPECIMEN_MAIL}
    yield post("openApplication", "/applications", form)
    received = yield Ask(
        "submitApplication",
        "/applications/submission",
        {
            "data": {
                "token": mailed(),
                "born": newcomer["born"],
                "photo_taken": (NOW - timedelta(days=30)).date().isoformat(),
            },
            "files": {"photo": ("portrait.jpg", specimen_portrait(), "image/jpeg")},
        },
    )
    yield post("acceptApplication", f"/applications/{received['id']}/acceptance")
    application = f"/applications/{received['id']}"
    noted = {**PASSPORT, "pins_handed_in": True}
    yield post("agreeDelivery", f"{application}/delivery", noted)
    produced = yield post("produceCard", "/cards", {"application": received["id"]})
    card = f"/cards/{produced['card']['serial']}"
    hour = {"begins": (NOW + timedelta(days=4)).replace(hour=10).isoformat()}
    yield post("bookAppointment", f"{card}/appointments", hour)
    yield post("cancelAppointment", f"{card}/appointments/cancellation")
    yield post("callHolder", f"{card}/delivery/call")
    agent = {"agent": "箱田 花子", "reason": "hospital"}
    yield post("sendInquiry", f"{card}/inquiries", agent)
    yield post("handOverCard", f"{card}/handover", {**PASSPORT, "pins": PINS})
    purpose = {"requester": "employer", "purpose": "year_end_tax"}
    yield post("getCardBack", f"{card}/back", purpose)
    yield post("judgeCopy", f"{card}/copies", {**purpose, "side": "back"})
    lost = yield post("reportLost", f"{person}/lost")
    paper = {"proof": "police", "authority": "つくば警察署", "number": "1234"}
    paper["day"] = NOW.date().isoformat()
    yield post("noteProof", f"/losses/{lost['receipt']}/proof", paper)
    wish = {**PASSPORT, "reason": "lost"}
    asked = yield post("requestCard", f"{person}/card-requests", wish)
    taken = {"amount": asked["fee"]["amount"]}
    yield post("payFee", f"/fees/{asked['fee']['id']}/payment", taken)
    yield post("withdrawCardRequest", f"/card-requests/{asked['id']}/withdrawal")
    yield post("reportFound", f"{card}/found", PASSPORT)
    yield post("reissueCertificates", f"{card}/certificates", PASSPORT)
    new = {"pins": {"authentication": "4711"}}
    yield post("resetPins", f"{card}/pins", {**PASSPORT, **new})
    kinds = {"kinds": ["signature"]}
    yield post("stopCertificates", f"{card}/certificates/stop", {**PASSPORT, **kinds})
    yield post("reissueCertificates", f"{card}/certificates", PASSPORT)
    yield post("reportCompromise", f"{card}/certificates/compromise", PASSPORT)
    moved = {"address": "茨城県つくば市箱の内二丁目2番2号"}
    yield post("changeParticulars", f"{person}/particulars", moved)
    status = {"residence_status": "permanent", "nationality": "VNM"}
    yield post("changeResidence", f"{person}/residence", status)
    search = {"requester": "municipality", "purpose": "correction"}
    search["number"] = "123456789018"
    yield post("findByNumber", "/residents/search/number", search)
    pin = {"pin": PINS["juki"]}
    yield post("updateCard", f"{card}/particulars", pin)
    away = {"planned": NOW.date().isoformat(), "to": "131016"}
    yield post("moveOut", f"{person}/move-out", away)
    yield post("cancelMoveOut", f"{person}/move-out/cancellation")
    yield post("moveOut", f"{person}/move-out", away)
    there = {"municipality": "131016", "address": "東京都千代田区箱町一丁目1番1号"}
    there["moved_in"] = NOW.date().isoformat()
    yield post("moveIn", f"{person}/move-in", there)
    yield post("takeOverCard", f"{card}/continued-use", pin)
    yield post("returnCard", f"{card}/return", PASSPORT)
    yield post("leaveRegister", f"{person}/departure", {"event": "left_japan"})


def told_by(
    requests: Life, ask: Callable[[Ask], Any], *, until: str | None = None
) -> Iterator[tuple[Ask, Any]]:
    """Go through a life with ``ask``, which gives the answer as JSON; each request with
    its answer, up to (and with) the first of the operation ``until``."""
    with suppress(StopIteration):
        request = next(requests)
        while True:
            answer = ask(request)
            yield request, answer
            if request.operation == until:
                return
            request = requests.send(answer)
