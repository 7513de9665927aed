"""The outline of a JPEG file, read without decoding a single pixel.

What a decoder would cost or hide is decided here: the frame size before any memory
is set aside, the end of the image (what follows it is not the picture), the number
of scans, and the metadata that other programs might take for something else.
(ITU-T T.81, annex B.)
"""

from dataclasses import dataclass

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_METADATA = {0xFE, *range(0xE0, 0xF0)}


class BrokenJpeg(ValueError):
    """The markers do not follow one another as they should; ``at`` is the offset."""

    def __init__(self, at: int) -> None:
        super().__init__(f"the JPEG structure breaks off at byte {at}")
        self.at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegOutline:
    """What the markers of a JPEG say.

    ``end``       offset behind the end marker; ``None`` if the file stops before it
    ``metadata``  application and comment segments, without their markers
    """

    width: int
    height: int
    components: int
    scans: int
    end: int | None
    metadata: tuple[bytes, ...]


def looks_like_jpeg(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG begins."""
    return data[:3] == b"\xff\xd8\xff"


def outline(data: bytes) -> JpegOutline:
    """Walks the markers of ``data``.

    Raises ``BrokenJpeg`` when a segment is impossible or no frame is announced. A
    file that merely stops early has an outline whose ``end`` is ``None``.
    """
    if not looks_like_jpeg(data):
        raise BrokenJpeg(0)
    frame: tuple[int, int, int] | None = None
    metadata: list[bytes] = []
    scans = 0
    end: int | None = None
    at = 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise BrokenJpeg(at)
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        at += 2
        if marker == _END:
            end = at
            break
        if marker in _WITHOUT_LENGTH:
            continue
        if marker in (0x00, _START):
            raise BrokenJpeg(at - 2)
        length = int.from_bytes(data[at : at + 2])
        if length < 2:
            raise BrokenJpeg(at)
        body = data[at + 2 : at + length]
        if marker in _FRAMES and frame is None:
            if len(body) < 6:
                raise BrokenJpeg(at)
            frame = (
                int.from_bytes(body[3:5]),
                int.from_bytes(body[1:3]),
                body[5],
            )
        elif marker in _METADATA:
            metadata.append(body)
        at += length
        if marker == _SCAN:
            scans += 1
            at = _after_scan(data, at)
    if frame is None:
        raise BrokenJpeg(at)
    width, height, components = frame
    return JpegOutline(
        width=width,
        height=height,
        components=components,
        scans=scans,
        end=end,
        metadata=tuple(metadata),
    )


def _after_scan(data: bytes, at: int) -> int:
    """Offset of the next marker that is neither stuffing nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        following = data[at + 1]
        if following not in (0x00, 0xFF) and not 0xD0 <= following <= 0xD7:
            return at
        at += 1 if following == 0xFF else 2
