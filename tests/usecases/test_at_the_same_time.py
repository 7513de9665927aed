"""Many people do the same thing at the same time: one of them has done it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.deliver import deliver
from mynabox.usecases.open_box import open_box
from mynabox.usecases.show import list_authorities, verify_journal
from mynabox.usecases.status import answer_ocsp, publish_list
from tests.usecases.places import Place, particulars, place_in, record_codes, rows_in

At = Callable[[str], Place]
MANY = 6


def at_once(
    places: list[Place], do: Callable[[Place, int], object]
) -> list[tuple[str, object]]:
    """Everybody does it in the same moment: what each got, by ``done`` or the code
    of a refusal; any other trouble fails the test."""
    together = Barrier(len(places))

    def one(place: Place, nth: int) -> tuple[str, object]:
        together.wait()
        try:
            return "done", do(place, nth)
        except Refused as refused:
            return refused.code, refused

    with ThreadPoolExecutor(len(places)) as pool:
        return list(pool.map(one, places, range(len(places))))


@pytest.fixture(params=["one store", "a store each"])
def crowd(request: pytest.FixtureRequest, at: At) -> Callable[[str], list[Place]]:
    """Many desks at the same box: threads of one process, or each with a store of
    its own as processes have it."""

    def gather(stage: str) -> list[Place]:
        place = at(stage)
        deliver(place.box)
        if request.param == "one store":
            return [place] * MANY
        stack = ExitStack()
        request.addfinalizer(stack.close)
        others = [
            stack.enter_context(place_in(place.home.path, place.machine.moment))
            for _ in range(MANY - 1)
        ]
        return [place, *(replace(other, hero=place.hero) for other in others)]

    return gather


RACES: list[tuple[str, str, Callable[[Place, int], object], set[str], str]] = [
    (
        "notice",
        "numbered",
        lambda place, nth: place.notice(),
        {"notice.never_reissued"},
        "issue_notice",
    ),
    (
        "form",
        "opened",
        lambda place, nth: place.submit(token=place.token()),
        {"application.link_used"},
        "submit_application",
    ),
    (
        "production",
        "applied",
        lambda place, nth: place.produce(),
        {"production.application_not_ready"},
        "produce_card",
    ),
    (
        "hand-over",
        "produced",
        lambda place, nth: place.hand_over(),
        {"hand_over.not_waiting"},
        "hand_over",
    ),
    (
        "hotline",
        "active",
        lambda place, nth: place.lose(),
        {"lost.already_stopped"},
        "report_lost",
    ),
    (
        "found",
        "suspended",
        lambda place, nth: place.find(),
        {"card.not_possible_now"},
        "report_found",
    ),
    (
        "certificates",
        "found",
        lambda place, nth: place.reissue(),
        {"certificates.none_lacking"},
        "reissue_certificates",
    ),
    (
        "leaving",
        "active",
        lambda place, nth: place.leave(),
        {"resident.not_possible_now"},
        "leave_register",
    ),
]


@pytest.mark.parametrize(
    ("stage", "do", "refusals", "action"),
    [row[1:] for row in RACES],
    ids=[row[0] for row in RACES],
)
def test_exactly_one_has_done_it(
    crowd: Callable[[str], list[Place]],
    stage: str,
    do: Callable[[Place, int], object],
    refusals: set[str],
    action: str,
) -> None:
    """all others are told why not, in the words of the rules"""
    places = crowd(stage)
    before = Counter(row[4] for row in rows_in(places[0].home.path)["journal"])
    done = Counter(code for code, _ in at_once(places, do))
    assert done["done"] == 1
    assert set(done) - {"done"} <= refusals
    after = Counter(row[4] for row in rows_in(places[0].home.path)["journal"])
    assert after - before == Counter({action: 1})
    assert verify_journal(places[0].box) == []


def test_everybody_hears_the_same_number(
    crowd: Callable[[str], list[Place]],
) -> None:
    """R002: the one that was given first"""
    places = crowd("registered")
    heard = {str(found) for _, found in at_once(places, lambda p, _: p.number())}
    assert len(heard) == 1
    rows = rows_in(places[0].home.path)
    assert len(rows["numbers"]) == 1
    assert [row[4] for row in rows["journal"]].count("assign_number") == 1


def test_one_person_entered_by_many(crowd: Callable[[str], list[Place]]) -> None:
    """the record code is one person's: whoever is late finds them there"""
    places = crowd("registered")
    values = particulars(record_code=next(record_codes()))
    how = Counter(
        str(getattr(done, "how", code))
        for code, done in at_once(places, lambda place, _: place.register(values))
    )
    assert how == {"registered": 1, "already_there": MANY - 1}


def test_many_people_at_once(crowd: Callable[[str], list[Place]]) -> None:
    """everybody gets a number, and no two the same"""
    places = crowd("registered")
    codes = record_codes()
    people = [
        places[0].enter(particulars(record_code=next(codes))).hero for _ in places
    ]
    given = at_once(places, lambda place, nth: place.of(people[nth]).number())
    assert [code for code, _ in given] == ["done"] * MANY
    rows = rows_in(places[0].home.path)["numbers"]
    assert len({row[7] for row in rows}) == MANY


