"""The register written to a file that another box takes in."""

from pathlib import Path

from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
)
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.sandbox.specimen import specimen_residents
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.export_residents import export_residents
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.register_resident import Taken
from mynabox.usecases.show import all_residents, verify_journal
from tests.boxes import PROGRAM, box_in, days, run


def test_what_went_out_comes_in_elsewhere(tmp_path: Path) -> None:
    """everybody, byte for byte, without their Individual Numbers; in the first box
    they are all there already"""
    register = specimen_residents()
    with box_in(tmp_path / "one", at=days().registered) as home:
        list(import_residents(register.splitlines(keepends=True), home.box))
        people = {one.record_code: one for one in all_residents(home.box)}
        numbers = []
        for person in list(people.values())[:5]:
            numbers.append(assign_number(person.id, home.box).number.digits)
        out = list(export_residents(home.box))
        assert verify_journal(home.box) == []
        again = list(import_residents(out, home.box))
    assert {line.taken for line in again} == {Taken.ALREADY_THERE}
    assert len(out) == len(people) + 1
    text = b"".join(out).decode()
    assert not any(number in text for number in numbers)
    with box_in(tmp_path / "two", at=days().registered) as home:
        taken = list(import_residents(out, home.box))
        assert [line.refused for line in taken] == [None] * len(people)
        for one in all_residents(home.box):
            before = people[one.record_code]
            for column in set(COLUMNS) - {"number"}:
                assert getattr(one, column) == getattr(before, column)


def test_who_left_is_not_in_it_and_the_journal_knows_who_asked(tmp_path: Path) -> None:
    with box_in(tmp_path / "box", at=days().registered) as home:
        list(import_residents(specimen_residents().splitlines(True), home.box))
        gone = next(iter(all_residents(home.box)))
        leave_register(gone.id, ResidentEvent.DIED, home.box)
        of_one = list(export_residents(home.box, municipality=gone.municipality))
        everybody = list(export_residents(home.box))
        with home.box.store.look() as work:
            rows = [row.entry for row in work.journal.chain(gone.municipality)]
    assert len(of_one) < len(everybody)
    assert not any(gone.record_code.encode() in line for line in everybody)
    assert all(f",{gone.municipality},".encode() in line for line in of_one[1:])
    assert rows[-1].action == "export_residents"


def test_the_command(tmp_path: Path) -> None:
    """writes a whole file or none, and over nothing"""
    (tmp_path / "in.csv").write_bytes(specimen_residents())
    home = ("--home", tmp_path / "box")
    run(PROGRAM, "resident", "import", "--quiet", tmp_path / "in.csv", *home)
    out = tmp_path / "out.csv"
    told = run(PROGRAM, "resident", "export", out, *home)
    assert "people" in told.stdout
    assert out.read_text("utf-8").splitlines()[0] == ",".join(
        COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS
    )
    refused = run(PROGRAM, "resident", "export", out, *home, expect=2)
    assert "--force" in refused.stderr
    run(PROGRAM, "resident", "export", "--force", out, *home)
    screen = run(PROGRAM, "resident", "export", "-", *home)
    assert screen.stdout == out.read_text("utf-8")
    lost = run(
        PROGRAM, "resident", "export", tmp_path / "no" / "x.csv", *home, expect=2
    )
    assert "cannot write" in lost.stderr
    assert [path.name for path in tmp_path.glob(".*.part")] == []
    nowhere = run(
        *(PROGRAM, "resident", "export", "--municipality", "000000", "-"),
        *home,
        expect=2,
    )
    assert "no municipality" in nowhere.stderr
