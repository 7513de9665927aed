"""``mynabox resident``: the register."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.lifecycle.guardianship import GuardianshipEvent
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.usecases.import_residents import Line, import_residents
from mynabox.usecases.show import ResidentShown, list_residents, show_resident

resident = typer.Typer(
    help="The register: import and export people, show one of them.",
    no_args_is_help=True,
)


@resident.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header.")],
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Only what was refused, and the sums.")
    ] = False,
) -> None:
    """Enter people from a CSV file; every line is taken whole or refused.

    Exit status 1 if a line was refused. Importing a file again changes nothing.

    Example: mynabox resident import examples/residents.csv
    """
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    sums: Counter[str] = Counter()
    report = []
    with (
        opened(home, create=True) as box,
        file.open("rb") as lines,
        screen.progress("lines", None) as progress,
    ):
        for line in import_residents(lines, box.box):
            progress.one()
            sums["refused" if line.refused else str(line.taken)] += 1
            if json:
                report.append(_as_json(line))
            elif line.refused or not quiet:
                screen.line(describe(line))
    if json:
        screen.as_json({"lines": report, "sums": sums})
    else:
        screen.line(", ".join(f"{sums[key]} {key}" for key in sorted(sums)))
    if sums["refused"]:
        raise typer.Exit(1)


@resident.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="CSV file to write; - is the screen.")],
    municipality: Annotated[
        str | None, typer.Option(help="Only this one: its six-digit code.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Write everybody who is registered now to a CSV file that 'import' takes.

    Individual Numbers are not in it. The file appears when it is complete.

    Examples: mynabox resident export people.csv,
    mynabox resident export --municipality 082201 tsukuba.csv
    """
    from mynabox.law.municipality import UnknownMunicipality
    from mynabox.law.municipality import municipality as municipality_of
    from mynabox.usecases.export_residents import export_residents

    if municipality is not None:
        try:
            municipality_of(municipality)
        except UnknownMunicipality as unknown:
            raise typer.BadParameter(
                str(unknown), param_hint="--municipality"
            ) from None
    to_screen = str(file) == "-"
    if not to_screen and file.exists() and not force:
        raise typer.BadParameter(
            f"{file} is there already: choose another name, or add --force",
            param_hint="FILE",
        )
    with opened(home) as box:
        lines = export_residents(box.box, municipality=municipality)
        if to_screen:
            for line in lines:
                typer.echo(line, nl=False)
            return
        beside = file.with_name(f".{file.name}.part")
        people = -1  # the header is a line too
        try:
            with (
                beside.open("wb") as out,
                screen.progress("people", None) as progress,
            ):
                for line in lines:
                    out.write(line)
                    people += 1
                    progress.one()
            beside.replace(file)
        except OSError as error:
            raise typer.BadParameter(
                f"cannot write {file} ({error.strerror})", param_hint="FILE"
            ) from None
        finally:
            beside.unlink(missing_ok=True)
    screen.line(f"{file}: {people} people")


def describe(line: Line) -> str:
    """What became of a line, in one line."""
    head = f"line {line.line}"
    if line.name:
        head += f" {line.name}"
    if line.refused:
        return f"{head}: refused: {screen.refusal(line.refused)}"
    remarks = "".join(f" ({screen.refusal(Refused(code))})" for code in line.remarks)
    return f"{head}: {str(line.taken).replace('_', ' ')}{remarks}"


def _as_json(line: Line) -> dict[str, object]:
    refused = line.refused
    return {
        "line": line.line,
        "name": line.name,
        "taken": line.taken,
        "resident": line.resident,
        "remarks": line.remarks,
        "refused": refused
        and {
            "code": refused.code,
            "rules": refused.rules,
            "facts": refused.facts,
            "text": screen.refusal(refused),
        },
    }


