"""``mynabox card scenario``: a named specimen card in the reader."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mynabox.cli import screen
from mynabox.cli.cards import SlotOption, card
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.sandbox.scenarios import (
    NotStageable,
    Staged,
    UnknownScenario,
    scenarios,
    stage,
    staged_json,
)
from mynabox.wiring import BoxTrouble, Faults, Home, is_served, reader_names

_LEAVING_SECONDS = 0.2
"""Long enough for the readers of a served box to see that a card has left them."""


@card.command("scenario")
def scenario(
    name: Annotated[
        str | None,
        typer.Argument(help="Which card; --list shows them all.", show_default=False),
    ] = None,
    every: Annotated[
        bool, typer.Option("--list", help="Show the names and what they stand for.")
    ] = False,
    home: HomeOption = None,
    slot: SlotOption = 0,
    latency: Annotated[
        int,
        typer.Option(
            min=0, max=60_000, help="Every command takes as much longer.", metavar="MS"
        ),
    ] = 0,
    fail_reads: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Only the first N reads after power-up are answered.",
            metavar="N",
            show_default=False,
        ),
    ] = None,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent", help="Reads that fail are not answered at all (not 6F00)."
        ),
    ] = False,
    remove_after: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="After N commands the card is out of the reader.",
            metavar="N",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Lay a specimen card in the reader: fixed data, documented state.

    Made on first use, through the box's own procedures; a box that does not exist is
    made as well. Asked for again, the same card comes back in its documented state:
    PINs, tries, faults. With --json it tells all a test needs, secrets included.

    Examples:

    \b
      mynabox card scenario --list
      mynabox card scenario fresh --json
      mynabox card scenario locked-auth --latency 200
      mynabox card scenario fresh --remove-after 12
    """
    if every or name is None:
        _list(json=json)
        return
    with opened(home, create=True) as box:
        if slot >= len(box.cards.tray()):
            raise typer.BadParameter(
                f"the box has {len(box.cards.tray())} reader(s)", param_hint="--reader"
            )
        faults = Faults(
            latency_ms=latency,
            reads=fail_reads,
            failure="silence" if silent else "6F00",
            commands=remove_after,
        )
        try:
            staged = stage(
                name,
                box.box,
                slot=slot,
                before=lambda serial: _ready(box, serial, faults),
            )
        except UnknownScenario:
            raise typer.BadParameter(
                f"there is none called {name!r}; mynabox card scenario --list",
                param_hint="NAME",
            ) from None
        except NotStageable as cannot:
            raise BoxTrouble(str(cannot)) from None
        told = staged_json(staged, reader=reader_names(box)[slot])
        told["socket"] = str(box.socket)
    if json:
        screen.as_json(told)
    else:
        _tell(staged, told)


def _ready(box: Home, serial: str, faults: Faults) -> None:
    """The card may fail from now on, and has been out of the reader for a while."""
    box.in_readers().give(serial, faults)
    if is_served(box):
        time.sleep(_LEAVING_SECONDS)


def _list(*, json: bool) -> None:
    known = scenarios().values()
    if json:
        screen.as_json([{"name": one.name, "what": one.what} for one in known])
        return
    screen.table(
        "Scenarios", ("name", "the card"), ((one.name, one.what) for one in known)
    )


def _tell(staged: Staged, told: Mapping[str, Any]) -> None:
    screen.line(f"card {staged.serial} lies in {told['reader']}")
    screen.line(f"  {staged.scenario.name}: {staged.scenario.what}")
    screen.line(f"  {staged.state}, expires {staged.expires}")
    for kind, pin in told["pins"].items():
        if pin is not None:
            screen.line(f"  PIN {kind}: {pin}, tries left: {told['tries'][kind]}")
    for kind, one in told["certificates"].items():
        screen.line(
            f"  {kind} certificate {one['issuance_number']}: {one['status']}, "
            f"until {one['not_after']}"
        )
    screen.line("  --json tells all of it")
