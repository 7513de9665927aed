"""Options that many commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # they take longer to load than most commands to do
    from mynabox.settings import Settings
    from mynabox.wiring import Home

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of the box (default: ./box, or MYNABOX_HOME).",
        show_default=False,
    ),
]
CardHomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of a box: the card in its reader (default: in whatever reader "
        "PC/SC shows).",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
WithUriOption = Annotated[
    bool | None,
    typer.Option(
        "--with-uri",
        help="Certificates point to CRL and OCSP over HTTP, too. A new box keeps to it.",
        show_default=False,
    ),
]
ProductionShapeOption = Annotated[
    bool | None,
    typer.Option(
        "--production-shape",
        help="A new box has the genuine policy OIDs, under names of its own.",
        show_default=False,
    ),
]
NextCardOption = Annotated[
    bool | None,
    typer.Option(
        "--next-card",
        help="Try out the announced next card (P-384, ten years), not in force. "
        "A new box keeps to it.",
        show_default=False,
    ),
]


def settings_for(home: Path | None, **others: object) -> "Settings":
    """The environment's settings, overruled by what the command line says."""
    given = {name: value for name, value in others.items() if value is not None}
    if home is not None:
        given["home"] = home
    return environment().model_copy(update=given)


def environment() -> "Settings":
    """What the environment tells; ends the command for what cannot be."""
    from pydantic import ValidationError

    from mynabox.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        said = "; ".join(
            f"MYNABOX_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}"
            for one in error.errors()
        )
        raise typer.BadParameter(said, param_hint="the environment") from None


@contextmanager
def opened(
    home: Path | None, *, create: bool = False, **others: object
) -> Iterator["Home"]:
    """The box of a command; ``others`` are settings that its options overrule."""
    from mynabox.wiring import open_home

    box = open_home(settings_for(home, **others), create=create)
    try:
        yield box
    finally:
        box.close()
