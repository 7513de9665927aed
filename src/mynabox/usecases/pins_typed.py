"""The PINs that are set when a card is made ready for its holder (R070)."""

from collections.abc import Mapping

from mynabox.law.pins import pin_form
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Work
from mynabox.usecases.chip import PINS
from mynabox.usecases.go_live import issued
from mynabox.usecases.verdict import demand

_OF_CERTIFICATES = frozenset(CertificateKind)


def needed_pins(work: Work, card: Card, pins: Mapping[str, Pin]) -> dict[str, Pin]:
    """The PINs this card needs, each of the right form: those of certificates only
    with the certificate (R031). A PIN for user authentication that is given without
    one is set all the same. Raises ``Refused``."""
    kinds = {certificate.kind.value for certificate in issued(work, card)}
    needed = [kind for kind in PINS if kind not in _OF_CERTIFICATES or kind in kinds]
    missing = [kind for kind in needed if kind not in pins]
    if missing:
        raise Refused("pin.missing", rules=("R070",), kinds=", ".join(missing))
    if "authentication" in set(pins) - set(needed):
        needed.append("authentication")
    for kind in needed:
        demand(pin_form(kind=kind, value=pins[kind].characters))
    return {kind: pins[kind] for kind in needed}
