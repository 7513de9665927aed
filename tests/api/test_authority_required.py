"""A box that wants to know who asks: who may do what, and what does not get through."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from mynabox.api.app import TOPICS
from mynabox.lifecycle.permission import limits, permissions
from mynabox.lifecycle.staff import Role
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.prove_resident import sign_with_card
from mynabox.usecases.prove_resident import told as written
from mynabox.usecases.show import all_residents, show_resident, verify_journal
from mynabox.usecases.sign_in import whose
from mynabox.usecases.staff_accounts import add_staff, end_staff, give_token
from mynabox.wiring import Home
from tests.boxes import box_in, walk
from tests.site import API, NEWCOMER, client_of

CITY, ELSEWHERE = "082201", "011002"
PASSWORD = "correct horse battery"
NOT_THERE = {
    "resident": "res-aaaaaaaaaaaaaaaa",
    "serial": "0" * 16,
    "application": "app-aaaaaaaaaaaaaaaa",
    "approval": "apv-aaaaaaaaaaaaaaaa",
    "issuance_number": "999999",
    "subject": "res-aaaaaaaaaaaaaaaa",
    "name": "age",
    "rule": "R001",
}


class NotThere(dict[str, str]):
    """Names of things that are not there, whatever a path calls them."""

    def __missing__(self, part: str) -> str:
        return "xyz-aaaaaaaaaaaaaaaa"


# Who may, by the first letters of the roles: clerk, supervisor, production, hotline,
# operator, auditor.
TABLE = """
listResidents         c s
registerResident      c s
importResidents       c s
exportResidents         s
getResident           c s   h
leaveRegister         c s
assignNumber          c s
discloseNumber        c s
listNotices           c s
issueNotice           c s
noteNotice            c s
getApplication        c s p
listCards             c s p
produceCard               p
getCard               c s p h
handOverCard          c s
giveUpPins            c s
takeUpPins            c s
reportLost            c s   h
reportFound           c s
listCertificates      c s p h
reissueCertificates   c s
getCertificate        c s p h
getCardFront          c s p
getCardBack           c s p
requestNumberChange   c s
requestRevocation     c s
listApprovals         c s       a
getApproval           c s       a
approveRequest          s
declineRequest          s
listJournal                     a
followEvents          c s p     a
verifyJournal                   a
getAccessLog                    a
registerVerifier              o
listVerifiers                 o a
getVerifier                   o a
renewVerifierKey              o
endVerifier                   o
listConsents                    a
"""
LETTERS = {role.value[0]: role for role in Role}
MAY = {
    line.split()[0]: {LETTERS[letter] for letter in line.split()[1:]}
    for line in TABLE.strip().splitlines()
}


@dataclass(frozen=True)
class Office:
    """A told box with authority, and somebody of every role."""

    home: Home
    client: TestClient
    tokens: dict[str, str]
    resident: str
    serial: str

    def ask(
        self, method: str, path: str, token: str | None = None, **other: Any
    ) -> Any:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return self.client.request(method, f"{API}{path}", headers=headers, **other)

    def by(self, who: str, method: str, path: str, **other: Any) -> Any:
        return self.ask(method, path, self.tokens[who], **other)


def with_authority(home: Home) -> Home:
    site = replace(home.box.site, authority="required")
    return replace(home, box=replace(home.box, site=site))


@dataclass(frozen=True)
class Built:
    """A box from which every test has its copy."""

    folder: Path
    tokens: dict[str, str]
    resident: str
    serial: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("office") / "box"
    with box_in(folder) as home:
        walk(home, until=8)
        tokens = {}
        for role in Role:
            add_staff(role.value, [role], home.box, municipality=CITY)
            tokens[role.value] = give_token(role.value, "", home.box).secret
        add_staff("stranger", list(Role), home.box, municipality=ELSEWHERE)
        tokens["stranger"] = give_token("stranger", "", home.box).secret
        add_staff("chief", list(Role), home.box)
        tokens["chief"] = give_token("chief", "", home.box).secret
        add_staff("password", [Role.CLERK], home.box, password=PASSWORD)
        shown = next(
            shown
            for person in all_residents(home.box)
            if (shown := show_resident(person.id, home.box)).cards
        )
        return Built(folder, tokens, shown.resident.id, shown.cards[-1].card.serial)


@pytest.fixture
def office(built: Built, tmp_path: Path) -> Iterator[Office]:
    with box_in(Path(copytree(built.folder, tmp_path / "box"))) as open_home:
        home = with_authority(open_home)
        yield Office(home, client_of(home), built.tokens, built.resident, built.serial)


def operations(home: Home) -> dict[str, tuple[str, str]]:
    """(method, path of things that are not there) of every operation."""
    return {
        str(route.operation_id): (
            next(iter(route.methods or ())),
            route.path.format_map(NotThere(NOT_THERE)),
        )
        for topic in TOPICS
        for route in topic.routes(home.box).routes
        if isinstance(route, APIRoute)
    }


def code(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# Who may


def test_the_table_here_is_the_table_of_the_box() -> None:
    """written down twice, so that a slip of the pen in one shows"""
    kept = {name: rule.roles for name, rule in permissions().items()}
    assert {name: kept[name] for name in MAY} == MAY


def test_every_role_with_every_operation(office: Office) -> None:
    """asked for things that are not there: 401 and 403 come before anything else"""
    asked = 0
    for name, (method, path) in operations(office.home).items():
        rule = permissions()[name]
        nameless = office.ask(method, path)
        if rule.anyone:
            assert nameless.status_code not in (401, 403), name
            continue
        said = "verifier.key_needed" if rule.verifier else "authority.sign_in_first"
        assert code(nameless) == (401, said), name
        assert nameless.headers["www-authenticate"] == "Bearer"
        for role in Role:
            answer = office.by(role.value, method, path)
            if role in rule.roles:
                assert answer.status_code not in (401, 403), (name, role)
                assert answer.status_code < 500, (name, role)
            else:
                not_theirs = (
                    "verifier.key_needed"
                    if rule.verifier
                    else "authority.not_your_task"
                )
                assert code(answer) == (403, not_theirs), (name, role)
            asked += 1
    assert asked >= len(MAY) * len(Role)


OF_ONE_PLACE = [
    ("GET", "/residents/{resident}"),
    ("GET", "/residents/{resident}/notices"),
    ("POST", "/residents/{resident}/notices"),
    ("POST", "/residents/{resident}/lost"),
    ("POST", "/residents/{resident}/number"),
    ("POST", "/residents/{resident}/number/disclosure"),
    ("POST", "/residents/{resident}/number/change"),
    ("POST", "/residents/{resident}/departure"),
    ("GET", "/residents/{resident}/access-log"),
    ("GET", "/cards/{serial}"),
    ("GET", "/cards/{serial}/front"),
    ("POST", "/cards/{serial}/back"),
    ("POST", "/cards/{serial}/handover"),
    ("POST", "/cards/{serial}/found"),
    ("POST", "/cards/{serial}/revocation"),
    ("GET", "/cards/{serial}/certificates"),
    ("POST", "/cards/{serial}/certificates"),
]


@pytest.mark.parametrize(("method", "path"), OF_ONE_PLACE)
def test_another_municipality_is_shut(office: Office, method: str, path: str) -> None:
    """whatever one's roles; nothing is told of the person"""
    there = path.format(resident=office.resident, serial=office.serial)
    answer = office.by("stranger", method, there, json={})
    assert code(answer) == (403, "authority.other_municipality")
    assert office.by("chief", method, there, json={}).status_code != 403


