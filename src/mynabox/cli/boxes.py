"""``mynabox serve``, ``log``, ``db`` and ``doctor``: the box as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mynabox.cli import screen
from mynabox.cli.options import (
    HomeOption,
    JsonOption,
    NextCardOption,
    ProductionShapeOption,
    WithUriOption,
    opened,
    settings_for,
)
from mynabox.usecases.open_box import open_box
from mynabox.usecases.show import journal_rows, verify_journal
from mynabox.wiring import examine_machine, open_home

if TYPE_CHECKING:
    from mynabox.usecases.access_log import AccessLog

log = typer.Typer(help="The journal: read it, check it.", no_args_is_help=True)
db = typer.Typer(help="The store: make it, bring it up to date.", no_args_is_help=True)


def serve(
    home: HomeOption = None,
    host: Annotated[
        str | None, typer.Option(help="Address to serve on (127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to serve on (8780; 0 takes a free one).")
    ] = None,
    readers: Annotated[
        int | None, typer.Option(min=1, max=16, help="Number of card readers (1).")
    ] = None,
    reader_access: Annotated[
        Literal["owner", "everyone"] | None,
        typer.Option(help="Who on this machine may use the readers (owner)."),
    ] = None,
    trace: Annotated[
        bool | None,
        typer.Option(
            "--trace",
            help="Write what is said in the readers down; see 'mynabox card trace'.",
        ),
    ] = None,
    authority: Annotated[
        Literal["open", "required"] | None,
        typer.Option(help="Whether staff must sign in and have the role (open)."),
    ] = None,
    with_uri: WithUriOption = None,
    production_shape: ProductionShapeOption = None,
    next_card: NextCardOption = None,
    ocsp: Annotated[
        bool,
        typer.Option(
            "--ocsp",
            help="Run 'mynabox ocsp serve' beside it (port 8781, or "
            "MYNABOX_OCSP_PORT), for many requests a second.",
        ),
    ] = False,
) -> None:
    """Serve pages, API, OCSP, CRL and the card reader of a box until stopped.

    Example: mynabox serve --port 8780
    """
    from mynabox.cli.logs import log_to_standard_error
    from mynabox.wiring import serve as serve_home

    log_to_standard_error()
    settings = settings_for(
        home,
        host=host,
        port=port,
        readers=readers,
        reader_access=reader_access,
        trace=trace,
        authority=authority,
        with_uri=with_uri,
        production_shape=production_shape,
        next_card=next_card,
    )
    box = open_home(settings, create=True)
    try:
        open_box(box.box)
        serve_home(box, announce=screen.line, with_ocsp=ocsp)
    finally:
        box.close()


@log.command("show")
def show(
    subject: Annotated[
        str | None,
        typer.Argument(help="Only rows about this resident, card, certificate ..."),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 1000,
) -> None:
    """Rows of the journal, oldest first.

    Example: mynabox log show
    """
    with opened(home) as box:
        rows = journal_rows(box.box, subject=subject, limit=limit)
    if json:
        screen.as_json(
            [
                {
                    "municipality": row.entry.municipality,
                    "sequence": row.sequence,
                    "at": row.entry.at.isoformat(),
                    "actor": row.entry.actor,
                    "action": row.entry.action,
                    "subjects": row.entry.subjects,
                    "facts": dict(row.entry.facts),
                    "hash": row.hash,
                }
                for row in rows
            ]
        )
        return
    screen.table(
        "Journal",
        ("chain", "row", "when", "who", "what", "about"),
        (
            (
                row.entry.municipality,
                str(row.sequence),
                f"{row.entry.at:%Y-%m-%d %H:%M:%S}",
                row.entry.actor,
                row.entry.action,
                " ".join(row.entry.subjects),
            )
            for row in rows
        ),
    )


@log.command("access")
def access(
    resident: Annotated[str, typer.Argument(help="Id or resident record code.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Who saw a person's Individual Number, when, for whom and for what.

    With --json it is a copy that can be checked later: mynabox log verify --resident
    ... --copy FILE.

    Example: mynabox log access 31415926530
    """
    from mynabox.api.access import AccessLogAnswer
    from mynabox.usecases.access_log import access_log

    with opened(home) as box:
        log = access_log(resident, box.box)
    if json:
        screen.as_json(AccessLogAnswer.of(log).model_dump(mode="json"))
        return
    screen.table(
        "Access log",
        ("when", "who", "for whom", "for what", "on what"),
        (
            (
                f"{look.row.entry.at:%Y-%m-%d %H:%M:%S}",
                look.who,
                look.for_whom,
                look.purpose,
                look.what,
            )
            for look in log.looks
        ),
    )


