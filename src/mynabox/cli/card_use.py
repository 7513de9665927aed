"""``mynabox card read``, ``sign`` and ``pin``: a card in use, ours or a genuine one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509

from mynabox.cli import screen
from mynabox.cli.card_door import (
    CardTrouble,
    LastTryOption,
    PinFileOption,
    PinOption,
    ReaderOption,
    secret,
)
from mynabox.cli.card_door import card as at_card
from mynabox.cli.cards import card
from mynabox.cli.options import CardHomeOption, JsonOption, opened
from mynabox.law.days import in_japan
from mynabox.law.pins import pin_form
from mynabox.pki.cms import cms_sign
from mynabox.pki.reading import without_remarks
from mynabox.terminal.card_face import CardFaceSession, Opener
from mynabox.terminal.card_record import (
    COMMON_AID,
    JUKI_AID,
    JukiPinSession,
    change_juki_pin,
    read_card_record,
)
from mynabox.terminal.connection import Connection
from mynabox.terminal.errors import ApplicationMissing, NothingThere, PinRequired
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.verdict import demand
from mynabox.wiring import machine_now

without_remarks(__name__)

pin = typer.Typer(
    help="The four PINs of a card: how many tries are left, and changing them.",
    no_args_is_help=True,
)
card.add_typer(pin, name="pin")


class PinKind(StrEnum):
    """The four secrets that a holder chooses."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"
    JUKI = "juki"
    INPUT_SUPPORT = "input_support"


_PIN_NAMES = {
    PinKind.AUTHENTICATION: "user authentication PIN (4 digits)",
    PinKind.SIGNATURE: "signature password (6 to 16 letters and digits)",
    PinKind.JUKI: "juki PIN (4 digits)",
    PinKind.INPUT_SUPPORT: "card-face input support PIN (4 digits)",
}


@card.command("read")
def read(
    pin: PinOption = None,
    pin_file: PinFileOption = None,
    attributes: Annotated[
        bool,
        typer.Option(
            "--attributes",
            help="Ask for the input support PIN and read name, address, birth and sex.",
        ),
    ] = False,
    number: Annotated[
        bool,
        typer.Option(
            "--number", help="Ask for the input support PIN and read the number too."
        ),
    ] = False,
    last_try: LastTryOption = False,
    reader: ReaderOption = "",
    home: CardHomeOption = None,
    json: JsonOption = False,
) -> None:
    """What a card says of itself: token, certificates, expiry.

    With --attributes or a PIN also who its holder is; the Individual Number only with
    --number. Works with any card in any PC/SC reader; with --home, with the one in the
    reader of that box.

    Examples:

    \b
      mynabox card read
      mynabox card read --attributes
      mynabox card read --home box --pin 3456 --number --json
    """
    personal = attributes or number or pin is not None or pin_file is not None
    typed = (
        secret(_PIN_NAMES[PinKind.INPUT_SUPPORT], given=pin, file=pin_file)
        if personal
        else None
    )
    if typed is not None:
        _possible(PinKind.INPUT_SUPPORT, typed)
    with at_card(home, reader) as connection:
        found = _read(connection, typed, number=number, last_try=last_try)
    if json:
        screen.as_json(found)
        return
    for line in _read_lines(found):
        screen.line(line)


def _read(
    connection: Connection, typed: str | None, *, number: bool, last_try: bool
) -> dict[str, Any]:
    token, certificates = _jpki(connection)
    found: dict[str, Any] = {
        "atr": connection.atr.hex().upper(),
        "token": token,
        "certificates": certificates,
        "expires": _expires(connection),
    }
    if typed is None:
        return found
    support = InputSupportSession(connection)
    support.verify(typed, last_try=last_try)
    said = support.attributes()
    found["attributes"] = {
        "name": said.name,
        "address": said.address,
        "born": f"{said.birth[:4]}-{said.birth[4:6]}-{said.birth[6:]}",
        "sex": {"1": "male", "2": "female"}.get(said.sex, "unknown"),
    }
    if number:
        found["number"] = support.number()
    return found


def _jpki(connection: Connection) -> tuple[dict[str, str], dict[str, Any]]:
    session = JpkiSession(connection)
    token = session.token()
    certificates: dict[str, Any] = {}
    for kind in Kind:
        present: dict[str, Any] = {"present": session.has_certificate(kind)}
        if present["present"]:
            try:
                present |= _summary(session.certificate(kind))
            except PinRequired:
                present["readable"] = "with its PIN"
        certificates[kind.value] = present
    return {
        "label": token.label,
        "manufacturer": token.manufacturer,
        "model": token.model,
    }, certificates


