"""A verifier and a holder with the virtual card, over HTTP, in a box in a file and in a
box in PostgreSQL; at the end everything of the box tells one story."""

from datetime import timedelta
from typing import Any

from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.jpki import Kind
from mynabox.usecases.deliver import deliver
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.relying import (
    ORIGIN,
    Bank,
    Holder,
    plain_pdf,
    registered,
    resident_token,
    text,
)
from tests.site import API, client_of

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
WINDOW_OPENS = NOW.replace(year=2031, month=1, day=12)
SIGNATURE, AUTHENTICATION = Kind.SIGNATURE, Kind.AUTHENTICATION


def told(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def test_a_bank_and_its_customer(home: Home) -> None:
    client = client_of(home)
    holder = Holder(home, stage("fresh", home.box).serial)
    resident = client.get(f"{API}/cards/{holder.serial}").json()["resident"]
    bank = registered(client)

    # nobody else is told anything, in an open box either
    stranger = Bank(client, "x" * 43)
    assert told(stranger.ask("challenges", origin=ORIGIN), 401)["code"] == (
        "authority.session_over"
    )

    # the holder logs in, is known again, and is not taken for another
    first = told(bank.log_in(holder))
    assert (first["new"], first["certificate"]["status"]) == (True, "good")
    again = told(bank.log_in(holder))
    assert (again["user"], again["subject"]) == (first["user"], first["subject"])
    assert not again["new"]

    # a document and a PDF
    signed = holder.sign_cms(b"I open an account", at=home.clock.now())
    cms = told(
        bank.ask(
            "signatures/cms", signed=text(signed), document=text(b"I open an account")
        )
    )
    assert cms["valid"]
    (seen,) = cms["signatures"]
    assert seen["holder"]["name"] and seen["certificate"]["issuance_number"] is None
    pdf = holder.sign_pdf(plain_pdf())
    judged = told(bank.ask("signatures/pdf", document=text(pdf)))
    assert judged["valid"], judged
    assert judged["signatures"][0]["covers_all"]

    # consent, as the register knows the holder today
    token = {"authorization": f"Bearer {resident_token(client, holder)}"}
    consents = f"{API}/residents/{resident}/consents"
    assert told(bank.ask("attributes", user=first["user"]), 422)["code"] == (
        "consent.none"
    )
    given = told(client.post(consents, json={"verifier": "bank"}, headers=token), 201)
    assert given["expires"].startswith("2036-11-20")
    old_signature = holder.certificate(SIGNATURE)
    old_authentication = holder.certificate(AUTHENTICATION)
    client.post(
        f"{API}/residents/{resident}/particulars",
        json={"address": "茨城県つくば市箱の内七丁目7番地7"},
    )
    latest = told(bank.ask("attributes", user=first["user"]))
    assert latest["items"]["address"].endswith("7番地7")
    by_number = told(bank.ask("attributes", certificate={"issuance_number": "1"}), 403)
    assert by_number["code"] == "verifier.right_missing"

    # the next day the signature certificate is over, with its reason
    home.clock.set((NOW + timedelta(days=1)).replace(hour=9))
    over = bank.check(old_signature, SIGNATURE)
    assert (over["status"], over["reason"]) == ("revoked", "affiliationChanged")
    assert told(bank.ask("signatures/pdf", document=text(pdf)))["valid"] is False

    # renewed in the window: another certificate, the same person
    home.clock.set(WINDOW_OPENS)
    renewed = client.post(
        f"{API}/cards/{holder.serial}/certificates/renewal",
        json={"pins": {"authentication": PINS["authentication"]}},
    )
    assert renewed.status_code == 201, renewed.text
    deliver(home.box)
    new = holder.certificate(AUTHENTICATION)
    assert new != old_authentication
    after = told(bank.log_in(holder))
    assert after["user"] == first["user"] and after["subject"] != first["subject"]
    linked = told(
        bank.ask(
            "links",
            earlier={"certificate": text(old_authentication)},
            later=text(new),
            use="authentication",
        )
    )
    assert (linked["relation"], linked["same_person"], linked["latest"]) == (
        "renewed",
        True,
        True,
    )
    across = told(
        bank.ask(
            "links",
            earlier={"certificate": text(old_signature)},
            later=text(new),
            use="authentication",
        )
    )
    assert (across["relation"], across["same_person"]) == ("other_kind", True)

    # consent taken back: nothing is told any more
    token = {"authorization": f"Bearer {resident_token(client, holder)}"}
    assert told(client.delete(f"{consents}/bank", headers=token))["state"] == "revoked"
    refused = told(bank.ask("attributes", certificate={"certificate": text(new)}), 422)
    assert refused["code"] == "consent.none"
    listed = client.get(consents, headers=token).json()
    assert [one["state"] for one in listed] == ["revoked"]

    # lost: held at once, and no log-in
    client.post(f"{API}/residents/{resident}/lost")
    held = bank.check(new, AUTHENTICATION)
    assert (held["status"], held["reason"]) == ("held", "certificateHold")
    closed = told(bank.log_in(holder), 422)
    assert (closed["code"], closed["facts"]["why"]) == (
        "verifier.login_refused",
        "held",
    )
    untold = told(
        bank.ask(
            "links",
            earlier={"certificate": text(old_authentication)},
            later=text(new),
            use="authentication",
        )
    )
    assert (untold["relation"], untold["same_person"]) == (None, None)

    # ended: its key opens nothing
    client.delete(f"{API}/verifiers/bank")
    assert told(bank.ask("challenges", origin=ORIGIN), 401)

    # the journal knows every act, and nothing personal
    rows = client.get(f"{API}/journal/{resident}").text
    assert "tell_attributes" in rows and "箱の内" not in rows
    deliver(home.box)
