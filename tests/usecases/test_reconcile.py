"""``db check``: one story, and planted damage of every kind found and named."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from json import loads
from pathlib import Path
from shutil import copy, copytree

import pytest
from cryptography import x509

from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.move_in import MoveIn, move_in
from mynabox.usecases.move_out import MoveOut, move_out
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.show import list_cards
from mynabox.usecases.status import publish_list
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from mynabox.usecases.take_over_card import BringCard, take_over_card
from mynabox.wiring import Home
from tests.boxes import NOW, PROGRAM, box_in, days, run, walk
from tests.usecases.places import Place


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box whose whole story was told."""
    folder = tmp_path_factory.mktemp("told") / "box"
    with box_in(folder, at=days().registered) as home:
        walk(home)
        publish_list("signature-01", home.box)
        assert reconcile(home.box).findings == ()
    return folder


@pytest.fixture
def folder(told: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    copytree(told, tmp_path / "box", ignore=lambda _, names: [])
    return tmp_path / "box"


def sql(*statements: str) -> Callable[[Path], None]:
    """Damage by somebody with the database file and no respect for triggers."""

    def act(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "box.db")) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert connection.execute(statement).rowcount > 0, statement
            connection.commit()

    return act


def chip_gone(folder: Path) -> None:
    next((folder / "cards").glob("*.card")).unlink()


def chip_torn(folder: Path) -> None:
    file = next((folder / "cards").glob("*.card"))
    file.write_bytes(file.read_bytes()[:-9])


def chip_of_nobody(folder: Path) -> None:
    file = next((folder / "cards").glob("*.card"))
    copy(file, file.with_name("9999999999999999.card"))


def letter_gone(folder: Path) -> None:
    next((folder / "post").glob("*-notice-*.pdf")).unlink()


def letter_changed(folder: Path) -> None:
    file = next((folder / "post").glob("*-notice-*.pdf"))
    file.write_bytes(file.read_bytes() + b"\n% one more line\n")


def letter_of_nobody(folder: Path) -> None:
    file = next((folder / "post").glob("*-notice-*.pdf"))
    copy(file, file.with_name("2026-11-20-notice-out-nobodysent0000.pdf"))


def strangers_card(folder: Path) -> None:
    chip_of_nobody(folder)
    (folder / "tray").mkdir(exist_ok=True)
    (folder / "tray" / "0").write_text("9999999999999999\n")


def tray_torn(folder: Path) -> None:
    (folder / "tray").mkdir(exist_ok=True)
    (folder / "tray" / "0").write_bytes(b"\xff\x00")