def test_many_ask_for_the_link(crowd: Callable[[str], list[Place]]) -> None:
    """one application; only the last link leads to it"""
    places = crowd("noticed")
    done = at_once(places, lambda place, _: place.open())
    assert [code for code, _ in done] == ["done"] * MANY
    assert len(places[0].shown().applications) == 1
    deliver(places[0].box)
    links = {
        text.split()[-1].rpartition("/")[2]
        for text in places[0].home.mail.texts("specimen@mynabox.invalid")
    }
    assert len(links) == MANY
    tried: Counter[str] = Counter()
    for token in sorted(links):
        try:
            tried[places[0].submit(token=token).state.value] += 1
        except Refused as refused:
            tried[refused.code] += 1
    assert tried["received"] == 1
    assert sum(tried.values()) == MANY


def test_the_secrets_are_those_of_the_clerk_who_did_it(
    crowd: Callable[[str], list[Place]],
) -> None:
    """whose hand-over went through, not who was last"""
    places = crowd("produced")
    pins = [f"{nth}{nth}70" for nth in range(MANY)]
    done = at_once(
        places,
        lambda place, nth: place.hand_over(
            pins={**SPECIMEN_PINS, "authentication": Pin(pins[nth])}
        ),
    )
    (winner,) = (nth for nth, (code, _) in enumerate(done) if code == "done")
    place = places[0]
    assert place.card.state is CardState.ACTIVE
    connection = place.box.cards.connect(place.card.serial)
    session = JpkiSession(connection)
    with pytest.raises(WrongPin):
        session.verify(Kind.AUTHENTICATION, pins[winner - 1])
    session.verify(Kind.AUTHENTICATION, pins[winner])
    connection.close()


def test_the_chip_has_the_certificates_that_the_register_has(
    crowd: Callable[[str], list[Place]],
) -> None:
    """though many asked for new keys at once"""
    places = crowd("found")
    at_once(places, lambda place, _: place.reissue())
    place = places[0]
    deliver(place.box)
    connection = place.box.cards.connect(place.card.serial)
    session = JpkiSession(connection)
    for kind, pin in ((Kind.AUTHENTICATION, "1234"), (Kind.SIGNATURE, "ABC123")):
        session.verify(kind, pin)
        carried = x509.load_der_x509_certificate(session.certificate(kind))
        assert carried.serial_number in {one.serial for one in place.certificates}
        signed = session.sign(kind, b"text")
        key = carried.public_key()
        assert isinstance(key, RSAPublicKey)
        key.verify(signed, b"text", PKCS1v15(), SHA256())
    connection.close()


def test_lists_are_numbered_one_after_the_other(
    crowd: Callable[[str], list[Place]],
) -> None:
    """many publish at once: no CRL number twice, none left out"""
    places = crowd("active")
    done = at_once(places, lambda place, _: publish_list("signature-01", place.box))
    numbers = sorted(getattr(made, "number", 0) for _, made in done)
    assert numbers == list(range(numbers[0], numbers[0] + MANY))


def test_one_responder_answers_for_all(crowd: Callable[[str], list[Place]]) -> None:
    """the first questions of the day come together"""
    places = crowd("active")
    certificate = places[0].certificates[0]
    leaf = x509.load_der_x509_certificate(certificate.der)
    issuer = next(
        x509.load_der_x509_certificate(one.der)
        for one in list_authorities(places[0].box)
        if one.name == certificate.issuer
    )
    question = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(leaf, issuer, SHA256())
        .build()
        .public_bytes(Encoding.DER)
    )
    done = at_once(places, lambda place, _: answer_ocsp(question, place.box))
    assert [code for code, _ in done] == ["done"] * MANY
    responders = rows_in(places[0].home.path)["responders"]
    assert len(responders) == len(CertificateKind)


def test_a_box_opened_by_many(tmp_path: Path) -> None:
    """both authorities come into being once"""
    folder = tmp_path / "box"

    def one(_: int) -> bool:
        with place_in(folder, keys="new") as place:
            return open_box(place.box).made

    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(one, range(MANY)))
    rows = rows_in(folder)
    assert sorted(str(row[0]) for row in rows["authorities"]) == [
        "authentication-01",
        "signature-01",
    ]
    assert [row[4] for row in rows["journal"]].count("open_box") == 1


PROGRAM = """
import sys
from pathlib import Path
from mynabox.settings import Settings
from mynabox.usecases.assign_number import assign_number
from mynabox.wiring import open_home
home = open_home(Settings(home=Path(sys.argv[1])))
for person in sys.argv[2:]:
    assign_number(person, home.box)
home.close()
"""


def test_processes_give_numbers(at: At) -> None:
    """real processes, the same people in another order each: one number for each"""
    place = at("registered")
    codes = record_codes()
    people = [place.enter(particulars(record_code=next(codes))).hero for _ in range(30)]
    orders = (people, people[::-1], people[10:] + people[:10])
    processes = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, place.home.path, *order])
        for order in orders
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    rows = rows_in(place.home.path)
    assert len(rows["numbers"]) == len({row[7] for row in rows["numbers"]}) == 30
    assert [row[4] for row in rows["journal"]].count("assign_number") == 30
    assert verify_journal(place.box) == []