def _summary(der: bytes) -> dict[str, Any]:
    certificate = x509.load_der_x509_certificate(der)
    return {
        "issuance_number": certificate.serial_number,
        "issuer": certificate.issuer.rfc4514_string(),
        "not_before": in_japan(certificate.not_valid_before_utc).isoformat(),
        "not_after": in_japan(certificate.not_valid_after_utc).isoformat(),
    }


def _expires(connection: Connection) -> str | None:
    """The card's last day; None where it does not tell, as telephones."""
    try:
        digits = read_card_record(connection).expiry
    except (ApplicationMissing, NothingThere):
        return None
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _read_lines(found: dict[str, Any]) -> list[str]:
    token = found["token"]
    lines = [
        f"token {token['label']}, {token['manufacturer']} {token['model']}",
        f"ATR {found['atr']}",
    ]
    for kind, one in found["certificates"].items():
        if not one["present"]:
            lines.append(f"{kind} certificate: none")
        elif "readable" in one:
            lines.append(f"{kind} certificate: there, readable {one['readable']}")
        else:
            lines.append(
                f"{kind} certificate {one['issuance_number']} until {one['not_after']}"
            )
    if found["expires"]:
        lines.append(f"card expires {found['expires']}")
    lines += [f"{name}: {said}" for name, said in found.get("attributes", {}).items()]
    if "number" in found:
        lines.append(f"number: {found['number']}")
    return lines


@card.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(help="What to sign.", exists=True)],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the signature goes (default: beside the file, .sig or .p7s).",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        Kind, typer.Option(help="Which certificate's key signs.")
    ] = Kind.SIGNATURE,
    cms: Annotated[
        bool,
        typer.Option(
            "--cms", help="A detached CMS with the certificate (not bare RSA)."
        ),
    ] = False,
    pin: PinOption = None,
    pin_file: PinFileOption = None,
    last_try: LastTryOption = False,
    reader: ReaderOption = "",
    home: CardHomeOption = None,
    json: JsonOption = False,
) -> None:
    """Sign a file with a card: SHA-256 and RSA (PKCS #1 v1.5), or a detached CMS.

    Examples:

    \b
      mynabox card sign letter.txt --cms
      openssl cms -verify -binary -inform DER -in letter.txt.p7s -content letter.txt -noverify
      mynabox card sign letter.txt --kind authentication --out letter.sig
    """
    document = file.read_bytes()
    typed = secret(_PIN_NAMES[PinKind(kind.value)], given=pin, file=pin_file)
    _possible(PinKind(kind.value), typed)
    with at_card(home, reader) as connection:
        session = JpkiSession(connection)
        session.verify(kind, typed, last_try=last_try)
        certificate = session.certificate(kind)
        if cms:
            signature = cms_sign(
                document,
                certificate=certificate,
                chain=(session.ca_certificate(kind),),
                sign=lambda data: session.sign(kind, data),
                signed_at=_now(home),
            )
        else:
            signature = session.sign(kind, document)
    target = out or file.with_name(f"{file.name}.{'p7s' if cms else 'sig'}")
    target.write_bytes(signature)
    if json:
        screen.as_json(
            {
                "file": str(target),
                "bytes": len(signature),
                "cms": cms,
                "certificate": _summary(certificate),
            }
        )
    else:
        screen.line(f"{target}: {len(signature)} bytes")


_IMPOSSIBLE = frozenset({"pin.length", "pin.digits_only"})


def _possible(kind: PinKind, value: str) -> None:
    """A value that no such PIN can have is not presented: it would cost a try."""
    if _IMPOSSIBLE & set(pin_form(kind.value, value).value.codes):
        raise CardTrouble(
            f"that cannot be the {_PIN_NAMES[kind]}; it was not presented"
        )


def _now(home: Path | None) -> datetime:
    """The time of the box whose card it is, or the machine's."""
    if home is None:
        return machine_now()
    with opened(home) as box:
        return box.box.clock.now()


@dataclass(frozen=True, slots=True)
class _Counter:
    """One secret of a card: its name here, and how its tries are asked for."""

    name: str
    ask: Callable[[Connection], int]


