"""Writes docs/scenarios.md from the catalogue of specimen cards.

python tools/scenarios/draw.py
"""

from pathlib import Path

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.sandbox.scenarios import Scenario, scenarios
from mynabox.sandbox.specimen import SPECIMEN_PINS

DOCUMENT = Path(__file__).parents[2] / "docs" / "scenarios.md"

_HEAD = """\
# Specimen cards

Named cards with fixed data, for tests. `mynabox card scenario NAME` lays one in the
reader of a box, and so does the fixture `my_number_card`
([testing-with-mynabox.md](testing-with-mynabox.md)). This page is written by
`tools/scenarios/draw.py` from `sandbox/scenarios/catalogue.toml`.

Names, addresses, birth dates, numbers and PINs stay as they are for ever: tests of
others rest on them. Nobody in here exists. What differs from box to box is what a box
makes by itself: serial, issuance numbers, keys, the security code in number B, and the
days that count from the box's clock.

Each card is made by the ordinary procedures: register, number, notice, application,
production, hand-over. Asked for again, the same card comes back: PINs and tries as
below, whatever a test did to them. If the register says otherwise of the card than
this page (it was reported lost, say), its holder leaves the register, comes back with
the same number, and gets another card.

PINs, where the card has them: {pins}.

| name | the card |
|---|---|
"""

_TAIL = """\
## What the words mean

*Tries* are wrong values that a secret still takes. 0 is locked, or for the child:
never set. *Status* is what the responder says of the certificate on the card: `good`,
`revoked` with its reason, `unauthorized` (it does not speak for that issuer). `over`:
the certificate's own last day is past; the responder goes on saying good. `none`: the
card has no such certificate.

## Where a card's past comes from

Some of these cards have to be older than today. What happened to them is done under a
clock that stands at the moment in question; the box's own clock is not turned. A box
whose authorities did not exist then gets a generation of authorities that began then,
with the next number, and after it, where today's certificates need one, another one of
today. So a box may hold more than two authorities, and the highest number need not be
the youngest: tell issuers by key identifier, as with the genuine service.

- **expired** was made on 5 January 2022, before the birthday on which the first of its
  five years ended. It needs a box in which it is later than 10 January 2026. No card
  can be older than 2022: the papers that belong to it name telephone lines, and the
  sources know none of before.
- **renewed**: the birthday is 10 January; the card was made five days before the
  birthday five years before the last window in which certificates could be renewed,
  and renewed ten days after that window opened.
- **moved** was made forty days ago; the holder moved three days ago.
- **stay-ending-in-20-days**: the twenty days count from the day on which the box was
  first asked for the card. When they are over, another box has to be taken.
- **minor** is a child until May 2036, when it turns fifteen.

## What is forged, and how

- **tampered-face**: the birth date is another in the age record, in the face record
  and among the attributes; no signature was touched, so none holds that covers it.
- **wrong-ca-generation**: both certificates were signed again with keys that the box
  keeps as `stranger-authentication` and `stranger-signature` and publishes nowhere;
  the card carries their CA certificates, under the right names. Issuance numbers and
  the holder's keys are those of the register.
  `mynabox db check` names the chip (`chip_certificate`), for it is not what was issued.
- **wrong-cv-root**: the municipality's key, which signed face and attributes, is
  certified by roots of the right names with other keys. Everything below them holds.

## Telephones

`phone-android` and `phone-iphone` are tokens with the JPKI application alone. The
register has no telephones yet: there the token stands as its holder's card, and the
certificates that were made for a card before are revoked.
"""


def document() -> str:
    """The page."""
    known = scenarios().values()
    pins = ", ".join(
        f"{kind} `{pin.characters}`" for kind, pin in sorted(SPECIMEN_PINS.items())
    )
    parts = [_HEAD.format(pins=pins)]
    parts += [f"| [{one.name}](#{one.name}) | {one.what} |\n" for one in known]
    parts.append("\n")
    parts += [_card(one) for one in known]
    return "".join([*parts, _TAIL])


def _card(one: Scenario) -> str:
    person = one.person
    lines = [
        f"## {one.name}\n",
        f"{one.what[0].upper()}{one.what[1:]}.\n",
        "| | |\n|---|---|",
        f"| name | {person['name']}{_alias(one)} |",
        f"| born | {person['born']}, {person['sex']} |",
        f"| address | {person['address']} |",
        f"| number | {_grouped(person['number'])} |",
        f"| nationality, status | {person['nationality']}, {person['residence_status']} |",
        f"| card | {one.card.value} |",
        f"| tries | {_tries(one)} |",
    ]
    lines += [
        f"| {kind.value} certificate | {one.status[kind]} |" for kind in CertificateKind
    ]
    if one.altered_birth:
        lines.append(f"| birth date written over it | {one.altered_birth} |")
    if one.substitutes:
        wishes = ", ".join(f"{was} as {is_}" for was, is_ in one.substitutes.items())
        lines.append(f"| substitutes chosen | {wishes} |")
    return "\n".join([*lines, "\n"])


def _alias(one: Scenario) -> str:
    return f" ({one.person['alias']})" if one.person["alias"] else ""


def _grouped(number: str) -> str:
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def _tries(one: Scenario) -> str:
    return ", ".join(f"{kind} {left}" for kind, left in one.tries.items())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
