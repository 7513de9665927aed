"""``mynabox staff``: who may do what in a box that asks."""

import os
import sys
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.lifecycle.staff import Role
from mynabox.usecases.staff_accounts import (
    add_staff,
    end_staff,
    give_token,
    list_staff,
    set_password,
)

STAFF_PASSWORD = "MYNABOX_STAFF_PASSWORD"

staff = typer.Typer(
    help="Accounts of staff: open, list, passwords, tokens, end.", no_args_is_help=True
)

_Name = Annotated[str, typer.Argument(help="What the account is called.")]


@staff.command("add")
def add(
    name: _Name,
    role: Annotated[
        list[Role], typer.Option(help="What they are there for; may be repeated.")
    ],
    home: HomeOption = None,
    municipality: Annotated[
        str | None,
        typer.Option(help="Six-digit code within whose register they act (all)."),
    ] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Only tokens, or a passkey later.")
    ] = False,
) -> None:
    """Open an account. Its password is MYNABOX_STAFF_PASSWORD, or asked for.

    Example: mynabox staff add hanako --role clerk --municipality 082201
    """
    with opened(home, create=True) as box:
        password = "" if no_password else _password(name)
        made = add_staff(
            name, role, box.box, municipality=municipality, password=password
        )
    screen.line(
        f"{made.name}: {' '.join(one.value for one in Role if one in made.roles)}, "
        f"{made.municipality or 'everywhere'}"
    )


@staff.command("list")
def list_accounts(home: HomeOption = None, json: JsonOption = False) -> None:
    """Every account, and how many sessions and tokens are open to it.

    Example: mynabox staff list
    """
    with opened(home) as box:
        found = list_staff(box.box)
    if json:
        screen.as_json(
            [
                {
                    "name": one.name,
                    "roles": [role.value for role in Role if role in one.roles],
                    "municipality": one.municipality,
                    "state": one.state.value,
                    "created": one.created.isoformat(),
                    "open": count,
                }
                for one, count in found
            ]
        )
        return
    screen.table(
        "Staff",
        ("name", "roles", "municipality", "state", "open"),
        (
            (
                one.name,
                " ".join(role.value for role in Role if role in one.roles),
                one.municipality or "",
                one.state.value,
                str(count),
            )
            for one, count in found
        ),
    )


@staff.command("password")
def password(name: _Name, home: HomeOption = None) -> None:
    """Set a new password (MYNABOX_STAFF_PASSWORD, or asked for); forgets wrong ones,
    ends the account's sessions and tokens.

    Example: mynabox staff password hanako
    """
    with opened(home) as box:
        set_password(name, _password(name), box.box)
    screen.line(f"{name}: opens with the new password")


@staff.command("token")
def token(
    name: _Name,
    home: HomeOption = None,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, help="How long it lasts (as long as it may).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print a bearer token with which a program acts as this account; it is shown
    once and not kept.

    Example: mynabox staff token hanako --label import
    """
    with opened(home) as box:
        given = give_token(name, label, box.box, days=days)
    if json:
        screen.as_json(
            {"token": given.secret, "expires": given.session.expires.isoformat()}
        )
        return
    screen.line(given.secret)


@staff.command("end")
def end(name: _Name, home: HomeOption = None) -> None:
    """End an account for good, with everything that is open to it.

    Example: mynabox staff end hanako
    """
    with opened(home) as box:
        end_staff(name, box.box)
    screen.line(f"{name}: ended")


def _password(name: str) -> str:
    given = os.environ.get(STAFF_PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"nobody can be asked here: set {STAFF_PASSWORD}")
    asked: str = typer.prompt(
        f"Password of {name}", hide_input=True, confirmation_prompt=True
    )
    return asked