@resident.command("list")
def list_people(
    home: HomeOption = None,
    json: JsonOption = False,
    municipality: Annotated[
        str | None, typer.Option(help="Six-digit municipality code.")
    ] = None,
    after: Annotated[str, typer.Option(help="Begin behind this id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
) -> None:
    """A page of the register.

    Example: mynabox resident list --municipality 082201
    """
    with opened(home) as box:
        people = list_residents(
            box.box, municipality=municipality, after=after, limit=limit
        )
    _people(people, json=json)


def _people(people: Sequence[Resident], *, json: bool) -> None:
    if json:
        screen.as_json(
            [
                {
                    "id": one.id,
                    "record_code": one.record_code,
                    "name": one.name,
                    "municipality": one.municipality,
                    "state": one.state,
                }
                for one in people
            ]
        )
        return
    screen.table(
        "Residents",
        ("id", "record code", "name", "born", "municipality", "state"),
        (
            (
                one.id,
                one.record_code,
                one.name,
                one.born.isoformat(),
                one.municipality,
                one.state.value,
            )
            for one in people
        ),
    )


@resident.command("search")
def search(
    name: Annotated[
        str, typer.Argument(help="Words of a name, in kanji, kana or Roman letters.")
    ] = "",
    address: Annotated[str, typer.Option(help="How the address begins.")] = "",
    born: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Birth date.")
    ] = None,
    number: Annotated[
        bool,
        typer.Option("--number", help="Ask for an Individual Number; wants a purpose."),
    ] = False,
    requester: Annotated[
        str, typer.Option(help="For whom a number is looked for.")
    ] = "municipality",
    purpose: Annotated[str, typer.Option(help="For what (R011).")] = "",
    municipality: Annotated[
        str | None, typer.Option(help="Six-digit municipality code.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    after: Annotated[str, typer.Option(help="Begin behind this id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
) -> None:
    """Look for people: all that is given must be so.

    A number is typed, never given on the command line, and the look is told in its
    owner's access log.

    Examples: mynabox resident search はこだ, mynabox resident search --born 1990-03-31,
    mynabox resident search --number --purpose correction
    """
    from mynabox.law.numbers import number_valid
    from mynabox.lifecycle.secret import IndividualNumber
    from mynabox.ports import Wanted
    from mynabox.usecases.search_residents import (
        FindByNumber,
        find_by_number,
        search_residents,
    )

    with opened(home) as box:
        if number:
            typed = typer.prompt("Individual Number", hide_input=True)
            digits = typed.replace(" ", "").replace("-", "")
            if not number_valid(digits).value:
                raise Refused("register.number_check_digit", rules=("R001",))
            found = find_by_number(
                FindByNumber(
                    number=IndividualNumber(digits),
                    requester=requester,
                    purpose=purpose,
                ),
                box.box,
                municipality=municipality,
                actor="operator",
            )
            people = [] if found is None else [found]
        else:
            people = list(
                search_residents(
                    Wanted(
                        name=name or None,
                        address=address or None,
                        born=born and born.date(),
                    ),
                    box.box,
                    municipality=municipality,
                    after=after,
                    limit=limit,
                )
            )
    _people(people, json=json)


@resident.command("guardianship")
def guardianship(
    id: Annotated[str, typer.Argument(help="Id or record code.", metavar="ID")],
    event: Annotated[GuardianshipEvent, typer.Argument(help="What happened.")],
    paper: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Day on which the certificate of registered matters was issued.",
        ),
    ],
    guardian: Annotated[
        str | None, typer.Option(help="Who the guardian is; left out: as before.")
    ] = None,
    happened: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of it; today unless told."),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Note that guardianship of an adult began, changed or ended (R058, R135).

    Example: mynabox resident guardianship 10000000011 began --guardian '箱田 花子'
    --happened 2026-11-02 --paper 2026-11-09
    """
    from mynabox.usecases.note_guardianship import NoteGuardianship, note_guardianship

    with opened(home) as box:
        one = note_guardianship(
            NoteGuardianship(
                resident=show_resident(id, box.box).resident.id,
                event=event,
                guardian=guardian,
                happened=happened and happened.date(),
                paper_issued=paper.date(),
            ),
            box.box,
            actor="operator",
        )
    if json:
        screen.as_json(
            {
                "id": one.id,
                "guardian": one.guardian,
                "ward_since": one.ward_since and one.ward_since.isoformat(),
            }
        )
        return
    screen.line(f"{one.card_name}  {one.id}")
    screen.line(_guarded(one) or "  no adult ward")


def _guarded(one: Resident) -> str:
    """The line that names a ward's guardian; empty for others."""
    if not one.ward:
        return ""
    return f"  adult ward since {one.ward_since}, guardian {one.guardian}"


@resident.command("show")
def show(
    id: Annotated[str, typer.Argument(help="Id or record code.", metavar="ID")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Everything the box knows of one person, save the number itself.

    Example: mynabox resident show 10000000011
    """
    with opened(home) as box:
        shown = show_resident(id, box.box)
    if json:
        screen.as_json(_person_as_json(shown))
        return
    one = shown.resident
    screen.line(f"{one.card_name}  {one.id}  ({one.state.value})")
    screen.line(f"  born {one.born}  {one.sex.value}  {one.nationality}")
    screen.line(f"  {one.address}  [{one.municipality}]")
    stay = f", stay until {one.stay_until}" if one.stay_until else ""
    screen.line(f"  {one.residence_status.value}{stay}, registered {one.registered}")
    if one.ward:
        screen.line(_guarded(one))
    screen.line(f"  Individual Number: {'assigned' if shown.has_number else 'none'}")
    for notice in shown.notices:
        screen.line(f"  notice of {notice.issued}: {notice.state.value}")
    for application in shown.applications:
        screen.line(
            f"  application {application.id} of {application.opened:%Y-%m-%d %H:%M}: "
            f"{application.state.value}"
        )
    for held in shown.cards:
        card = held.card
        screen.line(
            f"  card {card.serial}: {card.state.value} since "
            f"{card.since:%Y-%m-%d %H:%M}, issued {card.issued}, "
            f"expires {card.expires}"
        )
        for certificate in held.certificates:
            reason = f" ({certificate.reason.value})" if certificate.reason else ""
            screen.line(
                f"    {certificate.kind.value} certificate {certificate.serial}: "
                f"{certificate.state.value}{reason}, until "
                f"{certificate.not_after:%Y-%m-%d}"
            )
    for row in shown.journal:
        screen.line(
            f"  {row.entry.at:%Y-%m-%d %H:%M:%S} {row.entry.action} "
            f"by {row.entry.actor}"
        )


def _person_as_json(shown: ResidentShown) -> dict[str, object]:
    one = shown.resident
    return {
        "id": one.id,
        "record_code": one.record_code,
        "municipality": one.municipality,
        "name": one.name,
        "kana": one.kana,
        "roman": one.roman,
        "alias": one.alias,
        "born": one.born.isoformat(),
        "sex": one.sex,
        "address": one.address,
        "nationality": one.nationality,
        "residence_status": one.residence_status,
        "stay_until": one.stay_until and one.stay_until.isoformat(),
        "registered": one.registered.isoformat(),
        "state": one.state,
        "guardian": one.guardian,
        "ward_since": one.ward_since and one.ward_since.isoformat(),
        "has_number": shown.has_number,
        "notices": [
            {
                "id": notice.id,
                "application_id": notice.application_id,
                "issued": notice.issued.isoformat(),
                "state": notice.state,
            }
            for notice in shown.notices
        ],
        "applications": [
            {
                "id": application.id,
                "channel": application.channel,
                "state": application.state,
                "received": application.received and application.received.isoformat(),
            }
            for application in shown.applications
        ],
        "cards": [
            {
                "serial": held.card.serial,
                "state": held.card.state,
                "issued": held.card.issued.isoformat(),
                "expires": held.card.expires.isoformat(),
                "certificates": [
                    {
                        "issuance_number": certificate.serial,
                        "kind": certificate.kind,
                        "state": certificate.state,
                        "reason": certificate.reason,
                        "not_after": certificate.not_after.isoformat(),
                    }
                    for certificate in held.certificates
                ],
            }
            for held in shown.cards
        ],
        "journal": [
            {
                "sequence": row.sequence,
                "at": row.entry.at.isoformat(),
                "actor": row.entry.actor,
                "action": row.entry.action,
                "facts": dict(row.entry.facts),
            }
            for row in shown.journal
        ],
    }
