"""A socket that answers so many bytes with so many: the least a round trip can cost.

``python echo.py unix PATH ASKED ANSWERED`` or ``tcp 0 ASKED ANSWERED``; says where it
listens and serves one client until that hangs up.
"""

import socket
import sys


def main(kind: str, path: str, asked: int, answered: int) -> None:
    """Serve one client."""
    if kind == "unix":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        where = path
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        where = str(listener.getsockname()[1])
    sys.stdout.write(f"{where}\n")
    sys.stdout.flush()
    client, _ = listener.accept()
    if kind == "tcp":
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answer = bytes(answered)
    while True:
        left = asked
        while left:
            got = client.recv(left)
            if not got:
                return
            left -= len(got)
        client.sendall(answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
