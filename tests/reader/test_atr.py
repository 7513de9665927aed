"""Which protocols an answer to reset offers; the ATRs of card-interface 1.11."""

import pytest

from mynabox.reader.atr import Protocol, chosen, offered

T0, T1, RAW = Protocol.T0, Protocol.T1, Protocol.RAW


@pytest.mark.parametrize(
    ("atr", "protocols"),
    [
        ("3BE000FF8131FE4514", T1),
        ("3BDA13FF8131FB468012392F31C173C601C03B", T1),
        ("3BC5FF8131FB458073C6010000", T1),
        ("3BF59100FF918171FE400042000100D1D6", T1),
        ("3B8880010000000041E0B381A1003B", T0 | T1),
        ("3B00", T0),
        ("3B", T0),
        ("", T0),
        ("3BF0", T0),
        ("3B8080", T0),
    ],
)
def test_offered(atr: str, protocols: Protocol) -> None:
    assert offered(bytes.fromhex(atr)) == protocols


@pytest.mark.parametrize(
    ("atr", "wanted", "protocol"),
    [
        ("3BE000FF8131FE4514", T0 | T1, T1),
        ("3BE000FF8131FE4514", T1, T1),
        ("3BE000FF8131FE4514", T0, None),
        ("3BE000FF8131FE4514", Protocol.ANY_OLD, T1),
        ("3BE000FF8131FE4514", RAW | T0, RAW),
        ("3B8880010000000041E0B381A1003B", T0 | T1, T1),
        ("3B8880010000000041E0B381A1003B", T0, T0),
        ("3B00", T1, None),
    ],
)
def test_chosen(atr: str, wanted: Protocol, protocol: Protocol | None) -> None:
    assert chosen(bytes.fromhex(atr), wanted) == protocol
