"""``mynabox ca ceremony|verify|backup|restore|passphrase``: keeping the keys safe."""

import os
import sys
from pathlib import Path
from typing import Annotated

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
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.usecases.hold_ceremony import Ceremony, hold_ceremony
from mynabox.usecases.verify_authorities import verify_authorities
from mynabox.wiring import back_up, restore

BACKUP_PASSPHRASE = "MYNABOX_BACKUP_PASSPHRASE"
NEW_PASSPHRASE = "MYNABOX_NEW_PASSPHRASE"


def hold_key_ceremony(
    operator: Annotated[str, typer.Option(help="Who does it.")],
    witness: Annotated[
        list[str], typer.Option(help="Who watches; once for each (two or more).")
    ],
    home: HomeOption = None,
    rollover: Annotated[
        list[CertificateKind] | None,
        typer.Option(help="Make the next generation of this CA; may be repeated."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the transcript here too.")
    ] = None,
    with_uri: WithUriOption = None,
    production_shape: ProductionShapeOption = None,
    next_card: NextCardOption = None,
) -> None:
    """Make CA keys before witnesses, check them, print the transcript to be signed.

    In a new box this makes the first generation of both CAs.

    Example: mynabox ca ceremony --operator Hako --witness Tadano --witness Mihon
    """
    with opened(
        home,
        create=True,
        with_uri=with_uri,
        production_shape=production_shape,
        next_card=next_card,
    ) as box:
        token = box.settings.hsm_token if box.settings.hsm_library else None
        done = hold_ceremony(
            Ceremony(
                operator=operator,
                witnesses=tuple(witness),
                keys_in=f"token {token}" if token else "sealed files",
                kinds=tuple(rollover or ()),
            ),
            box.box,
        )
    screen.line(done.text)
    screen.line(f"SHA-256 of this transcript: {done.digest}")
    if file is not None:
        file.write_text(done.text, encoding="utf-8")


def verify_box(home: HomeOption = None, json: JsonOption = False) -> None:
    """Check that keys, certificates, chains and counters fit together.

    Exit status 1 if anything does not.

    Example: mynabox ca verify
    """
    with opened(home) as box:
        found = verify_authorities(box.box)
    if json:
        screen.as_json(
            {
                "authorities": found.authorities,
                "responders": found.responders,
                "certificates": found.certificates,
                "mismatches": [
                    {"what": one.what, "code": one.code} for one in found.mismatches
                ],
            }
        )
    else:
        for one in found.mismatches:
            screen.line(f"{one.what}: {one.code}")
        screen.line(
            f"{found.authorities} authorities, {found.responders} responders, "
            f"{found.certificates} certificates: {len(found.mismatches)} mismatches"
        )
    if found.mismatches:
        raise typer.Exit(1)


def back_up_box(
    file: Annotated[Path, typer.Argument(help="New file to write.")],
    home: HomeOption = None,
    with_chips: Annotated[
        bool, typer.Option(help="The virtual chips too, with the keys in them.")
    ] = False,
) -> None:
    """Write the whole box into one sealed file: keys, secrets, every row.

    It opens with a passphrase of its own (MYNABOX_BACKUP_PASSPHRASE, or asked for).

    Example: mynabox ca backup box.backup
    """
    passphrase = _secret(BACKUP_PASSPHRASE, "Passphrase of the backup", twice=True)
    with opened(home) as box:
        done = back_up(box, file, passphrase=passphrase, with_chips=with_chips)
    screen.line(f"{file}: {done.rows} rows, {done.files} files, SHA-256 {done.digest}")


def restore_box(
    file: Annotated[Path, typer.Argument(help="File that 'ca backup' has written.")],
    home: HomeOption = None,
) -> None:
    """Make a box out of a backup: the same authorities, and no number given twice.

    Example: mynabox ca restore box.backup --home restored
    """
    passphrase = _secret(BACKUP_PASSPHRASE, "Passphrase of the backup", twice=False)
    settings = settings_for(home)
    done = restore(file, settings, passphrase=passphrase)
    screen.line(
        f"{settings.home}: {done.rows} rows, {done.files} files; "
        f"numbers go on from {done.first_number}"
    )


def change_passphrase(
    home: HomeOption = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Go back to a key file.")
    ] = False,
) -> None:
    """Guard the box's keys with a (new) passphrase instead of a key file.

    The new one is MYNABOX_NEW_PASSPHRASE, or asked for; the present one, if any,
    MYNABOX_PASSPHRASE, or asked for.

    Example: mynabox ca passphrase
    """
    with opened(home) as box:
        if remove:
            box.keys.lock(None)
        else:
            new = _secret(NEW_PASSPHRASE, "New passphrase of the box", twice=True)
            box.keys.lock(new)
        path = box.path
    screen.line(
        f"{path}: opens with {'its key file' if remove else 'the new passphrase'}"
    )


def _secret(variable: str, prompt: str, *, twice: bool) -> str:
    """A passphrase from the environment, or from whoever sits at the terminal."""
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"nobody can be asked here: set {variable}")
    asked: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=twice)
    return asked