_COUNTERS = (
    _Counter(
        "authentication", lambda one: JpkiSession(one).tries_left(Kind.AUTHENTICATION)
    ),
    _Counter("signature", lambda one: JpkiSession(one).tries_left(Kind.SIGNATURE)),
    _Counter("juki", lambda one: JukiPinSession(one, JUKI_AID).tries_left()),
    _Counter("juki (common)", lambda one: JukiPinSession(one, COMMON_AID).tries_left()),
    _Counter("input_support", lambda one: InputSupportSession(one).tries_left()),
    _Counter(
        "verification_a", lambda one: CardFaceSession(one).tries_left(Opener.NUMBER_A)
    ),
    _Counter(
        "verification_b", lambda one: CardFaceSession(one).tries_left(Opener.NUMBER_B)
    ),
    _Counter(
        "verification_a (input_support)",
        lambda one: InputSupportSession(one).number_a_tries_left(),
    ),
    _Counter(
        "verification_b (input_support)",
        lambda one: InputSupportSession(one).number_b_tries_left(),
    ),
    _Counter("birth", lambda one: CardFaceSession(one).tries_left(Opener.BIRTH)),
)


@pin.command("status")
def status(
    reader: ReaderOption = "", home: CardHomeOption = None, json: JsonOption = False
) -> None:
    """How many tries are left of every secret of a card. Asking costs none.

    0 means locked or never set; a secret in an application that the card does not have
    is left out.

    Example: mynabox card pin status
    """
    found: dict[str, int] = {}
    with at_card(home, reader) as connection:
        for counter in _COUNTERS:
            try:
                found[counter.name] = counter.ask(connection)
            except ApplicationMissing:
                continue
    if json:
        screen.as_json(found)
        return
    screen.table(
        "PINs", ("secret", "tries left"), ((k, str(v)) for k, v in found.items())
    )


@pin.command("change")
def change(
    kind: Annotated[PinKind, typer.Argument(help="Which PIN.")],
    pin: PinOption = None,
    new: Annotated[
        str | None,
        typer.Option(
            "--new",
            help="The new PIN; as visible to others as --pin.",
            show_default=False,
        ),
    ] = None,
    pin_file: Annotated[
        Path | None,
        typer.Option(
            help="Read the old PIN from the first line of this file and the new one "
            "from the second; - is standard input.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    last_try: LastTryOption = False,
    reader: ReaderOption = "",
    home: CardHomeOption = None,
    json: JsonOption = False,
) -> None:
    """Present a PIN and choose a new one.

    The new one is checked against the rules before the card is asked anything.

    Examples:

    \b
      mynabox card pin change authentication
      printf '1234\\n4321\\n' | mynabox card pin change authentication --pin-file -
    """
    old, chosen = _both(kind, pin, new, pin_file)
    demand(pin_form(kind=kind.value, value=chosen))
    _possible(kind, old)
    with at_card(home, reader) as connection:
        _change(connection, kind, old=old, new=chosen, last_try=last_try)
    if json:
        screen.as_json({"changed": kind.value})
    else:
        screen.line(f"the {kind.value} PIN was changed")


def _both(
    kind: PinKind, pin: str | None, new: str | None, file: Path | None
) -> tuple[str, str]:
    name = _PIN_NAMES[kind]
    if file is not None:
        lines = (
            typer.get_text_stream("stdin").read()
            if str(file) == "-"
            else file.read_text(encoding="utf-8")
        ).splitlines()
        if len(lines) < 2:
            raise typer.BadParameter(
                "the old PIN and the new one, a line each", param_hint="--pin-file"
            )
        return lines[0], lines[1]
    return (
        secret(name, given=pin, file=None),
        secret(f"new {name}", given=new, file=None, confirm=True),
    )


def _change(
    connection: Connection, kind: PinKind, *, old: str, new: str, last_try: bool
) -> None:
    match kind:
        case PinKind.AUTHENTICATION | PinKind.SIGNATURE:
            JpkiSession(connection).change_pin(
                Kind(kind.value), old=old, new=new, last_try=last_try
            )
        case PinKind.INPUT_SUPPORT:
            InputSupportSession(connection).change_pin(
                old=old, new=new, last_try=last_try
            )
        case PinKind.JUKI:
            change_juki_pin(connection, old=old, new=new, last_try=last_try)
