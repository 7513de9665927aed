"""``mynabox card`` and ``mynabox reader``: the tray of the virtual reader."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.ports import Missing
from mynabox.usecases.show import list_cards, show_card

if TYPE_CHECKING:
    from mynabox.wiring import Home

card = typer.Typer(
    help="Cards, and which of them lies in the reader.", no_args_is_help=True
)
reader = typer.Typer(
    help="How PC/SC programs find the virtual reader.", no_args_is_help=True
)

SerialArgument = Annotated[
    str, typer.Argument(help="Sixteen-digit serial of the card.", metavar="SERIAL")
]
SlotOption = Annotated[
    int, typer.Option("--reader", min=0, max=15, help="Which reader, from 0.")
]


@card.command("list")
def list_all(
    home: HomeOption = None,
    json: JsonOption = False,
    after: Annotated[str, typer.Option(help="Begin behind this serial.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
) -> None:
    """The cards of the box.

    Example: mynabox card list
    """
    with opened(home) as box:
        cards = list_cards(box.box, after=after, limit=limit)
        tray = box.cards.tray()
    if json:
        screen.as_json(
            [
                {
                    "serial": one.serial,
                    "resident": one.resident,
                    "state": one.state,
                    "issued": one.issued.isoformat(),
                    "expires": one.expires.isoformat(),
                    "reader": tray.index(one.serial) if one.serial in tray else None,
                }
                for one in cards
            ]
        )
        return
    screen.table(
        "Cards",
        ("serial", "resident", "state", "issued", "expires", "reader"),
        (
            (
                one.serial,
                one.resident,
                one.state.value,
                one.issued.isoformat(),
                one.expires.isoformat(),
                str(tray.index(one.serial)) if one.serial in tray else "",
            )
            for one in cards
        ),
    )


@card.command("show")
def show(
    serial: SerialArgument,
    home: HomeOption = None,
    json: JsonOption = False,
    faces: Annotated[
        Path | None,
        typer.Option(
            help="Write the front as PNG into this folder; with --purpose the back too.",
            metavar="DIR",
        ),
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(help="Why the number on the back is looked at, as card_issue."),
    ] = None,
) -> None:
    """One card with its certificates; with --faces also what it looks like.

    The back shows the Individual Number: looking at it wants a purpose, and the
    holder's access log tells of it.

    Example: mynabox card show 1234567890123456 --faces . --purpose card_issue
    """
    with opened(home) as box:
        shown = show_card(serial, box.box)
        written = []
        if faces is not None:
            from mynabox.usecases.faces import show_back, show_front

            pictures = [("front", show_front(serial, box.box))]
            if purpose is not None:
                back = show_back(
                    serial,
                    box.box,
                    requester="municipality",
                    purpose=purpose,
                    actor="operator",
                )
                pictures.append(("back", back))
            faces.mkdir(parents=True, exist_ok=True)
            for side, picture in pictures:
                path = faces / f"{serial}-{side}.png"
                path.write_bytes(picture)
                written.append(str(path))
    one = shown.card
    if json:
        screen.as_json(
            {
                "serial": one.serial,
                "resident": one.resident,
                "state": one.state,
                "since": one.since.isoformat(),
                "issued": one.issued.isoformat(),
                "expires": one.expires.isoformat(),
                "without_pins": one.without_pins,
                "certificates": [
                    {
                        "issuance_number": certificate.serial,
                        "kind": certificate.kind,
                        "issuer": certificate.issuer,
                        "state": certificate.state,
                        "reason": certificate.reason,
                        "stopped": certificate.stopped
                        and certificate.stopped.isoformat(),
                        "not_before": certificate.not_before.isoformat(),
                        "not_after": certificate.not_after.isoformat(),
                    }
                    for certificate in shown.certificates
                ],
                "faces": written,
            }
        )
        return
    screen.line(
        f"{one.serial}: {one.state.value} since {one.since:%Y-%m-%d %H:%M}, "
        f"issued {one.issued}, expires {one.expires}"
    )
    if one.without_pins:
        screen.line("  without PINs: its holder is checked by the face (R081)")
    for certificate in shown.certificates:
        reason = f" ({certificate.reason.value})" if certificate.reason else ""
        screen.line(
            f"  {certificate.kind.value} certificate {certificate.serial} by "
            f"{certificate.issuer}: {certificate.state.value}{reason}, until "
            f"{certificate.not_after:%Y-%m-%d %H:%M:%S}"
        )
    for picture_file in written:
        screen.line(f"  {picture_file}")


@card.command("insert")
def insert(
    serial: SerialArgument,
    home: HomeOption = None,
    slot: SlotOption = 0,
    json: JsonOption = False,
) -> None:
    """Lay a card in a reader; a served box shows it to PC/SC programs at once.

    Example: mynabox card insert 1234567890123456
    """
    with opened(home) as box:
        show_card(serial, box.box)
        _check_reader(box, slot)
        try:
            box.cards.insert(serial, slot)
        except KeyError:
            raise Missing("chip of card", serial) from None
    if json:
        screen.as_json({"serial": serial, "reader": slot})
    else:
        screen.line(f"card {serial} lies in reader {slot}")


def _check_reader(box: "Home", slot: int) -> None:
    readers = len(box.cards.tray())
    if slot >= readers:
        raise typer.BadParameter(
            f"the box has {readers} reader(s)", param_hint="--reader"
        )


@card.command("eject")
def eject(
    home: HomeOption = None, slot: SlotOption = 0, json: JsonOption = False
) -> None:
    """Take the card out of a reader.

    Example: mynabox card eject
    """
    with opened(home) as box:
        _check_reader(box, slot)
        was = box.cards.tray()[slot]
        if was is not None:
            box.cards.eject(slot)
    if json:
        screen.as_json({"serial": was, "reader": slot})
    else:
        screen.line(
            f"card {was} taken out of reader {slot}"
            if was
            else f"reader {slot} was empty"
        )


@reader.command("env")
def env(home: HomeOption = None) -> None:
    """The line that makes any PC/SC program of this shell see the tray.

    Example: eval "$(mynabox reader env)"
    """
    with opened(home) as box:
        path = str(box.socket.resolve())
    quoted = path.replace("'", "'\\''")
    screen.line(f"export PCSCLITE_CSOCK_NAME='{quoted}'")


@reader.command("vpcd")
def vpcd(
    home: HomeOption = None,
    slot: SlotOption = 0,
    host: Annotated[str, typer.Option(help="Where vpcd listens.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Its port for this reader (35963, one more for each further).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show a reader to the system's own pcscd, through its driver vpcd, until stopped.

    vpcd asks nobody who they are and listens on every address of the machine: run it
    behind a firewall or in a network namespace (docs/reader.md).

    Example: mynabox reader vpcd --reader 0
    """
    import structlog

    from mynabox.cli.logs import log_to_standard_error
    from mynabox.reader.vpcd import PORT, VpcdClient

    log_to_standard_error()
    ends = {signal.SIGINT, signal.SIGTERM}
    with opened(home) as box:
        if slot >= len(box.cards.tray()):
            raise typer.BadParameter(
                f"the box has {len(box.cards.tray())} reader(s)", param_hint="--reader"
            )
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        try:
            with VpcdClient(
                box.in_readers(),
                slot,
                host=host,
                port=port,
                log=structlog.get_logger("mynabox"),
            ):
                screen.line(
                    f"Reader {slot} for vpcd at {host}:{port or PORT + slot}. "
                    "Stop with Ctrl-C."
                )
                signal.sigwait(ends)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
