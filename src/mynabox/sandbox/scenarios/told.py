"""All that a test needs to know of a specimen card, as one JSON value."""

from typing import Any

from mynabox.lifecycle.certificate import Certificate
from mynabox.pki.text import pem
from mynabox.sandbox.scenarios.staging import OnCard, Staged


def staged_json(staged: Staged, *, reader: str) -> dict[str, Any]:
    """The card, its holder and its secrets, which are a specimen's.

    Absent values are null: a child has no signature password, a telephone no face.
    """
    scenario = staged.scenario
    return {
        "scenario": scenario.name,
        "what": scenario.what,
        "serial": staged.serial,
        "reader": reader,
        "slot": staged.slot,
        "atr": staged.atr.hex().upper(),
        "resident": staged.resident,
        "state": staged.state,
        "without_pins": scenario.without_pins,
        "expires": staged.expires.isoformat(),
        "pins": dict(staged.pins),
        "tries": dict(scenario.tries),
        "verification_a": staged.verification_a,
        "verification_b": staged.verification_b,
        "birth": staged.birth,
        "number": staged.number.digits,
        "attributes": dict(staged.attributes),
        "certificates": {
            kind.value: _on_card(one, scenario.status[kind])
            for kind, one in staged.certificates.items()
        },
        "former_certificates": [_former(one) for one in staged.former],
    }


def _on_card(one: OnCard, status: str) -> dict[str, Any]:
    return {
        "issuance_number": one.issuance_number,
        "issuer": one.issuer,
        "status": status,
        "not_before": one.not_before.isoformat(),
        "not_after": one.not_after.isoformat(),
        "pem": pem("CERTIFICATE", one.der),
        "authority_pem": pem("CERTIFICATE", one.authority),
    }


def _former(one: Certificate) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "issuance_number": one.serial,
        "issuer": one.issuer,
        "state": one.state.value,
        "reason": one.reason and one.reason.value,
        "pem": pem("CERTIFICATE", one.der),
    }