def test_lists_are_narrowed_to_ones_own(office: Office) -> None:
    own = office.by("clerk", "GET", "/residents?limit=200").json()["residents"]
    assert {one["municipality"] for one in own} == {CITY}
    everybody = office.by("chief", "GET", "/residents?limit=200").json()["residents"]
    assert len(everybody) > len(own)
    other = office.by("clerk", "GET", f"/residents?municipality={ELSEWHERE}")
    assert code(other) == (403, "authority.other_municipality")
    assert office.by("stranger", "GET", "/cards").json()["cards"] == []
    assert len(office.by("clerk", "GET", "/cards").json()["cards"]) == 1


def test_nobody_is_entered_in_anothers_register(office: Office) -> None:
    """the person is in the body, so the transaction itself is refused"""
    before = len(list(all_residents(office.home.box)))
    newcomer = {**NEWCOMER, "record_code": "27182818286"}
    answer = office.by("stranger", "POST", "/residents", json=newcomer)
    assert code(answer) == (403, "authority.other_municipality")
    assert len(list(all_residents(office.home.box))) == before


def test_the_journal_bears_who_did_it(office: Office) -> None:
    office.by("hotline", "POST", f"/residents/{office.resident}/lost")
    office.by(
        "clerk",
        "POST",
        f"/residents/{office.resident}/number/disclosure",
        json={"requester": "employer", "purpose": "tax"},
    )
    rows = office.by("auditor", "GET", f"/journal/{office.resident}").json()
    said = [(row["action"], row["actor"]) for row in rows[-2:]]
    assert said == [
        ("report_lost", "staff:hotline"),
        ("disclose_number", "staff:clerk"),
    ]


