"""The pytest plugin: a box for the test session, and what tests take from it.

Nothing of a box is imported or made before the first test that asks for it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mynabox.testing.session import (
        Authorities,
        BoxClock,
        CardReader,
        MyNumberCard,
        SessionBox,
    )

_MARK = "my_number_card"
_PLAIN = "fresh"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "my_number_card(name, *, latency_ms=0, reads=None, failure='6F00', "
        "commands=None): the specimen card of this test, and what goes wrong with it",
    )


@pytest.fixture(scope="session")
def my_number_box(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SessionBox]":
    """The box of this session: register, authorities, cards, clock."""
    from mynabox.testing.session import session_box

    with session_box(tmp_path_factory.mktemp("mynabox") / "box") as box:
        yield box


@pytest.fixture(scope="session")
def card_reader(my_number_box: "SessionBox") -> "Iterator[CardReader]":
    """A running card reader: PC/SC programs and libraries of this session see it.

    ``PCSCLITE_CSOCK_NAME`` is set while the fixture is in use; a process reads it at
    its first PC/SC call.
    """
    with my_number_box.reading() as reader, pytest.MonkeyPatch.context() as patch:
        for name, value in reader.environment.items():
            patch.setenv(name, value)
        yield reader


@pytest.fixture
def lay_card(
    my_number_box: "SessionBox", card_reader: "CardReader"
) -> "Iterator[Callable[..., MyNumberCard]]":
    """Lays a specimen card in the reader, in place of what lies there:
    ``lay_card("locked-auth", latency_ms=20)``. The reader is empty after the test."""
    yield my_number_box.lay
    my_number_box.clear()


@pytest.fixture
def my_number_card(
    request: pytest.FixtureRequest, lay_card: "Callable[..., MyNumberCard]"
) -> "MyNumberCard":
    """A specimen card in the reader, in its documented state.

    Which one says ``@pytest.mark.my_number_card("locked-auth")``, or the parameter of
    an indirect parametrisation; otherwise it is ``fresh``.
    """
    marker = request.node.get_closest_marker(_MARK)
    faults = dict(marker.kwargs) if marker is not None else {}
    if hasattr(request, "param"):
        return lay_card(request.param, **faults)
    name = marker.args[0] if marker is not None and marker.args else _PLAIN
    return lay_card(name, **faults)


@pytest.fixture(scope="session")
def jpki_ca(my_number_box: "SessionBox") -> "Iterator[Authorities]":
    """The certificate authorities behind the cards: certificates, CRLs, OCSP."""
    with my_number_box.authorities() as found:
        yield found


@pytest.fixture
def box_clock(my_number_box: "SessionBox") -> "Iterator[BoxClock]":
    """The box's clock, to be turned; it follows the machine's again after the test."""
    clock = my_number_box.clock()
    yield clock
    clock.follow()