DAMAGE: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a journal row changed": (
        sql("UPDATE journal SET actor = 'nobody' WHERE action = 'report_lost'"),
        {"journal"},
    ),
    "a card revived": (
        sql("UPDATE cards SET state = 'suspended' WHERE state = 'active'"),
        {"card_state", "certificate_state", "loss_over"},
    ),
    "a card taken back to the factory": (
        sql("UPDATE cards SET state = 'produced' WHERE state = 'active'"),
        {"card_state", "certificate_state", "delivery_over"},
    ),
    "a card of another day": (
        sql("UPDATE cards SET expires = '2020-01-01'"),
        {"card_days", "chip_record"},
    ),
    "a dead person with a card": (
        sql(
            "UPDATE residents SET state = 'dead' WHERE id = "
            "(SELECT resident FROM cards LIMIT 1)"
        ),
        {"holder_gone"},
    ),
    "a certificate taken back to before its hand-over": (
        sql(
            "UPDATE certificates SET state = 'issued' "
            "WHERE serial = (SELECT max(serial) FROM certificates)"
        ),
        {"certificate_state"},
    ),
    "another certificate in the register": (
        sql(
            "UPDATE certificates SET der = (SELECT der FROM authorities LIMIT 1) "
            "WHERE serial = (SELECT max(serial) FROM certificates)"
        ),
        {"certificate"},
    ),
    "a certificate that nobody issued": (
        sql(
            "DELETE FROM journal_subjects WHERE subject = "
            "(SELECT 'cert-' || max(serial) FROM certificates)"
        ),
        {"journal", "certificate_unsaid"},
    ),
    "the number of a person lost": (
        sql(
            "DELETE FROM numbers WHERE resident = (SELECT resident FROM cards LIMIT 1)"
        ),
        {"number_lost"},
    ),
    "an entry away from the next list": (
        sql("UPDATE packed_stops SET entries = x''"),
        {"list_entry"},
    ),
    "a stop moved behind the lists' back": (
        sql("UPDATE certificates SET reason = 'superseded' WHERE state = 'revoked'"),
        {"list_entry"},
    ),
    "a word that finds a person gone": (
        sql("DELETE FROM search_keys WHERE kind = 'address'"),
        {"search_keys"},
    ),
    "a former reading gone": (
        sql("UPDATE resident_history SET nth = nth + 100"),
        {"history"},
    ),
    "a ward of whom nobody spoke": (
        sql(
            "UPDATE residents SET guardian = 'x', ward_since = '2099-01-01'"
            " WHERE id = (SELECT resident FROM cards LIMIT 1)"
        ),
        {"guardianship"},
    ),
    "a ward whom the database did not guard": (
        sql(
            "UPDATE residents SET guardian = 'x', ward_since = '2000-01-01'"
            " WHERE id = (SELECT resident FROM certificates"
            " WHERE kind = 'signature' AND state = 'active')"
        ),
        {"guardianship", "ward_signs"},
    ),
    "a household torn apart": (
        sql(
            "UPDATE residents SET household = 'H', relation = 'spouse',"
            " state = 'registered'",
            "UPDATE residents SET relation = 'head', address = 'elsewhere'"
            " WHERE id = (SELECT resident FROM cards LIMIT 1)",
        ),
        {"household", "search_keys"},
    ),
    "a notice that came back by itself": (
        sql("UPDATE notices SET state = 'returned' WHERE state = 'received'"),
        {"notice_state"},
    ),
    "a notice that nobody issued": (
        sql("DELETE FROM journal_subjects WHERE subject LIKE 'ntc-%'"),
        {"journal", "notice_unsaid"},
    ),
    "a form that nobody printed": (
        sql(
            "INSERT INTO forms (id, resident, nth, municipality, application_id,"
            " issued, name, address) SELECT 'frm-x', resident, 1, municipality, '7',"
            " issued, form_name, form_address FROM notices LIMIT 1"
        ),
        {"form_unsaid"},
    ),
    "an application that nobody made": (
        sql("DELETE FROM journal_subjects WHERE subject LIKE 'app-%'"),
        {"journal", "application_unsaid"},
    ),
    "an application taken back to its applicant": (
        sql("UPDATE applications SET state = 'sent_back' WHERE state = 'produced'"),
        {"application_state", "application_card"},
    ),
    "an application that is to be produced once more": (
        sql("UPDATE applications SET state = 'received' WHERE state = 'produced'"),
        {"application_card"},
    ),
    "a card of another municipality": (
        sql("UPDATE cards SET municipality = '131016' WHERE state = 'active'"),
        {"card_elsewhere", "chip_record"},
    ),
    "a line on a card that says something else": (
        sql(
            "INSERT INTO card_notes SELECT serial, 2, municipality, '2026-11-20',"
            " 'address', 'elsewhere' FROM cards WHERE state = 'active'"
        ),
        {"card_lines"},
    ),
    "a card that nobody produced": (
        sql(
            "DELETE FROM journal_subjects WHERE subject ="
            " (SELECT serial FROM cards WHERE state = 'active')"
        ),
        {"journal", "card_unsaid", "certificate_unsaid"},
    ),
    "a person whom nobody registered": (
        sql(
            "DELETE FROM journal_subjects WHERE subject ="
            " (SELECT resident FROM cards WHERE state = 'active')"
        ),
        {"journal", "unheard_of", "number_unsaid"},
    ),
    "a certificate that nobody stopped": (
        sql(
            "DELETE FROM journal_subjects WHERE subject = (SELECT 'cert-' ||"
            " min(serial) FROM certificates WHERE state = 'revoked') AND rowid >"
            " (SELECT min(rowid) FROM journal_subjects WHERE subject = (SELECT"
            " 'cert-' || min(serial) FROM certificates WHERE state = 'revoked'))"
        ),
        {"journal", "stop_unsaid"},
    ),
    "a stranger's certificate on a card": (
        sql(
            "UPDATE certificates SET resident = (SELECT id FROM residents WHERE id <>"
            " (SELECT resident FROM cards LIMIT 1) LIMIT 1)"
            " WHERE serial = (SELECT max(serial) FROM certificates)"
        ),
        {"strangers_certificate"},
    ),
    "a tray that cannot be read": (tray_torn, {"tray_damaged"}),
    "a chip gone": (chip_gone, {"chip_missing"}),
    "a chip's file torn": (chip_torn, {"chip_damaged"}),
    "a chip of nobody": (chip_of_nobody, {"chip_without_card"}),
    "a letter gone": (letter_gone, {"letter_missing"}),
    "a letter changed": (letter_changed, {"letter_changed"}),
    "a letter of nobody": (letter_of_nobody, {"letter_unsaid"}),
    "a stranger's card in the reader": (
        strangers_card,
        {"chip_without_card", "strangers_card"},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(folder: Path, name: str) -> None:
    damage, codes = DAMAGE[name]
    damage(folder)
    with box_in(folder) as home:
        found = {one.code for one in reconcile(home.box).findings}
    assert codes <= found
    assert found - codes <= {"chip_certificate"}


def test_a_chip_that_carries_an_old_certificate(folder: Path) -> None:
    """the register has gone on, the chip has not"""
    chips = {file: file.read_bytes() for file in (folder / "cards").glob("*.card")}
    with box_in(folder, at=NOW) as home:
        _reissue(home)
        assert reconcile(home.box).findings == ()
    for file, content in chips.items():
        file.write_bytes(content)
    with box_in(folder) as home:
        codes = [one.code for one in reconcile(home.box).findings]
    assert codes == ["chip_certificate"]


def _reissue(home: Home) -> None:
    (card,) = list_cards(home.box)
    documents = ("drivers_licence",)
    stop_certificates(
        StopCertificates(serial=card.serial, documents=documents), home.box
    )
    reissue_certificates(
        ReissueCertificates(serial=card.serial, documents=documents), home.box
    )
    deliver(home.box)


def test_the_command_says_so_and_ends_with_one(folder: Path) -> None:
    home = ("--home", str(folder))
    good = run(PROGRAM, "db", "check", *home)
    assert "they tell one story" in good.stdout
    letter_gone(folder)
    bad = run(PROGRAM, "db", "check", *home, expect=1)
    assert "letter_missing" in bad.stdout
    told = run(PROGRAM, "db", "check", "--json", *home, expect=1)
    assert loads(told.stdout)["findings"][0]["code"] == "letter_missing"


def test_entries_of_lists_are_made_anew(folder: Path) -> None:
    sql("UPDATE packed_stops SET entries = x''")(folder)
    home = ("--home", str(folder))
    assert "ca crl signature-01 --anew" in run(
        PROGRAM, "db", "check", *home, expect=1
    ).stdout.replace("\n", " ")
    listed = run(PROGRAM, "ca", "crl", "signature-01", "--anew", *home).stdout
    with box_in(folder) as home_now, home_now.box.store.look() as work:
        stops = {stop.serial for stop in work.statuses.stops("signature-01")}
    parsed = x509.load_pem_x509_crl(listed.encode())
    assert {one.serial_number for one in parsed} == stops != set()
    run(PROGRAM, "db", "check", *home)


def test_a_clock_that_was_turned_back(at: Callable[[str], Place]) -> None:
    """what happened last is what the chain has last, whatever time it was then"""
    place = at("produced")
    before = place.box.clock.now()
    place.on((before - timedelta(days=3)).replace(tzinfo=None).isoformat())
    place.hand_over()
    place.lose()
    assert place.box.clock.now() < before
    deliver(place.box)
    assert reconcile(place.box).findings == ()


@pytest.mark.parametrize(
    ("arrives", "loses"),
    [
        ("2026-09-05", "2026-09-06"),
        ("2026-09-05", "2026-05-20"),
        ("2026-05-20", "2026-05-21"),
        ("2026-05-20", "2026-09-06"),
    ],
)
def test_a_clock_that_was_turned_back_over_a_move(
    at: Callable[[str], Place], arrives: str, loses: str
) -> None:
    """between two commits in the chains of two municipalities: the card was handed over
    in June"""
    place = at("active").on("2026-08-25")
    do_duties(place.box)
    ask = MoveOut(resident=place.hero, planned=date(2026, 9, 1))
    move_out(ask, place.box)
    place.on(arrives)
    there = MoveIn(
        resident=place.hero,
        municipality="131016",
        address="東京都千代田区箱町一丁目1番1号",
        moved_in=place.today,
    )
    move_in(there, place.box)
    juki = SPECIMEN_PINS["juki"]
    take_over_card(BringCard(serial=place.card.serial, pin=juki), place.box)
    place.on(loses).lose()
    deliver(place.box)
    assert reconcile(place.box).findings == ()
    with place.box.store.look() as work:
        rows = list(work.journal.about(place.card.serial))
    assert [row.entry.action for row in rows[-2:]] == ["take_over_card", "report_lost"]


@pytest.mark.parametrize("stage", ["opened", "produced", "active"])
def test_somebody_who_leaves(at: Callable[[str], Place], stage: str) -> None:
    """the row of their leaving names the card, each certificate and the application
    that ended with it"""
    place = at(stage)
    deliver(place.box)
    place.leave()
    with place.box.store.look() as work:
        (row,) = work.journal.rows(
            place.resident.municipality,
            after=work.journal.length(place.resident.municipality) - 1,
            limit=1,
        )
    ended = (
        {f"cert-{one.serial}" for one in place.certificates}
        if stage != "opened"
        else {place.application.id}
    )
    assert ended <= set(row.entry.subjects)
    assert reconcile(place.box).findings == ()


def test_a_card_in_place_of_another(at: Callable[[str], Place]) -> None:
    """the row of the hand-over names the older card's certificates, too"""
    place = at("active")
    deliver(place.box)
    older = place.certificates
    place.on("2036-01-05")
    place.have_card(produced="2036-01-10", collected="2036-01-20")
    deliver(place.box)
    with place.box.store.look() as work:
        for one in older:
            actions = [
                row.entry.action for row in work.journal.about(f"cert-{one.serial}")
            ]
            assert "hand_over" in actions
    assert reconcile(place.box).findings == ()
