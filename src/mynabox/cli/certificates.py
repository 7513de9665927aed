"""``mynabox ca``: the two certificate authorities."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.cli.safekeeping import (
    back_up_box,
    change_passphrase,
    hold_key_ceremony,
    restore_box,
    verify_box,
)
from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as place
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.text import pem
from mynabox.usecases.open_box import open_box
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.show import list_authorities
from mynabox.usecases.status import current_delta, current_list, publish_list

ca = typer.Typer(
    help="The certificate authorities: their keys, generations, lists and backup.",
    no_args_is_help=True,
)
ca.command("ceremony")(hold_key_ceremony)
ca.command("verify")(verify_box)
ca.command("backup")(back_up_box)
ca.command("restore")(restore_box)
ca.command("passphrase")(change_passphrase)


@ca.command("list")
def list_all(home: HomeOption = None, json: JsonOption = False) -> None:
    """Every CA generation of the box.

    Example: mynabox ca list
    """
    with opened(home) as box:
        open_box(box.box)
        found = list_authorities(box.box)
    if json:
        screen.as_json(
            [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "generation": one.generation,
                    "not_before": one.not_before.isoformat(),
                    "not_after": one.not_after.isoformat(),
                    "pem": pem("CERTIFICATE", one.der),
                }
                for one in found
            ]
        )
        return
    screen.table(
        "Certificate authorities",
        ("name", "kind", "from", "until"),
        (
            (
                one.name,
                one.kind.value,
                f"{one.not_before:%Y-%m-%d %H:%M:%S}",
                f"{one.not_after:%Y-%m-%d %H:%M:%S}",
            )
            for one in found
        ),
    )


@ca.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write into.")] = Path(),
    home: HomeOption = None,
) -> None:
    """Write every CA certificate as PEM.

    Example: mynabox ca export /tmp/authorities
    """
    with opened(home) as box:
        open_box(box.box)
        found = list_authorities(box.box)
    folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        path = folder / f"{one.name}.pem"
        path.write_text(pem("CERTIFICATE", one.der), encoding="ascii")
        screen.line(str(path))


@ca.command("rollover")
def rollover(
    kind: Annotated[
        CertificateKind | None,
        typer.Argument(help="Which CA; both unless told.", show_default=False),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Make the next generation of a CA: the same name, another key.

    It issues from now on; lists and OCSP answers of older ones go on. The box does
    this by itself in time; sooner, it is a choice.

    Example: mynabox ca rollover signature
    """
    with opened(home) as box:
        open_box(box.box)
        for each in CertificateKind if kind is None else (kind,):
            made = roll_over(each, box.box)
            screen.line(f"{made.name}: until {made.not_after:%Y-%m-%d %H:%M:%S}")


@ca.command("crl")
def crl(
    issuer: Annotated[str, typer.Argument(help="CA, e.g. signature-01.")],
    home: HomeOption = None,
    municipality: Annotated[
        str | None, typer.Option(help="Only this municipality's part (six digits).")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--now", help="Make a new list even if one holds.")
    ] = False,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="As --now, every entry from the register's rows."),
    ] = False,
    delta: Annotated[
        bool,
        typer.Option("--delta", help="Only what stopped since the list that holds."),
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the list here (DER).")
    ] = None,
) -> None:
    """The CRL that holds now, as PEM, or as DER into a file.

    Example: mynabox ca crl signature-01 --out signature.crl
    """
    if delta and (fresh or anew):
        raise typer.BadParameter("a new list has nothing to add to: --now or --delta")
    if municipality is not None:
        try:
            place(municipality)
        except UnknownMunicipality as unknown:
            raise typer.BadParameter(
                str(unknown), param_hint="--municipality"
            ) from None
    with opened(home) as box:
        open_box(box.box)
        make = current_delta if delta else current_list
        if fresh or anew:
            make = partial(publish_list, anew=anew)
        found = make(issuer, box.box, municipality=municipality)
    if file is not None:
        file.write_bytes(found.der)
        screen.line(
            f"{file}: number {found.number}, until {found.next_update:%Y-%m-%d %H:%M}"
        )
    else:
        screen.line(pem("X509 CRL", found.der).rstrip())
