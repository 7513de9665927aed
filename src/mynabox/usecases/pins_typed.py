"""The PINs that are set when a card is made ready for its holder (R070)."""

from collections.abc import Mapping

from mynabox.law.pins import pin_form
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Work
from mynabox.usecases.chip import PINS
from mynabox.usecases.go_live import issued
from mynabox.usecases.verdict import demand


def needed_pins(work: Work, card: Card, pins: Mapping[str, Pin]) -> dict[str, Pin]:
    """The PINs this card needs, each of the right form: the signature password only
    with a signature certificate. Raises ``Refused``."""
    kinds = {certificate.kind.value for certificate in issued(work, card)}
    needed = [kind for kind in PINS if kind != "signature" or kind in kinds]
    missing = [kind for kind in needed if kind not in pins]
    if missing:
        raise Refused("pin.missing", rules=("R070",), kinds=", ".join(missing))
    for kind in needed:
        demand(pin_form(kind=kind, value=pins[kind].characters))
    return {kind: pins[kind] for kind in needed}
