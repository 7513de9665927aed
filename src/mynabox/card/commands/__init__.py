"""Every command the chip knows, by class and instruction."""

from collections.abc import Callable

from mynabox.card.commands import issuer, read, secret, secure, select, sign
from mynabox.card.core import Core
from mynabox.iso7816 import Command

_CARRIED = {0x20: secret.verify, 0xA4: select.select, 0xB0: read.read_binary}
"""By instruction, what may travel under secure messaging."""

COMMANDS: dict[tuple[int, int], Callable[[Core, Command], bytes]] = {
    (0x00, 0x20): secret.verify,
    (0x00, 0x24): secret.change_reference_data,
    (0x00, 0x84): read.get_challenge,
    (0x00, 0x88): sign.internal_authenticate,
    (0x00, 0xA4): select.select,
    (0x00, 0xB0): read.read_binary,
    (0x00, 0xB2): read.read_record,
    (0x00, 0xCA): read.get_data,
    (0x80, 0x2A): sign.compute_digital_signature,
    (0x80, 0x32): secret.change_key,
    (0x80, 0x82): issuer.mutual_authenticate,
    (0x80, 0xAE): secure.set_session_key,
    **{
        (cla, ins): secure.protected(does)
        for cla in (0x08, 0x0C)
        for ins, does in _CARRIED.items()
    },
    **{(0x84, ins): issuer.sealed for ins in issuer.SEALED},
}
