"""``mynabox card produce``: cards of applications, many at a time."""

from contextlib import nullcontext
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.cards import card
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as place
from mynabox.lifecycle.life import Refused
from mynabox.usecases.open_box import open_box
from mynabox.usecases.produce_card import NotProduced, Produced, produce_cards
from mynabox.usecases.show import received_applications


@card.command("produce")
def produce(
    applications: Annotated[
        list[str] | None, typer.Argument(help="Applications, as app-…", metavar="ID")
    ] = None,
    municipality: Annotated[
        str | None,
        typer.Option(help="All that wait in this municipality (six digits)."),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Make the cards of applications that were received, many in one transaction.

    One that is refused stops none of the others. Ends with 1 if any was.

    Example: mynabox card produce --municipality 082201
    """
    if bool(applications) is (municipality is not None):
        raise typer.BadParameter("name applications, or a --municipality")
    if municipality is not None:
        try:
            place(municipality)
        except UnknownMunicipality as unknown:
            raise typer.BadParameter(
                str(unknown), param_hint="--municipality"
            ) from None
    with opened(home) as box:
        open_box(box.box)
        if municipality is not None:
            applications = list(received_applications(municipality, box.box))
        asked, done = applications or [], []
        with nullcontext() if json else screen.progress("chips", len(asked)) as chips:
            seen = _silent if chips is None else chips.one
            for one in produce_cards(asked, box.box, seen=seen):
                done.append(one)
                if not json:
                    screen.line(_line(one))
    if json:
        screen.as_json([_told(one) for one in done])
    if any(isinstance(one, NotProduced) for one in done):
        raise typer.Exit(1)


def _silent() -> None:
    """Of what is told as JSON at the end, nothing is told on the way."""


def _line(one: Produced | NotProduced) -> str:
    if isinstance(one, NotProduced):
        return f"{one.application}: refused: {_why(one)}"
    until = one.card.expires.isoformat()
    return f"{one.card.application}: card {one.card.serial}, until {until}"


def _why(one: NotProduced) -> str:
    if isinstance(one.refused, Refused):
        return screen.refusal(one.refused)
    return str(one.refused)


def _told(one: Produced | NotProduced) -> dict[str, object]:
    if isinstance(one, NotProduced):
        refused = one.refused
        code = refused.code if isinstance(refused, Refused) else "missing"
        return {"application": one.application, "refused": code, "text": _why(one)}
    return {
        "application": one.card.application,
        "card": one.card.serial,
        "expires": one.card.expires.isoformat(),
        "certificates": [certificate.serial for certificate in one.certificates],
    }