def test_an_auditor_reads_the_chain_of_their_own_municipality(office: Office) -> None:
    own = office.by("auditor", "GET", f"/journal/{office.resident}").json()
    assert own
    assert {row["municipality"] for row in own} == {CITY}
    assert office.by("stranger", "GET", f"/journal/{office.resident}").json() == []
    assert office.by("chief", "GET", f"/journal/{office.resident}").json() == own


# Sessions


def sign_in(office: Office, password: str = PASSWORD) -> Any:
    ask = {"name": "password", "password": password}
    return office.ask("POST", "/session", json=ask)


def test_in_and_out(office: Office) -> None:
    opened = sign_in(office)
    assert opened.status_code == 201
    assert opened.headers["cache-control"] == "no-store"
    token = opened.json()["token"]
    who = office.ask("GET", "/session", token).json()
    assert who == {
        "actor": "staff:password",
        "roles": ["clerk"],
        "municipality": None,
        "authority": "required",
    }
    assert office.ask("DELETE", "/session", token).status_code == 204
    replayed = office.ask("GET", "/residents", token)
    assert code(replayed) == (401, "authority.session_over")


def test_a_session_that_is_over(office: Office) -> None:
    token = sign_in(office).json()["token"]
    now = office.home.box.clock.now()
    office.home.clock.set(now + timedelta(hours=limits().session_hours))
    answer = office.ask("GET", "/residents", token)
    assert code(answer) == (401, "authority.session_over")


def test_a_token_of_an_account_that_ended(office: Office) -> None:
    end_staff("clerk", office.home.box)
    answer = office.by("clerk", "GET", "/residents")
    assert code(answer) == (401, "authority.session_over")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Bearer x", "authority.session_over"),
        ("bearer " + "A" * 43, "authority.session_over"),
        ("Bearer ", "authority.bearer_only"),
        ("Basic Y2xlcms6eA==", "authority.bearer_only"),
        ("x", "authority.bearer_only"),
    ],
)
def test_what_is_no_token(office: Office, header: str, said: str) -> None:
    """not even where nobody need say who they are"""
    for path in ("/residents", "/clock"):
        answer = office.client.get(f"{API}{path}", headers={"authorization": header})
        assert code(answer) == (401, said)


def test_passwords_are_not_guessed(office: Office) -> None:
    for _ in range(limits().password_failures):
        answer = sign_in(office, "wrong horse battery")
        assert code(answer) == (422, "authority.wrong_name_or_password")
        assert "wrong horse" not in answer.text
    answer = sign_in(office)
    assert code(answer) == (429, "authority.sign_in_waits")
    assert 1 <= int(answer.headers["retry-after"]) <= 30


def test_a_token_binds_in_an_open_box_too(office: Office) -> None:
    """but without one, everything is open"""
    site = replace(office.home.box.site, authority="open")
    home = replace(office.home, box=replace(office.home.box, site=site))
    client = client_of(home)
    assert client.get(f"{API}/residents").status_code == 200
    headers = {"authorization": f"Bearer {office.tokens['operator']}"}
    answer = client.get(f"{API}/residents", headers=headers)
    assert code(answer) == (403, "authority.not_your_task")


# Four eyes over HTTP

LEAK = {
    "ground": "leaked_and_likely_misused",
    "reason": "found on a train",
    "documents": ["passport"],
}


