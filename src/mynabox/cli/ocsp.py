"""``mynabox ocsp``: certificate status for relying parties, in a process of its own."""

from typing import Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, opened

ocsp = typer.Typer(
    help="OCSP in a process of its own: what relying parties ask in thousands.",
    no_args_is_help=True,
)


@ocsp.callback()
def _group() -> None: ...


@ocsp.command("serve")
def serve(
    home: HomeOption = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port on 127.0.0.1 (8781, or MYNABOX_OCSP_PORT; 0 takes a free one).",
        ),
    ] = None,
    nonces: Annotated[
        int,
        typer.Option(
            min=0, help="Answers with a nonce that are signed in a second; 0: none."
        ),
    ] = 1000,
    most_kept: Annotated[
        int, typer.Option(min=2, help="Signed answers that are kept at a time.")
    ] = 32_768,
    beside: Annotated[
        bool, typer.Option("--beside", hidden=True, help="Ends with its input.")
    ] = False,
) -> None:
    """Answer OCSP requests until stopped, beside 'mynabox serve' or without it.

    The same answers as the box's own /ocsp, many times as fast: what was signed is
    given again as long as it is so. What any process records in the box is known to
    the next request.

    Example: mynabox ocsp serve --port 8781
    """
    from mynabox.wiring import respond

    with opened(home) as box:
        respond(
            box,
            announce=screen.line,
            port=port,
            nonces=nonces,
            most_kept=most_kept,
            beside=beside,
        )
