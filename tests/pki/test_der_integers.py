"""Integers in their shortest form, at the ends of every count of octets."""

import pytest
from asn1crypto import core

from mynabox.pki import der

ENDS = sorted(
    sign * 2**bits + off
    for bits in (0, 7, 8, 15, 16, 63, 64, 127, 159)
    for sign in (1, -1)
    for off in (-1, 0, 1)
)


@pytest.mark.parametrize("value", ENDS)
def test_an_integer(value: int) -> None:
    written = der.integer(value)
    assert written == core.Integer(value).dump()
    assert der.read(written).as_integer() == value
