"""How the messages between libpcsclite and its daemon lie in bytes.

As in pcsc-lite's ``winscard_msg.h``: integers in the machine's order (a message never
leaves the machine), no packing but what a C compiler does to ``READER``.
"""

import struct
from typing import Final

MAX_READERS: Final = 16
NAME_SIZE: Final = 128
OLD_NAME_SIZE: Final = 100
"""Until pcsc-lite 1.8.3; the language was called 4:2 before and after the change."""
ATR_SIZE: Final = 33
ATTRIBUTE_SIZE: Final = 264
MAX_APDU: Final = 4 + 3 + (1 << 16) + 3 + 2
"""The longest command or answer with its lengths and status word."""

HEADER: Final = struct.Struct("=II")
ONE: Final = struct.Struct("=I")
TWO: Final = struct.Struct("=II")
THREE: Final = struct.Struct("=III")
VERSION: Final = struct.Struct("=iiI")
CONNECT: Final = struct.Struct(f"=I{NAME_SIZE}sIIiII")
OLD_CONNECT: Final = struct.Struct(f"=I{OLD_NAME_SIZE}sIIiII")
RECONNECT: Final = struct.Struct("=iIIIII")
HANDLE: Final = struct.Struct("=iI")
HANDLE_DISPOSITION: Final = struct.Struct("=iII")
TRANSMIT: Final = struct.Struct("=iIIIIIII")
CONTROL: Final = struct.Struct("=iIIIII")
ATTRIBUTE: Final = struct.Struct(f"=iI{ATTRIBUTE_SIZE}sII")
READER: Final = struct.Struct(f"={NAME_SIZE}sIIi{ATR_SIZE}s3xII")
OLD_READER: Final = struct.Struct(f"={OLD_NAME_SIZE}sIIi{ATR_SIZE}s3xII")
