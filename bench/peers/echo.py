"""A socket that answers so many bytes with so many: the least a round trip can cost.

``python echo.py unix PATH ASKED ANSWERED`` or ``tcp 0 ASKED ANSWERED``; says where it
listens and serves one client until that hangs up.

On a unix socket the client is libpcsclite, so that it makes the same calls as with a
real daemon: until it has connected to its card it is answered with its own words, the
few numbers it needs put in; from then on nothing is looked at but how many bytes came.
"""

import socket
import struct
import sys

VERSION, ESTABLISH, CONNECT = 0x11, 0x01, 0x04
HEADER = struct.Struct("=II")
TRANSMITTED = struct.Struct("=iIIIIIII")


def exactly(client: socket.socket, size: int) -> bytes:
    """So many bytes; none if the client is gone."""
    data = b""
    while len(data) < size:
        got = client.recv(size - len(data))
        if not got:
            return b""
        data += got
    return data


def introduced(client: socket.socket) -> None:
    """Go along until libpcsclite has a handle."""
    command = 0
    while command != CONNECT:
        size, command = HEADER.unpack(exactly(client, HEADER.size))
        body = bytearray(exactly(client, size))
        if command == ESTABLISH:
            struct.pack_into("=I", body, 4, 1)  # the context
        elif command == CONNECT:
            struct.pack_into("=iI", body, size - 12, 1, 2)  # the handle, T=1
        client.sendall(body)


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
    answer = bytes(answered)
    if kind == "unix":
        introduced(client)
        length = answered - TRANSMITTED.size
        answer = TRANSMITTED.pack(1, 2, 16, 0, 2, 16, length, 0) + bytes(length)
    else:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
