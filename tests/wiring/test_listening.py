"""The socket a box is served on."""

import socket

from mynabox.wiring.serving import _listen


def test_answers_are_sent_at_once() -> None:
    """Head and body leave as two packets: with Nagle's algorithm the second would wait
    40 ms for a late acknowledgement, on every request but a connection's first."""
    with (
        _listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