def test_a_number_is_changed_by_two(office: Office) -> None:
    path = f"/residents/{office.resident}/number/change"
    asked = office.by("supervisor", "POST", path, json=LEAK)
    assert asked.status_code == 201
    approval = asked.json()["id"]
    own = office.by("supervisor", "POST", f"/approvals/{approval}/approval")
    assert code(own) == (403, "authority.four_eyes")
    clerk = office.by("clerk", "POST", f"/approvals/{approval}/approval")
    assert code(clerk) == (403, "authority.not_your_task")
    stranger = office.by("stranger", "POST", f"/approvals/{approval}/approval")
    assert code(stranger) == (403, "authority.other_municipality")
    (waiting,) = office.by("clerk", "GET", "/approvals?waiting=true").json()
    assert (waiting["id"], waiting["state"]) == (approval, "requested")
    assert office.by("stranger", "GET", "/approvals").json() == []
    done = office.by("chief", "POST", f"/approvals/{approval}/approval").json()
    assert done["cards"] == [office.serial]
    assert done["notice"]
    card = office.by("clerk", "GET", f"/cards/{office.serial}").json()
    assert card["state"] == "void"
    again = office.by("chief", "POST", f"/approvals/{approval}/approval")
    assert code(again) == (422, "approval.not_possible_now")
    assert verify_journal(office.home.box) == []


def test_certificates_are_revoked_by_two(office: Office) -> None:
    ask = {"ground": "key_unsafe", "reason": "seen by others"}
    path = f"/cards/{office.serial}/revocation"
    asked = office.by("clerk", "POST", path, json=ask).json()
    shown = office.by("clerk", "GET", f"/approvals/{asked['id']}").json()
    assert shown == asked
    done = office.by("supervisor", "POST", f"/approvals/{asked['id']}/approval").json()
    assert len(done["certificates"]) == 2
    assert done["notice"] is None
    declined = office.by("clerk", "POST", path, json=ask).json()["id"]
    answer = office.by("supervisor", "POST", f"/approvals/{declined}/refusal").json()
    assert answer["state"] == "declined"


# The resident


def resident_token(office: Office) -> str:
    """A session by the card in the reader, over HTTP."""
    office.home.box.cards.insert(office.serial)
    proof = sign_with_card(
        office.serial, SPECIMEN_PINS["authentication"], office.home.box
    )
    ask = {
        "challenge": written(proof.challenge),
        "certificate": written(proof.certificate),
        "signature": written(proof.signature),
    }
    opened = office.ask("POST", "/resident-session", json=ask)
    assert opened.status_code == 201
    replayed = office.ask("POST", "/resident-session", json=ask)
    assert code(replayed) == (422, "authority.resident_proof")
    return str(opened.json()["token"])


def test_residents_read_their_own_log(office: Office) -> None:
    token = resident_token(office)
    log = office.ask("GET", f"/residents/{office.resident}/access-log", token).json()
    assert log["resident"] == office.resident
    assert [one["purpose"] for one in log["looks"]] == [
        "assignment",
        "notification",
        "card_issue",
        "card_issue",
    ]
    assert all(len(one["row"]["hash"]) == 64 for one in log["looks"])
    assert [head["municipality"] for head in log["heads"]] == [CITY]
    with office.home.box.store.look() as work:
        current = work.numbers.current(office.resident)
    assert current is not None
    assert current.number.digits not in str(log)


def test_residents_do_nothing_else(office: Office) -> None:
    token = resident_token(office)
    other = next(
        one.id for one in all_residents(office.home.box) if one.id != office.resident
    )
    answer = office.ask("GET", f"/residents/{other}/access-log", token)
    assert code(answer) == (403, "authority.not_yours")
    for method, path in (
        ("GET", f"/residents/{office.resident}"),
        ("GET", "/residents"),
        ("POST", f"/residents/{office.resident}/lost"),
        ("GET", f"/journal/{office.resident}"),
    ):
        assert code(office.ask(method, path, token)) == (
            403,
            "authority.not_your_task",
        )


def test_a_challenge_is_handed_out(office: Office) -> None:
    answer = office.ask("POST", "/resident-session/challenge").json()
    assert len(answer["challenge"]) == 43
    assert answer["prefix"].startswith("mynabox resident session")


def test_nothing_secret_is_in_the_tables(office: Office) -> None:
    """what a token opens is known by its hash alone"""
    token = sign_in(office).json()["token"]
    assert whose(token, office.home.box) is not None
    held = b"".join(path.read_bytes() for path in office.home.path.glob("box.db*"))
    for secret in (token, PASSWORD, *office.tokens.values()):
        assert secret.encode() not in held
    assert assign_number(office.resident, office.home.box).resident == office.resident