@log.command("verify")
def verify(
    home: HomeOption = None,
    json: JsonOption = False,
    resident: Annotated[
        str | None,
        typer.Option(help="The access log of this person (id or record code)."),
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(help="With --resident: a copy of the log that was kept."),
    ] = None,
) -> None:
    """Find any row of the journal that was changed, removed or inserted; with
    --resident and --copy also whether it still tells what it told before.

    Exit status 1 if there is one.

    Examples: mynabox log verify, mynabox log verify --resident 31415926530
    """
    if copy is not None and resident is None:
        raise typer.BadParameter("name the --resident", param_hint="--copy")
    looks = None
    with opened(home) as box:
        if resident is None:
            damages = verify_journal(box.box)
        else:
            from mynabox.usecases.access_log import verify_access_log

            checked = verify_access_log(
                resident, box.box, copy=None if copy is None else _kept(copy)
            )
            damages, looks = list(checked.damage), checked.looks
    if json:
        screen.as_json(
            [
                {
                    "municipality": one.municipality,
                    "sequence": one.sequence,
                    "what": one.what,
                }
                for one in damages
            ]
        )
    elif damages:
        for one in damages:
            screen.line(f"chain {one.municipality}, row {one.sequence}: {one.what}")
    else:
        if looks is not None:
            screen.line(f"the access log tells {looks} looks")
        screen.line("the journal is sound")
    if damages:
        raise typer.Exit(1)


def _kept(copy: Path) -> "AccessLog":
    """A copy of an access log out of a file."""
    from pydantic import ValidationError

    from mynabox.api.access import AccessLogAnswer

    try:
        return AccessLogAnswer.model_validate_json(copy.read_bytes()).as_log()
    except ValidationError:
        raise typer.BadParameter(
            f"{copy} is no copy of an access log", param_hint="--copy"
        ) from None


@db.command("init")
def init(
    home: HomeOption = None,
    with_uri: WithUriOption = None,
    production_shape: ProductionShapeOption = None,
    next_card: NextCardOption = None,
) -> None:
    """Make a new box, or bring an older one up to date.

    Examples: mynabox db init --home box, mynabox db init --home pointing --with-uri
    """
    with opened(
        home,
        create=True,
        with_uri=with_uri,
        production_shape=production_shape,
        next_card=next_card,
    ) as box:
        made = open_box(box.box)
        screen.line(
            f"{box.path}: {'made' if made.made else 'is up to date'}, "
            f"{len(made.authorities)} certificate authorities"
        )


@db.command("check")
def check(home: HomeOption = None, json: JsonOption = False) -> None:
    """Prove that register, cards, certificates, chips, papers and journal tell one
    story; what does not fit is named, nothing is changed.

    Exit status 1 if anything does not fit.

    Examples: mynabox db check, mynabox db check --json
    """
    from mynabox.usecases.reconcile import reconcile

    with opened(home) as box:
        if json:
            found = reconcile(box.box)
        else:
            with screen.progress("people checked", None) as people:
                found = reconcile(box.box, seen=people.one)
    if json:
        screen.as_json(
            {
                "residents": found.residents,
                "cards": found.cards,
                "certificates": found.certificates,
                "letters": found.letters,
                "findings": [
                    {"code": one.code, "what": one.what, "says": one.says}
                    for one in found.findings
                ],
            }
        )
    else:
        for one in found.findings:
            screen.line(f"{one.code}  {one.what}: {one.says}")
        screen.line(
            f"{found.residents} people, {found.cards} cards, {found.certificates} "
            f"certificates, {found.letters} letters: "
            + (
                f"contradictions: {len(found.findings)}"
                if found.findings
                else "they tell one story"
            )
        )
    if found.findings:
        raise typer.Exit(1)


@db.command("rotate-number-keys")
def rotate_keys(home: HomeOption = None, json: JsonOption = False) -> None:
    """Seal every Individual Number under a new key and destroy the old one.

    The box may be served meanwhile. What was broken off goes on when it is run again.

    Example: mynabox db rotate-number-keys
    """
    from mynabox.wiring.rotation import rotate_number_keys

    with opened(home) as box:
        if json:
            new = rotate_number_keys(box, lambda done, of: None)
        else:
            with screen.progress("numbers sealed", None) as numbers:
                new = rotate_number_keys(box, lambda done, of: numbers.reach(done))
    if json:
        screen.as_json({"key": new})
    else:
        screen.line(f"every number lies under key {new}")


def doctor(home: HomeOption = None, json: JsonOption = False) -> None:
    """What this machine lacks, and whether the box is in order.

    Exit status 1 if something that a box needs is not in order.

    Example: mynabox doctor
    """
    found = examine_machine(settings_for(home))
    if json:
        screen.as_json(
            [
                {
                    "what": one.what,
                    "state": one.state,
                    "says": one.says,
                    "needed": one.needed,
                }
                for one in found
            ]
        )
    else:
        for one in found:
            mark = {"good": "ok     ", "missing": "missing", "bad": "BAD    "}[
                one.state
            ]
            screen.line(f"{mark}  {one.what}: {one.says}")
    if any(one.state != "good" and one.needed for one in found):
        raise typer.Exit(1)
