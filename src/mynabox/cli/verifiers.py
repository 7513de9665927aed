"""``mynabox verifier``: those who rely on certificates."""

from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.usecases.register_verifier import (
    Registered,
    RegisterVerifier,
    end_verifier,
    list_verifiers,
    register_verifier,
    renew_verifier_key,
)

verifier = typer.Typer(
    help="Those who rely on certificates: register, list, new key, end.",
    no_args_is_help=True,
)

_Name = Annotated[str, typer.Argument(help="What the verifier is called.")]


@verifier.command("add")
def add(
    name: _Name,
    purpose: Annotated[str, typer.Option(help="What it relies on certificates for.")],
    right: Annotated[
        list[Right], typer.Option(help="What it may learn; may be repeated.")
    ],
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Web origin of its log-in; may be repeated."),
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option(help="Calls it may make in a minute (120).")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Register a verifier and print its API key, which is shown once and not kept.

    Example: mynabox verifier add bank --purpose "opening accounts" --right signature
    """
    with opened(home, create=True) as box:
        made = register_verifier(
            RegisterVerifier(
                name=name,
                purpose=purpose,
                origins=tuple(origin or ()),
                rights=frozenset(right),
                per_minute=per_minute,
            ),
            box.box,
        )
    _tell(made, json=json)


@verifier.command("list")
def list_all(home: HomeOption = None, json: JsonOption = False) -> None:
    """Every verifier, with its rights.

    Example: mynabox verifier list
    """
    with opened(home) as box:
        found = list_verifiers(box.box)
    if json:
        screen.as_json([_described(one) for one in found])
        return
    screen.table(
        "Verifiers",
        ("name", "purpose", "rights", "a minute", "state"),
        (
            (
                one.name,
                one.purpose,
                " ".join(right.value for right in Right if right in one.rights),
                str(one.per_minute),
                one.state.value,
            )
            for one in found
        ),
    )


@verifier.command("key")
def key(name: _Name, home: HomeOption = None, json: JsonOption = False) -> None:
    """Give a verifier another API key; the one of before opens nothing any more.

    Example: mynabox verifier key bank
    """
    with opened(home) as box:
        made = renew_verifier_key(name, box.box)
    _tell(made, json=json)


@verifier.command("end")
def end(name: _Name, home: HomeOption = None) -> None:
    """End a registration for good.

    Example: mynabox verifier end bank
    """
    with opened(home) as box:
        end_verifier(name, box.box)
    screen.line(f"{name}: ended")


def _tell(made: Registered, *, json: bool) -> None:
    if json:
        screen.as_json({**_described(made.verifier), "key": made.key})
        return
    screen.line(made.key)


def _described(one: Verifier) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "purpose": one.purpose,
        "origins": list(one.origins),
        "rights": [right.value for right in Right if right in one.rights],
        "per_minute": one.per_minute,
        "created": one.created.isoformat(),
        "state": one.state.value,
    }
